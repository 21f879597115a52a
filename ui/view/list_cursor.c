#include "config.h"
#include "ui/view/list_cursor.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/utf8.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/input/key.h"

#define WHEEL_LINES 3

static struct list_cursor *of(struct view *view)
{
	return (struct list_cursor *)view;
}

void list_cursor_begin(struct list_cursor *cursor, struct app *app, const struct view_class *class,
		       const struct list_class *list)
{
	cursor->view.class = class;
	cursor->view.app = app;
	cursor->list = list;
}

void list_cursor_go(struct view *view, long at)
{
	struct list_cursor *cursor = of(view);
	long count = cursor->list->count(view);

	if (at >= count)
		at = count - 1;
	cursor->at = at < 0 ? 0 : at;
	if (cursor->list->moved)
		cursor->list->moved(view);
	view->is_dirty = true;
	app_dirty(view->app);
}

void list_cursor_show(struct list_cursor *cursor, struct rect area, int below)
{
	long count = cursor->list->count(&cursor->view);
	long height = area.height > below ? area.height - below : 1;

	cursor->area = area;
	if (cursor->at < cursor->top)
		cursor->top = cursor->at;
	if (cursor->at >= cursor->top + height)
		cursor->top = cursor->at - height + 1;
	if (cursor->top > count - height)
		cursor->top = count - height;
	if (cursor->top < 0)
		cursor->top = 0;
}

void list_cursor_mark(struct canvas *canvas, struct rect row)
{
	canvas_over(canvas, row, STYLE_CURSOR);
	canvas_set_cursor(canvas, row.x, row.y);
}

void list_cursor_draw(struct list_cursor *cursor, struct canvas *canvas, struct rect area)
{
	long count = cursor->list->count(&cursor->view);

	list_cursor_show(cursor, area, 0);
	for (int y = 0; y < area.height && cursor->top + y < count; y++) {
		struct rect row = {area.x, area.y + y, area.width, 1};

		cursor->list->draw_row(&cursor->view, canvas, row, cursor->top + y);
		if (cursor->top + y == cursor->at)
			list_cursor_mark(canvas, row);
	}
}

void list_cursor_move(struct view *view, int lines)
{
	list_cursor_go(view, of(view)->at + lines);
}

void list_cursor_page(struct view *view, int half_pages)
{
	int lines = half_pages * of(view)->area.height / 2;

	list_cursor_move(view, lines ? lines : half_pages);
}

void list_cursor_end(struct view *view, bool to_last)
{
	list_cursor_go(view, to_last ? of(view)->list->count(view) - 1 : 0);
}

static void click(struct view *view, long row)
{
	bool was_there = row == of(view)->at;
	struct err err = ERR_INIT;

	list_cursor_go(view, row);
	if (was_there && of(view)->list->opens && command_run_line(view->app, of(view)->list->opens, &err) < 0)
		app_complain(view->app, &err);
}

void list_cursor_mouse(struct view *view, const struct key *key)
{
	const struct list_cursor *cursor = of(view);
	int y = key->y - cursor->area.y;

	if (key->button == BUTTON_WHEEL_UP)
		list_cursor_move(view, -WHEEL_LINES);
	else if (key->button == BUTTON_WHEEL_DOWN)
		list_cursor_move(view, WHEEL_LINES);
	else if (key->button == BUTTON_LEFT && y >= 0 && y < cursor->area.height &&
		 cursor->top + y < cursor->list->count(view))
		click(view, cursor->top + y);
}

int list_cursor_find(struct view *view, const char *text, bool backwards, struct err *err)
{
	const struct list_cursor *cursor = of(view);
	long i, count = cursor->list->count(view);
	struct buf folded = BUF_INIT;
	int found = 0;

	(void)err;
	utf8_add_folded(&folded, text, strlen(text));
	for (i = 1; i <= count && !found; i++) {
		long at = (cursor->at + (backwards ? count - i : i)) % count;

		found = cursor->list->has(view, at, buf_str(&folded));
		if (found)
			list_cursor_go(view, at);
	}
	buf_free(&folded);
	return found;
}
