#include "config.h"
#include "ui/view/text_view.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "ui/command/app.h"

void text_view_begin(struct text_view *text, struct app *app, const struct view_class *class)
{
	text->view.class = class;
	text->view.app = app;
	text->found = -1;
	text->key_width = 14;
}

void text_view_clear(struct text_view *text)
{
	size_t i;

	for (i = 0; i < text->count; i++) {
		free(text->lines[i].key);
		free(text->lines[i].text);
	}
	text->count = 0;
	text->width = 0;
	text->found = -1;
}

void text_view_release(struct text_view *text)
{
	text_view_clear(text);
	free(text->lines);
	free(text->wrapped);
	free(text->searched);
}

void text_view_free(struct view *view)
{
	text_view_release((struct text_view *)view);
	free(view);
}

void text_view_add(struct text_view *text, enum style style, const char *key, const char *line)
{
	struct text_line *new_line;

	text->width = 0;
	ARRAY_ROOM(text->lines, text->count, text->cap);
	new_line = &text->lines[text->count++];
	new_line->key = key ? mem_strdup(key) : NULL;
	new_line->text = mem_strdup(line);
	new_line->style = style;
}

void text_view_indent(struct text_view *text, int columns)
{
	text->width = 0;
	text->lines[text->count - 1].indent = columns;
}

/* --- rows --------------------------------------------------------------------------------------- */

/* The key stands in its own column, what follows is indented. */
static int text_x(const struct text_view *text, const struct text_line *line, size_t from)
{
	int x = line->key ? text->key_width + 2 : 1;

	/* where half the screen would stay empty it is no help */
	return from && x + line->indent <= text->width / 2 ? x + line->indent : x;
}

/* Bytes of TEXT for one row: up to a blank where there is one in its second half. */
static size_t fitting(const char *text, int width)
{
	int used;
	size_t fit = utf8_fit(text, strlen(text), width > 4 ? width : 4, &used), cut = fit;

	if (!text[fit])
		return fit;
	while (cut > fit / 2 && text[cut] != ' ')
		cut--;
	return cut > fit / 2 ? cut : fit;
}

static void add_row(struct text_view *text, struct text_row row)
{
	ARRAY_ROOM(text->wrapped, text->wrapped_count, text->wrapped_cap);
	text->wrapped[text->wrapped_count++] = row;
}

static void wrap_line(struct text_view *text, size_t at)
{
	const struct text_line *line = &text->lines[at];
	size_t from = 0;

	do {
		size_t len = fitting(line->text + from, text->width - text_x(text, line, from) - 1);

		add_row(text, (struct text_row){at, from, len});
		from += len;
		while (line->text[from] == ' ')
			from++;
	} while (line->text[from]);
}

static size_t row_of_line(const struct text_view *text, size_t line)
{
	size_t row = 0;

	while (row + 1 < text->wrapped_count && text->wrapped[row].line < line)
		row++;
	return row;
}

static void wrap(struct text_view *text, int width)
{
	bool at_end = text->top >= text->wrapped_count;
	size_t line = at_end ? 0 : text->wrapped[text->top].line, i;

	if (text->width == width)
		return;
	text->width = width;
	text->wrapped_count = 0;
	for (i = 0; i < text->count; i++)
		wrap_line(text, i);
	text->top = at_end ? (text->top ? text->wrapped_count : 0) : row_of_line(text, line);
}

static void draw_row(const struct text_view *text, size_t at, struct canvas *canvas, struct rect area)
{
	const struct text_row *row = &text->wrapped[at];
	const struct text_line *line = &text->lines[row->line];
	int x = text_x(text, line, row->from);

	if (line->key && !row->from)
		canvas_put(canvas, area.x + 1, area.y, text->key_width, STYLE_HELP_KEY, line->key);
	canvas_put_n(canvas, area.x + x, area.y, area.width - x, line->style,
		     line->text + row->from, row->len, false);
	if ((long)row->line == text->found)
		canvas_over(canvas, area, STYLE_MATCH);
}

static size_t last_top(const struct text_view *text)
{
	size_t rows = text->rows > 0 ? (size_t)text->rows : 1;

	return text->wrapped_count > rows ? text->wrapped_count - rows : 0;
}

static void put_cursor(const struct text_view *text, struct canvas *canvas, struct rect area)
{
	long row = text->found >= 0 ? (long)row_of_line(text, (size_t)text->found) : -1;

	if (row < (long)text->top || row >= (long)text->top + area.height)
		row = (long)text->top;
	canvas_set_cursor(canvas, area.x, area.y + (int)(row - (long)text->top));
}

void text_view_draw(struct view *view, struct canvas *canvas, struct rect area)
{
	struct text_view *text = (struct text_view *)view;
	int y;

	text->rows = area.height;
	wrap(text, area.width);
	if (text->top > last_top(text))
		text->top = last_top(text);
	for (y = 0; y < area.height && text->top + (size_t)y < text->wrapped_count; y++)
		draw_row(text, text->top + (size_t)y, canvas,
			 (struct rect){area.x, area.y + y, area.width, 1});
	put_cursor(text, canvas, area);
}

/* --- moving and finding ------------------------------------------------------------------------- */

void text_view_move(struct view *view, int lines)
{
	struct text_view *text = (struct text_view *)view;
	long top = (long)text->top + lines;

	text->top = top < 0 ? 0 : (size_t)top > last_top(text) ? last_top(text) : (size_t)top;
	app_dirty(view->app);
}

void text_view_move_page(struct view *view, int half_pages)
{
	struct text_view *text = (struct text_view *)view;
	int half = text->rows > 2 ? text->rows / 2 : 1;

	text_view_move(view, half_pages % 2 ? half_pages * half : half_pages / 2 * (text->rows - 1));
}

void text_view_move_end(struct view *view, bool to_last)
{
	struct text_view *text = (struct text_view *)view;

	text->top = to_last ? last_top(text) : 0;
	app_dirty(view->app);
}

static bool line_has(const struct text_line *line, const char *folded)
{
	return utf8_find_folded(line->text, strlen(line->text), folded) >= 0 ||
	       (line->key && utf8_find_folded(line->key, strlen(line->key), folded) >= 0);
}

static void show_line(struct text_view *text, size_t at)
{
	size_t row = row_of_line(text, at), third = (size_t)text->rows / 3;

	text->found = (long)at;
	if (row < text->top || row >= text->top + (size_t)text->rows)
		text->top = row > third ? row - third : 0;
	app_dirty(text->view.app);
}

int text_view_find(struct view *view, const char *wanted, bool backwards, struct err *err)
{
	struct text_view *text = (struct text_view *)view;
	struct buf folded = BUF_INIT;
	size_t i, start = text->found >= 0	  ? (size_t)text->found
			  : text->wrapped_count ? text->wrapped[text->top].line
						: 0;
	int found = 0;

	(void)err;
	utf8_add_folded(&folded, wanted, strlen(wanted));
	for (i = 1; i <= text->count && !found; i++) {
		size_t at = backwards ? (start + text->count - i) % text->count
				      : (start + i - (text->found < 0)) % text->count;

		found = line_has(&text->lines[at], buf_str(&folded));
		if (found)
			show_line(text, at);
	}
	buf_free(&folded);
	return found;
}

void text_view_place(const struct text_view *text, struct buf *out)
{
	size_t end = text->top + (size_t)text->rows;

	if (!text->wrapped_count || (text->top == 0 && end >= text->wrapped_count))
		return;
	buf_printf(out, "%zu%%",
		   (end > text->wrapped_count ? text->wrapped_count : end) * 100 / text->wrapped_count);
}
