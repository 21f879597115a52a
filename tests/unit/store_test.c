#include "config.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mail/fulltext.h"
#include "store/mail/query.h"
#include "store/mail/store_inside.h"
#include "tests/lib/temp.h"

#define NOBODY 65534

struct world {
	char *home;
	struct account account;
	struct store *store;
	struct arena *arena;
	struct err err;
	unsigned seed;
};

static void fine(struct world *w, bool ok)
{
	if (!ok)
		print_message("# said: %s\n", w->err.text);
	assert_true(ok);
}

static void reopen(struct world *w)
{
	store_close(&w->store);
	w->store = store_open(&w->account, NULL, &w->err);
	fine(w, w->store);
}

static int begin(void **state)
{
	struct world *w = mem_alloc(sizeof *w);
	char *box;

	w->home = temp_home("store");
	w->arena = arena_new();
	w->account.name = (char *)"home";
	w->account.kind = ACCOUNT_LOCAL;
	w->account.address = (char *)"me@localhost";
	w->account.path = path_in(PATH_MAIL, "home");
	fine(w, path_make_dirs(w->account.path, &w->err) == 0);
	box = path_join(w->account.path, "INBOX");
	fine(w, box_make(box, BOX_MAILDIR, &w->err) == 0);
	free(box);
	box = path_join(w->account.path, "Archive");
	fine(w, box_make(box, BOX_MAILDIR, &w->err) == 0);
	free(box);
	w->seed = 7;
	reopen(w);
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	store_close(&w->store);
	arena_free(&w->arena);
	temp_end(&w->home);
	free(w->account.path);
	free(w);
	return 0;
}

static int64_t folder_id(struct world *w, const char *name)
{
	struct folder folder;

	fine(w, store_folder_by_name(w->store, name, w->arena, &folder, &w->err) == 1);
	return folder.id;
}

static struct folder folder_of(struct world *w, const char *name)
{
	struct folder folder;

	fine(w, store_folder_by_name(w->store, name, w->arena, &folder, &w->err) == 1);
	return folder;
}

/* A letter N days into 2020, with id and references like "a" and "a b". */
static void put(struct world *w, const char *folder, int day, const char *id, const char *refs,
		unsigned flags)
{
	char *path = path_join(w->account.path, folder);
	struct box *box = box_open(path, false, &w->err);
	struct buf text = BUF_INIT;
	struct span rest = span_of(refs), piece;
	struct tm tm = {.tm_year = 120, .tm_mday = day + 1, .tm_hour = 12};
	time_t date = timegm(&tm);
	char when[64];

	fine(w, box);
	strftime(when, sizeof when, "%a, %d %b %Y %H:%M:%S +0000", gmtime(&date));
	buf_printf(
	    &text,
	    "From: Lena %s <lena@example.org>\nTo: me@localhost\nSubject: Say %s\nDate: %s\n", id,
	    id, when);
	buf_printf(&text, "Message-ID: <%s@x>\n", id);
	if (*refs)
		buf_add_str(&text, "References:");
	while (span_split(&rest, ' ', &piece))
		if (piece.len)
			buf_printf(&text, " <%.*s@x>", (int)piece.len, piece.data);
	buf_printf(&text, "%s\nhello %s\n", *refs ? "\n" : "", id);
	fine(w, box_deliver(box,
			    &(struct box_delivery){.data = buf_str(&text),
						   .len = text.len,
						   .fd = -1,
						   .flags = flags,
						   .received = date},
			    NULL, &w->err) == 0);
	box_close(&box);
	buf_free(&text);
	free(path);
}

static void index_all(struct world *w)
{
	fine(w, store_index(w->store, 0, NULL, NULL, &w->err) == 0);
}

static int64_t number(struct world *w, const char *sql)
{
	struct db_stmt *stmt = db_query_once(w->store->db, sql);
	int64_t n;

	fine(w, db_step(stmt, &w->err) == 1);
	n = db_int(stmt, 0);
	db_finish(&stmt);
	return n;
}

/* What is kept as messages come and go is what counting everything anew would give. */
static void check_counts(struct world *w)
{
	static const char *const wrong[] = {
	    "SELECT count(*) FROM (SELECT thread, folder, count(*), sum((flags & 1) = 0),"
	    " sum((flags & 4) <> 0), max(date) FROM message WHERE folder > 0 GROUP BY thread, "
	    "folder"
	    " EXCEPT SELECT thread, folder, count, unread, flagged, latest FROM thread WHERE "
	    "folder > 0)",
	    "SELECT count(*) FROM (SELECT thread, folder, count, unread, flagged, latest FROM "
	    "thread"
	    " WHERE folder > 0 EXCEPT SELECT thread, folder, count(*), sum((flags & 1) = 0),"
	    " sum((flags & 4) <> 0), max(date) FROM message WHERE folder > 0 GROUP BY thread, "
	    "folder)",
	    "SELECT count(*) FROM (SELECT thread, count(*), sum((flags & 1) = 0), sum((flags & 4) "
	    "<> 0),"
	    " max(date) FROM message WHERE folder > 0 GROUP BY thread"
	    " EXCEPT SELECT thread, count, unread, flagged, latest FROM thread WHERE folder = 0)",
	    "SELECT count(*) FROM (SELECT thread, count, unread, flagged, latest FROM thread WHERE "
	    "folder = 0"
	    " EXCEPT SELECT thread, count(*), sum((flags & 1) = 0), sum((flags & 4) <> 0), "
	    "max(date)"
	    " FROM message WHERE folder > 0 GROUP BY thread)",
	    "SELECT count(*) FROM thread t WHERE NOT EXISTS (SELECT 1 FROM message m WHERE"
	    " m.id = t.latest_id AND m.thread = t.thread AND m.date = t.latest AND m.size = t.size"
	    " AND m.subject_key = t.subject_key AND (t.folder = 0 OR m.folder = t.folder))",
	    "SELECT count(*) FROM folder f WHERE total <> (SELECT count(*) FROM message WHERE "
	    "folder = f.id)"
	    " OR unread <> (SELECT count(*) FROM message WHERE folder = f.id AND (flags & 1) = 0)"
	    " OR flagged <> (SELECT count(*) FROM message WHERE folder = f.id AND (flags & 4) <> "
	    "0)",
	    "SELECT count(*) FROM message m WHERE mid <> 0 AND"
	    " thread IS NOT (SELECT thread FROM ref WHERE hash = m.mid)",
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (number(w, wrong[i]) != 0)
			fail_msg("check %zu: %lld rows differ", i, (long long)number(w, wrong[i]));
}

static struct store_view threads_of(struct world *w, const char *folder)
{
	return (struct store_view){.folder = *folder ? folder_id(w, folder) : 0,
				   .is_threaded = true};
}

/* The window as text: "id:depth" with marks, in w->arena. */
static const char *window(struct world *w, const struct store_view *view, enum store_from from,
			  int64_t anchor, size_t count)
{
	struct message *rows;
	size_t n;
	struct buf out = BUF_INIT;
	const char *text;

	fine(w,
	     store_window(w->store, view, from, anchor, count, w->arena, &rows, &n, &w->err) == 0);
	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%s%.*s%s%s", i ? " " : "", rows[i].depth, "......",
			   rows[i].is_last_child && rows[i].depth ? "`" : "", rows[i].subject + 4);
	text = arena_strdup(w->arena, buf_str(&out));
	buf_free(&out);
	return text;
}

static int64_t id_of(struct world *w, const char *name)
{
	char *mid = mem_printf("%s@x", name);
	int64_t id = 0;

	fine(w, store_message_by_message_id(w->store, mid, &id, &w->err) == 1);
	free(mid);
	return id;
}

static void threads_are_trees_in_order(void **state)
{
	struct world *w = *state;
	struct store_view view;

	put(w, "INBOX", 1, "a", "", BOX_SEEN);
	put(w, "INBOX", 2, "b", "a", BOX_SEEN);
	put(w, "INBOX", 3, "c", "a", 0);
	put(w, "INBOX", 4, "d", "a b", BOX_SEEN | BOX_FLAGGED);
	put(w, "INBOX", 5, "lone", "", BOX_SEEN);
	put(w, "INBOX", 6, "p", "gone", BOX_SEEN);
	put(w, "INBOX", 7, "q", "gone", BOX_SEEN);
	put(w, "INBOX", 8, "r", "gone q", BOX_SEEN);
	index_all(w);
	check_counts(w);
	view = threads_of(w, "INBOX");
	assert_string_equal(window(w, &view, FROM_FIRST, 0, 20), "p .`q ..`r lone a .b ..`d .`c");
	assert_string_equal(window(w, &view, FROM_FIRST, 0, 2), "p .`q");
	assert_string_equal(window(w, &view, FROM_LAST, 0, 3), ".b ..`d .`c");
	assert_string_equal(window(w, &view, FROM_AFTER, id_of(w, "q"), 3), "..`r lone a");
	assert_string_equal(window(w, &view, FROM_BEFORE, id_of(w, "b"), 3), "..`r lone a");
	assert_string_equal(window(w, &view, FROM_AROUND, id_of(w, "lone"), 3), "..`r lone a");
	assert_string_equal(window(w, &view, FROM_AROUND, id_of(w, "p"), 3), "p .`q ..`r");
	assert_string_equal(window(w, &view, FROM_AROUND, id_of(w, "c"), 3), ".b ..`d .`c");
	view.is_reversed = true;
	assert_string_equal(window(w, &view, FROM_FIRST, 0, 20), "a .b ..`d .`c lone p .`q ..`r");
	view.is_reversed = false;
	view.fold_all = true;
	assert_string_equal(window(w, &view, FROM_FIRST, 0, 20), "p lone c");
	view.is_threaded = false;
	assert_string_equal(window(w, &view, FROM_FIRST, 0, 20), "r q p lone d c b a");
}

static void late_parents_join_threads(void **state)
{
	struct world *w = *state;
	struct store_view view;

	put(w, "INBOX", 2, "b", "a", BOX_SEEN);
	index_all(w);
	put(w, "INBOX", 4, "d", "c", BOX_SEEN);
	index_all(w);
	view = threads_of(w, "INBOX");
	assert_string_equal(window(w, &view, FROM_FIRST, 0, 9), "d b");
	put(w, "INBOX", 3, "c", "a b", BOX_SEEN);
	index_all(w);
	assert_string_equal(window(w, &view, FROM_FIRST, 0, 9), "b .`c ..`d");
	put(w, "Archive", 1, "a", "", BOX_SEEN);
	index_all(w);
	assert_string_equal(window(w, &view, FROM_FIRST, 0, 9), "b .`c ..`d");
	view = threads_of(w, "");
	assert_string_equal(window(w, &view, FROM_FIRST, 0, 9), "a .`b ..`c ...`d");
	check_counts(w);
}

static void every_sort_walks_the_same_both_ways(void **state)
{
	struct world *w = *state;
	static const char *const refs[] = {"", "x1", "x2 x3", "x4", ""};

	for (int i = 0; i < 60; i++) {
		char name[16];

		snprintf(name, sizeof name, "x%d", (i * 37) % 60);
		put(w, "INBOX", i % 25, name, refs[i % 5],
		    (unsigned)(i % 3 ? BOX_SEEN : 0) | (i % 7 ? 0 : BOX_FLAGGED));
	}
	index_all(w);
	check_counts(w);
	for (int sort = SORT_DATE; sort <= SORT_FLAGGED; sort++)
		for (int way = 0; way < 8; way++) {
			struct store_view view = threads_of(w, "INBOX");
			struct query *query = query_parse("is:read", 0, NULL);
			struct message *all, *page;
			size_t total, n, seen = 0;
			int64_t anchor = 0;

			view.sort = (enum store_sort)sort;
			view.is_reversed = way & 1;
			view.is_threaded = way & 2;
			view.query = way & 4 ? query : NULL;
			fine(w, store_window(w->store, &view, FROM_FIRST, 0, 100, w->arena, &all,
					     &total, &w->err) == 0);
			assert_int_equal(total, way & 4 ? 40 : 60);
			for (size_t i = 1; i <= total; i += 13)
				assert_int_equal(store_row_at(w->store, &view, (int64_t)i, &w->err),
						 all[i - 1].id);
			assert_int_equal(store_row_at(w->store, &view, 1000, &w->err),
					 all[total - 1].id);
			for (seen = 0; seen < total; seen += n) {
				fine(w,
				     store_window(w->store, &view, seen ? FROM_AFTER : FROM_FIRST,
						  anchor, 7, w->arena, &page, &n, &w->err) == 0);
				assert_true(n > 0);
				for (size_t i = 0; i < n; i++)
					assert_int_equal(page[i].id, all[seen + i].id);
				anchor = page[n - 1].id;
			}
			for (seen = total, anchor = 0; seen > 0; seen -= n) {
				int64_t position, messages;

				fine(w,
				     store_window(w->store, &view, anchor ? FROM_BEFORE : FROM_LAST,
						  anchor, 7, w->arena, &page, &n, &w->err) == 0);
				assert_true(n > 0);
				for (size_t i = 0; i < n; i++)
					assert_int_equal(page[i].id, all[seen - n + i].id);
				anchor = page[0].id;
				fine(w, store_count(w->store, &view, &messages, &position, anchor,
						    &w->err) == 0);
				assert_int_equal(messages, total);
				assert_int_equal(position, seen - n + 1);
			}
			query_free(&query);
		}
}

/* The row that a walk over the whole list finds, or 0. */
static int64_t next_by_walking(const struct message *all, size_t total, size_t from, bool backwards, unsigned set,
			       unsigned clear)
{
	for (size_t i = from; backwards ? i-- > 0 : ++i < total;)
		if ((all[i].flags & set) == set && !(all[i].flags & clear))
			return all[i].id;
	return 0;
}

static void check_next(struct world *w, const struct store_view *view)
{
	struct message *all;
	size_t total;

	fine(w, store_window(w->store, view, FROM_FIRST, 0, 100, w->arena, &all, &total, &w->err) == 0);
	for (size_t i = 0; i < total; i += 3)
		for (int what = 0; what < 8; what++) {
			unsigned set = what & 1 ? BOX_FLAGGED : 0, clear = what & 2 ? BOX_SEEN : 0;
			bool backwards = what & 4;

			assert_int_equal(store_find_flags(w->store, view, all[i].id, backwards, set, clear, &w->err),
					 next_by_walking(all, total, i, backwards, set, clear));
		}
}

/* By an index where there is one, by a walk where there is none: the same row. */
static void the_next_is_found_in_every_order(void **state)
{
	struct world *w = *state;
	static const char *const refs[] = {"", "x1", "x2 x3", "x4", ""};

	for (int i = 0; i < 60; i++) {
		char name[16];

		snprintf(name, sizeof name, "x%d", (i * 37) % 60);
		put(w, i % 4 ? "INBOX" : "Archive", i % 25, name, refs[i % 5],
		    (unsigned)(i % 6 ? BOX_SEEN : 0) | (i % 7 ? 0 : BOX_FLAGGED));
	}
	index_all(w);
	for (int round = 0; round < 2; round++) {
		for (int way = 0; way < 6 * 8; way++) {
			struct store_view view = threads_of(w, way & 1 ? "INBOX" : "");

			view.is_reversed = way & 2;
			view.is_threaded = way & 4;
			view.sort = (enum store_sort)(way / 8);
			check_next(w, &view);
		}
		while (store_index_orders(w->store, &w->err) == 1)
			;
	}
}

static void next_unread_is_found(void **state)
{
	struct world *w = *state;
	struct store_view view;
	struct query *query = query_parse("subject:b", 0, NULL);

	put(w, "INBOX", 1, "a", "", BOX_SEEN);
	put(w, "INBOX", 2, "b", "a", 0);
	put(w, "INBOX", 3, "c", "", BOX_SEEN);
	put(w, "INBOX", 4, "d", "", 0);
	index_all(w);
	view = threads_of(w, "INBOX"); /* d c a .b */
	assert_int_equal(store_find_flags(w->store, &view, 0, false, 0, BOX_SEEN, &w->err),
			 id_of(w, "d"));
	assert_int_equal(
	    store_find_flags(w->store, &view, id_of(w, "d"), false, 0, BOX_SEEN, &w->err),
	    id_of(w, "b"));
	assert_int_equal(
	    store_find_flags(w->store, &view, id_of(w, "b"), false, 0, BOX_SEEN, &w->err), 0);
	assert_int_equal(
	    store_find_flags(w->store, &view, id_of(w, "b"), true, 0, BOX_SEEN, &w->err),
	    id_of(w, "d"));
	assert_int_equal(store_find(w->store, &view, id_of(w, "d"), false, query, &w->err),
			 id_of(w, "b"));
	assert_int_equal(store_find(w->store, &view, id_of(w, "b"), false, query, &w->err), 0);
	view.is_threaded = false;
	assert_int_equal(store_find(w->store, &view, 0, false, query, &w->err), id_of(w, "b"));
	query_free(&query);
}

static void change(struct world *w, const char *name, struct store_change change, int64_t *undo)
{
	int64_t id = id_of(w, name);

	fine(w, store_change(w->store, &id, 1, &change, undo, &w->err) == 0);
	check_counts(w);
}

static void carry(struct world *w)
{
	fine(w, store_carry_out(w->store, &w->err) >= 0);
	check_counts(w);
	assert_int_equal(number(w, "SELECT count(*) FROM intent"), 0);
}

static int files_in(struct world *w, const char *folder)
{
	char *command = mem_printf("ls %s/%s/new %s/%s/cur | grep -c ^[0-9]", w->account.path,
				   folder, w->account.path, folder);
	FILE *out = popen(command, "r");
	int n = -1;

	assert_int_equal(fscanf(out, "%d", &n), 1);
	pclose(out);
	free(command);
	return n;
}

static void set_tmp_name(struct world *w, const char *from, const char *to)
{
	char *a = mem_printf("%s/Archive/%s", w->account.path, from);
	char *b = mem_printf("%s/Archive/%s", w->account.path, to);

	assert_int_equal(rename(a, b), 0);
	free(a);
	free(b);
}

/* Copied, then removed, while the copy cannot be written for now. */
static void a_file_stays_while_a_copy_is_owed(void **state)
{
	struct world *w = *state;
	struct store_change expunge = {.expunge = true};
	int64_t undo, id;

	put(w, "INBOX", 1, "a", "", 0);
	index_all(w);
	id = id_of(w, "a");
	set_tmp_name(w, "tmp", "away");
	change(w, "a", (struct store_change){.move_to = folder_id(w, "Archive"), .is_copy = true},
	       &undo);
	fine(w, store_change(w->store, &id, 1, &expunge, &undo, &w->err) == 0);
	assert_int_equal(store_carry_out(w->store, &w->err), -1);
	assert_int_equal(files_in(w, "INBOX"), 1);
	set_tmp_name(w, "away", "tmp");
	number(w, "UPDATE intent SET due = 0 RETURNING 1");
	carry(w);
	assert_int_equal(files_in(w, "INBOX"), 0);
	assert_int_equal(files_in(w, "Archive"), 1);
}

static void remove_tree(struct world *w, const char *folder)
{
	char *path = path_join(w->account.path, folder);

	temp_remove(path);
	free(path);
}

static void archive_each(struct world *w, int64_t *undo)
{
	int64_t archive = folder_id(w, "Archive");

	for (const char *name = "abcde"; *name; name++)
		change(w, (char[]){*name, '\0'}, (struct store_change){.move_to = archive}, undo);
}

static void put_five(struct world *w)
{
	for (int i = 0; i < 5; i++)
		put(w, "INBOX", i + 1, (char[]){(char)('a' + i), '\0'}, "", 0);
	index_all(w);
}

/* Moved, but not yet carried out, when another program removes where they were to go. */
static void a_folder_that_goes_takes_no_letter_that_lies_elsewhere(void **state)
{
	struct world *w = *state;
	int64_t undo;

	put_five(w);
	number(w, "UPDATE folder SET is_fresh = 0 WHERE is_indexed = 1 RETURNING 1");
	archive_each(w, &undo);
	change(w, "a", (struct store_change){.set = BOX_FLAGGED}, NULL);
	set_tmp_name(w, "tmp", "away");
	assert_int_equal(store_carry_out(w->store, &w->err), -1);
	remove_tree(w, "Archive");
	index_all(w);
	check_counts(w);
	assert_int_equal(files_in(w, "INBOX"), 5);
	assert_int_equal(folder_of(w, "INBOX").total, 5);
	assert_int_equal(folder_of(w, "INBOX").flagged, 1);
	number(w, "UPDATE intent SET due = 0 RETURNING 1"); /* its flag is still owed */
	carry(w);
	index_all(w);
	assert_int_equal(folder_of(w, "INBOX").flagged, 1);
}

/* A move came in the very moment when its target went; an older version left wishes behind. */
static void what_belongs_to_no_folder_comes_home(void **state)
{
	struct world *w = *state;

	put_five(w);
	archive_each(w, NULL);
	remove_tree(w, "Archive");
	number(w, "DELETE FROM folder WHERE name = 'Archive' RETURNING 1");
	number(w, "INSERT INTO intent(op, message, place, key) VALUES(1, 0, 77, 'k') RETURNING 1");
	assert_int_equal(folder_of(w, "INBOX").total, 0);
	index_all(w);
	check_counts(w);
	assert_int_equal(folder_of(w, "INBOX").total, 5);
	carry(w);
	assert_int_equal(files_in(w, "INBOX"), 5);
}

static void undo_puts_nothing_into_a_folder_that_is_gone(void **state)
{
	struct world *w = *state;
	int64_t undo, id;

	put(w, "Archive", 1, "a", "", 0);
	put(w, "Archive", 2, "b", "", 0);
	index_all(w);
	id = id_of(w, "a");
	change(w, "a", (struct store_change){.move_to = folder_id(w, "INBOX")}, &undo);
	carry(w);
	fine(w, store_folder_remove(w->store, folder_id(w, "Archive"), &w->err) == 0);
	assert_int_equal(store_undo(w->store, undo, &w->err), -1);
	check_counts(w);
	assert_int_equal(folder_of(w, "INBOX").total, 1);
	fine(w, store_change(w->store, &id, 1, &(struct store_change){.set = BOX_SEEN}, NULL, &w->err) == 0);
	carry(w);
	assert_int_equal(files_in(w, "INBOX"), 1);
}

/* What was wanted of a copy that was never made is wanted of nothing. */
static void a_copy_taken_back_leaves_the_original_alone(void **state)
{
	struct world *w = *state;
	int64_t undo, copy;

	put(w, "INBOX", 1, "a", "", 0);
	index_all(w);
	change(w, "a", (struct store_change){.move_to = folder_id(w, "Archive"), .is_copy = true}, &undo);
	copy = number(w, "SELECT id FROM message WHERE is_copy = 1");
	fine(w, store_change(w->store, &copy, 1, &(struct store_change){.set = BOX_FLAGGED}, NULL,
			     &w->err) == 0);
	fine(w, store_undo(w->store, undo, &w->err) == 0);
	carry(w);
	index_all(w);
	assert_int_equal(folder_of(w, "INBOX").flagged, 0);
}

static void changes_reach_the_files_and_can_be_undone(void **state)
{
	struct world *w = *state;
	struct box_message bytes;
	struct buf path = BUF_INIT;
	int64_t undo, archive;

	put(w, "INBOX", 1, "a", "", 0);
	put(w, "INBOX", 2, "b", "a", 0);
	index_all(w);
	archive = folder_id(w, "Archive");
	change(w, "a", (struct store_change){.set = BOX_SEEN | BOX_FLAGGED}, &undo);
	assert_int_equal(folder_of(w, "INBOX").unread, 1);
	carry(w);
	fine(w, store_message_path(w->store, id_of(w, "a"), &path, &w->err) == 0);
	assert_true(str_ends(buf_str(&path), ":2,FS"));
	fine(w, store_undo(w->store, undo, &w->err) == 0);
	assert_int_equal(folder_of(w, "INBOX").unread, 2);
	carry(w);

	change(w, "a", (struct store_change){.move_to = archive, .set = BOX_SEEN}, &undo);
	assert_int_equal(folder_of(w, "Archive").total, 1);
	fine(w, store_message_open(w->store, id_of(w, "a"), &bytes, &w->err) == 0);
	box_message_close(&bytes);
	index_all(w); /* knows of the move though the file is still there */
	assert_int_equal(folder_of(w, "INBOX").total, 1);
	carry(w);
	assert_int_equal(files_in(w, "Archive"), 1);
	assert_int_equal(files_in(w, "INBOX"), 1);
	index_all(w);
	assert_int_equal(folder_of(w, "Archive").total, 1);
	fine(w, store_undo(w->store, undo, &w->err) == 0);
	carry(w);
	assert_int_equal(files_in(w, "INBOX"), 2);
	index_all(w);
	check_counts(w);

	change(w, "b", (struct store_change){.move_to = archive, .is_copy = true}, &undo);
	assert_int_equal(folder_of(w, "Archive").total, 1);
	carry(w);
	assert_int_equal(files_in(w, "Archive"), 1);
	index_all(w);
	assert_int_equal(folder_of(w, "Archive").total, 1);
	fine(w, store_undo(w->store, undo, &w->err) == 0);
	carry(w);
	assert_int_equal(files_in(w, "Archive"), 0);

	change(w, "b", (struct store_change){.expunge = true}, &undo);
	index_all(w);
	assert_int_equal(folder_of(w, "INBOX").total, 1);
	fine(w, store_undo(w->store, undo, &w->err) == 0);
	assert_int_equal(folder_of(w, "INBOX").total, 2);
	change(w, "b", (struct store_change){.expunge = true}, &undo);
	carry(w);
	assert_int_equal(files_in(w, "INBOX"), 1);
	assert_int_equal(store_undo(w->store, undo, &w->err), -1);
	buf_free(&path);
}

static void tags_are_kept_and_found(void **state)
{
	struct world *w = *state;
	struct message message;
	int64_t undo, id;

	put(w, "INBOX", 1, "a", "", 0);
	index_all(w);
	id = id_of(w, "a");
	change(w, "a", (struct store_change){.add_tag = "work"}, &undo);
	change(w, "a", (struct store_change){.add_tag = "later"}, &undo);
	fine(w, store_message(w->store, id, w->arena, &message, &w->err) == 1);
	assert_string_equal(message.tags[0], "work");
	assert_string_equal(message.tags[1], "later");
	assert_null(message.tags[2]);
	fine(w, store_undo(w->store, undo, &w->err) == 0);
	change(w, "a", (struct store_change){.remove_tag = "work"}, NULL);
	fine(w, store_message(w->store, id, w->arena, &message, &w->err) == 1);
	assert_null(message.tags[0]);
	assert_int_equal(store_change(w->store, &id, 1,
				      &(struct store_change){.add_tag = "two words"}, NULL,
				      &w->err),
			 -1);
}

static void mv(struct world *w, const char *from, const char *to)
{
	char *command = mem_printf("cd %s && mv %s %s", w->account.path, from, to);

	assert_int_equal(system(command), 0);
	free(command);
}

static void is_tagged(struct world *w, const char *name, const char *folder, const char *tag)
{
	struct message message;

	index_all(w);
	check_counts(w);
	fine(w, store_message(w->store, id_of(w, name), w->arena, &message, &w->err) == 1);
	assert_int_equal(message.folder, folder_id(w, folder));
	assert_non_null(message.tags[0]);
	assert_string_equal(message.tags[0], tag);
	assert_int_equal(number(w, "SELECT count(*) FROM tag"), 1);
}

/* Moved by another program, or with its folder out of sight for one look. */
static void tags_come_back_with_their_letter(void **state)
{
	struct world *w = *state;

	put(w, "INBOX", 1, "a", "", 0);
	index_all(w);
	change(w, "a", (struct store_change){.add_tag = "work"}, NULL);
	mv(w, "INBOX/new/*", "Archive/cur/");
	is_tagged(w, "a", "Archive", "work");
	mv(w, "Archive/cur/*", "INBOX/cur/"); /* there it is found before it is missed */
	is_tagged(w, "a", "INBOX", "work");
	mv(w, "INBOX/cur/*", "Archive/cur/");
	is_tagged(w, "a", "Archive", "work");
	mv(w, "Archive", ".away");
	index_all(w);
	assert_int_equal(number(w, "SELECT count(*) FROM message"), 0);
	mv(w, ".away", "Archive");
	is_tagged(w, "a", "Archive", "work");
	assert_int_equal(number(w, "SELECT count(*) FROM lost_tags"), 0);
}

static int give_to_nobody(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return chown(path, NOBODY, NOBODY);
}

/* Root may look everywhere. */
static void index_as_nobody(struct world *w)
{
	bool is_root = geteuid() == 0;

	if (is_root) {
		nftw(w->home, give_to_nobody, 16, FTW_PHYS);
		assert_int_equal(seteuid(NOBODY), 0);
	}
	store_index(w->store, 0, NULL, NULL, &w->err);
	if (is_root)
		assert_int_equal(seteuid(0), 0);
}

static void what_cannot_be_looked_at_is_not_gone(void **state)
{
	static const char *const hidden[] = {"lists", "lists/tern", "Archive", NULL};
	struct world *w = *state;

	assert_true(store_folder_make(w->store, "lists/tern", &w->err) > 0);
	put(w, "lists/tern", 1, "a", "", 0);
	put(w, "Archive", 2, "b", "", 0);
	index_all(w);
	for (size_t i = 0; hidden[i]; i++) {
		char *path = path_join(w->account.path, hidden[i]);

		assert_int_equal(chmod(path, 0), 0);
		index_as_nobody(w);
		assert_int_equal(chmod(path, 0700), 0);
		assert_int_equal(number(w, "SELECT count(*) FROM folder"), 3);
		assert_int_equal(number(w, "SELECT count(*) FROM message"), 2);
		free(path);
	}
	index_as_nobody(w);
	assert_int_equal(number(w, "SELECT count(*) FROM message"), 2);
}

static void set_mode(struct world *w, const char *name, mode_t mode)
{
	char *path = path_join(w->account.path, name);

	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

/* A letter that could not be read for a moment, in a folder that did not change since. */
static void what_could_not_be_read_is_read_later(void **state)
{
	struct world *w = *state;

	put(w, "INBOX", 1, "a", "", 0);
	mv(w, "INBOX/new/*", "INBOX/cur/a");
	set_mode(w, "INBOX/cur/a", 0);
	index_as_nobody(w);
	assert_int_equal(folder_of(w, "INBOX").total, 0);
	assert_int_equal(number(w, "SELECT count(*) FROM folder WHERE name = 'INBOX' AND is_fresh"), 0);
	number(w, "UPDATE folder SET is_fresh = 0 RETURNING 1");
	set_mode(w, "INBOX/cur/a", 0600);
	index_as_nobody(w);
	assert_int_equal(folder_of(w, "INBOX").total, 1);
}

/* Nobody is kept awake for it, and it is read as soon as it can be. */
static void a_broken_folder_waits_for_better_times(void **state)
{
	struct world *w = *state;

	put(w, "Archive", 1, "a", "", 0);
	mv(w, "Archive/cur", "Archive/away");
	assert_int_equal(store_index(w->store, 0, NULL, NULL, &w->err), -1);
	assert_int_equal(number(w, "SELECT is_fresh FROM folder WHERE name = 'Archive'"), 0);
	mv(w, "Archive/away", "Archive/cur");
	index_all(w);
	assert_int_equal(folder_of(w, "Archive").total, 1);
}

/* The words of a letter that cannot be read are not sought again and again. */
static void words_that_cannot_be_read_wait(void **state)
{
	struct world *w = *state;
	int64_t pid;

	put(w, "INBOX", 1, "a", "", 0);
	put(w, "INBOX", 2, "b", "", 0);
	index_all(w);
	mv(w, "INBOX/new/*", "Archive/tmp/");
	fine(w, fulltext_fill(w->store, 1, NULL, NULL, &w->err) == 0);
	assert_int_equal(fulltext_start(w->store, false, &w->err), 0);
	pid = fulltext_start(w->store, true, &w->err);
	assert_true(pid > 0);
	assert_int_equal(waitpid((pid_t)pid, NULL, 0), pid);
	assert_int_equal(fulltext_start(w->store, false, &w->err), 0);
}

static void a_maildir_divides_names_at_dots(void **state)
{
	struct world *w = *state;
	char *path = w->account.path, *inbox = path_join(path, "INBOX");

	w->account.path = inbox;
	assert_int_equal(store_folder_make(w->store, "v1.0", &w->err), -1);
	assert_int_equal(w->err.kind, ERR_USAGE);
	assert_true(store_folder_make(w->store, "v1/x", &w->err) > 0);
	w->account.path = path;
	assert_true(store_folder_make(w->store, "v1.0", &w->err) > 0);
	free(inbox);
}

static int64_t message_at_random(struct world *w)
{
	char *sql = mem_printf("SELECT coalesce((SELECT id FROM message WHERE folder > 0"
			       " ORDER BY (id * %d) %% 101 LIMIT 1), 0)",
			       rand_r(&w->seed) % 1000 + 1);
	int64_t id = number(w, sql);

	free(sql);
	return id;
}

static void random_put(struct world *w, int n)
{
	char name[16], refs[64] = "";

	snprintf(name, sizeof name, "r%d", n);
	if (n && rand_r(&w->seed) % 3)
		snprintf(refs, sizeof refs, "r%d r%d", rand_r(&w->seed) % (n + 10),
			 rand_r(&w->seed) % (n + 10));
	put(w, rand_r(&w->seed) % 3 ? "INBOX" : "Archive", rand_r(&w->seed) % 300, name, refs,
	    (unsigned)rand_r(&w->seed) % 8);
}

static void random_change(struct world *w, int64_t *undo)
{
	int64_t id = message_at_random(w);
	struct store_change what = {0};

	switch (rand_r(&w->seed) % 6) {
	case 0:
		what.move_to = folder_id(w, rand_r(&w->seed) % 2 ? "INBOX" : "Archive");
		break;
	case 1:
		what.move_to = folder_id(w, rand_r(&w->seed) % 2 ? "INBOX" : "Archive");
		what.is_copy = true;
		break;
	case 2:
		what.expunge = true;
		break;
	case 3:
		what.add_tag = "t";
		break;
	default:
		what.set = (unsigned)rand_r(&w->seed) % 8;
		what.clear = ~what.set & (unsigned)rand_r(&w->seed) % 8;
	}
	if (id)
		fine(w, store_change(w->store, &id, 1, &what, undo, &w->err) == 0);
}

/* In the end the rows say what the files are, and counting anew says what was kept. */
static void random_operations_keep_counts_true(void **state)
{
	struct world *w = *state;
	int64_t undo = 0, rows;

	index_all(w);
	for (int i = 0, n = 0; i < 400; i++) {
		switch (rand_r(&w->seed) % 8) {
		case 0:
		case 1:
		case 2:
			random_put(w, n++);
			break;
		case 3:
			index_all(w);
			break;
		case 4:
			fine(w, store_carry_out(w->store, &w->err) >= 0);
			break;
		case 5:
			if (undo)
				store_undo(w->store, undo, NULL);
			undo = 0;
			break;
		default:
			random_change(w, &undo);
		}
		check_counts(w);
		arena_reset(w->arena);
	}
	fine(w, store_carry_out(w->store, &w->err) >= 0);
	index_all(w);
	check_counts(w);
	assert_int_equal(number(w, "SELECT count(*) FROM intent"), 0);
	assert_int_equal(folder_of(w, "INBOX").total, files_in(w, "INBOX"));
	assert_int_equal(folder_of(w, "Archive").total, files_in(w, "Archive"));
	rows = number(w, "SELECT count(*) FROM message");
	fine(w, store_renew(w->store, &w->err) == 0);
	index_all(w);
	check_counts(w);
	assert_int_equal(number(w, "SELECT count(*) FROM message"), rows);
}

/* The names in DIR of the inbox, and some that are not there. */
static size_t list_names(struct world *w, const char *dir, struct store_name *names)
{
	char *path = mem_printf("%s/INBOX/%s", w->account.path, dir);
	DIR *list = opendir(path);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(list);
	names[count++] = (struct store_name){"1.gone.host:2,S", false};
	names[count++] = (struct store_name){"no/name", true};
	while ((entry = readdir(list)))
		if (entry->d_name[0] != '.')
			names[count++] = (struct store_name){arena_strdup(w->arena, entry->d_name), *dir == 'n'};
	closedir(list);
	free(path);
	return count;
}

static void index_names_in(struct world *w, const char *dir, int expected)
{
	struct store_name names[30];
	size_t count = list_names(w, dir, names);

	assert_int_equal(store_index_names(w->store, folder_id(w, "INBOX"), names, count, &w->err), expected);
}

/* What an event names is shown at once; the look at the whole folder finds the same. */
static void names_that_came_are_shown_at_once(void **state)
{
	struct world *w = *state;
	char *command = mem_printf("cd %s/INBOX && for f in cur/*; do mv $f ${f%%%%:*}:2,FS; done", w->account.path);

	index_all(w);
	for (int i = 0; i < 9; i++)
		put(w, "INBOX", i, (char[]){(char)('a' + i), 0}, i ? "a" : "", i % 2 ? BOX_FLAGGED : 0);
	index_names_in(w, "new", 0);
	index_names_in(w, "cur", 0);
	assert_int_equal(folder_of(w, "INBOX").total, 9);
	assert_int_equal(folder_of(w, "INBOX").unread, 9);
	assert_int_equal(system(command), 0);
	index_names_in(w, "cur", 0);
	index_names_in(w, "new", 0);
	assert_int_equal(folder_of(w, "INBOX").unread, 5);
	check_counts(w);
	put(w, "INBOX", 20, "late", "", 0);
	index_all(w);
	assert_int_equal(folder_of(w, "INBOX").total, 10);
	assert_int_equal(folder_of(w, "INBOX").unread, 6);
	check_counts(w);
	index_names_in(w, "new", 0);
	assert_int_equal(folder_of(w, "INBOX").total, 10);
	free(command);
}

/* Before the first look at the whole there is nothing to add to. */
static void names_wait_for_the_first_look(void **state)
{
	struct world *w = *state;
	struct store_name name = {"1.a.host", true};

	assert_int_equal(store_index_names(w->store, 1, &name, 1, &w->err), 1);
}

static void others_changes_are_noticed(void **state)
{
	struct world *w = *state;
	struct buf path = BUF_INIT;
	char *to;

	put(w, "INBOX", 1, "a", "", 0);
	put(w, "INBOX", 2, "b", "", BOX_SEEN);
	index_all(w);
	fine(w, store_message_path(w->store, id_of(w, "b"), &path, &w->err) == 0);
	to = mem_printf("%.*sRS", (int)path.len - 1, buf_str(&path));
	assert_int_equal(rename(buf_str(&path), to), 0);
	index_all(w);
	assert_int_equal(number(w, "SELECT flags FROM message WHERE message_id = 'b@x'"),
			 BOX_SEEN | BOX_ANSWERED);
	assert_int_equal(unlink(to), 0);
	index_all(w);
	assert_int_equal(folder_of(w, "INBOX").total, 1);
	check_counts(w);
	free(to);
	buf_free(&path);
}

static void a_damaged_database_is_made_again(void **state)
{
	struct world *w = *state;
	char *path = mem_strdup(w->store->db_path);
	bool damaged = false;
	FILE *file;

	put(w, "INBOX", 1, "a", "", 0);
	index_all(w);
	store_close(&w->store);
	file = fopen(path, "r+");
	fputs("this is no database, and it is longer than a header would be.................",
	      file);
	fclose(file);
	w->store = store_open(&w->account, &damaged, &w->err);
	fine(w, w->store);
	assert_true(damaged);
	index_all(w);
	assert_int_equal(folder_of(w, "INBOX").total, 1);
	free(path);
}

/* Waits until GATE is closed. */
static void open_and_end(const struct world *w, const int *gate)
{
	struct err err = ERR_INIT;
	bool damaged = false;
	struct store *store;
	char c;

	close(gate[1]);
	while (read(gate[0], &c, 1) > 0)
		;
	store = store_open(&w->account, &damaged, &err);
	if (!store || damaged)
		fprintf(stderr, "# said: %s%s\n", err.text, damaged ? " (damaged)" : "");
	_exit(!store || damaged);
}

static int open_at_once(const struct world *w, int count)
{
	int gate[2], failed = 0, status;

	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < count; i++)
		if (fork() == 0)
			open_and_end(w, gate);
	close(gate[0]);
	close(gate[1]);
	while (wait(&status) > 0)
		failed += status != 0;
	return failed;
}

/* A screen and its keeper begin together, and both find no database. */
static void several_may_make_the_database_at_once(void **state)
{
	struct world *w = *state;
	char *path = mem_strdup(w->store->db_path);

	store_close(&w->store);
	for (int round = 0; round < 20; round++) {
		assert_int_equal(unlink(path), 0);
		assert_int_equal(open_at_once(w, 6), 0);
	}
	free(path);
}

static void read_only_mail_is_never_touched(void **state)
{
	struct world *w = *state;
	int64_t id;

	put(w, "INBOX", 1, "a", "", 0);
	w->account.is_read_only = true;
	reopen(w);
	index_all(w);
	id = id_of(w, "a");
	assert_int_equal(
	    store_change(w->store, &id, 1, &(struct store_change){.set = BOX_SEEN}, NULL, &w->err),
	    -1);
	assert_int_equal(w->err.kind, ERR_DENIED);
	assert_int_equal(store_folder_make(w->store, "New", &w->err), -1);
	w->account.is_read_only = false;
}

static void folders_are_found_and_made(void **state)
{
	struct world *w = *state;
	struct folder *folders;
	size_t count;

	assert_true(store_folder_make(w->store, "lists/tern", &w->err) > 0);
	assert_int_equal(store_folder_make(w->store, "../x", &w->err), -1);
	assert_int_equal(store_folder_make(w->store, "a/cur", &w->err), -1);
	index_all(w);
	fine(w, store_folders(w->store, w->arena, &folders, &count, &w->err) == 0);
	assert_int_equal(count, 3);
	assert_string_equal(folders[0].name, "INBOX");
	assert_string_equal(folders[1].name, "Archive");
	assert_string_equal(folders[2].name, "lists/tern");
	put(w, "lists/tern", 1, "a", "", 0);
	index_all(w);
	temp_remove(folders[2].path);
	index_all(w);
	check_counts(w);
	assert_int_equal(number(w, "SELECT count(*) FROM message"), 0);
	fine(w, store_folders(w->store, w->arena, &folders, &count, &w->err) == 0);
	assert_int_equal(count, 2);
}

struct hits {
	struct world *w;
	struct buf names;
};

static int add_hit(void *arg, int64_t id)
{
	struct hits *hits = arg;
	struct message message;

	fine(hits->w,
	     store_message(hits->w->store, id, hits->w->arena, &message, &hits->w->err) == 1);
	buf_printf(&hits->names, "%s%s", hits->names.len ? " " : "", message.subject + 4);
	return 0;
}

static void expect_hits(struct world *w, const char *text, const char *names)
{
	struct hits hits = {.w = w, .names = BUF_INIT};
	struct query *query = query_parse(text, 1577836800 + 10 * 86400, &w->err);

	fine(w, query);
	fine(w, query_run(w->store, query, 0, add_hit, &hits, &w->err) == 0);
	if (strcmp(buf_str(&hits.names), names) != 0)
		print_message("# query %s\n", text);
	assert_string_equal(buf_str(&hits.names), names);
	buf_free(&hits.names);
	query_free(&query);
}

static void queries_find_what_they_say(void **state)
{
	struct world *w = *state;

	put(w, "INBOX", 1, "a", "", 0);
	put(w, "INBOX", 2, "b", "a", BOX_SEEN);
	put(w, "Archive", 3, "c", "", BOX_SEEN | BOX_FLAGGED);
	put(w, "Archive", 4, "d'e", "", BOX_SEEN | BOX_ANSWERED);
	index_all(w);
	change(w, "b", (struct store_change){.add_tag = "work"}, NULL);
	expect_hits(w, "", "d'e c b a");
	expect_hits(w, "subject:\"say B\"", "b");
	expect_hits(w, "from:LÉNA subject:a", "d'e c b a");
	expect_hits(w, "d'e", "d'e");
	expect_hits(w, "is:unread or is:flagged", "c a");
	expect_hits(w, "-is:unread -(is:flagged or tag:work)", "d'e");
	expect_hits(w, "in:archive", "d'e c");
	expect_hits(w, "~F | ~U", "c a");
	expect_hits(w, "!~R", "a");
	expect_hits(w, "after:2020-01-04", "d'e c");
	expect_hits(w, "before:2020-01-04", "b a");
	expect_hits(w, "on:2020-01-04", "c");
	expect_hits(w, "after:7d", "d'e c");
	expect_hits(w, "id:<c@x>", "c");
	expect_hits(w, "body:hello is:flagged", "c");
	expect_hits(w, "body:nowhere", "");
	expect_hits(w, "larger:1M", "");
	expect_hits(w, "smaller:1k to:me@localhost not tag:work", "d'e c a");
	expect_hits(w, "\"say c\"", "c");
	expect_hits(w, "hello hel* *ell* -tag:work", "d'e c a");
	db_exec(w->store->db, "UPDATE message SET is_away = 1, key = '' WHERE subject = 'say c'", &w->err);
	expect_hits(w, "\"say c\"", "c"); /* on the server only: its row is known */
}

static void wrong_queries_say_where(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(query_parse("from:lena (is:unread", 0, &err));
	assert_string_equal(
	    err.text,
	    "This parenthesis is not closed, at character 11 of the query: \"(is:unread\"");
	assert_null(query_parse("is:red", 0, &err));
	assert_null(query_parse("a)", 0, &err));
	assert_null(query_parse("\"open", 0, &err));
	assert_null(query_parse("~z", 0, &err));
	assert_null(query_parse("from:", 0, &err));
	assert_null(query_parse("before:soon", 0, &err));
}

/* Killed again and again while it moves and flags: every letter is there exactly once in the end.
 */
static void killing_the_carrier_loses_nothing(void **state)
{
	struct world *w = *state;
	int64_t archive, ids[40];

	for (int i = 0; i < 40; i++) {
		char name[16];

		snprintf(name, sizeof name, "k%d", i);
		put(w, "INBOX", i, name, "", 0);
	}
	index_all(w);
	archive = folder_id(w, "Archive");
	for (int i = 0; i < 40; i++) {
		char name[16];

		snprintf(name, sizeof name, "k%d", i);
		ids[i] = id_of(w, name);
	}
	fine(w, store_change(w->store, ids, 40,
			     &(struct store_change){.move_to = archive, .set = BOX_FLAGGED}, NULL,
			     &w->err) == 0);
	store_close(&w->store);
	for (int kill_us = 200; kill_us < 60000; kill_us += kill_us / 4) {
		pid_t pid = fork();

		if (pid == 0) {
			struct store *store = store_open(&w->account, NULL, NULL);

			store_carry_out(store, NULL);
			_exit(0);
		}
		usleep((useconds_t)kill_us);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	reopen(w);
	carry(w);
	index_all(w);
	check_counts(w);
	assert_int_equal(files_in(w, "INBOX"), 0);
	assert_int_equal(files_in(w, "Archive"), 40);
	assert_int_equal(folder_of(w, "Archive").total, 40);
	assert_int_equal(folder_of(w, "Archive").flagged, 40);
	for (int i = 0; i < 40; i++) {
		struct message message;

		fine(w, store_message(w->store, ids[i], w->arena, &message, &w->err) == 1);
		assert_int_equal(message.folder, archive);
	}
}

/* The rows of a limited view, as "id id id". */
static char *rows_of(struct world *w, struct store *store, const struct store_view *view)
{
	struct message *rows;
	struct buf text = BUF_INIT;
	size_t count;
	char *copy;

	fine(w, store_window(store, view, FROM_FIRST, 0, 1000, w->arena, &rows, &count, &w->err) ==
		    0);
	for (size_t i = 0; i < count; i++)
		buf_printf(&text, "%lld ", (long long)rows[i].id);
	copy = arena_strdup(w->arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

static void look_to_the_end(struct world *w, const struct store_view *view)
{
	int more = 1;

	while (more == 1)
		more = store_look(w->store, view, NULL, &w->err);
	fine(w, more == 0);
	assert_int_equal(store_looked(w->store, view), LOOKED_ALL);
}

static void same_as_whole(struct world *w, const struct store_view *view)
{
	struct store *whole = store_open(&w->account, NULL, &w->err);

	fine(w, whole);
	assert_string_equal(rows_of(w, w->store, view), rows_of(w, whole, view));
	store_close(&whole);
}

static void change_at_random(struct world *w, struct store *store)
{
	int64_t undo = 0, id = message_at_random(w), archive = folder_id(w, "Archive");
	struct store_change what = {0};

	if (rand_r(&w->seed) % 3 == 0)
		what.move_to = archive;
	else if (rand_r(&w->seed) % 2)
		what.set = BOX_SEEN;
	else
		what.clear = BOX_SEEN;
	fine(w, store_change(store, &id, 1, &what, &undo, &w->err) == 0);
	if (rand_r(&w->seed) % 2)
		fine(w, store_undo(store, undo, &w->err) == 0);
}

static void matches_come_in_pieces(void **state)
{
	struct world *w = *state;
	struct query *query = query_parse("is:unread", 0, NULL);
	struct store_view view = {.is_threaded = true, .query = query};
	struct store *other;

	for (int n = 0; n < 150; n++)
		random_put(w, n);
	index_all(w);
	other = store_open(&w->account, NULL, &w->err);
	fine(w, other);
	store_set_piece_ms(w->store, 1);
	for (int round = 0; round < 24; round++) {
		view.folder = round % 2 ? folder_id(w, "INBOX") : 0;
		view.sort = (enum store_sort)(round / 2 % (SORT_FLAGGED + 1));
		assert_string_equal(rows_of(w, w->store, &view), ""); /* nothing was looked at */
		assert_int_equal(store_looked(w->store, &view), LOOKED_SOME);
		look_to_the_end(w, &view);
		same_as_whole(w, &view);
		change_at_random(w, w->store); /* what we do ourselves is seen at once */
		assert_int_equal(store_looked(w->store, &view), LOOKED_ALL);
		same_as_whole(w, &view);
		change_at_random(w, other);
		assert_int_equal(store_looked(w->store, &view), LOOKED_BEFORE);
		w->store->limit.fresh_ms = -1;
		look_to_the_end(w, &view);
		same_as_whole(w, &view);
	}
	store_close(&other);
	query_free(&query);
}

static void many_are_changed_and_undone_in_parts(void **state)
{
	struct world *w = *state;
	int64_t ids[30], undo = 0, lost = 0;
	int parts = 1;

	for (int n = 0; n < 30; n++) {
		char name[16];

		snprintf(name, sizeof name, "n%d", n);
		put(w, "INBOX", n, name, "", 0);
	}
	index_all(w);
	for (int n = 0; n < 30; n++) {
		char name[16];

		snprintf(name, sizeof name, "n%d", n);
		ids[n] = id_of(w, name);
	}
	for (int n = 0; n < 30; n += 10)
		fine(w, store_change_more(w->store, ids + n, 10,
					  &(struct store_change){.set = BOX_SEEN}, &undo,
					  &w->err) == 0);
	assert_int_equal(folder_of(w, "INBOX").unread, 0);
	while (store_undo_some(w->store, undo, 8, &lost, &w->err) == 1)
		parts++;
	assert_int_equal(parts, 4);
	assert_int_equal(lost, 0);
	assert_int_equal(folder_of(w, "INBOX").unread, 30);
	assert_int_equal(store_undo(w->store, undo, &w->err), -1);
	check_counts(w);
}

/* Whoever delivers a letter writes its row at once, just when the keeper, who saw the file before, is about to. */
struct rival {
	struct world *world;
	const char *key;
	bool has_come;
};

static int come_between(void *arg, const struct index_progress *progress)
{
	struct rival *rival = arg;
	struct store *store;

	(void)progress;
	if (rival->has_come)
		return 0;
	rival->has_come = true;
	store = store_open(&rival->world->account, NULL, &rival->world->err);
	fine(rival->world, store);
	fine(rival->world,
	     store_index_one(store, folder_id(rival->world, "INBOX"), rival->key, &rival->world->err) > 0);
	store_close(&store);
	return 0;
}

static int take_key(void *arg, const struct box_entry *entry)
{
	char **key = arg;

	if (!*key)
		*key = mem_strdup(entry->key);
	return 0;
}

static void a_letter_delivered_while_the_index_is_made_comes_once(void **state)
{
	struct world *w = *state;
	struct rival rival = {.world = w};
	char *path = path_join(w->account.path, "INBOX"), *key = NULL;
	struct box *box = box_open(path, false, &w->err);

	fine(w, store_index(w->store, 0, NULL, NULL, &w->err) == 0);
	for (int i = 0; i < 250; i++) { /* so many that progress is told before the first is written */
		char id[16];

		snprintf(id, sizeof id, "m%d", i);
		put(w, "INBOX", 1, id, "", 0);
	}
	fine(w, box && box_scan(box, take_key, &key, &w->err) == 0);
	rival.key = key;
	fine(w, store_index(w->store, 0, come_between, &rival, &w->err) == 0);
	assert_true(rival.has_come);
	assert_int_equal(folder_of(w, "INBOX").total, 250);
	free(key);
	box_close(&box);
	free(path);
}

/* Who delivers without the keepers' lock writes a row for a file that the keeper's list, a moment older, has not. */
#define DELIVERED 120

static void deliver_one(struct world *w, struct store *store, struct box *box, int i, int out)
{
	char text[64];
	struct buf key = BUF_INIT;
	int len = snprintf(text, sizeof text, "Subject: d\nMessage-ID: <d%d@x>\n\nhello\n", i);
	int64_t folder = folder_id(w, "INBOX"), id;

	if (box_deliver(box, &(struct box_delivery){.data = text, .len = (size_t)len, .fd = -1}, &key, NULL) < 0)
		_exit(1);
	id = store_index_one(store, folder, buf_str(&key), NULL);
	if (id < 0 || write(out, &id, sizeof id) != sizeof id)
		_exit(1);
	buf_free(&key);
	usleep(2000);
}

static void deliver_all(struct world *w, int out)
{
	char *path = path_join(w->account.path, "INBOX");
	struct store *store = store_open(&w->account, NULL, NULL);
	struct box *box = box_open(path, false, NULL);

	w->store = store;
	for (int i = 0; i < DELIVERED; i++)
		deliver_one(w, store, box, i, out);
	_exit(0);
}

static void a_row_that_is_younger_than_the_list_stays(void **state)
{
	struct world *w = *state;
	struct message message;
	int status = 0, ends[2];
	int64_t id;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < 600; i++) {
		char name[16];

		snprintf(name, sizeof name, "m%d", i);
		put(w, "INBOX", 1, name, "", 0);
	}
	index_all(w);
	store_close(&w->store);
	pid = fork();
	if (pid == 0)
		deliver_all(w, ends[1]);
	close(ends[1]);
	reopen(w);
	while (waitpid(pid, &status, WNOHANG) == 0)
		index_all(w);
	assert_int_equal(status, 0);
	for (int i = 0; i < DELIVERED; i++) {
		assert_int_equal(read(ends[0], &id, sizeof id), sizeof id);
		assert_int_equal(store_message(w->store, id, w->arena, &message, &w->err), 1);
	}
	close(ends[0]);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(threads_are_trees_in_order),
	    IN_WORLD(late_parents_join_threads),
	    IN_WORLD(every_sort_walks_the_same_both_ways),
	    IN_WORLD(the_next_is_found_in_every_order),
	    IN_WORLD(next_unread_is_found),
	    IN_WORLD(changes_reach_the_files_and_can_be_undone),
	    IN_WORLD(a_file_stays_while_a_copy_is_owed),
	    IN_WORLD(a_folder_that_goes_takes_no_letter_that_lies_elsewhere),
	    IN_WORLD(what_belongs_to_no_folder_comes_home),
	    IN_WORLD(undo_puts_nothing_into_a_folder_that_is_gone),
	    IN_WORLD(a_copy_taken_back_leaves_the_original_alone),
	    IN_WORLD(tags_are_kept_and_found),
	    IN_WORLD(tags_come_back_with_their_letter),
	    IN_WORLD(what_cannot_be_looked_at_is_not_gone),
	    IN_WORLD(what_could_not_be_read_is_read_later),
	    IN_WORLD(a_broken_folder_waits_for_better_times),
	    IN_WORLD(words_that_cannot_be_read_wait),
	    IN_WORLD(a_maildir_divides_names_at_dots),
	    IN_WORLD(random_operations_keep_counts_true),
	    IN_WORLD(matches_come_in_pieces),
	    IN_WORLD(many_are_changed_and_undone_in_parts),
	    IN_WORLD(others_changes_are_noticed),
	    IN_WORLD(names_that_came_are_shown_at_once),
	    IN_WORLD(names_wait_for_the_first_look),
	    IN_WORLD(a_damaged_database_is_made_again),
	    IN_WORLD(several_may_make_the_database_at_once),
	    IN_WORLD(read_only_mail_is_never_touched),
	    IN_WORLD(folders_are_found_and_made),
	    IN_WORLD(queries_find_what_they_say),
	    IN_WORLD(killing_the_carrier_loses_nothing),
	    IN_WORLD(a_letter_delivered_while_the_index_is_made_comes_once),
	    IN_WORLD(a_row_that_is_younger_than_the_list_stays),
	    cmocka_unit_test(wrong_queries_say_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
