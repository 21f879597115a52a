/* What we owe the server: rows that differ from what was agreed on. */
#include "config.h"
#include "store/mail/remote.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/mail/change.h"
#include "store/mail/keywords.h"
#include "store/mail/remote_inside.h"
#include "store/mail/row.h"

/* One of remote_owed with all that is known of it. */
struct debt {
	int64_t message, folder, size; /* FOLDER 0: no row */
	unsigned flags;
	const char *tags;
	bool is_away, is_copy, is_agreed;
	struct agreed agreed, source;
};

struct owing {
	struct store *store;
	struct arena *arena;
	struct debt *debts;
	size_t debt_count, debt_cap;
	struct remote_owed *owed;
	size_t count, cap;
	bool has_keywords;
};

/* The place to tell of it: where the server has it, where it has what it is a copy of, where it is new. */
#define WHERE_IT_IS "coalesce(r.folder, CASE WHEN s.uid > 0 THEN s.folder END, m.folder)"

#define OWED                                                                                               \
	" FROM remote_owed o LEFT JOIN message m ON m.id = o.message LEFT JOIN remote_message r ON"        \
	" r.message = o.message LEFT JOIN remote_copy c ON c.message = o.message LEFT JOIN"                \
	" remote_message s ON s.message = c.source WHERE " WHERE_IT_IS " = ?1 AND NOT EXISTS"                  \
	" (SELECT 1 FROM remote_refused f WHERE f.message = o.message AND f.until > unixepoch())"

static void read_debt(struct db_stmt *stmt, struct arena *arena, struct debt *debt)
{
	*debt = (struct debt){.message = db_int(stmt, 0),
			      .folder = db_int(stmt, 1),
			      .flags = (unsigned)db_int(stmt, 2) & REMOTE_FLAGS,
			      .tags = arena_strdup(arena, db_is_null(stmt, 3) ? "" : db_text(stmt, 3)),
			      .is_away = db_int(stmt, 4),
			      .is_copy = db_int(stmt, 5),
			      .size = db_int(stmt, 6),
			      .is_agreed = !db_is_null(stmt, 7)};
	debt->agreed = (struct agreed){
	    .message = debt->message,
	    .folder = db_int(stmt, 7),
	    .uid = (uint32_t)db_int(stmt, 8),
	    .flags = (unsigned)db_int(stmt, 9),
	    .keywords = arena_strdup(arena, db_is_null(stmt, 10) ? "" : db_text(stmt, 10)),
	    .size = db_int(stmt, 11)};
	debt->source = (struct agreed){.message = db_int(stmt, 12),
				       .folder = db_int(stmt, 13),
				       .uid = (uint32_t)db_int(stmt, 14),
				       .size = db_int(stmt, 15)};
}

static int load(struct owing *in, int64_t folder, size_t limit, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(in->store->db,
		     "SELECT o.message, m.folder, m.flags, m.tags, m.is_away, m.is_copy, m.size, r.folder,"
		     " r.uid, r.flags, r.keywords, r.size, s.message, s.folder, s.uid, s.size" OWED
		     " ORDER BY o.message LIMIT ?2");
	int rc;

	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, (int64_t)limit);
	while ((rc = db_step(stmt, err)) == 1) {
		ARRAY_ROOM(in->debts, in->debt_count, in->debt_cap);
		read_debt(stmt, in->arena, &in->debts[in->debt_count++]);
	}
	return rc;
}

static struct remote_owed *add(struct owing *in, const struct debt *debt, enum remote_debt kind)
{
	ARRAY_ROOM(in->owed, in->count, in->cap);
	in->owed[in->count] = (struct remote_owed){.debt = kind,
						   .message = debt->message,
						   .target = debt->folder,
						   .uid = debt->agreed.uid,
						   .set_keywords = "",
						   .clear_keywords = "",
						   .size = debt->agreed.size};
	return &in->owed[in->count++];
}

/* True: there is something to tell. */
static bool add_flags(struct owing *in, const struct debt *debt)
{
	const char *ours = keywords_of_tags(debt->tags, in->arena), *theirs = debt->agreed.keywords;
	unsigned set = debt->flags & ~debt->agreed.flags, clear = debt->agreed.flags & ~debt->flags;
	bool has_words = in->has_keywords && !keywords_equal(ours, theirs);
	struct remote_owed *owed;

	if (!in->has_keywords) { /* $Forwarded is one */
		set &= ~(unsigned)BOX_FORWARDED;
		clear &= ~(unsigned)BOX_FORWARDED;
	}
	if (!set && !clear && !has_words)
		return false;
	owed = add(in, debt, DEBT_FLAGS);
	owed->set = set;
	owed->clear = clear;
	if (has_words) {
		owed->set_keywords = keywords_without(ours, theirs, in->arena);
		owed->clear_keywords = keywords_without(theirs, ours, in->arena);
	}
	return true;
}

/* Never was anywhere but here, and is not here. */
static int drop_hopeless(struct owing *in, const struct debt *debt, struct err *err)
{
	if (remote_strike(in->store, debt->message, err) < 0)
		return -1;
	return row_delete(in->store, debt->message, err);
}

static int owe_new(struct owing *in, const struct debt *debt, struct err *err)
{
	struct remote_owed *owed;

	if (debt->source.uid) {
		owed = add(in, debt, DEBT_COPY);
		owed->uid = debt->source.uid;
		owed->size = debt->source.size;
		return 0;
	}
	if (debt->source.message && debt->is_away) /* it is being sought */
		return 0;
	if (debt->is_away)
		return drop_hopeless(in, debt, err);
	owed = add(in, debt, DEBT_APPEND);
	owed->set = debt->flags;
	owed->set_keywords = in->has_keywords ? keywords_of_tags(debt->tags, in->arena) : "";
	owed->size = debt->size;
	return 0;
}

static int owe_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct owing *in = arg;
	const struct debt *debt = &in->debts[i];
	bool has_flags;

	(void)arena;
	if (debt->folder <= FOLDER_ALL && !debt->is_agreed)
		return remote_strike(in->store, debt->message, err);
	if (!debt->is_agreed)
		return owe_new(in, debt, err);
	if (!debt->agreed.uid) /* it is being sought */
		return 0;
	if (debt->folder <= FOLDER_ALL) {
		add(in, debt, DEBT_REMOVE);
		return 0;
	}
	has_flags = add_flags(in, debt);
	if (debt->folder != debt->agreed.folder)
		add(in, debt, DEBT_MOVE);
	else if (!has_flags)
		return remote_strike(in->store, debt->message, err);
	return 0;
}

static int by_debt(const void *a, const void *b)
{
	const struct remote_owed *x = a, *y = b;
	int order = (x->debt > y->debt) - (x->debt < y->debt);

	if (!order)
		order = (x->target > y->target) - (x->target < y->target);
	if (!order && x->debt == DEBT_FLAGS)
		order = (x->set > y->set) - (x->set < y->set);
	if (!order && x->debt == DEBT_FLAGS)
		order = (x->clear > y->clear) - (x->clear < y->clear);
	if (!order && x->debt == DEBT_FLAGS)
		order = strcmp(x->set_keywords, y->set_keywords);
	if (!order && x->debt == DEBT_FLAGS)
		order = strcmp(x->clear_keywords, y->clear_keywords);
	if (!order)
		order = (x->uid > y->uid) - (x->uid < y->uid);
	return order ? order : (x->message > y->message) - (x->message < y->message);
}

int remote_owed(struct store *store, int64_t folder, bool has_keywords, size_t limit, struct arena *arena,
		struct remote_owed **owed, size_t *count, struct err *err)
{
	struct owing in = {.store = store, .arena = arena, .has_keywords = has_keywords};
	int rc = load(&in, folder, limit, err);

	if (rc == 0)
		rc = remote_each(store, in.debt_count, owe_one, &in, err);
	if (in.count)
		qsort(in.owed, in.count, sizeof *in.owed, by_debt);
	*owed = ARENA_ARRAY(arena, struct remote_owed, in.count + 1);
	if (in.count)
		memcpy(*owed, in.owed, in.count * sizeof *in.owed);
	*count = rc < 0 ? 0 : in.count;
	free(in.owed);
	free(in.debts);
	return rc;
}

/* Refusals of what is not owed any more mean nothing. */
static int strike_refusals(struct store *store, struct err *err)
{
	return remote_run(store, "DELETE FROM remote_refused WHERE ?1 = ?2 AND NOT EXISTS"
				 " (SELECT 1 FROM remote_owed o WHERE o.message = remote_refused.message)",
			  0, 0, err);
}

/* What was sent in the last round and not found in it. */
static int seek_sent(struct store *store, struct err *err)
{
	return remote_run(store, "UPDATE remote_message SET state = ?1 WHERE uid < 1 AND state = ?2", REMOTE_SENT,
			  REMOTE_SENT_NOW, err);
}

static int strike_empty(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct store *store = arg;

	(void)i;
	(void)arena;
	if (strike_refusals(store, err) < 0 || seek_sent(store, err) < 0)
		return -1;
	return remote_run(store,
			  "DELETE FROM remote_owed WHERE message IN (SELECT o.message FROM remote_owed o"
			  " LEFT JOIN message m ON m.id = o.message LEFT JOIN remote_message r ON r.message ="
			  " o.message WHERE r.message IS NULL AND (m.id IS NULL OR m.folder <= ?1)) AND ?2 = 0",
			  FOLDER_ALL, 0, err);
}

int remote_owes(struct store *store, int64_t folder, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT EXISTS (SELECT 1" OWED ") OR EXISTS"
		       " (SELECT 1 FROM remote_message WHERE folder = ?1 AND uid < 1)");
	int64_t owes;

	db_bind_int(stmt, 1, folder);
	owes = db_step_id(stmt, err);
	return (int)owes;
}

int remote_clean(struct store *store, struct err *err)
{
	return remote_each(store, 1, strike_empty, store, err);
}

/* --- told --- */

struct telling {
	struct store *store;
	const struct remote_owed *owed;
	const uint32_t *uids;
	enum remote_rest rest;
};

static int send_new(struct telling *in, const struct remote_owed *owed, struct arena *arena, struct err *err)
{
	struct agreed agreed = {.flags = owed->set, .keywords = owed->set_keywords};

	if (owed->debt == DEBT_COPY) {
		struct db_stmt *stmt =
		    db_query(in->store->db, "SELECT source FROM remote_copy WHERE message = ?");
		int64_t source;

		db_bind_int(stmt, 1, owed->message);
		source = db_step_id(stmt, err);
		if (source <= 0 || agreed_of(in->store, source, arena, &agreed, err) != 1)
			return source < 0 ? -1 : 0;
	}
	agreed.message = owed->message;
	agreed.folder = owed->target;
	agreed.uid = 0;
	agreed.size = owed->size;
	agreed.target = 0;
	agreed.state = REMOTE_SENT_NOW;
	return agreed_write(in->store, &agreed, err);
}

static int sending_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct telling *in = arg;
	const struct remote_owed *owed = &in->owed[i];

	if (owed->debt == DEBT_COPY || owed->debt == DEBT_APPEND)
		return send_new(in, owed, arena, err);
	if (owed->debt == DEBT_MOVE)
		return remote_run(in->store, "UPDATE remote_message SET target = ?2 WHERE message = ?1",
				  owed->message, owed->target, err);
	return 0;
}

int remote_sending(struct store *store, const struct remote_owed *owed, size_t count, struct err *err)
{
	struct telling in = {.store = store, .owed = owed};

	return remote_each(store, count, sending_one, &in, err);
}

static int sent_flags(struct telling *in, const struct remote_owed *owed, struct agreed *agreed,
		      struct arena *arena, struct err *err)
{
	const char *rest = keywords_without(agreed->keywords, owed->clear_keywords, arena);

	agreed->flags = (agreed->flags | owed->set) & ~owed->clear;
	agreed->keywords = keywords_join("", rest, owed->set_keywords, arena);
	return agreed_write(in->store, agreed, err);
}

/* UID as the server told it, or 0 when another message of FOLDER is known by it: then the next look finds ours. */
static uint32_t unless_taken(struct telling *in, int64_t folder, uint32_t uid, int64_t message, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(in->store->db, "SELECT 1 FROM remote_message WHERE folder = ? AND uid = ? AND message <> ?");

	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, uid);
	db_bind_int(stmt, 3, message);
	return uid && db_step_id(stmt, err) <= 0 ? uid : 0;
}

static int sent_move(struct telling *in, const struct remote_owed *owed, struct agreed *agreed, uint32_t uid,
		     struct err *err)
{
	struct agreed old = *agreed;

	uid = unless_taken(in, owed->target, uid, agreed->message, err);
	agreed->folder = owed->target;
	agreed->uid = uid;
	agreed->target = 0;
	if (!uid)
		agreed->state = REMOTE_SENT_NOW;
	if (agreed_write(in->store, agreed, err) < 0)
		return -1;
	return in->rest == REST_NONE ? 0 : agreed_leave(in->store, &old, in->rest == REST_OWED, err);
}

static int sent_removal(struct telling *in, struct agreed *agreed, struct err *err)
{
	if (agreed_forget(in->store, agreed->message, err) < 0 ||
	    remote_strike(in->store, agreed->message, err) < 0)
		return -1;
	return in->rest == REST_NONE ? 0 : agreed_leave(in->store, agreed, false, err);
}

static int sent_new(struct telling *in, struct agreed *agreed, uint32_t uid, struct err *err)
{
	uid = unless_taken(in, agreed->folder, uid, agreed->message, err);
	if (!uid)
		return 0;
	agreed->uid = uid;
	agreed->state = REMOTE_OURS;
	if (remote_run(in->store, "DELETE FROM remote_copy WHERE message = ?1 AND ?2 = 0", agreed->message, 0,
		       err) < 0)
		return -1;
	return agreed_write(in->store, agreed, err);
}

static int sent_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct telling *in = arg;
	const struct remote_owed *owed = &in->owed[i];
	uint32_t uid = in->uids ? in->uids[i] : 0;
	struct agreed agreed;
	int rc = agreed_of(in->store, owed->message, arena, &agreed, err);

	if (rc != 1)
		return rc;
	switch (owed->debt) {
	case DEBT_FLAGS:
		return sent_flags(in, owed, &agreed, arena, err);
	case DEBT_MOVE:
		return sent_move(in, owed, &agreed, uid, err);
	case DEBT_REMOVE:
		return sent_removal(in, &agreed, err);
	case DEBT_COPY:
	case DEBT_APPEND:
		return sent_new(in, &agreed, uid, err);
	}
	return 0;
}

int remote_sent(struct store *store, const struct remote_owed *owed, size_t count, const uint32_t *uids,
		enum remote_rest rest, struct err *err)
{
	struct telling in = {.store = store, .owed = owed, .uids = uids, .rest = rest};

	return remote_each(store, count, sent_one, &in, err);
}

/* Once more in the next round; then not for an hour, and twice as long each time, a day at most. */
static int note_refusal(struct store *store, int64_t message, struct err *err)
{
	return remote_run(store,
			  "INSERT INTO remote_refused VALUES(?1, 1, ?2) ON CONFLICT(message) DO UPDATE SET"
			  " until = unixepoch() + min(1800 << min(tries, 6), 86400), tries = tries + 1",
			  message, 0, err);
}

int remote_forgive(struct store *store, struct err *err)
{
	return remote_run(store, "UPDATE remote_refused SET until = 0 WHERE ?1 = ?2", 0, 0, err);
}

static int doubt_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct telling *in = arg;

	(void)arena;
	return note_refusal(in->store, in->owed[i].message, err);
}

int remote_in_doubt(struct store *store, const struct remote_owed *owed, size_t count, struct err *err)
{
	struct telling in = {.store = store, .owed = owed};

	return remote_each(store, count, doubt_one, &in, err);
}

static int not_sent_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct telling *in = arg;
	const struct remote_owed *owed = &in->owed[i];

	(void)arena;
	if (note_refusal(in->store, owed->message, err) < 0)
		return -1;
	if (owed->debt == DEBT_COPY || owed->debt == DEBT_APPEND)
		return remote_run(in->store, "DELETE FROM remote_message WHERE message = ?1 AND uid = ?2",
				  owed->message, 0, err);
	if (owed->debt == DEBT_MOVE)
		return remote_run(in->store, "UPDATE remote_message SET target = ?2 WHERE message = ?1",
				  owed->message, 0, err);
	return 0;
}

int remote_not_sent(struct store *store, const struct remote_owed *owed, size_t count, struct err *err)
{
	struct telling in = {.store = store, .owed = owed};

	return remote_each(store, count, not_sent_one, &in, err);
}
