# Messages of the shared corpus open, page to their end and are left again, from a Maildir and from an mbox, each
# drawn on the screen. Every twelfth by default; all of them (a quarter of an hour) with TERN_TEST_ALL=1.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
corpus=$shared/corpus
[ -d "$corpus" ] || skip_all "the shared corpus is not here"
[ -x "$top_builddir/tests/screen/screen_run" ] || skip_all "libvterm is not here"

step=12
[ -z "${TERN_TEST_ALL:-}" ] || step=1
list=$tap_dir/list
find "$corpus" -name '*.eml' | sort | awk "NR % $step == 0" >"$list"
count=$(wc -l <"$list")

play() { # BOX COUNT NAME
	local script=$tap_dir/play.scr i shown
	# As the title shows it: a group of three digits set off.
	shown=$(sed -E 's/([0-9])(...)$/\1▒\2/' <<<"$2")
	{
		echo "timeout 120"
		echo "run tern -f $1"
		echo "see \"of $shown\""
		echo "settle"
		echo "keys =<Enter>"
		for ((i = 1; i <= $2; i++)); do
			echo "keys <PgDn><PgDn><End>"
			echo "settle"
			[ $i = "$2" ] || echo "keys j"
		done
		echo "keys q"
		echo "see \"$shown message\""
		echo "keys q"
		echo "end"
		echo "clean"
	} >"$script"
	ok "$3: every message opens and pages to its end" "$top_builddir/tests/screen/screen_run" "$script"
}

fresh_home
mkdir -p "$tap_dir/maildir/cur" "$tap_dir/maildir/new" "$tap_dir/maildir/tmp"
n=0
while IFS= read -r file; do
	cp "$file" "$tap_dir/maildir/cur/$((1000000000 + ++n)).M$n.test:2,"
done <"$list"
chmod -R u+w "$tap_dir/maildir"
play "$tap_dir/maildir" "$count" maildir
is "every message was read" "$(ls "$tap_dir/maildir/cur" | grep -c ':2,.*S')" "$count"

# Whatever a message ends with, an empty line must stand before the next "From ".
as_mbox() {
	while IFS= read -r file; do
		echo "From corpus@example.org Mon Nov 23 12:00:00 2026"
		sed 's/^>*From />&/' "$file"
		echo
		echo
	done
}

# One mbox for each source: a larger one is read anew so slowly under the sanitizers that keys run ahead.
for folder in $(xargs -n 1 dirname <"$list" | sort -u); do
	name=$(basename "$folder")
	grep -F "$folder/" "$list" >"$tap_dir/some"
	as_mbox <"$tap_dir/some" >"$tap_dir/$name.mbox"
	play "$tap_dir/$name.mbox" "$(wc -l <"$tap_dir/some")" "mbox of $name"
done
finish
