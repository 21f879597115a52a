# tern-deliver: into a Maildir, into an mbox, by aliases; who is nobody, and what cannot be written.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"

fresh_home
account home local me@localhost
account box local box@localhost "$TERN_HOME/box.mbox"
: >"$TERN_HOME/box.mbox"
letter one me >"$tap_dir/letter"

ok "into my mailbox" bash -c "tern-deliver -f them@example.org <'$tap_dir/letter'"
is "it is there" "$(in_inbox one)" 1
is "byte-exact behind its three fields" "$(tail -n +4 "$(inbox)"/new/*)" "$(cat "$tap_dir/letter")"
like "with its sender" "$(cat "$(inbox)"/new/*)" '^Return-Path: <them@example.org>$'
ok "a second one is a second one" bash -c "tern-deliver -d me <'$tap_dir/letter'"
is "both are there" "$(in_inbox one)" 2
status_is "nobody: 67" 67 bash -c "tern-deliver -d nobody <'$tap_dir/letter'"
status_is "somebody elsewhere goes by the outbox" 0 bash -c "tern-deliver -d me@localhost <'$tap_dir/letter'"

# --- mbox
ok "into an mbox" bash -c "tern-deliver -d box <'$tap_dir/letter'"
ok "and again" bash -c "tern-deliver -d box@localhost -f a@b <'$tap_dir/letter'"
is "two lie in it" "$(grep -c '^From ' "$TERN_HOME/box.mbox")" 2
printf 'Subject: from\n\nFrom the start\n' | tern-deliver -d box
is "a line that begins with From is no new letter" "$(grep -c '^From ' "$TERN_HOME/box.mbox")" 3
letter mboxed box@localhost >"$tap_dir/letter2"
ok "the queue delivers into it" bash -c "tern send --now -t <'$tap_dir/letter2'"
is "once" "$(grep -c '^Subject: mboxed' "$TERN_HOME/box.mbox")" 1
printf 'From a@b Mon Jan  1 00:00:00 2024\nSubject: piped\n\nx\n' | tern-deliver
is "an mbox's own line is taken off" "$(grep -c '^From ' "$(grep -l 'Subject: piped' "$(inbox)"/new/*)")" 0

# --- aliases
cat >"$TERN_HOME/config/aliases" <<'END'
# who is who
team: me, box@localhost,
	nobody-here
both: me, box
loop1: loop2
loop2: loop1
me2: me
evil: |/bin/true, /etc/x, :include:/etc/passwd, me
END
chmod 600 "$TERN_HOME/config/aliases"
letter aliased both >"$tap_dir/letter"
ok "an alias is somebody else" bash -c "tern-deliver -d me2 <'$tap_dir/letter'"
is "me" "$(in_inbox aliased)" 1
ok "an alias for two" bash -c "tern-deliver -d both <'$tap_dir/letter'"
ok "each gets one" wait_for 10 came 2 aliased
ok "in the mbox too" wait_for 10 grep -q '^Subject: aliased' "$TERN_HOME/box.mbox"
letter plus both+list@localhost >"$tap_dir/letter"
ok "by the queue, with a detail" bash -c "tern send --now -t <'$tap_dir/letter'"
is "each gets one" "$(in_inbox plus)$(grep -c '^Subject: plus' "$TERN_HOME/box.mbox")" 11
letter teamed team >"$tap_dir/letter"
status_is "one of three is nobody" 1 bash -c "tern send --now -t <'$tap_dir/letter'"
is "the others have it" "$(in_inbox teamed)$(grep -c '^Subject: teamed' "$TERN_HOME/box.mbox")" 11
letter looped loop1 >"$tap_dir/letter"
ok "aliases in a circle end" bash -c "tern send --now -t <'$tap_dir/letter'; [ \$? -le 1 ]"
letter evil evil >"$tap_dir/letter"
ok "programs and files are left out" bash -c "tern send --now -t <'$tap_dir/letter'"
is "the person is not" "$(in_inbox evil)" 1
like "and it is in the log" "$(cat "$TERN_HOME/state/log")" 'aliases: "\|/bin/true" for "evil"'
chmod 666 "$TERN_HOME/config/aliases"
status_is "a file that others can write is no alias file" 67 bash -c "tern-deliver -d me2 <'$tap_dir/letter'"

# --- what cannot be written
chmod 500 "$(inbox)/tmp" "$(inbox)/new" "$(inbox)"
if [ "$(id -u)" = 0 ]; then
	skip "an unwritable folder: later" "root writes everywhere"
	mv "$TERN_HOME/Mail" "$TERN_HOME/Mail.away" && : >"$TERN_HOME/Mail"
	status_is "a file where the mail should be: later" 75 bash -c "tern-deliver <'$tap_dir/letter'"
	letter kept me >"$tap_dir/letter"
	status_is "the queue keeps it" 75 bash -c "tern send --now -t <'$tap_dir/letter'"
	like "and says why" "$(tern outbox list)" 'making the folder .*/Mail/home'
	rm "$TERN_HOME/Mail" && mv "$TERN_HOME/Mail.away" "$TERN_HOME/Mail"
	ok "mended and flushed" tern outbox flush
	ok "it comes" wait_for 10 came 1 kept
else
	status_is "an unwritable folder: 73" 73 bash -c "tern-deliver <'$tap_dir/letter'"
	chmod 700 "$(inbox)" "$(inbox)/tmp" "$(inbox)/new"
fi
never_slow
finish
