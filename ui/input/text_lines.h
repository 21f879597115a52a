/* A long text that is being written: lines (paragraphs, no LF in them) in an array with a gap where the last
 * change was, and for each line where its rows on the screen begin, made when somebody looks. A key press
 * costs its own line, whatever the text holds. */
#ifndef UI_INPUT_TEXT_LINES_H
#define UI_INPUT_TEXT_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "store/base/str.h"

struct buf;
struct text_lines;

/* A place: line number from 0, byte offset in it. */
struct text_pos {
	size_t line, at;
};

struct text_lines *text_lines_new(void); /* one empty line */
void text_lines_free(struct text_lines **lines);
size_t text_lines_count(const struct text_lines *lines); /* at least 1 */
struct span text_lines_get(const struct text_lines *lines, size_t line); /* lent until the next change */
/* Puts TEXT (LF between lines) in place of FROM..TO; the end of what was put in. */
struct text_pos text_lines_replace(struct text_lines *lines, struct text_pos from,
				   struct text_pos to, const char *text, size_t len);
/* Appends FROM..TO, LF between lines. */
void text_lines_copy(const struct text_lines *lines, struct text_pos from, struct text_pos to,
		     struct buf *out);
struct text_pos text_lines_end(const struct text_lines *lines);
int text_pos_compare(struct text_pos a, struct text_pos b);

/* Where the rows of LINE begin when rows are WIDTH wide (the first is 0): how many. Rows behind the first
 * are narrower by the quote marks, which are to be drawn in front of them again. Lent. */
size_t text_lines_rows(struct text_lines *lines, size_t line, int width, const uint32_t **starts);

#endif
