#include "config.h"
#include "store/mail/change.h"

#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mail/row.h"
#include "store/mail/store_inside.h"
#include "store/mail/thread.h"

#define UNDO_KEPT 100
#define TAG_LIMIT 100

/* --- intents --- */

int intent_add(struct store *store, const struct intent *intent, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "INSERT INTO intent(op, message, place, key, target, set_flags, clear_flags)"
		       " VALUES(?, ?, ?, ?, ?, ?, ?)");

	db_bind_int(stmt, 1, intent->op);
	db_bind_int(stmt, 2, intent->message);
	db_bind_int(stmt, 3, intent->place);
	db_bind_text(stmt, 4, intent->key);
	db_bind_int(stmt, 5, intent->target);
	db_bind_int(stmt, 6, intent->set);
	db_bind_int(stmt, 7, intent->clear);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

int intent_drop(struct store *store, int64_t id, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "DELETE FROM intent WHERE id = ?");

	db_bind_int(stmt, 1, id);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int drop_intents_of(struct store *store, int64_t message, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "DELETE FROM intent WHERE message = ?");

	db_bind_int(stmt, 1, message);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int64_t pending(struct store *store, int64_t message, enum intent_op op, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT id FROM intent WHERE message = ? AND op = ?"
				" ORDER BY id DESC LIMIT 1");

	db_bind_int(stmt, 1, message);
	db_bind_int(stmt, 2, op);
	return db_step_id(stmt, err);
}

static int retarget(struct store *store, int64_t intent, int64_t target, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "UPDATE intent SET target = ?2, due = 0 WHERE id = ?1");

	db_bind_int(stmt, 1, intent);
	db_bind_int(stmt, 2, target);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

/* --- one change of one message --- */

int change_read(struct store *store, int64_t id, struct arena *arena, struct change_row *before,
		       struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT folder, place, flags, key, tags, is_away"
				" FROM message WHERE id = ?");
	int rc;

	db_bind_int(stmt, 1, id);
	rc = db_step(stmt, err);
	if (rc != 1)
		return rc;
	*before = (struct change_row){.id = id,
				  .folder = db_int(stmt, 0),
				  .place = db_int(stmt, 1),
				  .flags = (unsigned)db_int(stmt, 2),
				  .key = arena_strdup(arena, db_text(stmt, 3)),
				  .tags = arena_strdup(arena, db_text(stmt, 4)),
				  .is_away = db_int(stmt, 5)};
	db_reset(stmt);
	return 1;
}

int change_flags(struct store *store, const struct change_row *before, unsigned set, unsigned clear, struct err *err)
{
	unsigned flags = ((before->flags | set) & ~clear) & ~(unsigned)BOX_RECENT;

	if (flags == before->flags)
		return 0;
	if (row_set_flags(store, before->id, flags, err) < 0)
		return -1;
	if (before->is_away)
		return 0;
	return intent_add(store,
			  &(struct intent){.op = INTENT_FLAGS,
					   .message = before->id,
					   .place = before->place,
					   .key = before->key,
					   .set = set,
					   .clear = clear},
			  err);
}

static int put_away_row(struct store *store, int64_t id, int64_t folder, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "UPDATE message SET place = ?2 WHERE id = ?1 AND is_away = 1");

	db_bind_int(stmt, 1, id);
	db_bind_int(stmt, 2, folder);
	if (db_step(stmt, err) < 0)
		return -1;
	return row_move(store, id, folder, err);
}

/* A move not carried out yet only gets another end; back to where the file lies, it is no move. */
int change_move(struct store *store, const struct change_row *before, int64_t target, struct err *err)
{
	int64_t intent = pending(store, before->id, INTENT_MOVE, err);

	if (before->is_away)
		return put_away_row(store, before->id, target, err);
	if (intent < 0 || row_move(store, before->id, target, err) < 0)
		return -1;
	if (intent && target == before->place)
		return intent_drop(store, intent, err);
	if (intent)
		return retarget(store, intent, target, err);
	intent = pending(store, before->id, INTENT_COPY, err);
	if (intent)
		return intent < 0 ? -1 : retarget(store, intent, target, err);
	if (target == before->place)
		return 0;
	return intent_add(store,
			  &(struct intent){.op = INTENT_MOVE,
					   .message = before->id,
					   .place = before->place,
					   .key = before->key,
					   .target = target},
			  err);
}

int change_remove(struct store *store, const struct change_row *before, struct err *err)
{
	int64_t copy = pending(store, before->id, INTENT_COPY, err);

	if (copy < 0)
		return -1;
	if (copy) /* never made: nothing to remove, and what was wanted of it is wanted of nothing */
		return drop_intents_of(store, before->id, err) < 0 ? -1 : row_delete(store, before->id, err);
	if (row_move(store, before->id, FOLDER_REMOVED, err) < 0)
		return -1;
	return intent_add(store,
			  &(struct intent){.op = INTENT_REMOVE,
					   .message = before->id,
					   .place = before->place,
					   .key = before->key},
			  err);
}

static int copy_row(struct store *store, int64_t from, int64_t to, int64_t target, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db,
	    "INSERT INTO message(id, folder, thread, place, key, is_copy, flags, "
	    "file_flags, date, received,"
	    " size, has_attachment, is_mine, mid, refs, from_name, from_addr, to_name, "
	    "subject, message_id,"
	    " tags, from_key, subject_key, to_key, hint, is_away) SELECT ?2, ?4, thread, "
	    "CASE is_away WHEN 1 THEN ?4 ELSE place END, key, 1 - is_away, flags & ~64,"
	    " flags & ~64, date, received, size, has_attachment, is_mine, mid, refs, "
	    "from_name, from_addr,"
	    " to_name, subject, message_id, tags, from_key, subject_key, to_key, hint, is_away FROM "
	    "message WHERE id = ?1"
	    " AND ?3 = 0 RETURNING thread, flags, date, size, from_key, subject_key");
	struct arena *arena = arena_new();
	struct counted counted;
	int rc;

	db_bind_int(stmt, 1, from);
	db_bind_int(stmt, 2, to);
	db_bind_int(stmt, 3, 0);
	db_bind_int(stmt, 4, target);
	rc = db_step(stmt, err);
	if (rc == 1) {
		counted = (struct counted){.id = to,
					   .folder = target,
					   .thread = db_int(stmt, 0),
					   .flags = (unsigned)db_int(stmt, 1),
					   .date = db_int(stmt, 2),
					   .size = db_int(stmt, 3),
					   .from_key = arena_strdup(arena, db_text(stmt, 4)),
					   .subject_key = arena_strdup(arena, db_text(stmt, 5))};
		db_reset(stmt);
		rc = thread_count(store, &counted, err);
	}
	arena_free(&arena);
	return rc;
}

/* A server can be told to copy; and it has what is not here. */
static int note_copy(struct store *store, int64_t id, int64_t source, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "INSERT OR REPLACE INTO remote_copy SELECT ?1, ?2 WHERE EXISTS"
				" (SELECT 1 FROM remote_message WHERE message = ?2)");

	db_bind_int(stmt, 1, id);
	db_bind_int(stmt, 2, source);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int64_t copy(struct store *store, const struct change_row *before, int64_t target,
		    struct err *err)
{
	int64_t id = store_new_ids(store, 1, err);

	if (id < 0 || copy_row(store, before->id, id, target, err) < 0 ||
	    note_copy(store, id, before->id, err) < 0)
		return -1;
	if (before->is_away)
		return id;
	if (intent_add(store,
		       &(struct intent){.op = INTENT_COPY,
					.message = id,
					.place = before->place,
					.key = before->key,
					.target = target},
		       err) < 0)
		return -1;
	return id;
}

/* --- tags --- */

static bool has_tag(const char *tags, const char *tag)
{
	struct span rest = span_of(tags), piece;

	while (span_split(&rest, ' ', &piece))
		if (span_equal(piece, span_of(tag)))
			return true;
	return false;
}

static void without_tag(const char *tags, const char *tag, struct buf *out)
{
	struct span rest = span_of(tags), piece;

	while (span_split(&rest, ' ', &piece))
		if (piece.len && !span_equal(piece, span_of(tag)))
			buf_printf(out, "%s%.*s", out->len ? " " : "", (int)piece.len, piece.data);
}

int change_write_tags(struct store *store, const struct change_row *before, const char *tags,
		      struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "UPDATE message SET tags = ?2 WHERE id = ?1");
	struct span rest = span_of(tags), piece;

	store_touch(store, before->folder, 0, 0, 0);
	db_bind_int(stmt, 1, before->id);
	db_bind_text(stmt, 2, tags);
	if (db_step(stmt, err) < 0)
		return -1;
	stmt = db_query(store->db, "DELETE FROM tag WHERE message = ?");
	db_bind_int(stmt, 1, before->id);
	if (db_step(stmt, err) < 0)
		return -1;
	stmt = db_query(store->db, "INSERT OR IGNORE INTO tag(tag, message) VALUES(?, ?)");
	while (span_split(&rest, ' ', &piece)) {
		db_bind_text_n(stmt, 1, piece.data, piece.len);
		db_bind_int(stmt, 2, before->id);
		if (piece.len && db_step(stmt, err) < 0)
			return -1;
	}
	return 0;
}

static int change_tags(struct store *store, const struct change_row *before, const char *add,
		       const char *remove, struct err *err)
{
	struct buf tags = BUF_INIT;
	int rc = 0;

	without_tag(before->tags, remove ? remove : "", &tags);
	if (add && !has_tag(buf_str(&tags), add))
		buf_printf(&tags, "%s%s", tags.len ? " " : "", add);
	if (strcmp(buf_str(&tags), before->tags) != 0)
		rc = change_write_tags(store, before, buf_str(&tags), err);
	buf_free(&tags);
	return rc;
}

static int check_tag(const char *tag, struct err *err)
{
	if (!tag)
		return 0;
	if (*tag == '\0' || strlen(tag) > TAG_LIMIT)
		return err_set_kind(err, ERR_USAGE, _("A tag has 1 to %d characters."), TAG_LIMIT);
	for (const char *c = tag; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '"' || *c == ',')
			return err_set_kind(
			    err, ERR_USAGE,
			    _("\"%s\" cannot be a tag: no spaces, quotes or commas in it."), tag);
	return 0;
}

/* --- undo --- */

static int64_t new_undo(struct store *store, bool is_copy, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "INSERT INTO undo(at, is_copy) VALUES(?, ?)");
	int64_t id;

	db_bind_int(stmt, 1, time(NULL));
	db_bind_int(stmt, 2, is_copy);
	if (db_step(stmt, err) < 0)
		return -1;
	id = db_last_id(store->db);
	stmt = db_query(store->db, "DELETE FROM undo_item WHERE undo <= ?");
	db_bind_int(stmt, 1, id - UNDO_KEPT);
	if (db_step(stmt, err) < 0)
		return -1;
	stmt = db_query(store->db, "DELETE FROM undo WHERE id <= ?");
	db_bind_int(stmt, 1, id - UNDO_KEPT);
	return db_step(stmt, err) < 0 ? -1 : id;
}

static int remember(struct store *store, int64_t undo, int64_t message, const struct change_row *before,
		    struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "INSERT OR IGNORE INTO undo_item(undo, message, flags, folder, tags)"
		       " VALUES(?, ?, ?, ?, ?)");

	db_bind_int(stmt, 1, undo);
	db_bind_int(stmt, 2, message);
	db_bind_int(stmt, 3, before->flags);
	db_bind_int(stmt, 4, before->folder);
	db_bind_text(stmt, 5, before->tags);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

/* --- a change of many --- */

static int apply(struct store *store, const struct change_row *before,
		 const struct store_change *change, struct err *err)
{
	if ((change->set || change->clear) &&
	    change_flags(store, before, change->set, change->clear, err) < 0)
		return -1;
	if ((change->add_tag || change->remove_tag) &&
	    change_tags(store, before, change->add_tag, change->remove_tag, err) < 0)
		return -1;
	if (change->expunge)
		return change_remove(store, before, err);
	if (change->move_to && !change->is_copy && change->move_to != before->folder)
		return change_move(store, before, change->move_to, err);
	return 0;
}

static int change_one(struct store *store, int64_t id, const struct store_change *change,
		      int64_t undo, struct arena *arena, struct err *err)
{
	struct change_row before;
	int rc = change_read(store, id, arena, &before, err);
	int64_t made;

	if (rc != 1 || before.folder <= FOLDER_ALL)
		return rc < 0 ? -1 : 0;
	if (!change->is_copy) {
		if (remember(store, undo, id, &before, err) < 0)
			return -1;
		return apply(store, &before, change, err);
	}
	made = copy(store, &before, change->move_to, err);
	return made < 0 ? -1 : remember(store, undo, made, &before, err);
}

static int has_folder(struct store *store, int64_t folder, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT 1 FROM folder WHERE id = ?");
	int rc;

	db_bind_int(stmt, 1, folder);
	rc = db_step(stmt, err);
	db_reset(stmt);
	return rc;
}

static int check_target(struct store *store, int64_t target, struct err *err)
{
	int rc = target ? has_folder(store, target, err) : 1;

	return rc == 0	? err_set_kind(err, ERR_NOT_FOUND, _("This folder is gone."))
	       : rc < 0 ? -1
			: 0;
}

static int may_change(struct store *store, struct err *err)
{
	if (store->account->is_read_only)
		return err_set_kind(err, ERR_DENIED, _("This mail is opened for reading only."));
	return 0;
}

static int change_all(struct store *store, const int64_t *ids, size_t count,
		      const struct store_change *change, int64_t undo, struct err *err)
{
	struct arena *arena = arena_new();
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = change_one(store, ids[i], change, undo, arena, err);
		arena_reset(arena);
	}
	arena_free(&arena);
	return rc;
}

/* What is shown by a query follows at once; copies are new messages, which the next look finds. */
static void recheck(struct store *store, const int64_t *ids, size_t count, bool is_copy,
		    int64_t before)
{
	hits_recheck(store, &store->limit, ids, count, is_copy ? -1 : before);
	hits_recheck(store, &store->found, ids, count, is_copy ? -1 : before);
}

int store_change_more(struct store *store, const int64_t *ids, size_t count,
		      const struct store_change *change, int64_t *undo, struct err *err)
{
	int64_t id = *undo, before;

	if (may_change(store, err) < 0 || check_tag(change->add_tag, err) < 0 ||
	    check_tag(change->remove_tag, err) < 0 || store_begin(store, err) < 0)
		return -1;
	before = store_version(store);
	if (check_target(store, change->move_to, err) < 0) /* in the transaction: nobody takes it away meanwhile */
		id = -1;
	else if (!id)
		id = new_undo(store, change->is_copy, err);
	if (id < 0 || change_all(store, ids, count, change, id, err) < 0) {
		store_rollback(store);
		return -1;
	}
	if (store_commit(store, err) < 0)
		return -1;
	*undo = id;
	recheck(store, ids, count, change->is_copy, before);
	return 0;
}

int store_change(struct store *store, const int64_t *ids, size_t count,
		 const struct store_change *change, int64_t *undo, struct err *err)
{
	int64_t id = 0;

	if (store_change_more(store, ids, count, change, &id, err) < 0)
		return -1;
	if (undo)
		*undo = id;
	return 0;
}

struct undone {
	int64_t message, folder;
	unsigned flags;
	const char *tags;
};

static int bring_back(struct store *store, const struct undone *item, int64_t *lost,
		      struct err *err)
{
	int64_t intent = pending(store, item->message, INTENT_REMOVE, err);
	int has = has_folder(store, item->folder, err);

	if (intent < 0 || has < 0)
		return -1;
	if (!intent || !has) {
		++*lost;
		return 0;
	}
	if (intent_drop(store, intent, err) < 0)
		return -1;
	return row_move(store, item->message, item->folder, err);
}

/* Where it was is perhaps no more: then it stays where it is. */
static int move_back(struct store *store, const struct change_row *now, const struct undone *item,
		     int64_t *lost, struct err *err)
{
	int has;

	if (now->folder <= FOLDER_ALL || now->folder == item->folder)
		return 0;
	has = has_folder(store, item->folder, err);
	*lost += has == 0;
	return has == 1 ? change_move(store, now, item->folder, err) : has;
}

static int undo_one(struct store *store, const struct undone *item, bool is_copy, int64_t *lost,
		    struct arena *arena, struct err *err)
{
	struct change_row now;
	int rc = change_read(store, item->message, arena, &now, err);

	if (rc == 0)
		++*lost;
	if (rc != 1)
		return rc;
	if (is_copy)
		return now.folder > FOLDER_ALL ? change_remove(store, &now, err) : 0;
	if (now.folder == FOLDER_REMOVED && bring_back(store, item, lost, err) < 0)
		return -1;
	if (move_back(store, &now, item, lost, err) < 0)
		return -1;
	if (strcmp(now.tags, item->tags) != 0 && change_write_tags(store, &now, item->tags, err) < 0)
		return -1;
	return change_flags(store, &now, item->flags & ~now.flags, now.flags & ~item->flags, err);
}

/* At most LIMIT of them: 1 there are more, 0, -1. */
static int load_undo(struct store *store, int64_t undo, size_t limit, struct arena *arena,
		     struct undone **items, size_t *count, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT count(*) FROM undo_item WHERE undo = ?");
	size_t all;
	int rc;

	db_bind_int(stmt, 1, undo);
	if (db_step(stmt, err) != 1)
		return -1;
	all = (size_t)db_int(stmt, 0);
	db_reset(stmt);
	limit = limit < all ? limit : all;
	*items = ARENA_ARRAY(arena, struct undone, limit + 1);
	*count = 0;
	stmt = db_query(store->db, "SELECT message, folder, flags, tags FROM undo_item"
				   " WHERE undo = ? ORDER BY message LIMIT ?");
	db_bind_int(stmt, 1, undo);
	db_bind_int(stmt, 2, (int64_t)limit);
	while ((rc = db_step(stmt, err)) == 1)
		(*items)[(*count)++] =
		    (struct undone){.message = db_int(stmt, 0),
				    .folder = db_int(stmt, 1),
				    .flags = (unsigned)db_int(stmt, 2),
				    .tags = arena_strdup(arena, db_text(stmt, 3))};
	return rc < 0 ? -1 : limit < all;
}

/* 1 with *IS_COPY, 0 no such undo, -1. */
static int find_undo(struct store *store, int64_t undo, bool *is_copy, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT is_copy FROM undo WHERE id = ?");
	int rc;

	db_bind_int(stmt, 1, undo);
	rc = db_step(stmt, err);
	if (rc == 1)
		*is_copy = db_int(stmt, 0);
	db_reset(stmt);
	return rc;
}

static int forget_undone(struct store *store, int64_t undo, int64_t message, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "DELETE FROM undo_item WHERE undo = ? AND message = ?");

	db_bind_int(stmt, 1, undo);
	db_bind_int(stmt, 2, message);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int forget_undo(struct store *store, int64_t undo, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "DELETE FROM undo WHERE id = ?");

	db_bind_int(stmt, 1, undo);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int undo_each(struct store *store, int64_t undo, const struct undone *items, size_t count,
		     bool is_copy, int64_t *lost, struct err *err)
{
	struct arena *arena = arena_new();
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = undo_one(store, &items[i], is_copy, lost, arena, err);
		rc = rc < 0 ? -1 : forget_undone(store, undo, items[i].message, err);
		arena_reset(arena);
	}
	arena_free(&arena);
	return rc;
}

/* The messages that were taken back, in ARENA. 1 there are more, 0, -1. */
static int undo_items(struct store *store, int64_t undo, size_t limit, int64_t *lost,
		      struct arena *arena, int64_t **ids, size_t *count, struct err *err)
{
	struct undone *items = NULL;
	bool is_copy = false;
	int rc = find_undo(store, undo, &is_copy, err), more;

	if (rc == 0)
		err_set_kind(err, ERR_NOT_FOUND, _("There is nothing to undo any more."));
	if (rc != 1)
		return -1;
	more = load_undo(store, undo, limit, arena, &items, count, err);
	if (more < 0 || undo_each(store, undo, items, *count, is_copy, lost, err) < 0)
		return -1;
	*ids = ARENA_ARRAY(arena, int64_t, *count + 1);
	for (size_t i = 0; i < *count; i++)
		(*ids)[i] = items[i].message;
	return more || forget_undo(store, undo, err) == 0 ? more : -1;
}

int store_undo_some(struct store *store, int64_t undo, size_t limit, int64_t *lost,
		    struct err *err)
{
	int64_t *ids = NULL, before, gone = 0;
	struct arena *arena;
	size_t count = 0;
	int rc;

	if (may_change(store, err) < 0 || store_begin(store, err) < 0)
		return -1;
	arena = arena_new();
	before = store_version(store);
	rc = undo_items(store, undo, limit, &gone, arena, &ids, &count, err);
	if (rc < 0)
		store_rollback(store);
	else if (store_commit(store, err) < 0)
		rc = -1;
	if (rc >= 0) {
		*lost += gone;
		recheck(store, ids, count, false, before);
	}
	arena_free(&arena);
	return rc;
}

int store_undo(struct store *store, int64_t undo, struct err *err)
{
	int64_t lost = 0;

	if (store_undo_some(store, undo, SIZE_MAX, &lost, err) < 0)
		return -1;
	if (!lost)
		return 0;
	return err_set(err,
		       ngettext("%lld message cannot come back: it or its folder was removed for good.",
				"%lld messages cannot come back: they or their folder were removed for good.",
				(unsigned long)lost),
		       (long long)lost);
}
