/* What a person waited for and does not any more; whether somebody still waits. */
#include "config.h"
#include "store/mail/remote.h"

#include "store/base/err.h"
#include "store/mail/remote_inside.h"
#include "store/mail/row.h"

static struct db_stmt *about(struct store *store, const char *sql, int64_t id, const char *part)
{
	struct db_stmt *stmt = db_query(store->db, sql);

	db_bind_int(stmt, 1, id);
	db_bind_text(stmt, 2, part ? part : "");
	return stmt;
}

int store_set_attachment(struct store *store, int64_t id, bool has, struct err *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	if (row_set_attachment(store, id, has, err) >= 0)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

int store_unwant(struct store *store, int64_t id, const char *part, struct err *err)
{
	struct db_stmt *stmt;

	if (store_begin(store, err) < 0)
		return -1;
	stmt = about(store, "DELETE FROM remote_wish WHERE message = ? AND part = ?", id, part);
	if (db_step(stmt, err) == 0)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

int store_wants(struct store *store, int64_t id, const char *part, struct err *err)
{
	struct db_stmt *stmt =
	    about(store, "SELECT 1 FROM remote_wish WHERE message = ? AND part = ?", id, part);
	int rc = db_step(stmt, err);

	db_reset(stmt);
	return rc;
}
