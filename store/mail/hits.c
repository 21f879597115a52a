#include "config.h"
#include "store/mail/hits.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/mail/fulltext.h"
#include "store/mail/query.h"
#include "store/mail/store_inside.h"

#define PIECE_FIRST  64
#define PIECE_MAX    2048
#define PIECE_LONG   2	 /* ms; the next piece is smaller */
#define FRESH_MS     300 /* after a pass: another one does not begin at once */
#define FRESH_BODIES_MS 30000
#define RECHECK_MAX  1000
#define FEW_MAX      2000 /* hits that may be looked at in one piece */

/* --- the tables --- */

/* "$" stands for the name. */
static void add_named(struct buf *sql, const char *text, const char *name)
{
	for (; *text; text++)
		if (*text == '$')
			buf_add_str(sql, name);
		else
			buf_add_char(sql, *text);
}

static const char tables[] =
    "DROP TABLE IF EXISTS temp.$_m; DROP TABLE IF EXISTS temp.$_t;"
    "DROP TABLE IF EXISTS temp.$_touched;"
    "CREATE TEMP TABLE $_m(id INTEGER PRIMARY KEY, folder, thread, date, flags, size, from_key,"
    " subject_key);"
    "CREATE TEMP TABLE $_t(thread INTEGER PRIMARY KEY, folder, latest, latest_id, count, unread,"
    " flagged, size, from_key, subject_key);"
    "CREATE TEMP TABLE $_touched(thread INTEGER PRIMARY KEY);"
    "CREATE INDEX temp.$_m_thread ON $_m(thread, date, id);"
    "CREATE INDEX temp.$_m_date ON $_m(folder, date, id);"
    "CREATE INDEX temp.$_t_latest ON $_t(folder, latest, thread);";

/* Only the order that is shown is kept in an index. */
static const char *const thread_orders[] = {
    [SORT_DATE] = "",
    [SORT_FROM] = "CREATE INDEX temp.$_order ON $_t(folder, from_key, latest DESC, thread DESC)",
    [SORT_SUBJECT] =
	"CREATE INDEX temp.$_order ON $_t(folder, subject_key, latest DESC, thread DESC)",
    [SORT_SIZE] = "CREATE INDEX temp.$_order ON $_t(folder, size, latest, thread)",
    [SORT_UNREAD] = "CREATE INDEX temp.$_order ON $_t(folder, (unread > 0), latest, thread)",
    [SORT_FLAGGED] = "CREATE INDEX temp.$_order ON $_t(folder, (flagged > 0), latest, thread)",
};
static const char *const message_orders[] = {
    [SORT_DATE] = "",
    [SORT_FROM] = "CREATE INDEX temp.$_order ON $_m(folder, from_key, date DESC, id DESC)",
    [SORT_SUBJECT] = "CREATE INDEX temp.$_order ON $_m(folder, subject_key, date DESC, id DESC)",
    [SORT_SIZE] = "CREATE INDEX temp.$_order ON $_m(folder, size, date, id)",
    [SORT_UNREAD] = "CREATE INDEX temp.$_order ON $_m(folder, ((flags & 1) = 0), date, id)",
    [SORT_FLAGGED] = "CREATE INDEX temp.$_order ON $_m(folder, ((flags & 4) <> 0), date, id)",
};

static int run_named(struct store *store, const struct store_hits *hits, const char *text,
		     const char *more, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	add_named(&sql, text, hits->name);
	add_named(&sql, more, hits->name);
	rc = db_exec(store->db, buf_str(&sql), err);
	buf_free(&sql);
	return rc;
}

static int set_order(struct store *store, struct store_hits *hits, const struct store_view *view,
		     struct err *err)
{
	const char *order = view->is_threaded ? thread_orders[view->sort]
					      : message_orders[view->sort];

	if (hits->order == order)
		return 0;
	hits->order = order;
	return run_named(store, hits, "DROP INDEX IF EXISTS temp.$_order;", order, err);
}

/* --- a piece --- */

/* Where a piece ends: the last message in it. */
struct edge {
	bool is_open; /* it goes down to the last */
	int64_t date, id;
};

/* Messages of one folder by date, by an index; those of all folders as they came. */
static int find_edge(struct store *store, const struct store_hits *hits, struct edge *edge,
		     struct err *err)
{
	struct buf sql = BUF_INIT;
	struct db_stmt *stmt;
	int rc;

	if (hits->folder)
		buf_printf(&sql, "SELECT date, id FROM message WHERE folder = %lld",
			   (long long)hits->folder);
	else
		buf_add_str(&sql, "SELECT 0, id FROM message WHERE 1");
	if (hits->is_begun && hits->folder)
		buf_printf(&sql, " AND (date, id) < (%lld, %lld)", (long long)hits->date,
			   (long long)hits->id);
	else if (hits->is_begun)
		buf_printf(&sql, " AND id < %lld", (long long)hits->id);
	buf_printf(&sql, " ORDER BY %sid DESC LIMIT 1 OFFSET %d", hits->folder ? "date DESC, " : "",
		   hits->piece - 1);
	stmt = db_query_once(store->db, buf_str(&sql));
	buf_free(&sql);
	rc = db_step(stmt, err);
	*edge = (struct edge){.is_open = rc != 1};
	if (rc == 1) {
		edge->date = db_int(stmt, 0);
		edge->id = db_int(stmt, 1);
	}
	db_finish(&stmt);
	return rc < 0 ? -1 : 0;
}

/* Rows of "message m" (or of NAME_m, as m) that the piece is about. */
static void add_range(const struct store_hits *hits, const struct edge *edge, bool is_message,
		      struct buf *sql)
{
	const char *place = hits->folder ? "(m.date, m.id)" : "m.id";

	buf_printf(sql, "m.folder %s %lld", is_message && !hits->folder ? ">" : "=",
		   (long long)hits->folder);
	if (hits->is_begun && hits->folder)
		buf_printf(sql, " AND %s < (%lld, %lld)", place, (long long)hits->date,
			   (long long)hits->id);
	else if (hits->is_begun)
		buf_printf(sql, " AND %s < %lld", place, (long long)hits->id);
	if (!edge->is_open && hits->folder)
		buf_printf(sql, " AND %s >= (%lld, %lld)", place, (long long)edge->date,
			   (long long)edge->id);
	else if (!edge->is_open)
		buf_printf(sql, " AND %s >= %lld", place, (long long)edge->id);
}

/* What the tables have of OLD rows goes, what matches among NEW rows comes; their threads follow. */
static int replace(struct store *store, const struct store_hits *hits, const char *old_rows,
		   const char *new_rows, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	add_named(&sql,
		  "SAVEPOINT hits; DELETE FROM temp.$_touched;"
		  "INSERT OR IGNORE INTO temp.$_touched SELECT m.thread FROM temp.$_m m WHERE ",
		  hits->name);
	buf_add_str(&sql, old_rows);
	add_named(&sql, "; DELETE FROM temp.$_m AS m WHERE ", hits->name);
	buf_add_str(&sql, old_rows);
	add_named(&sql, "; INSERT OR REPLACE INTO temp.$_m SELECT m.id, ", hits->name);
	buf_printf(&sql,
		   "%lld, m.thread, m.date, m.flags, m.size, m.from_key, m.subject_key"
		   " FROM message m WHERE %s AND ",
		   (long long)hits->folder, new_rows);
	buf_add_str(&sql, hits->condition);
	add_named(&sql,
		  "; INSERT OR IGNORE INTO temp.$_touched SELECT m.thread FROM temp.$_m m WHERE ",
		  hits->name);
	buf_add_str(&sql, old_rows);
	add_named(&sql,
		  "; DELETE FROM temp.$_t WHERE thread IN (SELECT thread FROM temp.$_touched);"
		  "INSERT INTO temp.$_t SELECT thread, folder, max(date), id, count(*),"
		  " sum((flags & 1) = 0), sum((flags & 4) <> 0), size, from_key, subject_key"
		  " FROM temp.$_m WHERE thread IN (SELECT thread FROM temp.$_touched) GROUP BY thread;"
		  "RELEASE hits",
		  hits->name);
	rc = db_exec(store->db, buf_str(&sql), err);
	if (rc < 0)
		db_exec(store->db, "ROLLBACK TO hits; RELEASE hits", NULL);
	buf_free(&sql);
	return rc;
}

/* The index names the few that can match: they are all that there is to look at. 1 done, 0 not so, -1. */
static int look_at_few(struct store *store, struct store_hits *hits, struct err *err)
{
	struct buf old_rows = BUF_INIT, new_rows = BUF_INIT;
	struct edge edge = {.is_open = true};
	int64_t *ids;
	size_t count;
	int rc = fulltext_candidates(store, hits->wishes, hits->wish_count, FEW_MAX, &ids, &count, err);

	if (rc == 1) {
		add_range(hits, &edge, false, &old_rows);
		add_range(hits, &edge, true, &new_rows);
		buf_add_str(&new_rows, " AND m.id IN (");
		for (size_t i = 0; i < count; i++)
			buf_printf(&new_rows, "%s%lld", i ? "," : "", (long long)ids[i]);
		buf_add_char(&new_rows, ')');
		rc = replace(store, hits, buf_str(&old_rows), buf_str(&new_rows), err) < 0 ? -1 : 1;
	}
	free(ids);
	buf_free(&old_rows);
	buf_free(&new_rows);
	if (rc == 1)
		hits->is_begun = hits->is_whole = true;
	return rc;
}

static int look_at_piece(struct store *store, struct store_hits *hits, struct err *err)
{
	struct buf old_rows = BUF_INIT, new_rows = BUF_INIT;
	struct edge edge;
	int rc = 0;

	if (!hits->is_begun && hits->wish_count) {
		rc = look_at_few(store, hits, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	rc = find_edge(store, hits, &edge, err);

	if (rc == 0) {
		add_range(hits, &edge, false, &old_rows);
		add_range(hits, &edge, true, &new_rows);
		rc = replace(store, hits, buf_str(&old_rows), buf_str(&new_rows), err);
	}
	buf_free(&old_rows);
	buf_free(&new_rows);
	if (rc < 0)
		return -1;
	hits->is_begun = true;
	hits->is_whole = edge.is_open;
	hits->date = edge.date;
	hits->id = edge.id;
	return 0;
}

/* --- passes --- */

static void begin_pass(struct store *store, struct store_hits *hits)
{
	bool must_read = hits->has_texts && !fulltext_is_ready(store);

	hits->version = store_version(store);
	hits->was_whole |= hits->is_whole;
	hits->is_whole = hits->is_begun = false;
	hits->piece = must_read ? 1 : PIECE_FIRST;
}

static void fit_piece(struct store_hits *hits, int64_t took)
{
	if (took > PIECE_LONG && hits->piece > 1)
		hits->piece /= took > 2 * PIECE_LONG ? 4 : 2;
	else if (took < PIECE_LONG && hits->piece < PIECE_MAX)
		hits->piece *= 2;
	if (hits->piece < 1)
		hits->piece = 1;
}

int hits_more(struct store *store, struct store_hits *hits, struct err *err)
{
	int64_t start = loop_now_ms(), now = start;

	if (hits->is_whole) /* whoever asks often does not put off the next pass */
		return 0;
	while (!hits->is_whole && (!store->piece_ms || now - start < store->piece_ms)) {
		int64_t before = now;

		if (look_at_piece(store, hits, err) < 0) {
			hits_free(hits);
			return -1;
		}
		now = loop_now_ms();
		fit_piece(hits, now - before);
	}
	if (hits->is_whole)
		hits->ended_ms = now;
	return !hits->is_whole;
}

static void take_wishes(struct store_hits *hits, const struct query *query)
{
	char *const *wishes = query_wishes(query, &hits->wish_count);

	hits->has_texts = query_needs_bodies(query);
	hits->wishes = mem_calloc(hits->wish_count + 1, sizeof *hits->wishes);
	for (size_t i = 0; i < hits->wish_count; i++)
		hits->wishes[i] = mem_strdup(wishes[i]);
}

static int begin_anew(struct store *store, struct store_hits *hits, const struct store_view *view,
		      const struct query *query, struct err *err)
{
	hits_free(hits);
	if (run_named(store, hits, tables, "", err) < 0 || query_prepare(store, query, err) < 0)
		return -1;
	hits->folder = view->folder;
	hits->condition = mem_strdup(query_sql(query));
	take_wishes(hits, query);
	begin_pass(store, hits);
	hits->fresh_ms = hits->piece == 1 ? FRESH_BODIES_MS : FRESH_MS;
	return 0;
}

bool hits_are_current(struct store *store, const struct store_hits *hits)
{
	return hits->is_whole && hits->version == store_version(store);
}

int hits_prepare(struct store *store, struct store_hits *hits, const struct store_view *view,
		 const struct query *query, struct err *err)
{
	char *key = mem_printf("%lld %s", (long long)view->folder, query_sql(query));
	int rc = 0;

	if (!hits->key || strcmp(hits->key, key) != 0) {
		rc = begin_anew(store, hits, view, query, err);
		hits->key = rc < 0 ? NULL : mem_strdup(key);
	} else if (hits->is_whole && hits->version != store_version(store) &&
		   (!store->piece_ms || loop_now_ms() - hits->ended_ms > hits->fresh_ms)) {
		begin_pass(store, hits);
	}
	free(key);
	if (rc == 0)
		rc = set_order(store, hits, view, err);
	if (rc == 0 && !store->piece_ms)
		rc = hits_more(store, hits, err);
	return rc;
}

void hits_recheck(struct store *store, struct store_hits *hits, const int64_t *ids, size_t count,
		  int64_t before)
{
	struct buf list = BUF_INIT, new_rows = BUF_INIT;

	if (!hits->key || count > RECHECK_MAX)
		return;
	buf_add_str(&list, "m.id IN (");
	for (size_t i = 0; i < count; i++)
		buf_printf(&list, "%s%lld", i ? "," : "", (long long)ids[i]);
	buf_add_char(&list, ')');
	buf_printf(&new_rows, "%s AND m.folder %s %lld", buf_str(&list), hits->folder ? "=" : ">",
		   (long long)hits->folder);
	if (replace(store, hits, buf_str(&list), buf_str(&new_rows), NULL) < 0)
		hits_free(hits);
	else if (hits->version == before)
		hits->version = store_version(store);
	buf_free(&list);
	buf_free(&new_rows);
}

void hits_free(struct store_hits *hits)
{
	const char *name = hits->name;

	free(hits->key);
	free(hits->condition);
	for (size_t i = 0; i < hits->wish_count; i++)
		free(hits->wishes[i]);
	free(hits->wishes);
	*hits = (struct store_hits){.name = name};
}
