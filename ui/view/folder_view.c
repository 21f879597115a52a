#include "config.h"

#include "ui/view/folder_view.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/screen/format.h"
#include "ui/view/folder_list.h"
#include "ui/view/list_cursor.h"

#define LOOK_MS	      500
#define WIDE_FROM     50
#define COUNT_COLUMNS 9
#define COLUMNS_MAX   76 /* beyond that counts stand too far from their names */

struct folder_view {
	struct list_cursor cursor;
	struct folder_list *list;
	struct loop_timer *timer;
	char *account; /* what the cursor stands on, so that it stays there */
	int64_t folder;
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

static long count_rows(const struct view *view)
{
	size_t count;

	folder_list_rows(mine_const(view)->list, &count);
	return (long)count;
}

static void remember_place(struct view *view)
{
	struct folder_view *folders = mine(view);
	long at = folders->cursor.at;
	size_t count;
	const struct folder_row *rows = folder_list_rows(folders->list, &count);
	free(folders->account);
	folders->account = NULL;
	folders->folder = 0;
	if (at < 0 || at >= (long)count)
		return;
	folders->account = mem_strdup(rows[at].account);
	folders->folder = rows[at].folder;
}

/* Rows may have come and gone: the cursor follows its folder. */
static void follow_place(struct folder_view *folders)
{
	long row = folders->account && folders->folder
			   ? folder_list_find(folders->list, folders->account, folders->folder)
			   : -1;
	long count = count_rows(&folders->cursor.view);

	if (row >= 0)
		folders->cursor.at = row;
	if (folders->cursor.at >= count)
		folders->cursor.at = count ? count - 1 : 0;
}

/* --- the view's functions ------------------------------------------------------------------------ */

/* Above its column; where the one to the right is wider than its own, further left. */
static void draw_heads(struct canvas *canvas, struct rect area)
{
	const char *const heads[] = {_("all"), _("flagged"), _("unread")};
	int column = area.x + area.width - 1, end = column;

	for (size_t i = 0; i < ARRAY_COUNT(heads); i++, column -= COUNT_COLUMNS) {
		end = end < column ? end : column;
		end -= canvas_put_right(canvas, end, area.y, STYLE_DIM, heads[i]) + 2;
	}
}

static int columns_of(struct rect area)
{
	return area.width < COLUMNS_MAX ? area.width : COLUMNS_MAX;
}

static void draw_row(struct view *view, struct canvas *canvas, struct rect row, long at)
{
	size_t count;
	const struct folder_row *rows = folder_list_rows(mine(view)->list, &count);
	folder_list_draw_row(&rows[at], canvas, (struct rect){row.x, row.y, columns_of(row), 1},
			     row.width >= WIDE_FROM);
}

static void draw(struct view *view, struct canvas *canvas, struct rect area)
{
	if (area.width >= WIDE_FROM && area.height > 4) {
		draw_heads(canvas, (struct rect){area.x, area.y, columns_of(area), 1});
		area.y++;
		area.height--;
	}
	follow_place(mine(view));
	if (!count_rows(view))
		canvas_put(canvas, area.x + 2, area.y, area.width - 2, STYLE_DIM,
			   _("There is no account yet."));
	list_cursor_draw(&mine(view)->cursor, canvas, area);
}

static void title_line(struct view *view, struct buf *left, struct buf *right)
{
	size_t count;
	const struct folder_row *rows = folder_list_rows(mine(view)->list, &count);
	int64_t unread = 0;
	for (size_t i = 0; i < count; i++)
		if (!rows[i].depth && !rows[i].is_all)
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

static bool has(const struct view *view, long at, const char *folded)
{
	size_t count;
	const struct folder_row *rows = folder_list_rows(mine_const(view)->list, &count);

	return utf8_find_folded(rows[at].label, strlen(rows[at].label), folded) >= 0;
}

static void notice(struct view *view, const struct notice *news)
{
	folder_list_notice(mine(view)->list, news);
	view->is_dirty = true;
}

static void look(void *arg)
{
	struct folder_view *folders = arg;
	struct view *view = &folders->cursor.view;

	folders->timer = loop_add_timer(view->app->loop, "folders", LOOK_MS, look, folders);
	if (app_top(view->app) == view && folder_list_look(folders->list))
		app_dirty(view->app);
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
	LIST_CURSOR_WAYS,
	.notice = notice,
};

static const struct list_class rows_class = {
	.count = count_rows,
	.draw_row = draw_row,
	.moved = remember_place,
	.opens = "open",
	.has = has,
};

/* --- for commands -------------------------------------------------------------------------------- */

struct view *folder_view_new(struct app *app, const char *account, int64_t folder)
{
	struct folder_view *folders = mem_alloc(sizeof *folders);
	list_cursor_begin(&folders->cursor, app, &folder_class, &rows_class);
	folders->list = folder_list_new(app, account);
	long row = account ? folder_list_find(folders->list, account, folder) : -1;
	if (row < 0)
		row = folder_list_next(folders->list, -1, false, false);
	folders->cursor.at = row < 0 ? 0 : row;
	remember_place(&folders->cursor.view);
	if (app->loop)
		folders->timer = loop_add_timer(app->loop, "folders", LOOK_MS, look, folders);
	return &folders->cursor.view;
}

int folder_view_current(const struct view *view, const char **account, int64_t *folder)
{
	const struct folder_view *folders = mine_const(view);
	*account = folders->account;
	*folder = folders->folder;
	return folders->folder != 0;
}

const char *folder_view_search(const struct view *view)
{
	const struct folder_view *folders = mine_const(view);
	size_t count;
	const struct folder_row *rows = folder_list_rows(folders->list, &count);
	long at = folders->cursor.at;
	return at >= 0 && at < (long)count ? rows[at].search : NULL;
}

bool folder_view_is_all(const struct view *view)
{
	size_t count;
	const struct folder_row *rows = folder_list_rows(mine_const(view)->list, &count);
	long at = mine_const(view)->cursor.at;
	return at >= 0 && at < (long)count && rows[at].is_all;
}

int folder_view_next_unread(struct view *view, bool backwards)
{
	long row = folder_list_next(mine(view)->list, mine(view)->cursor.at, backwards, true);
	if (row < 0)
		return 0;
	list_cursor_go(view, row);
	return 1;
}

int folder_view_fold(struct view *view)
{
	size_t count;
	const struct folder_row *rows = folder_list_rows(mine(view)->list, &count);
	long at = mine(view)->cursor.at;
	if (at < 0 || at >= (long)count || !rows[at].has_below)
		return 0;
	folder_list_toggle(mine(view)->list, (size_t)at);
	app_dirty(view->app);
	return 1;
}
