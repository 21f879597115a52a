#include "config.h"

#include "ui/view/index_view.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/mail/many.h"
#include "store/mail/query.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/command/work.h"
#include "ui/screen/format.h"
#include "ui/view/folder_list.h"
#include "ui/view/index_private.h"

void index_changed(struct index_view *index)
{
	index->view.is_dirty = true;
	app_dirty(index->view.app);
}

/* --- news --- */

/* A first index says so with every batch; what is left out here is seen at the next look. */
static bool is_enough_for_now(const struct index_view *index)
{
	return index->progress_done < index->progress_total && index->count >= (size_t)index->height &&
	       loop_now_ms() - index->read_at_ms < INDEX_CALM_MS;
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

/* --- another database --- */

#define NO_FOLDER (-2) /* it has none of that name (yet) */

static int64_t folder_of_name(const struct index_view *index)
{
	struct arena *arena = arena_new();
	struct store *store = many_member(index->many, 0, NULL);
	struct folder folder;
	bool found = store_folder_by_name(store, index->folder_name, arena, &folder, NULL) == 1;
	int64_t id = found ? folder.id : NO_FOLDER;
	arena_free(&arena);
	return id;
}

static void show_again(struct index_view *index)
{
	struct err err = ERR_INIT;
	struct many *before = index->many;
	int64_t folder = index->scope == INDEX_FOLDER && index->folder ? folder_of_name(index) : 0;
	index->many = many_new();
	index->folder = folder;
	if (index->scope == INDEX_FOLDER)
		many_add(index->many, many_member(before, 0, NULL), folder);
	else
		add_members(index, &err);
	many_free(&before);
	index->generation = many_generation(index->many);
}

void index_follow(struct index_view *index)
{
	if (index->folder != NO_FOLDER && many_generation(index->many) == index->generation)
		return;
	show_again(index);
	id_set_clear(&index->tags);
	id_set_clear(&index->folds);
	work_forget(index->view.app, index);
	index_stop_looking(index);
	index_forget_rows(index);
}

/* --- what it is told --- */

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
	struct index_view *index = index_of(view);
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
		index_take_progress(index, news);
		is_ours = true;
	}
	if (is_ours && !is_enough_for_now(index))
		index->is_stale = true;
	view->is_dirty = true;
}

static void resumed(struct view *view)
{
	if (many_data_version(index_of(view)->many) != index_of(view)->version)
		index_of(view)->is_stale = true;
}

/* --- from and to --- */

static void free_view(struct view *view)
{
	struct index_view *index = index_of(view);
	work_forget(view->app, index);
	index_stop_looking(index);
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
	index_place_free(&index->back);
	free(index);
}

static const struct view_class index_class = {
	.kind = VIEW_INDEX,
	.name = "index",
	.title = N_("Messages"),
	.free = free_view,
	.draw = index_draw,
	.title_line = index_title,
	.key = index_key,
	.mouse = index_mouse,
	.move = index_move_by,
	.move_page = index_move_page,
	.move_end = index_move_end,
	.find = index_find,
	.target = index_target,
	.notice = notice,
	.resumed = resumed,
};

static char *name_of_folder(struct store *store, int64_t id)
{
	struct arena *arena = arena_new();
	struct folder folder;
	bool found = id && store_folder(store, id, arena, &folder, NULL) == 1;
	char *name = mem_strdup(found ? folder.name : "");
	arena_free(&arena);
	return name;
}

static void show_other(struct index_view *index)
{
	struct view *view = &index->view;
	index->fold_all = app_option_bool(view->app, "index", "fold");
	index->progress_done = index->progress_total = 0;
	index_place_free(&index->back);
	id_set_clear(&index->folds);
	id_set_clear(&index->tags);
	work_forget(view->app, index);
	index_stop_looking(index);
	index_drop_limit(index);
	index_forget_rows(index);
	index_refresh(index);
	index_changed(index);
}

int index_view_open(struct view *view, const char *account, int64_t folder, struct err *err)
{
	struct index_view *index = index_of(view);
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
	index->generation = many_generation(index->many);
	show_other(index);
	return 0;
}

int index_view_open_all(struct view *view, bool only_inboxes, struct err *err)
{
	struct index_view *index = index_of(view);
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
	index->generation = many_generation(index->many);
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
		index->timer = loop_add_timer(app->loop, "index", INDEX_LOOK_MS, index_look, index);
	return &index->view;
}

/* --- what is shown --- */

/* Among several accounts that of the row under the cursor. */
const char *index_view_account(const struct view *view)
{
	const struct index_view *index = index_of(view);
	const struct message *row = index_row(index);
	if (index->scope == INDEX_FOLDER)
		return index->account;
	return index_account_at(index, row ? many_whose(row->id) : 0);
}

bool index_view_is_of_inboxes(const struct view *view)
{
	return index_of(view)->scope == INDEX_INBOXES;
}

bool index_view_is_of_all(const struct view *view)
{
	return index_of(view)->scope != INDEX_FOLDER;
}

int64_t index_view_id(const struct view *view, const char *account, int64_t own)
{
	const struct index_view *index = index_of(view);
	for (size_t i = 0; i < many_count(index->many); i++)
		if (!strcmp(index_account_at(index, i), account))
			return many_id(i, own);
	return 0;
}

int64_t index_view_current_own(const struct view *view)
{
	return many_own(index_view_current(view));
}

int64_t index_view_folder(const struct view *view)
{
	return index_of(view)->folder;
}

const char *index_view_folder_name(const struct view *view)
{
	return index_of(view)->folder_name;
}

int64_t index_view_current(const struct view *view)
{
	const struct message *row = index_row(index_of(view));
	return row ? row->id : 0;
}

int index_view_current_row(const struct view *view, const struct message **message)
{
	*message = index_row(index_of(view));
	return *message != NULL;
}

void index_view_toggle_side_bar(struct view *view)
{
	struct index_view *index = index_of(view);
	index->side_bar = index->side_area.width == 0;
	index_changed(index);
}

int index_view_next_folder(struct view *view, bool backwards, bool unread, struct err *err)
{
	struct index_view *index = index_of(view);
	size_t count;
	long here = folder_list_find(index->folders, index_place(index), index->folder);
	long row = folder_list_next(index->folders, here, backwards, unread);
	if (row < 0)
		return 0;
	const struct folder_row *rows = folder_list_rows(index->folders, &count);
	return index_view_open(view, rows[row].account, rows[row].folder, err) ? -1 : 1;
}
