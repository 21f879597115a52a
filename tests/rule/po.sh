# Every sentence can be translated, and has been.
. "$top_srcdir/tests/lib/tap.sh"
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
like "the build speaks Russian" "$(LANGUAGE=ru tern --help)" 'Использование'
finish
