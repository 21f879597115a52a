#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net/protocol/smtp_client.h"
#include "net/transfer/attempt.h"
#include "net/transfer/attempt_inside.h"
#include "net/transfer/route.h"
#include "net/transfer/submission.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/mail/account.h"
#include "store/mail/offline.h"
#include "store/mail/outbox.h"
#include "store/notice/notice.h"

#define RECIPIENTS_AT_ONCE 100
#define PROGRESS_MS	   100
#define SLOW_S		   2 /* a server that is not there for so long is not tried for each letter */

/* Transactions with one server, until each of these has its verdict. */
struct attempt_round {
	struct attempt *attempt;
	const struct account *account;
	struct attempt_target **targets;
	struct smtp_letter letter; /* its recipients are the targets */
};

/* --- what a submission server says --- */

static void open_verdict(const struct err *err, struct attempt_verdict *verdict)
{
	attempt_set_verdict(verdict, OUTBOX_WAITING, err->kind == ERR_DENIED ? "4.7.0" : "4.4.1",
			    err->text);
	verdict->is_stuck = err->kind == ERR_DENIED || err->kind == ERR_CANCELLED;
}

static void take_verdict(const struct smtp_recipient *recipient, const struct err *err,
			 struct attempt_verdict *verdict)
{
	static const enum outbox_state states[] = {[SMTP_SENT] = OUTBOX_SENT,
						   [SMTP_LATER] = OUTBOX_WAITING,
						   [SMTP_FAILED] = OUTBOX_FAILED,
						   [SMTP_UNSURE] = OUTBOX_WAITING};

	if (recipient->verdict == SMTP_OPEN) {
		open_verdict(err, verdict);
		return;
	}
	attempt_set_verdict(verdict, states[recipient->verdict], recipient->status,
			    buf_str(&recipient->words));
	verdict->is_unsure = recipient->verdict == SMTP_UNSURE;
}

/* Once, not for each letter that waits for the same reason. */
static void tell_stuck(struct attempt *attempt, const struct account *account, const struct err *err)
{
	struct notice news = {.kind = NOTICE_ERROR};

	if (err->kind != ERR_DENIED || strcmp(attempt->told, err->text) == 0)
		return;
	snprintf(attempt->told, sizeof attempt->told, "%s", err->text);
	snprintf(news.account, sizeof news.account, "%s", account->name);
	snprintf(news.text, sizeof news.text, _("Letters of account \"%s\" wait: %.800s"),
		 account->name, err->text);
	notice_send(attempt->conn, &news);
}

/* --- while it is given over --- */

static void take_notice(struct attempt *attempt, const struct notice *notice)
{
	attempt->is_cancelled |= notice->kind == NOTICE_CANCEL && notice->id == attempt->entry.id;
	attempt->must_end |= notice->kind == NOTICE_QUIT;
}

/* Nobody else speaks to us while a letter goes but who wants it to stop. */
static bool hears_cancel(struct attempt *attempt)
{
	struct notice notice;
	int rc;

	while ((rc = notice_read(attempt->conn, &notice)) > 0)
		take_notice(attempt, &notice);
	attempt->is_alone |= rc < 0;
	return attempt->is_cancelled;
}

/* An agent that is gone says nothing more: the letter goes on. */
static int woken(void *arg)
{
	struct attempt *attempt = arg;

	if (hears_cancel(attempt))
		return -1;
	return attempt->is_alone;
}

static int heard_while_asking(void *arg, const struct notice *notice)
{
	struct attempt *attempt = arg;

	take_notice(attempt, notice);
	return attempt->is_cancelled ? -1 : 0;
}

void attempt_listen(struct attempt *attempt)
{
	submission_listen(attempt->submission,
			  &(struct submission_ears){notice_conn_fd(attempt->conn), woken,
						    heard_while_asking, attempt});
}

/* How far it is, for who looks on; now and then. */
static int letter_written(void *arg, size_t at)
{
	struct attempt *attempt = arg;
	struct notice news = {.kind = NOTICE_PROGRESS,
			      .code = TRANSFER_SENDING,
			      .id = attempt->entry.id,
			      .done = (int64_t)at,
			      .total = (int64_t)attempt->letter.len + 1};
	int64_t now = loop_now_ms();

	if (now - attempt->told_ms < PROGRESS_MS)
		return 0;
	attempt->told_ms = now;
	snprintf(news.account, sizeof news.account, "%s", attempt->sending);
	notice_send(attempt->conn, &news);
	return hears_cancel(attempt) ? -1 : 0;
}

/* What the letter before left to do. */
static void letter_waits(void *arg)
{
	struct attempt *attempt = arg;
	struct err err = ERR_INIT;

	if (outbox_sync_verdicts(attempt->outbox, &err) < 0)
		log_write(LOG_ERROR, "%s", err.text);
}

static void letter_is_over(struct attempt *attempt)
{
	struct notice news = {.kind = NOTICE_PROGRESS,
			      .code = TRANSFER_SENDING,
			      .id = attempt->entry.id,
			      .done = 1,
			      .total = 1};

	snprintf(news.account, sizeof news.account, "%s", attempt->sending);
	notice_send(attempt->conn, &news);
}

/* What must be on disk before the letter's end goes out: a kill after that leaves no other word of
 * it. */
static int letter_ends(void *arg, struct err *err)
{
	struct attempt *attempt = arg;
	const struct attempt_round *round = attempt->round;
	int64_t *ids = mem_calloc(round->letter.count, sizeof *ids);
	size_t i, count = 0;
	int rc;

	for (i = 0; i < round->letter.count; i++)
		if (!round->targets[i]->is_judged)
			ids[count++] = attempt->entry.recipients[round->targets[i]->recipient].id;
	rc = outbox_give(attempt->outbox, ids, count, err);
	free(ids);
	return rc;
}

/* --- one transaction after the other --- */

static void take_round(struct attempt_round *round, bool goes_on, const struct err *err)
{
	size_t i;

	for (i = 0; i < round->letter.count; i++) {
		struct attempt_target *target = round->targets[i];

		if (target->is_judged || (goes_on && round->letter.recipients[i].verdict == SMTP_OPEN))
			continue;
		take_verdict(&round->letter.recipients[i], err, &target->verdict);
		if (round->attempt->is_cancelled && target->verdict.state == OUTBOX_WAITING)
			attempt_hold(&target->verdict);
		target->is_judged = true;
	}
}

/* Was this letter due when its account's server was tried in vain? One that is due since then, or
 * that a person wants to go now, is tried. */
static bool is_down(const struct attempt *attempt, const struct account *account)
{
	size_t i;

	for (i = 0; i < attempt->entry.recipient_count; i++)
		if (attempt->entry.recipients[i].due > attempt->down.since)
			return false;
	return strcmp(attempt->down.account, account->name) == 0;
}

static void note_down(struct attempt *attempt, const struct account *account, int64_t since,
		      const struct err *why)
{
	if (attempt->is_cancelled || !submission_is_down(attempt->submission) ||
	    time(NULL) - since < SLOW_S)
		return;
	attempt->down = (struct attempt_down){.since = since, .why = *why};
	snprintf(attempt->down.account, sizeof attempt->down.account, "%s", account->name);
}

static int give_to_server(struct attempt_round *round, struct err *err)
{
	struct attempt *attempt = round->attempt;
	int64_t since = time(NULL);
	int rc;

	if (is_down(attempt, round->account))
		return err_set_kind(err, attempt->down.why.kind, "%s", attempt->down.why.text);
	rc = submission_send(attempt->submission, round->account, &round->letter, err);
	if (rc < 0)
		note_down(attempt, round->account, since, err);
	else if (strcmp(attempt->down.account, round->account->name) == 0)
		attempt->down.account[0] = '\0';
	return rc;
}

/* 1: not all could go at once. */
static int submit_once(struct attempt_round *round, struct err *err)
{
	struct attempt *attempt = round->attempt;
	int rc = -1;

	attempt->told_ms = 0;
	if (offline_is(round->account))
		err_set_kind(err, ERR_CANCELLED,
			     _("You are offline; it goes when you are online again."));
	else
		rc = give_to_server(round, err);
	if (rc >= 0)
		attempt->told[0] = '\0';
	else if (err->kind != ERR_CANCELLED)
		tell_stuck(attempt, round->account, err);
	letter_is_over(attempt);
	return rc;
}

static int keep_claim(struct attempt *attempt, struct err *err)
{
	return outbox_keep(attempt->outbox, getpid(), time(NULL) + ATTEMPT_LEASE_S, err);
}

static int submit_round(struct attempt_round *round, struct attempt_plan *plan, struct err *err)
{
	struct attempt *attempt = round->attempt;
	struct err why = ERR_INIT;
	int rc, more;

	for (;;) {
		more = submit_once(round, &why);
		take_round(round, more > 0, &why);
		rc = attempt_record_judged(attempt, plan, err);
		if (rc < 0 || more <= 0 || attempt->is_cancelled)
			return rc;
		if (keep_claim(attempt, err) < 0)
			return -1;
	}
}

static int submit_targets(struct attempt *attempt, const struct account *account,
			  struct attempt_plan *plan, struct attempt_target **targets, size_t count,
			  struct err *err)
{
	struct attempt_round round = {
	    .attempt = attempt,
	    .account = account,
	    .targets = targets,
	    .letter = {.sender = attempt->entry.sender,
		       .recipients = mem_calloc(count, sizeof *round.letter.recipients),
		       .count = count,
		       .data = attempt->letter,
		       .dsn_ret = attempt->entry.dsn_ret,
		       .dsn_envid = attempt->entry.dsn_envid,
		       .notify = attempt->entry.notify,
		       .written = letter_written,
		       .ending = letter_ends,
		       .waiting = letter_waits,
		       .arg = attempt}};
	size_t i;
	int rc;

	attempt->sending = account->name;
	attempt->round = &round;
	for (i = 0; i < count; i++)
		round.letter.recipients[i].addr = targets[i]->addr;
	rc = submit_round(&round, plan, err);
	attempt->round = NULL;
	for (i = 0; i < count; i++)
		smtp_recipient_free(&round.letter.recipients[i]);
	free(round.letter.recipients);
	return rc;
}

/* --- all of an account --- */

static const struct account *submission_account(const struct attempt_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++)
		if (plan->items[i].route.kind == ROUTE_SUBMISSION)
			return plan->items[i].route.account;
	return NULL;
}

static struct attempt_target **submission_targets(const struct attempt_plan *plan,
						  const struct account *account, size_t *count)
{
	struct attempt_target **targets = mem_calloc(plan->count + 1, sizeof *targets);
	size_t i;

	*count = 0;
	for (i = 0; i < plan->count; i++)
		if (plan->items[i].route.kind == ROUTE_SUBMISSION &&
		    plan->items[i].route.account == account)
			targets[(*count)++] = &plan->items[i];
	return targets;
}

static void hold_rest(struct attempt_target **targets, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!targets[i]->is_judged) {
			attempt_hold(&targets[i]->verdict);
			targets[i]->is_judged = true;
		}
}

/* A hundred at once: that many every server takes (RFC 5321 4.5.3.1.8). */
int attempt_submit(struct attempt *attempt, struct attempt_plan *plan, struct err *err)
{
	const struct account *account = submission_account(plan);
	struct attempt_target **targets;
	size_t count, at;
	int rc = 0;

	if (!account)
		return 0;
	targets = submission_targets(plan, account, &count);
	for (at = 0; at < count && rc == 0 && !attempt->is_cancelled; at += RECIPIENTS_AT_ONCE) {
		if (at > 0)
			rc = keep_claim(attempt, err);
		if (rc == 0)
			rc = submit_targets(
			    attempt, account, plan, targets + at,
			    count - at < RECIPIENTS_AT_ONCE ? count - at : RECIPIENTS_AT_ONCE, err);
	}
	if (rc == 0)
		hold_rest(targets, count);
	free(targets);
	return rc < 0 ? -1 : attempt_record_judged(attempt, plan, err);
}
