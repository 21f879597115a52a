/* The index over a store that is only a list in memory: what it draws must always be a gapless piece of
 * that list with the cursor in it, whatever happens to the list. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/mail/query.h"
#include "store/mail/remote.h"
#include "store/mail/store.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/going_on.h"
#include "ui/command/searches.h"
#include "ui/command/work.h"
#include "ui/input/key.h"
#include "ui/view/index_view.h"

#define MESSAGES_MAX 20000

/* --- the store and the app that are not there ---------------------------------------------------- */

struct store {
	struct message list[MESSAGES_MAX];
	size_t count;
	int64_t version, next_id, generation, other_inbox;
	int reads;
};

static struct store *the_store;
static const char *side_bar_option;
static const char *tree_lines_option;

struct store *app_store(struct app *app, const char *account, struct err *err)
{
	(void)app;
	if (!strcmp(account, "home"))
		return the_store;
	err_set(err, "no account");
	return NULL;
}

void going_on_add_word(const struct app *app, const struct account *account, struct buf *out)
{
	(void)app, (void)account, (void)out;
}

bool going_on_has_trouble(const struct app *app, const struct account *account)
{
	(void)app, (void)account;
	return false;
}

bool searches_next(struct app *app, size_t *at, struct saved_search *one)
{
	(void)app, (void)at, (void)one;
	return false;
}

bool searches_counts(struct app *app, const char *name, int64_t *total, int64_t *unread)
{
	(void)app, (void)name, (void)total, (void)unread;
	return false;
}

void searches_count_anew(struct app *app)
{
	(void)app;
}

void searches_are_shown(struct app *app)
{
	(void)app;
}

unsigned searches_generation(struct app *app)
{
	(void)app;
	return 0;
}

void app_look_for_inbox(struct app *app)
{
	(void)app;
}

void app_dirty(struct app *app)
{
	(void)app;
}

void app_complain(struct app *app, const struct err *err)
{
	(void)app;
	fail_msg("%s", err->text);
}

struct view *app_top(struct app *app)
{
	(void)app;
	return NULL;
}

bool app_option_bool(const struct app *app, const char *section, const char *name)
{
	(void)app;
	(void)section;
	return !strcmp(name, "threads") || (!strcmp(name, "tree-lines") && !tree_lines_option);
}

long long app_option_int(const struct app *app, const char *section, const char *name)
{
	(void)app;
	(void)section;
	return !strcmp(name, "side-bar-width") ? 20 : 2;
}

const char *app_option_text(const struct app *app, const char *section, const char *name)
{
	(void)app;
	(void)section;
	if (!strcmp(name, "format"))
		return "%flags %date  %from(12) %tree%subject %attach %size";
	return !strcmp(name, "side-bar") ? side_bar_option : "date";
}

int command_run_line(struct app *app, const char *line, struct err *err)
{
	(void)app;
	(void)line;
	(void)err;
	return 0;
}

const struct account *store_account(const struct store *store)
{
	static const struct account account = {.kind = ACCOUNT_LOCAL};
	(void)store;
	return &account;
}

int64_t store_generation(const struct store *store)
{
	return store->generation;
}

int64_t store_data_version(struct store *store)
{
	return store->version;
}

int store_folders(struct store *store, struct arena *arena, struct folder **folders, size_t *count,
		  struct err *err)
{
	static const char *const names[] = {"INBOX", "Sent", "lists/tern", "lists/c/deep"};
	(void)err;
	*count = 4;
	*folders = ARENA_ARRAY(arena, struct folder, 4);
	for (int i = 0; i < 4; i++)
		(*folders)[i] = (struct folder){.id = i + 1,
						.name = arena_strdup(arena, names[i]),
						.total = (int64_t)store->count,
						.unread = i == 0 ? 3 : 0};
	return 0;
}

int store_folder(struct store *store, int64_t id, struct arena *arena, struct folder *folder,
		 struct err *err)
{
	struct folder *folders;
	size_t count;
	store_folders(store, arena, &folders, &count, err);
	if (id < 1 || (size_t)id > count)
		return 0;
	*folder = folders[id - 1];
	return 1;
}

int store_message(struct store *store, int64_t id, struct arena *arena, struct message *message,
		  struct err *err)
{
	(void)arena;
	(void)err;
	for (size_t i = 0; i < store->count; i++)
		if (store->list[i].id == id)
			return *message = store->list[i], 1;
	return 0;
}

int store_thread(struct store *store, int64_t thread, struct arena *arena, struct message **messages,
		 size_t *count, struct err *err)
{
	(void)err;
	*messages = ARENA_ARRAY(arena, struct message, store->count);
	*count = 0;
	for (size_t i = 0; i < store->count; i++)
		if (store->list[i].thread == thread)
			(*messages)[(*count)++] = store->list[i];
	return 0;
}

static bool is_hidden(const struct store_view *view, const struct message *message)
{
	bool is_listed = false;
	for (size_t i = 0; i < view->folded_count; i++)
		is_listed |= view->folded[i] == message->thread;
	return is_listed != view->fold_all && message->depth > 0;
}

/* The list as VIEW shows it: places in store->list. */
static size_t shown(const struct store *store, const struct store_view *view, size_t *places)
{
	size_t count = 0;
	for (size_t i = 0; i < store->count; i++)
		if (!is_hidden(view, &store->list[i]))
			places[count++] = i;
	return count;
}

static long place_of(const struct store *store, const size_t *places, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (store->list[places[i]].id == id)
			return (long)i;
	return -1;
}

/* Of a message that is folded away: the line of its thread. */
static long place_of_thread(const struct store *store, const size_t *places, size_t count, int64_t id)
{
	int64_t thread = 0;
	for (size_t i = 0; i < store->count; i++)
		if (store->list[i].id == id)
			thread = store->list[i].thread;
	for (size_t i = 0; i < count; i++)
		if (thread && store->list[places[i]].thread == thread)
			return (long)i;
	return -1;
}

int store_window(struct store *store, const struct store_view *view, enum store_from from,
		 int64_t anchor, size_t count, struct arena *arena, struct message **rows,
		 size_t *row_count, struct err *err)
{
	(void)err;
	static size_t places[MESSAGES_MAX];
	long total = (long)shown(store, view, places), first = 0, wanted = (long)count;
	long at = place_of(store, places, (size_t)total, anchor);
	store->reads++;
	*row_count = 0;
	if (from == FROM_LAST)
		first = total - wanted;
	if (from == FROM_AROUND && at < 0)
		at = place_of_thread(store, places, (size_t)total, anchor);
	if (from == FROM_AROUND && at < 0)
		return 0;
	if (from == FROM_AROUND)
		first = at - wanted / 2;
	assert_true(from == FROM_FIRST || from == FROM_LAST || from == FROM_AROUND);
	if (first < 0) {
		wanted += from == FROM_AROUND ? 0 : first;
		first = 0;
	}
	*rows = ARENA_ARRAY(arena, struct message, count + 1);
	for (long i = first; i < total && i < first + wanted && *row_count < count; i++)
		(*rows)[(*row_count)++] = store->list[places[i]];
	return 0;
}

int store_ask_server(struct store *store, const struct query *query, struct err *err)
{
	(void)store, (void)query, (void)err;
	return 0;
}

bool store_is_asking(struct store *store, const struct query *query)
{
	(void)store, (void)query;
	return false;
}

void app_ring(struct app *app, const char *account)
{
	(void)app, (void)account;
}

/* Where there is one store nobody asks for these. */
int store_window_at(struct store *store, const struct store_view *view, enum store_from from,
		    const struct store_place *place, bool is_later, size_t count, struct arena *arena,
		    struct message **rows, size_t *row_count, struct err *err)
{
	(void)store, (void)view, (void)from, (void)place, (void)is_later, (void)count, (void)arena;
	(void)rows, (void)row_count, (void)err;
	fail();
	return -1;
}

int64_t store_find_flags_at(struct store *store, const struct store_view *view, const struct store_place *place,
			    bool is_later, bool backwards, unsigned set, unsigned clear, struct err *err)
{
	(void)store, (void)view, (void)place, (void)is_later, (void)backwards, (void)set, (void)clear, (void)err;
	fail();
	return -1;
}

int64_t store_find_at(struct store *store, const struct store_view *view, const struct store_place *place,
		      bool is_later, bool backwards, const struct query *query, struct err *err)
{
	(void)store, (void)view, (void)place, (void)is_later, (void)backwards, (void)query, (void)err;
	fail();
	return -1;
}

int store_folder_by_role(struct store *store, enum account_role role, struct arena *arena, struct folder *folder,
			 struct err *err)
{
	(void)store, (void)role, (void)arena, (void)folder, (void)err;
	return 0;
}

int store_folder_by_name(struct store *store, const char *name, struct arena *arena, struct folder *folder,
			 struct err *err)
{
	(void)arena, (void)err;
	if (!store->other_inbox || strcmp(name, "INBOX"))
		return 0;
	*folder = (struct folder){.id = store->other_inbox};
	return 1;
}

int64_t store_find_flags(struct store *store, const struct store_view *view, int64_t from_id,
			 bool backwards, unsigned set, unsigned clear, struct err *err)
{
	(void)err;
	static size_t places[MESSAGES_MAX];
	long total = (long)shown(store, view, places);
	long at = place_of(store, places, (size_t)total, from_id);
	for (at = at < 0 ? (backwards ? total - 1 : 0) : at + (backwards ? -1 : 1); at >= 0 && at < total;
	     at += backwards ? -1 : 1) {
		unsigned flags = store->list[places[at]].flags;
		if ((flags & set) == set && !(flags & clear))
			return store->list[places[at]].id;
	}
	return 0;
}

int64_t store_row_at(struct store *store, const struct store_view *view, int64_t position,
		     struct err *err)
{
	(void)err;
	static size_t places[MESSAGES_MAX];
	size_t total = shown(store, view, places);
	if (!total)
		return 0;
	return store->list[places[(size_t)position > total ? total - 1 : (size_t)position - 1]].id;
}

int64_t store_find(struct store *store, const struct store_view *view, int64_t from_id, bool backwards,
		   const struct query *query, struct err *err)
{
	(void)query;
	return store_find_flags(store, view, from_id, backwards, BOX_FLAGGED, 0, err);
}

int store_look(struct store *store, const struct store_view *view, const struct query *query,
	       struct err *err)
{
	(void)store;
	(void)view;
	(void)query;
	(void)err;
	return 0;
}

enum store_looked store_looked(struct store *store, const struct store_view *view)
{
	(void)store;
	(void)view;
	return LOOKED_ALL;
}

int store_matching(struct store *store, const struct store_view *view, const struct query *query,
		   size_t limit, struct arena *arena, int64_t **ids, size_t *count, struct err *err)
{
	int64_t id = 0;
	*count = 0;
	*ids = ARENA_ARRAY(arena, int64_t, limit + 1);
	while (*count < limit && (id = store_find(store, view, id, false, query, err)) > 0)
		(*ids)[(*count)++] = id;
	return 0;
}

void work_begin(struct app *app, int (*piece)(void *, struct err *), void (*stop)(void *), void *arg)
{
	(void)app;
	(void)piece;
	(void)stop;
	(void)arg;
}

void work_forget(struct app *app, const void *arg)
{
	(void)app;
	(void)arg;
}

void app_say(struct app *app, const char *fmt, ...)
{
	(void)app;
	(void)fmt;
}

int command_resume(struct app *app, struct err *err)
{
	(void)app;
	(void)err;
	return 0;
}

void command_forget_parked(struct app *app)
{
	(void)app;
}

int store_count(struct store *store, const struct store_view *view, int64_t *messages,
		int64_t *position_of, int64_t anchor, struct err *err)
{
	(void)store;
	(void)view;
	(void)position_of;
	(void)anchor;
	(void)err;
	*messages = 1;
	return 0;
}

struct query *query_parse_with(const char *text, bool forms, int64_t now, struct err *err)
{
	(void)text;
	(void)forms;
	(void)now;
	(void)err;
	return mem_alloc(1);
}

void query_free(struct query **query)
{
	free(*query);
	*query = NULL;
}

/* --- helpers ------------------------------------------------------------------------------------- */

static char no_text[] = "", no_name[] = "Anna";

/* Puts a message in at AT; its subject says its id. */
static void put(size_t at, int depth)
{
	struct store *store = the_store;
	memmove(store->list + at + 1, store->list + at, (store->count - at) * sizeof *store->list);
	int64_t id = ++store->next_id;
	struct message message = {.id = id,
				  .thread = depth && at ? store->list[at - 1].thread : id,
				  .folder = 1,
				  .flags = BOX_SEEN,
				  .from_name = no_name,
				  .from_addr = no_text,
				  .to = no_text,
				  .subject = mem_printf("<%d>", (int)id),
				  .depth = depth,
				  .is_last_child = true,
				  .thread_count = 2,
				  .size = 5000};
	store->list[at] = message;
	store->count++;
	store->version++;
}

static void take_out(size_t at)
{
	struct store *store = the_store;
	free(store->list[at].subject);
	store->count--;
	memmove(store->list + at, store->list + at + 1, (store->count - at) * sizeof *store->list);
	store->version++;
}

static void tell(struct view *view)
{
	struct notice news = {.kind = NOTICE_FOLDER_CHANGED, .account = "home", .folder = 1};
	view->class->notice(view, &news);
}

struct place {
	struct app app;
	struct view *view;
	struct canvas *canvas;
};

static void open_place(struct place *place, size_t messages, int width, int height)
{
	the_store = mem_alloc(sizeof *the_store);
	side_bar_option = "off";
	tree_lines_option = NULL;
	for (size_t i = 0; i < messages; i++)
		put(i, 0);
	*place = (struct place){.canvas = canvas_new(width, height)};
	place->view = index_view_new(&place->app, "home", 1, NULL);
	assert_non_null(place->view);
}

static void close_place(struct place *place)
{
	place->view->class->free(place->view);
	canvas_free(&place->canvas);
	while (the_store->count)
		take_out(the_store->count - 1);
	free(the_store);
}

static void draw(struct place *place)
{
	canvas_clear(place->canvas);
	place->view->class->draw(place->view, place->canvas,
				 (struct rect){0, 0, canvas_width(place->canvas),
					       canvas_height(place->canvas)});
}

/* The id in row Y, or 0. */
static int64_t id_at(const struct place *place, int y)
{
	char *row = canvas_row(place->canvas, y);
	const char *sign = strchr(row, '<');
	int64_t id = sign ? atoll(sign + 1) : 0;
	free(row);
	return id;
}

static void check(struct place *place)
{
	draw(place);
	int height = canvas_height(place->canvas), x, y;
	size_t total = the_store->count, first = 0;
	canvas_cursor(place->canvas, &x, &y);
	assert_true(y >= 0 && y < height);
	if (!total) {
		assert_int_equal(index_view_current(place->view), 0);
		return;
	}
	assert_int_equal(id_at(place, y), index_view_current(place->view));
	while (first < total && the_store->list[first].id != id_at(place, 0))
		first++;
	assert_true(first < total);
	for (int i = 0; i < height; i++) {
		bool is_there = first + (size_t)i < total;
		assert_int_equal(id_at(place, i), is_there ? the_store->list[first + (size_t)i].id : 0);
		/* no blank rows at the end while there are more above */
		assert_true(is_there || first == 0);
	}
}

/* --- tests --------------------------------------------------------------------------------------- */

static void test_walks_a_long_list(void **state)
{
	(void)state;
	struct place place;
	open_place(&place, 1000, 80, 20);
	check(&place);
	for (int i = 0; i < 1100; i++) {
		place.view->class->move(place.view, 1);
		if (i % 7 == 0)
			check(&place);
	}
	assert_int_equal(index_view_current(place.view), 1000);
	for (int i = 0; i < 120; i++) {
		place.view->class->move_page(place.view, -1);
		check(&place);
	}
	assert_int_equal(index_view_current(place.view), 1);
	place.view->class->move_end(place.view, true);
	check(&place);
	assert_int_equal(index_view_current(place.view), 1000);
	assert_int_equal(index_view_jump(place.view, 500), 1);
	check(&place);
	assert_int_equal(index_view_current(place.view), 500);
	assert_int_equal(index_view_select(place.view, 17), 1);
	check(&place);
	assert_int_equal(index_view_select(place.view, 4711), 0);
	assert_int_equal(index_view_current(place.view), 17);
	close_place(&place);
}

static void test_keeps_few_reads(void **state)
{
	(void)state;
	struct place place;
	open_place(&place, 2000, 80, 20);
	draw(&place);
	the_store->reads = 0;
	for (int i = 0; i < 1000; i++) {
		place.view->class->move(place.view, 1);
		draw(&place);
	}
	assert_true(the_store->reads < 100);
	close_place(&place);
}

static void test_stays_on_its_message(void **state)
{
	(void)state;
	struct place place;
	open_place(&place, 300, 80, 20);
	index_view_select(place.view, 150);
	check(&place);
	int x, before, after;
	canvas_cursor(place.canvas, &x, &before);
	for (int i = 0; i < 30; i++)
		put(0, 0);
	take_out(100);
	tell(place.view);
	check(&place);
	canvas_cursor(place.canvas, &x, &after);
	assert_int_equal(index_view_current(place.view), 150);
	assert_int_equal(before, after);
	close_place(&place);
}

static void test_new_mail_shows_at_the_top(void **state)
{
	(void)state;
	struct place place;
	open_place(&place, 50, 80, 20);
	check(&place);
	put(0, 0);
	tell(place.view);
	check(&place);
	assert_int_equal(id_at(&place, 0), 51);
	assert_int_equal(index_view_current(place.view), 1);
	close_place(&place);
}

static void test_goes_to_the_next_when_its_message_is_gone(void **state)
{
	(void)state;
	struct place place;
	open_place(&place, 30, 80, 20);
	index_view_select(place.view, 10);
	take_out(9);
	tell(place.view);
	check(&place);
	assert_int_equal(index_view_current(place.view), 11);
	index_view_select(place.view, 30);
	take_out(28);
	tell(place.view);
	check(&place);
	assert_int_equal(index_view_current(place.view), 29);
	while (the_store->count)
		take_out(0);
	tell(place.view);
	check(&place);
	put(0, 0);
	tell(place.view);
	check(&place);
	close_place(&place);
}

/* The index was deleted or damaged, and made again while it is shown: numbers mean other letters. */
static void test_follows_another_database(void **state)
{
	(void)state;
	struct place place;
	open_place(&place, 10, 80, 20);
	index_view_tag(place.view, 4, true);
	the_store->generation++;
	tell(place.view); /* the folder is not known there yet */
	draw(&place);
	assert_int_equal(index_view_tag_count(place.view), 0);
	assert_true(index_view_folder(place.view) < 0);
	the_store->other_inbox = 7;
	tell(place.view);
	draw(&place);
	assert_int_equal(index_view_folder(place.view), 7);
	close_place(&place);
}

/* A long thread that is archived is many rows that go at once. */
static void test_goes_to_the_next_when_many_are_gone(void **state)
{
	(void)state;
	struct place place;
	open_place(&place, 100, 80, 20);
	index_view_select(place.view, 40);
	for (int i = 0; i < 30; i++)
		take_out(30);
	tell(place.view);
	check(&place);
	assert_int_equal(index_view_current(place.view), 61);
	close_place(&place);
}

/* Its line is another message when the one that stood there is read, or gone. */
static void test_stays_on_its_folded_thread(void **state)
{
	(void)state;
	struct place place;
	open_place(&place, 10, 80, 20);
	put(5, 1); /* 11, below 5 */
	index_view_fold_all(place.view, INDEX_FOLD_CLOSE);
	tell(place.view);
	index_view_select(place.view, 5);
	take_out(4);
	the_store->list[4].depth = 0;
	tell(place.view);
	check(&place);
	assert_int_equal(index_view_current(place.view), 11);
	close_place(&place);
}

static void test_anything_may_happen(void **state)
{
	(void)state;
	unsigned seed = 7;
	struct place place;
	open_place(&place, 200, 80, 20);
	for (int i = 0; i < 3000; i++) {
		seed = seed * 1103515245u + 12345;
		unsigned what = seed >> 16 & 15, number = seed >> 20 & 1023;
		if (what < 2 && the_store->count < 1000)
			put(number % (the_store->count + 1), 0);
		else if (what < 5 && the_store->count)
			take_out(number % the_store->count);
		else if (what == 5)
			canvas_resize(place.canvas, 60 + (int)number % 40, 1 + (int)number % 60);
		else if (what < 10)
			place.view->class->move(place.view, (int)number % 90 - 45);
		else if (what < 12)
			place.view->class->move_page(place.view, number % 2 ? 1 : -2);
		else if (what == 12)
			place.view->class->move_end(place.view, number % 2);
		else if (the_store->count)
			index_view_select(place.view, the_store->list[number % the_store->count].id);
		tell(place.view);
		check(&place);
	}
	close_place(&place);
}

static void expect_row(const struct place *place, int y, const char *text)
{
	char *row = canvas_row(place->canvas, y);
	if (!strstr(row, text))
		fail_msg("row %d \"%s\" has no \"%s\"", y, row, text);
	free(row);
}

static void test_draws_trees_and_folds_them(void **state)
{
	(void)state;
	struct place place;
	open_place(&place, 2, 80, 8);
	put(1, 1);
	put(2, 2);
	put(3, 1);
	struct message *list = the_store->list;
	list[1].is_last_child = false;
	list[2].rails = 1u << 1;
	for (int i = 0; i < 4; i++)
		list[i].thread_count = 4;
	tell(place.view);
	draw(&place);
	expect_row(&place, 0, " <1>");
	expect_row(&place, 1, " ├─> <3>");
	expect_row(&place, 2, " │  └─> <4>");
	expect_row(&place, 3, " └─> <5>");
	index_view_select(place.view, 4);
	assert_int_equal(index_view_fold(place.view, INDEX_FOLD_TOGGLE), 1);
	draw(&place);
	expect_row(&place, 0, "+ (4) <1>");
	expect_row(&place, 1, " <2>");
	assert_int_equal(index_view_current(place.view), 1);
	assert_int_equal(index_view_select(place.view, 4), 1); /* opens the fold */
	draw(&place);
	expect_row(&place, 2, "└─> <4>");
	index_view_fold_all(place.view, INDEX_FOLD_CLOSE);
	draw(&place);
	expect_row(&place, 1, " <2>");
	index_view_fold_all(place.view, INDEX_FOLD_TOGGLE);
	tree_lines_option = "no";
	draw(&place);
	expect_row(&place, 2, " " "    <4>");
	assert_int_equal(index_view_to_parent(place.view), 0);
	index_view_select(place.view, 4);
	assert_int_equal(index_view_to_parent(place.view), 1);
	assert_int_equal(index_view_current(place.view), 3);
	assert_int_equal(index_view_next_thread(place.view, false), 1);
	assert_int_equal(index_view_current(place.view), 2);
	close_place(&place);
}

static void test_a_deep_thread_leaves_room(void **state)
{
	(void)state;
	struct place place;
	open_place(&place, 1, 60, 8);
	for (int i = 1; i < 200; i++)
		put((size_t)i, i);
	tell(place.view);
	place.view->class->move_end(place.view, true);
	draw(&place);
	expect_row(&place, 7, "…");
	expect_row(&place, 7, "└> <200>");
	close_place(&place);
}

static void test_shows_states(void **state)
{
	(void)state;
	struct place place;
	open_place(&place, 6, 80, 8);
	struct message *list = the_store->list;
	list[0].flags = BOX_RECENT;
	list[1].flags = BOX_FLAGGED;
	list[2].flags = BOX_SEEN | BOX_ANSWERED;
	list[3].flags = BOX_SEEN | BOX_DELETED;
	list[4].is_mine = true;
	list[4].to = no_name;
	list[5].has_attachment = true;
	tell(place.view);
	index_view_tag(place.view, 3, true);
	draw(&place);
	expect_row(&place, 0, " N  ");
	expect_row(&place, 1, " O !");
	expect_row(&place, 2, "*r  ");
	expect_row(&place, 3, " D  ");
	expect_row(&place, 4, "→ Anna");
	expect_row(&place, 5, "@   5 K");
	assert_int_equal(canvas_cell(place.canvas, 1, 0)->style, STYLE_UNREAD);
	assert_int_equal(canvas_cell(place.canvas, 3, 1)->style, STYLE_FLAGGED);
	assert_int_equal(canvas_cell(place.canvas, 1, 2)->style, STYLE_TAGGED);
	assert_int_equal(canvas_cell(place.canvas, 0, 0)->over, STYLE_CURSOR);
	assert_int_equal(index_view_next_flags(place.view, false, 0, BOX_SEEN, false, NULL), 1);
	assert_int_equal(index_view_current(place.view), 2);
	assert_int_equal(index_view_next_flags(place.view, false, 0, BOX_SEEN, false, NULL), 0);
	assert_int_equal(index_view_next_flags(place.view, false, 0, BOX_SEEN, true, NULL), 1);
	assert_int_equal(index_view_current(place.view), 1);
	close_place(&place);
}

static void test_what_a_command_works_on(void **state)
{
	(void)state;
	struct place place;
	struct arena *arena = arena_new();
	struct target what;
	open_place(&place, 6, 80, 8);
	assert_int_equal(place.view->class->target(place.view, true, arena, &what), 1);
	assert_int_equal(what.count, 1);
	index_view_tag(place.view, 5, true);
	index_view_tag(place.view, 3, true);
	index_view_tag(place.view, 3, true);
	assert_int_equal(place.view->class->target(place.view, true, arena, &what), 1);
	assert_int_equal(what.count, 2);
	assert_int_equal(what.ids[0], 3);
	assert_true(what.is_tagged);
	assert_int_equal(place.view->class->target(place.view, false, arena, &what), 1);
	assert_int_equal(what.count, 1);
	index_view_tag(place.view, 3, false);
	assert_int_equal(index_view_tag_count(place.view), 1);
	arena_free(&arena);
	close_place(&place);
}

static void test_side_bar_by_width(void **state)
{
	(void)state;
	struct place place;
	struct account account = {.name = no_text};
	open_place(&place, 3, 120, 12);
	side_bar_option = "auto";
	account.name = mem_strdup("home");
	draw(&place);
	expect_row(&place, 0, "home");
	expect_row(&place, 1, "Inbox");
	expect_row(&place, 2, "Sent");
	expect_row(&place, 3, "lists");
	expect_row(&place, 4, "tern");
	expect_row(&place, 5, "c ");
	expect_row(&place, 6, "deep");
	expect_row(&place, 0, "│");
	canvas_resize(place.canvas, 90, 12);
	draw(&place);
	expect_row(&place, 1, " <2>");
	char *row = canvas_row(place.canvas, 1);
	assert_null(strstr(row, "Inbox"));
	free(row);
	free(account.name);
	close_place(&place);
}

static void test_tiny_screens(void **state)
{
	(void)state;
	struct place place;
	open_place(&place, 50, 80, 8);
	for (int width = 1; width < 60; width++) {
		for (int height = 1; height < 6; height++) {
			canvas_resize(place.canvas, width, height);
			draw(&place);
			place.view->class->move(place.view, 1);
		}
	}
	close_place(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks_a_long_list),
		cmocka_unit_test(test_keeps_few_reads),
		cmocka_unit_test(test_stays_on_its_message),
		cmocka_unit_test(test_new_mail_shows_at_the_top),
		cmocka_unit_test(test_goes_to_the_next_when_its_message_is_gone),
		cmocka_unit_test(test_follows_another_database),
		cmocka_unit_test(test_goes_to_the_next_when_many_are_gone),
		cmocka_unit_test(test_stays_on_its_folded_thread),
		cmocka_unit_test(test_anything_may_happen),
		cmocka_unit_test(test_draws_trees_and_folds_them),
		cmocka_unit_test(test_a_deep_thread_leaves_room),
		cmocka_unit_test(test_shows_states),
		cmocka_unit_test(test_what_a_command_works_on),
		cmocka_unit_test(test_side_bar_by_width),
		cmocka_unit_test(test_tiny_screens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
