#include "config.h"
#include "store/mail/keeper.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/bulk.h"
#include "store/mail/fulltext.h"
#include "store/mail/store_inside.h"
#include "store/notice/notice.h"

#define QUIET_MS     30	  /* after the last event */
#define LATE_MS	     150  /* after the first one at most */
#define SETTLE_MS    2100 /* when a stamp can no longer hide a change */
#define BUSY_MS	     200  /* another program reads the mail in */
#define FLOOD_MS     2000 /* between two looks while another brings thousands */
#define ORDERS_MS    1500 /* behind them: who brought them has more to write, and makes the indexes itself */
#define POLL_MS	     2000 /* without inotify */
#define SLOW_MS	     60000
#define PROGRESS_MS  100
#define WATCH_LIMIT  8000
#define CAME_MOST    1000 /* files between two looks, that are shown before */
#define LOCK_WAIT_MS 50
#define SYNC_WAIT_MS 10000
#define CODE_FAILED  1
#define CODE_LATER   75
#define LAST_WAIT_MS  5000  /* for the lock, before the end */
#define FLAGS_MS      2000  /* flags of an mbox are written after so long without new ones */
#define FLAGS_LATE_MS 30000 /* at most after the first one */
#define WORDS_MS      1500  /* of quiet before letters are read for the search index */
#define WORDS_NAP_MS  250   /* is that done? */
#define CHECK_AT_ONCE (64 << 20) /* bytes: a larger database is looked over when it is quiet, once a day */
#define CHECK_MS      30000
#define NEVER	      INT64_MAX

struct watch {
	int wd;
	int64_t folder; /* 0: all of them */
	bool is_new;	/* the folder new/ of a Maildir */
};

/* A file that came: what is known of it by its event. */
struct came {
	int64_t folder;
	struct store_name name;
};

struct seen {
	int64_t folder, revision;
};

struct keeper {
	const struct account *account;
	struct store *store;
	struct notice_conn *conn;
	int inotify;
	struct watch *watches;
	size_t watch_count, watch_cap;
	bool is_polling; /* not everything can be watched */
	struct arena *names;
	struct came *came;
	size_t came_count, came_cap;
	struct seen *seen;
	size_t seen_count, seen_cap;
	int64_t *dirty;
	size_t dirty_count, dirty_cap;
	int64_t newest_later; /* of the flags that an mbox will get */
	int64_t flags_due, first_later;
	bool must_carry_flags;
	bool may_lack_orders;
	bool is_flooded; /* it comes in thousands: not every name is listened to */
	bool all_dirty, must_carry, is_sync_asked, has_folders_changed, is_ending;
	int64_t sync_id; /* of the last SYNC */
	int64_t due, first_event, settle, slow, last_progress;
	int64_t looked; /* when the last look ended */
	int64_t orders_due; /* indexes for other orders are not made before */
	int64_t last_done; /* of LAST_PROGRESS */
	char last_error[256];
	struct err carry_error, index_error; /* what went wrong since a sync was asked for */
	int64_t check_due;  /* to look over a large database */
	int64_t words_due;  /* the search index may lack something */
	pid_t words_child;  /* that reads for it, 0 none */
	bool may_try_skipped; /* letters that could not be read the last time */
	int64_t sync_until; /* who asked waits for others no longer than this */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- news --- */

static void say(struct keeper *keeper, struct notice *notice)
{
	snprintf(notice->account, sizeof notice->account, "%s", keeper->account->name);
	if (notice_send(keeper->conn, notice) < 0)
		keeper->is_ending = true;
}

static void say_error(struct keeper *keeper, const char *text)
{
	struct notice notice = {.kind = NOTICE_ERROR};

	if (strncmp(keeper->last_error, text, sizeof keeper->last_error - 1) == 0)
		return; /* told once */
	snprintf(keeper->last_error, sizeof keeper->last_error, "%s", text);
	snprintf(notice.text, sizeof notice.text, "%s", text);
	log_write(LOG_WARNING, "%s", text);
	say(keeper, &notice);
}

/* Who asked for a round hears what was wrong with it. */
static const struct err *sync_error(const struct keeper *keeper)
{
	return keeper->index_error.kind == ERR_NONE ? &keeper->carry_error : &keeper->index_error;
}

static struct seen *find_seen(struct keeper *keeper, int64_t folder)
{
	for (size_t i = 0; i < keeper->seen_count; i++)
		if (keeper->seen[i].folder == folder)
			return &keeper->seen[i];
	return NULL;
}

static void say_if_changed(struct keeper *keeper, const struct folder *folder)
{
	struct notice notice = {
	    .kind = NOTICE_FOLDER_CHANGED, .folder = folder->id, .revision = folder->revision};
	struct seen *seen = find_seen(keeper, folder->id);

	if (!seen) {
		ARRAY_ROOM(keeper->seen, keeper->seen_count, keeper->seen_cap);
		seen = &keeper->seen[keeper->seen_count++];
		*seen = (struct seen){.folder = folder->id};
		keeper->has_folders_changed = true;
	}
	if (seen->revision == folder->revision)
		return;
	seen->revision = folder->revision;
	say(keeper, &notice);
}

static bool is_listed(const struct folder *folders, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (folders[i].id == id)
			return true;
	return false;
}

static void forget_gone(struct keeper *keeper, const struct folder *folders, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < keeper->seen_count; i++)
		if (is_listed(folders, count, keeper->seen[i].folder))
			keeper->seen[kept++] = keeper->seen[i];
	keeper->has_folders_changed |= kept != keeper->seen_count;
	keeper->seen_count = kept;
}

/* What has another revision than it was told of. Whoever wrote it: screens write too. */
static void say_changes(struct keeper *keeper)
{
	struct notice list = {.kind = NOTICE_FOLDER_CHANGED};
	struct arena *arena = arena_new();
	struct folder *folders;
	size_t count;

	if (store_folders(keeper->store, arena, &folders, &count, NULL) == 0) {
		for (size_t i = 0; i < count; i++)
			say_if_changed(keeper, &folders[i]);
		forget_gone(keeper, folders, count);
	}
	if (keeper->has_folders_changed)
		say(keeper, &list);
	keeper->has_folders_changed = false;
	arena_free(&arena);
}

/* --- watching files --- */

static void add_watch(struct keeper *keeper, const char *path, int64_t folder, uint32_t mask)
{
	int wd = -1;

	errno = ENOSPC;
	if (keeper->inotify >= 0 && keeper->watch_count < WATCH_LIMIT)
		wd = inotify_add_watch(keeper->inotify, path, mask);
	if (wd < 0) {
		keeper->is_polling |= errno != ENOENT && errno != ENOTDIR;
		return;
	}
	for (size_t i = 0; i < keeper->watch_count; i++)
		if (keeper->watches[i].wd == wd) {
			if (keeper->watches[i].folder != folder)
				keeper->watches[i].folder = 0;
			return;
		}
	ARRAY_ROOM(keeper->watches, keeper->watch_count, keeper->watch_cap);
	keeper->watches[keeper->watch_count++] = (struct watch){.wd = wd, .folder = folder};
}

static void mark_new(struct keeper *keeper, const char *path, uint32_t mask)
{
	int wd = keeper->inotify < 0 ? -1 : inotify_add_watch(keeper->inotify, path, mask);

	for (size_t i = 0; wd >= 0 && i < keeper->watch_count; i++)
		if (keeper->watches[i].wd == wd)
			keeper->watches[i].is_new = true;
}

static void watch_maildir(struct keeper *keeper, const struct folder *folder)
{
	const uint32_t mask = IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ONLYDIR;
	char *cur = path_join(folder->path, "cur"), *fresh = path_join(folder->path, "new");

	add_watch(keeper, cur, folder->id, mask);
	add_watch(keeper, fresh, folder->id, mask);
	mark_new(keeper, fresh, mask);
	add_watch(keeper, folder->path, 0, mask | IN_DELETE_SELF | IN_MOVE_SELF);
	free(cur);
	free(fresh);
}

/* The file itself, and its folder: a new file may be put in its place. */
static void watch_mbox(struct keeper *keeper, const struct folder *folder)
{
	char *dir = path_parent(folder->path);

	add_watch(keeper, folder->path, folder->id, IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB);
	add_watch(keeper, dir, 0, IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE);
	free(dir);
}

static void watch_all(struct keeper *keeper)
{
	struct arena *arena = arena_new();
	struct folder *folders;
	size_t count;

	if (path_is_dir(keeper->account->path))
		add_watch(keeper, keeper->account->path, 0,
			  IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE);
	if (store_folders(keeper->store, arena, &folders, &count, NULL) == 0)
		for (size_t i = 0; i < count; i++) {
			if (folders[i].kind == BOX_MBOX)
				watch_mbox(keeper, &folders[i]);
			else
				watch_maildir(keeper, &folders[i]);
		}
	arena_free(&arena);
}

static void make_dirty(struct keeper *keeper, int64_t folder)
{
	int64_t now = now_ms();

	if (!keeper->first_event)
		keeper->first_event = now;
	keeper->due = now + QUIET_MS;
	if (keeper->due > keeper->first_event + LATE_MS)
		keeper->due = keeper->first_event + LATE_MS;
	if (!folder)
		keeper->all_dirty = true;
	for (size_t i = 0; i < keeper->dirty_count; i++)
		if (keeper->dirty[i] == folder)
			return;
	ARRAY_ROOM(keeper->dirty, keeper->dirty_count, keeper->dirty_cap);
	keeper->dirty[keeper->dirty_count++] = folder;
}

/* Renamed into its place it is whole; what is made there may still be written. Where more come than are worth it, the
 * look at the whole folder finds them soon enough. */
static void take_name(struct keeper *keeper, const struct watch *watch, const struct inotify_event *event)
{
	struct came came = {.folder = watch->folder, .name.is_in_new = watch->is_new};

	if (!(event->mask & IN_MOVED_TO) || event->mask & IN_ISDIR || !watch->folder || !event->len ||
	    event->name[0] == '.' || keeper->came_count >= CAME_MOST)
		return;
	came.name.name = arena_strdup(keeper->names, event->name);
	ARRAY_ROOM(keeper->came, keeper->came_count, keeper->came_cap);
	keeper->came[keeper->came_count++] = came;
}

static void take_event(struct keeper *keeper, const struct inotify_event *event)
{
	if (event->mask & IN_Q_OVERFLOW) {
		make_dirty(keeper, 0);
		return;
	}
	for (size_t i = 0; i < keeper->watch_count; i++) {
		if (keeper->watches[i].wd != event->wd)
			continue;
		take_name(keeper, &keeper->watches[i], event);
		make_dirty(keeper, keeper->watches[i].folder);
		if (event->mask & IN_IGNORED)
			keeper->watches[i] = keeper->watches[--keeper->watch_count];
		return;
	}
}

static void read_events(struct keeper *keeper)
{
	char bytes[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n;

	while ((n = read(keeper->inotify, bytes, sizeof bytes)) > 0)
		for (char *at = bytes; at < bytes + n;) {
			const struct inotify_event *event =
			    (const struct inotify_event *)(void *)at;

			take_event(keeper, event);
			at += sizeof *event + event->len;
		}
}

/* --- notices --- */

static void answer_ping(struct keeper *keeper, const struct notice *ping)
{
	struct notice pong = {.kind = NOTICE_PONG, .id = ping->id};

	say(keeper, &pong);
}

static void take_notice(struct keeper *keeper, const struct notice *notice)
{
	switch (notice->kind) {
	case NOTICE_RING:
		keeper->must_carry = true;
		keeper->must_carry_flags |= notice->code == RING_AT_ONCE;
		make_dirty(keeper, 0);
		break;
	case NOTICE_SYNC:
		keeper->is_sync_asked = keeper->must_carry = keeper->must_carry_flags = true;
		keeper->sync_id = notice->id > keeper->sync_id ? notice->id : keeper->sync_id;
		err_clear(&keeper->carry_error);
		keeper->sync_until = now_ms() + SYNC_WAIT_MS;
		make_dirty(keeper, 0);
		break;
	case NOTICE_PING:
		answer_ping(keeper, notice);
		break;
	case NOTICE_QUIT:
		keeper->is_ending = true;
		break;
	default:
		break;
	}
}

static void read_notices(struct keeper *keeper)
{
	struct notice notice;
	int rc;

	while ((rc = notice_read(keeper->conn, &notice)) > 0)
		take_notice(keeper, &notice);
	if (rc < 0)
		keeper->is_ending = true;
}

/* --- work --- */

static void no_flags_wait(struct keeper *keeper)
{
	keeper->newest_later = 0;
	keeper->flags_due = NEVER;
}

/* Each new wish puts the writing off, but not for ever. */
static void flags_wait(struct keeper *keeper, int64_t newest)
{
	int64_t now = now_ms();

	if (!newest) {
		no_flags_wait(keeper);
		return;
	}
	if (newest == keeper->newest_later)
		return;
	if (!keeper->newest_later)
		keeper->first_later = now;
	keeper->newest_later = newest;
	keeper->flags_due = now + FLAGS_MS;
	if (keeper->flags_due > keeper->first_later + FLAGS_LATE_MS)
		keeper->flags_due = keeper->first_later + FLAGS_LATE_MS;
}

/* What failed is postponed by itself. */
static int carry_some_or_all(struct keeper *keeper, struct err *err)
{
	bool is_all = keeper->must_carry_flags || now_ms() >= keeper->flags_due;
	int64_t newest = 0;
	int rc;

	keeper->must_carry_flags = false;
	if (is_all) {
		no_flags_wait(keeper);
		rc = store_carry_out(keeper->store, err);
		keeper->must_carry_flags = rc < 0 && err->kind == ERR_TEMPORARY;
		return rc;
	}
	rc = store_carry_out_but_flags(keeper->store, &newest, err);
	flags_wait(keeper, newest);
	return rc;
}

static void carry_out(struct keeper *keeper)
{
	struct err err = ERR_INIT;

	keeper->must_carry = false;
	if (carry_some_or_all(keeper, &err) < 0) {
		say_error(keeper, err.text);
		keeper->carry_error = err;
		if (err.kind == ERR_TEMPORARY && keeper->slow > now_ms() + SETTLE_MS)
			keeper->slow = now_ms() + SETTLE_MS;
	}
	say_changes(keeper);
}

/* Somebody waits before an empty screen. */
static bool has_first_rows(const struct keeper *keeper, const struct index_progress *progress)
{
	return keeper->last_done == 0 && progress->done > 0;
}

/* Between two batches of a long reading: news go out, wishes come in. */
static int in_between(void *arg, const struct index_progress *progress)
{
	struct keeper *keeper = arg;
	struct notice notice = {
	    .kind = NOTICE_PROGRESS, .done = progress->done, .total = progress->total};
	int64_t now = now_ms();

	read_notices(keeper);
	if (keeper->is_ending)
		return -1;
	if (keeper->must_carry || now >= keeper->flags_due)
		carry_out(keeper);
	if (now - keeper->last_progress < PROGRESS_MS && progress->done < progress->total &&
	    !has_first_rows(keeper, progress))
		return 0;
	keeper->last_progress = now;
	keeper->last_done = progress->done;
	snprintf(notice.text, sizeof notice.text, "%s", progress->folder);
	say(keeper, &notice);
	say_changes(keeper);
	return 0;
}

static void work_failed(struct keeper *keeper, const struct err *err)
{
	if (err->kind == ERR_CANCELLED)
		return;
	keeper->index_error = *err;
	if (err->kind == ERR_TEMPORARY) { /* another indexer, or a full disk */
		make_dirty(keeper, 0);
		keeper->due = now_ms() + BUSY_MS;
		keeper->first_event = 0;
		return;
	}
	say_error(keeper, err->text);
}

/* A path given by hand may hold no mail at all: that is said, an empty list alone would not tell. */
static void say_if_no_mail(struct keeper *keeper)
{
	const struct account *account = store_account(keeper->store);
	struct arena *arena = arena_new();
	struct folder *folders;
	struct err err = ERR_INIT;
	size_t count = 0;

	if (account->kind == ACCOUNT_PATH &&
	    store_folders(keeper->store, arena, &folders, &count, NULL) == 0 && count == 0) {
		err_set(&err, _("there is no Maildir and no mbox in \"%s\""), account->path);
		say_error(keeper, err.text);
	}
	arena_free(&arena);
}

/* Letters are read for the search index when it is quiet. */
static void words_wait(struct keeper *keeper)
{
	keeper->words_due = now_ms() + WORDS_MS;
}

/* One that cannot be read keeps no other from being read; its sentence is told in the end. */
static int index_some(struct keeper *keeper, const int64_t *folders, size_t count, struct err *err)
{
	struct err why = ERR_INIT;
	int rc = 0;

	for (size_t i = 0; i < count; i++) {
		if (store_index(keeper->store, folders[i], in_between, keeper, &why) == 0)
			continue;
		if (rc == 0 || why.kind == ERR_TEMPORARY)
			*err = why;
		rc = -1;
		if (why.kind == ERR_CANCELLED || why.kind == ERR_TEMPORARY)
			break;
	}
	return rc;
}

static void index_dirty(struct keeper *keeper)
{
	struct err err = ERR_INIT;
	int64_t *dirty = keeper->dirty;
	size_t count = keeper->dirty_count;
	bool all = keeper->all_dirty;
	int rc = 0;

	keeper->dirty = NULL;
	keeper->dirty_count = keeper->dirty_cap = 0;
	keeper->all_dirty = false;
	keeper->first_event = 0;
	keeper->due = NEVER;
	if (all)
		rc = store_index(keeper->store, 0, in_between, keeper, &err);
	if (all && rc == 0)
		say_if_no_mail(keeper);
	if (!all)
		rc = index_some(keeper, dirty, count, &err);
	free(dirty);
	err_clear(&keeper->index_error);
	if (rc < 0)
		work_failed(keeper, &err);
	if (all)
		watch_all(keeper);
	say_changes(keeper);
	keeper->looked = now_ms();
	keeper->settle = keeper->looked + SETTLE_MS;
	keeper->may_lack_orders |= rc == 0;
	words_wait(keeper);
}

/* Who brings thousands writes their rows, too: to compare all files with all rows after each of its batches would only
 * keep it from that. */
static bool rests_in_flood(struct keeper *keeper)
{
	int64_t now = now_ms();

	keeper->is_flooded = now - keeper->looked < FLOOD_MS && bulk_is_elsewhere(keeper->store);
	if (!keeper->is_flooded)
		return false;
	keeper->due = now + BUSY_MS;
	keeper->orders_due = now + ORDERS_MS;
	return true;
}

static int by_folder(const void *a, const void *b)
{
	int64_t x = ((const struct came *)a)->folder, y = ((const struct came *)b)->folder;

	return x < y ? -1 : x > y;
}

static void index_came(struct keeper *keeper, const struct came *came, size_t count)
{
	struct store_name *names = mem_calloc(count, sizeof *names);

	for (size_t i = 0; i < count; i++)
		names[i] = came[i].name;
	store_index_names(keeper->store, came->folder, names, count, NULL);
	free(names);
}

/* A large folder takes long to look at: what came is shown before. */
static void show_came(struct keeper *keeper)
{
	struct came *came = keeper->came;
	size_t count = keeper->came_count, end;

	keeper->came_count = 0;
	if (!keeper->all_dirty && count < CAME_MOST) {
		qsort(came, count, sizeof *came, by_folder);
		for (size_t i = 0; i < count; i = end) {
			for (end = i + 1; end < count && came[end].folder == came[i].folder;)
				end++;
			index_came(keeper, came + i, end - i);
		}
		say_changes(keeper);
	}
	arena_reset(keeper->names);
}

/* One at a time: who waits with a change comes in between. */
static void make_orders(struct keeper *keeper)
{
	if (keeper->may_lack_orders && !keeper->dirty_count && now_ms() >= keeper->orders_due)
		keeper->may_lack_orders = store_index_orders(keeper->store, NULL) > 0;
}

/* --- the search index: a child at idle priority fills it, one at a time --- */

/* Did one end well? */
static bool end_words_child(struct keeper *keeper, bool must_end)
{
	int status = -1;

	if (!keeper->words_child)
		return false;
	if (must_end)
		kill(keeper->words_child, SIGTERM);
	if (waitpid(keeper->words_child, &status, must_end ? 0 : WNOHANG) != 0)
		keeper->words_child = 0;
	return !keeper->words_child && status == 0;
}

/* What came while it was filled comes next; what could not be read then is tried again on the slow tick. */
static void fill_words(struct keeper *keeper)
{
	int64_t pid;

	if (end_words_child(keeper, false)) {
		words_wait(keeper);
		if (fulltext_teach(keeper->store, NULL) > 0)
			say_changes(keeper);
	}
	if (keeper->words_child || keeper->dirty_count || now_ms() < keeper->words_due)
		return;
	keeper->words_due = NEVER;
	pid = fulltext_start(keeper->store, keeper->may_try_skipped, NULL);
	keeper->may_try_skipped = false;
	if (pid > 0)
		keeper->words_child = (pid_t)pid;
}

/* --- is the database whole? --- */

static bool is_large(const struct keeper *keeper)
{
	struct stat st;

	return stat(keeper->store->db_path, &st) == 0 && st.st_size > CHECK_AT_ONCE;
}

static bool was_checked_today(struct keeper *keeper)
{
	struct db_stmt *stmt = db_query(keeper->store->db, "SELECT 1 FROM meta WHERE name = 'checked'"
							   " AND value BETWEEN unixepoch() - 86400 AND unixepoch()");
	bool was = db_step(stmt, NULL) == 1;

	db_reset(stmt);
	return was;
}

static void note_check(struct keeper *keeper)
{
	db_step(db_query(keeper->store->db, "INSERT INTO meta VALUES('checked', unixepoch())"
					    " ON CONFLICT(name) DO UPDATE SET value = excluded.value"),
		NULL);
}

static void say_damaged(struct keeper *keeper)
{
	say_error(keeper, _("The index was damaged; it is made again from the mail."));
	keeper->seen_count = 0;
	make_dirty(keeper, 0);
}

/* To read all of a large one takes seconds, which new mail need not wait for. */
static void check_when_quiet(struct keeper *keeper)
{
	int rc;

	if (now_ms() < keeper->check_due || keeper->dirty_count || keeper->words_child)
		return;
	keeper->check_due = NEVER;
	if (was_checked_today(keeper))
		return;
	rc = store_check(keeper->store, NULL);
	if (rc < 0) {
		keeper->check_due = now_ms() + CHECK_MS;
		return;
	}
	if (rc == 1)
		say_damaged(keeper);
	note_check(keeper);
}

static void finish_sync(struct keeper *keeper)
{
	struct notice done = {.kind = NOTICE_SYNC_DONE, .id = keeper->sync_id};
	const struct err *err = sync_error(keeper);

	if (!keeper->is_sync_asked ||
	    (keeper->dirty_count && (err->kind == ERR_NONE || now_ms() < keeper->sync_until)))
		return;
	keeper->is_sync_asked = false;
	if (err->kind != ERR_NONE)
		done.code = err->kind == ERR_TEMPORARY ? CODE_LATER : CODE_FAILED;
	snprintf(done.text, sizeof done.text, "%s", err->text);
	say(keeper, &done);
}

/* What came within a second of a look may hide behind an equal stamp: one more look, once. */
static bool has_fresh(struct keeper *keeper)
{
	struct db_stmt *stmt =
	    db_query(keeper->store->db, "SELECT 1 FROM folder WHERE is_fresh = 1 LIMIT 1");
	bool has = db_step(stmt, NULL) == 1;

	db_reset(stmt);
	return has;
}

/* The index was deleted, or made again by another program: everything is looked at anew. */
static void follow_index(struct keeper *keeper)
{
	if (store_follow(keeper->store, NULL) < 1)
		return;
	store_set_lock_ms(keeper->store, LOCK_WAIT_MS);
	keeper->seen_count = 0;
	keeper->must_carry = true;
	make_dirty(keeper, 0);
}

static void work(struct keeper *keeper)
{
	int64_t now = now_ms();

	follow_index(keeper);

	if (now >= keeper->settle) {
		keeper->settle = NEVER;
		if (has_fresh(keeper))
			make_dirty(keeper, 0);
	}
	if (now >= keeper->slow) {
		keeper->slow = now + (keeper->is_polling ? POLL_MS : SLOW_MS);
		keeper->must_carry = keeper->may_try_skipped = true;
		make_dirty(keeper, 0);
	}
	if (keeper->must_carry || now >= keeper->flags_due)
		carry_out(keeper);
	if (keeper->came_count)
		show_came(keeper);
	if (keeper->dirty_count && now_ms() >= keeper->due && !rests_in_flood(keeper)) {
		index_dirty(keeper);
		if (keeper->settle != NEVER && !has_fresh(keeper))
			keeper->settle = NEVER;
	}
	finish_sync(keeper);
	make_orders(keeper);
	fill_words(keeper);
	check_when_quiet(keeper);
}

static int next_wait(const struct keeper *keeper)
{
	int64_t next = keeper->slow, wait;

	if (keeper->dirty_count && keeper->due < next)
		next = keeper->due;
	if (keeper->settle < next)
		next = keeper->settle;
	if (keeper->may_lack_orders && !keeper->dirty_count && keeper->orders_due < next)
		next = keeper->orders_due;
	if (keeper->flags_due < next)
		next = keeper->flags_due;
	if (!keeper->words_child && !keeper->dirty_count && keeper->words_due < next)
		next = keeper->words_due;
	if (!keeper->words_child && !keeper->dirty_count && keeper->check_due < next)
		next = keeper->check_due;
	if (keeper->words_child && next > now_ms() + WORDS_NAP_MS)
		next = now_ms() + WORDS_NAP_MS;
	wait = next - now_ms();
	return wait < 0 ? 0 : wait > SLOW_MS ? SLOW_MS : (int)wait;
}

static void wait_for_something(struct keeper *keeper)
{
	struct pollfd fds[2] = {{notice_conn_fd(keeper->conn), POLLIN, 0},
				{keeper->is_flooded ? -1 : keeper->inotify, POLLIN, 0}};

	if (notice_wants_write(keeper->conn))
		fds[0].events |= POLLOUT;
	if (poll(fds, 2, next_wait(keeper)) < 0)
		return;
	if (fds[0].revents & POLLOUT && notice_flush(keeper->conn) < 0)
		keeper->is_ending = true;
	if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
		read_notices(keeper);
	if (fds[1].revents & POLLIN)
		read_events(keeper);
}

static int open_store(struct keeper *keeper, struct err *err)
{
	bool was_damaged = false;

	keeper->store = store_open(keeper->account, &was_damaged, err);
	if (!keeper->store)
		return -1;
	store_set_lock_ms(keeper->store, LOCK_WAIT_MS);
	if (was_damaged || (!is_large(keeper) && store_check(keeper->store, NULL) == 1))
		say_error(keeper, _("The index was damaged; it is made again from the mail."));
	return 0;
}

static void keep(struct keeper *keeper)
{
	keeper->due = keeper->settle = keeper->flags_due = keeper->words_due = NEVER;
	keeper->slow = now_ms() + SLOW_MS;
	keeper->check_due = is_large(keeper) ? now_ms() + CHECK_MS : NEVER;
	keeper->must_carry = keeper->may_try_skipped = true;
	make_dirty(keeper, 0);
	keeper->due = 0;
	watch_all(keeper); /* before the first look, so that nothing falls in between */
	if (keeper->is_polling)
		keeper->slow = now_ms() + POLL_MS;
	while (!keeper->is_ending) {
		work(keeper);
		if (!keeper->is_ending)
			wait_for_something(keeper);
	}
	end_words_child(keeper, true);
	store_set_lock_ms(keeper->store, LAST_WAIT_MS);
	store_carry_out(keeper->store, NULL);
}

int keeper_run(const struct account *account, struct notice_conn *conn, struct err *err)
{
	struct keeper keeper = {.account = account, .conn = conn, .names = arena_new()};
	int rc;

	keeper.inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	keeper.is_polling = keeper.inotify < 0;
	rc = open_store(&keeper, err);
	if (rc == 0)
		keep(&keeper);
	store_close(&keeper.store);
	if (keeper.inotify >= 0)
		close(keeper.inotify);
	free(keeper.watches);
	free(keeper.seen);
	free(keeper.dirty);
	free(keeper.came);
	arena_free(&keeper.names);
	return rc;
}
