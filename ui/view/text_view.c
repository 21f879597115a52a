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

void text_view_init(struct text_view *text)
{
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
	text->found = -1;
}

void text_view_release(struct text_view *text)
{
	text_view_clear(text);
	free(text->lines);
	free(text->searched);
}

void text_view_add(struct text_view *text, enum style style, const char *key, const char *line)
{
	struct text_line *new_line;

	ARRAY_ROOM(text->lines, text->count, text->cap);
	new_line = &text->lines[text->count++];
	new_line->key = key ? mem_strdup(key) : NULL;
	new_line->text = mem_strdup(line);
	new_line->style = style;
}

static void draw_line(const struct text_view *text, size_t at, struct canvas *canvas,
		      struct rect row)
{
	const struct text_line *line = &text->lines[at];
	int x = row.x + 1;

	if (line->key) {
		canvas_put(canvas, x, row.y, text->key_width, STYLE_HELP_KEY, line->key);
		x += text->key_width + 1;
	}
	canvas_put_n(canvas, x, row.y, row.width - x, line->style, line->text, strlen(line->text), true);
	if ((long)at == text->found)
		canvas_over(canvas, row, STYLE_MATCH);
}

static size_t last_top(const struct text_view *text)
{
	size_t rows = text->rows > 0 ? (size_t)text->rows : 1;

	return text->count > rows ? text->count - rows : 0;
}

void text_view_draw(struct view *view, struct canvas *canvas, struct rect area)
{
	struct text_view *text = (struct text_view *)view;
	int y;

	text->rows = area.height;
	if (text->top > last_top(text))
		text->top = last_top(text);
	for (y = 0; y < area.height && text->top + (size_t)y < text->count; y++)
		draw_line(text, text->top + (size_t)y, canvas,
			  (struct rect){area.x, area.y + y, area.width, 1});
	canvas_set_cursor(canvas, area.x,
			  text->found >= (long)text->top ? area.y + (int)(text->found - (long)text->top)
							 : area.y);
}

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
	text->found = (long)at;
	if (at < text->top || at >= text->top + (size_t)text->rows)
		text->top = at > (size_t)text->rows / 3 ? at - (size_t)text->rows / 3 : 0;
	app_dirty(text->view.app);
}

int text_view_find(struct view *view, const char *wanted, bool backwards, struct err *err)
{
	struct text_view *text = (struct text_view *)view;
	struct buf folded = BUF_INIT;
	size_t i, start = text->found >= 0 ? (size_t)text->found : text->top;
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

	if (!text->count || (text->top == 0 && end >= text->count))
		return;
	buf_printf(out, "%zu%%", (end > text->count ? text->count : end) * 100 / text->count);
}
