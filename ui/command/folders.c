#include "config.h"
#include "ui/command/folders.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mail/store.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/nearby.h"
#include "ui/view/index_view.h"

static const char *const *names_of(struct store *store, struct arena *arena)
{
	struct folder *folders;
	size_t count, i;
	const char **names;

	if (store_folders(store, arena, &folders, &count, NULL) < 0)
		count = 0;
	names = ARENA_ARRAY(arena, const char *, count + 1);
	for (i = 0; i < count; i++)
		names[i] = folders[i].name;
	return names;
}

static int not_found(struct store *store, const char *account, const char *name,
		     struct arena *arena, struct err *err)
{
	const char *near = str_nearest(name, names_of(store, arena));

	if (near)
		return err_set_kind(err, ERR_NOT_FOUND,
				    _("there is no folder \"%s\" in %s. Did you mean \"%s\"?"), name,
				    account, near);
	return err_set_kind(err, ERR_NOT_FOUND, _("there is no folder \"%s\" in %s"), name, account);
}

/* 1, 0 none, -1. */
static int look(struct store *store, const char *name, struct arena *arena, int64_t *id,
		struct err *err)
{
	struct folder folder;
	int found = store_folder_by_name(store, name, arena, &folder, err);

	if (found == 1)
		*id = folder.id;
	return found;
}

static const char *without_sign(const char *name)
{
	if (strcmp(name, "!") == 0 || str_equal_nocase(name, "inbox"))
		return "INBOX";
	return *name == '=' || *name == '+' ? name + 1 : name;
}

int folders_find_in(struct app *app, const char *account, const char *name, struct arena *arena,
		    int64_t *folder, struct err *err)
{
	struct store *store = app_store(app, account, err);
	int found;

	if (!store)
		return -1;
	name = without_sign(name);
	found = look(store, name, arena, folder, err);
	if (found == 0)
		return not_found(store, account, name, arena, err);
	return found < 0 ? -1 : 0;
}

int folders_find(struct app *app, const char *name, struct arena *arena, const char **account,
		 int64_t *folder, struct err *err)
{
	const char *here = nearby_account(app), *slash = strchr(name, '/');
	struct store *store;

	if (here && (store = app_store(app, here, err)) &&
	    look(store, without_sign(name), arena, folder, err) == 1) {
		*account = arena_strdup(arena, here);
		return 0;
	}
	if (slash) {
		char *other = arena_strndup(arena, name, (size_t)(slash - name));

		if (app_account(app, other)) {
			*account = other;
			return folders_find_in(app, other, slash + 1, arena, folder, err);
		}
	}
	if (!here)
		return err_set(err, _("there is no account yet"));
	*account = arena_strdup(arena, here);
	return folders_find_in(app, here, name, arena, folder, err);
}

static void complete_in(struct app *app, const char *account, bool with_account, const char *prefix,
			struct arena *arena, char ***candidates, size_t *count)
{
	struct store *store = app_store(app, account, NULL);
	const char *const *name;

	if (!store)
		return;
	for (name = names_of(store, arena); *name; name++)
		command_candidate(arena, prefix,
				  with_account ? arena_printf(arena, "%s/%s", account, *name) : *name,
				  candidates, count);
}

void folders_complete(struct app *app, const char *prefix, struct arena *arena, char ***candidates,
		      size_t *count)
{
	const char *here = nearby_account(app);
	size_t i;

	if (here)
		complete_in(app, here, false, prefix, arena, candidates, count);
	for (i = 0; i < app->accounts.count; i++)
		if (!here || strcmp(app->accounts.items[i].name, here) != 0)
			complete_in(app, app->accounts.items[i].name, true, prefix, arena, candidates,
				    count);
}

void folders_complete_first(struct app *app, int at, const char *prefix, struct arena *arena,
			    char ***candidates, size_t *count)
{
	if (at == 0)
		folders_complete(app, prefix, arena, candidates, count);
}

char *folders_next_unread(struct app *app, struct arena *arena)
{
	struct view *index = app_view(app, VIEW_INDEX);
	const char *here = nearby_account(app);
	struct store *store = here ? app_store(app, here, NULL) : NULL;
	struct folder *folders;
	size_t count, i, start = 0;

	if (!store || store_folders(store, arena, &folders, &count, NULL) < 0)
		return NULL;
	for (i = 0; index && i < count; i++)
		if (folders[i].id == index_view_folder(index))
			start = i + 1;
	for (i = 0; i < count; i++) {
		const struct folder *folder = &folders[(start + i) % count];

		if (folder->unread && (!index || folder->id != index_view_folder(index)))
			return folder->name;
	}
	return NULL;
}
