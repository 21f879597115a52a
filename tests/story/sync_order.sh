# In what order things reach the disk: file, name, folder, and only then the word that it is safe.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
. "$top_srcdir/tests/lib/crash.sh"

fresh_home
account home local me@localhost
account box local box@localhost "$TERN_HOME/box.mbox"
: >"$TERN_HOME/box.mbox"
letter order me box >"$tap_dir/letter"
export CRASH_LOG=$tap_dir/calls
ok "a letter goes to a Maildir and to an mbox" bash -c ". '$top_srcdir/tests/lib/crash.sh'
	with_crash tern send --now -t <'$tap_dir/letter'"
ok "it is finished" wait_for 10 letters_are_gone
unset CRASH_LOG

# in_order NAME ROLE PATTERN...: such calls stand in the log in this order.
in_order() {
	local name=$1 role=$2 at=0 found
	shift 2
	for pattern; do
		found=$(grep "^$role " "$tap_dir/calls" | awk -v from=$at -v p="$pattern" 'NR > from && $0 ~ p { print NR; exit }')
		[ -n "$found" ] || { fail "$name" "no \"$pattern\" behind call $at of $role:
$(grep "^$role " "$tap_dir/calls" | head -n 200)"; return; }
		at=$found
	done
	pass "$name"
}

in_order "the letter is safe before the sender ends" tern \
	'open.* /.*/outbox/1.eml' 'write .*/outbox/1.eml' 'f.*sync .*/outbox/1.eml' \
	'write .*/outbox/1.env' 'f.*sync .*/outbox/1.env' 'rename.* .*/outbox/1.env' 'f.*sync .*/data/outbox$' \
	'pwrite.* .*/outbox.db-wal' 'f.*sync .*/outbox.db-wal'
in_order "a delivery into a Maildir is safe before its verdict" attempt \
	'write .*/INBOX/tmp/' 'f.*sync .*/INBOX/tmp/' '(link|rename).* .*/INBOX/new/' 'f.*sync .*/INBOX/new$' \
	'write .*/outbox/1.env' 'f.*sync .*/outbox/1.env' 'f.*sync .*/outbox.db-wal'
in_order "a delivery into an mbox is safe before its verdict" attempt \
	'write .*/box.mbox$' 'f.*sync .*/box.mbox$' \
	'write .*/outbox/1.env' 'f.*sync .*/outbox/1.env' 'f.*sync .*/outbox.db-wal'
in_order "files go after the rows know it" attempt \
	'f.*sync .*/outbox.db-wal' 'unlink .*/outbox/1.e'
finish
