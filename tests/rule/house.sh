# What lies at the top, and that a tarball holds all that git holds.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
cd "$top_srcdir"
git ls-files --error-unmatch configure.ac >/dev/null 2>&1 || skip_all "this is no git checkout"

top_names='.aux .ci .clang-format .gitignore COPYING Makefile.am README check compose configure.ac net po run store tests ui'

strangers() {
	git ls-files | cut -d/ -f1 | LC_ALL=C sort -u | comm -23 - <(tr ' ' '\n' <<<"$top_names" | LC_ALL=C sort)
}

# Of git's files, those that "make dist" does not take; po/ sees to itself.
left_out() {
	env -u MAKEFLAGS -u MFLAGS make -s -C "$top_builddir" print-dist | sed 's,^\./,,' | sort -u >"$tap_dir/dist"
	git ls-files | grep -vE '^(\.gitignore|\.aux/|po/|Makefile.am|configure.ac|.*\.gitkeep)' | while read -r file; do
		until grep -qxF -- "$file" "$tap_dir/dist"; do
			[[ $file == */* ]] || { echo left; break; }
			file=${file%/*}
		done | sed "s|.*|$file|"
	done
}

is "nothing strange lies at the top" "$(strangers)" ""
is "a tarball holds every file" "$(left_out)" ""
is "no file of ours may be set-id or written by all" "$(find ui store net tests -perm /6002 -type f)" ""
finish
