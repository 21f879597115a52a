/* Lines of our own to read and search: help, the log. Each line has a style and may carry a command line
 * that Enter or a double click runs. */
#ifndef UI_VIEW_TEXT_VIEW_H
#define UI_VIEW_TEXT_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/screen/theme.h"
#include "ui/view/view.h"

struct text_line {
	char *key; /* in its own column, or NULL */
	char *text;
	enum style style;
	int indent; /* columns, of all its rows but the first */
};

/* A piece of a line that fits into one row. */
struct text_row {
	size_t line, from, len;
};

/* Embedded first in the views that are such texts. */
struct text_view {
	struct view view;
	struct text_line *lines;
	size_t count, cap;
	struct text_row *wrapped; /* lines as they break at .width */
	size_t wrapped_count, wrapped_cap;
	int width;  /* they were broken for, 0: not yet */
	size_t top; /* a row of .wrapped */
	int rows;   /* of the last drawing */
	long found;	/* line of the last hit, -1 none */
	char *searched; /* folded text of the last search */
	int key_width;
};

void text_view_begin(struct text_view *text, struct app *app, const struct view_class *class);
void text_view_clear(struct text_view *text);
void text_view_add(struct text_view *text, enum style style, const char *key, const char *line);
/* Where the line added last is wrapped, what follows stands so many columns further right. */
void text_view_indent(struct text_view *text, int columns);
void text_view_release(struct text_view *text); /* what it owns, not itself */
void text_view_free(struct view *view);		/* for the class of one that owns nothing else */

/* For the class of a view that begins with a struct text_view: these, or all of them by TEXT_VIEW_WAYS. */
void text_view_draw(struct view *view, struct canvas *canvas, struct rect area);
void text_view_move(struct view *view, int lines);
void text_view_move_page(struct view *view, int half_pages);
void text_view_move_end(struct view *view, bool to_last);
int text_view_find(struct view *view, const char *text, bool backwards, struct err *err);

#define TEXT_VIEW_WAYS \
	.draw = text_view_draw, .move = text_view_move, .move_page = text_view_move_page, \
	.move_end = text_view_move_end, .find = text_view_find

void text_view_place(const struct text_view *text, struct buf *out); /* "62%" */

#endif
