# Kills programs at chosen moments; after tap.sh and mail.sh. See crash.c.
export ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0

# with_crash COMMAND...: the command, and all that it starts, can be killed by a plan.
with_crash() {
	LD_PRELOAD=$top_builddir/tests/lib/crash.so "$@"
}

# plan ROLE N WHOM
plan() {
	echo "$1 $2 $3" >"$CRASH_PLAN.new" && mv "$CRASH_PLAN.new" "$CRASH_PLAN"
}

# calls_of ROLE FILE: how many of its calls stand in the log.
calls_of() {
	grep -c "^$1 " "$2"
}
