# IMAP servers that lie, in some hundred ways: each ends in a clear sentence or does no harm, nothing crashes or hangs,
# no password is sent that others can read, nothing of it moves the cursor.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
command -v python3 >/dev/null || skip_all "needs python3"
command -v openssl >/dev/null || skip_all "needs openssl"
. "$top_srcdir/tests/lib/servers.sh"
fresh_home
make_ca
mkdir "$tap_dir/liar"
python3 "$top_srcdir/tests/lib/imap_liar.py" "$tap_dir/ports" "$tap_dir/liar" "$ca" &
liar=$!
trap 'kill $liar 2>/dev/null; tap_end' EXIT
wait_for 10 test -s "$tap_dir/ports" || fail "the liar starts"
secret=$(password_file alice)
printf 'A: b\n\nletter\n' >"$tap_dir/letter"

# lie NAME TLS KEY=VALUE... : what the client says of it, with the lines of the script on stdin
try() {
	local name=$1 tls=$2
	shift 2
	timeout -k 2 60 "$top_builddir/tests/lib/imap_try" server="localhost:$(sed -n "s/^$name //p" "$tap_dir/ports")" \
		tls="$tls" user=alice password-file="$secret" ca="$ca/ca.pem" command-ms=2500 silence-ms=1500 "$@" 2>&1
	echo "status $?"
}

# The table: name, protection, what is done (";" between), what is said (a regular expression over all lines).
lies() {
	cat <<-'END'
		starttls-stripped|starttls||denied: .*does not offer to encrypt
		starttls-refused|starttls||later
		starttls-garbage|starttls||corrupt|temporary
		starttls-injected|starttls||denied
		starttls-injected-login|starttls||denied
		starttls-injected-half|starttls||denied
		starttls-preauth|starttls||denied: .*before the connection is encrypted
		starttls-preauth-alert|starttls||denied: .*before the connection is encrypted
		starttls-bye|starttls||temporary: .*go away
		starttls-hang|starttls||temporary
		starttls-no-tls|starttls||(temporary|denied|failed|corrupt): .*TLS
		starttls-other-host|starttls||denied
		starttls-caps-before|starttls||denied: .*no way to sign in
		tls-other-host|implicit||denied
		tls-plain|implicit||(temporary|denied|failed|corrupt): .*TLS
		greet-http|none||corrupt: .*greet
		greet-smtp|none||corrupt: .*greet
		greet-hang|none||temporary
		greet-close|none||temporary: .*closed
		greet-bye|none||temporary: .*too many
		greet-endless|none||corrupt
		greet-nul|none||corrupt
		greet-drip|none||temporary
		greet-empty|none||corrupt: .*greet
		login-disabled|none||denied: .*no way to sign in
		auth-refused|none||denied: .*wrong
		auth-referral|none||denied: .*there
		auth-endless|none||corrupt: .*does not stop asking
		auth-bye|none||temporary: .*no
		auth-drip|none||temporary
		auth-no-proof|none||denied
		auth-garbage|none||denied
		login-refused|none||denied: .*no
		promised-plain|implicit||denied: .*took SCRAM-SHA-256 before, and offers only PLAIN now.*forget-promises try
		promised-login|implicit||denied: .*took SCRAM-SHA-256 before
		promised-refused|implicit||denied: .*not so.*took SCRAM-SHA-256 before
		promised-preauth|implicit||denied: .*took SCRAM-SHA-256 before.*PREAUTH
		promised-tls|none||denied: .*was encrypted.*forget-promises try
		bye-in-fetch|none|flags 1 * 0|temporary: .*shutting
		close-in-line|none|flags 1 * 0|temporary: .*closed
		close-in-literal|none|part 1 1|temporary: .*middle
		hang-in-fetch|none|flags 1 * 0|temporary
		drip-in-fetch|none|flags 1 * 0|temporary
		line-endless|none|flags 1 * 0|corrupt
		line-nul|none|flags 1 * 0|corrupt
		literal-4g|none|part 1 1|corrupt: .*impossible size
		literal-2g|none|part 1 1|temporary: .*middle
		literal-2-64|none|part 1 1|status [01]$
		literal-max|none|part 1 1|corrupt: .*impossible size
		literal-negative|none|part 1 1|status 0$
		header-20m|none|flags 1 * 0;memory|memory [0-9]{5,6} KB
		tree-honest|none|structure 1|section "2" application/pdf 4711
		tree-nil|none|structure 1|sections 0
		tree-empty|none|structure 1|sections 0
		tree-none|none|structure 1|sections 0
		tree-other|none|structure 1|sections 0
		tree-deep|none|structure 1|sections 0
		tree-deeper|none|structure 1|corrupt
		tree-wide|none|structure 1|sections 0
		tree-endless|none|structure 1|corrupt
		tree-escape|none|structure 1|sections 0
		tree-size|none|structure 1|sections 0
		tree-literal|none|structure 1|corrupt: .*impossible size
		part-other|none|sections 1 1|failed: .*not give all
		part-other-late|none|sections 1 1|corrupt: .*another letter
		part-missing|none|sections 1 1 2|failed: .*not give all
		part-nil|none|sections 1 1 2|failed: .*not give all
		part-unasked|none|sections 1 1 2|piece 0 "a"
		wrong-uid|none|part 1 1;flags 1 5 0|status 0$
		no-uid|none|part 1 1|status 0$
		uid-zero|none|part 1 1|status 0$
		uid-huge|none|flags 1 * 0|corrupt: .*number
		number-huge|none|flags 1 * 0|corrupt: .*number
		modseq-huge|none|flags 1 * 0|corrupt: .*number
		size-huge|none|flags 1 * 0|corrupt: .*number
		twice|none|part 1 1|^whole 1 3$
		expunge-in-fetch|none|select INBOX;part 1 1;wait 0|waited changed
		expunge-flood|none|select INBOX;flags 1 * 0|status 0$
		vanished-all|none|flags 1 * 0|gone 1 4294967295
		exists-huge|none|select INBOX;flags 1 * 0|exists=4294967295
		exists-overflow|none|select INBOX|corrupt: .*number
		nested|none|flags 1 * 0|corrupt: .*nested
		unbalanced|none|flags 1 * 0|corrupt: .*list does not end
		keywords|none|flags 1 * 0|message 1
		keyword-escape|none|flags 1 * 0|message 1
		unknown|none|flags 1 * 0|message 1
		body-nul|none|part 1 1|whole 1 5
		flood-fetch|none|quiet;flags 1 * 0|corrupt: .*without end
		flood-unknown|none|flags 1 * 0|corrupt: .*without end
		flood-plus|none|flags 1 * 0|corrupt: .*without end
		flood-alerts|none|flags 1 * 0|alert look
		tag-wrong|none|flags 1 * 0|corrupt: .*not asked
		tag-future|none|flags 1 * 0|corrupt: .*not asked
		tagged-garbage|none|flags 1 * 0|corrupt: .*neither
		no-escape|none|flags 1 * 0|failed: .*refused
		bad-long|none|flags 1 * 0|failed: .*long.*…
		code-odd|none|flags 1 * 0|status 0$
		uidvalidity-missing|none|select INBOX|failed: .*UIDVALIDITY
		uidvalidity-huge|none|select INBOX|corrupt: .*number
		uidvalidity-changed|none|select INBOX 6 5 9 5|modseq=no$
		vanished-garbage|none|select INBOX 7 5 9 5|corrupt: .*set
		esearch-long|none|uids 1 *|corrupt
		esearch-all|none|uids 1 *|corrupt
		list-names|none|list|wire=../../etc/x
		list-endless|none|list|corrupt
		status-garbage|none|list|corrupt: .*number
		namespace-odd|none|list|mailbox INBOX
		namespace-garbage|none|list|status 0$
		append-early|none|append Sent LETTER|corrupt: .*half a command
		append-hang|none|append Sent LETTER|temporary
		append-bye|none|append Sent LETTER|temporary
		append-limit|none|append Sent LETTER|failed: .*at most 10
		copyuid|none|copy 1 9 X|status [01]$
		copyuid-garbage|none|copy 1 9 X|status [01]$
		idle-hang|none|select INBOX;wait 500|temporary
		idle-refused|none|select INBOX;wait 500|waited nothing
		idle-flood|none|select INBOX;wait 1000000|corrupt: .*without end
		idle-bye|none|select INBOX;wait 5000|temporary: .*autologout
		enabled-unasked|none|select INBOX;flags 1 * 0|status [01]$
		enable-refused|none|select INBOX|status 0$
		vanished-unknown|none|select INBOX;flags 1 * 0|status 0$
		exists-down|none|select INBOX;flags 1 * 0|status 0$
		uidnext-overflow|none|select INBOX|corrupt: .*number
		uidnext-zero|none|select INBOX|status [01]$
		uidvalidity-zero|none|select INBOX|status 1$
		number-negative|none|flags 1 * 0|status [01]$
		uid-negative|none|flags 1 * 0|corrupt: .*number
		uid-twice|none|flags 1 * 0|status [01]$
		uids-falling|none|flags 1 * 0|status 0$
		literal-flags|none|flags 1 * 0|message 1|corrupt
		literal-number|none|flags 1 * 0|status [01]$
		literal-in-code|none|flags 1 * 0|status [01]$
		literal-sync|none|part 1 1|status [01]$
		literal-many|none|flags 1 * 0|status [01]$
		string-open|none|flags 1 * 0|corrupt
		eight-bit|none|flags 1 * 0|status [01]$
		code-8bit|none|flags 1 * 0|failed: .*no
		code-long|none|flags 1 * 0|status [01]$
		date-garbage|none|flags 1 * 0|message 1
		bye-then-ok|none|flags 1 * 0|temporary: .*I go
		bad-untagged|none|flags 1 * 0|status 0$
		search-flood|none|search - x|status [01]$
		search-huge|none|search - x|status [01]$
		status-other|none|list|mailbox a .*messages=4294967295
		list-case|none|list|mailbox INBOX 
		list-control|none|list|mailbox z 
		list-delimiter|none|list|status [01]$
		append-uid|none|append Sent LETTER|status [01]$
		copyuid-short|none|copy 1 9 X|status [01]$
		caps-flood|none|list|(corrupt|status [01]$)
		quota-odd|none|select INBOX;quota|status [01]$
		id-odd|none|list|status [01]$
		ok-before-asked|none|list|(corrupt|temporary|status [01]$)
		compress-bomb|none deflate=yes|list|(corrupt|temporary)
		compress-garbage|none deflate=yes|list|(corrupt|temporary)
		compress-close|none deflate=yes|list|temporary
	END
}

# What servers of this name once gave is remembered; these give less today.
mkdir -p "$TERN_HOME/data"
sed -n 's/^promised-[a-z]* \([0-9]*\)$/try\timap localhost:\1\ttls\tSCRAM-SHA-256/p' "$tap_dir/ports" >"$TERN_HOME/data/promises"

count=0
while IFS='|' read -r name more script wanted; do
	count=$((count + 1))
	sed "s,LETTER,$tap_dir/letter," <<<"${script//;/$'\n'}" >"$tap_dir/script"
	# What is said before and while signing in is logged too: no password may be there.
	case $name in starttls* | tls* | auth* | login*) export TERN_DEBUG=1 ;; *) unset TERN_DEBUG ;; esac
	said=$(try "$name" $more <"$tap_dir/script")
	like "$name" "$said" "$wanted"
	case ${said##*status } in
	0 | 1) ;;
	*) fail "$name ends in order" "$said" ;;
	esac
	if grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' <<<"$said" && [[ $name != list-* ]]; then
		fail "$name moves nothing" "$(cat -v <<<"$said")"
	fi
done < <(lies)
is "all lies were told" "$count" "$(wc -l <"$tap_dir/ports")"
unlike "what was promised is kept: no password by other ways" "$(cat "$tap_dir"/liar/promised-*.heard)" \
	"alice-pw|LOGIN|PLAIN|$(printf '\0alice\0alice-pw' | base64)"
ok "less is accepted by a command" tern account forget-promises try
unlike "and then only the server's no counts" "$(try promised-refused implicit </dev/null)" 'before'
names=$(for name in names control case; do try list-$name none <<<"list"; done | sed -n 's/^mailbox \(.*\) wire=.*/\1/p')
unlike "no name leads elsewhere" "$names" '^/|\.\.(/|$)|[[:cntrl:]]'
is "nothing was run" "$(find "$tap_dir" -name hacked)" ""
secrets=$(grep -alE "alice-pw|$(printf '\0alice\0alice-pw' | base64)" "$tap_dir"/liar/starttls-*.clear "$tap_dir"/liar/tls-*.clear)
is "no password was sent that could be read" "$secrets" ""
is "no password is in the log" "$(grep -cE "alice-pw|$(printf '\0alice\0alice-pw' | base64)" "$TERN_HOME/state/log")" 0
finish
