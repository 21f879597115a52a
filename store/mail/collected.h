/* Which messages of a POP3 server were fetched before, by the server's own name for them (UIDL) and since
 * when: in the account's database. A name that the server no longer lists is forgotten. */
#ifndef STORE_MAIL_COLLECTED_H
#define STORE_MAIL_COLLECTED_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct store;

/* 1 fetched at *AT (seconds since 1970), 0 not, -1. */
int collected_at(struct store *store, const char *uid, int64_t *at, struct err *err);
/* One transaction; those known already keep their time. */
int collected_add(struct store *store, const char *const *uids, size_t count, int64_t at, struct err *err);
/* All but UIDS are forgotten. */
int collected_keep(struct store *store, const char *const *uids, size_t count, struct err *err);

#endif
