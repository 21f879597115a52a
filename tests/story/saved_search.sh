# Searches that are kept: by the command line and by the screen's own commands, with any name a person may give.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
fresh_home
export LANGUAGE=
tern account add home --kind local --address me@localhost >/dev/null
mkdir -p "$TERN_HOME/work/INBOX"/{cur,new,tmp}
tern account add work --kind maildir --address me@work.example --path "$TERN_HOME/work" >/dev/null
box=$TERN_HOME/Mail/home/INBOX
printf 'From: lena@north.example\nSubject: lake\n\ntent\n' >"$box/cur/1.a:2,S"
printf 'From: oleg@north.example\nSubject: forest\n\ntent and more\n' >"$box/cur/2.b:2,"
printf 'From: oleg@north.example\nSubject: desk\n\ntent at work\n' >"$TERN_HOME/work/INBOX/cur/3.c:2,"
config=$TERN_HOME/config/config

is "none yet" "$(tern search --list)" ""
ok "one is kept" tern search --save "Big tents, all" tent -forest
is "it is listed" "$(tern search --list)" "Big tents, all	tent -forest"
is "and found" "$(tern search --saved "Big tents, all" --count)" 2
is "its name may be written small" "$(tern search --saved "big TENTS, all" --count)" 2
is "with words behind it" "$(tern search --saved "Big tents, all" lake --count)" 1
ok "of one account" tern search --save Работа --account work tent
is "it looks there" "$(tern search --saved Работа --count)" 1
ok "of one folder" tern search --save inhere --in INBOX --account home 'tent or lake'
is "it looks there alone" "$(tern search --saved inhere --count) $(tern search --list | tail -1)" \
	'2 inhere	in:"INBOX" (tent or lake)'
is "how many, and unread" "$(tern search --list --count)" "2	1	Big tents, all
1	1	Работа
2	1	inhere"
like "as objects" "$(tern search --list --count --json)" '"name":"Работа".*"account":"work".*"count":1'
told() { # WHAT STATUS PATTERN ARGUMENT...
	local what=$1 status=$2 pattern=$3
	shift 3
	status_is "$what" "$status" tern search "$@"
	like "$what: it is told" "$(tern search "$@" 2>&1)" "$pattern"
}
told "a name twice" 1 'There is a search "inhere" already: "in:.*Take another name' --save Inhere x
told "no name" 2 'needs a name' --save '  ' x
told "a name of two lines" 2 'one line of text' --save 'a
b' x
told "a bracket in it" 2 'without brackets' --save 'a]b' x
told "a long name" 2 'at most 60 columns' --save "$(seq -s x 100)" x
told "no query" 2 'What shall be searched for' --save name
told "a wrong query" 2 'did you mean "from:"' --save name frm:x
told "none of that name" 2 'There is no search "nothing"; "tern search --list"' --saved nothing
told "none to be forgotten" 1 'There is no search "nothing"' --forget nothing
told "two at once" 2 'One of --save' --save a --forget b x
told "too many words" 2 'one word too many' --list x
ok "another name" tern search --rename inhere the new one
is "it has that" "$(tern search --list | cut -f1 | tail -1)" "the new one"
told "no new name" 2 'new name is missing' --rename Работа
told "a new name that is taken" 1 'There is a search "Работа" already' --rename 'the new one' Работа
ok "itself in large letters is no other" tern search --rename 'the new one' 'The New One'
ok "one goes" tern search --forget 'the new one'
is "it is gone, the others are not" "$(tern search --list | cut -f1)" "Big tents, all
Работа"
printf '\n# a comment\n[search by hand]\nquery = lake\n' >>"$config"
is "those written by hand are listed too" "$(tern search --list | tail -1)" "by hand	lake"
printf 'include more\n' >>"$config"
printf '[search elsewhere]\nquery = tent\n' >"$TERN_HOME/config/more"
told "one in another file" 1 'the configuration includes' --forget elsewhere
is "it stays" "$(tern search --saved elsewhere --count)" 3
ok "a query of odd signs" tern search --save odd '"a b" -c # [x] = \'
is "it is kept as it is" "$(tern search --list | grep ^odd)" 'odd	"a b" -c # [x] = \'
finish
