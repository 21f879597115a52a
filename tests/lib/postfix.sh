# A Postfix of our own (after tap.sh, servers.sh and dovecot.sh, which knows the passwords and takes the mail):
# start_postfix sets $postfix_port (no TLS needed, nobody signs in), $submission_port (STARTTLS) and
# $submissions_port (TLS). The log is $postfix/log. Postfix's master wants root.

postfix=$tap_dir/postfix

has_postfix() {
	[ "$(id -u)" = 0 ] && command -v postfix >/dev/null && getent passwd postfix >/dev/null
}

postfix_main() {
	local name
	cat <<-C
		compatibility_level = 3.6
		queue_directory = $postfix/spool
		data_directory = $postfix/data
		maillog_file = $postfix/log
		maillog_file_prefixes = $tap_dir
		mail_owner = postfix
		setgid_group = postdrop
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		myhostname = mx.$server_domain
		mydestination =
		alias_maps =
		local_recipient_maps =
		virtual_mailbox_domains = $server_domain
		virtual_transport = lmtp:inet:127.0.0.1:$lmtp_port
		virtual_mailbox_maps = inline:{ $(for name in $server_users; do
			printf '%s=x, ' "$name@$server_domain"
		done) later@$server_domain=x, postmaster@$server_domain=x }
		mynetworks = 127.0.0.0/8
		default_transport = error:no outside network here
		relay_transport = error:no outside network here
		smtp_host_lookup = native
		lmtp_host_lookup = native
		disable_dns_lookups = yes
		smtpd_tls_cert_file = $ca/cert.pem
		smtpd_tls_key_file = $ca/cert.key.pem
		smtpd_tls_security_level = may
		smtpd_sasl_type = dovecot
		smtpd_sasl_path = $dovecot/run/auth-sasl
		smtpd_sasl_tls_security_options = noanonymous
		message_size_limit = 5000000
		mailbox_size_limit = 0
		smtputf8_enable = yes
		recipient_delimiter = +
		smtpd_recipient_restrictions = check_recipient_access inline:{ { later@$server_domain = 450 4.7.1 not now } }, permit
		smtpd_client_connection_count_limit = 0
		smtpd_error_sleep_time = 0
		${POSTFIX_MORE:-}
	C
}

postfix_master() {
	local signed='-o smtpd_sasl_auth_enable=yes -o smtpd_relay_restrictions=permit_sasl_authenticated,reject'
	cat <<-C
		127.0.0.1:$postfix_port inet n - n - - smtpd
		 -o smtpd_relay_restrictions=permit_mynetworks,reject
		127.0.0.1:$submission_port inet n - n - - smtpd
		 -o smtpd_tls_security_level=encrypt $signed
		127.0.0.1:$submissions_port inet n - n - - smtpd
		 -o smtpd_tls_wrappermode=yes $signed
		pickup unix n - n 60 1 pickup
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		tlsmgr unix - - n 1000? 1 tlsmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		verify unix - - n - 1 verify
		proxymap unix - - n - - proxymap
		proxywrite unix - - n - 1 proxymap
		error unix - - n - - error
		retry unix - - n - - error
		anvil unix - - n - 1 anvil
		lmtp unix - - n - - lmtp
		postlog unix-dgram n - n - 1 postlogd
	C
}

start_postfix() {
	make_ca
	mkdir -p "$postfix"/{etc,spool,data}
	chmod 755 "$postfix" "$postfix/etc"
	chown postfix "$postfix/data"
	: "${postfix_port:=$(free_port)}" "${submission_port:=$(free_port)}" "${submissions_port:=$(free_port)}"
	cp -r /etc/postfix/dynamicmaps.cf /etc/postfix/postfix-files /etc/postfix/dynamicmaps.cf.d \
		"$postfix/etc/" 2>/dev/null
	postfix_main >"$postfix/etc/main.cf"
	postfix_master >"$postfix/etc/master.cf"
	postfix -c "$postfix/etc" start >"$postfix/said" 2>&1 || {
		note "$(cat "$postfix/said" "$postfix/log" 2>/dev/null)"
		return 1
	}
	wait_for 10 port_answers "$submissions_port"
}

stop_postfix() {
	postfix -c "$postfix/etc" stop >/dev/null 2>&1
}
