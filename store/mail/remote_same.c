/* One message in several mailboxes, as the server tells (Gmail's X-GM-MSGID): its bytes come once. */
#include "config.h"
#include "store/mail/remote.h"

#include "store/base/arena.h"
#include "store/mail/remote_inside.h"

int remote_note_same(struct store *store, int64_t id, const struct remote_message *message, struct err *err)
{
	if (!message->same)
		return 0;
	return remote_run(store, "INSERT OR REPLACE INTO remote_same(message, same) VALUES(?1, ?2)", id, message->same,
			  err);
}

int remote_same_here(struct store *store, int64_t folder, uint32_t uid, struct arena *arena, int64_t *id,
		     struct remote_message *message, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT t.id, r.flags, r.keywords, r.size, m.received FROM remote_message r JOIN message m ON"
		       " m.id = r.message JOIN remote_same a ON a.message = r.message JOIN remote_same b ON"
		       " b.same = a.same AND b.message <> a.message JOIN message t ON t.id = b.message WHERE"
		       " r.folder = ?1 AND r.uid = ?2 AND r.uid > 0 AND m.is_away = 1 AND t.is_away = 0 AND"
		       " t.folder > 0 LIMIT 1");
	int rc;

	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, uid);
	rc = db_step(stmt, err);
	if (rc != 1)
		return rc;
	*id = db_int(stmt, 0);
	*message = (struct remote_message){.uid = uid,
					   .flags = (unsigned)db_int(stmt, 1),
					   .keywords = arena_strdup(arena, db_text(stmt, 2)),
					   .size = db_int(stmt, 3),
					   .received = db_int(stmt, 4)};
	db_reset(stmt);
	return 1;
}
