/* One thing that is looked for in the texts of letters: a word, its beginning, or words in a row. */
#ifndef STORE_SEARCH_WISH_H
#define STORE_SEARCH_WISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/search/stem.h"
#include "store/search/words.h"

#define WISH_FIELDS_ALL "ftcsbn"       /* enum word_field */
#define WISH_ATTACHMENT "x=attachment" /* spelled: a letter that brings files along */

/* Where the first and the last word of a wish may go on. */
enum wish_ends {
	ENDS_WHOLE = '=',
	ENDS_BEGINS = '*',  /* the last one only begins so */
	ENDS_INSIDE = '~',  /* it may stand inside of longer words, as mutt has it */
	ENDS_FORMS = '%',   /* a single word may be another form of it (stem.h) */
};

struct wish_slot {
	char text[WORD_MAX];
	size_t len;
	uint32_t place; /* from the first slot */
	bool is_pair;	/* words_read's */
	bool may_go_on, may_begin_before;
	struct stem *stem; /* NULL, or what its forms have in common: TEXT is how they begin */
};

struct wish {
	char *fields;
	struct wish_slot *slots;
	size_t count; /* 0: TEXT has no word in it; nothing matches */
};

/* Appended to OUT it says FIELDS, ENDS and TEXT in one word: wish_new reads it. */
struct buf;
void wish_spell(struct buf *out, const char *fields, enum wish_ends ends, const char *text);
struct wish *wish_new(struct words *words, const char *spelled);
void wish_free(struct wish **wish);
bool wish_slot_matches(const struct wish_slot *slot, const char *text, size_t len);

#endif
