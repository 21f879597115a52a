#include "config.h"
#include "net/sync/pop3.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/deliver/deliver.h"
#include "net/protocol/pop3_client.h"
#include "net/sync/pop3_sign_in.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/box/batch.h"
#include "store/box/box.h"
#include "store/mail/collected.h"
#include "store/mail/store.h"

#define BATCH_COUNT 2000
#define BATCH_BYTES (16 << 20)
#define ROUND_MAX   BATCH_COUNT /* asked for, published, removed in one go */
#define DAY_S	    86400
#define HEAD_MAX    65536
#define LESS_BYTES  4096 /* than listed: servers count fields that they do not give out */
#define HEAD_DIGITS 15 /* of its digest: 60 bits */

/* What becomes of one message of the list. */
enum fate {
	FATE_FETCH,
	FATE_CHECK, /* known by name, and perhaps another one now: its header tells */
	FATE_HAVE, /* is here; stays there for now */
	FATE_REMOVE,
	FATE_KEEP,  /* the server keeps it, though it said that it went */
	FATE_GONE,  /* the server removes it with QUIT */
	FATE_LEAVE, /* could not be fetched */
};

struct job {
	struct pop3_round *round;
	struct pop3 *pop3;
	struct box *inbox;
	struct batch *batch;
	struct batch_marks *marks;
	struct pop3_message *messages;
	size_t count;
	char **names; /* by which each is remembered */
	enum fate *fates;
	struct collected_message *known; /* of each what is remembered, or was just heard */
	enum collected *states;		 /* as remembered */
	const size_t *asked; /* places in MESSAGES of what is being fetched */
	bool is_new;	     /* nothing is remembered: the database is new or was lost */
	int64_t now, leave_s, done, total;
};

static int64_t leave_seconds(const struct account *account)
{
	const char *text = account_setting(account, "leave-days");
	long long days = 0;

	if (text && str_to_long(text, &days) < 0)
		days = 0;
	return days * DAY_S;
}

/* --- what is to be done --- */

/* A name must tell one message from all others: where the server gives none, or one twice, that message has
 * to be fetched to be known. */
static void name_all(struct job *job)
{
	struct map *seen = map_new();

	job->names = mem_calloc(job->count, sizeof *job->names);
	job->fates = mem_calloc(job->count, sizeof *job->fates);
	job->known = mem_calloc(job->count, sizeof *job->known);
	job->states = mem_calloc(job->count, sizeof *job->states);
	for (size_t i = 0; i < job->count; i++) {
		const char *uid = job->messages[i].uid;

		if (uid && !map_set(seen, uid, job))
			job->names[i] = mem_strdup(uid);
	}
	map_free(&seen, NULL);
}

static enum fate fate_of_known(const struct job *job, int64_t at)
{
	return job->now - at >= job->leave_s ? FATE_REMOVE : FATE_HAVE;
}

static char *mark_of(const struct job *job, const char *name)
{
	return mem_printf("pop3 %s %s", store_account(job->round->store)->name, name);
}

static bool is_in_inbox(const struct job *job, const char *name)
{
	char *mark = mark_of(job, name);
	bool is_there = batch_marks_has(job->marks, mark);

	free(mark);
	return is_there;
}

/* The name of a file tells what was fetched only as long as nothing else does: we died before it was noted, or the
 * database was lost. Later the server may have given the name to another message. */
static bool is_here_unnoted(const struct job *job, const char *name, enum collected state)
{
	return (state == COLLECTED_BEGUN || (state == COLLECTED_NOT && job->is_new)) && is_in_inbox(job, name);
}

/* What the server said to have removed and yet lists may be another message under an old name. Where its header is not
 * known it is one if it is not as large; else it stays there, for to remove it might take what was not fetched. */
static enum fate fate_of_doubtful(const struct job *job, size_t i)
{
	const struct collected_message *known = &job->known[i];
	bool is_as_large = job->messages[i].size == known->size;

	if (job->states[i] == COLLECTED_KEPT && is_as_large)
		return FATE_HAVE;
	if (known->head)
		return FATE_CHECK;
	if (!is_as_large)
		return FATE_FETCH;
	return job->states[i] == COLLECTED_ASKED ? fate_of_known(job, known->at) : FATE_KEEP;
}

static enum fate fate_of(const struct job *job, size_t i)
{
	const struct collected_message *known = &job->known[i];
	int64_t size = job->messages[i].size;

	if (job->states[i] <= COLLECTED_BEGUN)
		return FATE_FETCH;
	if (job->states[i] > COLLECTED_HERE)
		return fate_of_doubtful(job, i);
	if (known->head && known->size >= 0 && size >= 0 && known->size != size)
		return FATE_CHECK;
	return fate_of_known(job, known->at);
}

static int judge_one(struct job *job, size_t i, struct err *err)
{
	const char *name = job->names[i];
	struct collected_message *known = &job->known[i];
	int rc = name ? collected_at(job->round->store, name, known, err) : COLLECTED_NOT;

	if (rc < 0)
		return -1;
	known->uid = name;
	if (name && is_here_unnoted(job, name, (enum collected)rc)) {
		*known = (struct collected_message){.uid = name, .at = job->now, .size = job->messages[i].size};
		if (collected_add(job->round->store, known, 1, err) < 0)
			return -1;
		rc = COLLECTED_HERE;
	}
	job->states[i] = (enum collected)rc;
	job->fates[i] = fate_of(job, i);
	return 0;
}

static int judge_all(struct job *job, struct err *err)
{
	const char **listed = mem_calloc(job->count + 1, sizeof *listed);
	size_t count = 0;
	int rc = collected_has_begun(job->round->store, err);

	job->is_new = rc == 0;
	for (size_t i = 0; i < job->count; i++)
		if (job->names[i])
			listed[count++] = job->names[i];
	if (rc >= 0)
		rc = collected_keep(job->round->store, listed, count, err);
	for (size_t i = 0; i < job->count && rc == 0; i++) {
		rc = judge_one(job, i, err);
		job->total += job->fates[i] == FATE_FETCH;
	}
	free(listed);
	return rc;
}

/* --- the header, by which one is told from another --- */

struct head {
	struct buf bytes;
	size_t line_len;
	bool is_over;
};

static void head_begin(struct head *head)
{
	buf_clear(&head->bytes);
	head->line_len = 0;
	head->is_over = false;
}

static void head_add(struct head *head, const char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len && !head->is_over; i++)
		if (data[i] == '\n') {
			head->is_over = head->line_len == 0;
			head->line_len = 0;
		} else {
			head->line_len += data[i] != '\r';
		}
	if (head->bytes.len + i <= HEAD_MAX)
		buf_add(&head->bytes, data, i);
	else
		head->is_over = true;
}

/* Without the empty line, which not every server gives with a header alone. */
static int64_t head_end(const struct head *head)
{
	char hex[DIGEST_HEX_SIZE];
	size_t len = head->bytes.len;

	while (len && strchr("\r\n", head->bytes.data[len - 1]))
		len--;
	if (len == 0)
		return 0;
	digest_sha256_hex(head->bytes.data, len, hex);
	hex[HEAD_DIGITS] = '\0';
	return (int64_t)strtoll(hex, NULL, 16);
}

/* --- fetching --- */

struct fetching {
	struct job *job;
	struct digest *digest; /* of a message without a name */
	struct head head;
	int64_t len;
	bool has_cr;	       /* the last byte was one, not written yet */
};

/* CR LF on the wire, LF in a file, as other programs expect it; a CR alone stays. */
static int add_lines(struct fetching *fetching, const char *data, size_t len, struct err *err)
{
	struct batch *batch = fetching->job->batch;

	while (len) {
		const char *cr;
		size_t count;

		if (fetching->has_cr && *data != '\n' && batch_add(batch, "\r", 1, err) < 0)
			return -1;
		cr = memchr(data, '\r', len);
		count = cr ? (size_t)(cr - data) : len;
		if (batch_add(batch, data, count, err) < 0)
			return -1;
		fetching->has_cr = cr != NULL;
		data += count + (cr != NULL);
		len -= count + (cr != NULL);
	}
	return 0;
}

static int begin(void *arg, size_t at, struct err *err)
{
	struct fetching *fetching = arg;
	const char *name = fetching->job->names[fetching->job->asked[at]];
	char *mark = mark_of(fetching->job, name ? name : "");
	int rc = batch_begin(fetching->job->batch, mark, err);

	free(mark);
	fetching->has_cr = false;
	fetching->len = 0;
	head_begin(&fetching->head);
	if (!name)
		fetching->digest = digest_new();
	return rc;
}

static int piece(void *arg, const char *data, size_t len, struct err *err)
{
	struct fetching *fetching = arg;

	if (fetching->digest)
		digest_add(fetching->digest, data, len);
	if (!fetching->head.is_over)
		head_add(&fetching->head, data, len);
	fetching->len += (int64_t)len;
	return add_lines(fetching, data, len, err);
}

/* A message without a name is known by what is in it. */
static int end_nameless(struct fetching *fetching, size_t i, struct err *err)
{
	struct job *job = fetching->job;
	char hex[DIGEST_HEX_SIZE], *mark;
	struct collected_message known;
	int rc;

	digest_end(&fetching->digest, hex);
	job->names[i] = mem_printf("sha256:%s", hex);
	rc = collected_at(job->round->store, job->names[i], &known, err);
	if (rc < 0)
		return -1;
	if (rc >= COLLECTED_HERE || is_in_inbox(job, job->names[i])) {
		batch_drop(job->batch);
		return 0;
	}
	mark = mark_of(job, job->names[i]);
	batch_rename(job->batch, mark);
	free(mark);
	return batch_end(job->batch, err);
}

/* What came of a message may not be all of it: then the server keeps it. */
static enum fate fate_of_fetched(const struct fetching *fetching, size_t i)
{
	const struct job *job = fetching->job;
	int64_t size = job->messages[i].size, less = size - fetching->len;

	if (less > LESS_BYTES && less > size / 4) {
		log_write(LOG_WARNING, "message %u has %lld bytes, not the %lld that were listed: it stays there",
			  (unsigned)job->messages[i].number, (long long)fetching->len, (long long)size);
		return FATE_KEEP;
	}
	return job->leave_s ? FATE_HAVE : FATE_REMOVE;
}

static int tell_progress(struct job *job, struct err *err)
{
	job->done++;
	if (!job->round->progress || job->round->progress(job->round->arg, job->done, job->total) == 0)
		return 0;
	return err_set_kind(err, ERR_CANCELLED, _("Fetching was stopped."));
}

static int end(void *arg, size_t at, struct err *err)
{
	struct fetching *fetching = arg;
	struct job *job = fetching->job;
	size_t i = job->asked[at];

	if ((fetching->digest ? end_nameless(fetching, i, err) : batch_end(job->batch, err)) < 0)
		return -1;
	job->known[i] = (struct collected_message){.uid = job->names[i],
						   .at = job->now,
						   .size = job->messages[i].size,
						   .head = head_end(&fetching->head)};
	job->fates[i] = fate_of_fetched(fetching, i);
	job->round->fetched++;
	return tell_progress(job, err);
}

static int was_refused(void *arg, size_t at, const char *words, struct err *err)
{
	struct fetching *fetching = arg;
	struct job *job = fetching->job;

	log_write(LOG_WARNING, "message %u was refused: %s", (unsigned)job->messages[job->asked[at]].number,
		  words);
	job->fates[job->asked[at]] = FATE_LEAVE;
	job->round->refused++;
	return tell_progress(job, err);
}

/* All that was asked for is on disk: only now it is known, and only then it may go there. */
static int publish(struct job *job, size_t count, struct err *err)
{
	struct collected_message *came = mem_calloc(count + 1, sizeof *came);
	size_t known = 0;
	int rc;

	for (size_t i = 0; i < count; i++)
		if (job->fates[job->asked[i]] != FATE_FETCH && job->fates[job->asked[i]] != FATE_LEAVE)
			came[known++] = job->known[job->asked[i]];
	rc = collected_begin(job->round->store, came, known, err);
	if (rc == 0)
		rc = batch_publish(job->batch, err);
	if (rc == 0)
		rc = collected_add(job->round->store, came, known, err);
	free(came);
	return rc;
}

static int fetch_these(struct job *job, const size_t *places, size_t count, struct err *err)
{
	const struct pop3_message **wanted = mem_calloc(count + 1, sizeof *wanted);
	struct fetching fetching = {.job = job};
	const struct pop3_sink sink = {begin, piece, end, was_refused, &fetching};
	int rc;

	job->asked = places;
	for (size_t i = 0; i < count; i++)
		wanted[i] = &job->messages[places[i]];
	rc = pop3_retrieve(job->pop3, wanted, count, &sink, err);
	if (publish(job, count, rc < 0 ? NULL : err) <
	    0) /* after a cut, too: what came whole need not come again */
		rc = -1;
	if (fetching.digest) {
		char hex[DIGEST_HEX_SIZE];

		digest_end(&fetching.digest, hex);
	}
	buf_free(&fetching.head.bytes);
	free(wanted);
	return rc;
}

/* So many that one sync of the disk serves all, so few that a cut costs little. */
static size_t next_places(const struct job *job, size_t *at, size_t *places)
{
	int64_t bytes = 0;
	size_t count = 0;

	for (; *at < job->count && count < ROUND_MAX && bytes < BATCH_BYTES; ++*at) {
		if (job->fates[*at] != FATE_FETCH)
			continue;
		places[count++] = *at;
		bytes += job->messages[*at].size > 0 ? job->messages[*at].size : 0;
	}
	return count;
}

static int fetch_all(struct job *job, struct err *err)
{
	size_t *places = mem_calloc(ROUND_MAX, sizeof *places), at = 0, count;
	int rc = 0;

	while (rc == 0 && (count = next_places(job, &at, places)) > 0)
		rc = fetch_these(job, places, count, err);
	free(places);
	return rc;
}

/* --- the same, or another one under its name --- */

/* Every message whose fate is FATE is noted in its new state. */
static int note_state(struct job *job, enum fate fate, enum collected state, struct err *err)
{
	struct collected_message *noted = mem_calloc(job->count + 1, sizeof *noted);
	size_t count = 0;
	int rc;

	for (size_t i = 0; i < job->count; i++) {
		if (job->fates[i] != fate)
			continue;
		noted[count].uid = job->names[i];
		noted[count++].size = job->messages[i].size;
	}
	rc = collected_note(job->round->store, noted, count, state, err);
	free(noted);
	return rc;
}

struct checking {
	struct job *job;
	struct head head;
};

static int check_begin(void *arg, size_t at, struct err *err)
{
	struct checking *checking = arg;

	(void)at;
	(void)err;
	head_begin(&checking->head);
	return 0;
}

static int check_piece(void *arg, const char *data, size_t len, struct err *err)
{
	struct checking *checking = arg;

	(void)err;
	head_add(&checking->head, data, len);
	return 0;
}

static enum fate fate_of_same(const struct job *job, size_t i)
{
	if (job->states[i] == COLLECTED_REMOVED || job->states[i] == COLLECTED_KEPT)
		return FATE_KEEP;
	return fate_of_known(job, job->known[i].at);
}

static int check_end(void *arg, size_t at, struct err *err)
{
	struct checking *checking = arg;
	struct job *job = checking->job;
	size_t i = job->asked[at];

	(void)err;
	job->fates[i] = head_end(&checking->head) == job->known[i].head ? fate_of_same(job, i) : FATE_FETCH;
	job->total += job->fates[i] == FATE_FETCH;
	return 0;
}

static int check_refused(void *arg, size_t at, const char *words, struct err *err)
{
	struct checking *checking = arg;

	(void)words;
	(void)err;
	checking->job->fates[checking->job->asked[at]] = FATE_LEAVE;
	return 0;
}

static int check_these(struct job *job, const size_t *places, size_t count, struct err *err)
{
	const struct pop3_message **wanted = mem_calloc(count + 1, sizeof *wanted);
	struct checking checking = {.job = job};
	const struct pop3_sink sink = {check_begin, check_piece, check_end, check_refused, &checking};
	int rc;

	job->asked = places;
	for (size_t i = 0; i < count; i++)
		wanted[i] = &job->messages[places[i]];
	rc = pop3_heads(job->pop3, wanted, count, &sink, err);
	buf_free(&checking.head.bytes);
	free(wanted);
	return rc;
}

static int check_all(struct job *job, struct err *err)
{
	size_t *places = mem_calloc(job->count + 1, sizeof *places), count = 0;
	int rc;

	for (size_t i = 0; i < job->count; i++)
		if (job->fates[i] == FATE_CHECK)
			places[count++] = i;
	rc = count ? check_these(job, places, count, err) : 0;
	free(places);
	return rc;
}

/* --- removing --- */

static void note_marked(void *arg, size_t at)
{
	struct job *job = arg;

	job->fates[job->asked[at]] = FATE_GONE;
	job->round->removed++;
}

static int remove_all(struct job *job, struct err *err)
{
	const struct pop3_message **gone = mem_calloc(job->count + 1, sizeof *gone);
	size_t *places = mem_calloc(job->count + 1, sizeof *places), count = 0;
	int rc;

	for (size_t i = 0; i < job->count; i++) {
		if (job->fates[i] != FATE_REMOVE)
			continue;
		places[count] = i;
		gone[count++] = &job->messages[i];
	}
	job->asked = places;
	rc = note_state(job, FATE_REMOVE, COLLECTED_ASKED, err);
	if (rc == 0)
		rc = pop3_delete(job->pop3, gone, count, note_marked, job, err);
	free(gone);
	free(places);
	return rc;
}

/* --- the round --- */

static int work(struct job *job, struct err *err)
{
	if (pop3_list(job->pop3, &job->messages, &job->count, err) < 0)
		return -1;
	name_all(job);
	if (judge_all(job, err) < 0 || check_all(job, err) < 0 || fetch_all(job, err) < 0 ||
	    note_state(job, FATE_KEEP, COLLECTED_KEPT, err) < 0 || remove_all(job, err) < 0 ||
	    pop3_quit(&job->pop3, err) < 0)
		return -1;
	return note_state(job, FATE_GONE, COLLECTED_REMOVED, err);
}

static void forget(struct job *job)
{
	pop3_close(&job->pop3);
	for (size_t i = 0; i < job->count && job->names; i++)
		free(job->names[i]);
	free(job->names);
	free(job->fates);
	free(job->known);
	free(job->states);
	pop3_messages_free(&job->messages, &job->count);
	batch_free(&job->batch);
	batch_marks_free(&job->marks);
	box_close(&job->inbox);
}

static int open_inbox(struct job *job, struct err *err)
{
	job->inbox = deliver_inbox(store_account(job->round->store), err);
	job->batch = job->inbox ? batch_new(job->inbox, err) : NULL;
	job->marks = job->batch ? batch_marks_read(job->inbox, err) : NULL;
	return job->marks ? 0 : -1;
}

int pop3_round(struct pop3_round *round, struct err *err)
{
	struct job job = {.round = round, .now = (int64_t)time(NULL)};
	int rc;

	round->fetched = round->removed = round->refused = 0;
	job.leave_s = leave_seconds(store_account(round->store));
	rc = open_inbox(&job, err);
	job.pop3 = rc == 0 ? pop3_sign_in(round, err) : NULL;
	rc = job.pop3 ? work(&job, err) : -1;
	forget(&job);
	return rc;
}
