/* UTF-8 and what it takes on a screen (door: utf8proc). */
#ifndef STORE_BASE_UTF8_H
#define STORE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define UTF8_REPLACEMENT 0xfffdu
#define UTF8_MARKS_MAX   5

/* The code point at TEXT (LEN > 0 bytes): its length in bytes, *CODE set; for a bad byte 1 and
 * UTF8_REPLACEMENT. Never reads past LEN. */
size_t utf8_decode(const char *text, size_t len, uint32_t *code);
/* Bytes written to OUT (1 to 4, no NUL). */
size_t utf8_encode(uint32_t code, char out[4]);
bool utf8_is_ascii(const char *text, size_t len);
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
/* Appends TEXT fit for a screen: valid UTF-8, no C0, C1, DEL, no private or unassigned code (they become
 * U+FFFD), newline and tab as spaces, letters that are blank as blanks, at most UTF8_MARKS_MAX marks on a
 * letter. What turns the direction of text or is not seen at all (ZWSP, soft hyphen, tags...) goes without a
 * trace; joiners stay where they join. For running text. */
void utf8_add_printable(struct buf *out, const char *text, size_t len);
/* The same, but the marks of direction (LRM, RLM, ALM) stay, which a paragraph is ordered by: for what
 * ui/screen/bidi orders. They take no column, and a canvas lets none through. */
void utf8_add_prose(struct buf *out, const char *text, size_t len);
/* The same, but what turns the direction (embeddings, overrides, isolates) is named: "⟨RLO⟩". For what
 * a stranger wrote into one line: names, subjects, file names. */
void utf8_add_revealed(struct buf *out, const char *text, size_t len);
/* The same, but whatever is not seen is named: "⟨U+200B⟩". For addresses. */
void utf8_add_exact(struct buf *out, const char *text, size_t len);
/* Appends TEXT folded for comparing: no case, no accents (compatibility decomposition). */
void utf8_add_folded(struct buf *out, const char *text, size_t len);
/* What a search makes of CODE: letters and digits without case and accents into OUT, their number; 0: it
 * leaves no trace (a mark, what is not seen); -1: it separates words. "й" stays what it is, "ё" becomes "е". */
#define UTF8_FOLD_MAX 20
int utf8_fold_word(uint32_t code, uint32_t out[UTF8_FOLD_MAX]);
/* Is NEEDLE (already folded) in TEXT once that is folded? Offset in the folded text, or -1. */
long utf8_find_folded(const char *text, size_t len, const char *needle);

#endif
