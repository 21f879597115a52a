/* What is looked for on the server because the texts are not here: words that screens ask about, and which of the
 * letters that are away have them. */
#include "config.h"
#include "store/mail/remote.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/mail/query.h"
#include "store/mail/remote_inside.h"

#define ASKS_MAX    20
#define ASK_AGAIN_S 60	  /* the same word is not asked about more often */
#define FORGET_S    86400 /* then nobody looks at the hits any more */

bool remote_has_away(struct store *store, int64_t folder)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT 1 FROM message INDEXED BY message_away WHERE is_away = 1"
						   " AND (folder = ?1 OR ?1 = 0) LIMIT 1");
	int rc;

	db_bind_int(stmt, 1, folder);
	rc = db_step(stmt, NULL);
	db_reset(stmt);
	return rc == 1;
}

/* --- for screens --- */

/* 1 it is asked about from now on, 0 it was just now. */
static int ask_about(struct store *store, const char *word, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "INSERT INTO remote_ask(word, at, is_done) VALUES(?1, ?2, 0) ON CONFLICT(word) DO UPDATE"
		       " SET at = ?2, is_done = 0 WHERE is_done = 1 AND at < ?3");
	int64_t now = time(NULL);

	db_bind_text(stmt, 1, word);
	db_bind_int(stmt, 2, now);
	db_bind_int(stmt, 3, now - ASK_AGAIN_S);
	return db_step(stmt, err) < 0 ? -1 : db_changes(store->db) > 0;
}

int store_ask_server(struct store *store, const struct query *query, struct err *err)
{
	size_t count;
	char *const *words = query_asks(query, &count);
	int rc = 0, asked = 0;

	if (!count || !store_is_remote(store) || !remote_has_away(store, 0))
		return 0;
	if (store_begin(store, err) < 0)
		return -1;
	for (size_t i = 0; rc >= 0 && i < count && i < ASKS_MAX; i++) {
		rc = ask_about(store, words[i], err);
		asked += rc > 0;
	}
	if (rc < 0) {
		store_rollback(store);
		return -1;
	}
	return store_commit(store, err) < 0 ? -1 : asked > 0;
}

bool store_is_asking(struct store *store, const struct query *query)
{
	size_t count;
	char *const *words = query_asks(query, &count);
	bool is = false;

	for (size_t i = 0; !is && i < count && i < ASKS_MAX; i++) {
		struct db_stmt *stmt =
		    db_query(store->db, "SELECT 1 FROM remote_ask WHERE word = ? AND is_done = 0");

		db_bind_text(stmt, 1, words[i]);
		is = db_step(stmt, NULL) == 1;
		db_reset(stmt);
	}
	return is;
}

/* --- for the sync worker --- */

int remote_asks(struct store *store, struct arena *arena, char ***words, size_t *count, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT word FROM remote_ask WHERE is_done = 0 ORDER BY at DESC LIMIT ?");
	int rc;

	*words = ARENA_ARRAY(arena, char *, ASKS_MAX);
	*count = 0;
	db_bind_int(stmt, 1, ASKS_MAX);
	while ((rc = db_step(stmt, err)) == 1)
		(*words)[(*count)++] = arena_strdup(arena, db_text(stmt, 0));
	return rc;
}

struct hitting {
	struct store *store;
	const char *word;
	int64_t folder;
	const uint32_t *uids;
};

static int hit_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct hitting *in = arg;
	struct db_stmt *stmt = db_query(
	    in->store->db, "INSERT OR IGNORE INTO remote_hit(word, message) SELECT ?1, r.message FROM"
			   " remote_message r JOIN message m ON m.id = r.message WHERE r.folder = ?2 AND"
			   " r.uid = ?3 AND r.uid > 0 AND m.is_away = 1");

	(void)arena;
	db_bind_text(stmt, 1, in->word);
	db_bind_int(stmt, 2, in->folder);
	db_bind_int(stmt, 3, in->uids[i]);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

int remote_hits(struct store *store, int64_t folder, const char *word, uint32_t first, uint32_t last,
		struct err *err)
{
	struct hitting in = {.store = store, .word = word, .folder = folder};
	uint32_t *uids;
	size_t count;
	int rc = remote_uids(store, folder, first, last, &uids, &count, err);

	in.uids = uids;
	if (rc == 0)
		rc = remote_each(store, count, hit_one, &in, err);
	free(uids);
	return rc;
}

static int run_with(struct store *store, const char *sql, const char *word, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, sql);

	db_bind_text(stmt, 1, word);
	db_bind_int(stmt, 2, time(NULL));
	db_bind_int(stmt, 3, time(NULL) - FORGET_S);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

int remote_ask_done(struct store *store, const char *word, struct err *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	if (run_with(store, "UPDATE remote_ask SET is_done = 1, at = ?2 WHERE word = ?1 AND ?3", word, err) == 0 &&
	    run_with(store,
		     "DELETE FROM remote_hit WHERE word IN (SELECT word FROM remote_ask WHERE at < ?3 AND"
		     " is_done = 1 AND word <> ?1 AND ?2)",
		     word, err) == 0 &&
	    run_with(store, "DELETE FROM remote_ask WHERE at < ?3 AND is_done = 1 AND word <> ?1 AND ?2", word,
		     err) == 0)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}
