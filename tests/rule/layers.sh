# Who may include whom (the house, README "How it is made"): ui -> compose -> store <- net, and inside store
# base < notice < mime < box < search < mail < rule < crypto, inside net and ui as rank() has it. The same is looked for
# in the symbols of the libraries.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
cd "$top_srcdir"

# may_use FOLDER OTHER
may_use() {
	case $1:$2 in
	ui:ui | ui:compose | ui:store | compose:compose | compose:store | net:net | net:store | store:store) ;;
	*) return 1 ;;
	esac
}

rank() {
	case $1 in
	store/base) echo 1 ;; store/notice) echo 2 ;; store/mime) echo 3 ;; store/box) echo 4 ;;
	store/search) echo 5 ;; store/mail) echo 6 ;; store/rule) echo 7 ;; store/crypto) echo 8 ;;
	net/io) echo 1 ;; net/protocol | net/web) echo 2 ;; net/deliver) echo 3 ;; net/sync | net/transfer) echo 4 ;;
	net/setup) echo 5 ;;
	ui/picture) echo 1 ;; ui/screen | ui/input) echo 2 ;; ui/render) echo 3 ;; ui/view | ui/command) echo 4 ;;
	ui/shell) echo 5 ;;
	*) echo 9 ;;
	esac
}

sources() {
	find "$@" -name '*.[ch]' 2>/dev/null | LC_ALL=C sort
}

# Lines "FILE INCLUDED" for all quoted includes.
included() {
	sources "$@" | xargs grep -H '^#include "' | sed 's/:#include "\(.*\)".*/ \1/'
}

wrong_layers() {
	included ui compose store net | while read -r file header; do
		[ "$header" = config.h ] || may_use "${file%%/*}" "${header%%/*}" || echo "$file includes $header"
	done
}

# What stands in no folder (the programs, the supervisor) is met by all.
wrong_inside() { # store, net or ui
	included "$1" | grep "^$1/.*/.* $1/.*/" | while read -r file header; do
		[ "$(rank "${file%/*}")" -ge "$(rank "${header%/*}")" ] || echo "$file includes $header"
	done
}

# config.h first, then the file's own header where there is one.
wrong_order() {
	sources ui compose store net | grep '\.c$' | while read -r file; do
		local own=${file%.c}.h order
		order=$(sed -n 's/^#include "\(.*\)".*/\1/p' "$file" | head -2 | tr '\n' ' ')
		case $order in
		"config.h $own "*) ;;
		"config.h "*) [ ! -e "$own" ] || echo "$file: its own header is not the second" ;;
		*) echo "$file: config.h is not the first" ;;
		esac
	done
}

symbols() { # KIND LIBRARY...: d(efined) or u(ndefined)
	local kind=$1
	shift
	for library; do
		nm -g "--$kind-only" "$top_builddir/lib$library.a" 2>/dev/null
	done | awk 'NF >= 2 { print $NF }' | LC_ALL=C sort -u
}

# crossing LIBRARY OTHER...: what LIBRARY takes from the others.
crossing() {
	local library=$1
	shift
	comm -12 <(symbols undefined "$library") <(symbols defined "$@") |
		comm -23 - <(symbols defined "$library" store)
}

is "no folder includes one that it must not" "$(wrong_layers)" ""
for top in store net ui; do
	is "inside $top, lower folders do not include higher ones" "$(wrong_inside $top)" ""
done
is "config.h comes first, then a file's own header" "$(wrong_order)" ""
if command -v nm >/dev/null && [ -e "$top_builddir/libnet.a" ]; then
	is "ui takes no symbol of net" "$(crossing ui net)" ""
	is "compose takes no symbol of net or ui" "$(crossing compose net ui)" ""
	is "net takes no symbol of ui or compose" "$(crossing net ui compose)" ""
	is "store takes no symbol of ui, compose or net" "$(crossing store ui compose net)" ""
	like "the symbols were read" "$(symbols defined store)" '^buf_add$'
else
	skip "symbols" "there is no nm"
fi
finish
