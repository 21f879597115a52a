#include "config.h"
#include "ui/shell/shell.h"

#include <getopt.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/mail/account.h"
#include "store/mail/remote.h"
#include "store/mail/store.h"
#include "store/notice/notice.h"

#define NAME "folder"

struct work {
	struct arena *arena;
	const struct account *account;
	struct store *store;
	bool as_json, has_many;
	struct buf out;
};

/* --- list --- */

static void add_json(struct buf *out, const struct folder *folder, const char *account)
{
	struct jv *object = jv_object();

	jv_set(object, "account", jv_text(account));
	jv_set(object, "name", jv_text(folder->name));
	jv_set(object, "path", jv_text(folder->path));
	jv_set(object, "messages", jv_number(folder->total));
	jv_set(object, "unread", jv_number(folder->unread));
	jv_set(object, "flagged", jv_number(folder->flagged));
	jv_print(object, out);
	buf_add_char(out, '\n');
	jv_free(object);
}

static int list(struct work *work, char **args, struct err *err)
{
	struct folder *folders;
	size_t count;

	(void)args;
	if (store_folders(work->store, work->arena, &folders, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (work->as_json)
			add_json(&work->out, &folders[i], work->account->name);
		else
			buf_printf(&work->out, "%s%s%s\n", work->has_many ? work->account->name : "",
				   work->has_many ? "/" : "", folders[i].name);
	return 0;
}

/* --- what changes them --- */

static int find(struct work *work, const char *name, int64_t *id, struct err *err)
{
	struct folder folder;
	int rc = store_folder_by_name(work->store, name, work->arena, &folder, err);

	if (rc == 0)
		return err_set_kind(err, ERR_NOT_FOUND, _("There is no folder \"%s\" in %s."), name,
				    work->account->name);
	*id = folder.id;
	return rc < 0 ? -1 : 0;
}

static int make(struct work *work, char **args, struct err *err)
{
	if (store_folder_is_new(work->store, args[0], err) < 0)
		return -1;
	return store_folder_make(work->store, args[0], err) < 0 ? -1 : 0;
}

static int rename_it(struct work *work, char **args, struct err *err)
{
	int64_t id;

	return find(work, args[0], &id, err) < 0 ? -1 : store_folder_rename(work->store, id, args[1], err);
}

static int remove_it(struct work *work, char **args, struct err *err)
{
	int64_t id;

	return find(work, args[0], &id, err) < 0 ? -1 : store_folder_remove(work->store, id, err);
}

static int subscribe_to(struct work *work, char **args, bool is_subscribed, struct err *err)
{
	int64_t id;

	if (!store_is_remote(work->store))
		return err_set(err, _("Only folders on a server can be subscribed to."));
	return find(work, args[0], &id, err) < 0 ? -1 : store_folder_subscribe(work->store, id, is_subscribed, err);
}

static int subscribe(struct work *work, char **args, struct err *err)
{
	return subscribe_to(work, args, true, err);
}

static int unsubscribe(struct work *work, char **args, struct err *err)
{
	return subscribe_to(work, args, false, err);
}

#define LIST 0

static const struct {
	const char *name;
	int args;
	int (*run)(struct work *work, char **args, struct err *err);
} actions[] = {
    {"list", 0, list},	      {"make", 1, make},	       {"rename", 2, rename_it},
    {"remove", 1, remove_it}, {"subscribe", 1, subscribe}, {"unsubscribe", 1, unsubscribe},
};

/* Its worker hears of it at once, where one runs. */
static int act(struct work *work, size_t which, char **args, struct err *err)
{
	int rc = -1;

	work->store = store_open(work->account, NULL, err);
	if (work->store && store_index(work->store, 0, NULL, NULL, err) == 0)
		rc = actions[which].run(work, args, err);
	store_close(&work->store);
	if (rc == 0 && actions[which].run != list)
		notice_ring(work->account->name);
	return rc;
}

/* As the screen names them: the account in front. */
static int list_all(struct work *work, const struct account_list *accounts, struct err *err)
{
	int rc = 0;

	if (!accounts->count)
		return err_set_kind(err, ERR_NOT_FOUND,
				    _("There is no account yet; \"tern account add\" makes one."));
	work->has_many = true;
	for (size_t i = 0; rc == 0 && i < accounts->count; i++) {
		work->account = &accounts->items[i];
		rc = act(work, LIST, NULL, err);
	}
	return rc;
}

/* ACCOUNT NULL: all of them, to list. */
static int run(struct work *work, size_t which, const char *account, char **args)
{
	struct account_list accounts = {.count = 0};
	struct err err = ERR_INIT;
	int rc = account_load(&accounts, &err);

	if (rc == 0 && !account) {
		rc = list_all(work, &accounts, &err);
	} else if (rc == 0) {
		work->account = account_find(&accounts, account);
		rc = work->account ? act(work, which, args, &err)
				   : err_set_kind(&err, ERR_USAGE, _("There is no account \"%s\"."), account);
	}
	if (rc < 0)
		rc = shell_fail(NAME, &err);
	account_list_free(&accounts);
	return rc;
}

int shell_folder(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
	struct work work = {.out = BUF_INIT};
	size_t which = 0;
	int c, rc;

	while ((c = shell_option(NAME, argc, argv, "", options, NULL)) != -1) {
		if (c == '?')
			return 2;
		work.as_json = true;
	}
	while (which < ARRAY_COUNT(actions) && (optind >= argc || strcmp(actions[which].name, argv[optind]) != 0))
		which++;
	if (which == ARRAY_COUNT(actions) ||
	    (argc - optind != actions[which].args + 2 && (which != LIST || argc - optind != 1)))
		return shell_usage(NAME, _("Say what to do, the account and the folder: list, make, rename, remove, "
					   "subscribe or unsubscribe."));
	work.arena = arena_new();
	rc = run(&work, which, argv[optind + 1], argv + optind + 2);
	if (shell_print(&work.out) && rc == 0)
		rc = 1;
	buf_free(&work.out);
	arena_free(&work.arena);
	return rc;
}
