# The gate without a screen: what the commands say to a terminal, data and words, holds no control byte of a letter, of
# a file's name or of a folder's name. (On the screen: tests/screen/gate.scr.)
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
command -v python3 >/dev/null && command -v script >/dev/null || skip_all "needs python3 and script"
fresh_home
account home local me@localhost

# Every C0 byte that a file's name may have, DEL, every C1 as UTF-8 and raw, and the sequences that do harm.
bad=
for i in $(seq 1 31) 127; do bad+=$(printf "\\x$(printf %x "$i")x"); done
for i in $(seq 128 159); do bad+=$(printf "\\xc2\\x$(printf %x "$i")\\x$(printf %x "$i")"); done
bad+=$'\e]0;title\a\e[2J\e[31m\e]52;c;eA==\e\\\x9b2J\u202e'
line=${bad//[$'\n\r']/}
short=$'a\e]0;t\a\x9b2J\xc2\x9b2J\x7f\u202eb'

# no_control NAME COMMAND...: neither stdout nor stderr holds one; newlines and tabs are ours.
no_control() {
	local name=$1 found
	shift
	script -qec "$(printf '%q ' "$@")" /dev/null </dev/null >"$tap_dir/tty" 2>&1
	tr -d '\r' <"$tap_dir/tty" >"$tap_dir/out"
	"$@" >>"$tap_dir/out" 2>&1 </dev/null
	found=$(LC_ALL=C.UTF-8 python3 -c '
import re, sys
text = open(sys.argv[1], "rb").read().decode("utf-8", "replace")
# The colours and the one line of progress that we write ourselves.
text = re.sub("\x1b\\[[0-9;]*[mK]", "", text) if sys.argv[2] == "colours" else text
print(sorted(set(re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text))))' "$tap_dir/out" "${colours:-}")
	is "$name" "$found" "[]"
	[ -s "$tap_dir/out" ] || fail "$name: says something"
}

inbox=$(inbox)
mkdir -p "$inbox"/{cur,new,tmp}
{
	printf 'From: "a%sb" <evil@example.org>\nTo: "%s" <me@localhost>\nSubject: needle %s\n' "$line" "$line" "$line"
	printf 'Date: %s\nMessage-ID: <a%s@b>\nX-Odd: %s\nMIME-Version: 1.0\n' "$line" "$line" "$line"
	printf 'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nplain %s\n' "$line"
	printf -- '--b\nContent-Type: text/html; charset=utf-8\n\n<p>html %s &#27;]0;t&#7; &#155;2J</p>\n' "$line"
	printf -- '--b\nContent-Type: application/pdf; name="%s.pdf"\n\nx\n--b--\n' "$line"
} >"$inbox/cur/1.evil:2,"
cp "$inbox/cur/1.evil:2," "$inbox/cur/2.$short:2,"
mkdir -p "$TERN_HOME/Mail/home/box$short"/{cur,new,tmp}
cp "$inbox/cur/1.evil:2," "$TERN_HOME/Mail/home/box$short/cur/3.evil:2,"

no_control "show as text" tern show "$inbox/cur/1.evil:2,"
no_control "show as objects" tern show --json "$inbox/cur/1.evil:2,"
no_control "threads" tern threads --json "$inbox/cur/1.evil:2,"
no_control "search as objects" tern search --json subject:needle
no_control "search on a terminal: names of files" bash -c 'script -qec "tern search subject:needle" /dev/null | tr -d "\r"'
no_control "a wrong query" tern search "is:$short"
no_control "a command that is not there" tern "$short"
no_control "a mailbox that is not there" tern -f "/nowhere/$short"
no_control "a letter that is not there" tern show "/nowhere/$short"
no_control "an account that is not there" tern index "$short"
no_control "an address that is none" tern account add "$short" --kind local --address "$short"
tern send -t >/dev/null 2>&1 <<END
To: nobody$short@localhost
Subject: $short

x
END
printf 'To: nobody@localhost\nSubject: %s\n\nx\n' "$short" | tern send -t 2>/dev/null
no_control "the outbox" tern outbox list
printf '[general]\n%s = 1\n[%s]\n' "$short" "$short" >>"$TERN_HOME/config/config"
no_control "mistakes in the configuration" tern batch /dev/null
no_control "a command line that fails" bash -c "printf '%s\n' $(printf %q "$short") | tern batch -"
no_control "tern-deliver" tern-deliver -d "$short"
no_control "tern-sendmail" tern-sendmail "--$short"
for option in "--$bad" "-$short"; do
	for program in tern tern-deliver ternd tern-sendmail "tern show" "tern search" "tern account list" "tern tag"; do
		no_control "$program: an option that is wrong" $program "$option"
	done
done
said() { # WORDS OF THE COMMAND...: what it says
	"$@" 2>&1 </dev/null
}
is "an option that is not there" "$(said tern --sho)" 'tern: "--sho" is no option, or not clearly one.'
is "a short one" "$(said tern show -jx)" 'tern show: There is no option "-x".'
is "one without its value" "$(said tern show --part)" 'tern show: "--part" wants a value behind it.'
is "a short one without its value" "$(said tern-deliver -d)" 'tern-deliver: "-d" wants a value behind it.'
is "one with a value too many" "$(said tern show --json=1)" 'tern show: "--json" takes no value.'
status_is "a wrong option is a wrong usage" 2 tern search --nothing
is "nothing has a set-id bit" "$(find "$top_builddir" -maxdepth 2 -type f -perm /6000; find "$TERN_HOME" -perm /7000 -type f)" ""
finish
