# Letters given to servers that lie, refuse, cut and stall: a clear sentence each, nothing called sent that is not,
# no password to the wrong one, nothing lost.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
. "$top_srcdir/tests/lib/servers.sh"
make_ca

# play SCENARIO [TLS]: a fresh home whose account sends through a server of that kind.
play() {
	stop_liar
	stop_agents
	fresh_home
	scenario=$1
	mkdir "$TERN_HOME/liar"
	python3 "$top_srcdir/tests/lib/smtp_liar.py" "$TERN_HOME/port" "$1" "$TERN_HOME/liar" "$ca" 2>"$TERN_HOME/liar/err" &
	liar=$!
	wait_for 10 test -s "$TERN_HOME/port"
	account work local me@work.test
	printf 'submission = localhost:%s\nsubmission-tls = %s\nca = %s\n' "$(cat "$TERN_HOME/port")" "${2:-none}" \
		"$ca/ca.pem" >>"$TERN_HOME/config/config"
}

# with_password: the account signs in.
with_password() {
	printf 'user = alice\npassword-file = %s\n' "$(password_file alice)" >>"$TERN_HOME/config/config"
}

stop_liar() {
	[ -z "${liar:-}" ] || kill "$liar" 2>/dev/null
	liar=
}

# post TO...: what tern says; its status is in $status.
post() {
	letter "about $scenario" "$@" >"$tap_dir/letter"
	timeout 120 tern send --now -t <"$tap_dir/letter" >"$tap_dir/out" 2>&1
	status=$?
	cat "$tap_dir/out"
}

heard() {
	cat "$TERN_HOME/liar/said"
}

# told SCENARIO NAME STATUS REGEX [TLS]: one letter to bob, and what is said of it.
told() {
	play "$1" "${5:-none}"
	post bob@far.test >"$tap_dir/said"
	like "$1: $2" "$status $(cat "$tap_dir/said")" "^$3 .*$4"
}

# --- as it should be
play honest
like "an honest server has it" "$(post bob@far.test)" 'bob@far.test: sent: 250 2.0.0 ok'
like "all of the envelope is there" "$(heard)" '^C MAIL FROM:<.*> SIZE=[0-9]+'
unlike "no command out of the letter" "$(heard)" '^C (To|Subject):'
play plain
like "a server without any extension has it too" "$(post bob@far.test)" 'sent: 250'

# --- a verdict for each
play honest
post bob@far.test never@far.test later@far.test >"$tap_dir/said"
like "one is sent" "$(cat "$tap_dir/said")" 'bob@far.test: sent: 250'
like "one failed, in the server's words" "$(cat "$tap_dir/said")" \
	'never@far.test: failed: 550 5.1.1 there is no such person'
like "one waits, in the server's words" "$(cat "$tap_dir/said")" 'later@far.test: .*450 4.2.1 mailbox busy'
is "they went in one piece" "$(heard | grep -c '^C MAIL')" 1
like "the outbox keeps them apart" "$(tern outbox list --json)" '"addr":"later@far.test","state":"waiting"'
told end-550 "refused at the end is not sent" 1 'failed: 550 5.7.1 spam'
told end-450 "put off at the end waits" '[0-9]+' '450 4.7.1 later'
told mail-550 "a refused sender fails" 1 'failed: 550 5.1.8 not this sender'
told no-data "DATA put off waits" '[0-9]+' '451 4.3.0 not now'

# --- many recipients: what was answered for is on disk before the next hundred goes; a kill -9 in the third leaves
# the first two alone, and says of the third that it may have been sent
play stall-third
seq -f 'r%g@far.test' 250 | tr '\n' ' ' >"$tap_dir/names"
letter hundreds $(cat "$tap_dir/names") >"$tap_dir/letter"
tern-sendmail -t <"$tap_dir/letter"
three_ends() { [ "$(heard | grep -c '^\.$')" = 3 ]; }
ok "three transactions go" wait_for 60 three_ends
of_state() { tern outbox list --all --json | grep -o '"state":"[a-z]*"' | grep -c "\"$1\""; }
is "two hundred have their verdict while the third is on its way" "$(of_state sent)" 200
pkill -KILL -P "$(agent_pid)"
all_sent() { [ "$(of_state sent)" = 250 ]; }
ok "the rest goes after a kill" wait_for 60 all_sent
is "the first is written to once" "$(heard | grep -c '^C RCPT TO:<r1@')" 1
is "of the third hundred is said that it may have been there" \
	"$(tern outbox list --all --json | grep -o '"maybe_sent":true' | grep -c .)" 50

# --- a server that is not there holds up nobody else: its letters fail together, after one try, and local mail goes
play stall-greeting
for i in 1 2 3; do letter "far $i" bob@far.test | tern-sendmail -t; done
letter near me@localhost | tern-sendmail -t
ok "local mail goes past a server that stands still" wait_for 20 came 1 near work
is "which has one worker" "$(heard | grep -c '^--')" 1
play slow-421
for i in 1 2 3 4 5; do letter "far $i" bob@far.test; done >/dev/null
for i in 1 2 3 4 5; do letter "far $i" bob@far.test | tern-sendmail -t; done
tried() { [ "$(tern outbox list --json | grep -o '"reply":"[^"]*421' | grep -c .)" = "$1" ]; }
ok "the letters of a server that is away wait" wait_for 60 tried 5
ok "after few tries" test "$(heard | grep -c '^--')" -le 2
before=$(heard | grep -c '^--')
again() { [ "$(heard | grep -c '^--')" -gt "$before" ]; }
tern outbox flush >/dev/null 2>&1
ok "one that a person wants to go now is tried" wait_for 20 again

# --- what never counts as sent (PROMISES 48 and its kin)
for lie in mixed early-250 garbage end-354 no-354 late-550 cut-after-data huge-line; do
	play $lie
	post bob@far.test >"$tap_dir/said"
	unlike "$lie: it is not called sent" "$status $(cat "$tap_dir/said")" '^0|: sent'
	unlike "$lie: nor in the outbox" "$(tern outbox list --all --json)" '"state":"sent"'
	like "$lie: the letter is still there" "$(tern outbox list --all --json)" '"addr":"bob@far.test"'
done
play cut-after-data
post bob@far.test >"$tap_dir/said"
like "an answer that was lost is told as that" "$(cat "$tap_dir/said")" 'may have been sent'
like "and marked" "$(tern outbox list --json)" '"maybe_sent":true'
tern outbox flush >/dev/null 2>&1
ok "a second time it is not tried again by itself" wait_for 10 bash -c \
	"tern outbox list --json | grep -q '\"state\":\"held\"'"
is "at most one double" "$(heard | grep -cx '\.')" 2
told late-550 "a yes too early is found out" 1 '550 5.7.1 no'
told early-552 "a no before the end is believed" '[0-9]+' '(552 5.3.4 too big for me|may have been sent)'
told cut-after-250 "after the yes nothing matters" 0 'sent: 250'

# --- stopped by the person, and told how far it came
is_sending() {
	tern outbox list --json | grep -q '"state":"attempt"'
}
for lie in stall-greeting stall-text stall-end; do
	play $lie
	{
		letter "about $lie" bob@far.test
		head -c 20000000 /dev/zero | tr '\0' x | fold -w 70
	} | tern send -t
	wait_for 30 is_sending
	[ $lie != stall-end ] || wait_for 30 grep -qx '\.' "$TERN_HOME/liar/said"
	tern outbox hold 1 >"$tap_dir/said" 2>&1
	is "$lie: it is stopped" $? 0
	if [ $lie = stall-end ]; then
		like "$lie: and may have been sent" "$(cat "$tap_dir/said")" 'far.test  held, .*before: .*may have been sent'
	else
		like "$lie: for sure before it was sent" "$(cat "$tap_dir/said")" 'far.test  held: You stopped it; it was not sent'
	fi
	tern outbox flush >"$tap_dir/said" 2>&1
	is "$lie: no flush sends it" "$(cat "$tap_dir/said")" "tern: No letter goes now. 1 is held."
	is "$lie: it is tried once" "$(heard | grep -c '^--')" 1
done

# --- "now" is also what could still be taken back, not what waits for its time
play honest
printf '[compose]\nundo-send = 600\n' >>"$TERN_HOME/config/config"
tern compose --send --to bob@far.test --subject undo </dev/null
tern outbox flush >"$tap_dir/said" 2>&1
is "a flush sends what is in its undo time" "$(cat "$tap_dir/said")" "tern: 1 letter goes now."
ok "it goes" wait_for 20 letters_are_gone
tern outbox flush >"$tap_dir/said" 2>&1
is "and says when nothing waits" "$(cat "$tap_dir/said")" "tern: No letter waits in the outbox."

# --- greetings
told no-greeting "no mail server" '[0-9]+' "answer is not one of SMTP's"
told greet-554 "not welcome: it waits" '[0-9]+' '554 5.7.1 not you'
told greet-421 "busy: it waits" '[0-9]+' '421 4.3.2 shutting down'
told greet-junk "an answer of two minds" '[0-9]+' "answer is not one of SMTP's"
told many-lines "an answer without end" '[0-9]+' 'does not end'
told cut-after-mail "cut after MAIL" '[0-9]+' 'closed the connection'

# --- TLS is required where it is wanted (PROMISES 1, 2, 4, 5)
for lie in starttls-stripped starttls-refused starttls-injected starttls-injected-auth wrong-name; do
	tls=starttls
	[ $lie != wrong-name ] || tls=implicit
	play $lie $tls
	with_password
	post bob@far.test >"$tap_dir/said"
	unlike "$lie: nothing of the letter in clear text" "$(heard)" '^C (MAIL|RCPT|DATA|AUTH)'
done
told starttls-stripped "said so" '[0-9]+' 'offers no TLS' starttls
told starttls-injected "said so" '[0-9]+' 'before TLS began' starttls
told starttls-refused "said so" '[0-9]+' '454 4.7.0 not now' starttls
told wrong-name "said so" '[0-9]+' '(elsewhere|name|certificate)' implicit
told starttls "with TLS it goes" 0 'sent: 250' starttls
like "secured before MAIL" "$(heard | tr '\n' ' ')" 'C STARTTLS T EHLO [^ ]+ T MAIL'
told implicit "with TLS from the first byte it goes" 0 'sent: 250' implicit
play honest
sed -i 's/localhost:/192.0.2.1:/' "$TERN_HOME/config/config"
post bob@far.test >"$tap_dir/said"
unlike "without TLS to another computer: not sent" "$(cat "$tap_dir/said")" ': sent'

# --- signing in
signs() {
	play "$1" "${2:-starttls}"
	with_password
	post bob@far.test >"$tap_dir/said"
}
signs auth none
like "a refused password is told" "$(cat "$tap_dir/said")" 'password was refused: 535 5.7.8 .*wrong'
unlike "and steers no terminal" "$(cat "$tap_dir/said")" $'\033|\a'
like "the letter waits" "$(tern outbox list --json)" '"state":"waiting"'
is "no bounce" "$(in_inbox "Your letter could not be delivered to bob@far.test" work)" 0
is "the password is not tried again and again" "$(heard | grep -c '^C AUTH')" 1
signs auth-later none
like "put off" "$(cat "$tap_dir/said")" '454 4.7.0 the user base is away'
signs auth-hangup none
like "hung up on" "$(cat "$tap_dir/said")" '535 5.7.8 go away'
signs auth-forever none
like "endless questions end" "$status $(cat "$tap_dir/said")" '501 well|more and more'
signs scram-liar none
like "a server that does not know the password is found out" "$(cat "$tap_dir/said")" 'did not prove'
unlike "and is not told it" "$(heard)" 'AUTH PLAIN'
signs honest none
like "a password and no way to sign in: not sent" "$(cat "$tap_dir/said")" 'offers no way of signing in'
unlike "the password is in no log" "$(TERN_DEBUG=1 cat "$TERN_HOME/state/log")" 'alice-pw|YWxpY2UtcHc'

# --- what was promised once is not given up silently
end_agent() {
	kill "$(cat "$TERN_HOME/run/ternd.lock")"
	sleep 0.5
}
signs promised none
like "a server that takes SCRAM" "$(cat "$tap_dir/said")" 'sent: 250'
like "is remembered for it" "$(cat "$TERN_HOME/data/promises")" $'^work\tsmtp localhost:[0-9]+\t-\tSCRAM-SHA-256$'
for now in plain refused none; do
	echo $now >"$TERN_HOME/liar/today"
	end_agent # and the connection that it keeps
	post bob@far.test >"$tap_dir/said"
	like "less today ($now): said so" "$(cat "$tap_dir/said")" \
		'took SCRAM-SHA-256 before.*tern account forget-promises work'
	unlike "less today ($now): no password" "$(heard)" "AUTH (PLAIN|LOGIN)|$(printf '\0alice\0alice-pw' | base64)"
	unlike "less today ($now): not sent" "$(cat "$tap_dir/said")" ': sent'
done
like "the letters wait" "$(tern outbox list --json)" '"state":"waiting"'
echo plain >"$TERN_HOME/liar/today"
end_agent
ok "less is accepted by a command" tern account forget-promises work
like "and then it goes" "$(post bob@far.test)" 'sent: 250'
like "and that is remembered" "$(cat "$TERN_HOME/data/promises")" $'\tPLAIN$'

# --- words of servers steer nothing (PROMISES 16)
told escape "escapes of the server are inert" 1 'failed: 550 5.7.1'
unlike "none in the outbox" "$(tern outbox list --all)" $'\033|\a|\x9b'

# --- size, odd addresses, dots, line ends
play honest
{ printf 'To: bob@far.test\nSubject: big\n\n' && head -c 90000 /dev/zero | tr '\0' 'x' | fold -w 70 &&
	head -c 90000 /dev/zero | tr '\0' 'x' | fold -w 70; } >"$tap_dir/big"
tern send --now -t <"$tap_dir/big" >"$tap_dir/said" 2>&1
like "too large is said before it is sent" "$(cat "$tap_dir/said")" 'failed: .*larger than the server takes'
unlike "and nothing was" "$(heard)" '^C MAIL'
play honest
like "an address of other letters needs SMTPUTF8" "$(post 'дима@far.test')" 'failed: .*SMTPUTF8'
play utf8
like "which is used where it is offered" "$(post 'дима@far.test')" 'sent: 250'
like "and only then" "$(heard)" '^C MAIL .* SMTPUTF8'
play honest
like "a domain of other letters goes in ASCII" "$(post 'bob@пример.test') $(heard)" 'RCPT TO:<bob@xn--e1afmkfd.test>'
unlike "without SMTPUTF8" "$(heard)" 'SMTPUTF8'
play honest
printf 'To: bob@far.test\nSubject: dots\r\n\r\n.\r\n..x\n.\nend\rMAIL FROM:<x>\r\n.\r\nRSET\r\n' >"$tap_dir/dots"
tern send --now -t <"$tap_dir/dots" >"$tap_dir/said" 2>&1
like "dots and bare line ends make no command" "$(cat "$tap_dir/said") $(heard | tr '\n' ' ')" \
	'sent: 250.*DATA \. C RSET C QUIT|sent: 250.*DATA \. C RSET $'

# --- one connection for many, also when the server wants only one letter each
play one-letter
for i in 1 2 3; do post "bob$i@far.test"; done >"$tap_dir/said"
is "a server that closes after each gets new connections" "$(grep -c ': sent' "$tap_dir/said")" 3

# --- nobody there
play honest
stop_liar
sleep 0.2
post bob@far.test >"$tap_dir/said"
like "nobody answers: it waits, and says so" "$(cat "$tap_dir/said")" 'cannot be reached'
like "it is tried again later" "$(tern outbox list --json)" '"state":"waiting"'
python3 "$top_srcdir/tests/lib/smtp_liar.py" "$TERN_HOME/port2" honest "$TERN_HOME/liar" &
liar=$!
wait_for 10 test -s "$TERN_HOME/port2"
sed -i "s/localhost:[0-9]*/localhost:$(cat "$TERN_HOME/port2")/" "$TERN_HOME/config/config"
tern outbox flush >/dev/null 2>&1
ok "and goes at once when asked" wait_for 10 bash -c "tern outbox list --all --json | grep -q '\"state\":\"sent\"'"
stop_liar
finish
