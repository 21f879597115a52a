#!/bin/bash
# How long until the first screen of a large Maildir, the second time it is opened, beside mutt in the same run:
#
#	tests/bench/open.sh [MESSAGES [TIMES]]		(in a build folder made with CFLAGS=-O2, no sanitizers)
#
# The time is from the start of the program to the first row on a terminal (script(1) gives it one); the middle of
# TIMES runs. Memory is the peak of the process that draws. Nothing here is a test.
set -u
messages=${1:-103000} times=${2:-7}
build=$PWD
home=$(mktemp -d "${TMPDIR:-/tmp}/tern-bench-XXXXXX")
export TERN_HOME=$home HOME=$home PATH=$build:$PATH LC_ALL=C.UTF-8 TERM=xterm-256color
trap 'rm -rf "$home"' EXIT

now() {
	echo $(($(date +%s%N) / 1000))
}

# first_row NAME COMMAND...: the middle of the times in milliseconds, and the peak of memory.
first_row() {
	local name=$1 i
	shift
	for i in $(seq "$times"); do
		once "$@"
	done | sort -n | awk -v name="$name" '{ t[NR] = $1; if ($2 > rss) rss = $2 }
		END { printf "%-28s %8.1f ms   %6.1f MB\n", name, t[int((NR + 1) / 2)] / 1000, rss / 1024 }'
}

# Starts it on a terminal, waits for the first row, prints microseconds and KB of peak memory, ends it.
once() {
	python3 - "$@" <<'END'
import fcntl, os, pty, re, select, signal, struct, sys, termios, time
start = time.monotonic()
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
while not re.search(rb"(Lena|Oleg|Ada|Ivan|Mei|Jo|Nora|Tom) [A-Z]", seen):
    if not select.select([fd], [], [], 120)[0]:
        sys.exit("no row within two minutes")
    seen += os.read(fd, 65536)
took = time.monotonic() - start
status = open("/proc/%d/status" % pid).read()
print(int(took * 1e6), re.search(r"VmHWM:\s*(\d+)", status).group(1))
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
END
}

mkdir -p "$home/Mail/home"
tests/bench/make-maildir -n "$messages" "$home/Mail/home/INBOX"
printf '[account home]\nkind = local\naddress = me@localhost\n' >"$home/config.tmp"
mkdir -p "$home/config" && mv "$home/config.tmp" "$home/config/config"
printf '%s messages\n' "$(find "$home/Mail/home/INBOX" -type f | wc -l)"
start=$(now)
tern index home 2>/dev/null
printf '%-28s %8.1f ms\n' "the first index, once" $((($(now) - start) / 1000))
first_row "tern" tern
tern index "$home/Mail/home/INBOX" 2>/dev/null
first_row "tern -f" tern -f "$home/Mail/home/INBOX"
if command -v mutt >/dev/null; then
	printf 'set header_cache="%s/cache"\nset sort=threads\n' "$home" >"$home/muttrc"
	once mutt -n -F "$home/muttrc" -f "$home/Mail/home/INBOX" >/dev/null
	times=3 first_row "mutt, with header cache" mutt -n -F "$home/muttrc" -f "$home/Mail/home/INBOX"
fi
if [ -e "$home/run/ternd.lock" ]; then
	pid=$(cat "$home/run/ternd.lock")
	printf '%-28s %8s      %6.1f MB\n' "ternd, at its peak" "" \
		"$(awk '/VmHWM/ { print $2 / 1024 }' "/proc/$pid/status")"
	kill "$pid"
	sleep 1
fi
