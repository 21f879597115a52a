/* What a signature is worth for a letter that says it is from somebody. */
#ifndef STORE_CRYPTO_JUDGE_H
#define STORE_CRYPTO_JUDGE_H

#include <stdbool.h>

#include "store/crypto/gpg.h"
#include "store/mime/address.h"

/* SIGNED weighed against FROM: good only when a user id that is not revoked names each address of FROM
 * (case does not count), and trusted only when those user ids are. */
void judge_signer(const struct gpg_signer *found, const struct address_list *from,
		  struct crypto_signer *signer);
/* Is the signature valid, and does the key name each address of FROM? */
bool judge_names(const struct gpg_signer *found, const struct address_list *from);
/* All of ANSWER into VERDICT: signers, the deciding one first, and the state. */
void judge_answer(const struct gpg_answer *answer, const struct address_list *from,
		  struct crypto_verdict *verdict);
/* Foreign text on one line, printable, without any quotation mark, cut to WIDTH columns. Free it. */
char *judge_printable(const char *text, int width);

#endif
