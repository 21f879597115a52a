/* A letter gone through: each layer verified or opened, what was opened gone through as well. This is what
 * the child does; it blocks. */
#ifndef STORE_CRYPTO_OPEN_H
#define STORE_CRYPTO_OPEN_H

#include "store/base/str.h"
#include "store/crypto/gpg.h"

/* LETTER is lent for the call; at most LIMIT decrypted bytes. Free with crypto_result_free. */
struct crypto_result *open_letter(struct gpg *gpg, struct span letter, size_t limit);

#endif
