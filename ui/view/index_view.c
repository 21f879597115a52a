#include "config.h"

#include "ui/view/index_view.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/many.h"
#include "store/mail/query.h"
#include "store/mail/remote.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/going_on.h"
#include "ui/command/work.h"
#include "ui/input/key.h"
#include "ui/screen/format.h"
#include "ui/view/folder_list.h"
#include "ui/view/index_private.h"

#define LOOK_MS		500 /* between looks at what other programs wrote */
#define WHEEL_LINES	3
#define SIDE_BAR_FROM	100 /* columns, when it is "auto" */
#define SIDE_BAR_LEAST	50  /* below that it never fits */
#define STEP_MAX	20000 /* rows walked for the next thread */
#define WHOSE_COLUMNS	9 /* for the name of the account, where there are several */
#define WHOSE_WIDE	14
#define WHOSE_FROM	100
#define WHOSE_LEAST	40
#define AGAIN_MS	250 /* before what matches is looked for again */
#define CALM_MS		250 /* between readings while the first index is made */

static struct index_view *mine(struct view *view)
{
	return (struct index_view *)view;
}

static const struct index_view *mine_const(const struct view *view)
{
	return (const struct index_view *)view;
}

static void changed(struct index_view *index)
{
	index->view.is_dirty = true;
	app_dirty(index->view.app);
}

/* --- reading ------------------------------------------------------------------------------------- */

/* An error that comes with every look is told once. */
static void complain_once(struct index_view *index, const struct err *err)
{
	if (err->kind == ERR_TEMPORARY)
		return;
	if (index->complained && !strcmp(index->complained, err->text))
		return;
	free(index->complained);
	index->complained = mem_strdup(err->text);
	app_complain(index->view.app, err);
}

static void count_all_folders(struct index_view *index, struct store *store, struct arena *arena)
{
	struct folder *folders;
	size_t count;
	if (store_folders(store, arena, &folders, &count, NULL))
		return;
	for (size_t i = 0; i < count; i++) {
		index->total += folders[i].total;
		index->unread += folders[i].unread;
	}
}

static void count_member(struct index_view *index, size_t at, struct arena *arena)
{
	struct folder folder;
	int64_t id;
	struct store *store = many_member(index->many, at, &id);
	if (!id) {
		count_all_folders(index, store, arena);
	} else if (store_folder(store, id, arena, &folder, NULL) >= 0) {
		index->total += folder.total;
		index->unread += folder.unread;
	}
}

static void read_counts(struct index_view *index)
{
	struct arena *arena = arena_new();
	index->total = index->unread = 0;
	for (size_t i = 0; i < many_count(index->many); i++)
		count_member(index, i, arena);
	arena_free(&arena);
	struct store_view view = index_store_view(index);
	if (index->query && many_counts(index->many, &view, &index->matching, NULL, 0, NULL))
		index->matching = -1;
}

/* --- looking for what matches, in pieces --- */

static bool is_limiting(struct index_view *index)
{
	struct store_view shown = index_store_view(index);
	return index->query && many_looked(index->many, &shown) == LOOKED_SOME;
}

/* Rows found first are shown at once, all others from time to time and in the end. */
static bool wants_rows(const struct index_view *index, int more)
{
	return !more || index->count < (size_t)index->height ||
	       loop_now_ms() - index->read_at_ms > CALM_MS;
}

static void look_on(struct index_view *index);

/* The rest of a line waited for the limit. */
static void limit_is_done(struct index_view *index)
{
	struct app *app = index->view.app;
	struct err err = ERR_INIT;
	if (!app->is_limiting)
		return;
	app->is_limiting = false;
	if (app->prompt) /* the query is still being typed */
		return;
	if (command_resume(app, &err) < 0)
		app_complain(app, &err);
}

static void look_at_piece(void *arg)
{
	struct index_view *index = arg;
	struct store_view shown = index_store_view(index);
	struct err err = ERR_INIT;
	bool is_first = is_limiting(index);
	index->looking = NULL;
	int more = many_look(index->many, &shown, NULL, &err);
	if (more < 0)
		complain_once(index, &err);
	if (more <= 0 || (is_first && wants_rows(index, more)))
		index->is_stale = true;
	if (more > 0)
		look_on(index);
	changed(index);
	if (more <= 0)
		limit_is_done(index);
}

static void look_on(struct index_view *index)
{
	struct store_view shown = index_store_view(index);
	struct app *app = index->view.app;
	enum store_looked state = index->query && app->loop ? many_looked(index->many, &shown)
							    : LOOKED_ALL;
	if (state == LOOKED_ALL || index->looking)
		return;
	if (state == LOOKED_SOME)
		app->is_limiting = true;
	index->looking = loop_add_timer(app->loop, "limit", state == LOOKED_SOME ? 1 : AGAIN_MS,
					look_at_piece, index);
}

static void stop_looking(struct index_view *index)
{
	struct app *app = index->view.app;
	if (index->looking)
		loop_remove_timer(app->loop, &index->looking);
	app->is_limiting = false;
}

static int seek_piece(void *arg, struct err *err)
{
	struct index_view *index = arg;
	struct store_view shown = index_store_view(index);
	if (!is_limiting(index))
		return many_look(index->many, &shown, index->sought, err);
	int more = many_look(index->many, &shown, NULL, err);
	index->is_stale |= more == 0;
	return more < 0 ? -1 : 1;
}

static void stop_seeking(void *arg)
{
	struct index_view *index = arg;
	query_free(&index->sought);
}

/* Is all known that QUERY matches? Else it is looked for, QUERY is taken, and -1 means: run the command again. */
static int look_for(struct index_view *index, struct query **query, struct err *err)
{
	struct store_view shown = index_store_view(index);
	int more = is_limiting(index) ? 1 : many_look(index->many, &shown, *query, err);
	if (more <= 0)
		return more;
	work_begin(index->view.app, seek_piece, stop_seeking, index);
	index->sought = *query;
	*query = NULL;
	changed(index);
	return err_set_kind(err, ERR_TEMPORARY, _("still searching"));
}

/* Rows as the store has them now. What cannot be read this time is tried at the next look. */
static void refresh(struct index_view *index)
{
	if (!index->is_stale)
		return;
	struct err err = ERR_INIT;
	int64_t version = many_data_version(index->many);
	if (index_reload(index, &err)) {
		complain_once(index, &err);
		return;
	}
	index->version = version;
	index->read_at_ms = loop_now_ms();
	read_counts(index);
	look_on(index);
}

static void look(void *arg)
{
	struct index_view *index = arg;
	struct app *app = index->view.app;
	index->timer = loop_add_timer(app->loop, "index", LOOK_MS, look, index);
	app_look_for_inbox(app); /* before a row of all folders is shown in its stead */
	if (many_data_version(index->many) != index->version)
		index->is_stale = true;
	bool is_on_top = app_top(app) == &index->view;
	bool folders_changed = is_on_top && folder_list_look(index->folders);
	if (is_on_top && (index->is_stale || folders_changed))
		changed(index);
}

/* --- drawing ------------------------------------------------------------------------------------- */

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
		complain_once(index, &err);
	if (!format && !index->format)
		format = index_format("%flags %date  %from %tree%subject %size", NULL);
	free(index->format_text);
	index->format_text = mem_strdup(text);
	if (!format)
		return;
	format_free(&index->format);
	index->format = format;
}

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
static const char *place_of(const struct index_view *index)
{
	if (index->scope == INDEX_FOLDER)
		return index->account;
	return index->scope == INDEX_INBOXES ? "" : "*";
}

static void draw_side_bar(struct index_view *index, struct canvas *canvas, struct rect area)
{
	size_t count;
	const struct folder_row *rows = folder_list_rows(index->folders, &count);
	long here = folder_list_find(index->folders, place_of(index), index->folder);
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

/* A sentence where rows would be. */
static void draw_empty(struct index_view *index, struct canvas *canvas, struct rect area)
{
	int x = area.x + 5, y = area.y + (area.height > 4 ? 2 : 0), columns = area.width - 5;
	if (index->query)
		canvas_printf(canvas, x, y, columns, STYLE_DIM, _("Nothing here matches \"%s\"."),
			      index->limit);
	else if (index->progress_total > 0)
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

static void draw(struct view *view, struct canvas *canvas, struct rect area)
{
	struct index_view *index = mine(view);
	if (area.height < 1 || area.width < 1)
		return;
	int side = side_bar_width(index, area.width);
	index->side_area = (struct rect){area.x, area.y, side, area.height};
	index->list_area = (struct rect){area.x + side, area.y, area.width - side, area.height};
	index->height = area.height;
	use_format(index);
	refresh(index);
	index_scroll(index, (int)app_option_int(view->app, "index", "scroll-margin"));
	if (side)
		draw_side_bar(index, canvas, index->side_area);
	if (index->count)
		draw_rows(index, canvas, index->list_area);
	else
		draw_empty(index, canvas, index->list_area);
}

/* --- the line on top ----------------------------------------------------------------------------- */

static const char *sort_words(const struct index_view *index)
{
	switch (index->sort) {
	case SORT_FROM:
		return _("by sender");
	case SORT_SUBJECT:
		return _("by subject");
	case SORT_SIZE:
		return _("by size");
	case SORT_UNREAD:
		return _("unread first");
	case SORT_FLAGGED:
		return _("flagged first");
	case SORT_DATE:
		break;
	}
	return index->is_reversed ? _("oldest first") : NULL;
}

static void add_counts(const struct index_view *index, struct buf *right)
{
	struct buf total = BUF_INIT, part = BUF_INIT;
	format_add_count(&total, index->total);
	if (index->query && index->matching >= 0) {
		format_add_count(&part, index->matching);
		buf_printf(right, _("%s of %s shown"), buf_str(&part), buf_str(&total));
	} else if (index->unread) {
		format_add_count(&part, index->unread);
		buf_printf(right, _("%s unread of %s"), buf_str(&part), buf_str(&total));
	} else {
		buf_printf(right, ngettext("%s message", "%s messages", (unsigned long)index->total),
			   buf_str(&total));
	}
	buf_free(&total);
	buf_free(&part);
}

/* How it stands with the server. */
static void add_state(const struct index_view *index, struct buf *right)
{
	struct buf word = BUF_INIT;

	if (index->scope == INDEX_FOLDER)
		going_on_add_word(index->view.app, store_account(many_member(index->many, 0, NULL)), &word);
	if (word.len)
		buf_printf(right, "   %s", buf_str(&word));
	buf_free(&word);
}

static void add_place(const struct index_view *index, struct buf *left)
{
	if (index->scope != INDEX_FOLDER)
		buf_add_str(left, index->scope == INDEX_INBOXES ? _("All inboxes") : _("All accounts"));
	else
		folder_list_add_place(left, store_account(many_member(index->many, 0, NULL)), index->folder_name);
}

static bool is_asking(const struct index_view *index);

/* How fast it goes and how long it takes still are known after a moment. */
static void add_progress(const struct index_view *index, struct buf *out)
{
	int64_t took = loop_now_ms() - index->progress_begun;
	int64_t rate = took > 0 ? (index->progress_done - index->progress_from) * 1000 / took : 0;
	int64_t left = rate > 0 ? (index->progress_total - index->progress_done + rate - 1) / rate : 0;
	buf_printf(out, _("reading %lld of %lld"), (long long)index->progress_done, (long long)index->progress_total);
	if (rate > 0)
		buf_printf(out, _(", %lld a second, %lld:%02lld left"), (long long)rate, (long long)(left / 60),
			   (long long)(left % 60));
	buf_add_str(out, "   ");
}

static void take_progress(struct index_view *index, const struct notice *news)
{
	bool is_new = index->progress_total <= index->progress_done || news->done < index->progress_done;
	index->progress_done = news->done;
	index->progress_total = news->total;
	if (!is_new)
		return;
	index->progress_from = news->done;
	index->progress_begun = loop_now_ms();
}

static void title_line(struct view *view, struct buf *left, struct buf *right)
{
	struct index_view *index = mine(view);
	const char *words = sort_words(index);
	refresh(index);
	add_place(index, left);
	if (index->query)
		buf_printf(left, _("   only: %s"), index->limit);
	if (words)
		buf_printf(left, "   %s", words);
	if (index->tags.count)
		buf_printf(right, ngettext("%zu tagged   ", "%zu tagged   ", index->tags.count),
			   index->tags.count);
	if (index->progress_total > index->progress_done)
		add_progress(index, right);
	if (index->sought || is_limiting(index))
		buf_add_str(right, _("searching…   "));
	else if (is_asking(index))
		buf_add_str(right, _("asking the server…   "));
	if (index->progress_total <= index->progress_done)
		add_counts(index, right);
	add_state(index, right);
}

/* --- moving -------------------------------------------------------------------------------------- */

static void move(struct view *view, int lines)
{
	refresh(mine(view));
	index_move(mine(view), lines);
	changed(mine(view));
}

/* The screen moves with the cursor, as pages do on paper. */
static void move_page(struct view *view, int half_pages)
{
	struct index_view *index = mine(view);
	long height = index->height > 1 ? index->height : 2;
	long lines = half_pages * height / 2;
	refresh(index);
	long before = index->cursor - index->top;
	index_move(index, lines);
	index->top = index->cursor - before;
	changed(index);
}

static void move_end(struct view *view, bool to_last)
{
	struct index_view *index = mine(view);
	struct err err = ERR_INIT;
	refresh(index);
	if (to_last ? index->has_last : index->has_first) {
		index->cursor = to_last && index->count ? (long)index->count - 1 : 0;
	} else if (index_reload_end(index, to_last, &err)) {
		complain_once(index, &err);
	}
	changed(index);
}

int index_view_select(struct view *view, int64_t id)
{
	struct index_view *index = mine(view);
	struct message message;
	int found = index_reload_at(index, id, NULL);
	if (found == 0) {
		struct arena *arena = arena_new();
		bool is_there = many_message(index->many, id, arena, &message, NULL) == 1;
		if (is_there && index_is_folded(index, message.thread)) {
			id_set_put(&index->folds, message.thread, index->fold_all);
			found = index_reload_at(index, id, NULL);
		}
		arena_free(&arena);
	}
	changed(index);
	return found == 1;
}

bool index_view_has(const struct view *view, int64_t id)
{
	const struct index_view *index = mine_const(view);
	struct arena *arena = arena_new();
	struct message message;
	int64_t folder;
	many_member(index->many, many_whose(id), &folder);
	bool has = many_message(index->many, id, arena, &message, NULL) == 1 &&
		   (!folder || message.folder == folder);
	arena_free(&arena);
	return has;
}

int index_view_jump(struct view *view, int64_t number)
{
	struct index_view *index = mine(view);
	struct store_view shown = index_store_view(index);
	int64_t id = many_row_at(index->many, &shown, number, NULL);
	return id > 0 && index_view_select(view, id);
}

int index_view_next_flags(struct view *view, bool backwards, unsigned set, unsigned clear, bool wrap,
			  struct err *err)
{
	struct index_view *index = mine(view);
	struct store_view shown = index_store_view(index);
	int64_t here = index_view_current(view);
	if (!here)
		return 0;
	int64_t id = many_find_flags(index->many, &shown, here, backwards, set, clear, err);
	if (id == 0 && wrap)
		id = many_find_flags(index->many, &shown, 0, backwards, set, clear, err);
	if (id <= 0)
		return (int)id;
	return id != here && index_view_select(view, id);
}

/* Steps until a row IS_IT; back to where it was when there is none. */
static int walk(struct index_view *index, int step,
		bool (*is_it)(const struct message *row, const struct message *start))
{
	const struct message *row = index_row(index);
	if (!row)
		return 0;
	struct message start = *row;
	for (int i = 0; i < STEP_MAX; i++) {
		int64_t before = row->id;
		index_move(index, step);
		row = index_row(index);
		if (!row || row->id == before)
			break;
		if (is_it(row, &start))
			return changed(index), 1;
	}
	index_reload_at(index, start.id, NULL);
	return 0;
}

static bool is_other_root(const struct message *row, const struct message *start)
{
	return row->thread != start->thread && row->depth == 0;
}

static bool is_parent(const struct message *row, const struct message *start)
{
	return row->thread == start->thread && row->depth < start->depth;
}

int index_view_next_thread(struct view *view, bool backwards)
{
	return walk(mine(view), backwards ? -1 : 1, is_other_root);
}

int index_view_to_parent(struct view *view)
{
	const struct message *row = index_row(mine(view));
	return row && row->depth > 0 ? walk(mine(view), -1, is_parent) : 0;
}

/* --- search and limit ---------------------------------------------------------------------------- */

static void remember_found(struct index_view *index, const char *text)
{
	struct buf folded = BUF_INIT;
	utf8_add_folded(&folded, text, strlen(text));
	free(index->found);
	index->found = buf_take(&folded);
}

static struct query *query_of(const struct index_view *index, const char *text, struct err *err)
{
	bool forms = option_bool(index->view.app->options, "general", "search-forms");
	return query_parse_with(text, forms, time(NULL), err);
}

static int find(struct view *view, const char *text, bool backwards, struct err *err)
{
	struct index_view *index = mine(view);
	struct store_view shown = index_store_view(index);
	struct query *query = query_of(index, text, err);
	if (!query)
		return -1;
	remember_found(index, text);
	if (look_for(index, &query, err)) {
		query_free(&query);
		return -1;
	}
	int64_t here = index_view_current(view);
	int64_t id = many_find(index->many, &shown, here, backwards, query, err);
	if (id == 0)
		id = many_find(index->many, &shown, 0, backwards, query, err);
	query_free(&query);
	changed(index);
	if (id <= 0)
		return (int)id;
	return index_view_select(view, id);
}

static void drop_limit(struct index_view *index)
{
	query_free(&index->query);
	free(index->limit);
	index->limit = mem_strdup("");
}

int index_view_set_limit(struct view *view, const char *text, struct err *err)
{
	struct index_view *index = mine(view);
	struct query *query = *text ? query_of(index, text, err) : NULL;
	if (*text && !query)
		return -1;
	stop_looking(index);
	drop_limit(index);
	index->query = query;
	free(index->limit);
	index->limit = mem_strdup(text);
	index->is_stale = true;
	struct store_view shown = index_store_view(index);
	if (many_look(index->many, &shown, NULL, err) < 0)
		return drop_limit(index), -1;
	refresh(index);
	changed(index);
	return 0;
}

void index_view_ask_servers(struct view *view)
{
	struct index_view *index = mine(view);
	index->asks = false;
	for (size_t i = 0; index->query && i < many_count(index->many); i++) {
		struct store *store = many_member(index->many, i, NULL);
		if (store_ask_server(store, index->query, NULL) != 1)
			continue;
		index->asks = true;
		app_ring(view->app, store_account(store)->name);
	}
}

static bool is_asking(const struct index_view *index)
{
	for (size_t i = 0; index->asks && index->query && i < many_count(index->many); i++)
		if (store_is_asking(many_member(index->many, i, NULL), index->query))
			return true;
	return false;
}

const char *index_view_limit(const struct view *view)
{
	return mine_const(view)->limit;
}

int index_view_matching(struct view *view, const char *text, size_t limit, struct arena *arena,
			int64_t **ids, size_t *count, struct err *err)
{
	struct index_view *index = mine(view);
	struct store_view shown = index_store_view(index);
	struct query *query = query_of(index, text, err);
	*count = 0;
	if (!query)
		return -1;
	int rc = look_for(index, &query, err);
	if (rc == 0)
		rc = many_matching(index->many, &shown, query, limit, arena, ids, count, err);
	query_free(&query);
	return rc;
}

/* --- sort, threads, folds ------------------------------------------------------------------------ */

static void show_anew(struct index_view *index)
{
	index->is_stale = true;
	refresh(index);
	changed(index);
}

void index_view_set_sort(struct view *view, enum store_sort sort, bool reversed)
{
	mine(view)->sort = sort;
	mine(view)->is_reversed = reversed;
	show_anew(mine(view));
}

void index_view_set_threads(struct view *view, bool threaded)
{
	mine(view)->is_threaded = threaded;
	show_anew(mine(view));
}

enum store_sort index_view_sort(const struct view *view, bool *reversed, bool *threaded)
{
	if (reversed)
		*reversed = mine_const(view)->is_reversed;
	if (threaded)
		*threaded = mine_const(view)->is_threaded;
	return mine_const(view)->sort;
}

/* The row that will stand for thread THREAD becomes the current one. */
static void go_to_thread(struct index_view *index, int64_t thread)
{
	for (size_t i = 0; i < index->count; i++) {
		if (index->rows[i].thread != thread)
			continue;
		index->cursor = (long)i;
		return;
	}
}

static void reload_by_thread(struct index_view *index, const struct message *row)
{
	int64_t thread = row ? row->thread : 0, id = row ? row->id : 0;
	/* the current row may be hidden now: its neighbours of other threads show where it was */
	long first = index->cursor;
	while (first > 0 && index->rows[first - 1].thread == thread)
		first--;
	index->top += first - index->cursor;
	index->cursor = row ? first : 0;
	if (index_reload_at(index, id, NULL) != 1 || index->is_stale)
		show_anew(index);
	go_to_thread(index, thread);
	changed(index);
}

int index_view_fold(struct view *view, enum index_fold what)
{
	struct index_view *index = mine(view);
	refresh(index);
	const struct message *row = index_row(index);
	if (!row || !index->is_threaded || row->thread_count < 2)
		return 0;
	bool is_folded = index_is_folded(index, row->thread);
	bool wanted = what == INDEX_FOLD_TOGGLE ? !is_folded : what == INDEX_FOLD_CLOSE;
	if (wanted == is_folded)
		return 0;
	id_set_put(&index->folds, row->thread, wanted != index->fold_all);
	index->is_stale = true;
	reload_by_thread(index, row);
	return 1;
}

void index_view_fold_all(struct view *view, enum index_fold what)
{
	struct index_view *index = mine(view);
	refresh(index);
	bool any_exception = index->folds.count > 0;
	bool wanted = what == INDEX_FOLD_TOGGLE ? !index->fold_all || any_exception
						: what == INDEX_FOLD_CLOSE;
	id_set_clear(&index->folds);
	index->fold_all = wanted;
	index->is_stale = true;
	reload_by_thread(index, index_row(index));
}

/* --- tags ---------------------------------------------------------------------------------------- */

void index_view_tag(struct view *view, int64_t id, bool on)
{
	id_set_put(&mine(view)->tags, id, on);
	changed(mine(view));
}

bool index_view_is_tagged(const struct view *view, int64_t id)
{
	return id_set_has(&mine_const(view)->tags, id);
}

void index_view_untag_all(struct view *view)
{
	id_set_clear(&mine(view)->tags);
	changed(mine(view));
}

size_t index_view_tag_count(const struct view *view)
{
	return mine_const(view)->tags.count;
}

int index_view_thread_ids(struct view *view, struct arena *arena, int64_t **ids, size_t *count,
			  struct err *err)
{
	struct index_view *index = mine(view);
	const struct message *row = index_row(index);
	struct message *messages = NULL;
	size_t all = 0;
	*count = 0;
	*ids = NULL;
	if (!row)
		return 0;
	if (many_thread(index->many, row->thread, arena, &messages, &all, err))
		return -1;
	int64_t folder;
	many_member(index->many, many_whose(row->id), &folder);
	*ids = ARENA_ARRAY(arena, int64_t, all + 1);
	for (size_t i = 0; i < all; i++)
		if (!folder || messages[i].folder == folder)
			(*ids)[(*count)++] = messages[i].id;
	return 0;
}

static const char *account_at(const struct index_view *index, size_t member)
{
	return store_account(many_member(index->many, member, NULL))->name;
}

/* Those of IDS that belong to MEMBER, into WHAT: how many. */
static int take_of(const struct index_view *index, size_t member, const int64_t *ids, size_t count,
		   struct arena *arena, struct target *what)
{
	what->account = account_at(index, member);
	what->ids = ARENA_ARRAY(arena, int64_t, count + 1);
	what->count = 0;
	for (size_t i = 0; i < count; i++)
		if (many_whose(ids[i]) == member)
			what->ids[what->count++] = many_own(ids[i]);
	return what->count;
}

void index_view_targets(const struct view *view, const int64_t *ids, size_t count, struct arena *arena,
			struct target *target)
{
	const struct index_view *index = mine_const(view);
	struct target *what = target, *last = NULL;
	for (size_t i = 0; i < many_count(index->many); i++) {
		if (!what)
			what = ARENA_NEW(arena, struct target);
		*what = (struct target){.is_tagged = target->is_tagged};
		if (!take_of(index, i, ids, count, arena, what))
			continue;
		if (last)
			last->next = what;
		last = what;
		what = NULL;
	}
}

static int target(struct view *view, bool tagged_if_any, struct arena *arena, struct target *what)
{
	struct index_view *index = mine(view);
	refresh(index);
	const struct message *row = index_row(index);
	what->is_tagged = tagged_if_any && index->tags.count > 0;
	if (!what->is_tagged && !row)
		return 0;
	index_view_targets(view, what->is_tagged ? index->tags.ids : &row->id,
			   what->is_tagged ? index->tags.count : 1, arena, what);
	return 1;
}

/* --- mouse --------------------------------------------------------------------------------------- */

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
	changed(index);
}

static void mouse(struct view *view, const struct key *key)
{
	struct index_view *index = mine(view);
	if (key->button == BUTTON_WHEEL_UP || key->button == BUTTON_WHEEL_DOWN) {
		move(view, key->button == BUTTON_WHEEL_UP ? -WHEEL_LINES : WHEEL_LINES);
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
	changed(index);
	if (was_there)
		run(index, "open");
}

/* Esc while the limit is looked for: everything is shown again. */
static int key(struct view *view, const struct key *key)
{
	struct index_view *index = mine(view);
	if (key->code != KEY_ESC || !is_limiting(index))
		return 0;
	stop_looking(index);
	command_forget_parked(view->app);
	index_view_set_limit(view, "", NULL);
	app_say(view->app, _("The search was stopped."));
	return 1;
}

/* --- news ---------------------------------------------------------------------------------------- */

/* A first index says so with every batch; what is left out here is seen at the next look. */
static bool is_enough_for_now(const struct index_view *index)
{
	return index->progress_done < index->progress_total && index->count >= (size_t)index->height &&
	       loop_now_ms() - index->read_at_ms < CALM_MS;
}

static int64_t inbox_of(struct store *store)
{
	struct arena *arena = arena_new();
	struct folder folder;
	bool found = store_folder_by_role(store, ROLE_INBOX, arena, &folder, NULL) == 1 ||
		     store_folder_by_name(store, "INBOX", arena, &folder, NULL) == 1;
	int64_t id = found ? folder.id : 0;
	arena_free(&arena);
	return id;
}

static bool is_member(const struct index_view *index, const struct store *store)
{
	for (size_t i = 0; i < many_count(index->many); i++)
		if (many_member(index->many, i, NULL) == store)
			return true;
	return false;
}

/* Accounts that have what is shown and were not there yet: how many; -1 when none can be opened. */
static int add_members(struct index_view *index, struct err *err)
{
	struct app *app = index->view.app;
	int added = 0;
	for (size_t i = 0; i < app->accounts.count; i++) {
		struct store *store = app_store(app, app->accounts.items[i].name, err);
		int64_t folder = store && index->scope == INDEX_INBOXES ? inbox_of(store) : 0;
		if (!store || is_member(index, store) || (index->scope == INDEX_INBOXES && !folder))
			continue;
		many_add(index->many, store, folder);
		added++;
	}
	return added || many_count(index->many) ? added : -1;
}

/* An account whose inbox was not there before joins the others. */
static void notice_of_all(struct index_view *index, const struct notice *news)
{
	struct err err = ERR_INIT;
	if (news->kind != NOTICE_FOLDER_CHANGED)
		return;
	index->is_stale = index->view.is_dirty = true;
	if (index->scope == INDEX_INBOXES && many_count(index->many) < index->view.app->accounts.count &&
	    add_members(index, &err) > 0)
		index_forget_rows(index);
}

static void notice(struct view *view, const struct notice *news)
{
	struct index_view *index = mine(view);
	folder_list_notice(index->folders, news);
	if (index->scope != INDEX_FOLDER) {
		notice_of_all(index, news);
		return;
	}
	if (strcmp(news->account, index->account))
		return;
	bool is_ours = news->kind == NOTICE_FOLDER_CHANGED &&
		       (news->folder <= 0 || !index->folder || news->folder == index->folder);
	if (news->kind == NOTICE_PROGRESS && news->code <= TRANSFER_ROUND) {
		take_progress(index, news);
		is_ours = true;
	}
	if (is_ours && !is_enough_for_now(index))
		index->is_stale = true;
	view->is_dirty = true;
}

static void resumed(struct view *view)
{
	if (many_data_version(mine(view)->many) != mine(view)->version)
		mine(view)->is_stale = true;
}

/* --- from and to --------------------------------------------------------------------------------- */

static void free_view(struct view *view)
{
	struct index_view *index = mine(view);
	work_forget(view->app, index);
	stop_looking(index);
	if (index->timer)
		loop_remove_timer(view->app->loop, &index->timer);
	folder_list_free(&index->folders);
	format_free(&index->format);
	query_free(&index->query);
	arena_free(&index->arena);
	id_set_clear(&index->folds);
	id_set_clear(&index->tags);
	free(index->format_text);
	free(index->limit);
	free(index->found);
	many_free(&index->many);
	free(index->account);
	free(index->folder_name);
	free(index->complained);
	free(index);
}

static const struct view_class index_class = {
	.kind = VIEW_INDEX,
	.name = "index",
	.title = N_("Messages"),
	.free = free_view,
	.draw = draw,
	.title_line = title_line,
	.key = key,
	.mouse = mouse,
	.move = move,
	.move_page = move_page,
	.move_end = move_end,
	.find = find,
	.target = target,
	.notice = notice,
	.resumed = resumed,
};

static char *name_of_folder(struct store *store, int64_t id)
{
	struct arena *arena = arena_new();
	struct folder folder;
	bool found = id && store_folder(store, id, arena, &folder, NULL) >= 0;
	char *name = mem_strdup(found ? folder.name : "");
	arena_free(&arena);
	return name;
}

static void show_other(struct index_view *index)
{
	struct view *view = &index->view;
	index->fold_all = app_option_bool(view->app, "index", "fold");
	index->progress_done = index->progress_total = 0;
	id_set_clear(&index->folds);
	id_set_clear(&index->tags);
	work_forget(view->app, index);
	stop_looking(index);
	drop_limit(index);
	index_forget_rows(index);
	refresh(index);
	changed(index);
}

int index_view_open(struct view *view, const char *account, int64_t folder, struct err *err)
{
	struct index_view *index = mine(view);
	struct store *store = app_store(view->app, account, err);
	if (!store)
		return -1;
	char *name = mem_strdup(account);
	free(index->account);
	free(index->folder_name);
	index->account = name;
	index->scope = INDEX_FOLDER;
	many_free(&index->many);
	index->many = many_new();
	many_add(index->many, store, folder);
	index->folder = folder;
	index->folder_name = name_of_folder(store, folder);
	show_other(index);
	return 0;
}

int index_view_open_all(struct view *view, bool only_inboxes, struct err *err)
{
	struct index_view *index = mine(view);
	struct many *before = index->many;
	enum index_scope scope = index->scope;
	index->many = many_new();
	index->scope = only_inboxes ? INDEX_INBOXES : INDEX_ACCOUNTS;
	if (add_members(index, err) <= 0) {
		many_free(&index->many);
		index->many = before;
		index->scope = scope;
		return err && err->kind == ERR_NONE ? err_set(err, _("there is no account yet")) : -1;
	}
	many_free(&before);
	free(index->folder_name);
	index->folder_name = mem_strdup("");
	index->folder = 0;
	show_other(index);
	return 0;
}

static enum store_sort sort_option(const struct app *app)
{
	static const char *const words[] = {
		[SORT_DATE] = "date",	[SORT_FROM] = "from",	  [SORT_SUBJECT] = "subject",
		[SORT_SIZE] = "size",	[SORT_UNREAD] = "unread", [SORT_FLAGGED] = "flagged",
	};
	const char *word = app_option_text(app, "index", "sort");
	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (!strcmp(word, words[i]))
			return (enum store_sort)i;
	return SORT_DATE;
}

struct view *index_view_new(struct app *app, const char *account, int64_t folder, struct err *err)
{
	struct index_view *index = mem_alloc(sizeof *index);
	index->view.class = &index_class;
	index->view.app = app;
	index->side_bar = -1;
	index->height = 1;
	index->sort = sort_option(app);
	index->is_reversed = app_option_bool(app, "index", "sort-reverse");
	index->is_threaded = app_option_bool(app, "index", "threads");
	index->folders = folder_list_new(app, account);
	if (index_view_open(&index->view, account, folder, err)) {
		free_view(&index->view);
		return NULL;
	}
	if (app->loop)
		index->timer = loop_add_timer(app->loop, "index", LOOK_MS, look, index);
	return &index->view;
}

/* Among several accounts that of the row under the cursor. */
const char *index_view_account(const struct view *view)
{
	const struct index_view *index = mine_const(view);
	const struct message *row = index_row(index);
	if (index->scope == INDEX_FOLDER)
		return index->account;
	return account_at(index, row ? many_whose(row->id) : 0);
}

bool index_view_is_of_all(const struct view *view)
{
	return mine_const(view)->scope != INDEX_FOLDER;
}

int64_t index_view_id(const struct view *view, const char *account, int64_t own)
{
	const struct index_view *index = mine_const(view);
	for (size_t i = 0; i < many_count(index->many); i++)
		if (!strcmp(account_at(index, i), account))
			return many_id(i, own);
	return 0;
}

int64_t index_view_current_own(const struct view *view)
{
	return many_own(index_view_current(view));
}

int64_t index_view_folder(const struct view *view)
{
	return mine_const(view)->folder;
}

const char *index_view_folder_name(const struct view *view)
{
	return mine_const(view)->folder_name;
}

int64_t index_view_current(const struct view *view)
{
	const struct message *row = index_row(mine_const(view));
	return row ? row->id : 0;
}

int index_view_current_row(const struct view *view, const struct message **message)
{
	*message = index_row(mine_const(view));
	return *message != NULL;
}

void index_view_toggle_side_bar(struct view *view)
{
	struct index_view *index = mine(view);
	index->side_bar = index->side_area.width == 0;
	changed(index);
}

int index_view_next_folder(struct view *view, bool backwards, bool unread, struct err *err)
{
	struct index_view *index = mine(view);
	size_t count;
	long here = folder_list_find(index->folders, place_of(index), index->folder);
	long row = folder_list_next(index->folders, here, backwards, unread);
	if (row < 0)
		return 0;
	const struct folder_row *rows = folder_list_rows(index->folders, &count);
	return index_view_open(view, rows[row].account, rows[row].folder, err) ? -1 : 1;
}
