#!/bin/bash
# A Dovecot for screen tests, in $TERN_HOME/there, where its processes end with the test:
#	play_dovecot.sh start | stop | again | freeze | thaw | account NAME USER [OPTIONS of tern account add]
#	play_dovecot.sh slow: account goes through a wire as slow as $TERN_HOME/there/speed says from now on
#	play_dovecot.sh letters USER FIRST LAST [SIZE of an attachment]
# Dovecot forgets in whose TERN_HOME it was started: somebody ends it when that is gone.
# What it listens on stands in $TERN_HOME/there/ports. Exit status 1: there is none here.
tap_dir=$TERN_HOME/there
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
note() {
	echo "$*" >&2
}
wait_for() {
	local until=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $until ] || return 1
		sleep 0.05
	done
}
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
ports=$tap_dir/ports
[ ! -s "$ports" ] || . "$ports"

# Nobody finds this one by its TERN_HOME either, so it lives until then.
end_with_test() {
	env -u TERN_HOME -u HOME bash -c 'while [ -e "$1/ports" ]; do sleep 1; done
		pkill -f "dovecot -c $1/dovecot/dovecot.conf"' end "$tap_dir" </dev/null >/dev/null 2>&1 &
}

start() {
	has_dovecot && command -v python3 openssl >/dev/null || return 1
	mkdir -p "$tap_dir"
	chmod 711 "$TERN_HOME"
	start_dovecot || return 1
	printf '%s=%s\n' imap_port "$imap_port" imaps_port "$imaps_port" pop3_port "$pop3_port" pop3s_port "$pop3s_port" \
		lmtp_port "$lmtp_port" dovecot_submission_port "$dovecot_submission_port" \
		dovecot_submissions_port "$dovecot_submissions_port" >"$ports"
	end_with_test
}

# The sessions that stand end too.
stop() {
	pkill -KILL -P "$(cat "$dovecot/run/master.pid")"
	stop_dovecot
}

again() {
	dovecot -c "$dovecot/dovecot.conf" </dev/null >"$dovecot/said" 2>&1 && wait_for 10 port_answers "$imap_port"
}

# freeze: it takes connections (the kernel does) and says nothing; thaw.
freeze() {
	pkill -STOP -P "$(cat "$dovecot/run/master.pid")"
	kill -STOP "$(cat "$dovecot/run/master.pid")"
}

thaw() {
	kill -CONT "$(cat "$dovecot/run/master.pid")"
	pkill -CONT -P "$(cat "$dovecot/run/master.pid")"
}

account() {
	local name=$1 user=$2
	shift 2
	tern account add "$name" --kind imap --address "$user@$server_domain" --user "$user" \
		--password-file "$(password_file "$user")" --server "localhost:${slow_port:-$imaps_port}" --ca "$ca/ca.pem" "$@"
}

# Accounts by POP3, which leave all on the server.
pop() {
	local name auth
	while read -r name auth; do
		tern account add $name --kind pop3 --address bob@$server_domain --user bob --password-file "$(password_file bob)" \
			--server "localhost:$pop3s_port" --ca "$ca/ca.pem"
		sed -i "s/^.account $name.$/&\nleave-days = 30\nlog-protocol = yes${auth:+\nauth = $auth}/" "$TERN_HOME/config/config"
	done <<-END
		pop
		popplain plain
	END
}

slow() {
	slow_port=$(free_port)
	echo "slow_port=$slow_port" >>"$ports"
	echo 100000000 >"$tap_dir/speed"
	python3 "$top_srcdir/tests/lib/slow_wire.py" "$slow_port" "$imaps_port" "$tap_dir/speed" \
		</dev/null >"$tap_dir/wire.said" 2>&1 &
	wait_for 10 port_answers "$slow_port"
}

# put USER NUMBER SIZE: a letter from "Person NUMBER"
put() {
	local there=$dovecot/home/$1/Maildir/${FOLDER:-} n=$2
	mkdir -p "$there"/{new,cur,tmp}
	{
		printf 'From: Person %d <p%d@example.org>\nTo: %s@%s\nSubject: letter %d\n' "$n" "$n" "$1" $server_domain "$n"
		printf 'Message-ID: <m%d.%s@x>\nDate: Mon, 23 Nov 2026 10:%02d:%02d +0000\n' "$n" "$1" $((n / 60 % 60)) $((n % 60))
		if [ "$3" = 0 ]; then
			printf '\nText number %d.\n' "$n"
		else
			printf 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n'
			printf 'Text number %d.\n\n--b\nContent-Type: application/pdf; name=big.pdf\n' "$n"
			printf 'Content-Disposition: attachment; filename=big.pdf\nContent-Transfer-Encoding: base64\n\n'
			head -c "$3" /dev/zero | base64
			printf '\n--b--\n'
		fi
	} >"$there/tmp/$n"
	[ "$(id -u)" != 0 ] || chown -R mail:mail "$dovecot/home/$1"
	mv "$there/tmp/$n" "$there/new/100$n.$1.h"
}

letters() {
	for n in $(seq "$2" "$3"); do
		put "$1" "$n" "${4:-0}"
	done
}

"$@"
