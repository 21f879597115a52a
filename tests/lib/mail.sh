# Helpers of the stories about carrying mail; after tap.sh.

# account NAME KIND ADDRESS [PATH]: a section of the configuration, and its folder when a PATH is given.
account() {
	mkdir -p "$TERN_HOME/config"
	printf '[account %s]\nkind = %s\naddress = %s\n%s\n' "$1" "$2" "$3" "${4:+path = $4}" \
		>>"$TERN_HOME/config/config"
}

# letter SUBJECT TO...: a small letter.
letter() {
	local subject=$1
	shift
	printf 'To: %s\nSubject: %s\n\nHello from the story.\n' "$(printf '%s, ' "$@" | sed 's/, $//')" "$subject"
}

inbox() {
	echo "$TERN_HOME/Mail/${1:-home}/INBOX"
}

# in_inbox SUBJECT [ACCOUNT]: how many letters lie there with that subject.
in_inbox() {
	local dir file
	dir=$(inbox "${2:-}")
	for file in "$dir"/new/* "$dir"/cur/*; do
		[ ! -f "$file" ] || sed '/^$/q' "$file" | grep -x -e "Subject: $1" | head -n 1
	done | wc -l
}

# came N SUBJECT [ACCOUNT]: so many, now.
came() {
	[ "$(in_inbox "$2" "${3:-}")" = "$1" ]
}

letters_are_gone() {
	[ -z "$(ls "$TERN_HOME"/data/outbox 2>/dev/null | grep -E '^[0-9]')" ]
}

agent_pid() {
	cat "$TERN_HOME/run/ternd.lock"
}
