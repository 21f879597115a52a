#include "config.h"
#include "store/mail/outbox.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/db.h"
#include "store/mail/outbox_inside.h"

static const char *const schema[] = {
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL);"
    "CREATE TABLE entry (id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL,"
    " sender TEXT NOT NULL, subject TEXT NOT NULL, message_id TEXT NOT NULL,"
    " added INTEGER NOT NULL, size INTEGER NOT NULL, ret TEXT, envid TEXT, notify TEXT,"
    " is_bounce INTEGER NOT NULL, finished INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX entry_open ON entry (id) WHERE finished = 0;"
    "CREATE TABLE recipient (id INTEGER PRIMARY KEY, entry INTEGER NOT NULL, n INTEGER NOT NULL,"
    " addr TEXT NOT NULL, state INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0,"
    " due INTEGER NOT NULL, last_try INTEGER NOT NULL DEFAULT 0,"
    " status TEXT NOT NULL DEFAULT '', reply TEXT NOT NULL DEFAULT '',"
    " maybe_sent INTEGER NOT NULL DEFAULT 0, is_bounced INTEGER NOT NULL DEFAULT 0,"
    " claimant INTEGER NOT NULL DEFAULT 0, claim_until INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX recipient_entry ON recipient (entry, n);"
    "CREATE INDEX recipient_due ON recipient (due) WHERE state = 0;"
    "CREATE INDEX recipient_claim ON recipient (claim_until) WHERE state = 2;",
};

/* The numbers of these stand in the SQL above and below. */
_Static_assert(OUTBOX_WAITING == 0 && OUTBOX_HELD == 1 && OUTBOX_ATTEMPT == 2, "states in SQL");
_Static_assert(OUTBOX_SENT == 3 && OUTBOX_FAILED == 4 && OUTBOX_CANCELLED == 5, "states in SQL");

static const struct {
	const char *word, *name;
} states[] = {
    [OUTBOX_WAITING] = {"waiting", N_("waiting")},
    [OUTBOX_HELD] = {"held", N_("held")},
    [OUTBOX_ATTEMPT] = {"attempt", N_("being sent")},
    [OUTBOX_SENT] = {"sent", N_("sent")},
    [OUTBOX_FAILED] = {"failed", N_("failed")},
    [OUTBOX_CANCELLED] = {"cancelled", N_("cancelled")},
};

const char *outbox_state_name(enum outbox_state state)
{
	return _(states[state].name);
}

const char *outbox_state_word(enum outbox_state state)
{
	return states[state].word;
}

/* --- opening -------------------------------------------------------------------------------- */

static int check_whole(struct outbox *outbox, struct err *err)
{
	struct db_stmt *stmt = db_query(outbox->db, "PRAGMA quick_check(1)");
	const char *word;
	int rc = db_step(stmt, err);

	if (rc <= 0)
		return rc;
	word = db_text(stmt, 0);
	rc = word && strcmp(word, "ok") == 0
		 ? 0
		 : err_set_kind(err, ERR_CORRUPT, _("the outbox's database is damaged"));
	db_reset(stmt);
	return rc;
}

static int open_database(struct outbox *outbox, const char *path, struct err *err)
{
	outbox->db = db_open(path, DB_DURABLE, schema, ARRAY_COUNT(schema), err);
	if (!outbox->db)
		return -1;
	if (check_whole(outbox, err) < 0 || outbox_rebuild_if_new(outbox, err) < 0) {
		db_close(&outbox->db);
		return -1;
	}
	return 0;
}

static int open_or_mend(struct outbox *outbox, struct err *err)
{
	char *path = path_join(outbox->dir, "outbox.db");
	struct err why = ERR_INIT;
	int rc = open_database(outbox, path, &why);

	if (rc < 0 && why.kind == ERR_CORRUPT) {
		log_write(LOG_WARNING, "outbox: %s", why.text);
		err_clear(&why);
		rc = db_set_aside(path, &why);
		if (rc == 0)
			rc = open_database(outbox, path, &why);
	}
	if (rc < 0)
		err_set_kind(err, why.kind, "%s", why.text);
	free(path);
	return rc;
}

/* Opening is one at a time (LOCK_EX): nobody opens a database that another program is just setting
 * aside, nor puts letters into it (LOCK_SH). */
int outbox_lock_database(const struct outbox *outbox, int kind, struct err *err)
{
	char *path = path_join(outbox->dir, "lock");
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, kind) < 0) {
		err_errno(err, _("locking \"%s\""), path);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

static ino_t inode_of(const struct outbox *outbox)
{
	char *path = path_join(outbox->dir, "outbox.db");
	struct stat st = {.st_ino = 0};

	if (stat(path, &st) < 0)
		st.st_ino = 0;
	free(path);
	return st.st_ino;
}

bool outbox_is_gone(const struct outbox *outbox)
{
	return inode_of(outbox) != outbox->inode;
}

struct outbox *outbox_open(struct err *err)
{
	struct outbox *outbox = mem_alloc(sizeof *outbox);
	int lock = -1, rc = -1;

	outbox->dir = path_in(PATH_DATA, "outbox");
	if (path_make_dirs(outbox->dir, err) == 0)
		lock = outbox_lock_database(outbox, LOCK_EX, err);
	if (lock >= 0)
		rc = open_or_mend(outbox, err);
	outbox->inode = inode_of(outbox);
	if (lock >= 0)
		close(lock);
	if (rc < 0) {
		err_add(err, _("opening the outbox"));
		outbox_close(&outbox);
	}
	return outbox;
}

void outbox_close(struct outbox **outbox)
{
	if (!*outbox)
		return;
	outbox_late_free(*outbox);
	if ((*outbox)->db)
		db_close(&(*outbox)->db);
	free((*outbox)->dir);
	free(*outbox);
	*outbox = NULL;
}

bool outbox_was_rebuilt(const struct outbox *outbox)
{
	return outbox->was_rebuilt;
}

int64_t outbox_data_version(struct outbox *outbox)
{
	return db_data_version(outbox->db);
}
