# A full disk, a very large letter, a lost database, an agent killed and started again, a folder that cannot be read:
# nothing is lost, and what is wrong is said.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"

fresh_home
account home local me@localhost

# --- ternd killed and started again
letter before me >"$tap_dir/letter"
ok "a letter goes" bash -c "tern send --now me <'$tap_dir/letter'"
first=$(agent_pid)
kill -KILL "$first"
letter after me >"$tap_dir/letter"
ok "ternd was killed: the next letter goes too" bash -c "tern send --now me <'$tap_dir/letter'"
unlike "by another one" "$(agent_pid)" "^$first\$"
is "the letter came once" "$(in_inbox after)" 1
status_is "a second agent goes away quietly" 0 ternd
second=$(agent_pid)
kill -TERM "$second"
ok "on SIGTERM it ends" wait_for 5 bash -c "! kill -0 $second"
ok "and takes its socket away" [ ! -e "$TERN_HOME/run/ternd.sock" ]
status_is "--host is refused so far" 2 ternd --host
ok "--port-file is written" bash -c "ternd --port-file '$tap_dir/ports' && [ -f '$tap_dir/ports' ]"
for i in 1 2 3 4 5 6; do (ternd; tern send me <"$tap_dir/letter") & done
wait
ok "six starts at once: all letters come" wait_for 20 came 7 after

# --- the outbox's database is lost, or damaged
letter rebuilt me >"$tap_dir/letter"
stop_agents
mkdir "$tap_dir/alone" && cp "$top_builddir/tern-sendmail" "$tap_dir/alone/"
PATH=/usr/bin:/bin "$tap_dir/alone/tern-sendmail" me <"$tap_dir/letter" 2>/dev/null
rm "$TERN_HOME"/data/outbox/outbox.db*
like "that is said" "$(tern outbox flush 2>&1)" 'has been made again'
ok "the letter comes" wait_for 10 came 1 rebuilt
rm "$TERN_HOME"/data/outbox/outbox.db*
letter under-way me >"$tap_dir/letter"
ok "removed under a running agent" bash -c "tern send --now me <'$tap_dir/letter'"
is "the letter comes once" "$(in_inbox under-way)" 1
is "nothing comes twice" "$(in_inbox rebuilt)" 1

# --- 200 MB
if [ "$(df -Pk "$tap_dir" | awk 'NR == 2 { print int($4 / 1024) }')" -lt 1500 ]; then
	skip "a letter of 200 MB" "too little room on the disk"
else
	{ letter large me; yes 'a line of a very large letter, as they are made by people with cameras' | head -c 209715200; } \
		>"$tap_dir/large"
	ok "a letter of 200 MB goes" bash -c "tern send --now me <'$tap_dir/large'"
	large=$(grep -lx 'Subject: large' "$(inbox)"/*/* 2>/dev/null | head -n 1)
	ok "and is whole" bash -c "tail -c 209715200 '$large' | cmp - <(tail -c 209715200 '$tap_dir/large')"
	rm -f "$large" "$tap_dir/large"
fi

# --- a full disk
mkdir -p "$TERN_HOME/Mail/full"
account full local full@localhost
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=256k,mode=700 tmpfs "$TERN_HOME/Mail/full" 2>/dev/null; then
	trap 'umount -l "$TERN_HOME/Mail/full"; tap_end' EXIT
	{ letter big full; head -c 400000 /dev/zero | tr '\0' 'x' | fold; } >"$tap_dir/big"
	status_is "the disk is full: put off" 75 bash -c "tern send --now full <'$tap_dir/big' 2>'$tap_dir/said'"
	like "it says why" "$(cat "$tap_dir/said")" 'full: waiting: .*No space left'
	is "no piece of it lies there" "$(find "$TERN_HOME/Mail/full" -type f -path '*/INBOX/*' | wc -l)" 0
	status_is "tern-deliver: later" 75 bash -c "tern-deliver -d full <'$tap_dir/big'"
	mount -o remount,size=8m "$TERN_HOME/Mail/full"
	ok "there is room again" tern outbox flush
	ok "it comes" wait_for 10 came 1 big full
else
	skip "a full disk" "a small file system can be mounted by root only"
fi

# --- a place that is no mailbox
account wrong local wrong@localhost "$TERN_HOME/wrong"
echo "not a mailbox" >"$TERN_HOME/wrong"
letter wronged wrong >"$tap_dir/letter"
status_is "a file that is no mailbox: put off" 75 bash -c "tern send --now wrong <'$tap_dir/letter' 2>'$tap_dir/said'"
like "it says why" "$(cat "$tap_dir/said")" 'wrong'
is "the file is as it was" "$(cat "$TERN_HOME/wrong")" "not a mailbox"
rm "$TERN_HOME/wrong"
ok "mended" tern outbox flush
ok "it comes" wait_for 10 bash -c "grep -rqx 'Subject: wronged' '$TERN_HOME/wrong'"
never_slow
finish
