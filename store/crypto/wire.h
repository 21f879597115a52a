/* What the child and its parent say to each other.
 *
 * To the child: "LETTER len limit\n", the letter's bytes, then for each question "ANSWER len\n" and the
 * passphrase, or "ANSWER -1\n".
 * From the child: for each question one line {"ask":...}; at the end one line {"verdicts":...} with the
 * lengths of what was opened, and these bytes behind it, one after the other.
 *
 * The child has read foreign bytes: what it says is taken as foreign too. Whatever does not fit is an
 * error, and text becomes printable here. */
#ifndef STORE_CRYPTO_WIRE_H
#define STORE_CRYPTO_WIRE_H

#include <stdbool.h>

#include "store/base/str.h"
#include "store/crypto/crypto.h"

#define WIRE_LINE_LIMIT (1 << 20)

void wire_add_question(struct buf *out, const char *key, bool was_wrong);
void wire_add_result(struct buf *out, const struct crypto_result *result);

/* LINE without its end. 1 with *KEY (free it) and *WAS_WRONG, 0 when it is no question. */
int wire_read_question(struct span line, char **key, bool *was_wrong);
/* HEARD is all that came behind the questions: it goes over, so that a large letter is not copied. NULL with ERR
 * told. */
struct crypto_result *wire_take_result(struct buf *heard, struct err *err);
/* The same with a copy of BYTES. */
struct crypto_result *wire_read_result(struct span bytes, struct err *err);

#endif
