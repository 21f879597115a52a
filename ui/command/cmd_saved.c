/* Searches that are kept: made, opened, called otherwise, thrown away. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mail/saved.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/searches.h"
#include "ui/command/tables.h"
#include "ui/view/folder_view.h"
#include "ui/view/index_view.h"

#define LISTS (VIEW_ANY & ~(VIEW_DRAFT | VIEW_WIZARD))

static void complete_first(struct app *app, int at, const char *prefix, struct arena *arena,
			   char ***candidates, size_t *count)
{
	if (at == 0)
		searches_complete(app, prefix, arena, candidates, count);
}

/* What is shown, so that it means the same from everywhere: what was looked for in one folder names
 * it. */
static const char *query_shown(const struct view *index, struct arena *arena)
{
	const char *limit = index_view_limit(index), *folder = index_view_folder_name(index);

	if (index_view_is_of_inboxes(index))
		return arena_printf(arena, "in:inbox (%s)", limit);
	if (!index_view_is_of_all(index) && index_view_folder(index))
		return arena_printf(arena, "in:\"%s\" (%s)", folder, limit);
	return arena_strdup(arena, limit);
}

static int save_search(struct app *app, struct command_call *call, struct err *err)
{
	struct view *index = app_view(app, VIEW_INDEX);
	const char *account;

	if (!index || !*index_view_limit(index))
		return err_set(err, _("Nothing is searched for here that could be kept; \"limit\" "
				      "and \"search-all\" search."));
	if (!call->count) {
		app_ask_for(app, _("Keep this search as: "), NULL, "search-name", NULL,
			    "save-search");
		return 0;
	}
	account = index_view_is_of_all(index) || app->accounts.count < 2
		      ? NULL
		      : index_view_account(index);
	if (saved_add(call->args[0], query_shown(index, call->arena), account, err) < 0)
		return -1;
	searches_read_anew(app);
	app_say(app, _("The search \"%s\" stands among the folders now."), call->args[0]);
	return 0;
}

/* By name, else where the cursor stands. */
static const char *search_meant(struct app *app, const struct command_call *call, bool is_named)
{
	struct view *top = app_top(app);
	const char *name = top && top->class->kind == VIEW_FOLDERS ? folder_view_search(top) : NULL;

	if (is_named)
		return call->args[0];
	return name ? arena_strdup(call->arena, name) : NULL;
}

static int rename_search(struct app *app, struct command_call *call, struct err *err)
{
	const char *name = search_meant(app, call, call->count > 1), *fresh;

	if (!name)
		return err_set_kind(err, ERR_USAGE, _("Which search?"));
	if (!call->count) {
		app_ask_for(app, arena_printf(call->arena, _("New name of %s: "), name), name,
			    "search-name", NULL, "rename-search");
		return 0;
	}
	fresh = call->args[call->count - 1];
	if (saved_rename(name, fresh, err) < 0)
		return -1;
	searches_read_anew(app);
	app_say(app, _("The search %s is called %s now."), name, fresh);
	return 0;
}

static int remove_now(struct app *app, const char *name, struct err *err)
{
	if (saved_remove(name, err) < 0)
		return -1;
	searches_read_anew(app);
	app_say(app, _("The search %s is not kept any more; no letter is gone."), name);
	return 0;
}

static void removal_answered(struct app *app, char key, void *arg)
{
	struct err err = ERR_INIT;
	char *name = arg;

	if (key == 'y' && remove_now(app, name, &err) < 0)
		app_complain(app, &err);
	free(name);
}

static int remove_search(struct app *app, struct command_call *call, struct err *err)
{
	const char *name = search_meant(app, call, call->count > 0);
	struct saved_search one;

	if (!name)
		return err_set_kind(err, ERR_USAGE, _("Which search?"));
	if (!searches_find(app, name, &one))
		return err_set_kind(err, ERR_NOT_FOUND, _("There is no search \"%s\"."), name);
	if (!app->term)
		return remove_now(app, name, err);
	app_ask_key(app,
		    arena_printf(call->arena,
				 _("Forget the search %s? Its letters stay. ([n]o, [y]es) "),
				 one.name),
		    "ny", removal_answered, mem_strdup(one.name));
	return 0;
}

const struct command cmd_saved_rows[] = {
    {"save-search", "[NAME]", N_("keep what is searched for here, among the folders"), LISTS,
     NEEDS_WRITABLE, 0, 1, save_search, NULL},
    {"rename-search", "[[NAME] NEW]", N_("give a search that is kept another name"), LISTS,
     NEEDS_WRITABLE, 0, 2, rename_search, complete_first},
    {"remove-search", "[NAME]", N_("keep a search no longer"), LISTS, NEEDS_WRITABLE, 0, 1,
     remove_search, complete_first},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
