/* What people did here, told to the server, with as few commands as can be. */
#include "config.h"
#include "net/sync/reconcile_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/log.h"

#define AT_ONCE 20000 /* messages of one look */

struct paying {
	struct reconcile *reconcile;
	const struct remote_folder *folder;
	struct remote_folder *folders;
	size_t folder_count;
	struct arena *arena;
	struct err first; /* what could not be done */
	bool has_done;
};

/* One group: debts that one command carries. */
struct group {
	const struct remote_owed *owed;
	uint32_t *uids, *told; /* TOLD: where they are now */
	bool *carried;	       /* the server said that it did this one */
	size_t count;
	uint32_t target_uidvalidity;
};

/* --- what belongs together --- */

static bool is_alike(const struct remote_owed *a, const struct remote_owed *b)
{
	if (a->debt != b->debt || a->debt == DEBT_APPEND)
		return false;
	if (a->debt == DEBT_FLAGS)
		return a->set == b->set && a->clear == b->clear && !strcmp(a->set_keywords, b->set_keywords) &&
		       !strcmp(a->clear_keywords, b->clear_keywords);
	return a->debt == DEBT_REMOVE || a->target == b->target;
}

static size_t end_of_group(const struct remote_owed *owed, size_t count)
{
	size_t end = 1;

	while (end < count && is_alike(&owed[0], &owed[end]) && owed[end - 1].uid != owed[end].uid)
		end++;
	return end;
}

static struct group make_group(struct paying *in, const struct remote_owed *owed, size_t count)
{
	struct group group = {.owed = owed,
			      .uids = ARENA_ARRAY(in->arena, uint32_t, count),
			      .told = ARENA_ARRAY(in->arena, uint32_t, count),
			      .carried = ARENA_ARRAY(in->arena, bool, count),
			      .count = count};

	for (size_t i = 0; i < count; i++)
		group.uids[i] = owed[i].uid;
	return group;
}

static const struct remote_folder *target_of(const struct paying *in, const struct group *group)
{
	for (size_t i = 0; i < in->folder_count; i++)
		if (in->folders[i].id == group->owed->target && in->folders[i].wire &&
		    in->folders[i].is_selectable && !in->folders[i].is_removed)
			return &in->folders[i];
	return NULL;
}

/* --- outcomes --- */

static enum remote_rest rest_of(const struct paying *in, enum remote_debt debt)
{
	struct backend *backend = in->reconcile->backend;
	const struct backend_abilities *can = backend->ops->abilities(backend);

	if (debt == DEBT_MOVE && can->has_move)
		return REST_NONE;
	return (debt == DEBT_MOVE || debt == DEBT_REMOVE) && !can->has_uids_back ? REST_MARKED : REST_NONE;
}

static int done(struct paying *in, const struct group *group, struct err *err)
{
	in->has_done = in->reconcile->has_told = true;
	return remote_sent(in->reconcile->store, group->owed, group->count, group->told,
			   rest_of(in, group->owed->debt), err);
}

/* COUNT from FIRST, alike: carried before the server refused the rest, or not. What was copied to be moved is only
 * to be removed where it was: to copy it once more would multiply it. */
static int note_some(struct paying *in, const struct group *group, size_t first, size_t count, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	struct store *store = in->reconcile->store;
	const struct backend_abilities *can = backend->ops->abilities(backend);
	bool is_carrying = group->owed->debt == DEBT_MOVE || group->owed->debt == DEBT_COPY;

	if (!group->carried[first] && is_carrying && !can->has_uids_back)
		return remote_in_doubt(store, group->owed + first, count, err);
	if (!group->carried[first])
		return remote_not_sent(store, group->owed + first, count, err);
	in->has_done = in->reconcile->has_told = true;
	return remote_sent(store, group->owed + first, count, group->told + first,
			   group->owed->debt == DEBT_MOVE && !can->has_move ? REST_OWED : REST_NONE, err);
}

/* -1 only when the connection is lost; what was refused is tried again the next round. */
static int refused(struct paying *in, const struct group *group, const struct err *why, struct err *err)
{
	int rc = 0;

	if (reconcile_is_lost(why))
		return err_set_kind(err, why->kind, "%s", why->text);
	log_write(LOG_WARNING, "%s: %s", in->folder->name, why->text);
	if (in->first.kind == ERR_NONE)
		in->first = *why;
	for (size_t i = 0, n; rc == 0 && i < group->count; i += n) {
		for (n = 1; i + n < group->count && group->carried[i + n] == group->carried[i];)
			n++;
		rc = note_some(in, group, i, n, err);
	}
	return rc;
}

/* --- each kind --- */

static int pay_flags(struct paying *in, struct group *group, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	const struct remote_owed *owed = group->owed;
	struct err why = ERR_INIT;
	struct buf set = BUF_INIT, clear = BUF_INIT;
	int rc;

	buf_add_str(&set, owed->set_keywords);
	buf_add_str(&clear, owed->clear_keywords);
	if (owed->set & BOX_FORWARDED)
		buf_printf(&set, "%s$Forwarded", set.len ? " " : "");
	if (owed->clear & BOX_FORWARDED)
		buf_printf(&clear, "%s$Forwarded", clear.len ? " " : "");
	rc = backend->ops->store(backend, group->uids, group->count, owed->set & ~(unsigned)BOX_FORWARDED,
				 owed->clear & ~(unsigned)BOX_FORWARDED, buf_str(&set), buf_str(&clear), NULL,
				 &why);
	buf_free(&set);
	buf_free(&clear);
	return rc < 0 ? refused(in, group, &why, err) : done(in, group, err);
}

static int by_uid(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* A uid told for another uidvalidity than we know would be another message's. */
static int told_pair(void *arg, uint32_t old_uid, uint32_t new_uid, uint32_t uidvalidity, struct err *err)
{
	struct group *group = arg;
	uint32_t *at = bsearch(&old_uid, group->uids, group->count, sizeof old_uid, by_uid);

	(void)err;
	if (!at)
		return 0;
	group->carried[at - group->uids] = true;
	if (!group->target_uidvalidity || uidvalidity == group->target_uidvalidity)
		group->told[at - group->uids] = new_uid;
	return 0;
}

static int pay_carrying(struct paying *in, struct group *group, bool is_move, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	const struct remote_folder *target = target_of(in, group);
	struct err why = ERR_INIT;
	int rc;

	if (!target)
		return 0; /* the server has it not yet */
	group->target_uidvalidity = target->state.uidvalidity;
	if (remote_sending(in->reconcile->store, group->owed, group->count, err) < 0)
		return -1;
	rc = (is_move ? backend->ops->move : backend->ops->copy)(backend, group->uids, group->count, target->wire,
								 told_pair, group, &why);
	if (rc < 0)
		return refused(in, group, &why, err);
	return done(in, group, err);
}

static int pay_removal(struct paying *in, struct group *group, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	struct err why = ERR_INIT;

	if (backend->ops->expunge(backend, group->uids, group->count, &why) < 0)
		return refused(in, group, &why, err);
	return done(in, group, err);
}

/* --- new ones --- */

static int open_letter(struct paying *in, struct remote_owed *owed, struct backend_letter *letter,
		       struct err *err)
{
	struct buf path = BUF_INIT;
	struct file_view view;
	struct message message;
	int rc = store_message(in->reconcile->store, owed->message, in->arena, &message, err);

	if (rc == 0)
		err_set_kind(err, ERR_NOT_FOUND, _("This message is gone."));
	if (rc != 1 || store_message_path(in->reconcile->store, owed->message, &path, err) < 0) {
		buf_free(&path);
		return -1;
	}
	letter->received = message.received;
	letter->fd = open(buf_str(&path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	rc = letter->fd < 0 ? err_errno(err, _("opening \"%s\""), buf_str(&path))
			    : file_view_open_fd(&view, letter->fd, err);
	buf_free(&path);
	if (rc < 0) {
		if (letter->fd >= 0)
			close(letter->fd);
		return -1;
	}
	letter->size = (int64_t)view.len;
	owed->size = remote_wire_size(view.data, view.len);
	file_view_close(&view);
	lseek(letter->fd, 0, SEEK_SET);
	return 0;
}

/* What stays here is told with its name. */
static struct err *name_letter(struct paying *in, const struct remote_owed *owed, struct err *why)
{
	struct message message;

	if (!reconcile_is_lost(why) &&
	    store_message(in->reconcile->store, owed->message, in->arena, &message, NULL) == 1)
		err_add(why, _("the letter \"%s\" stays on this computer only"), message.subject);
	return why;
}

static int append(struct paying *in, struct group *group, const struct backend_letter *letter, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	int64_t limit = backend->ops->abilities(backend)->append_limit;
	uint32_t uidvalidity = 0;
	struct err why = ERR_INIT;
	int rc;

	if (limit > 0 && group->owed->size > limit) {
		err_set(&why, _("A message of %lld bytes is larger than the server takes (%lld); it stays here."),
			(long long)group->owed->size, (long long)limit);
		return refused(in, group, name_letter(in, group->owed, &why), err);
	}
	if (remote_sending(in->reconcile->store, group->owed, 1, err) < 0)
		return -1;
	rc = backend->ops->append(backend, in->folder->wire, letter, group->told, &uidvalidity, &why);
	if (rc < 0)
		return refused(in, group, name_letter(in, group->owed, &why), err);
	if (in->folder->state.uidvalidity && uidvalidity != in->folder->state.uidvalidity)
		group->told[0] = 0;
	return done(in, group, err);
}

static int pay_new(struct paying *in, struct group *group, struct err *err)
{
	struct remote_owed owed = *group->owed; /* its own: the letter's size is only known here */
	struct group alone = *group;
	struct backend_letter letter = {.fd = -1, .flags = owed.set & ~(unsigned)BOX_FORWARDED};
	struct buf words = BUF_INIT;
	struct err why = ERR_INIT;
	int rc;

	alone.owed = &owed;
	if (in->reconcile->backend->ops->abilities(in->reconcile->backend)->has_labels)
		owed.set_keywords = "";
	if (owed.target != in->folder->id)
		return 0;
	if (open_letter(in, &owed, &letter, &why) < 0)
		return refused(in, &alone, &why, err);
	buf_add_str(&words, owed.set_keywords);
	if (owed.set & BOX_FORWARDED)
		buf_printf(&words, "%s$Forwarded", words.len ? " " : "");
	letter.keywords = buf_str(&words);
	rc = append(in, &alone, &letter, err);
	buf_free(&words);
	close(letter.fd);
	return rc;
}

static int pay_group(struct paying *in, struct group *group, struct err *err)
{
	switch (group->owed->debt) {
	case DEBT_FLAGS:
		return pay_flags(in, group, err);
	case DEBT_COPY:
		return pay_carrying(in, group, false, err);
	case DEBT_MOVE:
		return pay_carrying(in, group, true, err);
	case DEBT_REMOVE:
		return pay_removal(in, group, err);
	case DEBT_APPEND:
		return pay_new(in, group, err);
	}
	return 0;
}

/* --- all of it --- */

static int load_owed(struct paying *in, struct remote_owed **owed, size_t *count, struct err *err)
{
	struct backend *backend = in->reconcile->backend;

	return remote_owed(in->reconcile->store, in->folder->id, backend->ops->abilities(backend)->has_keywords,
			   AT_ONCE, in->arena, owed, count, err);
}

static int pay_all(struct paying *in, struct err *err)
{
	struct remote_owed *owed;
	size_t count;

	if (remote_folders(in->reconcile->store, in->arena, &in->folders, &in->folder_count, err) < 0 ||
	    load_owed(in, &owed, &count, err) < 0)
		return -1;
	for (size_t i = 0, n; i < count; i += n) {
		struct group group;

		n = end_of_group(owed + i, count - i);
		group = make_group(in, owed + i, n);
		if (reconcile_check_stop(in->reconcile, err) < 0 || pay_group(in, &group, err) < 0)
			return -1;
	}
	return in->has_done ? load_owed(in, &owed, &count, err) : 0; /* what is agreed on now is struck off */
}

int reconcile_pay(struct reconcile *reconcile, const struct remote_folder *folder, struct err *err)
{
	struct paying in = {.reconcile = reconcile, .folder = folder};
	int rc = remote_owes(reconcile->store, folder->id, err);

	if (rc <= 0 || reconcile->backend->ops->abilities(reconcile->backend)->is_read_only)
		return rc < 0 ? -1 : 0;
	in.arena = arena_new();
	rc = pay_all(&in, err);
	arena_free(&in.arena);
	if (rc == 0 && in.first.kind != ERR_NONE)
		return err_set_kind(err, in.first.kind, "%s", in.first.text);
	return rc;
}
