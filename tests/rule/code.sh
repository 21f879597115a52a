# How the code is written, as far as a machine can see it.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
cd "$top_srcdir"
longest_function=60
widest_line=120 # 100 is wished for

sources() {
	find ui compose store net -name '*.[ch]' 2>/dev/null | LC_ALL=C sort
}

everything() {
	{ sources; find tests -name '*.[ch]'; } | LC_ALL=C sort
}

long_functions() {
	everything | xargs awk -v most=$longest_function '
		FNR == 1 { start = 0 }
		/^\{/ { start = FNR }
		/^\}/ { if (start && FNR - start - 1 > most)
				print FILENAME ":" start ": " FNR - start - 1 " lines"; start = 0 }'
}

wide_lines() {
	everything | while read -r file; do
		expand "$file" | grep -nE "^.{$((widest_line + 1)),}" | sed "s|^\([0-9]*\):.*|$file:\1|"
	done
}

# A shell, an unbounded copy, a regular expression compiled for each message, hidden state.
never='system|popen|strcpy|strcat|sprintf|vsprintf|gets|strtok|tmpnam|tempnam|mktemp|alloca|setjmp|longjmp|wordexp|strncpy|regcomp'

banned_calls() {
	sources | xargs grep -nE "(^|[^a-zA-Z0-9_>.])($never)\(" | grep -vE ':[[:space:]]*(/?\*)'
}

# fopen, open and socket without close-on-exec; a descriptor must not reach a child by chance.
leaky_descriptors() {
	sources | xargs grep -nE '[^a-zA-Z0-9_>.](open|openat|accept|pipe|inotify_init|epoll_create|mkstemp|dup)\(' |
		grep -vE 'O_CLOEXEC|SOCK_CLOEXEC|flags|/\*|\* '
}

spaces_for_tabs() {
	everything | xargs grep -nE '^ {8}' | sed 's/\(:[0-9]*\):.*/\1/'
}

is "no function is longer than $longest_function lines" "$(long_functions)" ""
is "no line is wider than $widest_line columns" "$(wide_lines)" ""
is "no call that we never make" "$(banned_calls)" ""
is "no descriptor without close-on-exec" "$(leaky_descriptors)" ""
is "lines are indented by tabs" "$(spaces_for_tabs)" ""
is "every file ends its last line" "$(everything | xargs -I@ sh -c '[ -z "$(tail -c1 @)" ] || echo @')" ""
finish
