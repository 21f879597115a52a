#include "config.h"
#include "net/sync/imap_inside.h"

#include <string.h>

#include "store/base/i18n.h"
#include "store/box/box.h"

/* --- flags --- */

struct storing {
	struct imap_visit visit;
	struct imap_fetched got;
	const uint32_t *uids;
	size_t count;
};

static int hear_stored(void *arg, const struct imap_said *said, struct imap_parse *parse,
		       struct err *err)
{
	struct storing *storing = arg;
	size_t at;

	if (said->kind == IMAP_SAID_VANISHED)
		return imap_read_vanished(&storing->visit, parse, err) < 0 ? -1
		       : storing->visit.visit				   ? 1
									   : 0;
	if (said->kind != IMAP_SAID_FETCH)
		return 0;
	if (imap_fetch_read(parse, &storing->got, NULL, NULL, err))
		return -1;
	if (!imap_has(storing->uids, storing->count, storing->got.uid, &at))
		return 0;
	imap_visit_message(&storing->visit, &storing->got);
	return 1;
}

static int store_words(struct imap_backend *imap, struct storing *storing, char sign,
		       unsigned flags, const char *keywords, struct err *err)
{
	struct buf after = BUF_INIT;
	struct imap_pieces pieces = {.uids = storing->uids,
				     .count = storing->count,
				     .step = IMAP_FETCH_STEP,
				     .before = "UID STORE"};
	size_t empty;
	int rc = 0;

	buf_printf(&after, "%cFLAGS.SILENT (", sign);
	empty = after.len;
	imap_add_flags(&after, flags, keywords);
	if (after.len > empty) {
		buf_add_char(&after, ')');
		pieces.after = buf_str(&after);
		rc = imap_run_pieces(imap, &pieces, err);
	}
	buf_free(&after);
	return rc;
}

/* A tag may be a keyword there that somebody set: what is taken away is taken away as both. */
static int store_labels(struct imap_backend *imap, struct storing *storing, const char *set, const char *clear,
			struct err *err)
{
	struct imap_pieces messages = {
	    .uids = storing->uids, .count = storing->count, .step = IMAP_FETCH_STEP, .before = "UID STORE"};

	if (imap_store_labels(imap, &messages, '+', set, err))
		return -1;
	return imap_store_labels(imap, &messages, '-', clear, err);
}

int imap_op_store(struct backend *backend, const uint32_t *uids, size_t count, unsigned set,
		  unsigned clear, const char *set_keywords, const char *clear_keywords,
		  const struct backend_visit *visit, struct err *err)
{
	struct imap_backend *imap = imap_inside(backend);
	struct storing storing = {.visit = {.visit = visit, .wants_labels = imap_has_labels(imap)},
				  .uids = uids,
				  .count = count};
	struct buf plain = BUF_INIT;
	int rc;

	imap_add_no_labels(&plain, set_keywords);
	imap_listen(imap, hear_stored, &storing);
	rc = store_words(imap, &storing, '+', set, imap_has_labels(imap) ? buf_str(&plain) : set_keywords, err);
	if (rc == 0)
		rc = store_words(imap, &storing, '-', clear, clear_keywords, err);
	imap_listen(imap, NULL, NULL);
	buf_free(&plain);
	if (rc == 0 && imap_has_labels(imap))
		rc = store_labels(imap, &storing, set_keywords, clear_keywords, err);
	imap_fetch_free(&storing.got);
	return imap_visited(&storing.visit, rc, err);
}

/* --- taking away --- */

/* Copies and removals of just these: what the server says of them is no change that somebody else
 * made. */
struct taking {
	struct imap_backend *imap;
	const uint32_t *uids;
	size_t count, expunged;
	int (*pair)(void *arg, uint32_t old_uid, uint32_t new_uid, uint32_t target_uidvalidity,
		    struct err *err);
	void *arg;
	struct imap_fetched got;
	bool is_stopped, has_told;
	struct err err;
};

static int check_vanished(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct taking *taking = arg;
	size_t from, to;

	(void)err;
	if (!imap_has(taking->uids, taking->count, first, &from) ||
	    !imap_has(taking->uids, taking->count, last, &to) || to - from != last - first)
		taking->imap->client->is_changed = true;
	return 0;
}

static int hear_vanished(struct taking *taking, struct imap_parse *parse, struct err *err)
{
	int token = imap_next(parse, err);

	if (token != IMAP_ATOM)
		return token < 0 ? -1 : 0;
	return imap_each_range(parse->text, check_vanished, taking, err) < 0 ? -1 : 1;
}

/* Uids of a set one by one. */
struct cursor {
	struct span rest;
	uint32_t next, last;
	bool has_range;
};

static int note_range(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct cursor *cursor = arg;

	(void)err;
	cursor->next = first;
	cursor->last = last;
	return 0;
}

static bool next_uid(struct cursor *cursor, uint32_t *uid)
{
	struct span piece;

	if (!cursor->has_range) {
		if (!span_split(&cursor->rest, ',', &piece) ||
		    imap_each_range(piece, note_range, cursor, NULL))
			return false;
		cursor->has_range = true;
	}
	*uid = cursor->next;
	cursor->has_range = cursor->next++ < cursor->last;
	return true;
}

static void tell_pair(struct taking *taking, uint32_t old_uid, uint32_t new_uid, uint32_t era)
{
	if (!taking->is_stopped && taking->pair &&
	    taking->pair(taking->arg, old_uid, new_uid, era, &taking->err))
		taking->is_stopped = true;
}

/* "38505 304,319:320 3956:3958" (RFC 4315): from, to, in the same order. */
static int hear_copyuid(struct taking *taking, struct span words)
{
	struct cursor from = {.has_range = false}, to = {.has_range = false};
	struct span era_text = SPAN_NONE;
	uint32_t old_uid, new_uid;
	uint64_t era;
	size_t at;

	if (!span_split(&words, ' ', &era_text) || !imap_number(era_text, UINT32_MAX, &era) ||
	    !span_split(&words, ' ', &from.rest) || !span_split(&words, ' ', &to.rest))
		return 1;
	taking->has_told = true;
	while (next_uid(&from, &old_uid) && next_uid(&to, &new_uid)) {
		if (!imap_has(taking->uids, taking->count, old_uid, &at))
			break;
		tell_pair(taking, old_uid, new_uid, (uint32_t)era);
	}
	return 1;
}

/* The new modseq of what is being taken away means nothing to anybody. */
static int hear_modseq(struct taking *taking, struct imap_parse *parse, struct err *err)
{
	size_t at;

	if (imap_fetch_read(parse, &taking->got, NULL, NULL, err))
		return -1;
	return !taking->got.has_flags &&
	       imap_has(taking->uids, taking->count, taking->got.uid, &at);
}

static int hear_taken(void *arg, const struct imap_said *said, struct imap_parse *parse,
		      struct err *err)
{
	struct taking *taking = arg;
	struct span rest;

	if (said->kind == IMAP_SAID_CODE && imap_code_is(said->code, "COPYUID", &rest))
		return hear_copyuid(taking, rest);
	if (said->kind == IMAP_SAID_VANISHED)
		return hear_vanished(taking, parse, err);
	if (said->kind == IMAP_SAID_FETCH)
		return hear_modseq(taking, parse, err);
	if (said->kind == IMAP_SAID_EXPUNGE)
		return taking->expunged++ < taking->count;
	return 0;
}

static int run_taking(struct taking *taking, const char *before, const char *after, struct err *err)
{
	struct imap_pieces pieces = {
	    .uids = taking->uids,
	    .count = taking->count,
	    .step = IMAP_COPY_STEP, /* a server that copies slowly is silent meanwhile */
	    .before = before,
	    .after = after,
	};

	return imap_run_pieces(taking->imap, &pieces, err);
}

static int run_to(struct taking *taking, const char *command, const char *target, struct err *err)
{
	struct buf name = BUF_INIT;
	int rc = imap_add_name(&name, target, err);

	if (rc == 0)
		rc = run_taking(taking, command, buf_str(&name), err);
	if (rc)
		err_add(err, _("moving or copying to the mailbox \"%s\""), target);
	buf_free(&name);
	/* A server without UIDPLUS says nothing: all went that were there. */
	for (size_t i = 0; rc == 0 && !taking->has_told && i < taking->count; i++)
		tell_pair(taking, taking->uids[i], 0, 0);
	return rc;
}

static int remove_for_good(struct taking *taking, struct err *err)
{
	if (run_taking(taking, "UID STORE", "+FLAGS.SILENT (\\Deleted)", err))
		return -1;
	if (!taking->imap->client->can[IMAP_CAN_UIDPLUS])
		return 0;
	return run_taking(taking, "UID EXPUNGE", "", err);
}

static int finish_taking(struct taking *taking, int rc, struct err *err)
{
	imap_listen(taking->imap, NULL, NULL);
	imap_fetch_free(&taking->got);
	if (!taking->is_stopped)
		return rc;
	if (err)
		*err = taking->err;
	return -1;
}

int imap_op_copy(struct backend *backend, const uint32_t *uids, size_t count,
		 const char *target_wire,
		 int (*pair)(void *, uint32_t, uint32_t, uint32_t, struct err *), void *arg,
		 struct err *err)
{
	struct taking taking = {
	    .imap = imap_inside(backend), .uids = uids, .count = count, .pair = pair, .arg = arg};

	imap_listen(taking.imap, hear_taken, &taking);
	return finish_taking(&taking, run_to(&taking, "UID COPY", target_wire, err), err);
}

int imap_op_move(struct backend *backend, const uint32_t *uids, size_t count,
		 const char *target_wire,
		 int (*pair)(void *, uint32_t, uint32_t, uint32_t, struct err *), void *arg,
		 struct err *err)
{
	struct taking taking = {
	    .imap = imap_inside(backend), .uids = uids, .count = count, .pair = pair, .arg = arg};
	bool can = taking.imap->client->can[IMAP_CAN_MOVE];
	int rc;

	imap_listen(taking.imap, hear_taken, &taking);
	rc = run_to(&taking, can ? "UID MOVE" : "UID COPY", target_wire, err);
	if (rc == 0 && !can)
		rc = remove_for_good(&taking, err);
	return finish_taking(&taking, rc, err);
}

int imap_op_expunge(struct backend *backend, const uint32_t *uids, size_t count, struct err *err)
{
	struct taking taking = {.imap = imap_inside(backend), .uids = uids, .count = count};

	imap_listen(taking.imap, hear_taken, &taking);
	return finish_taking(&taking, remove_for_good(&taking, err), err);
}
