#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "net/deliver/deliver.h"
#include "net/deliver/local.h"
#include "net/transfer/attempt_inside.h"
#include "net/transfer/route.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/mail/outbox.h"
#include "store/notice/notice.h"

void attempt_set_verdict(struct attempt_verdict *verdict, enum outbox_state state, const char *status,
			const char *reply)
{
	*verdict = (struct attempt_verdict){.state = state};
	snprintf(verdict->status, sizeof verdict->status, "%s", status);
	snprintf(verdict->reply, sizeof verdict->reply, "%s", reply);
}

void attempt_judge(struct attempt_target *target, enum outbox_state state, const char *status,
		   const char *reply)
{
	attempt_set_verdict(&target->verdict, state, status, reply);
	target->is_judged = true;
}

void attempt_hold(struct attempt_verdict *verdict)
{
	bool is_unsure = verdict->is_unsure;

	attempt_set_verdict(verdict, OUTBOX_HELD, "",
			    is_unsure ? _("You stopped it when it was given over but not answered "
					  "for: it may have been sent.")
				      : _("You stopped it; it was not sent."));
	verdict->is_unsure = is_unsure;
}

/* --- a mailbox of this computer --- */

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
		    struct attempt_verdict *verdict)
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
		attempt_set_verdict(verdict, OUTBOX_SENT, "2.0.0", _("Delivered into the mailbox."));
	} else if (err.kind == ERR_FAILED) {
		attempt_set_verdict(verdict, OUTBOX_FAILED, "5.4.6", err.text);
	} else {
		attempt_set_verdict(verdict, OUTBOX_WAITING,
				    err.kind == ERR_TEMPORARY ? "4.3.1" : "4.2.0", err.text);
	}
}

/* --- recipients, of which each may stand for several targets --- */

void attempt_free_plan(struct attempt_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->list_count; i++)
		free(plan->lists[i]);
	free(plan->lists);
	free(plan->is_recorded);
	free(plan->items);
}

static struct attempt_target *add_target(struct attempt_plan *plan, size_t recipient, const char *addr)
{
	struct attempt_target *target;

	ARRAY_ROOM(plan->items, plan->count, plan->cap);
	target = &plan->items[plan->count++];
	*target = (struct attempt_target){.addr = addr, .recipient = recipient};
	return target;
}

static void try_here(struct attempt *attempt, struct attempt_target *target)
{
	route_find(attempt->local, &attempt->entry, target->addr, &target->route);
	if (target->route.kind == ROUTE_LOCAL)
		deliver(attempt, target->route.account, target->addr, &target->verdict);
	else if (target->route.kind == ROUTE_NONE)
		attempt_set_verdict(&target->verdict, OUTBOX_FAILED, target->route.status,
				    target->route.sentence);
	target->is_judged = target->route.kind != ROUTE_SUBMISSION;
}

void attempt_plan_recipient(struct attempt *attempt, struct attempt_plan *plan, size_t at)
{
	const char *addr = attempt->entry.recipients[at].addr, **targets;
	struct err err = ERR_INIT;
	int i, count = local_expand(attempt->local, addr, &targets, &err);

	if (count < 0) {
		attempt_judge(add_target(plan, at, addr), OUTBOX_FAILED, "5.4.6", err.text);
		return;
	}
	ARRAY_ROOM(plan->lists, plan->list_count, plan->list_cap);
	plan->lists[plan->list_count++] = targets;
	if (count == 0)
		attempt_judge(add_target(plan, at, addr), OUTBOX_SENT, "2.0.0",
			      _("Its alias stands for nobody."));
	for (i = 0; i < count; i++)
		try_here(attempt, add_target(plan, at, targets[i]));
}
