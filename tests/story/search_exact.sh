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

# --- files that a letter brings along, people behind the hundredth, what stands before a subject
new_box
# letter NUMBER: from standard input.
letter() {
	{
		printf 'From: a@x.example\nTo: me@localhost\nMIME-Version: 1.0\n'
		cat
	} >"$box/cur/$1.made:2,S"
}
multi() {
	printf 'Content-Type: multipart/%s; boundary=x\n\n' "$1"
	shift
	printf -- '--x\n%b\n' "$@"
	printf -- '--x--\n'
}
plain='Content-Type: text/plain\n\nText.\n'
long=$(yes 'A line of a long text.' | head -4000)
multi mixed "$plain" 'Content-Type: text/plain\n\nMore text.\n' | letter 1
multi related 'Content-Type: text/html\n\n<img src="cid:a">\n' \
	'Content-Type: image/png; name=a.png\nContent-ID: <a>\nContent-Disposition: inline\n\nx\n' | letter 2
printf 'Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nx\n' | letter 3
printf 'Content-Type: application/pdf\n\nx\n' | letter 4
multi signed "$plain" 'Content-Type: application/pkcs7-signature; name=smime.p7s\nContent-Disposition: attachment\n\nx\n' |
	letter 5
multi mixed "$plain" 'Content-Type: image/png; name=p.png\n\nx\n' | letter 6
multi mixed "Content-Type: text/plain\n\n$long\n" "$plain" | letter 7
multi alternative "Content-Type: text/plain\n\n$long\n" \
	'Content-Type: application/pdf\nContent-Disposition: attachment; filename=far.pdf\n\nx\n' | letter 8
{
	printf 'From: A <a@x.example>, Second Author <second@x.example>\nTo: '
	seq -f '%04g' 1 400 | sed 's/.*/Person & <p&@lists.example>,/' | paste -sd ' ' | sed 's/,$//'
	printf 'Subject: Aw: =?utf-8?Q?=C3=84pfel_und?= Birnen\n\nx\n'
} >"$box/cur/9.made:2,S"
people() {
	is "$1: a person behind the first hundred" "$(found to:p0399@lists.example)|$(found to:person)|$(found '~t p0400')" "9|9|9"
	is "$1: the second author" "$(found from:second) $(found '~f "second author"')" "9 9"
	is "$1: what stands before a subject" "$(found 'subject:aw') $(found 'subject:"Aw: Äpfel"') $(found '~s "AW: apfel und b"')" \
		"9 9 9"
	is "$1: not elsewhere" "$(found to:p0401)$(found from:p0001)$(found 'subject:"re: apfel"')" ""
}
is "files as far as a look at the first bytes tells" "$(found has:attachment)" "3 4 6 7"
people "without an index"
tern index home
is "files by all of each letter" "$(found has:attachment)|$(found '~X')|$(found -- -has:attachment)" \
	"3 4 6 8|3 4 6 8|1 2 5 7 9"
rm -r "$cache"
is "that is kept when the index goes" "$(found has:attachment)" "3 4 6 8"
people "rows alone"
tern index home
people "with an index"

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
