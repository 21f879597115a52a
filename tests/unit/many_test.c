/* Several stores as one list: whatever the order, every window is a piece of the whole list, and the whole list is
 * every store's own list with the others between. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/box/box.h"
#include "store/mail/many.h"
#include "store/mail/query.h"
#include "tests/lib/temp.h"

#define STORES	3
#define LETTERS 24
#define ALL	1000

struct world {
	char *home;
	struct account accounts[STORES];
	struct store *stores[STORES];
	struct many *many;
	struct arena *arena;
	unsigned seed;
	struct err err;
	struct message *rows; /* the whole list */
	size_t count;
};

static void fine(struct world *w, bool ok)
{
	if (!ok)
		print_message("# said: %s\n", w->err.text);
	assert_true(ok);
}

static int at_random(struct world *w, int limit)
{
	w->seed = w->seed * 1103515245 + 12345;
	return (int)(w->seed >> 16 & 0x7fff) % limit;
}

/* Few days, few senders, so that places are often the same; some answer an earlier one. */
static void put(struct world *w, struct box *box, int number)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "From: Person %d <p@example.org>\nTo: me@localhost\nSubject: Word %d\n", at_random(w, 4),
		   at_random(w, 5));
	buf_printf(&text, "Date: Tue, %d Mar 2020 09:00:00 +0000\nMessage-ID: <m%d@x>\n", 1 + at_random(w, 9),
		   number);
	if (number && at_random(w, 2))
		buf_printf(&text, "References: <m%d@x>\n", at_random(w, number));
	buf_printf(&text, "\nhello %d %s\n", number, at_random(w, 3) ? "" : "needle");
	fine(w, box_deliver(box,
			    &(struct box_delivery){.data = buf_str(&text),
						   .len = text.len,
						   .flags = at_random(w, 2) ? BOX_SEEN : 0},
			    NULL, &w->err) == 0);
	buf_free(&text);
}

static void fill(struct world *w, size_t at)
{
	char *path = path_join(w->accounts[at].path, "INBOX");
	struct box *box;
	struct folder folder;

	fine(w, path_make_dirs(w->accounts[at].path, &w->err) == 0 && box_make(path, BOX_MAILDIR, &w->err) == 0);
	box = box_open(path, false, &w->err);
	fine(w, box != NULL);
	for (int i = 0; i < LETTERS; i++)
		put(w, box, i);
	box_close(&box);
	free(path);
	w->stores[at] = store_open(&w->accounts[at], NULL, &w->err);
	fine(w, w->stores[at] && store_index(w->stores[at], 0, NULL, NULL, &w->err) == 0);
	fine(w, store_folder_by_name(w->stores[at], "INBOX", w->arena, &folder, &w->err) == 1);
	many_add(w->many, w->stores[at], folder.id);
}

static int begin(void **state)
{
	static const char *const names[STORES] = {"one", "two", "three"};
	struct world *w = mem_alloc(sizeof *w);

	w->home = temp_home("many");
	w->arena = arena_new();
	w->many = many_new();
	w->seed = 11;
	for (size_t i = 0; i < STORES; i++) {
		w->accounts[i] = (struct account){.name = (char *)names[i],
						  .kind = ACCOUNT_LOCAL,
						  .address = (char *)"me@localhost",
						  .path = path_in(PATH_MAIL, names[i])};
		fill(w, i);
	}
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < STORES; i++) {
		store_close(&w->stores[i]);
		free(w->accounts[i].path);
	}
	many_free(&w->many);
	arena_free(&w->arena);
	temp_end(&w->home);
	free(w);
	return 0;
}

static void read_whole(struct world *w, const struct store_view *view)
{
	fine(w, many_window(w->many, view, FROM_FIRST, 0, ALL, w->arena, &w->rows, &w->count, &w->err) == 0);
}

/* Without the rows of the others each store's list is what it is alone. */
static void holds_each_list(struct world *w, const struct store_view *view)
{
	size_t sum = 0;

	for (size_t i = 0; i < STORES; i++) {
		struct store_view own = *view;
		struct message *rows;
		int64_t folded[2];
		size_t count, at = 0;

		own.folded = folded;
		own.folded_count = 0;
		for (size_t j = 0; j < view->folded_count; j++)
			if (many_whose(view->folded[j]) == i)
				folded[own.folded_count++] = many_own(view->folded[j]);

		many_member(w->many, i, &own.folder);
		fine(w, store_window(w->stores[i], &own, FROM_FIRST, 0, ALL, w->arena, &rows, &count, &w->err) == 0);
		for (size_t j = 0; j < w->count; j++)
			if (many_whose(w->rows[j].id) == i)
				assert_int_equal(many_own(w->rows[j].id), rows[at++].id);
		assert_int_equal(at, count);
		sum += count;
	}
	assert_int_equal(sum, w->count);
}

static void is_by_date(struct world *w, const struct store_view *view)
{
	for (size_t i = 1; i < w->count && view->sort == SORT_DATE; i++)
		assert_true(view->is_reversed ? w->rows[i].place.date >= w->rows[i - 1].place.date
					      : w->rows[i].place.date <= w->rows[i - 1].place.date);
}

/* What is read from a place of the list is the list from there on. */
static void is_piece(struct world *w, const struct store_view *view, enum store_from from, size_t anchor,
		     size_t first, size_t count)
{
	struct message *rows;
	size_t got;

	fine(w, many_window(w->many, view, from, w->rows[anchor].id, count, w->arena, &rows, &got, &w->err) == 0);
	assert_int_equal(got, count);
	for (size_t i = 0; i < got; i++) {
		assert_int_equal(rows[i].id, w->rows[first + i].id);
		assert_int_equal(rows[i].thread, w->rows[first + i].thread);
	}
}

static void has_its_pieces(struct world *w, const struct store_view *view)
{
	for (size_t i = 0; i < w->count; i += 3) {
		size_t behind = w->count - 1 - i < 10 ? w->count - 1 - i : 10, before = i < 10 ? i : 10;

		is_piece(w, view, FROM_AFTER, i, i + 1, behind);
		is_piece(w, view, FROM_BEFORE, i, i - before, before);
		if (i >= 5 && i + 5 < w->count)
			is_piece(w, view, FROM_AROUND, i, i - 5, 10);
	}
	is_piece(w, view, FROM_LAST, 0, w->count - 10, 10);
}

static int64_t next_unread(const struct world *w, long from, int step)
{
	for (long i = from; i >= 0 && i < (long)w->count; i += step)
		if (!(w->rows[i].flags & BOX_SEEN))
			return w->rows[i].id;
	return 0;
}

static void finds_unread(struct world *w, const struct store_view *view)
{
	for (size_t i = 0; i < w->count; i += 5) {
		int64_t id = w->rows[i].id;

		assert_int_equal(many_find_flags(w->many, view, id, false, 0, BOX_SEEN, &w->err),
				 next_unread(w, (long)i + 1, 1));
		assert_int_equal(many_find_flags(w->many, view, id, true, 0, BOX_SEEN, &w->err),
				 next_unread(w, (long)i - 1, -1));
	}
	assert_int_equal(many_find_flags(w->many, view, 0, false, 0, BOX_SEEN, &w->err), next_unread(w, 0, 1));
}

static void check(struct world *w, const struct store_view *view)
{
	read_whole(w, view);
	holds_each_list(w, view);
	is_by_date(w, view);
	has_its_pieces(w, view);
	finds_unread(w, view);
	arena_reset(w->arena);
}

static void every_window_is_a_piece_of_the_list(void **state)
{
	struct world *w = *state;

	for (int sort = SORT_DATE; sort <= SORT_FLAGGED; sort++)
		for (int ways = 0; ways < 4; ways++)
			check(w, &(struct store_view){.sort = (enum store_sort)sort,
						      .is_reversed = ways & 1,
						      .is_threaded = ways & 2});
}

static void folded_threads_are_each_stores_own(void **state)
{
	struct world *w = *state;
	struct store_view view = {.is_threaded = true};
	int64_t folded[2];

	read_whole(w, &view);
	folded[0] = w->rows[0].thread;
	folded[1] = w->rows[w->count - 1].thread;
	view.folded = folded;
	view.folded_count = 2;
	check(w, &view);
	view.folded_count = 0;
	view.fold_all = true;
	check(w, &view);
}

static void a_limit_holds_for_all(void **state)
{
	struct world *w = *state;
	struct query *query = query_parse("needle", time(NULL), &w->err);
	struct store_view view = {.query = query};
	int64_t messages, *ids;
	size_t count;

	fine(w, query != NULL);
	check(w, &view);
	read_whole(w, &view);
	assert_true(w->count > 5 && w->count < STORES * LETTERS);
	fine(w, many_counts(w->many, &view, &messages, NULL, 0, &w->err) == 0);
	assert_int_equal(messages, w->count);
	view.query = NULL;
	fine(w, many_matching(w->many, &view, query, ALL, w->arena, &ids, &count, &w->err) == 0);
	assert_int_equal(count, w->count);
	query_free(&query);
}

static void a_row_is_found_by_its_number(void **state)
{
	struct world *w = *state;
	struct store_view view = {.is_threaded = true};

	read_whole(w, &view);
	assert_int_equal(many_row_at(w->many, &view, 1, &w->err), w->rows[0].id);
	assert_int_equal(many_row_at(w->many, &view, 40, &w->err), w->rows[39].id);
	assert_int_equal(many_row_at(w->many, &view, 4711, &w->err), w->rows[w->count - 1].id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_window_is_a_piece_of_the_list),
	    cmocka_unit_test(folded_threads_are_each_stores_own),
	    cmocka_unit_test(a_limit_holds_for_all),
	    cmocka_unit_test(a_row_is_found_by_its_number),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
