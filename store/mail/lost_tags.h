/* Tags of local mail stand in the database only. Those of a message that another hand took away are kept for
 * thirty days, by its Message-ID: the letter that comes with the same one has them again. A server keeps its own. */
#ifndef STORE_MAIL_LOST_TAGS_H
#define STORE_MAIL_LOST_TAGS_H

#include <stdint.h>

struct err;
struct row;
struct store;

/* Both inside a transaction: 0, or -1. */

/* Message ID is about to lose its row. A twin without tags that came later has them at once. */
int lost_tags_keep(struct store *store, int64_t id, struct err *err);
/* ROW was just inserted. */
int lost_tags_give(struct store *store, const struct row *row, struct err *err);

#endif
