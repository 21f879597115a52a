/* What gpg and gpgsm say (door: GPGME). Blocks: for the child alone. Nothing is fetched: no keys, no
 * revocation lists. What is known comes from GPGME's status descriptor, never from gpg's words. */
#ifndef STORE_CRYPTO_GPG_H
#define STORE_CRYPTO_GPG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/crypto/crypto.h"

struct gpg_uid {
	char *name;	 /* as in the key: anything */
	char *addr;	 /* "" when it has none */
	bool is_trusted; /* certified by somebody the user trusts */
};

struct gpg_signer {
	enum crypto_state state; /* CRYPTO_GOOD: valid; else KEY_EXPIRED ... CANNOT */
	enum crypto_reason reason;
	char *fingerprint;
	int64_t time;
	bool is_weak;
	struct gpg_uid *uids; /* without the revoked ones */
	size_t uid_count;
};

struct gpg_answer {
	enum crypto_reason reason; /* CRYPTO_NO_REASON: PLAIN is what was inside */
	struct buf plain;	   /* empty unless all went well */
	struct gpg_signer *signers;
	size_t signer_count;
};

struct gpg;
/* Becomes gpgsm with ARGS (NULL-ended) and no pinentry; returns when there is none. GPGME starts this
 * program in gpgsm's place, so main() calls it when it is given arguments. */
void gpg_be_gpgsm(char **args);
/* Appends the passphrase to OUT: 0, or -1 when nobody answers. */
typedef int gpg_ask(void *arg, const char *key, bool was_wrong, struct buf *out);

struct gpg *gpg_new(gpg_ask *ask, void *arg);
void gpg_free(struct gpg **gpg);

/* In all: HOW tells OpenPGP from S/MIME; at most LIMIT plain bytes; gpg_answer_free. */
void gpg_verify_detached(struct gpg *gpg, enum crypto_how how, struct span text, struct span signature,
			 struct gpg_answer *answer);
void gpg_verify(struct gpg *gpg, enum crypto_how how, struct span input, size_t limit,
		struct gpg_answer *answer);
void gpg_decrypt(struct gpg *gpg, enum crypto_how how, struct span input, size_t limit,
		 struct gpg_answer *answer);
void gpg_answer_free(struct gpg_answer *answer);

#endif
