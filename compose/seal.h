/* Signing and encrypting a built message. Their own issue fills this; until then a letter that asks
 * for either is refused, never sent bare. */
#ifndef COMPOSE_SEAL_H
#define COMPOSE_SEAL_H

struct buf;
struct draft;
struct err;

/* MESSAGE is replaced by its sealed form. 0, also when nothing was asked for; -1 with a sentence.
 */
int seal_message(const struct draft *draft, struct buf *message, struct err *err);

#endif
