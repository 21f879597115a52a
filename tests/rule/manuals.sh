# The manual pages say what the programs' own tables say.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
cd "$top_srcdir"
pages='net/tern-deliver.1 net/tern-sendmail.1 net/ternd.8 ui/tern-config.5 ui/tern.1'

if command -v mandoc >/dev/null; then
	is "mandoc has no complaint" "$(mandoc -T lint -W warning $pages 2>&1)" ""
else
	skip "mandoc has no complaint" "there is no mandoc"
fi

# untold PAGE FILE...: long options of the files that the page does not have.
untold() {
	local page=$1
	shift
	cat "$@" | grep -oE '\{"[a-z-]+", (no|required|optional)_argument' | sed 's/{"\(.*\)".*/\1/' | sort -u |
		while read -r option; do
			grep -qE "Fl Fl ${option}( |\$)" "$page" || echo "$option"
		done
}

is "tern.1 has every option" "$(untold ui/tern.1 ui/tern.c ui/shell/*.c)" ""
is "ternd.8 has every option" "$(untold net/ternd.8 net/ternd.c)" ""
is "tern-sendmail.1 has every option" "$(untold net/tern-sendmail.1 net/tern_sendmail.c)" ""
is "tern-deliver.1 has every option" "$(untold net/tern-deliver.1 net/tern_deliver.c)" ""

shell_commands() {
	LANGUAGE= tern --help | sed -n '/^Commands:/,$s/^  \([a-z-]*\) .*/\1/p'
}

untold_commands() {
	shell_commands | while read -r name; do
		grep -qE "^\.(It|Ss) .*Cm $name( |\$)" ui/tern.1 || echo "$name"
	done
}

is "tern.1 has every command without a screen" "$(untold_commands)" ""
like "there are such commands" "$(shell_commands)" '^show$'

without_help() {
	shell_commands | while read -r name; do
		LANGUAGE= tern "$name" --help </dev/null 2>&1 | grep -q "^Usage: tern $name " || echo "$name"
	done
}

is "each tells its arguments after --help" "$(without_help)" ""

# section PAGE NAME: what stands between the marks.
section() {
	sed -n "/^\.\\\\\" begin generated: $2\$/,/^\.\\\\\" end generated\$/p" "$1" | sed '1d;$d'
}

agrees() { # WHAT PAGE
	LANGUAGE= tern --dump-tables | sort -s -t$'\t' -k1,2 | awk -v want="$1" -f tests/lib/manual_tables.awk >"$tap_dir/made"
	section "$2" "$1" >"$tap_dir/stands"
	is "the $1 in $2 are those of the program (make manual-tables)" \
		"$(diff "$tap_dir/stands" "$tap_dir/made" | head -20)" ""
}

agrees commands ui/tern.1
agrees fields ui/tern.1
agrees patterns ui/tern.1
agrees keys ui/tern.1
agrees options ui/tern-config.5
finish
