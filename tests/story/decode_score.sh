# What tern show --json says of the shared corpus, against the reference made of five parsers: not under the
# thresholds, and no miss but those that tests/decode/MISSES explains.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
decode=$shared/decode
[ -d "$shared/corpus" ] && [ -f "$decode/score.py" ] || skip_all "the reference is not here"
command -v python3 >/dev/null || skip_all "python3 is not here"
fresh_home
cd "$tap_dir"

find "$shared/corpus" -name '*.eml' | sort | xargs tern show --json >out
python3 "$decode/score.py" "$decode/ref_shared.jsonl" out --out missed >table

# at_least FIELD PERCENT
at_least() {
	local line
	line=$(grep "^$1 " table)
	ok "$line: at least $2 %" awk -v p="$2" '{ exit !(100 * $2 / ($2 + $3 + $4) >= p) }' <(echo "$line")
}
for field in subject from to cc date message_id in_reply_to references text; do
	at_least $field 99.9
done
at_least tree 99.8
whole=$(grep '^whole messages' table)
ok "$whole: at least 98.5 %" awk '{ exit !($8 / $10 >= 0.985) }' <(echo "${whole//;/ }")

sed -E 's/^\{"file": "([^"]*)", "field": "([^"]*)".*/\1 | \2/' missed | sort >got
grep -v '^#' "$top_srcdir/tests/decode/MISSES" | cut -d '|' -f 1-2 | sed 's/ *$//' | sort >known
is "no miss that is not explained" "$(comm -23 got known)" ""
is "no miss explained that is gone" "$(comm -13 got known)" ""
finish
