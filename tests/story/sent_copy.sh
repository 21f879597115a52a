# The copy in Sent: once for a letter that goes out by an account on a server, none for one that nobody got.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
. "$top_srcdir/tests/lib/postfix.sh"
has_dovecot || skip_all "this test wants Dovecot"
has_postfix || skip_all "this test wants Postfix, and root for it"
postfix_port=$(free_port)
start_dovecot || skip_all "Dovecot does not start here"
start_postfix || skip_all "Postfix does not start here"
trap 'stop_postfix; stop_dovecot; tap_end' EXIT
fresh_home

add() {
	tern account add "$1" --kind imap --address "$1@$server_domain" --user "$1" --password-file \
		"$(password_file "$1")" --server "localhost:$imaps_port" --tls implicit --ca "$ca/ca.pem" \
		--submission "localhost:$submissions_port" --submission-tls implicit
}

# there NAME FOLDER SUBJECT: how many the server has.
there() {
	grep -lx "Subject: $3" "$dovecot/home/$1/Maildir/.$2"/cur/* "$dovecot/home/$1/Maildir/.$2"/new/* 2>/dev/null | wc -l
}

# post SUBJECT TO [FIELD...]
post() {
	local subject=$1 to=$2
	shift 2
	{ printf 'To: %s\nSubject: %s\n' "$to" "$subject"; [ $# = 0 ] || printf '%s\n' "$@"; printf '\nhello\n'; } |
		timeout 60 tern send --now -t 2>&1
}

ok "an account" add alice
ok "is fetched" tern sync
like "a letter goes" "$(post once "bob@$server_domain" "Bcc: carol@$server_domain")" 'carol.*sent: 250'
ok "a round" tern sync
ok "and another" tern sync
is "the server has its copy once" "$(there alice Sent once)" 1
is "so has this computer" "$(tern search --count 'in:Sent subject:once')" 1
is "it was read" "$(tern search --count 'in:Sent is:unread')" 0
like "the copy tells of who got it blindly" "$(cat "$dovecot"/home/alice/Maildir/.Sent/cur/*)" '^Bcc: carol@'

like "a letter that nobody wants" "$(post never "nobody@$server_domain")" 'failed: 550'
ok "comes back" wait_for 30 bash -c "tern search --count 'in:Drafts subject:never' | grep -qx 1"
ok "a round" tern sync
is "no copy stays here" "$(tern search --count 'in:Sent subject:never')" 0
is "nor there" "$(there alice Sent never)" 0
is "the draft is there" "$(there alice Drafts never)" 1

like "one that some get" "$(post some "nobody@$server_domain, bob@$server_domain")" 'bob@.*sent: 250'
ok "a round" tern sync
is "has its copy" "$(there alice Sent some)" 1

printf '[compose]\nsent-copy = no\n' >>"$TERN_HOME/config/config"
like "with sent-copy = no" "$(post none "bob@$server_domain")" 'sent: 250'
ok "a round" tern sync
is "no copy is kept" "$(there alice Sent none)" 0
sed -i 's/^sent-copy.*/sent-copy = yes/' "$TERN_HOME/config/config"

ok "a second account" add bob
ok "is fetched" tern sync
like "a letter From its address" "$(post from "carol@$server_domain" "From: Bob <bob@$server_domain>")" 'sent: 250'
ok "a round" tern sync
is "goes by it" "$(tern outbox list --all --json | grep -c '"account":"bob","sender":"bob@')" 1
is "its copy is there" "$(there bob Sent from)" 1
is "and nowhere else" "$(there alice Sent from)" 0
finish
