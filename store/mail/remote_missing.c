/* What is no more where it was on the server, though something of it is here alone (a flag, a tag, another folder):
 * another client may have moved it. Its row stays, with what was agreed on, until every mailbox was looked at once
 * more: where it turns up it is the same message, and what we owe is owed there. A message that is missed stands in
 * folder 0; its target is the negative of the folder where it was. */
#include "config.h"
#include "store/mail/remote.h"

#include <stdlib.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/mail/change.h"
#include "store/mail/keywords.h"
#include "store/mail/remote_inside.h"
#include "store/mail/row.h"

#define NOWHERE 0

static bool has_other_tags(const struct agreed *agreed, const struct change_row *row)
{
	return !keywords_equal(row->tags, agreed->keywords);
}

bool remote_has_ours(const struct agreed *agreed, const struct change_row *row)
{
	return row->folder != agreed->folder || (row->flags & REMOTE_FLAGS) != agreed->flags ||
	       has_other_tags(agreed, row);
}

static int is_owed(struct store *store, int64_t message, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT EXISTS (SELECT 1 FROM remote_owed WHERE message = ?)");

	db_bind_int(stmt, 1, message);
	return (int)db_step_id(stmt, err);
}

/* More than a look at it, and not told yet: it must not go with what was removed there. 1, 0, -1. */
static int is_edited(struct store *store, const struct agreed *agreed, int64_t folder, const struct change_row *row,
		     struct err *err)
{
	unsigned looks = BOX_SEEN | BOX_DELETED;

	if (((row->flags ^ agreed->flags) & REMOTE_FLAGS & ~looks) == 0 && !has_other_tags(agreed, row) &&
	    row->folder == folder)
		return 0;
	return is_owed(store, row->id, err);
}

static int miss(struct store *store, const struct agreed *agreed, bool is_edited, struct err *err)
{
	struct agreed missed = *agreed;

	missed.folder = NOWHERE;
	missed.target = -agreed->folder;
	missed.uid = 0;
	missed.state = is_edited ? REMOTE_MISSED_EDITED : REMOTE_MISSED;
	if (agreed_write(store, &missed, err) < 0)
		return -1;
	return remote_strike(store, agreed->message, err);
}

int remote_miss(struct store *store, const struct agreed *agreed, const struct change_row *row, struct err *err)
{
	int edited = is_edited(store, agreed, agreed->folder, row, err);

	return edited < 0 ? -1 : miss(store, agreed, edited, err);
}

int remote_miss_sent(struct store *store, const struct agreed *agreed, struct err *err)
{
	return miss(store, agreed, true, err);
}

int remote_misses_from(struct store *store, int64_t folder, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT EXISTS (SELECT 1 FROM remote_message WHERE folder = ?1 AND"
						   " uid < 1 AND target = ?2)");

	db_bind_int(stmt, 1, NOWHERE);
	db_bind_int(stmt, 2, -folder);
	return (int)db_step_id(stmt, err);
}

bool remote_is_missed(const struct agreed *agreed)
{
	return agreed->state == REMOTE_MISSED || agreed->state == REMOTE_MISSED_EDITED;
}

int remote_follow(struct store *store, const struct agreed *agreed, int64_t folder, struct arena *arena,
		  struct change_row *row, struct err *err)
{
	if (row->folder != -agreed->target || row->folder == folder)
		return 0;
	if (change_move(store, row, folder, err) < 0)
		return -1;
	return change_read(store, row->id, arena, row, err) == 1 ? 0 : -1;
}

/* --- not found --- */

#define IS_TWIN " AND t.id > ?1 AND t.folder > 0 AND r.size = ?2 AND r.uid > 0 AND r.state <> 6"
_Static_assert(REMOTE_OURS == 6, "states in SQL");

/* The same message, which came later and is on the server: its new place was seen before the old one's loss. */
static int64_t find_twin(struct store *store, const struct agreed *agreed, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT t.id FROM message m CROSS JOIN message t ON t.mid = m.mid CROSS JOIN remote_message r ON"
		       " r.message = t.id WHERE m.id = ?1 AND m.mid <> 0" IS_TWIN " UNION ALL"
		       " SELECT t.id FROM message m CROSS JOIN message t ON t.date = m.date CROSS JOIN remote_message r"
		       " ON r.message = t.id WHERE m.id = ?1 AND m.mid = 0 AND t.mid = 0 AND t.subject = m.subject"
		       IS_TWIN " ORDER BY 1 DESC LIMIT 1");

	db_bind_int(stmt, 1, agreed->message);
	db_bind_int(stmt, 2, agreed->size);
	return db_step_id(stmt, err);
}

static int drop_missed(struct store *store, const struct change_row *row, struct err *err)
{
	if (agreed_forget(store, row->id, err) < 0 || remote_strike(store, row->id, err) < 0)
		return -1;
	return row->is_away ? row_delete(store, row->id, err) : change_remove(store, row, err);
}

/* The twin's tags: what is ours alone, and what either side changed. */
static const char *join_tags(const struct agreed *agreed, const struct change_row *row, const struct change_row *twin,
			     struct arena *arena)
{
	const char *ours = keywords_of_tags(row->tags, arena), *theirs = keywords_of_tags(twin->tags, arena);

	return keywords_join_tags(row->tags, twin->tags, keywords_join(agreed->keywords, ours, theirs, arena), arena);
}

static int give_to_twin(struct store *store, const struct agreed *agreed, const struct change_row *row, int64_t id,
			struct arena *arena, struct err *err)
{
	struct change_row twin;
	unsigned merged;

	if (change_read(store, id, arena, &twin, err) != 1)
		return -1;
	merged = remote_join_flags(agreed->flags, row->flags & REMOTE_FLAGS, twin.flags & REMOTE_FLAGS);
	if (change_flags(store, &twin, merged & ~twin.flags, twin.flags & REMOTE_FLAGS & ~merged, err) < 0 ||
	    change_write_tags(store, &twin, join_tags(agreed, row, &twin, arena), err) < 0)
		return -1;
	if (row->folder != -agreed->target && row->folder != twin.folder &&
	    change_move(store, &twin, row->folder, err) < 0)
		return -1;
	return drop_missed(store, row, err);
}

static int give_up(struct store *store, const struct agreed *agreed, const struct change_row *row,
		   struct arena *arena, struct err *err)
{
	int64_t twin = find_twin(store, agreed, err);
	int edited = agreed->state == REMOTE_MISSED_EDITED ||
		     is_edited(store, agreed, -agreed->target, row, err);

	if (twin < 0 || edited < 0)
		return -1;
	if (twin)
		return give_to_twin(store, agreed, row, twin, arena, err);
	if (!edited || row->is_away)
		return drop_missed(store, row, err);
	return agreed_forget(store, row->id, err) < 0 ? -1 : remote_owe(store, row->id, err);
}

struct missing {
	struct store *store;
	const int64_t *ids;
};

static int give_up_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct missing *in = arg;
	struct agreed agreed;
	struct change_row row;
	int rc = agreed_of(in->store, in->ids[i], arena, &agreed, err);

	if (rc != 1 || !remote_is_missed(&agreed))
		return rc < 0 ? -1 : 0;
	rc = change_read(in->store, in->ids[i], arena, &row, err);
	if (rc == 1 && row.folder > FOLDER_ALL)
		return give_up(in->store, &agreed, &row, arena, err);
	if (rc < 0 || agreed_forget(in->store, in->ids[i], err) < 0)
		return -1;
	return remote_strike(in->store, in->ids[i], err);
}

int remote_missing(struct store *store, int64_t **ids, size_t *count, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT message FROM remote_message WHERE folder = ? AND uid < 1 ORDER BY message");
	size_t cap = 0;
	int rc;

	*ids = NULL;
	*count = 0;
	db_bind_int(stmt, 1, NOWHERE);
	while ((rc = db_step(stmt, err)) == 1) {
		ARRAY_ROOM(*ids, *count, cap);
		(*ids)[(*count)++] = db_int(stmt, 0);
	}
	return rc;
}

int remote_give_up(struct store *store, const int64_t *ids, size_t count, struct err *err)
{
	struct missing in = {store, ids};

	return remote_each(store, count, give_up_one, &in, err);
}
