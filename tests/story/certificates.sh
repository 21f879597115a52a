# Certificates that are not known: asked about once, a no holds, a changed one is refused until somebody trusts it anew.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
home_beside_dovecot
on_tty() {
	python3 "$top_srcdir/tests/lib/on_tty.py" "$@" | tr -d '\r'
}
add() { # NAME [OPTION...]
	tern account add "$1" --kind imap --address "$1@$server_domain" --user "$1" --password-file "$(password_file "$1")" \
		--server "localhost:$imaps_port" "${@:2}"
}
fingerprint() {
	openssl x509 -in "$ca/$1.pem" -noout -fingerprint -sha256 | sed 's/.*=//'
}
add alice
add bob

# --- the agent asks one screen once for both accounts; a no holds
said=$(on_tty /dev/null 'Trust this certificate' no -- tern sync alice)
like "a certificate that is not known is asked about" "$said" 'Trust this certificate'
like "no is no, and says how to think again" "$said" 'was not accepted.*tern account trust'
said=$(on_tty /dev/null 'Trust this certificate' no -- tern sync alice)
unlike "no holds" "$said" 'Trust this certificate'
said=$(on_tty /dev/null 'Trust this certificate' no -- tern sync bob)
unlike "for another account with the same server, too" "$said" 'Trust this certificate'
said=$(on_tty /dev/null 'Trust this certificate' yes -- tern account trust alice)
like "who wants to think again is asked" "$said" 'SHA-256: ([0-9a-f]{2}:){31}'
like "and yes is yes" "$said" "localhost:$imaps_port: its certificate is trusted from now on"
ok "for the one" tern sync alice
ok "and the other" tern sync bob
said=$(tern account trust bob 2>&1)
like "then there is nothing to decide" "$said" 'there is nothing to decide'

# --- the server shows another one
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=localhost' -addext 'subjectAltName=DNS:localhost' \
	-keyout "$ca/fresh.key.pem" -out "$ca/fresh.pem" 2>/dev/null
cp "$ca/fresh.pem" "$ca/cert.pem" && cp "$ca/fresh.key.pem" "$ca/cert.key.pem" && chmod 644 "$ca"/*.pem
stop_agents
doveadm -c "$dovecot/dovecot.conf" reload
sleep 1
said=$(on_tty /dev/null 'Trust this certificate' yes -- tern sync alice)
like "another certificate is refused" "$said" 'another certificate than the one you trusted before'
unlike "without a question" "$said" 'Trust this certificate'
like "and the way out is named" "$said" 'tern account trust'
status_is "another fingerprint trusts nothing" 1 tern account trust alice --fingerprint "$(fingerprint ca)"
status_is "nor does half a one" 2 tern account trust alice --fingerprint abc
like "nor nobody at all" "$(tern account trust alice 2>&1 </dev/null)" 'another certificate'
ok "its own does" tern account trust alice --fingerprint "$(fingerprint fresh)"
ok "mail comes again" tern sync alice
is "there is one pin for it" "$(grep -c "|localhost|$imaps_port|" "$TERN_HOME/data/pins")" 1
tern account add carol --kind imap --address carol@$server_domain --user carol --password-file "$(password_file carol)" \
	--server "localhost:$imap_port" --tls starttls
ok "behind STARTTLS, too" tern account trust carol --fingerprint "$(fingerprint fresh)"
tern account add pop --kind pop3 --address carol@$server_domain --user carol --password-file "$(password_file carol)" \
	--server "localhost:$pop3_port" --tls starttls --submission "localhost:$dovecot_submission_port" --submission-tls starttls \
	2>/dev/null
said=$(tern account trust pop --fingerprint "$(fingerprint fresh)" 2>&1)
like "by POP3" "$said" "localhost:$pop3_port: its certificate is trusted"
like "and where letters are given to" "$said" "localhost:$dovecot_submission_port: its certificate is trusted"

# --- a password that was wrong, and is mended: tried again at once
printf 'wrong\n' >"$tap_dir/alice.pw"
stop_agents
like "what to do about a wrong password is said" "$(tern sync alice 2>&1)" 'tern account password alice'
on_tty /dev/null 'Password of' alice-pw -- tern account password alice >/dev/null
[ "$(id -u)" != 0 ] || chown -R mail:mail "$dovecot/home"
mkdir -p "$dovecot/home/alice/Maildir/new"
printf 'Subject: after the password\n\nx\n' >"$dovecot/home/alice/Maildir/new/1.x"
[ "$(id -u)" != 0 ] || chown -R mail:mail "$dovecot/home"
wait_for 20 bash -c 'grep -rqs "after the password" "$TERN_HOME/Mail/alice/INBOX"'
is "the agent tries again at once" "$(grep -rls "after the password" "$TERN_HOME/Mail/alice/INBOX" | wc -l)" 1
finish
