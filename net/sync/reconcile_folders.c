/* Mailboxes there and folders here: made, renamed and removed on either side. */
#include "config.h"
#include "net/sync/reconcile_inside.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/str.h"

struct listing {
	struct reconcile *reconcile;
	struct arena *arena;
	struct backend_mailbox *boxes;
	int64_t *folders; /* of each box, 0 none yet */
	size_t count, cap;
	struct remote_folder *known;
	size_t known_count;
	struct err first; /* what could not be done */
};

static int list_one(void *arg, const struct backend_mailbox *mailbox, struct err *err)
{
	struct listing *in = arg;
	struct backend_mailbox *box;

	(void)err;
	if (!mailbox->wire)
		return 0;
	for (size_t i = 0; i < in->count; i++)
		if (strcmp(in->boxes[i].wire, mailbox->wire) == 0)
			return 0;
	ARRAY_ROOM(in->boxes, in->count, in->cap);
	box = &in->boxes[in->count++];
	*box = *mailbox;
	box->wire = arena_strdup(in->arena, mailbox->wire);
	box->name = mailbox->name ? arena_strdup(in->arena, mailbox->name) : NULL;
	return 0;
}

static bool is_inbox(const struct backend_mailbox *box)
{
	return box->role == ROLE_INBOX || (box->name && str_equal_nocase(box->name, "INBOX"));
}

static int ask(struct listing *in, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	bool has_inbox = false;

	in->count = 0;
	if (backend->ops->list(backend, list_one, in, err) < 0)
		return -1;
	for (size_t i = 0; i < in->count; i++)
		has_inbox |= is_inbox(&in->boxes[i]);
	if (!has_inbox)
		return err_set_kind(err, ERR_TEMPORARY, _("The server lists no inbox; trying again later."));
	free(in->folders);
	in->folders = mem_calloc(in->count + 1, sizeof *in->folders);
	return 0;
}

static int load(struct listing *in, struct err *err)
{
	return remote_folders(in->reconcile->store, in->arena, &in->known, &in->known_count, err);
}

static size_t box_of(const struct listing *in, const struct remote_folder *folder)
{
	for (size_t i = 0; folder->wire && i < in->count; i++)
		if (strcmp(in->boxes[i].wire, folder->wire) == 0)
			return i;
	return in->count;
}

/* What one folder could not have is no other's matter; a lost connection is. */
static int failed(struct listing *in, const struct err *why, struct err *err)
{
	if (reconcile_is_lost(why))
		return err_set_kind(err, why->kind, "%s", why->text);
	log_write(LOG_WARNING, "%s", why->text);
	if (in->first.kind == ERR_NONE)
		in->first = *why;
	return 0;
}

/* --- renamed here --- */

static int rename_there(struct listing *in, const struct remote_folder *folder, struct err *err)
{
	struct reconcile *r = in->reconcile;
	char *wire = NULL;
	int rc = r->backend->ops->rename(r->backend, folder->wire, folder->name, &wire, err);

	if (rc == 0)
		rc = remote_folder_link(r->store, folder->id, wire, err);
	free(wire);
	return rc < 0 ? err_add(err, _("renaming the folder \"%s\" on the server"), folder->name) : 0;
}

/* 1 when the list is to be asked for again. */
static int rename_one(struct listing *in, struct err *err)
{
	for (size_t i = 0; i < in->known_count; i++) {
		const struct remote_folder *folder = &in->known[i];
		struct err why = ERR_INIT;

		if (folder->is_removed || box_of(in, folder) == in->count ||
		    strcmp(folder->name, folder->local) == 0)
			continue;
		if (rename_there(in, folder, &why) == 0)
			return 1;
		if (failed(in, &why, err) < 0)
			return -1;
	}
	return 0;
}

/* --- new here --- */

static bool has_box(const struct listing *in, const char *name)
{
	for (size_t i = 0; i < in->count; i++)
		if (in->boxes[i].is_selectable && in->boxes[i].name && strcmp(in->boxes[i].name, name) == 0)
			return true;
	return false;
}

static int make_there(struct listing *in, const struct remote_folder *folder, struct err *err)
{
	struct reconcile *r = in->reconcile;
	char *wire = NULL;
	int rc = r->backend->ops->create(r->backend, folder->name, &wire, err);

	if (rc == 0)
		rc = remote_folder_link(r->store, folder->id, wire, err);
	free(wire);
	return rc < 0 ? err_add(err, _("making the folder \"%s\" on the server"), folder->name) : 0;
}

/* Those without a mailbox of that name get one. 1 when the list is to be asked for again. */
static int give_new(struct listing *in, struct err *err)
{
	bool has_made = false;

	for (size_t i = 0; i < in->known_count; i++) {
		struct err why = ERR_INIT;

		if (in->known[i].wire || has_box(in, in->known[i].name))
			continue;
		if (make_there(in, &in->known[i], &why) == 0)
			has_made = true;
		else if (failed(in, &why, err) < 0)
			return -1;
	}
	return has_made;
}

/* --- removed here --- */

/* What was moved out of it goes first, and while any of that has not gone the mailbox stays; what came into it there
 * brings it back. (An empty one may never have been looked at.) 1: it stays for now. */
static int remove_there(struct listing *in, const struct remote_folder *folder, struct err *err)
{
	struct reconcile *r = in->reconcile;
	int waits;

	if (reconcile_open(r, folder, err) < 0 || reconcile_pay(r, folder, err) < 0)
		return -1;
	if (r->now.exists &&
	    (r->now.uidvalidity != folder->state.uidvalidity || r->now.uidnext > folder->state.uidnext))
		return remote_folder_back(r->store, folder->id, err);
	waits = remote_leaves(r->store, folder->id, err);
	if (waits)
		return waits;
	free(r->selected);
	r->selected = NULL;
	if (r->backend->ops->remove(r->backend, folder->wire, err) < 0)
		return -1;
	return remote_folder_gone(r->store, folder->id, err);
}

/* 1 when the list is to be asked for again. */
static int remove_one(struct listing *in, struct err *err)
{
	for (size_t i = 0; i < in->known_count; i++) {
		const struct remote_folder *folder = &in->known[i];
		struct err why = ERR_INIT;
		int rc;

		if (!folder->is_removed || box_of(in, folder) == in->count)
			continue;
		rc = remove_there(in, folder, &why);
		if (rc == 0)
			return 1;
		if (rc < 0 && failed(in, &why, err) < 0)
			return -1;
	}
	return 0;
}

/* --- gone or renamed there --- */

static size_t unmatched_by_name(const struct listing *in, const struct remote_folder *folder)
{
	for (size_t i = 0; i < in->count; i++)
		if (!in->folders[i] && in->boxes[i].name && strcmp(in->boxes[i].name, folder->name) == 0)
			return i;
	return in->count;
}

static size_t missing_with(const struct listing *in, uint32_t uidvalidity)
{
	size_t count = 0;

	for (size_t i = 0; i < in->known_count; i++)
		count += in->known[i].wire && in->known[i].state.uidvalidity == uidvalidity &&
			 box_of(in, &in->known[i]) == in->count;
	return count;
}

/* The one mailbox that has the uidvalidity of the one folder that is missing. */
static size_t unmatched_by_uids(const struct listing *in, const struct remote_folder *folder)
{
	const struct remote_state *state = &folder->state;
	size_t found = in->count;

	if (!state->uidvalidity || missing_with(in, state->uidvalidity) != 1)
		return in->count;
	for (size_t i = 0; i < in->count; i++) {
		if (in->folders[i] || in->boxes[i].uidvalidity != (int64_t)state->uidvalidity ||
		    in->boxes[i].uidnext < (int64_t)state->uidnext)
			continue;
		if (found < in->count)
			return in->count;
		found = i;
	}
	return found;
}

/* A list may lie: a mailbox is gone when it cannot be opened either. */
static int see_gone(struct listing *in, const struct remote_folder *folder, struct err *err)
{
	struct reconcile *r = in->reconcile;
	struct err why = ERR_INIT;

	if (folder->is_selectable && !folder->is_removed) {
		reconcile_close(r); /* it may be the one that was open when it went */
		if (reconcile_open(r, folder, &why) == 0)
			return 0;
		if (why.kind != ERR_NOT_FOUND)
			return err_set_kind(err, why.kind, "%s", why.text);
	}
	return remote_folder_gone(r->store, folder->id, err);
}

static int see_missing(struct listing *in, const struct remote_folder *folder, struct err *err)
{
	struct reconcile *r = in->reconcile;
	size_t i = unmatched_by_name(in, folder);

	if (folder->is_removed)
		return remote_folder_gone(r->store, folder->id, err);
	if (i < in->count) {
		in->folders[i] = folder->id;
		return remote_folder_link(r->store, folder->id, in->boxes[i].wire, err);
	}
	i = unmatched_by_uids(in, folder);
	if (i < in->count) {
		in->folders[i] = folder->id;
		return remote_folder_renamed(r->store, folder->id, in->boxes[i].wire, in->boxes[i].name, err);
	}
	return see_gone(in, folder, err);
}

static int match(struct listing *in, struct err *err)
{
	for (size_t i = 0; i < in->known_count; i++) {
		size_t box = box_of(in, &in->known[i]);

		if (box < in->count)
			in->folders[box] = in->known[i].id;
	}
	for (size_t i = 0; i < in->known_count; i++) {
		struct err why = ERR_INIT;

		if (!in->known[i].wire || box_of(in, &in->known[i]) < in->count)
			continue;
		if (see_missing(in, &in->known[i], &why) < 0 && failed(in, &why, err) < 0)
			return -1;
	}
	return 0;
}

/* --- new there --- */

static int take_new(struct listing *in, struct err *err)
{
	for (size_t i = 0; i < in->count; i++) {
		const struct backend_mailbox *box = &in->boxes[i];
		struct err why = ERR_INIT;
		int64_t id;

		if (in->folders[i] || !box->is_selectable)
			continue;
		id = remote_folder_take(in->reconcile->store, box->wire, is_inbox(box) ? "INBOX" : box->name,
					&why);
		if (id > 0)
			in->folders[i] = id;
		else if (failed(in, &why, err) < 0)
			return -1;
		reconcile_changed(in->reconcile);
	}
	return 0;
}

/* --- what else there is to know of them --- */

static int note_subscription(struct listing *in, const struct remote_folder *folder, struct err *err)
{
	struct reconcile *r = in->reconcile;

	if (folder->is_subscribed == folder->wants_subscribed)
		return 0;
	if (r->backend->ops->subscribe(r->backend, folder->wire, folder->wants_subscribed, err) < 0)
		return -1;
	return remote_folder_note(r->store, folder->id, ROLE_NONE, folder->is_selectable,
				  folder->wants_subscribed, err);
}

static int note_all(struct listing *in, struct err *err)
{
	for (size_t i = 0; i < in->known_count; i++) {
		const struct remote_folder *folder = &in->known[i];
		size_t box = box_of(in, folder);
		enum account_role role;
		struct err why = ERR_INIT;

		if (box == in->count || folder->is_removed)
			continue;
		role = is_inbox(&in->boxes[box]) ? ROLE_INBOX : in->boxes[box].role;
		if (role == ROLE_INBOX && strcmp(folder->name, "INBOX") != 0)
			role = ROLE_NONE;
		if (note_subscription(in, folder, &why) < 0 && failed(in, &why, err) < 0)
			return -1;
		if (remote_folder_note(in->reconcile->store, folder->id, role, in->boxes[box].is_selectable,
				       in->boxes[box].is_subscribed, err) < 0)
			return -1;
	}
	return 0;
}

#define LISTS 20 /* folders told in one round */

static bool has_removed(const struct listing *in)
{
	for (size_t i = 0; i < in->known_count; i++)
		if (in->known[i].is_removed && box_of(in, &in->known[i]) < in->count)
			return true;
	return false;
}

/* What is moved out of a folder that is to be removed may go to one that is new. 1 when the list is to be asked for
 * again. */
static int tell_folders(struct listing *in, struct err *err)
{
	int again = rename_one(in, err);

	if (again || !has_removed(in))
		return again;
	again = give_new(in, err);
	return again ? again : remove_one(in, err);
}

static int agree(struct listing *in, struct err *err)
{
	int again = 1;

	for (int i = 0; again == 1 && i < LISTS; i++) {
		if (reconcile_check_stop(in->reconcile, err) < 0 || ask(in, err) < 0 || load(in, err) < 0)
			return -1;
		again = tell_folders(in, err);
		if (again)
			continue;
		if (match(in, err) < 0 || take_new(in, err) < 0 || load(in, err) < 0)
			return -1;
		again = i + 1 < LISTS ? give_new(in, err) : 0;
	}
	if (again < 0 || load(in, err) < 0)
		return -1;
	return note_all(in, err);
}

int reconcile_folders(struct reconcile *reconcile, struct arena *arena, struct remote_folder **folders,
		      size_t *count, struct backend_mailbox ***status, struct err *err)
{
	struct listing in = {.reconcile = reconcile, .arena = arena};
	int rc = agree(&in, err);

	*folders = in.known;
	*count = rc < 0 ? 0 : in.known_count;
	*status = ARENA_ARRAY(arena, struct backend_mailbox *, *count + 1);
	for (size_t i = 0; i < *count; i++) {
		size_t box = box_of(&in, &in.known[i]);

		if (box == in.count)
			continue;
		(*status)[i] = ARENA_NEW(arena, struct backend_mailbox);
		*(*status)[i] = in.boxes[box];
	}
	free(in.boxes);
	free(in.folders);
	if (rc == 0 && in.first.kind != ERR_NONE)
		reconcile_note(reconcile, &in.first);
	return rc;
}
