# Throw-away keys and letters for stories about signed and encrypted mail; after tap.sh. Two sets of keys: "make" has
# everybody's secrets and writes the letters, "read" is the reader's own. Sockets want short paths: both lie in /tmp.
# With crypto_keep set they lie in crypto_dir, and stay.
crypto_dir=${crypto_dir:-$(mktemp -d /tmp/tern-keys-XXXXXX)}
crypto_make=$crypto_dir/make crypto_read=$crypto_dir/read
past='--faked-system-time 20200601T120000'
letters=$crypto_dir/letters
mkdir -m 700 "$crypto_make" "$crypto_read" "$letters"
: >"$crypto_dir/expected"

crypto_end() {
	for home in "$crypto_make" "$crypto_read"; do
		gpgconf --homedir "$home" --kill all 2>/dev/null
	done
	if [ -n "${TERN_TEST_KEEP:-}" ]; then note "kept: $crypto_dir"; else rm -rf "$crypto_dir"; fi
}
[ -n "${crypto_keep:-}" ] || trap 'crypto_end; tap_end' EXIT

maker() { local program=$1; shift; GNUPGHOME=$crypto_make "$program" --batch --quiet --yes "$@" 2>>"$crypto_dir/log"; }
reader() { local program=$1; shift; GNUPGHOME=$crypto_read "$program" --batch --quiet --yes "$@" 2>>"$crypto_dir/log"; }

# A pinentry that gives no passphrase, and writes down that it was asked.
make_pinentry() { # HOME
	cat >"$1/pinentry" <<-END
		#!/bin/bash
		echo OK
		while read -r line; do
			echo "\$line" >>"$1/asked"
			case \$line in GETPIN*) echo "D "; echo OK ;; BYE*) echo OK; exit ;; *) echo OK ;; esac
		done
	END
	chmod +x "$1/pinentry"
	echo "pinentry-program $1/pinentry" >"$1/gpg-agent.conf"
}

# --- OpenPGP -----------------------------------------------------------------------------------------------

# pgp_key USER-ID [EXPIRES [OPTION...]]
pgp_key() {
	local uid=$1 expires=${2:-0}
	shift $(($# > 2 ? 2 : $#))
	maker gpg "$@" --passphrase '' --quick-gen-key "$uid" ed25519 sign "$expires"
}

fingerprint() { # WHO [HOME]
	GNUPGHOME=${2:-$crypto_make} gpg --batch --with-colons --list-keys "$1" 2>/dev/null |
		awk -F: '/^fpr/ { print $10; exit }'
}

give_reader() { # WHO...
	maker gpg --export "$@" | reader gpg --import
}

certify() { # WHO
	reader gpg --quick-lsign-key "$(fingerprint "$1" "$crypto_read")"
}

# --- S/MIME --------------------------------------------------------------------------------------------------

cert_grip() { # WHO
	maker gpgsm --with-colons --list-secret-keys "$1" | awk -F: '/^grp/ { print $10; exit }'
}

# make_ca NAME: a certificate that signs others.
make_ca() {
	cat >"$crypto_dir/ca" <<-END
		Key-Type: RSA
		Key-Length: 2048
		Key-Usage: cert
		Serial: random
		Name-DN: CN=$1,O=Tern
		Not-Before: 2019-01-01
		Not-After: 2049-01-01
		Hash-Algo: SHA256
	END
	maker gpgsm --gen-key -o "$crypto_dir/$1.crt" "$crypto_dir/ca" && maker gpgsm --import "$crypto_dir/$1.crt"
}

# make_cert NAME ADDRESS CA [NOT-AFTER]
make_cert() {
	cat >"$crypto_dir/cert" <<-END
		Key-Type: RSA
		Key-Length: 2048
		Key-Usage: sign, encrypt
		Serial: random
		Name-DN: CN=$1,O=Tern
		Name-Email: $2
		Issuer-DN: CN=$3,O=Tern
		Signing-Key: $(cert_grip "$3")
		Not-Before: 2019-01-01
		Not-After: ${4:-2049-01-01}
		Hash-Algo: SHA256
	END
	maker gpgsm --gen-key -o "$crypto_dir/$1.crt" "$crypto_dir/cert" && maker gpgsm --import "$crypto_dir/$1.crt"
}

trust_ca() { # HOME NAME
	GNUPGHOME=$1 gpgsm --batch --with-colons --list-keys "$2" 2>/dev/null |
		awk -F: '/^fpr/ { print $10 " S relax"; exit }' >>"$1/trustlist.txt"
}

# --- letters ---------------------------------------------------------------------------------------------------

# letter_to NAME EXPECTED: standard input becomes the letter NAME. What EXPECTED says: see summaries().
letter_to() {
	cat >"$letters/$1"
	printf '%s\t%s\n' "$1" "$2" >>"$crypto_dir/expected"
}

outer() { # FROM [SUBJECT]
	printf 'From: %s\nTo: Me <me@example.org>\nSubject: %s\nDate: Mon, 23 Nov 2026 09:00:00 +0000\nMIME-Version: 1.0\n' \
		"$1" "${2:-hello}"
}

text() { # [LINE...]
	printf 'Content-Type: text/plain; charset=utf-8\n\n'
	[ $# -gt 0 ] || set -- "The ship sails at noon." "Bring  the papers. " ""
	printf '%s\n' "$@"
}

crlf() { sed 's/$/\r/'; }

# pgp_signature WHO [OPTION...] < entity with LF
pgp_signature() {
	local who=$1
	shift
	crlf | maker gpg --armor --detach-sign "$@" -u "$who"
}

# multipart_signed TYPE ENTITY SIGNATURE [MORE]: the parts are files.
multipart_signed() {
	printf 'Content-Type: multipart/signed; protocol="%s"; boundary="=s"\n\nThis is signed.\n--=s\n' "$1"
	cat "$2"
	printf '\n--=s\nContent-Type: %s\n' "$1"
	case $1 in
	*pkcs7*) printf 'Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=smime.p7s\n\n' ;;
	*) printf '\n' ;;
	esac
	cat "$3"
	[ $# -lt 4 ] || { printf '\n--=s\n' && cat "$4"; }
	printf '\n--=s--\n'
}

# pgp_signed WHO [OPTION...] < entity
pgp_signed() {
	cat >"$crypto_dir/entity"
	pgp_signature "$@" <"$crypto_dir/entity" >"$crypto_dir/signature"
	multipart_signed application/pgp-signature "$crypto_dir/entity" "$crypto_dir/signature"
}

smime_signed() { # WHO [OPTION...] < entity
	local who=$1
	shift
	cat >"$crypto_dir/entity"
	crlf <"$crypto_dir/entity" | maker gpgsm --disable-crl-checks --detach-sign "$@" -u "$who" | base64 >"$crypto_dir/signature"
	multipart_signed application/pkcs7-signature "$crypto_dir/entity" "$crypto_dir/signature"
}

smime_opaque() { # KIND < DER
	printf 'Content-Type: application/pkcs7-mime; smime-type=%s; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n' "$1"
	base64
}

# pgp_encrypted [OPTION...] < entity
pgp_encrypted() {
	crlf | maker gpg --trust-model always --armor --encrypt "$@" >"$crypto_dir/encrypted"
	multipart_encrypted <"$crypto_dir/encrypted"
}

multipart_encrypted() { # < armour
	printf 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="=e"\n\n'
	printf -- '--=e\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--=e\nContent-Type: application/octet-stream\n\n'
	cat
	printf '\n--=e--\n'
}

mixed() { # FILE...: parts
	printf 'Content-Type: multipart/mixed; boundary="=m"\n\n'
	for part; do
		printf -- '--=m\n'
		cat "$part"
		printf '\n'
	done
	printf -- '--=m--\n'
}

# --- what came out ------------------------------------------------------------------------------------------------

# Objects of "tern verify --json" as lines "NAME<tab>SUMMARY": each verdict as WHAT:STATE(REASON):all or part, "inner"
# where it is no row of the frame; then what is shown, what was opened, differences (+ inner shown, - outer, ~ usual).
summaries() {
	python3 -c '
import json, os, sys
for line in sys.stdin:
    o = json.loads(line)
    words = []
    for v in o["verdicts"]:
        words.append(v["what"] + ":" + v["state"] + ("(%s)" % v["reason"] if v["reason"] else "") +
                     (":all" if v["covers_all"] else ":part") + ("" if v["is_in_frame"] else ":inner"))
    if o["shown"]:
        words.append("shown")
    if o["opened"]:
        words.append("opened=%d" % len(o["opened"]))
    for d in o["differences"]:
        words.append(d["name"] + ("~" if d["is_usual"] else "+" if d["inner_is_shown"] else "-"))
    print(os.path.basename(o["file"]) + "\t" + " ".join(words))'
}
