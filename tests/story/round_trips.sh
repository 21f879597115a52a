# How often a server is asked when nothing changed, and when one folder did: counted in the protocol log.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
has_dovecot || skip_all "dovecot is not installed"
fresh_home
start_dovecot || skip_all "dovecot does not start here"
put() { # FOLDER SUBJECT
	printf 'From: a@example.org\nTo: bob@%s\nSubject: %s\nMessage-ID: <%s@x>\n\nHello\n' $server_domain "$2" "$2" |
		doveadm -c "$dovecot/dovecot.conf" save -u bob -m "$1"
}
# asked: commands since the log was emptied. That we listen (IDLE) is no question.
asked() {
	grep ' imap C: t[0-9]* ' "$TERN_HOME/state/log" | grep -c -v ' imap C: t[0-9]* \(IDLE\|NOTIFY\)'
}
listens() {
	tail -n 1 "$TERN_HOME/state/log" | grep -q 'imap S: + idling'
}
quiet() {
	wait_for 20 listens
	: >"$TERN_HOME/state/log"
}
flag() { # FLAG FOLDER SUBJECT
	doveadm -c "$dovecot/dovecot.conf" flags add -u bob "$1" mailbox "$2" subject "$3"
}
is_flagged() {
	[ "$(tern search --count "subject:$1 is:flagged")" = 1 ]
}
folders=6 # with those that Dovecot makes
for i in $(seq 30); do put INBOX "in$i"; put Archive "old$i"; done
mkdir -p "$TERN_HOME/config"
printf '[account work]\nkind = imap\naddress = bob@%s\nuser = bob\npassword-file = %s\nserver = localhost:%s\nca = %s\n%s\n' \
	$server_domain "$(password_file bob)" "$imaps_port" "$ca/ca.pem" "log-protocol = yes" >"$TERN_HOME/config/config"
ok "a first round" tern sync work
is "brings all" "$(tern search --count '')" 60
ok "it listens" quiet
ok "nothing changed: a round" tern sync work
count=$(asked)
echo "# $count commands for $folders folders"
ok "takes two round trips a folder at most (QRESYNC): $count for $folders" [ "$count" -le $((2 * folders)) ]
ok "and where the list tells how all stand, three for all: one for the mailbox that is open" [ "$count" -ge 1 -a "$count" -le 3 ]
flag '\Flagged' Archive old7
ok "it listens again" quiet
ok "a flag in one folder: a round" tern sync work
count=$(asked)
ok "is known here" is_flagged old7
ok "two more for that folder at most: $count" [ "$count" -le 5 ]
is "which is opened with what we know of it" "$(grep -c 'imap C: t[0-9]* SELECT "Archive" (QRESYNC' "$TERN_HOME/state/log")" 1
is "and no message is read again" "$(grep -c 'imap C: t[0-9]* UID FETCH' "$TERN_HOME/state/log")" 0
for i in 1 2 3 4 5; do
	put INBOX "late$i"
	ok "a round at once" tern sync work
	is "has what came a moment before" "$(tern search --count "subject:late$i")" 1
done
stop_dovecot
finish
