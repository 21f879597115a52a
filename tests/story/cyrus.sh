# Accounts on a real Cyrus: other answers than Dovecot's to the same questions.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/cyrus.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
has_cyrus || skip_all "Cyrus is not here (./check unpacks it)"
fresh_home
start_cyrus || skip_all "Cyrus does not start here"
trap 'stop_cyrus; tap_end' EXIT
here=$TERN_HOME/Mail/work

letter() {
	printf 'From: a@example.org\nTo: bob@%s\nSubject: letter %d\nMessage-ID: <m%d@x>\nDate: Mon, 23 Nov 2026 10:00:%02d +0000\n\nHello %d\n' \
		$server_domain "$1" "$1" "$1" "$1"
}
put() { # NUMBER [FLAGS]: in the server's inbox
	letter "$1" | cyrus_append bob INBOX "${2:-}"
}
count_is() {
	[ "$(tern search --count "$1")" = "$2" ]
}
# there MAILBOX: "NUMBER FLAGS" of each letter, in order
there() {
	cyrus_says bob "EXAMINE $1" 'FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])' | awk '
		/^\* [0-9]+ FETCH/ { flags = $0; sub(/.*FLAGS \(/, "", flags); sub(/\).*/, "", flags); sub(/ ?\\Recent ?/, "", flags) }
		/^Subject: letter/ { print $3, flags }' | sort
}
there_is() { # MAILBOX TEXT
	[ "$(there "$1")" = "$2" ]
}

for n in 1 2 3; do put $n; done
ok "an account is added" tern account add work --kind imap --address bob@$server_domain --user bob \
	--password-file "$(password_file bob)" --server "localhost:$cyrus_imaps_port" --ca "$ca/ca.pem"
ok "it is brought here" tern sync work
ok "all its letters" wait_for 10 count_is subject:letter 3
is "byte by byte" "$(cat "$(grep -l 'letter 2' -r "$here/INBOX")")" "$(letter 2)"
is "its folders" "$(ls "$here" | sort | tr '\n' ' ')" "Archive Drafts INBOX Junk Sent Trash "

tern flag --set seen --set flagged 'subject:"letter 2"'
ok "a flag set here is set there" wait_for 10 there_is INBOX $'1 \n2 \\Flagged \\Seen\n3 '
cyrus_says bob 'SELECT INBOX' 'STORE 1 +FLAGS (\Answered $Work)' >/dev/null
answered() {
	tern search --json 'subject:"letter 1"' | grep -q '"answered"'
}
ok "a flag set there is set here, without being asked" wait_for 20 answered
put 4
ok "a letter that comes there comes here, without being asked" wait_for 20 count_is 'subject:"letter 4"' 1

printf 'limit subject:"letter 3"\nmove Archive\n' >"$tap_dir/lines"
tern batch "$tap_dir/lines" >"$tap_dir/said" 2>&1 || note "$(cat "$tap_dir/said")"
ok "what is moved here is moved there" wait_for 10 there_is Archive '3 '
cyrus_says bob 'SELECT INBOX' 'STORE 1 +FLAGS (\Deleted)' 'EXPUNGE' >/dev/null
ok "what goes there" tern sync work
is "goes here" "$(tern search --count 'subject:"letter 1"')" 0
mkdir -p "$here/Archive"/{cur,new,tmp}
letter 9 >"$here/Archive/cur/9.x.h:2,FS"
ok "what is put here" tern sync work
ok "is put there, once" wait_for 10 there_is Archive $'3 \n9 \\Flagged \\Seen'

# --- many, with the index lost: nothing is fetched or sent twice
tern account remove work
pkill -TERM -f "worker (sync|watch) work" 2>/dev/null
sleep 0.2
rm -f "$TERN_HOME"/data/accounts/work.db*
tern account add work --kind imap --address bob@$server_domain --user bob --password-file "$(password_file bob)" \
	--server "localhost:$cyrus_imap_port" --tls starttls --ca "$ca/ca.pem"
ok "the index is lost, and all is found again, by STARTTLS" tern sync work
is "nothing came twice" "$(grep -l '^Subject: letter' -r "$here" | wc -l)" 4
is "nothing went twice" "$(there INBOX; there Archive)" $'2 \\Flagged \\Seen\n4 \n3 \n9 \\Flagged \\Seen'

# --- tern account move: a local account goes to carol's
tern account add home --kind local --address me@localhost
for n in 41 42 43; do letter $n >"$TERN_HOME/Mail/home/INBOX/cur/16002576$n.x$n.h:2,S"; done
mkdir -p "$TERN_HOME/Mail/home/lists/tern"/{cur,new,tmp}
letter 44 >"$TERN_HOME/Mail/home/lists/tern/cur/1600257644.x44.h:2,FS"
letter 45 >"$TERN_HOME/Mail/home/lists/tern/new/1600257645.x45.h"
tern account add away --kind imap --address carol@$server_domain --user carol --password-file "$(password_file carol)" \
	--server "localhost:$cyrus_imaps_port" --ca "$ca/ca.pem"
{ timeout -s KILL 0.4 tern account move home away; } >/dev/null 2>&1
ok "a local account moves to Cyrus, and goes on where it was killed" timeout 120 tern account move home away
like "once more changes nothing" "$(tern account move home away 2>&1)" '5 letters .*, 0 of them copied now'
carols() {
	cyrus_says carol "EXAMINE $1" 'FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (SUBJECT)])' | awk '
		/^\* [0-9]+ FETCH/ { flags = $0; sub(/.*FLAGS \(/, "", flags); sub(/\).*/, "", flags); sub(/ ?\\Recent ?/, "", flags)
			date = $0; sub(/.*INTERNALDATE "/, "", date); sub(/ .*/, "", date) }
		/^Subject: letter/ { print $3, flags, date }' | sort
}
is "with flags" "$(carols INBOX | cut -d ' ' -f 1,2)" $'41 \\Seen\n42 \\Seen\n43 \\Seen'
like "and dates" "$(carols INBOX)" '41 .Seen 16-Sep-2020'
is "and folders" "$(carols lists/tern | sed 's/ *[^ ]*$//')" $'44 \\Flagged \\Seen\n45'
tern account remove away
tern account remove home
cyrus_says carol 'SELECT INBOX' 'STORE 1:* +FLAGS (\Deleted)' 'EXPUNGE' >/dev/null

# --- POP3
letter 21 | cyrus_append carol INBOX ""
letter 22 | cyrus_append carol INBOX ""
tern account add pop --kind pop3 --address carol@$server_domain --user carol \
	--password-file "$(password_file carol)" --server "localhost:$cyrus_pop3s_port" --ca "$ca/ca.pem"
ok "POP3: collected" tern sync pop
is "all of it" "$(grep -l '^Subject: letter 2' -r "$TERN_HOME/Mail/pop" | wc -l)" 2
like "and removed there" "$(cyrus_says carol 'STATUS INBOX (MESSAGES)')" 'MESSAGES 0'

# --- where all folders lie below INBOX, with dots between
stop_cyrus
stop_agents
rm -rf "$cyrus"
fresh_home
CYRUS_ALTNAMESPACE=no CYRUS_SLASH=no
start_cyrus
put 31
tern account add work --kind imap --address bob@$server_domain --user bob --password-file "$(password_file bob)" \
	--server "localhost:$cyrus_imaps_port" --ca "$ca/ca.pem"
ok "a server with a prefix" tern sync work
like "its mail is here" "$(grep -l 'letter 31' -r "$TERN_HOME/Mail/work" 2>&1)" '/INBOX/'
printf 'limit subject:"letter 31"\nmove Archive\n' >"$tap_dir/lines"
tern batch "$tap_dir/lines" >"$tap_dir/said" 2>&1 || note "$(cat "$tap_dir/said"; ls -R "$TERN_HOME/Mail/work" | head -30)"
ok "its folders go without the prefix" wait_for 10 there_is INBOX.Archive '31 '
unlike "PROMISES 54: no password in the log" "$(cat "$TERN_HOME/state/log")" 'bob-pw|carol-pw'
finish
