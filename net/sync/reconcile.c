#include "config.h"
#include "net/sync/reconcile.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/sync/reconcile_inside.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/str.h"

#define KEEP_DAYS  90
#define DAY_S	   86400
#define FEW_BYTES  50 /* messages fetched at once with their headers */
#define LOOKS	   3  /* at one folder in a round: what was sent is sought there again */

static int64_t since(const struct account *account)
{
	const char *keep = account_setting(account, "keep"), *days = account_setting(account, "keep-days");
	long long count = KEEP_DAYS;

	if (!keep || str_equal_nocase(keep, "all"))
		return INT64_MIN;
	if (str_equal_nocase(keep, "none"))
		return INT64_MAX;
	if (days && (str_to_long(days, &count) < 0 || count < 1))
		count = KEEP_DAYS;
	return (int64_t)time(NULL) - count * DAY_S;
}

struct reconcile *reconcile_new(struct store *store, const struct reconcile_events *events)
{
	struct reconcile *r = mem_alloc(sizeof *r);

	r->store = store;
	if (events)
		r->events = *events;
	return r;
}

void reconcile_free(struct reconcile **reconcile)
{
	if (!*reconcile)
		return;
	free((*reconcile)->selected);
	free(*reconcile);
	*reconcile = NULL;
}

void reconcile_connect(struct reconcile *r, struct backend *backend)
{
	r->backend = backend;
	free(r->selected);
	r->selected = NULL;
}

bool reconcile_is_lost(const struct err *err)
{
	return err->kind == ERR_TEMPORARY || err->kind == ERR_CORRUPT || err->kind == ERR_CANCELLED;
}

int reconcile_check_stop(struct reconcile *r, struct err *err)
{
	if (r->events.must_stop && r->events.must_stop(r->events.arg))
		return err_set_kind(err, ERR_CANCELLED, _("Stopped; it goes on the next time."));
	return 0;
}

void reconcile_changed(struct reconcile *r)
{
	if (r->events.changed)
		r->events.changed(r->events.arg);
}

/* What is denied once we are in (one mailbox, one letter) is no matter of the connection. */
void reconcile_note(struct reconcile *r, const struct err *err)
{
	if (r->first.kind != ERR_NONE)
		return;
	r->first = *err;
	if (r->first.kind == ERR_DENIED)
		r->first.kind = ERR_FAILED;
}

void reconcile_add_uid(struct reconcile_uids *uids, uint32_t uid)
{
	ARRAY_ROOM(uids->items, uids->count, uids->cap);
	uids->items[uids->count++] = uid;
}

static int by_uid(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void reconcile_sort_uids(struct reconcile_uids *uids)
{
	size_t kept = 0;

	if (uids->count > 1)
		qsort(uids->items, uids->count, sizeof *uids->items, by_uid);
	for (size_t i = 0; i < uids->count; i++)
		if (i == 0 || uids->items[i] != uids->items[i - 1])
			uids->items[kept++] = uids->items[i];
	uids->count = kept;
}

/* --- selecting without hearing --- */

static int pass_message(void *arg, const struct backend_message *message, struct err *err)
{
	(void)arg;
	(void)message;
	(void)err;
	return 0;
}

static int pass_gone(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	(void)arg;
	(void)first;
	(void)last;
	(void)err;
	return 0;
}

void reconcile_close(struct reconcile *r)
{
	free(r->selected);
	r->selected = NULL;
	memset(&r->now, 0, sizeof r->now);
}

int reconcile_open(struct reconcile *r, const struct remote_folder *folder, struct err *err)
{
	struct backend_visit visit = {pass_message, pass_gone, NULL};
	bool is_whole;

	if (r->selected && strcmp(r->selected, folder->wire) == 0)
		return 0;
	reconcile_close(r);
	if (r->backend->ops->select(r->backend, folder->wire, NULL, &visit, &r->now, &is_whole, err) < 0)
		return -1;
	r->selected = mem_strdup(folder->wire);
	return 0;
}

/* --- a round --- */

static bool can_look(const struct remote_folder *folder)
{
	return folder->wire && folder->is_selectable && !folder->is_removed;
}

/* As the list tells: nothing can have changed. Of the mailbox that is open the list tells nothing to go by (RFC 9051
 * 6.3.11: STATUS is not for it): Dovecot tells what it knew when it looked last. */
static bool is_same(const struct reconcile *r, const struct remote_folder *folder,
		    const struct backend_mailbox *status)
{
	const struct remote_state *known = &folder->state;

	if (r->selected && strcmp(r->selected, folder->wire) == 0)
		return false;
	return status && known->uidnext && status->modseq > 0 && known->modseq &&
	       status->uidvalidity == (int64_t)known->uidvalidity &&
	       status->uidnext == (int64_t)known->uidnext && status->messages == known->messages &&
	       status->modseq == (int64_t)known->modseq;
}

/* As it is in the store now. */
static int find_folder(struct reconcile *r, int64_t id, struct arena *arena, struct remote_folder *folder,
		       struct err *err)
{
	struct remote_folder *all;
	size_t count;

	if (remote_folders(r->store, arena, &all, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (all[i].id == id && can_look(&all[i])) {
			*folder = all[i];
			return 1;
		}
	return 0;
}

/* Not the connection's fault: the others have their turn. */
static int looked(struct reconcile *r, int rc, const struct err *why, struct err *err)
{
	if (rc == 0)
		return 0;
	if (reconcile_is_lost(why))
		return err_set_kind(err, why->kind, "%s", why->text);
	log_write(LOG_WARNING, "%s", why->text);
	reconcile_note(r, why);
	return 0;
}

static int look(struct reconcile *r, const struct remote_folder *folder, struct err *err)
{
	struct err why = ERR_INIT;
	int rc = reconcile_look(r, folder, &why);

	if (rc == 0)
		rc = reconcile_fetch_bytes(r, folder, FEW_BYTES, &why);
	return looked(r, rc, &why, err);
}

static int look_again(struct reconcile *r, int64_t id, struct err *err)
{
	struct arena *arena = arena_new();
	struct remote_folder folder;
	int rc = find_folder(r, id, arena, &folder, err);

	if (rc == 1)
		rc = look(r, &folder, err);
	arena_free(&arena);
	return rc < 0 ? -1 : 0;
}

/* Something that was moved or sent there is to be found. */
static int look_for_sent(struct reconcile *r, const struct remote_folder *folders, size_t count, struct err *err)
{
	int rc = 0;

	for (int again = 0; rc == 0 && r->has_told && again < LOOKS; again++) {
		r->has_told = false;
		for (size_t i = 0; rc == 0 && i < count; i++)
			if (can_look(&folders[i]) && remote_owes(r->store, folders[i].id, NULL) == 1)
				rc = look_again(r, folders[i].id, err);
	}
	return rc;
}

static int look_at_all(struct reconcile *r, const struct remote_folder *folders, size_t count,
		       struct backend_mailbox **status, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (!can_look(&folders[i]))
			continue;
		if (reconcile_check_stop(r, err) < 0)
			return -1;
		if (is_same(r, &folders[i], status ? status[i] : NULL) &&
		    remote_owes(r->store, folders[i].id, NULL) == 0)
			continue;
		if (look_again(r, folders[i].id, err) < 0)
			return -1;
	}
	return look_for_sent(r, folders, count, err);
}

/* They were somewhere, and perhaps are elsewhere now: every mailbox is asked once more. What could not be looked at
 * may have them. */
static int seek(struct reconcile *r, const int64_t *ids, size_t missing, struct arena *arena, struct err *err)
{
	struct backend_mailbox **status;
	struct remote_folder *folders;
	size_t count;

	if (reconcile_folders(r, arena, &folders, &count, &status, err) < 0 ||
	    look_at_all(r, folders, count, status, err) < 0)
		return -1;
	if (r->first.kind != ERR_NONE)
		return 0;
	r->has_told = true;
	if (remote_give_up(r->store, ids, missing, err) < 0)
		return -1;
	return look_for_sent(r, folders, count, err);
}

/* Only a whole round seeks what was missed before it. */
static int seek_missing(struct reconcile *r, struct arena *arena, struct err *err)
{
	int64_t *ids;
	size_t count;
	int rc = remote_missing(r->store, &ids, &count, err);

	if (rc == 0 && count && (r->is_whole || count > r->missing))
		rc = seek(r, ids, count, arena, err);
	free(ids);
	return rc;
}

static int note_missing(struct reconcile *r, struct err *err)
{
	int64_t *ids;
	int rc = remote_missing(r->store, &ids, &r->missing, err);

	free(ids);
	return rc;
}

static int fetch_all(struct reconcile *r, const struct remote_folder *folders, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct err why = ERR_INIT;
		int rc;

		if (!can_look(&folders[i]))
			continue;
		rc = reconcile_fetch_bytes(r, &folders[i], SIZE_MAX, &why);
		if (looked(r, rc, &why, err) < 0)
			return -1;
	}
	return 0;
}

static int begin(struct reconcile *r, struct err *err)
{
	r->since = since(store_account(r->store));
	r->done = r->total = 0;
	r->has_told = false;
	err_clear(&r->first);
	if (!r->backend)
		return err_set_kind(err, ERR_TEMPORARY, _("There is no connection to the server."));
	return note_missing(r, err) < 0 ? -1 : remote_clean(r->store, err);
}

static int end(struct reconcile *r, int rc, struct err *err)
{
	struct err why = ERR_INIT;

	if (remote_many_came(r->store, rc < 0 ? &why : err) < 0)
		rc = -1;
	if (rc == 0 && r->first.kind != ERR_NONE)
		return err_set_kind(err, r->first.kind, "%s", r->first.text);
	return rc;
}

static int round_of_all(struct reconcile *r, struct arena *arena, struct err *err)
{
	struct backend_mailbox **status;
	struct remote_folder *folders;
	size_t count;

	if (reconcile_folders(r, arena, &folders, &count, &status, err) < 0 ||
	    reconcile_fetch_wishes(r, err) < 0 || reconcile_answer_asks(r, err) < 0 ||
	    look_at_all(r, folders, count, status, err) < 0 || seek_missing(r, arena, err) < 0)
		return -1;
	return fetch_all(r, folders, count, err);
}

static int round_of_one(struct reconcile *r, const char *name, struct arena *arena, struct err *err)
{
	struct remote_folder *folders, *one = NULL;
	size_t count;

	if (remote_folders(r->store, arena, &folders, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (strcmp(folders[i].name, name) == 0)
			one = &folders[i];
	if (!one || !can_look(one))
		return err_set_kind(err, ERR_NOT_FOUND, _("The server has no folder \"%s\"."), name);
	if (reconcile_fetch_wishes(r, err) < 0 || look_again(r, one->id, err) < 0 ||
	    look_for_sent(r, folders, count, err) < 0 || seek_missing(r, arena, err) < 0)
		return -1;
	return fetch_all(r, one, 1, err);
}

int reconcile_round(struct reconcile *r, const char *only_folder, struct err *err)
{
	struct arena *arena;
	int rc;

	if (begin(r, err) < 0)
		return -1;
	arena = arena_new();
	r->is_whole = !only_folder;
	rc = only_folder ? round_of_one(r, only_folder, arena, err) : round_of_all(r, arena, err);
	if (rc >= 0 && r->is_whole && remote_sweep_parts(r->store, err) < 0)
		rc = -1;
	arena_free(&arena);
	return end(r, rc, err);
}

/* --- only what is owed --- */

static bool wants_folders(const struct remote_folder *folders, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!folders[i].wire || folders[i].is_removed || strcmp(folders[i].name, folders[i].local) != 0 ||
		    folders[i].wants_subscribed != folders[i].is_subscribed)
			return true;
	return false;
}

static int push_all(struct reconcile *r, struct arena *arena, struct err *err)
{
	struct backend_mailbox **status;
	struct remote_folder *folders;
	size_t count;
	bool has_any = false;
	int rc = remote_folders(r->store, arena, &folders, &count, err);

	if (rc == 0 && wants_folders(folders, count)) {
		rc = reconcile_folders(r, arena, &folders, &count, &status, err);
		has_any = true;
	}
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (!can_look(&folders[i]) || remote_owes(r->store, folders[i].id, NULL) != 1)
			continue;
		has_any = true;
		rc = look_again(r, folders[i].id, err);
	}
	if (rc == 0)
		rc = look_for_sent(r, folders, count, err);
	if (rc == 0)
		rc = seek_missing(r, arena, err);
	return rc < 0 ? -1 : has_any;
}

int reconcile_push(struct reconcile *r, struct err *err)
{
	struct arena *arena;
	int wishes, rc;

	if (begin(r, err) < 0)
		return -1;
	r->is_whole = false;
	wishes = reconcile_fetch_wishes(r, err);
	if (wishes < 0 || reconcile_answer_asks(r, err) < 0)
		return -1;
	arena = arena_new();
	rc = push_all(r, arena, err);
	arena_free(&arena);
	return end(r, rc < 0 ? -1 : 0, err) < 0 ? -1 : rc || wishes;
}

bool reconcile_owes(struct reconcile *r)
{
	struct arena *arena = arena_new();
	struct remote_folder *folders;
	struct remote_wish *wishes;
	size_t count = 0, wished = 0;
	char **words;
	bool owes = store_owed_count(r->store, NULL) > 0 ||
		    (remote_asks(r->store, arena, &words, &count, NULL) == 0 && count > 0);

	if (!owes && remote_wishes(r->store, arena, &wishes, &wished, NULL) == 0 &&
	    remote_folders(r->store, arena, &folders, &count, NULL) == 0)
		owes = wished > 0 || wants_folders(folders, count);
	arena_free(&arena);
	return owes;
}

/* --- waiting --- */

/* What came before it was opened is never announced any more. */
static bool has_news(const struct reconcile *r, const struct remote_state *known)
{
	return r->now.uidvalidity != known->uidvalidity || r->now.uidnext != known->uidnext ||
	       r->now.modseq != known->modseq || r->now.exists != known->messages;
}

/* 1 when it is another than the one that was open. */
static int open_other(struct reconcile *r, const struct remote_folder *folder, struct err *err)
{
	if (r->selected && strcmp(r->selected, folder->wire) == 0)
		return 0;
	return reconcile_open(r, folder, err) < 0 ? -1 : 1;
}

int reconcile_select(struct reconcile *r, const char *name, struct err *err)
{
	struct arena *arena = arena_new();
	struct remote_folder *folders;
	size_t count;
	int rc = remote_folders(r->store, arena, &folders, &count, err);
	const struct remote_folder *found = NULL;

	for (size_t i = 0; rc == 0 && i < count; i++)
		if (can_look(&folders[i]) && strcmp(folders[i].name, name ? name : "INBOX") == 0)
			found = &folders[i];
	if (rc == 0 && !found)
		rc = err_set_kind(err, ERR_NOT_FOUND, _("The server has no folder \"%s\"."),
				  name ? name : "INBOX");
	if (rc == 0)
		rc = open_other(r, found, err);
	if (rc > 0)
		rc = has_news(r, &found->state);
	arena_free(&arena);
	return rc;
}

char *reconcile_folder_of(struct reconcile *r, const char *wire)
{
	struct arena *arena = arena_new();
	struct remote_folder *folders;
	size_t count = 0;
	char *name = NULL;

	if (remote_folders(r->store, arena, &folders, &count, NULL) == 0)
		for (size_t i = 0; !name && i < count; i++)
			if (folders[i].wire && strcmp(folders[i].wire, wire) == 0)
				name = mem_strdup(folders[i].name);
	arena_free(&arena);
	return name;
}
