# A server that keeps mail lies in the midst of it: whatever it says, nothing that is only here is lost, nothing of a name
# leads elsewhere, nothing hangs; and once it is honest again both sides are equal, nothing twice.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
command -v python3 >/dev/null || skip_all "needs python3"
. "$top_srcdir/tests/lib/servers.sh"

subjects_here() {
	local dir
	for dir in $(cd "$TERN_HOME/Mail/work" && find . -name cur -printf '%h\n' | sed 's,^\./,,' | sort); do
		find "$TERN_HOME/Mail/work/$dir"/{cur,new} -maxdepth 1 -type f -print0 2>/dev/null |
			xargs -0 -r grep -hai -m 1 '^Subject: ' | tr -d '\r' | sed "s,^Subject: ,$dir ,"
	done | sort
}
subjects_there() {
	sort "$dir/state"
}
put() { # FOLDER SUBJECT
	printf 'From: a@example.org\nTo: b@example.org\nSubject: %s\nMessage-ID: <%s@x>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\nHello %s\n' \
		"$2" "$2" "$2" >"$TERN_HOME/Mail/work/$1/tmp/$2"
	mv "$TERN_HOME/Mail/work/$1/tmp/$2" "$TERN_HOME/Mail/work/$1/new/$2.h"
}
equal() {
	tern sync work >"$tap_dir/said" 2>&1
	[ "$(subjects_here)" = "$(subjects_there)" ]
}
begin() {
	dir=$tap_dir/mind$1
	mkdir "$dir"
	: >"$dir/lie"
	fresh_home
	python3 "$top_srcdir/tests/lib/imap_mind.py" "$dir/port" "$dir" 2>"$dir/said" &
	mind=$!
	wait_for 10 test -s "$dir/port"
	tern account add work --kind imap --address b@example.org --user b --password-file "$(password_file b)" \
		--server "127.0.0.1:$(cat "$dir/port")" --tls none >/dev/null 2>&1
	ok "an honest server: all is here" wait_for 10 equal
}
trap 'kill $mind 2>/dev/null; tap_end' EXIT

count=0
begin 0
for lie in exists-none exists-many exists-falls validity validity-empty validity-shuffled validity-zero next-huge next-low \
	uid-zero uid-negative uid-huge uid-same flags-garbage body-empty body-nul date-garbage literal-huge literal-negative \
	literal-short expunge-amid vanished fetch-endless fetch-twice fetch-other bye-amid store-no move-no copyuid-other \
	copyuid-garbage append-no append-uid-other append-uid-huge append-uid-zero append-uid-none append-bye search-all \
	search-none list-none list-traps status-none enabled-unasked tag-wrong ok-nul; do
	count=$((count + 1))
	put INBOX "here-$lie" # only here, when it begins to lie
	put Drafts "draft-$lie"
	printf 'limit subject:there2\nflag\nlimit subject:old1\nread\n' >"$tap_dir/lines"
	echo $lie >"$dir/lie"
	timeout 20 tern batch "$tap_dir/lines" >"$tap_dir/batch" 2>&1
	timeout 40 tern sync work >"$tap_dir/lied" 2>&1
	status=$?
	case $status in
	0 | 1 | 75) ;;
	*) fail "$lie: the round ends" "status $status: $(cat "$tap_dir/lied")" ;;
	esac
	unlike "$lie: what is said steers nothing" "$(cat "$tap_dir/lied")" $'[\e\a\x9b]'
	[ $status = 0 ] || like "$lie: a sentence" "$(cat "$tap_dir/lied")" '[a-z]{3,}.*\.'
	# What the server has said that it has taken may be fetched again.
	lost=$(for what in here draft; do
		grep -rqs "^Subject: $what-$lie" "$TERN_HOME/Mail/work" || grep -q " $what-$lie$" "$dir/state" || echo "$what-$lie"
	done)
	is "$lie: what was only here is not lost" "$lost" ""
	: >"$dir/lie"
	if wait_for 10 equal; then
		pass "$lie: equal when it is over"
	else
		fail "$lie: equal when it is over" "$(diff <(subjects_here) <(subjects_there)) $(cat "$tap_dir/said")"
		kill $mind
		begin $count
	fi
	is "$lie: each is there once" "$(subjects_there | grep -e "here-$lie$" -e "draft-$lie$")" $'Drafts draft-'"$lie"$'\nINBOX here-'"$lie"
done
note "$count lies"
is "no name led elsewhere" "$(find "$tap_dir" -name hacked; ls -d /etc/x "$TERN_HOME"/etc "$TERN_HOME"/Mail/etc 2>/dev/null)" ""
is "nobody's mail but the account's" "$(ls "$TERN_HOME/Mail")" work
finish
