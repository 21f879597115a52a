# Accounts, the index and searching without a screen.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
fresh_home
make=$top_builddir/tests/bench/make-maildir

ok "an account is added" tern account add home --kind local --address me@localhost
ok "its folders are made" test -d "$TERN_HOME/Mail/home/INBOX/cur" -a -d "$TERN_HOME/Mail/home/Sent/new"
status_is "a name is taken only once" 1 tern account add home --kind local --address me@localhost
status_is "an address is checked" 2 tern account add two --kind local --address 'me@@x'
status_is "a kind is checked" 2 tern account add two --kind imp --address me@x
status_is "what does not work yet says so" 1 tern account add far --kind jmap --address a@b.c --server h:1
is "accounts are listed" "$(tern account list --json | cut -d, -f1,2 | tr '\n' ' ')" \
	'{"name":"home","kind":"local" {"name":"far","kind":"jmap" '
ok "an account is removed" tern account remove far
is "the others stay" "$(tern account list | wc -l)" 1

"$make" -n 300 "$TERN_HOME/Mail/home/INBOX"
files=$(find "$TERN_HOME/Mail/home/INBOX" -type f | wc -l)
is "a search brings the index up to date" "$(tern search --count in:inbox)" "$files"
ok "so does tern index" tern index
is "a search agrees with grep" "$(tern search from:lena | sort)" \
	"$(grep -rl '^From: Lena' "$TERN_HOME/Mail/home/INBOX" | sort)"
is "case and accents do not count" "$(tern search --count 'subject:ЕЛКА')" \
	"$(grep -rl '^Subject:.*ёлка' "$TERN_HOME/Mail/home/INBOX" | wc -l)"
is "bodies are looked into" "$(tern search --count body:harbour from:oleg)" \
	"$(grep -rl '^From: Oleg' "$TERN_HOME/Mail/home/INBOX" | xargs awk 'FNR==1{b=h=0} b&&/harbour/&&!h{h=1;n++} /^$/{b=1} END{print n}')"
like "objects tell what a script wants" "$(tern search --json id:m7@bench.example)" \
	'"account":"home","folder":"INBOX","subject":".*"message_id":"m7@bench.example","flags":\['
status_is "a wrong query says so" 2 tern search 'is:red'
ok "letters are tagged" tern tag --add work from:oleg
is "and found by the tag" "$(tern search tag:work | sort)" "$(tern search from:oleg | sort)"
ok "flags reach the files" tern flag --set flagged --clear seen tag:work
is "as names" "$(tern search tag:work | grep -vc ':2,F$')" 0
name=$(tern search id:m9@bench.example)
mv "$name" "${name%%:*}:2,RS"
is "another program's flags are noticed" "$(tern search is:replied)" "${name%%:*}:2,RS"
rm "${name%%:*}:2,RS"
is "and what it removes" "$(tern search --count id:m9@bench.example)" 0

database=$TERN_HOME/data/accounts/home.db
head -c 5000 /dev/urandom | dd of="$database" conv=notrunc 2>/dev/null
rm -f "$database-wal" "$database-shm"
ok "a damaged index is made again" tern index
is "with all that the files say" "$(tern search --count in:inbox)" $((files - 1))
ok "any Maildir is indexed by its path" tern index "$TERN_HOME/Mail/home/INBOX"
status_is "nothing there is said" 2 tern index "$TERN_HOME/nowhere"
finish
