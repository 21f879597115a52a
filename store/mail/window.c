/* One window of the index view. A view is a row of items (threads, or messages in a flat view) in
 * the order of (rank, date, id), each read by an index from a place on ("keyset"), never by
 * counting rows away; an item expands to the lines of its tree, or to one line when folded.
 *
 * What bounds the cost: a window reads as many items as it has lines. A thread of more than
 * TREE_MAX messages in the folder is not drawn as a tree but flat (its oldest message, below it all
 * others by date), so that it, too, is read by an index a piece at a time.
 *
 * A view limited by a query reads from the temporary tables of hits.c. */
#include "config.h"
#include "store/mail/store.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mail/hits.h"
#include "store/mail/query.h"
#include "store/mail/row.h"
#include "store/mail/store_inside.h"
#include "store/mail/tree.h"

#define TREE_MAX    1000 /* messages drawn as a tree */
#define ROOT_MAX    100	 /* to find the root of a folded thread by its tree */
#define ITEM_BATCH  64
#define FIND_BATCH  256
#define FEW_FOUND   500
#define FEW_FLAGGED 20000 /* so many are sorted sooner than all are walked over */

struct item {
	int64_t id, date; /* thread and its newest date; flat: the message */
	int64_t rank_number;
	const char *rank_text;
	int64_t count, unread;
};

struct line {
	int64_t id;
	unsigned flags;
	int depth, count, unread;
	bool is_last_child, is_folded;
	uint64_t rails;
	struct store_place place;
};

struct lines {
	struct line *items; /* in the arena */
	size_t count, cap;
};

struct looking {
	struct store *store;
	const struct store_view *view;
	struct arena *arena;
	struct err *err;
	bool by_found; /* few messages were found: a filter begins with them */
	const char *by_index; /* a filter takes only what stands in this one; or NULL */
};

static int begin(struct looking *look)
{
	if (!look->view->query)
		return 0;
	return hits_prepare(look->store, &look->store->limit, look->view, look->view->query,
			    look->err);
}

/* --- items in their order --- */

static const char *rank_of(const struct store_view *view)
{
	static const char *const threads[] = {"0",	"t.from_key",	  "t.subject_key",
					      "t.size", "(t.unread > 0)", "(t.flagged > 0)"};
	static const char *const messages[] = {
	    "0",      "t.from_key",	     "t.subject_key",
	    "t.size", "((t.flags & 1) = 0)", "((t.flags & 4) <> 0)"};

	return view->is_threaded ? threads[view->sort] : messages[view->sort];
}

static bool is_text_rank(const struct store_view *view)
{
	return view->sort == SORT_FROM || view->sort == SORT_SUBJECT;
}

static void add_from(const struct store_view *view, bool by_found, const char *by_index, struct buf *sql)
{
	const char *found = !by_found		? ""
			    : view->is_threaded ? "temp.found_t f CROSS JOIN "
						: "temp.found_m f CROSS JOIN ";
	const char *on = !by_found	     ? ""
			 : view->is_threaded ? " ON t.thread = f.thread"
					     : " ON t.id = f.id";
	bool all = !view->is_threaded && !view->query && !view->folder;
	const char *table = view->is_threaded ? (view->query ? "temp.limited_t" : "thread")
					      : (view->query ? "temp.limited_m" : "message");

	buf_printf(sql, " FROM %s%s t", found, table);
	if (by_index)
		buf_printf(sql, " INDEXED BY %s", by_index);
	if (by_index && all)
		buf_add_str(sql, " WHERE t.folder IN (SELECT id FROM folder)");
	else
		buf_printf(sql, "%s WHERE t.folder %s %lld", on, all ? ">" : "=", (long long)view->folder);
}

static void add_quoted(struct buf *sql, const char *text)
{
	buf_add_char(sql, '\'');
	for (; *text; text++)
		buf_add_str(sql, (char[]){*text, *text == '\'' ? '\'' : '\0', '\0'});
	buf_add_char(sql, '\'');
}

static void add_rank(const struct store_view *view, const struct item *item, struct buf *sql)
{
	if (is_text_rank(view))
		add_quoted(sql, item->rank_text);
	else
		buf_printf(sql, "%lld", (long long)item->rank_number);
}

struct step {
	const struct item *from; /* NULL: from the very first */
	bool is_same_rank;	 /* else those behind FROM's rank */
	bool backwards;
	const char *filter; /* or NULL */
	bool by_found;	    /* from the few that were found to the items */
	const char *by_index;
	size_t limit;
};

static void add_place(const struct looking *look, const struct step *step, bool newest_first,
		      bool rank_up, struct buf *sql)
{
	const struct store_view *view = look->view;

	if (!step->from)
		return;
	if (view->sort != SORT_DATE) {
		buf_printf(sql, " AND %s%s %s ", step->by_index ? "+" : "", rank_of(view),
			   step->is_same_rank ? "="
			   : rank_up	      ? ">"
					      : "<");
		add_rank(view, step->from, sql);
	}
	if (step->is_same_rank)
		buf_printf(sql, " AND (t.%s, t.%s) %s (%lld, %lld)",
			   view->is_threaded ? "latest" : "date",
			   view->is_threaded ? "thread" : "id", newest_first ? "<" : ">",
			   (long long)step->from->date, (long long)step->from->id);
}

static void add_order(const struct store_view *view, bool newest_first, bool rank_up, bool by_rank,
		      struct buf *sql)
{
	const char *way = newest_first ? "DESC" : "ASC";

	buf_add_str(sql, " ORDER BY ");
	if (by_rank)
		buf_printf(sql, "%s %s, ", rank_of(view), rank_up ? "ASC" : "DESC");
	buf_printf(sql, "t.%s %s, t.%s %s", view->is_threaded ? "latest" : "date", way,
		   view->is_threaded ? "thread" : "id", way);
}

static void build_step(const struct looking *look, const struct step *step, struct buf *sql)
{
	const struct store_view *view = look->view;
	bool newest_first = view->is_reversed == step->backwards;
	bool rank_up = is_text_rank(view) == newest_first;

	if (view->is_threaded)
		buf_add_str(sql, "SELECT t.thread, t.latest, t.count, t.unread, ");
	else
		buf_add_str(sql, "SELECT t.id, t.date, 1, (t.flags & 1) = 0, ");
	buf_add_str(sql, rank_of(view));
	add_from(view, step->by_found, step->by_index, sql);
	add_place(look, step, newest_first, rank_up, sql);
	if (step->filter)
		buf_printf(sql, " AND (%s)", step->filter);
	/* Of one rank: to name it would make SQLite sort what the index has in order. */
	add_order(view, newest_first, rank_up,
		  view->sort != SORT_DATE && !(step->from && step->is_same_rank), sql);
	buf_printf(sql, " LIMIT %zu", step->limit);
}

static void read_item(const struct looking *look, struct db_stmt *stmt, struct item *item)
{
	*item = (struct item){.id = db_int(stmt, 0),
			      .date = db_int(stmt, 1),
			      .count = db_int(stmt, 2),
			      .unread = db_int(stmt, 3)};
	if (is_text_rank(look->view))
		item->rank_text = arena_strdup(look->arena, db_text(stmt, 4));
	else
		item->rank_number = db_int(stmt, 4);
}

static int run_step(struct looking *look, const struct step *step, struct item *items,
		    size_t *count)
{
	struct buf sql = BUF_INIT;
	struct db_stmt *stmt;
	int rc;

	build_step(look, step, &sql);
	stmt = db_query_once(look->store->db, buf_str(&sql));
	buf_free(&sql);
	while ((rc = db_step(stmt, look->err)) == 1)
		read_item(look, stmt, &items[(*count)++]);
	db_finish(&stmt);
	return rc;
}

/* At most LIMIT items behind FROM into ITEMS. */
static int next_items(struct looking *look, const struct item *from, bool backwards,
		      const char *filter, size_t limit, struct item *items, size_t *count)
{
	struct step step = {.from = from,
			    .is_same_rank = true,
			    .backwards = backwards,
			    .filter = filter,
			    .by_found = look->by_found && filter,
			    .by_index = filter ? look->by_index : NULL};

	*count = 0;
	step.limit = limit;
	if (run_step(look, &step, items, count) < 0)
		return -1;
	if (*count == limit || !from || look->view->sort == SORT_DATE)
		return 0;
	step.is_same_rank = false;
	step.limit = limit - *count;
	return run_step(look, &step, items, count);
}

/* The item with ID. 1, 0 not in this view, -1. */
static int find_item(struct looking *look, int64_t id, struct item *item)
{
	struct buf sql = BUF_INIT;
	struct db_stmt *stmt;
	int rc;

	if (look->view->is_threaded)
		buf_printf(&sql, "SELECT t.thread, t.latest, t.count, t.unread, %s",
			   rank_of(look->view));
	else
		buf_printf(&sql, "SELECT t.id, t.date, 1, (t.flags & 1) = 0, %s",
			   rank_of(look->view));
	add_from(look->view, false, NULL, &sql);
	buf_printf(&sql, " AND t.%s = %lld", look->view->is_threaded ? "thread" : "id",
		   (long long)id);
	stmt = db_query_once(look->store->db, buf_str(&sql));
	buf_free(&sql);
	rc = db_step(stmt, look->err);
	if (rc == 1)
		read_item(look, stmt, item);
	db_finish(&stmt);
	return rc;
}

/* --- lines of an item --- */

static void add_line(struct looking *look, struct lines *lines, const struct line *line)
{
	if (lines->count == lines->cap) {
		size_t cap = lines->cap ? lines->cap * 2 : 32;
		struct line *more = ARENA_ARRAY(look->arena, struct line, cap);

		if (lines->count)
			memcpy(more, lines->items, lines->count * sizeof *more);
		lines->items = more;
		lines->cap = cap;
	}
	lines->items[lines->count++] = *line;
}

/* Which messages of a thread are in the view: ?1 thread, ?2 folder. The plus keeps SQLite from
 * reading the whole folder by its index. */
#define IN_FOLDER "message m WHERE m.thread = ?1 AND +m.folder = ?2"
#define IN_ALL	  "message m WHERE m.thread = ?1 AND +m.folder > ?2"
#define IN_LIMIT                                                                                   \
	"temp.limited_m l JOIN message m ON m.id = l.id WHERE l.thread = ?1 AND +l.folder = ?2"

static struct db_stmt *query_thread(struct looking *look, const char *const variants[3],
				    int64_t thread)
{
	const struct store_view *view = look->view;
	struct db_stmt *stmt = db_query(look->store->db, variants[view->query	 ? 2
								  : view->folder ? 0
										 : 1]);

	db_bind_int(stmt, 1, thread);
	db_bind_int(stmt, 2, view->folder);
	return stmt;
}

static int load_nodes(struct looking *look, const struct item *item, struct tree_node *nodes,
		      size_t *count)
{
	static const char *const sql[] = {
	    "SELECT m.id, m.mid, m.refs, m.flags FROM " IN_FOLDER " ORDER BY m.date, m.id LIMIT ?3",
	    "SELECT m.id, m.mid, m.refs, m.flags FROM " IN_ALL " ORDER BY m.date, m.id LIMIT ?3",
	    "SELECT m.id, m.mid, m.refs, m.flags FROM " IN_LIMIT " ORDER BY l.date, l.id LIMIT ?3",
	};
	struct db_stmt *stmt = query_thread(look, sql, item->id);
	int rc;

	*count = 0;
	db_bind_int(stmt, 3, item->count);
	while ((rc = db_step(stmt, look->err)) == 1)
		nodes[(*count)++] =
		    (struct tree_node){.id = db_int(stmt, 0),
				       .mid = db_int(stmt, 1),
				       .refs = arena_strdup(look->arena, db_text(stmt, 2)),
				       .flags = (unsigned)db_int(stmt, 3)};
	return rc;
}

static int tree_lines(struct looking *look, const struct item *item, struct lines *lines)
{
	struct tree_node *nodes =
	    ARENA_ARRAY(look->arena, struct tree_node, (size_t)item->count + 1);
	size_t count, *order;

	if (load_nodes(look, item, nodes, &count) < 0)
		return -1;
	order = tree_order(nodes, count, look->arena);
	for (size_t i = 0; i < count; i++) {
		const struct tree_node *node = &nodes[order[i]];

		add_line(look, lines,
			 &(struct line){.id = node->id,
					.flags = node->flags,
					.depth = node->depth,
					.is_last_child = node->is_last_child,
					.rails = node->rails});
	}
	return 0;
}

/* The oldest (or newest) message of a thread, or -1, 0 none. */
static int64_t end_of_thread(struct looking *look, int64_t thread, bool newest)
{
	static const char *const oldest_sql[] = {
	    "SELECT m.id FROM " IN_FOLDER " ORDER BY m.date, m.id LIMIT 1",
	    "SELECT m.id FROM " IN_ALL " ORDER BY m.date, m.id LIMIT 1",
	    "SELECT m.id FROM " IN_LIMIT " ORDER BY l.date, l.id LIMIT 1",
	};
	static const char *const newest_sql[] = {
	    "SELECT m.id FROM " IN_FOLDER " ORDER BY m.date DESC, m.id DESC LIMIT 1",
	    "SELECT m.id FROM " IN_ALL " ORDER BY m.date DESC, m.id DESC LIMIT 1",
	    "SELECT m.id FROM " IN_LIMIT " ORDER BY l.date DESC, l.id DESC LIMIT 1",
	};
	struct db_stmt *stmt = query_thread(look, newest ? newest_sql : oldest_sql, thread);
	int rc = db_step(stmt, look->err);
	int64_t id = rc == 1 ? db_int(stmt, 0) : rc;

	db_reset(stmt);
	return id;
}

/* A piece of a huge thread, flat: LIMIT lines behind FROM (0: from the end). */
static int flat_lines(struct looking *look, const struct item *item, int64_t from, bool backwards,
		      size_t limit, struct lines *lines)
{
	static const char *const up[] = {
	    "SELECT m.id, m.flags FROM " IN_FOLDER
	    " AND (m.date, m.id) > (SELECT date, id FROM message"
	    " WHERE id = ?3 UNION ALL SELECT -9223372036854775807, 0 LIMIT 1)"
	    " ORDER BY m.date, m.id LIMIT ?4",
	    "SELECT m.id, m.flags FROM " IN_ALL
	    " AND (m.date, m.id) > (SELECT date, id FROM message"
	    " WHERE id = ?3 UNION ALL SELECT -9223372036854775807, 0 LIMIT 1)"
	    " ORDER BY m.date, m.id LIMIT ?4",
	    "SELECT m.id, m.flags FROM " IN_LIMIT
	    " AND (l.date, l.id) > (SELECT date, id FROM message"
	    " WHERE id = ?3 UNION ALL SELECT -9223372036854775807, 0 LIMIT 1)"
	    " ORDER BY l.date, l.id LIMIT ?4",
	};
	static const char *const down[] = {
	    "SELECT m.id, m.flags FROM " IN_FOLDER
	    " AND (m.date, m.id) < (SELECT date, id FROM message"
	    " WHERE id = ?3 UNION ALL SELECT 9223372036854775807, 0 LIMIT 1)"
	    " ORDER BY m.date DESC, m.id DESC LIMIT ?4",
	    "SELECT m.id, m.flags FROM " IN_ALL
	    " AND (m.date, m.id) < (SELECT date, id FROM message"
	    " WHERE id = ?3 UNION ALL SELECT 9223372036854775807, 0 LIMIT 1)"
	    " ORDER BY m.date DESC, m.id DESC LIMIT ?4",
	    "SELECT m.id, m.flags FROM " IN_LIMIT
	    " AND (l.date, l.id) < (SELECT date, id FROM message"
	    " WHERE id = ?3 UNION ALL SELECT 9223372036854775807, 0 LIMIT 1)"
	    " ORDER BY l.date DESC, l.id DESC LIMIT ?4",
	};
	int64_t oldest = end_of_thread(look, item->id, false);
	int64_t newest = end_of_thread(look, item->id, true);
	struct db_stmt *stmt = query_thread(look, backwards ? down : up, item->id);
	int rc;

	if (oldest < 0 || newest < 0)
		return -1;
	db_bind_int(stmt, 3, from);
	db_bind_int(stmt, 4, (int64_t)limit);
	while ((rc = db_step(stmt, look->err)) == 1) {
		int64_t id = db_int(stmt, 0);

		add_line(look, lines,
			 &(struct line){.id = id,
					.flags = (unsigned)db_int(stmt, 1),
					.depth = id == oldest ? 0 : 1,
					.is_last_child = id == newest || id == oldest});
	}
	return rc;
}

static bool is_folded(const struct store_view *view, int64_t thread)
{
	bool listed = false;

	for (size_t i = 0; i < view->folded_count && !listed; i++)
		listed = view->folded[i] == thread;
	return view->fold_all != listed;
}

static int64_t newest_unread(struct looking *look, int64_t thread)
{
	static const char *const sql[] = {
	    "SELECT m.id FROM " IN_FOLDER
	    " AND (m.flags & 1) = 0 ORDER BY m.date DESC, m.id DESC LIMIT 1",
	    "SELECT m.id FROM " IN_ALL
	    " AND (m.flags & 1) = 0 ORDER BY m.date DESC, m.id DESC LIMIT 1",
	    "SELECT m.id FROM " IN_LIMIT
	    " AND (m.flags & 1) = 0 ORDER BY l.date DESC, l.id DESC LIMIT 1",
	};
	struct db_stmt *stmt = query_thread(look, sql, thread);
	int rc = db_step(stmt, look->err);
	int64_t id = rc == 1 ? db_int(stmt, 0) : rc;

	db_reset(stmt);
	return id;
}

static int64_t root_of(struct looking *look, const struct item *item)
{
	struct lines lines = {NULL, 0, 0};

	if (item->count > ROOT_MAX)
		return end_of_thread(look, item->id, false);
	if (tree_lines(look, item, &lines) < 0)
		return -1;
	return lines.count ? lines.items[0].id : 0;
}

/* The one line of a folded thread: its newest unread message, else its root. */
static int folded_line(struct looking *look, const struct item *item, struct lines *lines)
{
	int64_t id;

	if (item->unread && item->count > TREE_MAX)
		id = end_of_thread(look, item->id, true);
	else
		id = item->unread ? newest_unread(look, item->id) : 0;
	if (id == 0) /* also when the last unread one was read since they were counted */
		id = root_of(look, item);
	if (id > 0)
		add_line(look, lines,
			 &(struct line){.id = id, .is_last_child = true, .is_folded = true});
	return id < 0 ? -1 : 0;
}

static int whole_lines(struct looking *look, const struct item *item, struct lines *lines)
{
	if (!look->view->is_threaded) {
		add_line(look, lines, &(struct line){.id = item->id, .is_last_child = true});
		return 0;
	}
	if (is_folded(look->view, item->id))
		return folded_line(look, item, lines);
	return tree_lines(look, item, lines);
}

static size_t place_in(const struct lines *lines, int64_t id)
{
	for (size_t i = 0; i < lines->count; i++)
		if (lines->items[i].id == id)
			return i;
	return 0; /* folded away: its thread's line */
}

static void add_slice(struct looking *look, const struct lines *all, int64_t from, bool backwards,
		      size_t limit, struct lines *lines)
{
	size_t at = from ? place_in(all, from) : 0;

	if (backwards)
		for (size_t i = from ? at : all->count; i-- > 0 && limit; limit--)
			add_line(look, lines, &all->items[i]);
	else
		for (size_t i = from ? at + 1 : 0; i < all->count && limit; i++, limit--)
			add_line(look, lines, &all->items[i]);
}

static bool is_huge(const struct looking *look, const struct item *item)
{
	return look->view->is_threaded && item->count > TREE_MAX &&
	       !is_folded(look->view, item->id);
}

static void take_item(const struct item *item, struct line *line)
{
	line->count = (int)item->count;
	line->unread = (int)item->unread;
	line->place = (struct store_place){item->date, item->rank_number, item->rank_text};
}

/* At most LIMIT lines of ITEM behind its line FROM (0: all), in the order of walking. */
static int expand(struct looking *look, const struct item *item, int64_t from, bool backwards,
		  size_t limit, struct lines *lines)
{
	struct lines all = {NULL, 0, 0};
	size_t before = lines->count;

	if (is_huge(look, item)) {
		if (flat_lines(look, item, from, backwards, limit, lines) < 0)
			return -1;
	} else {
		if (whole_lines(look, item, &all) < 0)
			return -1;
		add_slice(look, &all, from, backwards, limit, lines);
	}
	for (size_t i = before; i < lines->count; i++)
		take_item(item, &lines->items[i]);
	return 0;
}

/* --- walking --- */

/* Lines of the items behind ITEM (NULL: from the end of the view), until there are WANTED. */
static int walk_on(struct looking *look, const struct item *item, bool backwards, size_t wanted,
		   struct lines *lines)
{
	struct item batch[ITEM_BATCH], last;
	size_t got;

	if (item)
		last = *item;
	while (lines->count < wanted) {
		size_t limit =
		    wanted - lines->count < ITEM_BATCH ? wanted - lines->count : ITEM_BATCH;

		if (next_items(look, item ? &last : NULL, backwards, NULL, limit, batch, &got) < 0)
			return -1;
		for (size_t i = 0; i < got && lines->count < wanted; i++)
			if (expand(look, &batch[i], 0, backwards, wanted - lines->count, lines) < 0)
				return -1;
		if (got < limit)
			return 0;
		last = batch[got - 1];
		item = &last;
	}
	return 0;
}

/* COUNT lines behind line FROM of ITEM (NULL: from the end of the view). */
static int walk(struct looking *look, const struct item *item, int64_t from, bool backwards,
		size_t count, struct lines *lines)
{
	size_t wanted = lines->count + count;

	if (item && expand(look, item, from, backwards, count, lines) < 0)
		return -1;
	return walk_on(look, item, backwards, wanted, lines);
}

static void reverse(struct lines *lines)
{
	for (size_t i = 0, j = lines->count; i + 1 < j; i++) {
		struct line line = lines->items[i];

		lines->items[i] = lines->items[--j];
		lines->items[j] = line;
	}
}

/* The item that message ANCHOR stands in. 1, 0 not in this view, -1. */
static int item_of(struct looking *look, int64_t anchor, struct item *item)
{
	struct db_stmt *stmt;
	int64_t thread = 0, folder = FOLDER_REMOVED;
	int rc;

	stmt = db_query(look->store->db, "SELECT thread, folder FROM message WHERE id = ?");
	db_bind_int(stmt, 1, anchor);
	rc = db_step(stmt, look->err);
	if (rc == 1) {
		thread = db_int(stmt, 0);
		folder = db_int(stmt, 1);
	}
	db_reset(stmt);
	if (rc != 1 || folder <= FOLDER_ALL || (look->view->folder && folder != look->view->folder))
		return rc < 0 ? -1 : 0;
	return find_item(look, look->view->is_threaded ? thread : anchor, item);
}

/* The line of ANCHOR itself. */
static int own_line(struct looking *look, const struct item *item, int64_t anchor,
		    struct lines *lines)
{
	struct lines all = {NULL, 0, 0};
	struct line line = {.id = anchor, .depth = 1};

	if (is_huge(look, item)) {
		line.is_last_child = anchor == end_of_thread(look, item->id, true);
		line.depth = anchor != end_of_thread(look, item->id, false);
	} else {
		if (whole_lines(look, item, &all) < 0)
			return -1;
		if (all.count == 0)
			return 0;
		line = all.items[place_in(&all, anchor)];
	}
	take_item(item, &line);
	add_line(look, lines, &line);
	return 0;
}

static int around(struct looking *look, const struct item *item, int64_t anchor, size_t count,
		  struct lines *lines)
{
	struct lines before = {NULL, 0, 0}, after = {NULL, 0, 0};
	size_t want_after, want_before;

	if (walk(look, item, anchor, true, count ? count - 1 : 0, &before) < 0 ||
	    walk(look, item, anchor, false, count ? count - 1 : 0, &after) < 0)
		return -1;
	want_before = count / 2 < before.count ? count / 2 : before.count;
	want_after = count - 1 - want_before;
	if (want_after > after.count) {
		want_after = after.count;
		want_before = count - 1 - want_after;
	}
	if (want_before > before.count)
		want_before = before.count;
	for (size_t i = want_before; i-- > 0;)
		add_line(look, lines, &before.items[i]);
	if (own_line(look, item, anchor, lines) < 0)
		return -1;
	for (size_t i = 0; i < want_after; i++)
		add_line(look, lines, &after.items[i]);
	return 0;
}

static int window_lines(struct looking *look, enum store_from from, int64_t anchor, size_t count,
			struct lines *lines)
{
	bool backwards = from == FROM_LAST || from == FROM_BEFORE;
	struct item item;
	int rc;

	if (from == FROM_FIRST || from == FROM_LAST) {
		rc = walk(look, NULL, 0, backwards, count, lines);
	} else {
		rc = item_of(look, anchor, &item);
		if (rc != 1)
			return rc;
		rc = from == FROM_AROUND ? around(look, &item, anchor, count, lines)
					 : walk(look, &item, anchor, backwards, count, lines);
	}
	if (rc == 0 && backwards)
		reverse(lines);
	return rc;
}

static int fill_message(struct looking *look, const struct line *line, struct message *message)
{
	int rc = store_message(look->store, line->id, look->arena, message, look->err);

	if (rc != 1)
		return rc;
	message->depth = line->depth;
	message->is_last_child = line->is_last_child;
	message->rails = line->rails;
	message->thread_count = line->count;
	message->thread_unread = line->unread;
	message->place = line->place;
	return 1;
}

static int fill_messages(struct looking *look, const struct lines *lines, struct message **rows,
			 size_t *row_count)
{
	*rows = ARENA_ARRAY(look->arena, struct message, lines->count + 1);
	*row_count = 0;
	for (size_t i = 0; i < lines->count; i++) {
		int rc = fill_message(look, &lines->items[i], &(*rows)[*row_count]);

		if (rc < 0)
			return -1;
		*row_count += (size_t)rc;
	}
	return 0;
}

/* All of one window sees the same state, whatever is written meanwhile. */
static int begin_reading(struct looking *look)
{
	return db_exec(look->store->db, "SAVEPOINT looking", look->err);
}

static void end_reading(struct looking *look)
{
	db_exec(look->store->db, "RELEASE looking", NULL);
}

int store_window(struct store *store, const struct store_view *view, enum store_from from,
		 int64_t anchor, size_t count, struct arena *arena, struct message **rows,
		 size_t *row_count, struct err *err)
{
	struct looking look = {.store = store, .view = view, .arena = arena, .err = err};
	struct lines lines = {NULL, 0, 0};
	int rc = -1;

	*row_count = 0;
	*rows = ARENA_ARRAY(arena, struct message, 1);
	if (count == 0)
		return 0;
	if (begin(&look) < 0 || begin_reading(&look) < 0)
		return -1;
	if (window_lines(&look, from, anchor, count, &lines) == 0)
		rc = fill_messages(&look, &lines, rows, row_count);
	end_reading(&look);
	return rc;
}

static struct item item_at(const struct store_place *place, bool is_later)
{
	return (struct item){.id = is_later ? INT64_MAX : 0,
			     .date = place->date,
			     .rank_number = place->number,
			     .rank_text = place->text ? place->text : ""};
}

int store_window_at(struct store *store, const struct store_view *view, enum store_from from,
		    const struct store_place *place, bool is_later, size_t count, struct arena *arena,
		    struct message **rows, size_t *row_count, struct err *err)
{
	struct looking look = {.store = store, .view = view, .arena = arena, .err = err};
	struct item item = item_at(place, is_later);
	struct lines lines = {NULL, 0, 0};
	int rc = -1;

	*row_count = 0;
	*rows = ARENA_ARRAY(arena, struct message, 1);
	if (count == 0)
		return 0;
	if (begin(&look) < 0 || begin_reading(&look) < 0)
		return -1;
	if (walk_on(&look, &item, from == FROM_BEFORE, count, &lines) == 0) {
		if (from == FROM_BEFORE)
			reverse(&lines);
		rc = fill_messages(&look, &lines, rows, row_count);
	}
	end_reading(&look);
	return rc;
}

/* --- in pieces --- */

void store_set_piece_ms(struct store *store, int ms)
{
	store->piece_ms = ms;
}

/* What is looked for has no order of its own. */
static int prepare_found(struct store *store, const struct store_view *view,
			 const struct query *query, struct err *err)
{
	struct store_view plain = {.folder = view->folder};

	return hits_prepare(store, &store->found, &plain, query, err);
}

int store_look(struct store *store, const struct store_view *view, const struct query *query,
	       struct err *err)
{
	struct store_hits *hits = query ? &store->found : &store->limit;
	int rc;

	if (!query && !view->query)
		return 0;
	rc = query ? prepare_found(store, view, query, err)
		   : hits_prepare(store, hits, view, view->query, err);
	return rc < 0 ? -1 : hits_more(store, hits, err);
}

enum store_looked store_looked(struct store *store, const struct store_view *view)
{
	if (!view->query || !store->piece_ms || hits_are_current(store, &store->limit))
		return LOOKED_ALL;
	return store->limit.is_whole || store->limit.was_whole ? LOOKED_BEFORE : LOOKED_SOME;
}

/* --- finding the next --- */

struct finding {
	const struct item *behind; /* a place of another store, instead of a message; or NULL */
	unsigned set, clear;
	bool by_hits;
	char *filter; /* which items to look into */
};

static int line_matches(struct looking *look, const struct finding *finding,
			const struct line *line)
{
	struct db_stmt *stmt;
	int rc;

	if (!finding->by_hits)
		return (line->flags & finding->set) == finding->set &&
		       !(line->flags & finding->clear);
	stmt = db_query(look->store->db, "SELECT 1 FROM temp.found_m WHERE id = ?");
	db_bind_int(stmt, 1, line->id);
	rc = db_step(stmt, look->err);
	db_reset(stmt);
	return rc;
}

/* ITEM passed the filter. A folded thread that does so is found by its one line. */
static int64_t find_in_item(struct looking *look, const struct finding *finding,
			    const struct item *item, int64_t from, bool backwards)
{
	for (;;) {
		struct lines lines = {NULL, 0, 0};

		if (expand(look, item, from, backwards, FIND_BATCH, &lines) < 0)
			return -1;
		for (size_t i = 0; i < lines.count; i++) {
			const struct line *line = &lines.items[i];
			int rc = line->is_folded || !look->view->is_threaded
				     ? 1
				     : line_matches(look, finding, line);

			if (rc)
				return rc < 0 ? -1 : line->id;
		}
		if (lines.count < FIND_BATCH)
			return 0;
		from = lines.items[lines.count - 1].id;
	}
}

static int64_t find_on(struct looking *look, const struct finding *finding, const struct item *item,
		       bool backwards)
{
	struct item batch[1], last;
	size_t got;

	for (;;) {
		int64_t id;

		if (next_items(look, item, backwards, finding->filter, 1, batch, &got) < 0)
			return -1;
		if (got == 0)
			return 0;
		id = find_in_item(look, finding, &batch[0], 0, backwards);
		if (id)
			return id;
		last = batch[0];
		item = &last;
	}
}

static int64_t find_from(struct looking *look, const struct finding *finding, int64_t from,
			 bool backwards)
{
	struct item item;
	int64_t id = 0;
	int rc = from ? item_of(look, from, &item) : 0;

	if (rc < 0)
		return -1;
	if (finding->behind)
		return find_on(look, finding, finding->behind, backwards);
	if (rc == 1 && look->view->is_threaded && !is_folded(look->view, item.id))
		id = find_in_item(look, finding, &item, from, backwards);
	return id ? id : find_on(look, finding, rc == 1 ? &item : NULL, backwards);
}

/* What threads count, and indexes have, of their messages. */
enum flag_kind { KIND_OTHER, KIND_UNREAD, KIND_FLAGGED };

static enum flag_kind kind_of(unsigned set, unsigned clear)
{
	if (!set && clear == BOX_SEEN)
		return KIND_UNREAD;
	return set == BOX_FLAGGED && !clear ? KIND_FLAGGED : KIND_OTHER;
}

static char *flags_filter(const struct store_view *view, unsigned set, unsigned clear)
{
	static const char *const threads[] = {[KIND_UNREAD] = "t.unread > 0", [KIND_FLAGGED] = "t.flagged > 0"};
	static const char *const messages[] = {[KIND_UNREAD] = "((t.flags & 1) = 0) = 1",
					       [KIND_FLAGGED] = "((t.flags & 4) <> 0) = 1"};
	enum flag_kind kind = kind_of(set, clear);

	if (kind != KIND_OTHER)
		return mem_strdup(view->is_threaded ? threads[kind] : messages[kind]);
	if (!view->is_threaded)
		return mem_printf("(t.flags & %u) = %u AND (t.flags & %u) = 0", set, set, clear);
	return mem_printf("%s%sEXISTS (SELECT 1 FROM message x WHERE x.thread = t.thread"
			  " AND +x.folder %s %lld AND (x.flags & %u) = %u AND (x.flags & %u) = 0)",
			  clear & BOX_SEEN ? "t.unread > 0 AND " : "", set & BOX_FLAGGED ? "t.flagged > 0 AND " : "",
			  view->folder ? "=" : ">", (long long)view->folder, set, set, clear);
}

/* Few of all that the view shows? Then to sort them costs less than to walk over all others. */
static bool is_few(struct looking *look, enum flag_kind kind)
{
	struct db_stmt *stmt = db_query(
	    look->store->db, "SELECT sum(CASE ?2 WHEN 1 THEN unread ELSE flagged END), sum(total) FROM folder"
			     " WHERE ?1 IN (0, id)");
	bool is;

	db_bind_int(stmt, 1, look->view->folder);
	db_bind_int(stmt, 2, kind);
	is = db_step(stmt, NULL) == 1 &&
	     (db_int(stmt, 0) <= FEW_FLAGGED || db_int(stmt, 0) <= db_int(stmt, 1) / 16);
	db_reset(stmt);
	return is;
}
_Static_assert(KIND_UNREAD == 1, "as the query has it");

static bool has_index(struct store *store, const char *name)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT 1 FROM sqlite_master WHERE name = ?");
	bool has;

	db_bind_text(stmt, 1, name);
	has = db_step(stmt, NULL) == 1;
	db_reset(stmt);
	return has;
}

/* The index in which only those stand that are looked for, in the order of dates; NULL: a walk over all is better. */
static const char *index_of_flags(struct looking *look, enum flag_kind kind)
{
	static const char *const threads[] = {[KIND_UNREAD] = "thread_has_unread",
					      [KIND_FLAGGED] = "thread_has_flagged"};
	static const char *const messages[] = {[KIND_UNREAD] = "message_unread", [KIND_FLAGGED] = "message_flagged"};
	const struct store_view *view = look->view;
	bool is_in_order = view->sort == SORT_DATE && (view->is_threaded || view->folder);
	const char *name = view->is_threaded ? threads[kind] : messages[kind];

	if (kind == KIND_OTHER || view->query || !has_index(look->store, name))
		return NULL;
	return is_in_order || is_few(look, kind) ? name : NULL;
}

static int64_t find(struct looking *look, struct finding *finding, int64_t from, bool backwards)
{
	int64_t id = -1;

	if (begin_reading(look) == 0) {
		id = find_from(look, finding, from, backwards);
		end_reading(look);
	}
	free(finding->filter);
	arena_free(&look->arena);
	return id;
}

static int64_t find_flags(struct store *store, const struct store_view *view, struct finding *finding,
			  int64_t from_id, bool backwards, struct err *err)
{
	struct looking look = {.store = store, .view = view, .err = err};

	if (begin(&look) < 0)
		return -1;
	look.arena = arena_new();
	finding->filter = flags_filter(view, finding->set, finding->clear);
	look.by_index = index_of_flags(&look, kind_of(finding->set, finding->clear));
	return find(&look, finding, from_id, backwards);
}

int64_t store_find_flags(struct store *store, const struct store_view *view, int64_t from_id,
			 bool backwards, unsigned set, unsigned clear, struct err *err)
{
	struct finding finding = {.set = set, .clear = clear};

	return find_flags(store, view, &finding, from_id, backwards, err);
}

int64_t store_find_flags_at(struct store *store, const struct store_view *view, const struct store_place *place,
			    bool is_later, bool backwards, unsigned set, unsigned clear, struct err *err)
{
	struct item item = item_at(place, is_later);
	struct finding finding = {.behind = &item, .set = set, .clear = clear};

	return find_flags(store, view, &finding, 0, backwards, err);
}

static int one_number(struct looking *look, const struct buf *sql, int64_t *number)
{
	struct db_stmt *stmt = db_query_once(look->store->db, buf_str(sql));
	int rc = db_step(stmt, look->err);

	if (rc == 1)
		*number = db_int(stmt, 0);
	db_finish(&stmt);
	return rc < 0 ? -1 : 0;
}

static bool is_few_found(struct looking *look)
{
	struct buf sql = BUF_INIT;
	int64_t count = 0;

	buf_add_str(&sql, "SELECT count(*) FROM temp.found_t");
	one_number(look, &sql, &count);
	buf_free(&sql);
	return count <= FEW_FOUND;
}

static int64_t find_hit(struct store *store, const struct store_view *view, struct finding *finding,
			int64_t from_id, bool backwards, const struct query *query, struct err *err)
{
	struct looking look = {.store = store, .view = view, .err = err};

	finding->by_hits = true;
	if (begin(&look) < 0 || prepare_found(store, view, query, err) < 0)
		return -1;
	look.by_found = is_few_found(&look);
	look.arena = arena_new();
	finding->filter =
	    mem_strdup(look.by_found	   ? "1"
		       : view->is_threaded ? "t.thread IN (SELECT thread FROM temp.found_t)"
					   : "t.id IN (SELECT id FROM temp.found_m)");
	return find(&look, finding, from_id, backwards);
}

int64_t store_find(struct store *store, const struct store_view *view, int64_t from_id,
		   bool backwards, const struct query *query, struct err *err)
{
	struct finding finding = {.by_hits = true};

	return find_hit(store, view, &finding, from_id, backwards, query, err);
}

int64_t store_find_at(struct store *store, const struct store_view *view, const struct store_place *place,
		      bool is_later, bool backwards, const struct query *query, struct err *err)
{
	struct item item = item_at(place, is_later);
	struct finding finding = {.behind = &item, .by_hits = true};

	return find_hit(store, view, &finding, 0, backwards, query, err);
}

int store_matching(struct store *store, const struct store_view *view, const struct query *query,
		   size_t limit, struct arena *arena, int64_t **ids, size_t *count,
		   struct err *err)
{
	struct looking look = {.store = store, .view = view, .arena = arena, .err = err};
	struct buf sql = BUF_INIT;
	struct db_stmt *stmt;
	int64_t found = 0;
	int rc;

	*count = 0;
	*ids = NULL;
	if (begin(&look) < 0 || prepare_found(store, view, query, err) < 0)
		return -1;
	buf_add_str(&sql, "SELECT count(*) FROM temp.found_m");
	rc = one_number(&look, &sql, &found);
	buf_clear(&sql);
	limit = (size_t)found < limit ? (size_t)found : limit;
	*ids = ARENA_ARRAY(arena, int64_t, limit + 1);
	buf_printf(&sql, "SELECT id FROM temp.found_m%s ORDER BY id LIMIT %zu",
		   view->query ? " WHERE id IN (SELECT id FROM temp.limited_m)" : "", limit);
	stmt = db_query_once(store->db, buf_str(&sql));
	while (rc == 0 && (rc = db_step(stmt, err)) == 1) {
		(*ids)[(*count)++] = db_int(stmt, 0);
		rc = 0;
	}
	db_finish(&stmt);
	buf_free(&sql);
	return rc;
}

/* --- the row at a place --- */

static int count_messages(struct looking *look, int64_t *messages)
{
	struct buf sql = BUF_INIT;
	int rc;

	if (look->view->query)
		buf_add_str(&sql, "SELECT count(*) FROM temp.limited_m");
	else if (look->view->folder)
		buf_printf(&sql, "SELECT total FROM folder WHERE id = %lld",
			   (long long)look->view->folder);
	else
		buf_add_str(&sql, "SELECT coalesce(sum(total), 0) FROM folder");
	*messages = 0;
	rc = one_number(look, &sql, messages);
	buf_free(&sql);
	return rc;
}

static int64_t rows_of(const struct looking *look, const struct item *item)
{
	return look->view->is_threaded && !is_folded(look->view, item->id) ? item->count : 1;
}

/* Row LEFT (from 0) of ITEM. */
static int64_t row_in_item(struct looking *look, const struct item *item, int64_t left)
{
	struct lines lines = {NULL, 0, 0};

	if (expand(look, item, 0, false, (size_t)left + 1, &lines) < 0)
		return -1;
	return lines.count ? lines.items[lines.count - 1].id : 0;
}

/* The items of the view, with as little of each as an index has. */
static struct db_stmt *query_places(const struct looking *look, bool backwards, int64_t skip)
{
	const struct store_view *view = look->view;
	bool newest_first = view->is_reversed == backwards;
	struct buf sql = BUF_INIT;
	struct db_stmt *stmt;

	buf_add_str(&sql, view->is_threaded ? "SELECT t.thread, t.count" : "SELECT t.id, 1");
	add_from(view, false, NULL, &sql);
	add_order(view, newest_first, is_text_rank(view) == newest_first, view->sort != SORT_DATE, &sql);
	if (skip)
		buf_printf(&sql, " LIMIT -1 OFFSET %lld", (long long)skip);
	stmt = db_query_once(look->store->db, buf_str(&sql));
	buf_free(&sql);
	return stmt;
}

/* Row LEFT (from 0) of the item that STMT stands at. */
static int64_t row_of_place(struct looking *look, struct db_stmt *stmt, int64_t left, bool backwards)
{
	struct item item;
	int rc = find_item(look, db_int(stmt, 0), &item);

	if (rc != 1)
		return rc;
	return row_in_item(look, &item, backwards ? rows_of(look, &item) - 1 - left : left);
}

/* Where each item is one row they need not be counted one by one. */
static int64_t skip_items(const struct looking *look, int64_t *left)
{
	const struct store_view *view = look->view;
	int64_t skip = *left;

	if (view->is_threaded && (!view->fold_all || view->folded_count))
		return 0;
	*left = 0;
	return skip;
}

/* Row LEFT from this end of the view; 0: it has not so many. */
static int64_t row_from(struct looking *look, int64_t left, bool backwards)
{
	int64_t skip = skip_items(look, &left), id = 0;
	struct db_stmt *stmt = query_places(look, backwards, skip);
	int rc;

	while ((rc = db_step(stmt, look->err)) == 1 && !id) {
		struct item item = {.id = db_int(stmt, 0), .count = db_int(stmt, 1)};

		if (left < rows_of(look, &item))
			id = row_of_place(look, stmt, left, backwards);
		left -= rows_of(look, &item);
	}
	db_finish(&stmt);
	return rc < 0 ? -1 : id;
}

/* How many rows there are, when that is known: then the nearer end is taken. */
static int64_t rows_known(struct looking *look)
{
	int64_t messages;

	if (look->view->is_threaded && (look->view->fold_all || look->view->folded_count))
		return 0;
	return count_messages(look, &messages) < 0 ? 0 : messages;
}

static int64_t row_at(struct looking *look, int64_t left)
{
	int64_t all = rows_known(look), id;

	if (left < all && left > all / 2)
		return row_from(look, all - 1 - left, true);
	id = left < all || !all ? row_from(look, left, false) : 0;
	return id ? id : row_from(look, 0, true); /* beyond the end: the last one */
}

int64_t store_row_at(struct store *store, const struct store_view *view, int64_t position,
		     struct err *err)
{
	struct looking look = {.store = store, .view = view, .err = err};
	int64_t id = -1;

	if (begin(&look) < 0)
		return -1;
	look.arena = arena_new();
	if (begin_reading(&look) == 0) {
		id = row_at(&look, position > 0 ? position - 1 : 0);
		end_reading(&look);
	}
	arena_free(&look.arena);
	return id;
}

/* --- counting --- */

/* Messages of all items before ITEM: by one index, read up to there. */
static int count_before(struct looking *look, const struct item *item, bool is_same_rank,
			int64_t *number)
{
	struct step step = {.from = item, .is_same_rank = is_same_rank, .backwards = true};
	const struct store_view *view = look->view;
	bool newest_first = view->is_reversed == step.backwards;
	struct buf sql = BUF_INIT;
	int rc;

	buf_printf(&sql, "SELECT coalesce(%s, 0)", view->is_threaded ? "sum(t.count)" : "count(*)");
	add_from(view, false, NULL, &sql);
	add_place(look, &step, newest_first, is_text_rank(view) == newest_first, &sql);
	rc = one_number(look, &sql, number);
	buf_free(&sql);
	return rc;
}

static int place_in_item(struct looking *look, const struct item *item, int64_t anchor,
			 int64_t *place)
{
	struct lines all = {NULL, 0, 0};

	*place = 0;
	if (!look->view->is_threaded || is_huge(look, item) || is_folded(look->view, item->id))
		return 0;
	if (whole_lines(look, item, &all) < 0)
		return -1;
	*place = (int64_t)place_in(&all, anchor);
	return 0;
}

static int position(struct looking *look, int64_t anchor, int64_t *position_of)
{
	int64_t same = 0, other = 0, inside;
	struct item item;
	int rc = item_of(look, anchor, &item);

	*position_of = 0;
	if (rc != 1)
		return rc;
	if (count_before(look, &item, true, &same) < 0 ||
	    place_in_item(look, &item, anchor, &inside) < 0)
		return -1;
	if (look->view->sort != SORT_DATE && count_before(look, &item, false, &other) < 0)
		return -1;
	*position_of = same + other + inside + 1;
	return 0;
}

int store_count(struct store *store, const struct store_view *view, int64_t *messages,
		int64_t *position_of, int64_t anchor, struct err *err)
{
	struct looking look = {.store = store, .view = view, .err = err};
	int rc = 0;

	if (begin(&look) < 0 || begin_reading(&look) < 0)
		return -1;
	look.arena = arena_new();
	if (messages)
		rc = count_messages(&look, messages);
	if (rc == 0 && position_of)
		rc = position(&look, anchor, position_of);
	arena_free(&look.arena);
	end_reading(&look);
	return rc;
}
