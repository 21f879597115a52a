# A Kerberos realm of our own (after servers.sh): start_kerberos makes the realm TERN.TEST with $server_users, their
# passwords those of the servers, and the services of localhost, whose keys lie in $kerberos/keytab. Nothing of this
# machine's own Kerberos is read; all listens on 127.0.0.1. Needs krb5-kdc, krb5-admin-server, krb5-user.

kerberos=$tap_dir/kerberos

has_kerberos() {
	command -v krb5kdc >/dev/null && command -v kdb5_util >/dev/null && command -v kadmin.local >/dev/null &&
		command -v kinit >/dev/null
}

kerberos_conf() {
	cat >"$kerberos/krb5.conf" <<-C
		[libdefaults]
		 default_realm = TERN.TEST
		 dns_lookup_kdc = false
		 dns_lookup_realm = false
		 dns_canonicalize_hostname = false
		 rdns = false
		 udp_preference_limit = 1
		[realms]
		 TERN.TEST = {
		  kdc = 127.0.0.1:$kdc_port
		 }
		[domain_realm]
		 localhost = TERN.TEST
	C
	cat >"$kerberos/kdc.conf" <<-C
		[kdcdefaults]
		 kdc_listen = 127.0.0.1:$kdc_port
		 kdc_tcp_listen = 127.0.0.1:$kdc_port
		[realms]
		 TERN.TEST = {
		  database_name = $kerberos/principals
		  key_stash_file = $kerberos/stash
		  acl_file = $kerberos/acl
		 }
		[logging]
		 kdc = FILE:$kerberos/log
	C
}

kerberos_people() {
	local name
	for name in $server_users; do echo "addprinc -pw $name-pw $name"; done
	for name in imap pop smtp; do
		echo "addprinc -randkey $name/localhost"
		echo "ktadd -k $kerberos/keytab $name/localhost"
	done
}

start_kerberos() {
	mkdir -p "$kerberos"
	chmod 755 "$tap_dir" "$kerberos"
	: "${kdc_port:=$(free_port)}"
	export KRB5_CONFIG=$kerberos/krb5.conf KRB5_KDC_PROFILE=$kerberos/kdc.conf KRB5CCNAME=FILE:$kerberos/tickets
	kerberos_conf
	kdb5_util create -s -r TERN.TEST -P master </dev/null >"$kerberos/said" 2>&1 || return 1
	kerberos_people | kadmin.local -r TERN.TEST >>"$kerberos/said" 2>&1 || return 1
	chmod 644 "$kerberos/keytab" "$kerberos/krb5.conf"
	krb5kdc -n -P "$kerberos/pid" </dev/null >>"$kerberos/said" 2>&1 &
	wait_for 10 port_answers "$kdc_port"
}

# ticket NAME: signs NAME in, as a person does in the morning.
ticket() {
	kinit "$1" <<<"$1-pw" >"$kerberos/said" 2>&1
}
