#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net/deliver/deliver.h"
#include "net/deliver/local.h"
#include "net/transfer/attempt_inside.h"
#include "net/transfer/bounce.h"
#include "net/transfer/returned.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/mail/outbox.h"
#include "store/notice/notice.h"

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

/* --- a report, or a draft --- */

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

static void tell_of_draft(struct attempt *attempt, const struct account *account,
			  const struct bounce *bounce)
{
	struct notice news = {.kind = NOTICE_ERROR}, ring = {.kind = NOTICE_RING, .code = RING_AT_ONCE};

	snprintf(ring.account, sizeof ring.account, "%s", account->name);
	snprintf(news.account, sizeof news.account, "%s", account->name);
	snprintf(news.text, sizeof news.text,
		 _("The letter \"%.100s\" to %.100s failed (%.500s); it lies in Drafts."),
		 attempt->entry.subject, bounce->failed[0]->addr, bounce->failed[0]->reply);
	notice_send(attempt->conn, &ring);
	notice_send(attempt->conn, &news);
}

static bool has_nobody_got_it(const struct outbox_entry *entry)
{
	for (size_t i = 0; i < entry->recipient_count; i++)
		if (entry->recipients[i].state != OUTBOX_FAILED && entry->recipients[i].state != OUTBOX_CANCELLED)
			return false;
	return true;
}

/* That it stands in Sent too is no reason to keep the draft back. */
static void forget_copy(const struct attempt *attempt, const struct account *account)
{
	struct err err = ERR_INIT;

	if (returned_forget(account, attempt->entry.message_id, &err) < 0)
		log_write(LOG_WARNING, "the copy in Sent stays: %s", err.text);
}

static int write_draft(struct attempt *attempt, const struct account *account,
		       const struct bounce *bounce, struct err *err)
{
	struct buf text = BUF_INIT;
	char unique[65];
	int rc;

	returned_write(bounce, bounce->failed_count == attempt->entry.recipient_count, &text);
	bounce_unique(bounce, unique);
	rc = returned_keep(account, &text, unique, err);
	if (rc == 0 && has_nobody_got_it(&attempt->entry))
		forget_copy(attempt, account);
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

	return account ? write_draft(attempt, account, &bounce, err)
		       : write_report(attempt, &bounce, err);
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

int attempt_tell_sender(struct attempt *attempt, struct err *err)
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
