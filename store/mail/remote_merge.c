/* What the server says meets what is here. Each flag and keyword has three sides: what was agreed on,
 * ours and theirs; whoever changed it against what was agreed on has his way, so both sides' changes are
 * kept. What is in doubt is kept twice rather than lost. */
#include "config.h"
#include "store/mail/remote.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/box/maildir_name.h"
#include "store/mail/bulk.h"
#include "store/mail/change.h"
#include "store/mail/index.h"
#include "store/mail/keywords.h"
#include "store/mail/remote_inside.h"
#include "store/mail/row.h"

/* While thousands come, rows and ids take the memory that old pages had. */
#define FLOOD_SETTINGS "PRAGMA wal_autocheckpoint=12000; PRAGMA cache_size=-4000"
#define CALM_SETTINGS  "PRAGMA wal_autocheckpoint=1000; PRAGMA cache_size=-8000"
/* What is known of more threads than these would take too much memory, or too long to learn, for what comes. */
#define BULK_ROWS  300000
#define BULK_TIMES 10

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- many in short transactions --- */

int remote_each(struct store *store, size_t count, remote_each_fn *each, void *arg, struct err *err)
{
	struct arena *arena = arena_new();
	size_t together = store->is_flooded ? REMOTE_FLOOD : REMOTE_TOGETHER;
	int64_t limit_ms = store->is_flooded ? REMOTE_FLOOD_MS : REMOTE_BATCH_MS;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count;) {
		int64_t begun = now_ms();
		size_t from = i;

		if (i)
			usleep(store->is_flooded ? REMOTE_FLOOD_REST_US : REMOTE_POLITE_US);
		rc = store_begin(store, err);
		if (rc < 0)
			break;
		do {
			rc = each(arg, i, arena, err);
			arena_reset(arena);
		} while (rc == 0 && ++i < count && i - from < together &&
			 now_ms() - begun < limit_ms);
		if (rc < 0)
			store_rollback(store);
		else
			rc = store_commit(store, err);
	}
	arena_free(&arena);
	return rc < 0 ? -1 : 0;
}

/* --- flags --- */

unsigned remote_join_flags(unsigned base, unsigned ours, unsigned theirs)
{
	return ((base & ours & theirs) | (ours & ~base) | (theirs & ~base)) & REMOTE_FLAGS;
}

static int join_row(struct store *store, const struct agreed *agreed, const struct change_row *row,
		    unsigned merged, const char *words, struct arena *arena, struct err *err)
{
	unsigned ours = row->flags & REMOTE_FLAGS;
	const char *tags = keywords_into_tags(row->tags, words, arena);

	(void)agreed;
	if (merged != ours && change_flags(store, row, merged & ~ours, ours & ~merged, err) < 0)
		return -1;
	if (!keywords_equal(tags, row->tags))
		return change_write_tags(store, row, tags, err);
	return 0;
}

int remote_join(struct store *store, const struct agreed *agreed, const struct change_row *row,
		unsigned flags, const char *words, struct arena *arena, struct err *err)
{
	const char *ours = keywords_of_tags(row->tags, arena);
	const char *merged_words = keywords_join(agreed->keywords, ours, words, arena);
	unsigned merged = remote_join_flags(agreed->flags, row->flags & REMOTE_FLAGS, flags);
	struct agreed now = *agreed;

	if (join_row(store, agreed, row, merged, merged_words, arena, err) < 0)
		return -1;
	now.flags = flags;
	now.keywords = words;
	if (agreed_write(store, &now, err) < 0)
		return -1;
	if (merged == flags && keywords_equal(merged_words, words) && row->folder == now.folder)
		return remote_strike(store, row->id, err);
	return remote_owe(store, row->id, err);
}

/* --- gone there --- */

static int forget(struct store *store, const struct agreed *agreed, struct err *err)
{
	if (agreed_forget(store, agreed->message, err) < 0)
		return -1;
	return remote_strike(store, agreed->message, err);
}

static int drop_row(struct store *store, const struct change_row *row, struct err *err)
{
	return row->is_away ? row_delete(store, row->id, err) : change_remove(store, row, err);
}

/* Moved here, and no more there: the other side may have moved it to the same place. */
static int seek_in(struct store *store, const struct agreed *agreed, int64_t folder, struct err *err)
{
	struct agreed sought = *agreed;

	sought.folder = folder;
	sought.uid = 0;
	sought.target = 0;
	sought.state = REMOTE_SENT;
	if (agreed_write(store, &sought, err) < 0)
		return -1;
	return remote_owe(store, agreed->message, err);
}

int remote_lost(struct store *store, const struct agreed *agreed, struct arena *arena, struct err *err)
{
	struct change_row row;
	int rc = agreed->message > 0 ? change_read(store, agreed->message, arena, &row, err) : 0;

	if (rc < 0)
		return -1;
	if (rc == 0 || row.folder <= FOLDER_ALL)
		return forget(store, agreed, err);
	if (agreed->target)
		return seek_in(store, agreed, agreed->target, err);
	if (remote_has_ours(agreed, &row))
		return remote_miss(store, agreed, &row, err);
	if (forget(store, agreed, err) < 0)
		return -1;
	return drop_row(store, &row, err);
}

/* --- what changed there --- */

struct applying {
	struct store *store;
	int64_t folder;
	struct remote_message *messages;
	bool has_strays;
	uint32_t *known; /* uids that rows have, rising */
	size_t known_count;
	size_t count;
	bool has_ids, is_rising; /* the newest comes last */
	struct row *rows;
};

/* Removed here, changed there: it comes back, as a new one. */
static int bring_back(struct store *store, const struct agreed *agreed, struct remote_message *message,
		      struct err *err)
{
	message->is_unknown = true;
	return forget(store, agreed, err);
}

static int apply_flags(struct store *store, const struct agreed *agreed, struct remote_message *message,
		       struct arena *arena, struct err *err)
{
	bool is_forwarded;
	const char *words = keywords_tidy(message->keywords, &is_forwarded, arena);
	unsigned flags = (message->flags & REMOTE_FLAGS) | (is_forwarded ? BOX_FORWARDED : 0u);
	struct change_row row;
	int rc;

	if (flags == agreed->flags && keywords_equal(words, agreed->keywords))
		return 0;
	rc = agreed->message > 0 ? change_read(store, agreed->message, arena, &row, err) : 1;
	if (rc < 0 || agreed->message < 0)
		return rc < 0 ? -1 : 0;
	if (rc == 0 || row.folder <= FOLDER_ALL)
		return bring_back(store, agreed, message, err);
	return remote_join(store, agreed, &row, flags, words, arena, err);
}

static int apply_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct applying *in = arg;
	struct remote_message *message = &in->messages[i];
	struct agreed agreed;
	int rc = agreed_by_uid(in->store, in->folder, message->uid, arena, &agreed, err);

	message->is_unknown = rc == 0 && !message->is_gone;
	if (rc != 1)
		return rc;
	if (message->is_gone)
		return remote_lost(in->store, &agreed, arena, err);
	return apply_flags(in->store, &agreed, message, arena, err);
}

int remote_apply(struct store *store, int64_t folder, struct remote_message *messages, size_t count,
		 struct err *err)
{
	struct applying in = {.store = store, .folder = folder, .messages = messages};

	return remote_each(store, count, apply_one, &in, err);
}

/* --- new ones --- */

int64_t remote_wire_size(const char *data, size_t len)
{
	int64_t size = (int64_t)len;

	for (const char *at = data; (at = memchr(at, '\n', len - (size_t)(at - data))); at++) {
		size += at == data || at[-1] != '\r';
		if ((size_t)(at - data) + 1 >= len)
			break;
	}
	return size;
}

const char *remote_unique(const char *wire, uint32_t uidvalidity, uint32_t uid, struct arena *arena)
{
	return arena_printf(arena, "%u-%u-%s", uidvalidity, uid, wire);
}

const char *remote_wire(struct store *store, int64_t folder, uint32_t *uidvalidity, struct arena *arena)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT wire, uidvalidity FROM remote_folder WHERE folder = ?");
	const char *wire = NULL;

	db_bind_int(stmt, 1, folder);
	if (db_step(stmt, NULL) == 1) {
		wire = arena_strdup(arena, db_text(stmt, 0));
		*uidvalidity = (uint32_t)db_int(stmt, 1);
	}
	db_reset(stmt);
	return wire;
}

/* A file that was fetched once and whose row was lost: its name tells. */
static int64_t find_by_name(struct store *store, int64_t folder, const struct remote_message *message,
			    struct arena *arena, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT m.id FROM message m INDEXED BY message_place WHERE m.place = ?1"
				" AND m.key >= ?2 AND m.key < ?3 AND m.is_copy = 0 AND m.is_away = 0"
				" AND m.folder > 0 AND NOT EXISTS"
				" (SELECT 1 FROM remote_message r WHERE r.message = m.id)");
	uint32_t uidvalidity = 0;
	const char *wire = remote_wire(store, folder, &uidvalidity, arena);
	struct buf from = BUF_INIT;
	int64_t id;

	if (!wire)
		return 0;
	buf_printf(&from, "%lld", (long long)message->received);
	maildir_name_mark(&from, remote_unique(wire, uidvalidity, message->uid, arena));
	db_bind_int(stmt, 1, folder);
	db_bind_text(stmt, 2, buf_str(&from));
	buf_add_char(&from, '\x7f');
	db_bind_text(stmt, 3, buf_str(&from));
	id = db_step_id(stmt, err);
	buf_free(&from);
	return id;
}

/* One that was sent to FOLDER, or known there by another uid. */
static int64_t find_sought(struct store *store, int64_t folder, const struct remote_message *message,
			   const struct row *row, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db,
	    row->mid ? "SELECT r.message FROM message m CROSS JOIN remote_message r ON r.message = m.id"
		       " WHERE m.mid = ?3 AND r.folder = ?1 AND r.size = ?2 AND r.uid < 1"
		       " ORDER BY r.message LIMIT 1"
		     : "SELECT r.message FROM remote_message r CROSS JOIN message m ON m.id = r.message"
		       " WHERE r.folder = ?1 AND r.size = ?2 AND r.uid < 1 AND m.mid = ?3"
		       " AND m.date = ?4 ORDER BY r.message LIMIT 1");

	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, message->size);
	db_bind_int(stmt, 3, row->mid);
	if (!row->mid)
		db_bind_int(stmt, 4, row->date);
	return db_step_id(stmt, err);
}

static int64_t find_moved(struct store *store, int64_t folder, const struct remote_message *message,
			  const struct row *row, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT r.message FROM remote_message r JOIN message m ON m.id = r.message"
				" WHERE r.target = ?1 AND r.target > 0 AND r.size = ?2 AND m.mid = ?3"
				" AND (m.mid <> 0 OR m.date = ?4) ORDER BY r.message LIMIT 1");

	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, message->size);
	db_bind_int(stmt, 3, row->mid);
	db_bind_int(stmt, 4, row->date);
	return db_step_id(stmt, err);
}

/* Servers that write into what they are given: the Message-ID of what was sent must do. */
static int64_t find_sent(struct store *store, int64_t folder, const struct row *row, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT m.id FROM message m CROSS JOIN remote_message r ON r.message = m.id"
				" WHERE m.mid = ?2 AND r.folder = ?1 AND r.uid < 1 AND r.state IN (1, 5) LIMIT 1");

	if (!row->mid)
		return 0;
	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, row->mid);
	return db_step_id(stmt, err);
}

static bool has_wire_size(struct store *store, int64_t id, int64_t size)
{
	struct box_message bytes;
	bool has;

	if (store_message_open(store, id, &bytes, NULL) < 0)
		return false;
	has = remote_wire_size(bytes.data, bytes.len) == size || (int64_t)bytes.len == size;
	box_message_close(&bytes);
	return has;
}

#define STRAYS 20 /* alike, of which one may be it */

/* One of which nothing was agreed on: the index was lost. */
static int64_t find_stray(struct store *store, int64_t folder, const struct remote_message *message,
			  const struct row *row, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, row->mid ? "SELECT m.id FROM message m WHERE m.mid = ?2"
				  " AND +m.folder = ?1 AND m.is_away = 0 AND m.is_copy = 0 AND NOT EXISTS"
				  " (SELECT 1 FROM remote_message r WHERE r.message = m.id) LIMIT 20"
				: "SELECT m.id FROM message m INDEXED BY message_date WHERE m.date = ?3"
				  " AND m.folder = ?1 AND m.mid = ?2 AND m.is_away = 0 AND m.is_copy = 0"
				  " AND NOT EXISTS (SELECT 1 FROM remote_message r WHERE r.message = m.id)"
				  " LIMIT 20");
	int64_t ids[STRAYS];
	size_t count = 0;
	int rc;

	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, row->mid);
	if (!row->mid)
		db_bind_int(stmt, 3, row->date);
	while ((rc = db_step(stmt, err)) == 1 && count < STRAYS)
		ids[count++] = db_int(stmt, 0);
	db_reset(stmt);
	for (size_t i = 0; rc >= 0 && i < count; i++)
		if (has_wire_size(store, ids[i], message->size))
			return ids[i];
	return rc < 0 ? -1 : 0;
}

static int64_t find_same(struct store *store, int64_t folder, const struct remote_message *message,
			 const struct row *row, struct arena *arena, struct err *err)
{
	int64_t id = find_by_name(store, folder, message, arena, err);

	if (id == 0)
		id = find_sought(store, folder, message, row, err);
	if (id == 0)
		id = find_moved(store, folder, message, row, err);
	if (id == 0)
		id = find_sent(store, folder, row, err);
	if (id == 0)
		id = find_sought(store, 0, message, row, err); /* missed elsewhere */
	if (id == 0)
		id = find_stray(store, folder, message, row, err);
	return id;
}

static bool went_from_here(enum remote_message_state state)
{
	return state == REMOTE_SENT || state == REMOTE_SENT_NOW || state == REMOTE_OURS;
}

int remote_match(struct store *store, int64_t folder, const struct remote_message *message,
		 const struct row *row, unsigned flags, const char *words, struct arena *arena,
		 struct err *err)
{
	int64_t id = find_same(store, folder, message, row, arena, err);
	struct agreed agreed;
	struct change_row ours;
	int rc;

	if (id <= 0)
		return id < 0 ? -1 : 0;
	rc = agreed_of(store, id, arena, &agreed, err);
	if (rc < 0 || change_read(store, id, arena, &ours, err) < 0)
		return -1;
	if (rc == 1 && agreed.uid && agreed_leave(store, &agreed, true, err) < 0)
		return -1;
	if (rc == 1 && remote_is_missed(&agreed) && remote_follow(store, &agreed, folder, arena, &ours, err) < 0)
		return -1;
	if (rc == 0) /* nobody knows who changed what: nothing is taken away */
		agreed = (struct agreed){.message = id,
					 .flags = flags & ours.flags,
					 .keywords = keywords_join("", "", "", arena),
					 .state = REMOTE_SENT};
	agreed.folder = folder;
	agreed.uid = message->uid;
	agreed.size = message->size;
	agreed.target = 0;
	agreed.state = went_from_here(agreed.state) ? REMOTE_OURS : REMOTE_AGREED;
	if (remote_run(store, "DELETE FROM remote_copy WHERE message = ?1 AND ?2 = 0", id, 0, err) < 0 ||
	    agreed_write(store, &agreed, err) < 0 || remote_note_same(store, id, message, err) < 0)
		return -1;
	if (ours.folder <= FOLDER_ALL)
		return remote_owe(store, id, err) < 0 ? -1 : 1;
	return remote_join(store, &agreed, &ours, flags, words, arena, err) < 0 ? -1 : 1;
}

int remote_insert(struct store *store, int64_t folder, const struct remote_message *message, struct row *row,
		  unsigned flags, const char *words, struct arena *arena, struct err *err)
{
	struct agreed agreed = {.folder = folder,
				.uid = message->uid,
				.flags = flags,
				.keywords = words,
				.size = message->size};
	struct change_row made;

	if (!row->id)
		row->id = store_new_ids(store, 1, err);
	agreed.message = row->id;
	row->folder = folder;
	if (row->id < 0 || agreed_add(store, &agreed, err) < 0 || row_insert(store, row, err) < 0 ||
	    remote_note_same(store, row->id, message, err) < 0)
		return -1;
	if (!*words)
		return 0;
	made = (struct change_row){.id = row->id, .folder = folder};
	if (change_write_tags(store, &made, keywords_into_tags("", words, arena), err) < 0)
		return -1;
	return remote_strike(store, row->id, err);
}

void remote_row(struct store *store, const struct remote_message *message, bool is_first, struct arena *arena,
		struct row *row)
{
	struct box_message bytes = {.data = message->header.data, .len = message->header.len};
	struct box_entry entry = {.key = "", .received = message->received, .flags = message->flags};

	row_read(store->account, &bytes, &entry, arena, row);
	row->size = message->size;
	row->has_attachment = message->has_attachment;
	row->is_away = true;
	row->file_flags = 0;
	row->flags = message->flags & REMOTE_FLAGS;
	if (!is_first && !row->flags)
		row->flags = BOX_RECENT;
}

/* The newest get the highest. */
static int give_ids(struct applying *in, struct err *err)
{
	int64_t first = store_new_ids(in->store, (int64_t)in->count, err);

	if (first < 0)
		return -1;
	for (size_t i = 0; i < in->count; i++)
		in->rows[i].id = first + (int64_t)(in->is_rising ? i : in->count - 1 - i);
	in->has_ids = true;
	return in->is_rising ? row_join(in->store, in->rows, in->count, err) : 0;
}

static int by_uid(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Of one that is told twice the first is. */
static bool is_known(const struct applying *in, size_t i)
{
	uint32_t uid = in->messages[i].uid;

	return (i && in->messages[i - 1].uid == uid) ||
	       (in->known_count && bsearch(&uid, in->known, in->known_count, sizeof uid, by_uid));
}

static int head_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct applying *in = arg;
	struct remote_message *message = &in->messages[i];
	struct row *row = &in->rows[i];
	struct agreed agreed;
	bool is_forwarded;
	const char *words = keywords_tidy(message->keywords, &is_forwarded, arena);
	unsigned flags = (message->flags & REMOTE_FLAGS) | (is_forwarded ? BOX_FORWARDED : 0u);
	int rc = is_known(in, i) ? agreed_by_uid(in->store, in->folder, message->uid, arena, &agreed, err) : 0;

	if (rc == 1)
		return apply_flags(in->store, &agreed, message, arena, err);
	if (rc == 0 && !in->has_ids)
		rc = give_ids(in, err);
	if (rc == 0 && in->has_strays)
		rc = remote_match(in->store, in->folder, message, row, flags, words, arena, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	if (is_forwarded)
		row->flags = flags;
	row->place = in->folder;
	return remote_insert(in->store, in->folder, message, row, flags, words, arena, err);
}

/* Only whoever asks the server gives uids: what none has now none has later. */
static int read_known(struct applying *in, struct err *err)
{
	uint32_t first = UINT32_MAX, last = 0;

	for (size_t i = 0; i < in->count; i++) {
		first = in->messages[i].uid < first ? in->messages[i].uid : first;
		last = in->messages[i].uid > last ? in->messages[i].uid : last;
	}
	return remote_uids(in->store, in->folder, first, last, &in->known, &in->known_count, err);
}

/* A server may give the uids of two commands in turn: what is known between them says nothing. */
static bool knows_any(const struct applying *in)
{
	for (size_t i = 0; i < in->count; i++)
		if (is_known(in, i))
			return true;
	return false;
}

/* Thousands are written behind each other in all indexes, if none of them may be here already. */
static void turn(struct applying *in, struct arena *arena)
{
	struct remote_message *messages;

	in->is_rising = in->store->bulk && !in->has_strays && !knows_any(in);
	if (!in->is_rising)
		return;
	messages = ARENA_ARRAY(arena, struct remote_message, in->count + 1);
	for (size_t i = 0; i < in->count; i++)
		messages[i] = in->messages[in->count - 1 - i];
	in->messages = messages;
}

int remote_headers(struct store *store, int64_t folder, const struct remote_message *messages, size_t count,
		   bool is_first, struct err *err)
{
	struct arena *arena = arena_new();
	struct applying in = {.store = store,
			      .folder = folder,
			      .messages = (struct remote_message *)messages,
			      .count = count,
			      .rows = ARENA_ARRAY(arena, struct row, count + 1)};
	int rc = remote_has_strays(store, folder, err);

	in.has_strays = rc == 1;
	if (rc >= 0)
		rc = read_known(&in, err);
	turn(&in, arena);
	for (size_t i = 0; rc >= 0 && i < count; i++)
		remote_row(store, &in.messages[i], is_first, arena, &in.rows[i]);
	if (rc >= 0)
		rc = remote_each(store, count, head_one, &in, err);
	free(in.known);
	arena_free(&arena);
	return rc;
}

static int64_t rows_here(struct store *store, struct err *err)
{
	return db_step_id(db_query(store->db, "SELECT ifnull(max(id) - min(id), 0) FROM message"), err);
}

/* Each row has its place in eleven indexes that only sorted views read: made at once in the end they cost a
 * fifth. With many rows here already that would not pay. */
static int begin_flood(struct store *store, int64_t rows, int64_t count, struct err *err)
{
	if (store->is_flooded)
		return 0;
	store->is_flooded = true;
	if (db_exec(store->db, FLOOD_SETTINGS, err) < 0)
		return -1;
	return rows * 2 < count ? index_drop_sorted(store, err) : 0;
}

int remote_expect_many(struct store *store, size_t count, struct err *err)
{
	int64_t rows = rows_here(store, err);

	if (rows < 0)
		return -1;
	if (rows < BULK_ROWS && rows < BULK_TIMES * (int64_t)count && bulk_begin(store, err) < 0)
		return -1;
	return begin_flood(store, rows, (int64_t)count, err);
}

int remote_filled(struct store *store, struct err *err)
{
	int rc = store->bulk ? bulk_finish(store, err) : 0;

	bulk_end(store);
	return rc;
}

int remote_many_came(struct store *store, struct err *err)
{
	if (!store->is_flooded)
		return 0;
	store->is_flooded = false;
	store->may_lack_orders = true;
	return db_exec(store->db, "PRAGMA shrink_memory", err);
}

int remote_order(struct store *store, struct err *err)
{
	int rc;

	if (!store->may_lack_orders)
		return 0;
	rc = index_make_sorted(store, err);
	store->may_lack_orders = rc > 0;
	return rc ? rc : db_exec(store->db, CALM_SETTINGS, err);
}

int remote_has_strays(struct store *store, int64_t folder, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT EXISTS (SELECT 1 FROM remote_message WHERE folder = ?1 AND uid < 1) OR"
		       " EXISTS (SELECT 1 FROM remote_message WHERE folder = 0 AND uid < 1) OR"
		       " EXISTS (SELECT 1 FROM remote_message WHERE target = ?1 AND target > 0) OR"
		       " EXISTS (SELECT 1 FROM remote_owed o CROSS JOIN message m ON m.id = o.message"
		       "  WHERE m.folder = ?1 AND NOT EXISTS"
		       "  (SELECT 1 FROM remote_message r WHERE r.message = m.id))");

	db_bind_int(stmt, 1, folder);
	return (int)db_step_id(stmt, err);
}

/* --- what was not found --- */

static int settle_one(struct store *store, const struct agreed *agreed, struct arena *arena, struct err *err)
{
	struct change_row row;
	int rc;

	if (agreed->state == REMOTE_LOST)
		return remote_rescue(store, agreed, arena, err) < 0 ? -1 : remote_lost(store, agreed, arena, err);
	rc = change_read(store, agreed->message, arena, &row, err);
	if (rc == 1 && row.folder > FOLDER_ALL && !row.is_away)
		return remote_miss_sent(store, agreed, err);
	if (rc < 0 || agreed_forget(store, agreed->message, err) < 0)
		return -1;
	if (rc == 0 || row.folder <= FOLDER_ALL)
		return remote_strike(store, agreed->message, err);
	return remote_owe(store, agreed->message, err);
}

static int settle_next(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct applying *in = arg;
	struct db_stmt *stmt = db_query(
	    in->store->db, "SELECT message FROM remote_message WHERE folder = ? AND uid < 1"
			       " AND message > 0 AND state <> 5 LIMIT 1");
	struct agreed agreed;
	int64_t id;

	(void)i;
	db_bind_int(stmt, 1, in->folder);
	id = db_step_id(stmt, err);
	if (id == 0)
		return remote_run(in->store,
				  "DELETE FROM remote_message WHERE folder = ?1 AND uid = ?2 AND message < 0",
				  in->folder, 0, err);
	if (id < 0 || agreed_of(in->store, id, arena, &agreed, err) != 1)
		return -1;
	return settle_one(in->store, &agreed, arena, err);
}

int remote_settle(struct store *store, int64_t folder, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT count(*) FROM remote_message WHERE folder = ? AND uid < 1");
	struct applying in = {.store = store, .folder = folder};
	int64_t count;

	db_bind_int(stmt, 1, folder);
	count = db_step_id(stmt, err);
	return count <= 0 ? (int)count : remote_each(store, (size_t)count + 1, settle_next, &in, err);
}

static int forget_some(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct applying *in = arg;

	(void)i;
	(void)arena;
	if (remote_run(in->store, "DELETE FROM remote_message WHERE message < 0 AND folder = ?1 AND ?2 = 0",
		       in->folder, 0, err) < 0)
		return -1;
	return remote_run(in->store,
			  "UPDATE remote_message SET uid = 0, state = 2 WHERE message IN"
			  " (SELECT message FROM remote_message WHERE folder = ?1 AND uid > ?2 LIMIT 100)",
			  in->folder, 0, err);
}

int remote_forget_uids(struct store *store, int64_t folder, struct err *err)
{
	struct applying in = {.store = store, .folder = folder};
	int64_t count = remote_known_count(store, folder, err);

	return count < 0 ? -1 : remote_each(store, (size_t)count / 100 + 1, forget_some, &in, err);
}
