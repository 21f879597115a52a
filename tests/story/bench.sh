# The table of measures can be made: every row has its figure. What they are is no matter of a test.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
table=$(cd "$top_builddir" && timeout 100 python3 "$top_srcdir/tests/bench/bench.py" --no-peers --times 1 --grow 2 \
	--dir "$tap_dir" 300 2>"$tap_dir/said")
wrong=
while read -r row; do
	printf '%s\n' "$table" | grep -qE "^ *$row.*  (yes|NO)$" || wrong="$wrong$row: not there
"
done <<'END'
start with an empty mailbox .* ms
first screen of a folder never seen .* ms
first index of headers \+ threads .* cpu
peak memory of the screen, 300 .* MB
body search with no index: rarex000001 .* cpu
body search with no index: commonterm .* 1[0-9][0-9] hits
full-text index, complete .* cpu
its files .* MB
query, a word in 45 % of all, first 50 hits, inside .* ms
as a command .* cpu
100 new \+ 100 flag changes noticed .* ms to the screen
start, 600 against 30 letters .* times
END
is "each measure is taken" "$wrong" ""
is "nothing of it stays" "$(ls "$tap_dir" | grep tern-bench)" ""
finish
