/* A row as a small language: "%flags %date  %from(20) %subject %size". "%name" is an item of the caller's
 * table, "(N)" its columns, "(N%)" its share of the row, "%%" a percent sign; the rest is text as it
 * stands. Compiled once, drawn often. */
#ifndef UI_SCREEN_FORMAT_H
#define UI_SCREEN_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/screen/canvas.h"

struct buf;
struct err;
struct format;

#define FORMAT_AS_LONG 0    /* as long as its text; when that is empty, the text behind it goes too */
#define FORMAT_REST    (-1) /* what the others leave */

struct format_item {
	const char *name;
	int width; /* columns, or one of the above */
	bool is_right;
	int least; /* a row narrower than this does without it */
};

/* Appends the text of item AT to OUT; may change *STYLE. */
typedef void format_fn(void *arg, int at, struct buf *out, enum style *style);

/* ITEMS end with a NULL name and must live as long. NULL with a sentence: no such item, a bad width. */
struct format *format_new(const char *text, const struct format_item *items, struct err *err);
void format_free(struct format **format);
/* Draws one row (AREA's height is 1). */
void format_draw(const struct format *format, struct canvas *canvas, struct rect area,
		 enum style style, format_fn *get, void *arg);

/* "1 K", "88 K", "1.2 M": at most 6 columns. */
void format_add_size(struct buf *out, int64_t bytes);
/* "1 204" */
void format_add_count(struct buf *out, int64_t count);

#endif
