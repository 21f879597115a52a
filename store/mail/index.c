/* Bringing rows up to the files. A folder is listed (names only), and the list is compared with the
 * rows by key, both sorted; what differs is written in short transactions, the newest new messages
 * first, so that a screen has something to show at once and nobody waits long for the database. */
#include "config.h"
#include "store/mail/index.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/box/maildir_name.h"
#include "store/mail/bulk.h"
#include "store/mail/change.h"
#include "store/mail/folder.h"
#include "store/mail/heads.h"
#include "store/mail/lost_tags.h"
#include "store/mail/orphans.h"
#include "store/mail/remote_inside.h"
#include "store/mail/row.h"
#include "store/mail/store_inside.h"

#define BATCH	      200
#define BATCH_MS      6	   /* of a transaction: a screen waits 10 ms for its own */
#define POLITE_US     1000 /* between two batches: who waits with one change gets in */
#define MANY	      2000 /* new messages: memory is worth it then */
#define LOOK_EVERY    16   /* rows, for somebody who waits */
#define LOOK_MS	      4	   /* likewise, while the next rows are read */
#define MANY_MS	      120  /* of a transaction: a page that changes twice is written once */
#define NEWEST	      (HEADS_FIRST + 4 * HEADS_AT_ONCE) /* of many; they come first */
#define READERS	      8	   /* for so many; what is not in memory comes sooner */
#define LOOK_FIRST    8192
#define MANY_SETTINGS "PRAGMA cache_size=-16000; PRAGMA wal_autocheckpoint=4000"

struct listed {
	char *key; /* in the arena */
	unsigned flags;
	int64_t size, received, hint;
};

struct known {
	int64_t id, hint;
	unsigned flags; /* of the file now */
	bool has_new_flags;
};

struct indexing {
	struct store *store;
	struct folder *folder;
	struct box *box;
	struct arena *arena;
	struct listed *listed;
	size_t listed_count, listed_cap;
	size_t *fresh; /* places in LISTED */
	size_t fresh_count, fresh_cap;
	struct known *changed;
	size_t changed_count, changed_cap;
	int64_t *gone;
	size_t gone_count, gone_cap;
	size_t missed; /* that are there and could not be read now */
	int64_t first_unlisted; /* rows from this id on are younger than the list */
	bool is_suspicious; /* all went at once: files that a server has too are fetched again */
	bool is_writing;     /* a transaction is open, since BEGUN; so many places are done in it */
	int64_t begun;
	size_t done;
	size_t newest; /* so many of FRESH stand with the newest in front, those behind them with the oldest */
	struct map *leaving; /* keys whose removal is owed: they are as good as gone */
	int (*progress)(void *arg, const struct index_progress *progress);
	void *arg;
	struct index_progress *at;
};

/* --- what is on disk --- */

static int list_one(void *arg, const struct box_entry *entry)
{
	struct indexing *in = arg;

	ARRAY_ROOM(in->listed, in->listed_count, in->listed_cap);
	in->listed[in->listed_count++] = (struct listed){.key = arena_strdup(in->arena, entry->key),
							 .flags = entry->flags,
							 .size = entry->size,
							 .received = entry->received,
							 .hint = entry->hint};
	return 0;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct listed *)a)->key, ((const struct listed *)b)->key);
}

/* A Maildir is told in order. */
static bool is_sorted(const struct indexing *in)
{
	for (size_t i = 1; i < in->listed_count; i++)
		if (by_key(&in->listed[i - 1], &in->listed[i]) > 0)
			return false;
	return true;
}

static int list_box(struct indexing *in, struct err *err)
{
	size_t kept = 0;

	if (box_scan(in->box, list_one, in, err) < 0)
		return -1;
	if (!is_sorted(in))
		qsort(in->listed, in->listed_count, sizeof *in->listed, by_key);
	for (size_t i = 0; i < in->listed_count; i++) /* a rename seen twice while listing */
		if (i == 0 || strcmp(in->listed[kept - 1].key, in->listed[i].key) != 0)
			in->listed[kept++] = in->listed[i];
	in->listed_count = kept;
	return 0;
}

/* --- what differs --- */

static void is_fresh(struct indexing *in, size_t i)
{
	if (map_count(in->leaving) && map_get(in->leaving, in->listed[i].key))
		return;
	ARRAY_ROOM(in->fresh, in->fresh_count, in->fresh_cap);
	in->fresh[in->fresh_count++] = i;
}

static void is_changed(struct indexing *in, const struct known *known)
{
	ARRAY_ROOM(in->changed, in->changed_count, in->changed_cap);
	in->changed[in->changed_count++] = *known;
}

static void is_gone(struct indexing *in, int64_t id)
{
	ARRAY_ROOM(in->gone, in->gone_count, in->gone_cap);
	in->gone[in->gone_count++] = id;
}

static int load_leaving(struct indexing *in, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(in->store->db, "SELECT key FROM intent WHERE place = ? AND op = ?");
	int rc;

	in->leaving = map_new();
	db_bind_int(stmt, 1, in->folder->id);
	db_bind_int(stmt, 2, INTENT_REMOVE);
	while ((rc = db_step(stmt, err)) == 1)
		map_set(in->leaving, db_text(stmt, 0), in);
	return rc;
}

/* One step through rows and list side by side; *I is the place in the list. */
static void compare_row(struct indexing *in, size_t *i, const char *key, const struct known *row)
{
	const struct listed *listed;
	struct known now;
	int order = -1;

	while (*i < in->listed_count && (order = strcmp(in->listed[*i].key, key)) < 0)
		is_fresh(in, (*i)++);
	if (*i >= in->listed_count || order > 0) {
		if (row->id < in->first_unlisted)
			is_gone(in, row->id);
		return;
	}
	listed = &in->listed[(*i)++];
	now = (struct known){.id = row->id,
			     .hint = listed->hint,
			     .flags = listed->flags,
			     .has_new_flags = listed->flags != row->flags};
	if (now.has_new_flags || box_hint_is_stale(row->hint, now.hint))
		is_changed(in, &now);
}

/* A Maildir has no hints: the index alone answers. */
#define ROWS_OF_PLACE                                                                              \
	" FROM message INDEXED BY message_place WHERE place = ? AND is_copy = 0 AND is_away = 0"   \
	" ORDER BY key"

static int compare(struct indexing *in, struct err *err)
{
	bool has_hints = box_kind_of(in->box) == BOX_MBOX;
	struct db_stmt *stmt =
	    db_query(in->store->db, has_hints ? "SELECT rowid, key, file_flags, hint" ROWS_OF_PLACE
					      : "SELECT rowid, key, file_flags, 0" ROWS_OF_PLACE);
	size_t i = 0;
	int rc;

	db_bind_int(stmt, 1, in->folder->id);
	while ((rc = db_step(stmt, err)) == 1) {
		struct known row = {.id = db_int(stmt, 0),
				    .flags = (unsigned)db_int(stmt, 2),
				    .hint = db_int(stmt, 3)};

		compare_row(in, &i, db_text(stmt, 1), &row);
	}
	while (rc == 0 && i < in->listed_count)
		is_fresh(in, i++);
	return rc;
}

/* --- writing it --- */

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int report(struct indexing *in, size_t done, struct err *err)
{
	in->at->done += (int64_t)done;
	if (in->progress && in->progress(in->arg, in->at) < 0)
		return err_set_kind(
		    err, ERR_CANCELLED,
		    _("Reading in the mail was stopped; it goes on the next time."));
	return 0;
}

typedef int write_fn(struct indexing *in, size_t i, struct err *err);

/* From place FROM on as many as fit into one short transaction; the place behind, or -1. */
static int64_t write_some(struct indexing *in, size_t from, size_t count, write_fn *each,
			  struct err *err)
{
	int64_t begun = now_ms();
	size_t i = from;

	if (store_begin(in->store, err) < 0)
		return -1;
	do {
		if (each(in, i, err) < 0) {
			store_rollback(in->store);
			return -1;
		}
	} while (++i < count && i - from < BATCH && now_ms() - begun < BATCH_MS);
	return store_commit(in->store, err) < 0 ? -1 : (int64_t)i;
}

static int write_all(struct indexing *in, size_t count, write_fn *each, struct err *err)
{
	for (size_t i = 0; i < count;) {
		int64_t next;

		if (i)
			usleep(POLITE_US);
		next = write_some(in, i, count, each, err);
		if (next < 0)
			return -1;
		i = (size_t)next;
	}
	return 0;
}

/* A message with a move under way is found where it goes to. */
static int write_gone(struct indexing *in, size_t i, struct err *err)
{
	struct db_stmt *stmt = db_query(in->store->db, "DELETE FROM intent WHERE message = ?");
	int rc = in->is_suspicious ? remote_put_away(in->store, in->gone[i], err) : 0;

	if (rc == 0)
		rc = lost_tags_keep(in->store, in->gone[i], err);
	if (rc < 0 || (rc == 0 && row_delete(in->store, in->gone[i], err) < 0))
		return -1;
	db_bind_int(stmt, 1, in->gone[i]);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static bool has_flag_intent(struct store *store, int64_t id)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT 1 FROM intent WHERE message = ? AND op = ?");
	bool has;

	db_bind_int(stmt, 1, id);
	db_bind_int(stmt, 2, INTENT_FLAGS);
	has = db_step(stmt, NULL) == 1;
	db_reset(stmt);
	return has;
}

static int write_hint(struct indexing *in, const struct known *known, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(in->store->db, "UPDATE message SET hint = ?2 WHERE id = ?1");

	db_bind_int(stmt, 1, known->id);
	db_bind_int(stmt, 2, known->hint);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int write_changed(struct indexing *in, size_t i, struct err *err)
{
	const struct known *known = &in->changed[i];
	struct db_stmt *stmt =
	    db_query(in->store->db, "UPDATE message SET file_flags = ?2 WHERE id = ?1");

	if (write_hint(in, known, err) < 0)
		return -1;
	if (!known->has_new_flags)
		return 0;
	db_bind_int(stmt, 1, known->id);
	db_bind_int(stmt, 2, known->flags);
	if (db_step(stmt, err) < 0)
		return -1;
	if (has_flag_intent(in->store, known->id))
		return 0; /* what a person wants wins; the file follows */
	return row_set_flags(in->store, known->id, known->flags, err);
}

struct reading_head {
	const struct account *account;
	const struct box_entry *entry;
	struct arena *arena;
	struct row *row;
	bool is_read;
};

static bool take_head(void *arg, const struct buf *bytes, int64_t size)
{
	struct reading_head *reading = arg;
	struct box_message head = {.data = buf_str(bytes), .len = bytes->len};

	reading->is_read =
	    row_read_head(reading->account, &head, size, reading->entry, reading->arena, reading->row);
	return reading->is_read;
}

/* Most tell all in their first bytes. */
static int read_head(const struct indexing *in, const struct box_hint *hint, const struct box_entry *entry,
		     struct arena *arena, struct row *row, struct err *err)
{
	struct reading_head reading = {in->store->account, entry, arena, row, false};
	struct box_look look = {.first = LOOK_FIRST, .most = ROW_HEAD, .is_enough = take_head, .arg = &reading};

	if (box_message_head(in->box, entry->key, hint, &look, err) < 0)
		return -1;
	return reading.is_read ? 0 : -1;
}

/* A message that went away meanwhile, or cannot be read, is left out: the next round sees. */
static int read_one(void *arg, size_t i, struct arena *arena, struct row *row)
{
	const struct indexing *in = arg;
	const struct listed *listed = &in->listed[in->fresh[i]];
	struct box_entry entry = {.key = listed->key,
				  .flags = listed->flags,
				  .size = listed->size,
				  .received = listed->received,
				  .hint = listed->hint};
	struct box_hint hint = {.hint = listed->hint, .size = listed->size, .flags = listed->flags};
	struct err err = ERR_INIT;

	if (read_head(in, &hint, &entry, arena, row, &err) < 0) {
		if (err.kind != ERR_NOT_FOUND)
			log_write(LOG_WARNING, "%s", err.text);
		return 0;
	}
	row->folder = row->place = in->folder->id;
	return 1;
}

static int64_t known_key(struct store *store, int64_t folder, const char *key, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT rowid FROM message INDEXED BY message_place"
				" WHERE place = ? AND key = ? AND is_copy = 0 AND is_away = 0");

	db_bind_int(stmt, 1, folder);
	db_bind_text(stmt, 2, key);
	return db_step_id(stmt, err);
}

/* Who delivered it may have written its row since we compared. 1 it is there, 0, -1. */
static int insert_unless_known(struct store *store, const struct row *row, struct err *err)
{
	bool is_new = store->bulk && bulk_is_alone(store);
	int64_t id = is_new ? 0 : known_key(store, row->place, row->key, err);

	if (id == 0 && !is_new && strstr(row->key, MAILDIR_MARK))
		id = remote_adopt(store, row, err);
	if (id != 0)
		return id < 0 ? -1 : 1;
	return row_insert(store, row, err);
}

/* Of a piece that is written bit by bit, all are joined at the first. */
static int join_all(struct store *store, struct row *rows, size_t count, struct err *err)
{
	return store->bulk && count && !rows[0].thread ? row_join(store, rows, count, err) : 0;
}

/* Thousands are written as they come, unless somebody waits. */
static bool must_commit(struct indexing *in, size_t written)
{
	if (!in->store->bulk)
		return now_ms() - in->begun >= BATCH_MS;
	return written % LOOK_EVERY == 0 && bulk_is_awaited(in->store);
}

static int begin_rows(struct indexing *in, struct err *err)
{
	if (in->is_writing)
		return 0;
	if (store_begin(in->store, err) < 0)
		return -1;
	in->is_writing = true;
	in->begun = now_ms();
	return 0;
}

static int commit_rows(struct indexing *in, struct err *err)
{
	if (!in->is_writing)
		return 0;
	in->is_writing = false;
	if (store_commit(in->store, err) < 0)
		return -1;
	usleep(POLITE_US);
	return 0;
}

static int insert_rows(struct indexing *in, struct row *rows, size_t count, struct err *err)
{
	int rc = count && (begin_rows(in, err) < 0 || join_all(in->store, rows, count, err) < 0) ? -1 : 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = begin_rows(in, err) < 0 || insert_unless_known(in->store, &rows[i], err) < 0 ? -1 : 0;
		if (rc == 0 && must_commit(in, i + 1))
			rc = commit_rows(in, err);
	}
	return rc;
}

/* A letter that is there before its answers costs half: no threads have to be joined. But the newest are wanted first,
 * and their order is that of FRESH when all is sorted. */
static void order_fresh(struct indexing *in, bool is_many)
{
	size_t *rest;

	in->newest = is_many && in->fresh_count > NEWEST ? NEWEST : in->fresh_count;
	rest = in->fresh + in->newest;
	for (size_t i = 0, last = in->fresh_count - in->newest; i + 1 < last; i++) {
		size_t place = rest[i];

		rest[i] = rest[--last];
		rest[last] = place;
	}
}

/* Ids go by arrival, from FIRST on. */
static void give_ids(const struct indexing *in, struct row *rows, size_t count, int64_t first)
{
	for (size_t i = 0; i < count; i++) {
		int64_t place = rows[i].id, newest = (int64_t)in->newest;

		rows[i].id = first + (place < newest ? (int64_t)in->fresh_count - 1 - place : place - newest);
	}
}

/* Behind each other in all indexes they are written at a third of the price. */
static void turn(struct row *rows, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct row row = rows[i];

		rows[i] = rows[count - 1 - i];
		rows[count - 1 - i] = row;
	}
}

static int by_received(const void *a, const void *b, void *arg)
{
	const struct listed *listed = arg;
	const struct listed *x = &listed[*(const size_t *)a], *y = &listed[*(const size_t *)b];

	if (x->received != y->received)
		return x->received < y->received ? 1 : -1;
	return strcmp(y->key, x->key);
}

/* Ids are given in order of arrival, though the newest are read first. */
static int64_t reserve_ids(struct indexing *in, struct err *err)
{
	int64_t first;

	if (store_begin(in->store, err) < 0)
		return -1;
	first = store_new_ids(in->store, (int64_t)in->fresh_count, err);
	if (first < 0) {
		store_rollback(in->store);
		return -1;
	}
	return store_commit(in->store, err) < 0 ? -1 : first;
}

static int begin_many(struct indexing *in, struct err *err)
{
	db_exec(in->store->db, MANY_SETTINGS, NULL);
	return bulk_begin(in->store, err);
}

/* Who was stopped finishes what came so far; RC and its error stay. */
static int end_many(struct indexing *in, int rc, struct err *err)
{
	if (in->store->bulk && bulk_finish(in->store, rc < 0 ? NULL : err) < 0)
		rc = -1;
	bulk_end(in->store);
	return rc;
}

/* What is told of is there for all, and who is told may write. */
static int tell_rows(struct indexing *in, struct err *err)
{
	size_t done = in->done;

	in->done = 0;
	return commit_rows(in, err) < 0 || (done && report(in, done, err) < 0) ? -1 : 0;
}

static bool may_go_on(const struct indexing *in)
{
	return in->is_writing && in->store->bulk && in->done > HEADS_FIRST &&
	       now_ms() - in->begun < MANY_MS && !bulk_is_awaited(in->store);
}

/* The next rows may take long to read: meanwhile nobody is kept waiting. */
static int end_in_time(struct indexing *in, struct heads *heads, struct err *err)
{
	while (may_go_on(in))
		if (heads_wait(heads, LOOK_MS))
			return 0;
	return tell_rows(in, err);
}

static int write_heads(struct indexing *in, struct heads *heads, int64_t first, struct err *err)
{
	size_t places, count;
	struct row *rows;
	int rc = 0;

	while (rc == 0 && (places = heads_next(heads, &rows, &count)) > 0) {
		give_ids(in, rows, count, first);
		if (count > 1 && rows[0].id > rows[1].id)
			turn(rows, count);
		rc = insert_rows(in, rows, count, err);
		in->missed += places - count;
		in->done += places;
		if (rc == 0)
			rc = end_in_time(in, heads, err);
	}
	if (rc == 0)
		return tell_rows(in, err);
	if (in->is_writing)
		store_rollback(in->store);
	in->is_writing = false;
	return -1;
}

static int write_fresh(struct indexing *in, struct err *err)
{
	bool is_many = in->fresh_count > MANY;
	struct heads *heads;
	int64_t first;
	int rc;

	if (in->fresh_count == 0)
		return 0;
	qsort_r(in->fresh, in->fresh_count, sizeof *in->fresh, by_received, in->listed);
	order_fresh(in, is_many);
	first = reserve_ids(in, err);
	if (first < 0 || (is_many && begin_many(in, err) < 0))
		return -1;
	heads = heads_new(in->fresh_count, is_many ? READERS : 0, read_one, in);
	rc = write_heads(in, heads, first, err);
	heads_free(&heads);
	return end_many(in, rc, err);
}

/* --- one folder --- */

static bool is_unchanged(struct store *store, int64_t folder, const struct box_stamp *stamp)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT 1 FROM folder WHERE id = ? AND is_indexed = 1"
				" AND is_fresh = 0 AND stamp_a = ? AND stamp_b = ?"
				" AND stamp_c = ? AND stamp_d = ?");
	bool same;

	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, stamp->a);
	db_bind_int(stmt, 3, stamp->b);
	db_bind_int(stmt, 4, stamp->c);
	db_bind_int(stmt, 5, stamp->d);
	same = db_step(stmt, NULL) == 1;
	db_reset(stmt);
	return same;
}

/* No box has it, so that each round looks again; nobody is kept awake for it. */
static const struct box_stamp never = {-1, -1, -1, -1};

static int keep_stamp(struct indexing *in, const struct box_stamp *now, struct err *err)
{
	const struct box_stamp *stamp = in->missed ? &never : now;
	struct db_stmt *stmt =
	    db_query(in->store->db,
		     "UPDATE folder SET stamp_a = ?2, stamp_b = ?3, stamp_c = ?4, stamp_d = ?5,"
		     " is_fresh = ?6, is_indexed = 1,"
		     " first_last = CASE is_indexed WHEN 0 THEN ifnull((SELECT max(id) FROM message), 0)"
		     " ELSE first_last END WHERE id = ?1");

	if (store_begin(in->store, err) < 0)
		return -1;
	if (!in->folder->is_indexed)
		store_touch(in->store, in->folder->id, 0, 0, 0);
	db_bind_int(stmt, 1, in->folder->id);
	db_bind_int(stmt, 2, stamp->a);
	db_bind_int(stmt, 3, stamp->b);
	db_bind_int(stmt, 4, stamp->c);
	db_bind_int(stmt, 5, stamp->d);
	db_bind_int(stmt, 6, !in->missed && box_stamp_is_fresh(stamp));
	if (db_step(stmt, err) == 0)
		return store_commit(in->store, err);
	store_rollback(in->store);
	return -1;
}

static int write_differences(struct indexing *in, struct err *err)
{
	if (load_leaving(in, err) < 0 || compare(in, err) < 0)
		return -1;
	in->at->total += (int64_t)in->fresh_count;
	in->is_suspicious = in->listed_count == 0 && in->gone_count > 1;
	if (in->fresh_count > BATCH && report(in, 0, err) < 0)
		return -1;
	if (write_all(in, in->gone_count, write_gone, err) < 0 ||
	    write_all(in, in->changed_count, write_changed, err) < 0)
		return -1;
	return write_fresh(in, err);
}

static int64_t next_id(struct store *store, struct err *err)
{
	return db_step_id(db_query(store->db, "SELECT value FROM meta WHERE name = 'next'"), err);
}

static int index_box(struct indexing *in, struct err *err)
{
	struct box_stamp stamp;

	if (box_stamp(in->box, &stamp, err) < 0)
		return -1;
	if (is_unchanged(in->store, in->folder->id, &stamp))
		return 0;
	in->first_unlisted = next_id(in->store, err);
	if (in->first_unlisted < 0 || list_box(in, err) < 0 || write_differences(in, err) < 0)
		return -1;
	return keep_stamp(in, &stamp, err);
}

static void forget_lists(struct indexing *in)
{
	free(in->listed);
	free(in->fresh);
	free(in->changed);
	free(in->gone);
	if (in->leaving)
		map_free(&in->leaving, NULL);
	arena_free(&in->arena);
}

/* What is wrong with more than this one folder. */
static bool ends_the_round(const struct err *why)
{
	return why->kind == ERR_CANCELLED || why->kind == ERR_CORRUPT || why->kind == ERR_TEMPORARY;
}

static void wait_for_better_times(struct store *store, int64_t folder)
{
	struct db_stmt *stmt =
	    db_query(store->db, "UPDATE folder SET is_fresh = 0, stamp_a = ?2, stamp_b = ?2,"
				" stamp_c = ?2, stamp_d = ?2 WHERE id = ?1 AND"
				" (is_fresh <> 0 OR stamp_a <> ?2)");

	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, never.a);
	db_step(stmt, NULL);
}

static int index_folder(struct indexing *all, struct folder *folder, struct err *err)
{
	struct indexing in = *all;
	int rc = -1;

	in.folder = folder;
	in.at->folder = folder->name;
	in.arena = arena_new();
	in.box = box_open(folder->path, in.store->account->is_read_only, err);
	if (in.box)
		rc = index_box(&in, err);
	box_close(&in.box);
	forget_lists(&in);
	if (rc < 0 && !ends_the_round(err))
		wait_for_better_times(in.store, folder->id);
	return rc < 0 ? err_add(err, _("reading in the folder \"%s\""), folder->name) : 0;
}

/* --- all folders --- */

/* What was to come into it and still lies elsewhere is not in it yet. */
#define STILL_ELSEWHERE                                                                            \
	"folder = ?1 AND place <> ?1 AND is_copy = 0 AND is_away = 0"                              \
	" AND place IN (SELECT id FROM folder)"

static int empty_folder(struct store *store, int64_t folder, bool is_suspicious, struct err *err)
{
	struct indexing in = {.store = store, .is_suspicious = is_suspicious};
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT id FROM message WHERE (folder = ?1 OR place = ?1)"
				" AND NOT (" STILL_ELSEWHERE ")");
	int rc;

	db_bind_int(stmt, 1, folder);
	while ((rc = db_step(stmt, err)) == 1)
		is_gone(&in, db_int(stmt, 0));
	if (rc == 0)
		rc = write_all(&in, in.gone_count, write_gone, err);
	free(in.gone);
	return rc < 0 ? -1 : 0;
}

/* What else is wanted of it stays wanted. */
static int write_back(struct indexing *in, size_t i, struct err *err)
{
	const struct known *row = &in->changed[i];
	struct db_stmt *stmt =
	    db_query(in->store->db, "DELETE FROM intent WHERE message = ? AND op = ?");

	db_bind_int(stmt, 1, row->id);
	db_bind_int(stmt, 2, INTENT_MOVE);
	if (db_step(stmt, err) < 0)
		return -1;
	return row_move(in->store, row->id, row->hint, err);
}

/* To where their files lie; that is in HINT. */
static int give_back(struct store *store, int64_t folder, struct err *err)
{
	struct indexing in = {.store = store};
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT id, place FROM message WHERE " STILL_ELSEWHERE);
	int rc;

	db_bind_int(stmt, 1, folder);
	while ((rc = db_step(stmt, err)) == 1)
		is_changed(&in, &(struct known){.id = db_int(stmt, 0), .hint = db_int(stmt, 1)});
	if (rc == 0)
		rc = write_all(&in, in.changed_count, write_back, err);
	free(in.changed);
	return rc < 0 ? -1 : 0;
}

/* With the box its files are gone: nothing can be done to them, nothing can be put there. */
static int forget_intents(struct store *store, int64_t folder, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "DELETE FROM intent WHERE place = ?1 OR target = ?1");

	db_bind_int(stmt, 1, folder);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

int index_drop_folder(struct store *store, int64_t folder, struct err *err)
{
	if (give_back(store, folder, err) < 0 || empty_folder(store, folder, false, err) < 0 ||
	    forget_intents(store, folder, err) < 0)
		return -1;
	return folder_forget(store, folder, err);
}

/* A box that went is its folder's end; but one of a server is made again. */
static int lose_folder(struct store *store, int64_t folder, struct err *err)
{
	int rc = remote_folder_remake(store, folder, err);

	if (rc < 0)
		return -1;
	return rc ? empty_folder(store, folder, true, err) : index_drop_folder(store, folder, err);
}

static int find_folders(struct indexing *in, struct arena *arena, struct err *err)
{
	int64_t *gone;
	size_t count;

	if (folder_discover(in->store, arena, &gone, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (lose_folder(in->store, gone[i], err) < 0)
			return -1;
	/* The name of one that went may be that of one that came. */
	return count ? folder_discover(in->store, arena, &gone, &count, err) : 0;
}

static int has_index(struct store *store, const char *name, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT 1 FROM sqlite_master WHERE name = ?");
	int rc;

	db_bind_text(stmt, 1, name);
	rc = db_step(stmt, err);
	db_reset(stmt);
	return rc;
}

/* 1: it was made; 0: it was there. Who fills this index with thousands just now does so at the end. */
static int make_sort_index(struct store *store, const struct schema_sort_index *index, struct err *err)
{
	int rc = has_index(store, index->name, err);
	char *sql;

	if (rc != 0 || bulk_is_elsewhere(store))
		return rc < 0 ? -1 : 0;
	sql = mem_printf("CREATE INDEX IF NOT EXISTS %s ON %s", index->name, index->on);
	rc = db_exec(store->db, sql, err);
	free(sql);
	return rc < 0 ? -1 : 1;
}

int store_index_orders(struct store *store, struct err *err)
{
	int rc = 0;

	if (store_lock(store, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < schema_sort_index_count; i++)
		rc = make_sort_index(store, &schema_sort_indexes[i], err);
	store_unlock(store);
	return rc;
}

int index_make_sorted(struct store *store, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < schema_sort_index_count; i++)
		rc = make_sort_index(store, &schema_sort_indexes[i], err);
	return rc;
}

int index_drop_sorted(struct store *store, struct err *err)
{
	int rc = db_begin(store->db, err);

	for (size_t i = 0; rc == 0 && i < schema_sort_index_count; i++) {
		char *sql = mem_printf("DROP INDEX IF EXISTS %s", schema_sort_indexes[i].name);

		rc = db_exec(store->db, sql, err);
		free(sql);
	}
	if (rc == 0)
		return db_commit(store->db, err);
	db_rollback(store->db);
	return -1;
}

/* One folder that cannot be read keeps no other from being read; its sentence is told in the end.
 */
static int index_list(struct indexing *in, struct folder *folders, size_t count, struct err *err)
{
	struct err first = ERR_INIT, why = ERR_INIT;

	for (size_t i = 0; i < count; i++) {
		if (index_folder(in, &folders[i], &why) == 0)
			continue;
		if (ends_the_round(&why)) {
			first = why;
			break;
		}
		log_write(LOG_WARNING, "%s", why.text);
		if (first.kind == ERR_NONE)
			first = why;
	}
	if (first.kind == ERR_NONE)
		return 0;
	return err_set_kind(err, first.kind, "%s", first.text);
}

static int index_all(struct indexing *in, struct arena *arena, struct err *err)
{
	struct folder *folders;
	size_t count;

	if (find_folders(in, arena, err) < 0 || orphans_bring_home(in->store, err) < 0 ||
	    store_folders(in->store, arena, &folders, &count, err) < 0 ||
	    index_list(in, folders, count, err) < 0)
		return -1;
	return make_sort_index(in->store, &schema_sort_indexes[0], err) < 0 ? -1 : 0;
}

static int index_some(struct indexing *in, int64_t folder, struct err *err)
{
	struct arena *arena = arena_new();
	struct folder one;
	int rc;

	if (!folder) {
		rc = index_all(in, arena, err);
	} else {
		rc = store_folder(in->store, folder, arena, &one, err);
		rc = rc == 1 ? index_folder(in, &one, err) : rc;
	}
	arena_free(&arena);
	return rc;
}

static int check_whole(struct store *store, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "PRAGMA quick_check(1)");
	int rc = db_step(stmt, err);

	if (rc == 1 && strcmp(db_text(stmt, 0), "ok") != 0)
		rc = err_set_kind(err, ERR_CORRUPT, "%s", db_text(stmt, 0));
	db_reset(stmt);
	return rc < 0 ? -1 : 0;
}

int store_check(struct store *store, struct err *err)
{
	struct err why = ERR_INIT;
	int rc = store_lock(store, err);

	if (rc < 0)
		return -1;
	rc = check_whole(store, &why);
	if (rc < 0 && why.kind == ERR_CORRUPT)
		rc = store_renew(store, err) < 0 ? -1 : 1;
	else if (rc < 0)
		err_set_kind(err, why.kind, "%s", why.text);
	store_unlock(store);
	return rc;
}

static int index_once(struct store *store, int64_t folder,
		      int (*progress)(void *arg, const struct index_progress *progress), void *arg,
		      struct err *err)
{
	struct index_progress at = {0};
	struct indexing in = {.store = store, .progress = progress, .arg = arg, .at = &at};

	if (bulk_mend(store, err) < 0)
		return -1;
	return index_some(&in, folder, err);
}

int store_index(struct store *store, int64_t folder,
		int (*progress)(void *arg, const struct index_progress *progress), void *arg,
		struct err *err)
{
	struct err why = ERR_INIT;
	int rc;

	if (store_lock(store, err) < 0)
		return -1;
	rc = index_once(store, folder, progress, arg, &why);
	if (rc < 0 && why.kind == ERR_CORRUPT) {
		log_write(LOG_WARNING, "%s", why.text);
		rc = store_renew(store, err);
		if (rc == 0)
			rc = index_once(store, 0, progress, arg, &why);
	}
	if (rc < 0)
		err_set_kind(err, why.kind, "%s", why.text);
	store_unlock(store);
	return rc < 0 ? -1 : 0;
}

/* --- names that came --- */

/* One that went on already is left out. */
static void list_name(struct indexing *in, const struct store_name *name)
{
	char *path = mem_printf("%s/%s/%s", in->folder->path, name->is_in_new ? "new" : "cur", name->name);
	int64_t told = maildir_name_time(name->name);
	struct stat st;
	bool is_there = lstat(path, &st) == 0 && S_ISREG(st.st_mode);

	free(path);
	if (!is_there)
		return;
	ARRAY_ROOM(in->listed, in->listed_count, in->listed_cap);
	in->listed[in->listed_count++] = (struct listed){
	    .key = arena_strndup(in->arena, name->name, maildir_name_base(name->name)),
	    .flags = maildir_name_flags(name->name) | (name->is_in_new ? BOX_RECENT : 0),
	    .size = maildir_name_size(name->name),
	    .received = told >= 0 ? told : (int64_t)st.st_mtime,
	};
}

/* 1 with its ID and FLAGS of the file as they were, 0, -1. */
static int find_row(struct indexing *in, const char *key, struct known *row, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(in->store->db, "SELECT rowid, file_flags FROM message INDEXED BY message_place"
				    " WHERE place = ? AND key = ? AND is_copy = 0 AND is_away = 0");
	int rc;

	db_bind_int(stmt, 1, in->folder->id);
	db_bind_text(stmt, 2, key);
	rc = db_step(stmt, err);
	if (rc == 1)
		*row = (struct known){.id = db_int(stmt, 0), .flags = (unsigned)db_int(stmt, 1)};
	db_reset(stmt);
	return rc;
}

static int compare_name(struct indexing *in, size_t i, struct err *err)
{
	const struct listed *listed = &in->listed[i];
	struct known row = {.id = 0};
	int rc = find_row(in, listed->key, &row, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		is_fresh(in, i);
	else if (row.flags != listed->flags)
		is_changed(in, &(struct known){.id = row.id, .flags = listed->flags, .has_new_flags = true});
	return 0;
}

/* Twice in the list: it is there under two names, or was renamed while we looked; the whole look decides. */
static bool is_alone(const struct indexing *in, size_t i)
{
	return (i == 0 || by_key(&in->listed[i - 1], &in->listed[i])) &&
	       (i + 1 == in->listed_count || by_key(&in->listed[i], &in->listed[i + 1]));
}

static int index_listed(struct indexing *in, struct err *err)
{
	if (load_leaving(in, err) < 0)
		return -1;
	qsort(in->listed, in->listed_count, sizeof *in->listed, by_key);
	for (size_t i = 0; i < in->listed_count; i++)
		if (is_alone(in, i) && compare_name(in, i, err) < 0)
			return -1;
	if (write_all(in, in->changed_count, write_changed, err) < 0)
		return -1;
	return write_fresh(in, err);
}

static int index_names(struct indexing *in, const struct store_name *names, size_t count, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < count; i++)
		list_name(in, &names[i]);
	if (!in->listed_count)
		return 0;
	in->box = box_open(in->folder->path, in->store->account->is_read_only, err);
	if (!in->box)
		return -1;
	rc = index_listed(in, err);
	box_close(&in->box);
	return rc;
}

static int index_names_of(struct store *store, int64_t folder, const struct store_name *names, size_t count,
			  struct err *err)
{
	struct index_progress at = {0};
	struct indexing in = {.store = store, .at = &at, .arena = arena_new()};
	struct folder it;
	int rc = store_folder(store, folder, in.arena, &it, err);

	in.folder = &it;
	if (rc == 1)
		rc = it.kind == BOX_MAILDIR && it.is_indexed && !store->bulk ? index_names(&in, names, count, err) : 1;
	else if (rc == 0)
		rc = 1;
	forget_lists(&in);
	return rc;
}

int store_index_names(struct store *store, int64_t folder, const struct store_name *names, size_t count,
		      struct err *err)
{
	int rc;

	if (store_lock(store, err) < 0)
		return -1;
	rc = index_names_of(store, folder, names, count, err);
	store_unlock(store);
	return rc;
}

/* --- one message --- */

static int64_t insert_one(struct store *store, struct row *row, struct err *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	row->id = known_key(store, row->place, row->key, err); /* an indexer may have been faster */
	if (row->id == 0) {
		row->id = store_new_ids(store, 1, err);
		if (row->id > 0 && row_insert(store, row, err) < 0)
			row->id = -1;
	}
	if (row->id < 0) {
		store_rollback(store);
		return -1;
	}
	return store_commit(store, err) < 0 ? -1 : row->id;
}

static int64_t index_opened(struct store *store, struct box *box, int64_t folder, const char *key,
			    const struct box_message *bytes, struct err *err)
{
	struct box_entry entry = {.key = key, .size = (int64_t)bytes->len};
	struct arena *arena = arena_new();
	struct row row;
	int64_t id;

	index_entry_of(box, key, &entry);
	row_read(store->account, bytes, &entry, arena, &row);
	row.folder = row.place = folder;
	id = insert_one(store, &row, err);
	arena_free(&arena);
	return id;
}

int64_t store_index_one(struct store *store, int64_t folder, const char *key, struct err *err)
{
	struct box *box = store_box(store, folder, err);
	struct box_message bytes;
	int64_t id = -1;

	if (box && box_message_open(box, key, &bytes, err) == 0) {
		id = index_opened(store, box, folder, key, &bytes, err);
		box_message_close(&bytes);
	}
	box_close(&box);
	return id;
}

void index_entry_of(struct box *box, const char *key, struct box_entry *entry)
{
	struct buf path = BUF_INIT;
	struct stat st;

	entry->received = time(NULL);
	if (box_kind_of(box) == BOX_MAILDIR && box_message_path(box, key, &path, NULL) == 0) {
		entry->flags = maildir_name_flags(path_base(buf_str(&path)));
		if (strstr(buf_str(&path), "/new/"))
			entry->flags |= BOX_RECENT;
		if (maildir_name_time(path_base(buf_str(&path))) > 0)
			entry->received = maildir_name_time(path_base(buf_str(&path)));
		else if (stat(buf_str(&path), &st) == 0)
			entry->received = st.st_mtime;
	}
	buf_free(&path);
}
