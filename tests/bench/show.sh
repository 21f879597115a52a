#!/bin/bash
# How many letters a second `tern show --json` decodes, beside GMime, mblaze and Python's email in the same run:
#
#	tests/bench/show.sh [MESSAGES [TIMES]]		(in a build folder made with CFLAGS=-O2, no sanitizers)
#
# The letters are made by make-mail. Wall time, the middle of TIMES runs, the programs in turn, and the processor time of
# that run; memory is the peak of the largest process. Of all programs only ours works with as many processes as there
# are processors; "one process" is without that. GMime and Python do the same work as we (header fields, every part decoded, sized and digested, the
# text in UTF-8, JSON); mshow prints the text alone. Python gets a twentieth of the letters. Nothing here is a test.
set -u
messages=${1:-100000} times=${2:-3}
build=$PWD
source=$(cd "$(dirname "$0")" && pwd)
home=$(mktemp -d "${TMPDIR:-/tmp}/tern-bench-XXXXXX")
export HOME=$home TERN_HOME=$home LC_ALL=C.UTF-8 MBLAZE=$home
trap 'rm -rf "$home"' EXIT

if [ ! -x /usr/bin/time ]; then
	echo "GNU time (package time) measures the memory; it is not here."
	exit 1
fi

# once LETTERS COMMAND...: letters a second, KB of peak memory and ns of processor time a letter.
once() {
	local letters=$1 start took
	shift
	head -n "$letters" "$home/list" >"$home/part"
	start=$(date +%s%N)
	/usr/bin/time -o "$home/peak" -f "%M %U %S" "$@" <"$home/part" >/dev/null 2>&1
	took=$(($(date +%s%N) - start))
	awk -v letters="$letters" -v took="$took" 'END { print int(letters * 1e9 / took), $1, ($2 + $3) / letters * 1e9 }' "$home/peak"
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
runner "same, one process" "$messages" "xargs $build/tern show --json --jobs=1"
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
	sort -k2n "$home/figures" | awk -v n="$n" -v name="${names[$n]}" '
		$1 == n { rate[++runs] = $2; work[runs] = $4; if ($3 > rss) rss = $3 }
		END { i = int((runs + 1) / 2); printf "%s\t%d\t%d\t%d\n", name, rate[i], rss, work[i] }'
done | awk -F '\t' '{ if (NR == 1) { ours = $2; work = $4 }
	printf "%-20s %7d letters/s %6.1f us of processor %6.1f MB  %s\n", $1, $2, $4 / 1000, $3 / 1024,
		NR == 1 ? "" : sprintf("ours: %.1f times as fast, %.1f by processor", ours / $2, $4 / work) }'

# One letter with an attachment of 50 MB, in each encoding: time, processor and peak memory of what is done with it.
python3 - "$home" <<'END_PYTHON'
import base64, binascii, os, sys
home, was = sys.argv[1], os.urandom(50 << 20)
head = b"Subject: big\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n"
head += b"Content-Type: application/x-thing; name=big\nContent-Transfer-Encoding: "
uu = b"".join(binascii.b2a_uu(was[i:i + 45]) for i in range(0, len(was), 45))
qp = b"=\n".join(b"".join(b"=%02X" % c for c in was[i:i + 24]) for i in range(0, len(was) // 3, 24))
for name, coding, body in (("base64", b"base64", base64.encodebytes(was)), ("quoted-printable", b"quoted-printable", qp),
        ("uuencode", b"x-uuencode", b"begin 644 big\n" + uu + b"`\nend\n")):
    with open(home + "/big." + name, "wb") as file:
        file.write(head + coding + b"\n\n" + body + b"\n--b--\n")
END_PYTHON
mkdir "$home/saved"
for coding in base64 quoted-printable uuencode; do
	for how in "--save $home/saved" "--part 1.2" "--json"; do
		# shellcheck disable=SC2086
		/usr/bin/time -o "$home/peak" -f "%e s, processor %U s, %M KB" "$build/tern" show $how "$home/big.$coding" >/dev/null
		printf '50 MB, %-17s %-7s %s\n' "$coding" "${how%% *}" "$(tail -1 "$home/peak")"
	done
done
