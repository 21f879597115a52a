#include "config.h"
#include "store/mail/db.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/path.h"

#define BUSY_DEFAULT_MS 5000
#define BUSY_NAP_US	500
#define FUNCTION_ARGS	4
#define HEADER_SIZE	100 /* of an SQLite file; shorter ones hold nothing */
#define TURN_NAP_US	1000

struct db_stmt {
	struct db *db;
	sqlite3_stmt *raw; /* NULL: could not be prepared, FAILED tells why */
	const char *sql;   /* the key; NULL for db_query_once */
	int failed;
	char *why;
};

struct function {
	db_function *call;
	db_id_function *call_id;
	void *arg;
};

struct db {
	sqlite3 *raw;
	char *path;
	struct db_stmt **kept;
	size_t kept_count, kept_cap;
	int64_t busy_ms;
	int wait_fd; /* shows that we wait, else -1 */
};

static enum err_kind kind_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_FULL:
	case SQLITE_NOMEM:
		return ERR_TEMPORARY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_CANTOPEN:
		return ERR_DENIED;
	case SQLITE_IOERR:
		return ERR_SYSTEM;
	case SQLITE_INTERRUPT:
		return ERR_CANCELLED;
	default:
		return ERR_FAILED;
	}
}

static int fail(struct db *db, int code, const char *why, struct err *err)
{
	if (kind_of(code) == ERR_TEMPORARY && (code & 0xff) != SQLITE_FULL)
		return err_set_kind(
		    err, ERR_TEMPORARY,
		    _("The database \"%s\" is in use by another program; try again."), db->path);
	return err_set_kind(err, kind_of(code), _("The database \"%s\" says: %s."), db->path, why);
}

static int fail_here(struct db *db, struct err *err)
{
	return fail(db, sqlite3_extended_errcode(db->raw), sqlite3_errmsg(db->raw), err);
}

static int lock_of(int fd, int command, struct flock *lock)
{
	*lock = (struct flock){.l_type = command == F_OFD_SETLK ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET};
	return fcntl(fd, command, lock);
}

static void show_waiting(struct db *db)
{
	char *path = mem_printf("%s" DB_AWAITED, db->path);
	struct flock lock;

	if (db->wait_fd < 0)
		db->wait_fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (db->wait_fd >= 0)
		lock_of(db->wait_fd, F_OFD_SETLK, &lock);
	free(path);
}

static void end_waiting(struct db *db)
{
	if (db->wait_fd >= 0)
		close(db->wait_fd);
	db->wait_fd = -1;
}

bool db_is_awaited(int fd)
{
	struct flock lock;

	return lock_of(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* Naps are short and even: whoever waits behind a bulk writer must meet the gap between two
 * batches. */
static int wait_for_lock(void *arg, int naps)
{
	struct db *db = arg;

	if (naps == 0)
		show_waiting(db);
	if ((int64_t)naps * BUSY_NAP_US >= db->busy_ms * 1000)
		return 0;
	usleep(BUSY_NAP_US);
	return 1;
}

int db_exec(struct db *db, const char *sql, struct err *err)
{
	int code = sqlite3_exec(db->raw, sql, NULL, NULL, NULL);

	end_waiting(db);
	return code == SQLITE_OK ? 0 : fail_here(db, err);
}

static int64_t one_number(struct db *db, const char *sql, struct err *err)
{
	struct db_stmt *stmt = db_query_once(db, sql);
	int64_t number = db_step(stmt, err) == 1 ? db_int(stmt, 0) : -1;

	db_finish(&stmt);
	return number;
}

static int set_version(struct db *db, size_t version, struct err *err)
{
	char sql[64];

	snprintf(sql, sizeof sql, "PRAGMA user_version=%zu", version);
	return db_exec(db, sql, err);
}

/* Every step and its number in one transaction: killed in the middle, the next start goes on. */
static int migrate(struct db *db, const char *const *steps, size_t count, struct err *err)
{
	int64_t version = one_number(db, "PRAGMA user_version", err);

	if (version < 0)
		return -1;
	if ((size_t)version == count)
		return 0;
	if ((size_t)version > count)
		return err_set(err, _("The database \"%s\" was made by a newer Tern."), db->path);
	if (db_begin(db, err) < 0)
		return -1;
	version = one_number(db, "PRAGMA user_version", err); /* somebody may have been faster */
	for (size_t i = (size_t)version; version >= 0 && i < count; i++)
		if (db_exec(db, steps[i], err) < 0)
			version = -1;
	if (version < 0 || set_version(db, count, err) < 0) {
		db_rollback(db);
		return -1;
	}
	return db_commit(db, err);
}

static int set_up(struct db *db, enum db_safety safety, struct err *err)
{
	sqlite3_busy_handler(db->raw, wait_for_lock, db);
	sqlite3_extended_result_codes(db->raw, 1);
	sqlite3_db_config(db->raw, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* Safety first: to turn a new file to WAL is synced as all else. */
	if (db_exec(db, safety == DB_DURABLE ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", err) < 0)
		return -1;
	return db_exec(db,
		       "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA secure_delete=FAST;"
		       "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000",
		       err);
}

static bool is_nothing(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 || st.st_size < HEADER_SIZE;
}

/* One makes a database, the others wait: SQLite tells two that turn a new file to WAL at once that it is in use.
 * The lock is on the folder, so that no file is left; -1: somebody holds it for long, or there are no locks here. */
static int take_turn(const char *path)
{
	char *dir = path_parent(path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int64_t waited = 0;

	free(dir);
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		usleep(TURN_NAP_US);
		waited += TURN_NAP_US;
		if (waited < (int64_t)BUSY_DEFAULT_MS * 1000)
			continue;
		close(fd);
		fd = -1;
	}
	return fd;
}

static struct db *open_in_turn(const char *path, enum db_safety safety, const char *const *steps, size_t count,
			       struct err *err)
{
	struct db *db = mem_alloc(sizeof *db);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	db->path = mem_strdup(path);
	db->busy_ms = BUSY_DEFAULT_MS;
	db->wait_fd = -1;
	if (sqlite3_open_v2(path, &db->raw, flags, NULL) != SQLITE_OK)
		fail_here(db, err);
	else if (set_up(db, safety, err) == 0 && migrate(db, steps, count, err) == 0)
		return db;
	db_close(&db);
	return NULL;
}

/* What was cut to nothing under a running program cannot be opened, and says that it is in use. */
struct db *db_open(const char *path, enum db_safety safety, const char *const *steps, size_t count,
		   struct err *err)
{
	int turn = is_nothing(path) ? take_turn(path) : -1;
	struct err why = ERR_INIT;
	struct db *db;

	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* nobody asks; before the first is opened */
	db = open_in_turn(path, safety, steps, count, &why);
	bool is_cut = !db && turn >= 0 && why.kind == ERR_TEMPORARY && is_nothing(path);

	if (turn >= 0)
		close(turn);
	if (!db)
		err_set_kind(err, is_cut ? ERR_CORRUPT : why.kind, "%s", why.text);
	return db;
}

static void stmt_free(struct db_stmt *stmt)
{
	sqlite3_finalize(stmt->raw);
	free(stmt->why);
	free(stmt);
}

void db_close(struct db **db)
{
	if (!*db)
		return;
	for (size_t i = 0; i < (*db)->kept_count; i++)
		stmt_free((*db)->kept[i]);
	free((*db)->kept);
	if (sqlite3_close((*db)->raw) != SQLITE_OK)
		log_write(LOG_ERROR, "database %s closed with open statements", (*db)->path);
	free((*db)->path);
	free(*db);
	*db = NULL;
}

int db_set_aside(const char *path, struct err *err)
{
	static const char *const ends[] = {"-wal", "-shm", ""};

	for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
		char *from = mem_printf("%s%s", path, ends[i]);
		char *to = mem_printf("%s.damaged-%lld%s", path, (long long)time(NULL), ends[i]);
		int rc = rename(from, to);

		if (rc < 0 && !*ends[i])
			err_errno(err, _("renaming \"%s\""), from);
		free(from);
		free(to);
		if (rc < 0 && !*ends[i])
			return -1;
	}
	return 0;
}

int db_begin(struct db *db, struct err *err)
{
	return db_exec(db, "BEGIN IMMEDIATE", err);
}

int db_commit(struct db *db, struct err *err)
{
	if (db_exec(db, "COMMIT", err) == 0)
		return 0;
	db_rollback(db);
	return -1;
}

void db_rollback(struct db *db)
{
	if (!sqlite3_get_autocommit(db->raw))
		db_exec(db, "ROLLBACK", NULL);
}

void db_set_busy_ms(struct db *db, int ms)
{
	db->busy_ms = ms;
}

static struct db_stmt *prepare(struct db *db, const char *sql, unsigned flags)
{
	struct db_stmt *stmt = mem_alloc(sizeof *stmt);

	stmt->db = db;
	stmt->failed = sqlite3_prepare_v3(db->raw, sql, -1, flags, &stmt->raw, NULL);
	if (stmt->failed != SQLITE_OK)
		stmt->why = mem_strdup(sqlite3_errmsg(db->raw));
	return stmt;
}

static struct db_stmt *find_kept(struct db *db, const char *sql)
{
	for (size_t i = 0; i < db->kept_count; i++)
		if (db->kept[i]->sql == sql)
			return db->kept[i];
	return NULL;
}

struct db_stmt *db_query(struct db *db, const char *sql)
{
	struct db_stmt *stmt = find_kept(db, sql);

	if (stmt && stmt->failed == SQLITE_OK) {
		db_reset(stmt);
		return stmt;
	}
	if (stmt) { /* it could not be prepared then; perhaps it can now */
		stmt->failed = sqlite3_prepare_v3(db->raw, sql, -1, SQLITE_PREPARE_PERSISTENT,
						  &stmt->raw, NULL);
		return stmt;
	}
	ARRAY_ROOM(db->kept, db->kept_count, db->kept_cap);
	stmt = prepare(db, sql, SQLITE_PREPARE_PERSISTENT);
	stmt->sql = sql;
	db->kept[db->kept_count++] = stmt;
	return stmt;
}

struct db_stmt *db_query_once(struct db *db, const char *sql)
{
	return prepare(db, sql, 0);
}

void db_bind_int(struct db_stmt *stmt, int at, int64_t value)
{
	if (stmt->raw)
		sqlite3_bind_int64(stmt->raw, at, value);
}

void db_bind_text(struct db_stmt *stmt, int at, const char *text)
{
	if (stmt->raw)
		sqlite3_bind_text(stmt->raw, at, text, -1, SQLITE_TRANSIENT);
}

void db_bind_lent(struct db_stmt *stmt, int at, const char *text)
{
	if (stmt->raw)
		sqlite3_bind_text(stmt->raw, at, text, -1, SQLITE_STATIC);
}

void db_bind_text_n(struct db_stmt *stmt, int at, const char *text, size_t len)
{
	if (stmt->raw)
		sqlite3_bind_text64(stmt->raw, at, text, len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void db_bind_null(struct db_stmt *stmt, int at)
{
	if (stmt->raw)
		sqlite3_bind_null(stmt->raw, at);
}

int db_step(struct db_stmt *stmt, struct err *err)
{
	int code;

	if (!stmt->raw)
		return fail(stmt->db, stmt->failed, stmt->why ? stmt->why : "?", err);
	code = sqlite3_step(stmt->raw);
	end_waiting(stmt->db);
	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		fail_here(stmt->db, err);
	db_reset(stmt);
	return code == SQLITE_DONE ? 0 : -1;
}

void db_reset(struct db_stmt *stmt)
{
	sqlite3_reset(stmt->raw);
}

void db_finish(struct db_stmt **stmt)
{
	if (*stmt)
		stmt_free(*stmt);
	*stmt = NULL;
}

int64_t db_int(struct db_stmt *stmt, int column)
{
	return sqlite3_column_int64(stmt->raw, column);
}

int64_t db_step_id(struct db_stmt *stmt, struct err *err)
{
	int rc = db_step(stmt, err);
	int64_t id = rc == 1 ? db_int(stmt, 0) : 0;

	db_reset(stmt);
	return rc < 0 ? -1 : id;
}

const char *db_text(struct db_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt->raw, column);
}

size_t db_text_len(struct db_stmt *stmt, int column)
{
	return (size_t)sqlite3_column_bytes(stmt->raw, column);
}

bool db_is_null(struct db_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt->raw, column) == SQLITE_NULL;
}

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->raw);
}

int64_t db_changes(struct db *db)
{
	return sqlite3_changes64(db->raw);
}

int64_t db_data_version(struct db *db)
{
	struct db_stmt *stmt = db_query(db, "PRAGMA data_version");
	int64_t version = db_step(stmt, NULL) == 1 ? db_int(stmt, 0) : -1;

	db_reset(stmt);
	return version;
}

static void call_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct function *function = sqlite3_user_data(context);
	const char *texts[FUNCTION_ARGS] = {NULL};

	for (int i = 0; i < count && i < FUNCTION_ARGS; i++)
		texts[i] = (const char *)sqlite3_value_text(values[i]);
	sqlite3_result_int64(context, function->call(function->arg, texts));
}

int db_add_function(struct db *db, const char *name, int args, db_function *call, void *arg,
		    struct err *err)
{
	struct function *function = mem_alloc(sizeof *function);

	function->call = call;
	function->arg = arg;
	if (sqlite3_create_function_v2(db->raw, name, args, SQLITE_UTF8 | SQLITE_DIRECTONLY,
				       function, call_function, NULL, NULL, free) == SQLITE_OK)
		return 0;
	return fail_here(db, err);
}

static void call_id_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct function *function = sqlite3_user_data(context);

	(void)count;
	sqlite3_result_int64(context,
			     function->call_id(function->arg, sqlite3_value_int64(values[0]),
					       (const char *)sqlite3_value_text(values[1])));
}

int db_add_id_function(struct db *db, const char *name, db_id_function *call, void *arg,
		       struct err *err)
{
	struct function *function = mem_alloc(sizeof *function);

	function->call_id = call;
	function->arg = arg;
	if (sqlite3_create_function_v2(db->raw, name, 2, SQLITE_UTF8 | SQLITE_DIRECTONLY, function,
				       call_id_function, NULL, NULL, free) == SQLITE_OK)
		return 0;
	return fail_here(db, err);
}
