# Letters given to Postfix and Dovecot: both kinds of TLS, each way of signing in, many letters over one connection,
# refusals, what Bcc and DSN come to on the wire, failed letters that come back, the doctor.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
. "$top_srcdir/tests/lib/postfix.sh"
has_dovecot || skip_all "this test wants Dovecot"
has_postfix || skip_all "this test wants Postfix, and root for it"
postfix_port=$(free_port)
start_dovecot || skip_all "Dovecot does not start here"
start_postfix || skip_all "Postfix does not start here"
trap 'stop_postfix; stop_dovecot; tap_end' EXIT

# through PLACE TLS [SETTING...]: a fresh home whose account sends through it.
through() {
	local place=$1 tls=$2
	shift 2
	stop_agents
	fresh_home
	account work pop3 "alice@$server_domain"
	{
		printf 'submission = %s\nsubmission-tls = %s\nca = %s\nserver = localhost:%s\n' "$place" "$tls" \
			"$ca/ca.pem" "$pop3s_port"
		printf '%s\n' "$@"
	} >>"$TERN_HOME/config/config"
}

signed="user = alice
password-file = $(password_file alice)"

post() {
	timeout 120 tern send --now -t <"$1" >"$tap_dir/out" 2>&1
	status=$?
	cat "$tap_dir/out"
}

maildir_of() {
	echo "$dovecot/home/$1/Maildir"
}

# has NAME SUBJECT N: so many letters of that subject lie there.
has() {
	[ "$(grep -lx "Subject: $2" "$(maildir_of "$1")"/new/* "$(maildir_of "$1")"/cur/* 2>/dev/null | wc -l)" = "$3" ]
}

# on_tty INPUT QUESTION ANSWER... -- COMMAND...
on_tty() {
	python3 "$top_srcdir/tests/lib/on_tty.py" "$@" | tr -d '\r'
}

lines_of() {
	grep -c "$1" "$postfix/log"
}

# --- both kinds of TLS, and Dovecot's own submission
letter implicit "bob@$server_domain" >"$tap_dir/letter"
through "localhost:$submissions_port" implicit "$signed"
like "TLS from the first byte" "$(post "$tap_dir/letter")" "bob@$server_domain: sent: 250 2.0.0"
ok "it has come" wait_for 30 has bob implicit 1
letter starttls "bob@$server_domain" >"$tap_dir/letter"
through "localhost:$submission_port" starttls "$signed"
like "STARTTLS" "$(post "$tap_dir/letter")" "sent: 250 2.0.0"
ok "it has come" wait_for 30 has bob starttls 1
letter dovecot "bob@$server_domain" >"$tap_dir/letter"
through "localhost:$dovecot_submissions_port" implicit "$signed"
like "through Dovecot" "$(post "$tap_dir/letter")" 'sent: 250'
ok "it has come" wait_for 30 has bob dovecot 1

# --- each way of signing in that they offer
for way in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256; do
	through "localhost:$submissions_port" implicit "$signed" "auth = $way"
	letter "way $way" "bob@$server_domain" >"$tap_dir/letter"
	like "signing in by $way" "$(post "$tap_dir/letter") $(grep -o "sasl_method=[A-Z0-9-]*" "$postfix/log" | tail -n 1)" \
		"sent: 250.*sasl_method=$way\$"
done
through "localhost:$submissions_port" implicit 'user = alice' 'password-command = echo wrong'
like "a wrong password" "$(post "$tap_dir/letter")" 'refused: 535 5.7.8'
like "the letter waits, nobody gets a report" "$(tern outbox list --json)" '"state":"waiting"'
sed -i "s/^password-command.*/password-command = echo alice-pw/" "$TERN_HOME/config/config"
tern outbox flush >/dev/null 2>&1
ok "and goes once it is mended" wait_for 60 bash -c "tern outbox list --all --json | grep -q '\"state\":\"sent\"'"
unlike "no password in the log" "$(cat "$TERN_HOME/state/log")" 'alice-pw|YWxpY2UtcHc'

# --- certificates
through "localhost:$submissions_port" implicit "$signed"
sed -i '/^ca = /d' "$TERN_HOME/config/config"
before=$(lines_of 'sasl_method')
like "an unknown certificate is refused" "$(post "$tap_dir/letter")" 'certificate|authority|trust'
is "and nothing was said before" "$(lines_of 'sasl_method')" "$before"

# --- a verdict for each
through "localhost:$submissions_port" implicit "$signed"
letter each "bob@$server_domain" "nobody@$server_domain" "later@$server_domain" "carol@$server_domain" >"$tap_dir/letter"
post "$tap_dir/letter" >"$tap_dir/said"
like "bob's is sent" "$(cat "$tap_dir/said")" 'bob@[^ ]*: sent: 250'
like "nobody's failed in the server's words" "$(cat "$tap_dir/said")" 'nobody@[^ ]*: failed: 550 5.1.1 <nobody'
like "later's waits in the server's words" "$(cat "$tap_dir/said")" 'later@[^ ]*: .*450 4.7.1'
ok "carol has it" wait_for 30 has carol each 1
drafts=$TERN_HOME/Mail/work/Drafts
ok "the failed one comes back as a draft" wait_for 30 bash -c "ls '$drafts'/*/* | grep -q ."
draft=$(cat "$drafts"/*/* 2>/dev/null)
like "it says why" "$draft" "^X-Tern-Failed: nobody@$server_domain: 550 5.1.1"
like "it is for who did not get it" "$draft" "^To: nobody@$server_domain\$"
unlike "and for nobody else" "$draft" '^(To|Cc|Bcc):.*(bob|carol|later)@'
is "once" "$(ls "$drafts"/*/* | wc -l)" 1

# --- Bcc
printf 'To: bob@%s\nBcc: carol@%s\nSubject: blind\n\nx\n' $server_domain $server_domain >"$tap_dir/letter"
like "a blind copy goes" "$(post "$tap_dir/letter")" 'carol@.*: sent'
ok "it has come" wait_for 30 has carol blind 1
ok "the other too" wait_for 30 has bob blind 1
unlike "nobody is told of it" "$(cat "$(maildir_of bob)"/*/* | sed -n '/^Subject: blind/,$p')" 'carol'

# --- what the letter is made of comes through byte by byte
printf 'To: bob@%s\nSubject: bytes\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n.\n..\n.x\nGr\303\274\303\237e\n\n.\nend\n' \
	$server_domain >"$tap_dir/letter"
like "dots and 8 bits go" "$(post "$tap_dir/letter")" 'sent: 250'
ok "they have come" wait_for 30 has bob bytes 1
is "unchanged" "$(cat "$(grep -lx 'Subject: bytes' "$(maildir_of bob)"/*/*)" | tr -d '\r' | sed '1,/^$/d')" \
	"$(sed '1,/^$/d' "$tap_dir/letter")"

# --- too large: said before anything goes
{ printf 'To: bob@%s\nSubject: big\n\n' $server_domain && head -c 6000000 /dev/zero | tr '\0' x | fold -w 70; } >"$tap_dir/letter"
before=$(lines_of 'client=')
like "too large a letter" "$(post "$tap_dir/letter")" 'failed: .*larger than the server takes'
is "was not begun" "$(lines_of 'client=')" "$before"

# --- other letters than ASCII before the @
printf 'To: \320\264\320\270\320\274\320\260@%s\nSubject: utf8\n\nx\n' $server_domain >"$tap_dir/letter"
like "SMTPUTF8 is spoken" "$(post "$tap_dir/letter")" '(failed|sent).*(550 5.1.1|250)'
unlike "and the server understands" "$(cat "$tap_dir/out")" '5\.6\.7|553|501'

# --- DSN
letter dsn "bob@$server_domain" >"$tap_dir/letter"
ok "a report that it arrived is asked for" bash -c "tern-sendmail -N success -V env+1 -R hdrs -t <'$tap_dir/letter'"
ok "and comes" wait_for 60 bash -c "grep -lq 'Original-Envelope-Id: env+1' $(maildir_of alice)/new/*"

# --- two hundred letters over one connection
through "localhost:$submissions_port" implicit "$signed"
before=$(lines_of "submissions/smtpd.* connect from\|smtpd\[[0-9]*\]: connect from")
for i in $(seq 200); do
	printf 'To: bob@%s\nSubject: many\n\n%d\n' $server_domain "$i"  >"$tap_dir/letter"
	tern-sendmail -t <"$tap_dir/letter"
done
ok "two hundred go" wait_for 120 bash -c "[ \"\$(tern outbox list --json | grep -c .)\" = 0 ]"
now=$(lines_of "submissions/smtpd.* connect from\|smtpd\[[0-9]*\]: connect from")
ok "over two connections at most: one for each worker" test $((now - before)) -le 2
ok "all have come" wait_for 60 has bob many 200

# --- questions, to who sits at the terminal
through "localhost:$submissions_port" implicit 'user = alice'
sed -i '/^ca = /d' "$TERN_HOME/config/config"
letter asked "bob@$server_domain" >"$tap_dir/letter"
on_tty "$tap_dir/letter" 'yes/NO' no -- tern send --now -t >"$tap_dir/said"
like "a certificate that is not known is shown with its fingerprint" "$(cat "$tap_dir/said")" 'SHA-256: ([0-9a-f]{2}:){31}'
unlike "no means no" "$(cat "$tap_dir/said")" ': sent'
tern outbox cancel 1 >/dev/null 2>&1
on_tty /dev/null 'Trust this certificate' yes 'Trust this certificate' yes -- tern account trust work >/dev/null
on_tty "$tap_dir/letter" 'Password of alice' alice-pw -- tern send --now -t >"$tap_dir/said"
like "with yes and a password it goes" "$(cat "$tap_dir/said")" ': sent'
unlike "what is typed for a password is not shown" "$(cat "$tap_dir/said")" 'alice-pw'
on_tty "$tap_dir/letter" 'yes/NO' no 'Password of' wrong -- tern send --now -t >"$tap_dir/said"
unlike "neither is asked twice" "$(cat "$tap_dir/said")" 'yes/NO|Password of'
like "and it goes" "$(cat "$tap_dir/said")" ': sent'

# --- the doctor
through "localhost:$submissions_port" implicit "$signed"
tern account check work >"$tap_dir/said" 2>&1
like "the doctor signs in" "$(cat "$tap_dir/said")" 'letters can be sent'
like "names TLS and what is offered" "$(tr '\n' ' ' <"$tap_dir/said")" 'TLS ?1\.[23].*PIPELINING'
like "and fetches" "$(cat "$tap_dir/said")" 'mail can be fetched'
sed -i 's/^password-file.*/password-command = echo wrong/' "$TERN_HOME/config/config"
status_is "it ends with a failure where one is" 1 tern account check work
like "and says what to do" "$(tern account check work 2>&1)" 'To do: .*password'
sed -i "s/localhost:$submissions_port/localhost:1/" "$TERN_HOME/config/config"
like "nobody at that port" "$(tern account check work 2>&1)" 'cannot be reached'
status_is "an account that is not there" 2 tern account check none

never_slow
finish
