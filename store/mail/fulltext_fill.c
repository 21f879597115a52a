/* Bringing the index of words up to the rows. What there is to do is read from the database first; then letters
 * alone are read, so that nobody waits for the database. */
#include "config.h"
#include "store/mail/fulltext.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mail/fulltext_inside.h"
#include "store/mail/row.h"
#include "store/mail/store_inside.h"

#define IDLE_NICE      19
#define IOPRIO_PROCESS 1
#define IOPRIO_IDLE    (3 << 13)

struct filling {
	struct whereabouts_list where;
	struct bits alive;
	struct texts_job job;
};

static int read_alive(struct store *store, struct bits *alive, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT id FROM message INDEXED BY message_thread");
	int rc;

	while ((rc = db_step(stmt, err)) == 1)
		if (db_int(stmt, 0) <= UINT32_MAX)
			bits_set(alive, (uint32_t)db_int(stmt, 0));
	return rc;
}

static uint32_t next_id(struct store *store)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT value FROM meta WHERE name = 'next'");
	int64_t next = db_step(stmt, NULL) == 1 ? db_int(stmt, 0) : 0;

	db_reset(stmt);
	return next > UINT32_MAX ? UINT32_MAX : (uint32_t)next;
}

static int prepare(struct store *store, bool has_skipped, struct filling *filling, struct err *err)
{
	uint32_t next = next_id(store); /* before the rows are listed: what comes meanwhile is beyond */
	int64_t *ids = NULL;
	size_t count;
	int rc = -1;

	*filling = (struct filling){.alive = BITS_INIT};
	if (fulltext_unread(store, has_skipped, SIZE_MAX, &ids, &count, err) == 0)
		rc = 0;
	if (rc == 0 && (count || !texts_whole_to(store->fulltext->texts))) /* else all rows are read for nothing */
		rc = read_alive(store, &filling->alive, err);
	if (rc >= 0)
		rc = whereabouts_of(store, ids, count, &filling->where, err);
	free(ids);
	filling->job = (struct texts_job){.dir = texts_dir(store->fulltext->texts),
					  .kind = texts_kind(store->fulltext->texts),
					  .places = filling->where.places,
					  .place_count = filling->where.place_count,
					  .letters = filling->where.letters,
					  .letter_count = filling->where.count,
					  .alive = &filling->alive,
					  .whole_to = next,
					  .processes = 1};
	return rc;
}

static void clean(struct filling *filling)
{
	bits_free(&filling->alive);
	if (filling->where.arena)
		whereabouts_free(&filling->where);
}

/* --- what rows learn --- */

#define TAUGHT_AT_ONCE 500 /* in one transaction: nobody waits for it long */

static int64_t taught_to(struct store *store)
{
	return db_step_id(db_query(store->db, "SELECT value FROM meta WHERE name = 'taught'"), NULL);
}

static int set_taught(struct store *store, int64_t to, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "INSERT OR REPLACE INTO meta VALUES('taught', ?)");

	db_bind_int(stmt, 1, to);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

/* Ids whose row and index disagree. */
static int list_wrong(struct store *store, int64_t from, int64_t **ids, size_t *count, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT id FROM message WHERE id >= ? AND NOT tern_text(id, '')"
						   " AND has_attachment <> tern_text(id, '" WISH_ATTACHMENT "')");
	size_t cap = 0;
	int rc;

	*ids = NULL;
	*count = 0;
	db_bind_int(stmt, 1, from);
	while ((rc = db_step(stmt, err)) == 1) {
		ARRAY_ROOM(*ids, *count, cap);
		(*ids)[(*count)++] = db_int(stmt, 0);
	}
	return rc;
}

static int teach_some(struct store *store, const int64_t *ids, size_t count, struct err *err)
{
	struct asked *asked = fulltext_ask(store->fulltext, WISH_ATTACHMENT);
	int rc = store_begin(store, err);

	if (rc < 0)
		return -1;
	for (size_t i = 0; i < count && rc >= 0; i++)
		rc = row_set_attachment(store, ids[i], bits_has(&asked->found, ids[i]), err);
	if (rc >= 0)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

int fulltext_teach(struct store *store, struct err *err)
{
	int64_t from, to, *ids = NULL;
	size_t count = 0;
	int rc;

	if (fulltext_prepare(store, err) < 0)
		return -1;
	from = taught_to(store);
	to = texts_whole_to(store->fulltext->texts);
	if (from >= to)
		return 0;
	rc = list_wrong(store, from, &ids, &count, err);
	for (size_t at = 0; rc >= 0 && at < count; at += TAUGHT_AT_ONCE)
		rc = teach_some(store, ids + at, count - at < TAUGHT_AT_ONCE ? count - at : TAUGHT_AT_ONCE, err);
	free(ids);
	if (rc < 0 || set_taught(store, to, err) < 0)
		return -1;
	return (int)count;
}

/* --- from outside --- */

int64_t fulltext_missing(struct store *store, struct err *err)
{
	int64_t *ids;
	size_t count;

	if (fulltext_prepare(store, err) < 0 ||
	    fulltext_uncovered(store, SIZE_MAX, &ids, &count, err) < 0)
		return -1;
	free(ids);
	return (int64_t)count;
}

int fulltext_fill(struct store *store, int processes,
		  int (*progress)(void *arg, int64_t done, int64_t total), void *arg,
		  struct err *err)
{
	struct filling filling;
	int rc = -1;

	if (fulltext_prepare(store, err) < 0)
		return -1;
	if (prepare(store, true, &filling, err) == 0) {
		filling.job.processes = processes;
		filling.job.progress = progress;
		filling.job.arg = arg;
		rc = filling.where.count || !texts_whole_to(store->fulltext->texts)
			 ? texts_fill(&filling.job, err)
			 : 0;
	}
	clean(&filling);
	if (rc == 0 && fulltext_teach(store, err) < 0)
		return -1;
	return rc;
}

static void block_term(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigprocmask(SIG_BLOCK, set, NULL);
}

/* The signal waits until it is asked for: no handler, no state. */
static int stop_when_told(void *arg, int64_t done, int64_t total)
{
	sigset_t pending;

	(void)arg;
	(void)done;
	(void)total;
	sigpending(&pending);
	return sigismember(&pending, SIGTERM) == 1 ? -1 : 0;
}

static void fill_idly(struct texts_job *job, pid_t parent)
{
	sigset_t set;

	block_term(&set);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	setpriority(PRIO_PROCESS, 0, IDLE_NICE);
	syscall(SYS_ioprio_set, IOPRIO_PROCESS, 0, IOPRIO_IDLE);
	job->progress = stop_when_told;
	_exit(texts_fill(job, NULL) < 0);
}

static pid_t start_child(struct texts_job *job)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		fill_idly(job, parent);
	return pid;
}

int64_t fulltext_start(struct store *store, bool tries_skipped, struct err *err)
{
	struct filling filling;
	pid_t pid = -1;

	if (fulltext_prepare(store, err) < 0)
		return -1;
	if (prepare(store, tries_skipped, &filling, err) == 0) {
		pid = 0;
		if (filling.where.count || !texts_whole_to(store->fulltext->texts))
			pid = start_child(&filling.job);
		if (pid < 0)
			err_errno(err, _("starting a process"));
	}
	clean(&filling);
	return pid;
}
