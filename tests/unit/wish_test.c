/* What a person wishes while another program writes the database is done in the end, in order. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/store_inside.h"
#include "tests/lib/temp.h"
#include "ui/command/app.h"
#include "ui/command/undo.h"
#include "ui/command/wish.h"

#define MESSAGES 40

struct world {
	char *home;
	struct account account;
	struct store *store;
	struct app app;
	int64_t ids[MESSAGES];
	int said, complained;
	int hold[2], held[2]; /* pipes to the program that writes */
	pid_t writer;
};

static struct world *the_world;

struct store *app_store(struct app *app, const char *account, struct err *err)
{
	(void)app;
	(void)account;
	(void)err;
	return the_world->store;
}

void app_say(struct app *app, const char *fmt, ...)
{
	(void)app;
	(void)fmt;
	the_world->said++;
}

void app_complain(struct app *app, const struct err *err)
{
	(void)err;
	app->status_is_error = true;
	the_world->complained++;
}

void app_ring(struct app *app, const char *account)
{
	(void)app;
	(void)account;
}

void app_touched(struct app *app, const char *account)
{
	(void)app;
	(void)account;
}

static void fill(struct world *w)
{
	char *box = path_join(w->account.path, "INBOX");
	struct err err = ERR_INIT;

	assert_int_equal(box_make(box, BOX_MAILDIR, &err), 0);
	for (int i = 0; i < MESSAGES; i++) {
		char *path = mem_printf("%s/cur/%d.x:2,", box, 1000 + i);
		FILE *file = fopen(path, "w");

		fprintf(file, "From: a@x\nSubject: s\nMessage-ID: <m%d@x>\n\nx\n", i);
		fclose(file);
		free(path);
	}
	free(box);
	assert_int_equal(store_index(w->store, 0, NULL, NULL, &err), 0);
	for (int i = 0; i < MESSAGES; i++) {
		char name[16];

		snprintf(name, sizeof name, "m%d@x", i);
		assert_int_equal(store_message_by_message_id(w->store, name, &w->ids[i], &err), 1);
	}
}

static int begin(void **state)
{
	struct world *w = mem_alloc(sizeof *w);
	struct err err = ERR_INIT;

	the_world = w;
	w->home = temp_home("wish");
	w->account = (struct account){.name = (char *)"home",
				      .kind = ACCOUNT_LOCAL,
				      .address = (char *)"me@localhost",
				      .path = path_in(PATH_MAIL, "home")};
	assert_int_equal(path_make_dirs(w->account.path, &err), 0);
	w->store = store_open(&w->account, NULL, &err);
	assert_non_null(w->store);
	fill(w);
	store_set_busy_ms(w->store, 10);
	w->app.loop = loop_new();
	w->app.undo = undo_new();
	w->app.term = (struct term *)w; /* never looked into: it is a screen */
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	wish_flush(&w->app);
	undo_free(&w->app.undo);
	loop_free(&w->app.loop);
	store_close(&w->store);
	temp_end(&w->home);
	free(w->account.path);
	free(w);
	return 0;
}

/* Another program begins to write and does not end. */
static void take_lock(struct world *w)
{
	char byte = 'x';

	assert_int_equal(pipe(w->hold), 0);
	assert_int_equal(pipe(w->held), 0);
	w->writer = fork();
	if (!w->writer) {
		struct store *own = store_open(&w->account, NULL, NULL);

		close(w->hold[1]);
		if (!own || store_begin(own, NULL) < 0 || write(w->held[1], &byte, 1) != 1)
			_exit(1);
		while (read(w->hold[0], &byte, 1) > 0)
			;
		store_rollback(own);
		_exit(0);
	}
	close(w->hold[0]);
	assert_int_equal(read(w->held[0], &byte, 1), 1);
}

static void give_lock(struct world *w)
{
	int status;

	close(w->hold[1]);
	assert_int_equal(waitpid(w->writer, &status, 0), w->writer);
	assert_int_equal(status, 0);
	close(w->held[0]);
	close(w->held[1]);
}

static void turn_for(struct world *w, int ms)
{
	int64_t until = loop_now_ms() + ms;

	while (loop_now_ms() < until)
		loop_turn(w->app.loop, 10);
}

static void turn_until_done(struct world *w)
{
	int64_t until = loop_now_ms() + 20000;

	while (w->app.wish_count && loop_now_ms() < until)
		loop_turn(w->app.loop, 10);
	assert_int_equal(w->app.wish_count, 0);
}

static unsigned flags_of(struct world *w, int at)
{
	struct arena *arena = arena_new();
	struct message message;
	unsigned flags;

	assert_int_equal(store_message(w->store, w->ids[at], arena, &message, NULL), 1);
	flags = message.flags & (BOX_SEEN | BOX_FLAGGED | BOX_DELETED);
	arena_free(&arena);
	return flags;
}

static void wish(struct world *w, unsigned set, const char *done)
{
	struct store_change change = {.set = set};
	struct err err = ERR_INIT;

	assert_int_equal(wish_change(&w->app, "home", w->ids, MESSAGES, &change, done, &err), 0);
}

static void wishes_outlast_a_lock(void **state)
{
	struct world *w = *state;
	struct err err = ERR_INIT;

	take_lock(w);
	wish(w, BOX_FLAGGED, "flagged");
	wish(w, BOX_DELETED, "deleted");
	assert_int_equal(wish_undo(&w->app, &err), 0);
	wish(w, BOX_SEEN, NULL); /* as the reader does */
	turn_for(w, 200);
	assert_int_equal(w->app.wish_count, 4);
	assert_int_equal(flags_of(w, 0), 0);
	assert_int_equal(w->complained, 0);
	give_lock(w);
	turn_until_done(w);
	for (int i = 0; i < MESSAGES; i++)
		assert_int_equal(flags_of(w, i), BOX_FLAGGED | BOX_SEEN);
	assert_int_equal(w->complained, 0);
	assert_int_equal(undo_depth(w->app.undo), 1);
	assert_int_equal(wish_undo(&w->app, &err), 0);
	turn_until_done(w);
	assert_false(flags_of(w, 0) & BOX_FLAGGED);
	assert_int_equal(wish_undo(&w->app, &err), -1);
}

static void a_long_lock_is_told_once(void **state)
{
	struct world *w = *state;

	take_lock(w);
	wish(w, BOX_FLAGGED, "flagged");
	turn_for(w, 5000);
	assert_int_equal(w->complained, 1);
	give_lock(w);
	turn_until_done(w);
	assert_int_equal(flags_of(w, MESSAGES - 1), BOX_FLAGGED);
	assert_int_equal(w->said, 1);
}

static void the_end_waits_for_wishes(void **state)
{
	struct world *w = *state;

	take_lock(w);
	wish(w, BOX_FLAGGED, "flagged");
	assert_int_equal(flags_of(w, 0), 0);
	give_lock(w);
	wish_flush(&w->app);
	assert_int_equal(flags_of(w, MESSAGES - 1), BOX_FLAGGED);
}

static void what_is_wrong_is_told_at_once(void **state)
{
	struct world *w = *state;
	struct store_change change = {.add_tag = "two words"};
	struct err err = ERR_INIT;

	assert_int_equal(wish_change(&w->app, "home", w->ids, 1, &change, "tagged", &err), -1);
	assert_int_equal(w->app.wish_count, 0);
	assert_int_equal(w->said, 0);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(wishes_outlast_a_lock),
	    IN_WORLD(a_long_lock_is_told_once),
	    IN_WORLD(the_end_waits_for_wishes),
	    IN_WORLD(what_is_wrong_is_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
