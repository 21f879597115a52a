# What can be wrong with the files and the disk: a clear sentence each time (what, where, what to do), and nothing lost.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
fresh_home
account home local me@localhost
make=$top_builddir/tests/bench/make-maildir

# said COMMAND...: its words on stderr; nothing but the exit code 1 or 2 is right, no signal.
said() {
	local status
	words=$("$@" 2>&1 >"$tap_dir/out" </dev/null)
	status=$?
	[ $status -lt 100 ] || words="exit status $status: $words"
	echo "$words"
}

letter "kept" me@localhost >"$tap_dir/letter"

# --- a folder that cannot be read; a file where a folder should be, and the other way round
"$make" -n 20 "$TERN_HOME/shut"
mkdir "$TERN_HOME/heap"
touch "$TERN_HOME/empty-file"
if [ "$(id -u)" != 0 ]; then
	chmod 0 "$TERN_HOME/shut"
	like "an unreadable folder is named" "$(said tern -f "$TERN_HOME/shut")" "shut.*Permission denied"
	like "also without a screen" "$(said tern index "$TERN_HOME/shut")" "shut.*Permission denied"
	chmod 700 "$TERN_HOME/shut"
else
	skip "an unreadable folder is named" "root may read everything"
fi
like "what is not there is named" "$(said tern -f "$TERN_HOME/nowhere")" "nowhere.*No such file"
like "a folder that is no mailbox is named" "$(said tern search -f "$TERN_HOME/heap" x; said tern index "$TERN_HOME/heap/x")" "heap"
printf 'no mailbox\n' >"$TERN_HOME/text"
like "a text is no mailbox" "$(said tern -f "$TERN_HOME/text")" '"[^"]*text" is neither a Maildir nor an mbox'
like "a folder instead of a letter is named" "$(said tern show "$TERN_HOME/heap")" "heap.*this is a folder"
like "a letter that is not there is named" "$(said tern show "$TERN_HOME/none")" "none.*No such file"

# --- an empty message, one without a header, one that is only zeros
mkdir -p "$TERN_HOME/odd/cur" "$TERN_HOME/odd/new" "$TERN_HOME/odd/tmp"
: >"$TERN_HOME/odd/new/1.empty"
printf '\n\n' >"$TERN_HOME/odd/new/2.lines"
head -c 1000 /dev/zero >"$TERN_HOME/odd/new/3.zeros"
mkdir "$TERN_HOME/odd/new/4.folder"
ln -s /nowhere "$TERN_HOME/odd/new/5.link"
mkfifo "$TERN_HOME/odd/new/6.pipe"
ok "empty and odd messages are shown" tern show --json "$TERN_HOME/odd/new/1.empty" "$TERN_HOME/odd/new/2.lines" "$TERN_HOME/odd/new/3.zeros"
ok "a Maildir of them is indexed" timeout 20 tern index "$TERN_HOME/odd"
status_is "an empty letter is not sent" 2 tern send </dev/null

# --- the account's mail is gone for a while, and comes back
ok "a letter is sent" bash -c "tern send --now -t <'$tap_dir/letter'"
is "it lies in the inbox" "$(in_inbox kept)" 1
kept_is_found() {
	[ "$(tern search --count subject:kept 2>/dev/null)" = 1 ]
}
ok "it is in the index" wait_for 10 kept_is_found
mv "$TERN_HOME/Mail/home/INBOX/cur" "$TERN_HOME/Mail/home/INBOX/was-cur" 2>/dev/null
like "a lost folder cur is told" "$(said timeout 20 tern index)" 'home/INBOX" has lost its folder "cur"; bring it back'
ok "what lies in new is still found" wait_for 10 kept_is_found
mv "$TERN_HOME/Mail/home/INBOX/was-cur" "$TERN_HOME/Mail/home/INBOX/cur"
ok "and it is well when cur is back" timeout 20 tern index
mv "$TERN_HOME/Mail/home/INBOX" "$TERN_HOME/was-inbox"
ok "the inbox is gone: it goes on" timeout 20 tern index
ok "a letter comes nevertheless" bash -c "tern send --now -t <'$tap_dir/letter'"
is "into a new inbox" "$(in_inbox kept)" 1
rm -rf "$TERN_HOME/Mail/home/INBOX"
mv "$TERN_HOME/was-inbox" "$TERN_HOME/Mail/home/INBOX"

# --- the database is cut, spoilt, deleted; before and while the agent runs
"$make" -n 200 "$TERN_HOME/Mail/home/INBOX"
tern tag --add work subject:kept 2>/dev/null
files=$(find "$TERN_HOME/Mail/home/INBOX" -type f | wc -l)
database=$TERN_HOME/data/accounts/home.db
[ -e "$database" ] || database=$(ls "$TERN_HOME"/data/accounts/home*/*.db 2>/dev/null | head -n 1)
is "all is there" "$(tern search --count in:inbox)" "$files"
size=$(stat -c %s "$database")
bad=
for at in 0 1 15 16 100 1000 4095 4096 5000 $((size / 2)) $((size - 4096)) $((size - 1)); do
	rm -f "$database-wal" "$database-shm"
	truncate -s "$at" "$database"
	[ "$(timeout 60 tern search --count in:inbox 2>"$tap_dir/err")" = "$files" ] || bad="$bad $at($(cat "$tap_dir/err"))"
done
is "cut at any byte it is made again" "$bad" ""
stop_agents
bad=
for at in 0 1 100 5000 $((size / 2)); do
	rm -f "$database-wal" "$database-shm"
	truncate -s "$at" "$database"
	[ "$(timeout 60 tern search --count in:inbox 2>"$tap_dir/err")" = "$files" ] || bad="$bad $at($(cat "$tap_dir/err"))"
done
is "also when nothing runs" "$bad" ""
rm -f "$database"*
is "deleted it is made again" "$(tern search --count in:inbox)" "$files"
ok "a flag is wished in the new index" tern flag --set flagged subject:kept
ok "and the agent that ran all the time hears of it" timeout 20 tern sync
like "it is in the file's name" "$(tern search subject:kept)" ':2,F$'
is "and no letter is lost" "$(find "$TERN_HOME/Mail/home/INBOX" -type f | wc -l)" "$files"
ok "letters still go" bash -c "tern send --now -t <'$tap_dir/letter'"
is "and come" "$(in_inbox kept)" 2

# --- the outbox's database is gone with a letter in it
stop_agents
ok "a letter waits for tomorrow" bash -c "tern send -t --at tomorrow <'$tap_dir/letter' || tern send -t --hold <'$tap_dir/letter' || tern send -t <'$tap_dir/letter'"
stop_agents
rm -f "$TERN_HOME"/data/outbox/*.db*
like "it stands in the outbox again" "$(tern outbox list 2>&1; in_inbox kept)" "me@localhost|^3"

# --- a full disk
if [ "$(id -u)" = 0 ] && mkdir -p "$TERN_HOME/small" && mount -t tmpfs -o size=256k none "$TERN_HOME/small" 2>/dev/null; then
	mkdir -p "$TERN_HOME/small/INBOX/cur" "$TERN_HOME/small/INBOX/new" "$TERN_HOME/small/INBOX/tmp"
	account small local small@localhost "$TERN_HOME/small"
	head -c 400000 /dev/zero | tr '\0' 'x' | fold -w 70 >"$tap_dir/long"
	(letter "too long" small@localhost; cat "$tap_dir/long") >"$tap_dir/big"
	like "a full disk is told" "$(tern-deliver -d small@localhost -f a@b <"$tap_dir/big" 2>&1; echo "status $?")" "No space left"
	status_is "and is a matter of trying later" 75 bash -c "tern-deliver -d small@localhost -f a@b <'$tap_dir/big'"
	is "nothing half stays" "$(find "$TERN_HOME/small" -type f | wc -l)" 0
	tern send -t <"$tap_dir/big" 2>/dev/null
	wait_for 20 bash -c "tern outbox list 2>&1 | grep -q 'No space left'"
	like "the outbox says why it waits" "$(tern outbox list 2>&1)" "No space left"
	stop_agents
	umount "$TERN_HOME/small"
else
	skip "a full disk is told" "needs root and a tmpfs"
fi

# --- ten mistakes in the configuration
cat >>"$TERN_HOME/config/config" <<END
[index]
tree-line = yes
page-size = many
[nosuchsection]
x = y
this is no line
[account]
kind = local
[account two]
kind = imapp
address = me@@x
[keys
[general]
mouse = perhaps
= 3
include /nowhere
END
words=$(said tern batch /dev/null)
like "a mistake names file and line and the nearest name" "$words" 'config:[0-9]+: .*"tree-line" in .index.; did you mean "tree-lines"'
is "each has its line" "$(grep -c 'config:[0-9]*:' <<<"$words")" "$(grep -c . <<<"$(grep 'config:[0-9]*:' <<<"$words")")"
like "there are at least ten" "$(grep -c 'config:[0-9]*:' <<<"$words")" '^(9|1[0-9])$'
note "$words"
is "and all else holds" "$(tern search --count subject:kept 2>/dev/null | tail -n 1)" "$(in_inbox kept)"
finish
