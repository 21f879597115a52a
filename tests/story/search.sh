# Searching: what letters say is found however they say it; with the index, without it, while it is damaged and
# when it is gone the answers are the same.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
fresh_home
tern account add home --kind local --address me@localhost >/dev/null
box=$TERN_HOME/Mail/home/INBOX
cache=$TERN_HOME/cache/search/home

# letter NAME: from standard input.
letter() {
	cat >"$box/cur/$1:2,S"
}

printf 'From: Lena Wolf <lena@north.example>\nTo: me@localhost\nSubject: Saturday at the lake\nDate: 1 Jun 2026 10:00 +0000\n\nWho brings the tent? Ёлка.\n' |
	letter 1.plain
printf 'From: oleg@mail.example\nCc: anna@river.example\nSubject: =?koi8-r?B?8NLJ18XU?=\nDate: 2 Jun 2026 10:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: base64\n\n8NLJ18XUINPP08XELCDGz9LNwQo=\n' |
	letter 2.koi
printf 'From: shop@shop.example\nSubject: offer\nDate: 3 Jun 2026 10:00 +0000\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<html><style>stylesheet</style><p>hidden=20<b>tr</b>easure caf=C3=A9 &auml;rger</p></html>\n' |
	letter 3.html
printf 'From: boss@work.example\nSubject: numbers\nDate: 4 Jun 2026 10:00 +0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nsee below\n--x\nContent-Type: text/plain; name=plan.txt\nContent-Disposition: attachment; filename="Budget 2027.txt"\nContent-Transfer-Encoding: base64\n\nYXR0YWNoZWQgd29yZHMK\n--x--\n' |
	letter 4.attached
printf 'From: mei@paper.example\nSubject: =?utf-8?B?5qSc57Si6Kqe?=\nDate: 5 Jun 2026 10:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nこれは検索語です tent\n' |
	letter 5.cjk

# found QUERY...: the names of the letters that are found, in order.
found() {
	tern search "$@" | sed 's/.*\/\([0-9]*\)[^/]*$/\1/' | tr '\n' ' ' | sed 's/ $//'
}

# QUERY, the letters it finds, newest first.
questions='
tent | 5 1
TENT lake | 1
"at the lake" | 1
"lake the" |
елка | 1
lena@north.example | 1
north.example | 1
lak |
lak* | 1
*end* |
*easur* | 3
treasure | 3
cafe ärger | 3
stylesheet |
привет | 2
body:"привет сосед" | 2
cc:anna | 2
from:wol | 1
"budget 2027" | 4
body:"attached words" | 4
検索語 | 5
索 | 5
です | 5
tent -lake | 5
treasure or привет | 3 2
(treasure or tent) -検索 | 3 1
~b tent ~f lena | 1
~s lake | 1
subject:numbers body:below | 4
tent before:2026-06-02 | 1
tent after:2026-06-02 | 5
has:attachment words | 4
is:unread tent |
~z <10k treasure | 3
tent and lake | 1
tent && lake | 1
lake - | 1
! ~A |
~d 1/6/2026-2/6/2026 | 2 1
~d 20260605 | 5
~d 4/6/26- | 5 4
~d -1/6/2026 | 1
~d <2026-06-04 | 5 4
~d >2026-06-02 | 1
'

# ask_all NAME
ask_all() {
	local query ids wrong= got
	while IFS='|' read -r query ids; do
		[ -n "$query" ] || continue
		query=${query% } ids=${ids# }
		got=$(found "$query")
		[ "$got" = "$ids" ] || wrong="$wrong$query: \"$got\", not \"$ids\"
"
	done <<<"$questions"
	is "$1" "$wrong" ""
}

ask_all "the letters themselves answer"
is "no index was made for it" "$(ls "$cache" 2>/dev/null)" ""
ok "the index is made" tern index home
like "it is there" "$(ls "$cache")" '\.words'
ask_all "the index answers the same"
mv "$box/cur" "$box/away" && mkdir "$box/cur"
is "letters that are gone are not found" "$(found tent)" ""
rmdir "$box/cur" && mv "$box/away" "$box/cur"
tern index home
ask_all "they are back"

words=$(ls "$cache"/*.words | head -1)
for at in 0 1 100 1000; do
	truncate -s "$at" "$words"
done
ask_all "a file that was cut answers nothing wrong"
tern index home
ask_all "it is healed"
words=$(ls "$cache"/*.words | head -1)
dd if=/dev/urandom of="$words" bs=1 count=300 seek=200 conv=notrunc 2>/dev/null
ask_all "nor does one with other bytes in it"
rm -r "$cache"
ask_all "nor none at all"
tern index home
printf 'From: new@north.example\nSubject: new\nDate: 6 Jun 2026 10:00 +0000\n\nA tent, too.\n' | letter 6.new
is "what came since is found" "$(found tent)" "6 5 1"
rm "$box/cur/5.cjk:2,S"
is "what went since is not" "$(found tent)" "6 1"

is "~b finds parts of words" "$(found "~b ent")" "6 1"
is "of a row of words too" "$(found '~b "rings the ten"')" 1
printf 'From: new@north.example\nSubject: new\nDate: 7 Jun 2026 10:00 +0000\nContent-Type: text/plain; charset=utf-8\n\nTwo letters, письма, hoping.\n' | letter 7.forms
is "a word is itself alone" "$(found letter)$(found письмо)" ""
if grep -q 'define HAVE_STEMMER' "$top_builddir/config.h"; then
	printf '\n[general]\nsearch-forms = yes\n' >>"$TERN_HOME/config/config"
	is "other forms are found where that is wanted" "$(found letter) $(found hope) $(found letter письмами)" "7 7 7"
	tern index home
	is "by the index too" "$(found letter) $(found hope) $(found письмо hoped)" "7 7 7"
	is "but not of what is quoted, nor parts" "$(found '"letter"')$(found lett)$(found hop)" ""
	sed -i '/^search-forms/d' "$TERN_HOME/config/config"
fi
rm "$box/cur/7.forms:2,S"

is "how many" "$(tern search --count tent)" 2
is "in a folder" "$(tern search --count --in INBOX tent)$(tern search --count --in Sent tent)" 20
status_is "a folder that is not there" 2 tern search --in Nowhere tent
is "the first ones" "$(found --limit 1 tent)" 6
is "without a word" "$(tern search --count tent -new) $(tern search tent -new --count)" \
	"$(tern search --count -- tent -new) $(tern search --count -- tent -new)"
unlike "fewer than with it" "$(tern search --count tent -new)" '^2$'
is "that word first" "$(tern search -new tent --count)" "$(tern search --count tent -new)"
is "of threads" "$(tern search --count --threads tent)" 2
is "a mailbox by its path" "$(tern search --count --account "$box" tent)" 2
like "as objects" "$(tern search --json tent)" '"subject":"new"'
like "what is wrong with a query" "$(tern search '"open' 2>&1)" 'This quote is not closed, at character 1'
for query in 'tent or' 'or tent' 'tent or or lake' '()' '(tent or)' 'before:2024-13' '~d 1/13/2026' 'is:foo' '~h x' 'larger:x' \
	"$(yes '~A' | head -1000 | tr '\n' ' ')" "$(seq -s ' or ' 100)"; do
	status_is "wrong: ${query:0:20}" 2 tern search "$query"
	unlike "it is told in words: ${query:0:20}" "$(tern search "$query" 2>&1)" 'database|SQL|too large'
done
is "many words at once" "$(tern search --count "$(seq -s ' or ' 59) or tent")" 2
is "deep in parentheses" "$(tern search --count "$(printf '(%.0s' {1..15})tent$(printf ')%.0s' {1..15})")" 2
status_is "bytes that are no text" 2 tern search $'\xff\xfe'
is "signs alone" "$(tern search --count '§§')" 0

# Real mail: what decoding finds is found, and both ways agree.
if [ -d "$shared/corpus" ] && command -v python3 >/dev/null; then
	fresh_home
	tern account add home --kind local --address me@localhost >/dev/null
	box=$TERN_HOME/Mail/home/INBOX
	find "$shared/corpus" -name '*.eml' | LC_ALL=C sort | awk -v box="$box/cur/" '{ print $0 "\n" box NR ".corpus:2,S" }' |
		xargs -d '\n' -n 2 cp
	find "$box/cur" -type f -print0 | tern show --json --files-from - --null >"$tap_dir/shown" 2>/dev/null
	python3 - "$tap_dir/shown" "${TERN_TEST_ALL:+200}" >"$tap_dir/asked" <<'END'
import json, random, re, sys
words = []
for line in open(sys.argv[1], encoding="utf-8", errors="replace"):
    letter = json.loads(line)
    for part in letter.get("parts", []):
        if part["path"] == letter.get("text_path") and part["type"] == "text/plain":
            for word in set(re.findall(r"[^\W_]+", letter.get("text") or "")):
                if 4 <= len(word) <= 30:
                    words.append((word, letter["file"].split("/")[-1].split(".")[0]))
random.seed(5)
for word, name in random.sample(words, min(int(sys.argv[2] or 12), len(words))):
    print(word, name)
END
	while read -r word name; do
		printf '%s: %s\n' "$word" "$(found "$word")"
	done <"$tap_dir/asked" >"$tap_dir/by_reading"
	tern index home
	while read -r word name; do
		printf '%s: %s\n' "$word" "$(found "$word")"
	done <"$tap_dir/asked" >"$tap_dir/by_index"
	is "random words: index and letters agree" "$(diff "$tap_dir/by_reading" "$tap_dir/by_index" | head -20)" ""
	is "and the letter a word was taken from is found" "$(paste -d ' ' "$tap_dir/asked" "$tap_dir/by_index" |
		awk '{ for (i = 4; i <= NF; i++) if ($i == $2) next; print }' | head)" ""
else
	skip "random words of real mail" "there is none beside the source"
fi
finish
