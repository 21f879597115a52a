#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/box/batch.h"
#include "store/box/box.h"
#include "store/box/box_kind.h"
#include "tests/lib/box_seen.h"
#include "tests/lib/temp.h"

#define MAIL "From: a@example.org\nSubject: one\n\nbody\n"

struct place {
	char *dir;
	char box[96];
};

static int make_place(void **state)
{
	struct place *place = mem_alloc(sizeof *place);

	place->dir = temp_dir("maildir");
	snprintf(place->box, sizeof place->box, "%s/box", place->dir);
	assert_int_equal(box_make(place->box, BOX_MAILDIR, NULL), 0);
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

static struct box *open_box(const struct place *place)
{
	struct err err = ERR_INIT;
	struct box *box = box_open(place->box, false, &err);

	if (!box)
		fail_msg("%s", err.text);
	return box;
}

static void remove_file(const struct place *place, const char *name)
{
	char *path = path_join(place->box, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

static void put(const struct place *place, const char *name, const char *text)
{
	char *path = path_join(place->box, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_write_fd(fd, text, strlen(text), NULL), 0);
	close(fd);
	free(path);
}

static bool is_there(const struct place *place, const char *name)
{
	char *path = path_join(place->box, name);
	bool is = path_exists(path);

	free(path);
	return is;
}

static void lists_names_with_flags_size_and_time(void **state)
{
	struct box *box = open_box(*state);
	struct box_seen seen;

	put(*state, "new/100.a.host,S=12", MAIL);
	put(*state, "cur/200.b.host:2,FSab", MAIL);
	put(*state, "cur/300.c.host:2,", MAIL);
	put(*state, "cur/.hidden", MAIL);
	put(*state, "cur/:2,S", MAIL);
	assert_int_equal(box_seen_scan(box, &seen), 3);
	assert_string_equal(seen.key[0], "100.a.host,S=12");
	assert_int_equal(seen.flags[0], BOX_RECENT);
	assert_int_equal(seen.size[0], 12);
	assert_int_equal(seen.received[0], 100);
	assert_string_equal(seen.key[1], "200.b.host");
	assert_int_equal(seen.flags[1], BOX_FLAGGED | BOX_SEEN);
	assert_int_equal(seen.size[1], -1);
	assert_int_equal(seen.flags[2], 0);
	box_close(&box);
}

static void keeps_letters_that_are_not_ours(void **state)
{
	struct box *box = open_box(*state);

	put(*state, "cur/200.b.host:2,Sxa", MAIL);
	assert_int_equal(box_set_flags(box, "200.b.host", BOX_FLAGGED | BOX_DRAFT, NULL), 0);
	assert_true(is_there(*state, "cur/200.b.host:2,DFax"));
	assert_int_equal(box_commit(box, NULL), 0);
	box_close(&box);
}

static void flags_move_it_out_of_new(void **state)
{
	struct box *box = open_box(*state);

	put(*state, "new/100.a.host", MAIL);
	assert_int_equal(box_set_flags(box, "100.a.host", 0, NULL), 0);
	assert_true(is_there(*state, "cur/100.a.host:2,"));
	assert_false(is_there(*state, "new/100.a.host"));
	box_close(&box);
}

static void never_puts_one_message_over_another(void **state)
{
	struct box *box = open_box(*state);
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT;
	char *path;

	put(*state, "new/100.a.host", "mine");
	put(*state, "cur/100.a.host:2,S", "other");
	assert_int_equal(box_set_flags(box, "100.a.host", BOX_SEEN, &err), -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	path = path_join(((struct place *)*state)->box, "cur/100.a.host:2,S");
	assert_int_equal(file_read(path, &text, 0, NULL), 0);
	assert_string_equal(buf_str(&text), "other");
	free(path);
	buf_free(&text);
	box_close(&box);
}

static void delivers_whole_into_new(void **state)
{
	struct box_delivery delivery = {
	    .data = MAIL, .len = strlen(MAIL), .fd = -1, .received = 1700000000};
	struct box *box = open_box(*state);
	struct box_message message;
	struct buf key = BUF_INIT, path = BUF_INIT;
	struct box_seen seen;

	assert_int_equal(box_deliver(box, &delivery, &key, NULL), 0);
	assert_int_equal(box_seen_scan(box, &seen), 1);
	assert_string_equal(seen.key[0], buf_str(&key));
	assert_int_equal(seen.size[0], strlen(MAIL));
	assert_int_equal(seen.received[0], 1700000000);
	assert_int_equal(seen.flags[0], BOX_RECENT);
	assert_int_equal(box_message_open(box, key.data, &message, NULL), 0);
	assert_int_equal(message.len, strlen(MAIL));
	assert_memory_equal(message.data, MAIL, message.len);
	box_message_close(&message);
	assert_int_equal(box_message_path(box, key.data, &path, NULL), 0);
	assert_non_null(strstr(path.data, "/new/"));
	buf_free(&key);
	buf_free(&path);
	box_close(&box);
}

static void delivers_from_a_descriptor_with_flags(void **state)
{
	struct box *box = open_box(*state);
	struct box_delivery delivery = {.flags = BOX_SEEN | BOX_DRAFT};
	struct box_seen seen;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], MAIL, strlen(MAIL)), strlen(MAIL));
	close(ends[1]);
	delivery.fd = ends[0];
	assert_int_equal(box_deliver(box, &delivery, NULL, NULL), 0);
	close(ends[0]);
	assert_int_equal(box_seen_scan(box, &seen), 1);
	assert_int_equal(seen.flags[0], BOX_SEEN | BOX_DRAFT);
	assert_int_equal(seen.size[0], strlen(MAIL));
	box_close(&box);
}

static void delivers_a_unique_name_once(void **state)
{
	struct box_delivery delivery = {
	    .data = MAIL, .len = strlen(MAIL), .fd = -1, .unique = "out/7/1"};
	struct box *box = open_box(*state);
	struct buf key = BUF_INIT, again = BUF_INIT;
	struct box_seen seen;

	assert_int_equal(box_deliver(box, &delivery, &key, NULL), 0);
	assert_int_equal(box_set_flags(box, key.data, BOX_SEEN, NULL), 0);
	delivery.received = 5;
	assert_int_equal(box_deliver(box, &delivery, &again, NULL), 1);
	assert_string_equal(key.data, again.data);
	delivery.unique = "out/7/2";
	assert_int_equal(box_deliver(box, &delivery, NULL, NULL), 0);
	assert_int_equal(box_seen_scan(box, &seen), 2);
	buf_free(&key);
	buf_free(&again);
	box_close(&box);
}

/* Names are read once for all; what this box delivers itself it knows, and what another had
 * delivered before. */
static void knows_unique_names_among_many(void **state)
{
	struct box_delivery delivery = {.data = MAIL, .len = strlen(MAIL), .fd = -1};
	struct box *box = open_box(*state);
	struct buf key = BUF_INIT, again = BUF_INIT;
	char unique[32];

	delivery.unique = unique;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 40; i++) {
			snprintf(unique, sizeof unique, "move/%d", i);
			assert_int_equal(box_deliver(box, &delivery, NULL, NULL), round > 0);
		}
		if (round == 1) { /* by another run */
			box_close(&box);
			box = open_box(*state);
		}
	}
	assert_int_equal(box_deliver(box, &delivery, &key, NULL), 1);
	assert_int_equal(box_remove(box, buf_str(&key), NULL), 0);
	assert_int_equal(box_deliver(box, &delivery, &again, NULL), 0); /* gone is not there */
	buf_free(&key);
	buf_free(&again);
	box_close(&box);
}

static void what_nobody_can_look_for_is_not_gone(void **state)
{
	struct box *box = open_box(*state);
	struct box_message bytes;
	struct err err = ERR_INIT;
	char *cur;

	assert_int_equal(box_message_open(box, "100.a.host", &bytes, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(box_remove(box, "100.a.host", &err), 0);
	cur = path_join(box_path(box), "cur");
	assert_int_equal(rmdir(cur), 0);
	free(cur);
	put(*state, "cur", "no folder");
	err_clear(&err);
	assert_int_equal(box_message_open(box, "100.a.host", &bytes, &err), -1);
	assert_int_not_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(box_remove(box, "100.a.host", &err), -1);
	remove_file(*state, "cur");
	box_close(&box);
}

static void finds_a_message_under_any_name(void **state)
{
	static const char *const names[] = {"new/1.a.h",       "cur/1.a.h",	  "cur/1.a.h:2,",
					    "cur/1.a.h:2,FRS", "cur/1.a.h:2,Szq", "new/1.a.h:2,S"};
	struct box *box = open_box(*state);
	struct box_message message;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = path_join(((struct place *)*state)->box, names[i]);

		put(*state, names[i], MAIL);
		assert_int_equal(box_message_open(box, "1.a.h", &message, NULL), 0);
		box_message_close(&message);
		unlink(path);
		free(path);
	}
	assert_int_equal(box_message_open(box, "1.a.h", &message, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(box_message_open(box, "../../../etc/passwd", &message, &err), -1);
	assert_int_equal(box_remove(box, "1.a.h", &err), 0);
	box_close(&box);
}

/* Another program renames one message to and fro, as fast as it can. */
static pid_t start_renamer(const struct place *place, const char *a, const char *b)
{
	char *from = path_join(place->box, a), *to = path_join(place->box, b);
	pid_t pid = fork();

	if (pid == 0)
		for (;;) {
			if (rename(from, to) < 0 || rename(to, from) < 0)
				_exit(1);
		}
	free(from);
	free(to);
	return pid;
}

static void sees_every_message_while_others_rename(void **state)
{
	struct box *box = open_box(*state);
	struct box_message message;
	struct box_seen seen;
	pid_t pid;

	for (int i = 0; i < 300; i++) {
		char name[64];

		snprintf(name, sizeof name, "cur/%d.x.host:2,", 1000 + i);
		put(*state, name, MAIL);
	}
	pid = start_renamer(*state, "cur/1000.x.host:2,", "cur/1000.x.host:2,S");
	for (int i = 0; i < 100; i++)
		assert_int_equal(box_seen_scan(box, &seen), 300);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(box_message_open(box, "1000.x.host", &message, NULL), 0);
		box_message_close(&message);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	box_close(&box);
}

/* As a file system tells the time whose clock stands still for 10 ms. */
static void set_to_tick(const char *dir)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};

	clock_gettime(CLOCK_REALTIME, &times[1]);
	times[1].tv_nsec -= times[1].tv_nsec % 10000000;
	utimensat(AT_FDCWD, dir, times, 0);
}

static void mark_one(const char *dir, int i, bool is_read)
{
	char *from = mem_printf("%s/%d.x.host:2,%s", dir, 10000 + i, is_read ? "" : "S");
	char *to = mem_printf("%s/%d.x.host:2,%s", dir, 10000 + i, is_read ? "S" : "");

	rename(from, to);
	set_to_tick(dir);
	usleep(20);
	free(from);
	free(to);
}

/* Another program marks all of COUNT messages as read, and then as unread again, and so on. */
static pid_t start_marker(const struct place *place, int count)
{
	char *dir = path_join(place->box, "cur");
	pid_t pid = fork();

	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pid == 0)
		for (unsigned i = 0;; i++)
			mark_one(dir, (int)(i % (unsigned)count), i / (unsigned)count % 2 == 0);
	free(dir);
	return pid;
}

static void sees_every_message_by_a_coarse_clock(void **state)
{
	struct box *box = open_box(*state);
	struct box_seen seen;
	pid_t pid;

	for (int i = 0; i < 2000; i++) {
		char name[64];

		snprintf(name, sizeof name, "cur/%d.x.host:2,", 10000 + i);
		put(*state, name, MAIL);
	}
	pid = start_marker(*state, 2000);
	for (int i = 0; i < 100; i++)
		assert_int_equal(box_seen_scan(box, &seen), 2000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	box_close(&box);
}

static void removes_what_died_in_tmp(void **state)
{
	char *tmp = path_join(((struct place *)*state)->box, "tmp");
	int64_t now = (int64_t)time(NULL);

	put(*state, "tmp/left", MAIL);
	maildir_clean_tmp(tmp, now + 35 * 3600);
	assert_true(is_there(*state, "tmp/left"));
	maildir_clean_tmp(tmp, now + 37 * 3600);
	assert_false(is_there(*state, "tmp/left"));
	free(tmp);
}

/* On a busy machine we may come too late to see it fresh: then once more. */
static bool is_fresh_after_change(const struct place *place, struct box *box, struct box_stamp *stamp)
{
	for (int i = 0; i < 100; i++) {
		put(place, "new/0.x", MAIL);
		remove_file(place, "new/0.x");
		assert_int_equal(box_stamp(box, stamp, NULL), 0);
		if (box_stamp_is_fresh(stamp))
			return true;
	}
	return false;
}

static void stamp_tells_changes(void **state)
{
	struct box *box = open_box(*state);
	struct box_stamp a, b;

	assert_true(is_fresh_after_change(*state, box, &a));
	usleep(60000);
	assert_false(box_stamp_is_fresh(&a));
	assert_int_equal(box_stamp(box, &b, NULL), 0);
	assert_memory_equal(&a, &b, sizeof a);
	put(*state, "new/1.x", MAIL);
	assert_int_equal(box_stamp(box, &b, NULL), 0);
	assert_memory_not_equal(&a, &b, sizeof a);
	a.a += (int64_t)3600 * 1000000000; /* the clock was set back: what lies ahead hides nothing */
	assert_false(box_stamp_is_fresh(&a));
	box_close(&box);
}

static void read_only_writes_nothing(void **state)
{
	struct box_delivery delivery = {.data = MAIL, .len = strlen(MAIL), .fd = -1};
	struct box *box = box_open(((struct place *)*state)->box, true, NULL);
	struct err err = ERR_INIT;

	put(*state, "new/1.x", MAIL);
	assert_int_equal(box_set_flags(box, "1.x", BOX_SEEN, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(box_remove(box, "1.x", NULL), -1);
	assert_int_equal(box_deliver(box, &delivery, NULL, NULL), -1);
	assert_int_equal(box_commit(box, NULL), -1);
	assert_true(is_there(*state, "new/1.x"));
	box_close(&box);
}

/* A disk that is full: RLIMIT_FSIZE stops the file in its middle. */
static int deliver_with_limit(struct box *box, const struct box_delivery *delivery, struct err *err)
{
	struct rlimit old, small;
	int rc;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = (struct rlimit){1000, old.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	rc = box_deliver(box, delivery, NULL, err);
	setrlimit(RLIMIT_FSIZE, &old);
	return rc;
}

static void full_disk_leaves_nothing_behind(void **state)
{
	char *big = mem_alloc(100000);
	struct box_delivery delivery = {.data = big, .len = 100000, .fd = -1};
	struct box *box = open_box(*state);
	struct err err = ERR_INIT;
	char *tmp = path_join(((struct place *)*state)->box, "tmp");
	struct box_seen seen;

	memset(big, 'x', 100000);
	assert_int_equal(deliver_with_limit(box, &delivery, &err), -1);
	assert_true(strlen(err.text) > 10);
	assert_int_equal(box_seen_scan(box, &seen), 0);
	assert_int_equal(rmdir(tmp), 0); /* nothing in it */
	free(tmp);
	free(big);
	box_close(&box);
}

struct seen {
	size_t len, wants;
	int looks;
};

static bool look_at(void *arg, const struct buf *bytes, int64_t size)
{
	struct seen *seen = arg;

	assert_int_equal(size, sizeof MAIL - 1);
	assert_memory_equal(buf_str(bytes), MAIL, bytes->len);
	seen->len = bytes->len;
	seen->looks++;
	return bytes->len >= seen->wants;
}

static size_t at_most(size_t len)
{
	return len < sizeof MAIL - 1 ? len : sizeof MAIL - 1;
}

static void the_head_is_the_beginning(void **state)
{
	struct box *box = open_box(*state);
	struct err err = ERR_INIT;
	struct seen seen = {.wants = 0};
	struct box_look look = {.is_enough = look_at, .arg = &seen};

	put(*state, "cur/1.a.h:2,S", MAIL);
	for (look.first = 1; look.first < sizeof MAIL + 10; look.first += 7) {
		look.most = look.first + 9;
		seen = (struct seen){.wants = 0};
		assert_int_equal(box_message_head(box, "1.a.h", NULL, &look, NULL), 0);
		assert_int_equal(seen.len, at_most(look.first));
		assert_int_equal(seen.looks, 1);
		seen = (struct seen){.wants = look.first + 1};
		assert_int_equal(box_message_head(box, "1.a.h", NULL, &look, NULL), 0);
		assert_int_equal(seen.len, at_most(look.most));
		assert_int_equal(seen.looks, 2);
	}
	assert_int_equal(box_message_head(box, "2.a.h", NULL, &look, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	box_close(&box);
}

static void reads_nothing_but_files(void **state)
{
	struct place *place = *state;
	char *zero = mem_printf("%s/cur/1.zero:2,", place->box),
	     *pipe = mem_printf("%s/cur/1.pipe:2,", place->box);
	struct box *box = open_box(place);
	struct box_message message;
	struct seen seen = {.wants = 0};
	struct box_look look = {.first = 100, .most = 100, .is_enough = look_at, .arg = &seen};
	struct err err = ERR_INIT;

	assert_int_equal(symlink("/dev/zero", zero), 0);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(box_message_open(box, "1.zero", &message, &err), -1);
	assert_non_null(strstr(err.text, "not a file"));
	assert_int_equal(box_message_open(box, "1.pipe", &message, NULL), -1);
	assert_int_equal(box_message_head(box, "1.zero", NULL, &look, NULL), -1);
	assert_int_equal(seen.looks, 0);
	box_close(&box);
	free(zero);
	free(pipe);
}

static void knows_what_is_a_maildir(void **state)
{
	struct place *place = *state;
	struct err err = ERR_INIT;

	assert_int_equal(box_detect(place->box), BOX_MAILDIR);
	assert_int_equal(box_detect(place->dir), BOX_NONE);
	assert_null(box_open(place->dir, false, &err));
	assert_non_null(strstr(err.text, "neither"));
	assert_int_equal(box_make(place->box, BOX_MAILDIR, NULL), 0);
	assert_int_equal(box_kind_by_name("maildir"), BOX_MAILDIR);
	assert_string_equal(box_kind_name(BOX_MBOX), "mbox");
}

static void fetch(struct box *box, const char *unique, const char *text)
{
	struct err err = ERR_INIT;
	struct batch *batch = batch_new(box, &err);

	assert_non_null(batch);
	assert_int_equal(batch_begin(batch, unique, &err), 0);
	assert_int_equal(batch_add(batch, text, strlen(text), &err), 0);
	assert_int_equal(batch_end(batch, &err), 0);
	if (batch_publish(batch, &err) < 0)
		fail_msg("%s", err.text);
	batch_free(&batch);
}

static int count_new(const struct place *place)
{
	char *path = path_join(place->box, "new");
	DIR *dir = opendir(path);
	int count = 0;

	assert_non_null(dir);
	for (struct dirent *one; (one = readdir(dir));)
		count += *one->d_name != '.';
	closedir(dir);
	free(path);
	return count;
}

/* A POP3 server may give a name again at once: what came under it is another letter, as large and as new as it may be.
 * The same letter once more, since its coming was not noted, stays one (within a second; later its mark tells). */
static void keeps_what_comes_under_a_name_used_again(void **state)
{
	struct place *place = *state;
	struct box *box = open_box(place);
	char unique[] = "pop3 one m0";
	int before;
	time_t second;

	do {
		unique[10]++;
		before = count_new(place);
		second = time(NULL);
		fetch(box, unique, "Subject: one\n\nx\n");
		fetch(box, unique, "Subject: two\n\nx\n");
		fetch(box, unique, "Subject: six\n\nx\n");
		fetch(box, unique, "Subject: two\n\nx\n");
	} while (time(NULL) != second && unique[10] < 'z');
	assert_int_equal(count_new(place) - before, 3);
	box_close(&box);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(lists_names_with_flags_size_and_time),
	    T(keeps_letters_that_are_not_ours),
	    T(flags_move_it_out_of_new),
	    T(never_puts_one_message_over_another),
	    T(delivers_whole_into_new),
	    T(delivers_from_a_descriptor_with_flags),
	    T(delivers_a_unique_name_once),
	    T(knows_unique_names_among_many),
	    T(keeps_what_comes_under_a_name_used_again),
	    T(what_nobody_can_look_for_is_not_gone),
	    T(finds_a_message_under_any_name),
	    T(sees_every_message_while_others_rename),
	    T(sees_every_message_by_a_coarse_clock),
	    T(removes_what_died_in_tmp),
	    T(stamp_tells_changes),
	    T(read_only_writes_nothing),
	    T(full_disk_leaves_nothing_behind),
	    T(the_head_is_the_beginning),
	    T(reads_nothing_but_files),
	    T(knows_what_is_a_maildir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
