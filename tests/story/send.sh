# A letter goes round on one machine: tern send, the queue, local delivery, bounces.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"

fresh_home
account home local me@localhost
letter first me@localhost >"$tap_dir/first"

# --- one letter, byte-exact but for added headers
status_is "tern send --now -t ends well" 0 bash -c "tern send --now -t <'$tap_dir/first' 2>'$tap_dir/said'"
is "it says so" "$(cat "$tap_dir/said")" "tern: me@localhost: sent: Delivered into the mailbox."
is "one letter lies in new/" "$(ls "$(inbox)/new" | wc -l)" 1
is "its added headers are these" \
	"$(sed '/^$/q' "$(inbox)"/new/* | grep -vxFf "$tap_dir/first" | sed 's/:.*//' | tr '\n' ' ')" \
	"Return-Path Delivered-To Received From Date Message-ID "
like "where it came from tells no more than this" "$(cat "$(inbox)"/new/*)" "^Received: by $(hostname) \(Tern\); [A-Z]"
is "all else is as it was" "$(grep -xFf "$tap_dir/first" "$(inbox)"/new/*)" "$(cat "$tap_dir/first")"
ok "the outbox keeps no file" wait_for 5 letters_are_gone
is "the outbox is empty" "$(tern outbox list --json)" ""
like "with --all it tells what was" "$(tern outbox list --all --json)" '"addr":"me@localhost","state":"sent"'

# --- names that mean me
for name in me "$(id -un)" me+lists@localhost "me@$(hostname)" ME@LOCALHOST postmaster; do
	letter "to $name" "$name" >"$tap_dir/letter"
	ok "$name is me" bash -c "tern send --now '$name' <'$tap_dir/letter'"
done

# --- nobody of that name: a bounce in the sender's own inbox
letter lost nobody@localhost me@localhost >"$tap_dir/letter"
status_is "an unknown name fails" 1 bash -c "tern send --now -t <'$tap_dir/letter' 2>'$tap_dir/said'"
like "and is said" "$(cat "$tap_dir/said")" '^tern: nobody@localhost: failed: There is no mailbox'
like "the other recipient has it" "$(cat "$tap_dir/said")" '^tern: me@localhost: sent'
ok "the bounce comes" wait_for 5 came 1 "Your letter could not be delivered to nobody@localhost"
bounce=$(grep -l 'could not be delivered to nobody' "$(inbox)"/new/*)
like "it is a report" "$(tern show --json "$bounce")" 'multipart/report.*message/delivery-status.*message/rfc822'
like "it has the status" "$(cat "$bounce")" '^Status: 5\.1\.1$'
like "and the letter" "$(cat "$bounce")" '^Subject: lost$'
unlike "Bcc does not stand in it" "$(cat "$bounce")" '^Bcc'

# --- another computer, which nothing here can reach yet
letter far you@example.org >"$tap_dir/letter"
status_is "a remote address fails at once" 1 bash -c "tern send --now -t <'$tap_dir/letter' 2>'$tap_dir/said'"
like "with a sentence" "$(cat "$tap_dir/said")" 'on another computer'
ok "its bounce comes" wait_for 5 came 1 "Your letter could not be delivered to you@example.org"
like "with the status" "$(cat "$(inbox)"/new/*)" '^Status: 5\.4\.4$'

# --- Bcc is for the envelope only
printf 'To: me\nBcc: me+secret@localhost,\n me+more\nSubject: blind\n\nx\n' >"$tap_dir/letter"
ok "Bcc is a recipient" bash -c "tern send --now -t <'$tap_dir/letter'"
is "one mailbox gets one, by however many names" "$(in_inbox blind)" 1
unlike "nobody reads it" "$(cat "$(inbox)"/new/*)" '^Bcc|secret@|^ me\+more'

# --- wrong words
status_is "no recipient is wrong usage" 2 bash -c "tern send <'$tap_dir/first'"
status_is "no recipient in the header neither" 2 bash -c "echo 'Subject: x' | tern send -t"
status_is "a newline in an address" 2 bash -c "tern send \$'me\nRCPT TO:<x>' <'$tap_dir/first'"
status_is "an account that is not there" 2 bash -c "tern send --account none me <'$tap_dir/first'"

# --- odd letters
ok "an empty letter goes" bash -c "tern send --now me </dev/null"
ok "a letter without a header goes" bash -c "echo 'just text' | tern send --now me"
ok "its text is a body" wait_for 5 bash -c "grep -lzE $'\n\njust text\n' '$(inbox)'/new/*"
printf 'Subject: dos\r\nTo: me\r\n\r\nline\r\n.\r\n\0end\r\n' >"$tap_dir/dos"
ok "a letter with CR LF goes" bash -c "tern send --now -t <'$tap_dir/dos'"
dos=$(grep -l '^Subject: dos' "$(inbox)"/new/*)
is "with its line ends" "$(grep -c $'\r$' "$dos")" "$(wc -l <"$dos")"
is "and its body to the byte" "$(tail -c 15 "$dos" | od -c)" "$(tail -c 15 "$tap_dir/dos" | od -c)"
rm "$dos"

# --- held, cancelled, flushed
letter wait me >"$tap_dir/letter"
stop_agents
mkdir -p "$TERN_HOME/none"
like "with no agent to start the letter waits" \
	"$(cp "$top_builddir/tern" "$TERN_HOME/none/tern" &&
		PATH=/usr/bin:/bin "$TERN_HOME/none/tern" send -t <"$tap_dir/letter" 2>&1)" 'waits in the outbox'
id=$(tern outbox list --json | sed 's/.*"id":\([0-9]*\).*/\1/')
ok "it is held" tern outbox hold "$id"
like "and listed so" "$(tern outbox list)" 'me  held'
ok "a flush lets what is held" tern outbox flush
status_is "a cancelled one" 0 tern outbox cancel "$id"
status_is "is gone" 1 tern outbox cancel "$id"
is "and never comes" "$(in_inbox wait)" 0
status_is "a number is needed" 2 tern outbox hold
status_is "an unknown wish" 2 tern outbox eat

# --- loops
for i in $(seq 61); do echo "Received: by x; Mon, 1 Jan 2024 00:00:00 +0000"; done >"$tap_dir/loop"
printf 'To: me\nSubject: loop\n\nx\n' >>"$tap_dir/loop"
status_is "61 hops are refused" 1 bash -c "tern send --now -t <'$tap_dir/loop'"
printf 'Delivered-To: me@localhost\nTo: me\nSubject: again\n\nx\n' >"$tap_dir/loop"
status_is "what was delivered to me goes in circles" 1 bash -c "tern send --now -t <'$tap_dir/loop'"
like "says the bounce" "$(wait_for 5 grep -q '^Status: 5.4.6' "$(inbox)"/new/* ; cat "$(inbox)"/new/*)" '^Status: 5\.4\.6'

never_slow
finish
