# Where the mail of an address is: SRV records, autoconfig, the database of providers, guesses; and the account made of it
# with two answers. Dovecot and Postfix are real, all else is a name server and a web server on this machine.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
. "$top_srcdir/tests/lib/postfix.sh"
. "$top_srcdir/tests/lib/where.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
has_dovecot || skip_all "dovecot is not installed"
start_dovecot || skip_all "dovecot does not start here"
if has_postfix && start_postfix; then
	trap 'stop_postfix; stop_dovecot; stop_where; tap_end' EXIT
else
	submission_port=$dovecot_submission_port submissions_port=$dovecot_submissions_port
	trap 'stop_dovecot; stop_where; tap_end' EXIT
fi
start_where || skip_all "the servers that say where mail is do not start"
fresh_home
where_is

find() {
	tern account find "$1" 2>"$tap_dir/steps"
	echo "status $?"
}
on_tty() {
	python3 "$top_srcdir/tests/lib/on_tty.py" "$@" | tr -d '\r'
}
asked() {
	cat "$where/log" 2>/dev/null
	rm -f "$where/log"
}

# --- SRV: priority before weight, what does not answer is passed over
cat >"$where/dns" <<D
_imaps._tcp.example.test SRV 10 5 $imaps_port localhost.
_imaps._tcp.example.test SRV 1 0 1 localhost.
_imap._tcp.example.test SRV 1 0 $imap_port localhost.
_submissions._tcp.example.test SRV 1 0 $submissions_port localhost.
_pop3s._tcp.example.test SRV 0 0 0 .
D
is "by SRV" "$(find alice@example.test)" "kind = imap
server = localhost:$imaps_port
tls = implicit
submission = localhost:$submissions_port
submission-tls = implicit
status 0"
like "each step is told" "$(cat "$tap_dir/steps")" 'DNS: example.test names 4 mail servers'
like "what does not answer too" "$(cat "$tap_dir/steps")" 'imap localhost:1, TLS: nothing.*refused'
unlike "no web server was asked" "$(asked)" '^web'
is "nothing was changed" "$(grep -c account "$TERN_HOME/config/config")" 0

# --- a host outside of the domain that only DNS names: nobody is there to say yes
echo "_imaps._tcp.example.test SRV 1 0 $imaps_port elsewhere.invalid." >"$where/dns"
unlike "a stranger's host is not spoken to unasked" "$(find alice@example.test; cat "$tap_dir/steps")" 'elsewhere.invalid:'
echo "_imaps._tcp.example.test SRV 1 0 $imaps_port 127.attacker.invalid." >"$where/dns"
unlike "nor one that only begins like this machine" "$(find alice@example.test; cat "$tap_dir/steps")" \
	'127.attacker.invalid:'

# --- autoconfig of the domain
: >"$where/dns"
autoconfig_at autoconfig.example.test/mail/config-v1.1.xml "$imaps_port" "$submission_port" %EMAILLOCALPART%
asked >/dev/null
is "by autoconfig" "$(find alice@example.test)" "kind = imap
server = localhost:$imaps_port
tls = implicit
user = alice
submission = localhost:$submission_port
submission-tls = starttls
status 0"
like "the domain is told the address" "$(asked)" '^web autoconfig.example.test/.*emailaddress=alice%40example.test$'
rm -r "$where/web"
autoconfig_at example.test/.well-known/autoconfig/mail/config-v1.1.xml "$imaps_port" "$submission_port"
like "or at its well-known place" "$(find alice@example.test)" "server = localhost:$imaps_port"

# --- the database of providers: the domain, never the address; or not at all
rm -r "$where/web"
autoconfig_at autoconfig.thunderbird.net/v1.1/example.test "$imaps_port" "$submission_port"
asked >/dev/null
like "by the database" "$(find alice@example.test)" "server = localhost:$imaps_port"
is "which is told the domain" "$(asked | grep thunderbird)" 'web autoconfig.thunderbird.net/v1.1/example.test'
rm -r "$where/web"
autoconfig_at autoconfig.thunderbird.net/v1.1/hoster.test "$imaps_port" "$submission_port"
echo 'example.test MX 10 mx1.mail.hoster.test.' >"$where/dns"
like "by the domain of its MX" "$(find alice@example.test)" "server = localhost:$imaps_port"
echo 'isp-database = no' >>"$TERN_HOME/config/config"
asked >/dev/null
like "a domain that nobody knows" "$(find alice@example.test)" 'status 1$'
unlike "the database is not asked where that is not wanted" "$(asked)" thunderbird
like "what was tried and what to do is said" "$(cat "$tap_dir/steps")" 'No mail server of example.test was found: .*by hand'
where_is

# --- bad answers
: >"$where/dns"
rm -r "$where/web"
mkdir -p "$where/web/autoconfig.example.test/mail"
echo '<html>Welcome' >"$where/web/autoconfig.example.test/mail/config-v1.1.xml"
find alice@example.test >/dev/null
like "a web page is no answer" "$(cat "$tap_dir/steps")" 'not in the form that says where mail is'
head -c 1200000 /dev/zero | tr '\0' ' ' >"$where/web/autoconfig.example.test/mail/config-v1.1.xml"
find alice@example.test >/dev/null
like "one without an end is not read" "$(cat "$tap_dir/steps")" 'longer than such an answer may be'
echo "autoconfig.example.test/mail/config-v1.1.xml http://localhost:$web_port/x" >"$where/redirects"
find alice@example.test >/dev/null
like "no redirection leaves HTTPS" "$(cat "$tap_dir/steps")" 'autoconfig.example.test/.*: .*[Pp]rotocol.*http'
rm "$where/redirects"
sed -i /^ca/d "$TERN_HOME/config/config"
find alice@example.test >/dev/null
like "a web server that nobody vouches for is not believed" "$(cat "$tap_dir/steps")" 'autoconfig.example.test/.*: .*certificate'
where_is
status_is "no address" 2 tern account find alice
status_is "a silent name server ends too" 1 timeout 60 tern account find alice@silent.test

# --- an account with two answers, on a terminal
cat >"$where/dns" <<D
_imaps._tcp.example.test SRV 1 0 $imaps_port localhost.
_submission._tcp.example.test SRV 1 0 $submission_port localhost.
D
said=$(on_tty /dev/null 'Password of bob@example.test:' bob-pw -- tern account set-up bob@example.test --real-name "Bob B")
like "the account is made" "$said" 'The account "example" is made'
like "it signs in by the best way" "$said" 'Signed in as bob@example.test by SCRAM-SHA-256'
unlike "the password is not shown" "$said" bob-pw
like "and can send" "$said" "localhost:$submission_port takes letters"
is "the password lies in a file of one's own" "$(stat -c %a "$TERN_HOME/data/passwords/example"; cat "$TERN_HOME/data/passwords/example")" "600
bob-pw"
ok "mail is fetched" tern sync example
ok "the doctor finds nothing" tern account check example
tern account check example >"$tap_dir/doctor" 2>&1
like "the doctor tells the address" "$(cat "$tap_dir/doctor")" 'localhost is (127.0.0.1|::1)'
like "TLS and until when" "$(cat "$tap_dir/doctor")" 'TLS ?1.3, .*certificate of localhost, until 20[0-9-]+ \([0-9]+ days'
like "how it signs in" "$(cat "$tap_dir/doctor")" 'Signed in as bob@example.test by SCRAM-SHA-256'
like "what the server can" "$(cat "$tap_dir/doctor")" 'The server can: IDLE CONDSTORE QRESYNC MOVE UIDPLUS SPECIAL-USE'
like "what folders are for" "$(cat "$tap_dir/doctor")" 'The folder for sent letters is "Sent"'
like "and that letters can be sent" "$(cat "$tap_dir/doctor")" 'letters can be sent'
tern account add pop --kind pop3 --address bob@example.test --password-file "$TERN_HOME/data/passwords/example" \
	--server "localhost:$pop3_port" --tls starttls --ca "$ca/ca.pem"
like "of POP3 too" "$(tern account check pop 2>&1 | tr '\n' ' ')" 'TLS ?1.3, .*Signed in as bob@example.test.*letters? (is|are) there'
sed "s/^server = .*/server = localhost:1/" -i "$TERN_HOME/config/config"
status_is "nobody there: later" 75 tern account check pop
like "with what to do" "$(tern account check pop 2>&1)" 'To do: is the network there'
tern account remove pop
sed "s/^server = .*/server = localhost:$imaps_port/" -i "$TERN_HOME/config/config"
said=$(on_tty /dev/null 'Password of bob@example.test:' new-pw -- tern account password example)
like "another password" "$said" 'The password is kept'
is "is written where the old one was" "$(cat "$TERN_HOME/data/passwords/example")" new-pw
echo bob-pw >"$TERN_HOME/data/passwords/example"
sed -i '/^password-file/d' "$TERN_HOME/config/config"
on_tty /dev/null 'Password of bob@example.test:' bob-pw -- tern account password example >/dev/null
like "or into a new file, which the configuration then names" "$(tern account check example 2>&1)" 'Signed in as bob'
said=$(on_tty /dev/null 'Password of bob@example.test:' wrong 'Password of' '' -- tern account set-up bob@example.test)
like "a wrong password" "$said" 'AUTHENTICATIONFAILED|Authentication failed'
is "leaves nothing behind" "$(ls "$TERN_HOME/data/passwords")" example
is "and makes no account" "$(tern account list | wc -l)" 1

# --- a certificate that is not known is asked about, in words
sed -i "s/^ca = .*//" "$TERN_HOME/config/config"
said=$(on_tty /dev/null 'Password of' carol-pw 'Trust this certificate' yes 'Trust this certificate' yes -- \
	tern account set-up carol@example.test --name carol)
like "its fingerprint is shown" "$said" 'SHA-256: ([0-9a-f]{2}:){31}'
like "and the account made" "$said" 'The account "carol" is made'
stop_agents
unlike "PROMISES 54: no password in the log" "$(cat "$TERN_HOME/state/log")" 'bob-pw|carol-pw'
finish
