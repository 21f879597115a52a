# tern account move: a local account goes to a real server with folders, flags, tags and dates; whoever is killed goes on.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/mail.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
home_beside_dovecot
here=$TERN_HOME/Mail/home
there=$dovecot/home/bob/Maildir
mkdir -p "$here"/{INBOX,Archive,Sent,lists/tern,Öl}/{cur,new,tmp}
account home local me@localhost
count=0
put() { # FOLDER FLAGS
	local path
	count=$((count + 1))
	path=$here/$1/cur/$((1600000000 + count * 86400)).x$count.h:2,$2
	printf 'From: a@example.org\nTo: me@example.org\nSubject: letter x%dx\nMessage-ID: <x%d@x>\nDate: Mon, 23 Nov 2020 10:00:00 +0000\n\nGrüße %d\n%s' \
		$count $count $count "$(head -c $((count * 7)) /dev/zero | tr '\0' x)" >"$path"
	touch -d @$((1600000000 + count * 86400)) "$path"
}
for n in $(seq 6); do put INBOX S; done
put INBOX ''
put INBOX FRS
put INBOX FS
for n in $(seq 4); do put Archive S; done
put lists/tern FS
put Öl S
put Sent S
cp "$here/INBOX/cur/"*.x1.h:2,S "$here/INBOX/cur/1600086400.twin.h:2,S" # the same letter twice
printf 'From: a@example.org\r\nSubject: no id\r\n\r\nCR LF here\r\n' >"$here/INBOX/cur/1600000001.crlf.h:2,S"
total=$((count + 2))
tern index home >/dev/null 2>&1
tern tag --add work --add 'später' subject:x2x
before=$(cd "$here" && find . -type f | sort | xargs -d '\n' cksum)
status_is "to nowhere" 2 tern account move home nowhere
status_is "to itself" 2 tern account move home home
ok "an account of a server" tern account add work --kind imap --address bob@$server_domain --user bob \
	--password-file "$(password_file bob)" --server "localhost:$imaps_port" --ca "$ca/ca.pem"

# killed again and again
for ms in 150 300 450 600 900; do
	{ timeout -s KILL "$(awk -v ms=$ms 'BEGIN { print ms / 1000 }')" tern account move home work; } >/dev/null 2>&1
	[ $ms != 300 ] || kill -KILL "$(cat "$TERN_HOME/run/ternd.lock")"
	[ $ms != 600 ] || pkill -KILL -P "$(cat "$TERN_HOME/run/ternd.lock")" -f 'worker sync work'
done
ok "all of it is moved and compared" tern account move home work
said=$(tern account move home work 2>&1)
like "once more changes nothing, and says what is there" "$said" "$total letters .*, 5 folders, 0 of them copied now.* are on the server of \"work\""

state_there() { # subject, folder, flags, keywords, date, digest
	python3 - "$imap_port" <<-'P'
		import hashlib, imaplib, re, sys
		c = imaplib.IMAP4("127.0.0.1", int(sys.argv[1])); c.login("bob", "bob-pw")
		for line in c.list()[1]:
		    name = line.decode().split(' "/" ')[1]
		    if c.select(name)[0] != "OK": continue
		    for part in c.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")[1]:
		        if not isinstance(part, tuple): continue
		        head, body = part[0].decode(), part[1].replace(b"\r\n", b"\n")
		        flags = sorted(set(re.search(r"FLAGS \(([^)]*)\)", head)[1].split()) - {"\\Recent"})
		        date = re.search(r'INTERNALDATE "([^"]*)"', head)[1]
		        subject = re.search(rb"Subject: (.*)", body)[1].decode()
		        print(subject, name.strip('"'), " ".join(flags), date.split()[0], hashlib.sha1(body).hexdigest()[:8], sep="|")
	P
}
state_there | sort >"$tap_dir/there"
is "each letter is there once" "$(wc -l <"$tap_dir/there")" $total
like "with its flags" "$(cat "$tap_dir/there")" 'letter x8x\|INBOX\|.*Answered .*Flagged .*Seen\|'
like "unread where it was" "$(cat "$tap_dir/there")" 'letter x7x\|INBOX\|\|'
like "its folder" "$(cat "$tap_dir/there")" 'letter x14x\|lists/tern\|.*Flagged .*Seen'
like "a folder with a name of the world" "$(cat "$tap_dir/there")" 'letter x15x\|&ANY-l\|'
like "the folder of its role" "$(cat "$tap_dir/there")" 'letter x16x\|Sent\|'
like "its tags" "$(cat "$tap_dir/there")" 'letter x2x\|INBOX\|.Seen sp&AOQ-ter work\|'
like "its date of arrival" "$(cat "$tap_dir/there")" 'letter x3x\|INBOX\|.Seen\|16-Sep-2020\|'
digest=$(sha1sum <"$here/INBOX/cur/"*.x5.h:2,S | cut -c1-8)
like "its bytes" "$(cat "$tap_dir/there")" "letter x5x.*$digest\$"
is "nothing changed where it came from" "$(cd "$here" && find . -type f | sort | xargs -d '\n' cksum)" "$before"

# a server that changed a letter is found out
path=$(grep -l 'letter x9x' -r "$there/cur" "$there/new" 2>/dev/null | head -n 1)
doveadm -c "$dovecot/dovecot.conf" flags remove -u bob '\Flagged' mailbox INBOX header subject 'letter x9x'
sleep 1
status_is "what is not the same there is told" 1 tern account move home work
like "with its name" "$(tern account move home work 2>&1)" 'x9x.*other flags'
kill_dovecot
status_is "a server that is away: later" 75 tern account move home work
finish
