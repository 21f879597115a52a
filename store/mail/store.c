#include "config.h"
#include "store/mail/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/bulk.h"
#include "store/mail/fulltext.h"
#include "store/mail/remote.h"
#include "store/mail/store_inside.h"

#define LOCK_WAIT_MS 60000
#define LOCK_NAP_MS  10

static char *database_of(const struct account *account)
{
	char hex[DIGEST_HEX_SIZE], *dir, *path;

	if (account->kind == ACCOUNT_PATH) {
		digest_sha256_hex(account->path, strlen(account->path), hex);
		dir = path_in(PATH_CACHE, "path");
		path = mem_printf("%s/%s.db", dir, hex);
	} else {
		dir = path_in(PATH_DATA, "accounts");
		path = mem_printf("%s/%s.db", dir, account->name);
	}
	free(dir);
	return path;
}

/* SQLite makes files by the umask alone: they are made here first, for nobody else to read. One that is there is
 * not even opened: to close it would take away the locks that this process has on it. */
static int prepare_file(const char *path, struct err *err)
{
	char *dir = path_parent(path);
	int fd, rc = path_make_dirs(dir, err);

	free(dir);
	if (rc < 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST)
		return err_errno(err, _("opening the database \"%s\""), path);
	if (fd >= 0)
		close(fd);
	return 0;
}

static struct db *open_db(const char *path, struct err *err)
{
	if (prepare_file(path, err) < 0)
		return NULL;
	return db_open(path, DB_CACHE, schema_steps, schema_step_count, err);
}

static struct db *open_or_renew(const char *path, bool *was_damaged, struct err *err)
{
	struct err why = ERR_INIT;
	struct db *db = open_db(path, &why);

	if (db || why.kind != ERR_CORRUPT) {
		if (!db)
			err_set_kind(err, why.kind, "%s", why.text);
		return db;
	}
	log_write(LOG_WARNING, "%s", why.text);
	if (db_set_aside(path, err) < 0)
		return NULL;
	*was_damaged = true;
	return open_db(path, err);
}

static ino_t inode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* Rows that change are noted, for the server. */
static int prepare_remote(struct store *store, struct err *err)
{
	for (size_t i = 0; store_is_remote(store) && i < schema_remote_trigger_count; i++)
		if (db_exec(store->db, schema_remote_triggers[i], err) < 0)
			return -1;
	return 0;
}

struct store *store_open(const struct account *account, bool *was_damaged, struct err *err)
{
	struct store *store = mem_alloc(sizeof *store);
	bool damaged = false;

	store->account = account;
	store->lock_fd = -1;
	store->limit.name = "limited";
	store->found.name = "found";
	store->lock_wait_ms = LOCK_WAIT_MS;
	store->db_path = database_of(account);
	store->db = open_or_renew(store->db_path, &damaged, err);
	if (was_damaged)
		*was_damaged = damaged;
	store->inode = inode_of(store->db_path);
	if (store->db && prepare_remote(store, err) == 0)
		return store;
	err_add(err, _("opening the index of the account \"%s\""), account->name);
	store_close(&store);
	return NULL;
}

void store_close(struct store **store)
{
	if (!*store)
		return;
	while ((*store)->lock_depth)
		store_unlock(*store);
	bulk_end(*store);
	hits_free(&(*store)->limit);
	hits_free(&(*store)->found);
	fulltext_free(&(*store)->fulltext);
	db_close(&(*store)->db);
	free((*store)->touched);
	free((*store)->db_path);
	free(*store);
	*store = NULL;
}

int store_follow(struct store *store, struct err *err)
{
	bool was_damaged;
	struct db *db;

	if (store->lock_depth || inode_of(store->db_path) == store->inode)
		return 0;
	db = open_or_renew(store->db_path, &was_damaged, err);
	if (!db)
		return -1;
	hits_free(&store->limit);
	hits_free(&store->found);
	fulltext_free(&store->fulltext);
	db_close(&store->db);
	store->db = db;
	store->generation++;
	store->inode = inode_of(store->db_path);
	if (store->busy_ms)
		store_set_busy_ms(store, store->busy_ms);
	if (prepare_remote(store, err) < 0)
		return -1;
	log_write(LOG_WARNING, "the index %s is another one now", store->db_path);
	return 1;
}

int store_renew(struct store *store, struct err *err)
{
	hits_free(&store->limit);
	hits_free(&store->found);
	fulltext_free(&store->fulltext);
	db_close(&store->db);
	if (db_set_aside(store->db_path, err) == 0)
		store->db = open_db(store->db_path, err);
	else
		store->db = open_db(store->db_path, NULL);
	if (!store->db)
		return -1;
	store->generation++;
	store->inode = inode_of(store->db_path);
	if (prepare_remote(store, err) < 0)
		return -1;
	log_write(LOG_WARNING, "the index %s was damaged; it is made again from the mail",
		  store->db_path);
	return 0;
}

int64_t store_generation(const struct store *store)
{
	return store->generation;
}

const struct account *store_account(const struct store *store)
{
	return store->account;
}

void store_set_busy_ms(struct store *store, int ms)
{
	store->busy_ms = ms;
	db_set_busy_ms(store->db, ms);
	/* Who cannot wait shall not move the log into the database either: the keeper does. */
	db_exec(store->db,
		ms < 100 ? "PRAGMA wal_autocheckpoint=20000" : "PRAGMA wal_autocheckpoint=1000",
		NULL);
}

void store_set_lock_ms(struct store *store, int ms)
{
	store->lock_wait_ms = ms;
}

int64_t store_data_version(struct store *store)
{
	return db_data_version(store->db);
}

int64_t store_version(struct store *store)
{
	return db_data_version(store->db) * 1000003 + store->own_version;
}

int store_begin(struct store *store, struct err *err)
{
	store->touched_count = 0;
	if (db_begin(store->db, err) < 0)
		return -1;
	if (store->bulk)
		bulk_look(store);
	return 0;
}

void store_touch(struct store *store, int64_t folder, int total, int unread, int flagged)
{
	struct touched *t = NULL;

	if (folder <= FOLDER_ALL)
		return;
	for (size_t i = 0; i < store->touched_count && !t; i++)
		if (store->touched[i].folder == folder)
			t = &store->touched[i];
	if (!t) {
		ARRAY_ROOM(store->touched, store->touched_count, store->touched_cap);
		t = &store->touched[store->touched_count++];
		*t = (struct touched){.folder = folder};
	}
	t->total += total;
	t->unread += unread;
	t->flagged += flagged;
}

static int write_touched(struct store *store, struct err *err)
{
	for (size_t i = 0; i < store->touched_count; i++) {
		const struct touched *t = &store->touched[i];
		struct db_stmt *stmt = db_query(
		    store->db, "UPDATE folder SET total = total + ?2, unread = unread + ?3,"
			       " flagged = flagged + ?4, revision = revision + 1 WHERE id = ?1");

		db_bind_int(stmt, 1, t->folder);
		db_bind_int(stmt, 2, t->total);
		db_bind_int(stmt, 3, t->unread);
		db_bind_int(stmt, 4, t->flagged);
		if (db_step(stmt, err) < 0)
			return -1;
	}
	store->touched_count = 0;
	return 0;
}

int store_commit(struct store *store, struct err *err)
{
	if ((store->bulk && bulk_write(store, err) < 0) || write_touched(store, err) < 0) {
		store_rollback(store);
		return -1;
	}
	if (store->bulk)
		bulk_touched(store);
	store->own_version++;
	return db_commit(store->db, err);
}

void store_rollback(struct store *store)
{
	store->touched_count = 0;
	if (store->bulk)
		bulk_forget(store);
	db_rollback(store->db);
}

int64_t store_new_ids(struct store *store, int64_t count, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "UPDATE meta SET value = value + ?1 WHERE name = 'next'"
				" RETURNING value - ?1");
	int64_t first;

	db_bind_int(stmt, 1, count);
	if (db_step(stmt, err) != 1)
		return -1;
	first = db_int(stmt, 0);
	return db_step(stmt, err) < 0 ? -1 : first;
}

static int try_lock(struct store *store, struct err *err)
{
	for (int waited = 0;; waited += LOCK_NAP_MS) {
		if (flock(store->lock_fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_errno(err, _("locking the index of \"%s\""),
					 store->account->name);
		if (waited >= store->lock_wait_ms)
			return err_set_kind(
			    err, ERR_TEMPORARY,
			    _("Another program is reading in the mail of \"%s\"; try again."),
			    store->account->name);
		usleep(LOCK_NAP_MS * 1000);
	}
}

int store_lock(struct store *store, struct err *err)
{
	char *path;

	if (store->lock_depth++)
		return 0;
	path = mem_printf("%s.lock", store->db_path);
	store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (store->lock_fd < 0)
		err_errno(err, _("opening \"%s\""), path);
	free(path);
	if (store->lock_fd >= 0 && try_lock(store, err) == 0)
		return 0;
	store_unlock(store);
	return -1;
}

void store_unlock(struct store *store)
{
	if (--store->lock_depth)
		return;
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	store->lock_fd = -1;
}
