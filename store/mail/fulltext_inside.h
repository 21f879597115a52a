/* What the files of fulltext share. */
#ifndef STORE_MAIL_FULLTEXT_INSIDE_H
#define STORE_MAIL_FULLTEXT_INSIDE_H

#include "store/mail/fulltext.h"
#include "store/search/texts.h"
#include "store/search/texts_fill.h"

struct arena;

/* One wish and what is known of it. */
struct asked {
	char *spelled;
	struct wish *wish;
	struct bits found;	 /* of the indexed letters */
	struct bits known, hits; /* of those that were read themselves */
	uint64_t version;	 /* of the index when FOUND was made */
	uint64_t used;
};

struct fulltext {
	struct store *store;
	struct texts *texts;
	struct words *words;
	struct asked **asked;
	size_t asked_count, asked_cap;
	uint64_t version, clock;
	bool is_ready_known, is_ready;
	int64_t ready_version;
};

/* The store's, made when missing; NULL on error. */
struct fulltext *fulltext_of(struct store *store, struct err *err);
struct asked *fulltext_ask(struct fulltext *fulltext, const char *spelled);
/* Ids of letters that exist and are not indexed, newest first, at most LIMIT. */
int fulltext_uncovered(struct store *store, size_t limit, int64_t **ids, size_t *count,
		       struct err *err);
/* Without those that could not be read before, unless HAS_SKIPPED. */
int fulltext_unread(struct store *store, bool has_skipped, size_t limit, int64_t **ids, size_t *count,
		    struct err *err);

/* Where letters lie, for those who have no database. */
struct whereabouts_list {
	struct arena *arena;
	const char **places;
	int64_t *place_ids;
	size_t place_count, place_cap;
	struct box_stamp *stamps;
	size_t stamp_cap;
	struct texts_letter *letters;
	size_t count, cap;
};
int whereabouts_of(struct store *store, const int64_t *ids, size_t count,
		   struct whereabouts_list *list, struct err *err);
void whereabouts_free(struct whereabouts_list *list);

#endif
