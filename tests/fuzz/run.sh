#!/bin/bash
# run.sh [TARGET...]: libFuzzer (clang) at these targets, or at all, each until it has had FUZZ_SECONDS of processor
# time (600) or has found something. Builds in FUZZ_DIR (./build-fuzz), with the sanitizers; what was learnt stays
# there in corpus/TARGET, findings in found/TARGET-*. A line for each target at the end; status 1 with a finding.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=${FUZZ_DIR:-build-fuzz} seconds=${FUZZ_SECONDS:-600}
sanitize=address,undefined

build() {
	mkdir -p "$dir" && cd "$dir" || return 1
	[ -f config.status ] || "$top/configure" -q CC="${FUZZ_CC:-clang}" \
		CFLAGS="-O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,$sanitize -fno-sanitize-recover=undefined" || return 1
	make -s -j "$(nproc)" libstore.a libcompose.a libui.a libnet.a
}

link() { # TARGET
	make -s "tests/fuzz/$1_fuzz.o" &&
		make -s fuzz-link FUZZ_TARGET="$1" FUZZ_FLAGS="-fsanitize=fuzzer,$sanitize"
}

# The soft limit of processor time ends it with SIGXCPU (152): nothing was found.
run() { # TARGET
	local status
	mkdir -p "corpus/$1" found
	(
		ulimit -S -t "$seconds"
		ASAN_OPTIONS=detect_leaks=1 exec "tests/fuzz/$1_fuzzer" -timeout=20 -rss_limit_mb=2048 -max_len=65536 \
			-artifact_prefix="found/$1-" -print_final_stats=1 "corpus/$1" "$top/tests/fuzz/seeds/$1"
	) >"$1.log" 2>&1
	status=$?
	printf '%-10s %s after %s runs\n' "$1" \
		"$([ $status = 152 ] && echo 'nothing found' || echo "FOUND something (status $status, $1.log)")" \
		"$(grep -aoE '^#[0-9]+' "$1.log" | tail -1 | tr -d '#')"
	[ $status = 152 ]
}

[ $# -gt 0 ] || set -- $(cd "$top/tests/fuzz" && ls *_fuzz.c | sed 's/_fuzz\.c$//')
build || exit 2
failed=0
for target; do
	link "$target" && run "$target" || failed=1
done
exit $failed
