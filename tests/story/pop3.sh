# Mail fetched by POP3: from a real server, and from one that lies and cuts. Nothing is lost, nothing comes twice.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
fresh_home
inbox=$TERN_HOME/Mail/pop/INBOX

subjects() {
	grep -hs '^Subject:' "$1"/new/* "$1"/cur/* | sort
}
wanted() {
	for n in $(seq 1 "$1"); do echo "Subject: letter $n"; done | sort
}
# letters FOLDER COUNT
letters() {
	rm -rf "$1" && mkdir -p "$1"
	for n in $(seq 1 "$2"); do
		printf 'From: a@example.org\r\nTo: me@example.org\r\nSubject: letter %d\r\nMessage-ID: <%d@x>\r\n\r\nHello\r\n.a dot\r\n..two\r\n.\r\n%s\r\n' \
			"$n" "$n" "end of $n" >"$1/m$(printf %04d "$n")"
	done
}
mail_of() {
	printf 'From: a@example.org\nTo: me@example.org\nSubject: letter %d\nMessage-ID: <%d@x>\n\nHello\n.a dot\n..two\n.\n%s\n' \
		"$1" "$1" "end of $1"
}
# liar SCENARIO [NUMBER]: serves $tap_dir/there
liar() {
	[ -z "${liar_pid:-}" ] || { kill "$liar_pid" && wait "$liar_pid"; } 2>/dev/null
	rm -f "$tap_dir/port" "$tap_dir/port.scenario"
	python3 "$top_srcdir/tests/lib/pop3_liar.py" "$tap_dir/there" "$tap_dir/port" "$@" 2>"$tap_dir/liar.err" &
	liar_pid=$!
	wait_for 10 test -s "$tap_dir/port"
}
# account [OPTION...]: anew, for the liar
account() {
	tern account remove pop 2>/dev/null
	rm -rf "$TERN_HOME/Mail/pop" "$TERN_HOME"/data/accounts/pop* "$TERN_HOME"/data/pop*
	tern account add pop --kind pop3 --address me@example.org --server "127.0.0.1:$(cat "$tap_dir/port")" --tls none \
		--password-file "$(password_file me)" "$@"
}

# --- a real server ---
if has_dovecot && start_dovecot; then
	there=$dovecot/home/alice/Maildir
	mkdir -p "$there"/{new,cur,tmp}
	for n in 1 2 3; do mail_of $n >"$there/new/100$n.x.h"; done
	[ "$(id -u)" != 0 ] || chown -R mail:mail "$there"
	ok "an account is added" tern account add pop --kind pop3 --address alice@$server_domain --user alice \
		--password-file "$(password_file alice)" --server "localhost:$pop3s_port" --ca "$ca/ca.pem"
	ok "its mail is fetched over TLS" tern sync pop
	is "all of it" "$(subjects "$inbox")" "$(wanted 3)"
	is "byte by byte" "$(cat "$inbox"/new/* | sort)" "$({ mail_of 1; mail_of 2; mail_of 3; } | sort)"
	is "nothing is left there" "$(ls "$there/new" "$there/cur" | grep -c x.h)" 0
	wait_for 10 test "$(tern search --count subject:letter)" = 3
	is "the index has it" "$(tern search --count subject:letter)" 3
	printf '\n[account pop]\nleave-days = 3\ntls = starttls\nserver = localhost:%s\n' "$pop3_port" >>"$TERN_HOME/config/config"
	mail_of 4 >"$there/new/1004.x.h"
	[ "$(id -u)" != 0 ] || chown -R mail:mail "$there"
	tern account remove pop && tern account add pop --kind pop3 --address alice@$server_domain --user alice --leave-days 3 \
		--password-file "$(password_file alice)" --server "localhost:$pop3_port" --tls starttls --ca "$ca/ca.pem"
	ok "a letter that stays is fetched by STARTTLS" tern sync pop
	ok "once" tern sync pop
	is "once only" "$(subjects "$inbox")" "$(wanted 4)"
	is "it is still there" "$(ls "$there/new" "$there/cur" | grep -c x.h)" 1
	cp "$TERN_HOME/config/config" "$tap_dir/config"
	sed -i 's/^tls = starttls/tls = none/' "$TERN_HOME/config/config"
	like "what was encrypted once is not done readable later" "$(tern sync pop 2>&1)" 'was encrypted.*forget-promises pop'
	cp "$tap_dir/config" "$TERN_HOME/config/config"
	tern account remove pop
	tern account add pop --kind pop3 --address alice@$server_domain --user alice --password-file "$(password_file bob)" \
		--server "localhost:$pop3s_port" --ca "$ca/ca.pem"
	status_is "a wrong password" 1 tern sync pop
	like "is said" "$(tern sync pop 2>&1)" 'refused the password|did not let alice in'
	tern account remove pop
	tern account add pop --kind pop3 --address alice@$server_domain --user alice --password-file "$(password_file alice)" \
		--server "localhost:$pop3s_port"
	like "PROMISES 4: an unknown certificate is refused, with its fingerprint" "$(tern sync pop 2>&1)" 'fingerprint is [0-9a-f]{64}'
	stop_dovecot
else
	note "no Dovecot here"
fi

# --- cut after every so many bytes ---
letters "$tap_dir/there" 4
liar honest
account
ok "the liar can be honest" tern sync pop
is "it gives all out" "$(subjects "$inbox")" "$(wanted 4)"
step=150
[ -z "${TERN_TEST_ALL:-}" ] || step=7
cuts=0 wrong=
for at in $(seq 1 $step 1500); do
	letters "$tap_dir/there" 4
	liar cut "$at"
	account
	tern sync pop >/dev/null 2>&1
	tern sync pop >/dev/null 2>&1 || wrong="$wrong $at:sync"
	[ "$(subjects "$inbox")" = "$(wanted 4)" ] || wrong="$wrong $at:$(subjects "$inbox" | wc -l)"
	[ -z "$(ls "$tap_dir/there")" ] || wrong="$wrong $at:left"
	cuts=$((cuts + 1))
done
is "PROMISES P2: $cuts cuts, each letter once, none left" "$wrong" ""

# --- lies ---
# lie SCENARIO STATUS WORDS: the sentence, no password in the log, no control on the way
lie() {
	letters "$tap_dir/there" 3
	liar "$1"
	account
	local said status
	said=$(timeout 60 tern sync pop 2>&1)
	status=$?
	is "$1: exit status" "$status" "$2"
	like "$1: what is said" "$said" "$3"
	unlike "$1: no control" "$said" $'[\e\a]'
}
lie garbage 1 'what is no POP3'
lie long-greeting 1 'longer than'
lie refuse 75 'sends us away'
lie escapes 0 '^$'
lie wrong-password 1 'refused the password|did not let'
lie endless-capa 1 'without an end'
lie endless-list 1 'without an end'
lie refuse-second 1 'refused to give out 1 letter'
is "the others came" "$(subjects "$inbox" | grep -c letter)" 2
is "the refused one stays there" "$(ls "$tap_dir/there")" m0002
lie no-end 75 'closed the connection'
is "PROMISES 9: a letter without an end is not taken" "$(subjects "$inbox")" "Subject: letter 1"
lie long-line 0 '^$'
is "a line of 5 MB is only a line" "$(find "$inbox" -type f -size +4M | wc -l)" 1
lie bare-lf 0 '^$'
is "bare line feeds are no trouble" "$(subjects "$inbox")" "$(wanted 3)"
lie same-uids 0 '^$'
is "PROMISES 9: UIDLs that are all the same" "$(subjects "$inbox")" "$(wanted 3)"
lie odd-uids 0 '^$'
is "PROMISES 9: UIDLs that are paths, escapes, nothing, very long" "$(subjects "$inbox")" "$(wanted 3)"
lie odd-numbers 0 '^$'
is "PROMISES 7: numbers that are none" "$(subjects "$inbox")" "$(wanted 3)"
lie no-uidl 0 '^$'
is "no UIDL at all" "$(subjects "$inbox")" "$(wanted 3)"
lie old 0 '^$'
is "a server of 1996" "$(subjects "$inbox")" "$(wanted 3)"
lie sasl 1 'did not let|no POP3|sign'
lie quit-refused 1 'refused QUIT'
tern sync pop >/dev/null 2>&1
is "each once" "$(subjects "$inbox")" "$(wanted 3)"

lie endless-letter 1 'much more of a message'
is "the one before it came" "$(subjects "$inbox")" "Subject: letter 1"

# --- a name that is given again (RFC 1939 allows it once a message is gone) ---
# other TEXT: another letter under the first one's name
other() {
	mkdir -p "$tap_dir/there"
	printf 'From: a@example.org\r\nSubject: %s\r\n\r\nHello\r\n' "$1" >"$tap_dir/there/m0001"
}
letters "$tap_dir/there" 1
liar honest
account
tern sync pop
other "letter, quite another"
ok "a name used again at once" tern sync pop
is "is another letter" "$(subjects "$inbox" | grep -c another)" 1
ok "an empty list" tern sync pop
other "letter, the third one"
ok "a name used again later" tern sync pop
is "is another letter, too" "$(subjects "$inbox" | grep -c third)" 1
is "each came once" "$(subjects "$inbox" | wc -l)" 3
for how in honest quit-cut no-top; do
	letters "$tap_dir/there" 1
	letters "$tap_dir/there.next" 1
	sed -i 's/letter 1/letter X/; s/<1@x>/<X@x>/' "$tap_dir/there.next/m0001"
	liar "$how"
	account 2>/dev/null
	for i in 1 2; do tern sync pop >/dev/null 2>&1; done
	is "$how: a name used again at once for another as large" "$(subjects "$inbox" | tr '\n' ' ')" \
		"Subject: letter 1 Subject: letter X "
	is "$how: which is gone there, too" "$(ls "$tap_dir/there")" ""
done
letters "$tap_dir/there" 3
rm -f "$tap_dir/port.tops"
liar quit-keeps
account
for i in 1 2 3; do tern sync pop; done
is "what a server keeps though it said that it went comes once" "$(subjects "$inbox")" "$(wanted 3)"
is "and its headers are asked for once" "$(wc -l <"$tap_dir/port.tops")" 3
letters "$tap_dir/there" 3
seq 10000 | sed 's/$/\r/' >>"$tap_dir/there/m0002"
liar short
account
for i in 1 2 3; do tern sync pop; done
is "a letter that is much shorter than listed comes once" "$(subjects "$inbox")" "$(wanted 3)"
is "and stays there" "$(ls "$tap_dir/there")" m0002
letters "$tap_dir/there" 3
liar dele-refused
account
for i in 1 2 3; do tern sync pop >/dev/null 2>&1; done
is "what the server does not remove comes once" "$(subjects "$inbox")" "$(wanted 3)"
letters "$tap_dir/there" 1
liar cram
account
ok "a server takes CRAM-MD5" tern sync pop
echo cram-gone >"$tap_dir/port.scenario"
letters "$tap_dir/there" 1
like "and only PLAIN later" "$(tern sync pop 2>&1)" 'took CRAM-MD5 before'
is "it hears no password" "$(grep -c -i 'pass\|user\|auth' "$tap_dir/port.heard")" 0
rm -f "$tap_dir/port.scenario" "$tap_dir/port.heard"
tern account forget-promises pop >/dev/null
letters "$tap_dir/there" 3
liar honest
account --leave-days 3
tern sync pop
echo uidl-refused >"$tap_dir/port.scenario"
status_is "names refused by who said it gives them" 1 tern sync pop
is "nothing comes twice" "$(subjects "$inbox")" "$(wanted 3)"
rm "$tap_dir/port.scenario"
tern account remove pop
rm -rf "$TERN_HOME"/data/accounts/pop* "$TERN_HOME"/data/pop*
tern account add pop --kind pop3 --address me@example.org --server "127.0.0.1:$(cat "$tap_dir/port")" --tls none \
	--password-file "$(password_file me)" --leave-days 3
liar_has=$(ls "$tap_dir/there" | wc -l)
ok "a lost database" tern sync pop
is "costs no letter a second time" "$liar_has $(subjects "$inbox")" "3 $(wanted 3)"

letters "$tap_dir/there" 1
liar log-secrets
tern account remove pop
tern account add pop --kind pop3 --address me@example.org --server "127.0.0.1:$(cat "$tap_dir/port")" --tls starttls \
	--password-file "$(password_file me)"
status_is "PROMISES 2: no TLS where it was asked for" 1 tern sync pop
is "nothing secret was said" "$(grep -c -i 'pass\|user\|auth' "$tap_dir/port.heard")" 0
unlike "PROMISES 54: no password in the log" "$(cat "$TERN_HOME/state/log")" 'me-pw'
finish
