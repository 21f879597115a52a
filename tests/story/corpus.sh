# Messages of the shared corpus open, page to their end and are left again, from a Maildir and from an mbox, each
# drawn on the screen. Every twelfth by default; all of them (ten minutes) with TERN_TEST_ALL=1.
. "$top_srcdir/tests/lib/tap.sh"
corpus=$shared/corpus
[ -d "$corpus" ] || skip_all "the shared corpus is not here"
[ -x "$top_builddir/tests/screen/screen_run" ] || skip_all "libvterm is not here"

step=12
[ -z "${TERN_TEST_ALL:-}" ] || step=1
list=$tap_dir/list
find "$corpus" -name '*.eml' | sort | awk "NR % $step == 0" >"$list"
count=$(wc -l <"$list")
# As the title shows it: a group of three digits set off.
shown=$(sed -E 's/([0-9])(...)$/\1▒\2/' <<<"$count")

play() { # BOX NAME
	local script=$tap_dir/$2.scr i
	{
		echo "timeout 120"
		echo "run tern -f $1"
		echo "see \"unread of $shown\""
		echo "settle"
		echo "keys =<Enter>"
		for ((i = 1; i <= count; i++)); do
			echo "keys <PgDn><PgDn><End>"
			echo "settle"
			[ $i = "$count" ] || echo "keys j"
		done
		echo "keys q"
		echo "see \"$shown messages\""
		echo "keys q"
		echo "end"
		echo "clean"
	} >"$script"
	ok "$2: every message opens and pages to its end" "$top_builddir/tests/screen/screen_run" "$script"
}

fresh_home
mkdir -p "$tap_dir/maildir/cur" "$tap_dir/maildir/new" "$tap_dir/maildir/tmp"
n=0
while IFS= read -r file; do
	cp "$file" "$tap_dir/maildir/cur/$((1000000000 + ++n)).M$n.test:2,"
done <"$list"
chmod -R u+w "$tap_dir/maildir"
play "$tap_dir/maildir" maildir
is "every message was read" "$(ls "$tap_dir/maildir/cur" | grep -c ':2,.*S')" "$count"

# Whatever a message ends with, an empty line must stand before the next "From ".
while IFS= read -r file; do
	echo "From corpus@example.org Mon Nov 23 12:00:00 2026"
	sed 's/^>*From />&/' "$file"
	echo
	echo
done <"$list" >"$tap_dir/mbox"
play "$tap_dir/mbox" mbox
is "the mbox remembers that all were read" "$(grep -ac '^Status: .*R' "$tap_dir/mbox")" "$count"
finish
