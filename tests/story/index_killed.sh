# An index that is killed while it is made, at any moment: the next start heals it; nothing is missing, nothing twice,
# threads and counts are those of one that nobody disturbed.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
fresh_home
box=$tap_dir/box
"$top_builddir/tests/bench/make-maildir" -n 4000 -b 200 "$box"
files=$(find "$box" -type f | wc -l)

# all_of: what a list is drawn from, in one text.
all_of() {
	tern search --json --account "$box" '~A' | python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
first = {}
for row in sorted(rows, key=lambda row: row["path"]):
    first.setdefault(row["thread"], row["path"])
for row in rows:
    print(row["date"], row["path"], first[row["thread"]], ",".join(row["flags"]))' | LC_ALL=C sort
	for query in is:unread subject:tern harbour; do
		tern search --count --account "$box" "$query"
	done
}

# kill_after SECONDS COMMAND...: it, and all that it started. While one of its readers is still dying the index is locked,
# and a search answers with what is known.
kill_after() {
	local pid
	setsid "${@:2}" >/dev/null 2>&1 &
	pid=$!
	sleep "$1"
	kill -9 -- "-$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	wait_for 10 is_gone "$pid"
}
is_gone() { # GROUP
	! kill -0 -- "-$1" 2>/dev/null
}

all_of >"$tap_dir/whole"
is "all letters are there when nobody disturbs" "$(grep -c "$box" "$tap_dir/whole")" "$files"
whole_ms=$(TIMEFORMAT=%R; rm -rf "$TERN_HOME/cache"; { time tern search --count --account "$box" id:none >/dev/null; } 2>&1 |
	awk '{ print int($1 * 1000) }')
wrong=
moments=${TERN_TEST_ALL:+40}
moments=${moments:-8}
for i in $(seq "$moments"); do
	rm -rf "$TERN_HOME/cache"
	kill_after "$(awk -v ms="$whole_ms" -v i="$i" -v n="$moments" 'BEGIN { print ms * i / n / 1000 }')" \
		tern search --count --account "$box" id:none
	all_of >"$tap_dir/healed"
	cmp -s "$tap_dir/whole" "$tap_dir/healed" || wrong="$wrong$i: $(diff "$tap_dir/whole" "$tap_dir/healed" | head -3)
"
done
is "killed once, while rows, threads or indexes are written" "$wrong" ""

rm -rf "$TERN_HOME/cache"
for i in $(seq 6); do
	kill_after "$(awk -v ms="$whole_ms" -v i="$i" 'BEGIN { print ms * (1 + i % 3) / 6 / 1000 }')" tern index "$box"
done
all_of >"$tap_dir/healed"
is "killed again and again" "$(diff "$tap_dir/whole" "$tap_dir/healed" | head -5)" ""
ok "then it becomes whole" tern index "$box"
all_of >"$tap_dir/healed"
is "and answers the same by its words" "$(diff "$tap_dir/whole" "$tap_dir/healed" | head -5)" ""
rm -rf "$TERN_HOME/cache"
kill_after 0.3 tern index "$box"
dd if=/dev/urandom of="$(find "$TERN_HOME/cache" -name '*.db' | head -1)" bs=4096 seek=3 count=20 conv=notrunc 2>/dev/null
tern index "$box" 2>/dev/null
all_of >"$tap_dir/healed"
is "killed, then damaged" "$(diff "$tap_dir/whole" "$tap_dir/healed" | head -5)" ""
finish
