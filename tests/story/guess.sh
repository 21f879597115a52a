# Servers that nobody names: localhost and the usual ports, in a network of our own where these are free. And signing in by
# a certificate (EXTERNAL) instead of a password.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
. "$top_srcdir/tests/lib/postfix.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
has_dovecot || skip_all "dovecot is not installed"
[ "$(id -u)" = 0 ] || skip_all "low ports want root"
if [ -z "${TERN_TEST_ALONE:-}" ]; then
	unshare -n true 2>/dev/null || skip_all "there can be no network of our own here"
	command -v ip >/dev/null || skip_all "ip is not installed"
	rm -rf "$tap_dir"
	TERN_TEST_ALONE=1 exec unshare -n bash -c 'ip link set lo up && exec bash "$0"' "$top_srcdir/tests/story/guess.sh"
fi
imap_port=143 imaps_port=993 pop3_port=110 pop3s_port=995 dovecot_submission_port=1587 dovecot_submissions_port=1465
if has_postfix; then
	postfix_port=25 submission_port=587 submissions_port=465
else
	dovecot_submission_port=587 dovecot_submissions_port=465
fi
make_certificate_for() { # NAME: a certificate of a person, to sign in with
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$ca/$1.key.pem" -out "$ca/$1.csr" 2>/dev/null
	printf 'extendedKeyUsage=clientAuth\n' >"$ca/ext"
	openssl x509 -req -days 30 -in "$ca/$1.csr" -CA "$ca/ca.pem" -CAkey "$ca/ca.key" -CAcreateserial \
		-extfile "$ca/ext" -out "$ca/$1.pem" 2>/dev/null
	chmod 600 "$ca/$1.key.pem"
}
make_ca
make_certificate_for bob
DOVECOT_MECHANISMS='plain scram-sha-256 external'
DOVECOT_MORE="ssl_ca = <$ca/ca.pem
ssl_require_crl = no
ssl_verify_client_cert = yes
auth_ssl_username_from_cert = yes
ssl_cert_username_field = commonName
passdb {
 driver = static
 mechanisms = external
 args = nopassword=yes
}"
start_dovecot || skip_all "dovecot does not start here"
if has_postfix && start_postfix; then
	trap 'stop_postfix; stop_dovecot; tap_end' EXIT
else
	trap 'stop_dovecot; tap_end' EXIT
fi
fresh_home
on_tty() {
	python3 "$top_srcdir/tests/lib/on_tty.py" "$@" | tr -d '\r'
}

is "localhost at the usual ports" "$(tern account find alice@localhost 2>/dev/null)" "kind = imap
server = localhost:993
tls = implicit
submission = localhost:465
submission-tls = implicit"
said=$(on_tty /dev/null 'Password of' alice-pw 'Trust this certificate' yes 'Trust this certificate' yes -- \
	tern account set-up alice@localhost)
like "an account with two answers and a look at the certificate" "$said" 'The account "localhost" is made'
like "its name there is what stands before the @" "$said" 'Signed in as alice by'
ok "and mail comes" tern sync localhost

# --- a certificate of one's own
tern account add cert --kind imap --address bob@localhost --user bob --server localhost:993 --ca "$ca/ca.pem" \
	--certificate "$ca/bob.pem" --certificate-key "$ca/bob.key.pem"
like "EXTERNAL, without a password" "$(tern account check cert 2>&1)" 'Signed in as bob by EXTERNAL'
cat "$ca/bob.pem" "$ca/bob.key.pem" >"$TERN_HOME/bob.pem"
sed -i "/^certificate-key/d; s,^certificate = .*,certificate = ~/bob.pem," "$TERN_HOME/config/config"
like "the key may stand in the same file" "$(tern account check cert 2>&1)" 'Signed in as bob by EXTERNAL'
finish
