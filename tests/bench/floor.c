/* What a measure of tern stands beside: the same work with nothing around it, and answers without a program's start.
 *
 *	floor heads DIR		read the first ten headers of all files of DIR
 *	floor rows COUNT FILE	insert so many rows with two indexes into a new database
 *	floor texts DIR		decode all texts of all files of DIR
 *	floor ask BOX QUERY...	the first 50 hits of each query in BOX, that has an index
 *
 * Each prints milliseconds; ask a line for each query: those of the middle of TIMES runs, the number of hits told. */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/account.h"
#include "store/mail/db.h"
#include "store/mail/query.h"
#include "store/mail/store.h"
#include "store/search/letter_words.h"

#define HEADERS	   10
#define HEAD_BYTES 8192
#define ROWS_AT_ONCE 10000
#define FILE_LIMIT   (64u << 20)
#define PAGE	   50
#define TIMES	   9

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* --- files --- */

static size_t head_of(const char *path)
{
	char bytes[HEAD_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC), left = HEADERS;
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
	const char *at = bytes;

	if (fd >= 0)
		close(fd);
	while (n > 0 && left-- > 0 && (at = memchr(at, '\n', (size_t)(bytes + n - at))))
		at++;
	return at ? (size_t)(at - bytes) : 0;
}

static bool count_text(void *arg, enum word_field field, const char *text, size_t len)
{
	(void)field;
	(void)text;
	*(size_t *)arg += len;
	return true;
}

static size_t texts_of(const char *path)
{
	struct buf bytes = BUF_INIT;
	struct box_message message = {0};
	size_t total = 0;

	if (file_read(path, &bytes, FILE_LIMIT, NULL) >= 0) {
		message.data = bytes.data;
		message.len = bytes.len;
		letter_texts(&message, count_text, &total);
	}
	buf_free(&bytes);
	return total;
}

static int each_file(const char *dir, size_t (*read)(const char *path))
{
	double start = now_ms();
	DIR *list = opendir(dir);
	struct dirent *entry;
	size_t total = 0;

	while (list && (entry = readdir(list))) {
		char *path = path_join(dir, entry->d_name);

		if (entry->d_name[0] != '.')
			total += read(path);
		free(path);
	}
	if (list)
		closedir(list);
	printf("%.1f\n", now_ms() - start);
	return total ? 0 : 1;
}

/* --- rows --- */

static const char *const steps[] = {
    "CREATE TABLE message(id INTEGER PRIMARY KEY, folder INTEGER, thread INTEGER, key TEXT, flags INTEGER,"
    " date INTEGER, size INTEGER, name TEXT, addr TEXT, subject TEXT, message_id TEXT);"
    "CREATE INDEX message_date ON message(folder, date, id);"
    "CREATE INDEX message_thread ON message(thread, date, id);"};

static int add_row(struct db *db, long i)
{
	struct db_stmt *stmt =
	    db_query(db, "INSERT INTO message VALUES(?1, 1, ?2, ?3, 1, ?4, 17000, 'Lena Wolf',"
			 " 'lena@north.example', 'Re: what the weather is like on Saturday', ?3)");
	char key[64];

	snprintf(key, sizeof key, "%ld.M%ldP2711.harbour.example", 1400000000 + i * 300, i);
	db_bind_int(stmt, 1, i + 1);
	db_bind_int(stmt, 2, i * 7919 % (i / 3 + 1));
	db_bind_text(stmt, 3, key);
	db_bind_int(stmt, 4, 1400000000 + i * 300);
	return db_step(stmt, NULL);
}

static int write_rows(long count, const char *path)
{
	double start = now_ms();
	struct db *db = db_open(path, DB_CACHE, steps, 1, NULL);
	int rc = db ? 0 : -1;

	for (long i = 0; rc >= 0 && i < count; i++) {
		if (i % ROWS_AT_ONCE == 0)
			rc = db_begin(db, NULL);
		if (rc >= 0)
			rc = add_row(db, i);
		if (rc >= 0 && (i % ROWS_AT_ONCE == ROWS_AT_ONCE - 1 || i == count - 1))
			rc = db_commit(db, NULL);
	}
	db_close(&db);
	printf("%.1f\n", now_ms() - start);
	return rc < 0;
}

/* --- answers --- */

static int count_hit(void *arg, int64_t id)
{
	(void)id;
	return ++*(int *)arg < PAGE ? 0 : -1;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int ask(struct store *store, const char *text)
{
	double took[TIMES];
	int hits = 0, rc = 0;

	for (int i = 0; i < TIMES && rc == 0; i++) {
		double start = now_ms();
		struct query *query = query_parse(text, time(NULL), NULL);

		hits = 0;
		rc = query ? query_run(store, query, 0, count_hit, &hits, NULL) : -1;
		query_free(&query);
		took[i] = now_ms() - start;
	}
	qsort(took, TIMES, sizeof *took, by_size);
	printf("%.3f %d\n", took[TIMES / 2], hits);
	return rc;
}

static int ask_all(const char *path, char **queries, int count)
{
	struct account *account = account_for_path(path, true);
	struct store *store = store_open(account, NULL, NULL);
	int rc = store ? 0 : -1;

	for (int i = 0; rc == 0 && i < count; i++)
		rc = ask(store, queries[i]);
	store_close(&store);
	account_free(&account);
	return rc < 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "heads") == 0)
		return each_file(argv[2], head_of);
	if (argc == 3 && strcmp(argv[1], "texts") == 0)
		return each_file(argv[2], texts_of);
	if (argc == 4 && strcmp(argv[1], "rows") == 0)
		return write_rows(atol(argv[2]), argv[3]);
	if (argc >= 4 && strcmp(argv[1], "ask") == 0)
		return ask_all(argv[2], argv + 3, argc - 3);
	fputs("usage: floor heads DIR | rows COUNT FILE | texts DIR | ask BOX QUERY...\n", stderr);
	return 2;
}
