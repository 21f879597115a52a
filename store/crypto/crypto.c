#include "config.h"
#include "store/crypto/crypto.h"

#include <stdlib.h>
#include <string.h>

static void free_verdict(struct crypto_verdict *verdict)
{
	size_t i;

	for (i = 0; i < verdict->signer_count; i++) {
		free(verdict->signers[i].name);
		free(verdict->signers[i].fingerprint);
	}
	free(verdict->signers);
	free(verdict->path);
}

static void free_opened(struct crypto_opened *opened)
{
	free(opened->path);
}

static void wipe(char *bytes, size_t len)
{
	if (bytes)
		explicit_bzero(bytes, len);
	free(bytes);
}

static void free_bytes(struct crypto_result *result)
{
	size_t i;

	for (i = 0; !result->heard && i < result->opened_count; i++)
		wipe(result->opened[i].bytes, result->opened[i].len);
	wipe(result->heard, result->heard_len);
}

static void free_difference(struct crypto_difference *difference)
{
	free(difference->name);
	free(difference->outer);
	free(difference->inner);
}

void crypto_result_free(struct crypto_result **result)
{
	struct crypto_result *mine = *result;
	size_t i;

	*result = NULL;
	if (!mine)
		return;
	for (i = 0; i < mine->verdict_count; i++)
		free_verdict(&mine->verdicts[i]);
	free_bytes(mine);
	for (i = 0; i < mine->opened_count; i++)
		free_opened(&mine->opened[i]);
	for (i = 0; i < mine->difference_count; i++)
		free_difference(&mine->differences[i]);
	free(mine->verdicts);
	free(mine->opened);
	free(mine->differences);
	free(mine);
}

const char *crypto_state_name(enum crypto_state state)
{
	static const char *const names[CRYPTO_STATES] = {
	    [CRYPTO_GOOD] = "good",
	    [CRYPTO_GOOD_UNTRUSTED] = "good_untrusted",
	    [CRYPTO_OTHER_SENDER] = "other_sender",
	    [CRYPTO_KEY_EXPIRED] = "key_expired",
	    [CRYPTO_KEY_REVOKED] = "key_revoked",
	    [CRYPTO_SIGNATURE_EXPIRED] = "signature_expired",
	    [CRYPTO_WEAK] = "weak",
	    [CRYPTO_NO_KEY] = "no_key",
	    [CRYPTO_BAD] = "bad",
	    [CRYPTO_CANNOT] = "cannot",
	    [CRYPTO_DECRYPTED] = "decrypted",
	    [CRYPTO_DECRYPTED_UNPROTECTED] = "decrypted_unprotected",
	    [CRYPTO_NOT_DECRYPTED] = "not_decrypted",
	};

	return names[state];
}

const char *crypto_reason_name(enum crypto_reason reason)
{
	static const char *const names[CRYPTO_REASONS] = {
	    [CRYPTO_NO_REASON] = "",
	    [CRYPTO_NO_SECRET_KEY] = "no_secret_key",
	    [CRYPTO_NO_PASSPHRASE] = "no_passphrase",
	    [CRYPTO_NO_INTEGRITY] = "no_integrity",
	    [CRYPTO_DAMAGED] = "damaged",
	    [CRYPTO_TOO_LARGE] = "too_large",
	    [CRYPTO_TOO_MANY] = "too_many",
	    [CRYPTO_NO_PROGRAM] = "no_program",
	    [CRYPTO_NO_TIME] = "no_time",
	    [CRYPTO_UNSUPPORTED] = "unsupported",
	    [CRYPTO_NOT_WHAT_IS_SHOWN] = "not_what_is_shown",
	    [CRYPTO_FAILED] = "failed",
	};

	return names[reason];
}

const char *crypto_how_name(enum crypto_how how)
{
	static const char *const names[] = {"pgp_mime", "pgp_inline", "smime"};

	return names[how];
}
