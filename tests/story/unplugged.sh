# The network goes in the middle of everything: after every Nth byte of a whole dialogue (IMAP, POP3, submission), by a
# server that stands still, by a server that is stopped, by a network that is down. What was done meanwhile is on the
# server afterwards, once. TERN_TEST_ALL=1: many more cut points.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
. "$top_srcdir/tests/lib/postfix.sh"
if [ "${1:-}" != inside ] && [ "$(id -u)" = 0 ] && unshare -n true 2>/dev/null && command -v ip >/dev/null; then
	exec unshare -n bash "$0" inside # a network of our own: it can be taken down
fi
[ "${1:-}" != inside ] || ip link set lo up
command -v python3 >/dev/null || skip_all "python3 is not installed"
has_dovecot || skip_all "dovecot is not installed"
fresh_home
postfix_port=$(free_port)
start_dovecot || skip_all "dovecot does not start here"
points=8
[ -z "${TERN_TEST_ALL:-}" ] || points=400
there=$dovecot/home/bob/Maildir
here=$TERN_HOME/Mail/work

own() {
	[ "$(id -u)" != 0 ] || chown -R mail:mail "$dovecot/home"
}
# put WHO SUBJECT: a letter in that person's inbox on the server
put() {
	local dir=$dovecot/home/$1/Maildir
	mkdir -p "$dir"/{new,cur,tmp}
	letter_of "$2" >"$dir/tmp/$2"
	[ "$(id -u)" != 0 ] || chown mail:mail "$dir/tmp/$2" "$dir"/{,new,cur,tmp}
	mv "$dir/tmp/$2" "$dir/new/$2.h"
}
letter_of() {
	printf 'From: a@example.org\nTo: bob@%s\nSubject: %s\nMessage-ID: <%s@x>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\nHello %s\n' \
		$server_domain "$1" "$1" "$1"
}
# subjects DIR...: each with how often it is there
subjects() {
	find "$@" -path '*/tmp' -prune -o -type f -print0 2>/dev/null | xargs -0 -r grep -hI -m 1 '^Subject: ' | sort | uniq -c | sed 's/^ *//'
}
# cutter PORT: $cut_port leads there; cut_after N, cut_never
cutter() {
	rm -f "$tap_dir/cut.port" "$tap_dir/cut.count"
	: >"$tap_dir/cut.limit"
	python3 "$top_srcdir/tests/lib/cutter.py" "$tap_dir/cut.port" "$1" "$tap_dir/cut.limit" "$tap_dir/cut.count" &
	cutter_pid=$!
	wait_for 10 test -s "$tap_dir/cut.port"
	cut_port=$(cat "$tap_dir/cut.port")
}
end_cutter() {
	kill $cutter_pid && wait $cutter_pid
} 2>/dev/null
cut_after() {
	echo "$1" >"$tap_dir/cut.limit"
	kill -USR1 $cutter_pid
}
cut_never() {
	: >"$tap_dir/cut.limit"
	kill -USR1 $cutter_pid
}
# length COMMAND...: bytes of the dialogue it has
length() {
	cut_never
	"$@" >/dev/null 2>&1
	kill -USR1 $cutter_pid
	wait_for 5 test -s "$tap_dir/cut.count"
	cat "$tap_dir/cut.count"
}
each_once() { # WANTED SUBJECTS (lines of subjects()) NAME
	local twice lost
	twice=$(grep -v '^1 ' <<<"$2")
	lost=$(comm -23 <(sort <<<"$1") <(sed 's/^[0-9]* Subject: //' <<<"$2" | sort))
	is "$3: nothing is there twice" "$twice" ""
	is "$3: nothing is lost" "$lost" ""
}

# --- IMAP ---
imap_work() { # NUMBER: here a new one, a flag, a move; there a new one
	local name=1700000000.here$1.h
	letter_of "here$1" >"$here/INBOX/tmp/$name"
	mv "$here/INBOX/tmp/$name" "$here/INBOX/new/$name"
	printf 'limit subject:"flag%s"\nread\nlimit subject:"move%s"\nmove Archive\n' "$1" "$1" >"$TERN_HOME/lines"
	tern batch "$TERN_HOME/lines" >"$tap_dir/said" 2>&1 || note "$(cat "$tap_dir/said")"
	put bob "there$1"
}
cutter "$imap_port"
for n in $(seq 0 "$points" | sed 's/$/-/') stop- away- down- amid-; do put bob "flag$n"; put bob "move$n"; done
ok "an account is added" tern account add work --kind imap --address bob@$server_domain --user bob \
	--password-file "$(password_file bob)" --server "127.0.0.1:$cut_port" --tls none
ok "and brought here" tern sync work
imap_round() {
	cut_after 1
	imap_work 0-
	cut_never
	tern sync work
}
bytes=$(length imap_round)
note "an IMAP dialogue with all of it has $bytes bytes; $points cut points"
for n in $(seq "$points"); do
	cut_after $((bytes * n / (points + 1)))
	imap_work "$n-"
	timeout 30 tern sync work >/dev/null 2>&1
	cut_never
	timeout 30 tern sync work >"$tap_dir/said" 2>&1 || note "point $n: $(cat "$tap_dir/said")"
done
ok "a last round" tern sync work
wanted=$(for n in $(seq 0 "$points"); do printf '%s\n' "here$n-" "flag$n-" "move$n-" "there$n-"; done)
each_once "$wanted" "$(subjects "$there")" "IMAP, $points cut points, on the server"
each_once "$wanted" "$(subjects "$here")" "here"
is "what was moved is moved there" "$(subjects "$there/.Archive" | grep -c 'Subject: move[0-9]')" $((points + 1))
flagged=$(find "$there/cur" -name '*:2,*S*' -print0 | xargs -0 grep -lI '^Subject: flag[0-9]' | wc -l)
is "what was read is read there" "$flagged" $((points + 1))

# --- a server that stands still, and one that is away ---
sessions() {
	pgrep -P "$(cat "$dovecot/run/master.pid")"
}
cut_never
kill -STOP $(sessions)
timeout 5 tern sync work >/dev/null 2>&1 &
begin=$(date +%s%N)
imap_work stop-
took=$((($(date +%s%N) - begin) / 1000000))
wait $!
note "work beside a server that stands still: $took ms for two commands"
like "the server hangs, the commands do not" "$took" '^[0-9]{1,4}$'
kill -CONT $(sessions)
ok "it goes on" timeout 60 tern sync work
each_once $'herestop-\ntherestop-' "$(subjects "$there" | grep stop)" "a server that stood still"
pkill -KILL -P "$(cat "$dovecot/run/master.pid")"
stop_dovecot
imap_work away-
timeout 10 tern sync work >/dev/null 2>&1
dovecot -c "$dovecot/dovecot.conf" </dev/null >/dev/null 2>&1
wait_for 10 port_answers "$imap_port"
ok "a server that comes back" timeout 60 tern sync work
each_once $'hereaway-\nthereaway-' "$(subjects "$there" | grep away)" "a server that was away"
if [ "${1:-}" = inside ]; then
	ip link set lo down
	status_is "no network: later, and not after minutes" 75 timeout 100 tern sync work
	imap_work down-
	ip link set lo up
	ok "the network is back" wait_for 90 tern sync work
	each_once $'heredown-\ntheredown-' "$(subjects "$there" | grep down)" "a network that was down"
	# down amid a standing connection, without a word
	(sleep 0.05 && ip link set lo down && sleep 1.5 && ip link set lo up) &
	imap_work amid-
	timeout 60 tern sync work >/dev/null 2>&1
	wait $!
	ok "the network is back again" wait_for 90 tern sync work
	each_once $'hereamid-\nthereamid-' "$(subjects "$there" | grep amid)" "a network that went amid it"
else
	skip "no network" "needs root and a network namespace"
fi
tern account remove work
end_cutter

# --- POP3 ---
cutter "$pop3_port"
for n in 1 2; do put alice "pop0-$n-"; done
ok "a POP3 account is added" tern account add pop --kind pop3 --address alice@$server_domain --user alice \
	--password-file "$(password_file alice)" --server "127.0.0.1:$cut_port" --tls none
bytes=$(length tern sync pop)
note "a POP3 dialogue that fetches two letters has $bytes bytes; $points cut points"
wanted=$'pop0-1-\npop0-2-'
for n in $(seq "$points"); do
	put alice "pop$n-1-"
	put alice "pop$n-2-"
	wanted+=$'\n'"pop$n-1-"$'\n'"pop$n-2-"
	cut_after $((bytes * n / (points + 1)))
	timeout 30 tern sync pop >/dev/null 2>&1
	cut_never
	for try in $(seq 50); do # Dovecot holds the maildrop until it notices
		timeout 30 tern sync pop >"$tap_dir/said" 2>&1 && break
		sleep 0.1
	done
done
each_once "$wanted" "$(subjects "$TERN_HOME/Mail/pop/INBOX")" "POP3, $points cut points"
is "nothing is left on the server" "$(subjects "$dovecot/home/alice/Maildir")" ""
tern account remove pop
end_cutter

# --- submission ---
if has_postfix && start_postfix; then
	cutter "$postfix_port"
	printf '\n[account out]\nkind = local\naddress = alice@%s\nsubmission = 127.0.0.1:%s\nsubmission-tls = none\n' \
		"$server_domain" "$cut_port" >>"$TERN_HOME/config/config"
	post() {
		letter_of "$1" | sed "s/^To: .*/To: carol@$server_domain/" | timeout 20 tern send --now -t
	}
	bytes=$(length post "sent0-")
	note "a submission has $bytes bytes; $points cut points"
	wanted=sent0-
	for n in $(seq "$points"); do
		cut_after $((bytes * n / (points + 1)))
		post "sent$n-" >"$tap_dir/said" 2>&1
		cut_never
		wanted+=$'\n'"sent$n-"
		for try in $(seq 50); do
			[ -n "$(tern outbox list --json)" ] || break
			tern outbox flush >/dev/null 2>&1
			sleep 0.1
		done
	done
	all_are_there() {
		[ "$(subjects "$dovecot/home/carol/Maildir" | wc -l)" -ge $((points + 1)) ]
	}
	wait_for 60 all_are_there
	# The server said yes and the word was lost: it comes twice, which SMTP cannot help (RFC 5321, 4.5.4.2).
	said=$(subjects "$dovecot/home/carol/Maildir")
	twice=$(grep -vc '^1 ' <<<"$said")
	note "submission: $twice of $points came twice: the server's answer was cut"
	each_once "$wanted" "$(sed 's/^2 /1 /' <<<"$said")" "submission, $points cut points"
	ok "twice only where the answer was lost" test "$twice" -le $((points * 100 / bytes + 1))
	stop_postfix
	end_cutter
else
	skip "submission" "postfix is not installed, or we are not root"
fi
stop_dovecot
never_slow
finish
