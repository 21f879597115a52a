# The ways programs call sendmail(1).
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"

fresh_home
account home local me@localhost
ln -s "$top_builddir/tern-sendmail" "$tap_dir/sendmail"
ln -s "$top_builddir/tern-sendmail" "$tap_dir/mailq"
sendmail=$tap_dir/sendmail

# call NAME SUBJECT ARGUMENTS...: that form brings the letter with the subject once.
call() {
	local name=$1 subject=$2
	shift 2
	letter "$subject" me >"$tap_dir/letter"
	if "$sendmail" "$@" <"$tap_dir/letter" >"$tap_dir/said" 2>&1 && wait_for 10 came 1 "$subject"; then
		pass "$name"
	else
		fail "$name" "$(cat "$tap_dir/said")"
	fi
}

call "addresses as arguments" plain me
call "-t" from-header -t
call "-oi -t" oi-t -oi -t
call "-i with addresses behind --" dashes -i -- me@localhost
call "-f apart" f-apart -f sender@localhost me
call "-f joined, as mutt and git do" f-joined -fsender2@localhost -oi -- me
call "-r" r-form -r sender3@localhost me
call "-F" full-name -F 'Lena Ö. "The" Tern' me
call "-bm -om -oem -odb -v -B8BITMIME -G -U -n" harmless -bm -om -oem -odb -v -B8BITMIME -G -U -n me
call "-N -R -V" dsn -N success,failure -R hdrs -V abc me
call "two in one argument" two 'me, "Nobody, else" <me@localhost>'
call "with a null sender" null -f '<>' me
call "-t and -f, as cron does" cron -FCronDaemon -i -odi -oem -oi -t -f root
all=$(cat "$(inbox)"/new/*)
like "Return-Path is the sender" "$all" '^Return-Path: <sender@localhost>$'
like "joined too" "$all" '^Return-Path: <sender2@localhost>$'
like "-r too" "$all" '^Return-Path: <sender3@localhost>$'
like "the null sender" "$all" '^Return-Path: <>$'
like "the name stands in From" "$(tern show --json "$(grep -l 'Subject: full-name' "$(inbox)"/new/*)")" \
	'Lena Ö. \\"The\\" Tern'
like "who brought it is noted" "$all" "^Received: by .* \(Tern .*, from user $(id -un)\);"
is "each has one Date, Message-ID, From, Received" \
	"$(for f in "$(inbox)"/new/*; do grep -cE '^(Date|Message-ID|From|Received):' "$f"; done | sort -u)" 4

# --- what is there already stays
printf 'From: A <a@b>\nDate: Mon, 1 Jan 2024 00:00:00 +0000\nMessage-ID: <mine@x>\nTo: me\nSubject: own\n\nx\n' |
	"$sendmail" -t
ok "it comes" wait_for 10 came 1 own
is "nothing is doubled" "$(grep -cE '^(Date|Message-ID|From):' "$(grep -l '^Subject: own' "$(inbox)"/new/*)")" 3

# --- a line of a dot
printf 'Subject: dot\n\nbefore\n.\nafter\n' >"$tap_dir/dot"
"$sendmail" me <"$tap_dir/dot"
ok "without -i a dot ends the letter" wait_for 10 came 1 dot
is "before it" "$(tail -n 1 "$(grep -l '^Subject: dot$' "$(inbox)"/new/*)")" before
sed -i 's/Subject: dot/Subject: dot-i/' "$tap_dir/dot"
"$sendmail" -i me <"$tap_dir/dot"
ok "with -i it does not" wait_for 10 came 1 dot-i
is "all is there" "$(tail -n 1 "$(grep -l '^Subject: dot-i$' "$(inbox)"/new/*)")" after
printf 'Subject: dot-split\n\nbefore\n' >"$tap_dir/dot"
{ cat "$tap_dir/dot"; printf .; sleep 0.3; printf '\r'; sleep 0.3; printf '\nafter\n'; } | "$sendmail" me
ok "a dot that comes in pieces" wait_for 10 came 1 dot-split
is "ends it too" "$(tail -n 1 "$(grep -l '^Subject: dot-split$' "$(inbox)"/new/*)")" before
printf 'Subject: dot-last\n\n.x\n.' | "$sendmail" me
ok "a dot at the very end" wait_for 10 came 1 dot-last
is "belongs to the letter" "$(tail -n 2 "$(grep -l '^Subject: dot-last$' "$(inbox)"/new/*)" | tr '\n' ' ')" ".x ."

# --- exit codes of sysexits
status_is "no recipient: 64" 64 "$sendmail"
status_is "no address: 64" 64 "$sendmail" 'a b@c@'
status_is "a control character: 64" 64 "$sendmail" $'me\r\nx'
status_is "a sender that is none: 64" 64 "$sendmail" -f 'a b' me
status_is "-C is refused: 64" 64 "$sendmail" -C /etc/passwd me
status_is "-bs is not made yet: 64" 64 "$sendmail" -bs
status_is "-R wants full or hdrs" 64 "$sendmail" -R all me
status_is "-bi has nothing to do" 0 "$sendmail" -bi
for i in $(seq 61); do echo "Received: by x"; done >"$tap_dir/loop"
status_is "a letter in circles: 65" 65 bash -c "'$sendmail' me <'$tap_dir/loop'"
chmod 500 "$TERN_HOME/data/outbox" "$TERN_HOME/data"
if [ "$(id -u)" = 0 ]; then
	skip "no place to write: not 0" "root writes everywhere"
else
	status_is "no place to write: 73" 73 bash -c "'$sendmail' me <'$tap_dir/dot'"
fi
chmod 700 "$TERN_HOME/data" "$TERN_HOME/data/outbox"

# --- the queue
like "mailq says that it is empty" "$("$tap_dir/mailq")" 'The outbox is empty'
like "-bp too" "$("$sendmail" -bp)" 'The outbox is empty'
ok "-q" "$sendmail" -q
ok "-q30m" "$sendmail" -q30m

# --- no agent can start: the letter is safe, and that is said
stop_agents
mkdir "$tap_dir/alone" && cp "$top_builddir/tern-sendmail" "$tap_dir/alone/sendmail"
letter alone me >"$tap_dir/letter"
said=$(PATH=/usr/bin:/bin "$tap_dir/alone/sendmail" me <"$tap_dir/letter" 2>&1)
is "it ends with 0" $? 0
like "and says that it waits" "$said" 'waits in the outbox'
like "mailq has it" "$("$tap_dir/mailq")" 'me  \(waiting'
call "the next call starts an agent" next me
ok "which carries what waited" wait_for 10 came 1 alone
never_slow
finish
