/* UTF-8 and what it takes on a screen (door: utf8proc). */
#ifndef STORE_BASE_UTF8_H
#define STORE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define UTF8_REPLACEMENT 0xfffdu

/* The code point at TEXT (LEN > 0 bytes): its length in bytes, *CODE set; for a bad byte 1 and
 * UTF8_REPLACEMENT. Never reads past LEN. */
size_t utf8_decode(const char *text, size_t len, uint32_t *code);
/* Bytes written to OUT (1 to 4, no NUL). */
size_t utf8_encode(uint32_t code, char out[4]);
bool utf8_is_valid(const char *text, size_t len);
/* Appends TEXT with each bad byte as U+FFFD. */
void utf8_add_valid(struct buf *out, const char *text, size_t len);

/* One grapheme (what a person calls a character) from TEXT: its bytes; *WIDTH columns: 0, 1 or 2.
 * Controls count as width 0 graphemes of their own: take them out before (utf8_add_printable). */
size_t utf8_grapheme(const char *text, size_t len, int *width);
/* Start of the grapheme that ends before AT (0 < AT <= LEN). */
size_t utf8_grapheme_before(const char *text, size_t len, size_t at);
/* Columns of the whole text. */
int utf8_width(const char *text, size_t len);
/* How many bytes fit into COLUMNS; *USED the columns they take (may be one less: wide character). */
size_t utf8_fit(const char *text, size_t len, int columns, int *used);
/* Appends TEXT fit for a screen: valid UTF-8, no C0, C1, DEL, no bidi control, no private or unassigned
 * code; newline and tab become spaces; what is taken out becomes U+FFFD (bidi controls: nothing). */
void utf8_add_printable(struct buf *out, const char *text, size_t len);
/* Appends TEXT folded for comparing: no case, no accents (compatibility decomposition). */
void utf8_add_folded(struct buf *out, const char *text, size_t len);
/* Is NEEDLE (already folded) in TEXT once that is folded? Offset in the folded text, or -1. */
long utf8_find_folded(const char *text, size_t len, const char *needle);

#endif
