#include "config.h"
#include "store/mail/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/change.h"
#include "store/mail/remote_inside.h"

#define WISH_TRIES 3

bool store_is_remote(const struct store *store)
{
	return store->account->kind == ACCOUNT_IMAP || store->account->kind == ACCOUNT_JMAP;
}

int remote_run(struct store *store, const char *sql, int64_t a, int64_t b, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, sql);

	db_bind_int(stmt, 1, a);
	db_bind_int(stmt, 2, b);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

int remote_owe(struct store *store, int64_t message, struct err *err)
{
	return remote_run(store, "INSERT OR IGNORE INTO remote_owed SELECT ?1 WHERE ?2 = 0", message, 0,
			  err);
}

int remote_strike(struct store *store, int64_t message, struct err *err)
{
	return remote_run(store, "DELETE FROM remote_owed WHERE message = ?1 AND ?2 = 0", message, 0, err);
}

int64_t store_owed_count(struct store *store, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT count(*) FROM remote_owed");

	return db_step_id(stmt, err);
}

/* --- what was agreed on --- */

#define AGREED "SELECT message, folder, uid, flags, keywords, size, target, state FROM remote_message"

static int read_agreed(struct db_stmt *stmt, struct arena *arena, struct agreed *agreed, struct err *err)
{
	int rc = db_step(stmt, err);

	if (rc != 1)
		return rc;
	*agreed = (struct agreed){.message = db_int(stmt, 0),
				  .folder = db_int(stmt, 1),
				  .uid = (uint32_t)db_int(stmt, 2),
				  .flags = (unsigned)db_int(stmt, 3),
				  .keywords = arena_strdup(arena, db_text(stmt, 4)),
				  .size = db_int(stmt, 5),
				  .target = db_int(stmt, 6),
				  .state = (enum remote_message_state)db_int(stmt, 7)};
	db_reset(stmt);
	return 1;
}

int agreed_by_uid(struct store *store, int64_t folder, uint32_t uid, struct arena *arena,
		  struct agreed *agreed, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, AGREED " WHERE folder = ? AND uid = ? AND uid > 0");

	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, uid);
	return read_agreed(stmt, arena, agreed, err);
}

int agreed_of(struct store *store, int64_t message, struct arena *arena, struct agreed *agreed,
	      struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, AGREED " WHERE message = ?");

	db_bind_int(stmt, 1, message);
	return read_agreed(stmt, arena, agreed, err);
}

/* A server that gives one uid twice: the message that had it is looked for again. */
static int make_room(struct store *store, const struct agreed *agreed, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "UPDATE remote_message SET uid = 0, state = 1, target = 0"
				" WHERE folder = ? AND uid = ? AND uid > 0 AND message <> ?");

	db_bind_int(stmt, 1, agreed->folder);
	db_bind_int(stmt, 2, agreed->uid);
	db_bind_int(stmt, 3, agreed->message);
	return db_step(stmt, err) < 0 ? -1 : 0;
}
_Static_assert(REMOTE_SENT == 1 && REMOTE_LOST == 2 && REMOTE_SENT_NOW == 5, "states in SQL");

#define AGREED_ROW                                                                                         \
	" INTO remote_message(message, folder, uid, flags, keywords, size, target, state)"                 \
	" VALUES(?, ?, ?, ?, ?, ?, ?, ?)"

static int write_row(struct db_stmt *stmt, const struct agreed *agreed, struct err *err)
{
	db_bind_int(stmt, 1, agreed->message);
	db_bind_int(stmt, 2, agreed->folder);
	db_bind_int(stmt, 3, agreed->uid);
	db_bind_int(stmt, 4, agreed->flags);
	db_bind_text(stmt, 5, agreed->keywords);
	db_bind_int(stmt, 6, agreed->size);
	db_bind_int(stmt, 7, agreed->target);
	db_bind_int(stmt, 8, agreed->state);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

int agreed_write(struct store *store, const struct agreed *agreed, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "INSERT OR REPLACE" AGREED_ROW);

	if (agreed->uid && make_room(store, agreed, err) < 0)
		return -1;
	return write_row(stmt, agreed, err);
}

int agreed_add(struct store *store, const struct agreed *agreed, struct err *err)
{
	return write_row(db_query(store->db, "INSERT OR FAIL" AGREED_ROW), agreed, err);
}

int agreed_forget(struct store *store, int64_t message, struct err *err)
{
	return remote_run(store, "DELETE FROM remote_message WHERE message = ?1 AND ?2 = 0", message, 0, err);
}

int agreed_leave(struct store *store, const struct agreed *agreed, bool is_owed, struct err *err)
{
	struct agreed left = *agreed;

	left.message = -store_new_ids(store, 1, err);
	left.target = 0;
	if (left.message >= 0)
		return -1;
	if (agreed_write(store, &left, err) < 0)
		return -1;
	return is_owed ? remote_owe(store, left.message, err) : remote_strike(store, left.message, err);
}

int remote_put_away(struct store *store, int64_t id, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "UPDATE message SET is_away = 1, is_copy = 0, key = '', place = folder,"
				" hint = 0 WHERE id = ?1 AND folder > 0 AND EXISTS"
				" (SELECT 1 FROM remote_message WHERE message = ?1)");

	db_bind_int(stmt, 1, id);
	if (db_step(stmt, err) < 0)
		return -1;
	return db_changes(store->db) == 1;
}

uint32_t remote_keywords_hash(const char *keywords)
{
	uint32_t hash = 2166136261u;

	for (const char *c = keywords; *c; c++)
		hash = (hash ^ (unsigned char)(*c >= 'A' && *c <= 'Z' ? *c | 32 : *c)) * 16777619u;
	return hash;
}

int remote_is_in_doubt(struct store *store, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT EXISTS"
		       " (SELECT 1 FROM remote_message WHERE uid < 1 AND state IN (1, 5) AND message > 0) OR"
		       " EXISTS (SELECT 1 FROM remote_message WHERE target > 0)");

	return (int)db_step_id(stmt, err);
}

int remote_known(struct store *store, int64_t folder, struct remote_known **known, size_t *count,
		 struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT uid, flags, keywords FROM remote_message"
						   " WHERE folder = ? AND uid > 0 ORDER BY uid");
	size_t cap = 0;
	int rc;

	*known = NULL;
	*count = 0;
	db_bind_int(stmt, 1, folder);
	while ((rc = db_step(stmt, err)) == 1) {
		ARRAY_ROOM(*known, *count, cap);
		(*known)[(*count)++] =
		    (struct remote_known){.uid = (uint32_t)db_int(stmt, 0),
					  .flags = (unsigned)db_int(stmt, 1) & REMOTE_FLAGS,
					  .keywords = remote_keywords_hash(db_text(stmt, 2))};
	}
	return rc;
}

int64_t remote_known_count(struct store *store, int64_t folder, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT count(*) FROM remote_message WHERE folder = ? AND uid > 0");

	db_bind_int(stmt, 1, folder);
	return db_step_id(stmt, err);
}

int remote_uids(struct store *store, int64_t folder, uint32_t first, uint32_t last, uint32_t **uids,
		size_t *count, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT uid FROM remote_message WHERE folder = ? AND uid > 0"
				" AND uid >= ? AND uid <= ? ORDER BY uid");
	size_t cap = 0;
	int rc;

	*uids = NULL;
	*count = 0;
	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, first);
	db_bind_int(stmt, 3, last);
	while ((rc = db_step(stmt, err)) == 1) {
		ARRAY_ROOM(*uids, *count, cap);
		(*uids)[(*count)++] = (uint32_t)db_int(stmt, 0);
	}
	return rc;
}

int remote_wanted(struct store *store, int64_t folder, int64_t since, uint32_t **uids, size_t *count,
		  struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT r.uid FROM message m INDEXED BY message_away"
				" CROSS JOIN remote_message r ON r.message = m.id WHERE m.is_away = 1"
				" AND m.folder = ?1 AND m.received >= ?2 AND r.folder = ?1 AND r.uid > 0"
				" ORDER BY r.uid DESC");
	size_t cap = 0;
	int rc;

	*uids = NULL;
	*count = 0;
	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, since);
	while ((rc = db_step(stmt, err)) == 1) {
		ARRAY_ROOM(*uids, *count, cap);
		(*uids)[(*count)++] = (uint32_t)db_int(stmt, 0);
	}
	return rc;
}

/* --- wishes --- */

int store_want(struct store *store, int64_t id, const char *part, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "INSERT OR REPLACE INTO remote_wish(message, part, at) SELECT id, ?2, ?3"
				" FROM message WHERE id = ?1 AND folder > 0");

	if (store_begin(store, err) < 0)
		return -1;
	db_bind_int(stmt, 1, id);
	db_bind_text(stmt, 2, part ? part : "");
	db_bind_int(stmt, 3, time(NULL));
	if (db_step(stmt, err) == 0)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

char *store_part_path(const struct store *store, int64_t id, const char *part)
{
	char *dir = path_in(PATH_CACHE, "parts"), *path;

	path = mem_printf("%s/%s/%lld.%s", dir, store->account->name, (long long)id, part);
	free(dir);
	return path;
}

int remote_wishes(struct store *store, struct arena *arena, struct remote_wish **wishes, size_t *count,
		  struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT w.message, r.folder, r.uid, w.part FROM remote_wish w"
				" CROSS JOIN remote_message r ON r.message = w.message CROSS JOIN message m ON"
				" m.id = w.message WHERE r.uid > 0 AND (m.is_away = 1 OR w.part <> '')"
				" ORDER BY w.at DESC LIMIT 100");
	int rc;

	*wishes = ARENA_ARRAY(arena, struct remote_wish, 100);
	*count = 0;
	while ((rc = db_step(stmt, err)) == 1)
		(*wishes)[(*count)++] = (struct remote_wish){.message = db_int(stmt, 0),
							     .folder = db_int(stmt, 1),
							     .uid = (uint32_t)db_int(stmt, 2),
							     .part = arena_strdup(arena, db_text(stmt, 3))};
	return rc;
}

static int thin_one(struct store *store, int64_t id, int64_t place, const char *key, struct err *err)
{
	int rc = remote_put_away(store, id, err);

	if (rc <= 0)
		return rc;
	/* The row first: a file that went without a word would be a letter that somebody deleted. */
	return intent_add(store, &(struct intent){.op = INTENT_REMOVE, .place = place, .key = key}, err);
}

#define THIN                                                                                               \
	"SELECT m.id, m.place, m.key FROM message m CROSS JOIN remote_message r ON r.message = m.id WHERE"   \
	" m.folder = ?1 AND m.received < ?2 AND m.is_away = 0 AND m.is_copy = 0 AND m.place = m.folder AND" \
	" r.uid > 0 AND r.folder = m.folder AND r.target = 0 AND NOT EXISTS (SELECT 1 FROM remote_owed o"   \
	" WHERE o.message = m.id) AND NOT EXISTS (SELECT 1 FROM intent i WHERE i.message = m.id) AND NOT"   \
	" EXISTS (SELECT 1 FROM remote_opened p WHERE p.message = m.id AND p.at > unixepoch() - ?4)"	    \
	" LIMIT ?3"

int remote_thin(struct store *store, int64_t folder, int64_t since, size_t limit, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, THIN);
	struct arena *arena = arena_new();
	int rc = store_begin(store, err), count = 0;

	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, since);
	db_bind_int(stmt, 3, (int64_t)limit);
	db_bind_int(stmt, 4, REMOTE_OPENED_S);
	while (rc == 0 && (rc = db_step(stmt, err)) == 1) {
		rc = thin_one(store, db_int(stmt, 0), db_int(stmt, 1), arena_strdup(arena, db_text(stmt, 2)), err);
		rc = rc < 0 ? -1 : 0;
		count++;
	}
	db_reset(stmt);
	if (count)
		store_touch(store, folder, 0, 0, 0);
	if (rc == 0)
		rc = store_commit(store, err);
	else
		store_rollback(store);
	arena_free(&arena);
	return rc < 0 ? -1 : count;
}

static int note_opened(struct store *store, const struct remote_wish *wish, struct err *err)
{
	if (*wish->part && strcmp(wish->part, REMOTE_OUTLINE) != 0)
		return 0;
	return remote_run(store,
			  "INSERT OR REPLACE INTO remote_opened SELECT id, unixepoch() FROM message"
			  " WHERE id = ?1 AND is_away = ?2",
			  wish->message, 0, err);
}

int remote_wish_done(struct store *store, const struct remote_wish *wish, bool has_failed, struct err *err)
{
	struct db_stmt *tried =
	    db_query(store->db, "UPDATE remote_wish SET tries = tries + 1 WHERE message = ? AND part = ?");
	struct db_stmt *drop = db_query(store->db, "DELETE FROM remote_wish WHERE message = ? AND part = ?"
						   " AND tries >= ?");

	if (store_begin(store, err) < 0)
		return -1;
	db_bind_int(tried, 1, wish->message);
	db_bind_text(tried, 2, wish->part);
	db_bind_int(drop, 1, wish->message);
	db_bind_text(drop, 2, wish->part);
	db_bind_int(drop, 3, has_failed ? WISH_TRIES : 0);
	if (db_step(tried, err) == 0 && db_step(drop, err) == 0 &&
	    (has_failed || note_opened(store, wish, err) == 0))
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}
