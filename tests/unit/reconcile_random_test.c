/* Two sides and a network that breaks: whatever happens in whatever order, both are equal in the end and
 * nothing is lost that neither of them removed. TERN_CHECK_ALL=1: 200 seeds of 1,000 operations;
 * TERN_SEED=n: that one, told step by step. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/box/box.h"
#include "store/mail/store_inside.h"
#include "tests/lib/remote_world.h"

#define OPERATIONS 1000
#define FEW_SEEDS  5
#define ALL_SEEDS  200
#define WORDS	   3

static const char *const folders[] = {"INBOX", "Archive", "lists/tern"};
static const char *const words[WORDS] = {"work", "later", "$Forwarded"};
/* Tags that only we give, and nobody takes away: one is a keyword, one cannot be. */
static const char *const ours[] = {"kept", "x%"};
#define FOLDERS (sizeof folders / sizeof *folders)

struct play {
	struct world *w;
	int serial;
	struct map *made, *removed; /* Message-IDs */
	struct map *kept;	    /* "tag Message-ID" */
	bool tells, may_mark_deleted;
	bool is_plain; /* nobody copies, only we move: then nothing may be there twice */
	int busy; /* inside of a round */
};

static void tell(struct play *play, const char *what, const char *id, const char *folder)
{
	if (play->tells)
		print_message("# %s%s %s %s\n", play->busy ? "  in between: " : "", what, id, folder);
}

static void note(struct map *map, const char *id)
{
	map_set(map, id, map);
}

static unsigned some_flag(struct play *play)
{
	static const unsigned flags[] = {BOX_SEEN, BOX_ANSWERED, BOX_FLAGGED, BOX_DRAFT, BOX_DELETED};

	return flags[world_random(play->w, play->may_mark_deleted ? 5 : 4)];
}

/* --- the other client --- */

static struct fake_box *their_box(struct play *play)
{
	return fake_box(play->w->server, folders[world_random(play->w, FOLDERS)]);
}

static void they_send(struct play *play, struct fake_box *box)
{
	char id[32], *text;

	snprintf(id, sizeof id, "t%d@x", play->serial++);
	text = world_letter(id, (int)world_random(play->w, 5));
	tell(play, "they send", id, box->name);
	fake_append(play->w->server, box, text, world_random(play->w, 2) ? BOX_SEEN : 0, "",
		    1600000000 + play->serial);
	note(play->made, id);
	free(text);
}

static void they_flag(struct play *play, struct fake_box *box, struct fake_message *message)
{
	unsigned flag = some_flag(play);
	bool is_set = world_random(play->w, 2);

	tell(play, "they flag", message->id, box->name);
	fake_flags(play->w->server, box, message, is_set ? flag : 0, is_set ? 0 : flag, NULL, NULL);
}

static void they_word(struct play *play, struct fake_box *box, struct fake_message *message)
{
	const char *word = words[world_random(play->w, WORDS)];
	bool is_set = world_random(play->w, 2);

	tell(play, "they word", message->id, box->name);
	fake_flags(play->w->server, box, message, 0, 0, is_set ? word : NULL, is_set ? NULL : word);
}

static void they_carry(struct play *play, struct fake_box *box, struct fake_message *message, bool is_move)
{
	struct fake_box *to = their_box(play);
	uint32_t uid = message->uid;

	tell(play, is_move ? "they move" : "they copy", message->id, to->name);
	fake_copy(play->w->server, box, uid, to);
	if (is_move)
		fake_expunge(play->w->server, box, uid);
}

static void they_remove(struct play *play, struct fake_box *box, struct fake_message *message)
{
	tell(play, "they remove", message->id, box->name);
	note(play->removed, message->id);
	fake_expunge(play->w->server, box, message->uid);
}

static void they_do(struct play *play)
{
	struct fake_box *box = their_box(play);
	unsigned what = world_random(play->w, 20);

	if (what < 5 || box->count == 0) {
		they_send(play, box);
		return;
	}
	struct fake_message *message = &box->items[world_random(play->w, (unsigned)box->count)];

	if (what < 10)
		they_flag(play, box, message);
	else if (what < 13)
		they_word(play, box, message);
	else if (what < 17 && !play->is_plain)
		they_carry(play, box, message, what < 16);
	else
		they_remove(play, box, message);
}

/* --- ourselves --- */

static int64_t our_message(struct play *play, char id[32])
{
	struct db_stmt *stmt = db_query(play->w->store->db, "SELECT id, message_id FROM message WHERE folder > 0"
							    " ORDER BY (id * 7919 + ?) % 1009 LIMIT 1");
	int64_t row = 0;

	db_bind_int(stmt, 1, world_random(play->w, 1009));
	if (db_step(stmt, NULL) == 1) {
		row = db_int(stmt, 0);
		snprintf(id, 32, "%s", db_text(stmt, 1));
	}
	db_reset(stmt);
	return row;
}

static void we_put(struct play *play)
{
	const char *folder = folders[world_random(play->w, FOLDERS)];
	char id[32];

	snprintf(id, sizeof id, "o%d@x", play->serial++);
	tell(play, "we put", id, folder);
	world_put(play->w, folder, id, world_random(play->w, 2) ? BOX_SEEN : 0);
	note(play->made, id);
}

static struct store_change our_change(struct play *play, unsigned what)
{
	struct store_change change = {.set = 0};
	const char *folder = folders[world_random(play->w, FOLDERS)];
	unsigned flag = some_flag(play), word = world_random(play->w, WORDS);

	if (what < 5)
		change.set = flag;
	else if (what < 9)
		change.clear = flag;
	else if (what < 10 && word < 2)
		change.add_tag = words[word];
	else if (what < 10)
		change.remove_tag = words[world_random(play->w, 2)];
	else if (what < 16)
		change.move_to = world_folder(play->w, folder);
	else
		change.expunge = true;
	if (what == 15 && !play->is_plain)
		change.is_copy = true;
	return change;
}

static struct store_change our_tag(struct play *play, const char *id)
{
	const char *tag = ours[world_random(play->w, 2)];
	char *what = mem_printf("%s %s", tag, id);

	note(play->kept, what);
	free(what);
	return (struct store_change){.add_tag = tag};
}

static void we_do(struct play *play)
{
	unsigned what = world_random(play->w, 24);
	char id[32];
	int64_t row = our_message(play, id);

	if (what >= 19 || !row) {
		if (what == 23 && !play->busy)
			world_keep(play->w);
		else if (!play->busy)
			we_put(play);
		return;
	}
	tell(play,
	     what < 11			       ? "we mark"
	     : what == 15 && !play->is_plain ? "we copy"
	     : what < 16		       ? "we move"
					       : "we remove",
	     id, "");
	if (what >= 16)
		note(play->removed, id);
	world_change(play->w, row, what == 10 ? our_tag(play, id) : our_change(play, what));
}

/* --- both, and the network --- */

static void in_between(void *arg)
{
	struct play *play = arg;

	if (world_random(play->w, 8))
		return;
	play->busy++;
	they_do(play);
	play->busy--;
}

static bool while_we_work(void *arg)
{
	struct play *play = arg;

	if (world_random(play->w, 6))
		return false;
	play->busy++;
	we_do(play);
	play->busy--;
	return false;
}

static void break_network(struct play *play)
{
	struct fake_server *server = play->w->server;

	server->cut_in = world_random(play->w, 3) ? (long)world_random(play->w, 25) : -1;
	server->is_late = world_random(play->w, 2);
}

static void sync(struct play *play)
{
	struct world *w = play->w;

	if (world_random(w, 2))
		world_keep(w);
	break_network(play);
	tell(play, "round", "", "");
	if (world_random(w, 4))
		world_round(w);
	else
		reconcile_push(w->reconcile, &w->err);
	tell(play, "end of round:", w->err.text, "");
	err_clear(&w->err);
	w->server->cut_in = -1;
	world_connect(w);
	if (world_random(w, 3) == 0)
		world_keep(w);
}

static void step(struct play *play)
{
	unsigned what = world_random(play->w, 100);

	if (what < 46)
		they_do(play);
	else if (what < 92)
		we_do(play);
	else if (what == 92 && world_random(play->w, 4) == 0)
		fake_new_uidvalidity(play->w->server, their_box(play));
	else
		sync(play);
}

/* --- in the end --- */

static bool is_anywhere(struct play *play, const char *id)
{
	for (size_t i = 0; i < play->w->server->count; i++)
		if (fake_by_id(play->w->server->boxes[i], id))
			return true;
	return false;
}

static bool has_all(struct play *play)
{
	const char *id;
	void *value;
	size_t at = 0;
	bool has = true;

	while (map_next(play->made, &at, &id, &value)) {
		if (map_get(play->removed, id) || is_anywhere(play, id))
			continue;
		print_message("# <%s> is lost\n", id);
		has = false;
	}
	return has;
}

static size_t count_anywhere(struct play *play, const char *id)
{
	size_t count = 0;

	for (size_t b = 0; b < play->w->server->count; b++)
		for (size_t i = 0; i < play->w->server->boxes[b]->count; i++)
			count += strcmp(play->w->server->boxes[b]->items[i].id, id) == 0;
	return count;
}

static bool has_each_once(struct play *play)
{
	const char *id;
	void *value;
	size_t at = 0;
	bool has = true;

	while (play->is_plain && map_next(play->made, &at, &id, &value)) {
		if (count_anywhere(play, id) < 2)
			continue;
		print_message("# <%s> is there %zu times\n", id, count_anywhere(play, id));
		has = false;
	}
	return has;
}

static bool has_our_tag(struct play *play, const char *tag, const char *id)
{
	struct db_stmt *stmt = db_query(play->w->store->db,
					"SELECT 1 FROM message m JOIN tag t ON t.message = m.id WHERE m.folder > 0"
					" AND m.message_id = ? AND t.tag = ?");
	bool has;

	db_bind_text(stmt, 1, id);
	db_bind_text(stmt, 2, tag);
	has = db_step(stmt, NULL) == 1;
	db_reset(stmt);
	return has;
}

/* Whoever moved a letter whereto: it has the tags that we gave it. */
static bool has_all_tags(struct play *play)
{
	const char *what;
	void *value;
	size_t at = 0;
	bool has = true;

	while (map_next(play->kept, &at, &what, &value)) {
		const char *id = strchr(what, ' ') + 1;
		char *tag = mem_strndup(what, (size_t)(id - what - 1));

		if (!map_get(play->removed, id) && !has_our_tag(play, tag, id)) {
			print_message("# <%s> has lost its tag %s\n", id, tag);
			has = false;
		}
		free(tag);
	}
	return has;
}

/* Where nothing can be expunged by its uid, another client cleans up. */
static void expunge_marked(struct play *play)
{
	for (size_t b = 0; b < play->w->server->count; b++) {
		struct fake_box *box = play->w->server->boxes[b];

		for (size_t i = box->count; i-- > 0;)
			if (box->items[i].flags & BOX_DELETED)
				they_remove(play, box, &box->items[i]);
	}
}

static void come_to_rest(struct play *play)
{
	struct world *w = play->w;

	w->server->between = NULL;
	w->events.must_stop = NULL;
	world_reopen(w);
	world_sync(w);
	if (!play->may_mark_deleted) {
		expunge_marked(play);
		world_sync(w);
	}
	world_sync(w);
}

static void choose_server(struct play *play, unsigned seed)
{
	struct backend_abilities *can = &play->w->server->can;

	can->has_vanished = seed % 4 != 1;
	can->has_modseq = seed % 4 != 1 || seed % 8 == 1;
	can->has_move = seed % 3 != 1;
	can->has_uids_back = seed % 4 != 2;
	play->may_mark_deleted = can->has_uids_back;
}

static bool play_one(unsigned seed, int operations, bool tells)
{
	void *state;
	struct play play = {.made = map_new(), .removed = map_new(), .kept = map_new(), .tells = tells};
	bool is_well;

	assert_int_equal(world_begin(&state), 0);
	play.w = state;
	play.w->seed = seed * 2654435761u;
	play.w->is_quiet = !tells;
	choose_server(&play, seed);
	play.is_plain = seed % 5 == 0;
	for (size_t i = 0; i < FOLDERS; i++)
		fake_make(play.w->server, folders[i]);
	world_sync(play.w);
	play.w->server->between = in_between;
	play.w->server->arg = &play;
	play.w->events.must_stop = while_we_work;
	play.w->events.arg = &play;
	world_reopen(play.w);
	for (int i = 0; i < operations; i++)
		step(&play);
	come_to_rest(&play);
	is_well = world_is_equal(play.w) & has_all(&play) & has_each_once(&play) & has_all_tags(&play);
	if (!is_well)
		print_message("# seed %u\n", seed);
	map_free(&play.made, NULL);
	map_free(&play.removed, NULL);
	map_free(&play.kept, NULL);
	world_end(&state);
	return is_well;
}

static void both_sides_are_equal_in_the_end(void **state)
{
	const char *one = getenv("TERN_SEED"), *all = getenv("TERN_CHECK_ALL");
	unsigned seeds = all && *all ? ALL_SEEDS : FEW_SEEDS, failed = 0;

	(void)state;
	if (one) {
		assert_true(play_one((unsigned)atoi(one), OPERATIONS, true));
		return;
	}
	for (unsigned seed = 1; seed <= seeds; seed++)
		failed += !play_one(seed, OPERATIONS, false);
	print_message("# %u seeds, %u failed\n", seeds, failed);
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(both_sides_are_equal_in_the_end)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
