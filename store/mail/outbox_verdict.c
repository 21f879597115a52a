#include "config.h"

#include <time.h>

#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/mail/db.h"
#include "store/mail/outbox_inside.h"

/* The bits of maybe_sent: of a try before, and of this one, until its verdict. */
#define MAYBE_BEFORE "1"
#define MAYBE_NOW    "2"

static bool is_end(enum outbox_state state)
{
	return state == OUTBOX_SENT || state == OUTBOX_FAILED || state == OUTBOX_CANCELLED;
}

static int find_recipient(struct outbox *outbox, int64_t recipient, int64_t *entry, int64_t *n,
			  enum outbox_state *state, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "SELECT entry, n, state FROM recipient WHERE id = ?");
	int rc;

	db_bind_int(stmt, 1, recipient);
	rc = db_step(stmt, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set_kind(err, ERR_NOT_FOUND,
				    _("this recipient is no longer in the outbox"));
	*entry = db_int(stmt, 0);
	*n = db_int(stmt, 1);
	*state = (enum outbox_state)db_int(stmt, 2);
	db_reset(stmt);
	return 0;
}

int outbox_verdict(struct outbox *outbox, int64_t recipient, enum outbox_state state, int64_t due,
		   const char *status, const char *reply, struct err *err)
{
	struct db_stmt *stmt;
	enum outbox_state before;
	int64_t entry, n;

	if (find_recipient(outbox, recipient, &entry, &n, &before, err) < 0)
		return -1;
	if (is_end(before))
		return 0;
	if (is_end(state) &&
	    outbox_files_add_line(outbox, entry, n, outbox_state_word(state),
				  outbox->is_late && state == OUTBOX_SENT, err) < 0)
		return -1;
	stmt = db_query(outbox->db,
			"UPDATE recipient SET state = ?2, due = ?3, status = ?4, reply = ?5,"
			" claimant = 0, maybe_sent = maybe_sent & " MAYBE_BEFORE
			" WHERE id = ?1 AND state < 3");
	db_bind_int(stmt, 1, recipient);
	db_bind_int(stmt, 2, state);
	db_bind_int(stmt, 3, due);
	db_bind_text(stmt, 4, status ? status : "");
	db_bind_text(stmt, 5, reply ? reply : "");
	return outbox_rows_run(stmt, err);
}

int outbox_set_maybe_sent(struct outbox *outbox, int64_t recipient, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "UPDATE recipient SET maybe_sent = maybe_sent | " MAYBE_BEFORE
				 " WHERE id = ?");

	db_bind_int(stmt, 1, recipient);
	return outbox_rows_run(stmt, err);
}

static int give_one(struct outbox *outbox, int64_t recipient, struct err *err)
{
	struct db_stmt *stmt = db_query(outbox->db, "UPDATE recipient SET maybe_sent = maybe_sent | " MAYBE_NOW
						    " WHERE id = ? AND state < 3");

	db_bind_int(stmt, 1, recipient);
	return outbox_rows_run(stmt, err);
}

static int give_all(struct outbox *outbox, const int64_t *recipients, size_t count, struct err *err)
{
	size_t i;
	int rc = 0;

	if (db_begin(outbox->db, err) < 0)
		return -1;
	for (i = 0; i < count && rc == 0; i++)
		rc = give_one(outbox, recipients[i], err);
	if (rc == 0)
		return db_commit(outbox->db, err);
	db_rollback(outbox->db);
	return -1;
}

int outbox_give(struct outbox *outbox, const int64_t *recipients, size_t count, struct err *err)
{
	int rc = outbox_late_pause(outbox, true, err);

	if (rc == 0)
		rc = give_all(outbox, recipients, count, err);
	return outbox_late_pause(outbox, false, rc < 0 ? NULL : err) < 0 ? -1 : rc;
}

int outbox_set_bounced(struct outbox *outbox, int64_t recipient, struct err *err)
{
	struct db_stmt *stmt;
	enum outbox_state state;
	int64_t entry, n;

	if (find_recipient(outbox, recipient, &entry, &n, &state, err) < 0 ||
	    outbox_files_add_line(outbox, entry, n, "bounced", false, err) < 0)
		return -1;
	stmt = db_query(outbox->db, "UPDATE recipient SET is_bounced = 1 WHERE id = ?");
	db_bind_int(stmt, 1, recipient);
	return outbox_rows_run(stmt, err);
}

static int count_open(struct outbox *outbox, int64_t id, int64_t *count, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "SELECT COUNT(*) FROM recipient WHERE entry = ? AND"
				 " (state < 3 OR (state = 4 AND NOT is_bounced))");

	db_bind_int(stmt, 1, id);
	return outbox_rows_number(stmt, count, err);
}

static int mark_finished(struct outbox *outbox, int64_t id, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "UPDATE entry SET finished = ?2 WHERE id = ?1 AND finished = 0");

	db_bind_int(stmt, 1, id);
	db_bind_int(stmt, 2, time(NULL));
	return outbox_rows_run(stmt, err);
}

int outbox_forget_old(struct outbox *outbox, struct err *err)
{
	struct db_stmt *recipients =
	    db_query(outbox->db, "DELETE FROM recipient WHERE entry IN"
				 " (SELECT id FROM entry WHERE finished > 0 AND finished < ?)");
	struct db_stmt *entries =
	    db_query(outbox->db, "DELETE FROM entry WHERE finished > 0 AND finished < ?");

	db_bind_int(recipients, 1, time(NULL) - KEEP_ROWS_S);
	db_bind_int(entries, 1, time(NULL) - KEEP_ROWS_S);
	return outbox_rows_run(recipients, err) < 0 ? -1 : outbox_rows_run(entries, err);
}

/* Rows first: a file without a use is swept, a row without its file would be a lost letter. */
int outbox_finish(struct outbox *outbox, int64_t id, struct err *err)
{
	int64_t left;
	int rc;

	if (db_begin(outbox->db, err) < 0)
		return -1;
	rc = count_open(outbox, id, &left, err);
	if (rc == 0 && left == 0)
		rc = mark_finished(outbox, id, err);
	if (rc == 0 && !outbox->is_late)
		rc = outbox_forget_old(outbox, err);
	if (rc < 0) {
		db_rollback(outbox->db);
		return -1;
	}
	if (db_commit(outbox->db, err) < 0)
		return -1;
	if (left == 0 && outbox->is_late)
		outbox_late_remove(outbox, id);
	else if (left == 0)
		outbox_files_remove(outbox, id);
	return left == 0;
}

/* --- a person's wishes ---------------------------------------------------------------------- */

static int add_lines_for(struct outbox *outbox, int64_t entry, const char *where_state,
			 const char *word, struct err *err)
{
	struct db_stmt *stmt = db_query_once(outbox->db, where_state);
	int rc;

	db_bind_int(stmt, 1, entry);
	while ((rc = db_step(stmt, err)) > 0)
		if (outbox_files_add_line(outbox, entry, db_int(stmt, 0), word, false, err) < 0) {
			rc = -1;
			break;
		}
	db_finish(&stmt);
	return rc;
}

/* The lines go first: a wish that is on disk but not in the database is carried out after a rebuild
 * only. */
static int wish(struct outbox *outbox, int64_t id, const char *select, const char *word,
		const char *update, struct err *err)
{
	struct db_stmt *stmt;
	int rc;

	if (db_begin(outbox->db, err) < 0)
		return -1;
	rc = add_lines_for(outbox, id, select, word, err);
	stmt = db_query(outbox->db, update);
	db_bind_int(stmt, 1, id);
	if (rc == 0)
		rc = outbox_rows_run(stmt, err);
	if (rc < 0) {
		db_rollback(outbox->db);
		return -1;
	}
	rc = db_changes(outbox->db) > 0;
	return db_commit(outbox->db, err) < 0 ? -1 : rc;
}

int outbox_hold(struct outbox *outbox, int64_t id, struct err *err)
{
	return wish(outbox, id, "SELECT n FROM recipient WHERE entry = ? AND state = 0",
		    outbox_state_word(OUTBOX_HELD),
		    "UPDATE recipient SET state = 1 WHERE entry = ? AND state = 0", err);
}

/* All: what was tried and deferred. What waits for its time, or is held, is as the person wants it.
 */
static int retry_all(struct outbox *outbox, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "UPDATE recipient SET due = ?1 WHERE state = 0 AND tries > 0 AND due > ?1");

	db_bind_int(stmt, 1, time(NULL));
	return outbox_rows_run(stmt, err) < 0 ? -1 : db_changes(outbox->db) > 0;
}

int outbox_retry(struct outbox *outbox, int64_t id, struct err *err)
{
	if (id == 0)
		return retry_all(outbox, err);
	/* SQLite's clock is finer than time(2): a second may begin earlier there */
	return wish(
	    outbox, id, "SELECT n FROM recipient WHERE entry = ? AND state = 1",
	    outbox_state_word(OUTBOX_WAITING),
	    "UPDATE recipient SET state = 0, due = CAST(strftime('%s', 'now') AS INTEGER) - 1"
	    " WHERE entry = ? AND state IN (0, 1)",
	    err);
}

static int make_due(struct outbox *outbox, int64_t undo, int64_t now, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "UPDATE recipient SET due = ?1 WHERE state = 0 AND due > ?1 AND (tries > 0 OR"
			" due <= ?2 + (SELECT added FROM entry WHERE id = recipient.entry))");

	db_bind_int(stmt, 1, now);
	db_bind_int(stmt, 2, undo);
	return outbox_rows_run(stmt, err);
}

static int count_letters(struct outbox *outbox, const char *sql, int64_t now, int64_t *count, struct err *err)
{
	struct db_stmt *stmt = db_query(outbox->db, sql);

	db_bind_int(stmt, 1, now);
	return outbox_rows_number(stmt, count, err);
}

#define COUNT_LETTERS "SELECT COUNT(DISTINCT entry) FROM recipient WHERE "

int outbox_flush(struct outbox *outbox, int64_t undo, struct outbox_flushed *flushed, struct err *err)
{
	int64_t now = time(NULL);
	int rc;

	if (db_begin(outbox->db, err) < 0)
		return -1;
	rc = make_due(outbox, undo, now, err);
	if (rc == 0)
		rc = count_letters(outbox, COUNT_LETTERS "state = 2 OR (state = 0 AND due <= ?1)", now,
				   &flushed->now, err);
	if (rc == 0)
		rc = count_letters(outbox, COUNT_LETTERS "state = 0 AND due > ?1", now, &flushed->later, err);
	if (rc == 0)
		rc = count_letters(outbox, COUNT_LETTERS "state = 1 AND ?1 > 0", now, &flushed->held, err);
	if (rc == 0)
		return db_commit(outbox->db, err);
	db_rollback(outbox->db);
	return -1;
}

int outbox_cancel(struct outbox *outbox, int64_t id, struct err *err)
{
	int rc = wish(outbox, id, "SELECT n FROM recipient WHERE entry = ? AND state IN (0, 1)",
		      outbox_state_word(OUTBOX_CANCELLED),
		      "UPDATE recipient SET state = 5 WHERE entry = ? AND state IN (0, 1)", err);

	if (rc > 0 && outbox_finish(outbox, id, err) < 0)
		return -1;
	return rc;
}
