/* Verdicts as sentences. The one foreign piece, a name, stands in quotation marks and has none in it. */
#include "config.h"
#include "store/crypto/crypto.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/i18n.h"

#define KEY_DIGITS 16

enum crypto_weight crypto_verdict_weight(const struct crypto_verdict *verdict)
{
	switch (verdict->state) {
	case CRYPTO_GOOD:
		return verdict->covers_all ? CRYPTO_FINE : CRYPTO_DOUBTFUL;
	case CRYPTO_BAD:
		return CRYPTO_WRONG;
	case CRYPTO_DECRYPTED:
		return verdict->covers_all ? CRYPTO_NEUTRAL : CRYPTO_DOUBTFUL;
	default:
		return CRYPTO_DOUBTFUL;
	}
}

/* --- why not ----------------------------------------------------------------------------------------- */

static const char *program_of(const struct crypto_verdict *verdict)
{
	return verdict->how == CRYPTO_SMIME ? "gpgsm" : "gpg";
}

static const char *const reasons[CRYPTO_REASONS] = {
    [CRYPTO_NO_REASON] = N_("The reason is not known."),
    [CRYPTO_NO_SECRET_KEY] = N_("It is encrypted to keys that are not yours."),
    [CRYPTO_NO_PASSPHRASE] = N_("The passphrase of your key was not given."),
    [CRYPTO_NO_INTEGRITY] = N_("Nothing protects it against changes on the way, so no word of it is shown."),
    [CRYPTO_DAMAGED] = N_("It is damaged or not complete."),
    [CRYPTO_TOO_LARGE] = N_("It is too large."),
    [CRYPTO_TOO_MANY] = N_("There are too many signed or encrypted parts in one letter."),
    [CRYPTO_NO_TIME] = N_("It took too long."),
    [CRYPTO_UNSUPPORTED] = N_("GnuPG does not know this kind."),
    [CRYPTO_NOT_WHAT_IS_SHOWN] = N_("What was signed is not the text that is shown."),
    [CRYPTO_FAILED] = N_("GnuPG failed; the log says more."),
};

static void add_reason(const struct crypto_verdict *verdict, struct buf *out)
{
	if (verdict->reason == CRYPTO_NO_PROGRAM)
		buf_printf(out, _("The program \"%s\" is not installed."), program_of(verdict));
	else if (verdict->reason == CRYPTO_NO_PASSPHRASE && verdict->how == CRYPTO_SMIME)
		buf_add_str(out, _("Your key has a passphrase: decrypt something with gpgsm in another terminal, then "
				   "open this letter again."));
	else
		buf_add_str(out, _(reasons[verdict->reason]));
}

/* --- who ----------------------------------------------------------------------------------------------- */

/* The last digits of a fingerprint: enough to look for. */
static const char *key_of(const struct crypto_signer *signer)
{
	size_t len = strlen(signer->fingerprint);

	return signer->fingerprint + (len > KEY_DIGITS ? len - KEY_DIGITS : 0);
}

static const char *name_of(const struct crypto_signer *signer)
{
	if (*signer->name)
		return signer->name;
	return *signer->fingerprint ? key_of(signer) : "?";
}

/* "%s" is the signer's name. */
static const char *const signed_words[] = {
    [CRYPTO_GOOD] = N_("Good signature by \"%s\"."),
    [CRYPTO_GOOD_UNTRUSTED] =
	N_("Signed with a key that names \"%s\", but nobody you trust has certified that it is theirs."),
    [CRYPTO_OTHER_SENDER] = N_("Signed by somebody else than the sender: by \"%s\"."),
    [CRYPTO_KEY_EXPIRED] = N_("The signature fits, but the key of \"%s\" has expired."),
    [CRYPTO_KEY_REVOKED] = N_("The signature fits, but the key of \"%s\" was revoked."),
    [CRYPTO_SIGNATURE_EXPIRED] = N_("The signature by \"%s\" has expired."),
    [CRYPTO_WEAK] = N_("The signature by \"%s\" uses an old digest that can be forged."),
    [CRYPTO_NO_KEY] = N_("Signed, but not checked: the key %s is not here."),
    [CRYPTO_BAD] = N_("BAD signature: this is not what \"%s\" signed."),
};

static void add_signer(const struct crypto_signer *signer, struct buf *out)
{
	const char *words = _(signed_words[signer->state]);
	const char *name = signer->state == CRYPTO_NO_KEY ? key_of(signer) : name_of(signer);
	const char *hole = strstr(words, "%s");

	buf_add(out, words, hole ? (size_t)(hole - words) : strlen(words));
	if (hole) {
		buf_add_str(out, name);
		buf_add_str(out, hole + 2);
	}
}

static void add_signed(const struct crypto_verdict *verdict, struct buf *out)
{
	size_t more = verdict->signer_count ? verdict->signer_count - 1 : 0;

	if (verdict->state == CRYPTO_CANNOT || !verdict->signer_count) {
		buf_add_str(out, _("The signature could not be checked."));
		buf_add_char(out, ' ');
		add_reason(verdict, out);
	} else {
		add_signer(&verdict->signers[0], out);
	}
	if (more) {
		buf_add_char(out, ' ');
		buf_printf(out, ngettext("There is %zu more signature.", "There are %zu more signatures.", more),
			   more);
	}
	if (verdict->how == CRYPTO_SMIME && verdict->state == CRYPTO_GOOD && !verdict->was_revocation_checked) {
		buf_add_char(out, ' ');
		buf_add_str(out, _("Whether the certificate was revoked was not checked."));
	}
}

/* --- the rest -------------------------------------------------------------------------------------------- */

static void add_encrypted(const struct crypto_verdict *verdict, struct buf *out)
{
	if (verdict->state == CRYPTO_NOT_DECRYPTED) {
		buf_add_str(out, _("Not decrypted."));
		buf_add_char(out, ' ');
		add_reason(verdict, out);
		return;
	}
	if (verdict->state == CRYPTO_DECRYPTED_UNPROTECTED)
		buf_add_str(out, _("Decrypted, but it may have been changed on the way: nothing protects it."));
	else
		buf_add_str(out, _("Decrypted."));
	if (!verdict->has_signature) {
		buf_add_char(out, ' ');
		buf_add_str(out, _("Not signed: anybody may have written it."));
	}
}

static const char *outside_words(const struct crypto_verdict *verdict)
{
	if (verdict->what == CRYPTO_SIGNED)
		return verdict->how == CRYPTO_PGP_INLINE
			   ? _("It is for one block of the text alone (part %s); the rest is not signed.")
			   : _("It is for part %s alone; the rest of the letter is not signed.");
	return _("It is for part %s alone; the rest of the letter was not encrypted.");
}

static void add_outside(const struct crypto_verdict *verdict, struct buf *out)
{
	const char *words = outside_words(verdict), *hole = strstr(words, "%s");

	buf_add_char(out, ' ');
	buf_add(out, words, hole ? (size_t)(hole - words) : strlen(words));
	if (hole) {
		buf_add_str(out, verdict->path);
		buf_add_str(out, hole + 2);
	}
}

void crypto_verdict_words(const struct crypto_verdict *verdict, struct buf *out)
{
	if (verdict->what == CRYPTO_SIGNED)
		add_signed(verdict, out);
	else
		add_encrypted(verdict, out);
	if (!verdict->covers_all)
		add_outside(verdict, out);
}

void crypto_difference_words(const struct crypto_difference *difference, struct buf *out)
{
	const char *name = difference->name;

	if (difference->inner_is_shown && *difference->outer)
		buf_printf(out, _("%s is shown as its sender protected it; outside stands \"%s\"."), name,
			   difference->outer);
	else if (difference->inner_is_shown)
		buf_printf(out, _("%s is shown as its sender protected it; outside stands none."), name);
	else if (*difference->inner)
		buf_printf(out, _("%s is shown as it stands outside; protected is \"%s\"."), name,
			   difference->inner);
	else
		buf_printf(out, _("%s stands outside only: its sender did not protect it."), name);
}
