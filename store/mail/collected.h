/* Which messages of a POP3 server were fetched before, by the server's own name for them (UIDL) and since
 * when: in the account's database. A name that the server no longer lists is forgotten, for then it may give it to
 * another message (RFC 1939). */
#ifndef STORE_MAIL_COLLECTED_H
#define STORE_MAIL_COLLECTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct store;

enum collected {
	COLLECTED_NOT,
	COLLECTED_BEGUN,    /* its file may be here, or not */
	COLLECTED_HERE,
	COLLECTED_ASKED,    /* here, and the server was asked to remove it */
	COLLECTED_REMOVED,  /* the server said that it did */
};
/* One of these, or -1. *AT: fetched, seconds since 1970; *SIZE: in the list when it was to be removed. */
int collected_at(struct store *store, const char *uid, int64_t *at, int64_t *size, struct err *err);
/* Was anything ever remembered of this server? 1; 0 the database is new: files alone may tell what was fetched; -1. */
int collected_has_begun(struct store *store, struct err *err);
/* Their files are about to come. One transaction, as each of these. */
int collected_begin(struct store *store, const char *const *uids, size_t count, struct err *err);
/* They came; those known already keep their time. */
int collected_add(struct store *store, const char *const *uids, size_t count, int64_t at, struct err *err);
/* The server is asked to remove them (SIZES as it lists them), or (IS_DONE) said that it did. */
int collected_remove(struct store *store, const char *const *uids, const int64_t *sizes, size_t count, bool is_done,
		     struct err *err);
/* All but UIDS are forgotten. No UIDS at all may be a server that lost its head: then only what it was to remove
 * is forgotten. */
int collected_keep(struct store *store, const char *const *uids, size_t count, struct err *err);

#endif
