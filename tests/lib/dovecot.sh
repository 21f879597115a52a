# A Dovecot of our own (after tap.sh and servers.sh): start_dovecot sets $imap_port, $imaps_port, $pop3_port,
# $pop3s_port, $lmtp_port, $dovecot_submission_port, $dovecot_submissions_port. Mail lies in
# $dovecot/home/NAME/Maildir; the log is $dovecot/log. Needs dovecot-imapd, -pop3d, -lmtpd, -submissiond.

dovecot=$tap_dir/dovecot

has_dovecot() {
	command -v dovecot >/dev/null && [ -x /usr/lib/dovecot/imap ]
}

# service_of NAME LISTENER PORT [TLS-LISTENER PORT]
service_of() {
	printf 'service %s {\n chroot =\n inet_listener %s {\n  address = 127.0.0.1\n  port = %s\n }\n' "$1" "$2" "$3"
	[ -z "${4:-}" ] ||
		printf ' inet_listener %s {\n  address = 127.0.0.1\n  port = %s\n  ssl = yes\n }\n' "$4" "$5"
	echo '}'
}

dovecot_mailboxes() {
	local name
	for name in Drafts Sent Trash Junk Archive; do
		printf ' mailbox %s {\n  auto = subscribe\n  special_use = \\%s\n }\n' $name $name
	done
}

dovecot_conf() {
	local owner group internal login
	if [ "$(id -u)" = 0 ]; then
		owner=mail group=mail internal=dovecot login=dovenull
	else
		owner=$(id -un) group=$(id -gn) internal=$(id -un) login=$(id -un)
	fi
	cat <<-C
		base_dir = $dovecot/run
		state_dir = $dovecot/state
		log_path = $dovecot/log
		info_log_path = $dovecot/log
		instance_name = tern-test-$$
		protocols = imap pop3 lmtp submission
		listen = 127.0.0.1
		hostname = localhost
		ssl = yes
		ssl_cert = <$ca/cert.pem
		ssl_key = <$ca/cert.key.pem
		ssl_dh =
		disable_plaintext_auth = no
		auth_mechanisms = ${DOVECOT_MECHANISMS:-plain login cram-md5 scram-sha-1 scram-sha-256}
		auth_username_format = %Ln
		auth_failure_delay = 0
		default_internal_user = $internal
		default_login_user = $login
		first_valid_uid = 1
		mail_location = maildir:~/Maildir
		mail_uid = $owner
		mail_gid = $group
		mail_max_userip_connections = 1000
		default_client_limit = 1000
		imap_hibernate_timeout = 0
		imap_id_send = *
		pop3_uidl_format = %g
		recipient_delimiter = +
		lda_mailbox_autocreate = yes
		postmaster_address = postmaster@$server_domain
		submission_relay_host = 127.0.0.1
		submission_relay_port = ${postfix_port:-25}
		submission_relay_trusted = yes
		mail_plugins = \$mail_plugins zlib quota
		protocol imap {
		 mail_plugins = \$mail_plugins imap_zlib imap_quota
		 mail_max_userip_connections = 1000
		}
		plugin {
		 quota = count:User quota
		 quota_vsizes = yes
		}
		namespace inbox {
		 inbox = yes
		 separator = /
		$(dovecot_mailboxes)
		}
		passdb {
		 driver = passwd-file
		 args = username_format=%n $dovecot/passwd
		}
		userdb {
		 driver = passwd-file
		 args = username_format=%n $dovecot/passwd
		 override_fields = uid=$owner gid=$group
		}
		service auth {
		 unix_listener auth-sasl {
		  mode = 0666
		 }
		}
		service stats {
		 unix_listener stats-writer {
		  mode = 0666
		 }
		}
		service anvil {
		 chroot =
		}
		$(service_of lmtp lmtp "$lmtp_port")
		$(service_of imap-login imap "$imap_port" imaps "$imaps_port")
		$(service_of pop3-login pop3 "$pop3_port" pop3s "$pop3s_port")
		$(service_of submission-login submission "$dovecot_submission_port" submissions "$dovecot_submissions_port")
		${DOVECOT_MORE:-}
	C
	[ "$(id -u)" != 0 ] || chown -R "$owner:$group" "$dovecot/home"
}

start_dovecot() {
	local name
	make_ca
	mkdir -p "$dovecot"/{run,state,home}
	chmod 755 "$dovecot" "$dovecot"/{run,home}
	: "${imap_port:=$(free_port)}" "${imaps_port:=$(free_port)}" "${pop3_port:=$(free_port)}"
	: "${pop3s_port:=$(free_port)}" "${lmtp_port:=$(free_port)}"
	: "${dovecot_submission_port:=$(free_port)}" "${dovecot_submissions_port:=$(free_port)}"
	for name in $server_users; do
		mkdir -p "$dovecot/home/$name"
		echo "$name:{PLAIN}$name-pw::::$dovecot/home/$name::"
	done >"$dovecot/passwd"
	dovecot_conf >"$dovecot/dovecot.conf"
	dovecot -c "$dovecot/dovecot.conf" </dev/null >"$dovecot/said" 2>&1 || {
		note "$(cat "$dovecot/said")"
		return 1
	}
	wait_for 10 port_answers "$imap_port"
}

# What most stories begin with: a fresh home and a server, or the story is skipped.
home_beside_dovecot() {
	command -v python3 >/dev/null || skip_all "python3 is not installed"
	has_dovecot || skip_all "dovecot is not installed"
	fresh_home
	start_dovecot || skip_all "dovecot does not start here"
}

stop_dovecot() {
	doveadm -c "$dovecot/dovecot.conf" stop 2>/dev/null
	wait_for 5 dovecot_is_gone
}

# At once, with every session: the master is held first, so that nobody is let in meanwhile.
kill_dovecot() {
	local master

	master=$(cat "$dovecot/run/master.pid")
	kill -STOP "$master"
	pkill -KILL -P "$master"
	kill -KILL "$master"
	wait_for 5 dovecot_is_gone
	rm -f "$dovecot/run/master.pid"
}

dovecot_is_gone() {
	! kill -0 "$(cat "$dovecot/run/master.pid" 2>/dev/null)" 2>/dev/null
}
