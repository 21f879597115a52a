/* Each rule by which an account and its server are made alike. */
#include "config.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
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
#include "store/base/buf.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/remote.h"
#include "store/mail/remote_inside.h"
#include "store/mail/store_inside.h"
#include "tests/lib/remote_world.h"

static struct fake_box *inbox(struct world *w)
{
	return fake_box(w->server, "INBOX");
}

static void send(struct world *w, struct fake_box *box, const char *id)
{
	char *text = world_letter(id, 3);

	fake_append(w->server, box, text, 0, "", 1600000000);
	free(text);
}

static void send_many(struct world *w, struct fake_box *box, int count)
{
	char id[32];

	for (int i = 0; i < count; i++) {
		snprintf(id, sizeof id, "m%d@x", i);
		send(w, box, id);
	}
}

static struct message row(struct world *w, const char *folder, const char *id)
{
	struct message message;

	world_fine(w, store_message(w->store, world_row(w, folder, id), w->arena, &message, &w->err) == 1);
	return message;
}

static void begins_with_what_is_there(void **state)
{
	struct world *w = *state;

	send_many(w, inbox(w), 30);
	fake_make(w->server, "lists/tern")->is_subscribed = false;
	send(w, fake_box(w->server, "lists/tern"), "a@x");
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_int_equal(store_owed_count(w->store, &w->err), 0);
	assert_int_not_equal(world_row(w, "lists/tern", "a@x"), 0);
}

static void has_an_inbox_before_any_server(void **state)
{
	struct world *w = *state;

	world_keep(w);
	assert_int_equal(store_folder_by_role(w->store, ROLE_INBOX, w->arena, &(struct folder){.id = 0}, &w->err),
			 1);
}

static void costs_one_question_when_nothing_changed(void **state)
{
	struct world *w = *state;
	size_t before;

	send_many(w, inbox(w), 30);
	world_sync(w);
	before = w->server->commands;
	world_fine(w, world_round(w) == 0);
	assert_int_equal(w->server->commands - before, 2); /* one more of the mailbox that is open */
	w->server->hides_status = true;
	before = w->server->commands;
	world_fine(w, world_round(w) == 0);
	assert_int_equal(w->server->commands - before, 2);
}

static void keeps_flag_changes_of_both_sides(void **state)
{
	struct world *w = *state;

	send(w, inbox(w), "a@x");
	fake_flags(w->server, inbox(w), fake_by_id(inbox(w), "a@x"), BOX_ANSWERED, 0, "old", NULL);
	world_sync(w);
	world_change(w, world_row(w, "INBOX", "a@x"),
		     (struct store_change){.set = BOX_FLAGGED, .add_tag = "ours"});
	fake_flags(w->server, inbox(w), fake_by_id(inbox(w), "a@x"), BOX_SEEN, BOX_ANSWERED, "theirs", "old");
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_int_equal(row(w, "INBOX", "a@x").flags, BOX_SEEN | BOX_FLAGGED);
	assert_string_equal(fake_by_id(inbox(w), "a@x")->keywords, "ours theirs");
}

static void lets_who_changed_a_flag_have_it(void **state)
{
	struct world *w = *state;

	send(w, inbox(w), "a@x");
	fake_flags(w->server, inbox(w), fake_by_id(inbox(w), "a@x"), BOX_SEEN, 0, NULL, NULL);
	world_sync(w);
	world_change(w, world_row(w, "INBOX", "a@x"), (struct store_change){.clear = BOX_SEEN});
	world_sync(w);
	assert_int_equal(fake_by_id(inbox(w), "a@x")->flags, 0);
	assert_true(world_is_equal(w));
}

static void knows_forwarded_as_a_keyword(void **state)
{
	struct world *w = *state;

	send(w, inbox(w), "a@x");
	world_sync(w);
	world_change(w, world_row(w, "INBOX", "a@x"), (struct store_change){.set = BOX_FORWARDED});
	world_sync(w);
	assert_string_equal(fake_by_id(inbox(w), "a@x")->keywords, "$Forwarded");
	fake_flags(w->server, inbox(w), fake_by_id(inbox(w), "a@x"), 0, 0, NULL, "$Forwarded");
	world_sync(w);
	assert_int_equal(row(w, "INBOX", "a@x").flags & BOX_FORWARDED, 0);
}

static void keeps_tags_that_no_server_takes(void **state)
{
	struct world *w = *state;

	send(w, inbox(w), "a@x");
	world_sync(w);
	world_change(w, world_row(w, "INBOX", "a@x"), (struct store_change){.add_tag = "x%"});
	world_sync(w);
	fake_flags(w->server, inbox(w), fake_by_id(inbox(w), "a@x"), 0, 0, "work", NULL);
	world_sync(w);
	assert_string_equal(fake_by_id(inbox(w), "a@x")->keywords, "work");
	assert_string_equal(row(w, "INBOX", "a@x").tags[0], "work");
	assert_string_equal(row(w, "INBOX", "a@x").tags[1], "x%");
}

static void stores_many_with_one_command(void **state)
{
	struct world *w = *state;
	char id[32];
	size_t before;

	send_many(w, inbox(w), 40);
	world_sync(w);
	for (int i = 0; i < 40; i++) {
		snprintf(id, sizeof id, "m%d@x", i);
		world_change(w, world_row(w, "INBOX", id), (struct store_change){.set = BOX_SEEN});
	}
	before = w->server->stores;
	world_sync(w);
	assert_int_equal(w->server->stores - before, 1);
	assert_true(world_is_equal(w));
}

static void moves_and_copies(void **state)
{
	struct world *w = *state;
	size_t appends, wholes;

	send_many(w, inbox(w), 4);
	fake_make(w->server, "Archive");
	world_sync(w);
	appends = w->server->appends;
	wholes = w->server->wholes;
	world_change(w, world_row(w, "INBOX", "m0@x"),
		     (struct store_change){.move_to = world_folder(w, "Archive"), .set = BOX_SEEN});
	world_change(w, world_row(w, "INBOX", "m1@x"),
		     (struct store_change){.move_to = world_folder(w, "Archive"), .is_copy = true});
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_int_equal(w->server->appends, appends);
	assert_int_equal(w->server->wholes, wholes);
	assert_int_equal(fake_box(w->server, "Archive")->count, 2);
	assert_int_equal(inbox(w)->count, 3);
}

static void moves_where_the_server_tells_no_uids(void **state)
{
	struct world *w = *state;

	w->server->can.has_uids_back = false;
	moves_and_copies(state);
	world_put(w, "Archive", "new@x", BOX_SEEN);
	world_sync(w);
	world_sync(w);
	assert_int_equal(w->server->appends, 1);
	assert_true(world_is_equal(w));
}

static void removes_for_good_unless_it_changed_there(void **state)
{
	struct world *w = *state;

	send_many(w, inbox(w), 3);
	world_sync(w);
	world_change(w, world_row(w, "INBOX", "m0@x"), (struct store_change){.expunge = true});
	world_change(w, world_row(w, "INBOX", "m1@x"), (struct store_change){.expunge = true});
	fake_flags(w->server, inbox(w), fake_by_id(inbox(w), "m1@x"), BOX_FLAGGED, 0, NULL, NULL);
	world_sync(w);
	assert_null(fake_by_id(inbox(w), "m0@x"));
	assert_non_null(fake_by_id(inbox(w), "m1@x"));
	assert_true(world_is_equal(w));
}

static int64_t keys_in_inbox(struct world *w)
{
	struct db_stmt *stmt = db_query(w->store->db, "SELECT count(DISTINCT key) FROM message WHERE place = ?");
	int64_t count;

	db_bind_int(stmt, 1, world_folder(w, "INBOX"));
	count = db_step_id(stmt, &w->err);
	return count;
}

/* The file of the one removed is still there, under the name that the one come back would have. */
static void comes_back_beside_its_own_removal(void **state)
{
	struct world *w = *state;
	struct box_message bytes;

	send_many(w, inbox(w), 2);
	world_sync(w);
	world_change(w, world_row(w, "INBOX", "m0@x"), (struct store_change){.expunge = true});
	fake_flags(w->server, inbox(w), fake_by_id(inbox(w), "m0@x"), BOX_FLAGGED, 0, NULL, NULL);
	world_fine(w, world_round(w) == 0);
	world_fine(w, world_round(w) == 0);
	assert_int_equal(keys_in_inbox(w), 3);
	world_keep(w);
	world_fine(w, store_message_open(w->store, world_row(w, "INBOX", "m0@x"), &bytes, &w->err) == 0);
	box_message_close(&bytes);
	world_sync(w);
	assert_int_equal(inbox(w)->count, 2);
	assert_true(world_is_equal(w));
}

static void follows_what_went_there(void **state)
{
	struct world *w = *state;

	send_many(w, inbox(w), 5);
	world_sync(w);
	world_change(w, world_row(w, "INBOX", "m1@x"), (struct store_change){.set = BOX_SEEN});
	fake_expunge(w->server, inbox(w), fake_by_id(inbox(w), "m0@x")->uid);
	fake_expunge(w->server, inbox(w), fake_by_id(inbox(w), "m1@x")->uid);
	world_sync(w);
	assert_int_equal(inbox(w)->count, 3);
	assert_true(world_is_equal(w));
}

static bool has_tag(struct world *w, const char *folder, const char *id, const char *tag)
{
	char **tags = row(w, folder, id).tags;

	while (*tags && strcmp(*tags, tag) != 0)
		tags++;
	return *tags;
}

/* Another client's MOVE. */
static void they_move(struct world *w, const char *from, const char *to, const char *id)
{
	struct fake_box *box = fake_box(w->server, from);
	uint32_t uid = fake_by_id(box, id)->uid;

	fake_copy(w->server, box, uid, fake_box(w->server, to));
	fake_expunge(w->server, box, uid);
}

/* INBOX is looked at first: the old place is seen empty before the new one full, or after. */
static void takes_our_marks_along(struct world *w, const char *from, const char *to, const char *id)
{
	fake_make(w->server, "Archive");
	send(w, fake_box(w->server, from), id);
	fake_flags(w->server, fake_box(w->server, from), fake_by_id(fake_box(w->server, from), id), BOX_SEEN, 0,
		   "old", NULL);
	world_sync(w);
	world_change(w, world_row(w, from, id), (struct store_change){.set = BOX_FLAGGED, .add_tag = "work"});
	world_change(w, world_row(w, from, id), (struct store_change){.clear = BOX_SEEN, .remove_tag = "old"});
	world_change(w, world_row(w, from, id), (struct store_change){.add_tag = "x%"});
	they_move(w, from, to, id);
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_int_equal(fake_by_id(fake_box(w->server, to), id)->flags, BOX_FLAGGED);
	assert_string_equal(fake_by_id(fake_box(w->server, to), id)->keywords, "work");
	assert_true(has_tag(w, to, id, "x%"));
	assert_int_equal(fake_box(w->server, from)->count, 0);
	assert_int_equal(fake_box(w->server, to)->count, 1);
	assert_int_equal(w->server->appends, 0);
}

static void keeps_our_marks_on_what_they_moved(void **state)
{
	takes_our_marks_along(*state, "INBOX", "Archive", "a@x");
}

static void keeps_our_marks_when_the_new_place_is_seen_first(void **state)
{
	takes_our_marks_along(*state, "Archive", "INBOX", "a@x");
}

static void keeps_our_marks_without_a_message_id(void **state)
{
	takes_our_marks_along(*state, "INBOX", "Archive", "");
}

static void keeps_our_marks_without_a_message_id_when_seen_first(void **state)
{
	takes_our_marks_along(*state, "Archive", "INBOX", "");
}

static void keeps_tags_where_no_keywords_are(struct world *w, const char *from, const char *to)
{
	w->server->can.has_keywords = false;
	fake_make(w->server, "Archive");
	send(w, fake_box(w->server, from), "a@x");
	world_sync(w);
	world_change(w, world_row(w, from, "a@x"), (struct store_change){.add_tag = "work"});
	world_sync(w);
	they_move(w, from, to, "a@x");
	world_sync(w);
	assert_true(has_tag(w, to, "a@x", "work"));
	assert_int_equal(world_row(w, from, "a@x"), 0);
}

static void keeps_tags_that_the_server_cannot(void **state)
{
	keeps_tags_where_no_keywords_are(*state, "INBOX", "Archive");
}

static void keeps_tags_that_the_server_cannot_when_seen_first(void **state)
{
	keeps_tags_where_no_keywords_are(*state, "Archive", "INBOX");
}

/* Our place for it holds, and it is there once. */
static void moves_on_what_they_moved_elsewhere(void **state)
{
	struct world *w = *state;

	send_many(w, inbox(w), 3);
	fake_make(w->server, "Archive");
	fake_make(w->server, "lists");
	world_sync(w);
	world_change(w, world_row(w, "INBOX", "m0@x"),
		     (struct store_change){.move_to = world_folder(w, "Archive"), .set = BOX_FLAGGED});
	they_move(w, "INBOX", "lists", "m0@x");
	world_sync(w);
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_int_equal(fake_box(w->server, "Archive")->count, 1);
	assert_int_equal(fake_box(w->server, "lists")->count, 0);
	assert_int_equal(fake_by_id(fake_box(w->server, "Archive"), "m0@x")->flags, BOX_FLAGGED);
}

static void keeps_marks_when_their_folder_went(void **state)
{
	struct world *w = *state;

	fake_make(w->server, "old");
	fake_make(w->server, "Archive");
	send(w, fake_box(w->server, "old"), "a@x");
	world_sync(w);
	world_change(w, world_row(w, "old", "a@x"), (struct store_change){.set = BOX_FLAGGED, .add_tag = "x%"});
	they_move(w, "old", "Archive", "a@x");
	fake_remove(w->server, "old");
	world_sync(w);
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_null(fake_box(w->server, "old"));
	assert_int_equal(fake_by_id(fake_box(w->server, "Archive"), "a@x")->flags, BOX_FLAGGED);
	assert_true(has_tag(w, "Archive", "a@x", "x%"));
}

/* Read here and removed there it goes; marked here it comes back, once. */
static void brings_back_what_was_changed_here(void **state)
{
	struct world *w = *state;

	send_many(w, inbox(w), 5);
	world_sync(w);
	world_change(w, world_row(w, "INBOX", "m0@x"), (struct store_change){.set = BOX_SEEN});
	world_change(w, world_row(w, "INBOX", "m1@x"), (struct store_change){.set = BOX_FLAGGED});
	world_change(w, world_row(w, "INBOX", "m2@x"), (struct store_change){.add_tag = "work"});
	for (int i = 0; i < 3; i++) {
		char id[32];

		snprintf(id, sizeof id, "m%d@x", i);
		fake_expunge(w->server, inbox(w), fake_by_id(inbox(w), id)->uid);
	}
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_int_equal(inbox(w)->count, 4);
	assert_null(fake_by_id(inbox(w), "m0@x"));
	assert_int_equal(fake_by_id(inbox(w), "m1@x")->flags, BOX_FLAGGED);
	assert_string_equal(fake_by_id(inbox(w), "m2@x")->keywords, "work");
}

static void put_version(struct world *w, const char *id, int lines)
{
	char *text = world_letter(id, lines);
	struct box *box = store_box(w->store, world_folder(w, "Drafts"), &w->err);
	struct box_delivery delivery = {
	    .data = text, .len = strlen(text), .fd = -1, .flags = BOX_DRAFT, .received = 1600000000};

	world_fine(w, box && box_deliver(box, &delivery, NULL, &w->err) == 0);
	box_close(&box);
	free(text);
}

/* A draft that is written on here is a new letter in the place of the old one, which is taken away. */
static void write_on(struct world *w, const char *id, int lines)
{
	int64_t old = world_row(w, "Drafts", id);

	put_version(w, id, lines);
	world_keep(w);
	world_change(w, old, (struct store_change){.expunge = true});
}

/* Written on here, removed there: it is there again, as it is here. */
static void brings_back_a_draft_that_was_written_on(void **state)
{
	struct world *w = *state;
	struct fake_box *drafts = fake_make(w->server, "Drafts");

	send(w, drafts, "d@x");
	world_sync(w);
	write_on(w, "d@x", 9);
	fake_expunge(w->server, drafts, fake_by_id(drafts, "d@x")->uid);
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_int_equal(drafts->count, 1);
	assert_true(drafts->items[0].size > 330);
}

/* Written on here and there: both are kept. */
static void keeps_both_versions_of_a_draft(void **state)
{
	struct world *w = *state;
	struct fake_box *drafts = fake_make(w->server, "Drafts");
	char *theirs = world_letter("d@x", 5);
	uint32_t old;

	send(w, drafts, "d@x");
	world_sync(w);
	old = fake_by_id(drafts, "d@x")->uid;
	write_on(w, "d@x", 9);
	fake_append(w->server, drafts, theirs, BOX_DRAFT, "", 1600000000);
	fake_expunge(w->server, drafts, old);
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_int_equal(drafts->count, 2);
	free(theirs);
}

static void joins_what_both_moved_to_one_place(void **state)
{
	struct world *w = *state;
	uint32_t uid;

	send_many(w, inbox(w), 3);
	fake_make(w->server, "Archive");
	world_sync(w);
	uid = fake_by_id(inbox(w), "m0@x")->uid;
	fake_copy(w->server, inbox(w), uid, fake_box(w->server, "Archive"));
	fake_expunge(w->server, inbox(w), uid);
	world_change(w, world_row(w, "INBOX", "m0@x"),
		     (struct store_change){.move_to = world_folder(w, "Archive")});
	world_sync(w);
	assert_int_equal(fake_box(w->server, "Archive")->count, 1);
	assert_true(world_is_equal(w));
}

static void sends_what_was_put_here(void **state)
{
	struct world *w = *state;

	world_sync(w);
	world_put(w, "Sent", "a@x", BOX_SEEN);
	world_put(w, "Sent", "", BOX_SEEN);
	world_sync(w);
	assert_int_equal(fake_box(w->server, "Sent")->count, 2);
	assert_int_equal(w->server->appends, 2);
	assert_true(world_is_equal(w));
}

/* Every command may be the last: before it was heard, or before it was answered. */
static void survives_a_cut_anywhere(void **state)
{
	struct world *w = *state;

	w->is_quiet = true;
	for (long cut = 0; cut < 60; cut++) {
		char id[32], other[32];

		snprintf(id, sizeof id, "c%ld@x", cut);
		snprintf(other, sizeof other, "d%ld@x", cut);
		send(w, inbox(w), id);
		world_sync(w);
		fake_make(w->server, "Archive");
		send(w, inbox(w), other);
		world_change(w, world_row(w, "INBOX", id),
			     (struct store_change){.move_to = world_folder(w, "Archive"),
						   .set = BOX_SEEN,
						   .add_tag = "cut"});
		world_put(w, "Sent", id, BOX_SEEN);
		w->server->cut_in = cut / 2;
		w->server->is_late = cut & 1;
		world_keep(w);
		world_round(w);
		w->server->cut_in = -1;
		world_connect(w);
		world_sync(w);
		assert_true(world_is_equal(w));
		assert_int_equal(fake_box(w->server, "Archive")->count, cut + 1);
		assert_int_equal(fake_box(w->server, "Sent")->count, cut + 1);
	}
}

/* One letter put into two folders is two letters, though one of them is there and the other's way was cut. */
static void keeps_two_of_a_letter_whatever_is_cut(void **state)
{
	struct world *w = *state;

	w->is_quiet = true;
	for (long cut = 0; cut < 40; cut++) {
		char id[32];

		snprintf(id, sizeof id, "t%ld@x", cut);
		world_sync(w);
		world_put(w, "Sent", id, BOX_SEEN);
		world_put(w, "Archive", id, BOX_SEEN);
		w->server->cut_in = cut / 2;
		w->server->is_late = cut & 1;
		world_keep(w);
		world_round(w);
		w->server->cut_in = -1;
		world_connect(w);
		world_sync(w);
		assert_true(world_is_equal(w));
		assert_int_equal(fake_box(w->server, "Archive")->count, cut + 1);
		assert_int_equal(fake_box(w->server, "Sent")->count, cut + 1);
	}
}

static void joins_again_when_uids_are_new(void **state)
{
	struct world *w = *state;
	size_t wholes;
	int64_t id;

	send_many(w, inbox(w), 50);
	world_sync(w);
	id = world_row(w, "INBOX", "m7@x");
	wholes = w->server->wholes;
	world_change(w, id, (struct store_change){.set = BOX_FLAGGED});
	fake_flags(w->server, inbox(w), fake_by_id(inbox(w), "m8@x"), BOX_SEEN, 0, NULL, NULL);
	fake_expunge(w->server, inbox(w), fake_by_id(inbox(w), "m9@x")->uid);
	fake_new_uidvalidity(w->server, inbox(w));
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_int_equal(inbox(w)->count, 49);
	assert_int_equal(w->server->wholes, wholes);
	assert_int_equal(w->server->appends, 0);
	assert_int_equal(world_row(w, "INBOX", "m7@x"), id);
}

static void joins_again_when_the_index_is_lost(void **state)
{
	struct world *w = *state;
	size_t wholes;

	send_many(w, inbox(w), 50);
	world_sync(w);
	world_put(w, "INBOX", "new@x", BOX_SEEN);
	wholes = w->server->wholes;
	world_lose_index(w);
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_int_equal(inbox(w)->count, 51);
	assert_int_equal(w->server->wholes, wholes);
	assert_int_equal(w->server->appends, 1);
}

/* Its file has got its name, and who fetched it was killed before the database heard of it. */
static void knows_the_file_of_one_that_was_killed(void **state)
{
	struct world *w = *state;
	int64_t ids[3];
	char id[32];

	send_many(w, inbox(w), 3);
	world_sync(w);
	for (int i = 0; i < 3; i++) {
		snprintf(id, sizeof id, "m%d@x", i);
		ids[i] = world_row(w, "INBOX", id);
		world_fine(w, remote_put_away(w->store, ids[i], &w->err) == 1);
	}
	world_change(w, ids[1], (struct store_change){.set = BOX_FLAGGED});
	world_fine(w, store_index(w->store, 0, NULL, NULL, &w->err) == 0);
	for (int i = 0; i < 3; i++) {
		snprintf(id, sizeof id, "m%d@x", i);
		assert_int_equal(world_row(w, "INBOX", id), ids[i]);
	}
	world_sync(w);
	assert_int_equal(inbox(w)->count, 3);
	assert_int_equal(w->server->appends, 0);
	assert_int_equal(w->server->wholes, 3);
	assert_true(world_is_equal(w));
}

/* Files of another program that fetched them: names tell nothing, content does. */
static void joins_what_another_program_fetched(void **state)
{
	struct world *w = *state;
	char id[32];

	for (int i = 0; i < 10; i++) {
		snprintf(id, sizeof id, "m%d@x", i);
		world_put(w, "INBOX", id, BOX_SEEN);
	}
	send_many(w, inbox(w), 10);
	world_sync(w);
	assert_int_equal(w->server->appends, 0);
	assert_int_equal(w->server->wholes, 0);
	assert_true(world_is_equal(w));
}

static void asks_twice_when_all_is_gone(void **state)
{
	struct world *w = *state;
	int64_t id;

	send_many(w, inbox(w), 50);
	world_sync(w);
	id = world_row(w, "INBOX", "m7@x");
	w->server->shows_nothing_once = true;
	w->server->hides_status = true;
	world_fine(w, world_round(w) == 0);
	assert_int_equal(world_row(w, "INBOX", "m7@x"), id);
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_int_equal(inbox(w)->count, 50);
}

static void a_persistent_liar_costs_a_download(void **state)
{
	struct world *w = *state;

	send_many(w, inbox(w), 50);
	world_sync(w);
	world_put(w, "INBOX", "ours@x", BOX_SEEN);
	w->server->shows_nothing = w->server->hides_status = true;
	world_keep(w);
	world_round(w);
	assert_int_not_equal(world_row(w, "INBOX", "ours@x"), 0);
	w->server->shows_nothing = false;
	world_sync(w);
	assert_true(world_is_equal(w));
	assert_int_equal(inbox(w)->count, 51);
}

static void empty_dir(struct world *w, const char *folder, const char *name)
{
	char *path = mem_printf("%s/%s/%s", w->account.path, folder, name);
	DIR *dir = opendir(path);
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	free(path);
}

static void fetches_again_what_vanished_as_a_whole(void **state)
{
	struct world *w = *state;

	send_many(w, inbox(w), 12);
	world_sync(w);
	empty_dir(w, "INBOX", "cur");
	empty_dir(w, "INBOX", "new");
	world_sync(w);
	assert_int_equal(inbox(w)->count, 12);
	assert_true(world_is_equal(w));
}

static void removes_what_another_program_removed(void **state)
{
	struct world *w = *state;
	struct buf path = BUF_INIT;

	send_many(w, inbox(w), 12);
	world_sync(w);
	world_fine(w, store_message_path(w->store, world_row(w, "INBOX", "m3@x"), &path, &w->err) == 0);
	unlink(buf_str(&path));
	buf_free(&path);
	world_sync(w);
	assert_null(fake_by_id(inbox(w), "m3@x"));
	assert_int_equal(inbox(w)->count, 11);
	assert_true(world_is_equal(w));
}

static void makes_and_renames_folders_on_both_sides(void **state)
{
	struct world *w = *state;
	int64_t id;

	fake_make(w->server, "a/b");
	fake_make(w->server, "c");
	send(w, fake_box(w->server, "a/b"), "ab@x");
	send(w, fake_box(w->server, "c"), "c@x");
	world_sync(w);
	id = world_folder(w, "a/b");
	world_fine(w, store_folder_rename(w->store, id, "ours/b", &w->err) == 0);
	fake_rename(w->server, "c", "theirs");
	world_folder(w, "new here");
	world_sync(w);
	assert_non_null(fake_box(w->server, "ours/b"));
	assert_non_null(fake_box(w->server, "new here"));
	assert_null(fake_box(w->server, "a/b"));
	assert_int_not_equal(world_row(w, "theirs", "c@x"), 0);
	assert_int_equal(w->server->appends, 0);
	assert_int_equal(w->server->wholes, 2);
	assert_true(world_is_equal(w));
}

static bool has_folder(struct world *w, const char *name)
{
	struct folder folder;

	return store_folder_by_name(w->store, name, w->arena, &folder, &w->err) == 1;
}

static void removes_folders_on_both_sides(void **state)
{
	struct world *w = *state;

	fake_make(w->server, "a");
	fake_make(w->server, "b");
	fake_make(w->server, "c");
	send(w, fake_box(w->server, "a"), "a@x");
	send(w, fake_box(w->server, "b"), "b@x");
	send(w, fake_box(w->server, "c"), "c@x");
	world_sync(w);
	world_fine(w, store_folder_remove(w->store, world_folder(w, "a"), &w->err) == 0);
	fake_remove(w->server, "b");
	world_connect(w);
	world_fine(w, store_folder_remove(w->store, world_folder(w, "c"), &w->err) == 0);
	send(w, fake_box(w->server, "c"), "c2@x"); /* so it comes back */
	world_sync(w);
	assert_null(fake_box(w->server, "a"));
	assert_null(fake_box(w->server, "b"));
	assert_false(has_folder(w, "a"));
	assert_false(has_folder(w, "b"));
	assert_int_equal(fake_box(w->server, "c")->count, 2);
	assert_true(world_is_equal(w));
}

static void move_all(struct world *w, const char *from, const char *to, int count)
{
	char id[32];

	for (int i = 0; i < count; i++) {
		snprintf(id, sizeof id, "m%d@x", i);
		world_change(w, world_row(w, from, id), (struct store_change){.move_to = world_folder(w, to)});
	}
	world_keep(w);
}

/* To a folder that is new itself. */
static void loses_nothing_that_left_a_removed_folder(void **state)
{
	struct world *w = *state;

	send_many(w, fake_make(w->server, "old"), 3);
	world_sync(w);
	move_all(w, "old", "fresh", 3);
	world_fine(w, store_folder_remove(w->store, world_folder(w, "old"), &w->err) == 0);
	world_sync(w);
	assert_null(fake_box(w->server, "old"));
	assert_int_equal(fake_box(w->server, "fresh")->count, 3);
	assert_int_equal(w->server->appends, 0);
	assert_true(world_is_equal(w));
}

/* The server refuses them for now: the folder waits for them. */
static void removes_no_folder_before_its_letters_left(void **state)
{
	struct world *w = *state;
	char *keys[] = {(char *)"keep"}, *values[] = {(char *)"none"};

	w->account.keys = keys;
	w->account.values = values;
	w->account.setting_count = 1;
	fake_make(w->server, "fresh");
	send_many(w, fake_make(w->server, "old"), 3);
	world_sync(w);
	move_all(w, "old", "fresh", 3);
	world_fine(w, store_folder_remove(w->store, world_folder(w, "old"), &w->err) == 0);
	w->is_quiet = true;
	w->server->room = 0;
	for (int i = 0; i < 4; i++) {
		world_round(w);
		world_keep(w);
		assert_non_null(fake_box(w->server, "old"));
		assert_int_equal(fake_box(w->server, "old")->count, 3);
	}
	w->server->room = -1;
	world_fine(w, remote_forgive(w->store, &w->err) == 0);
	world_sync(w);
	assert_null(fake_box(w->server, "old"));
	assert_int_equal(fake_box(w->server, "fresh")->count, 3);
	w->account.setting_count = 0;
	world_sync(w);
	assert_true(world_is_equal(w));
}

static void goes_on_beside_a_forbidden_mailbox(void **state)
{
	struct world *w = *state;

	w->is_quiet = true;
	send(w, fake_make(w->server, "a shared one"), "a@x");
	send(w, fake_make(w->server, "z"), "z@x");
	send(w, inbox(w), "i@x");
	w->server->forbidden = "a shared one";
	assert_int_equal(world_round(w), -1);
	assert_int_equal(w->err.kind, ERR_FAILED);
	assert_int_not_equal(world_row(w, "INBOX", "i@x"), 0);
	assert_int_not_equal(world_row(w, "z", "z@x"), 0);
	world_change(w, world_row(w, "INBOX", "i@x"),
		     (struct store_change){.move_to = world_folder(w, "a shared one")});
	fake_remove(w->server, "a shared one");
	world_round(w);
	assert_int_equal(w->err.kind, ERR_FAILED);
}

static void try_twice(struct world *w)
{
	w->is_quiet = true;
	for (int i = 0; i < 2; i++) {
		world_keep(w);
		world_round(w);
	}
	w->server->room = -1;
	w->server->keeps_all = false;
	world_fine(w, remote_forgive(w->store, &w->err) == 0);
	world_sync(w);
}

static void keep_nothing(struct world *w)
{
	static char *keys[] = {(char *)"keep"}, *values[] = {(char *)"none"};

	w->account.keys = keys;
	w->account.values = values;
	w->account.setting_count = 1;
}

/* Letters that are away, so that the server has to copy them. */
static void copies_once(struct world *w)
{
	char id[32];

	keep_nothing(w);
	fake_make(w->server, "fresh");
	send_many(w, inbox(w), 10);
	world_sync(w);
	for (int i = 0; i < 10; i++) {
		snprintf(id, sizeof id, "m%d@x", i);
		assert_true(row(w, "INBOX", id).is_away);
		world_change(w, world_row(w, "INBOX", id),
			     (struct store_change){.move_to = world_folder(w, "fresh"), .is_copy = true});
	}
	w->server->room = 4;
	try_twice(w);
	assert_int_equal(fake_box(w->server, "fresh")->count, 10);
	assert_int_equal(inbox(w)->count, 10);
	assert_int_equal(w->server->appends, 0);
	w->account.setting_count = 0;
	world_sync(w);
	assert_true(world_is_equal(w));
}

static void copies_once_what_was_copied_before_a_refusal(void **state)
{
	copies_once(*state);
}

/* Nobody says which were: the next look finds them. */
static void copies_once_where_no_uids_are_told(void **state)
{
	struct world *w = *state;

	w->server->can.has_uids_back = false;
	copies_once(w);
}

/* The same of a move: what went before the refusal is found there. */
static void moves_once_where_no_uids_are_told(void **state)
{
	struct world *w = *state;

	w->server->can.has_uids_back = false;
	keep_nothing(w);
	fake_make(w->server, "fresh");
	send_many(w, inbox(w), 10);
	world_sync(w);
	move_all(w, "INBOX", "fresh", 10);
	w->server->room = 4;
	try_twice(w);
	assert_int_equal(fake_box(w->server, "fresh")->count, 10);
	assert_int_equal(inbox(w)->count, 0);
	assert_int_equal(w->server->appends, 0);
	w->account.setting_count = 0;
	world_sync(w);
	assert_true(world_is_equal(w));
}

/* Without MOVE: copied, but not to be removed where it was. */
static void copies_once_what_cannot_be_removed(void **state)
{
	struct world *w = *state;

	w->server->can.has_move = false;
	fake_make(w->server, "fresh");
	send_many(w, inbox(w), 3);
	world_sync(w);
	move_all(w, "INBOX", "fresh", 3);
	w->server->keeps_all = true;
	try_twice(w);
	assert_int_equal(fake_box(w->server, "fresh")->count, 3);
	assert_int_equal(inbox(w)->count, 0);
	assert_true(world_is_equal(w));
}

static void gives_safe_names_to_unsafe_mailboxes(void **state)
{
	static const char *const names[] = {"../x", "/etc", "a/../b", "cur", "x\033[31m", ".hidden", "", "a//b"};
	struct world *w = *state;
	struct folder *folders;
	size_t count;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		send(w, fake_make(w->server, names[i]), "a@x");
	world_fine(w, world_round(w) == 0);
	world_fine(w, world_round(w) == 0);
	world_fine(w, store_folders(w->store, w->arena, &folders, &count, &w->err) == 0);
	assert_int_equal(count, 1 + sizeof names / sizeof *names);
	for (size_t i = 0; i < count; i++) {
		assert_non_null(strstr(folders[i].path, w->account.path));
		assert_null(strstr(folders[i].path, "/../"));
		assert_null(strchr(folders[i].name, '\033'));
		if (strcmp(folders[i].name, "INBOX") != 0)
			assert_int_equal(folders[i].total, 1);
	}
	assert_int_equal(w->server->count, count);
}

static void keeps_headers_alone_and_fetches_on_a_wish(void **state)
{
	struct world *w = *state;
	char *keys[] = {(char *)"keep"}, *values[] = {(char *)"none"};
	struct box_message bytes;
	int64_t id;

	w->account.keys = keys;
	w->account.values = values;
	w->account.setting_count = 1;
	send_many(w, inbox(w), 5);
	world_sync(w);
	assert_int_equal(w->server->wholes, 0);
	id = world_row(w, "INBOX", "m2@x");
	assert_true(row(w, "INBOX", "m2@x").is_away);
	assert_string_equal(row(w, "INBOX", "m2@x").subject, "Say m2@x");
	assert_int_equal(store_message_open(w->store, id, &bytes, &w->err), -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(w->err.text, "not on this computer"));
	world_fine(w, store_want(w->store, id, NULL, &w->err) == 0);
	assert_true(reconcile_owes(w->reconcile));
	assert_int_equal(reconcile_push(w->reconcile, &w->err), 1);
	assert_false(reconcile_owes(w->reconcile));
	world_fine(w, store_message_open(w->store, id, &bytes, &w->err) == 0);
	box_message_close(&bytes);
	world_keep(w);
	assert_int_equal(world_row(w, "INBOX", "m2@x"), id);
	world_change(w, world_row(w, "INBOX", "m1@x"),
		     (struct store_change){.move_to = world_folder(w, "Archive")});
	world_change(w, world_row(w, "INBOX", "m3@x"),
		     (struct store_change){.move_to = world_folder(w, "Archive"), .is_copy = true});
	world_change(w, world_row(w, "INBOX", "m4@x"), (struct store_change){.expunge = true});
	world_sync(w);
	assert_int_equal(fake_box(w->server, "Archive")->count, 2);
	assert_int_equal(inbox(w)->count, 3);
	assert_int_equal(row(w, "Archive", "m1@x").is_away, true);
	w->account.setting_count = 0;
	world_sync(w);
	assert_true(world_is_equal(w));
}

static size_t files_in(struct world *w, const char *folder, const char *name)
{
	char *path = path_join(w->account.path, folder), *full = path_join(path, name);
	DIR *dir = opendir(full);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	free(full);
	free(path);
	return count;
}

/* More than one batch: some go to disk while others come. */
static void fetches_thousands(void **state)
{
	struct world *w = *state;

	send_many(w, inbox(w), 5200);
	world_sync(w);
	assert_int_equal(files_in(w, "INBOX", "cur") + files_in(w, "INBOX", "new"), 5200);
	assert_int_equal(files_in(w, "INBOX", "tmp"), 0);
	assert_true(world_is_equal(w));
}

/* Cut while the first of them went to disk: what came before is kept, nothing is here twice. */
static void keeps_what_came_of_thousands(void **state)
{
	struct world *w = *state;

	send_many(w, inbox(w), 5200);
	w->server->cut_in = 3500;
	w->is_quiet = true;
	assert_int_equal(world_round(w), -1);
	w->is_quiet = false;
	w->server->cut_in = -1;
	assert_int_equal(files_in(w, "INBOX", "tmp"), 0);
	assert_int_equal(files_in(w, "INBOX", "cur") + files_in(w, "INBOX", "new"), w->server->wholes);
	world_connect(w);
	world_sync(w);
	assert_int_equal(files_in(w, "INBOX", "cur") + files_in(w, "INBOX", "new"), 5200);
	assert_true(world_is_equal(w));
}

static void fetches_a_part(void **state)
{
	struct world *w = *state;
	char *path;
	int64_t id;

	send(w, inbox(w), "a@x");
	world_sync(w);
	id = world_row(w, "INBOX", "a@x");
	world_fine(w, store_want(w->store, id, "2.1", &w->err) == 0);
	assert_int_equal(reconcile_push(w->reconcile, &w->err), 1);
	path = store_part_path(w->store, id, "2.1");
	assert_true(path_exists(path));
	free(path);
	assert_false(reconcile_owes(w->reconcile));
}

static void works_without_any_extension(void **state)
{
	struct world *w = *state;

	w->server->can = (struct backend_abilities){.has_keywords = true, .has_uids_back = true};
	keeps_flag_changes_of_both_sides(state);
	fake_expunge(w->server, inbox(w), fake_by_id(inbox(w), "a@x")->uid);
	follows_what_went_there(state);
}

/* --- killed -------------------------------------------------------------------------------------- */

struct dying {
	long commands;
};

static void die(void *arg)
{
	struct dying *dying = arg;

	if (dying->commands-- == 0)
		kill(getpid(), SIGKILL);
}

static void die_when_changed(void *arg)
{
	die(arg);
}

/* A child syncs and is killed at its Nth command or write; what it leaves is gone on with. */
static void loses_nothing_when_killed(void **state)
{
	struct world *w = *state;

	send_many(w, inbox(w), 700);
	store_close(&w->store);
	for (long n = 0; n < 16; n++) {
		pid_t pid = fork();

		if (pid == 0) {
			struct dying dying = {n / 2};

			if (n & 1) {
				w->events.changed = die_when_changed;
				w->events.arg = &dying;
			} else {
				w->server->between = die;
				w->server->arg = &dying;
			}
			world_reopen(w);
			world_round(w);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	world_reopen(w);
	world_sync(w);
	assert_int_equal(inbox(w)->count, 700);
	assert_int_equal(w->server->appends, 0);
	assert_true(world_is_equal(w));
}

/* --- beside a keeper ------------------------------------------------------------------------------ */

static void keep_until_killed(struct world *w)
{
	for (;;) {
		struct err err = ERR_INIT;

		store_carry_out(w->store, &err);
		store_index(w->store, 0, NULL, NULL, &err);
	}
}

/* Another process looks at the files all the time and carries out wishes, while mail is fetched, marked and
 * moved: no file may be without its row, no row without its file. */
static void is_not_mistaken_by_a_keeper_beside(void **state)
{
	struct world *w = *state;
	char id[32];
	pid_t pid;

	fake_make(w->server, "Archive");
	send_many(w, inbox(w), 1500);
	store_close(&w->store);
	pid = fork();
	if (pid == 0) {
		w->store = store_open(&w->account, NULL, &w->err);
		keep_until_killed(w);
	}
	world_reopen(w);
	world_fine(w, world_round(w) == 0);
	for (int i = 0; i < 300; i++) {
		snprintf(id, sizeof id, "m%d@x", i);
		world_change(w, world_row(w, "INBOX", id),
			     (struct store_change){.set = BOX_SEEN, .move_to = world_folder(w, "Archive")});
		if (i % 100 == 0) {
			send(w, inbox(w), "late@x");
			world_fine(w, world_round(w) == 0);
		}
	}
	world_fine(w, world_round(w) == 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	world_sync(w);
	assert_int_equal(w->server->appends, 0);
	assert_int_equal(inbox(w)->count, 1203);
	assert_true(world_is_equal(w));
}

static void finds_what_came_into_the_open_mailbox(void **state)
{
	struct world *w = *state;

	w->server->dozes = true;
	world_sync(w);
	assert_int_equal(reconcile_select(w->reconcile, NULL, &w->err), 0);
	send(w, inbox(w), "a@x");
	world_sync(w);
	assert_int_not_equal(world_row(w, "INBOX", "a@x"), 0);
}

static void says_what_came_before_the_mailbox_was_opened(void **state)
{
	struct world *w = *state;

	fake_make(w->server, "lists");
	world_sync(w);
	assert_true(reconcile_select(w->reconcile, "lists", &w->err) >= 0);
	send(w, inbox(w), "a@x");
	assert_int_equal(reconcile_select(w->reconcile, NULL, &w->err), 1);
	assert_int_equal(reconcile_round(w->reconcile, "INBOX", &w->err), 0);
	assert_int_not_equal(world_row(w, "INBOX", "a@x"), 0);
	assert_int_equal(reconcile_select(w->reconcile, NULL, &w->err), 0);
}

static void number_anew(struct world *w, uint32_t uidvalidity, uint32_t uid)
{
	struct fake_box *box = inbox(w);

	box->uidvalidity = uidvalidity;
	box->items[0].uid = uid;
	box->uidnext = uid + 1;
	world_sync(w);
}

/* Its file is named by the uid that it had. */
static void gives_no_letter_the_file_of_another(void **state)
{
	struct world *w = *state;
	uint32_t was = inbox(w)->uidvalidity;
	struct box_message bytes;

	send(w, inbox(w), "a@x");
	world_sync(w);
	number_anew(w, was + 1, 2);
	number_anew(w, was, 2);
	inbox(w)->uidnext = 1;
	send(w, inbox(w), "b@x");
	inbox(w)->uidnext = 3;
	world_sync(w);
	world_keep(w);
	assert_true(world_is_equal(w));
	for (const char *id = "a@x"; id; id = strcmp(id, "a@x") == 0 ? "b@x" : NULL) {
		assert_int_equal(store_message_open(w->store, world_row(w, "INBOX", id), &bytes, &w->err), 0);
		assert_non_null(memmem(bytes.data, bytes.len, id, strlen(id)));
		box_message_close(&bytes);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(begins_with_what_is_there),
	    TEST(has_an_inbox_before_any_server),
	    TEST(costs_one_question_when_nothing_changed),
	    TEST(finds_what_came_into_the_open_mailbox),
	    TEST(gives_no_letter_the_file_of_another),
	    TEST(says_what_came_before_the_mailbox_was_opened),
	    TEST(keeps_flag_changes_of_both_sides),
	    TEST(lets_who_changed_a_flag_have_it),
	    TEST(knows_forwarded_as_a_keyword),
	    TEST(keeps_tags_that_no_server_takes),
	    TEST(stores_many_with_one_command),
	    TEST(moves_and_copies),
	    TEST(moves_where_the_server_tells_no_uids),
	    TEST(removes_for_good_unless_it_changed_there),
	    TEST(comes_back_beside_its_own_removal),
	    TEST(follows_what_went_there),
	    TEST(keeps_our_marks_on_what_they_moved),
	    TEST(keeps_our_marks_when_the_new_place_is_seen_first),
	    TEST(keeps_tags_that_the_server_cannot),
	    TEST(keeps_tags_that_the_server_cannot_when_seen_first),
	    TEST(moves_on_what_they_moved_elsewhere),
	    TEST(keeps_marks_when_their_folder_went),
	    TEST(brings_back_what_was_changed_here),
	    TEST(brings_back_a_draft_that_was_written_on),
	    TEST(keeps_both_versions_of_a_draft),
	    TEST(keeps_our_marks_without_a_message_id),
	    TEST(keeps_our_marks_without_a_message_id_when_seen_first),
	    TEST(joins_what_both_moved_to_one_place),
	    TEST(sends_what_was_put_here),
	    TEST(survives_a_cut_anywhere),
	    TEST(keeps_two_of_a_letter_whatever_is_cut),
	    TEST(joins_again_when_uids_are_new),
	    TEST(joins_again_when_the_index_is_lost),
	    TEST(knows_the_file_of_one_that_was_killed),
	    TEST(joins_what_another_program_fetched),
	    TEST(asks_twice_when_all_is_gone),
	    TEST(a_persistent_liar_costs_a_download),
	    TEST(fetches_again_what_vanished_as_a_whole),
	    TEST(removes_what_another_program_removed),
	    TEST(makes_and_renames_folders_on_both_sides),
	    TEST(removes_folders_on_both_sides),
	    TEST(loses_nothing_that_left_a_removed_folder),
	    TEST(removes_no_folder_before_its_letters_left),
	    TEST(goes_on_beside_a_forbidden_mailbox),
	    TEST(copies_once_what_was_copied_before_a_refusal),
	    TEST(copies_once_where_no_uids_are_told),
	    TEST(moves_once_where_no_uids_are_told),
	    TEST(copies_once_what_cannot_be_removed),
	    TEST(gives_safe_names_to_unsafe_mailboxes),
	    TEST(keeps_headers_alone_and_fetches_on_a_wish),
	    TEST(fetches_thousands),
	    TEST(keeps_what_came_of_thousands),
	    TEST(fetches_a_part),
	    TEST(works_without_any_extension),
	    TEST(loses_nothing_when_killed),
	    TEST(is_not_mistaken_by_a_keeper_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
