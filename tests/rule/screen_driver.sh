# A screen script that asks for what is not there must fail: else no screen test is worth anything.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
driver=$top_builddir/tests/screen/screen_run
[ -x "$driver" ] || skip_all "screen_run is not built (no libvterm)"

# fails NAME WORDS LINES...: the script of these lines fails and says so.
fails() {
	local name=$1 words=$2 out
	shift 2
	printf '%s\n' 'timeout 1' "$@" >"$tap_dir/x.scr"
	out=$("$driver" "$tap_dir/x.scr") && fail "$name: exit status" && return
	like "$name" "$out" "^not ok" && like "$name: says why" "$out" "$words"
}

fails "a text that is not there" 'not to be seen: "hare"' 'run echo there,' 'see "there,"' 'see "hare"'
fails "a text that should have gone" 'still to be seen' 'run echo there' 'see there' 'not there'
fails "another row" 'row 0 is "there"' 'run echo there' 'row 0 "ther"'
fails "the cursor elsewhere" 'stands at 1 0' 'run echo there' 'see there' 'cursor 0 0'
fails "another style" 'not bold' 'run echo there' 'style "there" bold'
fails "another end" 'ended with 4' 'run sh -c "exit 4"' 'end 3'
fails "a forbidden escape" 'an escape at byte 0' "run printf '\\033]4;1;red\\007there'" 'see there' 'clean'
fails "a C1 control" 'a C1 control at byte 0' "run printf '\\302\\2332Jthere'" 'see there' 'clean'
fails "a command that fails" 'did not succeed' 'shell false'
fails "a word that is none" 'no such command' 'sea "there"'
fails "a report of a sanitizer" 'not ok 2 - the sanitizers' "run sh -c 'echo boom >\$TERN_HOME/sanitizer.1; echo there'" 'see there'
finish
