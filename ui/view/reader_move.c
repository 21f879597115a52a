#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/utf8.h"
#include "ui/command/command.h"
#include "ui/input/key.h"
#include "ui/view/reader_private.h"
#include "ui/view/reader_view.h"

#define WHEEL 3

static void go(struct reader_view *reader, int rows)
{
	int width = reader_text_width(reader);
	struct doc_pos pos = reader->top;

	for (; rows > 0 && !reader_shows_end(reader, pos); rows--)
		doc_next(reader->doc, &pos, reader->width, width);
	for (; rows < 0 && doc_before(reader->doc, &pos, reader->width, width); rows++)
		;
	reader->top = pos;
	app_dirty(reader->view.app);
}

void reader_move(struct view *view, int lines)
{
	go(reader_of(view), lines);
}

void reader_move_page(struct view *view, int half_pages)
{
	struct reader_view *reader = reader_of(view);
	int half = reader->height / 2, page = reader->height > 2 ? reader->height - 1 : 1;

	go(reader, half_pages % 2 ? half_pages * (half ? half : 1) : half_pages / 2 * page);
}

void reader_move_end(struct view *view, bool to_last)
{
	struct reader_view *reader = reader_of(view);
	int width = reader_text_width(reader);
	struct doc_pos pos = {0, 0};

	if (to_last && reader->doc->shown_count) {
		pos = (struct doc_pos){reader->doc->shown_count - 1, 0};
		while (doc_next(reader->doc, &pos, reader->width, width))
			;
		for (int y = 1; y < reader->height; y++)
			if (!doc_before(reader->doc, &pos, reader->width, width))
				break;
	}
	reader->top = pos;
	app_dirty(view->app);
}

bool reader_view_page(struct view *view)
{
	struct reader_view *reader = reader_of(view);

	if (reader_shows_end(reader, reader->top))
		return false;
	reader_move_page(view, 2);
	return true;
}

void reader_view_skip_quoted(struct view *view)
{
	struct reader_view *reader = reader_of(view);
	const struct doc *doc = reader->doc;
	size_t line = reader->top.line;

	while (line < doc->shown_count && !doc->shown[line].depth)
		line++;
	while (line < doc->shown_count && doc->shown[line].depth)
		line++;
	if (line < doc->shown_count)
		reader->top = (struct doc_pos){line, 0};
	app_dirty(view->app);
}

static bool fold_here(struct reader_view *reader, size_t line)
{
	long at = doc_fold_quote(reader->doc, line);

	if (at < 0)
		return false;
	if ((size_t)at < reader->top.line)
		reader->top = (struct doc_pos){(size_t)at, 0};
	reader->has_hit = false;
	app_dirty(reader->view.app);
	return true;
}

bool reader_view_fold_quote(struct view *view, int row)
{
	struct reader_view *reader = reader_of(view);
	struct doc_pos pos = reader->top;

	for (int y = 0; y < reader->height; y++) {
		if ((row < 0 || row == y) && fold_here(reader, pos.line))
			return true;
		if (!doc_next(reader->doc, &pos, reader->width, reader_text_width(reader)))
			break;
	}
	return false;
}

/* The rows about signatures were clicked on. */
static void show_verdict(struct app *app)
{
	struct err err = ERR_INIT;

	if (command_run_line(app, "verdict", &err) < 0)
		app_complain(app, &err);
}

void reader_mouse(struct view *view, const struct key *key)
{
	if (key->button == BUTTON_WHEEL_UP)
		go(reader_of(view), -WHEEL);
	else if (key->button == BUTTON_WHEEL_DOWN)
		go(reader_of(view), WHEEL);
	else if (key->button == BUTTON_LEFT && key->y < reader_of(view)->text_y)
		show_verdict(view->app);
	else if (key->button == BUTTON_LEFT)
		reader_view_fold_quote(view, key->y - reader_of(view)->text_y);
}

/* --- search --- */

static bool is_visible(const struct reader_view *reader, struct doc_pos at)
{
	struct doc_pos pos = reader->top;

	for (int y = 0; y < reader->height; y++) {
		if (pos.line == at.line && pos.at == at.at)
			return true;
		if (!doc_next(reader->doc, &pos, reader->width, reader_text_width(reader)))
			return false;
	}
	return false;
}

/* From FROM on, and once round. */
static bool find_round(const struct reader_view *reader, bool backwards, struct doc_pos from,
		       struct doc_pos *found)
{
	struct doc_pos end = {backwards ? reader->doc->shown_count : SIZE_MAX, 0};

	return doc_find(reader->doc, reader->needle, backwards, from, found, reader->width,
			reader_text_width(reader)) ||
	       doc_find(reader->doc, reader->needle, backwards, end, found, reader->width,
			reader_text_width(reader));
}

int reader_find(struct view *view, const char *text, bool backwards, struct err *err)
{
	struct reader_view *reader = reader_of(view);
	struct buf folded = BUF_INIT;
	struct doc_pos from = reader->top, found;

	(void)err;
	utf8_add_folded(&folded, text, strlen(text));
	free(reader->needle);
	reader->needle = buf_take(&folded);
	app_dirty(view->app);
	if (!*reader->needle)
		return 0;
	if (reader->has_hit && is_visible(reader, reader->hit))
		from = reader->hit;
	else if (!backwards)
		from.line--; /* the top line counts */
	if (!find_round(reader, backwards, from, &found))
		return 0;
	reader->hit = found;
	reader->has_hit = true;
	if (!is_visible(reader, found))
		reader->top = found;
	return 1;
}
