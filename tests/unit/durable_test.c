/* The order of syncs, and every system call of a saving failing once: what was there before is
 * there after, and what was not promised is not there. The calls below stand in for the C
 * library's. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "compose/draft.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/box/box.h"
#include "tests/lib/temp.h"

/* --- calls that are written down, and fail when they are told to
 * ------------------------------------ */

static struct {
	bool is_on;
	struct buf calls; /* "fsync file\n" */
	int count, fails_at, error;
} trace;

static const char *kind_of_fd(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) ? "dir" : "file";
}

static bool must_fail(const char *call, const char *what)
{
	if (!trace.is_on)
		return false;
	buf_printf(&trace.calls, "%s %s\n", call, what);
	if (++trace.count != trace.fails_at)
		return false;
	errno = trace.error;
	return true;
}

int fsync(int fd)
{
	return must_fail("fsync", kind_of_fd(fd)) ? -1 : (int)syscall(SYS_fsync, fd);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	if (must_fail("rename", strrchr(to, '/') ? "" : to))
		return -1;
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

int rename(const char *from, const char *to)
{
	if (must_fail("rename", ""))
		return -1;
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* A full disk takes the half of it. */
ssize_t write(int fd, const void *data, size_t len)
{
	if (trace.is_on && fd > 2 && must_fail("write", kind_of_fd(fd))) {
		syscall(SYS_write, fd, data, len / 2);
		errno = trace.error;
		return -1;
	}
	return syscall(SYS_write, fd, data, len);
}

static void trace_start(int fails_at, int error)
{
	trace.count = 0;
	trace.fails_at = fails_at;
	trace.error = error;
	buf_clear(&trace.calls);
	trace.is_on = true;
}

/* --- places
 * ---------------------------------------------------------------------------------------------- */

struct place {
	char *dir;
	char box[96];
};

static int make_place(void **state)
{
	struct place *place = mem_alloc(sizeof *place);

	place->dir = temp_home("durable");
	snprintf(place->box, sizeof place->box, "%s/box", place->dir);
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;

	trace.is_on = false;
	buf_free(&trace.calls);
	temp_end(&place->dir);
	free(place);
	return 0;
}

#define MAIL "From: a@example.org\nSubject: one\n\nbody\n"

static int deliver_as(const char *path, const char *unique)
{
	struct box_delivery delivery = {
	    .data = MAIL, .len = strlen(MAIL), .fd = -1, .received = 7, .unique = unique};
	struct box *box = box_open(path, false, NULL);
	int rc;

	assert_non_null(box);
	rc = box_deliver(box, &delivery, NULL, NULL);
	box_close(&box);
	return rc;
}

static int deliver(const char *path)
{
	return deliver_as(path, NULL);
}

static int count_one(void *arg, const struct box_entry *entry)
{
	(void)entry;
	++*(int *)arg;
	return 0;
}

static int count_messages(const char *path)
{
	struct box *box = box_open(path, true, NULL);
	int count = 0;

	assert_non_null(box);
	assert_int_equal(box_scan(box, count_one, &count, NULL), 0);
	box_close(&box);
	return count;
}

/* --- the order
 * ------------------------------------------------------------------------------------------- */

static void maildir_delivery_syncs_file_then_folder(void **state)
{
	struct place *place = *state;

	assert_int_equal(box_make(place->box, BOX_MAILDIR, NULL), 0);
	trace_start(0, 0);
	assert_int_equal(deliver(place->box), 0);
	trace.is_on = false;
	assert_string_equal(trace.calls.data, "write file\nfsync file\nrename \nfsync dir\n");
}

static void mbox_delivery_syncs_its_note_then_the_file(void **state)
{
	struct place *place = *state;

	assert_int_equal(box_make(place->box, BOX_MBOX, NULL), 0);
	trace_start(0, 0);
	assert_int_equal(deliver(place->box), 0);
	trace.is_on = false;
	assert_string_equal(
	    trace.calls.data,
	    "write file\nwrite file\nfsync file\nfsync dir\nwrite file\nfsync file\n");
}

/* Who delivered it first may have been killed before its own syncs. */
static void what_was_delivered_before_is_synced(void **state)
{
	struct place *place = *state;

	assert_int_equal(box_make(place->box, BOX_MAILDIR, NULL), 0);
	assert_int_equal(deliver_as(place->box, "one"), 0);
	trace_start(0, 0);
	assert_int_equal(deliver_as(place->box, "one"), 1);
	trace.is_on = false;
	assert_string_equal(trace.calls.data, "fsync dir\nfsync dir\n");
}

static void what_was_appended_before_is_synced(void **state)
{
	struct place *place = *state;

	assert_int_equal(box_make(place->box, BOX_MBOX, NULL), 0);
	assert_int_equal(deliver_as(place->box, "one"), 0);
	trace_start(0, 0);
	assert_int_equal(deliver_as(place->box, "one"), 1);
	trace.is_on = false;
	assert_non_null(strstr(trace.calls.data, "fsync file\n"));
}

static void a_draft_is_synced_file_then_folder(void **state)
{
	struct draft *draft = draft_new(NULL);

	(void)state;
	draft_set(&draft->subject, "x");
	assert_int_equal(draft_save(draft, NULL), 0);
	trace_start(0, 0);
	assert_int_equal(draft_save(draft, NULL), 0);
	trace.is_on = false;
	assert_string_equal(trace.calls.data, "write file\nfsync file\nrename \nfsync dir\n");
	draft_free(&draft);
}

/* --- everything fails once
 * -------------------------------------------------------------------------------- */

static void maildir_delivery_is_whole_or_not_there(void **state)
{
	struct place *place = *state;

	assert_int_equal(box_make(place->box, BOX_MAILDIR, NULL), 0);
	for (int i = 1;; i++) {
		int rc;

		trace_start(i, i % 2 ? ENOSPC : EIO);
		rc = deliver(place->box);
		trace.is_on = false;
		if (rc == 0) {
			assert_true(i > 4);
			break;
		}
		assert_int_equal(count_messages(place->box), 0);
	}
	assert_int_equal(count_messages(place->box), 1);
}

static void assert_file(const char *path, const char *want)
{
	struct buf text = BUF_INIT;

	assert_int_equal(file_read(path, &text, 0, NULL), 0);
	assert_string_equal(buf_str(&text), want);
	buf_free(&text);
}

#define OLD "From a@example.org Mon Nov 23 06:40:44 2026\nSubject: old\n\nold body\n\n"

static void mbox_delivery_is_whole_or_cut_back(void **state)
{
	struct place *place = *state;

	assert_int_equal(file_replace(place->box, OLD, strlen(OLD), NULL), 0);
	for (int i = 1;; i++) {
		int rc;

		trace_start(i, i % 2 ? ENOSPC : EIO);
		rc = deliver(place->box);
		trace.is_on = false;
		if (rc == 0) {
			assert_true(i > 6);
			break;
		}
		assert_file(place->box, OLD);
	}
	assert_int_equal(count_messages(place->box), 2);
}

static int first_key(void *arg, const struct box_entry *entry)
{
	buf_add_str(arg, entry->key);
	return -1;
}

static void mbox_commit_keeps_the_old_file_or_has_the_new_one(void **state)
{
	struct place *place = *state;
	struct buf key = BUF_INIT;
	struct box *box;

	assert_int_equal(file_replace(place->box, OLD, strlen(OLD), NULL), 0);
	box = box_open(place->box, false, NULL);
	box_scan(box, first_key, &key, NULL);
	assert_int_equal(box_set_flags(box, key.data, BOX_SEEN, NULL), 0);
	for (int i = 1;; i++) {
		struct buf text = BUF_INIT;
		int rc;

		trace_start(i, i % 2 ? ENOSPC : EIO);
		rc = box_commit(box, NULL);
		trace.is_on = false;
		assert_int_equal(file_read(place->box, &text, 0, NULL), 0);
		assert_non_null(strstr(buf_str(&text), "\n\nold body\n\n"));
		buf_free(&text);
		if (rc == 0) {
			assert_true(i > 4);
			break;
		}
	}
	box_close(&box);
	buf_free(&key);
}

static void a_draft_is_the_old_one_or_the_new_one(void **state)
{
	struct draft *draft = draft_new(NULL);
	char *path = draft_path(draft);

	(void)state;
	draft_set_body(draft, "old\n", 4);
	assert_int_equal(draft_save(draft, NULL), 0);
	draft_set_body(draft, "new\n", 4);
	for (int i = 1;; i++) {
		struct buf text = BUF_INIT;
		int rc;

		trace_start(i, i % 2 ? ENOSPC : EIO);
		rc = draft_save(draft, NULL);
		trace.is_on = false;
		assert_int_equal(file_read(path, &text, 0, NULL), 0);
		assert_true(strstr(buf_str(&text), "\n\nold\n") ||
			    strstr(buf_str(&text), "\n\nnew\n"));
		buf_free(&text);
		if (rc == 0)
			break;
	}
	free(path);
	draft_free(&draft);
}

/* --- kill -9
 * -----------------------------------------------------------------------------------------------
 */

#define BIG 300000

/* Until it dies: large letters of one letter each, so that a cut one is seen. */
static void deliver_for_ever(const char *path)
{
	struct box *box = box_open(path, false, NULL);
	char *text = mem_alloc(BIG + 1);

	for (int i = 0;; i++) {
		struct box_delivery delivery = {.data = text, .len = BIG, .fd = -1};

		memset(text, 'a' + i % 26, BIG);
		memcpy(text, "Subject: x\n\n", 12);
		text[BIG - 1] = '\n';
		if (box_deliver(box, &delivery, NULL, NULL) < 0)
			_exit(1);
	}
}

static int check_size(void *arg, const struct box_entry *entry)
{
	struct box_message message;
	struct box *box = arg;

	assert_int_equal(box_message_open(box, entry->key, &message, NULL), 0);
	assert_int_equal(message.len, BIG);
	assert_int_equal(message.data[BIG - 2], message.data[100]);
	box_message_close(&message);
	return 0;
}

static void assert_all_whole(const char *path)
{
	struct box *box = box_open(path, false, NULL);

	assert_non_null(box);
	assert_int_equal(box_scan(box, check_size, box, NULL), 0);
	box_close(&box);
}

static void kill_while_delivering(struct place *place, enum box_kind kind)
{
	assert_int_equal(box_make(place->box, kind, NULL), 0);
	for (int i = 0; i < 25; i++) {
		pid_t pid = fork();

		if (pid == 0)
			deliver_for_ever(place->box);
		usleep((useconds_t)(1000 + i * 700));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		assert_all_whole(place->box);
	}
}

static void maildir_outlives_kill_9(void **state)
{
	kill_while_delivering(*state, BOX_MAILDIR);
}

static void mbox_outlives_kill_9(void **state)
{
	kill_while_delivering(*state, BOX_MBOX);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(maildir_delivery_syncs_file_then_folder),
	    T(mbox_delivery_syncs_its_note_then_the_file),
	    T(what_was_delivered_before_is_synced),
	    T(what_was_appended_before_is_synced),
	    T(a_draft_is_synced_file_then_folder),
	    T(maildir_delivery_is_whole_or_not_there),
	    T(mbox_delivery_is_whole_or_cut_back),
	    T(mbox_commit_keeps_the_old_file_or_has_the_new_one),
	    T(a_draft_is_the_old_one_or_the_new_one),
	    T(maildir_outlives_kill_9),
	    T(mbox_outlives_kill_9),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
