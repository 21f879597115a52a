# An account on a real Dovecot, worked on by Tern and by another client at once, with connections cut after some byte and
# workers killed: in the end both sides are equal, nothing is lost, nothing doubled. TERN_TEST_ALL=1: 200 seeds of 1,000
# operations.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
has_dovecot || skip_all "dovecot is not installed"
start_dovecot || skip_all "dovecot does not start here"
seeds=2 operations=150
[ -z "${TERN_TEST_ALL:-}" ] || seeds=200 operations=1000
for seed in ${TERN_SEED:-$(seq $seeds)}; do
	fresh_home
	said=$(timeout 600 python3 "$top_srcdir/tests/lib/two_sides.py" "$dovecot" "$imap_port" "$seed" $operations 2>&1)
	status=$?
	if [ $status = 0 ]; then pass "$(tail -n 1 <<<"$said")"; else fail "seed $seed" "$said"; fi
	kill "$(cat "$TERN_HOME/run/ternd.lock" 2>/dev/null)" 2>/dev/null
done
stop_dovecot
finish
