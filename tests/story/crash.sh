# kill -9 at 200 and more different moments of sending (TERN_CHECK_ALL=1, as ./check sets it; else at some 20):
# of who sends, of the worker that delivers, of ternd, and of ternd and its worker at once. Each letter goes to a
# Maildir, an mbox and to nobody: after a restart each mailbox has it once, and the sender has one bounce.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
. "$top_srcdir/tests/lib/crash.sh"

prepare() { # NAME
	export TERN_HOME=$tap_dir/$1 HOME=$tap_dir/$1 CRASH_PLAN=$tap_dir/$1.plan
	mkdir -m 700 "$TERN_HOME"
	account home local me@localhost
	account box local box@localhost "$TERN_HOME/box.mbox"
	: >"$TERN_HOME/box.mbox"
}

send() { # SUBJECT
	letter "$1" me box nobody | with_crash tern-sendmail -t 2>>"$TERN_HOME/said"
}

# How often "Subject: $1" stands in the mailboxes: Maildir, mbox, bounces.
count() {
	echo "$(in_inbox "$1") $(grep -cx "Subject: $1" "$TERN_HOME/box.mbox") $(bounces "$1")"
}

bounces() {
	grep -lx "Your letter \"$1\" could not be delivered to" "$(inbox)"/new/* "$(inbox)"/cur/* 2>/dev/null | wc -l
}

# Nothing is owed any more. (Files of a sender that was killed before its letter was entered lie a while.)
is_settled() {
	letters_are_gone || [ -z "$(tern outbox list --json)" ]
}

settle() {
	is_settled && return
	with_crash tern-sendmail -q 2>>"$TERN_HOME/said"
	wait_for 20 is_settled
}

# moments COUNT OF: so many numbers, spread over 1..OF.
moments() {
	awk -v n="$1" -v of="$2" 'BEGIN { if (n > of) n = of; for (i = 0; i < n; i++) print 1 + int(i * of / n) }'
}

# kill_at NAME ROLE WHOM MOMENT...: writes one line a moment: MOMENT, exit code of the sender, the counts.
kill_at() {
	local name=$1 role=$2 whom=$3 moment code killed
	shift 3
	prepare "$name"
	if [ "$role" = attempt ]; then send warm; settle; fi
	for moment; do
		plan "$role" "$moment" "$whom"
		send "at-$moment"
		code=$?
		[ "$role" != attempt ] || wait_for 3 no_plan
		killed=$([ -e "$CRASH_PLAN" ] && echo no || echo yes)
		rm -f "$CRASH_PLAN"
		settle || echo "$moment stuck" >>"$tap_dir/$name.stuck"
		echo "$moment $code $killed" >>"$tap_dir/$name.sent"
	done
	while read -r moment code killed; do
		echo "$moment $code $killed $(count "at-$moment")"
	done <"$tap_dir/$name.sent" >"$tap_dir/$name.counts"
}

no_plan() {
	[ ! -e "$CRASH_PLAN" ] || letters_are_gone
}

# How many calls there are to be killed at.
measure() {
	prepare measure
	send warm
	settle
	export CRASH_LOG=$tap_dir/calls
	stop_agents
	send measured
	settle
	unset CRASH_LOG
	stop_agents
}
measure
senders=$(calls_of tern-sendmail "$tap_dir/calls")
attempts=$(calls_of attempt "$tap_dir/calls")
note "calls that change the disk: $senders of the sender, $attempts of the worker"

if [ -n "${TERN_CHECK_ALL:-}" ]; then part=1 wanted=200; else part=10 wanted=15; fi
all_moments=$(moments $((110 / part)) "$attempts")
kill_at sender tern-sendmail self $(moments $((50 / part)) "$senders") &
kill_at worker1 attempt self $(awk 'NR % 2' <<<"$all_moments") &
kill_at worker2 attempt self $(awk 'NR % 2 == 0' <<<"$all_moments") &
kill_at agent attempt parent $(moments $((40 / part)) "$attempts") &
kill_at both attempt both $(moments $((40 / part)) "$attempts") &
wait

for name in sender worker1 worker2 agent both; do
	kills=$(awk '$3 == "yes"' "$tap_dir/$name.counts" | wc -l)
	total=$((${total:-0} + kills))
	note "$name: killed at $kills moments"
	is "$name: nothing is stuck" "$(cat "$tap_dir/$name.stuck" 2>/dev/null)" ""
	is "$name: what was promised is there, once" \
		"$(awk '$2 == 0 && ($4 != 1 || $5 != 1 || $6 != 1)' "$tap_dir/$name.counts")" ""
	is "$name: what was not promised is there once or not at all" \
		"$(awk '$2 != 0 && !($4 $5 $6 == "111" || $4 $5 $6 == "000")' "$tap_dir/$name.counts")" ""
	export TERN_HOME=$tap_dir/$name
	# What lies in tmp/ was never delivered; whoever opens the Maildir a day and a half later removes it.
	is "$name: no half letter" \
		"$(for f in $(find "$(inbox)" -type f ! -path '*/tmp/*'); do tail -n 1 "$f" | grep -qE '^(Hello from the story.|--.*--)$' || echo "$f"; done)" ""
	is "$name: nothing is left in the outbox" "$(tern outbox list --json)" ""
done
ok "there were $wanted moments and more ($total)" [ "$total" -ge $wanted ]
finish
