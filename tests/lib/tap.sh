# Small TAP helpers for tests in bash:
#
#	. "${top_srcdir:?}/tests/lib/tap.sh"
#	fresh_home
#	tern account add home --kind local --address me@localhost
#	ok "the letter is sent" tern send --now -t <"$DATA/letter"
#	is "one message came" "$(ls "$TERN_HOME"/Mail/home/INBOX/new | wc -l)" 1
#	finish
#
# Programs are those of the build. Everything lies in one temporary folder, which goes at the end together with
# every process that was started in it (TERN_TEST_KEEP=1 keeps the folder). A report of the sanitizers from any of
# these processes is a failure of its own.
set -u
: "${top_srcdir:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}" "${top_builddir:=$PWD}"
export top_srcdir top_builddir
export DATA=$top_srcdir/tests/data PATH=$top_builddir:$PATH LC_ALL=C.UTF-8 TZ=UTC
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR XDG_STATE_HOME EDITOR VISUAL MAIL TERN_DEBUG
# Real mail and the like, beside the source tree: a test that wants it skips without it.
shared=$top_srcdir/../shared

tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/tern-test-XXXXXX")
tap_count=0 tap_failed=0 tap_homes=0
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}log_path=$tap_dir/sanitizer
export UBSAN_OPTIONS=${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}log_path=$tap_dir/sanitizer

pass() {
	echo "ok $((++tap_count)) - $1"
}

# fail NAME [WORDS]
fail() {
	echo "not ok $((++tap_count)) - $1"
	tap_failed=1
	[ $# -lt 2 ] || note "$2"
}

note() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

# ok NAME COMMAND...: the command succeeds.
ok() {
	local name=$1 said status
	shift
	said=$("$@" 2>&1 </dev/null)
	status=$?
	if [ $status = 0 ]; then pass "$name"; else fail "$name" "exit status $status: $* : $said"; fi
}

# status_is NAME STATUS COMMAND...: the command ends with this exit status.
status_is() {
	local name=$1 wanted=$2 said status
	shift 2
	said=$("$@" 2>&1 </dev/null)
	status=$?
	if [ $status = "$wanted" ]; then pass "$name"; else fail "$name" "exit status $status, not $wanted: $* : $said"; fi
}

# is NAME GOT WANTED
is() {
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got \"$2\", wanted \"$3\""; fi
}

# like NAME GOT REGEX (extended)
like() {
	if grep -Eq -- "$3" <<<"$2"; then pass "$1"; else fail "$1" "\"$2\" is not like $3"; fi
}

# unlike NAME GOT REGEX
unlike() {
	if grep -Eq -- "$3" <<<"$2"; then fail "$1" "\"$2\" is like $3"; else pass "$1"; fi
}

# skip NAME REASON
skip() {
	echo "ok $((++tap_count)) - $1 # SKIP $2"
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# A TERN_HOME with nothing in it.
fresh_home() {
	export TERN_HOME=$tap_dir/home$((++tap_homes))
	export HOME=$TERN_HOME
	mkdir -m 700 "$TERN_HOME"
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
	local until=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $until ] || return 1
		sleep 0.05
	done
}

# The processes started in a TERN_HOME of this test, or in the one given.
processes_of() {
	grep -lszF "TERN_HOME=${1:-$tap_dir}" /proc/[0-9]*/environ | sed 's,/proc/\(.*\)/environ,\1,' |
		grep -vxF -e $$ -e "$BASHPID" || true
}

# The agent (and all else) of this TERN_HOME comes to its end in order; then it is dead.
stop_agents() {
	local pids
	pids=$(processes_of)
	[ -n "$pids" ] || return 0
	kill $pids 2>/dev/null
	wait_for 5 none_of || kill -KILL $(processes_of) 2>/dev/null
}

none_of() {
	[ -z "$(processes_of)" ]
}

# No callback of a poll loop took too long: see store/base/loop.h.
never_slow() {
	unlike "no callback was slow" "$(grep -h 'slow: ' "$TERN_HOME/state/log" 2>/dev/null)" 'slow: '
}

tap_end() {
	stop_agents
	if [ -n "${TERN_TEST_KEEP:-}" ]; then
		note "kept: $tap_dir"
	else
		chmod -R u+rwx "$tap_dir" && rm -rf "$tap_dir"
	fi
}
trap tap_end EXIT

# The last line of every test.
finish() {
	stop_agents
	if cat "$tap_dir"/sanitizer.* >"$tap_dir/said" 2>/dev/null; then
		fail "the sanitizers have nothing to say" "$(cat "$tap_dir/said")"
	else
		pass "the sanitizers have nothing to say"
	fi
	echo "1..$tap_count"
	exit $tap_failed
}
