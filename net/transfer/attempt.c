#include "config.h"
#include "net/transfer/attempt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net/deliver/deliver.h"
#include "net/deliver/local.h"
#include "net/transfer/bounce.h"
#include "net/transfer/retry.h"
#include "net/transfer/route.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/mail/outbox.h"
#include "store/notice/notice.h"

#define CODE_LATER 75

struct attempt {
	struct notice_conn *conn;
	struct outbox *outbox;
	struct local *local;
	struct arena *arena;
	struct outbox_entry entry;
	struct span letter;
	bool must_end; /* our claims could not be given back: they are when we are no more */
};

struct verdict {
	enum outbox_state state;
	const char *status;
	char reply[1024];
};

static void set_verdict(struct verdict *verdict, enum outbox_state state, const char *status,
			const char *reply)
{
	verdict->state = state;
	verdict->status = status;
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

static void try_target(struct attempt *attempt, const char *target, struct verdict *verdict)
{
	struct route route;

	route_find(attempt->local, target, &route);
	if (route.kind == ROUTE_LOCAL)
		deliver(attempt, route.account, target, verdict);
	else
		set_verdict(verdict, OUTBOX_FAILED, route.status, _(route.sentence));
}

/* --- one recipient, which may stand for several targets ----------------------------------------
 */

/* Who is worst speaks for all: later before failed (what was delivered stays), failed before sent.
 */
static bool is_worse(const struct verdict *a, const struct verdict *b)
{
	static const int rank[] = {[OUTBOX_WAITING] = 2, [OUTBOX_FAILED] = 1, [OUTBOX_SENT] = 0};

	return rank[a->state] > rank[b->state];
}

static void try_all(struct attempt *attempt, const char *addr, struct verdict *verdict)
{
	const char **targets;
	struct err err = ERR_INIT;
	int i, count = local_expand(attempt->local, addr, &targets, &err);

	set_verdict(verdict, OUTBOX_SENT, "2.0.0", _("Its alias stands for nobody."));
	if (count < 0) {
		set_verdict(verdict, OUTBOX_FAILED, "5.4.6", err.text);
		return;
	}
	for (i = 0; i < count; i++) {
		struct verdict one;

		try_target(attempt, targets[i], &one);
		if (i == 0 || is_worse(&one, verdict))
			*verdict = one;
	}
	free(targets);
}

static void give_up_if_late(const struct attempt *attempt, const struct outbox_recipient *recipient,
			    struct verdict *verdict, int64_t *due)
{
	char said[sizeof verdict->reply];

	*due = 0;
	if (verdict->state != OUTBOX_WAITING)
		return;
	*due = retry_next(recipient->tries, attempt->entry.added, time(NULL));
	if (*due)
		return;
	memcpy(said, verdict->reply, sizeof said);
	set_verdict(verdict, OUTBOX_FAILED, "5.4.7", _("It was tried for five days."));
	strncat(verdict->reply, " ", sizeof verdict->reply - strlen(verdict->reply) - 1);
	strncat(verdict->reply, said, sizeof verdict->reply - strlen(verdict->reply) - 1);
}

static int try_recipient(struct attempt *attempt, const struct outbox_recipient *recipient,
			 struct err *err)
{
	struct verdict verdict;
	int64_t due;

	try_all(attempt, recipient->addr, &verdict);
	give_up_if_late(attempt, recipient, &verdict, &due);
	log_write(verdict.state == OUTBOX_SENT ? LOG_INFO : LOG_WARNING,
		  "letter %lld to %s: %s: %s", (long long)attempt->entry.id, recipient->addr,
		  outbox_state_word(verdict.state), verdict.reply);
	return outbox_verdict(attempt->outbox, recipient->id, verdict.state, due, verdict.status,
			      verdict.reply, err);
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

static int write_bounce(struct attempt *attempt, const struct outbox_recipient *const *failed,
			size_t count, struct err *err)
{
	const struct account *account = sender_account(attempt);
	struct bounce bounce = {.entry = &attempt->entry,
				.failed = failed,
				.failed_count = count,
				.letter = attempt->letter,
				.to = attempt->entry.sender,
				.host = local_host(attempt->local),
				.now = time(NULL)};
	struct buf text = BUF_INIT;
	struct notice news;
	char unique[65];
	int rc;

	if (!account)
		return err_set(err, _("There is no mailbox here that %s could be told in."),
			       attempt->entry.sender);
	bounce_write(&bounce, &text);
	bounce_unique(&bounce, unique);
	rc = deliver_own(account, (struct span){text.data, text.len}, unique, &news, err);
	if (rc >= 0)
		notice_send(attempt->conn, &news);
	buf_free(&text);
	return rc;
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
	size_t i;
	int rc = 0;

	for (i = 0; i < attempt->entry.recipient_count && rc == 0; i++)
		rc = try_recipient(attempt, &attempt->entry.recipients[i], err);
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
	if (!attempt->outbox)
		attempt->outbox = outbox_open(err);
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
	while (!attempt.must_end && notice_wait(conn, -1, &job) > 0) {
		err_clear(&err);
		if (job.kind == NOTICE_JOB)
			answer(&attempt, &job, do_job(&attempt, &job, &err), &err);
	}
	outbox_close(&attempt.outbox);
	return 0;
}
