# mbsync, mutt and notmuch work on Tern's Maildirs while Tern does: neither side harms the other.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
fresh_home
here=$TERN_HOME/Mail/home
mkdir -p "$here"/{INBOX,Archive,Trash}/{cur,new,tmp}
account home local me@localhost
put() { # NUMBER [FLAGS]
	printf 'From: a@example.org\nTo: me@example.org\nSubject: letter x%dx\nMessage-ID: <x%d@x>\nDate: Mon, 23 Nov 2026 10:00:%02d +0000\n\nHello %d\n' \
		"$1" "$1" "$1" "$1" >"$here/INBOX/tmp/$1"
	if [ -n "${2:-}" ]; then mv "$here/INBOX/tmp/$1" "$here/INBOX/cur/100$1.x.h:2,$2"; else mv "$here/INBOX/tmp/$1" "$here/INBOX/new/100$1.x.h"; fi
}
count_is() {
	[ "$(tern search --count "$1")" = "$2" ]
}
has() { # NUMBER WORD: so Tern says
	tern search --json "subject:x$1x" | grep -q "\"$2\""
}
has_not() {
	! has "$@"
}
in_folder() { # NUMBER FOLDER
	tern search --json "subject:x$1x" | grep -q "\"folder\":\"$2\""
}
files_of() { # NUMBER [FOLDER]
	grep -l "^Subject: letter x$1x\$" -r "${2:-$here}" --include='*.h*' --include='[0-9]*' 2>/dev/null
}
for n in 1 2 3 4 5 6; do put $n; done
ok "the letters are known" wait_for 20 count_is subject:letter 6

# --- notmuch ---
if command -v notmuch >/dev/null; then
	export NOTMUCH_CONFIG=$TERN_HOME/notmuch
	printf '[database]\npath=%s\n[user]\nname=Me\nprimary_email=me@example.org\n[new]\ntags=unread;inbox\n[maildir]\nsynchronize_flags=true\n' \
		"$TERN_HOME/Mail" >"$NOTMUCH_CONFIG"
	said=$(notmuch new 2>&1)
	is "notmuch finds all of them" "$(notmuch count '*')" 6
	unlike "and nothing that is no mail" "$said" 'non-mail'
	notmuch tag +flagged -unread -- subject:x1x
	ok "what notmuch flags and reads is so here" wait_for 20 has 1 flagged
	ok "both" has 1 seen
	tern flag --set seen --set answered subject:x2x
	answered_there() {
		notmuch new >/dev/null 2>&1
		[ "$(notmuch search --output=tags subject:x2x | tr '\n' ' ')" = "inbox replied " ]
	}
	ok "what is read and answered here is so for notmuch" wait_for 20 answered_there
	printf 'limit subject:x3x\nmove Archive\n' >"$TERN_HOME/lines"
	tern batch "$TERN_HOME/lines" >/dev/null 2>&1
	moved_there() {
		notmuch new >/dev/null 2>&1
		notmuch search --output=files subject:x3x | grep -q '/Archive/' && [ "$(notmuch search --output=files subject:x3x | wc -l)" = 1 ]
	}
	ok "what is moved here is moved for notmuch, once" wait_for 20 moved_there
	is "notmuch has lost none" "$(notmuch count --output=files '*')" 6
else
	skip "notmuch" "it is not installed"
fi

# --- mutt ---
if command -v mutt >/dev/null && command -v python3 >/dev/null; then
	mutt_does() { # KEYS
		printf 'set folder=%s mbox_type=Maildir sort=date wait_key=no quit=yes delete=yes confirmappend=no move=no\npush "%s<quit>"\n' \
			"$here" "$1" >"$TERN_HOME/muttrc"
		TERM=xterm python3 "$top_srcdir/tests/lib/on_tty.py" /dev/null x y -- \
			sh -c 'exec mutt -F "$0" -f "$1" </dev/tty' "$TERN_HOME/muttrc" "$here/INBOX" >"$tap_dir/said" 2>&1
	}
	mutt_does '<limit>~s x4x<enter><flag-message><clear-flag>N'
	ok "what mutt flags is flagged here" wait_for 20 has 4 flagged
	mutt_does '<limit>~s x5x<enter><delete-message>'
	ok "what mutt deletes is gone here" wait_for 20 count_is subject:x5x 0
	mutt_does '<limit>~s x6x<enter><save-message>=Archive<enter>'
	ok "what mutt moves is moved here" wait_for 20 in_folder 6 Archive
	is "once" "$(tern search --count subject:x6x)" 1
	# Tern changes the folder while mutt has it open.
	printf 'set folder=%s mbox_type=Maildir sort=date quit=yes delete=yes move=no timeout=1 mail_check=1\nexec sync-mailbox\n' "$here" >"$TERN_HOME/muttrc"
	{ sleep 2; printf '$'; sleep 1; printf 'q'; sleep 1; } | TERM=xterm timeout 20 script -qfc "mutt -F $TERN_HOME/muttrc -f $here/INBOX" /dev/null >"$tap_dir/said" 2>&1 &
	sleep 1
	tern flag --set seen --set flagged subject:x2x
	wait $!
	ok "a flag set while mutt has the folder open stays" wait_for 10 has 2 flagged
	is "no letter is lost" "$(tern search --count subject:letter)" 5
else
	skip "mutt" "it is not installed"
fi

# --- mbsync: Tern's local Maildirs against a server ---
if command -v mbsync >/dev/null && has_dovecot && start_dovecot; then
	there=$dovecot/home/bob/Maildir
	cat >"$TERN_HOME/mbsyncrc" <<-C
		IMAPAccount a
		Host localhost
		Port $imap_port
		User bob
		PassCmd "cat $(password_file bob)"
		SSLType None
		AuthMechs PLAIN

		IMAPStore there
		Account a

		MaildirStore here
		Path $here/
		Inbox $here/INBOX
		SubFolders Verbatim

		Channel c
		Far :there:
		Near :here:
		Patterns INBOX Archive Trash
		Create Both
		Expunge Both
		SyncState *
	C
	round() {
		mbsync -c "$TERN_HOME/mbsyncrc" -a >"$tap_dir/said" 2>&1 || { note "$(cat "$tap_dir/said")"; return 1; }
	}
	there_is() { # NUMBER FOLDER-OF-THE-SERVER FLAGS
		local name
		name=$(grep -l "^Subject: letter x$1x\$" -r "$there$2/cur" "$there$2/new" 2>/dev/null | head -n 1)
		[ -n "$name" ] && [[ "${name##*:2,}" == *"${3:-}"* ]]
	}
	put 7
	put 8 F
	wait_for 20 count_is subject:x8x 1
	ok "mbsync carries Tern's mail to a server" round
	ok "flags with it" there_is 8 "" F
	# The server names a letter with its flags only when it has looked at it; Tern sees mbsync's new names a moment later.
	all_there() {
		[ "$(find "$there" -path '*/new/*' -o -path '*/cur/*' | xargs grep -l '^Subject: letter' | wc -l)" = \
			"$(tern search --count subject:letter)" ]
	}
	ok "all of it" wait_for 10 all_there
	n=$(tern search --count subject:letter)
	sleep 1
	is "nothing is new or gone for Tern by the names that mbsync gives" "$(tern search --count subject:letter)" "$n"
	tern flag --set seen --set answered subject:x7x
	wait_for 10 has 7 answered
	sleep 0.5
	ok "another round" round
	ok "what is done here is told there" there_is 7 "" RS
	printf 'limit subject:x7x\nmove Archive\n' >"$TERN_HOME/lines"
	tern batch "$TERN_HOME/lines" >/dev/null 2>&1
	wait_for 10 test -n "$(files_of 7 "$here/Archive")"
	sleep 0.5
	ok "a letter that was moved: no uid is there twice" round
	ok "it is moved there" there_is 7 /.Archive RS
	is "once" "$(grep -l '^Subject: letter x7x$' -r "$there" | wc -l)" 1
	doveadm -c "$dovecot/dovecot.conf" flags add -u bob '\Flagged' mailbox Archive header subject 'letter x7x'
	ok "a round brings what is done there" round
	ok "to Tern" wait_for 20 has 7 flagged
	doveadm -c "$dovecot/dovecot.conf" expunge -u bob mailbox Archive header subject 'letter x7x'
	ok "a round takes away what went there" round
	ok "from Tern" wait_for 20 count_is subject:x7x 0
	is "nothing else" "$(tern search --count subject:letter)" $((n - 1))
	stop_dovecot
else
	skip "mbsync" "it or dovecot is not installed"
fi
never_slow
finish
