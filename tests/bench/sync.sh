#!/bin/bash
# Tern beside the programs people use now, in one run: the same Dovecot with TLS, the same processor.
#
#	tests/bench/sync.sh [WHOLE [HEADERS [TIMES]]]		(10000 100000 3)
#
# in a build folder made with CFLAGS=-O2 and no sanitizers; as root. It installs what it needs (isync mutt mpop fdm
# msmtp). First sync of WHOLE letters, durable, beside mbsync; nothing changed; 100 new letters and 100 flags; headers of
# HEADERS letters beside mutt, with the first screen and the worker's memory; POP3 of WHOLE letters beside mpop and fdm;
# and, by submit.sh, letters sent beside curl and msmtp. Each is the least of TIMES, Tern and the other by turns, the
# server's own caches warm for both; "the server alone" is what it needs for a client that reads over all that it is
# given. Nothing here is a test.
set -u
top_builddir=$PWD top_srcdir=$(cd "$(dirname "$0")/../.." && pwd)
whole=${1:-10000} headers=${2:-100000} times=${3:-3}
export DEBIAN_FRONTEND=noninteractive
for program in mbsync:isync mutt:mutt mpop:mpop fdm:fdm msmtp:msmtp curl:curl; do
	command -v "${program%:*}" >/dev/null || apt-get install -y -q "${program#*:}" >/dev/null 2>&1 ||
		echo "${program%:*} is not here and cannot be installed" >&2
done
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
start_dovecot || exit 1
trap 'stop_dovecot; tap_end' EXIT
trap 'exit 130' INT TERM
fresh_home
peers=$tap_dir/peers
mkdir -p "$peers"
make -s -C "$top_builddir" tests/bench/make-maildir >&2

now() {
	echo $(($(date +%s%N) / 1000))
}
ms() {
	awk -v us="$1" 'BEGIN { printf "%.1f", us / 1000 }'
}
# say NAME TERN_US PEER PEER_US
say() {
	awk -v name="$1" -v t="$2" -v peer="${3:-}" -v p="${4:-0}" 'BEGIN {
		printf "%-42s tern %9.1f ms", name, t / 1000
		if (p > 0) printf "   %-6s %9.1f ms   1/%.2f", peer, p / 1000, p / t
		print "" }'
}
# least COMMAND...: the command prints microseconds; the least of $times
least() {
	local i
	for i in $(seq "$times"); do "$@"; done | sort -n | head -n 1
}
# by_turns COMMAND COMMAND: the least of $times of each, "A B"
by_turns() {
	local i
	for i in $(seq "$times"); do echo "$("$1") $("$2")"; done |
		awk 'NR == 1 || $1 < a { a = $1 } NR == 1 || $2 < b { b = $2 } END { print a, b }'
}
# timed COMMAND...
timed() {
	local begin
	begin=$(now)
	timeout 120 "$@" >"$tap_dir/said" 2>&1 </dev/null ||
		{ cat "$tap_dir/said" "$TERN_HOME/state/log" | tail -n 20; } >&2
	echo $(($(now) - begin))
}
# Some disks (ext4 without a journal) do not use the numbers of files again that were removed in the last minutes, and
# look at each of them for each new file: what is of no use any more goes in the end.
aside() {
	[ ! -e "$1" ] || { mkdir -p "$tap_dir/aside" && mv "$1" "$tap_dir/aside/$(date +%s%N)"; }
}
# server_alone WHO PORT KIND: seconds until all was given, by as little as there can be
server_alone() {
	python3 - "$1" "$2" "$3" "$ca/ca.pem" <<-'P'
		import socket, ssl, sys, time
		who, port, kind, ca = sys.argv[1:]
		wire = ssl.create_default_context(cafile=ca).wrap_socket(
		    socket.create_connection(("localhost", int(port))), server_hostname="localhost")
		def until(end):
		    tail = b""
		    while not tail.endswith(b"\r\n") or not end in tail:
		        data = wire.recv(65536)
		        if not data: sys.exit("the server has gone")
		        tail = (tail + data)[-300:]
		def imap():
		    items = {"headers": "BODY.PEEK[HEADER.FIELDS (Date From Sender Reply-To To Cc Subject Message-ID In-Reply-To"
		             " References Content-Type Content-Transfer-Encoding List-Id X-Priority Importance)]",
		             "whole": "BODY.PEEK[]"}[kind]
		    wire.sendall(b"a LOGIN %s %s-pw\r\nb SELECT INBOX\r\n" % (who.encode(), who.encode()))
		    until(b"b OK")
		    begin = time.monotonic()
		    wire.sendall(b"c UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ %s)\r\n" % items.encode())
		    until(b"c OK")
		    print("\tthe server alone: %.1f ms" % (1000 * (time.monotonic() - begin)))
		def pop3():
		    begin, lines = time.monotonic(), wire.makefile("rb")
		    def say(text): wire.sendall(text.encode())
		    say("USER %s\r\nPASS %s-pw\r\nSTAT\r\n" % (who, who))
		    count = int([lines.readline() for i in range(4)][3].split()[1])
		    for first in range(1, count + 1, 50):
		        last = min(count, first + 49)
		        say("".join("RETR %d\r\n" % i for i in range(first, last + 1)))
		        for i in range(first, last + 1):
		            while lines.readline() != b".\r\n": pass
		    got = time.monotonic()
		    for first in range(1, count + 1, 500):
		        last = min(count, first + 499)
		        say("".join("DELE %d\r\n" % i for i in range(first, last + 1)))
		        for i in range(first, last + 1): lines.readline()
		    say("QUIT\r\n"); lines.readline()
		    print("\tthe server alone: %.1f ms, and %.1f ms to remove them" %
		          (1000 * (got - begin), 1000 * (time.monotonic() - got)))
		pop3() if kind == "pop3" else imap()
	P
}
own() {
	chown -R mail:mail "$dovecot/home" "$dovecot"/home/*/
}
# mail_of WHO COUNT: so many letters in the inbox of that person, which Dovecot has looked at
mail_of() {
	rm -rf "$dovecot/home/$1/Maildir"
	"$top_builddir/tests/bench/make-maildir" -n "$2" "$dovecot/home/$1/Maildir" >/dev/null
	own
	made=$(letters_in "$dovecot/home/$1/Maildir")
	doveadm -c "$dovecot/dovecot.conf" mailbox status -u "$1" messages INBOX >/dev/null
}
letters_in() {
	find "$1/cur" "$1/new" -type f -name '[0-9]*' | wc -l
}
account_of() { # WHO KIND PORT MORE
	aside "$TERN_HOME"
	mkdir -p "$TERN_HOME/config"
	printf '[account work]\nkind = %s\naddress = %s@%s\nuser = %s\npassword-file = %s\nserver = localhost:%s\nca = %s\n%b' \
		"$2" "$1" "$server_domain" "$1" "$(password_file "$1")" "$3" "$ca/ca.pem" "${4:-}" >"$TERN_HOME/config/config"
}
# What is still to be written is not the next one's.
end_agent() {
	local pid
	pid=$(cat "$TERN_HOME/run/ternd.lock" 2>/dev/null)
	if [ -n "$pid" ] && kill "$pid" 2>/dev/null; then
		wait_for 10 agent_is_gone "$pid"
	fi
	sync
}
agent_is_gone() {
	! kill -0 "$1" 2>/dev/null
}
worker() {
	pgrep -P "$(cat "$TERN_HOME/run/ternd.lock")" -f 'worker sync work' | head -n 1
}
peak_kb() {
	awk '/VmHWM/ { print $2 }' "/proc/$(worker)/status"
}
cpu_ms() {
	awk '{ print ($14 + $15) * 10 }' "/proc/$(worker)/stat"
}
count_is() {
	[ "$1" = "$2" ] || echo "	BAD: $3 has $1 letters, not $2"
}

# --- IMAP, whole ---
mbsyncrc() { # WHO
	cat >"$peers/mbsyncrc" <<-C
		IMAPAccount a
		Host localhost
		Port $imaps_port
		User $1
		PassCmd "cat $(password_file "$1")"
		SSLType IMAPS
		CertificateFile $ca/ca.pem
		AuthMechs PLAIN

		IMAPStore there
		Account a

		MaildirStore here
		Path $peers/mail/
		Inbox $peers/mail/INBOX
		SubFolders Verbatim

		Channel c
		Far :there:
		Near :here:
		Patterns *
		Create Near
		SyncState *
	C
}
mbsync_first() {
	aside "$peers/mail"
	rm -rf "$HOME/.mbsync"
	mkdir -p "$peers/mail"
	sync
	timed mbsync -c "$peers/mbsyncrc" -a
}
tern_first() {
	end_agent
	account_of alice imap "$imaps_port"
	timed tern sync work
}
again_mbsync() {
	timed mbsync -c "$peers/mbsyncrc" -a
}
again_tern() {
	timed tern sync work
}
changes() { # ROUND
	python3 - "$imap_port" "$1" <<-'P'
		import imaplib, sys, time
		c = imaplib.IMAP4("127.0.0.1", int(sys.argv[1])); c.login("alice", "alice-pw")
		for i in range(100):
		    c.append("INBOX", None, None, b"From: a@b.org\r\nSubject: new %d\r\nMessage-ID: <new%s.%d@x>\r\n\r\nHello\r\n" % (i, sys.argv[2].encode(), i))
		c.select("INBOX")
		first = 1 + 100 * int(sys.argv[2])
		c.uid("STORE", "%d:%d" % (first, first + 99), "-FLAGS" if int(sys.argv[2]) % 2 else "+FLAGS", "(\\Flagged)")
		c.logout()
	P
}
next_round() {
	echo $(($(cat "$tap_dir/round") + 1)) >"$tap_dir/round"
	cat "$tap_dir/round"
}
changed_mbsync() {
	changes "$(next_round)"
	timed mbsync -c "$peers/mbsyncrc" -a
}
changed_tern() {
	end_agent
	changes "$(next_round)"
	timed tern sync work
}

echo "$(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
mail_of alice "$whole"
mbsyncrc alice
tern_first >/dev/null # the server's caches
read -r t m < <(by_turns tern_first mbsync_first)
count_is "$(letters_in "$TERN_HOME/Mail/work/INBOX")" "$made" tern
count_is "$(letters_in "$peers/mail/INBOX")" "$made" mbsync
say "first sync, $whole whole letters, durable" "$t" mbsync "$m"
echo "	worker: peak $(peak_kb) KB, CPU $(cpu_ms) ms, load $(cut -d' ' -f1 /proc/loadavg)"
server_alone alice "$imaps_port" whole
read -r t m < <(by_turns again_tern again_mbsync)
say "nothing changed, the agent running" "$t" mbsync "$m"
again_cold() {
	end_agent
	timed tern sync work
}
t=$(least again_cold)
say "nothing changed, the agent started for it" "$t" mbsync "$m"
echo 0 >"$tap_dir/round"
again_mbsync >/dev/null
read -r t m < <(by_turns changed_tern changed_mbsync)
say "100 new and 100 flags" "$t" mbsync "$m"
end_agent

# --- IMAP, headers ---
cat >"$peers/muttrc" <<C
set ssl_ca_certificates_file=$ca/ca.pem ssl_verify_host=yes
set imap_user=carol imap_pass=carol-pw folder=imaps://localhost:$imaps_port/ spoolfile=imaps://localhost:$imaps_port/INBOX
unset header_cache
set sort=threads quit=yes
push "<quit>"
C
mutt_headers() {
	timed python3 "$top_srcdir/tests/lib/on_tty.py" /dev/null x y -- sh -c 'TERM=xterm exec mutt -F "$0" </dev/tty' "$peers/muttrc"
}
# first_rows: when (as of now) a screen full of rows is in the index, as another program sees it
first_rows() {
	python3 - "$TERN_HOME/data/accounts/work.db" <<-'P'
		import sqlite3, sys, time
		begin = time.monotonic()
		while time.monotonic() - begin < 60:
		    try:
		        db = sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True, timeout=0)
		        if db.execute("select count(*) from (select 1 from thread limit 20)").fetchone()[0] >= 20:
		            break
		        db.close()
		    except sqlite3.Error:
		        pass
		    time.sleep(0.005)
		print(int(time.time() * 1e6))
	P
}
tern_headers() {
	end_agent
	account_of carol imap "$imaps_port" 'keep = none\n'
	first_rows >"$tap_dir/first" &
	local watching=$! begin
	sleep 1 # it watches now
	begin=$(now)
	timed tern sync work
	wait $watching
	echo $(($(cat "$tap_dir/first") - begin)) >>"$tap_dir/firsts"
}
mail_of carol "$headers"
tern_headers >/dev/null
mutt_headers >/dev/null
: >"$tap_dir/firsts"
read -r t m < <(by_turns tern_headers mutt_headers)
say "headers of $headers letters" "$t" mutt "$m"
echo "	worker: peak $(peak_kb) KB, CPU $(cpu_ms) ms, load $(cut -d' ' -f1 /proc/loadavg)"
server_alone carol "$imaps_port" headers
say "	until the first screen has its rows" "$(sort -n "$tap_dir/firsts" | head -n 1)"
t=$(least again_tern)
say "	nothing changed" "$t"
end_agent

# --- POP3 ---
# The server's side of it lies in memory: to remove ten thousand files takes a server on some disks longer than all
# else together, whoever asks for it.
pop3_there=$(mktemp -d /dev/shm/tern-bench-XXXXXX)
rm -rf "$dovecot/home/bob"
ln -s "$pop3_there" "$dovecot/home/bob"
trap 'stop_dovecot; rm -rf "$pop3_there"; tap_end' EXIT
cat >"$peers/mpoprc" <<C
defaults
tls on
tls_starttls off
tls_trust_file $ca/ca.pem
account default
host localhost
port $pop3s_port
user bob
passwordeval cat $(password_file bob)
auth plain
keep off
delivery maildir $peers/pop
uidls_file $peers/uidls
received_header off
C
cat >"$peers/fdm.conf" <<C
set no-received
account "bob" pop3s server "localhost" port "$pop3s_port" user "bob" pass "bob-pw" no-verify
action "inbox" maildir "$peers/fdm"
match all action "inbox"
C
chmod 600 "$peers/mpoprc" "$peers/fdm.conf"
mpop_all() {
	mail_of bob "$whole"
	aside "$peers/pop"
	rm -f "$peers/uidls"
	mkdir -p "$peers"/pop/{cur,new,tmp}
	sync
	timed mpop -C "$peers/mpoprc" -q
}
fdm_all() {
	mail_of bob "$whole"
	aside "$peers/fdm"
	sync
	timed fdm -q -f "$peers/fdm.conf" fetch
}
tern_pop3() {
	mail_of bob "$whole"
	end_agent
	account_of bob pop3 "$pop3s_port"
	timed tern sync work
}
tern_pop3 >/dev/null
read -r t m < <(by_turns tern_pop3 mpop_all)
count_is "$(letters_in "$TERN_HOME/Mail/work/INBOX")" "$made" tern
say "POP3, $whole letters fetched and removed" "$t" mpop "$m"
if command -v fdm >/dev/null; then
	m=$(times=1 least fdm_all)
	say "" "$t" fdm "$m"
fi
mail_of bob "$whole"
echo "	load $(cut -d' ' -f1 /proc/loadavg)"
server_alone bob "$pop3s_port" pop3
end_agent
stop_dovecot
rm -rf "$pop3_there"
trap tap_end EXIT

# --- submission ---
"$top_srcdir/tests/bench/submit.sh"
