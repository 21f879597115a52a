#include "config.h"

#include <string.h>
#include <time.h>

#include "net/transfer/attempt_inside.h"
#include "net/transfer/retry.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/mail/outbox.h"

#define STUCK_S		   3600

/* Who is worst speaks for all: later before failed (what was delivered stays), failed before sent.
 */
static bool is_worse(const struct attempt_verdict *a, const struct attempt_verdict *b)
{
	static const int rank[] = {
	    [OUTBOX_HELD] = 3, [OUTBOX_WAITING] = 2, [OUTBOX_FAILED] = 1, [OUTBOX_SENT] = 0};

	return rank[a->state] > rank[b->state];
}

static void worst_of(const struct attempt_target *targets, size_t count,
		     struct attempt_verdict *verdict)
{
	size_t i;

	*verdict = targets[0].verdict;
	for (i = 1; i < count; i++)
		if (is_worse(&targets[i].verdict, verdict))
			*verdict = targets[i].verdict;
}

static void give_up(struct attempt_verdict *verdict)
{
	char said[sizeof verdict->reply];

	memcpy(said, verdict->reply, sizeof said);
	attempt_set_verdict(verdict, OUTBOX_FAILED, "5.4.7", _("It was tried for five days."));
	strncat(verdict->reply, " ", sizeof verdict->reply - strlen(verdict->reply) - 1);
	strncat(verdict->reply, said, sizeof verdict->reply - strlen(verdict->reply) - 1);
}

/* Signing in that was refused is for a person to mend, however long that takes; a letter that may
 * have been sent twice already is not sent a third time unless somebody says so. */
static void set_due(const struct attempt *attempt, const struct outbox_recipient *recipient,
		    struct attempt_verdict *verdict, int64_t *due)
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

static int record(struct attempt *attempt, const struct attempt_target *targets, size_t count,
		  struct err *err)
{
	const struct outbox_recipient *recipient = &attempt->entry.recipients[targets->recipient];
	struct attempt_verdict verdict;
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
static size_t count_targets(const struct attempt_plan *plan, size_t at, bool *all)
{
	size_t i;

	*all = true;
	for (i = at; i < plan->count && plan->items[i].recipient == plan->items[at].recipient; i++)
		*all &= plan->items[i].is_judged;
	return i - at;
}

/* Now, not at the letter's end: who is killed meanwhile has not to begin anew. */
int attempt_record_judged(struct attempt *attempt, struct attempt_plan *plan, struct err *err)
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
