#include "config.h"
#include "store/mail/orphans.h"

#include <stdint.h>
#include <stdlib.h>

#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/log.h"
#include "store/mail/index.h"
#include "store/mail/row.h"
#include "store/mail/store_inside.h"

#define BATCH 200 /* in one transaction: a screen waits for it */

struct folder_ids {
	int64_t *items;
	size_t count, cap;
};

/* From folder to folder by an index, not from message to message. */
#define EACH(column, where)                                                                        \
	"WITH RECURSIVE f(id) AS (SELECT min(" column ") FROM message WHERE " column " > 0" where      \
	" UNION ALL SELECT (SELECT min(" column ") FROM message WHERE " column " > f.id" where ")"      \
	" FROM f WHERE f.id IS NOT NULL) SELECT id FROM f WHERE id NOT IN (SELECT id FROM folder)"

static int add_dead(struct store *store, const char *sql, struct folder_ids *dead, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, sql);
	int rc;

	while ((rc = db_step(stmt, err)) == 1) {
		ARRAY_ROOM(dead->items, dead->count, dead->cap);
		dead->items[dead->count++] = db_int(stmt, 0);
	}
	return rc;
}

static int find_dead(struct store *store, struct folder_ids *dead, struct err *err)
{
	static const char *const sql[] = {
	    EACH("folder", ""),
	    EACH("place", " AND is_copy = 0 AND is_away = 0"),
	    "SELECT place FROM intent WHERE place NOT IN (SELECT id FROM folder)",
	    "SELECT target FROM intent WHERE target <> 0 AND target NOT IN (SELECT id FROM folder)",
	};

	for (size_t i = 0; i < ARRAY_COUNT(sql); i++)
		if (add_dead(store, sql[i], dead, err) < 0)
			return -1;
	return 0;
}

/* --- what only a server has --- */

static int put_back(struct store *store, int64_t id, int64_t folder, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "UPDATE message SET place = ?2 WHERE id = ?1");

	db_bind_int(stmt, 1, id);
	db_bind_int(stmt, 2, folder);
	return db_step(stmt, err) < 0 || row_move(store, id, folder, err) < 0 ? -1 : 0;
}

/* How many came back; -1. */
static int put_some_back(struct store *store, int64_t dead, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT m.id, r.folder FROM message m JOIN remote_message r ON r.message = m.id"
		       " JOIN folder f ON f.id = r.folder WHERE m.folder = ?1 AND m.is_away = 1 LIMIT ?2");
	int64_t ids[BATCH], folders[BATCH];
	int count = 0, rc;

	db_bind_int(stmt, 1, dead);
	db_bind_int(stmt, 2, BATCH);
	for (; (rc = db_step(stmt, err)) == 1; count++) {
		ids[count] = db_int(stmt, 0);
		folders[count] = db_int(stmt, 1);
	}
	for (int i = 0; rc == 0 && i < count; i++)
		rc = put_back(store, ids[i], folders[i], err);
	return rc < 0 ? -1 : count;
}

static int put_away_back(struct store *store, int64_t dead, struct err *err)
{
	int count;

	do {
		if (store_begin(store, err) < 0)
			return -1;
		count = put_some_back(store, dead, err);
		if (count < 0)
			store_rollback(store);
		else if (store_commit(store, err) < 0)
			return -1;
	} while (count == BATCH);
	return count < 0 ? -1 : 0;
}

int orphans_bring_home(struct store *store, struct err *err)
{
	struct folder_ids dead = {NULL, 0, 0};
	int rc = find_dead(store, &dead, err);

	for (size_t i = 0; rc == 0 && i < dead.count; i++) {
		log_write(LOG_WARNING, "folder %lld is gone, its messages and wishes are sorted out",
			  (long long)dead.items[i]);
		rc = put_away_back(store, dead.items[i], err);
		if (rc == 0)
			rc = index_drop_folder(store, dead.items[i], err);
	}
	free(dead.items);
	return rc < 0 ? -1 : 0;
}
