/* Filling the index of words (texts.h). No database is needed here, so that a child made by fork can do it. */
#ifndef STORE_SEARCH_TEXTS_FILL_H
#define STORE_SEARCH_TEXTS_FILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/box/box.h"
#include "store/search/bits.h"

struct err;

struct texts_letter {
	uint32_t id;
	uint32_t place; /* index into PLACES */
	const char *key;
	struct box_hint hint;
};

struct texts_job {
	const char *dir;
	uint64_t kind;
	const char *const *places; /* paths of boxes */
	size_t place_count;
	const struct texts_letter *letters;
	size_t letter_count;
	const struct bits *alive; /* ids that still exist, or NULL: all do */
	uint32_t whole_to;	  /* what texts_whole_to says when all went well */
	int processes;		  /* 1 or more */
	/* Called now and then with letters done; -1 stops (resumable). May be NULL. Never with several processes
	 * at once: from the one that called. */
	int (*progress)(void *arg, int64_t done, int64_t total);
	void *arg;
};

/* -1: ERR_TEMPORARY (another program does it), ERR_CANCELLED. What was written stays. */
int texts_fill(const struct texts_job *job, struct err *err);

/* Opens one letter after another: boxes stay open while they serve. */
struct letter_opener;
struct letter_opener *letter_opener_new(const char *const *places, size_t count);
void letter_opener_free(struct letter_opener **opener);
int letter_opener_open(struct letter_opener *opener, const struct texts_letter *letter,
		       struct box_message *message);

#endif
