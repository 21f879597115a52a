/* A text as words, in the one way in which letters are written into the index, read without it, and in which a
 * query is read: so that the three always agree.
 *
 * A word is a run of letters and digits, without case and accents (utf8_fold_word), cut at WORD_MAX bytes. What
 * else stands between them separates: "anna@example.org" is three words in a row, found as a whole by a phrase
 * and by each part. Writing that knows no spaces (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) becomes
 * pairs of characters, each at the place of its first, and the last character of a run alone: two characters and
 * more are found as a phrase of pairs, one as the beginning of a pair. So do emoji. */
#ifndef STORE_SEARCH_WORDS_H
#define STORE_SEARCH_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORD_MAX  64 /* bytes */
#define WORDS_GAP 64 /* places between two texts, so that no phrase reaches over */

struct words;

struct word {
	const char *text; /* lent while the call lasts; no NUL behind it */
	size_t len;
	uint32_t place; /* of the word in the text */
	bool is_pair;	/* of writing without spaces; LEN of one character: the last of its run */
};

struct words *words_new(void);
void words_free(struct words **words);
/* Calls EACH for the words of TEXT; *PLACE counts on. Bad bytes separate. */
void words_read(struct words *words, const char *text, size_t len, uint32_t *place,
		void (*each)(void *arg, const struct word *word), void *arg);

#endif
