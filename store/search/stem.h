/* Forms of one word: "letters" and "letter", "письма" and "письмо" (door: libstemmer; without
 * it a word has no others). */
#ifndef STORE_SEARCH_STEM_H
#define STORE_SEARCH_STEM_H

#include <stdbool.h>
#include <stddef.h>

#include "store/search/words.h"

struct stem;

/* What all forms of WORD have in common: WORD is as words_read tells it, English where it is of Latin letters, Russian
 * where it is of Cyrillic ones. NULL: it has no other form that is known of. */
struct stem *stem_new(const char *word, size_t len);
void stem_free(struct stem **stem);
/* Every form begins with so many bytes of the WORD that it was made of. */
size_t stem_begins(const struct stem *stem);
/* Is WORD one of the forms? */
bool stem_has(struct stem *stem, const char *word, size_t len);

#endif
