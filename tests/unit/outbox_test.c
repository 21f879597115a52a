#include "config.h"
#include "store/mail/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/mail/db.h"

#define LETTER                                                                                     \
	"From: me@localhost\nSubject: =?utf-8?Q?gr=C3=BC=C3=9Fe?=\nMessage-ID: <a@b>\n\nHello\n"

static const char *const two[] = {"bob", "alice@localhost"};

static struct outbox_letter a_letter(void)
{
	return (struct outbox_letter){.account = "home",
				      .sender = "me@localhost",
				      .recipients = two,
				      .recipient_count = 2,
				      .data = LETTER,
				      .len = sizeof LETTER - 1};
}

static struct outbox *open_it(void)
{
	struct err err = ERR_INIT;
	struct outbox *outbox = outbox_open(&err);

	if (!outbox)
		print_message("%s\n", err.text);
	assert_non_null(outbox);
	return outbox;
}

static int64_t add(struct outbox *outbox)
{
	struct outbox_letter letter = a_letter();
	struct err err = ERR_INIT;
	int64_t id = outbox_add(outbox, &letter, &err);

	if (id < 0)
		print_message("%s\n", err.text);
	assert_true(id > 0);
	return id;
}

static void path_of(char *path, size_t size, int64_t id, const char *ending)
{
	snprintf(path, size, "%s/data/outbox/%lld.%s", getenv("TERN_HOME"), (long long)id, ending);
}

static bool there(int64_t id, const char *ending)
{
	char path[300];

	path_of(path, sizeof path, id, ending);
	return access(path, F_OK) == 0;
}

/* Letters and envelopes that lie there, half ones counted. */
static int files(void)
{
	char path[300];
	DIR *dir;
	struct dirent *item;
	int count = 0;

	snprintf(path, sizeof path, "%s/data/outbox", getenv("TERN_HOME"));
	dir = opendir(path);
	while ((item = readdir(dir)))
		count += item->d_name[0] >= '0' && item->d_name[0] <= '9';
	closedir(dir);
	return count;
}

static void make_old(int64_t id, const char *ending)
{
	const struct timeval long_ago[2] = {{1000, 0}, {1000, 0}};
	char path[300];

	path_of(path, sizeof path, id, ending);
	assert_int_equal(utimes(path, long_ago), 0);
}

/* From another connection. */
static void run_sql(const char *sql)
{
	char path[300];
	struct db *db;

	snprintf(path, sizeof path, "%s/data/outbox/outbox.db", getenv("TERN_HOME"));
	db = db_open(path, DB_DURABLE, NULL, 1, NULL);
	assert_non_null(db);
	assert_int_equal(db_exec(db, sql, NULL), 0);
	db_close(&db);
}

static struct outbox_entry entry_of(struct outbox *outbox, int64_t id, struct arena *arena)
{
	struct outbox_entry entry;

	assert_int_equal(outbox_get(outbox, id, arena, &entry, NULL), 1);
	return entry;
}

static void an_added_letter_is_there(void **state)
{
	struct arena *arena = *state;
	struct outbox *outbox = open_it();
	int64_t id = add(outbox);
	struct outbox_entry entry = entry_of(outbox, id, arena);
	struct buf text = BUF_INIT;
	struct stat st;

	assert_string_equal(entry.account, "home");
	assert_string_equal(entry.sender, "me@localhost");
	assert_string_equal(entry.subject, "gr\xc3\xbc\xc3\x9f"
					   "e");
	assert_string_equal(entry.message_id, "a@b");
	assert_int_equal(entry.size, sizeof LETTER - 1);
	assert_int_equal(entry.recipient_count, 2);
	assert_string_equal(entry.recipients[0].addr, "alice@localhost");
	assert_int_equal(entry.recipients[0].state, OUTBOX_WAITING);
	assert_null(entry.notify);
	assert_int_equal(file_read(entry.path, &text, 0, NULL), 0);
	assert_string_equal(buf_str(&text), LETTER);
	assert_int_equal(stat(entry.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	buf_free(&text);
	outbox_close(&outbox);
}

static void head_and_body_are_joined(void **state)
{
	struct arena *arena = *state;
	struct outbox *outbox = open_it();
	struct outbox_letter letter = a_letter();
	struct buf text = BUF_INIT;
	int64_t id;

	letter.body = "more\n";
	letter.body_len = 5;
	id = outbox_add(outbox, &letter, NULL);
	assert_int_equal(file_read(entry_of(outbox, id, arena).path, &text, 0, NULL), 0);
	assert_string_equal(buf_str(&text), LETTER "more\n");
	assert_int_equal(entry_of(outbox, id, arena).size, sizeof LETTER - 1 + 5);
	buf_free(&text);
	outbox_close(&outbox);
}

static void who_is_named_twice_gets_one(void **state)
{
	static const char *const names[] = {"bob", "al", "bob", "al", "bob"};
	struct outbox *outbox = open_it();
	struct outbox_letter letter = a_letter();

	letter.recipients = names;
	letter.recipient_count = 5;
	assert_int_equal(
	    entry_of(outbox, outbox_add(outbox, &letter, NULL), *state).recipient_count, 2);
	outbox_close(&outbox);
}

static void bad_letters_leave_nothing(void **state)
{
	static const char *const bad[] = {"bob\r\nDATA", "bob\nx", "", "b\x01", "b\x7f"};
	struct outbox *outbox = open_it();
	struct outbox_letter letter;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		letter = a_letter();
		letter.recipients = &bad[i];
		letter.recipient_count = 1;
		assert_int_equal(outbox_add(outbox, &letter, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
	}
	letter = a_letter();
	letter.recipient_count = 0;
	assert_int_equal(outbox_add(outbox, &letter, &err), -1);
	letter = a_letter();
	letter.sender = "x\ny";
	assert_int_equal(outbox_add(outbox, &letter, &err), -1);
	assert_int_equal(files(), 0);
	outbox_close(&outbox);
}

static void a_claim_goes_to_one(void **state)
{
	struct arena *arena = *state;
	struct outbox *outbox = open_it(), *other = open_it();
	int64_t id = add(outbox), ids[4], next, now = time(NULL);
	size_t count = ARRAY_COUNT(ids);
	struct outbox_entry entry;

	assert_int_equal(outbox_due(other, now, ids, &count, &next, NULL), 0);
	assert_int_equal(count, 1);
	assert_int_equal(ids[0], id);
	assert_int_equal(outbox_claim(outbox, id, now, getpid(), 100, arena, &entry, NULL), 1);
	assert_int_equal(entry.recipient_count, 2);
	assert_int_equal(entry.recipients[0].tries, 1);
	assert_int_equal(outbox_claim(other, id, now, 1, 100, arena, &entry, NULL), 0);
	count = ARRAY_COUNT(ids);
	assert_int_equal(outbox_due(other, now, ids, &count, &next, NULL), 0);
	assert_int_equal(count, 0);
	assert_int_equal(next, now + 100);
	assert_int_equal(outbox_next_due(other, now + 101, 1, 100, arena, &entry, NULL, NULL), 1);
	assert_true(entry.recipients[0].maybe_sent); /* nobody knows what the first one did */
	outbox_close(&outbox);
	outbox_close(&other);
}

static void verdicts_end_a_letter(void **state)
{
	struct arena *arena = *state;
	struct outbox *outbox = open_it();
	int64_t id = add(outbox), now = time(NULL), next = 0;
	struct outbox_entry entry;

	assert_int_equal(outbox_next_due(outbox, now, 1, 100, arena, &entry, &next, NULL), 1);
	assert_int_equal(
	    outbox_verdict(outbox, entry.recipients[0].id, OUTBOX_SENT, 0, "2.0.0", "ok", NULL), 0);
	assert_int_equal(outbox_verdict(outbox, entry.recipients[1].id, OUTBOX_WAITING, now + 60,
					"4.2.0", "later", NULL),
			 0);
	assert_int_equal(outbox_finish(outbox, id, NULL), 0);
	assert_int_equal(outbox_next_due(outbox, now, 1, 100, arena, &entry, &next, NULL), 0);
	assert_int_equal(next, now + 60);
	assert_int_equal(outbox_next_due(outbox, now + 60, 1, 100, arena, &entry, &next, NULL), 1);
	assert_int_equal(entry.recipient_count, 1);
	assert_int_equal(entry.recipients[0].tries, 2);
	assert_int_equal(
	    outbox_verdict(outbox, entry.recipients[0].id, OUTBOX_FAILED, 0, "5.1.1", "no", NULL),
	    0);
	/* an end is an end */
	assert_int_equal(
	    outbox_verdict(outbox, entry.recipients[0].id, OUTBOX_WAITING, now, "", "", NULL), 0);
	assert_int_equal(entry_of(outbox, id, arena).recipients[1].state, OUTBOX_FAILED);
	assert_int_equal(outbox_finish(outbox, id, NULL), 0); /* the sender does not know yet */
	assert_int_equal(outbox_set_bounced(outbox, entry.recipients[0].id, NULL), 0);
	assert_int_equal(outbox_finish(outbox, id, NULL), 1);
	assert_false(there(id, "eml") || there(id, "env"));
	assert_true(entry_of(outbox, id, arena).finished > 0);
	outbox_close(&outbox);
}

static void lists_show_finished_ones_on_wish(void **state)
{
	struct outbox *outbox = open_it();
	int64_t first = add(outbox), second = add(outbox);
	struct outbox_entry *entries;
	size_t count;

	assert_int_equal(outbox_cancel(outbox, first, NULL), 1);
	assert_int_equal(outbox_list(outbox, false, *state, &entries, &count, NULL), 0);
	assert_int_equal(count, 1);
	assert_int_equal(entries[0].id, second);
	assert_int_equal(entries[0].recipient_count, 2);
	assert_int_equal(outbox_list(outbox, true, *state, &entries, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_int_equal(entries[0].recipients[0].state, OUTBOX_CANCELLED);
	outbox_close(&outbox);
}

static void wishes_of_a_person(void **state)
{
	struct arena *arena = *state;
	struct outbox *outbox = open_it();
	int64_t id = add(outbox), now = time(NULL);
	struct outbox_entry entry;

	assert_int_equal(outbox_hold(outbox, id, NULL), 1);
	assert_int_equal(outbox_hold(outbox, id, NULL), 0);
	assert_int_equal(outbox_next_due(outbox, now + 1000, 1, 9, arena, &entry, NULL, NULL), 0);
	assert_int_equal(outbox_retry(outbox, 0, NULL), 0); /* all: not what is held */
	assert_int_equal(outbox_retry(outbox, id, NULL), 1);
	assert_int_equal(outbox_next_due(outbox, time(NULL), 1, 9, arena, &entry, NULL, NULL), 1);
	assert_int_equal(outbox_cancel(outbox, id, NULL), 0); /* a worker has it */
	outbox_release(outbox, 1, false, NULL);
	assert_int_equal(outbox_cancel(outbox, id, NULL), 1);
	assert_false(there(id, "eml"));
	assert_int_equal(outbox_cancel(outbox, 4711, NULL), 0);
	outbox_close(&outbox);
}

static void sending_later_waits(void **state)
{
	struct outbox *outbox = open_it();
	struct outbox_letter letter = a_letter();
	struct outbox_entry entry;
	int64_t now = time(NULL), next;

	letter.due = now + 500;
	assert_true(outbox_add(outbox, &letter, NULL) > 0);
	assert_int_equal(outbox_retry(outbox, 0, NULL),
			 0); /* it was not deferred: its time stands */
	assert_int_equal(outbox_next_due(outbox, now, 1, 9, *state, &entry, &next, NULL), 0);
	assert_int_equal(next, now + 500);
	outbox_close(&outbox);
}

static int64_t add_due(struct outbox *outbox, int64_t due)
{
	struct outbox_letter letter = a_letter();
	int64_t id;

	letter.due = due;
	id = outbox_add(outbox, &letter, NULL);
	assert_true(id > 0);
	return id;
}

static void flush_is_now(void **state)
{
	struct outbox *outbox = open_it();
	int64_t now = time(NULL), undo = add_due(outbox, now + 10), ids[8], next;
	int64_t monday = add_due(outbox, now + 500), held = add_due(outbox, now);
	struct outbox_flushed flushed;
	size_t count = 8;

	(void)state;
	(void)monday;
	assert_int_equal(outbox_hold(outbox, held, NULL), 1);
	assert_int_equal(outbox_flush(outbox, 10, &flushed, NULL), 0);
	assert_int_equal(flushed.now, 1);
	assert_int_equal(flushed.later, 1);
	assert_int_equal(flushed.held, 1);
	assert_int_equal(outbox_due(outbox, time(NULL), ids, &count, &next, NULL), 0);
	assert_int_equal(count, 1);
	assert_int_equal(ids[0], undo);
	assert_int_equal(next, now + 500);
	outbox_close(&outbox);
}

/* Some recipients at their end, one held; then the database is ruined: all must be known again. */
static int64_t prepare_for_ruin(struct arena *arena)
{
	struct outbox *outbox = open_it();
	struct outbox_entry entry;
	int64_t id = add(outbox);

	assert_int_equal(outbox_next_due(outbox, time(NULL), 1, 9, arena, &entry, NULL, NULL), 1);
	assert_int_equal(
	    outbox_verdict(outbox, entry.recipients[0].id, OUTBOX_SENT, 0, "", "", NULL), 0);
	outbox_release(outbox, 1, false, NULL);
	assert_int_equal(outbox_hold(outbox, id, NULL), 1);
	outbox_close(&outbox);
	return id;
}

static void check_after_ruin(int64_t id, struct arena *arena)
{
	struct outbox *outbox = open_it();
	struct outbox_entry entry = entry_of(outbox, id, arena);

	assert_true(outbox_was_rebuilt(outbox));
	assert_string_equal(entry.sender, "me@localhost");
	assert_string_equal(entry.message_id, "a@b");
	assert_int_equal(entry.size, sizeof LETTER - 1);
	assert_int_equal(entry.recipient_count, 2);
	assert_int_equal(entry.recipients[0].state, OUTBOX_SENT);
	assert_int_equal(entry.recipients[1].state, OUTBOX_HELD);
	assert_true(add(outbox) > id);
	outbox_close(&outbox);
	outbox = open_it();
	assert_false(outbox_was_rebuilt(outbox));
	outbox_close(&outbox);
}

static void database_path(char *path, size_t size)
{
	snprintf(path, size, "%s/data/outbox/outbox.db", getenv("TERN_HOME"));
}

static void a_deleted_database_is_made_again(void **state)
{
	int64_t id = prepare_for_ruin(*state);
	char path[300];

	database_path(path, sizeof path);
	assert_int_equal(unlink(path), 0);
	check_after_ruin(id, *state);
}

static void a_database_of_rubbish_is_made_again(void **state)
{
	int64_t id = prepare_for_ruin(*state);
	char path[300], rubbish[3000];
	int fd;

	memset(rubbish, 'x', sizeof rubbish);
	database_path(path, sizeof path);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, rubbish, sizeof rubbish, 0), sizeof rubbish);
	close(fd);
	check_after_ruin(id, *state);
}

static void a_database_with_bad_pages_is_made_again(void **state)
{
	int64_t id = prepare_for_ruin(*state);
	char path[300], rubbish[8192];
	struct stat st;
	int fd;

	memset(rubbish, 'x', sizeof rubbish);
	database_path(path, sizeof path);
	fd = open(path, O_WRONLY);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(pwrite(fd, rubbish, sizeof rubbish, 4096), sizeof rubbish);
	close(fd);
	check_after_ruin(id, *state);
}

/* A full disk cut the line of one; the next one's must be understood all the same. */
static void a_line_behind_a_torn_one_counts(void **state)
{
	struct arena *arena = *state;
	struct outbox *outbox = open_it();
	int64_t id = add(outbox);
	struct outbox_entry entry;
	char path[300];
	int fd;

	path_of(path, sizeof path, id, "env");
	fd = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "{\"n\":0,\"sta", 11), 11);
	close(fd);
	assert_int_equal(outbox_next_due(outbox, time(NULL), 1, 9, arena, &entry, NULL, NULL), 1);
	assert_int_equal(
	    outbox_verdict(outbox, entry.recipients[1].id, OUTBOX_SENT, 0, "", "", NULL), 0);
	outbox_close(&outbox);
	database_path(path, sizeof path);
	assert_int_equal(unlink(path), 0);
	outbox = open_it();
	assert_int_equal(entry_of(outbox, id, arena).recipients[1].state, OUTBOX_SENT);
	outbox_close(&outbox);
}

/* Into a database that nobody looks into any more a letter would be lost. */
static void a_letter_never_goes_into_a_lost_database(void **state)
{
	struct outbox *outbox = open_it(), *fresh;
	struct outbox_letter letter = a_letter();
	struct err err = ERR_INIT;
	char path[300];

	(void)state;
	database_path(path, sizeof path);
	assert_int_equal(unlink(path), 0);
	strcat(path, "-wal");
	unlink(path);
	strcpy(strrchr(path, '-'), "-shm");
	unlink(path);
	fresh = open_it();
	assert_int_equal(outbox_add(outbox, &letter, &err), -1);
	assert_int_equal(err.kind, ERR_TEMPORARY);
	assert_int_equal(files(), 0);
	outbox_close(&outbox);
	add(fresh);
	outbox_close(&fresh);
}

static void a_torn_line_and_a_ruined_envelope(void **state)
{
	struct arena *arena = *state;
	int64_t id = prepare_for_ruin(arena);
	struct outbox *outbox = open_it();
	int64_t other = add(outbox);
	char path[300];
	int fd;

	outbox_close(&outbox);
	path_of(path, sizeof path, id, "env");
	fd = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "{\"n\":1,\"sta", 11), 11);
	close(fd);
	path_of(path, sizeof path, other, "env");
	assert_int_equal(truncate(path, 20), 0);
	database_path(path, sizeof path);
	unlink(path);
	outbox = open_it();
	assert_int_equal(entry_of(outbox, id, arena).recipients[1].state, OUTBOX_HELD);
	make_old(other, "eml.damaged");
	make_old(other, "env.damaged");
	assert_int_equal(outbox_sweep(outbox, NULL), 0);
	assert_true(there(other, "eml.damaged")); /* its text is not thrown away */
	outbox_close(&outbox);
}

/* A worker that said "sent" on disk and died before the database knew. */
static void the_words_of_a_dead_worker_count(void **state)
{
	struct arena *arena = *state;
	struct outbox *outbox = open_it();
	int64_t id = add(outbox);
	struct outbox_entry entry;
	char path[300];
	pid_t dead = fork();
	int fd;

	if (dead == 0)
		_exit(0);
	waitpid(dead, NULL, 0);
	assert_int_equal(outbox_claim(outbox, id, time(NULL), dead, 100, arena, &entry, NULL), 1);
	path_of(path, sizeof path, id, "env");
	fd = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "{\"n\":1,\"state\":\"sent\"}\n", 23), 23);
	close(fd);
	assert_int_equal(outbox_release_dead(outbox, NULL), 1);
	entry = entry_of(outbox, id, arena);
	assert_int_equal(entry.recipients[0].state, OUTBOX_WAITING);
	assert_int_equal(entry.recipients[1].state, OUTBOX_SENT);
	outbox_close(&outbox);
}

/* As a power cut leaves it: the tables are those of before, the envelope has its line. */
static void take_back_tables(int64_t id)
{
	char command[400];

	snprintf(command, sizeof command,
		 "UPDATE recipient SET state = 0, due = 0 WHERE entry = %lld;"
		 "UPDATE entry SET finished = 0 WHERE id = %lld;"
		 "UPDATE meta SET value = 1 WHERE key = 'boot'",
		 (long long)id, (long long)id);
	run_sql(command);
}

static void what_is_put_off_outlives_a_power_cut(void **state)
{
	struct arena *arena = *state;
	struct outbox *outbox = open_it();
	struct outbox_entry entry;
	int64_t id;

	assert_int_equal(outbox_be_late(outbox, NULL), 0);
	id = add(outbox);
	assert_int_equal(outbox_claim(outbox, id, time(NULL), getpid(), 100, arena, &entry, NULL), 1);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
		    outbox_verdict(outbox, entry.recipients[i].id, OUTBOX_SENT, 0, "2.0.0", "ok", NULL), 0);
	assert_int_equal(outbox_finish(outbox, id, NULL), 1);
	assert_true(there(id, "env")); /* until it is settled */
	take_back_tables(id);
	assert_int_equal(outbox_sync_verdicts(outbox, NULL), 0);
	assert_int_equal(outbox_be_late(outbox, NULL), 0); /* as the first worker of another session does */
	entry = entry_of(outbox, id, arena);
	assert_int_equal(entry.recipients[0].state, OUTBOX_SENT);
	assert_int_equal(entry.recipients[1].state, OUTBOX_SENT);
	assert_int_equal(outbox_finish(outbox, id, NULL), 1);
	assert_int_equal(outbox_settle(outbox, NULL), 0);
	assert_false(there(id, "env"));
	assert_false(there(id, "eml"));
	outbox_close(&outbox);
}

/* Tables that are made again from the envelopes must find these. */
static void what_is_put_off_takes_no_files_of_others(void **state)
{
	struct arena *arena = *state;
	struct outbox *outbox = open_it();
	struct outbox_entry entry;
	int64_t id = add(outbox);
	char path[300];

	assert_int_equal(outbox_be_late(outbox, NULL), 0);
	assert_int_equal(outbox_claim(outbox, id, time(NULL), getpid(), 100, arena, &entry, NULL), 1);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
		    outbox_verdict(outbox, entry.recipients[i].id, OUTBOX_SENT, 0, "2.0.0", "ok", NULL), 0);
	assert_int_equal(outbox_finish(outbox, id, NULL), 1);
	database_path(path, sizeof path);
	assert_int_equal(unlink(path), 0);
	outbox_close(&outbox);
	assert_true(there(id, "env"));
	outbox = open_it();
	entry = entry_of(outbox, id, arena);
	assert_int_equal(entry.recipients[0].state, OUTBOX_SENT);
	assert_int_equal(outbox_finish(outbox, id, NULL), 1);
	assert_false(there(id, "env"));
	outbox_close(&outbox);
}

static void make_file(int64_t id, const char *ending, bool old)
{
	char path[300];

	path_of(path, sizeof path, id, ending);
	close(open(path, O_WRONLY | O_CREAT, 0600));
	if (old)
		make_old(id, ending);
}

static void what_killed_programs_left_is_swept(void **state)
{
	struct outbox *outbox = open_it();
	int64_t id = add(outbox);

	(void)state;
	make_file(id + 1, "eml", false); /* being added right now */
	make_file(id + 2, "eml", true);
	make_file(id + 3, "env", true);
	make_file(id + 4, "env.new.17", true);
	assert_int_equal(outbox_sweep(outbox, NULL), 3);
	assert_true(there(id, "eml") && there(id, "env") && there(id + 1, "eml"));
	assert_int_equal(files(), 3);
	assert_int_equal(add(outbox), id + 2); /* a taken number is passed over */
	outbox_close(&outbox);
}

static int make_home(void **state)
{
	char *dir = strdup("/tmp/tern-test-XXXXXX");

	*state = arena_new();
	if (!mkdtemp(dir))
		return -1;
	setenv("TERN_HOME", dir, 1);
	free(dir);
	return 0;
}

static int remove_home(void **state)
{
	char command[64];

	snprintf(command, sizeof command, "rm -rf %s", getenv("TERN_HOME"));
	arena_free((struct arena **)state);
	return system(command);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_home, remove_home)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_added_letter_is_there),
	    TEST(head_and_body_are_joined),
	    TEST(who_is_named_twice_gets_one),
	    TEST(bad_letters_leave_nothing),
	    TEST(a_claim_goes_to_one),
	    TEST(verdicts_end_a_letter),
	    TEST(lists_show_finished_ones_on_wish),
	    TEST(wishes_of_a_person),
	    TEST(sending_later_waits),
	    TEST(flush_is_now),
	    TEST(a_deleted_database_is_made_again),
	    TEST(a_database_of_rubbish_is_made_again),
	    TEST(a_database_with_bad_pages_is_made_again),
	    TEST(a_line_behind_a_torn_one_counts),
	    TEST(a_letter_never_goes_into_a_lost_database),
	    TEST(a_torn_line_and_a_ruined_envelope),
	    TEST(the_words_of_a_dead_worker_count),
	    TEST(what_is_put_off_outlives_a_power_cut),
	    TEST(what_is_put_off_takes_no_files_of_others),
	    TEST(what_killed_programs_left_is_swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
