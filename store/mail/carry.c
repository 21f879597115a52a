/* Carrying out intents on the files. The order makes it safe to be killed anywhere: a file is
 * delivered to its new place (durable, and known again by the intent's own name), then the database
 * knows it there, and only then its old place is given up, by an intent of its own. */
#include "config.h"
#include "store/mail/store.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/mail/change.h"
#include "store/mail/lost_tags.h"
#include "store/mail/remote_inside.h"
#include "store/mail/row.h"
#include "store/mail/store_inside.h"

#define BATCH	      20000 /* an mbox is written anew for each */
#define TOGETHER      100   /* of them in one transaction: a screen waits for it */
#define POLITE_US     1000
#define RETRY_FIRST_S 2
#define RETRY_LAST_S  300

enum outcome { DONE, MISSING, FAILED };

struct carried {
	struct intent intent;
	int64_t received;
	unsigned flags; /* before; after: the file's */
	bool knows_flags;
	int tries;
	enum outcome outcome;
	const char *new_key;
};

#define LATER_SQL                                                                                  \
	"(i.op = 1 AND EXISTS (SELECT 1 FROM folder f WHERE f.id = i.place AND f.kind = 2)"        \
	" AND NOT EXISTS (SELECT 1 FROM intent k WHERE k.place = i.place AND k.op <> 1"            \
	"  AND k.due <= ?1))"
_Static_assert(INTENT_FLAGS == 1 && BOX_MBOX == 2, "as LATER_SQL has it");

struct opened {
	int64_t folder;
	struct box *box;
	bool is_changed;
};

struct carrier {
	struct store *store;
	struct arena *arena;
	struct opened *boxes;
	size_t box_count, box_cap;
	struct carried *items;
	size_t count, cap;
	int64_t epoch;
	bool leaves_flags; /* of an mbox, unless it is to be written anyway */
	struct err first; /* the first thing that went wrong */
};

static struct opened *box_of(struct carrier *carrier, int64_t folder, struct err *err)
{
	struct opened *opened;
	struct box *box;

	for (size_t i = 0; i < carrier->box_count; i++)
		if (carrier->boxes[i].folder == folder)
			return &carrier->boxes[i];
	box = store_box(carrier->store, folder, err);
	if (!box)
		return NULL;
	ARRAY_ROOM(carrier->boxes, carrier->box_count, carrier->box_cap);
	opened = &carrier->boxes[carrier->box_count++];
	*opened = (struct opened){.folder = folder, .box = box};
	return opened;
}

static void close_boxes(struct carrier *carrier)
{
	for (size_t i = 0; i < carrier->box_count; i++)
		box_close(&carrier->boxes[i].box);
	carrier->box_count = 0;
}

/* --- on the files --- */

/* What the file says now, so that a flag another program has just set is not lost. */
static unsigned present_flags(struct box *box, const char *key, unsigned otherwise)
{
	unsigned flags;

	if (box_flags(box, key, &flags, NULL) < 0)
		flags = otherwise;
	return flags & ~(unsigned)BOX_RECENT;
}

/* All that is wanted of one message: an mbox need not be written again for the next wish. */
static unsigned wanted_flags(struct store *store, const struct carried *item, unsigned flags)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT set_flags, clear_flags FROM intent"
						   " WHERE message = ? AND op = ? ORDER BY id");

	flags = (flags | item->intent.set) & ~item->intent.clear;
	db_bind_int(stmt, 1, item->intent.message);
	db_bind_int(stmt, 2, INTENT_FLAGS);
	while (db_step(stmt, NULL) == 1)
		flags = (flags | (unsigned)db_int(stmt, 0)) & ~(unsigned)db_int(stmt, 1);
	return flags;
}

static int see_missing(struct carried *item, int rc, const struct err *err)
{
	if (rc < 0 && err->kind == ERR_NOT_FOUND)
		item->outcome = MISSING;
	return rc;
}

static int do_flags(struct carrier *carrier, struct carried *item, struct err *err)
{
	struct opened *opened = box_of(carrier, item->intent.place, err);

	if (!opened)
		return -1;
	item->flags = present_flags(opened->box, item->intent.key, item->flags);
	item->flags = wanted_flags(carrier->store, item, item->flags);
	item->knows_flags = true;
	opened->is_changed = true;
	return see_missing(item, box_set_flags(opened->box, item->intent.key, item->flags, err),
			   err);
}

static int do_remove(struct carrier *carrier, struct carried *item, struct err *err)
{
	struct opened *opened = box_of(carrier, item->intent.place, err);

	if (!opened)
		return -1;
	opened->is_changed = true;
	return box_remove(opened->box, item->intent.key, err);
}

static int deliver(struct carrier *carrier, struct carried *item, const struct box_message *bytes,
		   struct err *err)
{
	struct opened *target = box_of(carrier, item->intent.target, err);
	struct box_delivery delivery = {.data = bytes->data,
					.len = bytes->len,
					.fd = -1,
					.flags = item->flags & ~(unsigned)BOX_RECENT,
					.received = item->received};
	struct buf key = BUF_INIT;
	int rc = -1;

	delivery.unique = arena_printf(carrier->arena, "%lld-%lld-%lld-%s",
				       (long long)carrier->epoch, (long long)item->intent.id,
				       (long long)item->intent.place, item->intent.key);
	if (target)
		rc = box_deliver(target->box, &delivery, &key, err);
	if (rc >= 0)
		item->new_key = arena_strndup(carrier->arena, buf_str(&key), key.len);
	buf_free(&key);
	return rc < 0 ? -1 : 0;
}

static int do_move(struct carrier *carrier, struct carried *item, struct err *err)
{
	struct opened *source = box_of(carrier, item->intent.place, err);
	struct box_message bytes;
	int rc;

	if (!source)
		return -1;
	item->flags = present_flags(source->box, item->intent.key, item->flags);
	item->knows_flags = true;
	if (see_missing(item, box_message_open(source->box, item->intent.key, &bytes, err), err) <
	    0)
		return -1;
	rc = deliver(carrier, item, &bytes, err);
	box_message_close(&bytes);
	return rc;
}

static int do_one(struct carrier *carrier, struct carried *item, struct err *err)
{
	switch (item->intent.op) {
	case INTENT_FLAGS:
		return do_flags(carrier, item, err);
	case INTENT_REMOVE:
		return do_remove(carrier, item, err);
	default:
		return do_move(carrier, item, err);
	}
}

static void failed(struct carrier *carrier, struct carried *item, const struct err *err)
{
	item->outcome = FAILED;
	log_write(LOG_WARNING, "%s", err->text);
	if (carrier->first.kind == ERR_NONE)
		carrier->first = *err;
}

static void do_all(struct carrier *carrier)
{
	for (size_t i = 0; i < carrier->count; i++) {
		struct carried *item = &carrier->items[i];
		struct err err = ERR_INIT;

		item->outcome = DONE;
		if (do_one(carrier, item, &err) < 0 && item->outcome != MISSING)
			failed(carrier, item, &err);
	}
}

/* An mbox is written once for all that was wanted of it; when that fails, nothing of it was done.
 */
static void commit_boxes(struct carrier *carrier)
{
	for (size_t b = 0; b < carrier->box_count; b++) {
		struct opened *opened = &carrier->boxes[b];
		struct err err = ERR_INIT;

		if (!opened->is_changed || box_commit(opened->box, &err) == 0)
			continue;
		for (size_t i = 0; i < carrier->count; i++) {
			struct carried *item = &carrier->items[i];
			bool is_here =
			    item->intent.op == INTENT_FLAGS || item->intent.op == INTENT_REMOVE;

			if (is_here && item->intent.place == opened->folder)
				failed(carrier, item, &err);
		}
	}
}

/* --- in the database --- */

static int forget_double(struct store *store, const struct carried *item, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT rowid FROM message INDEXED BY message_place"
				" WHERE place = ? AND key = ? AND is_copy = 0 AND is_away = 0");
	int64_t id = 0;
	int rc;

	db_bind_int(stmt, 1, item->intent.target);
	db_bind_text(stmt, 2, item->new_key);
	rc = db_step(stmt, err);
	if (rc == 1)
		id = db_int(stmt, 0);
	db_reset(stmt);
	if (rc < 0 || !id || id == item->intent.message)
		return rc < 0 ? -1 : 0;
	return row_delete(store, id, err); /* an indexer saw the file before us */
}

static int place_row(struct store *store, const struct carried *item, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db,
	    "UPDATE message SET place = ?2, key = ?3, is_copy = 0, hint = 0, file_flags = ?4"
	    " WHERE id = ?1");

	db_bind_int(stmt, 1, item->intent.message);
	db_bind_int(stmt, 2, item->intent.target);
	db_bind_text(stmt, 3, item->new_key);
	db_bind_int(stmt, 4, item->flags);
	if (db_step(stmt, err) < 0)
		return -1;
	return db_changes(store->db) == 1;
}

static int add_remove(struct store *store, int64_t place, const char *key, struct err *err)
{
	return intent_add(store, &(struct intent){.op = INTENT_REMOVE, .place = place, .key = key},
			  err);
}

/* The target that is wanted now: a person may have gone on while the file was written. 0: none. */
static int64_t wanted_target(struct store *store, int64_t intent, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT target FROM intent WHERE id = ?");
	int64_t target = 0;
	int rc;

	db_bind_int(stmt, 1, intent);
	rc = db_step(stmt, err);
	if (rc == 1)
		target = db_int(stmt, 0);
	db_reset(stmt);
	return rc < 0 ? -1 : target;
}

/* Flag intents of a moved message mean the file where it lies now. */
static int repoint(struct store *store, const struct carried *item, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "UPDATE intent SET place = ?2, key = ?3 WHERE message = ?1");

	db_bind_int(stmt, 1, item->intent.message);
	db_bind_int(stmt, 2, item->intent.target);
	db_bind_text(stmt, 3, item->new_key);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int finish_move(struct store *store, const struct carried *item, struct err *err)
{
	int64_t wanted = wanted_target(store, item->intent.id, err);
	int placed;

	if (wanted < 0 || forget_double(store, item, err) < 0)
		return -1;
	if (!wanted) /* taken back meanwhile: what was delivered is one too many */
		return add_remove(store, item->intent.target, item->new_key, err);
	placed = place_row(store, item, err);
	if (placed < 0 || repoint(store, item, err) < 0)
		return -1;
	if (!placed)
		return intent_drop(store, item->intent.id, err);
	if (item->intent.op == INTENT_MOVE &&
	    add_remove(store, item->intent.place, item->intent.key, err) < 0)
		return -1;
	if (wanted == item->intent.target)
		return intent_drop(store, item->intent.id, err);
	if (intent_drop(store, item->intent.id, err) < 0) /* on to where it is wanted now */
		return -1;
	return intent_add(store,
			  &(struct intent){.op = INTENT_MOVE,
					   .message = item->intent.message,
					   .place = item->intent.target,
					   .key = item->new_key,
					   .target = wanted},
			  err);
}

static int has_more_flags(struct store *store, const struct carried *item)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT 1 FROM intent WHERE message = ? AND op = ? AND id <> ?");
	int rc;

	db_bind_int(stmt, 1, item->intent.message);
	db_bind_int(stmt, 2, INTENT_FLAGS);
	db_bind_int(stmt, 3, item->intent.id);
	rc = db_step(stmt, NULL);
	db_reset(stmt);
	return rc == 1;
}

static int finish_flags(struct store *store, const struct carried *item, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "UPDATE message SET file_flags = ?2 WHERE id = ?1");

	if (intent_drop(store, item->intent.id, err) < 0)
		return -1;
	if (item->outcome == MISSING || !item->knows_flags)
		return 0;
	db_bind_int(stmt, 1, item->intent.message);
	db_bind_int(stmt, 2, item->flags);
	if (db_step(stmt, err) < 0)
		return -1;
	if (has_more_flags(store, item))
		return 0;
	return row_set_flags(store, item->intent.message, item->flags, err);
}

/* Undone in the very moment: its file is gone all the same, and so is the row. */
static int finish_remove(struct store *store, const struct carried *item, struct err *err)
{
	if (intent_drop(store, item->intent.id, err) < 0)
		return -1;
	return item->intent.message ? row_delete(store, item->intent.message, err) : 0;
}

/* Its file is gone by another hand; a server may have it. */
static int finish_missing(struct store *store, const struct carried *item, struct err *err)
{
	int rc;

	if (item->intent.op == INTENT_FLAGS)
		return finish_flags(store, item, err);
	if (intent_drop(store, item->intent.id, err) < 0)
		return -1;
	rc = item->intent.message ? remote_put_away(store, item->intent.message, err) : 1;
	if (rc == 0)
		rc = lost_tags_keep(store, item->intent.message, err);
	return rc ? (rc < 0 ? -1 : 0) : row_delete(store, item->intent.message, err);
}

static int postpone(struct store *store, const struct carried *item, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "UPDATE intent SET tries = tries + 1, due = ?2 WHERE id = ?1");
	int64_t wait = RETRY_FIRST_S;

	for (int i = 0; i < item->tries && wait < RETRY_LAST_S; i++)
		wait *= 2;
	db_bind_int(stmt, 1, item->intent.id);
	db_bind_int(stmt, 2, time(NULL) + (wait < RETRY_LAST_S ? wait : RETRY_LAST_S));
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int finish_one(struct store *store, const struct carried *item, struct err *err)
{
	if (item->outcome == FAILED)
		return postpone(store, item, err);
	if (item->outcome == MISSING)
		return finish_missing(store, item, err);
	switch (item->intent.op) {
	case INTENT_FLAGS:
		return finish_flags(store, item, err);
	case INTENT_REMOVE:
		return finish_remove(store, item, err);
	default:
		return finish_move(store, item, err);
	}
}

static int finish_some(struct carrier *carrier, size_t from, size_t end, struct err *err)
{
	if (store_begin(carrier->store, err) < 0)
		return -1;
	for (size_t i = from; i < end; i++)
		if (finish_one(carrier->store, &carrier->items[i], err) < 0) {
			store_rollback(carrier->store);
			return -1;
		}
	return store_commit(carrier->store, err);
}

static int finish_all(struct carrier *carrier, struct err *err)
{
	for (size_t i = 0, end; i < carrier->count; i = end) {
		end = i + TOGETHER < carrier->count ? i + TOGETHER : carrier->count;
		if (i)
			usleep(POLITE_US);
		if (finish_some(carrier, i, end, err) < 0)
			return -1;
	}
	return 0;
}

/* --- batch by batch --- */

static struct carried *new_item(struct carrier *carrier)
{
	ARRAY_ROOM(carrier->items, carrier->count, carrier->cap);
	carrier->items[carrier->count] = (struct carried){.tries = 0};
	return &carrier->items[carrier->count++];
}

/* The numbers stand in the SQL below. */
_Static_assert(INTENT_COPY == 3 && INTENT_REMOVE == 4, "intents in SQL");

/* The oldest first; of one message only one at a time, so that each finds what the one before left;
 * and a file stays as long as a copy of it is owed. */
static int load(struct carrier *carrier, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(carrier->store->db,
		     "SELECT i.id, i.op, i.message, i.place, i.key, i.target, i.set_flags, "
		     "i.clear_flags, i.tries,"
		     " coalesce(m.received, 0), coalesce(m.flags, 0), coalesce(m.place, i.place),"
		     " coalesce(m.key, i.key) FROM intent i LEFT JOIN message m ON m.id = i.message"
		     " WHERE i.due <= ?1 AND (i.message = 0 OR NOT EXISTS"
		     "  (SELECT 1 FROM intent j WHERE j.message = i.message AND j.id < i.id))"
		     " AND (i.op <> 4 OR NOT EXISTS (SELECT 1 FROM intent c WHERE c.op = 3 AND"
		     "  c.place = i.place AND c.key = i.key AND c.id < i.id))"
		     " AND (?3 = 0 OR NOT " LATER_SQL ")"
		     " ORDER BY i.id LIMIT ?2");
	int rc;

	carrier->count = 0;
	db_bind_int(stmt, 1, time(NULL));
	db_bind_int(stmt, 2, BATCH);
	db_bind_int(stmt, 3, carrier->leaves_flags);
	while ((rc = db_step(stmt, err)) == 1) {
		struct carried *item = new_item(carrier);
		bool by_row = db_int(stmt, 2) != 0;

		item->intent = (struct intent){
		    .id = db_int(stmt, 0),
		    .op = (enum intent_op)db_int(stmt, 1),
		    .message = db_int(stmt, 2),
		    .place = db_int(stmt, by_row ? 11 : 3),
		    .key = arena_strdup(carrier->arena, db_text(stmt, by_row ? 12 : 4)),
		    .target = db_int(stmt, 5),
		    .set = (unsigned)db_int(stmt, 6),
		    .clear = (unsigned)db_int(stmt, 7)};
		item->tries = (int)db_int(stmt, 8);
		item->received = db_int(stmt, 9);
		item->flags = (unsigned)db_int(stmt, 10);
	}
	return rc;
}

static int64_t epoch_of(struct store *store, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT value FROM meta WHERE name = 'epoch'");
	int64_t epoch = db_step(stmt, err) == 1 ? db_int(stmt, 0) : -1;

	db_reset(stmt);
	return epoch;
}

static int carry_all(struct carrier *carrier, struct err *err)
{
	int done = 0;

	carrier->epoch = epoch_of(carrier->store, err);
	if (carrier->epoch < 0)
		return -1;
	for (;;) {
		if (load(carrier, err) < 0)
			return -1;
		if (carrier->count == 0)
			return done;
		do_all(carrier);
		commit_boxes(carrier);
		close_boxes(carrier);
		if (finish_all(carrier, err) < 0)
			return -1;
		for (size_t i = 0; i < carrier->count; i++)
			done += carrier->items[i].outcome != FAILED;
		arena_reset(carrier->arena);
	}
}

static int carry(struct store *store, bool leaves_flags, struct err *err)
{
	struct carrier carrier = {.store = store, .leaves_flags = leaves_flags};
	int rc;

	if (store->account->is_read_only)
		return 0;
	if (store_lock(store, err) < 0)
		return -1;
	carrier.arena = arena_new();
	rc = carry_all(&carrier, err);
	close_boxes(&carrier);
	free(carrier.boxes);
	free(carrier.items);
	arena_free(&carrier.arena);
	store_unlock(store);
	if (rc >= 0 && carrier.first.kind != ERR_NONE)
		return err_set_kind(err, carrier.first.kind, "%s", carrier.first.text);
	return rc;
}

int store_carry_out(struct store *store, struct err *err)
{
	return carry(store, false, err);
}

int store_carry_out_but_flags(struct store *store, int64_t *newest, struct err *err)
{
	int rc = carry(store, true, err);
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT max(i.id) FROM intent i WHERE i.due <= ?1 AND " LATER_SQL);

	db_bind_int(stmt, 1, time(NULL));
	*newest = db_step(stmt, NULL) == 1 ? db_int(stmt, 0) : 0;
	db_reset(stmt);
	return rc;
}
