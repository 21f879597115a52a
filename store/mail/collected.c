#include "config.h"
#include "store/mail/collected.h"

#include "store/mail/store_inside.h"

#define NOT_YET (-1) /* AT, before its file is known to be here */

int collected_at(struct store *store, const char *uid, int64_t *at, int64_t *size, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT at, removal, size FROM collected WHERE uid = ?");
	int rc;

	db_bind_text(stmt, 1, uid);
	rc = db_step(stmt, err);
	if (rc == 1) {
		int64_t removal = db_int(stmt, 1);

		*at = db_int(stmt, 0);
		*size = db_int(stmt, 2);
		rc = *at == NOT_YET ? COLLECTED_BEGUN
		     : removal == 0 ? COLLECTED_HERE
		     : removal == 1 ? COLLECTED_ASKED
				    : COLLECTED_REMOVED;
	}
	db_reset(stmt);
	return rc;
}

/* A row without a name says so. */
int collected_has_begun(struct store *store, struct err *err)
{
	int64_t at, size;
	int rc = collected_at(store, "", &at, &size, err);

	return rc < 0 ? -1 : rc != COLLECTED_NOT;
}

/* SQL for each: ?1 its name, ?2 NUMBER, ?3 its size. */
struct noting {
	const char *sql, *before, *after;
	const char *const *uids;
	const int64_t *sizes;
	size_t count;
	int64_t number;
};

static int note_each(struct store *store, const struct noting *noting, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, noting->sql);

	for (size_t i = 0; i < noting->count; i++) {
		db_bind_text(stmt, 1, noting->uids[i]);
		db_bind_int(stmt, 2, noting->number);
		db_bind_int(stmt, 3, noting->sizes ? noting->sizes[i] : -1);
		if (db_step(stmt, err) < 0)
			return -1;
	}
	return 0;
}

static int note(struct store *store, const struct noting *noting, struct err *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	if ((!noting->before || db_exec(store->db, noting->before, err) == 0) && note_each(store, noting, err) == 0 &&
	    (!noting->after || db_exec(store->db, noting->after, err) == 0))
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

int collected_begin(struct store *store, const char *const *uids, size_t count, struct err *err)
{
	const struct noting noting = {
	    .sql = "INSERT INTO collected(uid, at, size) VALUES(?1, ?2, ?3) ON CONFLICT(uid) DO UPDATE SET"
		   " at = ?2, size = ?3, removal = 0 WHERE removal > 0",
	    .uids = uids,
	    .count = count,
	    .number = NOT_YET};

	return count ? note(store, &noting, err) : 0;
}

int collected_add(struct store *store, const char *const *uids, size_t count, int64_t at, struct err *err)
{
	const struct noting noting = {
	    .sql = "INSERT INTO collected(uid, at, size) VALUES(?1, ?2, ?3) ON CONFLICT(uid) DO UPDATE SET"
		   " at = ?2 WHERE at < 0",
	    .uids = uids,
	    .count = count,
	    .number = at};

	return count ? note(store, &noting, err) : 0;
}

int collected_remove(struct store *store, const char *const *uids, const int64_t *sizes, size_t count, bool is_done,
		     struct err *err)
{
	const struct noting noting = {.sql = "UPDATE collected SET removal = ?2, size = ?3 WHERE uid = ?1",
				      .uids = uids,
				      .sizes = sizes,
				      .count = count,
				      .number = is_done ? 2 : 1};

	return count ? note(store, &noting, err) : 0;
}

int collected_keep(struct store *store, const char *const *uids, size_t count, struct err *err)
{
	const struct noting noting = {
	    .before = "INSERT OR IGNORE INTO collected(uid, at) VALUES('', 0)",
	    .sql = "UPDATE collected SET is_listed = 1 WHERE uid = ?1 AND ?2 = 0 AND ?3 = -1",
	    .after = count ? "DELETE FROM collected WHERE is_listed = 0 AND uid <> '';"
			     "UPDATE collected SET is_listed = 0"
			   : "DELETE FROM collected WHERE removal > 0",
	    .uids = uids,
	    .count = count};

	return note(store, &noting, err);
}
