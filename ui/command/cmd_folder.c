#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mail/query.h"
#include "store/mail/store.h"
#include "ui/command/app.h"
#include "ui/command/background.h"
#include "ui/command/command.h"
#include "ui/command/folders.h"
#include "ui/command/leave.h"
#include "ui/command/nearby.h"
#include "ui/command/query_complete.h"
#include "ui/command/searches.h"
#include "ui/command/tables.h"
#include "ui/view/folder_view.h"
#include "ui/view/index_view.h"

#define LISTS (VIEW_ANY & ~(VIEW_DRAFT | VIEW_WIZARD))

/* Views over the index go first: the folder is what one wants to see. */
static int show_folder(struct app *app, const char *account, int64_t folder, struct err *err)
{
	struct view *index = app_view(app, VIEW_INDEX);

	if (!index) {
		index = index_view_new(app, account, folder, err);
		if (!index)
			return -1;
		app_push(app, index);
	} else {
		while (app_top(app) != index)
			if (app_pop(app, err) < 0)
				return -1;
		if (index_view_open(index, account, folder, err) < 0)
			return -1;
	}
	app_hook(app, "folder-open");
	return 0;
}

/* Views over the index go first. */
static int show_all(struct app *app, bool only_inboxes, struct err *err)
{
	struct view *index = app_view(app, VIEW_INDEX);
	const struct account *account = account_default(&app->accounts);

	if (!account)
		return err_set(err, _("there is no account yet"));
	if (!index && show_folder(app, account->name, 0, err) < 0)
		return -1;
	index = app_view(app, VIEW_INDEX);
	while (app_top(app) != index)
		if (app_pop(app, err) < 0)
			return -1;
	if (index_view_open_all(index, only_inboxes, err) < 0)
		return -1;
	app_hook(app, "folder-open");
	return 0;
}

static int all_inboxes(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	leave_folder(app);
	return show_all(app, true, err);
}

/* --- searches over all folders ------------------------------------------------------------------ */

/* With the way back to where the search began. */
static int show_all_folders(struct app *app, const char *account, bool is_of_all, struct err *err)
{
	struct view *index = app_view(app, VIEW_INDEX);
	struct index_place *place = index ? index_view_place(index) : NULL;

	if (is_of_all ? show_all(app, false, err) < 0 : show_folder(app, account, 0, err) < 0) {
		index_place_free(&place);
		return -1;
	}
	if (place)
		index_view_return_to(app_view(app, VIEW_INDEX), place);
	return 0;
}

/* A query with a mistake changes nothing. */
static int show_hits(struct app *app, const char *account, const char *query, struct err *err)
{
	bool is_of_all = !account && app->accounts.count > 1;
	struct query *check = query_parse(query, time(NULL), err);

	if (!check)
		return -1;
	query_free(&check);
	if (!account)
		account = nearby_account(app);
	if (!account)
		return err_set(err, _("there is no account yet"));
	leave_folder(app);
	if (show_all_folders(app, account, is_of_all, err) < 0)
		return -1;
	if (index_view_set_limit(app_view(app, VIEW_INDEX), query, err) < 0)
		return -1;
	index_view_ask_servers(app_view(app, VIEW_INDEX));
	return 0;
}

/* Of all accounts; what stands in no configuration (tern -f) is searched alone. */
static int search_all(struct app *app, struct command_call *call, struct err *err)
{
	if (!call->count) {
		app_ask_for(app,
			    app->accounts.count > 1 && !app->path_account ? _("Search in all folders of all accounts: ")
									    : _("Search in all folders: "),
			    NULL, "limit", query_complete, "search-all");
		return 0;
	}
	return show_hits(app, app->path_account ? app->path_account->name : NULL, call->args[0], err);
}

static int search_account(struct app *app, struct command_call *call, struct err *err)
{
	const char *account = nearby_account(app);

	if (!call->count) {
		app_ask_for(app, _("Search in all folders of this account: "), NULL, "limit", query_complete,
			    "search-account");
		return 0;
	}
	return show_hits(app, account ? arena_strdup(call->arena, account) : NULL, call->args[0], err);
}

static int open_search(struct app *app, struct command_call *call, struct err *err)
{
	struct saved_search one;
	const char *account;

	if (!call->count) {
		app_ask_for(app, _("Open search: "), NULL, "search-name", searches_complete, "open-search");
		return 0;
	}
	if (!searches_find(app, call->args[0], &one))
		return err_set_kind(err, ERR_NOT_FOUND,
				    _("there is no [search %s] with a query in the configuration"),
				    call->args[0]);
	account = one.account;
	if (!account && app->path_account)
		account = app->path_account->name;
	return show_hits(app, account ? arena_strdup(call->arena, account) : NULL,
			 arena_strdup(call->arena, one.query), err);
}

/* Enter alone takes the next folder with unread mail. */
static void ask_folder(struct app *app, struct arena *arena)
{
	const char *unread = folders_next_unread(app, arena);
	const char *question =
	    unread ? arena_printf(arena, _("Open folder (Enter: %s): "), unread) : _("Open folder: ");

	app_ask_for(app, question, NULL, "folder", folders_complete, "change-folder");
}

static int change_folder(struct app *app, struct command_call *call, struct err *err)
{
	const char *account, *name;
	int64_t folder;

	if (!call->count) {
		ask_folder(app, call->arena);
		return 0;
	}
	name = *call->args[0] ? call->args[0] : folders_next_unread(app, call->arena);
	if (!name)
		return err_set_kind(err, ERR_NOT_FOUND, _("no other folder has unread mail"));
	if (folders_find(app, name, call->arena, &account, &folder, err) < 0)
		return -1;
	leave_folder(app);
	return show_folder(app, account, folder, err);
}

static int next_unread_folder(struct app *app, struct command_call *call, struct err *err)
{
	struct view *top = app_top(app);
	char *name;

	if (top && top->class->kind == VIEW_FOLDERS) {
		if (folder_view_next_unread(top, false) != 1)
			return err_set_kind(err, ERR_NOT_FOUND, _("no folder has unread mail"));
		return 0;
	}
	name = folders_next_unread(app, call->arena);
	if (!name)
		return err_set_kind(err, ERR_NOT_FOUND, _("no other folder has unread mail"));
	call->args = &name;
	call->count = 1;
	return change_folder(app, call, err);
}

static int neighbour(struct app *app, struct command_call *call, struct err *err)
{
	bool back = strcmp(call->command->name, "previous-folder") == 0;
	int moved;

	leave_folder(app);
	moved = index_view_next_folder(app_view(app, VIEW_INDEX), back, false, err);
	if (moved == 0)
		return err_set_kind(err, ERR_NOT_FOUND, _("there is no other folder"));
	return moved < 0 ? -1 : 0;
}

static int folders(struct app *app, struct command_call *call, struct err *err)
{
	struct view *index = app_view(app, VIEW_INDEX), *top = app_top(app);

	(void)call, (void)err;
	if (top && top->class->kind == VIEW_FOLDERS)
		return 0;
	app_push(app, folder_view_new(app, index ? index_view_account(index) : nearby_account(app),
				      index ? index_view_folder(index) : 0));
	return 0;
}

static int open_row(struct app *app, struct command_call *call, struct err *err)
{
	const char *account, *search = folder_view_search(app_top(app));
	int64_t folder;

	if (folder_view_is_all(app_top(app)))
		return all_inboxes(app, call, err);
	if (search) {
		call->args = (char *[]){arena_strdup(call->arena, search)};
		call->count = 1;
		if (!app_view(app, VIEW_INDEX) && app_pop(app, err) < 0)
			return -1;
		return open_search(app, call, err);
	}
	if (folder_view_current(app_top(app), &account, &folder) != 1) {
		folder_view_fold(app_top(app));
		return 0;
	}
	account = arena_strdup(call->arena, account);
	leave_folder(app);
	if (!app_view(app, VIEW_INDEX) && app_pop(app, err) < 0)
		return -1;
	return show_folder(app, account, folder, err);
}

static int fold_row(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	folder_view_fold(app_top(app));
	return 0;
}

/* In the list of folders that of the row. */
static const char *account_here(struct app *app)
{
	struct view *top = app_top(app);
	const char *account = NULL;
	int64_t folder;

	if (top && top->class->kind == VIEW_FOLDERS)
		folder_view_current(top, &account, &folder);
	return account && *account ? account : nearby_account(app);
}

static int make_folder(struct app *app, struct command_call *call, struct err *err)
{
	const char *account = account_here(app);
	struct store *store;

	if (!call->count) {
		app_ask_for(app, _("Make folder: "), NULL, "folder", NULL, "make-folder");
		return 0;
	}
	if (!account)
		return err_set(err, _("there is no account yet"));
	if (!*call->args[0])
		return err_set_kind(err, ERR_CANCELLED, _("no name, nothing done"));
	store = app_store(app, account, err);
	if (!store || store_folder_is_new(store, call->args[0], err) < 0 ||
	    store_folder_make(store, call->args[0], err) < 0)
		return -1;
	app_ring(app, account);
	app_touched(app, account);
	app_say(app, _("made the folder %s"), call->args[0]);
	return 0;
}

/* --- other names, and away with them --- */

/* The folder a command means: by name, else where the cursor stands (in the index: the one that is open). */
static int folder_meant(struct app *app, struct command_call *call, const char **account, const char **name,
			struct err *err)
{
	struct view *top = app_top(app), *index = app_view(app, VIEW_INDEX);
	struct folder folder;
	struct store *store;
	int64_t id = 0;

	if (call->count) {
		if (folders_find(app, call->args[0], call->arena, account, &id, err) < 0)
			return -1;
	} else if (top && top->class->kind == VIEW_FOLDERS) {
		folder_view_current(top, account, &id);
	} else if (index) {
		*account = index_view_account(index);
		id = index_view_folder(index);
	}
	if (!id)
		return err_set_kind(err, ERR_USAGE, _("Which folder?"));
	*account = arena_strdup(call->arena, *account);
	store = app_store(app, *account, err);
	if (!store || store_folder(store, id, call->arena, &folder, err) != 1)
		return -1;
	*name = folder.name;
	return 0;
}

static int do_folder(struct app *app, struct command_call *call, const char *what, const char *account,
		     const char *name, const char *more, const char *done, struct err *err)
{
	const char *args[] = {"folder", what, "--", account, name, more, NULL};

	(void)call;
	return background_run(app, args, account, done, err);
}

/* Searches that are kept stand among the folders: what is done to a row is done to them too. */
static bool is_on_search(struct app *app)
{
	struct view *top = app_top(app);

	return top && top->class->kind == VIEW_FOLDERS && folder_view_search(top);
}

static int rename_folder(struct app *app, struct command_call *call, struct err *err)
{
	struct command_call old = *call;
	const char *account, *name, *fresh;

	if (!call->count && is_on_search(app))
		return command_run_line(app, "rename-search", err);
	old.count = call->count > 1 ? 1 : 0;
	if (folder_meant(app, &old, &account, &name, err) < 0)
		return -1;
	if (!call->count) {
		app_ask_for(app, arena_printf(call->arena, _("New name of %s: "), name), name, "folder", NULL,
			    "rename-folder");
		return 0;
	}
	fresh = call->args[call->count - 1];
	if (!*fresh)
		return err_set_kind(err, ERR_CANCELLED, _("no name, nothing done"));
	return do_folder(app, call, "rename", account, name, fresh,
			 arena_printf(call->arena, _("The folder %s is called %s now."), name, fresh), err);
}

struct removal {
	char *account, *name;
};

static int remove_now(struct app *app, const char *account, const char *name, struct err *err)
{
	const char *args[] = {"folder", "remove", "--", account, name, NULL};
	char *done = mem_printf(_("The folder %s is gone."), name);
	int rc = background_run(app, args, account, done, err);

	free(done);
	return rc;
}

static void removal_answered(struct app *app, char key, void *arg)
{
	struct removal *removal = arg;
	struct err err = ERR_INIT;

	if (key == 'y' && remove_now(app, removal->account, removal->name, &err) < 0)
		app_complain(app, &err);
	free(removal->account);
	free(removal->name);
	free(removal);
}

static int remove_folder(struct app *app, struct command_call *call, struct err *err)
{
	const char *account, *name;
	struct removal *removal;

	if (!call->count && is_on_search(app))
		return command_run_line(app, "remove-search", err);
	if (folder_meant(app, call, &account, &name, err) < 0)
		return -1;
	if (!app->term)
		return remove_now(app, account, name, err);
	removal = mem_alloc(sizeof *removal);
	*removal = (struct removal){mem_strdup(account), mem_strdup(name)};
	app_ask_key(app,
		    arena_printf(call->arena, _("Remove the folder %s and all that is in it, for good? ([n]o, [y]es) "),
				 name),
		    "ny", removal_answered, removal);
	return 0;
}

static int subscribe(struct app *app, struct command_call *call, struct err *err)
{
	bool is_on = strcmp(call->command->name, "subscribe") == 0;
	const char *account, *name;

	if (folder_meant(app, call, &account, &name, err) < 0)
		return -1;
	return do_folder(app, call, call->command->name, account, name, NULL,
			 is_on ? arena_printf(call->arena, _("You have subscribed to %s."), name)
			       : arena_printf(call->arena, _("You have unsubscribed from %s."), name),
			 err);
}

static void complete_first_search(struct app *app, int at, const char *prefix, struct arena *arena, char ***candidates,
				  size_t *count)
{
	if (at == 0)
		searches_complete(app, prefix, arena, candidates, count);
}

const struct command cmd_folder_rows[] = {
    {"change-folder", "[FOLDER]", N_("open a folder"), LISTS, 0, 0, 1, change_folder,
     folders_complete_first},
    {"next-unread-folder", "", N_("to the next folder with unread mail"), LISTS, 0, 0, 0,
     next_unread_folder, NULL},
    {"next-folder", "", N_("open the next folder"), VIEW_INDEX, 0, 0, 0, neighbour, NULL},
    {"previous-folder", "", N_("open the previous folder"), VIEW_INDEX, 0, 0, 0, neighbour, NULL},
    {"folders", "", N_("the list of folders"), LISTS, NEEDS_SCREEN, 0, 0, folders, NULL},
    {"open", "", N_("open the folder"), VIEW_FOLDERS, NEEDS_SCREEN, 0, 0, open_row, NULL},
    {"fold", "", N_("fold or unfold the folders below"), VIEW_FOLDERS, 0, 0, 0, fold_row, NULL},
    {"search-all", "[QUERY]", N_("search in all folders of all accounts"), LISTS, 0, 0, 1, search_all, NULL},
    {"search-account", "[QUERY]", N_("search in all folders of this account"), LISTS, 0, 0, 1, search_account,
     NULL},
    {"all-inboxes", "", N_("the inboxes of all accounts in one list"), LISTS, 0, 0, 0, all_inboxes, NULL},
    {"open-search", "[NAME]", N_("open a search that is kept"), LISTS, 0, 0, 1, open_search, complete_first_search},
    {"make-folder", "[FOLDER]", N_("make a new folder"), LISTS, NEEDS_WRITABLE, 0, 1, make_folder,
     NULL},
    {"rename-folder", "[[FOLDER] NAME]", N_("give the folder another name"), LISTS, NEEDS_WRITABLE, 0, 2,
     rename_folder, folders_complete_first},
    {"remove-folder", "[FOLDER]", N_("remove the folder and all that is in it"), LISTS, NEEDS_WRITABLE, 0, 1,
     remove_folder, folders_complete_first},
    {"subscribe", "[FOLDER]", N_("subscribe to the folder on its server"), LISTS, 0, 0, 1, subscribe,
     folders_complete_first},
    {"unsubscribe", "[FOLDER]", N_("take that back"), LISTS, 0, 0, 1, subscribe, folders_complete_first},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
