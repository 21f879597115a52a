# The letters that a search finds are exactly those that have the words, as another program decodes them: with the index
# of words and without it, on letters made for it and on real mail of many scripts.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
reference=$top_srcdir/tests/lib/search_reference.py

new_box() {
	fresh_home
	tern account add home --kind local --address me@localhost >/dev/null
	box=$TERN_HOME/Mail/home/INBOX
	cache=$TERN_HOME/cache/search/home
}

# found QUERY...: numbers of the letters, rising.
found() {
	tern search "$@" | sed 's/.*\/\([0-9]*\)[^/]*$/\1/' | sort -n | tr '\n' ' ' | sed 's/ $//'
}

# The file asked, answered by tern into the file named.
answer() {
	local kind query numbers
	while IFS=$'\t' read -r kind query numbers; do
		case $kind in
		word) numbers=$(found "$query") ;;
		*) numbers=$(found "$kind:$query") ;;
		esac
		printf '%s\t%s\t%s\n' "$kind" "$query" "$numbers"
	done <"$tap_dir/asked" >"$tap_dir/$1"
}

# All of asked, with the index and without; the reference and they agree.
compare() {
	python3 "$reference" find "$box" <"$tap_dir/asked" >"$tap_dir/wanted"
	answer by_reading
	is "$1: no index was made by that" "$(ls "$cache" 2>/dev/null)" ""
	tern index home
	answer by_index
	is "$1: the letters themselves answer as the index does" \
		"$(diff "$tap_dir/by_reading" "$tap_dir/by_index" | head -20)" ""
	is "$1: and as another program decodes them ($(wc -l <"$tap_dir/asked") queries)" \
		"$(diff "$tap_dir/wanted" "$tap_dir/by_index" | head -20)" ""
}

# --- letters that are made for it
new_box
if [ -x "$top_builddir/tests/bench/mailgen" ]; then
	"$top_builddir/tests/bench/mailgen" -n 600 "$box"
	n=0
	for file in "$box"/cur/*; do
		mv "$file" "$box/cur/$((n++)).made:2,S"
	done
	printf '%s\t%s\n' word commonterm word halfcommon word rarex000000 word uniq000007 word uniq000599 word редкость \
		word 検索語 word 索 word htmlonlyword word attachedword subject subj000042 word '"notes 113 txt"' >"$tap_dir/asked"
	python3 "$reference" choose "$box" 1 >>"$tap_dir/asked"
	compare "made letters"
else
	skip "made letters" "tests/bench/mailgen was not built"
fi

# --- real mail
if [ -d "$shared/corpus" ]; then
	new_box
	find "$shared/corpus" -name '*.eml' | LC_ALL=C sort | awk -v box="$box/cur/" '{ print $0 "\n" box NR ".corpus:2,S" }' |
		xargs -d '\n' -n 2 cp
	python3 "$reference" choose "$box" "$([ "${TERN_TEST_ALL:-}" ] && echo 8 || echo 3)" >"$tap_dir/asked"
	compare "real mail"
else
	skip "real mail" "there is none beside the source"
fi
finish
