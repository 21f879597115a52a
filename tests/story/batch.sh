# tern batch: command lines without a screen.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
fresh_home
mkdir -p "$TERN_HOME/config"
tree=$TERN_HOME/Mail/home
for folder in INBOX Archive Trash; do mkdir -p "$tree/$folder/cur" "$tree/$folder/new" "$tree/$folder/tmp"; done
cat >"$TERN_HOME/config/config" <<END
[account home]
kind = local
address = me@localhost
[macros]
put-away = read; archive
END
for subject in one two three; do
	printf 'From: %s@example.org\nTo: me@localhost\nSubject: %s\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\nhello\n' \
		$subject $subject >"$tree/INBOX/new/$subject.x"
done
files() {
	find "$tree/$1" -type f | wc -l
}

cat >"$TERN_HOME/lines" <<'END'
# a comment, and an empty line

search one; flag
limit "subject:two"
put-away
limit all
END
ok "a file of lines runs" tern batch "$TERN_HOME/lines"
is "one message was flagged in its name" "$(find "$tree/INBOX" -name 'one.x*F*' | wc -l)" 1
is "one was archived" "$(files Archive)" 1
is "and read" "$(find "$tree/Archive" -name '*:2,*S*' | wc -l)" 1
is "two stay" "$(files INBOX)" 2

printf 'tag-pattern ~A; tag-prefix; delete; sync-mailbox; undo\n' >"$TERN_HOME/lines"
ok "deleting and taking it back" tern batch "$TERN_HOME/lines"
is "nothing is gone" "$(files INBOX)" 2

printf 'echo first\nflag; move Archiv\necho third\n' >"$TERN_HOME/lines"
status_is "a line that fails ends it" 1 tern batch "$TERN_HOME/lines"
said=$(tern batch "$TERN_HOME/lines" 2>&1)
like "it says where" "$said" "lines:2: .*Did you mean \"Archive\"?"
status_is "what comes after it does not run" 1 grep -q third <<<"$said"
like "with -k it does" "$(tern batch -k "$TERN_HOME/lines" 2>&1)" "third"
status_is "but the exit code tells" 1 tern batch -k "$TERN_HOME/lines"

printf 'move\n' >"$TERN_HOME/lines"
like "nobody is asked" "$(tern batch "$TERN_HOME/lines" 2>&1)" "give it all its words"
printf 'help\n' >"$TERN_HOME/lines"
like "what needs a screen says so" "$(tern batch "$TERN_HOME/lines" 2>&1)" "needs a screen"
printf 'set index.sort-oder date\n' >"$TERN_HOME/lines"
status_is "a wrong option" 2 tern batch "$TERN_HOME/lines"
status_is "no file" 1 tern batch "$TERN_HOME/nothing"
status_is "no name" 2 tern batch

printf 'limit "subject:three"; flag\n' >"$TERN_HOME/lines"
cp -r "$tree/INBOX" "$TERN_HOME/elsewhere" # where no keeper of an account looks
ok "a mailbox by its path" tern batch -f "$TERN_HOME/elsewhere" "$TERN_HOME/lines"
is "is changed" "$(find "$TERN_HOME/elsewhere" -name 'three.x*F*' | wc -l)" 1
printf 'flag\n' >"$TERN_HOME/lines"
like "-R changes nothing" "$(tern batch -R -f "$TERN_HOME/elsewhere" "$TERN_HOME/lines" 2>&1)" "reading only"
finish
