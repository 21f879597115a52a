# Rows of PROMISES that are seen only from outside the program: nothing remote, nothing unpacked, nothing sent unasked,
# no word of the letter's own about itself believed. tests/promises/ROWS tells which test proves which row.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
mkdir -p "$tap_dir/set" "$tap_dir/tmp"
export TMPDIR=$tap_dir/tmp
"$top_builddir/tests/lib/hostile" "$tap_dir/set" 20000000 >/dev/null
letter_of() { # CLASS
	ls "$tap_dir"/set/maildir/cur/*."$1":2,
}

# A door that tells who knocked.
python3 - "$tap_dir/port" "$tap_dir/knocks" <<'PY' &
import socket, sys
door = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1] + ".new", "w").write(str(door.getsockname()[1]))
import os
os.rename(sys.argv[1] + ".new", sys.argv[1])
while True:
    one, _ = door.accept()
    open(sys.argv[2], "a").write("knock\n")
    one.close()
PY
door=$!
wait_for 10 test -s "$tap_dir/port"
port=$(cat "$tap_dir/port")
for class in html-remote-all html-meta efail pictures list-many calendar-links externals; do
	sed "s,127\.0\.0\.1:9,127.0.0.1:$port,g" "$(letter_of "$class")" >"$tap_dir/$class"
done
printf 'Subject: knock\nContent-Type: text/html\n\n<img src="http://127.0.0.1:%s/"><script src="http://127.0.0.1:%s/"></script>\n' \
	"$port" "$port" >"$tap_dir/knock"
fresh_home
played() { # NAME LETTER...
	local name=$1
	shift
	if [ -x "$top_builddir/tests/lib/hostile_play" ]; then
		ok "$name" "$top_builddir/tests/lib/hostile_play" -b "$@"
	else
		skip "$name" "libvterm is not here"
	fi
}
played "row 32: letters that point elsewhere are played" "$tap_dir"/{html-remote-all,html-meta,efail,knock,calendar-links}
ok "row 32: and shown" tern show --json "$tap_dir"/{html-remote-all,html-meta,efail,pictures,list-many,externals,knock}
is "row 32: nobody knocked" "$(cat "$tap_dir/knocks" 2>/dev/null)" ""
python3 -c "import socket; socket.create_connection((\"127.0.0.1\", $port)).close()"
ok "the door does hear" wait_for 10 test -s "$tap_dir/knocks"
kill $door

before=$(ls -d /tmp/hostile-{abs,uu,fcc,zip} 2>/dev/null)
played "row 33: bombs are opened and saved as they are" $(letter_of gzip-bomb) $(letter_of zip-slip) $(letter_of pictures)
is "row 33: nothing was unpacked" "$(ls -d /tmp/hostile-{abs,uu,fcc,zip} 2>/dev/null)" "$before"

# Links, a loop of them and a pipe lie under the names that the letter has.
save=$tap_dir/planted/save
mkdir -p "$save" "$tap_dir/planted/out"
ln -s ../out/leak "$save/x.txt" && ln -s ../out "$save/x-2.txt" && ln -s /nowhere/x "$save/x" && ln -s x-3.txt "$save/x-3.txt"
mkfifo "$save/X.TXT"
ok "row 29: attachments are saved beside what is planted" timeout 20 tern show --save "$save" "$(letter_of names-numbered)"
is "row 29: no link is followed" "$(ls -A "$tap_dir/planted/out")" ""
is "row 29: all is saved, in files of their own" "$(find "$save" -type f | wc -l)" 17
is "row 29: what lay there lies there" "$(find "$save" -type l -o -type p | wc -l)" 5
like "row 29: devices and streams of other systems are names like others" \
	"$(mkdir "$tap_dir/names" && tern show --save "$tap_dir/names" "$(letter_of names-systems)" | wc -l)" '^[0-9]{2,}$'
is "row 29: all of them in the folder" "$(find "$tap_dir/names" -mindepth 1 ! -type f; ls -A "$tap_dir" | grep -E '^(up|x|y|out)')" ""

# hostile_play complains of any letter that waits to be sent.
played "row 37: who asks for a receipt gets none unasked" $(letter_of forged-read) $(letter_of calendar-forged)
like "row 37: a result that the letter brings is not ours" "$(tern verify "$(letter_of verdict-headers)" 2>&1)" "Neither signed"

fresh_home
tern account add home --kind local --address me@localhost >/dev/null
inbox=$TERN_HOME/Mail/home/INBOX
mkdir -p "$inbox"/{cur,new,tmp}
cp "$(letter_of forged-local)" "$inbox/new/1700000000.M1.forged"
is "row 36: a letter does not say itself that it was read" "$(tern search --count is:unread)" 1
is "row 36: nor that it is flagged" "$(tern search --count is:flagged)" 0
is "row 36: nor where a copy goes" "$(ls -d /tmp/hostile-fcc "$HOME"/hostile-fcc 2>/dev/null)" ""
for class in loop-a loop-b loop-self loop-three-a loop-three-b loop-three-c same-id-a same-id-b ids-same; do
	cp "$(letter_of "$class")" "$tap_dir/loop.$class"
done
is "row 27: letters that answer each other are all listed" \
	"$(tern threads --json "$tap_dir"/loop.* | grep -o 'loop\.[a-z-]*' | sort -u | wc -l)" 9
finish
