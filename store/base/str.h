/* Text in ASCII terms, and spans: bytes that somebody else owns. Nothing here looks at the locale. */
#ifndef STORE_BASE_STR_H
#define STORE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

struct span {
	const char *data;
	size_t len;
};

#define SPAN_NONE      ((struct span){NULL, 0})
#define SPAN(text)     ((struct span){(text), sizeof(text) - 1})

struct span span_of(const char *text);
bool span_equal(struct span a, struct span b);
/* ASCII case is ignored in all of the ..._nocase functions. */
bool span_equal_nocase(struct span a, const char *b);
bool span_starts_nocase(struct span a, const char *prefix);
struct span span_trim(struct span s); /* space, tab, CR, LF off both ends */
/* Takes the piece before the first SEP off *REST into *PIECE. 1 with a piece, 0 at the end. */
int span_split(struct span *rest, char sep, struct span *piece);
/* Offset of the first C at or behind FROM, or s.len. */
size_t span_find(struct span s, size_t from, char c);

bool str_equal_nocase(const char *a, const char *b);
bool str_starts(const char *text, const char *prefix);
bool str_starts_nocase(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);
void str_lower(char *text); /* ASCII, in place */
char char_lower(char c);
bool char_is_space(char c); /* space \t \r \n \f \v */
bool char_is_digit(char c);
bool char_is_alnum(char c);
/* Whole TEXT as a decimal number. 0, or -1 when it is none or too large. */
int str_to_long(const char *text, long long *value);
/* The candidate (a NULL-ended list) nearest to WORD by edits, or NULL when none is near. */
const char *str_nearest(const char *word, const char *const *candidates);

#endif
