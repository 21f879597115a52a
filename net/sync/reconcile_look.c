/* One mailbox: what changed there comes here, what changed here goes there. */
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

#define TOGETHER    500 /* changes applied at once */
#define MANY_GONE   20	/* more than so many and than half of all: asked again before it is believed */

struct range {
	uint32_t first, last;
};

struct looking {
	struct reconcile *reconcile;
	const struct remote_folder *folder;
	struct remote_state known;
	bool is_first, is_compared;
	/* flags as they come */
	struct arena *arena;
	struct remote_message *messages;
	size_t count;
	struct range *gone;
	size_t gone_count, gone_cap;
	struct reconcile_uids fetch; /* not known here */
	/* comparing all */
	struct remote_known *all;
	size_t all_count;
};

/* --- what we are told --- */

static int apply(struct looking *in, struct err *err)
{
	int rc = remote_apply(in->reconcile->store, in->folder->id, in->messages, in->count, err);

	for (size_t i = 0; rc == 0 && i < in->count; i++)
		if (in->messages[i].is_unknown)
			reconcile_add_uid(&in->fetch, in->messages[i].uid);
	in->count = 0;
	arena_reset(in->arena);
	in->messages = ARENA_ARRAY(in->arena, struct remote_message, TOGETHER);
	return rc;
}

static int told_flags(void *arg, const struct backend_message *message, struct err *err)
{
	struct looking *in = arg;

	if (!message->uid || !message->keywords)
		return 0;
	in->messages[in->count++] = (struct remote_message){
	    .uid = message->uid,
	    .flags = message->flags,
	    .keywords = arena_strdup(in->arena, message->keywords ? message->keywords : "")};
	return in->count == TOGETHER ? apply(in, err) : 0;
}

static int told_gone(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct looking *in = arg;

	(void)err;
	if (!first || last < first)
		return 0;
	ARRAY_ROOM(in->gone, in->gone_count, in->gone_cap);
	in->gone[in->gone_count++] = (struct range){first, last};
	return 0;
}

static struct remote_known *find_known(struct looking *in, uint32_t uid)
{
	size_t from = 0, end = in->all_count;

	while (from < end) {
		size_t middle = from + (end - from) / 2;

		if (in->all[middle].uid == uid)
			return &in->all[middle];
		if (in->all[middle].uid < uid)
			from = middle + 1;
		else
			end = middle;
	}
	return NULL;
}

/* The same, of all messages: what is as it was costs nothing. */
static int compare_flags(void *arg, const struct backend_message *message, struct err *err)
{
	struct looking *in = arg;
	struct remote_known *known = find_known(in, message->uid);
	const char *words = message->keywords ? message->keywords : "";

	if (!known)
		return told_flags(arg, message, err);
	known->is_seen = true;
	if (message->keywords && known->flags == (message->flags & 63u) &&
	    known->keywords == remote_keywords_hash(words))
		return 0;
	return told_flags(arg, message, err);
}

static int compare_range(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct looking *in = arg;
	uint32_t exists = in->reconcile->now.exists;

	if (!first || last < first)
		return 0;
	if (last - first > exists) /* more than there are: a lie */
		return err_set_kind(err, ERR_CORRUPT, _("The server names more messages than it has."));
	for (uint32_t uid = first; uid >= first && uid <= last; uid++) {
		struct remote_known *known = find_known(in, uid);

		if (known)
			known->is_seen = true;
		else
			reconcile_add_uid(&in->fetch, uid);
		if (in->fetch.count > (size_t)exists * 2 + 1000)
			return err_set_kind(err, ERR_CORRUPT,
					    _("The server names more messages than it has."));
	}
	return 0;
}

static int load_all(struct looking *in, struct err *err)
{
	free(in->all);
	return remote_known(in->reconcile->store, in->folder->id, &in->all, &in->all_count, err);
}

static void unseen_are_gone(struct looking *in)
{
	for (size_t i = 0; i < in->all_count; i++)
		if (!in->all[i].is_seen)
			told_gone(in, in->all[i].uid, in->all[i].uid, NULL);
}

static int compare_uids(struct looking *in, struct err *err)
{
	struct backend *backend = in->reconcile->backend;

	in->is_compared = true;
	in->gone_count = 0;
	if (load_all(in, err) < 0)
		return -1;
	if (in->reconcile->now.exists && backend->ops->uids(backend, 1, UINT32_MAX, compare_range, in, err) < 0)
		return -1;
	unseen_are_gone(in);
	return 0;
}

static int compare_all(struct looking *in, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	struct backend_visit visit = {compare_flags, told_gone, in};

	in->is_compared = true;
	if (load_all(in, err) < 0)
		return -1;
	if (in->reconcile->now.exists &&
	    backend->ops->flags(backend, 1, UINT32_MAX, 0, &visit, err) < 0)
		return -1;
	unseen_are_gone(in);
	return apply(in, err);
}

/* Told what changed of flags only: what went shows in the number of messages. */
static int compare_changes(struct looking *in, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	struct backend_visit visit = {told_flags, told_gone, in};

	if (!backend->ops->abilities(backend)->has_modseq || !in->known.modseq)
		return compare_all(in, err);
	if (backend->ops->flags(backend, 1, UINT32_MAX, in->known.modseq, &visit, err) < 0)
		return -1;
	return apply(in, err);
}

/* --- what went --- */

static int gone_uids(struct looking *in, struct reconcile_uids *gone, struct err *err)
{
	for (size_t i = 0; i < in->gone_count; i++) {
		uint32_t *uids;
		size_t count;
		int rc = remote_uids(in->reconcile->store, in->folder->id, in->gone[i].first,
				     in->gone[i].last, &uids, &count, err);

		for (size_t u = 0; rc == 0 && u < count; u++)
			reconcile_add_uid(gone, uids[u]);
		free(uids);
		if (rc < 0)
			return -1;
	}
	reconcile_sort_uids(gone);
	return 0;
}

/* So much at once may be a server that has lost its head: it has to say so twice. */
static int doubt(struct looking *in, struct reconcile_uids *gone, struct err *err)
{
	int64_t all = remote_known_count(in->reconcile->store, in->folder->id, err);
	size_t kept = 0;

	if (all < 0)
		return -1;
	if (gone->count <= MANY_GONE || (int64_t)gone->count * 2 < all)
		return 0;
	log_write(LOG_WARNING, "%s: %zu of %lld messages went at once; asking again", in->folder->name,
		  gone->count, (long long)all);
	if (load_all(in, err) < 0 ||
	    in->reconcile->backend->ops->uids(in->reconcile->backend, 1, UINT32_MAX, compare_range, in, err) <
		0)
		return -1;
	for (size_t i = 0; i < gone->count; i++) {
		const struct remote_known *known = find_known(in, gone->items[i]);

		if (known && !known->is_seen)
			gone->items[kept++] = gone->items[i];
	}
	gone->count = kept;
	return 0;
}

static int apply_gone(struct looking *in, struct err *err)
{
	struct reconcile_uids gone = {NULL, 0, 0};
	int rc = gone_uids(in, &gone, err);

	if (rc == 0)
		rc = doubt(in, &gone, err);
	in->gone_count = 0;
	for (size_t i = 0; rc == 0 && i < gone.count; i++) {
		in->messages[in->count++] =
		    (struct remote_message){.uid = gone.items[i], .keywords = "", .is_gone = true};
		if (in->count == TOGETHER)
			rc = apply(in, err);
	}
	if (rc == 0)
		rc = apply(in, err);
	if (gone.count)
		reconcile_changed(in->reconcile);
	free(gone.items);
	return rc;
}

/* --- what came --- */

static int by_uid(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

struct known_range {
	struct looking *in;
	uint32_t *uids;
	size_t count;
	bool has_known;
};

static int came_range(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct known_range *range = arg;
	struct looking *in = range->in;

	if (!first || last < first)
		return 0;
	if (first < in->known.uidnext)
		first = in->known.uidnext;
	if (last >= first && last - first > in->reconcile->now.exists)
		return err_set_kind(err, ERR_CORRUPT, _("The server names more messages than it has."));
	for (uint32_t uid = first; uid >= first && uid <= last; uid++) {
		if (range->count && bsearch(&uid, range->uids, range->count, sizeof uid, by_uid))
			range->has_known = true;
		else
			reconcile_add_uid(&in->fetch, uid);
	}
	return 0;
}

static int list_came(struct looking *in, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	struct known_range range = {.in = in};
	struct backend_visit visit = {told_flags, told_gone, in};
	uint32_t from = in->known.uidnext ? in->known.uidnext : 1;
	int rc;

	if (in->reconcile->now.exists == 0 ||
	    (in->reconcile->now.uidnext && in->reconcile->now.uidnext <= from))
		return 0;
	rc = remote_uids(in->reconcile->store, in->folder->id, from, UINT32_MAX, &range.uids, &range.count,
			 err);
	if (rc == 0)
		rc = backend->ops->uids(backend, from, UINT32_MAX, came_range, &range, err);
	if (rc == 0 && range.has_known) /* sent there by us: their flags may have changed since */
		rc = backend->ops->flags(backend, from, UINT32_MAX, 0, &visit, err);
	if (rc == 0)
		rc = apply(in, err);
	free(range.uids);
	return rc;
}

/* What we know and what came must be what there is. */
static int check_count(struct looking *in, struct err *err)
{
	int64_t known = remote_known_count(in->reconcile->store, in->folder->id, err);

	reconcile_sort_uids(&in->fetch);
	if (known < 0)
		return -1;
	if (in->is_compared || known + (int64_t)in->fetch.count == (int64_t)in->reconcile->now.exists)
		return 0;
	if (compare_uids(in, err) < 0 || apply_gone(in, err) < 0)
		return -1;
	reconcile_sort_uids(&in->fetch);
	return 0;
}

/* --- the whole look --- */

static bool is_other_mailbox(const struct looking *in)
{
	const struct backend_state *now = &in->reconcile->now;

	return in->known.uidvalidity && (now->uidvalidity != in->known.uidvalidity ||
					 (now->uidnext && now->uidnext < in->known.uidnext));
}

/* Its uids mean nothing any more: messages are found again by what they are. */
static int start_again(struct looking *in, struct err *err)
{
	log_write(LOG_WARNING, "%s: the server has numbered its messages anew", in->folder->name);
	in->count = in->gone_count = in->fetch.count = 0;
	memset(&in->known, 0, sizeof in->known);
	return remote_forget_uids(in->reconcile->store, in->folder->id, err);
}

static int open_mailbox(struct looking *in, bool *is_whole, struct err *err)
{
	struct reconcile *r = in->reconcile;
	struct backend_visit visit = {told_flags, told_gone, in};
	struct backend_state known = {.uidvalidity = in->known.uidvalidity,
				      .uidnext = in->known.uidnext,
				      .modseq = in->known.modseq,
				      .exists = (uint32_t)in->known.messages};

	free(r->selected);
	r->selected = NULL;
	memset(&r->now, 0, sizeof r->now);
	if (r->backend->ops->select(r->backend, in->folder->wire, known.uidnext ? &known : NULL, &visit,
				    &r->now, is_whole, err) < 0)
		return -1;
	r->selected = mem_strdup(in->folder->wire);
	return 0;
}

static int hear(struct looking *in, struct err *err)
{
	bool is_whole = false;

	if (open_mailbox(in, &is_whole, err) < 0)
		return -1;
	if (is_other_mailbox(in))
		return start_again(in, err);
	if (apply(in, err) < 0)
		return -1;
	if (!in->is_first && !is_whole && compare_changes(in, err) < 0)
		return -1;
	return apply_gone(in, err);
}

static uint32_t next_uid(const struct looking *in)
{
	uint32_t next = in->reconcile->now.uidnext;

	if (next == 0)
		next = in->known.uidnext;
	if (in->fetch.count && in->fetch.items[in->fetch.count - 1] >= next)
		next = in->fetch.items[in->fetch.count - 1] + 1;
	return next;
}

static int keep(struct looking *in, uint32_t uidnext, struct err *err)
{
	const struct backend_state *now = &in->reconcile->now;
	struct remote_state state = {.uidvalidity = now->uidvalidity,
				     .uidnext = uidnext,
				     .modseq = now->modseq,
				     .messages = now->exists,
				     .unseen = -1};

	if (in->folder->state.uidvalidity == state.uidvalidity && in->folder->state.uidnext == state.uidnext &&
	    in->folder->state.modseq == state.modseq && in->folder->state.messages == state.messages)
		return 0;
	return remote_folder_keep(in->reconcile->store, in->folder->id, &state, err);
}

/* What it is to be known by: the names of files are made of it. */
static int keep_uidvalidity(struct looking *in, struct err *err)
{
	struct remote_state state = {.uidvalidity = in->reconcile->now.uidvalidity, .unseen = -1};

	if (in->known.uidvalidity)
		return 0;
	return remote_folder_keep(in->reconcile->store, in->folder->id, &state, err);
}

/* A few may have been deleted meanwhile; where as many are lost as are left, a person must know. */
static void tell_rescued(struct looking *in)
{
	size_t count = remote_rescued(in->reconcile->store);
	struct err why = ERR_INIT;
	char *path;

	if (!count)
		return;
	path = remote_rescue_path(in->reconcile->store);
	err_set(&why,
		ngettext("%zu letter of \"%s\" is no more on the server, which has numbered them anew: a copy is "
			 "kept, and \"tern -f %s\" shows it.",
			 "%zu letters of \"%s\" are no more on the server, which has numbered them anew: copies "
			 "are kept, and \"tern -f %s\" shows them.",
			 count),
		count, in->folder->name, path);
	log_write(LOG_WARNING, "%s", why.text);
	if (count >= in->reconcile->now.exists)
		reconcile_note(in->reconcile, &why);
	free(path);
}

static int bring(struct looking *in, struct err *err)
{
	struct reconcile *r = in->reconcile;
	uint32_t uidnext;

	if (list_came(in, err) < 0 || check_count(in, err) < 0)
		return -1;
	uidnext = next_uid(in);
	if (in->fetch.count && (keep_uidvalidity(in, err) < 0 ||
				store_index(r->store, in->folder->id, NULL, NULL, err) < 0 ||
				reconcile_fetch_new(r, in->folder, &in->fetch, in->is_first, err) < 0))
		return -1;
	if (remote_settle(r->store, in->folder->id, err) < 0)
		return -1;
	tell_rescued(in);
	return keep(in, uidnext, err);
}

int reconcile_look(struct reconcile *reconcile, const struct remote_folder *folder, struct err *err)
{
	struct looking in = {.reconcile = reconcile,
			     .folder = folder,
			     .known = folder->state,
			     .is_first = folder->state.uidnext == 0,
			     .arena = arena_new()};
	int rc;

	in.messages = ARENA_ARRAY(in.arena, struct remote_message, TOGETHER);
	rc = hear(&in, err);
	if (rc == 0)
		rc = bring(&in, err);
	if (rc == 0)
		rc = reconcile_pay(reconcile, folder, err);
	reconcile_changed(reconcile);
	free(in.gone);
	free(in.all);
	free(in.fetch.items);
	arena_free(&in.arena);
	return rc < 0 ? err_add(err, _("looking at \"%s\" on the server"), folder->name) : 0;
}
