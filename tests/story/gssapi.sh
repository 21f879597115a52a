# Signing in by a Kerberos ticket (GSSAPI) to a real Dovecot: with a ticket no password is wanted, without one the next
# mechanism is taken.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
. "$top_srcdir/tests/lib/kerberos.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
has_dovecot || skip_all "dovecot is not installed"
has_kerberos || skip_all "krb5-kdc or krb5-user is not installed"
ls /usr/lib/dovecot/modules/auth/libmech_gssapi.so >/dev/null 2>&1 || skip_all "dovecot-gssapi is not installed"
fresh_home
start_kerberos || { note "$(cat "$kerberos/said")"; skip_all "the Kerberos server does not start here"; }
DOVECOT_MECHANISMS='gssapi plain scram-sha-256'
# By its own word Dovecot would take "submission" for the name of that service, which is "smtp" (RFC 4954): any key will do.
DOVECOT_MORE="
import_environment = TZ KRB5_CONFIG=$KRB5_CONFIG
auth_krb5_keytab = $kerberos/keytab
auth_gssapi_hostname = \"\$ALL\"
"
start_dovecot || skip_all "dovecot does not start here"
echo 'leak:libgssapi_krb5' >"$tap_dir/known" # 16 bytes of its own in each process
export LSAN_OPTIONS=suppressions=$tap_dir/known:print_suppressions=0

mkdir -p "$TERN_HOME/config"
there=$dovecot/home/alice/Maildir

# letter NUMBER: another one for alice
letter() {
	mkdir -p "$there"/{new,cur,tmp}
	printf 'From: a@example.org\nSubject: ticket %s\n\nHello.\n' "$1" >"$there/new/100$1.x.h"
	[ "$(id -u)" != 0 ] || chown -R mail:mail "$there"
}
# account KIND PORT [SETTING]...
account() {
	local kind=$1 port=$2
	shift 2
	stop_tern
	cat >"$TERN_HOME/config/config" <<-C
		[account work]
		kind = $kind
		address = alice@$server_domain
		user = alice
		server = localhost:$port
		ca = $ca/ca.pem
	C
	printf '%s\n' "$@" >>"$TERN_HOME/config/config"
}
stop_tern() {
	kill "$(cat "$TERN_HOME/run/ternd.lock" 2>/dev/null)" 2>/dev/null
	wait_for 5 test ! -S "$TERN_HOME/run/ternd.sock"
}
# The way the last one signed in, in Dovecot's words.
how() {
	grep -o 'Login: .*method=[A-Z0-9-]*' "$dovecot/log" | tail -n 1 | sed 's/.*method=//'
}
check() {
	tern account check work 2>&1 | tr '\n' ' '
}
password="password-file = $(password_file alice)"
wrong="password-command = echo wrong"

ok "a ticket is there" ticket alice
account imap "$imaps_port"
like "IMAP: with a ticket nobody needs a password" "$(check)" 'Signed in as alice by GSSAPI'
letter 1
ok "mail is fetched with it" tern sync work
is "all of it" "$(grep -lr '^Subject: ticket 1' "$TERN_HOME/Mail/work" | wc -l)" 1
account imap "$imaps_port" "$wrong"
like "no password is sent where there is a ticket" "$(check)" 'Signed in as alice by GSSAPI'
account pop3 "$pop3s_port"
like "POP3 too" "$(check) $(how)" 'Signed in as alice.* GSSAPI$'
account imap "$imaps_port" "submission = localhost:$dovecot_submissions_port"
like "submission" "$(check)" 'Sending:.*Signed in by GSSAPI'
account imap "$imaps_port" "auth = GSSAPI" "$password"
like "the setting may ask for it alone" "$(check)" 'Signed in as alice by GSSAPI'

stop_tern
kdestroy
account imap "$imaps_port" "$password"
like "without a ticket the next one is taken" "$(check)" 'Signed in as alice by SCRAM-SHA-256'
ok "and mail is fetched" tern sync work
account imap "$imaps_port" "auth = GSSAPI" "$password"
like "where only a ticket is allowed it says so" "$(check)" 'no Kerberos ticket for localhost here: "kinit"'

ticket bob
account imap "$imaps_port" "$password"
like "refused with somebody else's ticket, where tickets were promised: no password" "$(check)" \
	'took GSSAPI before: the password is not sent.*forget-promises'
tern account forget-promises work >/dev/null
like "nothing promised: the next one" "$(check)" 'Signed in as alice by SCRAM-SHA-256'
kdestroy
KRB5CCNAME=FILE:$tap_dir/nothing
account imap "$imaps_port" "$password"
printf 'not a file of tickets' >"$tap_dir/nothing"
like "tickets that are none: the next one" "$(check)" 'Signed in as alice by SCRAM-SHA-256'
export KRB5CCNAME=FILE:$kerberos/tickets KRB5_CONFIG=/nonexistent
account imap "$imaps_port" "$password"
like "no Kerberos at all: the next one" "$(check)" 'Signed in as alice by SCRAM-SHA-256'
stop_tern
stop_dovecot
finish
