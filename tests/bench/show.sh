#!/bin/bash
# How many letters a second `tern show --json` decodes, beside GMime, mblaze and Python's email in the same run:
#
#	tests/bench/show.sh [MESSAGES [TIMES]]		(in a build folder made with CFLAGS=-O2, no sanitizers)
#
# The letters are made by make-mail. Wall time, the middle of TIMES runs, the programs in turn; memory is the peak of the
# largest process. GMime and Python do the same work as we (header fields, every part decoded, sized and digested, the
# text in UTF-8, JSON); mshow prints the text alone. Python gets a twentieth of the letters. Nothing here is a test.
set -u
messages=${1:-100000} times=${2:-3}
build=$PWD
source=$(cd "$(dirname "$0")" && pwd)
home=$(mktemp -d "${TMPDIR:-/tmp}/tern-bench-XXXXXX")
export HOME=$home TERN_HOME=$home LC_ALL=C.UTF-8 MBLAZE=$home
trap 'rm -rf "$home"' EXIT

# once LETTERS COMMAND...: letters a second and KB of peak memory.
once() {
	python3 - "$@" <<'END_PYTHON'
import os, resource, subprocess, sys, time
home, letters = os.environ["HOME"], int(sys.argv[1])
with open(home + "/list") as all_files, open(home + "/part", "w") as part:
    for _ in range(letters):
        part.write(all_files.readline())
start = time.monotonic()
with open(home + "/part") as names, open("/dev/null", "w") as nowhere:
    subprocess.run(sys.argv[2:], stdin=names, stdout=nowhere, stderr=nowhere)
took = time.monotonic() - start
print(int(letters / took), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END_PYTHON
}

names=() letters=() commands=()

# runner NAME LETTERS COMMAND
runner() {
	names+=("$1") letters+=("$2") commands+=("$3")
}

"$build/tests/bench/make-mail" -n "$messages" "$home/mail" || exit 1
find "$home/mail" -name '*.eml' | LC_ALL=C sort >"$home/list"
printf '%s letters, %s bytes, %s processors\n' "$messages" "$(du -sb "$home/mail" | cut -f1)" "$(nproc)"
runner "tern show --json" "$messages" "xargs $build/tern show --json"
if pkg-config --exists gmime-3.0; then
	# shellcheck disable=SC2046
	${CC:-cc} -O2 "$source/peer_gmime.c" -o "$home/peer-gmime" $(pkg-config --cflags --libs gmime-3.0) || exit 1
	runner "GMime" "$messages" "$home/peer-gmime"
	runner "GMime, with digests" "$messages" "$home/peer-gmime -d"
else
	echo "GMime is left out: its package (libgmime-3.0-dev) is not here."
fi
if command -v mshow >/dev/null; then
	runner "mblaze: mshow" "$messages" "xargs mshow"
else
	echo "mblaze is left out: it is not installed."
fi
runner "Python's email" $((messages / 20)) "python3 $source/peer_email.py"

for ((i = 0; i < times; i++)); do
	for n in "${!names[@]}"; do
		echo "$n $(once "${letters[$n]}" ${commands[$n]})"
	done
done >"$home/figures"
for n in "${!names[@]}"; do
	sort -k2n "$home/figures" | awk -v n="$n" -v name="${names[$n]}" '$1 == n { rate[++runs] = $2; if ($3 > rss) rss = $3 }
		END { printf "%s\t%d\t%d\n", name, rate[int((runs + 1) / 2)], rss }'
done | awk -F '\t' '{ if (NR == 1) ours = $2
	printf "%-24s %8d letters/s %7.1f MB   %s\n", $1, $2, $3 / 1024,
		NR == 1 ? "" : sprintf("ours is %.1f times as fast", ours / $2) }'
