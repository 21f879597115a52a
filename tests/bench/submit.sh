#!/bin/bash
# How long a letter takes to an own Postfix with TLS on this machine, and two hundred, beside curl and msmtp in the same
# run:
#
#	tests/bench/submit.sh [TIMES]		(in a build folder made with CFLAGS=-O2, no sanitizers; as root)
#
# One letter: from the moment the agent knows of it to the server's 250, the middle of TIMES; Tern keeps its outbox
# durable, which curl has not. Two hundred: Tern's from the first ring to the last verdict, over one connection, as one
# who looks into its database sees it; msmtp once for each, as it is used; and what the server alone needs for them.
# Nothing here is a test.
set -u
top_builddir=$PWD top_srcdir=$(cd "$(dirname "$0")/../.." && pwd)
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
. "$top_srcdir/tests/lib/postfix.sh"
times=${1:-11}
postfix_port=$(free_port)
POSTFIX_MORE='virtual_transport = discard:' # what becomes of the letters is not measured
start_dovecot && start_postfix || exit 1
trap 'stop_postfix; stop_dovecot; tap_end' EXIT
fresh_home
account work local "alice@work.test"
printf 'submission = localhost:%s\nsubmission-tls = implicit\nca = %s\nuser = alice\npassword-file = %s\nauth = PLAIN\n' \
	"$submissions_port" "$ca/ca.pem" "$(password_file alice)" >>"$TERN_HOME/config/config"
letter bench "bob@$server_domain" >"$tap_dir/letter"
sed 's/$/\r/' "$tap_dir/letter" >"$tap_dir/letter.crlf"
cat >"$tap_dir/msmtprc" <<C
defaults
tls on
tls_starttls off
tls_trust_file $ca/ca.pem
auth plain
account default
host localhost
port $submissions_port
from alice@work.test
user alice
passwordeval cat $(password_file alice)
C
chmod 600 "$tap_dir/msmtprc"

now() {
	echo $(($(date +%s%N) / 1000))
}

# middle NAME COMMAND...
middle() {
	local name=$1 i begin
	shift
	for i in $(seq "$times"); do
		begin=$(now)
		"$@" >/dev/null 2>"$tap_dir/err" || cat "$tap_dir/err" >&2
		echo $(($(now) - begin))
	done | sort -n | awk -v name="$name" '{ t[NR] = $1 } END { printf "%-44s %8.1f ms\n", name, t[int((NR + 1) / 2)] / 1000 }'
}

by_curl() {
	curl -s --cacert "$ca/ca.pem" --user alice:alice-pw --login-options AUTH=PLAIN \
		--mail-from alice@work.test --mail-rcpt "bob@$server_domain" --upload-file "$tap_dir/letter.crlf" \
		"smtps://localhost:$submissions_port"
}

by_msmtp() {
	msmtp -C "$tap_dir/msmtprc" "bob@$server_domain" <"$tap_dir/letter"
}

by_tern() {
	tern send --now -t <"$tap_dir/letter"
}

# Until nothing waits, without a process each time: they would take the processor that is measured.
all_sent() {
	python3 - "$TERN_HOME/data/outbox/outbox.db" <<-'P'
		import sqlite3, sys, time
		db = sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True, timeout=5)
		while db.execute("select count(*) from entry where finished = 0").fetchone()[0]:
		    time.sleep(0.003)
	P
}

# The same letters by as little as there can be: nothing is read, kept or written down.
bare() {
	python3 - "$submissions_port" "$ca/ca.pem" "bob@$server_domain" "$tap_dir/letter.crlf" <<-'P'
		import base64, socket, ssl, sys
		wire = ssl.create_default_context(cafile=sys.argv[2]).wrap_socket(
		    socket.create_connection(("localhost", int(sys.argv[1]))), server_hostname="localhost")
		wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		lines = wire.makefile("rb")
		def say(text, count=1):
		    wire.sendall(text)
		    while count:
		        count -= lines.readline()[3:4] == b" "
		say(b"")
		say(b"EHLO bare\r\n")
		say(b"AUTH PLAIN " + base64.b64encode(b"\0alice\0alice-pw") + b"\r\n")
		text = open(sys.argv[4], "rb").read() + b".\r\n"
		for i in range(200):
		    say(b"MAIL FROM:<alice@work.test>\r\nRCPT TO:<%s>\r\nDATA\r\n" % sys.argv[3].encode(), 3)
		    say(text)
	P
}

# They wait in the outbox, tried once in vain; then the server is there, and all go.
two_hundred() {
	local i begin
	sed -i "s/localhost:$submissions_port/localhost:1/" "$TERN_HOME/config/config"
	for i in $(seq 200); do tern-sendmail -t <"$tap_dir/letter"; done
	wait_for 300 all_tried
	sed -i "s/localhost:1\$/localhost:$submissions_port/" "$TERN_HOME/config/config"
	begin=$(now)
	tern outbox flush >/dev/null 2>&1
	all_sent
	echo $(($(now) - begin))
}

all_tried() {
	[ "$(tern outbox list --json | grep -c '"tries":0')" = 0 ]
}

by_tern >/dev/null 2>&1 # the agent is there, and the connection
middle "a letter, curl" by_curl
middle "a letter, msmtp" by_msmtp
middle "a letter, tern send --now (durable, to 250)" by_tern
begin=$(now)
for i in $(seq 200); do by_msmtp; done
msmtp_us=$(($(now) - begin))
awk -v t=$msmtp_us 'BEGIN { printf "%-44s %8.1f ms\n", "200 letters, msmtp", t / 1000 }'
tern_us=$(two_hundred)
awk -v t="$tern_us" -v m=$msmtp_us 'BEGIN { printf "%-44s %8.1f ms   1/%.1f of msmtp\n", "200 letters, tern", t / 1000, m / t }'
begin=$(now)
bare
awk -v t=$(($(now) - begin)) 'BEGIN { printf "%-44s %8.1f ms\n", "200 letters, the server alone", t / 1000 }'
