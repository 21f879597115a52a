/* One file of the index of words: some letters, whole and never changed. The set of these files in a folder is
 * the index (texts.h); there is nothing besides that could disagree with them.
 *
 * Why files of our own and not FTS5 (both measured here on the same 100,000 letters, tests/bench/search.sh):
 * see texts.h.
 *
 *	postings   for each term, in order of terms: its letters, then their places
 *	ids        uint32, the message id of each letter of this file
 *	terms      blocks of BLOCK_TERMS, sorted, each term without what it shares with the one before
 *	blocks     struct segment_block for each
 *	sums       a sum for each page of all the above
 *	end        struct segment_end, with a sum of the sums and of itself
 *
 * A term is a letter that says where the word stands (enum word_field) and the word. Its letters: for each the
 * difference to the one before, doubled, one more when the word stands there once only, else how often behind
 * it. Its places: differences, anew in each letter. Numbers are in the order of bytes of this machine.
 *
 * A page's sum is looked at when the page is read for the first time. So nothing needs to be synced: a file that
 * a power cut left half, that was cut or changed, is found out before an answer is made of it. */
#ifndef STORE_SEARCH_SEGMENT_H
#define STORE_SEARCH_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/search/words.h"

#define SEGMENT_PAGE	    4096
#define SEGMENT_BLOCK_TERMS 32
#define SEGMENT_MAGIC	    0x31736472576e7254u /* "TrnWrds1" */

enum word_field {
	FIELD_FROM = 'f',
	FIELD_TO = 't',
	FIELD_CC = 'c',
	FIELD_SUBJECT = 's',
	FIELD_BODY = 'b',
	FIELD_NAME = 'n', /* of an attachment */
	FIELD_LIST = 'l', /* the mailing list it came by */
	FIELD_TYPE = 'm', /* of a part */
	FIELD_FACT = 'x', /* what is true of the letter, no word of it: WISH_ATTACHMENT, letter_words.h */
};
#define TERM_MAX (WORD_MAX + 1)

struct segment_block {
	uint64_t terms_at, postings_at;
};

struct segment_end {
	uint64_t magic, kind, ids_at, terms_at, blocks_at, sums_at, file_size;
	uint32_t id_count, block_count, page_count, sum;
};

struct segment;

/* A term and where its postings lie. */
struct segment_term {
	char text[TERM_MAX];
	size_t len;
	uint32_t docs; /* letters that have it */
	uint64_t at;
	uint32_t docs_len, places_len;
	/* for segment_next */
	uint32_t block, in_block;
	const uint8_t *next, *end;
	uint64_t next_at;
};

/* NULL: no such file, or not whole, or not of KIND. */
struct segment *segment_open(const char *path, uint64_t kind);
void segment_close(struct segment **segment);
const char *segment_path(const struct segment *segment);
uint64_t segment_size(const struct segment *segment);
/* Message ids by number of the letter in this file, lent; in no order. */
const uint32_t *segment_ids(const struct segment *segment, uint32_t *count);
/* The first term that is not before TEXT: 1, 0 there is none, -1 the file is damaged. */
int segment_seek(struct segment *segment, const char *text, size_t len, struct segment_term *term);
/* Start with segment_seek; the next one. */
int segment_next(struct segment *segment, struct segment_term *term);
/* Postings, lent; NULL: damaged. */
const uint8_t *segment_docs(struct segment *segment, const struct segment_term *term);
const uint8_t *segment_places(struct segment *segment, const struct segment_term *term);
/* Gives memory back; what is looked at again is read again. */
void segment_rest(const struct segment *segment);
/* Was damage met? Then no answer of it counts. */
bool segment_is_damaged(const struct segment *segment);
uint32_t segment_sum(uint32_t seed, const void *data, size_t len);

/* Through the letters of one term. */
struct segment_docs {
	const uint8_t *at, *end;
	uint32_t doc, count; /* its number, how often the word stands there */
	uint32_t limit;	     /* numbers are below */
	bool is_begun;
};
bool segment_docs_next(struct segment_docs *docs);

#endif
