#include "config.h"
#include "store/mail/collected.h"

#include "store/mail/store_inside.h"

int collected_at(struct store *store, const char *uid, int64_t *at, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT at FROM collected WHERE uid = ?");
	int rc;

	db_bind_text(stmt, 1, uid);
	rc = db_step(stmt, err);
	if (rc == 1)
		*at = db_int(stmt, 0);
	db_reset(stmt);
	return rc;
}

static int add_all(struct store *store, const char *const *uids, size_t count, int64_t at, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "INSERT OR IGNORE INTO collected(uid, at) VALUES(?, ?)");

	for (size_t i = 0; i < count; i++) {
		db_bind_text(stmt, 1, uids[i]);
		db_bind_int(stmt, 2, at);
		if (db_step(stmt, err) < 0)
			return -1;
	}
	return 0;
}

int collected_add(struct store *store, const char *const *uids, size_t count, int64_t at, struct err *err)
{
	if (count == 0)
		return 0;
	if (store_begin(store, err) < 0)
		return -1;
	if (add_all(store, uids, count, at, err) == 0)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

static int mark_all(struct store *store, const char *const *uids, size_t count, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "UPDATE collected SET is_listed = 1 WHERE uid = ?");

	for (size_t i = 0; i < count; i++) {
		db_bind_text(stmt, 1, uids[i]);
		if (db_step(stmt, err) < 0)
			return -1;
	}
	return 0;
}

int collected_keep(struct store *store, const char *const *uids, size_t count, struct err *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	if (mark_all(store, uids, count, err) == 0 &&
	    db_exec(store->db, "DELETE FROM collected WHERE is_listed = 0", err) == 0 &&
	    db_exec(store->db, "UPDATE collected SET is_listed = 0", err) == 0)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}
