/* The database (door: SQLite). One connection; statements are prepared once and kept. Every write
 * stands between db_begin and db_commit; transactions are short, so that nobody waits 20 ms. */
#ifndef STORE_MAIL_DB_H
#define STORE_MAIL_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct db;
struct db_stmt;

enum db_safety {
	DB_CACHE, /* WAL, synchronous=NORMAL: may lose its last moments in a power cut, never breaks
		   */
	DB_DURABLE, /* WAL, synchronous=FULL: what was committed stays */
};

/* Opens or makes PATH and brings it to the newest of the COUNT schema STEPS (user_version counts
 * them). A damaged file gives ERR_CORRUPT: the caller moves it aside (db_set_aside) and builds a
 * new one. */
struct db *db_open(const char *path, enum db_safety safety, const char *const *steps, size_t count,
		   struct err *err);
void db_close(struct db **db);
int db_set_aside(const char *path,
		 struct err *err); /* renames PATH, -wal, -shm to PATH.damaged-TIME */

int db_begin(struct db *db, struct err *err); /* BEGIN IMMEDIATE, waits at most the busy time */
int db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);
void db_set_busy_ms(struct db *db, int ms); /* default 5000; a screen sets 10 */
int db_exec(struct db *db, const char *sql, struct err *err);

/* Whoever waits to write shows it on the file PATH + DB_AWAITED, where there is one: FD is that of who writes for long,
 * and asks whether to end soon. The file's flock is another thing. */
#define DB_AWAITED ".bulk"
bool db_is_awaited(int fd);

/* SQL must be a constant: its address is the key under which the statement is kept. Never
 * NULL-checks needed: a statement that cannot be prepared fails at db_step. */
struct db_stmt *db_query(struct db *db, const char *sql);
/* For SQL made at run time (search); finish with db_finish. */
struct db_stmt *db_query_once(struct db *db, const char *sql);
void db_bind_int(struct db_stmt *stmt, int at, int64_t value);	   /* AT from 1 */
void db_bind_text(struct db_stmt *stmt, int at, const char *text); /* copied; NULL: null */
/* Not copied: TEXT must stay until the statement was stepped. For what is written by the thousand. */
void db_bind_lent(struct db_stmt *stmt, int at, const char *text);
void db_bind_text_n(struct db_stmt *stmt, int at, const char *text, size_t len);
void db_bind_null(struct db_stmt *stmt, int at);
/* 1 with a row, 0 at the end (then it is reset), -1 on error (reset too). */
int db_step(struct db_stmt *stmt, struct err *err);
/* The first column of its only row, then reset: the number, 0 without a row, -1 on error. For ids. */
int64_t db_step_id(struct db_stmt *stmt, struct err *err);
void db_reset(struct db_stmt *stmt); /* needed when left before the end */
void db_finish(struct db_stmt **stmt);
int64_t db_int(struct db_stmt *stmt, int column);      /* COLUMN from 0 */
const char *db_text(struct db_stmt *stmt, int column); /* lent until the next step; NULL: null */
size_t db_text_len(struct db_stmt *stmt, int column);
bool db_is_null(struct db_stmt *stmt, int column);
int64_t db_last_id(struct db *db);
int64_t db_changes(struct db *db);
/* Rises when another connection wrote (PRAGMA data_version): cheap, for screens. */
int64_t db_data_version(struct db *db);

/* An SQL function NAME of ARGS (at most 4) values, given as texts (NULL: null), that gives a
 * number. */
typedef int64_t db_function(void *arg, const char *const *texts);
int db_add_function(struct db *db, const char *name, int args, db_function *call, void *arg,
		    struct err *err);

/* The same of an id and a text, without making texts of numbers: for what is asked of every row. */
typedef int64_t db_id_function(void *arg, int64_t id, const char *text);
int db_add_id_function(struct db *db, const char *name, db_id_function *call, void *arg,
		       struct err *err);

#endif
