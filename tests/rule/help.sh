# "tern COMMAND --help" says how each command is used, and does nothing else.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
fresh_home
export LANGUAGE=

commands() {
	tern --help | sed -n '/^Commands:/,$s/^  \([a-z-]*\) .*/\1/p'
}

# Long options that the commands take and none of their usages has.
untold() {
	for command in $(commands); do tern "$command" --help; done >"$tap_dir/usages"
	cat "$top_srcdir"/ui/shell/*.c | grep -oE '\{"[a-z-]+", (no|required|optional)_argument' |
		sed 's/{"\(.*\)".*/\1/' | sort -u | while read -r option; do
		grep -qE -- "--$option( |\$|\])" "$tap_dir/usages" || echo "$option"
	done
}

like "there are commands" "$(commands)" '^batch$'
for command in $(commands); do
	status_is "tern $command --help is no mistake" 0 tern "$command" --help
	like "and says how it is used" "$(tern "$command" --help 2>&1)" "^Usage: tern $command "
done
is "every option is told" "$(untold)" ""
is "help stands behind other words too" "$(tern account add --help)" "$(tern account --help)"
status_is "behind -- it is a word like others" 2 tern index -- --help
is "-h alone is the same" "$(tern search -h)" "$(tern search --help)"
is "and so is help before it" "$(tern help search)" "$(tern search --help)"
is "-h of all" "$(tern -h)" "$(tern --help)"
is "help of all" "$(tern help)" "$(tern --help)"
finish
