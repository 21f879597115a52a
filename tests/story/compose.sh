# tern compose: a draft, and a letter into the outbox.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
fresh_home
mkdir -p "$TERN_HOME/config" "$TERN_HOME/Mail/home"
cat >"$TERN_HOME/config/config" <<END
[compose]
undo-send = 3600
signature = "Me\\nat home"
[account home]
kind = local
address = me@localhost
real-name = Me Ünder
path = $TERN_HOME/Mail/home
[aliases]
lena = Lena Löwe <lena@example.org>
END
echo "Hallo, schöne Grüße" >"$TERN_HOME/text"
printf 'a\0b' >"$TERN_HOME/file.bin"

draft=$(tern compose --to lena --subject "Über alles" --attach "$TERN_HOME/file.bin" --body-file "$TERN_HOME/text")
ok "the draft lies in its file" test -f "$TERN_HOME/data/drafts/$draft.eml"
ok "with its text above the signature" grep -q "^Hallo, schöne Grüße" "$TERN_HOME/data/drafts/$draft.eml"
ok "and the signature" grep -q "^-- $" "$TERN_HOME/data/drafts/$draft.eml"

status_is "a missing file is an error" 1 tern compose --to lena --attach /nowhere/file
status_is "no recipient is an error" 1 tern compose --send --subject x
status_is "a name that nobody has is an error" 1 tern compose --send --to nobody-is-called-so
status_is "an unknown account is wrong usage" 2 tern compose --account none --to lena
status_is "an unknown option is wrong usage" 2 tern compose --nonsense

number=$(tern compose --send --to lena --bcc hidden@example.org --subject "Über alles" \
	--attach "$TERN_HOME/file.bin" --body-file "$TERN_HOME/text")
letter=$TERN_HOME/data/outbox/$number.eml
ok "the letter lies in the outbox" test -f "$letter"
ok "from me" grep -q '^From: =?utf-8?.*me@localhost>' "$letter"
ok "to whom the alias means" grep -q '^To: .*<lena@example.org>' "$letter"
status_is "without Bcc" 1 grep -rqi "bcc\|hidden" "$letter"
is "one copy in Sent" "$(find "$TERN_HOME/Mail/home/Sent/cur" -type f | wc -l)" 1
is "which decodes" "$(tern show --json "$TERN_HOME"/Mail/home/Sent/cur/* | grep -c 'Über alles')" 1
is "only the first draft is left" "$(ls "$TERN_HOME/data/drafts" | grep -v ^sent | grep -c '\.eml$')" 1

second=$(tern compose --draft "$draft" --cc me --send)
ok "a draft goes on and out" grep -q "^Cc: me@localhost" "$TERN_HOME/data/outbox/$second.eml"
ok "with its attachment" grep -q "file.bin" "$TERN_HOME/data/outbox/$second.eml"
is "and is no draft any more" "$(ls "$TERN_HOME/data/drafts" | grep -v ^sent | grep -c '\.eml$')" 0

tern compose "mailto:a@example.org?subject=x%0D%0ABcc:evil@example.org&attach=/etc/passwd" >"$TERN_HOME/id"
status_is "a link attaches nothing" 1 grep -rq "passwd" "$TERN_HOME/data/drafts/$(cat "$TERN_HOME/id").eml"
status_is "and makes no field" 1 grep -q "^Bcc" "$TERN_HOME/data/drafts/$(cat "$TERN_HOME/id").eml"
finish
