#include "config.h"
#include "net/transfer/attempt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net/deliver/deliver.h"
#include "net/deliver/local.h"
#include "net/protocol/smtp_client.h"
#include "net/transfer/bounce.h"
#include "net/transfer/retry.h"
#include "net/transfer/returned.h"
#include "net/transfer/route.h"
#include "net/transfer/submission.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/mail/offline.h"
#include "store/mail/outbox.h"
#include "store/notice/notice.h"

#define CODE_LATER	   75
#define RECIPIENTS_AT_ONCE 100
#define STUCK_S		   3600
#define PROGRESS_MS	   100
#define SLOW_S		   2 /* a server that is not there for so long is not tried for each letter */
#define SETTLE_MS	   20

/* An account whose server was tried in vain. */
struct down {
	char account[64];
	int64_t since; /* seconds since 1970; letters due then wait together */
	struct err why;
};

struct attempt {
	struct down down;
	struct notice_conn *conn;
	struct outbox *outbox;
	struct local *local;
	struct arena *arena;
	struct outbox_entry entry;
	struct span letter;
	struct submission *submission;
	const char *sending; /* the account whose server it is given to */
	const struct round *round; /* that is on its way */
	int64_t told_ms;     /* when it was told how far it is */
	bool is_cancelled;   /* the person left it in its midst */
	bool is_alone;	     /* the agent has gone */
	char told[1024]; /* why letters wait for a person; told once */
	bool must_end;	 /* our claims could not be given back: they are when we are no more */
};

struct verdict {
	enum outbox_state state;
	char status[16];
	char reply[1024];
	bool is_stuck;	/* until a person mends something */
	bool is_unsure; /* it may have been sent */
};

static void set_verdict(struct verdict *verdict, enum outbox_state state, const char *status,
			const char *reply)
{
	*verdict = (struct verdict){.state = state};
	snprintf(verdict->status, sizeof verdict->status, "%s", status);
	snprintf(verdict->reply, sizeof verdict->reply, "%s", reply);
}

/* --- one target ----------------------------------------------------------------------------- */

/* The same for the same letter and mailbox, however often it is tried and by however many names it
 * is meant; another for any other letter, even if the outbox begins to count anew. */
static void unique_of(const struct attempt *attempt, const struct account *account,
		      char unique[DIGEST_HEX_SIZE])
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "%lld %lld %s %s", (long long)attempt->entry.id,
		   (long long)attempt->entry.added, attempt->entry.message_id, account->name);
	digest_sha256_hex(text.data, text.len, unique);
	buf_free(&text);
}

static void deliver(struct attempt *attempt, const struct account *account, const char *target,
		    struct verdict *verdict)
{
	char unique[DIGEST_HEX_SIZE];
	struct delivery delivery = {.sender = attempt->entry.sender,
				    .recipient = target,
				    .letter = attempt->letter,
				    .accepted = attempt->entry.added,
				    .unique = unique};
	struct err err = ERR_INIT;
	struct notice news;

	unique_of(attempt, account, unique);
	if (deliver_local(account, &delivery, &news, &err) >= 0) {
		notice_send(attempt->conn, &news);
		set_verdict(verdict, OUTBOX_SENT, "2.0.0", _("Delivered into the mailbox."));
	} else if (err.kind == ERR_FAILED) {
		set_verdict(verdict, OUTBOX_FAILED, "5.4.6", err.text);
	} else {
		set_verdict(verdict, OUTBOX_WAITING, err.kind == ERR_TEMPORARY ? "4.3.1" : "4.2.0",
			    err.text);
	}
}

/* --- recipients, of which each may stand for several targets ---------------------------------------- */

struct target {
	const char *addr;
	size_t recipient; /* whose target it is */
	struct route route;
	struct verdict verdict;
	bool is_judged;
};

struct plan {
	struct target *items;
	size_t count, cap;
	const char ***lists; /* of addresses, to free() */
	size_t list_count, list_cap;
	bool *is_recorded; /* each recipient */
};

static void judge(struct target *target, enum outbox_state state, const char *status, const char *reply)
{
	set_verdict(&target->verdict, state, status, reply);
	target->is_judged = true;
}

static void free_plan(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->list_count; i++)
		free(plan->lists[i]);
	free(plan->lists);
	free(plan->is_recorded);
	free(plan->items);
}

static struct target *add_target(struct plan *plan, size_t recipient, const char *addr)
{
	struct target *target;

	ARRAY_ROOM(plan->items, plan->count, plan->cap);
	target = &plan->items[plan->count++];
	*target = (struct target){.addr = addr, .recipient = recipient};
	return target;
}

static void try_here(struct attempt *attempt, struct target *target)
{
	route_find(attempt->local, &attempt->entry, target->addr, &target->route);
	if (target->route.kind == ROUTE_LOCAL)
		deliver(attempt, target->route.account, target->addr, &target->verdict);
	else if (target->route.kind == ROUTE_NONE)
		set_verdict(&target->verdict, OUTBOX_FAILED, target->route.status, target->route.sentence);
	target->is_judged = target->route.kind != ROUTE_SUBMISSION;
}

/* What stays on this computer has its verdict at once. */
static void plan_recipient(struct attempt *attempt, struct plan *plan, size_t at)
{
	const char *addr = attempt->entry.recipients[at].addr, **targets;
	struct err err = ERR_INIT;
	int i, count = local_expand(attempt->local, addr, &targets, &err);

	if (count < 0) {
		judge(add_target(plan, at, addr), OUTBOX_FAILED, "5.4.6", err.text);
		return;
	}
	ARRAY_ROOM(plan->lists, plan->list_count, plan->list_cap);
	plan->lists[plan->list_count++] = targets;
	if (count == 0)
		judge(add_target(plan, at, addr), OUTBOX_SENT, "2.0.0", _("Its alias stands for nobody."));
	for (i = 0; i < count; i++)
		try_here(attempt, add_target(plan, at, targets[i]));
}

/* --- what a submission server says ------------------------------------------------------------------- */

static const struct account *submission_account(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++)
		if (plan->items[i].route.kind == ROUTE_SUBMISSION)
			return plan->items[i].route.account;
	return NULL;
}

static void open_verdict(const struct err *err, struct verdict *verdict)
{
	set_verdict(verdict, OUTBOX_WAITING, err->kind == ERR_DENIED ? "4.7.0" : "4.4.1", err->text);
	verdict->is_stuck = err->kind == ERR_DENIED || err->kind == ERR_CANCELLED;
}

static void take_verdict(const struct smtp_recipient *recipient, const struct err *err, struct verdict *verdict)
{
	static const enum outbox_state states[] = {[SMTP_SENT] = OUTBOX_SENT,
						   [SMTP_LATER] = OUTBOX_WAITING,
						   [SMTP_FAILED] = OUTBOX_FAILED,
						   [SMTP_UNSURE] = OUTBOX_WAITING};

	if (recipient->verdict == SMTP_OPEN) {
		open_verdict(err, verdict);
		return;
	}
	set_verdict(verdict, states[recipient->verdict], recipient->status, buf_str(&recipient->words));
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
	snprintf(news.text, sizeof news.text, _("Letters of account \"%s\" wait: %.800s"), account->name,
		 err->text);
	notice_send(attempt->conn, &news);
}

static struct target **submission_targets(const struct plan *plan, const struct account *account, size_t *count)
{
	struct target **targets = mem_calloc(plan->count + 1, sizeof *targets);
	size_t i;

	*count = 0;
	for (i = 0; i < plan->count; i++)
		if (plan->items[i].route.kind == ROUTE_SUBMISSION &&
		    plan->items[i].route.account == account)
			targets[(*count)++] = &plan->items[i];
	return targets;
}

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
	struct notice news = {
	    .kind = NOTICE_PROGRESS, .code = TRANSFER_SENDING, .id = attempt->entry.id, .done = 1, .total = 1};

	snprintf(news.account, sizeof news.account, "%s", attempt->sending);
	notice_send(attempt->conn, &news);
}

/* The person stopped it: that much is certain, or not. */
static void hold(struct verdict *verdict)
{
	bool is_unsure = verdict->is_unsure;

	set_verdict(verdict, OUTBOX_HELD, "",
		    is_unsure ? _("You stopped it when it was given over but not answered for: it may have been sent.")
			      : _("You stopped it; it was not sent."));
	verdict->is_unsure = is_unsure;
}

/* --- the verdict of a recipient ------------------------------------------------------------------- */

/* Who is worst speaks for all: later before failed (what was delivered stays), failed before sent.
 */
static bool is_worse(const struct verdict *a, const struct verdict *b)
{
	static const int rank[] = {[OUTBOX_HELD] = 3, [OUTBOX_WAITING] = 2, [OUTBOX_FAILED] = 1, [OUTBOX_SENT] = 0};

	return rank[a->state] > rank[b->state];
}

static void worst_of(const struct target *targets, size_t count, struct verdict *verdict)
{
	size_t i;

	*verdict = targets[0].verdict;
	for (i = 1; i < count; i++)
		if (is_worse(&targets[i].verdict, verdict))
			*verdict = targets[i].verdict;
}

static void give_up(struct verdict *verdict)
{
	char said[sizeof verdict->reply];

	memcpy(said, verdict->reply, sizeof said);
	set_verdict(verdict, OUTBOX_FAILED, "5.4.7", _("It was tried for five days."));
	strncat(verdict->reply, " ", sizeof verdict->reply - strlen(verdict->reply) - 1);
	strncat(verdict->reply, said, sizeof verdict->reply - strlen(verdict->reply) - 1);
}

/* Signing in that was refused is for a person to mend, however long that takes; a letter that may have been
 * sent twice already is not sent a third time unless somebody says so. */
static void set_due(const struct attempt *attempt, const struct outbox_recipient *recipient,
		    struct verdict *verdict, int64_t *due)
{
	time_t now = time(NULL);

	*due = 0;
	if (verdict->state != OUTBOX_WAITING)
		return;
	*due = retry_next(recipient->tries, attempt->entry.added, now);
	if (!*due && verdict->is_stuck)
		*due = now + STUCK_S;
	if (!*due)
		give_up(verdict);
	if (verdict->is_unsure && recipient->maybe_sent)
		verdict->state = OUTBOX_HELD;
}

static int record(struct attempt *attempt, const struct target *targets, size_t count, struct err *err)
{
	const struct outbox_recipient *recipient = &attempt->entry.recipients[targets->recipient];
	struct verdict verdict;
	int64_t due;

	worst_of(targets, count, &verdict);
	set_due(attempt, recipient, &verdict, &due);
	log_write(verdict.state == OUTBOX_SENT ? LOG_INFO : LOG_WARNING,
		  "letter %lld to %s: %s: %s", (long long)attempt->entry.id, recipient->addr,
		  outbox_state_word(verdict.state), verdict.reply);
	if (verdict.is_unsure && outbox_set_maybe_sent(attempt->outbox, recipient->id, err) < 0)
		return -1;
	return outbox_verdict(attempt->outbox, recipient->id, verdict.state, due, verdict.status,
			      verdict.reply, err);
}

/* How many of the targets from AT on are of one recipient; *ALL: each of them is judged. */
static size_t count_targets(const struct plan *plan, size_t at, bool *all)
{
	size_t i;

	*all = true;
	for (i = at; i < plan->count && plan->items[i].recipient == plan->items[at].recipient; i++)
		*all &= plan->items[i].is_judged;
	return i - at;
}

/* Now, not at the letter's end: who is killed meanwhile has not to begin anew. */
static int record_judged(struct attempt *attempt, struct plan *plan, struct err *err)
{
	size_t at, count;
	bool is_judged;

	for (at = 0; at < plan->count; at += count) {
		size_t recipient = plan->items[at].recipient;

		count = count_targets(plan, at, &is_judged);
		if (!is_judged || plan->is_recorded[recipient])
			continue;
		if (record(attempt, &plan->items[at], count, err) < 0)
			return -1;
		plan->is_recorded[recipient] = true;
	}
	return 0;
}

/* --- what goes to a submission server: one transaction for as many as a server takes ------------------------ */

/* One transaction after the other, until each of these has its verdict. */
struct round {
	struct attempt *attempt;
	const struct account *account;
	struct target **targets;
	struct smtp_letter letter; /* its recipients are the targets */
};

/* What must be on disk before the letter's end goes out: a kill after that leaves no other word of it. */
static int letter_ends(void *arg, struct err *err)
{
	struct attempt *attempt = arg;
	const struct round *round = attempt->round;
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

static void take_round(struct round *round, bool goes_on, const struct err *err)
{
	size_t i;

	for (i = 0; i < round->letter.count; i++) {
		struct target *target = round->targets[i];

		if (target->is_judged || (goes_on && round->letter.recipients[i].verdict == SMTP_OPEN))
			continue;
		take_verdict(&round->letter.recipients[i], err, &target->verdict);
		if (round->attempt->is_cancelled && target->verdict.state == OUTBOX_WAITING)
			hold(&target->verdict);
		target->is_judged = true;
	}
}

/* Was this letter due when its account's server was tried in vain? One that is due since then, or that a person wants
 * to go now, is tried. */
static bool is_down(const struct attempt *attempt, const struct account *account)
{
	size_t i;

	for (i = 0; i < attempt->entry.recipient_count; i++)
		if (attempt->entry.recipients[i].due > attempt->down.since)
			return false;
	return strcmp(attempt->down.account, account->name) == 0;
}

static void note_down(struct attempt *attempt, const struct account *account, int64_t since, const struct err *why)
{
	if (attempt->is_cancelled || !submission_is_down(attempt->submission) || time(NULL) - since < SLOW_S)
		return;
	attempt->down = (struct down){.since = since, .why = *why};
	snprintf(attempt->down.account, sizeof attempt->down.account, "%s", account->name);
}

static int give_to_server(struct round *round, struct err *err)
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
static int submit_once(struct round *round, struct err *err)
{
	struct attempt *attempt = round->attempt;
	int rc = -1;

	attempt->told_ms = 0;
	if (offline_is(round->account))
		err_set_kind(err, ERR_CANCELLED, _("You are offline; it goes when you are online again."));
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

static int submit_round(struct round *round, struct plan *plan, struct err *err)
{
	struct attempt *attempt = round->attempt;
	struct err why = ERR_INIT;
	int rc, more;

	for (;;) {
		more = submit_once(round, &why);
		take_round(round, more > 0, &why);
		rc = record_judged(attempt, plan, err);
		if (rc < 0 || more <= 0 || attempt->is_cancelled)
			return rc;
		if (keep_claim(attempt, err) < 0)
			return -1;
	}
}

static int submit_targets(struct attempt *attempt, const struct account *account, struct plan *plan,
			  struct target **targets, size_t count, struct err *err)
{
	struct round round = {.attempt = attempt,
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

static void hold_rest(struct target **targets, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!targets[i]->is_judged) {
			hold(&targets[i]->verdict);
			targets[i]->is_judged = true;
		}
}

/* A hundred at once: that many every server takes (RFC 5321 4.5.3.1.8). */
static int submit(struct attempt *attempt, struct plan *plan, struct err *err)
{
	const struct account *account = submission_account(plan);
	struct target **targets;
	size_t count, at;
	int rc = 0;

	if (!account)
		return 0;
	targets = submission_targets(plan, account, &count);
	for (at = 0; at < count && rc == 0 && !attempt->is_cancelled; at += RECIPIENTS_AT_ONCE) {
		if (at > 0)
			rc = keep_claim(attempt, err);
		if (rc == 0)
			rc = submit_targets(attempt, account, plan, targets + at,
					    count - at < RECIPIENTS_AT_ONCE ? count - at : RECIPIENTS_AT_ONCE, err);
	}
	if (rc == 0)
		hold_rest(targets, count);
	free(targets);
	return rc < 0 ? -1 : record_judged(attempt, plan, err);
}

/* --- telling the sender -------------------------------------------------------------------------
 */

/* Where the sender reads: the account that sent it, or that has the address, or the person's own.
 */
static const struct account *sender_account(const struct attempt *attempt)
{
	const struct account_list *list = local_accounts(attempt->local);
	const struct account *account = account_find(list, attempt->entry.account);

	if (!account)
		account = account_by_address(list, attempt->entry.sender);
	if (!account &&
	    local_find(attempt->local, attempt->entry.sender, &account) != LOCAL_ACCOUNT)
		account = account_default(list);
	return account && account->kind <= ACCOUNT_MAILDIR && !account->is_read_only ? account
										     : NULL;
}

static bool wants_no_bounce(const struct outbox_entry *entry)
{
	if (!*entry->sender || entry->is_bounce)
		return true;
	return entry->notify && strcasestr(entry->notify, "failure") == NULL;
}

/* The account on a server that sent it: a letter that failed comes back there as a draft. */
static const struct account *draft_account(const struct attempt *attempt)
{
	const struct account_list *list = local_accounts(attempt->local);
	const struct account *account = account_find(list, attempt->entry.account);

	if (!account)
		account = account_by_address(list, attempt->entry.sender);
	return account && account->kind > ACCOUNT_MAILDIR && account->kind != ACCOUNT_PATH &&
		       !account->is_read_only
		   ? account
		   : NULL;
}

static int write_report(struct attempt *attempt, const struct bounce *bounce, struct err *err)
{
	const struct account *account = sender_account(attempt);
	struct buf text = BUF_INIT;
	struct notice news;
	char unique[65];
	int rc;

	if (!account)
		return err_set(err, _("There is no mailbox here that %s could be told in."),
			       attempt->entry.sender);
	bounce_write(bounce, &text);
	bounce_unique(bounce, unique);
	rc = deliver_own(account, (struct span){text.data, text.len}, unique, &news, err);
	if (rc >= 0)
		notice_send(attempt->conn, &news);
	buf_free(&text);
	return rc;
}

static void tell_of_draft(struct attempt *attempt, const struct account *account, const struct bounce *bounce)
{
	struct notice news = {.kind = NOTICE_ERROR}, ring = {.kind = NOTICE_RING, .code = RING_AT_ONCE};

	snprintf(ring.account, sizeof ring.account, "%s", account->name);
	snprintf(news.account, sizeof news.account, "%s", account->name);
	snprintf(news.text, sizeof news.text,
		 _("The letter \"%.100s\" to %.100s failed (%.500s); it lies in Drafts."), attempt->entry.subject,
		 bounce->failed[0]->addr, bounce->failed[0]->reply);
	notice_send(attempt->conn, &ring);
	notice_send(attempt->conn, &news);
}

static int write_draft(struct attempt *attempt, const struct account *account, const struct bounce *bounce,
		       struct err *err)
{
	struct buf text = BUF_INIT;
	char unique[65];
	int rc;

	returned_write(bounce, bounce->failed_count == attempt->entry.recipient_count, &text);
	bounce_unique(bounce, unique);
	rc = returned_keep(account, &text, unique, err);
	if (rc == 0)
		tell_of_draft(attempt, account, bounce);
	buf_free(&text);
	return rc;
}

static int write_bounce(struct attempt *attempt, const struct outbox_recipient *const *failed,
			size_t count, struct err *err)
{
	const struct account *account = draft_account(attempt);
	struct bounce bounce = {.entry = &attempt->entry,
				.failed = failed,
				.failed_count = count,
				.letter = attempt->letter,
				.to = attempt->entry.sender,
				.host = local_host(attempt->local),
				.now = time(NULL)};

	return account ? write_draft(attempt, account, &bounce, err) : write_report(attempt, &bounce, err);
}

static int mark_bounced(struct attempt *attempt, const struct outbox_recipient *const *failed,
			size_t count, struct err *err)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (outbox_set_bounced(attempt->outbox, failed[i]->id, err) < 0)
			return -1;
	return 0;
}

static int tell_sender(struct attempt *attempt, struct err *err)
{
	const struct outbox_recipient **failed = ARENA_ARRAY(
	    attempt->arena, const struct outbox_recipient *, attempt->entry.recipient_count + 1);
	size_t i, count = 0;

	for (i = 0; i < attempt->entry.recipient_count; i++)
		if (attempt->entry.recipients[i].state == OUTBOX_FAILED &&
		    !attempt->entry.recipients[i].is_bounced)
			failed[count++] = &attempt->entry.recipients[i];
	if (count == 0)
		return 0;
	if (wants_no_bounce(&attempt->entry))
		log_write(LOG_WARNING, "letter %lld failed, and nobody is to be told",
			  (long long)attempt->entry.id);
	else if (write_bounce(attempt, failed, count, err) < 0)
		return err_add(err, _("telling %s that the letter failed"), attempt->entry.sender);
	return mark_bounced(attempt, failed, count, err);
}

/* --- one letter ----------------------------------------------------------------------------- */

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
	struct plan plan = {.is_recorded = mem_calloc(attempt->entry.recipient_count + 1, sizeof(bool))};
	size_t i;
	int rc;

	for (i = 0; i < attempt->entry.recipient_count; i++)
		plan_recipient(attempt, &plan, i);
	rc = record_judged(attempt, &plan, err);
	if (rc == 0)
		rc = submit(attempt, &plan, err);
	free_plan(&plan);
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
	rc = tell_sender(attempt, err);
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

/* --- jobs ----------------------------------------------------------------------------------- */

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

/* Where no letter follows the last at once, there is time for the disk. A connection waits a while for the next,
 * then it is closed. */
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
	submission_listen(attempt.submission, &(struct submission_ears){notice_conn_fd(conn), woken,
									heard_while_asking, &attempt});
	while (!attempt.must_end && next_job(&attempt, &job) > 0) {
		err_clear(&err);
		if (job.kind == NOTICE_JOB)
			answer(&attempt, &job, do_job(&attempt, &job, &err), &err);
	}
	submission_free(&attempt.submission);
	outbox_close(&attempt.outbox);
	return 0;
}
