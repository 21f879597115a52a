# What the start scripts of real servers share (after tap.sh): free ports of this machine, a certificate
# authority, three people. All lies in $tap_dir; all listens on 127.0.0.1 only, and ends with the test.

server_users='alice bob carol' # password: NAME-pw
server_domain=example.test
ca=$tap_dir/ca
PATH=$PATH:/usr/sbin:/sbin

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# $ca/ca.pem, and of it cert.pem with key.pem for localhost and 127.0.0.1; other.pem for another host.
make_ca() {
	[ ! -s "$ca/other.pem" ] || return 0
	mkdir -p "$ca"
	chmod 755 "$tap_dir" "$ca"
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=test authority' \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
		-keyout "$ca/ca.key" -out "$ca/ca.pem" 2>/dev/null
	make_certificate cert localhost 'DNS:localhost,IP:127.0.0.1'
	make_certificate other elsewhere.test 'DNS:elsewhere.test'
	chmod 644 "$ca"/*.pem # keys to throw away: every user of a server reads them
}

# make_certificate FILE NAME ALTERNATIVES
make_certificate() {
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$ca/$1.key.pem" -out "$ca/$1.csr" 2>/dev/null
	printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$3" >"$ca/ext"
	openssl x509 -req -days 30 -in "$ca/$1.csr" -CA "$ca/ca.pem" -CAkey "$ca/ca.key" -CAcreateserial \
		-extfile "$ca/ext" -out "$ca/$1.pem" 2>/dev/null
}

port_answers() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# password_file NAME: a file with that person's password, for "password-file".
password_file() {
	(umask 077 && echo "$1-pw" >"$tap_dir/$1.pw")
	echo "$tap_dir/$1.pw"
}
