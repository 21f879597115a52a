# Letters in HTML read as they were once seen to read well: tests/html/NAME.eml against NAME.expected, 80 columns.
# After a change that reads better: top_srcdir=.. sh ../tests/html/side_by_side.sh --expected (in the build folder).
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
for letter in "$top_srcdir"/tests/html/*.eml; do
	name=$(basename "$letter" .eml)
	is "$name reads as expected" "$("$top_builddir/tests/html/html_dump" 80 "$letter")" \
		"$(cat "${letter%.eml}.expected")"
done
finish
