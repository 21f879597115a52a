#include "config.h"
#include "store/mail/lost_tags.h"

#include <time.h>

#include "store/base/arena.h"
#include "store/mail/bulk.h"
#include "store/mail/change.h"
#include "store/mail/remote.h"
#include "store/mail/row.h"
#include "store/mail/store_inside.h"

#define KEPT_S (30 * 24 * 3600)

/* A letter moved by another program may have been found at its new place first. 1 it has them, 0 none, -1. */
static int give_to_twin(struct store *store, int64_t id, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT t.id, t.folder, m.tags FROM message m JOIN message t ON t.mid = m.mid"
		       " WHERE m.id = ?1 AND m.mid <> 0 AND m.tags <> '' AND t.id > ?1 AND t.tags = ''"
		       " AND t.folder > 0 ORDER BY t.id DESC LIMIT 1");
	struct change_row twin;
	struct arena *arena;
	const char *tags;
	int rc;

	db_bind_int(stmt, 1, id);
	rc = db_step(stmt, err);
	if (rc != 1)
		return rc;
	arena = arena_new();
	twin = (struct change_row){.id = db_int(stmt, 0), .folder = db_int(stmt, 1)};
	tags = arena_strdup(arena, db_text(stmt, 2));
	db_reset(stmt);
	rc = change_write_tags(store, &twin, tags, err);
	arena_free(&arena);
	return rc < 0 ? -1 : 1;
}

static int forget_old(struct store *store, int64_t now, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "DELETE FROM lost_tags WHERE at < ?");

	db_bind_int(stmt, 1, now - KEPT_S);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int keep(struct store *store, int64_t id, struct err *err)
{
	int64_t now = (int64_t)time(NULL);
	struct db_stmt *stmt = db_query(
	    store->db, "INSERT OR REPLACE INTO lost_tags(mid, tags, at) SELECT mid, tags, ?2 FROM message"
		       " WHERE id = ?1 AND mid <> 0 AND tags <> ''");

	db_bind_int(stmt, 1, id);
	db_bind_int(stmt, 2, now);
	return db_step(stmt, err) < 0 ? -1 : forget_old(store, now, err);
}

int lost_tags_keep(struct store *store, int64_t id, struct err *err)
{
	int rc = store_is_remote(store) ? 1 : give_to_twin(store, id, err);

	return rc == 0 ? keep(store, id, err) : rc < 0 ? -1 : 0;
}

static int forget(struct store *store, int64_t mid, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "DELETE FROM lost_tags WHERE mid = ?");

	db_bind_int(stmt, 1, mid);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

static int write_again(struct store *store, const struct row *row, const char *tags, struct err *err)
{
	struct change_row came = {.id = row->id, .folder = row->folder};

	if (change_write_tags(store, &came, tags, err) < 0)
		return -1;
	return forget(store, row->mid, err);
}

int lost_tags_give(struct store *store, const struct row *row, struct err *err)
{
	struct db_stmt *stmt;
	struct arena *arena;
	const char *tags;
	int rc;

	if (!row->mid || store_is_remote(store) || (store->bulk && !bulk_has_lost_tags(store)))
		return 0;
	stmt = db_query(store->db, "SELECT tags FROM lost_tags WHERE mid = ?");
	db_bind_int(stmt, 1, row->mid);
	rc = db_step(stmt, err);
	if (rc != 1)
		return rc;
	arena = arena_new();
	tags = arena_strdup(arena, db_text(stmt, 0));
	db_reset(stmt);
	rc = write_again(store, row, tags, err);
	arena_free(&arena);
	return rc;
}
