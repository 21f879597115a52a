# Every sentence can be translated, and has been. While one works, new sentences may wait for their translators;
# ./check (TERN_CHECK_ALL) wants them all.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
command -v xgettext >/dev/null || skip_all "there is no xgettext"
cd "$top_srcdir"

listed() { grep -v '^#' po/POTFILES.in | LC_ALL=C sort; }
speaking() { grep -lE '\<(_|N_|NN_|ngettext)\(' $(find ui compose store net -name '*.c') | LC_ALL=C sort; }

# The sentences as they are now, in the languages as they are now.
template() {
	eval "set -- $(sed -n 's/^XGETTEXT_OPTIONS = //p' po/Makevars)"
	xgettext "$@" --files-from=po/POTFILES.in --output="$tap_dir/tern.pot" 2>&1
}

unfinished() { # LANGUAGE
	msgmerge -q --no-fuzzy-matching "po/$1.po" "$tap_dir/tern.pot" -o "$tap_dir/$1.po" 2>&1
	msgattrib --untranslated --no-obsolete "$tap_dir/$1.po" | grep -A3 '^msgid' | head -40
	msgattrib --only-fuzzy --no-obsolete "$tap_dir/$1.po" | grep '^msgid' | head -20
}

is "POTFILES.in lists no file that is gone (make strings)" \
	"$(listed | while read -r file; do [ -e "$file" ] || echo "$file"; done)" ""
# settled NAME WHAT-IS-LEFT
settled() {
	if [ -n "$2" ] && [ -z "${TERN_CHECK_ALL:-}" ]; then
		skip "$1" "some wait"
	else
		is "$1" "$2" ""
	fi
}

settled "POTFILES.in lists what has sentences (make strings)" "$(comm -3 <(listed) <(speaking))"
is "the sentences can be read" "$(template)" ""
for language in $(cat po/LINGUAS); do
	settled "$language.po is complete and certain" "$(unfinished "$language")"
	is "$language.po is right in form" "$(msgfmt -c -o /dev/null "po/$language.po" 2>&1)" ""
done
like "the build speaks Russian" "$(LANGUAGE=ru tern --help)" 'Использование'
finish
