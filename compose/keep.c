#include "config.h"
#include "compose/keep.h"

#include <stdlib.h>
#include <string.h>

#include "compose/compose.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/box/box.h"
#include "store/mail/store.h"

const struct account *keep_account(const struct compose *compose, const char *name)
{
	const struct account *found = name && *name ? account_find(compose->accounts, name) : NULL;

	return found ? found : account_default(compose->accounts);
}

/* Names that folders of a role have with other programs too; ours first. */
static const struct {
	enum account_role role;
	const char *names[6];
} roles[] = {
    {ROLE_SENT, {"Sent", ".Sent", "Sent Items", "Sent Messages", "sent"}},
    {ROLE_DRAFTS, {"Drafts", ".Drafts", "drafts"}},
};

static const char *const *names_of(enum account_role role)
{
	for (size_t i = 0; i < ARRAY_COUNT(roles); i++)
		if (roles[i].role == role)
			return roles[i].names;
	return NULL;
}

/* As the store knows it; NULL: it does not (yet). */
static char *known_path(const struct account *account, enum account_role role)
{
	struct store *store = store_open(account, NULL, NULL);
	struct arena *arena = arena_new();
	struct folder folder;
	char *path = NULL;

	if (store && store_folder_by_role(store, role, arena, &folder, NULL) == 1 &&
	    box_detect(folder.path) != BOX_NONE)
		path = mem_strdup(folder.path);
	store_close(&store);
	arena_free(&arena);
	return path;
}

static char *path_by_name(const struct account *account, const char *const *names)
{
	for (size_t i = 0; names[i]; i++) {
		char *path = path_join(account->path, names[i]);

		if (box_detect(path) != BOX_NONE)
			return path;
		free(path);
	}
	/* A Maildir that is itself the inbox keeps its folders as ".Name". */
	return path_join(account->path, names[box_detect(account->path) == BOX_MAILDIR]);
}

/* The one that is there, or where ours will be; free it. NULL: the account is one mailbox only. */
static char *path_of(const struct account *account, enum account_role role)
{
	const char *const *names = names_of(role);
	char *known;

	if (!names || !account->path || box_detect(account->path) == BOX_MBOX)
		return NULL;
	known = known_path(account, role);
	return known ? known : path_by_name(account, names);
}

static int deliver(const char *path, const struct keep_what *what, struct buf *key, struct err *err)
{
	struct box_delivery delivery = {.data = what->data,
					.len = what->len,
					.fd = -1,
					.flags = what->flags,
					.unique = what->unique};
	struct box *box = NULL;
	int rc = -1;

	if (box_detect(path) != BOX_NONE || box_make(path, BOX_MAILDIR, err) == 0)
		box = box_open(path, false, err);
	if (box)
		rc = box_deliver(box, &delivery, key, err);
	box_close(&box);
	return rc < 0 ? -1 : 1;
}

int keep_message(const struct account *account, enum account_role role,
		 const struct keep_what *what, struct buf *box, struct buf *key, struct err *err)
{
	char *path;
	int rc;

	if (!account || account->is_read_only || account->kind == ACCOUNT_PATH)
		return 0;
	path = path_of(account, role);
	if (!path)
		return 0;
	rc = deliver(path, what, key, err);
	if (rc > 0)
		buf_add_str(box, path);
	free(path);
	return rc;
}

int keep_remove(const char *path, const char *key, struct err *err)
{
	struct box *box;
	int rc;

	if (!*path || !*key || box_detect(path) == BOX_NONE)
		return 0;
	box = box_open(path, false, err);
	if (!box)
		return -1;
	rc = box_remove(box, key, err);
	if (rc == 0)
		rc = box_commit(box, err);
	box_close(&box);
	return rc;
}

int keep_mark(const struct account *account, const char *message_id, unsigned flag, struct err *err)
{
	struct store_change change = {.set = flag};
	struct store *store = store_open(account, NULL, err);
	int64_t id = 0;
	int rc;

	if (!store)
		return -1;
	rc = store_message_by_message_id(store, message_id, &id, err);
	if (rc == 1)
		rc = store_change(store, &id, 1, &change, NULL, err);
	store_close(&store);
	return rc < 0 ? -1 : 0;
}
