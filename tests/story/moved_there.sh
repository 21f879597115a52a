# Marks that are set here while the server is away, and what another client does there meanwhile: a letter that it moved has
# them at its new place, one that it removed comes back when it was changed here, and goes when it was only read.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
home_beside_dovecot
there=$dovecot/home/bob/Maildir

# put NUMBER [SUBFOLDER]
put() {
	local box=$there${2:+/.$2}
	mkdir -p "$box"/{new,cur,tmp}
	printf 'From: a@example.org\nTo: bob@%s\nSubject: letter %d\nMessage-ID: <m%d@x>\nDate: Mon, 23 Nov 2026 10:00:%02d +0000\n\nHello %d\n' \
		$server_domain "$1" "$1" "$1" "$1" >"$box/tmp/$1"
	[ "$(id -u)" != 0 ] || chown -R mail:mail "$dovecot/home"
	mv "$box/tmp/$1" "$box/cur/100$1.x.h:2,"
}
other() {
	doveadm -c "$dovecot/dovecot.conf" "$@" 2>"$tap_dir/said" || note "$(cat "$tap_dir/said")"
}
# marks_there NUMBER MAILBOX
marks_there() {
	other -f flow fetch -u bob flags mailbox "$2" header message-id "<m$1@x>" | tr -d '\\' | sed 's/^flags=//; s/ *Recent//'
}
marks_here() {
	tern search --json "subject:\"letter $1\"" | python3 -c 'import json, sys
for line in sys.stdin:
    m = json.loads(line)
    print(m["folder"], *sorted(set(m["flags"]) - {"new"}), *sorted(m["tags"]))'
}

for n in 1 3 4 5; do put $n; done
put 2 Archive
ok "an account is added" tern account add work --kind imap --address bob@$server_domain --user bob \
	--password-file "$(password_file bob)" --server "localhost:$imaps_port" --ca "$ca/ca.pem"
ok "it is brought here" tern sync work
is "all its letters" "$(tern search --count subject:letter)" 5

kill_dovecot
tern sync work >/dev/null 2>&1
for n in 1 2; do
	tern flag --set flagged "subject:\"letter $n\""
	printf 'change-folder INBOX; search-all "id:m%d@x"; add-tag work\nchange-folder INBOX; search-all "id:m%d@x"; add-tag x%%\n' $n $n
done >"$tap_dir/lines"
tern batch "$tap_dir/lines" >"$tap_dir/said" 2>&1 || note "$(cat "$tap_dir/said")"
tern flag --set flagged 'subject:"letter 3"'
tern flag --set seen 'subject:"letter 4"'
is "marked here, offline" "$(marks_here 1) / $(marks_here 2)" "INBOX flagged work x% / Archive flagged work x%"
stop_agents
dovecot -c "$dovecot/dovecot.conf" </dev/null >/dev/null 2>&1
wait_for 10 port_answers "$imap_port"
other move -u bob Archive mailbox INBOX header message-id '<m1@x>'
other move -u bob INBOX mailbox Archive header message-id '<m2@x>'
for n in 3 4 5; do other expunge -u bob mailbox INBOX header message-id "<m$n@x>"; done
ok "they meet" tern sync work
is "moved away from where it is looked first: marked there" "$(marks_there 1 Archive)" 'Flagged work'
is "and here, with the tag that no server takes" "$(marks_here 1)" "Archive flagged work x%"
is "moved to where it is looked first: marked there" "$(marks_there 2 INBOX)" 'Flagged work'
is "and here" "$(marks_here 2)" "INBOX flagged work x%"
is "changed here, removed there: it came back" "$(marks_there 3 INBOX)" Flagged
is "and is here once" "$(marks_here 3)" "INBOX flagged"
is "only read here: gone" "$(marks_here 4)$(marks_here 5)" ""
ok "once more" tern sync work
is "nothing is there twice" "$(other -f flow mailbox status -u bob messages INBOX Archive | tr '\n' ' ')" \
	"Archive messages=1 INBOX messages=2 "
stop_dovecot
finish
