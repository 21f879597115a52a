#include "config.h"
#include "net/sync/sync.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "net/io/ask.h"
#include "net/io/secret.h"
#include "net/io/tls.h"
#include "net/sync/backend.h"
#include "net/sync/imap.h"
#include "net/sync/pop3.h"
#include "net/sync/reconcile.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/mail/offline.h"
#include "store/mail/remote.h"
#include "store/mail/store.h"
#include "store/notice/notice.h"

#define POLL_MS	    300000 /* between two looks where the server does not call */
#define REST_MS	    5000   /* after the first failure; then twice as long each time */
#define REST_MAX_MS 600000
#define CHANGED_MS  200
#define PROGRESS_MS 100
#define LAST_COMMAND_MS 1500
#define SHORT_WAIT_MS	60000
#define CODE_FAILED 1
#define CODE_LATER  75

struct sync {
	struct notice_conn *conn;
	const struct account *account;
	const struct sync_kind *kind;
	struct store *store;
	struct tls_trust *trust;
	struct ask ask;
	struct buf password;
	struct backend *backend; /* a connection that stands, or NULL */
	struct reconcile *reconcile;
	bool must_look; /* the server told of something in INBOX */
	bool has_looked_early; /* and did so when it was opened, the last time */
	int64_t said_changed;
	enum notice_state state;
	char why[sizeof((struct notice *)0)->text], refusal[sizeof((struct notice *)0)->text];
	int64_t asked; /* the SYNC that nobody has answered yet: its id, 0 none */
	bool is_unanswered; /* for so long that it was said */
	bool must_tell, is_ending; /* something was written here; QUIT */
	bool is_quiet, is_cancelled; /* offline by wish; what goes on was cancelled */
	int64_t quota_used, quota_limit; /* kilobytes, 0 when nothing is limited or told */
	int64_t wished;		     /* the message that is fetched for somebody, 0 none */
	int failures, cut_waits;
	int64_t due, said_progress;
};

/* --- news --- */

static void say(struct sync *sync, struct notice *notice)
{
	snprintf(notice->account, sizeof notice->account, "%s", sync->account->name);
	if (notice_send(sync->conn, notice) < 0)
		sync->is_ending = true;
}

static void say_state(struct sync *sync)
{
	struct notice notice = {
	    .kind = NOTICE_STATE, .code = sync->state, .done = sync->quota_used, .total = sync->quota_limit};

	snprintf(notice.text, sizeof notice.text, "%s", sync->why);
	say(sync, &notice);
}

static void set_state(struct sync *sync, enum notice_state state, const char *why)
{
	if (sync->state == state && strcmp(sync->why, why) == 0)
		return;
	sync->state = state;
	snprintf(sync->why, sizeof sync->why, "%s", why);
	say_state(sync);
}

static int64_t count_waiting(struct sync *sync)
{
	int64_t count = store_owed_count(sync->store, NULL);

	return count > 0 ? count : 0;
}

/* The connection may be alive still, and is kept; but who looks should know why nothing goes on. */
static void say_quiet(void *arg, bool is_quiet)
{
	struct sync *sync = arg;
	char words[sizeof sync->why];
	int64_t waiting = count_waiting(sync);

	sync->is_unanswered = is_quiet;
	if (!is_quiet) {
		set_state(sync, STATE_WORKING, "");
		return;
	}
	snprintf(words, sizeof words,
		 ngettext("The server does not answer; %lld change waits.",
			  "The server does not answer; %lld changes wait.", (unsigned long)waiting),
		 (long long)waiting);
	log_write(LOG_INFO, "account %s: %s", sync->account->name, words);
	set_state(sync, STATE_OFFLINE, words);
}

/* What goes on is left as soon as it can be. */
static bool must_leave(const struct sync *sync)
{
	return sync->is_ending || sync->is_cancelled || sync->is_quiet;
}

static int say_progress(void *arg, int64_t done, int64_t total)
{
	struct sync *sync = arg;
	struct notice notice = {
	    .kind = NOTICE_PROGRESS, .code = TRANSFER_ROUND, .done = done, .total = total};
	int64_t now = loop_now_ms();

	if (done == total || now - sync->said_progress >= PROGRESS_MS) {
		sync->said_progress = now;
		say(sync, &notice);
	}
	return must_leave(sync) ? -1 : 0;
}

static void take_ring(struct sync *sync, int64_t code)
{
	if (code == RING_TRY_AGAIN)
		sync->due = sync->failures = 0;
	sync->must_tell = true;
	sync->is_quiet = offline_is(sync->account);
	log_set_debug(account_logs_protocol(sync->account));
}

/* A round is cancelled whatever it does just now; a letter only while it is the one that comes. */
static void take_cancel(struct sync *sync, const struct notice *notice)
{
	if (notice->code == TRANSFER_LETTER ? sync->wished == notice->id
						: sync->state == STATE_WORKING || sync->is_unanswered)
		sync->is_cancelled = true;
}

static void take_notice(struct sync *sync, const struct notice *notice)
{
	struct notice pong = {.kind = NOTICE_PONG, .id = notice->id};

	switch (notice->kind) {
	case NOTICE_RING:
		take_ring(sync, notice->code);
		break;
	case NOTICE_CANCEL:
		take_cancel(sync, notice);
		break;
	case NOTICE_SYNC:
		sync->asked = notice->id > sync->asked ? notice->id : sync->asked ? sync->asked : 1;
		break;
	case NOTICE_WATCH:
		say_state(sync);
		break;
	case NOTICE_PING:
		say(sync, &pong);
		break;
	case NOTICE_QUIT:
		sync->is_ending = true;
		break;
	default:
		break;
	}
}

/* What came while a server was waited for; -1: leave it. */
static int read_notices(void *arg)
{
	struct sync *sync = arg;
	struct notice notice;
	int rc;

	while ((rc = notice_read(sync->conn, &notice)) > 0)
		take_notice(sync, &notice);
	sync->is_ending |= rc < 0;
	return must_leave(sync) ? -1 : 0;
}

static int while_asking(void *arg, const struct notice *notice)
{
	struct sync *sync = arg;

	take_notice(sync, notice);
	return must_leave(sync) ? -1 : 0;
}

/* --- kinds --- */

static int round_of_pop3(struct sync *sync, struct err *err)
{
	struct pop3_round round = {.store = sync->store,
				   .ask = &sync->ask,
				   .trust = sync->trust,
				   .password = &sync->password,
				   .wake_fd = notice_conn_fd(sync->conn),
				   .woken = read_notices,
				   .quiet = say_quiet,
				   .progress = say_progress,
				   .arg = sync};

	if (pop3_round(&round, err) < 0)
		return -1;
	if (round.fetched || round.removed)
		log_write(LOG_INFO, "account %s: %zu fetched, %zu removed from the server",
			  sync->account->name, round.fetched, round.removed);
	if (round.refused)
		return err_set(err,
			       ngettext("The server refused to give out %zu letter; it stays there.",
					"The server refused to give out %zu letters; they stay there.",
					round.refused),
			       round.refused);
	return 0;
}

/* The watch worker, which is told by the agent, says which folders. */
static void say_changed(void *arg)
{
	struct sync *sync = arg;
	struct notice notice = {.kind = NOTICE_FOLDER_CHANGED};
	int64_t now = loop_now_ms();

	if (now - sync->said_changed < CHANGED_MS)
		return;
	sync->said_changed = now;
	say(sync, &notice);
}

static void say_folder_progress(void *arg, const char *folder, int64_t done, int64_t total)
{
	(void)folder;
	say_progress(arg, done, total);
}

static bool say_wish(void *arg, int64_t message, const char *part, int64_t done, int64_t total)
{
	struct sync *sync = arg;
	struct notice notice = {
	    .kind = NOTICE_PROGRESS, .code = TRANSFER_LETTER, .id = message, .done = done, .total = total};
	int64_t now = loop_now_ms();

	sync->wished = done < total ? message : 0;
	if (done && done < total && now - sync->said_progress < PROGRESS_MS)
		return false;
	sync->said_progress = now;
	snprintf(notice.text, sizeof notice.text, "%s", part);
	say(sync, &notice);
	return read_notices(sync) < 0 || store_wants(sync->store, message, part, NULL) == 0;
}

static bool must_stop(void *arg)
{
	return read_notices(arg) < 0;
}

static void say_alert(void *arg, const char *words)
{
	struct notice notice = {.kind = NOTICE_ERROR};

	snprintf(notice.text, sizeof notice.text, "%s", words);
	say(arg, &notice);
}

static void close_imap(struct sync *sync)
{
	if (sync->reconcile)
		reconcile_connect(sync->reconcile, NULL);
	if (sync->backend)
		sync->backend->ops->close(sync->backend);
	sync->backend = NULL;
}

static bool has_work(void *arg)
{
	const struct sync *sync = arg;

	return sync->must_tell || sync->asked || must_leave(sync);
}

/* The last connection broke with a command on its way: the server may be at it still, and whoever looked for its
 * outcome too early would say it twice. */
static void let_last_command_end(struct sync *sync)
{
	int64_t until = loop_now_ms() + LAST_COMMAND_MS, now;
	struct notice notice;

	while (!sync->is_ending && (now = loop_now_ms()) < until) {
		int rc = notice_wait(sync->conn, (int)(until - now), &notice);

		if (rc > 0)
			take_notice(sync, &notice);
		sync->is_ending |= rc < 0;
	}
}

static int open_imap(struct sync *sync, struct err *err)
{
	const struct imap_options options = {.account = sync->account,
					     .ask = &sync->ask,
					     .trust = sync->trust,
					     .wake_fd = notice_conn_fd(sync->conn),
					     .woken = read_notices,
					     .quiet = say_quiet,
					     .has_work = has_work,
					     .alert = say_alert,
					     .arg = sync};
	const struct reconcile_events events = {
	    .progress = say_folder_progress, .wish = say_wish, .changed = say_changed, .must_stop = must_stop,
	    .arg = sync};

	if (!sync->reconcile)
		sync->reconcile = reconcile_new(sync->store, &events);
	sync->backend = imap_open(&options, err);
	if (!sync->backend)
		return -1;
	if (remote_is_in_doubt(sync->store, NULL) == 1)
		let_last_command_end(sync);
	reconcile_connect(sync->reconcile, sync->backend);
	return 0;
}

/* As little as what is known to have changed asks for. */
static int round_on(struct sync *sync, struct err *err)
{
	if (sync->asked && remote_forgive(sync->store, err) < 0)
		return -1;
	if (sync->asked || loop_now_ms() >= sync->due)
		return reconcile_round(sync->reconcile, NULL, err);
	if (sync->must_look && reconcile_round(sync->reconcile, "INBOX", err) < 0)
		return -1;
	return reconcile_push(sync->reconcile, err) < 0 ? -1 : 0;
}

static bool is_connection_over(const struct err *err)
{
	return err->kind == ERR_TEMPORARY || err->kind == ERR_CORRUPT || err->kind == ERR_CANCELLED ||
	       err->kind == ERR_DENIED;
}

/* With each whole round; what a server does not tell is nobody's concern. */
static void ask_quota(struct sync *sync)
{
	struct err err = ERR_INIT;

	if (imap_quota(sync->backend, &sync->quota_used, &sync->quota_limit, &err) != 1)
		sync->quota_used = sync->quota_limit = 0;
}

/* A connection that stood since the last round may have gone meanwhile without a word: then once more,
 * anew. */
static int round_of_imap(struct sync *sync, struct err *err)
{
	bool is_old = sync->backend != NULL;
	int rc = is_old || open_imap(sync, err) == 0 ? round_on(sync, err) : -1;

	if (rc < 0 && is_connection_over(err))
		close_imap(sync);
	if (rc < 0 && is_old && !sync->backend && err->kind == ERR_TEMPORARY && !sync->is_ending) {
		err_clear(err);
		return round_of_imap(sync, err);
	}
	if (rc == 0 && (sync->asked || loop_now_ms() >= sync->due))
		ask_quota(sync);
	sync->must_look = false;
	say_changed(sync);
	return rc;
}

static int64_t rest_ms(int failures)
{
	int64_t ms = REST_MS;

	while (--failures > 0 && ms < REST_MAX_MS)
		ms *= 2;
	return ms < REST_MAX_MS ? ms : REST_MAX_MS;
}

/* Once it is looked at anew at once; a server that cuts every wait short is let rest. */
static void take_cut_wait(struct sync *sync, int64_t began)
{
	int64_t now = loop_now_ms();

	close_imap(sync);
	sync->cut_waits = now - began < SHORT_WAIT_MS ? sync->cut_waits + 1 : 0;
	sync->due = sync->cut_waits < 2 ? 0 : now + rest_ms(sync->cut_waits - 1);
}

/* 1: it changed before it was opened. With a server that always says so the wait comes all the same. */
static int open_to_wait(struct sync *sync, struct err *err)
{
	int rc = reconcile_select(sync->reconcile, NULL, err);

	if (rc > 0 && sync->has_looked_early)
		rc = 0;
	sync->has_looked_early = rc > 0;
	return rc;
}

/* The server calls us (IDLE), or our own socket does. */
static void wait_for_imap(struct sync *sync, int ms)
{
	struct err err = ERR_INIT;
	const char *other = NULL;
	int64_t began = loop_now_ms();
	int rc = open_to_wait(sync, &err);

	if (rc == 0)
		rc = sync->backend->ops->wait(sync->backend, ms, &other, &err);
	if (rc > 0 && other)
		sync->due = 0; /* another mailbox: the list says which */
	sync->must_look |= rc > 0;
	if (rc < 0) {
		log_write(LOG_INFO, "account %s: %s", sync->account->name, err.text);
		take_cut_wait(sync, began);
	}
}

static const struct sync_kind {
	enum account_kind kind;
	int (*round)(struct sync *sync, struct err *err);
	/* Where a connection stands between rounds; may end early. */
	void (*wait)(struct sync *sync, int ms);
	void (*close)(struct sync *sync);
	bool must_tell; /* what is done here is told there */
} kinds[] = {
    {ACCOUNT_IMAP, round_of_imap, wait_for_imap, close_imap, true},
    {ACCOUNT_POP3, round_of_pop3, NULL, NULL, false},
};

static const struct sync_kind *kind_of(enum account_kind kind)
{
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (kinds[i].kind == kind)
			return &kinds[i];
	return NULL;
}

bool sync_has_kind(enum account_kind kind)
{
	return kind_of(kind) != NULL;
}

/* --- rounds --- */

/* What only a person can mend is not tried again until somebody asks. */
static void take_failure(struct sync *sync, const struct err *err)
{
	bool is_stuck = err->kind == ERR_DENIED || err->kind == ERR_USAGE;

	log_write(LOG_WARNING, "account %s: %s", sync->account->name, err->text);
	set_state(sync, is_stuck ? STATE_STUCK : STATE_OFFLINE, err->text);
	sync->due = loop_now_ms() + (is_stuck ? REST_MAX_MS : rest_ms(++sync->failures));
}

/* The connection stands, but something was refused (a letter that is too large, a full mailbox): told once. */
static bool is_refusal(const struct sync *sync, const struct err *err)
{
	return sync->backend && (err->kind == ERR_FAILED || err->kind == ERR_NOT_FOUND || err->kind == ERR_EXISTS);
}

static void take_refusal(struct sync *sync, const struct err *err)
{
	log_write(LOG_WARNING, "account %s: %s", sync->account->name, err->text);
	if (strcmp(sync->refusal, err->text) != 0)
		say_alert(sync, err->text);
	snprintf(sync->refusal, sizeof sync->refusal, "%s", err->text);
	sync->failures = 0;
	sync->due = loop_now_ms() + POLL_MS;
	set_state(sync, STATE_WAITING, "");
}

/* Who asked while the round went on gets one of its own. */
static void answer(struct sync *sync, int64_t asked, const struct err *err)
{
	struct notice done = {.kind = NOTICE_SYNC_DONE, .id = asked};

	if (sync->asked == asked)
		sync->asked = 0;
	if (err->kind != ERR_NONE) {
		done.code = err->kind == ERR_TEMPORARY ? CODE_LATER : CODE_FAILED;
		snprintf(done.text, sizeof done.text, "%s", err->text);
	}
	say(sync, &done);
}

/* The person left it: the next look comes in its time, and what people wait for before. */
static void leave_round(struct sync *sync)
{
	if (sync->kind->close)
		sync->kind->close(sync);
	say_progress(sync, 1, 1);
	sync->is_cancelled = sync->must_look = false;
	sync->wished = 0;
	sync->due = loop_now_ms() + POLL_MS;
	if (!sync->is_quiet)
		set_state(sync, STATE_WAITING, "");
}

/* The rows are there and shown; who sorts them by something else waits less then. */
static void order_rows(struct sync *sync)
{
	struct err err = ERR_INIT;
	int rc = 1;

	while (rc > 0 && read_notices(sync) >= 0 && !sync->asked && !sync->must_tell)
		rc = remote_order(sync->store, &err);
	if (rc < 0)
		log_write(LOG_WARNING, "account %s: %s", sync->account->name, err.text);
}

static void look(struct sync *sync)
{
	struct err err = ERR_INIT;
	int64_t asked = sync->asked;
	bool is_whole = asked || loop_now_ms() >= sync->due;
	int rc;

	sync->must_tell = false;
	sync->is_unanswered = false;
	set_state(sync, STATE_WORKING, "");
	rc = sync->kind->round(sync, &err);
	if (rc < 0 && must_leave(sync)) {
		leave_round(sync);
	} else if (rc < 0 && is_refusal(sync, &err)) {
		take_refusal(sync, &err);
	} else if (rc < 0) {
		take_failure(sync, &err);
	} else {
		sync->is_cancelled = false;
		sync->failures = 0;
		if (is_whole)
			sync->due = loop_now_ms() + POLL_MS;
		set_state(sync, STATE_WAITING, "");
	}
	if (asked)
		answer(sync, asked, &err);
	order_rows(sync);
}

/* After a failure nothing is told before its time. */
static bool owes(const struct sync *sync)
{
	return sync->kind->must_tell && sync->failures == 0 && sync->reconcile &&
	       reconcile_owes(sync->reconcile);
}

static bool is_due(const struct sync *sync)
{
	if (sync->is_quiet)
		return false;
	return sync->asked || sync->must_look || (sync->must_tell && owes(sync)) ||
	       loop_now_ms() >= sync->due;
}

static void wait_for_news(struct sync *sync)
{
	int64_t left = sync->due - loop_now_ms();
	struct notice notice;
	int rc;

	sync->must_tell = false; /* what it was about is told, or waits for the next round */
	if (sync->backend) {
		sync->kind->wait(sync, left > 0 ? (int)left : 0);
		return;
	}
	rc = notice_wait(sync->conn, left > 0 ? (int)left : 0, &notice);
	if (rc > 0)
		take_notice(sync, &notice);
	sync->is_ending |= rc < 0;
}

/* Whoever asks for a round is told why there is none. */
static void refuse(struct sync *sync)
{
	struct err err = ERR_INIT;

	err_set_kind(&err, ERR_TEMPORARY, _("The account \"%s\" is offline; the command online connects it again."),
		     sync->account->name);
	answer(sync, sync->asked, &err);
}

/* Nothing is said and nothing heard until the person wants it again; then all at once. */
static void be_quiet(struct sync *sync)
{
	struct notice notice;

	if (sync->kind->close)
		sync->kind->close(sync);
	set_state(sync, STATE_QUIET, "");
	while (sync->is_quiet && !sync->is_ending) {
		int rc = notice_wait(sync->conn, -1, &notice);

		if (rc > 0)
			take_notice(sync, &notice);
		sync->is_ending |= rc < 0;
		if (sync->asked)
			refuse(sync);
	}
	sync->due = sync->failures = 0;
	sync->is_cancelled = false;
}

static void run(struct sync *sync)
{
	while (!sync->is_ending) {
		if (sync->is_quiet)
			be_quiet(sync);
		else if (is_due(sync))
			look(sync);
		else
			wait_for_news(sync);
	}
}

static int open_all(struct sync *sync, struct err *err)
{
	const char *certificate = account_setting(sync->account, "certificate");

	sync->trust = tls_trust_new(account_setting(sync->account, "ca"), certificate,
				    account_setting(sync->account, "certificate-key"), err);
	sync->store = sync->trust ? store_open(sync->account, NULL, err) : NULL;
	/* A letter whose file is here but not yet in the index would look like one that the server has to be given. */
	return sync->store && store_index(sync->store, 0, NULL, NULL, err) == 0 ? 0 : -1;
}

static int run_account(struct notice_conn *conn, const struct account *account)
{
	struct sync sync = {.conn = conn, .account = account, .kind = kind_of(account->kind)};
	struct err err = ERR_INIT;
	int rc = 0;

	sync.ask =
	    (struct ask){.conn = conn, .account = account->name, .other = while_asking, .arg = &sync};
	log_set_debug(account_logs_protocol(account));
	sync.is_quiet = offline_is(account);
	if (!sync.kind || open_all(&sync, &err) < 0) {
		log_write(LOG_ERROR, "account %s: %s", account->name, err.text);
		set_state(&sync, STATE_STUCK, err.text);
		rc = 1;
	} else {
		run(&sync);
	}
	if (sync.kind && sync.kind->close)
		sync.kind->close(&sync);
	reconcile_free(&sync.reconcile);
	secret_wipe(&sync.password);
	store_close(&sync.store);
	tls_trust_free(&sync.trust);
	return rc;
}

int sync_run(struct notice_conn *conn, const char *argument)
{
	struct account_list list;
	const struct account *account;
	struct err err = ERR_INIT;
	int rc = 1;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* it holds passwords */
	if (account_load(&list, &err) < 0) {
		log_write(LOG_ERROR, "%s", err.text);
		return 1;
	}
	account = account_find(&list, argument);
	if (account)
		rc = run_account(conn, account);
	account_list_free(&list);
	return rc;
}
