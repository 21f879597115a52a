#!/bin/bash
# How long the search index takes, how large it is, and how quickly it answers, beside others in the same run:
#
#	tests/bench/search.sh [LETTERS [TIMES]]		(in a build folder made with CFLAGS=-O2, no sanitizers)
#
# The letters are mailgen's (100,000: 2.5 GB with attachments). Beside it: notmuch where it is there, and
# SQLite's FTS5 (python3's, contentless, detail=full, unicode61) given texts that are decoded already, inserts alone.
# Nothing here is a test.
#
# Since words are looked up by the dozen (collector.c) ours takes 12 s of processor, and looking through all letters
# without it 3.3 s, where it took 5.5 s. Measured when this index was chosen, 100,000 letters of mailgen (2.5 GB), on two cores shared with much other work,
# so in seconds of processor, halved where two processes share it: ours 27 s for everything (reading, decoding, words,
# files), 122 MB, 75 MB of memory in all processes together; FTS5's inserts alone 16 s (6,400 decoded texts of 2.6 KB a
# second; 5,200 of 3 KB elsewhere), some 200 MB, without reading, decoding, HTML beside plain text and words of Chinese,
# and in one process only, for SQLite has one writer. Answers (rare word, one in 45 % of all letters, prefix, row of
# words) took 0.1 to 0.4 ms inside and 10 ms of processor as a command. A file that is written once also needs no
# journal, can be filled by a child that has no database, and heals by being deleted.
set -u
letters=${1:-100000} times=${2:-7}
build=$PWD
home=$(mktemp -d "${TMPDIR:-/tmp}/tern-bench-XXXXXX")
export TERN_HOME=$home HOME=$home PATH=$build:$PATH LC_ALL=C.UTF-8
trap 'rm -rf "$home"' EXIT
box=$home/Mail/home/INBOX

# measure NAME COMMAND...: the middle of TIMES runs, and the peak of memory.
measure() {
	local name=$1 i
	shift
	for i in $(seq "$times"); do
		python3 - "$@" <<'END'
import os, resource, subprocess, sys, time
start = time.monotonic()
said = subprocess.run(sys.argv[1:], capture_output=True)
took = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("%.3f %.3f %d %s" % (took * 1000, (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss,
      said.stdout.split(b"\n")[0][:20].decode("utf-8", "replace")))
END
	done | sort -n | awk -v name="$name" '{ t[NR] = $1; cpu[NR] = $2; said = $4; if ($3 > rss) rss = $3 }
		END { m = int((NR + 1) / 2)
		printf "%-44s %9.1f ms %9.1f ms cpu %7.1f MB  %s\n", name, t[m], cpu[m], rss / 1024, said }'
}

# once NAME COMMAND...
once() {
	times=1 measure "$@"
}

mkdir -p "$home/Mail/home" "$home/config"
tests/bench/mailgen -n "$letters" "$box"
printf '[account home]\nkind = local\naddress = me@localhost\n' >"$home/config/config"
cat "$box"/cur/* >/dev/null
printf '%s letters, %s\n' "$letters" "$(du -sh --apparent-size "$box" | cut -f1)"
once "tern: rows and threads" tern search --count id:none
for query in rarex000001 commonterm редкость 'commonterm halfcommon'; do
	once "tern, no index: $query" tern search --count "$query"
done
once "tern index (words)" tern index home
printf '%-44s %9s\n' "its files" "$(du -sh "$home/cache/search" | cut -f1)"
for query in rarex000001 commonterm uniq000007 'uniq0000*' редкость 検索語 htmlonlyword attachedword \
	'"uniq000007 commonterm" or rarex000002' 'from:lena commonterm'; do
	measure "tern --count $query" tern search --count "$query"
done
measure "tern, first 50: commonterm" tern search --limit 50 commonterm
measure "tern, first 50: rarex000001" tern search --limit 50 rarex000001
if command -v notmuch >/dev/null; then
	printf '[database]\npath=%s\n[new]\ntags=\n' "$home/Mail" >"$home/.notmuch-config"
	once "notmuch new" notmuch new
	for query in rarex000001 commonterm; do
		measure "notmuch count $query" notmuch count "$query"
		measure "notmuch, first 50: $query" notmuch search --limit=50 "$query"
	done
fi
tern show --json "$(find "$box/cur" -type f | head -1)" >/dev/null
find "$box/cur" -type f | head -10000 | tr '\n' '\0' | tern show --json --files-from - --null >"$home/texts" 2>/dev/null
python3 - "$home/texts" "$home/fts.db" <<'END'
import json, os, sqlite3, sys, time
texts = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8", errors="replace")]
rows = [(i + 1, t.get("subject") or "", t.get("text") or "") for i, t in enumerate(texts)]
db = sqlite3.connect(sys.argv[2])
db.execute("PRAGMA journal_mode=WAL")
db.execute("PRAGMA page_size=8192")
db.execute("CREATE VIRTUAL TABLE t USING fts5(subject, body, content='', tokenize='unicode61 remove_diacritics 2')")
db.execute("INSERT INTO t(t, rank) VALUES('automerge', 0)")
start = time.process_time()
for i in range(0, len(rows), 1000):
    db.executemany("INSERT INTO t(rowid, subject, body) VALUES(?, ?, ?)", rows[i:i + 1000])
    db.commit()
took = time.process_time() - start
size = sum(len(r[2].encode()) for r in rows)
print("FTS5, inserts of %d decoded texts (%.1f MB): %.2f s cpu, %.0f letters a second, %.1f MB" % (
      len(rows), size / 1e6, took, len(rows) / took, os.path.getsize(sys.argv[2]) / 1e6))
END
