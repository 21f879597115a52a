# tern account move from an account that has a server of its own, again and again: nothing comes twice.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
home_beside_dovecot

# put NAME FOLDER NUMBER...: letters on the server of NAME.
put() {
	local box=$dovecot/home/$1/Maildir n
	[ "$2" = INBOX ] || box=$box/.$2
	mkdir -p "$box"/{cur,new,tmp}
	[ "$2" = INBOX ] || echo "$2" >>"$dovecot/home/$1/Maildir/subscriptions"
	for n in "${@:3}"; do
		printf 'From: a@example.org\nTo: %s@example.test\nSubject: letter x%dx\nMessage-ID: <x%d@x>\nDate: Mon, 23 Nov 2020 10:00:00 +0000\n\nHello %d\n' \
			"$1" "$n" "$n" "$n" >"$box/cur/$((1600000000 + n)).x$n.h:2,S"
		touch -d @$((1600000000 + n * 86400)) "$box/cur/$((1600000000 + n)).x$n.h:2,S"
	done
	[ "$(id -u)" != 0 ] || chown -R mail:mail "$dovecot/home"
}
# there NAME: folder and subject of all letters on the server of NAME
there() {
	doveadm -c "$dovecot/dovecot.conf" -f tab fetch -u "$1" 'mailbox hdr.subject' all | tail -n +2 | sort
}
twice() {
	there "$1" | uniq -d
}
account_of() { # NAME KIND [OPTION...]
	local port=$imaps_port
	[ "$2" = imap ] || port=$pop3s_port
	tern account add "$1" --kind "$2" --address "$1@$server_domain" --user "$1" --password-file "$(password_file "$1")" \
		--server "localhost:$port" --ca "$ca/ca.pem" "${@:3}"
}

# --- from one IMAP server to another
put alice INBOX $(seq 12)
put alice lists $(seq 20 24)
account_of alice imap
account_of bob imap
ok "the mail of the one account is here" tern sync alice
ok "it is moved" tern account move alice bob
is "all of it, once" "$(there bob | wc -l) $(twice bob)" "17 "
said=$(tern account move alice bob 2>&1)
like "once more copies nothing" "$said" '17 letters .* 0 of them copied now'
is "and nothing came twice" "$(there bob | wc -l) $(twice bob)" "17 "

# --- the index of one of them was lost in between
tern sync bob >/dev/null 2>&1
stop_agents
rm -rf "$TERN_HOME"/data/accounts/alice* "$TERN_HOME/Mail/alice"
ok "its mail is fetched anew" tern sync alice
said=$(tern account move alice bob 2>&1)
like "it is known again" "$said" '17 letters .* 0 of them copied now'
is "nothing came twice" "$(there bob | wc -l) $(twice bob)" "17 "

# --- to one that keeps nothing on this machine: no file has a name there by which a letter could be known
stop_agents
tern account remove bob
rm -rf "$TERN_HOME"/data/accounts/bob* "$TERN_HOME/Mail/bob"
account_of bob imap --keep none
# the same id and size, but another letter; none at all; one and the same twice
box=$dovecot/home/alice/Maildir/cur other=$dovecot/home/bob/Maildir/cur
printf 'From: a@example.org\nTo: one@example.test\nSubject: letter x50x\nMessage-ID: <x50@x>\n\nHello alice\n' >"$box/1600000050.x50.h:2,S"
printf 'From: a@example.org\nTo: two@example.test\nSubject: letter x50x\nMessage-ID: <x50@x>\n\nHello bobby\n' >"$other/1600000050.y50.h:2,S"
printf 'From: a@example.org\nSubject: letter x51x\nDate: Mon, 23 Nov 2020 11:00:00 +0000\n\nno id\n' >"$box/1600000051.x51.h:2,S"
for n in 1 2; do
	printf 'From: a@example.org\nSubject: twin x52x\nMessage-ID: <x52@x>\n\ntwice\n' >"$box/160000005$n.x52.h:2,S"
done
[ "$(id -u)" != 0 ] || chown -R mail:mail "$dovecot/home"
tern sync alice
for ms in 300 600 1200; do
	{ timeout -s KILL "$(awk -v ms=$ms 'BEGIN { print ms / 1000 }')" tern account move alice bob; } >/dev/null 2>&1
done
tern account move alice bob >"$tap_dir/said" 2>&1
is "it is moved to where nothing is kept" $? 0
like "once more copies nothing there either" "$(tern account move alice bob 2>&1)" '21 letters .* 0 of them copied now'
is "each is there once, twins twice, both of the same id" "$(there bob | wc -l) $(twice bob | tr '\t\n' ' ')" \
	"22 INBOX letter x50x INBOX twin x52x "
tern account remove bob
stop_agents
rm -rf "$TERN_HOME"/data/accounts/bob* "$TERN_HOME/Mail/bob"
account_of bob imap

# --- from POP3
put carol INBOX $(seq 30 39)
account_of carol pop3 --leave-days 30
ok "mail by POP3 is here" tern sync carol
ok "it is moved, too" tern account move carol bob
is "all of it, once " "$(there bob | grep -c x3[0-9]x) $(there bob | grep x3[0-9]x | uniq -d)" "10 "
said=$(tern account move carol bob 2>&1)
like "and not twice" "$said" '10 letters .* 0 of them copied now'
is "as the server says" "$(there bob | grep -c x3[0-9]x) $(there bob | grep x3[0-9]x | uniq -d)" "10 "
finish
