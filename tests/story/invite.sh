# An invitation is answered: a letter to the organizer with the iTIP reply, and only when asked to.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
fresh_home
mkdir -p "$TERN_HOME/config"
inbox=$TERN_HOME/Mail/home/INBOX
mkdir -p "$inbox/cur" "$inbox/new" "$inbox/tmp"
cat >"$TERN_HOME/config/config" <<END
[account home]
kind = local
address = lena@localhost
real-name = Lena Sokolova
[compose]
undo-send = 600
END
# invitation METHOD UID FILE
invitation() {
	cat >"$inbox/new/$3" <<END
From: Anna Petrova <anna@localhost>
To: lena@localhost
Subject: Invitation $2
Message-ID: <$2@localhost>
Date: Mon, 23 Nov 2026 10:00:00 +0000
X-Keywords: accepted
X-Tern-Answer: accepted
Status: RO
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

Come to the lake.
--b
Content-Type: text/calendar; method=$1; charset=utf-8

BEGIN:VCALENDAR
METHOD:$1
BEGIN:VEVENT
UID:$2
SEQUENCE:3
SUMMARY:Saturday at the lake
DTSTART:20261128T090000Z
DTEND:20261128T110000Z
ORGANIZER;CN=Anna Petrova:mailto:anna@localhost
ATTENDEE;CN=Lena;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:lena@localhost
END:VEVENT
END:VCALENDAR
--b--
END
}
outbox_letter() {
	find "$TERN_HOME/data/outbox" -name '*.eml' 2>/dev/null | sort -n | tail -n 1
}

# run_line LINE
run_line() {
	printf '%s\n' "$1" >"$TERN_HOME/lines"
	tern batch "$TERN_HOME/lines"
}

invitation REQUEST uid-1 one
ok "opening the mailbox sends nothing (PROMISES row 37)" run_line "search Invitation; read"
is "the outbox is empty" "$(outbox_letter)" ""
ok "showing it sends nothing either" tern show --json "$inbox"/*/one*
is "still empty" "$(outbox_letter)" ""

is "a letter does not say itself that it was accepted (PROMISES row 36)" "$(tern search --count tag:accepted)" 0

ok "it is accepted" run_line "search Invitation; accept"
letter=$(outbox_letter)
reply=$(cat "$letter")
like "to the organizer" "$reply" 'To: Anna Petrova <anna@localhost>'
like "as the one invited" "$reply" 'From: Lena Sokolova <lena@localhost>'
like "the type says what it is" "$reply" 'Content-Type: text/calendar; charset=us-ascii; method=REPLY'
like "said twice" "$reply" 'Content-Type: multipart/alternative'
for line in 'METHOD:REPLY' 'UID:uid-1' 'SEQUENCE:3' 'DTSTAMP:[0-9]*T[0-9]*Z' \
	'ATTENDEE;PARTSTAT=ACCEPTED;CN="Lena Sokolova":mailto:lena@localhost' \
	'ORGANIZER;CN=Anna Petrova:mailto:anna@localhost'; do
	status_is "$line" 0 grep -qx -- "$line" "$letter"
done
is "one guest is named" "$(grep -c '^ATTENDEE' "$letter")" 1
like "in words" "$reply" 'Lena Sokolova accepts the invitation:'
like "it answers the invitation" "$reply" 'In-Reply-To: <uid-1@localhost>'
is "the answer is remembered" "$(tern search --count tag:accepted)" 1
like "it waits and can be taken back" "$(tern outbox list)" "waiting"

ok "another answer takes its place" run_line "search Invitation; decline"
is "no longer accepted" "$(tern search --count tag:accepted)" 0
is "but declined" "$(tern search --count tag:declined)" 1
status_is "it says so" 0 grep -q PARTSTAT=DECLINED "$(outbox_letter)"

before=$(find "$TERN_HOME/data/outbox" -name '*.eml' | wc -l)
invitation CANCEL uid-2 two
like "what was cancelled is not answered" "$(run_line 'limit "subject:uid-2"; accept' 2>&1)" "was cancelled"
is "no letter came of it" "$(find "$TERN_HOME/data/outbox" -name '*.eml' | wc -l)" "$before"
finish
