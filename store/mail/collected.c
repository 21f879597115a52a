#include "config.h"
#include "store/mail/collected.h"

#include "store/mail/store_inside.h"

#define NOT_YET (-1) /* AT, before its file is known to be here */

static enum collected state_of(int64_t at, int64_t removal)
{
	static const enum collected states[] = {COLLECTED_HERE, COLLECTED_ASKED, COLLECTED_REMOVED, COLLECTED_KEPT};

	if (at == NOT_YET || removal < 0 || removal > 3)
		return COLLECTED_BEGUN;
	return states[removal];
}

int collected_at(struct store *store, const char *uid, struct collected_message *message, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT at, removal, size, head FROM collected WHERE uid = ?");
	int rc;

	*message = (struct collected_message){.size = -1};
	db_bind_text(stmt, 1, uid);
	rc = db_step(stmt, err);
	if (rc == 1) {
		message->at = db_int(stmt, 0);
		message->size = db_int(stmt, 2);
		message->head = db_int(stmt, 3);
		rc = (int)state_of(message->at, db_int(stmt, 1));
	}
	db_reset(stmt);
	return rc;
}

/* A row without a name says so. */
int collected_has_begun(struct store *store, struct err *err)
{
	struct collected_message none;
	int rc = collected_at(store, "", &none, err);

	return rc < 0 ? -1 : rc != COLLECTED_NOT;
}

/* SQL for each: ?1 its name, ?2 NUMBER (or when it came), ?3 its size, ?4 its head. */
struct noting {
	const char *sql, *before, *after;
	const char *const *uids;
	const struct collected_message *messages;
	size_t count;
	int64_t number;
};

static void bind(struct db_stmt *stmt, const struct noting *noting, size_t i)
{
	const struct collected_message *message = noting->messages ? &noting->messages[i] : NULL;

	db_bind_text(stmt, 1, message ? message->uid : noting->uids[i]);
	db_bind_int(stmt, 2, noting->number);
	db_bind_int(stmt, 3, message ? message->size : -1);
	db_bind_int(stmt, 4, message ? message->head : 0);
	if (message)
		db_bind_int(stmt, 5, message->at);
}

static int note_each(struct store *store, const struct noting *noting, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, noting->sql);

	for (size_t i = 0; i < noting->count; i++) {
		bind(stmt, noting, i);
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

static int note_these(struct store *store, const char *sql, const struct collected_message *messages, size_t count,
		      int64_t number, struct err *err)
{
	const struct noting noting = {.sql = sql, .messages = messages, .count = count, .number = number};

	return count ? note(store, &noting, err) : 0;
}

int collected_begin(struct store *store, const struct collected_message *messages, size_t count, struct err *err)
{
	return note_these(store,
			  "INSERT INTO collected(uid, at, size, head) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(uid) DO UPDATE"
			  " SET at = ?2, size = ?3, head = ?4, removal = 0 WHERE (removal > 0 OR head <> ?4)"
			  " AND ?5 = ?5",
			  messages, count, NOT_YET, err);
}

int collected_add(struct store *store, const struct collected_message *messages, size_t count, struct err *err)
{
	return note_these(store,
			  "INSERT INTO collected(uid, at, size, head) VALUES(?1, ?5, ?3, ?4) ON CONFLICT(uid) DO UPDATE"
			  " SET at = ?5, size = ?3, head = ?4 WHERE at = ?2",
			  messages, count, NOT_YET, err);
}

int collected_note(struct store *store, const struct collected_message *messages, size_t count, enum collected state,
		   struct err *err)
{
	return note_these(store,
			  "UPDATE collected SET removal = ?2, size = ?3 WHERE uid = ?1 AND ?4 = ?4 AND ?5 = ?5",
			  messages, count, state - COLLECTED_HERE, err);
}

int collected_keep(struct store *store, const char *const *uids, size_t count, struct err *err)
{
	const struct noting noting = {
	    .before = "INSERT OR IGNORE INTO collected(uid, at) VALUES('', 0)",
	    .sql = "UPDATE collected SET is_listed = 1 WHERE uid = ?1 AND ?2 = 0 AND ?3 = -1 AND ?4 = 0",
	    .after = count ? "DELETE FROM collected WHERE is_listed = 0 AND uid <> '';"
			     "UPDATE collected SET is_listed = 0"
			   : "DELETE FROM collected WHERE removal > 0",
	    .uids = uids,
	    .count = count};

	return note(store, &noting, err);
}
