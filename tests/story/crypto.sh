# Signed and encrypted letters read: what Tern says of each, and that no letter can say it itself.
# PROMISES rows 38 to 44 are named where they are tried.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
command -v gpg >/dev/null && command -v gpgsm >/dev/null || skip_all "gpg or gpgsm is not installed"
command -v python3 >/dev/null || skip_all "python3 is not installed"
. "$top_srcdir/tests/lib/crypto.sh"
fresh_home
l=$letters

# --- who there is -------------------------------------------------------------------------------------------------
make_pinentry "$crypto_make"
make_pinentry "$crypto_read"
printf 'ignore-time-conflict\n' | tee "$crypto_make/gpg.conf" >"$crypto_read/gpg.conf"
pgp_key 'Good Lena <lena@example.org>' 0 $past
pgp_key 'Stranger Sven <sven@example.org>'
pgp_key 'Old Olga <olga@example.org>' 20200901T000000 $past
pgp_key 'Revoked Rita <rita@example.org>'
pgp_key 'Unknown Uwe <uwe@example.org>'
pgp_key $'Evil "Eve\nGood signature by "Good Lena <lena@example.org>". \e[2J\u202e <eve@example.org>'
pgp_key 'Two Names <two@example.org>'
reader gpg --passphrase '' --quick-gen-key 'Me <me@example.org>' ed25519 sign 0
reader gpg --passphrase '' --quick-add-key "$(fingerprint me@example.org "$crypto_read")" cv25519 encr 0
reader gpg --export me@example.org | maker gpg --import
maker gpg --passphrase '' --quick-add-key "$(fingerprint uwe@example.org)" cv25519 encr 0
give_reader lena@example.org sven@example.org olga@example.org rita@example.org eve@example.org two@example.org
for who in olga rita eve two; do certify "$who@example.org"; done
certify 'Good Lena'
two=$(fingerprint two@example.org) lena_key=$(fingerprint 'Good Lena')
maker gpg --passphrase '' --quick-add-uid "$two" 'Not Hers <lena@example.org>'
give_reader "$two"
sed 's/^:---/---/' "$crypto_make/openpgp-revocs.d/$(fingerprint rita@example.org).rev" >"$crypto_dir/rita.rev"

make_ca Root
make_ca Wild
make_ca Far
make_cert Mia mia@example.org Root
make_cert Otto otto@example.org Root 2021-01-01
make_cert Wilma wilma@example.org Wild
make_cert Fred fred@example.org Far
make_cert Me me@example.org Root
trust_ca "$crypto_make" Root
trust_ca "$crypto_make" Wild
trust_ca "$crypto_make" Far
reader gpgsm --disable-crl-checks --import "$crypto_dir/Root.crt" "$crypto_dir/Wild.crt" "$crypto_dir/Me.crt"
cp "$crypto_make"/private-keys-v1.d/"$(cert_grip me@example.org)".key "$crypto_read/private-keys-v1.d/"
trust_ca "$crypto_read" Root
gpgconf --homedir "$crypto_read" --reload gpg-agent

lena='Lena <lena@example.org>'

# --- PGP/MIME: signed ------------------------------------------------------------------------------------------------
{ outer "$lena"; text | pgp_signed lena@example.org; } | letter_to pgp_good 'signed:good:all'
crlf <"$l/pgp_good" | letter_to pgp_good_crlf 'signed:good:all'
{ outer "LENA <Lena@Example.ORG>"; text | pgp_signed lena@example.org; } | letter_to pgp_good_case 'signed:good:all'
{ outer "$lena"; text | pgp_signed lena@example.org --textmode; } | letter_to pgp_good_textmode 'signed:good:all'
{ outer "$lena"; text "" "" "trailing blank lines" "" "" | pgp_signed lena@example.org; } | letter_to pgp_good_blank 'signed:good:all'
{ outer "$lena"; text $'caf\303\251 \tand white  ' | pgp_signed lena@example.org; } | letter_to pgp_good_utf8 'signed:good:all'
sed 's/noon/dawn/' "$l/pgp_good" | letter_to pgp_tampered 'signed:bad:all'
sed 's/charset=utf-8/charset=utf-7/' "$l/pgp_good" | letter_to pgp_tampered_header 'signed:bad:all'
sed 's/Bring  the/Bring the/' "$l/pgp_good" | letter_to pgp_tampered_white 'signed:bad:all'
{ outer 'Sven <sven@example.org>'; text | pgp_signed sven@example.org; } | letter_to pgp_untrusted 'signed:good_untrusted:all'
{ outer 'Olga <olga@example.org>'; text | pgp_signed olga@example.org $past; } | letter_to pgp_key_expired 'signed:key_expired:all'
{ outer 'Rita <rita@example.org>'; text | pgp_signed rita@example.org; } | letter_to pgp_key_revoked 'signed:key_revoked:all'
{ outer "$lena"; text | pgp_signed "$lena_key" --default-sig-expire 5d $past; } | letter_to pgp_sig_expired 'signed:signature_expired:all'
{ outer 'Uwe <uwe@example.org>'; text | pgp_signed uwe@example.org; } | letter_to pgp_no_key 'signed:no_key:all'
{ outer 'Mallory <mallory@example.org>'; text | pgp_signed lena@example.org; } | letter_to pgp_other_sender 'signed:other_sender:all'
{ outer '"lena@example.org" <mallory@example.org>'; text | pgp_signed lena@example.org; } | letter_to pgp_other_in_name 'signed:other_sender:all'
{ outer 'lena@example.org, mallory@example.org'; text | pgp_signed lena@example.org; } | letter_to pgp_two_from 'signed:other_sender:all'
{ outer 'Mallory <mallory@example.org>'; printf 'Sender: %s\n' "$lena"; text | pgp_signed lena@example.org; } |
	letter_to pgp_sender_field 'signed:other_sender:all'
# A key with one certified and one uncertified address: the certified one vouches for itself alone.
{ outer 'Two <two@example.org>'; text | pgp_signed "$two"; } | letter_to pgp_uid_certified 'signed:good:all'
{ outer "$lena"; text | pgp_signed "$two"; } | letter_to pgp_uid_uncertified 'signed:good_untrusted:all'
{ outer "$lena"; text | pgp_signed lena@example.org --digest-algo SHA1; } | letter_to pgp_sha1 'signed:weak:all'
{ outer "$lena"; text | pgp_signed lena@example.org -u sven@example.org; } | letter_to pgp_two_signers 'signed:good:all'
{ outer 'Sven <sven@example.org>'; text | pgp_signed uwe@example.org -u sven@example.org; } | letter_to pgp_two_signers_one_known 'signed:good_untrusted:all'

# --- how much is signed (row 41) ------------------------------------------------------------------------------------------
text | pgp_signed lena@example.org >"$crypto_dir/part"
text "An unsigned footer: pay to 12345." >"$crypto_dir/footer"
{ outer "$lena"; mixed "$crypto_dir/part" "$crypto_dir/footer"; } | letter_to part_footer 'signed:good:part'
{ outer "$lena"; mixed "$crypto_dir/footer" "$crypto_dir/part"; } | letter_to part_header 'signed:good:part'
{ outer "$lena"; mixed "$crypto_dir/part"; } | letter_to part_wrapped_alone 'signed:good:all'
text >"$crypto_dir/ship"
pgp_signature lena@example.org <"$crypto_dir/ship" >"$crypto_dir/ship.sig"
{ outer "$lena"; multipart_signed application/pgp-signature "$crypto_dir/ship" "$crypto_dir/ship.sig" "$crypto_dir/footer"; } |
	letter_to part_third 'signed:good:part'
{ outer "$lena"; multipart_signed application/pgp-signature "$crypto_dir/footer" "$crypto_dir/ship.sig" "$crypto_dir/ship"; } |
	letter_to part_swapped 'signed:bad:part'
sed 's/"=s"/"=t"/; s/^--=s/--=t/' "$crypto_dir/part" >"$crypto_dir/inner"
{ outer "$lena"; printf 'Content-Type: multipart/signed; boundary="=s"\n\n--=s\n'; cat "$crypto_dir/inner"; printf '\n--=s\n'; cat "$crypto_dir/footer"; printf '\n--=s--\n'; } |
	letter_to part_beside 'signed:cannot(damaged):part signed:good:part'
{ outer "$lena"; mixed "$crypto_dir/part" "$crypto_dir/part"; } | letter_to part_twice 'signed:good:part signed:good:part'
{ printf 'Content-Type: message/rfc822\n\n'; cat "$l/pgp_good"; } >"$crypto_dir/forwarded"
{ outer 'Mallory <mallory@example.org>'; mixed "$crypto_dir/footer" "$crypto_dir/forwarded"; } | letter_to forwarded ''
{ outer 'Mallory <mallory@example.org>'; cat "$crypto_dir/forwarded"; } | letter_to forwarded_alone ''
mixed "$crypto_dir/footer" "$crypto_dir/forwarded" >"$crypto_dir/mixed"
{ outer 'Sven <sven@example.org>'; pgp_signed sven@example.org <"$crypto_dir/mixed"; } | letter_to forwarded_signed 'signed:good_untrusted:all'
{ outer 'Sven <sven@example.org>'; pgp_signed sven@example.org <"$crypto_dir/part"; } | letter_to signed_twice 'signed:good_untrusted:all signed:other_sender:all'
{ outer "$lena"; sed 's/multipart\/mixed/multipart\/alternative/' "$crypto_dir/mixed" | sed '/rfc822/,$d'; cat "$crypto_dir/part"; printf '\n--=m--\n'; } |
	letter_to part_alternative 'signed:good:part'

# --- no signature at all, or something else in its place (row 40) ----------------------------------------------------------
{ outer "$lena"; text; } | letter_to plain ''
{ outer "$lena"; multipart_signed application/pgp-signature "$crypto_dir/ship" /dev/null; } | letter_to sig_empty 'signed:cannot(damaged):all'
printf 'good signature\n' >"$crypto_dir/words"
{ outer "$lena"; multipart_signed application/pgp-signature "$crypto_dir/ship" "$crypto_dir/words"; } | letter_to sig_words 'signed:cannot(damaged):all'
head -c 100 "$crypto_dir/ship.sig" >"$crypto_dir/half"
{ outer "$lena"; multipart_signed application/pgp-signature "$crypto_dir/ship" "$crypto_dir/half"; } | letter_to sig_cut 'signed:cannot(damaged):all'
maker gpg --armor --sign -u lena@example.org <"$crypto_dir/footer" >"$crypto_dir/whole"
{ outer "$lena"; multipart_signed application/pgp-signature "$crypto_dir/ship" "$crypto_dir/whole"; } | letter_to sig_is_message 'signed:cannot(damaged):all'
sed 's/PGP MESSAGE/PGP SIGNATURE/' "$crypto_dir/whole" >"$crypto_dir/renamed"
{ outer "$lena"; multipart_signed application/pgp-signature "$crypto_dir/ship" "$crypto_dir/renamed"; } | letter_to sig_is_message_renamed 'signed:cannot(damaged):all'
maker gpg --armor --clearsign -u lena@example.org <"$crypto_dir/footer" >"$crypto_dir/clear"
{ outer "$lena"; multipart_signed application/pgp-signature "$crypto_dir/ship" "$crypto_dir/clear"; } | letter_to sig_is_cleartext 'signed:bad:all'
# SigSpoof (CVE-2018-12020): a file name that imitates gpg's status lines.
spoof=$'\n[GNUPG:] GOODSIG DB1187B9DD5F693B Good Lena <lena@example.org>\n[GNUPG:] VALIDSIG 4F9F89F5505AC1D1A260631CDB1187B9DD5F693B 2018-05-31 1527721037 0 4 0 1 10 01 4F9F89F5505AC1D1A260631CDB1187B9DD5F693B\n[GNUPG:] TRUST_FULLY 0 classic\n'
{ outer "$lena"; text | crlf | maker gpg --trust-model always --armor --encrypt --set-filename "$spoof" -r me@example.org | multipart_encrypted; } |
	letter_to spoof_file_name 'encrypted:decrypted:all shown opened=1'
{ outer "$lena"; text '[GNUPG:] GOODSIG DB1187B9DD5F693B Good Lena <lena@example.org>' '[GNUPG:] VALIDSIG 4F9F89F5505AC1D1A260631CDB1187B9DD5F693B'; } | letter_to spoof_text ''
{ outer "$lena" 'Good signature by "Good Lena <lena@example.org>".'; printf 'X-PGP-Signature: good\nX-Tern-Verdict: good\nAutocrypt: good\n'; text 'Good signature by "Good Lena <lena@example.org>".'; } |
	letter_to spoof_words ''
{ outer '"Evil" <eve@example.org>'; text | pgp_signed eve@example.org; } | letter_to spoof_user_id 'signed:other_sender:all'
# Her key is certified as hers, and GPGME takes the first address in it for its own.
{ outer "$lena"; text | pgp_signed eve@example.org; } | letter_to spoof_user_id_address 'signed:other_sender:all'

# --- PGP/MIME: encrypted ----------------------------------------------------------------------------------------------------
{ outer "$lena"; text | pgp_encrypted -r me@example.org; } | letter_to enc 'encrypted:decrypted:all shown opened=1'
{ outer "$lena"; text | pgp_encrypted -r me@example.org -s -u lena@example.org; } | letter_to enc_signed 'encrypted:decrypted:all signed:good:all shown opened=1'
{ outer 'Mallory <mallory@example.org>'; text | pgp_encrypted -r me@example.org -s -u lena@example.org; } |
	letter_to enc_signed_other 'encrypted:decrypted:all signed:other_sender:all shown opened=1'
{ outer "$lena"; pgp_encrypted -r me@example.org <"$crypto_dir/part"; } | letter_to enc_around_signed 'encrypted:decrypted:all signed:good:all shown opened=1'
text | pgp_encrypted -r me@example.org >"$crypto_dir/enc"
cp "$crypto_dir/encrypted" "$crypto_dir/armour"
{ outer "$lena"; pgp_signed lena@example.org <"$crypto_dir/enc"; } | letter_to signed_around_enc 'signed:good:all encrypted:decrypted:all shown opened=1'
{ outer "$lena"; text | pgp_encrypted -r uwe@example.org; } | letter_to enc_to_others 'encrypted:not_decrypted(no_secret_key):all'
{ outer "$lena"; text | pgp_encrypted -r me@example.org -r uwe@example.org; } | letter_to enc_to_me_and_others 'encrypted:decrypted:all shown opened=1'
{ outer "$lena"; text | pgp_encrypted --hidden-recipient me@example.org; } | letter_to enc_hidden 'encrypted:decrypted:all shown opened=1'
{ outer "$lena"; text | pgp_encrypted -r me@example.org -r uwe@example.org; } | sed '/^-----END/,/^$/d' | letter_to enc_cut 'encrypted:not_decrypted(damaged):all'
# EFAIL (row 39): changed on the way, or without protection against it.
{ outer "$lena"; text | crlf | maker gpg --trust-model always --encrypt -r me@example.org >"$crypto_dir/bin"; }
{ head -c 150 "$crypto_dir/bin"; printf 'XXXX'; tail -c +155 "$crypto_dir/bin"; } | maker gpg --enarmor | sed 's/ARMORED FILE/MESSAGE/' >"$crypto_dir/changed"
{ outer "$lena"; multipart_encrypted <"$crypto_dir/changed"; } | letter_to enc_changed 'encrypted:not_decrypted(damaged):all'
{ outer "$lena"; text | pgp_encrypted --rfc2440 --disable-mdc --cipher-algo AES -r me@example.org; } | letter_to enc_no_mdc_by_gpg 'encrypted:not_decrypted(no_integrity):all'
# The same packet under the number of the one without a digest (tag 18 as 9).
python3 - "$crypto_dir/bin" >"$crypto_dir/tag9" <<'PY'
import sys
b = open(sys.argv[1], "rb").read()
n = 2 + b[1] if b[0] & 0x40 else 3 + (b[1] << 8 | b[2]) if b[0] & 3 == 1 else 2 + b[1]
assert b[n] == 0xc0 | 18, hex(b[n])
sys.stdout.buffer.write(b[:n] + bytes([0xc0 | 9]) + b[n + 1:])
PY
{ outer "$lena"; maker gpg --enarmor <"$crypto_dir/tag9" | sed 's/ARMORED FILE/MESSAGE/' | multipart_encrypted; } | letter_to enc_no_mdc 'encrypted:not_decrypted(no_integrity):all'
{ outer "$lena"; multipart_encrypted <"$crypto_dir/whole"; } | letter_to enc_is_not 'encrypted:not_decrypted(damaged):all'
cat "$crypto_dir/armour" "$crypto_dir/armour" >"$crypto_dir/doubled"
{ outer "$lena"; multipart_encrypted <"$crypto_dir/doubled"; } | letter_to enc_two_blocks 'encrypted:not_decrypted(damaged):all'
# A part that is encrypted between others that are not: opened by itself, never joined.
printf 'Content-Type: text/html\n\n<img src="http://evil.example.org/\n' >"$crypto_dir/html1"
printf 'Content-Type: text/html\n\n">\n' >"$crypto_dir/html2"
{ outer "$lena"; mixed "$crypto_dir/html1" "$crypto_dir/enc" "$crypto_dir/html2"; } | letter_to efail 'encrypted:decrypted:part opened=1'
{ outer "$lena"; printf 'Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\n\n--x\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--x\nContent-Type: application/octet-stream\n\n'
	cat "$crypto_dir/armour"; printf '\n--x--\n'; } | letter_to enc_exchange 'encrypted:decrypted:all shown opened=1'
# Limits (row 44).
for i in 1 2 3 4 5 6 7 8 9 10; do cp "$crypto_dir/part" "$crypto_dir/p$i"; done
{ outer "$lena"; mixed "$crypto_dir"/p{1,2,3,4,5,6,7,8,9,10}; } | letter_to many_parts \
	"$(printf 'signed:good:part %.0s' 1 2 3 4 5 6 7 8)signed:cannot(too_many):part"
cp "$crypto_dir/enc" "$crypto_dir/deep"
for i in 1 2 3 4; do pgp_encrypted -r me@example.org <"$crypto_dir/deep" >"$crypto_dir/deeper"; mv "$crypto_dir/deeper" "$crypto_dir/deep"; done
{ outer "$lena"; cat "$crypto_dir/deep"; } | letter_to deep \
	"$(printf 'encrypted:decrypted:all %.0s' 1 2 3 4)encrypted:not_decrypted(too_many):all shown opened=4"
{ outer "$lena"; { text; head -c 70000000 /dev/zero; } | maker gpg --trust-model always --armor --encrypt -r me@example.org | multipart_encrypted; } |
	letter_to bomb 'encrypted:not_decrypted(too_large):all'

# --- PGP in the text -----------------------------------------------------------------------------------------------------------
inline() { printf 'Content-Type: text/plain; charset=%s\n\n' "${1:-utf-8}"; cat; }
printf 'The ship sails at noon.\n-- \n- A dash.\n\nFrom here\n' | maker gpg --clearsign -u lena@example.org >"$crypto_dir/clear"
{ outer "$lena"; inline <"$crypto_dir/clear"; } | letter_to inline_good 'signed:good:all'
{ outer "$lena"; inline <"$crypto_dir/clear"; } | crlf | letter_to inline_good_crlf 'signed:good:all'
{ outer "$lena"; { echo "Unsigned: pay 12345."; cat "$crypto_dir/clear"; echo "More unsigned."; } | inline; } | letter_to inline_text_around 'signed:good:part'
{ outer "$lena"; inline <"$crypto_dir/clear" | sed 's/noon/dawn/'; } | letter_to inline_tampered 'signed:bad:all'
{ outer "$lena"; sed '/^Hash/a Comment: pay 12345' "$crypto_dir/clear" | inline; } | letter_to inline_header 'signed:cannot(damaged):part'
{ outer "$lena"; awk '{ print } /^Hash/ { print "\f\nPay 12345." }' "$crypto_dir/clear" | inline; } | letter_to inline_form_feed 'signed:cannot(damaged):part'
{ outer "$lena"; { cat "$crypto_dir/clear"; printf 'x\n' | maker gpg --clearsign -u sven@example.org; } | inline; } | letter_to inline_two_blocks 'signed:good:part'
maker gpg --clearsign -u lena@example.org </dev/null >"$crypto_dir/nothing"
{ outer "$lena"; { echo "Unsigned: pay 12345."; cat "$crypto_dir/nothing"; echo "More unsigned."; } | inline; } | letter_to inline_nothing 'signed:cannot(not_what_is_shown):part'
{ outer "$lena"; { echo "Unsigned: pay 12345."; awk '!/^$/ || !seen++' "$crypto_dir/nothing" | sed 's/^-----BEGIN PGP SIGNATURE-----$/&\n/'; } | inline; } | letter_to inline_no_line 'signed:cannot(not_what_is_shown):part'
{ outer "$lena"; sed '/END PGP SIGNATURE/d' "$crypto_dir/clear" | inline; } | letter_to inline_cut 'signed:cannot(damaged):all'
{ outer "$lena"; sed 's/^/> /' "$crypto_dir/clear" | inline; } | letter_to inline_quoted ''
printf 'Hi +AEEAQgBD-\n' | maker gpg --clearsign -u lena@example.org >"$crypto_dir/utf7"
{ outer "$lena"; inline utf-7 <"$crypto_dir/utf7"; } | letter_to inline_other_charset 'signed:cannot(not_what_is_shown):all'
printf 'caf\351\n' | maker gpg --clearsign -u lena@example.org >"$crypto_dir/latin1"
{ outer "$lena"; inline iso-8859-1 <"$crypto_dir/latin1"; } | letter_to inline_latin1 'signed:good:all'
{ outer "$lena"; printf 'Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n'; base64 "$crypto_dir/clear"; } | letter_to inline_base64 'signed:good:all'
printf 'Secret text.\n' | maker gpg --trust-model always --armor --encrypt -r me@example.org >"$crypto_dir/secret"
{ outer "$lena"; inline <"$crypto_dir/secret"; } | letter_to inline_enc 'encrypted:decrypted:all shown opened=1'
{ outer "$lena"; { echo before; cat "$crypto_dir/secret"; echo after; } | inline; } | letter_to inline_enc_text_around 'encrypted:decrypted:part opened=1'
{ outer "$lena"; printf 'x\n' | maker gpg --trust-model always --armor -s -u lena@example.org --encrypt -r me@example.org | inline; } |
	letter_to inline_enc_signed 'encrypted:decrypted:all signed:good:all shown opened=1'
{ outer "$lena"; printf 'x\n' | maker gpg --armor --sign -u lena@example.org | inline; } | letter_to inline_opaque 'signed:good:all shown opened=1'
{ outer "$lena"; printf -- '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabcd\n-----END PGP PUBLIC KEY BLOCK-----\n' | inline; } | letter_to inline_key ''

# --- S/MIME ----------------------------------------------------------------------------------------------------------------------
mia='Mia <mia@example.org>'
{ outer "$mia"; text | smime_signed mia@example.org; } | letter_to smime_good 'signed:good:all'
sed 's/noon/dawn/' "$l/smime_good" | letter_to smime_tampered 'signed:bad:all'
{ outer 'Mallory <mallory@example.org>'; text | smime_signed mia@example.org; } | letter_to smime_other_sender 'signed:other_sender:all'
{ outer 'Wilma <wilma@example.org>'; text | smime_signed wilma@example.org; } | letter_to smime_untrusted_ca 'signed:good_untrusted:all'
{ outer 'Fred <fred@example.org>'; text | smime_signed fred@example.org; } | letter_to smime_unknown_ca 'signed:good_untrusted:all'
{ outer 'Otto <otto@example.org>'; text | smime_signed otto@example.org $past; } | letter_to smime_expired 'signed:key_expired:all'
text | crlf | maker gpgsm --disable-crl-checks --sign -u mia@example.org >"$crypto_dir/p7"
{ outer "$mia"; smime_opaque signed-data <"$crypto_dir/p7"; } | letter_to smime_opaque 'signed:good:all shown opened=1'
base64 "$crypto_dir/p7" >"$crypto_dir/p7.b64"
{ outer "$mia"; multipart_signed application/pkcs7-signature "$crypto_dir/footer" "$crypto_dir/p7.b64"; } | letter_to smime_opaque_as_detached 'signed:cannot(failed):all'
text | crlf | maker gpgsm --disable-crl-checks --encrypt -r me@example.org >"$crypto_dir/p7e"
{ outer "$mia"; smime_opaque enveloped-data <"$crypto_dir/p7e"; } | letter_to smime_enc 'encrypted:decrypted_unprotected:all shown opened=1'
{ smime_opaque enveloped-data <"$crypto_dir/p7e"; } >"$crypto_dir/smime_part"
{ outer "$mia"; mixed "$crypto_dir/html1" "$crypto_dir/smime_part" "$crypto_dir/html2"; } | letter_to smime_efail 'encrypted:decrypted_unprotected:part opened=1'
text | smime_signed mia@example.org | crlf | maker gpgsm --disable-crl-checks --encrypt -r me@example.org >"$crypto_dir/p7s"
{ outer "$mia"; smime_opaque enveloped-data <"$crypto_dir/p7s"; } | letter_to smime_enc_around_signed 'encrypted:decrypted:all signed:good:all shown opened=1'
text | crlf | maker gpgsm --disable-crl-checks --encrypt -r mia@example.org >"$crypto_dir/p7e"
{ outer "$mia"; smime_opaque enveloped-data <"$crypto_dir/p7e"; } | letter_to smime_enc_to_others 'encrypted:not_decrypted(no_secret_key):all'
printf 'garbage' >"$crypto_dir/p7x"
{ outer "$mia"; smime_opaque enveloped-data <"$crypto_dir/p7x"; } | letter_to smime_garbage 'encrypted:not_decrypted(damaged):all'

# --- protected header fields (row 43) ----------------------------------------------------------------------------------------------
protected() { # SUBJECT FROM [HOW]
	printf 'Content-Type: text/plain; charset=utf-8; %s\nSubject: %s\nFrom: %s\nTo: Me <me@example.org>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n\nhello\n' \
		"${3:-protected-headers="v1"}" "$1" "$2"
}
{ outer "$lena"; protected hello "$lena" | pgp_signed lena@example.org; } | letter_to prot_same 'signed:good:all'
{ outer "$lena" 'changed'; protected hello "$lena" | pgp_signed lena@example.org; } | letter_to prot_subject 'signed:good:all shown opened=1 Subject+'
{ outer "$lena" 'changed'; protected hello "$lena" 'hp="clear"' | pgp_signed lena@example.org; } | letter_to prot_hp 'signed:good:all shown opened=1 Subject+'
{ outer "$lena" 'changed'; printf 'Cc: all@example.org\n'; protected hello "$lena" 'hp="clear"' | pgp_signed lena@example.org; } | letter_to prot_hp_added 'signed:good:all shown opened=1 Subject+ Cc-'
{ outer "$lena" 'changed'; protected hello "$lena" 'x="y"' | pgp_signed lena@example.org; } | letter_to prot_not_meant 'signed:good:all'
sed 's/^hello$/hullo/' "$l/prot_subject" | letter_to prot_bad 'signed:bad:all'
{ outer 'Mallory <mallory@example.org>'; protected hello "$lena" | pgp_signed lena@example.org; } | letter_to prot_from 'signed:good:all shown opened=1 From+'
{ outer 'Mallory <mallory@example.org>'; protected hello "$lena" | pgp_signed sven@example.org; } | letter_to prot_from_not_signers 'signed:other_sender:all From-'
{ outer "$lena" '...'; protected 'The real one' "$lena" 'hp="cipher"' | pgp_encrypted -r me@example.org; } | letter_to prot_enc 'encrypted:decrypted:all shown opened=2 Subject~'
{ outer 'Mallory <mallory@example.org>' '...'; protected 'The real one' "$lena" 'hp="cipher"' | pgp_encrypted -r me@example.org; } |
	letter_to prot_enc_from 'encrypted:decrypted:all shown opened=2 Subject~ From-'
protected hello "$lena" | pgp_signed lena@example.org >"$crypto_dir/part"
{ outer "$lena" other; mixed "$crypto_dir/part" "$crypto_dir/footer"; } | letter_to prot_part 'signed:good:part'
{ outer "$lena" other; text | crlf | cat <(printf 'Subject: forged\r\nFrom: mallory@example.org\r\n') - | maker gpg --trust-model always --armor --encrypt -r me@example.org | multipart_encrypted; } |
	letter_to inner_not_protected 'encrypted:decrypted:all shown opened=1'

# --- what Tern says ------------------------------------------------------------------------------------------------------------------
reader gpg --import "$crypto_dir/rita.rev"
export GNUPGHOME=$crypto_read
rm -f "$crypto_read/asked"
(cd "$l" && cut -f1 "$crypto_dir/expected" | xargs tern verify --json >"$crypto_dir/json")
summaries <"$crypto_dir/json" >"$crypto_dir/got"
while IFS=$'\t' read -r name wanted; do
	is "$name" "$(awk -F'\t' -v n="$name" '$1 == n { print $2 }' "$crypto_dir/got")" "$wanted"
done <"$crypto_dir/expected"
is "nobody was asked by a pinentry" "$(cat "$crypto_read/asked" 2>/dev/null)" ""

# The words: ours, on one line, and a user id cannot get out of its quotation marks.
words() { tern verify "$l/$1" | sed "s|^$l/$1: ||"; }
is "good" "$(words pgp_good)" 'Good signature by "Good Lena <lena@example.org>".'
like "bad" "$(words pgp_tampered)" '^BAD signature'
like "in part" "$(words part_footer)" '^Good signature by "Good Lena <lena@example.org>"\. It is for part 1\.1\.1 alone; the rest of the letter is not signed\.$'
like "unknown" "$(words pgp_no_key)" '^Signed, but not checked: the key [0-9A-F]{16} is not here\.$'
like "not signed" "$(words enc)" '^Decrypted\. Not signed'
is "a user id stays in its quotation marks" "$(words spoof_user_id | tr -cd '"' | wc -c)" 2
is "and on its line" "$(words spoof_user_id | wc -l)" 1
is "no control is printed" "$(words spoof_user_id | tr -d '\n[:print:]\200-\377')" ""
is "imitated words stay in the letter" "$(words spoof_words)" 'Neither signed nor encrypted.'
is "a certificate's name" "$(words smime_good)" \
	'Good signature by "Mia <mia@example.org>". Whether the certificate was revoked was not checked.'
status_is "any doubt is status 1" 1 tern verify "$l/pgp_untrusted"
status_is "none is 0" 0 tern verify "$l/pgp_good"

# What is shown in place of an encrypted letter: its header, what was inside, and nothing of the armour.
tern verify --letter "$l/enc" >"$crypto_dir/shown"
is "the letter decrypted" "$(tern show "$crypto_dir/shown" | sed -n '/^$/,$p')" "
The ship sails at noon.
Bring  the papers. "
like "with its outer header" "$(cat "$crypto_dir/shown")" '^From: Lena <lena@example.org>$'
unlike "inner fields that are not protected do not count" "$(tern verify --letter "$l/inner_not_protected")" 'forged|mallory'
is "protected fields do" "$(tern verify --letter "$l/prot_enc" | grep -a '^Subject')" "Subject: The real one"
unlike "without integrity no word of it is handed out" "$(tern verify --letter "$l/enc_no_mdc")" 'sails'
unlike "nothing decrypted lies on disk" "$(grep -rl 'Secret text' "$TERN_HOME" "$crypto_read" 2>/dev/null)" .
unlike "nor in the log" "$(cat "$TERN_HOME/state/log" 2>/dev/null)" 'sails|Secret'

# tern itself does not know GPGME.
if command -v ldd >/dev/null; then
	unlike "tern is not linked with GPGME" "$(ldd "$top_builddir/tern")" gpgme
else
	skip "linking" "there is no ldd"
fi
# Without gpg it says so; without keys too.
mkdir -m 700 "$crypto_dir/empty" "$crypto_dir/bin.d"
like "no keys" "$(GNUPGHOME=$crypto_dir/empty tern verify "$l/pgp_good")" 'not here'
like "no gpg" "$(printf '%s' "$top_builddir/tern verify $l/pgp_good" | PATH=$crypto_dir/bin.d $BASH)" \
	'not checked|not installed|Good' # GPGME knows where gpg lies

# A key with a passphrase: tern-crypto asks the parent, the parent answers; nobody else is asked.
reader gpg --pinentry-mode loopback --passphrase 'open sesame' --quick-gen-key 'Locked <locked@example.org>' ed25519 sign 0
locked=$(fingerprint locked@example.org "$crypto_read")
reader gpg --pinentry-mode loopback --passphrase 'open sesame' --quick-add-key "$locked" cv25519 encr 0
reader gpg --export "$locked" | maker gpg --import
{ outer "$lena"; text | pgp_encrypted -r "$locked"; } >"$l/locked"
gpgconf --homedir "$crypto_read" --kill gpg-agent
rm -f "$crypto_read/asked"
like "nobody to ask" "$(tern verify "$l/locked")" '^Not decrypted\. The passphrase of your key was not given\.$|: Not decrypted\. The passphrase'

# ask_answer ANSWER...: the dialogue with tern-crypto; prints its questions, then what came out.
ask_answer() {
	local line out in
	coproc child { tern-crypto 2>/dev/null; }
	exec {out}<&"${child[0]}" {in}>&"${child[1]}"
	{ printf 'LETTER %d 1000000\n' "$(stat -c %s "$l/locked")"; cat "$l/locked"; } >&"$in"
	while IFS= read -r line <&"$out"; do
		case $line in '{"ask"'*) ;; *) break ;; esac
		echo "$line"
		if [ $# -gt 0 ]; then printf 'ANSWER %d\n%s' ${#1} "$1" >&"$in"; shift
		else printf 'ANSWER -1\n' >&"$in"; fi
	done
	grep -o '"state":[0-9]*,"reason":[0-9]*' <<<"$line" | head -1
	cat <&"$out" | grep -ao 'sails at noon'
	exec {out}<&- {in}>&-
}
is "a wrong passphrase, then the right one" "$(ask_answer wrong 'open sesame' | sed 's/"ask":"[0-9A-F]* /"ask":"/')" \
	'{"ask":"Locked <locked@example.org>","wrong":false}
{"ask":"Locked <locked@example.org>","wrong":true}
"state":10,"reason":0
sails at noon'
gpgconf --homedir "$crypto_read" --kill gpg-agent
is "cancelled" "$(ask_answer | tail -1)" '"state":12,"reason":2'
is "three wrong ones" "$(ask_answer a b c d e | grep -c ask)" 3

# The same for S/MIME: gpgsm asks nobody, and does not call the key a stranger's.
GNUPGHOME=$crypto_read gpg-connect-agent 'OPTION pinentry-mode=loopback' '/let pw open sesame' \
	'/definq NEW_PASSPHRASE pw' "PASSWD $(cert_grip me@example.org)" /bye >>"$crypto_dir/log" 2>&1
gpgconf --homedir "$crypto_read" --kill gpg-agent
like "a locked S/MIME key" "$(tern verify "$l/smime_enc")" 'Not decrypted\. Your key has a passphrase'
is "no pinentry came up" "$(cat "$crypto_read/asked" 2>/dev/null)" ""
finish
