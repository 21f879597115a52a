#include "config.h"
#include "store/mail/query_inside.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/mail/fulltext.h"
#include "store/mail/store_inside.h"

#define CANDIDATES_MAX 2000 /* named one by one */
#define CHUNK_FIRST    250  /* letters read before the first hits are told */
#define CHUNK_MAX      8000

/* Functions are there before a condition names one of them. */
int query_prepare(struct store *store, const struct query *query, struct err *err)
{
	return strstr(query->sql, "tern_") ? fulltext_prepare(store, err) : 0;
}

struct running {
	struct store *store;
	const struct query *query;
	int64_t folder;
	int (*each)(void *arg, int64_t id);
	void *arg;
	struct err *err;
};

static void add_folder(const struct running *running, struct buf *sql)
{
	if (running->folder)
		buf_printf(sql, "m.folder = %lld", (long long)running->folder);
	else
		buf_add_str(sql, "+m.folder > 0");
}

/* 1: EACH had enough. */
static int tell_hits(const struct running *running, const char *also)
{
	struct buf sql = BUF_INIT;
	struct db_stmt *stmt;
	int rc;

	buf_add_str(&sql, "SELECT m.id FROM message m WHERE ");
	add_folder(running, &sql);
	buf_printf(&sql, " AND %s AND %s ORDER BY m.date DESC, m.id DESC", also, running->query->sql);
	stmt = db_query_once(running->store->db, buf_str(&sql));
	buf_free(&sql);
	while ((rc = db_step(stmt, running->err)) == 1)
		if (running->each(running->arg, db_int(stmt, 0)) < 0)
			break;
	db_finish(&stmt);
	return rc;
}

static void add_ids(struct buf *sql, const int64_t *ids, size_t count)
{
	buf_add_str(sql, "m.id IN (");
	for (size_t i = 0; i < count; i++)
		buf_printf(sql, "%s%lld", i ? "," : "", (long long)ids[i]);
	buf_add_char(sql, ')');
}

/* Letters in the order in which hits are told. */
struct line {
	int64_t date, id;
};

static int list_lines(const struct running *running, struct line **lines, size_t *count)
{
	struct buf sql = BUF_INIT;
	struct db_stmt *stmt;
	size_t cap = 0;
	int rc;

	*lines = NULL;
	*count = 0;
	buf_add_str(&sql, "SELECT m.date, m.id FROM message m WHERE ");
	add_folder(running, &sql);
	buf_printf(&sql, " AND %s ORDER BY m.date DESC, m.id DESC",
		   running->query->quick ? running->query->quick : "1");
	stmt = db_query_once(running->store->db, buf_str(&sql));
	buf_free(&sql);
	while ((rc = db_step(stmt, running->err)) == 1) {
		ARRAY_ROOM(*lines, *count, cap);
		(*lines)[(*count)++] = (struct line){db_int(stmt, 0), db_int(stmt, 1)};
	}
	db_finish(&stmt);
	return rc;
}

/* Lines that are read together. */
struct chunk {
	const struct line *lines;
	size_t count;
	struct fulltext_reading *reading; /* NULL on error */
};

static struct chunk chunk_of(const struct running *running, const struct line *lines, size_t count)
{
	const struct query *query = running->query;
	struct chunk chunk = {lines, count, NULL};
	int64_t *ids = mem_calloc(count + 1, sizeof *ids);

	for (size_t i = 0; i < count; i++)
		ids[i] = lines[i].id;
	chunk.reading = fulltext_read_new(running->store, query->texts, query->text_count, ids, count, running->err);
	free(ids);
	return chunk;
}

static int tell_chunk(const struct running *running, const struct chunk *chunk)
{
	const struct line *first = chunk->lines, *last = first + chunk->count - 1;
	struct buf range = BUF_INIT;
	int rc;

	buf_printf(&range, "(m.date, m.id) <= (%lld, %lld) AND (m.date, m.id) >= (%lld, %lld)", (long long)first->date,
		   (long long)first->id, (long long)last->date, (long long)last->id);
	rc = tell_hits(running, buf_str(&range));
	buf_free(&range);
	return rc;
}

/* While those of one chunk are told those of the next are read, and it is known where those behind lie. */
static int run_chunks(const struct running *running, const struct line *lines, size_t count)
{
	size_t size = CHUNK_FIRST, at = count < size ? count : size;
	struct chunk now = chunk_of(running, lines, at), next;
	int rc = now.reading ? 0 : -1;

	if (rc == 0)
		fulltext_read_begin(now.reading);
	while (rc == 0 && now.count) {
		size = size * 2 < CHUNK_MAX ? size * 2 : CHUNK_MAX;
		next = chunk_of(running, lines + at, count - at < size ? count - at : size);
		at += next.count;
		fulltext_read_end(now.reading);
		fulltext_read_free(&now.reading);
		if (next.reading)
			fulltext_read_begin(next.reading);
		rc = tell_chunk(running, &now);
		now = next;
		if (rc == 0 && !now.reading)
			rc = -1;
	}
	fulltext_read_free(&now.reading);
	return rc;
}

/* Without an index: some letters are read by several processes, their hits told, then the next ones. */
static int run_by_reading(const struct running *running)
{
	struct line *lines;
	size_t count;
	int rc = list_lines(running, &lines, &count);

	if (rc == 0)
		rc = run_chunks(running, lines, count);
	free(lines);
	return rc;
}

static int run_by_candidates(const struct running *running, const int64_t *ids, size_t count)
{
	struct buf also = BUF_INIT;
	int rc;

	add_ids(&also, ids, count);
	rc = tell_hits(running, buf_str(&also));
	buf_free(&also);
	return rc;
}

int query_run(struct store *store, const struct query *query, int64_t folder,
	      int (*each)(void *arg, int64_t id), void *arg, struct err *err)
{
	struct running running = {store, query, folder, each, arg, err};
	int64_t *ids = NULL;
	size_t count = 0;
	int rc;

	if (query_prepare(store, query, err) < 0)
		return -1;
	rc = fulltext_candidates(store, query->wishes, query->wish_count, CANDIDATES_MAX, &ids, &count,
				 err);
	if (rc == 1)
		rc = run_by_candidates(&running, ids, count);
	else if (rc == 0 && query->needs_bodies && !fulltext_is_ready(store))
		rc = run_by_reading(&running);
	else if (rc == 0)
		rc = tell_hits(&running, "1");
	free(ids);
	return rc < 0 ? -1 : 0;
}
