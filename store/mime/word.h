/* Encoded words, RFC 2047, as they really come: broken in the middle of a character, without spaces
 * around them, with spaces in them, raw 8-bit text between them. */
#ifndef STORE_MIME_WORD_H
#define STORE_MIME_WORD_H

#include "store/base/str.h"

struct buf;

/* Appends RAW unfolded and decoded as UTF-8. NUL goes, other line ends and tabs become spaces. */
void word_decode(struct span raw, struct buf *out);
/* The same; 8-bit bytes outside of words that are no UTF-8 are in CHARSET (NULL: guessed). */
void word_decode_as(struct span raw, const char *charset, struct buf *out);
/* Nothing decoded may end a line or a string: of the bytes of OUT from START on NUL goes, other line
 * ends and tabs become spaces. */
void word_make_tame(struct buf *out, size_t start);

#endif
