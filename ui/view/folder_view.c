#include "config.h"

#include "ui/view/folder_view.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/input/key.h"
#include "ui/screen/format.h"
#include "ui/view/folder_list.h"

#define LOOK_MS	      500
#define WHEEL_LINES   3
#define WIDE_FROM     50
#define COUNT_COLUMNS 9
#define COLUMNS_MAX   76 /* beyond that counts stand too far from their names */

struct folder_view {
	struct view view;
	struct folder_list *list;
	struct loop_timer *timer;
	long cursor, top;
	char *account; /* what the cursor stands on, so that it stays there */
	int64_t folder;
	struct rect area; /* where it was drawn last, for the mouse */
};

static struct folder_view *mine(struct view *view)
{
	return (struct folder_view *)view;
}

static const struct folder_view *mine_const(const struct view *view)
{
	return (const struct folder_view *)view;
}

/* --- place --------------------------------------------------------------------------------------- */

static void remember_place(struct folder_view *folders)
{
	size_t count;
	const struct folder_row *rows = folder_list_rows(folders->list, &count);
	free(folders->account);
	folders->account = NULL;
	folders->folder = 0;
	if (folders->cursor < 0 || folders->cursor >= (long)count)
		return;
	folders->account = mem_strdup(rows[folders->cursor].account);
	folders->folder = rows[folders->cursor].folder;
}

static void go_to(struct folder_view *folders, long row)
{
	size_t count;
	folder_list_rows(folders->list, &count);
	if (row >= (long)count)
		row = (long)count - 1;
	folders->cursor = row < 0 ? 0 : row;
	remember_place(folders);
	folders->view.is_dirty = true;
	app_dirty(folders->view.app);
}

/* Rows may have come and gone: the cursor follows its folder. */
static void follow_place(struct folder_view *folders)
{
	long row = folders->account && folders->folder
			   ? folder_list_find(folders->list, folders->account, folders->folder)
			   : -1;
	size_t count;
	folder_list_rows(folders->list, &count);
	if (row >= 0)
		folders->cursor = row;
	if (folders->cursor >= (long)count)
		folders->cursor = count ? (long)count - 1 : 0;
}

static void scroll(struct folder_view *folders, int height, size_t count)
{
	if (folders->cursor < folders->top)
		folders->top = folders->cursor;
	if (folders->cursor >= folders->top + height)
		folders->top = folders->cursor - height + 1;
	if (folders->top > (long)count - height)
		folders->top = (long)count - height;
	if (folders->top < 0)
		folders->top = 0;
}

/* --- the view's functions ------------------------------------------------------------------------ */

static void draw_heads(struct canvas *canvas, struct rect area)
{
	int end = area.x + area.width - 1;
	canvas_put_right(canvas, end, area.y, STYLE_DIM, _("all"));
	canvas_put_right(canvas, end - COUNT_COLUMNS, area.y, STYLE_DIM, _("flagged"));
	canvas_put_right(canvas, end - 2 * COUNT_COLUMNS, area.y, STYLE_DIM, _("unread"));
}

static void draw(struct view *view, struct canvas *canvas, struct rect area)
{
	struct folder_view *folders = mine(view);
	size_t count;
	const struct folder_row *rows = folder_list_rows(folders->list, &count);
	bool is_wide = area.width >= WIDE_FROM;
	int columns = area.width < COLUMNS_MAX ? area.width : COLUMNS_MAX;
	if (is_wide && area.height > 4) {
		draw_heads(canvas, (struct rect){area.x, area.y, columns, 1});
		area.y++;
		area.height--;
	}
	folders->area = area;
	follow_place(folders);
	scroll(folders, area.height, count);
	if (!count)
		canvas_put(canvas, area.x + 2, area.y, area.width - 2, STYLE_DIM,
			   _("There is no account yet."));
	for (int y = 0; y < area.height && folders->top + y < (long)count; y++)
		folder_list_draw_row(&rows[folders->top + y], canvas,
				     (struct rect){area.x, area.y + y, columns, 1}, is_wide);
	if (count) {
		int y = area.y + (int)(folders->cursor - folders->top);
		canvas_over(canvas, (struct rect){area.x, y, area.width, 1}, STYLE_CURSOR);
		canvas_set_cursor(canvas, area.x, y);
	}
}

static void title_line(struct view *view, struct buf *left, struct buf *right)
{
	size_t count;
	const struct folder_row *rows = folder_list_rows(mine(view)->list, &count);
	int64_t unread = 0;
	for (size_t i = 0; i < count; i++)
		if (!rows[i].depth)
			unread += rows[i].unread;
	buf_add_str(left, _("Folders"));
	struct buf number = BUF_INIT;
	format_add_count(&number, unread);
	if (unread)
		buf_printf(right, ngettext("%s unread message", "%s unread messages",
					   (unsigned long)unread),
			   buf_str(&number));
	buf_free(&number);
}

static void move(struct view *view, int lines)
{
	go_to(mine(view), mine(view)->cursor + lines);
}

static void move_page(struct view *view, int half_pages)
{
	int height = mine(view)->area.height;
	int lines = half_pages % 2 ? half_pages * (height / 2) : half_pages / 2 * height;
	go_to(mine(view), mine(view)->cursor + (lines ? lines : half_pages));
}

static void move_end(struct view *view, bool to_last)
{
	size_t count;
	folder_list_rows(mine(view)->list, &count);
	go_to(mine(view), to_last ? (long)count - 1 : 0);
}

static int find(struct view *view, const char *text, bool backwards, struct err *err)
{
	(void)err;
	struct buf needle = BUF_INIT;
	utf8_add_folded(&needle, text, strlen(text));
	size_t count;
	const struct folder_row *rows = folder_list_rows(mine(view)->list, &count);
	int found = 0;
	for (size_t i = 1; i <= count && !found; i++) {
		size_t at = ((size_t)mine(view)->cursor + (backwards ? count - i : i)) % count;
		if (utf8_find_folded(rows[at].label, strlen(rows[at].label), buf_str(&needle)) < 0)
			continue;
		go_to(mine(view), (long)at);
		found = 1;
	}
	buf_free(&needle);
	return found;
}

static void open_current(struct folder_view *folders)
{
	struct err err = ERR_INIT;
	if (command_run_line(folders->view.app, "open", &err))
		app_complain(folders->view.app, &err);
}

static void mouse(struct view *view, const struct key *key)
{
	struct folder_view *folders = mine(view);
	if (key->button == BUTTON_WHEEL_UP || key->button == BUTTON_WHEEL_DOWN) {
		move(view, key->button == BUTTON_WHEEL_UP ? -WHEEL_LINES : WHEEL_LINES);
		return;
	}
	size_t count;
	folder_list_rows(folders->list, &count);
	long row = folders->top + key->y - folders->area.y;
	if (key->button != BUTTON_LEFT || key->y < folders->area.y || row >= (long)count)
		return;
	bool was_there = row == folders->cursor;
	go_to(folders, row);
	if (was_there)
		open_current(folders);
}

static void notice(struct view *view, const struct notice *news)
{
	folder_list_notice(mine(view)->list, news);
	view->is_dirty = true;
}

static void look(void *arg)
{
	struct folder_view *folders = arg;
	folders->timer = loop_add_timer(folders->view.app->loop, "folders", LOOK_MS, look, folders);
	if (app_top(folders->view.app) == &folders->view && folder_list_look(folders->list))
		app_dirty(folders->view.app);
}

static void free_view(struct view *view)
{
	struct folder_view *folders = mine(view);
	if (folders->timer)
		loop_remove_timer(view->app->loop, &folders->timer);
	folder_list_free(&folders->list);
	free(folders->account);
	free(folders);
}

static const struct view_class folder_class = {
	.kind = VIEW_FOLDERS,
	.name = "folders",
	.title = N_("Folders"),
	.free = free_view,
	.draw = draw,
	.title_line = title_line,
	.mouse = mouse,
	.move = move,
	.move_page = move_page,
	.move_end = move_end,
	.find = find,
	.notice = notice,
};

/* --- for commands -------------------------------------------------------------------------------- */

struct view *folder_view_new(struct app *app, const char *account, int64_t folder)
{
	struct folder_view *folders = mem_alloc(sizeof *folders);
	folders->view.class = &folder_class;
	folders->view.app = app;
	folders->list = folder_list_new(app, account);
	long row = account ? folder_list_find(folders->list, account, folder) : -1;
	if (row < 0)
		row = folder_list_next(folders->list, -1, false, false);
	folders->cursor = row < 0 ? 0 : row;
	remember_place(folders);
	if (app->loop)
		folders->timer = loop_add_timer(app->loop, "folders", LOOK_MS, look, folders);
	return &folders->view;
}

int folder_view_current(const struct view *view, const char **account, int64_t *folder)
{
	const struct folder_view *folders = mine_const(view);
	*account = folders->account;
	*folder = folders->folder;
	return folders->folder != 0;
}

int folder_view_next_unread(struct view *view, bool backwards)
{
	long row = folder_list_next(mine(view)->list, mine(view)->cursor, backwards, true);
	if (row < 0)
		return 0;
	go_to(mine(view), row);
	return 1;
}

int folder_view_fold(struct view *view)
{
	size_t count;
	const struct folder_row *rows = folder_list_rows(mine(view)->list, &count);
	long at = mine(view)->cursor;
	if (at < 0 || at >= (long)count || !rows[at].has_below)
		return 0;
	folder_list_toggle(mine(view)->list, (size_t)at);
	app_dirty(view->app);
	return 1;
}
