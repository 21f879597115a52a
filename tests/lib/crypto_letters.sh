#!/bin/bash
# Keys, and a mailbox of signed and encrypted letters to be read on a screen: crypto_letters.sh FOLDER makes
# FOLDER/make and FOLDER/read (as tests/lib/crypto.sh says) and TERN_HOME with an account "home"; me@example.org reads.
# The letters' dates fall, so that an index shows them from top to bottom in the order in which they stand here.
set -u
crypto_dir=$1 crypto_keep=yes
. "$top_srcdir/tests/lib/crypto.sh"
inbox=$TERN_HOME/Mail/home/INBOX/cur
mkdir -p "$TERN_HOME/config"
for f in INBOX Sent Drafts Trash Archive; do mkdir -p "$TERN_HOME/Mail/home/$f"/{cur,new,tmp}; done
[ -e "$TERN_HOME/config/config" ] || cat >"$TERN_HOME/config/config" <<END
[account home]
kind = local
address = me@example.org
real-name = Me Myself
END

# put SUBJECT: standard input, a letter from "outer", becomes the next one.
count() { find "$inbox" -type f | wc -l; }
date_of_next() { printf 'Mon, 23 Nov 2026 09:%02d:00' $((59 - $(count))); }
put() {
	local n
	n=$(count)
	sed -e "s/^Subject: hello\$/Subject: $1/" -e "s/^Date: .*09:00:00/Date: $(date_of_next)/" \
		>"$crypto_dir/put" # a file of the inbox only when all is read: it counts
	mv "$crypto_dir/put" "$inbox/$((1700000000 - n)).M$n.h:2,S"
}

# --- who there is ------------------------------------------------------------------------------------------------
make_pinentry "$crypto_make"
make_pinentry "$crypto_read"
printf 'ignore-time-conflict\n' | tee "$crypto_make/gpg.conf" >"$crypto_read/gpg.conf"
pgp_key 'Good Lena <lena@example.org>' 0 $past
pgp_key 'Stranger Sven <sven@example.org>'
pgp_key 'Old Olga <olga@example.org>' 20200901T000000 $past
pgp_key 'Revoked Rita <rita@example.org>'
pgp_key 'Unknown Uwe <uwe@example.org>'
pgp_key $'Evil "Eve\nGood signature by "Good Lena <lena@example.org>". \e[2J\u202e <eve@example.org>'
reader gpg --passphrase '' --quick-gen-key 'Me <me@example.org>' ed25519 sign 0
reader gpg --passphrase '' --quick-add-key "$(fingerprint me@example.org "$crypto_read")" cv25519 encr 0
reader gpg --pinentry-mode loopback --passphrase 'open sesame' --quick-gen-key 'Locked <locked@example.org>' ed25519 sign 0
locked=$(fingerprint locked@example.org "$crypto_read")
reader gpg --pinentry-mode loopback --passphrase 'open sesame' --quick-add-key "$locked" cv25519 encr 0
reader gpg --export me@example.org "$locked" | maker gpg --import
maker gpg --passphrase '' --quick-add-key "$(fingerprint uwe@example.org)" cv25519 encr 0
give_reader lena@example.org sven@example.org olga@example.org rita@example.org eve@example.org
for who in rita@example.org eve@example.org 'Good Lena'; do certify "$who"; done
sed 's/^:---/---/' "$crypto_make/openpgp-revocs.d/$(fingerprint rita@example.org).rev" >"$crypto_dir/rita.rev"
lena='Lena <lena@example.org>'

# --- letters -------------------------------------------------------------------------------------------------------
{ outer "$lena"; text | pgp_signed lena@example.org; } | put good
{ outer "$lena"; text | pgp_signed lena@example.org; } | sed 's/noon/dawn/' | put bad
{ outer 'Olga <olga@example.org>'; text | pgp_signed olga@example.org $past; } | put expired
{ outer 'Rita <rita@example.org>'; text | pgp_signed rita@example.org; } | put revoked
{ outer 'Uwe <uwe@example.org>'; text | pgp_signed uwe@example.org; } | put unknown
{ outer 'Mallory <mallory@example.org>'; text | pgp_signed lena@example.org; } | put other
{ outer 'Sven <sven@example.org>'; text | pgp_signed sven@example.org; } | put untrusted
{ outer "$lena"; text | pgp_encrypted -r me@example.org; } | put encrypted
{ outer "$lena"; text | pgp_encrypted -r me@example.org -s -u lena@example.org; } | put both
{ outer "$lena"; text | pgp_encrypted -r uwe@example.org; } | put others
{ outer "$lena"; text | pgp_encrypted -r "$locked"; } | put locked
text | pgp_signed lena@example.org >"$crypto_dir/part"
text "An unsigned footer: pay to 12345." '+ From here on: Good signature by "Good Lena <lena@example.org>".' "the end" >"$crypto_dir/footer"
{ outer "$lena"; mixed "$crypto_dir/part" "$crypto_dir/footer"; } | put partly
printf 'The ship sails at noon.\n-- \n- A dash.\n\nFrom here\n' | maker gpg --clearsign -u lena@example.org >"$crypto_dir/clear"
{ outer "$lena"; printf 'Content-Type: text/plain\n\n'; echo "Unsigned: pay 12345."; cat "$crypto_dir/clear"; echo "More unsigned."; } | put block
text | pgp_encrypted -r me@example.org >"$crypto_dir/enc"
printf 'Content-Type: text/html\n\n<p>before</p><img src="http://evil.example.org/\n' >"$crypto_dir/html1"
printf 'Content-Type: text/html\n\n">after\n' >"$crypto_dir/html2"
{ outer "$lena"; mixed "$crypto_dir/html1" "$crypto_dir/enc" "$crypto_dir/html2"; } | put efail
printf 'A secret.\n' | maker gpg --trust-model always --armor --encrypt -r me@example.org >"$crypto_dir/secret"
{ outer "$lena"; printf 'Content-Type: text/plain\n\n'; echo "Around it."; cat "$crypto_dir/secret"; } | put around
protected() { # SUBJECT FROM HOW
	printf 'Content-Type: text/plain; charset=utf-8; %s\nSubject: %s\nFrom: %s\nTo: Me <me@example.org>\nDate: %s +0000\n\nhello\n' \
		"$3" "$1" "$2" "$(date_of_next)"
}
{ outer "$lena" '...'; protected 'The real subject' "$lena" 'hp="cipher"' | pgp_encrypted -r me@example.org -s -u lena@example.org; } | put '...'
{ outer 'Mallory <mallory@example.org>' changed; protected kept "$lena" 'hp="clear"' | pgp_signed lena@example.org; } | put changed
# What tries to look like a verdict: each field, the text, the control sequences in it, HTML, a user id.
says='+ Good signature by "Good Lena <lena@example.org>".'
{ outer "\"$says\" <mallory@example.org>" "$says"; printf 'X-PGP-Signature: good\nX-Tern-Verdict: good\n'; text "$says" $'\e[1;1H\e[30;42m'"$says coloured"$'\e[0m' $'\x9b30;42m'"$says" $'\r'"$says"; } | put imitation
{ outer "$lena"; printf 'Content-Type: text/html; charset=utf-8\n\n<style>body{margin:0;background:green}</style><table width="100%%" bgcolor="green" style="position:absolute;top:0;left:-8px;background-color:#005f00;color:#fff"><tr><td bgcolor=green><span style="background:green">%s coloured</span></td></tr></table>\n' "$says"; } | put imitation-html
{ outer 'Eve <eve@example.org>'; text | pgp_signed eve@example.org; } | put user-id
# Nothing protects it against changes: its links are not followed.
if command -v gpgsm >/dev/null; then
	make_ca Root
	make_cert Me me@example.org Root
	trust_ca "$crypto_make" Root
	reader gpgsm --disable-crl-checks --import "$crypto_dir/Root.crt" "$crypto_dir/Me.crt"
	cp "$crypto_make"/private-keys-v1.d/"$(cert_grip me@example.org)".key "$crypto_read/private-keys-v1.d/"
	trust_ca "$crypto_read" Root
	for home in "$crypto_make" "$crypto_read"; do gpgconf --homedir "$home" --reload gpg-agent; done
	printf 'Content-Type: text/html\n\n<p>see <a href="https://tern.example.org/x">there</a></p>\n' | crlf |
		maker gpgsm --disable-crl-checks --encrypt -r me@example.org >"$crypto_dir/p7e"
	{ outer "$lena"; smime_opaque enveloped-data <"$crypto_dir/p7e"; } | put unprotected
fi
{ text; for n in $(seq 60); do echo "line $n"; done; } >"$crypto_dir/long"
{ outer "$lena"; pgp_signed lena@example.org <"$crypto_dir/long"; } | put long
reader gpg --import "$crypto_dir/rita.rev"
for home in "$crypto_make" "$crypto_read"; do gpgconf --homedir "$home" --kill all 2>/dev/null; done
exit 0
