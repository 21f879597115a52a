#include "config.h"

#include <fcntl.h>
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

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/box/box.h"
#include "tests/lib/temp.h"

#define MANY  300
#define OPENS 2000

struct place {
	char *dir;
	char box[96], other[112];
};

/* What a scan told of each message. */
struct known {
	size_t count;
	char key[MANY + 2][64];
	struct box_hint hint[MANY + 2];
};

static int make_place(void **state)
{
	struct place *place = mem_alloc(sizeof *place);

	place->dir = temp_dir("near");
	snprintf(place->box, sizeof place->box, "%s/box", place->dir);
	snprintf(place->other, sizeof place->other, "%s/other", place->dir);
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;

	temp_end(&place->dir);
	free(place);
	return 0;
}

static void add_message(struct buf *out, int number, const char *status, size_t body)
{
	buf_printf(out,
		   "From a@example.org Mon Nov 23 06:40:44 2026\nFrom: a@example.org\n"
		   "Subject: number %d\n%s\n",
		   number, status);
	for (size_t i = 0; i < body; i++)
		buf_printf(out, "line %zu of number %d\n", i, number);
	buf_add_str(out, "\n");
}

static void write_text(const char *path, const struct buf *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_write_fd(fd, text->data, text->len, NULL), 0);
	close(fd);
}

static void write_many(const char *path, const char *status, size_t body)
{
	struct buf text = BUF_INIT;

	for (int i = 0; i < MANY; i++)
		add_message(&text, i, status, body);
	write_text(path, &text);
	buf_free(&text);
}

static int know(void *arg, const struct box_entry *entry)
{
	struct known *known = arg;

	snprintf(known->key[known->count], 64, "%s", entry->key);
	known->hint[known->count++] = (struct box_hint){.hint = entry->hint, .size = entry->size};
	return 0;
}

static void scan(const char *path, struct known *known)
{
	struct box *box = box_open(path, true, NULL);
	struct box_stamp stamp;

	assert_non_null(box);
	known->count = 0;
	assert_int_equal(box_stamp(box, &stamp, NULL), 0);
	assert_int_equal(box_scan(box, know, known, NULL), 0);
	for (size_t i = 0; i < known->count; i++)
		known->hint[i].stamp = stamp;
	box_close(&box);
}

/* As a screen does: a box of its own for each message. */
static int open_one(const char *path, const char *key, const struct box_hint *hint,
		    struct buf *text, struct err *err)
{
	struct box *box = box_open(path, true, err);
	struct box_message message;
	int rc = box ? box_message_open_at(box, key, hint, &message, err) : -1;

	buf_clear(text);
	if (rc == 0) {
		buf_add(text, message.data, message.len);
		box_message_close(&message);
	}
	box_close(&box);
	return rc;
}

static void assert_number(const char *path, const struct known *known, size_t i,
			  const struct box_hint *hint, int number)
{
	char subject[64], last[64];
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	snprintf(subject, sizeof subject, "Subject: number %d\n", number);
	snprintf(last, sizeof last, "of number %d\n", number);
	if (open_one(path, known->key[i], hint, &text, &err) < 0)
		fail_msg("message %zu: %s", i, err.text);
	assert_memory_equal(text.data, "From: a@", 8);
	assert_non_null(strstr(buf_str(&text), subject));
	assert_string_equal(buf_str(&text) + text.len - strlen(last), last);
	buf_free(&text);
}

static struct known *known_of(const char *path)
{
	struct known *known = mem_alloc(sizeof *known);

	scan(path, known);
	return known;
}

static void every_message_is_found_where_it_was(void **state)
{
	struct place *place = *state;
	struct known *known;

	write_many(place->box, "", 20);
	known = known_of(place->box);
	assert_int_equal(known->count, MANY);
	for (size_t i = 0; i < MANY; i++)
		assert_number(place->box, known, i, &known->hint[i], (int)i);
	free(known);
}

static pid_t lock_in_child(const struct place *place)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
		int fd = open(place->box, O_RDWR);

		if (fcntl(fd, F_SETLK, &lock) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

/* Who reads through the whole file waits for the lock and then gives up. */
static void only_the_message_is_read(void **state)
{
	struct place *place = *state;
	struct known *known;
	pid_t pid;

	write_many(place->box, "", 20);
	known = known_of(place->box);
	pid = lock_in_child(place);
	assert_number(place->box, known, MANY - 1, &known->hint[MANY - 1], MANY - 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	free(known);
}

static void shifted_messages_are_found(void **state)
{
	struct place *place = *state;
	struct known *known;

	write_many(place->box, "", 20);
	known = known_of(place->box);
	write_many(place->box, "Status: RO\nX-Status: AF\n", 20);
	for (size_t i = 0; i < MANY; i += 7)
		assert_number(place->box, known, i, &known->hint[i], (int)i);
	free(known);
}

static void wrong_hints_do_no_harm(void **state)
{
	struct place *place = *state;
	struct known *known;
	const int64_t wrong[] = {0, 1, 2, 3, 77, -1, INT64_MIN, INT64_MAX, 123456, 1 << 20};

	write_many(place->box, "", 20);
	known = known_of(place->box);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct box_hint hint = known->hint[150];

		hint.hint = wrong[i];
		assert_number(place->box, known, 150, &hint, 150);
		hint = known->hint[150];
		hint.size = wrong[i];
		assert_number(place->box, known, 150, &hint, 150);
		assert_number(place->box, known, 150, &known->hint[i * 20], 150);
	}
	free(known);
}

/* The same header and the same size, another body. */
static void add_twin(struct buf *out, const char *word)
{
	buf_printf(out,
		   "From a@example.org Mon Nov 23 06:40:44 2026\nSubject: twins\n\nthe %s one\n\n",
		   word);
}

static void assert_twin(const struct place *place, const struct known *known, size_t i,
			const char *word)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	if (open_one(place->box, known->key[i], &known->hint[i], &text, &err) < 0)
		fail_msg("%s", err.text);
	assert_non_null(strstr(buf_str(&text), word));
	buf_free(&text);
}

static void twins_are_not_taken_for_each_other(void **state)
{
	struct place *place = *state;
	struct buf text = BUF_INIT;
	struct known *known;

	add_twin(&text, "third");
	add_twin(&text, "first");
	add_twin(&text, "other");
	write_text(place->box, &text);
	known = known_of(place->box);
	assert_twin(place, known, 0, "third");
	assert_twin(place, known, 1, "first");
	assert_twin(place, known, 2, "other");
	/* Another message as long as a twin comes before them: each lies where its neighbour lay.
	 */
	buf_clear(&text);
	add_twin(&text, "third");
	memcpy(strstr(buf_str(&text), "twins"), "alone", 5);
	add_twin(&text, "third");
	add_twin(&text, "first");
	add_twin(&text, "other");
	write_text(place->box, &text);
	assert_twin(place, known, 0, "third");
	assert_twin(place, known, 1, "first");
	assert_twin(place, known, 2, "other");
	buf_free(&text);
	free(known);
}

static void a_message_that_is_gone_is_told_gone(void **state)
{
	struct place *place = *state;
	struct buf text = BUF_INIT, got = BUF_INIT;
	struct err err = ERR_INIT;
	struct known *known;

	write_many(place->box, "", 20);
	known = known_of(place->box);
	for (int i = 0; i < MANY; i++)
		if (i != 40)
			add_message(&text, i, "", 20);
	write_text(place->box, &text);
	assert_int_equal(open_one(place->box, known->key[40], &known->hint[40], &got, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_number(place->box, known, 41, &known->hint[41], 41);
	buf_free(&text);
	buf_free(&got);
	free(known);
}

static void a_large_message_and_its_neighbour_are_found(void **state)
{
	struct place *place = *state;
	struct buf text = BUF_INIT;
	struct known *known;

	add_message(&text, 0, "", 3);
	add_message(&text, 1, "", 500000);
	add_message(&text, 2, "", 3);
	write_text(place->box, &text);
	known = known_of(place->box);
	assert_true(known->hint[1].size > 8 << 20);
	for (size_t i = 0; i < 3; i++)
		assert_number(place->box, known, i, &known->hint[i], (int)i);
	buf_clear(&text);
	add_message(&text, 0, "Status: RO\n", 3);
	add_message(&text, 1, "Status: RO\n", 500000);
	add_message(&text, 2, "Status: RO\n", 3);
	write_text(place->box, &text);
	for (size_t i = 0; i < 3; i++)
		assert_number(place->box, known, i, &known->hint[i], (int)i);
	buf_free(&text);
	free(known);
}

static void mboxrd_is_unquoted_by_hint_too(void **state)
{
	struct place *place = *state;
	struct buf text = BUF_INIT, got = BUF_INIT;
	struct err err = ERR_INIT;
	struct known *known;
	char path[128];

	snprintf(path, sizeof path, "%s/box.mboxrd", place->dir);
	for (int i = 0; i < 3; i++) {
		add_message(&text, i, "", 2);
		buf_add_str(&text, ">From here on\n\n");
	}
	write_text(path, &text);
	known = known_of(path);
	assert_int_equal(open_one(path, known->key[1], &known->hint[1], &got, &err), 0);
	assert_non_null(strstr(buf_str(&got), "number 1\n\nFrom here on\n"));
	buf_free(&text);
	buf_free(&got);
	free(known);
}

/* Another program puts new files in its place without end, with and without flags. */
static _Noreturn void replace_for_ever(const struct place *place)
{
	static const char *const status[] = {"Status: RO\n", "", "Status: O\nX-Status: AF\n"};

	for (int i = 0;; i++) {
		write_many(place->other, status[i % 3], 20);
		if (rename(place->other, place->box) < 0)
			_exit(1);
	}
}

/* ... or has a box of its own and sets flags, as a keeper does. */
static _Noreturn void flag_for_ever(const struct place *place, const struct known *known)
{
	struct box *box = box_open(place->box, false, NULL);

	for (unsigned i = 0; box; i++)
		if (box_set_flags(box, known->key[i % MANY], i & 63, NULL) < 0 ||
		    box_commit(box, NULL) < 0)
			break;
	_exit(1);
}

static void open_all_the_time(const struct place *place, const struct known *known)
{
	for (int i = 0; i < OPENS; i++) {
		size_t one = (size_t)i * 37 % MANY;

		assert_number(place->box, known, one, i % 5 ? &known->hint[one] : NULL, (int)one);
	}
}

static void nothing_is_missed_while_the_file_is_replaced(void **state)
{
	struct place *place = *state;
	struct known *known;
	int status;
	pid_t pid;

	write_many(place->box, "", 20);
	known = known_of(place->box);
	pid = fork();
	if (pid == 0)
		replace_for_ever(place);
	open_all_the_time(place, known);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0); /* it was at it all the time */
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	free(known);
}

static void nothing_is_missed_while_flags_are_written(void **state)
{
	struct place *place = *state;
	struct known *known;
	int status;
	pid_t pid;

	write_many(place->box, "", 20);
	known = known_of(place->box);
	pid = fork();
	if (pid == 0)
		flag_for_ever(place, known);
	open_all_the_time(place, known);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	free(known);
}

static void flags_set_by_others_meanwhile_are_joined(void **state)
{
	struct place *place = *state;
	struct box *box, *other;
	struct known *known;
	unsigned flags = 0;

	write_many(place->box, "", 2);
	known = known_of(place->box);
	box = box_open(place->box, false, NULL);
	other = box_open(place->box, false, NULL);
	assert_int_equal(box_set_flags(box, known->key[5], BOX_SEEN, NULL), 0);
	assert_int_equal(box_set_flags(other, known->key[5], BOX_FLAGGED, NULL), 0);
	assert_int_equal(box_commit(other, NULL), 0);
	assert_int_equal(box_commit(box, NULL), 0);
	assert_int_equal(box_flags(box, known->key[5], &flags, NULL), 0);
	assert_int_equal(flags, BOX_SEEN | BOX_FLAGGED);
	box_close(&box);
	box_close(&other);
	free(known);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(every_message_is_found_where_it_was),
	    T(only_the_message_is_read),
	    T(shifted_messages_are_found),
	    T(wrong_hints_do_no_harm),
	    T(twins_are_not_taken_for_each_other),
	    T(a_message_that_is_gone_is_told_gone),
	    T(a_large_message_and_its_neighbour_are_found),
	    T(mboxrd_is_unquoted_by_hint_too),
	    T(nothing_is_missed_while_the_file_is_replaced),
	    T(nothing_is_missed_while_flags_are_written),
	    T(flags_set_by_others_meanwhile_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
