# tern show and tern threads: what scripts read, and that nothing of a letter reaches the terminal.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
fresh_home
cd "$tap_dir"

printf 'From: =?utf-8?q?J=C3=B6rg?= <j@Example.org>\nSubject: a\nMessage-ID: <1@x>\nDate: 1 Jan 1970 00:01 Z\n\nbody\n' >one
printf 'Subject: b\033]0;owned\007\nMessage-ID: <2@x>\nReferences: <1@x>\n\n\033[2Jboo\r\n\302\233m\n' >two
printf 'Subject: c\nMessage-ID: <3@x>\n\nc\n' >three

is "a letter as data" "$(tern show --json one)" \
	'{"file":"one","subject":"a","from":[{"name":"Jörg","addr":"j@Example.org"}],"to":[],"cc":[],"date":60,"message_id":"1@x","in_reply_to":[],"references":[],"parts":[{"path":"1","type":"text/plain","charset":null,"encoding":null,"disposition":null,"filename":null,"size":4,"sha256":"230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5"}],"text":"body\n","text_path":"1"}'
tern show --json one missing three >out
is "one odd file stops nothing" "$?$(wc -l <out)" "13"
like "the missing one says why" "$(sed -n 2p out)" '"file":"missing","error":".*No such file'
status_is "no file is wrong usage" 2 tern show
like "standard input" "$(tern show --json - <three)" '"subject":"c"'

tern show two >out 2>&1
is "no control character is printed" "$(tr -d '\n[:print:]\200-\377' <out | od -An -c)" ""
is "no C1 control either" "$(grep -c $'\302\233' out)" 0
tern show $'x\033[2J' >out 2>&1
is "nor from a file name" "$(tr -d '\n[:print:]\200-\377' <out | od -An -c)" ""

is "threads" "$(tern threads --json three two one)" '{"thread":["three"]}
{"thread":["two","one"]}'
like "an unknown command names the nearest" "$(tern thraeds 2>&1)" 'did you mean "threads"'

# The same text again and again: memory does not grow with the number of files.
for i in $(seq 3000); do echo one; done | xargs tern show --json >out
is "three thousand letters" "$(wc -l <out)" 3000

# All processors work on many letters; lines stay in order, whoever has written them.
mkdir many
for i in $(seq 700); do
	printf 'Subject: letter %s\nMessage-ID: <%s@x>\n\n%s\n' "$i" "$i" "$(head -c $((i % 50)) /dev/zero | tr '\0' x)"
done | awk -v RS='Subject: ' 'NR > 1 { file = sprintf("many/%04d", NR - 1); printf "Subject: %s", $0 >file; close(file) }'
touch "many/with
line end"
find many -type f -print0 | LC_ALL=C sort -z >names
xargs -0 tern show --json --jobs=1 <names >one_process
xargs -0 tern show --json --jobs=4 <names >four_processes
ok "four processes print what one does" cmp one_process four_processes
is "all of it" "$(wc -l <four_processes)" 701
tern show --json --jobs=3 --null --files-from names >from_list
ok "the names may be a list" cmp one_process from_list
tern show --json --null --files-from - <names >from_stdin
ok "on standard input too" cmp one_process from_stdin
printf 'one\nmissing\n-\nthree' | tern show --json --files-from - | cut -c1-20 >listed
is "a list of lines; \"-\" is a name like others there" "$(cat listed)" '{"file":"one","subje
{"file":"missing","e
{"file":"-","error":
{"file":"three","sub'
{ cat names; printf 'missing\0'; } | tern show --json --jobs=2 --null --files-from - >/dev/null
is "one file missing is told by the exit code" "$?" 1
{ echo one; sleep 1; cat arrived 2>/dev/null >second; } | tern show --json --files-from - >arrived
like "who waits for names has shown what it has" "$(cat second)" '"file":"one"'
status_is "files and a list are too much" 2 tern show --files-from names one
status_is "no processes are too few" 2 tern show --jobs=0 one
tern show --json --jobs=3 --null --files-from names | head -1 >first
like "a reader that goes away ends all" "$(cat first)" '"file":"many/0001"'

# What is more than one plain text is printed as the reader shows it: rows, no source, nothing for the terminal.
{
	printf 'Subject: page\nContent-Type: text/html; charset=utf-8\n\n<html><head><style>p{color:red}</style></head>'
	printf '<body><p>Dear <b>Anna</b>,</p><ul><li>tent &amp; pegs</ul><p><a href="https://example.org/a">here</a></p>'
	printf '<p>'
	for i in $(seq 40); do printf 'word%s ' "$i"; done
	printf '</p></body></html>\n'
} >letter
tern show letter >out
is "no source of HTML" "$(grep -c '[<>]' out)" 0
like "its text" "$(cat out)" '^Dear Anna,$'
like "lists too" "$(cat out)" 'tent & pegs$'
like "where its links lead" "$(cat out)" 'https://example.org/a'
is "no escape" "$(grep -c $'\033' out)" 0
ok "80 columns" [ "$(wc -L <out)" -le 80 ]
like "as data it is what it was" "$(tern show --json letter)" '"text":"<html><head><style>'
printf 'Subject: two\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: message/rfc822\n\nSubject: inner\n\ntwo\n--b--\n' >letter
like "a letter within the letter" "$(tern show letter | tr '\n' '|')" '\|one\|.*A letter within this letter:\|.*inner\|.*two\|'
{
	printf 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee:\n--b\nContent-Type: text/x-patch\n\n'
	for i in $(seq 40); do printf '+word%s' "$i"; done
	printf '\n--b--\n'
} >letter
like "a line of a patch stays whole in a pipe" "$(tern show letter)" '^\+word1\+word2.*\+word40$'
printf 'Subject: old\n\nbefore\n\nbegin 644 x.bin\n#86)C\n`\nend\n\nbehind\n' >letter
like "a file within the text is listed" "$(tern show letter)" '^\[1.* "x.bin"\]$'

# One part, and all attachments into a folder: the bytes as they were, nothing written over, nothing beside it.
head -c 3000000 /dev/urandom >was
{
	printf 'Subject: big\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n'
	printf -- '--b\nContent-Type: image/png; name="../way.png"\nContent-Transfer-Encoding: base64\n\n'
	base64 was
	printf -- '--b\nContent-Disposition: attachment; filename=/etc/passwd\nContent-Transfer-Encoding: x-uuencode\n\n'
	printf 'begin 644 x\n#86)C\n`\nend\n--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\n=1B no\n--b--\n'
} >letter
like "attachments are listed with their places" "$(tern show letter)" '\[1\.2 image/png "../way.png"\]'
tern show --part 1.2 letter >part
ok "a part is what it was" cmp was part
is "a part in uuencode" "$(tern show --part 1.3 letter)" abc
status_is "a part that is not there" 1 tern show --part 1.9 letter
mkdir saved
tern show --save saved letter letter >paths
ok "an attachment is saved as it was" cmp was saved/way.png
ok "twice, each its own file" cmp was saved/way-2.png
is "all that is printed is there, and nothing else" "$(sort paths)" "$(find saved -type f | sort)"
is "six files" "$(wc -l <paths)" 6
is "for nobody else's eyes" "$(find saved -type f ! -perm 600)" ""
status_is "a folder that is not there" 1 tern show --save nowhere letter
status_is "one thing at a time" 2 tern show --json --save saved letter

# What has no name of its own is called after its type.
{
	printf 'Subject: nameless\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n'
	printf -- '--b\nContent-Type: text/html\nContent-Disposition: attachment\n\n<p>x\n'
	printf -- '--b\nContent-Type: text/x-odd\nContent-Disposition: attachment\n\nx\n'
	printf -- '--b\nContent-Type: application/x-odd\nContent-Disposition: attachment\n\nx\n--b--\n'
} >letter
mkdir nameless
tern show --save nameless letter >paths
is "names of the nameless" "$(cd nameless && LC_ALL=C ls | tr '\n' '|')" 'part|part.html|part.txt|'

# Who has no keys has none when a signed letter was looked at.
if command -v gpg >/dev/null; then
	printf 'From: a@b.org\nSubject: signed\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhi\n' >letter
	printf -- '-----BEGIN PGP SIGNATURE-----\n\niHUEABYKAB0WIQQAAAAAAAAAAAAAAAAAAAAAAAAAAAUCAAAAAAAKCRAAAAAAAAAA\n' >>letter
	printf -- 'AAA=\n=AAAA\n-----END PGP SIGNATURE-----\n' >>letter
	mkdir keyless
	env -u GNUPGHOME HOME="$PWD/keyless" tern verify letter >/dev/null 2>&1
	is "no key ring is made by reading" "$(ls -A keyless)" ""
else
	skip "no key ring is made by reading" "GnuPG is not here"
fi

# Of a text that holds a file only that is a file.
printf 'Subject: in the text\n\nsee\nbegin 644 a.txt\n#86)C\n`\nend\nbye\n' >letter
mkdir in_text
is "words around a file are none" "$(tern show --save in_text letter)" in_text/a.txt

# An attached letter is a file, not its text.
{
	printf 'Subject: passed on\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n--b\n'
	printf 'Content-Type: message/rfc822\n\nSubject: within\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nits text\n'
	printf -- '--c\nContent-Type: application/pdf; name=its.pdf\n\nits file\n--c--\n--b--\n'
} >letter
mkdir passed
tern show --save passed letter >paths
is "an attached letter and its file are saved" "$(cd passed && LC_ALL=C ls | tr '\n' '|')" 'its.pdf|within.eml|'
like "the letter is whole" "$(tr '\n' ' ' <passed/within.eml)" 'Subject: within.*its text.*its file.*--c--'

# A long text is printed piece by piece: lines, letters and line ends stay whole.
{
	printf 'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n'
	for i in $(seq 20000); do printf 'зима %s, a long line of many words that go on and on\r\n' "$i"; done >long
	head -c 300000 /dev/zero | tr '\0' x >>long
	base64 long
} >letter
{ echo; tr -d '\r' <long; echo; } >want
tern show letter >got
ok "a long text as it was" cmp want got

# Memory stays flat, however large a part is (the sanitizers keep books of their own).
peak_of() {
	"$@" >/dev/null 2>peak.err &
	local pid=$! peak=0 now
	while now=$(awk '/VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null) && [ -n "$now" ]; do
		peak=$now
		sleep 0.01
	done
	wait $pid
	echo "$peak"
}
if grep -q fsanitize "$top_builddir/config.status" 2>/dev/null || nm "$(command -v tern)" 2>/dev/null | grep -q __asan_init; then
	skip "50 MB in less than 20 MB" "sanitizers are at work"
else
	{
		printf 'Subject: big\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n'
		printf 'Content-Type: image/png; name=big\nContent-Transfer-Encoding: base64\n\n'
		head -c 50000000 /dev/zero | base64
		printf -- '--b--\n'
	} >letter
	ok "50 MB saved in less than 20 MB" [ "$(peak_of tern show --save saved letter)" -lt 20480 ]
	ok "50 MB printed in less than 20 MB" [ "$(peak_of tern show --part 1.2 letter)" -lt 20480 ]
	ok "50 MB described in less than 20 MB" [ "$(peak_of tern show --json letter)" -lt 20480 ]
fi

if [ -d "$shared/decode" ] && command -v python3 >/dev/null; then
	(cd "$shared/corpus" && tern show --json */* >"$tap_dir/shown")
	score=$(cd "$shared/decode" && python3 score.py ref_shared.jsonl "$tap_dir/shown" | tail -1)
	note "$score"
	ok "98.5 % of the real letters are read as all other programs read them" \
		awk -v s="$score" 'BEGIN { split(s, w, " "); exit !(w[9] + 0 >= 0.985 * w[11] && w[11] > 0) }'
	(cd "$shared/corpus" && tern threads --json */* >"$tap_dir/threads")
	like "their threads too" "$(cd "$shared/threads" && python3 score.py ref_shared.json everything "$tap_dir/threads")" \
		'F1 (1\.0|0\.999)'
else
	skip "real letters" "they are not here"
fi
finish
