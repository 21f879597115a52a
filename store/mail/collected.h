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
	COLLECTED_KEPT,     /* the server said that it did, and it is the same that it still lists */
};
struct collected_message {
	const char *uid;
	int64_t at;   /* fetched, seconds since 1970 */
	int64_t size; /* as the server listed it, -1 unknown */
	int64_t head; /* a digest of its header, 0 unknown */
};
/* One of these and *MESSAGE (but its uid), or -1. */
int collected_at(struct store *store, const char *uid, struct collected_message *message, struct err *err);
/* Was anything ever remembered of this server? 1; 0 the database is new: files alone may tell what was fetched; -1. */
int collected_has_begun(struct store *store, struct err *err);
/* Their files are about to come. One transaction, as each of these. */
int collected_begin(struct store *store, const struct collected_message *messages, size_t count, struct err *err);
/* They came; those known already keep what is known of them. */
int collected_add(struct store *store, const struct collected_message *messages, size_t count, struct err *err);
/* The server lists them by these sizes, and: here they are all the same, it is asked to remove them, it said that it
 * did, or it keeps them though it said so. */
int collected_note(struct store *store, const struct collected_message *messages, size_t count, enum collected state,
		   struct err *err);
/* All but UIDS are forgotten. No UIDS at all may be a server that lost its head: then only what it was to remove
 * is forgotten. */
int collected_keep(struct store *store, const char *const *uids, size_t count, struct err *err);

#endif
