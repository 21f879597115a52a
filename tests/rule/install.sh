# What "make install" puts where: nothing set-id, each program with its page, sendmail not in anybody's way.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
root=$tap_dir/root
if ! env -u MAKEFLAGS -u MFLAGS make -s -C "$top_builddir" install DESTDIR="$root" >"$tap_dir/log" 2>&1; then
	fail "make install" "$(tail -5 "$tap_dir/log")"
	finish
fi
pass "make install"

find_in() { find "$root" "$@" | sed "s|^$root||"; }
programs() { find_in -path '*/bin/*' -type f | sed 's,.*/,,' | LC_ALL=C sort | tr '\n' ' '; }
pages() { find_in -path '*/man/*' -type f | sed 's,.*/,,' | LC_ALL=C sort | tr '\n' ' '; }

is "the programs" "$(programs)" "tern tern-deliver tern-sendmail ternd "
is "their pages" "$(pages)" "tern-config.5 tern-deliver.1 tern-sendmail.1 tern.1 ternd.8 "
is "nothing is set-id" "$(find_in -perm /6000 -type f)" ""
is "nothing is written by others" "$(find_in -perm /022 ! -type l)" ""
link=$(find_in -name sendmail)
like "sendmail lies in a folder of Tern's own" "$link" '/libexec/tern/sendmail$'
is "and leads to tern-sendmail" "$(readlink "$root$link" | sed 's,.*/,,')" tern-sendmail
like "the translation is there" "$(find_in -name tern.mo)" '/ru/LC_MESSAGES/tern.mo$'
env -u MAKEFLAGS -u MFLAGS make -s -C "$top_builddir" uninstall DESTDIR="$root" >"$tap_dir/log" 2>&1
is "make uninstall leaves nothing" "$(find_in ! -type d)" ""
finish
