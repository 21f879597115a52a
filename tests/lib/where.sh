# A name server and a web server that say where mail is (after tap.sh and servers.sh): start_where sets $dns_port and
# $web_port; where_is writes the part of the configuration that makes Tern ask them. $where/log has the questions.

where=$tap_dir/where

start_where() {
	make_ca
	mkdir -p "$where"
	make_certificate web autoconfig.example.test \
		'DNS:autoconfig.example.test,DNS:example.test,DNS:autoconfig.thunderbird.net,DNS:localhost'
	chmod 644 "$ca"/*.pem
	python3 "$top_srcdir/tests/lib/where_server.py" "$where" "$ca/web.pem" "$ca/web.key.pem" 2>"$where/said" &
	where_pid=$!
	wait_for 10 test -s "$where/web.port" || return 1
	dns_port=$(cat "$where/dns.port") web_port=$(cat "$where/web.port")
}

stop_where() {
	kill "$where_pid" 2>/dev/null
	wait "$where_pid" 2>/dev/null
}

where_is() {
	mkdir -p "$TERN_HOME/config"
	printf '[set-up]\ndns = 127.0.0.1:%s\nweb = 127.0.0.1:%s\nca = %s\n' "$dns_port" "$web_port" "$ca/ca.pem" \
		>"$TERN_HOME/config/config"
}

# autoconfig_at HOST/PATH IMAP-PORT SUBMISSION-PORT [USER]
autoconfig_at() {
	mkdir -p "$where/web/$(dirname "$1")"
	cat >"$where/web/$1" <<-X
		<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="example.test">
		<incomingServer type="imap"><hostname>localhost</hostname><port>$2</port><socketType>SSL</socketType>
		<username>${4:-%EMAILADDRESS%}</username><authentication>password-cleartext</authentication></incomingServer>
		<outgoingServer type="smtp"><hostname>localhost</hostname><port>$3</port><socketType>STARTTLS</socketType>
		<username>${4:-%EMAILADDRESS%}</username><authentication>password-cleartext</authentication></outgoingServer>
		</emailProvider></clientConfig>
	X
}
