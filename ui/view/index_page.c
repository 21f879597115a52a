#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mail/many.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/input/key.h"
#include "ui/screen/format.h"
#include "ui/view/folder_list.h"
#include "ui/view/index_private.h"
#include "ui/view/index_view.h"

#define WHEEL_LINES	3
#define SIDE_BAR_FROM	100 /* columns, when it is "auto" */
#define SIDE_BAR_LEAST	50  /* below that it never fits */
#define WHOSE_COLUMNS	9 /* for the name of the account, where there are several */
#define WHOSE_WIDE	14
#define WHOSE_FROM	100
#define WHOSE_LEAST	40

static void use_format(struct index_view *index)
{
	struct app *app = index->view.app;
	struct err err = ERR_INIT;
	const char *text = app_option_text(app, "index", "format");
	index->has_tree_lines = app_option_bool(app, "index", "tree-lines");
	if (index->format && !strcmp(index->format_text, text))
		return;
	struct format *format = index_format(text, &err);
	if (!format)
		index_complain_once(index, &err);
	if (!format && !index->format)
		format = index_format("%flags %date  %from %tree%subject %size", NULL);
	free(index->format_text);
	index->format_text = mem_strdup(text);
	if (!format)
		return;
	format_free(&index->format);
	index->format = format;
}

/* --- the side bar --- */

static int side_bar_width(const struct index_view *index, int columns)
{
	const struct app *app = index->view.app;
	int width = (int)app_option_int(app, "index", "side-bar-width");
	const char *when = app_option_text(app, "index", "side-bar");
	bool is_on = !strcmp(when, "on") || (!strcmp(when, "auto") && columns >= SIDE_BAR_FROM);
	if (index->side_bar >= 0)
		is_on = index->side_bar;
	if (!is_on || columns < SIDE_BAR_LEAST)
		return 0;
	return width < columns / 2 ? width : columns / 2;
}

static void scroll_side_bar(struct index_view *index, long row, long count, int height)
{
	if (row >= 0 && row < index->side_top)
		index->side_top = row;
	if (row >= index->side_top + height)
		index->side_top = row - height + 1;
	if (index->side_top > count - height)
		index->side_top = count - height;
	if (index->side_top < 0)
		index->side_top = 0;
}

/* The account whose row in the list of folders stands for what is shown. */
const char *index_place(const struct index_view *index)
{
	if (index->scope == INDEX_FOLDER)
		return index->account;
	return index->scope == INDEX_INBOXES ? "" : "*";
}

static void draw_side_bar(struct index_view *index, struct canvas *canvas, struct rect area)
{
	size_t count;
	const struct folder_row *rows = folder_list_rows(index->folders, &count);
	long here = folder_list_find(index->folders, index_place(index), index->folder);
	scroll_side_bar(index, here, (long)count, area.height);
	for (int y = 0; y < area.height; y++) {
		struct rect row = {area.x, area.y + y, area.width - 1, 1};
		long at = index->side_top + y;
		if (at < (long)count)
			folder_list_draw_row(&rows[at], canvas, row, false);
		if (at == here && here >= 0)
			canvas_over(canvas, row, STYLE_CURSOR);
		canvas_put(canvas, area.x + area.width - 1, area.y + y, 1, STYLE_TREE, "│");
	}
}

/* --- the list --- */

/* A sentence where rows would be. */
static void draw_empty(struct index_view *index, struct canvas *canvas, struct rect area)
{
	int x = area.x + 5, y = area.y + (area.height > 4 ? 2 : 0), columns = area.width - 5;
	if (index->query)
		canvas_printf(canvas, x, y, columns, STYLE_DIM, _("Nothing here matches \"%s\"."),
			      index->limit);
	else if (index->progress_total > index->progress_done)
		canvas_put(canvas, x, y, columns, STYLE_DIM,
			   _("The messages are being read for the first time; they appear as they come."));
	else
		canvas_put(canvas, x, y, columns, STYLE_DIM, _("No messages here."));
	canvas_set_cursor(canvas, area.x, area.y);
}

/* Where the window stands in the whole list costs a little: only for those who show numbers. */
static void number_rows(struct index_view *index)
{
	struct store_view view = index_store_view(index);
	int64_t messages;
	if (index->first_number || !strstr(index->format_text, "%number"))
		return;
	if (many_counts(index->many, &view, &messages, &index->first_number, index->rows[0].id, NULL))
		index->first_number = 0;
}

/* Whose letter it is, before its row. */
static void draw_whose(const struct index_view *index, struct canvas *canvas, struct rect *row, size_t at)
{
	int columns = row->width > WHOSE_FROM ? WHOSE_WIDE : WHOSE_COLUMNS;
	const struct store *store = many_member(index->many, many_whose(index->rows[at].id), NULL);
	if (row->width < WHOSE_LEAST)
		return;
	canvas_put(canvas, row->x + 1, row->y, columns - 2, STYLE_DIM, store_account(store)->name);
	row->x += columns;
	row->width -= columns;
}

static void draw_rows(struct index_view *index, struct canvas *canvas, struct rect area)
{
	int64_t now = time(NULL);
	number_rows(index);
	for (int y = 0; y < area.height; y++) {
		size_t at = (size_t)(index->top + y);
		if (at >= index->count)
			break;
		struct rect row = {area.x, area.y + y, area.width, 1};
		if (index->scope != INDEX_FOLDER)
			draw_whose(index, canvas, &row, at);
		index_draw_row(index, canvas, row, at, now);
	}
	if (index->found)
		canvas_over_text(canvas, area, index->found, STYLE_MATCH);
	int y = area.y + (int)(index->cursor - index->top);
	canvas_over(canvas, (struct rect){area.x, y, area.width, 1}, STYLE_CURSOR);
	canvas_set_cursor(canvas, area.x, y);
}

void index_draw(struct view *view, struct canvas *canvas, struct rect area)
{
	struct index_view *index = index_of(view);
	if (area.height < 1 || area.width < 1)
		return;
	int side = side_bar_width(index, area.width);
	index->side_area = (struct rect){area.x, area.y, side, area.height};
	index->list_area = (struct rect){area.x + side, area.y, area.width - side, area.height};
	index->height = area.height;
	use_format(index);
	index_refresh(index);
	index_scroll(index, (int)app_option_int(view->app, "index", "scroll-margin"));
	if (side)
		draw_side_bar(index, canvas, index->side_area);
	if (index->count)
		draw_rows(index, canvas, index->list_area);
	else
		draw_empty(index, canvas, index->list_area);
}

/* --- mouse --- */

static bool is_in(struct rect area, const struct key *key)
{
	return key->x >= area.x && key->x < area.x + area.width && key->y >= area.y &&
	       key->y < area.y + area.height;
}

static void run(struct index_view *index, const char *line)
{
	struct err err = ERR_INIT;
	if (command_run_line(index->view.app, line, &err))
		app_complain(index->view.app, &err);
}

static void open_search(struct index_view *index, const char *name)
{
	struct arena *arena = arena_new();
	run(index, arena_printf(arena, "open-search \"%s\"", name));
	arena_free(&arena);
}

static void click_side_bar(struct index_view *index, long row)
{
	size_t count;
	struct err err = ERR_INIT;
	const struct folder_row *rows = folder_list_rows(index->folders, &count);
	if (row >= (long)count)
		return;
	if (rows[row].is_all)
		run(index, "all-inboxes");
	else if (rows[row].search)
		open_search(index, rows[row].search);
	else if (!rows[row].folder)
		folder_list_toggle(index->folders, (size_t)row);
	else if (index_view_open(&index->view, rows[row].account, rows[row].folder, &err))
		app_complain(index->view.app, &err);
	index_changed(index);
}

void index_mouse(struct view *view, const struct key *key)
{
	struct index_view *index = index_of(view);
	if (key->button == BUTTON_WHEEL_UP || key->button == BUTTON_WHEEL_DOWN) {
		index_move_by(view, key->button == BUTTON_WHEEL_UP ? -WHEEL_LINES : WHEEL_LINES);
		return;
	}
	if (key->button != BUTTON_LEFT)
		return;
	if (is_in(index->side_area, key)) {
		click_side_bar(index, index->side_top + key->y - index->side_area.y);
		return;
	}
	long row = index->top + key->y - index->list_area.y;
	if (!is_in(index->list_area, key) || row >= (long)index->count)
		return;
	bool was_there = row == index->cursor;
	index->cursor = row;
	index_changed(index);
	if (was_there)
		run(index, "open");
}
