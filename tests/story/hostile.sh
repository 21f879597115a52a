# Hostile letters (tests/lib/hostile.c; hostile --list names their classes) hurt nobody: decoded, threaded, indexed;
# and on the screen, each in a tern of its own (tests/lib/hostile_play.c), opened, paged, answered, passed on, edited
# as new, their attachments saved: no escape reaches the terminal but those that tern itself uses, no crash, no hang,
# no file but in the chosen folder. A part of them is played, none over 1.5 MB; all, at two sizes of the screen and in
# an mbox too, with TERN_TEST_ALL=1; with TERN_TEST_STRICT=1 (an optimised build!) each step within 1 s of processor
# time and each letter within 100 MB.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"

most=1500000 seconds=90 step=8 plays=48 brief=-b
[ -z "${TERN_TEST_ALL:-}" ] || most=0 seconds=600 step=1 plays=1 brief=
set="$tap_dir/a/b/c/d"
mkdir -p "$set" "$tap_dir/tmp"
export TMPDIR=$tap_dir/tmp
"$top_builddir/tests/lib/hostile" "$set" "$most" >"$tap_dir/out"
[ $step = 1 ] || ls "$set"/maildir/cur/* | awk -v step=$step 'NR % step' | xargs rm
letters=("$set"/maildir/cur/*)
count=${#letters[@]}
is "there are 150 classes and more" "$(("$("$top_builddir/tests/lib/hostile" --list | sort -u | wc -l)" >= 150))" 1
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

if [ ! -x "$top_builddir/tests/lib/hostile_play" ]; then
	skip "the screen" "libvterm is not here"
	finish
fi

# What lies about, the homes of the played apart: those are looked at one by one.
tree() {
	find "$tap_dir" /tmp/hostile-{abs,uu,fcc,zip} -type f -o -type l -o -type d 2>/dev/null | grep -av "^$TERN_HOME/" |
		sed 's/:[0-9],.*$//; s,/odd-names/new/,/odd-names/cur/,' | sort
}

play() { # NAME WORDS...
	local name=$1
	shift
	ok "$name: opened, paged, answered, saved" "$top_builddir/tests/lib/hostile_play" $brief \
		${TERN_TEST_STRICT:+-t 1000 -m 100} "$@"
}

fresh_home
touch "$tap_dir/before" "$tap_dir/after"
tree >"$tap_dir/before"
play "80x24" $(printf '%s\n' "${letters[@]}" | awk -v step=$plays 'NR % (step / 4 < 1 ? 1 : step / 4) == 0')
if [ -n "${TERN_TEST_ALL:-}" ]; then
	play "200x60" -s 200x60 "${letters[@]}"
	for box in "$set/all.mbox" "$set/odd-names" "$set"/odd-[eflt]*.mbox; do
		[ "${box##*/}" = odd-empty.mbox ] || play "${box##*/}" "$box"
	done
else
	play "hostile names" -s 200x60 "$set/odd-names"
fi
tree >"$tap_dir/after"
is "no file was made elsewhere" "$(diff "$tap_dir/before" "$tap_dir/after")" ""
is "no temporary file is left" "$(ls -A "$tap_dir/tmp")" ""
finish
