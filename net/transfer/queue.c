#include "config.h"
#include "net/transfer/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/supervisor.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/mail/outbox.h"
#include "store/notice/notice.h"

#define BATCH		64    /* letters looked at in one turn */
#define LOOK_AGAIN_S	60    /* also when nobody rings */
#define WORKERS		3     /* at once; local delivery waits for the disk only */
#define FAR_MAX		2     /* of them with letters that go over the net: one is always left for those of here */
#define IDLE_WORKER_MS	10000 /* all but the first are kept so long for the next letter */
#define MORE_WORKERS_MS 1000  /* a letter that waits so long for a worker gets one more */

struct slot {
	struct queue *queue;
	struct worker *worker; /* NULL: none yet */
	int64_t id;	       /* the letter it has, 0 none */
	struct outbox_due_letter letter; /* the same */
	int64_t asked;	       /* the id of its last question, 0 none */
	bool is_on_errand;     /* a job that is about no letter */
};

/* A letter at which a worker failed or died: left alone for a while. */
struct rest {
	int64_t id, until_ms;
	int failures;
};

struct queue {
	struct loop *loop;
	struct supervisor *supervisor;
	struct outbox *outbox;
	struct loop_timer *timer, *idle;
	struct slot slots[WORKERS];
	struct rest *rests;
	size_t rest_count, rest_cap;
	bool wants_flush, wants_release; /* errands for the next free worker */
	bool may_start_more, has_more;	 /* letters wait for a free worker */
	int failures;			 /* of starting workers */
	int64_t rest_until_ms;
	void (*tell)(void *arg, const struct notice *news);
	void *arg;
};

static void look(struct queue *queue);
static void timer_fired(void *arg);

/* --- letters that rest
 * ---------------------------------------------------------------------------- */

static struct rest *find_rest(struct queue *queue, int64_t id)
{
	size_t i;

	for (i = 0; i < queue->rest_count; i++)
		if (queue->rests[i].id == id)
			return &queue->rests[i];
	return NULL;
}

static void let_rest(struct queue *queue, int64_t id)
{
	struct rest *rest = find_rest(queue, id);

	if (!rest) {
		ARRAY_ROOM(queue->rests, queue->rest_count, queue->rest_cap);
		rest = &queue->rests[queue->rest_count++];
		*rest = (struct rest){.id = id};
	}
	rest->until_ms = loop_now_ms() + supervisor_rest_ms(&rest->failures, 0);
}

static void end_rest(struct queue *queue, int64_t id)
{
	struct rest *rest = find_rest(queue, id);

	if (rest)
		*rest = queue->rests[--queue->rest_count];
}

static bool is_resting(struct queue *queue, int64_t id)
{
	const struct rest *rest = find_rest(queue, id);

	return rest && rest->until_ms > loop_now_ms();
}

/* --- workers -------------------------------------------------------------------------------- */

static bool is_busy(const struct slot *slot)
{
	return slot->id != 0 || slot->is_on_errand;
}

static void done(struct slot *slot, bool is_later)
{
	struct queue *queue = slot->queue;

	if (slot->id && is_later)
		let_rest(queue, slot->id);
	else if (slot->id)
		end_rest(queue, slot->id);
	slot->id = 0;
	slot->is_on_errand = false;
}

static bool is_transaction_over(const struct notice *notice)
{
	return notice->kind == NOTICE_PROGRESS && notice->code == TRANSFER_SENDING && notice->done >= notice->total;
}

static void said(void *arg, struct worker *worker, const struct notice *notice)
{
	struct slot *slot = arg;

	if (notice->kind == NOTICE_ASK)
		slot->asked = notice->id;
	if (is_transaction_over(notice) && is_busy(slot))
		worker_set_busy(worker, true); /* each has all the time of a job */
	if (notice->kind != NOTICE_JOB_DONE) {
		slot->queue->tell(slot->queue->arg, notice);
		return;
	}
	worker_set_busy(worker, false);
	slot->queue->failures = 0;
	done(slot, notice->code != 0);
	look(slot->queue);
}

static void ended(void *arg, struct worker *worker, bool has_crashed)
{
	struct slot *slot = arg;
	struct queue *queue = slot->queue;

	(void)worker;
	slot->worker = NULL;
	queue->wants_release |= has_crashed;
	if (has_crashed && !is_busy(slot))
		queue->rest_until_ms = loop_now_ms() + supervisor_rest_ms(&queue->failures, 0);
	done(slot, has_crashed);
	look(queue);
}

static int start(struct queue *queue, struct slot *slot)
{
	static const struct worker_events events = {said, ended};
	struct err err = ERR_INIT;

	slot->worker = supervisor_start(queue->supervisor, "attempt", NULL, &events, slot, &err);
	if (slot->worker)
		return 0;
	log_write(LOG_ERROR, "%s", err.text);
	queue->rest_until_ms = loop_now_ms() + supervisor_rest_ms(&queue->failures, 0);
	return -1;
}

/* One that runs already. Else the first, which is kept from then on; more only for letters that
 * have waited a while (MAY_START_MORE): starting one takes its time. */
static struct slot *free_slot(struct queue *queue)
{
	struct slot *slot = NULL;
	size_t i;

	for (i = WORKERS; i-- > 0;)
		if (!is_busy(&queue->slots[i]) &&
		    (queue->slots[i].worker || i == 0 || queue->may_start_more))
			slot = slot && slot->worker && !queue->slots[i].worker ? slot
									       : &queue->slots[i];
	return slot;
}

static struct slot *give_job(struct queue *queue, const struct notice *job)
{
	struct slot *slot = free_slot(queue);

	if (!slot || (!slot->worker && start(queue, slot) < 0))
		return NULL;
	if (worker_tell(slot->worker, job) < 0)
		return NULL; /* it is just ending: its end makes us look again */
	worker_set_busy(slot->worker, true);
	slot->id = job->id;
	slot->is_on_errand = job->id == 0;
	return slot;
}

static bool give_letter(struct queue *queue, const struct outbox_due_letter *letter)
{
	const struct notice job = {.kind = NOTICE_JOB, .id = letter->id};
	struct slot *slot = give_job(queue, &job);

	if (slot)
		slot->letter = *letter;
	return slot != NULL;
}

/* --- looking -------------------------------------------------------------------------------- */

static bool is_in_hand(const struct queue *queue, int64_t id)
{
	size_t i;

	for (i = 0; i < WORKERS; i++)
		if (queue->slots[i].id == id)
			return true;
	return false;
}

/* An account whose server stands still, or whose password nobody types, has one worker and no more. */
static bool must_wait(const struct queue *queue, const struct outbox_due_letter *letter)
{
	size_t i, far = 0;

	if (letter->is_near)
		return false;
	for (i = 0; i < WORKERS; i++) {
		const struct slot *slot = &queue->slots[i];

		if (!slot->id || slot->letter.is_near)
			continue;
		far++;
		if (strcmp(slot->letter.way, letter->way) == 0)
			return true;
	}
	return far >= FAR_MAX;
}

static void give_out(struct queue *queue, const struct outbox_due_letter *letters, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (is_in_hand(queue, letters[i].id) || is_resting(queue, letters[i].id) ||
		    must_wait(queue, &letters[i]))
			continue;
		queue->has_more = !give_letter(queue, &letters[i]);
		if (queue->has_more)
			return;
	}
}

/* Every job begins with the release of what dead workers had. */
static void give_errands(struct queue *queue)
{
	struct notice flush = {.kind = NOTICE_JOB, .text = "flush"};
	struct notice release = {.kind = NOTICE_JOB, .text = "release"};

	if (queue->wants_flush && give_job(queue, &flush))
		queue->wants_flush = queue->wants_release = false;
	if (queue->wants_release && give_job(queue, &release))
		queue->wants_release = false;
}

static int open_again(struct queue *queue, struct err *err)
{
	struct notice news = {.kind = NOTICE_ERROR};

	if (queue->outbox && outbox_is_gone(queue->outbox))
		outbox_close(&queue->outbox);
	if (queue->outbox)
		return 0;
	queue->outbox = outbox_open(err);
	if (!queue->outbox)
		return -1;
	if (outbox_was_rebuilt(queue->outbox)) {
		snprintf(
		    news.text, sizeof news.text, "%s",
		    _("The outbox's database was lost and has been made again from its letters."));
		queue->tell(queue->arg, &news);
	}
	return 0;
}

/* When to look again: the next letter that is due, the end of a rest, and once a minute. */
static void sleep_until(struct queue *queue, int64_t next_due)
{
	int64_t ms = LOOK_AGAIN_S * 1000, now_ms = loop_now_ms(), now = time(NULL);
	size_t i;

	if (next_due && (next_due - now) * 1000 < ms)
		ms = (next_due - now) * 1000;
	for (i = 0; i < queue->rest_count; i++)
		if (queue->rests[i].until_ms > now_ms && queue->rests[i].until_ms - now_ms < ms)
			ms = queue->rests[i].until_ms - now_ms;
	if (queue->has_more && ms > MORE_WORKERS_MS)
		ms = MORE_WORKERS_MS;
	if (queue->rest_until_ms > now_ms)
		ms = queue->rest_until_ms - now_ms;
	if (queue->timer)
		loop_remove_timer(queue->loop, &queue->timer);
	queue->timer = loop_add_timer(queue->loop, "queue", ms > 0 ? ms : 1, timer_fired, queue);
}

static void close_idle(void *arg)
{
	struct queue *queue = arg;
	size_t i;

	queue->idle = NULL;
	for (i = 1; i < WORKERS; i++)
		if (queue->slots[i].worker && !is_busy(&queue->slots[i]))
			worker_close(queue->slots[i].worker);
}

static void count_down_to_idle(struct queue *queue)
{
	if (queue->idle)
		loop_remove_timer(queue->loop, &queue->idle);
	queue->idle =
	    loop_add_timer(queue->loop, "idle workers", IDLE_WORKER_MS, close_idle, queue);
}

static void look_into(struct queue *queue, int64_t *next_due)
{
	struct outbox_due_letter letters[BATCH];
	size_t count = BATCH;
	struct err err = ERR_INIT;

	if (open_again(queue, &err) < 0 ||
	    outbox_due_letters(queue->outbox, time(NULL), letters, &count, next_due, &err) < 0) {
		log_write(LOG_ERROR, "%s", err.text);
		outbox_close(&queue->outbox);
		return;
	}
	give_errands(queue);
	give_out(queue, letters, count);
}

static void look(struct queue *queue)
{
	int64_t next_due = 0;

	queue->has_more = false;
	if (queue->rest_until_ms <= loop_now_ms())
		look_into(queue, &next_due);
	sleep_until(queue, next_due);
	count_down_to_idle(queue);
}

/* The timer is dead once it has fired. */
static void timer_fired(void *arg)
{
	struct queue *queue = arg;

	queue->timer = NULL;
	queue->may_start_more = queue->has_more;
	look(queue);
	queue->may_start_more = false;
}

void queue_look(struct queue *queue)
{
	look(queue);
}

void queue_answer(struct queue *queue, const struct notice *answer)
{
	size_t i;

	for (i = 0; i < WORKERS; i++)
		if (queue->slots[i].worker && queue->slots[i].asked == answer->id)
			worker_tell(queue->slots[i].worker, answer);
}

void queue_cancel(struct queue *queue, const struct notice *cancel)
{
	size_t i;

	for (i = 0; i < WORKERS; i++)
		if (cancel->id && queue->slots[i].worker && queue->slots[i].id == cancel->id)
			worker_tell(queue->slots[i].worker, cancel);
}

void queue_flush(struct queue *queue)
{
	queue->wants_flush = true;
	look(queue);
}

struct queue *queue_new(struct loop *loop, struct supervisor *supervisor,
			void (*tell)(void *arg, const struct notice *news), void *arg)
{
	struct queue *queue = mem_alloc(sizeof *queue);
	size_t i;

	queue->loop = loop;
	queue->supervisor = supervisor;
	queue->tell = tell;
	queue->arg = arg;
	for (i = 0; i < WORKERS; i++)
		queue->slots[i].queue = queue;
	queue->wants_release = true; /* a ternd before us may have been killed */
	look(queue);
	return queue;
}

void queue_free(struct queue **queue)
{
	if (!*queue)
		return;
	outbox_close(&(*queue)->outbox);
	free((*queue)->rests);
	free(*queue);
	*queue = NULL;
}
