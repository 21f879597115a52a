# tern account set-up on a terminal: options, a wrong password, POP3 that removes, servers given by hand that are not as told.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
has_dovecot || skip_all "dovecot is not installed"
DOVECOT_MORE='auth_failure_delay = 2 secs' start_dovecot || skip_all "dovecot does not start here"
fresh_home

on_tty() {
	python3 "$top_srcdir/tests/lib/on_tty.py" "$@" | tr -d '\r'
}
set_up() { # NAME [OPTION...]
	tern account set-up "$1@$server_domain" --user "$1" --ca "$ca/ca.pem" "${@:2}"
}
section() {
	sed -n "/^\[account $1\]/,/^\$/p" "$TERN_HOME/config/config"
}

near=0
# --- what account add takes, set-up takes
said=$(on_tty /dev/null 'Password of' alice-pw -- tern account set-up alice@$server_domain --user alice --ca "$ca/ca.pem" --name one \
	--server "localhost:$imaps_port" --keep recent --keep-days 12 --log-protocol yes)
like "an account is made with settings of its own" "$said" 'The account "one" is made'
like "which stand in its section" "$(section one | tr '\n' ' ')" 'ca = .*/ca.pem .*keep = recent keep-days = 12 log-protocol = yes'
status_is "a wrong value is told" 2 tern account set-up alice@$server_domain --keep some
status_is "and an option that there is not" 2 tern account set-up carol@$server_domain --leave-days 3 --nothing
status_is "and a missing address" 2 tern account set-up --leave-days 3
cd "$ca" && said=$(on_tty /dev/null 'Password of' alice-pw -- tern account set-up alice@$server_domain --user alice --ca ca.pem --name two \
	--server "localhost:$imaps_port")
cd "$tap_dir" || exit
like "a path from here becomes one from the root" "$(section two)" "^ca = $ca/ca.pem"
status_is "an account of kind imap wants a server" 2 tern account add lame --kind imap --address a@b.example
like "which set-up would find" "$(tern account add lame --kind pop3 --address a@b.example 2>&1)" 'tern account set-up a@b.example'

for place in 192.0.2.1:143 mail.b.example:143 mail.b.example '[2001:db8::1]:143' 2001:db8::1; do
	status_is "nothing goes unencrypted to $place" 2 tern account add lame --kind imap --address a@b.example --server "$place" --tls none
done
status_is "nor letters that are sent" 2 tern account add lame --kind imap --address a@b.example --server localhost:1 \
	--submission mail.b.example:25 --submission-tls none
is "no such account is made" "$(grep -c 'account lame' "$TERN_HOME/config/config")" 0
for place in 127.0.0.1:1 '[::1]:1' ::1 localhost box:1; do
	ok "but to $place" tern account add "near$((++near))" --kind imap --address a@b.example --server "$place" --tls none
done
for near in 1 2 3 4 5; do tern account remove "near$near" >/dev/null 2>&1; done

# --- a wrong password: the server's words, soon; asked for again; nothing typed meanwhile is seen
cat >"$tap_dir/typist.py" <<'P'
import os, pty, re, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
def until(what):
    global seen
    while not re.search(what, seen):
        if not select.select([fd], [], [], 60)[0]: return
        seen += os.read(fd, 65536)
until(rb"Password of [^\n]*:")
os.write(fd, b"wrong\n")
start, seen = time.time(), b""
time.sleep(0.7)
os.write(fd, b"typed-meanwhile\n")
until(rb"Password of [^\n]*:")
print("asked again after", "a few seconds" if time.time() - start < 9 else "%d s" % (time.time() - start))
os.write(fd, b"carol-pw\n")
try:
    while True: seen += os.read(fd, 65536)
except OSError: pass
print(seen.decode().replace("\r", ""))
P
said=$(python3 "$tap_dir/typist.py" tern account set-up carol@$server_domain --ca "$ca/ca.pem" --server "localhost:$imaps_port" --name three)
note "$said"
like "a wrong password is asked for again" "$said" 'asked again after a few seconds'
like "in the words of the server" "$said" 'Authentication failed'
is "which are said once" "$(grep -c 'Authentication failed' <<<"$said")" 1
unlike "the file that it was held in is nobody's business" "$said" 'password-file'
unlike "what is typed meanwhile is not shown" "$said" typed-meanwhile
like "the right one makes the account" "$said" 'The account "three" is made'
said=$(on_tty /dev/null 'Password of' wrong 'Password of' '' -- tern account set-up carol@$server_domain --ca "$ca/ca.pem" \
	--server "localhost:$imaps_port" --name four --user carol)
like "who gives none ends it" "$said" 'Authentication failed'
is "and no account is made" "$(section four)" ""

# --- POP3
said=$(on_tty /dev/null 'Password of' carol-pw -- tern account set-up carol@$server_domain --user carol --ca "$ca/ca.pem" \
	--kind pop3 --server "localhost:$pop3s_port" --name pop)
like "that letters are removed is said before the password is asked for" "$(tr '\n' ' ' <<<"$said")" \
	'removed from the server.*--leave-days N.*Password of'
said=$(on_tty /dev/null 'Password of' carol-pw -- tern account set-up carol@$server_domain --user carol --ca "$ca/ca.pem" \
	--kind pop3 --server "localhost:$pop3s_port" --leave-days 9 --name pops)
unlike "not where they stay" "$said" 'removed from the server'
like "as it was asked for" "$(section pops)" '^leave-days = 9'
said=$(tern account add pop2 --kind pop3 --address carol@$server_domain --server "localhost:$pop3s_port" --ca "$ca/ca.pem" 2>&1)
like "account add says it, too" "$said" 'removed from the server.*leave-days'

# --- servers that do not speak as it is told
began=$(date +%s)
said=$(on_tty /dev/null 'Password of' carol-pw -- tern account set-up carol@$server_domain --user carol --ca "$ca/ca.pem" \
	--server "localhost:$imaps_port" --tls none --name five)
like "TLS that is not asked for" "$said" "localhost:$imaps_port speaks TLS at once: choose \"implicit\""
said=$(on_tty /dev/null 'Password of' carol-pw -- tern account set-up carol@$server_domain --user carol --ca "$ca/ca.pem" \
	--server "localhost:$imap_port" --tls implicit --name five)
like "TLS that is asked for too early" "$said" "localhost:$imap_port does not speak TLS at once: choose \"starttls\""
said=$(on_tty /dev/null 'Password of' carol-pw -- tern account set-up carol@$server_domain --user carol --ca "$ca/ca.pem" \
	--server "localhost:1" --name five)
like "nobody there" "$said" 'localhost:1 does not answer as a mail server'
like "all that within some seconds" "$(($(date +%s) - began < 30))" 1
is "and no account" "$(section five)" ""
finish
