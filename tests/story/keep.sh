# What an account keeps on this computer (keep = all, recent, none), and what its server does not take.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
has_dovecot || skip_all "dovecot is not installed"
fresh_home
DOVECOT_MORE='plugin {
 quota_rule = *:storage=40K
 quota_grace = 0
}'
start_dovecot || skip_all "dovecot does not start here"
there=$dovecot/home/bob/Maildir
here=$TERN_HOME/Mail/work
put() { # SUBJECT DAYS-AGO
	mkdir -p "$there"/{new,cur,tmp}
	printf 'From: a@example.org\nTo: bob@%s\nSubject: %s\nMessage-ID: <%s@x>\nDate: %s\n\nHello\n' $server_domain "$1" "$1" \
		"$(date -Rud "$2 days ago")" >"$there/tmp/$1"
	touch -d "$2 days ago" "$there/tmp/$1"
	mv "$there/tmp/$1" "$there/cur/$(date +%s -d "$2 days ago").$1.h:2,S"
	[ "$(id -u)" != 0 ] || chown -R mail:mail "$dovecot/home"
}
here_are() {
	grep -hrs '^Subject: ' "$here" | sed 's/Subject: //' | sort | tr '\n' ' '
}
here_is() {
	[ "$(here_are)" = "$1" ]
}
there_are() {
	doveadm -c "$dovecot/dovecot.conf" search -u bob ALL | wc -l
}
keep() {
	tern account remove work
	tern account add work --kind imap --address bob@$server_domain --user bob --password-file "$(password_file bob)" \
		--server "localhost:$imaps_port" --ca "$ca/ca.pem" "$@"
}
put old 400
put older 800
put young 2
ok "an account that keeps all" keep --keep all
ok "is brought here" tern sync work
ok "all of it" wait_for 10 here_is "old older young "
ok "now it keeps what is recent" keep --keep recent --keep-days 30
ok "a round" tern sync work
ok "what is old leaves this disk" wait_for 10 here_is "young "
is "but not the list" "$(tern search --count '')" 3
sleep 0.5
ok "another round" tern sync work
is "nothing was removed from the server" "$(there_are)" 3
put ancient 900
ok "an old letter that comes" tern sync work
is "is listed" "$(tern search --count subject:ancient)" 1
is "its bytes stay there" "$(here_are)" "young "
ok "now it keeps nothing" keep --keep none
ok "a round again" tern sync work
ok "nothing lies here" wait_for 10 here_is ""
is "the server has all" "$(there_are)" 4
ok "and all again" keep --keep all
ok "a round more" tern sync work
ok "it comes back" wait_for 10 here_is "ancient old older young "
is "once each" "$(tern search --count '')" 4
is "and once on the server" "$(there_are)" 4

# --- a letter that is too much for the server ---
{
	printf 'From: bob@example.org\nTo: a@example.org\nSubject: too much\nMessage-ID: <much@x>\n\n'
	head -c 60000 /dev/zero | tr '\0' 'x' | fold -w 70
} >"$here/INBOX/tmp/much"
mv "$here/INBOX/tmp/much" "$here/INBOX/new/1790000000.much.h"
known() { [ "$(tern search --count 'subject:"too much"')" = 1 ]; }
wait_for 10 known
status_is "a refused letter fails a round that was asked for" 1 tern sync work
like "with the letter's name and the server's words" "$(tern sync work 2>&1)" 'too much.*([Qq]uota|OVERQUOTA)'
is "it stays here" "$(tern search --count 'subject:"too much"')" 1
tries() {
	sed -n 's/.*warning: //p' "$TERN_HOME/state/log" | grep -c 'too much'
}
sleep 0.5
before=$(tries)
for n in 1 2 3; do
	tern flag --set flagged subject:young
	tern flag --clear flagged subject:young
	sleep 0.5
done
is "it is not tried again and again" "$(tries)" "$before"
young_flags() {
	ls "$there/cur" | grep young | grep -q "$1"
}
tern flag --set flagged subject:young
ok "all else goes on" wait_for 10 young_flags ':2,FS'
printf 'limit subject:"too much"\ndelete; sync-mailbox\n' >"$TERN_HOME/lines"
printf '\n[general]\npurge = yes\ndelete = mark\n' >>"$TERN_HOME/config/config"
tern batch "$TERN_HOME/lines" >/dev/null 2>&1
stop_dovecot
finish
