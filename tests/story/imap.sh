# The IMAP backend against a real Dovecot: every operation, over TLS, STARTTLS and in clear, with another client beside it.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
has_dovecot || skip_all "needs dovecot-imapd"
fresh_home
start_dovecot || skip_all "dovecot does not start here"
trap 'stop_dovecot; tap_end' EXIT
export TERN_DEBUG=1
secret=$(password_file alice)

# try KEY=VALUE... : the script is on stdin
try() {
	timeout -k 2 60 "$top_builddir/tests/lib/imap_try" server="localhost:$imaps_port" tls=implicit user=alice \
		ca="$ca/ca.pem" password-file="$secret" "$@" 2>&1
}

imap() { # another client: command lines on stdin, over plain TCP
	{
		printf 'a LOGIN alice alice-pw\r\n'
		sed 's/$/\r/'
		printf 'z LOGOUT\r\n'
		sleep 0.3
	} | timeout 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$imap_port; cat <&3 & cat >&3; wait" >"$tap_dir/imap" 2>&1
}

# --- signing in ---
like "TLS and SCRAM" "$(try <<<can)" 'modseq vanished move uidplus idle notify list-status special-use.*SCRAM-SHA-256$'
like "loopback in clear" "$(try server="localhost:$imap_port" tls=none auth=plain <<<can)" 'mechanism=PLAIN$'
like "STARTTLS" "$(try server="localhost:$imap_port" tls=starttls <<<can)" 'mechanism=SCRAM-SHA-256$'
like "in clear no more, once it was encrypted" "$(try server="localhost:$imap_port" tls=none auth=plain <<<can)" \
	'denied: .*was encrypted.*tern account forget-promises try'
like "LOGIN" "$(try auth=login <<<can)" 'mechanism=LOGIN$'
like "CRAM-MD5" "$(try auth=cram-md5 <<<can)" 'mechanism=CRAM-MD5$'
like "deflate" "$(try deflate=yes <<<list)" 'mailbox INBOX wire=INBOX role=1'
like "a wrong password" "$(try user=bob <<<list)" '^error denied: signing in to localhost as bob: .*uthentication failed'
like "an unknown certificate" "$(try ca=/dev/null <<<list)" '^error (denied|usage|failed)'
like "a wrong port" "$(try server=localhost:1 <<<list)" '^error temporary: .*port 1'
for place in '-oProxyCommand=touch${IFS}hacked' '{localhost}' '$(touch hacked)' 'localhost:99999'; do
	like "$place is no server" "$(cd "$tap_dir" && try server="$place" <<<list)" '^error usage: '
done
is "nothing was run" "$(ls "$tap_dir" | grep -c hacked)" 0
like "an unknown host" "$(try server=no-such-host.invalid <<<list)" '^error (temporary|not-found): .*no-such-host'

# --- mailboxes ---
said=$(try <<-'END'
	create Lists/tern
	create Entwürfe/x&y
	create Lists/tern
	rename Lists/tern Lists/birds
	list
	remove Entw&APw-rfe/x&-y
	remove nowhere
	subscribe Lists/birds 0
	list
END
)
like "roles" "$said" 'mailbox Sent wire=Sent role=3 subscribed'
like "created" "$said" '^wire Entw&APw-rfe/x&-y$'
like "its name is as people see it" "$said" 'mailbox Entwürfe/x&y wire=Entw&APw-rfe/x&-y .*subscribed'
like "a second time" "$said" '^error exists: '
like "renamed" "$said" 'mailbox Lists/birds wire=Lists/birds .*subscribed messages=0'
like "what is not there cannot go" "$said" '^error not-found: '
like "unsubscribed" "$(tail -12 <<<"$said")" 'mailbox Lists/birds wire=Lists/birds role=0 messages=0'
is "gone" "$(tail -9 <<<"$said" | grep -c 'x&y')" 0

# --- letters ---
printf 'From: a@b\nSubject: one\nMessage-ID: <one@b>\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nfirst\n--x\n\nsecond\n--x--\n' >"$tap_dir/one"
printf 'From: a@b\r\nSubject: =?utf-8?q?=C3=BC?=\r\nMessage-ID: <two@b>\r\n\r\nTwo\r\n' >"$tap_dir/two"
mkdir "$tap_dir/out"
said=$(
	try <<-END
		select INBOX
		append INBOX $tap_dir/one +Seen +work +важно
		append INBOX $tap_dir/two +Flagged +\$Forwarded
		append INBOX $tap_dir/two
		append Nowhere $tap_dir/two
		select INBOX
		headers 1 *
		whole 1 * $tap_dir/out
		part 1 2
		store 1 2 +Answered -Seen +later -work
		flags 1 * 0
		find two@b
		search Subject ü
		search - first
		move 2 2 Lists/birds
		copy 1 1 Lists/birds
		expunge 3 3
		wait 0
		uids 1 *
		quota
	END
)
like "appended" "$said" '^appended 1 yes$'
like "not into nothing" "$said" '^error not-found: saving a letter in the mailbox "Nowhere"'
like "header of the first" "$said" '^message 1 flags=1 keywords=work важно modseq=yes size=127 received=1234567890 header=[0-9]+ attachment$'
like "header of the second" "$said" '^message 2 flags=36 keywords= modseq=yes size=68 received=1234567890 header=[0-9]+$'
is "whole, with CRLF" "$(cat "$tap_dir/out/1")" "$(sed 's/$/\r/' "$tap_dir/one")"
is "as it was" "$(cat "$tap_dir/out/2")" "$(cat "$tap_dir/two")"
like "a part" "$said" '^whole 1 6$'
like "flags as stored" "$said" '^message 1 flags=2 keywords=later важно '
like "found" "$said" '^found 2$'
is "searched" "$(grep -c '^uids [23] [23]$' <<<"$said")" 1
like "moved" "$said" '^pair 2 1 yes$'
like "copied" "$said" '^pair 1 2 yes$'
like "our own changes are no news" "$said" '^waited nothing other=-$'
is "one is left" "$(grep -A1 '^waited' <<<"$said" | tail -1)" "uids 1 1"

# --- what another client does meanwhile ---
{
	printf 'select INBOX\nappend INBOX %s\nappend INBOX %s\nselect INBOX\n' "$tap_dir/two" "$tap_dir/two"
	sleep 1
	imap <<<$'b SELECT INBOX\nc UID STORE 1 +FLAGS ($Forwarded)\nd UID STORE 4 +FLAGS (\\Deleted)\ne UID EXPUNGE 4'
	printf 'select INBOX = = = =\n'
	(
		sleep 1
		imap <<<$'b SELECT INBOX\nc UID STORE 1 +FLAGS (\\Flagged)'
	) &
	printf 'wait 20000\n'
	wait
	(
		sleep 1
		imap <<<$'b SELECT Lists/birds\nc UID STORE 1 +FLAGS (new)'
	) &
	printf 'select INBOX\nwait 20000 other\nwait 5000 other\n'
	wait
} | try >"$tap_dir/said"
said=$(cat "$tap_dir/said")
like "what went is told" "$said" '^gone 4 4$'
like "what changed is told" "$said" '^message 1 flags=34 keywords='
like "that was all" "$said" '^selected exists=2 uidnext=6 uidvalidity=yes modseq=yes whole$'
like "IDLE wakes" "$said" '^waited changed other=-$'
like "another mailbox tells" "$said" '^waited nothing other=Lists/birds$'

# --- the server goes and comes ---
{
	printf 'select INBOX\n'
	sleep 1
	doveadm -c "$dovecot/dovecot.conf" kick alice >/dev/null 2>&1
	sleep 1
	printf 'flags 1 * 0\nflags 1 * 0\n'
} | try >"$tap_dir/said"
like "a server that goes" "$(cat "$tap_dir/said")" '^error temporary: '
stop_dovecot
like "no server" "$(try <<<list)" '^error temporary: localhost, port [0-9]+, cannot be reached'
secrets="alice-pw|$(printf '\0alice\0alice-pw' | base64)|$(printf 'alice-pw' | base64)"
is "no password is in the log" "$(grep -cE "$secrets" "$TERN_HOME/state/log")" 0
finish
