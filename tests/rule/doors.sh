# Each foreign library has one door: the only file that includes its headers (two for two purposes). A header that is
# neither the C library's nor in this table is a new library: give it a door.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
cd "$top_srcdir"

doors='
chafa.h         ui/picture/paint.c
curl/*          net/web/tern_web.c
curses.h        ui/screen/terminfo.c
gif_lib.h       ui/picture/image_gif.c
expat.h         net/setup/autoconfig.c
fribidi.h       ui/screen/bidi.c
gnutls/*        net/io/tls.c
gpgme.h         store/crypto/gpg.c
gsasl.h         net/io/sasl.c
iconv.h         store/base/charset.c
idn2.h          store/base/domain.c
jansson.h       store/base/jv.c
jpeglib.h       ui/picture/image_jpeg.c
libstemmer.h    store/search/stem.c
nettle/*        store/base/digest.c
png.h           ui/picture/image_png.c
resolv.h        net/io/dns.c
seccomp.h       store/base/sandbox.c
sqlite3.h       store/mail/db.c
term.h          ui/screen/terminfo.c
uchardet.h      store/base/charset.c
unictype.h      store/base/domain.c
uninorm.h       store/base/domain.c
utf8proc.h      store/base/utf8.c
webp/*          ui/picture/image_webp.c
zlib.h          net/io/deflate.c
'
c_library=' assert.h ctype.h dirent.h endian.h errno.h fcntl.h fnmatch.h getopt.h grp.h inttypes.h langinfo.h
libintl.h limits.h locale.h math.h netdb.h paths.h poll.h pty.h pwd.h sched.h signal.h spawn.h stdarg.h stdatomic.h
stdbool.h stddef.h stdint.h stdio.h stdlib.h stdnoreturn.h string.h strings.h syslog.h sysexits.h termios.h time.h
unistd.h utime.h wchar.h wctype.h '

# is_open FILE HEADER
is_open() {
	local header files
	case $2 in sys/* | linux/* | netinet/* | arpa/*) return 0 ;; esac
	[[ ${c_library//$'\n'/ } == *" $2 "* ]] && return 0
	while read -r header files; do
		[[ -n $header && $2 == $header && " $files " == *" $1 "* ]] && return 0
	done <<<"$doors"
	return 1
}

closed() {
	find ui compose store net -name '*.[ch]' 2>/dev/null | LC_ALL=C sort | xargs grep -H '^#include <' |
		sed 's/:#include <\(.*\)>.*/ \1/' | while read -r file header; do
		is_open "$file" "$header" || echo "$file includes $header"
	done
}

is "foreign headers are included at their doors only" "$(closed)" ""
is "a closed door is closed" "$(is_open ui/tern.c sqlite3.h && echo open)" ""
is "an open door is open" "$(is_open store/mail/db.c sqlite3.h && echo open)" open
finish
