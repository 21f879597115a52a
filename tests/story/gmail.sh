# A server that speaks Gmail's extension as its documentation tells (our own, not the real Gmail): labels are tags, on both
# sides, whatever is in their names; a letter that is in several mailboxes is fetched once.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
command -v python3 >/dev/null || skip_all "needs python3"
. "$top_srcdir/tests/lib/servers.sh"
dir=$tap_dir/gmail
mkdir "$dir"
: >"$dir/lie"
fresh_home
python3 "$top_srcdir/tests/lib/gmail_like.py" "$dir/port" "$dir" 2>"$dir/said" &
gmail=$!
trap 'kill $gmail 2>/dev/null; tap_end' EXIT
wait_for 10 test -s "$dir/port" || note "$(cat "$dir/said")"
ok "an account is added" tern account add work --kind imap --address b@example.org --user b \
	--password-file "$(password_file b)" --server "127.0.0.1:$(cat "$dir/port")" --tls none

tags_of() {
	tern search --json "subject:there$1 folder:\"$2\"" | python3 -c 'import json, sys
for line in sys.stdin:
    print(*sorted(json.loads(line)["tags"]))'
}
labels_are() {
	tern sync work >"$tap_dir/said" 2>&1
	[ "$(sed -n "s/^there$1: //p" "$dir/labels")" = "$2" ]
}
batch() {
	printf 'change-folder INBOX; limit subject:%s; %s\n' "$1" "$2" >"$tap_dir/lines"
	tern batch "$tap_dir/lines" >"$tap_dir/said" 2>&1 || note "$(cat "$tap_dir/said")"
}

ok "it is brought here" tern sync work
is "labels are tags" "$(tags_of 1 INBOX) / $(tags_of 2 INBOX)" "work / Work_Stuff grün"
is "in each mailbox" "$(tags_of 2 "[Gmail]/All Mail")" "Work_Stuff grün"
is "three letters stand in eight mailboxes and are fetched once each" "$(wc -l <"$dir/bodies")" 3
is "all are here" "$(find "$TERN_HOME/Mail/work" -path '*/cur/*' -o -path '*/new/*' | wc -l)" 8
is "as they came" "$(grep -rl '^Hello 2' "$TERN_HOME/Mail/work" | xargs -d '\n' md5sum | cut -c1-32 | sort -u | wc -l)" 1

batch there1 'add-tag later'
ok "a tag set here is a label there" labels_are 1 '\Important \Inbox later work'
batch there1 'add-tag größe'
ok "in modified UTF-7" labels_are 1 '\Important \Inbox gr&APYA3w-e later work'
batch there1 'remove-tag work'
ok "taken away here, taken away there" labels_are 1 '\Important \Inbox gr&APYA3w-e later'
batch there2 'remove-tag Work_Stuff'
ok "with a blank in its name" labels_are 2 '\Inbox gr&APw-n'
batch there2 flag
ok "a flag takes no label along" labels_are 2 '\Inbox gr&APw-n'
tern sync work
is "and is here still what it was" "$(tags_of 1 INBOX) / $(tags_of 2 INBOX)" "größe later / grün"

batch there1 'offline'
printf 'From: b@example.org\nTo: a@example.org\nSubject: there4\nMessage-ID: <there4@x>\n\nFrom here.\n' \
	>"$TERN_HOME/Mail/work/INBOX/new/1700000004.x.h"
wait_for 20 test "$(tern search --count subject:there4)" = 1
batch there4 'add-tag later; add-tag größe; online'
ok "a letter put here goes there with its tags as labels" labels_are 4 '\Inbox gr&APYA3w-e later'
tern sync work
is "and keeps them here" "$(tags_of 4 INBOX)" "größe later"
batch there4 'copy work'
ok "a copy is a label more" labels_are 4 '\Inbox gr&APYA3w-e later work'
is "nothing was fetched again" "$(sort "$dir/bodies" | uniq -d | wc -l)" 0
finish
