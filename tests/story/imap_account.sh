# An account on a real IMAP server, kept alike on both sides, by commands only.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
home_beside_dovecot
there=$dovecot/home/bob/Maildir
here=$TERN_HOME/Mail/work

own() {
	[ "$(id -u)" != 0 ] || chown -R mail:mail "$dovecot/home"
}
# put NUMBER [FLAGS]: a letter in the server's inbox
put() {
	mkdir -p "$there"/{new,cur,tmp}
	printf 'From: a@example.org\nTo: bob@%s\nSubject: letter %d\nMessage-ID: <m%d@x>\nDate: Mon, 23 Nov 2026 10:00:%02d +0000\n\nHello %d\n' \
		$server_domain "$1" "$1" "$1" "$1" >"$there/tmp/$1"
	own
	mv "$there/tmp/$1" "$there/cur/100$1.x.h:2,${2:-}"
}
names() {
	(cd "$1" 2>/dev/null && ls) | sed 's/^1*0*\([0-9]*\)\.x\.h/\1 /' | sort
}
count_is() {
	[ "$(tern search --count "$1")" = "$2" ]
}
file_of() {
	grep -l "^Subject: letter $1\$" -r "$2" 2>/dev/null | head -1
}
flags_there() {
	local name
	name=$(file_of "$1" "$there/cur")
	echo "${name##*:2,}"
}
flags_there_are() {
	[ "$(flags_there "$1")" = "$2" ]
}

for n in 1 2 3; do put $n; done
ok "an account is added" tern account add work --kind imap --address bob@$server_domain --user bob \
	--password-file "$(password_file bob)" --server "localhost:$imaps_port" --ca "$ca/ca.pem"
ok "it is brought here" tern sync work
wait_for 10 count_is subject:letter 3
is "all its letters" "$(tern search --count subject:letter)" 3
is "byte by byte" "$(cat "$(file_of 2 "$here/INBOX")")" "$(cat "$(file_of 2 "$there")")"
is "its folders" "$(ls "$here" | sort | tr '\n' ' ')" "Archive Drafts INBOX Junk Sent Trash "

tern flag --set seen --set flagged 'subject:"letter 2"'
ok "a flag set here is set there" wait_for 10 flags_there_are 2 FS
doveadm -c "$dovecot/dovecot.conf" flags add -u bob '\Answered' mailbox INBOX header message-id '<m1@x>' 2>"$tap_dir/said" ||
	note "$(cat "$tap_dir/said")"
answered() {
	tern search --json 'subject:"letter 1"' | grep -q '"answered"'
}
ok "a flag set there is set here, without being asked" wait_for 10 answered
put 4
: >"$there/new/.touch"
ok "a letter that comes there comes here, without being asked" wait_for 20 count_is 'subject:"letter 4"' 1

printf 'limit subject:"letter 3"\nmove Archive\n' >"$tap_dir/lines"
tern batch "$tap_dir/lines" >"$tap_dir/said" 2>&1 || note "$(cat "$tap_dir/said")"
moved_there() {
	[ -n "$(file_of 3 "$there/.Archive")" ] && [ -z "$(file_of 3 "$there/cur")$(file_of 3 "$there/new")" ]
}
ok "what is moved here is moved there" wait_for 10 moved_there

rm "$(file_of 4 "$there")"
ok "what goes there" tern sync work
is "goes here" "$(tern search --count 'subject:"letter 4"')" 0

# --- a folder that goes there (Dovecot says so in words only, without a code)
doveadm -c "$dovecot/dovecot.conf" mailbox create -u bob Gone/Далеко
tern sync work
like "a folder made there is here" "$(tern folder list work)" '^Gone/Далеко$'
doveadm -c "$dovecot/dovecot.conf" mailbox delete -u bob Gone/Далеко
ok "one that is removed there" tern sync work
unlike "goes from the list here" "$(tern folder list work)" Далеко

# --- a name that the server does not take
tern folder make work a.b >"$tap_dir/said" 2>&1
status_is "a name that the server refuses" 1 tern sync work
like "is told, with the name" "$(tern sync work 2>&1)" '"a\.b"'
doveadm -c "$dovecot/dovecot.conf" mailbox create -u bob Other
tern sync work 2>/dev/null
like "and is in nobody's way" "$(tern folder list work)" '^Other$'
tern folder remove work a.b 2>"$tap_dir/said" || note "$(cat "$tap_dir/said")"
ok "without it all is well" tern sync work

# --- without a network: what is done meanwhile is told later, once
kill_dovecot
status_is "a server that is away is a thing for later" 75 tern sync work
tern flag --set seen 'subject:"letter 1"'
wait_for 5 sh -c 'tern search --json "subject:\"letter 1\"" | grep -q seen'
dovecot -c "$dovecot/dovecot.conf" </dev/null >/dev/null 2>&1
wait_for 10 port_answers "$imap_port"
ok "it is back" tern sync work
ok "what was done meanwhile is there" wait_for 10 flags_there_are 1 RS

# --- the server comes back with an empty inbox, numbered anew: what was here is not thrown away
kill_dovecot
mv "$there" "$there.away"
dovecot -c "$dovecot/dovecot.conf" </dev/null >/dev/null 2>&1
wait_for 10 port_answers "$imap_port"
tern sync work >"$tap_dir/said" 2>&1
grep -q "tern -f" "$tap_dir/said" || tern sync work >>"$tap_dir/said" 2>&1
like "it is told" "$(cat "$tap_dir/said" "$TERN_HOME/state/log")" 'numbered them anew: copies are kept, and "tern -f .*rescued/work"'
is "and a copy of each is kept" "$(grep -l '^Subject: letter' -r "$TERN_HOME/data/rescued/work" | wc -l)" 3
kill_dovecot
rm -rf "$there"
mv "$there.away" "$there"
dovecot -c "$dovecot/dovecot.conf" </dev/null >/dev/null 2>&1
wait_for 10 port_answers "$imap_port"
ok "all is back" tern sync work

# --- the index lost: nothing is fetched or sent twice
tern account remove work
pkill -TERM -P "$(cat "$TERN_HOME/run/ternd.lock")" -f "worker (sync|watch) work" 2>/dev/null
sleep 0.2
rm -f "$TERN_HOME"/data/accounts/work.db*
tern account add work --kind imap --address bob@$server_domain --user bob --password-file "$(password_file bob)" \
	--server "localhost:$imap_port" --tls starttls --ca "$ca/ca.pem"
ok "the index is lost, and all is found again, by STARTTLS" tern sync work
is "nothing came twice" "$(grep -l '^Subject: letter' -r "$here" | wc -l)" 3
is "nothing went twice" "$(grep -l '^Subject: letter' -r --include='*:2,*' "$there" | wc -l)" 3

tern account remove work
tern account add work --kind imap --address bob@$server_domain --user bob --password-file "$(password_file alice)" \
	--server "localhost:$imaps_port" --ca "$ca/ca.pem"
status_is "a wrong password" 1 tern sync work
unlike "PROMISES 54: no password in the log" "$(cat "$TERN_HOME/state/log")" 'bob-pw|alice-pw'
stop_dovecot
finish
