#include "config.h"
#include "net/sync/keepers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "net/supervisor.h"
#include "net/sync/sync.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"

/* What an account's workers do: "watch" keeps files and database alike, "sync" both and the server. */
enum job { JOB_WATCH = 1, JOB_SYNC = 2, JOB_ALL = 3 };

static const struct {
	enum job job;
	const char *role;
} jobs[] = {{JOB_WATCH, "watch"}, {JOB_SYNC, "sync"}};

struct keeper {
	struct keepers *keepers;
	char *account;
	enum job job;
	const char *role;
	bool has_server; /* of a watch worker: its SYNC_DONE is followed by a round of the sync worker */
	bool is_asked;	 /* somebody waits for SYNC_DONE */
	bool is_closing; /* the worker was told to end: what is asked for waits for the next one */
	int64_t due;	 /* the next one begins with a round for this SYNC, 0 none */
	char settings[DIGEST_HEX_SIZE];
	struct worker *worker; /* NULL: not running */
	struct loop_timer *rest;
	int failures;
	bool is_wanted; /* still in the configuration */
};

struct keepers {
	struct loop *loop;
	struct supervisor *supervisor;
	struct keeper **items;
	size_t count, cap;
	void (*tell)(void *arg, const struct notice *news);
	void *arg;
	struct stat config; /* as it was when it was read */
};

static struct keeper *find(const struct keepers *keepers, const char *account, enum job job)
{
	size_t i;

	for (i = 0; i < keepers->count; i++)
		if (keepers->items[i]->job == job && strcmp(keepers->items[i]->account, account) == 0)
			return keepers->items[i];
	return NULL;
}

static bool is_running(const struct keeper *keeper)
{
	return keeper->worker && !keeper->is_closing;
}

/* Tells ACCOUNT's workers that have one of JOBS, or ("") those of all accounts. Number told. */
static int pass_on(struct keepers *keepers, const char *account, unsigned jobs_wanted,
		   struct notice *notice)
{
	size_t i;
	int count = 0;

	for (i = 0; i < keepers->count; i++) {
		struct keeper *keeper = keepers->items[i];

		if ((*account && strcmp(account, keeper->account) != 0) || !is_running(keeper) ||
		    !(keeper->job & jobs_wanted))
			continue;
		snprintf(notice->account, sizeof notice->account, "%s", keeper->account);
		count += worker_tell(keeper->worker, notice) == 0;
	}
	return count;
}

/* --- one worker ----------------------------------------------------------------------------- */

/* A round for the SYNC with ID, as soon as there is a worker for it. */
static bool ask_round(struct keeper *keeper, int64_t id)
{
	struct notice sync = {.kind = NOTICE_SYNC, .id = id};

	if (!keeper || !keeper->is_wanted)
		return false;
	keeper->is_asked = true;
	if (is_running(keeper))
		pass_on(keeper->keepers, keeper->account, keeper->job, &sync);
	else
		keeper->due = id > keeper->due ? id : keeper->due ? keeper->due : 1;
	return true;
}

/* Files first, then the server: true when the sync worker has it now. */
static bool goes_on(struct keeper *keeper, const struct notice *news)
{
	if (keeper->job != JOB_WATCH || !keeper->has_server || news->kind != NOTICE_SYNC_DONE ||
	    news->code != 0)
		return false;
	return ask_round(find(keeper->keepers, keeper->account, JOB_SYNC), news->id);
}

/* What one worker of an account wrote the other looks at. */
static void tell_partner(struct keeper *keeper, const struct notice *news)
{
	struct notice ring = {.kind = NOTICE_RING};

	if (news->kind == NOTICE_FOLDER_CHANGED && keeper->has_server)
		pass_on(keeper->keepers, keeper->account, JOB_ALL & ~(unsigned)keeper->job, &ring);
}

static void said(void *arg, struct worker *worker, const struct notice *notice)
{
	struct keeper *keeper = arg;
	struct notice news = *notice;

	(void)worker;
	if (!*news.account)
		snprintf(news.account, sizeof news.account, "%s", keeper->account);
	if (news.kind == NOTICE_SYNC_DONE)
		keeper->is_asked = false;
	tell_partner(keeper, &news);
	if (!goes_on(keeper, &news))
		keeper->keepers->tell(keeper->keepers->arg, &news);
}

static void start(struct keeper *keeper);

static void rested(void *arg)
{
	struct keeper *keeper = arg;

	keeper->rest = NULL;
	if (!keeper->worker && keeper->is_wanted)
		start(keeper);
}

static void rest(struct keeper *keeper, int64_t lived_ms)
{
	int64_t ms = supervisor_rest_ms(&keeper->failures, lived_ms);

	keeper->rest = loop_add_timer(keeper->keepers->loop, "keeper rests", ms, rested, keeper);
}

/* A sync that was asked for and died is answered all the same. */
static void ended(void *arg, struct worker *worker, bool has_crashed)
{
	struct keeper *keeper = arg;
	struct notice done = {.kind = NOTICE_SYNC_DONE, .code = 1, .id = INT64_MAX};
	bool is_replaced = keeper->is_closing && keeper->is_wanted;

	keeper->worker = NULL;
	keeper->is_closing = false;
	if (is_replaced)
		start(keeper);
	if (is_replaced || !has_crashed || !keeper->is_wanted)
		return;
	snprintf(done.account, sizeof done.account, "%s", keeper->account);
	snprintf(done.text, sizeof done.text, _("The worker for account \"%s\" ended unexpectedly."),
		 keeper->account);
	if (keeper->is_asked || keeper->job == JOB_WATCH)
		keeper->keepers->tell(keeper->keepers->arg, &done);
	keeper->is_asked = false;
	rest(keeper, loop_now_ms() - worker_started_ms(worker));
}

static void start(struct keeper *keeper)
{
	static const struct worker_events events = {said, ended};
	struct err err = ERR_INIT;

	keeper->worker = supervisor_start(keeper->keepers->supervisor, keeper->role, keeper->account,
					  &events, keeper, &err);
	if (keeper->worker && keeper->due)
		ask_round(keeper, keeper->due);
	keeper->due = keeper->worker ? 0 : keeper->due;
	if (keeper->worker)
		return;
	log_write(LOG_ERROR, "account %s: %s", keeper->account, err.text);
	rest(keeper, 0);
}

/* --- all of them ---------------------------------------------------------------------------- */

static struct keeper *add(struct keepers *keepers, const char *account, enum job job, const char *role)
{
	struct keeper *keeper = mem_alloc(sizeof *keeper);

	keeper->keepers = keepers;
	keeper->account = mem_strdup(account);
	keeper->job = job;
	keeper->role = role;
	ARRAY_ROOM(keepers->items, keepers->count, keepers->cap);
	keepers->items[keepers->count++] = keeper;
	return keeper;
}

static void settings_of(const struct account *account, char digest[DIGEST_HEX_SIZE])
{
	struct buf text = BUF_INIT;

	account_format(account, &text);
	digest_sha256_hex(buf_str(&text), text.len, digest);
	buf_free(&text);
}

static bool have_changed(const struct keeper *keeper, const struct account *account)
{
	char digest[DIGEST_HEX_SIZE];

	settings_of(account, digest);
	return strcmp(digest, keeper->settings) != 0;
}

static void close_worker(struct keeper *keeper)
{
	keeper->is_closing = true;
	worker_close(keeper->worker);
}

static void want_job(struct keepers *keepers, const struct account *account, enum job job, const char *role)
{
	struct keeper *keeper = find(keepers, account->name, job);

	if (!keeper)
		keeper = add(keepers, account->name, job, role);
	keeper->has_server = sync_has_kind(account->kind);
	keeper->is_wanted = true;
	if (is_running(keeper) && have_changed(keeper, account))
		close_worker(keeper); /* the next one reads the new ones */
	settings_of(account, keeper->settings);
	if (!keeper->worker && !keeper->rest)
		start(keeper);
}

static unsigned jobs_of(const struct account *account)
{
	return JOB_WATCH | (sync_has_kind(account->kind) ? JOB_SYNC : 0u);
}

static void want(struct keepers *keepers, const struct account *account)
{
	unsigned wanted = jobs_of(account);

	for (size_t i = 0; i < ARRAY_COUNT(jobs); i++)
		if (wanted & jobs[i].job)
			want_job(keepers, account, jobs[i].job, jobs[i].role);
}

static void let_go_of_others(struct keepers *keepers)
{
	size_t i;

	for (i = 0; i < keepers->count; i++)
		if (!keepers->items[i]->is_wanted && is_running(keepers->items[i]))
			close_worker(keepers->items[i]);
}

/* Mail of a server lies here in files too; what the server has is the sync worker's matter. */
static bool has_files(const struct account *account)
{
	return account->kind != ACCOUNT_JMAP;
}

void keepers_reload(struct keepers *keepers)
{
	struct account_list list;
	struct err err = ERR_INIT;
	size_t i;

	if (account_load(&list, &err) < 0) {
		log_write(LOG_ERROR, "%s", err.text);
		return;
	}
	for (i = 0; i < keepers->count; i++)
		keepers->items[i]->is_wanted = false;
	for (i = 0; i < list.count; i++)
		if (has_files(&list.items[i]))
			want(keepers, &list.items[i]);
	let_go_of_others(keepers);
	account_list_free(&list);
}

struct keepers *keepers_new(struct loop *loop, struct supervisor *supervisor,
			    void (*tell)(void *arg, const struct notice *news), void *arg)
{
	struct keepers *keepers = mem_alloc(sizeof *keepers);

	keepers->loop = loop;
	keepers->supervisor = supervisor;
	keepers->tell = tell;
	keepers->arg = arg;
	keepers_look(keepers);
	return keepers;
}

void keepers_free(struct keepers **keepers)
{
	size_t i;

	if (!*keepers)
		return;
	for (i = 0; i < (*keepers)->count; i++) {
		free((*keepers)->items[i]->account);
		free((*keepers)->items[i]);
	}
	free((*keepers)->items);
	free(*keepers);
	*keepers = NULL;
}

void keepers_look(struct keepers *keepers)
{
	char *path = path_in(PATH_CONFIG, "config");
	struct stat now = {.st_size = -1};

	if (stat(path, &now) < 0)
		now = (struct stat){.st_size = -1};
	free(path);
	if (now.st_ino != keepers->config.st_ino || now.st_size != keepers->config.st_size ||
	    now.st_mtim.tv_sec != keepers->config.st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != keepers->config.st_mtim.tv_nsec) {
		keepers->config = now;
		keepers_reload(keepers);
	}
}

void keepers_ring(struct keepers *keepers, const char *account, int64_t code)
{
	struct notice ring = {.kind = NOTICE_RING, .code = code};

	keepers_look(keepers);
	pass_on(keepers, account, JOB_ALL, &ring);
}

void keepers_watch(struct keepers *keepers, const char *account)
{
	struct notice watch = {.kind = NOTICE_WATCH};

	keepers_look(keepers);
	pass_on(keepers, account, JOB_ALL, &watch);
}

int keepers_sync(struct keepers *keepers, const char *account, int64_t id, struct err *err)
{
	keepers_look(keepers);
	if (!ask_round(find(keepers, account, JOB_WATCH), id))
		return err_set(err, _("Nobody keeps the account \"%s\" up to date."), account);
	return 0;
}

void keepers_cancel(struct keepers *keepers, const struct notice *cancel)
{
	struct notice copy = *cancel;

	if (*cancel->account)
		pass_on(keepers, cancel->account, JOB_SYNC, &copy);
}

void keepers_answer(struct keepers *keepers, const struct notice *answer)
{
	struct notice copy = *answer;

	pass_on(keepers, answer->account, JOB_SYNC, &copy);
}
