#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/keeper.h"
#include "store/mail/store.h"
#include "store/mail/store_inside.h"
#include "store/notice/notice.h"
#include "tests/lib/temp.h"

#define LONG_MS 10000 /* for a machine with much to do */

struct world {
	char *home;
	struct account account;
	struct arena *arena;
	struct notice_conn *conn;
	pid_t keeper;
	struct err err;
};

static void put(struct world *w, const char *folder, const char *id, unsigned flags)
{
	char *path = path_join(w->account.path, folder);
	char *text = mem_printf("Subject: %s\nMessage-ID: <%s@x>\n\nhello\n", id, id);
	struct box *box = box_open(path, false, &w->err);

	assert_non_null(box);
	assert_int_equal(
	    box_deliver(
		box,
		&(struct box_delivery){.data = text, .len = strlen(text), .fd = -1, .flags = flags},
		NULL, &w->err),
	    0);
	box_close(&box);
	free(text);
	free(path);
}

static void start(struct world *w)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	w->keeper = fork();
	if (w->keeper == 0) {
		struct notice_conn *conn;

		close(ends[0]);
		conn = notice_conn_new(ends[1]);
		_exit(keeper_run(&w->account, conn, NULL) < 0);
	}
	close(ends[1]);
	w->conn = notice_conn_new(ends[0]);
}

static int begin(void **state)
{
	struct world *w = mem_alloc(sizeof *w);
	char *box;

	w->home = temp_home("keeper");
	w->arena = arena_new();
	w->account.name = (char *)"home";
	w->account.kind = ACCOUNT_LOCAL;
	w->account.address = (char *)"me@localhost";
	w->account.path = path_in(PATH_MAIL, "home");
	box = path_join(w->account.path, "INBOX");
	assert_int_equal(path_make_dirs(w->account.path, &w->err), 0);
	assert_int_equal(box_make(box, BOX_MAILDIR, &w->err), 0);
	free(box);
	put(w, "INBOX", "first", BOX_SEEN);
	start(w);
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;
	int status = -1;

	notice_conn_free(&w->conn); /* the keeper ends by itself */
	waitpid(w->keeper, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	arena_free(&w->arena);
	temp_end(&w->home);
	free(w->account.path);
	free(w);
	return 0;
}

static struct notice wait_for(struct world *w, enum notice_kind kind, int64_t not_folder)
{
	struct notice notice;

	while (notice_wait(w->conn, LONG_MS, &notice) > 0)
		if (notice.kind == kind && notice.folder != not_folder)
			return notice;
	fail_msg("no %s came", notice_name(kind));
	return notice;
}

static struct folder inbox(struct world *w)
{
	struct store *store = store_open(&w->account, NULL, &w->err);
	struct folder folder = {0};

	assert_non_null(store);
	store_folder_by_name(store, "INBOX", w->arena, &folder, &w->err);
	store_close(&store);
	return folder;
}

/* The keeper has looked once and is at rest. */
static void settle(struct world *w)
{
	struct notice sync = {.kind = NOTICE_SYNC};

	assert_int_equal(notice_send(w->conn, &sync), 0);
	wait_for(w, NOTICE_SYNC_DONE, -1);
}

static int64_t first_of(struct store *store)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT id FROM message LIMIT 1");
	int64_t id = db_step(stmt, NULL) == 1 ? db_int(stmt, 0) : 0;

	db_reset(stmt);
	return id;
}

/* A letter that cannot be moved: who asked for the round is told. */
static void a_sync_that_failed_says_so(void **state)
{
	struct world *w = *state;
	struct notice sync = {.kind = NOTICE_SYNC}, done;
	struct store *store;
	char *command = mem_printf("cd %s && mkdir -p Archive/cur Archive/new && : >Archive/tmp",
				   w->account.path);
	struct folder archive = {0};
	int64_t first;

	assert_int_equal(system(command), 0);
	settle(w);
	store = store_open(&w->account, NULL, &w->err);
	assert_non_null(store);
	assert_int_equal(store_folder_by_name(store, "Archive", w->arena, &archive, &w->err), 1);
	first = first_of(store);
	assert_int_equal(store_change(store, &first, 1,
				      &(struct store_change){.move_to = archive.id}, NULL, &w->err),
			 0);
	store_close(&store);
	assert_int_equal(notice_send(w->conn, &sync), 0);
	done = wait_for(w, NOTICE_SYNC_DONE, -1);
	assert_int_not_equal(done.code, 0);
	assert_non_null(strstr(done.text, "Archive"));
	settle(w);
	free(command);
}

static void new_mail_is_noticed(void **state)
{
	struct world *w = *state;
	int64_t before;

	settle(w);
	before = inbox(w).revision;
	assert_int_equal(inbox(w).total, 1);
	put(w, "INBOX", "second", 0);
	assert_true(wait_for(w, NOTICE_FOLDER_CHANGED, 0).revision > before);
	assert_int_equal(inbox(w).total, 2);
	assert_int_equal(inbox(w).unread, 1);
}

static void flags_of_another_program_are_noticed(void **state)
{
	struct world *w = *state;
	char *cur = path_join(w->account.path, "INBOX/cur");
	char *command = mem_printf("cd %s && for f in *; do mv $f ${f%%:*}:2,F; done", cur);

	settle(w);
	assert_int_equal(inbox(w).flagged, 0);
	assert_int_equal(system(command), 0);
	wait_for(w, NOTICE_FOLDER_CHANGED, 0);
	assert_int_equal(inbox(w).flagged, 1);
	assert_int_equal(inbox(w).unread, 1);
	free(command);
	free(cur);
}

static void a_ring_carries_wishes_out(void **state)
{
	struct world *w = *state;
	struct notice ring = {.kind = NOTICE_RING};
	struct store *store;
	struct buf path = BUF_INIT;
	int64_t id;

	settle(w);
	store = store_open(&w->account, NULL, &w->err);
	assert_int_equal(store_message_by_message_id(store, "first@x", &id, &w->err), 1);
	assert_int_equal(
	    store_change(store, &id, 1, &(struct store_change){.set = BOX_FLAGGED}, NULL, &w->err),
	    0);
	assert_int_equal(notice_send(w->conn, &ring), 0);
	wait_for(w, NOTICE_FOLDER_CHANGED, 0);
	settle(w);
	assert_int_equal(store_message_path(store, id, &path, &w->err), 0);
	assert_string_equal(buf_str(&path) + path.len - 5, ":2,FS");
	buf_free(&path);
	store_close(&store);
}

static void new_folders_are_noticed_and_watched(void **state)
{
	struct world *w = *state;
	char *box = path_join(w->account.path, "Fresh");
	struct notice notice;

	settle(w);
	assert_int_equal(box_make(box, BOX_MAILDIR, &w->err), 0);
	do {
		notice = wait_for(w, NOTICE_FOLDER_CHANGED, -1);
	} while (notice.folder != 0);
	settle(w);
	put(w, "Fresh", "third", 0);
	wait_for(w, NOTICE_FOLDER_CHANGED, 0);
	free(box);
}

/* Both change at once, and only one of them can be read. */
static void a_broken_folder_keeps_no_other_from_being_read(void **state)
{
	struct world *w = *state;
	char *box = path_join(w->account.path, "Archive");
	char *cut = mem_printf("rmdir %s/cur", box), *touch = mem_printf(": >%s/new/1.x.y", box);
	int64_t before;

	assert_int_equal(box_make(box, BOX_MAILDIR, &w->err), 0);
	settle(w);
	settle(w);
	assert_int_equal(system(cut), 0);
	settle(w);
	before = inbox(w).revision;
	assert_int_equal(system(touch), 0);
	put(w, "INBOX", "second", 0);
	while (inbox(w).revision == before)
		wait_for(w, NOTICE_FOLDER_CHANGED, 0);
	assert_int_equal(inbox(w).total, 2);
	free(touch);
	free(cut);
	free(box);
}

static void quit_ends_it(void **state)
{
	struct world *w = *state;
	struct notice quit = {.kind = NOTICE_QUIT}, notice;

	settle(w);
	assert_int_equal(notice_send(w->conn, &quit), 0);
	while (notice_wait(w->conn, LONG_MS, &notice) > 0)
		;
}

/* --- an mbox: written anew for its flags, so not for each --- */

#define MBOX_MESSAGES 5

static void write_mbox(const char *path)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (int i = 0; i < MBOX_MESSAGES; i++)
		fprintf(file,
			"From a@b.c Mon Nov 23 06:40:44 2026\nSubject: m%d\nMessage-ID: "
			"<m%d@x>\n\nhello\n\n",
			i, i);
	fclose(file);
}

static int begin_mbox(void **state)
{
	struct world *w = mem_alloc(sizeof *w);

	w->home = temp_home("keeper");
	w->arena = arena_new();
	w->account.name = (char *)"box";
	w->account.kind = ACCOUNT_PATH;
	w->account.address = (char *)"me@localhost";
	w->account.path = path_join(w->home, "box");
	write_mbox(w->account.path);
	start(w);
	*state = w;
	return 0;
}

static ino_t inode_of(struct world *w)
{
	struct stat st;

	assert_int_equal(stat(w->account.path, &st), 0);
	return st.st_ino;
}

static int count_in_box(struct world *w, const char *text)
{
	struct buf all = BUF_INIT;
	int count = 0;

	assert_int_equal(file_read(w->account.path, &all, 0, &w->err), 0);
	for (const char *at = strstr(buf_str(&all), text); at; at = strstr(at + 1, text))
		count++;
	buf_free(&all);
	return count;
}

static int64_t mark(struct world *w, int number, const struct store_change *change)
{
	struct store *store = store_open(&w->account, NULL, &w->err);
	char *message_id = mem_printf("m%d@x", number);
	int64_t id = 0;

	assert_non_null(store);
	assert_int_equal(store_message_by_message_id(store, message_id, &id, &w->err), 1);
	assert_int_equal(store_change(store, &id, 1, change, NULL, &w->err), 0);
	store_close(&store);
	free(message_id);
	return id;
}

static void ring(struct world *w, int64_t code)
{
	assert_int_equal(notice_send(w->conn, &(struct notice){.kind = NOTICE_RING, .code = code}),
			 0);
}

/* The answer to a ping comes behind all that was done for what was sent before it. */
static void pass_time(struct world *w, int ms)
{
	usleep((useconds_t)ms * 1000);
	assert_int_equal(notice_send(w->conn, &(struct notice){.kind = NOTICE_PING, .id = 7}), 0);
	wait_for(w, NOTICE_PONG, -1);
}

static void flags_of_an_mbox_are_collected(void **state)
{
	struct world *w = *state;
	ino_t before;
	int waited = 0;

	settle(w);
	before = inode_of(w);
	for (int i = 0; i < MBOX_MESSAGES; i++) {
		mark(w, i, &(struct store_change){.set = BOX_SEEN});
		ring(w, 0);
		pass_time(w, 200);
	}
	assert_int_equal(inode_of(w), before);
	assert_int_equal(count_in_box(w, "Status: RO"), 0);
	for (; inode_of(w) == before && waited < LONG_MS; waited += 100)
		pass_time(w, 100);
	assert_int_equal(count_in_box(w, "Status: RO"), MBOX_MESSAGES);
	before = inode_of(w);
	pass_time(w, 500);
	assert_int_equal(inode_of(w), before); /* once for all */
}

static void a_sync_writes_the_flags_of_an_mbox(void **state)
{
	struct world *w = *state;

	settle(w);
	mark(w, 1, &(struct store_change){.set = BOX_SEEN});
	ring(w, 0);
	settle(w);
	assert_int_equal(count_in_box(w, "Status: RO"), 1);
}

static void an_urgent_ring_writes_the_flags_of_an_mbox(void **state)
{
	struct world *w = *state;
	ino_t before;

	settle(w);
	before = inode_of(w);
	mark(w, 1, &(struct store_change){.set = BOX_SEEN});
	ring(w, RING_AT_ONCE);
	for (int waited = 0; inode_of(w) == before && waited < 1000; waited += 20)
		usleep(20000);
	assert_int_equal(count_in_box(w, "Status: RO"), 1);
}

static void a_removal_takes_the_flags_along(void **state)
{
	struct world *w = *state;
	ino_t before;

	settle(w);
	before = inode_of(w);
	mark(w, 1, &(struct store_change){.set = BOX_SEEN});
	ring(w, 0);
	mark(w, 2, &(struct store_change){.expunge = true});
	ring(w, 0);
	for (int waited = 0; inode_of(w) == before && waited < 1500; waited += 20)
		usleep(20000);
	assert_int_equal(count_in_box(w, "Status: RO"), 1);
	assert_int_equal(count_in_box(w, "Message-ID"), MBOX_MESSAGES - 1);
}

static void the_end_writes_the_flags_of_an_mbox(void **state)
{
	struct world *w = *state;
	int status;

	settle(w);
	mark(w, 1, &(struct store_change){.set = BOX_SEEN});
	ring(w, 0);
	pass_time(w, 100);
	assert_int_equal(count_in_box(w, "Status: RO"), 0);
	notice_conn_free(&w->conn);
	waitpid(w->keeper, &status, 0);
	assert_int_equal(count_in_box(w, "Status: RO"), 1);
	start(w);
	settle(w);
}

/* mutt marks a message as important while it waits here to be marked as read, and writes the file
 * in its own way. It wants a terminal: script(1) has one. */
static void mutt_and_we_do_not_lose_each_others_flags(void **state)
{
	struct world *w = *state;
	char *command =
	    mem_printf("cd %s && { echo 'set folder=. quit=yes mark_old=no'; echo 'push "
		       "\"<set-flag>!<sync-mailbox><quit>\"'; } > rc &&"
		       " HOME=%s TERM=xterm timeout 8 script -qec 'mutt -n -F rc -f box' /dev/null"
		       " </dev/null >/dev/null 2>&1",
		       w->home, w->home);

	settle(w);
	if (system("command -v mutt >/dev/null && command -v script >/dev/null") != 0) {
		free(command);
		skip();
	}
	mark(w, 0, &(struct store_change){.set = BOX_SEEN});
	mark(w, 1, &(struct store_change){.set = BOX_SEEN});
	ring(w, 0);
	pass_time(w, 100);
	/* On a slow machine the flags are written under mutt's eyes, and it asks what to do. */
	if (system(command) != 0 || count_in_box(w, "X-Status: F") != 1) {
		free(command);
		skip();
	}
	free(command);
	settle(w);
	assert_int_equal(count_in_box(w, "Status: RO\nX-Status: F"), 1);
	assert_int_equal(count_in_box(w, "Status: RO"), 2);
	assert_int_equal(count_in_box(w, "Message-ID"), MBOX_MESSAGES);
}

#define IN_MBOX(test)  cmocka_unit_test_setup_teardown(test, begin_mbox, end)
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(a_sync_that_failed_says_so),
	    IN_WORLD(new_mail_is_noticed),
	    IN_WORLD(flags_of_another_program_are_noticed),
	    IN_WORLD(a_ring_carries_wishes_out),
	    IN_WORLD(new_folders_are_noticed_and_watched),
	    IN_WORLD(a_broken_folder_keeps_no_other_from_being_read),
	    IN_WORLD(quit_ends_it),
	    IN_MBOX(flags_of_an_mbox_are_collected),
	    IN_MBOX(a_sync_writes_the_flags_of_an_mbox),
	    IN_MBOX(an_urgent_ring_writes_the_flags_of_an_mbox),
	    IN_MBOX(a_removal_takes_the_flags_along),
	    IN_MBOX(the_end_writes_the_flags_of_an_mbox),
	    IN_MBOX(mutt_and_we_do_not_lose_each_others_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
