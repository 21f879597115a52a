# From nothing to the inbox on the screen with two answers, against Dovecot and Postfix; and what happens where something is
# wrong. (Screen scripts that need these servers.)
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
. "$top_srcdir/tests/lib/postfix.sh"
. "$top_srcdir/tests/lib/where.sh"
[ -x "$top_builddir/tests/screen/screen_run" ] || skip_all "libvterm is not installed"
command -v python3 >/dev/null || skip_all "python3 is not installed"
has_dovecot || skip_all "dovecot is not installed"
start_dovecot || skip_all "dovecot does not start here"
if has_postfix && start_postfix; then
	trap 'stop_postfix; stop_dovecot; stop_where; tap_end' EXIT
else
	submission_port=$dovecot_submission_port
	trap 'stop_dovecot; stop_where; tap_end' EXIT
fi
start_where || skip_all "the servers that say where mail is do not start"
export dns_port web_port ca top_srcdir tap_dir

letters() { # NAME COUNT
	local box=$dovecot/home/$1/Maildir i
	mkdir -p "$box"/{new,cur,tmp}
	for i in $(seq 1 "$2"); do
		printf 'From: Anna <anna@example.test>\nTo: %s@%s\nSubject: letter %d\nMessage-ID: <m%d@x>\nDate: Mon, 23 Nov 2026 10:00:%02d +0000\n\nHello %d\n' \
			"$1" $server_domain "$i" "$i" $((i % 60)) "$i" >"$box/cur/100$i.x.h:2,"
	done
	[ "$(id -u)" != 0 ] || chown -R mail:mail "$dovecot/home"
}
# plays NAME: the script on standard input.
plays() {
	cat >"$tap_dir/screen.scr"
	(unset TERN_HOME; timeout 300 "$top_builddir/tests/screen/screen_run" "$tap_dir/screen.scr") >"$tap_dir/played" 2>&1
	if grep -q '^not ok' "$tap_dir/played" || ! grep -q '^ok' "$tap_dir/played"; then
		fail "$1" "$(cat "$tap_dir/played")"
	else
		pass "$1"
	fi
}
configured='shell bash -c ". $top_srcdir/tests/lib/where.sh; where_is"'
signs_in='run tern
keys 2
see "Your address:"
type "alice@example.test"
keys <Enter>
see "Password of"
type "alice-pw"
keys <Enter>'
by_srv() {
	cat >"$where/dns" <<-D
		_imaps._tcp.example.test SRV 1 0 $imaps_port localhost.
		_submission._tcp.example.test SRV 1 0 $submission_port localhost.
	D
}
letters bob 40
letters alice 3
by_srv

plays "two answers, and the inbox is on the screen" <<S
$configured
run tern
see "Where is your mail?"
keys 2
see "Your address:"
type "Bob Builder <bob@example.test>"
keys <Enter>
see "Password of bob@example.test:"
type "bob-pw"
not "bob-pw"
keys <Enter>
timeout 60
see "example/Inbox"
see "letter 40"
row 0 has "of 40"
keys <Enter>
see "Hello 40"
keys q
shell grep -q "^server = localhost:$imaps_port" \$TERN_HOME/config/config
shell test "\$(stat -c %a \$TERN_HOME/data/passwords/example)" = 600
shell ! grep -rq bob-pw \$TERN_HOME/config \$TERN_HOME/state
shell grep -qx "real-name = Bob Builder" \$TERN_HOME/config/config
keys m
see "new letter"
type "alice@example.test"
keys <Tab><Tab>
type "from the wizard"
keys <Tab>
type "Hello."
keys <C-x>
see "U takes it back"
keys :
type "flush"
keys <Enter>
until grep -rlq "Subject: from the wizard" $dovecot/home/alice/Maildir/new
clean
S

plays "a large window, a wrong password, and the form" <<S
size 200x60
$configured
timeout 60
run tern
keys 2
see "Your address:"
type "nobody"
keys <Enter>
see "is no mail address"
keys 2
see "Your address:"
type "alice@example.test"
keys <Enter>
see "Password of"
type "wrong"
keys <Enter>
see "DNS: example.test names 2 mail servers"
see "Authentication failed"
see "Try with these"
see "localhost:$imaps_port"
shell test ! -e \$TERN_HOME/data/passwords/example
keys <Enter>
see "Password:"
type "alice-pw"
keys <Enter><Enter>
see "example/Inbox"
see "letter 3"
clean
S

plays "a certificate that is not known is shown in words" <<S
$configured
shell sed -i /^ca/d \$TERN_HOME/config/config
timeout 60
$signs_in
see "a certificate that is not known"
see "SHA-256:"
see "It is signed by nobody this computer trusts."
see "Trust this certificate from now on? (n/y)"
keys y
see "localhost:$submission_port: It is signed"
keys y
see "letter 3"
clean
S

plays "no to a certificate, and it ends there" <<S
$configured
shell sed -i /^ca/d \$TERN_HOME/config/config
timeout 60
$signs_in
see "Trust this certificate from now on? (n/y)"
keys n
see "was not accepted"
see "Try with these"
shell ! grep -q account \$TERN_HOME/config/config
keys q
see "Where is your mail?"
clean
S

: >"$where/dns"
plays "nothing is found: what was tried, what to do, and the servers by hand" <<S
$configured
timeout 60
$signs_in
see "No mail server of example.test was found"
see "give them by hand"
keys <Enter>
see "Server (host:port):"
type "localhost:$imaps_port"
keys <Enter>jjjjj<Enter>
see "you can read, but not send"
see "letter 3"
clean
S

letters carol 2
plays "POP3: what becomes of the letters on the server is asked before it happens" <<S
$configured
timeout 60
run tern
keys 2
see "Your address:"
type "carol@example.test"
keys <Enter>
see "Password of"
type "carol-pw"
keys <Enter>
see "No mail server of example.test was found"
keys kkk<Enter>
see "pop3"
keys jjj<Enter>
see "Server (host:port):"
type "localhost:$pop3s_port"
keys <Enter>jjjjj<Enter>
see "are removed from the server as soon as they are safe"
see "stay there for 30 days"
see "not now? (n/r/l)"
keys n
see "It was cancelled; no letter was fetched."
see "localhost:$pop3s_port"
shell test \$(ls $dovecot/home/carol/Maildir/cur $dovecot/home/carol/Maildir/new | grep -c x.h) = 2
keys jjjjjj<Enter>
see "not now? (n/r/l)"
keys l
see "letter 2"
shell grep -q '^leave-days = 30' \$TERN_HOME/config/config
shell test \$(ls $dovecot/home/carol/Maildir/cur $dovecot/home/carol/Maildir/new | grep -c x.h) = 2
clean
S

plays "a server that speaks otherwise than it is told is found out soon, and Esc keeps what was typed" <<S
$configured
timeout 30
run tern
keys 2
see "Your address:"
type "carol@example.test"
keys <Enter>
see "Password of"
type "carol-pw"
keys <Enter>
see "No mail server of example.test was found"
keys <Enter>
see "Server (host:port):"
type "localhost:$imaps_port"
keys <Enter>j<Enter><Enter>
see "none"
keys jjjj<Enter>
see "Trying imap localhost:$imaps_port"
keys <Esc>
see "what you typed is still here"
see "localhost:$imaps_port"
keys jjjjjj<Enter>
see "speaks TLS at once: choose"
see "localhost:$imaps_port"
clean
S

by_srv
echo "example.test" >"$tap_dir/silent"
plays "who does not want to wait leaves, and nothing is left running" <<S
$configured
timeout 30
run tern
keys 2
see "Your address:"
type "alice@silent.test"
keys <Enter>
see "Password of"
type "alice-pw"
keys <Enter>
see "Asking DNS"
keys q
see "Where is your mail?"
until ! pgrep -f "worker setu[p]" -u \$(id -u) >/dev/null
keys q
end
S
finish
