# Hostile letters (tests/lib/hostile.c) hurt nobody: decoded, threaded, indexed; and on the screen opened, paged,
# answered, passed on, their attachments saved: no escape reaches the terminal, no crash, no file but in the chosen
# folder. Every third letter is played, none over 1.5 MB; all of them, in an mbox too, with TERN_TEST_ALL=1.
. "$top_srcdir/tests/lib/tap.sh"

most=1500000 seconds=90 step=3
[ -z "${TERN_TEST_ALL:-}" ] || most=0 seconds=600 step=1
set="$tap_dir/a/b/c/d"
mkdir -p "$set" "$tap_dir/tmp"
export TMPDIR=$tap_dir/tmp
count=$("$top_builddir/tests/lib/hostile" "$set" "$most")
fresh_home

# Lines end and tabs stand; nothing else moves a terminal.
steering() { # FILE
	LC_ALL=C grep -aob -P -m 3 '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]' "$1" |
		head -3 | cat -v
}

# all NAME COMMAND...: with all letters, within the time, and inert.
all() {
	local name=$1
	shift
	ok "$name takes them all" bash -c 'ulimit -t "$1"; shift; exec "$@" >"$tap_dir/out" 2>"$tap_dir/err"' - \
		"$seconds" "$@"
	is "$name writes nothing that steers" "$(steering "$tap_dir/out")$(steering "$tap_dir/err")" ""
}
export tap_dir

all "show" tern show "$set"/maildir/cur/*
all "show --json" tern show --json "$set"/maildir/cur/*
is "every letter has its line" "$(wc -l <"$tap_dir/out")" "$count"
all "threads" tern threads --json "$set"/maildir/cur/*
is "every letter is in one thread" "$(grep -o 'maildir/cur/' "$tap_dir/out" | wc -l)" "$count"
all "index" tern index "$set/maildir"
for box in "$set"/*.mbox; do
	[ "${box##*/}" = odd-junk.mbox ] || all "index of ${box##*/}" tern index "$box"
done

if [ ! -x "$top_builddir/tests/screen/screen_run" ]; then
	skip "the screen" "libvterm is not here"
	finish
fi

# One letter, from the index and back to it; the bar of keys tells what is on the screen.
letter='keys <Enter>
see "| pipe"
keys <End>h<End>h\<End>
settle
keys \H<End>HT<PgUp>/zz<Enter>v<End>
see "save all"
keys S<Enter>qr
settle
keys <C-c>tf<C-c>tq
see "v fold"
keys j'

play() { # NAME BOX COUNT MOST
	local script=$tap_dir/play.scr i
	{
		echo "timeout 120"
		echo "env TMPDIR=$tap_dir/tmp"
		echo 'shell mkdir -p $TERN_HOME/config $TERN_HOME/deep/deep/saved'
		echo 'file config/config <<END'
		printf '[account home]\nkind = local\naddress = me@localhost\n[reader]\nsave-dir = ~/deep/deep/saved\nEND\n'
		echo 'shell for f in INBOX Sent Drafts Trash Archive; do mkdir -p $TERN_HOME/Mail/home/$f/{cur,new,tmp}; done'
		echo "run tern -f $2"
		echo "see \"of $3\""
		echo "settle"
		echo "keys ="
		for ((i = 1; i <= $4; i++)); do
			echo "$letter"
		done
		echo 'shell test -z "$(find $TERN_HOME -newer $TERN_HOME/config/config -type f | grep -vE "^$TERN_HOME/(deep/deep/saved|cache|state|run|data)/")"'
		echo 'shell test -z "$(find $TERN_HOME/Mail/home $TERN_HOME/run -type f | grep -E "/home/|open[.]")"'
		echo 'shell test -z "$(find $TERN_HOME -name "*.part")"'
		echo 'shell test -z "$(find $TERN_HOME -type f -path "*/drafts/*")"'
		echo 'shell test "$(find $TERN_HOME/deep -type f | wc -l)" -gt 10'
		echo "keys q"
		echo "end"
		echo "clean"
	} >"$script"
	ok "$1: opened, paged, answered, saved" "$top_builddir/tests/screen/screen_run" "$script"
}

tree() {
	find "$tap_dir" /tmp/hostile-abs /tmp/hostile-uu -type f -o -type l 2>/dev/null | grep -v "^$TERN_HOME/" |
		sed 's/:2,[A-Z]*$//' | sort
}

[ $step = 1 ] || ls "$set"/maildir/cur/* | awk -v step=$step 'NR % step' | xargs rm
played=$(ls "$set/maildir/cur" | wc -l)
touch "$tap_dir/play.scr" "$tap_dir/before" "$tap_dir/after"
tree >"$tap_dir/before"
play maildir "$set/maildir" "$played" "$played"
is "every letter was read" "$(ls "$set/maildir/cur" | grep -c ':2,.*S')" "$played"
if [ -n "${TERN_TEST_ALL:-}" ]; then
	play mbox "$set/all.mbox" "$count" "$count"
fi
tree >"$tap_dir/after"
is "no file was made elsewhere" "$(diff "$tap_dir/before" "$tap_dir/after")" ""
is "no temporary file is left" "$(ls -A "$tap_dir/tmp")" ""
finish
