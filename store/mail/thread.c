#include "config.h"
#include "store/mail/thread.h"

#include <stdbool.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/mail/bulk.h"
#include "store/mail/store_inside.h"

static bool is_unread(unsigned flags)
{
	return !(flags & BOX_SEEN);
}

static bool is_flagged(unsigned flags)
{
	return flags & BOX_FLAGGED;
}

/* --- joining --- */

static int64_t look_up(struct store *store, int64_t hash, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT thread FROM ref WHERE hash = ?");
	int64_t thread = 0;
	int rc;

	db_bind_int(stmt, 1, hash);
	rc = db_step(stmt, err);
	if (rc == 1)
		thread = db_int(stmt, 0);
	db_reset(stmt);
	return rc < 0 ? -1 : thread;
}

static int64_t thread_of_id(struct store *store, int64_t hash, struct err *err)
{
	int64_t thread = store->bulk ? bulk_thread(store, hash) : -1;

	if (thread >= 0)
		return thread;
	thread = look_up(store, hash, err);
	if (store->bulk && thread > 0)
		bulk_know(store, hash, thread);
	return thread;
}

static int write_id(struct store *store, int64_t hash, int64_t thread, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "INSERT INTO ref(hash, thread) VALUES(?, ?) ON CONFLICT DO NOTHING");

	db_bind_int(stmt, 1, hash);
	db_bind_int(stmt, 2, thread);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int set_thread_of_id(struct store *store, int64_t hash, int64_t thread, struct err *err)
{
	if (!store->bulk)
		return write_id(store, hash, thread, err);
	if (bulk_thread(store, hash) <= 0)
		bulk_know(store, hash, thread);
	return 0;
}

static int64_t size_of(struct store *store, int64_t thread)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT count FROM thread WHERE thread = ? AND folder = 0");
	int64_t count = 0;

	db_bind_int(stmt, 1, thread);
	if (db_step(stmt, NULL) == 1)
		count = db_int(stmt, 0);
	db_reset(stmt);
	return count;
}

#define ADD_TO_THREAD                                                                              \
	" ON CONFLICT(thread, folder) DO UPDATE SET count = count + excluded.count,"               \
	" unread = unread + excluded.unread, flagged = flagged + excluded.flagged,"                \
	" latest = CASE WHEN (excluded.latest, excluded.latest_id) > (latest, latest_id)"          \
	"   THEN excluded.latest ELSE latest END,"                                                 \
	" latest_id = CASE WHEN (excluded.latest, excluded.latest_id) > (latest, latest_id)"       \
	"   THEN excluded.latest_id ELSE latest_id END,"                                           \
	" size = CASE WHEN (excluded.latest, excluded.latest_id) > (latest, latest_id)"            \
	"   THEN excluded.size ELSE size END,"                                                     \
	" from_key = CASE WHEN (excluded.latest, excluded.latest_id) > (latest, latest_id)"        \
	"   THEN excluded.from_key ELSE from_key END,"                                             \
	" subject_key = CASE WHEN (excluded.latest, excluded.latest_id) > (latest, latest_id)"     \
	"   THEN excluded.subject_key ELSE subject_key END"

static int merge(struct store *store, int64_t from, int64_t to, struct err *err)
{
	static const char *const steps[] = {
	    "UPDATE message SET thread = ?2 WHERE thread = ?1",
	    "UPDATE ref SET thread = ?2 WHERE thread = ?1",
	    "INSERT INTO thread(thread, folder, latest, latest_id, count, unread, flagged, size,"
	    " from_key, subject_key) SELECT ?2, folder, latest, latest_id, count, unread, flagged, "
	    "size,"
	    " from_key, subject_key FROM thread WHERE thread = ?1" ADD_TO_THREAD,
	    "DELETE FROM thread WHERE thread = ?1 AND ?2 = ?2",
	};

	for (size_t i = 0; i < 4; i++) {
		struct db_stmt *stmt = db_query(store->db, steps[i]);

		db_bind_int(stmt, 1, from);
		db_bind_int(stmt, 2, to);
		if (db_step(stmt, err) < 0)
			return -1;
	}
	return 0;
}

static int touch_folders_of(struct store *store, int64_t thread, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT folder FROM thread WHERE thread = ? AND folder > 0");
	int rc;

	db_bind_int(stmt, 1, thread);
	while ((rc = db_step(stmt, err)) == 1)
		store_touch(store, db_int(stmt, 0), 0, 0, 0);
	return rc;
}

/* What is said in SQL must find all that was gathered. */
static int write_gathered(struct store *store, struct err *err)
{
	return store->bulk ? bulk_write(store, err) : 0;
}

static bool is_unwritten(struct store *store, int64_t thread)
{
	return store->bulk && bulk_is_expected(store, thread);
}

/* The one of the two that stays, or -1. */
static int64_t join_two(struct store *store, int64_t a, int64_t b, struct err *err)
{
	int64_t from, to;

	if (is_unwritten(store, a) || is_unwritten(store, b)) {
		from = is_unwritten(store, a) ? a : b;
		to = from == a ? b : a;
		bulk_went(store, from, to);
		return to;
	}
	if (write_gathered(store, err) < 0)
		return -1;
	from = size_of(store, a) < size_of(store, b) ? a : b;
	to = from == a ? b : a;
	if (merge(store, from, to, err) < 0 || touch_folders_of(store, to, err) < 0)
		return -1;
	if (store->bulk)
		bulk_went(store, from, to);
	return to;
}

int thread_settle_id(struct store *store, int64_t hash, int64_t thread, struct err *err)
{
	int64_t ours = bulk_where(store, thread), there;

	if (write_id(store, hash, ours, err) < 0)
		return -1;
	if (db_changes(store->db) > 0)
		return 0;
	there = look_up(store, hash, err);
	if (there < 0)
		return -1;
	return there == ours || join_two(store, there, ours, err) >= 0 ? 0 : -1;
}

int64_t thread_join(struct store *store, const int64_t *ids, size_t count, int64_t fresh,
		    struct err *err)
{
	int64_t thread = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t other = thread_of_id(store, ids[i], err);

		if (other > 0 && thread > 0 && other != thread)
			thread = join_two(store, thread, other, err);
		else if (other)
			thread = other;
		if (thread < 0)
			return -1;
	}
	if (!thread)
		thread = fresh;
	for (size_t i = 0; i < count; i++)
		if (set_thread_of_id(store, ids[i], thread, err) < 0)
			return -1;
	return thread;
}

/* --- counting --- */

bool thread_sum_add(struct thread_sum *sum, const struct counted *counted)
{
	bool is_latest = sum->count == 0 || counted->date > sum->latest ||
			 (counted->date == sum->latest && counted->id > sum->latest_id);

	if (sum->count == 0)
		sum->is_new = counted->is_new;
	sum->count++;
	sum->unread += is_unread(counted->flags);
	sum->flagged += is_flagged(counted->flags);
	if (!is_latest)
		return false;
	sum->latest = counted->date;
	sum->latest_id = counted->id;
	sum->size = counted->size;
	sum->from_key = counted->from_key;
	sum->subject_key = counted->subject_key;
	return true;
}

static void bind_sum(struct db_stmt *stmt, const struct thread_sum *sum)
{
	db_bind_int(stmt, 1, sum->thread);
	db_bind_int(stmt, 2, sum->folder);
	db_bind_int(stmt, 3, sum->latest);
	db_bind_int(stmt, 4, sum->latest_id);
	db_bind_int(stmt, 5, sum->count);
	db_bind_int(stmt, 6, sum->unread);
	db_bind_int(stmt, 7, sum->flagged);
	db_bind_int(stmt, 8, sum->size);
	db_bind_text(stmt, 9, sum->from_key);
	db_bind_text(stmt, 10, sum->subject_key);
}

/* An upsert would do the same, and cost as much again: SQLite then copies the pages before it writes them. */
static int count_first(struct store *store, const struct thread_sum *sum, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "INSERT OR FAIL INTO thread(thread, folder, latest, latest_id, count, unread, flagged,"
		       " size, from_key, subject_key) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");

	bind_sum(stmt, sum);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

/* 1 it is counted, 0 nobody of this thread is in FOLDER yet, -1. */
static int count_more(struct store *store, const struct thread_sum *sum, struct err *err)
{
	struct db_stmt *newest = db_query(
	    store->db, "UPDATE OR FAIL thread SET count = count + ?5, unread = unread + ?6,"
		       " flagged = flagged + ?7, latest = ?3, latest_id = ?4, size = ?8, from_key = ?9,"
		       " subject_key = ?10 WHERE thread = ?1 AND folder = ?2 AND (latest, latest_id) < (?3, ?4)");
	struct db_stmt *older = db_query(
	    store->db, "UPDATE OR FAIL thread SET count = count + ?3, unread = unread + ?4,"
		       " flagged = flagged + ?5 WHERE thread = ?1 AND folder = ?2");

	bind_sum(newest, sum);
	if (db_step(newest, err) < 0)
		return -1;
	if (db_changes(store->db) > 0)
		return 1;
	db_bind_int(older, 1, sum->thread);
	db_bind_int(older, 2, sum->folder);
	db_bind_int(older, 3, sum->count);
	db_bind_int(older, 4, sum->unread);
	db_bind_int(older, 5, sum->flagged);
	if (db_step(older, err) < 0)
		return -1;
	return db_changes(store->db) > 0;
}

int thread_write_sum(struct store *store, const struct thread_sum *sum, struct err *err)
{
	int rc = sum->is_new ? 0 : count_more(store, sum, err);

	return rc == 0 ? count_first(store, sum, err) : rc < 0 ? -1 : 0;
}

static int count_in(struct store *store, const struct counted *counted, int64_t folder, struct err *err)
{
	struct thread_sum sum = {.thread = counted->thread, .folder = folder};

	if (store->bulk) {
		bulk_count(store, counted, folder);
		return 0;
	}
	thread_sum_add(&sum, counted);
	return thread_write_sum(store, &sum, err);
}

/* The newest message of a thread changed by going: its place is taken by the next. */
static int renew_latest(struct store *store, int64_t thread, int64_t folder, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db,
		     "UPDATE thread SET (latest, latest_id, size, from_key, subject_key) ="
		     " (SELECT date, id, size, from_key, subject_key FROM message WHERE thread = ?1"
		     "  AND CASE WHEN ?2 = 0 THEN folder > 0 ELSE folder = ?2 END ORDER BY date "
		     "DESC, id DESC LIMIT 1)"
		     " WHERE thread = ?1 AND folder = ?2");

	db_bind_int(stmt, 1, thread);
	db_bind_int(stmt, 2, folder);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int drop_empty(struct store *store, int64_t thread, int64_t folder, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "DELETE FROM thread WHERE thread = ? AND folder = ?");

	db_bind_int(stmt, 1, thread);
	db_bind_int(stmt, 2, folder);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int change_counts(struct store *store, const struct counted *counted, int64_t folder,
			 int total, int unread, int flagged, int64_t *left, int64_t *latest_id,
			 struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db,
	    "UPDATE thread SET count = count + ?3, unread = unread + ?4, flagged = flagged + ?5"
	    " WHERE thread = ?1 AND folder = ?2 RETURNING count, latest_id");
	int rc;

	db_bind_int(stmt, 1, counted->thread);
	db_bind_int(stmt, 2, folder);
	db_bind_int(stmt, 3, total);
	db_bind_int(stmt, 4, unread);
	db_bind_int(stmt, 5, flagged);
	rc = db_step(stmt, err);
	if (rc != 1)
		return rc < 0 ? -1 : err_set_kind(err, ERR_CORRUPT, "thread without counts");
	*left = db_int(stmt, 0);
	*latest_id = db_int(stmt, 1);
	db_reset(stmt);
	return 0;
}

static int uncount_in(struct store *store, const struct counted *counted, int64_t folder,
		      struct err *err)
{
	int64_t left, latest_id;

	if (change_counts(store, counted, folder, -1, -is_unread(counted->flags),
			  -is_flagged(counted->flags), &left, &latest_id, err) < 0)
		return -1;
	if (left <= 0)
		return drop_empty(store, counted->thread, folder, err);
	return latest_id == counted->id ? renew_latest(store, counted->thread, folder, err) : 0;
}

/* Nobody is left who is in or names this thread: its ids are forgotten with it. */
static int forget_if_empty(struct store *store, int64_t thread, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "DELETE FROM ref WHERE thread = ?1 AND NOT EXISTS"
				" (SELECT 1 FROM message WHERE thread = ?1)");

	db_bind_int(stmt, 1, thread);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

int thread_count(struct store *store, const struct counted *counted, struct err *err)
{
	if (counted->folder <= FOLDER_ALL)
		return 0;
	store_touch(store, counted->folder, 1, is_unread(counted->flags),
		    is_flagged(counted->flags));
	if (count_in(store, counted, counted->folder, err) < 0)
		return -1;
	return count_in(store, counted, FOLDER_ALL, err);
}

int thread_uncount(struct store *store, const struct counted *counted, struct err *err)
{
	if (write_gathered(store, err) < 0)
		return -1;
	if (counted->folder > FOLDER_ALL) {
		store_touch(store, counted->folder, -1, -is_unread(counted->flags),
			    -is_flagged(counted->flags));
		if (uncount_in(store, counted, counted->folder, err) < 0 ||
		    uncount_in(store, counted, FOLDER_ALL, err) < 0)
			return -1;
	}
	return forget_if_empty(store, counted->thread, err);
}

int thread_recount(struct store *store, const struct counted *counted, int64_t to, struct err *err)
{
	struct counted there = *counted;

	there.folder = to;
	if (counted->folder > FOLDER_ALL && thread_uncount(store, counted, err) < 0)
		return -1;
	return thread_count(store, &there, err);
}

int thread_flags(struct store *store, const struct counted *counted, unsigned flags,
		 struct err *err)
{
	int unread = is_unread(flags) - is_unread(counted->flags);
	int flagged = is_flagged(flags) - is_flagged(counted->flags);
	int64_t left, latest_id;

	store_touch(store, counted->folder, 0, unread, flagged);
	if (counted->folder <= FOLDER_ALL || (!unread && !flagged))
		return 0;
	if (write_gathered(store, err) < 0)
		return -1;
	if (change_counts(store, counted, counted->folder, 0, unread, flagged, &left, &latest_id,
			  err) < 0)
		return -1;
	return change_counts(store, counted, FOLDER_ALL, 0, unread, flagged, &left, &latest_id,
			     err);
}
