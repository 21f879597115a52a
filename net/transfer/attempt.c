#include "config.h"
#include "net/transfer/attempt.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net/deliver/local.h"
#include "net/transfer/attempt_inside.h"
#include "net/transfer/route.h"
#include "net/transfer/submission.h"
#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/mail/outbox.h"
#include "store/notice/notice.h"

#define CODE_LATER	   75
#define SETTLE_MS	   20

/* --- one letter --- */

/* The letter's file is gone or is not ours: no recipient will ever get it. */
static int fail_all(struct attempt *attempt, const char *why, struct err *err)
{
	size_t i;

	log_write(LOG_ERROR, "letter %lld: %s", (long long)attempt->entry.id, why);
	for (i = 0; i < attempt->entry.recipient_count; i++)
		if (outbox_verdict(attempt->outbox, attempt->entry.recipients[i].id, OUTBOX_FAILED,
				   0, "5.3.0", why, err) < 0)
			return -1;
	return 0;
}

static int try_recipients(struct attempt *attempt, struct err *err)
{
	struct attempt_plan plan = {
	    .is_recorded = mem_calloc(attempt->entry.recipient_count + 1, sizeof(bool))};
	size_t i;
	int rc;

	for (i = 0; i < attempt->entry.recipient_count; i++)
		attempt_plan_recipient(attempt, &plan, i);
	rc = attempt_record_judged(attempt, &plan, err);
	if (rc == 0)
		rc = attempt_submit(attempt, &plan, err);
	attempt_free_plan(&plan);
	return rc;
}

static int open_letter(struct attempt *attempt, struct file_view *view, struct err *err)
{
	int rc, fd = file_open_spool(attempt->entry.path, err);

	memset(view, 0, sizeof *view);
	if (fd < 0)
		return -1;
	rc = file_view_open_fd(view, fd, err);
	close(fd);
	attempt->letter = (struct span){view->data, view->len};
	return rc;
}

/* Claims, tries, and puts the new state of all recipients into attempt->entry. */
static int claim_and_try(struct attempt *attempt, int64_t id, struct err *err)
{
	struct file_view view;
	struct err why = ERR_INIT;
	int rc = outbox_claim(attempt->outbox, id, time(NULL), getpid(), ATTEMPT_LEASE_S,
			      attempt->arena, &attempt->entry, err);

	if (rc <= 0)
		return rc;
	if (open_letter(attempt, &view, &why) < 0)
		return why.kind == ERR_NOT_FOUND || why.kind == ERR_DENIED
			   ? fail_all(attempt, why.text, err)
			   : err_set_kind(err, why.kind, "%s", why.text);
	rc = try_recipients(attempt, err);
	file_view_close(&view);
	return rc;
}

static int settle(struct attempt *attempt, int64_t id, struct err *err)
{
	struct file_view view;
	int rc = outbox_get(attempt->outbox, id, attempt->arena, &attempt->entry, err);

	if (rc == 0)
		return err_set_kind(err, ERR_NOT_FOUND, _("This letter is not in the outbox."));
	if (rc < 0 || attempt->entry.finished)
		return rc < 0 ? -1 : 0;
	if (open_letter(attempt, &view, NULL) < 0)
		attempt->letter = SPAN_NONE;
	rc = attempt_tell_sender(attempt, err);
	file_view_close(&view);
	return rc < 0 ? -1 : outbox_finish(attempt->outbox, id, err);
}

static int do_letter(struct attempt *attempt, int64_t id, struct err *err)
{
	int rc;

	attempt->is_cancelled = false;
	attempt->arena = arena_new();
	attempt->local = local_open(err);
	rc = attempt->local ? claim_and_try(attempt, id, err) : -1;
	if (rc < 0) /* what has no verdict is due again */
		attempt->must_end = outbox_release(attempt->outbox, getpid(), false, NULL) < 0;
	else
		rc = settle(attempt, id, err);
	local_close(&attempt->local);
	arena_free(&attempt->arena);
	return rc;
}

/* --- jobs --- */

/* Its database may have been deleted, or set aside and made again, since the last job. */
static int open_outbox(struct attempt *attempt, struct err *err)
{
	if (attempt->outbox && outbox_is_gone(attempt->outbox))
		outbox_close(&attempt->outbox);
	if (attempt->outbox)
		return 0;
	attempt->outbox = outbox_open(err);
	if (attempt->outbox && outbox_be_late(attempt->outbox, err) < 0)
		outbox_close(&attempt->outbox);
	return attempt->outbox ? 0 : -1;
}

static int do_job(struct attempt *attempt, const struct notice *job, struct err *err)
{
	if (open_outbox(attempt, err) < 0)
		return -1;
	if (outbox_release_dead(attempt->outbox, err) < 0)
		return -1;
	if (strcmp(job->text, "flush") == 0)
		return outbox_retry(attempt->outbox, 0, err);
	return job->id ? do_letter(attempt, job->id, err) : 0;
}

static void answer(struct attempt *attempt, const struct notice *job, int rc, const struct err *err)
{
	struct notice done = {
	    .kind = NOTICE_JOB_DONE, .id = job->id, .code = rc < 0 ? CODE_LATER : 0};
	struct notice changed = {.kind = NOTICE_OUTBOX_CHANGED, .id = job->id};

	if (rc < 0) {
		log_write(LOG_ERROR, "letter %lld: %s", (long long)job->id, err->text);
		snprintf(done.text, sizeof done.text, "%s", err->text);
	}
	notice_send(attempt->conn, &changed);
	notice_send(attempt->conn, &done);
}

static void sweep(struct attempt *attempt)
{
	struct err err = ERR_INIT;
	int count = outbox_sweep(attempt->outbox, &err);

	if (count > 0)
		log_write(LOG_INFO, "outbox: %d files without a use were removed", count);
	if (count < 0)
		log_write(LOG_WARNING, "%s", err.text);
}

static void settle_outbox(struct attempt *attempt)
{
	struct err err = ERR_INIT;

	if (attempt->outbox && outbox_settle(attempt->outbox, &err) < 0)
		log_write(LOG_ERROR, "%s", err.text);
}

/* Where no letter follows the last at once, there is time for the disk. A connection waits a while
 * for the next, then it is closed. */
static int next_job(struct attempt *attempt, struct notice *job)
{
	int rc = notice_wait(attempt->conn, SETTLE_MS, job);

	if (rc != 0)
		return rc;
	settle_outbox(attempt);
	if (submission_is_connected(attempt->submission)) {
		rc = notice_wait(attempt->conn, SUBMISSION_IDLE_MS, job);
		if (rc != 0)
			return rc;
		submission_rest(attempt->submission);
	}
	return notice_wait(attempt->conn, -1, job);
}

int attempt_run(struct notice_conn *conn, const char *argument)
{
	struct attempt attempt = {.conn = conn};
	struct err err = ERR_INIT;
	struct notice job;

	(void)argument;
	if (open_outbox(&attempt, &err) < 0) {
		log_write(LOG_ERROR, "%s", err.text);
		return 1;
	}
	sweep(&attempt);
	attempt.submission = submission_new(conn);
	attempt_listen(&attempt);
	while (!attempt.must_end && next_job(&attempt, &job) > 0) {
		err_clear(&err);
		if (job.kind == NOTICE_JOB)
			answer(&attempt, &job, do_job(&attempt, &job, &err), &err);
	}
	submission_free(&attempt.submission);
	outbox_close(&attempt.outbox);
	return 0;
}

/* An account whose server was tried in vain. */
