#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/mail/db.h"
#include "store/mail/outbox_inside.h"

int outbox_rows_run(struct db_stmt *stmt, struct err *err)
{
	return db_step(stmt, err) < 0 ? -1 : 0;
}

int outbox_rows_number(struct db_stmt *stmt, int64_t *number, struct err *err)
{
	int rc = db_step(stmt, err);

	*number = rc > 0 ? db_int(stmt, 0) : 0;
	if (rc > 0)
		db_reset(stmt);
	return rc < 0 ? -1 : 0;
}

int outbox_rows_add_entry(struct outbox *outbox, const struct outbox_envelope *envelope,
			  struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "INSERT INTO entry (id, account, sender, subject, message_id, added,"
			" size, ret, envid, notify, is_bounce) VALUES (?,?,?,?,?,?,?,?,?,?,?)");

	db_bind_int(stmt, 1, envelope->id);
	db_bind_text(stmt, 2, envelope->account);
	db_bind_text(stmt, 3, envelope->sender);
	db_bind_text(stmt, 4, envelope->subject);
	db_bind_text(stmt, 5, envelope->message_id);
	db_bind_int(stmt, 6, envelope->added);
	db_bind_int(stmt, 7, envelope->size);
	db_bind_text(stmt, 8, envelope->ret);
	db_bind_text(stmt, 9, envelope->envid);
	db_bind_text(stmt, 10, envelope->notify);
	db_bind_int(stmt, 11, envelope->is_bounce);
	return outbox_rows_run(stmt, err);
}

int outbox_rows_add_recipient(struct outbox *outbox, const struct outbox_envelope *envelope,
			      size_t n, const char *addr, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "INSERT INTO recipient (entry, n, addr, state, due) VALUES (?,?,?,?,?)");

	db_bind_int(stmt, 1, envelope->id);
	db_bind_int(stmt, 2, (int64_t)n);
	db_bind_text(stmt, 3, addr);
	db_bind_int(stmt, 4, envelope->is_held ? OUTBOX_HELD : OUTBOX_WAITING);
	db_bind_int(stmt, 5, envelope->due);
	return outbox_rows_run(stmt, err);
}

/* --- reading -------------------------------------------------------------------------------- */

#define ENTRY_COLUMNS                                                                              \
	"id, account, sender, subject, message_id, added, size, ret, envid, notify, is_bounce, "   \
	"finished"
#define RECIPIENT_COLUMNS                                                                          \
	"id, addr, state, tries, due, last_try, status, reply, maybe_sent, is_bounced"

static char *column_text(struct db_stmt *stmt, int column, struct arena *arena)
{
	const char *text = db_text(stmt, column);

	return text ? arena_strdup(arena, text) : NULL;
}

static void read_entry(struct outbox *outbox, struct db_stmt *stmt, struct arena *arena,
		       struct outbox_entry *entry)
{
	*entry = (struct outbox_entry){
	    .id = db_int(stmt, 0),
	    .account = column_text(stmt, 1, arena),
	    .sender = column_text(stmt, 2, arena),
	    .subject = column_text(stmt, 3, arena),
	    .message_id = column_text(stmt, 4, arena),
	    .added = db_int(stmt, 5),
	    .size = db_int(stmt, 6),
	    .dsn_ret = column_text(stmt, 7, arena),
	    .dsn_envid = column_text(stmt, 8, arena),
	    .notify = column_text(stmt, 9, arena),
	    .is_bounce = db_int(stmt, 10) != 0,
	    .finished = db_int(stmt, 11),
	};
	entry->path = arena_printf(arena, "%s/%lld.eml", outbox->dir, (long long)entry->id);
}

static void read_recipient(struct db_stmt *stmt, struct arena *arena, struct outbox_recipient *to)
{
	*to = (struct outbox_recipient){
	    .id = db_int(stmt, 0),
	    .addr = column_text(stmt, 1, arena),
	    .state = (enum outbox_state)db_int(stmt, 2),
	    .tries = (int)db_int(stmt, 3),
	    .due = db_int(stmt, 4),
	    .last_try = db_int(stmt, 5),
	    .status = column_text(stmt, 6, arena),
	    .reply = column_text(stmt, 7, arena),
	    .maybe_sent = db_int(stmt, 8) & 1, /* not while it goes (outbox_verdict.c) */
	    .is_bounced = db_int(stmt, 9) != 0,
	};
}

/* All recipients of ENTRY, or (CLAIMANT not 0) those that it claimed. */
static int read_recipients(struct outbox *outbox, int64_t claimant, struct arena *arena,
			   struct outbox_entry *entry, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "SELECT " RECIPIENT_COLUMNS " FROM recipient WHERE entry = ?1"
				 " AND (?2 = 0 OR (claimant = ?2 AND state = 2)) ORDER BY n");
	struct outbox_recipient *list = NULL;
	size_t count = 0, cap = 0;
	int rc;

	db_bind_int(stmt, 1, entry->id);
	db_bind_int(stmt, 2, claimant);
	while ((rc = db_step(stmt, err)) > 0) {
		ARRAY_ROOM(list, count, cap);
		read_recipient(stmt, arena, &list[count++]);
	}
	entry->recipients = ARENA_ARRAY(arena, struct outbox_recipient, count + 1);
	if (count)
		memcpy(entry->recipients, list, count * sizeof *list);
	entry->recipient_count = count;
	free(list);
	return rc;
}

int outbox_rows_get(struct outbox *outbox, int64_t id, int64_t claimant, struct arena *arena,
		    struct outbox_entry *entry, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "SELECT " ENTRY_COLUMNS " FROM entry WHERE id = ?");
	int rc;

	db_bind_int(stmt, 1, id);
	rc = db_step(stmt, err);
	if (rc <= 0)
		return rc;
	read_entry(outbox, stmt, arena, entry);
	db_reset(stmt);
	return read_recipients(outbox, claimant, arena, entry, err) < 0 ? -1 : 1;
}

int outbox_get(struct outbox *outbox, int64_t id, struct arena *arena, struct outbox_entry *entry,
	       struct err *err)
{
	return outbox_rows_get(outbox, id, 0, arena, entry, err);
}

int outbox_list(struct outbox *outbox, bool finished, struct arena *arena,
		struct outbox_entry **entries, size_t *count, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "SELECT " ENTRY_COLUMNS " FROM entry"
				 " WHERE finished = 0 OR (?1 AND finished > ?2) ORDER BY id");
	struct outbox_entry *list = NULL;
	size_t i, cap = 0;
	int rc;

	*count = 0;
	db_bind_int(stmt, 1, finished);
	db_bind_int(stmt, 2, time(NULL) - KEEP_ROWS_S);
	while ((rc = db_step(stmt, err)) > 0) {
		ARRAY_ROOM(list, *count, cap);
		read_entry(outbox, stmt, arena, &list[(*count)++]);
	}
	*entries = ARENA_ARRAY(arena, struct outbox_entry, *count + 1);
	if (*count)
		memcpy(*entries, list, *count * sizeof *list);
	free(list);
	for (i = 0; i < *count && rc == 0; i++)
		rc = read_recipients(outbox, 0, arena, &(*entries)[i], err);
	return rc;
}
