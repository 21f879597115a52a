# A Cyrus of our own (after tap.sh and servers.sh): start_cyrus sets $cyrus_imap_port, $cyrus_imaps_port,
# $cyrus_pop3s_port. Debian's packages of Cyrus and of Dovecot exclude each other, so ./check unpacks Cyrus into
# the build folder (cyrus) instead of installing it.

cyrus=$tap_dir/cyrus
cyrus_root=${TERN_TEST_CYRUS:-$top_builddir/cyrus}
cyrus_bin=$cyrus_root/usr/lib/cyrus/bin

# With the unpacked libraries, for these programs alone.
of_cyrus() {
	LD_LIBRARY_PATH=$(echo "$cyrus_root"/usr/lib/*-linux-gnu) CYRUS_USER=$cyrus_user "$@"
}

has_cyrus() {
	[ -x "$cyrus_bin/master" ] && [ -x "$cyrus_bin/imapd" ] && [ -x "$cyrus_bin/pop3d" ] &&
		command -v saslpasswd2 >/dev/null && ! of_cyrus ldd "$cyrus_bin/imapd" | grep -q 'not found'
}

cyrus_user=$(id -un)
[ "$(id -u)" != 0 ] || cyrus_user=mail

cyrus_conf() {
	cat <<-C
		configdirectory: $cyrus/config
		partition-default: $cyrus/spool
		defaultpartition: default
		search_engine: none
		temp_path: $cyrus/temp
		sievedir: $cyrus/sieve
		cyrus_user: $cyrus_user
		admins: admin
		servername: localhost
		defaultdomain: $server_domain
		virtdomains: userid
		altnamespace: ${CYRUS_ALTNAMESPACE:-yes}
		unixhierarchysep: ${CYRUS_SLASH:-yes}
		allowplaintext: yes
		sasl_pwcheck_method: auxprop
		sasl_auxprop_plugin: sasldb
		sasl_sasldb_path: $cyrus/sasldb2
		sasl_mech_list: PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256
		tls_server_cert: $ca/cert.pem
		tls_server_key: $ca/cert.key.pem
		tls_client_ca_file: $ca/ca.pem
		lmtpsocket: $cyrus/socket/lmtp
		idlesocket: $cyrus/socket/idle
		notifysocket: $cyrus/socket/notify
		mboxname_lockpath: $cyrus/run/lock
		proc_path: $cyrus/run/proc
		imapidlepoll: 1
		expunge_mode: delayed
		delete_mode: immediate
		autocreate_quota: 0
		autocreate_inbox_folders: Drafts|Sent|Trash|Junk|Archive
		autocreate_subscribe_folders: Drafts|Sent|Trash|Junk|Archive
		xlist-drafts: Drafts
		xlist-sent: Sent
		xlist-trash: Trash
		xlist-junk: Junk
		xlist-archive: Archive
		specialusealways: 1
		autocreate_post: yes
		duplicatesuppression: no
	C
}

cyrus_services() {
	local conf="-C $cyrus/imapd.conf"

	cat <<-C
		START {
		  recover cmd="$cyrus_bin/ctl_cyrusdb $conf -r"
		  idled cmd="$cyrus_bin/idled $conf"
		}
		SERVICES {
		  imap cmd="$cyrus_bin/imapd $conf -U 30" listen="127.0.0.1:$cyrus_imap_port" prefork=1
		  imaps cmd="$cyrus_bin/imapd $conf -s -U 30" listen="127.0.0.1:$cyrus_imaps_port" prefork=0
		  pop3s cmd="$cyrus_bin/pop3d $conf -s -U 30" listen="127.0.0.1:$cyrus_pop3s_port" prefork=0
		}
		EVENTS {
		  checkpoint cmd="$cyrus_bin/ctl_cyrusdb $conf -c" period=30
		}
	C
}

cyrus_people() {
	local name realm
	for name in $server_users; do
		for realm in localhost $server_domain; do
			printf '%s-pw' "$name" | saslpasswd2 -p -c -f "$cyrus/sasldb2" -u "$realm" "$name"
		done
	done
}

start_cyrus() {
	make_ca
	mkdir -p "$cyrus"/config/{db,socket,msg,log,proc,ptclient} "$cyrus"/{spool,sieve,run,socket,temp}
	cyrus_imap_port=$(free_port) cyrus_imaps_port=$(free_port) cyrus_pop3s_port=$(free_port)
	cyrus_conf >"$cyrus/imapd.conf"
	cyrus_services >"$cyrus/cyrus.conf"
	cyrus_people
	chmod 755 "$tap_dir" "$cyrus"
	[ "$(id -u)" != 0 ] || chown -R "$cyrus_user:mail" "$cyrus"
	of_cyrus "$cyrus_bin/master" -C "$cyrus/imapd.conf" -M "$cyrus/cyrus.conf" -p "$cyrus/master.pid" -d \
		-L "$cyrus/log" </dev/null >/dev/null 2>&1
	wait_for 10 port_answers "$cyrus_imap_port" && wait_for 10 cyrus_knows_all
}

# The first to sign in gets an inbox.
cyrus_knows_all() {
	local name
	for name in $server_users; do
		cyrus_says "$name" 'STATUS INBOX (MESSAGES)' | grep -q '^\* STATUS' || return 1
	done
}

# cyrus_says NAME COMMAND...: what the server answers to another client, in clear text.
cyrus_says() {
	local name=$1 command
	shift
	{
		printf 'a LOGIN %s %s-pw\r\n' "$name" "$name"
		for command in "$@"; do printf 'b %s\r\n' "$command"; done
		printf 'z LOGOUT\r\n'
		sleep "${cyrus_pause:-0.3}"
	} | timeout 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$cyrus_imap_port; cat <&3 & cat >&3; wait" | tr -d '\r'
}

# cyrus_append NAME MAILBOX FLAGS: a letter from stdin.
cyrus_append() {
	local text
	text=$(sed 's/$/\r/' && echo .)
	text=${text%.}
	cyrus_says "$1" "APPEND $2 ($3) {${#text}+}"$'\r\n'"$text" | grep -q '^b OK'
}

stop_cyrus() {
	[ ! -s "$cyrus/master.pid" ] || kill "$(cat "$cyrus/master.pid")" 2>/dev/null
	wait_for 5 cyrus_is_gone
}

cyrus_is_gone() {
	! port_answers "$cyrus_imap_port"
}
