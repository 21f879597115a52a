/* What an account's letters say: answers of the index of words (store/search), and where that has none, of the
 * letters themselves. Both give the same. */
#ifndef STORE_MAIL_FULLTEXT_H
#define STORE_MAIL_FULLTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FULLTEXT_WISHES_MAX 60 /* of one query */

struct err;
struct fulltext;
struct fulltext_reading;
struct store;

/* Before a condition with "tern_text(id, WISH)" is used, WISH as wish_spell says it ('': is it not indexed?), or with
 * "tern_in(TEXT, WORD)": is the folded WORD in TEXT? or with "tern_me(PEOPLE)": is one of them, as a row has them, the
 * account's own? */
int fulltext_prepare(struct store *store, struct err *err);
/* May the index answer for all letters but a few? */
bool fulltext_is_ready(struct store *store);
/* Ids among which all letters are that have all of the COUNT WISHES: at most LIMIT, free() them. 1; 0 when that would
 * be more, or some hundred would have to be read first; -1. */
int fulltext_candidates(struct store *store, char *const *wishes, size_t count, size_t limit,
			int64_t **ids, size_t *id_count, struct err *err);
/* Reading those of IDS that the index has not, in several processes. So that they need not wait for who asks: all that
 * the database is asked for is known after fulltext_read_new (NULL on error), they work between the next two, and
 * fulltext_read_end waits for them and remembers the answers for WISHES, which are lent. */
struct fulltext_reading *fulltext_read_new(struct store *store, char *const *wishes, size_t count,
					   const int64_t *ids, size_t id_count, struct err *err);
void fulltext_read_begin(struct fulltext_reading *reading);
void fulltext_read_end(struct fulltext_reading *reading);
/* At any time; who still reads is stopped. */
void fulltext_read_free(struct fulltext_reading **reading);
/* Rows of letters that were indexed since it was called last learn whether there are attachments (until then a row
 * says what a look at its first bytes said). How many rows said something else, or -1. */
int fulltext_teach(struct store *store, struct err *err);
void fulltext_free(struct fulltext **fulltext);

/* --- filling --- */
/* Letters that are not in the index yet; -1. Cheap when all are. */
int64_t fulltext_missing(struct store *store, struct err *err);
/* Brings the index up to the rows, now, in as many processes. PROGRESS may be NULL; -1 from it stops (resumable). */
int fulltext_fill(struct store *store, int processes,
		  int (*progress)(void *arg, int64_t done, int64_t total), void *arg,
		  struct err *err);
/* The same in a child at idle priority, which needs no database: its pid, 0 when nothing is missing, -1. SIGTERM lets
 * it write what it has and end; it ends with its parent too. TRIES_SKIPPED: those too that could not be read before. */
int64_t fulltext_start(struct store *store, bool tries_skipped, struct err *err);

#endif
