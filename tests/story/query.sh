# What a query may say: names before a colon, dates, sizes, mutt's patterns; and that what is mistyped is told, not found
# nothing for. With the index and without it.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
fresh_home
export TZ=UTC
tern account add home --kind local --address me@localhost >/dev/null
box=$TERN_HOME/Mail/home/INBOX

# letter NAME FLAGS: from standard input.
letter() {
	cat >"$box/cur/$1:2,$2"
}

# ago DAYS: as a letter has it, at noon of that day.
ago() {
	LC_ALL=C date -u -d "$1 days ago 12:00" '+%a, %d %b %Y %H:%M:%S +0000'
}

printf 'From: Lena Wolf <lena@north.example>\nTo: me@localhost\nSubject: Re: [tern] lake\nDate: %s\nMessage-ID: <one@x>\nList-Id: Birds <birds.lists.example>\nX-Label: x\n\nTents http://tern.example/lake and 12:30 std::string\n' "$(ago 0)" |
	letter 1.list S
printf 'From: me@localhost\nTo: lena@north.example\nBcc: ghost@hidden.example\nSubject: answer\nDate: %s\nMessage-ID: <two@x>\nIn-Reply-To: <one@x>\n\nfoo:bar\n' "$(ago 1)" |
	letter 2.mine RS
printf 'From: shop@shop.example\nTo: crowd@x.example\nSubject: bill\nDate: %s\nMessage-ID: <three@x>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nsee below\n--x\nContent-Type: application/pdf; name="Bill 2026.pdf"\nContent-Disposition: attachment\n\nx\n--x--\n' "$(ago 20)" |
	letter 3.bill F
printf 'From: anna@river.example\nTo: crowd@x.example\nSubject: secret\nDate: %s\nMessage-ID: <four@x>\n\n-----BEGIN PGP SIGNED MESSAGE-----\n\nhello\n-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n' "$(ago 40)" |
	letter 4.signed ''
{
	printf 'From: big@river.example\nTo: crowd@x.example\nSubject: big\nDate: 23 Nov 2020 12:00:00 +0000\nMessage-ID: <five@x>\nMIME-Version: 1.0\nContent-Type: multipart/encrypted; boundary=x\n\n--x\nContent-Type: application/octet-stream\n\n'
	yes 'many words' | head -c 30000
	printf '\n--x--\n'
} | letter 5.big S
printf 'From: big@river.example\nTo: crowd@x.example\nSubject: big again\nDate: 23 Nov 2020 12:00:00 +0000\nMessage-ID: <five@x>\n\ntwice\n' |
	letter 6.again T

# found QUERY...: numbers of the letters, rising.
found() {
	tern search "$@" | sed 's/.*\/\([0-9]*\)[^/]*$/\1/' | sort -n | tr '\n' ' ' | sed 's/ $//'
}

questions='
older:2w | 3 4 5 6
older_than:2w | 3 4 5 6
newer:3d | 1 2
newer_than:30d | 1 2 3
newer:30days | 1 2 3
newer:1h or newer:2m | 1 2 3 4
until:2021 | 5 6
since:2021 | 1 2 3 4
date:2020 | 5 6
date:2020-11 | 5 6
date:2020-11-23 | 5 6
date:2020/11/23 | 5 6
date:23/11/2020 | 5 6
date:23.11.2020 | 5 6
date:2020-11-22..2020-12 | 5 6
date:..2021 | 5 6
date:2021.. | 1 2 3 4
date:yesterday | 2
date:today | 1
date:<3d | 1 2
on:yesterday | 2
before:"last year" | 5 6
before:last year | 5 6
before:last-year -big | 
size:>10k | 5
size:<10k | 1 2 3 4 6
size:10k..1M | 5
size:..10k | 1 2 3 4 6
size:0.02M | 5
size:10kb | 5
larger:>10k | 5
bigger:10k | 5
smaller:10k from:big | 6
bcc:ghost | 2
list:birds | 1
list:lists.example | 1
list:river |
label:none |
is:starred | 3
flag:flagged | 3
is:unflagged is:replied | 2
is:answered | 2
is:unseen | 3 4 6
is:signed | 4
is:encrypted | 5
is:list | 1
is:attach | 3
has:pdf | 3
has:file | 3
type:application/pdf | 3
mimetype:pdf | 3
filename:bill | 3
filename:pdf | 3
attachment:"bill 2026" | 3
in:inbox lake | 1
in:INB* lake | 1
in:anywhere lake | 1
in:sent |
from:me | 2
to:me | 1
with:lena | 1 2
id:one@x | 1
mid:<one@x> | 1
rfc822msgid:one@x | 1
thread:one@x | 1 2
thread:(from:me) | 1 2
thread:(tents) answer | 2
-thread:(tents) is:read | 5
thread:(is:flagged or is:signed) | 3 4
* | 1 2 3 4 5 6
http://tern.example/lake | 1
12:30 | 1
std::string | 1
re: lake | 1
Re:lake |
localhost:25 |
"foo:bar" | 2
foo bar | 2
~f lena | 1
~e lena | 1
~L lena | 1 2
~C crowd | 3 4 5 6
~t me@localhost | 1
~p | 1
~P | 2
~l | 1
~u | 1
~g | 4
~G | 5
~k |
~B nort | 1 2
~B ent | 1
~M pdf | 3
~X | 3
~X 1- | 3
~X 0 ~U | 4 6
~x one@x | 2
~x <one@x> | 2
~y foo |
~Y foo |
~= | 6
~Q | 2
~R ~O |
~D | 6
~F | 3
~$ ~R | 2 5
~(~P) | 1 2
~<(~f lena) | 2
~>(~P) | 1
!~f lena ~R | 2 5
! ~(~P) | 3 4 5 6
~f lena | ~s bill | 1 3
~f lena or ~s bill | 1 3
~d <2w | 1 2
~d >2w | 3 4 5 6
~d 1/11/2020-30/11/2020 | 5 6
~d -1/12/2020 | 5 6
~d 1/1/2021- | 1 2 3 4
~d 20201101-20201130 | 5 6
~d 20/11/2020*3d | 5 6
~d 20/11/2020+3d | 5 6
~d 26/11/2020-3d | 5 6
~d 26/11/2020+3d |
~z >10k | 5
~z 10k- | 5
~z -10k | 1 2 3 4 6
~z 10k-1M | 5
=s bill | 3
~f lena@north\.example | 1
~N~F | 
~Ulake |
~sbill | 3
'

ask_all() {
	local query ids wrong= got
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		query=${line% | *} ids=${line##* |} ids=${ids# }
		[ "$query" != "$line" ] || query=${line% |}
		got=$(found "$query" 2>&1)
		[ "$got" = "$ids" ] || wrong="$wrong$query: \"$got\", not \"$ids\"
"
	done <<<"$questions"
	is "$1" "$wrong" ""
}

ask_all "the letters themselves answer"
ok "the index is made" tern index home
ask_all "the index answers the same"

# --- signs, letters with strokes, lines that end within words
{
	printf 'From: Łukasz <lukasz@north.example>\nSubject: Østfold Łódź\nDate: 1 Jan 2019 12:00:00 +0000\nContent-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\n'
	printf 'Party 🎉 👍🏽 DIŞARI ırmak đường jo \nined\n'
} | letter 7.signs S

questions='
🎉 | 7
👍 | 7
"party 🎉" | 7
🎂 |
dışarı | 7
irmak | 7
duong | 7
joined | 7
lodz | 7
łódź | 7
from:lukasz | 7
from:Łuk* | 7
subject:ostfold | 7
subject:*øst* | 7
subject:lak* | 1
tag:* |
'
rm -r "$TERN_HOME/cache/search"
ask_all "strange signs in letters themselves"
tern index home
ask_all "strange signs in the index"

# told QUERY PATTERN: it is a mistake, and what is said of it.
told() {
	status_is "wrong: $1" 2 tern search "$1"
	like "what is told of it: $1" "$(LANGUAGE= tern search "$1" 2>&1)" "$2"
}
told 'frm:bob' 'There is no "frm:"; did you mean "from:"\? In quotes it is plain text, at character 1'
told 'lake szie:1m' 'did you mean "size:".*at character 6'
told 'foo:bar' 'There is no "foo:" to look for; in quotes it is plain text'
told 'froom:"a b"' 'did you mean "from:"'
told 'foo:(a b)' 'There is no "foo:"'
told 'is:foo' 'is: wants unread, read'
told 'has:foo' 'has: wants attachment'
told 'flag:foo' 'is: wants unread'
told 'size:>1x' 'A size is a number'
told 'size:' 'A word is missing here'
told 'larger:abc' 'A size is a number'
told 'size:..' 'A size is a number'
told 'before:tomorrowish' 'A date is 2026-11-23'
told 'older:2q' 'A date is'
told 'date:..' 'A date is'
told 'date:2026..x' 'A date is'
told 'account:home' 'search-account'
told 'header:x' 'in no index'
told 'thread:x' 'thread: wants a number'
told 'thread:(from:me' 'This parenthesis is not closed'
told '~Z' 'This pattern is not known'
told '~h X-Spam' 'in no index; from:'
told '~m 10-20' 'have no numbers.*date:'
told '~n 5' 'no scores'
told '~E' 'expire'
told '~S' 'supersede'
told '~v' 'folded'
told '~V' 'is:signed'
told '~H x' 'in:junk'
told '~X 2-3' 'not counted'
told '~s ^Re' 'Regular expressions are not taken'
told '~f "a.*b"' 'Regular expressions are not taken'
told '~<lena' 'wants a query in parentheses'
told '~d' 'A word is missing here'
told '~d 40/1/2020' 'A date is'
told '~z x-y' 'A size is'
finish
