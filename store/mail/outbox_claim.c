#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mail/db.h"
#include "store/mail/outbox_inside.h"

static int next_time(struct outbox *outbox, int64_t now, int64_t *next_due, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db,
	    "SELECT MIN(t) FROM (SELECT MIN(due) AS t FROM recipient WHERE state = 0 AND"
	    " due > ?1 UNION ALL SELECT MIN(claim_until) FROM recipient WHERE state = 2 AND"
	    " claim_until > ?1)");

	db_bind_int(stmt, 1, now);
	return outbox_rows_number(stmt, next_due, err);
}

#define DUE                                                                                        \
	"SELECT entry, MIN(t) AS first FROM ("                                                     \
	" SELECT entry, due AS t FROM recipient WHERE state = 0 AND due <= ?1"                     \
	" UNION ALL SELECT entry, claim_until FROM recipient WHERE state = 2 AND "                 \
	"claim_until <= ?1"                                                                        \
	" UNION ALL SELECT id, added FROM entry e WHERE finished = 0 AND NOT EXISTS"               \
	"  (SELECT 1 FROM recipient r WHERE r.entry = e.id AND state < 3))"                        \
	" GROUP BY entry"
#define IS_NEAR                                                                                    \
	"NOT EXISTS (SELECT 1 FROM recipient WHERE entry = e.id AND state < 3"                     \
	" AND addr LIKE '%@%' AND addr NOT LIKE '%@localhost')"
#define EACH_WAY "16"

int outbox_due(struct outbox *outbox, int64_t now, int64_t *ids, size_t *count, int64_t *next_due,
	       struct err *err)
{
	struct db_stmt *stmt = db_query(outbox->db, DUE " ORDER BY first, entry LIMIT ?2");
	size_t max = *count;
	int rc;

	*count = 0;
	db_bind_int(stmt, 1, now);
	db_bind_int(stmt, 2, (int64_t)max);
	while ((rc = db_step(stmt, err)) > 0)
		ids[(*count)++] = db_int(stmt, 0);
	if (rc == 0 && next_due)
		rc = next_time(outbox, now, next_due, err);
	return rc;
}

static void read_due_letter(struct db_stmt *stmt, struct outbox_due_letter *letter)
{
	const char *way = db_text(stmt, 2);

	letter->id = db_int(stmt, 0);
	letter->is_near = db_int(stmt, 1) != 0;
	snprintf(letter->way, sizeof letter->way, "%s", way ? way : "");
}

int outbox_due_letters(struct outbox *outbox, int64_t now, struct outbox_due_letter *letters, size_t *count,
		       int64_t *next_due, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db,
	    "SELECT entry, near, way FROM (SELECT entry, first, near, way, ROW_NUMBER() OVER"
	    " (PARTITION BY near, way ORDER BY first, entry) AS place FROM"
	    " (SELECT d.entry AS entry, d.first AS first, " IS_NEAR " AS near,"
	    " CASE e.account WHEN '' THEN e.sender ELSE e.account END AS way"
	    " FROM (" DUE ") d JOIN entry e ON e.id = d.entry)) WHERE place <= " EACH_WAY
	    " ORDER BY near DESC, place, first, entry LIMIT ?2");
	size_t max = *count;
	int rc;

	*count = 0;
	db_bind_int(stmt, 1, now);
	db_bind_int(stmt, 2, (int64_t)max);
	while ((rc = db_step(stmt, err)) > 0)
		read_due_letter(stmt, &letters[(*count)++]);
	return rc < 0 ? -1 : next_time(outbox, now, next_due, err);
}

/* A claim that ran out: its worker hangs, nobody knows where. */
static int expire(struct outbox *outbox, int64_t now, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "UPDATE recipient SET state = 0, claimant = 0, maybe_sent = 1"
				 " WHERE state = 2 AND claim_until <= ?");

	db_bind_int(stmt, 1, now);
	return outbox_rows_run(stmt, err);
}

static int claim_rows(struct outbox *outbox, int64_t id, int64_t now, int64_t claimant,
		      int64_t lease, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "UPDATE recipient SET state = 2, claimant = ?3, claim_until = ?4,"
				 " last_try = ?2, tries = tries + 1"
				 " WHERE entry = ?1 AND state = 0 AND due <= ?2");

	db_bind_int(stmt, 1, id);
	db_bind_int(stmt, 2, now);
	db_bind_int(stmt, 3, claimant);
	db_bind_int(stmt, 4, now + lease);
	return outbox_rows_run(stmt, err) < 0 ? -1 : (int)db_changes(outbox->db);
}

int outbox_claim(struct outbox *outbox, int64_t id, int64_t now, int64_t claimant, int64_t lease,
		 struct arena *arena, struct outbox_entry *entry, struct err *err)
{
	int rc;

	if (db_begin(outbox->db, err) < 0)
		return -1;
	rc = expire(outbox, now, err);
	if (rc == 0)
		rc = claim_rows(outbox, id, now, claimant, lease, err);
	if (rc < 0) {
		db_rollback(outbox->db);
		return -1;
	}
	if (db_commit(outbox->db, err) < 0)
		return -1;
	return rc == 0 ? 0 : outbox_rows_get(outbox, id, claimant, arena, entry, err);
}

int outbox_next_due(struct outbox *outbox, int64_t now, int64_t claimant, int64_t lease,
		    struct arena *arena, struct outbox_entry *entry, int64_t *next_due,
		    struct err *err)
{
	int64_t ids[16];
	size_t i, count = ARRAY_COUNT(ids);
	int rc;

	if (outbox_due(outbox, now, ids, &count, next_due, err) < 0)
		return -1;
	for (i = 0; i < count; i++) {
		rc = outbox_claim(outbox, ids[i], now, claimant, lease, arena, entry, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int replay_claimed(struct outbox *outbox, int64_t claimant, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "SELECT DISTINCT entry FROM recipient WHERE state = 2 AND claimant = ?");
	int64_t ids[64];
	size_t i, count = 0;
	int rc;

	db_bind_int(stmt, 1, claimant);
	while ((rc = db_step(stmt, err)) > 0)
		if (count < ARRAY_COUNT(ids))
			ids[count++] = db_int(stmt, 0);
	for (i = 0; i < count && rc == 0; i++)
		rc = outbox_rebuild_replay(outbox, ids[i], err);
	return rc;
}

static int release_rows(struct outbox *outbox, int64_t claimant, bool is_unsure, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "UPDATE recipient SET state = 0, claimant = 0,"
			" maybe_sent = maybe_sent <> 0 OR ?2 WHERE state = 2 AND claimant = ?1");

	db_bind_int(stmt, 1, claimant);
	db_bind_int(stmt, 2, is_unsure);
	return outbox_rows_run(stmt, err) < 0 ? -1 : (int)db_changes(outbox->db);
}

int outbox_keep(struct outbox *outbox, int64_t claimant, int64_t until, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "UPDATE recipient SET claim_until = ?2 WHERE state = 2 AND claimant = ?1");

	db_bind_int(stmt, 1, claimant);
	db_bind_int(stmt, 2, until);
	return outbox_rows_run(stmt, err);
}

int outbox_release(struct outbox *outbox, int64_t claimant, bool is_unsure, struct err *err)
{
	int rc;

	if (db_begin(outbox->db, err) < 0)
		return -1;
	rc = replay_claimed(outbox, claimant, err);
	if (rc == 0)
		rc = release_rows(outbox, claimant, is_unsure, err);
	if (rc < 0) {
		db_rollback(outbox->db);
		return -1;
	}
	return db_commit(outbox->db, err) < 0 ? -1 : rc;
}

/* A process that ended but that nobody has asked about yet (a zombie) writes no verdicts any more.
 */
static bool is_zombie(int64_t pid)
{
	char *path = mem_printf("/proc/%lld/stat", (long long)pid);
	struct buf text = BUF_INIT;
	bool is = false;

	if (file_read(path, &text, 0, NULL) == 0) {
		const char *end = strrchr(buf_str(&text), ')');

		is = end && str_starts(end, ") Z");
	}
	buf_free(&text);
	free(path);
	return is;
}

static bool is_alive(int64_t pid)
{
	return (kill((pid_t)pid, 0) == 0 || errno != ESRCH) && !is_zombie(pid);
}

int outbox_release_dead(struct outbox *outbox, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "SELECT DISTINCT claimant FROM recipient WHERE state = 2");
	int64_t dead[64];
	size_t i, count = 0;
	int rc, total = 0;

	while ((rc = db_step(stmt, err)) > 0)
		if (count < ARRAY_COUNT(dead) && !is_alive(db_int(stmt, 0)))
			dead[count++] = db_int(stmt, 0);
	for (i = 0; i < count && rc >= 0; i++) {
		rc = outbox_release(outbox, dead[i], false, err);
		total += rc > 0 ? rc : 0;
	}
	return rc < 0 ? -1 : total;
}
