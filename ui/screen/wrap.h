/* How text falls into rows of a screen: words, wide characters, tabs, and the quote marks in front. All of it
 * is linear, and looks only at what it is asked about. */
#ifndef UI_RENDER_WRAP_H
#define UI_RENDER_WRAP_H

#include <stddef.h>

#define WRAP_TAB 8

/* The grapheme at TEXT (LEN > 0): its bytes; *WIDTH the columns it takes when it stands in column COLUMN
 * (a tab goes to the next stop; a control takes one). */
size_t wrap_step(const char *text, size_t len, int column, int *width);
/* Columns of TEXT when it begins in COLUMN. */
int wrap_width(const char *text, size_t len, int column);
/* How many bytes of TEXT (one line, no LF) the next row of COLUMNS takes: broken behind blanks (which may
 * hang over) or between wide characters, inside a word only when it is longer than a row. At least one
 * grapheme; LEN when all fits. */
size_t wrap_row(const char *text, size_t len, int columns);
#define WRAP_QUOTE_MAX 100 /* marks; what is behind them is text */
/* The quote marks in front ("> > ", ">>", with the blank behind them): bytes; *DEPTH how many. */
size_t wrap_quote(const char *text, size_t len, int *depth);

#endif
