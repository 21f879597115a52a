/* Many rows at once (store/mail/bulk.h) are as many rows one by one; and rows read by several processes
 * (store/mail/heads.h) as those read by one. */
#include "config.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/box/box.h"
#include "store/mail/bulk.h"
#include "store/mail/heads.h"
#include "store/mail/index.h"
#include "store/mail/row.h"
#include "store/mail/store_inside.h"
#include "tests/lib/temp.h"

#define LETTERS	 900
#define IDS	 700 /* so few that threads meet late */
#define TOGETHER 50

struct world {
	char *home;
	struct account account;
	struct store *store;
	struct err err;
	unsigned seed;
};

static void fine(struct world *w, bool ok)
{
	if (!ok)
		print_message("# said: %s\n", w->err.text);
	assert_true(ok);
}

static int begin(void **state)
{
	struct world *w = mem_alloc(sizeof *w);
	char *box;

	w->home = temp_home("bulk");
	w->account = (struct account){
	    .name = (char *)"home", .kind = ACCOUNT_LOCAL, .address = (char *)"me@localhost"};
	w->account.path = path_in(PATH_MAIL, "home");
	fine(w, path_make_dirs(w->account.path, &w->err) == 0);
	box = path_join(w->account.path, "INBOX");
	fine(w, box_make(box, BOX_MAILDIR, &w->err) == 0);
	free(box);
	w->store = store_open(&w->account, NULL, &w->err);
	fine(w, w->store && store_index(w->store, 0, NULL, NULL, &w->err) == 0);
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	store_close(&w->store);
	temp_end(&w->home);
	free(w->account.path);
	free(w);
	return 0;
}

static unsigned next(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % below;
}

/* --- rows --- */

struct letter {
	struct row row;
	int64_t ids[4];
	char key[32], refs[64];
};

/* It names an id that others have, as all that have it in common do in its row. */
static void name_id(struct letter *letter, int64_t hash)
{
	snprintf(letter->refs + strlen(letter->refs), 17, "%016llx", (long long)hash);
	letter->ids[letter->row.id_count++] = hash;
}

/* Letter NUMBER of those that SEED makes: its own id, now and then some that others have. */
static const struct row *make_row(unsigned seed, int64_t number, struct letter *letter)
{
	unsigned own = seed + (unsigned)number * 2654435761u;
	struct row *row = &letter->row;

	*letter = (struct letter){.row = {.id = number + 1, .folder = 1, .place = 1, .id_count = 1}};
	snprintf(letter->key, sizeof letter->key, "k%lld", (long long)number);
	row->ids = letter->ids;
	row->key = letter->key;
	row->refs = letter->refs;
	letter->ids[0] = row->mid = 1000 + number % IDS;
	while (row->id_count < 4 && next(&own, 3) == 0)
		name_id(letter, 1000 + next(&own, IDS));
	row->date = row->received = next(&own, 1000);
	row->flags = next(&own, 2) ? BOX_SEEN : BOX_FLAGGED;
	row->size = number;
	row->from_name = row->from_addr = row->to_name = row->subject = "";
	row->message_id = row->subject_key = row->to_key = "";
	row->from_key = letter->key;
	return row;
}

static void insert(struct world *w, struct store *store, int64_t from, int64_t to)
{
	struct letter letter;

	for (int64_t i = from; i < to;) {
		fine(w, store_begin(store, &w->err) == 0);
		for (int n = 0; n < TOGETHER && i < to; n++)
			fine(w, row_insert(store, make_row(w->seed, i++, &letter), &w->err) == 0);
		fine(w, store_commit(store, &w->err) == 0);
	}
}

/* What SQL says, a row a line. */
static char *told(struct world *w, const char *sql)
{
	struct db_stmt *stmt = db_query(w->store->db, sql);
	struct buf out = BUF_INIT;

	while (db_step(stmt, &w->err) == 1)
		buf_printf(&out, "%s\n", db_text(stmt, 0));
	return buf_take(&out);
}

static int number(struct world *w, const char *sql)
{
	char *text = told(w, sql);
	int value = atoi(text);

	free(text);
	return value;
}

/* Threads by what is in them; a thread's number says nothing. */
#define THREADS                                                                                            \
	"SELECT f || '|' || (SELECT count(*) FROM message b WHERE b.thread = m.thread AND b.folder > 0) "  \
	"|| '|' ||"                                                                                        \
	" t.count || ' ' || t.unread || ' ' || t.flagged || ' ' || t.latest || ' ' || t.latest_id || ' ' " \
	"|| t.size"                                                                                        \
	" || ' ' || t.from_key FROM (SELECT min(id) f, thread FROM message GROUP BY thread) m"             \
	" JOIN thread t ON t.thread = m.thread AND t.folder = 1 ORDER BY f"
#define WHOLE                                                                                              \
	"SELECT 'all ' || count(*) || ' ' || sum(count) || ' ' || sum(unread) FROM thread WHERE folder = " \
	"0"                                                                                                \
	" UNION ALL SELECT 'folder ' || total || ' ' || unread || ' ' || flagged FROM folder WHERE id = 1" \
	" UNION ALL SELECT 'ids ' || r.hash || ' ' || (SELECT min(id) FROM message WHERE thread = "        \
	"r.thread)"                                                                                        \
	"  FROM (SELECT * FROM ref ORDER BY hash) r"

static char *one_by_one(struct world *w)
{
	char *threads, *whole, *both;

	insert(w, w->store, 0, LETTERS);
	threads = told(w, THREADS);
	whole = told(w, WHOLE);
	both = mem_printf("%s%s", threads, whole);
	free(threads);
	free(whole);
	return both;
}

static void is_as(struct world *w, const char *wanted)
{
	char *threads = told(w, THREADS), *whole = told(w, WHOLE);
	char *both = mem_printf("%s%s", threads, whole);

	assert_string_equal(both, wanted);
	free(threads);
	free(whole);
	free(both);
}

/* The same without any row. */
static void empty(struct world *w)
{
	static const char *const tables[] = {"DELETE FROM message", "DELETE FROM thread", "DELETE FROM ref",
					     "UPDATE folder SET total = 0, unread = 0, flagged = 0"};

	for (size_t i = 0; i < 4; i++)
		fine(w, db_exec(w->store->db, tables[i], &w->err) == 0);
}

static void is_as_one_by_one(void **state)
{
	struct world *w = *state;

	for (w->seed = 1; w->seed < 6; w->seed++) {
		char *wanted = one_by_one(w);

		empty(w);
		insert(w, w->store, 0, w->seed * 20); /* some were there before */
		fine(w, bulk_begin(w->store, &w->err) == 0);
		insert(w, w->store, w->seed * 20, LETTERS);
		fine(w, bulk_finish(w->store, &w->err) == 0);
		bulk_end(w->store);
		is_as(w, wanted);
		empty(w);
		free(wanted);
	}
}

/* COUNT rows joined at once, written in two transactions. */
static void insert_joined(struct world *w, struct store *store, int64_t from, int64_t count)
{
	struct letter *letters = mem_calloc((size_t)count, sizeof *letters);
	struct row *rows = mem_calloc((size_t)count, sizeof *rows);

	for (int64_t i = 0; i < count; i++)
		rows[i] = *make_row(w->seed, from + i, &letters[i]);
	fine(w, store_begin(store, &w->err) == 0 && row_join(store, rows, (size_t)count, &w->err) == 0);
	for (int64_t i = 0; i < count; i++) {
		if (i == count * 2 / 3)
			fine(w, store_commit(store, &w->err) == 0 && store_begin(store, &w->err) == 0);
		fine(w, row_insert(store, &rows[i], &w->err) == 0);
	}
	fine(w, store_commit(store, &w->err) == 0);
	free(rows);
	free(letters);
}

static void joined_at_once_is_as_one_by_one(void **state)
{
	struct world *w = *state;

	for (w->seed = 30; w->seed < 34; w->seed++) {
		char *wanted = one_by_one(w);

		empty(w);
		insert(w, w->store, 0, 100);
		fine(w, bulk_begin(w->store, &w->err) == 0);
		for (int64_t at = 100; at < LETTERS; at += 200)
			insert_joined(w, w->store, at, 200);
		fine(w, bulk_finish(w->store, &w->err) == 0);
		bulk_end(w->store);
		is_as(w, wanted);
		empty(w);
		free(wanted);
	}
}

static void joined_at_once_while_others_write(void **state)
{
	struct world *w = *state;
	struct store *other = store_open(&w->account, NULL, &w->err);
	char *wanted;

	w->seed = 40;
	wanted = one_by_one(w);
	empty(w);
	fine(w, bulk_begin(w->store, &w->err) == 0);
	for (int64_t at = 0; at < LETTERS; at += 300) {
		insert_joined(w, w->store, at, 200);
		insert(w, other, at + 200, at + 300);
	}
	fine(w, bulk_finish(w->store, &w->err) == 0);
	bulk_end(w->store);
	is_as(w, wanted);
	free(wanted);
	store_close(&other);
}

/* In a thread: SQLite does not go on behind a fork. */
static void *wait_to_write(void *arg)
{
	struct store *store = arg;

	return store_begin(store, NULL) == 0 && store_commit(store, NULL) == 0 ? arg : NULL;
}

static void who_writes_for_long_sees_that_somebody_waits(void **state)
{
	struct world *w = *state;
	struct store *other = store_open(&w->account, NULL, &w->err);
	pthread_t thread;
	int waited = 0;
	void *is_done;

	fine(w, bulk_begin(w->store, &w->err) == 0 && store_begin(w->store, &w->err) == 0);
	assert_false(bulk_is_awaited(w->store));
	assert_int_equal(pthread_create(&thread, NULL, wait_to_write, other), 0);
	while (!bulk_is_awaited(w->store) && waited++ < 3000)
		usleep(1000);
	assert_true(bulk_is_awaited(w->store));
	fine(w, store_commit(w->store, &w->err) == 0);
	assert_int_equal(pthread_join(thread, &is_done), 0);
	assert_ptr_equal(is_done, other);
	assert_false(bulk_is_awaited(w->store));
	bulk_end(w->store);
	store_close(&other);
}

static void lets_others_write_meanwhile(void **state)
{
	struct world *w = *state;
	struct store *other = store_open(&w->account, NULL, &w->err);
	char *wanted;

	w->seed = 11;
	wanted = one_by_one(w);
	empty(w);
	fine(w, bulk_begin(w->store, &w->err) == 0);
	for (int64_t at = 0; at < LETTERS; at += 300) {
		insert(w, w->store, at, at + 100);
		fine(w, db_exec(other->db, "UPDATE folder SET stamp_a = stamp_a + 1", &w->err) == 0);
		insert(w, w->store, at + 100, at + 200); /* that was no row */
		assert_true(at || bulk_is_alone(w->store));
		insert(w, other, at + 200, at + 300);
	}
	fine(w, bulk_finish(w->store, &w->err) == 0);
	assert_false(bulk_is_alone(w->store));
	bulk_end(w->store);
	is_as(w, wanted);
	free(wanted);
	store_close(&other);
}

static void knows_again_what_was_cut_off(void **state)
{
	struct world *w = *state;
	struct letter letter;

	fine(w, bulk_begin(w->store, &w->err) == 0);
	insert(w, w->store, 0, 100);
	store_close(&w->store); /* no bulk_finish: as after kill -9 */
	w->store = store_open(&w->account, NULL, &w->err);
	fine(w, store_index(w->store, 0, NULL, NULL, &w->err) == 0);
	assert_int_equal(
	    number(w, "SELECT count(*) FROM sqlite_master WHERE name IN ('message_mid', 'ref_thread')"), 2);
	empty(w);
	fine(w, bulk_begin(w->store, &w->err) == 0);
	insert(w, w->store, 0, 100);
	bulk_end(w->store);
	fine(w, bulk_mend(w->store, &w->err) == 0);
	make_row(1, 500, &letter);
	letter.row.id_count = 1;
	name_id(&letter, 1000 + 42);
	fine(w, store_begin(w->store, &w->err) == 0);
	fine(w, row_insert(w->store, &letter.row, &w->err) == 0);
	fine(w, store_commit(w->store, &w->err) == 0);
	assert_int_equal(number(w, "SELECT count(DISTINCT thread) FROM message WHERE id IN (43, 501)"), 1);
}

/* A keeper that looks in meanwhile takes nothing for left over, and makes no index that waits for the end. */
static void is_left_alone_by_others(void **state)
{
	static const char sorted[] = "SELECT count(*) FROM sqlite_master WHERE name = 'message_all'";
	struct world *w = *state;
	struct store *other = store_open(&w->account, NULL, &w->err);
	char *wanted;

	w->seed = 7;
	wanted = one_by_one(w);
	empty(w);
	fine(w, bulk_begin(w->store, &w->err) == 0 && index_drop_sorted(w->store, &w->err) == 0);
	insert(w, w->store, 0, 400);
	assert_true(bulk_is_elsewhere(other));
	fine(w, bulk_mend(other, &w->err) == 0 && index_make_sorted(other, &w->err) == 0);
	assert_null(other->bulk);
	assert_int_equal(number(w, "SELECT value FROM meta WHERE name = 'refs_owed'"), 1);
	assert_int_equal(number(w, sorted), 0);
	insert(w, w->store, 400, LETTERS);
	fine(w, bulk_finish(w->store, &w->err) == 0);
	bulk_end(w->store);
	assert_false(bulk_is_elsewhere(other));
	assert_int_equal(index_make_sorted(other, &w->err), 1);
	assert_int_equal(number(w, sorted), 1);
	is_as(w, wanted);
	free(wanted);
	store_close(&other);
}

static void forgets_what_is_taken_back(void **state)
{
	struct world *w = *state;
	char *wanted;

	w->seed = 3;
	wanted = one_by_one(w);
	empty(w);
	fine(w, bulk_begin(w->store, &w->err) == 0);
	insert(w, w->store, 0, 200);
	fine(w, store_begin(w->store, &w->err) == 0);
	store_rollback(w->store);
	insert(w, w->store, 200, LETTERS);
	fine(w, bulk_finish(w->store, &w->err) == 0);
	bulk_end(w->store);
	is_as(w, wanted);
	free(wanted);
}

/* Rows of a transaction that failed name no thread, and join none. */
static void knows_nothing_of_rows_taken_back(void **state)
{
	struct world *w = *state;
	struct letter letter;
	char *threads, *whole, *wanted;

	for (w->seed = 20; w->seed < 24; w->seed++) {
		insert(w, w->store, 0, 200);
		insert(w, w->store, 300, LETTERS);
		threads = told(w, THREADS);
		whole = told(w, WHOLE);
		wanted = mem_printf("%s%s", threads, whole);
		empty(w);
		fine(w, bulk_begin(w->store, &w->err) == 0);
		insert(w, w->store, 0, 200);
		fine(w, store_begin(w->store, &w->err) == 0);
		for (int64_t i = 200; i < 300; i++)
			fine(w, row_insert(w->store, make_row(w->seed, i, &letter), &w->err) == 0);
		store_rollback(w->store);
		insert(w, w->store, 300, LETTERS);
		fine(w, bulk_finish(w->store, &w->err) == 0);
		bulk_end(w->store);
		is_as(w, wanted);
		empty(w);
		free(threads);
		free(whole);
		free(wanted);
	}
}

/* A reply to a reply to ... COUNT letters before it. */
static void read_deep_reply(struct world *w, int count, const char *own, struct arena *arena, struct row *row)
{
	struct buf text = BUF_INIT;
	struct box_entry entry = {.key = own};

	buf_printf(&text, "Message-ID: <%s@x>\nReferences:", own);
	for (int i = 0; i < count; i++)
		buf_printf(&text, " <n%d@x>", i);
	buf_add_str(&text, "\n\nhello\n");
	row_read(&w->account, &(struct box_message){.data = buf_str(&text), .len = text.len}, &entry, arena,
		 row);
	row->folder = row->place = 1;
	buf_free(&text);
}

/* Killed in between: what a row keeps of its references is enough to find its thread's first letter. */
static void a_deep_reply_that_was_cut_off_finds_its_root(void **state)
{
	struct world *w = *state;
	struct arena *arena = arena_new();
	struct row reply, root;

	read_deep_reply(w, 21, "reply", arena, &reply);
	read_deep_reply(w, 0, "n0", arena, &root);
	reply.id = 1;
	root.id = 2;
	fine(w, bulk_begin(w->store, &w->err) == 0 && store_begin(w->store, &w->err) == 0);
	fine(w, row_insert(w->store, &reply, &w->err) == 0 && store_commit(w->store, &w->err) == 0);
	bulk_end(w->store); /* no bulk_finish: as after kill -9 */
	fine(w, bulk_mend(w->store, &w->err) == 0 && store_begin(w->store, &w->err) == 0);
	fine(w, row_insert(w->store, &root, &w->err) == 0 && store_commit(w->store, &w->err) == 0);
	assert_int_equal(number(w, "SELECT count(DISTINCT thread) FROM message"), 1);
	assert_int_equal(number(w, "SELECT length(refs) / 16 FROM message WHERE id = 1"), 16);
	arena_free(&arena);
}

/* --- the first bytes --- */

static const char *const letters[] = {
    "From: Ada <ada@x>\nSubject: plain\nMessage-ID: <1@x>\n\ntext\n",
    "From: Ada <ada@x>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n"
    "Content-Type: image/png\nContent-Disposition: attachment; filename=a.png\n\nAAAA\n--b--\n",
    "From: Ada <ada@x>\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nhello\n--b--\n",
    "From: Ada <ada@x>\nContent-Type: image/png\n\nAAAA\n",
    "Subject: no end",
    "",
};

static void is_told_the_same(struct world *w, struct span text, struct arena *arena)
{
	struct box_entry entry = {.key = "k"};
	struct row whole, row;
	bool is_read = false;

	row_read(&w->account, &(struct box_message){.data = text.data, .len = text.len}, &entry, arena, &whole);
	for (size_t len = 0; len <= text.len; len++) {
		struct box_message head = {.data = text.data, .len = len};
		bool is_read_now = row_read_head(&w->account, &head, (int64_t)text.len, &entry, arena, &row);

		assert_true(is_read_now || !is_read);
		is_read = is_read_now;
		if (!is_read)
			continue;
		assert_int_equal(row.has_attachment, whole.has_attachment);
		assert_int_equal(row.size, whole.size);
		assert_int_equal(row.mid, whole.mid);
		assert_string_equal(row.subject, whole.subject);
		assert_string_equal(row.from_key, whole.from_key);
	}
	assert_true(is_read);
}

static void the_beginning_of_a_letter_tells_the_same(void **state)
{
	struct world *w = *state;
	struct arena *arena = arena_new();

	for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
		is_told_the_same(w, (struct span){letters[i], strlen(letters[i])}, arena);
	arena_free(&arena);
}

/* --- several readers --- */

struct reading {
	pid_t parent;
	size_t dies_at;
};

static int read_it(void *arg, size_t i, struct arena *arena, struct row *row)
{
	const struct reading *reading = arg;

	if (i == reading->dies_at && getpid() != reading->parent)
		_exit(9);
	if (i % 7 == 3)
		return 0;
	*row = (struct row){.size = (int64_t)i, .id_count = i % 4};
	row->ids = ARENA_ARRAY(arena, int64_t, 4);
	for (size_t n = 0; n < row->id_count; n++)
		row->ids[n] = (int64_t)(i * 10 + n);
	row->key = arena_printf(arena, "k%zu", i);
	row->refs = row->from_name = row->from_addr = row->to_name = row->message_id = "";
	row->subject = arena_printf(arena, "%*s", (int)(i % 300), "x");
	row->from_key = row->subject_key = row->to_key = row->subject;
	return 1;
}

static void check_row(const struct row *row, size_t place)
{
	char key[32];

	snprintf(key, sizeof key, "k%zu", place);
	assert_int_equal(row->id, place);
	assert_int_equal(row->size, place);
	assert_string_equal(row->key, key);
	assert_int_equal(strlen(row->to_key), place % 300 ? place % 300 : 1);
	assert_int_equal(row->id_count, place % 4);
	if (row->id_count)
		assert_int_equal(row->ids[row->id_count - 1], place * 10 + row->id_count - 1);
}

static void reads_all(size_t count, int processes, size_t dies_at)
{
	struct reading reading = {getpid(), dies_at};
	struct heads *heads = heads_new(count, processes, read_it, &reading);
	size_t at = 0, places, row_count;
	struct row *rows;

	while ((places = heads_next(heads, &rows, &row_count)) > 0) {
		size_t end = at + places, n = 0;

		for (; at < end; at++)
			if (at % 7 != 3)
				check_row(&rows[n++], at);
		assert_int_equal(n, row_count);
	}
	assert_int_equal(at, count);
	heads_free(&heads);
}

static void several_read_as_one(void **state)
{
	(void)state;
	reads_all(0, 3, SIZE_MAX);
	reads_all(1, 3, SIZE_MAX);
	reads_all(HEADS_FIRST, 3, SIZE_MAX);
	reads_all(HEADS_FIRST + 1, 3, SIZE_MAX);
	reads_all(HEADS_AT_ONCE, 3, SIZE_MAX);
	reads_all(HEADS_AT_ONCE * 9 + 5, 0, SIZE_MAX);
	reads_all(HEADS_AT_ONCE * 9 + 5, 2, SIZE_MAX);
	reads_all(HEADS_AT_ONCE * 9 + 5, 8, SIZE_MAX);
}

static void a_reader_that_dies_costs_nothing(void **state)
{
	(void)state;
	for (size_t at = 0; at < HEADS_AT_ONCE * 6; at += 1511)
		reads_all(HEADS_AT_ONCE * 7, 3, at);
}

static void who_does_not_want_all_may_go(void **state)
{
	struct reading reading = {getpid(), SIZE_MAX};
	struct heads *heads = heads_new(1000000, 4, read_it, &reading);
	size_t row_count;
	struct row *rows;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(heads_next(heads, &rows, &row_count), i ? HEADS_AT_ONCE : HEADS_FIRST);
	heads_free(&heads);
}

/* --- thousands of files --- */

#define FILES	10500
#define ROOTS 3000

/* Letter I, that came as the Ith, answers the one that is I % ROOTS. */
static void put_file(struct world *w, int i)
{
	char *path = mem_printf("%s/INBOX/cur/%d.M1P1.here:2,S", w->account.path, 1500000000 + i);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "From: a@b.example\nMessage-ID: <%d@b.example>\nSubject: x\n", i);
	if (i >= ROOTS)
		fprintf(file, "In-Reply-To: <%d@b.example>\n", i % ROOTS);
	fprintf(file, "\nText\n");
	fclose(file);
	free(path);
}

static int64_t ask(struct world *w, const char *sql)
{
	return db_step_id(db_query(w->store->db, sql), &w->err);
}

struct looking {
	struct world *w;
	int64_t done;
	bool is_newest_first;
};

static int look_at_first(void *arg, const struct index_progress *progress)
{
	struct looking *looking = arg;

	if (looking->done == 0 && progress->done > 0)
		looking->is_newest_first = ask(looking->w, "SELECT count(*) FROM message") == HEADS_FIRST &&
					   ask(looking->w, "SELECT min(received) FROM message") ==
					       1500000000 + FILES - HEADS_FIRST;
	assert_true(progress->done >= looking->done);
	looking->done = progress->done;
	return 0;
}

static void thousands_of_files_have_their_order(void **state)
{
	struct world *w = *state;
	struct looking looking = {.w = w};

	for (int i = 0; i < FILES; i++)
		put_file(w, i);
	fine(w, store_index(w->store, 0, look_at_first, &looking, &w->err) == 0);
	assert_true(looking.is_newest_first);
	assert_int_equal(looking.done, FILES);
	assert_int_equal(ask(w, "SELECT count(*) FROM message"), FILES);
	assert_int_equal(ask(w, "SELECT count(DISTINCT received - id) FROM message"), 1);
	assert_int_equal(ask(w, "SELECT count(*) FROM thread WHERE folder = 0"), ROOTS);
	assert_int_equal(ask(w, "SELECT count(DISTINCT (received - 1500000000) % 3000 * 1000000 + thread)"
				" FROM message"),
			 ROOTS);
	assert_int_equal(ask(w, "SELECT sum(count) FROM thread WHERE folder > 0"), FILES);
	assert_int_equal(ask(w, "SELECT count(*) FROM thread t WHERE latest <>"
				" (SELECT max(date) FROM message m WHERE m.thread = t.thread)"),
			 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(is_as_one_by_one),
	    TEST(joined_at_once_is_as_one_by_one),
	    TEST(joined_at_once_while_others_write),
	    TEST(who_writes_for_long_sees_that_somebody_waits),
	    TEST(lets_others_write_meanwhile),
	    TEST(knows_again_what_was_cut_off),
	    TEST(is_left_alone_by_others),
	    TEST(forgets_what_is_taken_back),
	    TEST(knows_nothing_of_rows_taken_back),
	    TEST(a_deep_reply_that_was_cut_off_finds_its_root),
	    TEST(the_beginning_of_a_letter_tells_the_same),
	    TEST(thousands_of_files_have_their_order),
	    cmocka_unit_test(several_read_as_one),
	    cmocka_unit_test(a_reader_that_dies_costs_nothing),
	    cmocka_unit_test(who_does_not_want_all_may_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
