#!/bin/sh
# Writes tests/html/SIDE-BY-SIDE.txt: letters as Tern, w3m -dump and lynx -dump show them, LINES lines each: those that
# tests/html/corpus names (others wrote them; ../shared must be there), then our own tests/html/*.eml.
# Run in the build folder. With --expected it writes NAME.expected for tests/story/html.sh instead.
# What is better or worse is a person's word: tests/html/remarks, "NAME|text" a line.
top=${top_srcdir:-..}
dump=./tests/html/html_dump
LINES=36
LC_ALL=C.UTF-8 TZ=UTC
export LC_ALL TZ
if [ "$1" = --expected ]; then
	for letter in "$top"/tests/html/*.eml; do
		$dump 80 "$letter" >"${letter%.eml}.expected"
	done
	exit
fi
shared=$top/../shared/corpus
[ -d "$shared" ] || { echo "the real letters are not here: $shared" >&2; exit 1; }
page=$(mktemp)
html=$(mktemp --suffix=.html)
trap 'rm -f "$page" "$html"' EXIT
cut_lines() {
	awk -v most=$LINES '/^[[:space:]]*$/ { blank++; next } { if (blank && n) { n++; if (n <= most) print "" }
		blank = 0; n++; if (n <= most) print } END { if (n > most) print "(" n - most " lines more)" }'
}
one() {
	"$dump" -p 80 "$2" >"$html"
	printf '\n==== %s\n' "$1"
	grep "^$1|" "$top/tests/html/remarks" | cut -d'|' -f2- | fold -s -w 110 | sed 's/ *$//'
	printf -- '-- tern\n'; "$dump" 80 "$2" | cut_lines
	printf -- '-- w3m -dump\n'; w3m -dump -cols 80 -I UTF-8 -O UTF-8 -T text/html "$html" | cut_lines
	printf -- '-- lynx -dump\n'
	lynx -dump -width=80 -assume_charset=UTF-8 -display_charset=UTF-8 -force_html "$html" | cut_lines
}
{
	echo "$(wc -l <"$top/tests/html/corpus") real letters in HTML (the file corpus says where they are from), then our own:"
	echo "Tern, w3m -dump, lynx -dump, 80 columns. Made by side_by_side.sh; the remarks are in the file remarks."
	echo "Runs of blank lines are shown as one, and each text is cut after $LINES lines."
	while read -r name path; do
		one "$name" "$shared/$path"
	done <"$top/tests/html/corpus"
	for letter in "$top"/tests/html/*.eml; do
		one "$(basename "$letter" .eml)" "$letter"
	done
} >"$page"
cp "$page" "$top/tests/html/SIDE-BY-SIDE.txt"
