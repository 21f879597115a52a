#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/protocol/imap_structure.h"
#include "store/base/file.h"
#include "store/base/path.h"
#include "store/mail/outline.h"
#include "store/mail/remote.h"
#include "store/mail/remote_inside.h"
#include "tests/lib/remote_world.h"

/* The outline of a big letter, and servers that tell of it what is not so: then all of the letter comes. */
#define BIG (10 << 20)

static struct imap_structure_part parts[] = {
    {"", "multipart/mixed", 0, true, 2},
    {"1", "text/plain", 5, false, 0},
    {"2", "application/pdf", BIG, false, 0},
};
static struct imap_structure tree = {parts, 3};

static const char *honest(const char *name)
{
	if (!strcmp(name, "HEADER"))
		return "Subject: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
	if (!strcmp(name, "1.MIME"))
		return "\r\n";
	if (!strcmp(name, "2.MIME"))
		return "Content-Type: application/pdf; name=x.pdf\r\n\r\n";
	return !strcmp(name, "1") ? "Hello" : NULL;
}

static const char *no_boundary(const char *name)
{
	return !strcmp(name, "HEADER") ? "Subject: a\r\nContent-Type: multipart/mixed\r\n\r\n" : honest(name);
}

static const char *another_type(const char *name)
{
	return !strcmp(name, "2.MIME") ? "Content-Type: image/png\r\n\r\n" : honest(name);
}

/* A text that begins a part of the letter around it. */
static const char *torn(const char *name)
{
	return !strcmp(name, "1") ? "Hello\r\n--b\r\n\r\nand more" : honest(name);
}

static const char *nothing(const char *name)
{
	return !strcmp(name, "1") ? NULL : honest(name);
}

static const char *endless(const char *name)
{
	static char text[1 << 20];

	memset(text, 'x', sizeof text - 1);
	(void)name;
	return text;
}

static int64_t away(struct world *w)
{
	static char key[] = "keep", value[] = "none", *keys[] = {key}, *values[] = {value};

	w->account.keys = keys;
	w->account.values = values;
	w->account.setting_count = 1;
	world_put(w, "INBOX", "a@x", 0);
	world_sync(w);
	return world_row(w, "INBOX", "a@x");
}

static bool is_away(struct world *w, int64_t id)
{
	struct message row;

	assert_int_equal(store_message(w->store, id, w->arena, &row, NULL), 1);
	return row.is_away;
}

static bool has_outline(struct world *w, int64_t id, struct outline *outline)
{
	char *path = store_part_path(w->store, id, REMOTE_OUTLINE);
	bool has = outline_open(outline, path, NULL) == 0;

	free(path);
	return has;
}

static void fetch(struct world *w, int64_t id, const char *part)
{
	world_fine(w, store_want(w->store, id, part, &w->err) == 0);
	assert_int_equal(reconcile_push(w->reconcile, &w->err), 1);
}

static void the_outline_comes_first(void **state)
{
	struct world *w = *state;
	struct outline outline;
	int64_t id = away(w);
	char *path;

	w->server->tree = &tree;
	w->server->section = honest;
	fetch(w, id, REMOTE_OUTLINE);
	assert_true(is_away(w, id));
	assert_true(has_outline(w, id, &outline));
	assert_int_equal(outline.count, 1);
	assert_string_equal(outline.missing[0].section, "2");
	assert_int_equal(outline.missing[0].size, BIG);
	assert_non_null(memmem(outline.bytes.data, outline.bytes.len, "\r\n\r\nHello\r\n--b\r\n", 15));
	outline_close(&outline);
	/* what is asked for is put into it */
	fetch(w, id, "2");
	assert_true(has_outline(w, id, &outline));
	assert_int_equal(outline.count, 0);
	assert_non_null(memmem(outline.bytes.data, outline.bytes.len, "x.pdf\r\n\r\npart\r\n--b--\r\n", 22));
	outline_close(&outline);
	path = store_part_path(w->store, id, "2");
	assert_false(path_exists(path));
	free(path);
	assert_true(is_away(w, id));
}

static void expect_whole(struct world *w, const struct imap_structure *said, const char *(*section)(const char *name))
{
	struct outline outline;
	int64_t id = away(w);

	w->server->tree = said;
	w->server->section = section;
	fetch(w, id, REMOTE_OUTLINE);
	assert_false(has_outline(w, id, &outline));
	assert_false(is_away(w, id));
}

static void without_a_tree_all_comes(void **state)
{
	expect_whole(*state, NULL, honest);
}

static void without_a_boundary_all_comes(void **state)
{
	expect_whole(*state, &tree, no_boundary);
}

static void of_another_type_all_comes(void **state)
{
	expect_whole(*state, &tree, another_type);
}

static void with_more_parts_all_comes(void **state)
{
	expect_whole(*state, &tree, torn);
}

static void without_a_part_all_comes(void **state)
{
	expect_whole(*state, &tree, nothing);
}

static void with_too_much_all_comes(void **state)
{
	static struct imap_structure_part many[] = {
	    {"", "multipart/mixed", 0, true, 5},
	    {"1", "text/plain", 5, false, 0},
	    {"2", "text/plain", 5, false, 0},
	    {"3", "text/plain", 5, false, 0},
	    {"4", "text/plain", 5, false, 0},
	    {"5", "application/pdf", BIG, false, 0},
	};
	static const struct imap_structure more = {many, 6};

	expect_whole(*state, &more, endless);
}

static void what_is_encrypted_comes_whole(void **state)
{
	static struct imap_structure_part sealed[] = {
	    {"", "multipart/encrypted", 0, true, 2},
	    {"1", "application/pgp-encrypted", 11, false, 0},
	    {"2", "application/octet-stream", BIG, false, 0},
	};
	static const struct imap_structure all = {sealed, 3};

	expect_whole(*state, &all, honest);
}

/* --- it does not stay for ever --- */

static void make_old(const char *path, int days)
{
	struct timespec times[2] = {{.tv_sec = time(NULL) - days * 86400}, {.tv_sec = time(NULL) - days * 86400}};

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void what_was_looked_at_goes_again(void **state)
{
	struct world *w = *state;
	int64_t id = away(w);
	char *outline = store_part_path(w->store, id, REMOTE_OUTLINE), *part = store_part_path(w->store, id, "3");
	char *big = store_part_path(w->store, id, "4"), *dir;

	w->server->tree = &tree;
	w->server->section = honest;
	fetch(w, id, REMOTE_OUTLINE);
	assert_int_equal(file_replace(part, "x", 1, NULL), 0);
	make_old(part, 8);
	world_sync(w);
	assert_true(path_exists(outline));
	assert_false(path_exists(part));
	/* too much: the oldest first */
	dir = path_parent(big);
	assert_int_equal(file_replace(big, "x", 1, NULL), 0);
	assert_int_equal(truncate(big, 600 << 20), 0);
	make_old(outline, 2);
	assert_int_equal(remote_sweep_parts(w->store, &w->err), 2);
	assert_false(path_exists(outline));
	assert_false(path_exists(big));
	assert_int_equal(file_replace(part, "x", 1, NULL), 0);
	assert_int_equal(truncate(part, 300 << 20), 0);
	assert_int_equal(file_replace(big, "x", 1, NULL), 0);
	assert_int_equal(truncate(big, 300 << 20), 0);
	make_old(part, 1);
	assert_int_equal(remote_sweep_parts(w->store, &w->err), 1);
	assert_true(path_exists(big));
	free(dir);
	free(big);
	free(part);
	free(outline);
}

/* A letter that was opened stays a day, then "keep" has its way again; so do those that came for want of an outline. */
static void what_was_opened_goes_again(void **state)
{
	struct world *w = *state;
	int64_t id = away(w);

	fetch(w, id, REMOTE_OUTLINE);
	assert_false(is_away(w, id));
	world_sync(w);
	assert_false(is_away(w, id));
	world_fine(w, remote_run(w->store, "UPDATE remote_opened SET at = at - ?1 WHERE ?2 = 0", REMOTE_OPENED_S + 1,
				 0, &w->err) == 0);
	world_sync(w);
	assert_true(is_away(w, id));
	assert_non_null(fake_by_id(w->server->boxes[0], "a@x"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_outline_comes_first),	TEST(without_a_tree_all_comes),
	    TEST(without_a_boundary_all_comes), TEST(of_another_type_all_comes),
	    TEST(with_more_parts_all_comes),	TEST(without_a_part_all_comes),
	    TEST(with_too_much_all_comes),	TEST(what_is_encrypted_comes_whole),
	    TEST(what_was_looked_at_goes_again), TEST(what_was_opened_goes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
