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
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/box/box.h"
#include "store/box/mbox_scan.h"
#include "tests/lib/box_seen.h"
#include "tests/lib/temp.h"

#define ONE "From a@example.org Mon Nov 23 06:40:44 2026\nFrom: a\nSubject: one\n\nbody one\n\n"
#define TWO                                                                                        \
	"From b@example.org Mon Nov 23 06:41:44 2026\nFrom: b\nSubject: two\nStatus: "             \
	"RO\nX-Status: AF\n\nbody two\n\n"
#define THREE                                                                                      \
	"From c@example.org Mon Nov 23 06:42:44 2026\nFrom: c\nSubject: three\n\nbody three\n\n"

struct place {
	char *dir;
	char box[96], lock[112];
};

static int make_place(void **state)
{
	struct place *place = mem_alloc(sizeof *place);

	place->dir = temp_dir("mbox");
	snprintf(place->box, sizeof place->box, "%s/box", place->dir);
	snprintf(place->lock, sizeof place->lock, "%s.lock", place->box);
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

static void write_file(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_write_fd(fd, text, strlen(text), NULL), 0);
	close(fd);
}

static struct box *box_with(const struct place *place, const char *text)
{
	struct err err = ERR_INIT;
	struct box *box;

	write_file(place->box, text, O_TRUNC);
	box = box_open(place->box, false, &err);
	if (!box)
		fail_msg("%s", err.text);
	return box;
}

static void assert_file(const struct place *place, const char *want)
{
	struct buf text = BUF_INIT;

	assert_int_equal(file_read(place->box, &text, 0, NULL), 0);
	assert_string_equal(buf_str(&text), want);
	buf_free(&text);
}

static void assert_message(struct box *box, const char *key, const char *want)
{
	struct box_message message;
	struct err err = ERR_INIT;

	if (box_message_open(box, key, &message, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(message.len, strlen(want));
	assert_memory_equal(message.data, want, message.len);
	box_message_close(&message);
}

static bool from_line(const char *line)
{
	return mbox_is_from_line(line, strlen(line), NULL);
}

static void knows_from_lines(void **state)
{
	int64_t time = 0;

	(void)state;
	assert_true(from_line("From a@b Mon Nov 23 06:40:44 2026"));
	assert_true(from_line("From - Mon Nov  3 06:40:44 2026"));
	assert_true(from_line("From a@b Mon Nov 23 06:40 2026"));
	assert_true(from_line("From a@b Mon Nov 23 06:40:44 MET DST 2026"));
	assert_true(from_line("From 17@xxx Mon Nov 23 06:40:44 +0000 2026"));
	assert_true(from_line("From a@b Mon, 23 Nov 2026 06:40:44 +0100"));
	assert_true(from_line("From a@b Mon Nov 23 06:40:44 2026 remote from here"));
	assert_true(from_line("From Mon Nov 23 06:40:44 2026"));
	assert_false(from_line("From a@b Mon Nov 23 26:40:44 2026"));
	assert_false(from_line("From a@b Mon Nov 32 06:40:44 2026"));
	assert_false(from_line("From a@b Mon Nov 23 06:40:44 20265"));
	assert_false(from_line("From now on, Mon Nov 23 will be quiet"));
	assert_false(from_line("From "));
	assert_false(from_line("from a@b Mon Nov 23 06:40:44 2026"));
	assert_true(mbox_is_from_line("From a Thu Jan  1 01:00:07 1970 +0100", 37, &time));
	assert_int_equal(time, 7);
}

static void lists_messages_with_flags(void **state)
{
	struct box *box = box_with(*state, ONE TWO THREE);
	struct box_seen seen;

	assert_int_equal(box_seen_scan(box, &seen), 3);
	assert_int_equal(seen.flags[0], BOX_RECENT);
	assert_int_equal(seen.flags[1], BOX_SEEN | BOX_ANSWERED | BOX_FLAGGED);
	assert_int_equal(seen.received[0], 1795416044);
	assert_message(box, seen.key[0], "From: a\nSubject: one\n\nbody one\n");
	assert_message(box, seen.key[2], "From: c\nSubject: three\n\nbody three\n");
	assert_int_equal(seen.size[2], strlen("From: c\nSubject: three\n\nbody three\n"));
	box_close(&box);
}

static void splits_only_at_real_from_lines(void **state)
{
	struct box *box =
	    box_with(*state, "From a@b Mon Nov 23 06:40:44 2026\nSubject: x\n\nhello\n"
			     "From a@b Mon Nov 23 06:40:44 2026\nis in the middle\n\n"
			     "From here on we are quiet\n\n>From a@b Mon Nov 23 06:40:44 2026\n");
	struct box_seen seen;

	assert_int_equal(box_seen_scan(box, &seen), 1);
	box_close(&box);
}

static void believes_content_length_only_where_it_ends_at_a_message(void **state)
{
#define INNER "text\n\nFrom x@y Mon Nov 23 06:40:44 2026\nSubject: in\n\nrest\n"
	char text[1024];
	struct box *box;
	struct box_seen seen;

	snprintf(text, sizeof text,
		 "From a@b Mon Nov 23 06:40:44 2026\nSubject: x\nContent-Length: %zu\n\n" INNER
		 "\n" ONE,
		 strlen(INNER));
	box = box_with(*state, text);
	assert_int_equal(box_seen_scan(box, &seen), 2);
	box_close(&box);
	snprintf(text, sizeof text,
		 "From a@b Mon Nov 23 06:40:44 2026\nSubject: x\nContent-Length: 5\n\n" INNER
		 "\n" ONE);
	box = box_with(*state, text);
	assert_int_equal(box_seen_scan(box, &seen), 3);
	box_close(&box);
	box = box_with(
	    *state,
	    "From a@b Mon Nov 23 06:40:44 2026\nContent-Length: 99999999999999\n\nx\n\n" ONE);
	assert_int_equal(box_seen_scan(box, &seen), 2);
	box_close(&box);
}

static void reads_odd_files(void **state)
{
	struct box_seen seen;
	struct box *box = box_with(*state, "");

	assert_int_equal(box_seen_scan(box, &seen), 0);
	box_close(&box);
	box = box_with(*state, "From a@b Mon Nov 23 06:40:44 2026\n");
	assert_int_equal(box_seen_scan(box, &seen), 1);
	assert_int_equal(seen.size[0], 0);
	box_close(&box);
	box = box_with(*state, "From a@b Mon Nov 23 06:40:44 2026\r\nSubject: x\r\n\r\nhi\r\n\r\n"
			       "From a@b Mon Nov 23 06:40:45 2026\r\nSubject: y\r\n\r\nho\r\n");
	assert_int_equal(box_seen_scan(box, &seen), 2);
	assert_message(box, seen.key[0], "Subject: x\r\n\r\nhi\r\n");
	box_close(&box);
	box = box_with(
	    *state, "From a@b Mon Nov 23 06:40:44 2026\n\nFrom a@b Mon Nov 23 06:40:45 2026\n\n");
	assert_int_equal(box_seen_scan(box, &seen), 2);
	box_close(&box);
}

static void keys_outlive_flags_and_appends(void **state)
{
	struct box *box = box_with(*state, ONE TWO ONE);
	struct box_seen before, after;

	assert_int_equal(box_seen_scan(box, &before), 3);
	assert_string_not_equal(before.key[0], before.key[2]);
	write_file(
	    ((struct place *)*state)->box,
	    "From a@example.org Mon Nov 23 06:40:44 2026\nFrom: a\nSubject: one\nStatus: RO\n"
	    "Content-Length: 9\nX-UID: 7\n\nbody one\n\n" TWO ONE THREE,
	    O_TRUNC);
	assert_int_equal(box_seen_scan(box, &after), 4);
	for (int i = 0; i < 3; i++)
		assert_string_equal(before.key[i], after.key[i]);
	assert_int_equal(after.flags[0], BOX_SEEN);
	box_close(&box);
}

static void delivers_quoted_and_without_foreign_status(void **state)
{
#define LETTER                                                                                     \
	"From: x\nStatus: RO\nContent-Length: 4\nX-Status:\n A\nSubject: y\n\nFrom me\n>From "     \
	"you\nend"
	struct box_delivery delivery = {.data = LETTER,
					.len = strlen(LETTER),
					.fd = -1,
					.received = 7,
					.sender = "me@example.org"};
	struct box *box = box_with(*state, ONE "unfinished");
	struct buf key = BUF_INIT;
	struct box_seen seen;

	assert_int_equal(box_deliver(box, &delivery, &key, NULL), 0);
	assert_file(*state,
		    ONE "unfinished\n\nFrom me@example.org Thu Jan  1 00:00:07 1970\nFrom: x\n"
			"Subject: y\n\n>From me\n>>From you\nend\n\n");
	assert_int_equal(box_seen_scan(box, &seen), 2);
	assert_string_equal(seen.key[1], buf_str(&key));
	assert_int_equal(access(((struct place *)*state)->lock, F_OK), -1);
	buf_free(&key);
	box_close(&box);
}

static void mboxrd_gives_the_letter_back(void **state)
{
	struct box_delivery delivery = {.data = "A: b\n\nFrom me\n>From you\n", .fd = -1};
	struct place *place = *state;
	struct box *box;
	struct buf key = BUF_INIT;

	delivery.len = strlen(delivery.data);
	strcat(place->box, ".mboxrd");
	box = box_with(place, "");
	assert_int_equal(box_deliver(box, &delivery, &key, NULL), 0);
	assert_message(box, key.data, delivery.data);
	buf_free(&key);
	box_close(&box);
}

static void delivers_a_unique_letter_once(void **state)
{
	struct box_delivery delivery = {
	    .data = "Subject: y\n\ntext\n", .len = 17, .fd = -1, .unique = "7", .flags = BOX_SEEN};
	struct box *box = box_with(*state, ONE);
	struct box_seen seen;

	assert_int_equal(box_deliver(box, &delivery, NULL, NULL), 0);
	assert_int_equal(box_deliver(box, &delivery, NULL, NULL), 1);
	assert_int_equal(box_seen_scan(box, &seen), 2);
	assert_int_equal(seen.flags[1], BOX_SEEN);
	delivery.unique = NULL;
	assert_int_equal(box_deliver(box, &delivery, NULL, NULL), 0);
	assert_int_equal(box_seen_scan(box, &seen), 3);
	box_close(&box);
}

static void commit_changes_flags_and_removes(void **state)
{
	struct place *place = *state;
	struct box *box = box_with(place, ONE TWO THREE);
	struct box_seen seen, after;
	struct stat st;

	chmod(place->box, 0640);
	box_seen_scan(box, &seen);
	assert_int_equal(box_set_flags(box, seen.key[0], BOX_SEEN | BOX_FLAGGED, NULL), 0);
	assert_int_equal(box_remove(box, seen.key[1], NULL), 0);
	assert_file(place, ONE TWO THREE);
	assert_int_equal(box_commit(box, NULL), 0);
	assert_file(place, "From a@example.org Mon Nov 23 06:40:44 2026\nFrom: a\nSubject: one\n"
			   "Status: RO\nX-Status: F\n\nbody one\n\n" THREE);
	assert_int_equal(box_seen_scan(box, &after), 2);
	assert_string_equal(after.key[0], seen.key[0]);
	assert_string_equal(after.key[1], seen.key[2]);
	assert_int_equal(stat(place->box, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	box_close(&box);
}

static void commit_keeps_what_others_appended(void **state)
{
	struct place *place = *state;
	struct box *box = box_with(place, ONE TWO);
	struct box_seen seen;

	box_seen_scan(box, &seen);
	assert_int_equal(box_remove(box, seen.key[0], NULL), 0);
	write_file(place->box, THREE, O_APPEND);
	assert_int_equal(box_commit(box, NULL), 0);
	assert_file(place, TWO THREE);
	box_close(&box);
}

/* It opened the file before we put a new one there, and writes after. */
static void late_append_to_the_old_file_is_carried_over(void **state)
{
	struct place *place = *state;
	struct box *box = box_with(place, ONE TWO);
	int late = open(place->box, O_WRONLY | O_APPEND);
	struct box_seen seen;

	box_seen_scan(box, &seen);
	assert_int_equal(box_remove(box, seen.key[0], NULL), 0);
	assert_int_equal(box_commit(box, NULL), 0);
	assert_int_equal(file_write_fd(late, THREE, strlen(THREE), NULL), 0);
	close(late);
	assert_int_equal(box_seen_scan(box, &seen), 2);
	assert_file(place, TWO THREE);
	box_close(&box);
}

static void message_is_found_after_another_program_wrote_the_file_anew(void **state)
{
	struct place *place = *state;
	struct box *box = box_with(place, ONE TWO);
	struct box_seen seen;
	struct err err = ERR_INIT;
	struct box_message message;

	box_seen_scan(box, &seen);
	write_file(place->box, THREE TWO, O_TRUNC);
	assert_message(box, seen.key[1],
		       "From: b\nSubject: two\nStatus: RO\nX-Status: AF\n\nbody two\n");
	assert_int_equal(box_message_open(box, seen.key[0], &message, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	box_close(&box);
}

static int with_file_limit(rlim_t limit, int (*work)(struct box *, void *, struct err *),
			   struct box *box, void *arg, struct err *err)
{
	struct rlimit old, small;
	int rc;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = (struct rlimit){limit, old.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	rc = work(box, arg, err);
	setrlimit(RLIMIT_FSIZE, &old);
	return rc;
}

static int deliver_it(struct box *box, void *arg, struct err *err)
{
	return box_deliver(box, arg, NULL, err);
}

static int commit_it(struct box *box, void *arg, struct err *err)
{
	(void)arg;
	return box_commit(box, err);
}

static void full_disk_cuts_the_append_back(void **state)
{
	char *big = mem_alloc(100001);
	struct box_delivery delivery = {.data = big, .len = 100000, .fd = -1};
	struct box *box = box_with(*state, ONE TWO);
	struct err err = ERR_INIT;

	memset(big, 'x', 100000);
	assert_int_equal(with_file_limit(5000, deliver_it, box, &delivery, &err), -1);
	assert_true(strlen(err.text) > 10);
	assert_file(*state, ONE TWO);
	free(big);
	box_close(&box);
}

static void full_disk_keeps_the_old_file_on_commit(void **state)
{
	struct place *place = *state;
	struct box *box = box_with(place, ONE TWO THREE);
	struct box_seen seen;
	char *command = mem_printf("test $(ls -A '%s' | wc -l) = 1", place->dir);

	box_seen_scan(box, &seen);
	assert_int_equal(box_remove(box, seen.key[2], NULL), 0);
	assert_int_equal(with_file_limit(100, commit_it, box, NULL, NULL), -1);
	assert_file(place, ONE TWO THREE);
	assert_int_equal(system(command), 0);
	assert_int_equal(box_commit(box, NULL), 0);
	assert_file(place, ONE TWO);
	free(command);
	box_close(&box);
}

/* kill -9 in the middle of an append: the next delivery takes the piece back. */
static void unfinished_append_is_taken_back(void **state)
{
	struct place *place = *state;
	struct box_delivery delivery = {
	    .data = "Subject: y\n\ntext\n", .len = 17, .fd = -1, .received = 7};
	struct box *box = box_with(place, ONE "From a@b Mon Nov 23 06:40:44 2026\nSubject: hal");
	char host[65] = "", *note;
	pid_t gone = fork();

	if (gone == 0)
		_exit(0);
	waitpid(gone, NULL, 0);
	gethostname(host, 64);
	note = mem_printf("%ld tern %s append %zu 5000 00ff\n", (long)gone, host, strlen(ONE));
	write_file(place->lock, note, O_TRUNC);
	assert_int_equal(box_deliver(box, &delivery, NULL, NULL), 0);
	assert_file(place,
		    ONE "From MAILER-DAEMON Thu Jan  1 00:00:07 1970\nSubject: y\n\ntext\n\n");
	free(note);
	box_close(&box);
}

/* In a folder where others may make files, a lock that is no file of ours cuts nothing. */
static void a_planted_note_cuts_nothing(void **state)
{
	struct place *place = *state;
	struct box *box = box_with(place, ONE);
	char host[65] = "", *note, *elsewhere = mem_printf("%s/planted", place->dir);
	pid_t gone = fork();

	if (gone == 0)
		_exit(0);
	waitpid(gone, NULL, 0);
	box_close(&box);
	gethostname(host, 64);
	note = mem_printf("%ld tern %s append 0 5000 00ff\n", (long)gone, host);
	write_file(elsewhere, note, O_TRUNC);
	assert_int_equal(symlink(elsewhere, place->lock), 0);
	box = box_open(place->box, false, NULL);
	assert_non_null(box);
	assert_file(place, ONE);
	free(note);
	free(elsewhere);
	box_close(&box);
}

/* Four programs append at once, a fifth changes flags: nothing is lost. */
static void many_writers_lose_nothing(void **state)
{
	enum { WRITERS = 4, EACH = 12 };
	struct place *place = *state;
	struct box *box = box_with(place, ONE);
	struct box_seen seen;

	for (int w = 0; w < WRITERS; w++)
		if (fork() == 0) {
			struct box *mine = box_open(place->box, false, NULL);
			int bad = 0;

			for (int i = 0; i < EACH; i++) {
				char text[64];
				struct box_delivery delivery = {.data = text, .fd = -1};

				delivery.len = (size_t)snprintf(text, sizeof text,
								"Subject: %d-%d\n\nx\n", w, i);
				bad |= box_deliver(mine, &delivery, NULL, NULL);
			}
			box_close(&mine);
			_exit(bad ? 1 : 0);
		}
	box_seen_scan(box, &seen);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(box_set_flags(box, seen.key[0], i % 2 ? 0 : BOX_SEEN, NULL), 0);
		assert_int_equal(box_commit(box, NULL), 0);
	}
	for (int w = 0; w < WRITERS; w++) {
		int status = 1;

		wait(&status);
		assert_int_equal(status, 0);
	}
	assert_int_equal(box_seen_scan(box, &seen), 1 + WRITERS * EACH);
	box_close(&box);
}

static void knows_what_is_an_mbox(void **state)
{
	struct place *place = *state;
	struct err err = ERR_INIT;

	assert_int_equal(box_make(place->box, BOX_MBOX, NULL), 0);
	assert_int_equal(box_detect(place->box), BOX_MBOX);
	write_file(place->box, "Dear diary,\n", O_TRUNC);
	assert_int_equal(box_detect(place->box), BOX_NONE);
	assert_null(box_open(place->box, false, &err));
	assert_int_equal(box_detect("/nowhere"), BOX_NONE);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_from_lines),
	    T(lists_messages_with_flags),
	    T(splits_only_at_real_from_lines),
	    T(believes_content_length_only_where_it_ends_at_a_message),
	    T(reads_odd_files),
	    T(keys_outlive_flags_and_appends),
	    T(delivers_quoted_and_without_foreign_status),
	    T(mboxrd_gives_the_letter_back),
	    T(delivers_a_unique_letter_once),
	    T(commit_changes_flags_and_removes),
	    T(commit_keeps_what_others_appended),
	    T(late_append_to_the_old_file_is_carried_over),
	    T(message_is_found_after_another_program_wrote_the_file_anew),
	    T(full_disk_cuts_the_append_back),
	    T(full_disk_keeps_the_old_file_on_commit),
	    T(unfinished_append_is_taken_back),
	    T(a_planted_note_cuts_nothing),
	    T(many_writers_lose_nothing),
	    T(knows_what_is_an_mbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
