# Every row of PROMISES on talking to servers, parsing, display and signatures has a test (tests/promises/ROWS), and that test exists.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
rows=$top_srcdir/tests/promises/ROWS
wanted="P1 P2 P3 P4 P5 P6 P7 $(seq -s ' ' 44) 48 54"
known=$wanted

lines() {
	grep -v '^#' "$rows"
}

lost() {
	lines | while IFS=$'\t' read -r row file words; do
		grep -qF -e "${words:-nothing at all}" "$top_srcdir/tests/$file" 2>/dev/null || echo "$row: $file: $words"
	done
}

# A unit test counts only when it is run.
never_run() {
	lines | while IFS=$'\t' read -r row file words; do
		case $file in
		unit/*) [ "$(grep -cwF "$words" "$top_srcdir/tests/$file")" -ge 2 ] || echo "$row: $file: $words" ;;
		esac
	done
}

without() {
	for row in $wanted; do
		lines | cut -f1 | grep -qx "$row" || echo "$row"
	done
}

is "every test that is named exists" "$(lost)" ""
is "every unit test that is named is run" "$(never_run)" ""
is "no row is without a test" "$(without)" ""
is "no row is unknown" "$(lines | cut -f1 | sort -u | grep -vxF "$(tr ' ' '\n' <<<"$known")")" ""
finish
