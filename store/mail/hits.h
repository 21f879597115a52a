/* Which messages a query matches in one folder: temporary tables NAME_m (messages) and NAME_t (threads) that are
 * filled in pieces, newest first, so that no piece takes long. When the data changed they are gone over once more
 * in the same way; until then they keep what they have. */
#ifndef STORE_MAIL_HITS_H
#define STORE_MAIL_HITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct query;
struct store;
struct store_view;

struct store_hits {
	const char *name; /* of the tables */
	char *key;	  /* what they are of; NULL: nothing */
	char *condition;
	char **wishes; /* words that all have: by them the index may name the few that come into question */
	size_t wish_count;
	bool has_texts;
	int64_t folder;
	int64_t version;      /* of the data when this pass began */
	bool is_whole;	      /* the pass is at its end */
	bool was_whole;	      /* one before it was */
	bool is_begun;	      /* DATE and ID say how far it is */
	int64_t date, id;     /* looked at down to here */
	const char *order;    /* the index that is made */
	int64_t ended_ms, fresh_ms;
	int piece;	      /* messages looked at in one statement */
};

/* Makes HITS stand for QUERY in VIEW. Without pieces (store_set_piece_ms) they are whole then. */
int hits_prepare(struct store *store, struct store_hits *hits, const struct store_view *view,
		 const struct query *query, struct err *err);
/* Looks on for at most the store's piece_ms: 1 there is more, 0 whole, -1. */
int hits_more(struct store *store, struct store_hits *hits, struct err *err);
bool hits_are_current(struct store *store, const struct store_hits *hits);
/* These messages were changed by ourselves: looks at them anew. BEFORE is the version before that, or -1 when
 * others may have changed with them. */
void hits_recheck(struct store *store, struct store_hits *hits, const int64_t *ids, size_t count,
		  int64_t before);
void hits_free(struct store_hits *hits);

#endif
