#include "config.h"
#include "ui/command/leave.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/map.h"
#include "store/mail/store.h"
#include "ui/command/app.h"
#include "ui/command/wish.h"
#include "ui/view/index_view.h"

#define PURGE_LIMIT 1000000

/* Where purged mail goes: the id of Trash, or 0 for nowhere (for good). */
static int64_t trash_of(struct store *store, int64_t folder, struct arena *arena)
{
	struct folder trash;

	if (store_folder_by_role(store, ROLE_TRASH, arena, &trash, NULL) != 1 || trash.id == folder)
		return 0;
	return trash.id;
}

static int purge_target(struct app *app, struct view *index, const struct target *target, struct arena *arena,
			struct err *err)
{
	size_t count = (size_t)target->count;
	struct store *store = app_store(app, target->account, err);
	struct store_change change = {.clear = BOX_DELETED};
	char *text;

	if (!store)
		return -1;
	change.move_to = trash_of(store, index_view_folder(index), arena);
	change.expunge = !change.move_to;
	text = change.expunge
		   ? arena_printf(arena, ngettext("removed %zu message for good",
						  "removed %zu messages for good", count),
				  count)
		   : arena_printf(arena, ngettext("moved %zu deleted message to Trash",
						  "moved %zu deleted messages to Trash", count),
				  count);
	return wish_change(app, target->account, target->ids, count, &change, text, err);
}

static int purge_ids(struct app *app, struct view *index, const int64_t *ids, size_t count, struct arena *arena,
		     struct err *err)
{
	struct target first = {.count = 0};
	const struct target *target;
	int rc = 0;

	index_view_targets(index, ids, count, arena, &first);
	for (target = &first; rc == 0 && target; target = target->next)
		rc = purge_target(app, index, target, arena, err);
	return rc;
}

long leave_purge(struct app *app, struct err *err)
{
	struct view *index = app_view(app, VIEW_INDEX);
	struct arena *arena = arena_new();
	int64_t *ids;
	size_t count = 0;
	long result = -1;

	app->has_marked = false;
	if (!index)
		result = 0;
	else if (index_view_matching(index, "~D", PURGE_LIMIT, arena, &ids, &count, err) >= 0 &&
		 (!count || purge_ids(app, index, ids, count, arena, err) >= 0))
		result = (long)count;
	arena_free(&arena);
	return result;
}

/* Whoever leaves cannot come back for the rest of the matches: all of them are looked for at once. */
static long purge_whole(struct app *app, struct err *err)
{
	const char *name;
	void *store;
	size_t at = 0;
	long result;

	while (map_next(app->stores, &at, &name, &store))
		store_set_piece_ms(store, 0);
	result = leave_purge(app, err);
	for (at = 0; map_next(app->stores, &at, &name, &store);)
		store_set_piece_ms(store, APP_PIECE_MS);
	return result;
}

void leave_note_marked(struct app *app)
{
	app->has_marked = true;
}

static bool is_mbox(struct store *store, int64_t id)
{
	struct arena *arena = arena_new();
	struct folder folder;
	bool is =
	    store && store_folder(store, id, arena, &folder, NULL) == 1 && folder.kind == BOX_MBOX;

	arena_free(&arena);
	return is;
}

void leave_write_flags(struct app *app)
{
	struct view *index = app_view(app, VIEW_INDEX);
	const char *account = index ? index_view_account(index) : NULL;

	if (account && !app->is_read_only &&
	    is_mbox(app_store(app, account, NULL), index_view_folder(index)))
		app_ring_at_once(app, account);
}

void leave_folder(struct app *app)
{
	struct err err = ERR_INIT;

	if (app->has_marked && !app->is_read_only &&
	    strcmp(app_option_text(app, "general", "purge"), "yes") == 0 &&
	    purge_whole(app, &err) < 0)
		app_complain(app, &err);
	app->has_marked = false;
	leave_write_flags(app);
}

static void purge_answer(struct app *app, char key, void *arg)
{
	struct err err = ERR_INIT;

	(void)arg;
	if (!key)
		return;
	if (key == 'y' && purge_whole(app, &err) < 0)
		app_complain(app, &err);
	else
		app_quit(app);
}

int leave_hits(struct app *app, struct err *err)
{
	leave_folder(app);
	if (index_view_go_back(app_view(app, VIEW_INDEX), err) < 0)
		return -1;
	app_hook(app, "folder-open");
	return 0;
}

void leave_quit(struct app *app)
{
	if (!app->has_marked || app->is_read_only ||
	    strcmp(app_option_text(app, "general", "purge"), "ask") != 0) {
		leave_folder(app);
		app_quit(app);
		return;
	}
	app_ask_key(app, _("Clear away the messages marked as deleted? (y)es (n)o, Esc stays: "), "yn",
		    purge_answer, NULL);
}
