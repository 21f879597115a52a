/* Text in the order in which it is seen (UAX 9): Hebrew and Arabic run from right to left, numbers and Latin words
 * within them from left to right. Joining Arabic letters is left to the terminal. Door: fribidi. */
#ifndef UI_SCREEN_BIDI_H
#define UI_SCREEN_BIDI_H

#include <stdbool.h>
#include <stddef.h>

struct bidi;

/* One grapheme, at its place from left to right. */
struct bidi_piece {
	size_t at, len; /* in the text */
	int x, width;	/* columns; X counts from the left end of the row */
	char mirror[5]; /* what is drawn instead (a bracket that faces the other way), or "" */
};

/* Is there anything in TEXT that runs from right to left, and is it to be turned (bidi_new)? Quick; without it
 * nothing here is needed. */
bool bidi_has_rtl(const char *text, size_t len);
/* TEXT is one paragraph, printable; it stays the caller's and must live as long. Its direction is that of its
 * first letter. One of more than 16 KB is left as it is stored. */
struct bidi *bidi_new(const char *text, size_t len);
void bidi_free(struct bidi **bidi);
bool bidi_is_rtl(const struct bidi *bidi);
/* The row that bytes FROM to TO make, from left to right; the caller frees *PIECES. How many. */
size_t bidi_row(const struct bidi *bidi, size_t from, size_t to, struct bidi_piece **pieces);
/* What is put into the cell of PIECE. */
const char *bidi_text(const struct bidi_piece *piece, const char *text, size_t *len);

#endif
