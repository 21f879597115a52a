#include "config.h"
#include "compose/send.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compose/build.h"
#include "compose/compose.h"
#include "compose/compose_option.h"
#include "compose/draft.h"
#include "compose/draft_check.h"
#include "compose/keep.h"
#include "compose/recipient.h"
#include "compose/seal.h"
#include "compose/sent.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/box/box.h"
#include "store/mail/outbox.h"
#include "store/mime/address.h"
#include "store/notice/notice.h"

struct sending {
	const struct compose *compose;
	struct draft *draft;
	struct outbox *outbox;
	struct arena *arena;
	int64_t due;
};

static int refuse_what_stops(const struct sending *s, struct err *err)
{
	struct check_list list;
	int rc = 0;

	draft_check(s->compose, s->draft, &list);
	for (size_t i = 0; i < list.count && rc == 0; i++)
		if (list.items[i].stops)
			rc = err_set(err, "%s", list.items[i].text);
	check_list_free(&list);
	return rc;
}

/* The part of the id that is this draft's alone. */
static bool is_this(const struct draft *draft, const char *message_id)
{
	size_t len = strcspn(draft->message_id, "@");

	return message_id && !strncmp(message_id, draft->message_id, len) && message_id[len] == '@';
}

/* In the outbox already, from a send that did not live to its end: its id, else 0; -1. */
static int64_t find_earlier(const struct sending *s, struct err *err)
{
	struct outbox_entry *entries;
	size_t count;

	if (outbox_list(s->outbox, true, s->arena, &entries, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		bool is_cancelled = entries[i].recipient_count > 0;

		for (size_t k = 0; k < entries[i].recipient_count; k++)
			is_cancelled &= entries[i].recipients[k].state == OUTBOX_CANCELLED;
		if (!is_cancelled && is_this(s->draft, entries[i].message_id))
			return entries[i].id;
	}
	return 0;
}

static int build(const struct sending *s, enum build_mode mode, struct buf *out, struct err *err)
{
	if (build_message(s->compose, s->draft, mode, (long long)time(NULL), out, err) < 0)
		return -1;
	return seal_message(s->draft, out, err);
}

/* --- the copy in Sent
 * ------------------------------------------------------------------------------------ */

static int keep_copy(const struct sending *s, const struct buf *message, struct err *err)
{
	const struct account *account = keep_account(s->compose, s->draft->account);
	struct buf box = BUF_INIT, key = BUF_INIT;
	int rc = sent_keep(account, s->draft->message_id, message, &box, &key, err);

	if (rc > 0) {
		draft_set(&s->draft->sent_box, buf_str(&box));
		draft_set(&s->draft->sent_key, buf_str(&key));
	}
	buf_free(&box);
	buf_free(&key);
	return rc < 0 ? -1 : 0;
}

static int make_copy(const struct sending *s, struct err *err)
{
	struct buf message = BUF_INIT;
	int rc;

	if (!compose_option_bool(s->compose, "sent-copy"))
		return 0;
	rc = build(s, BUILD_SENT_COPY, &message, err);
	if (rc == 0)
		rc = keep_copy(s, &message, err);
	buf_free(&message);
	return rc < 0 ? err_add(err, _("The letter was not sent; its copy could not be kept")) : 0;
}

static void drop_copy(struct draft *draft)
{
	sent_drop(draft->sent_box, draft->sent_key);
	draft_set(&draft->sent_box, "");
	draft_set(&draft->sent_key, "");
}

/* --- into the outbox
 * --------------------------------------------------------------------------------------- */

static const char **envelope(const struct sending *s, const char *domain, size_t *count,
			     struct err *err)
{
	struct address_list all;
	const char **list;

	if (recipient_all(s->compose, s->draft, s->arena, &all, err) < 0)
		return NULL;
	recipient_qualify(&all, domain, s->arena);
	list = ARENA_ARRAY(s->arena, const char *, all.count + 1);
	for (size_t i = 0; i < all.count; i++)
		list[i] = all.items[i].addr;
	*count = all.count;
	return list;
}

static const char *sender_of(const struct sending *s)
{
	struct address_list from;

	if (recipient_parse(s->compose, s->draft->from, s->arena, &from, NULL) < 0 || !from.count)
		return "";
	recipient_qualify(&from, "localhost", s->arena);
	return from.items[0].addr;
}

static int64_t post(const struct sending *s, const struct buf *message, struct err *err)
{
	struct outbox_letter letter = {.account = s->draft->account,
				       .sender = sender_of(s),
				       .data = message->data,
				       .len = message->len,
				       .due = s->due};

	letter.recipients =
	    envelope(s, address_domain(letter.sender), &letter.recipient_count, err);
	return letter.recipients ? outbox_add(s->outbox, &letter, err) : -1;
}

/* The copy first: when the outbox has the letter, nothing may be missing any more. */
static int64_t send_new(const struct sending *s, struct err *err)
{
	struct buf message = BUF_INIT;
	int64_t id = -1;

	if (refuse_what_stops(s, err) < 0)
		return -1;
	if (build(s, BUILD_LETTER, &message, err) == 0 && make_copy(s, err) == 0) {
		if (draft_save(s->draft, err) == 0)
			id = post(s, &message, err);
		if (id < 0)
			drop_copy(s->draft);
	}
	buf_free(&message);
	return id;
}

/* The letter that this one answers or passes on says so from now on. */
static void mark_origin(const struct sending *s)
{
	const struct draft *draft = s->draft;
	const struct account *account = keep_account(
	    s->compose, *draft->origin_account ? draft->origin_account : draft->account);
	struct err err = ERR_INIT;

	if (!*draft->origin_id || !account || account->is_read_only ||
	    (draft->origin != DRAFT_REPLY && draft->origin != DRAFT_FORWARD))
		return;
	if (keep_mark(account, draft->origin_id,
		      draft->origin == DRAFT_REPLY ? BOX_ANSWERED : BOX_FORWARDED, &err) < 0)
		log_write(LOG_WARNING, "the letter answered is not marked so: %s", err.text);
}

/* It is sent: what fails from here on is only tidying. */
static void finish(const struct sending *s, int64_t id)
{
	const struct account *account = keep_account(s->compose, s->draft->account);
	struct err err = ERR_INIT;

	if (draft_sent(s->draft, id, &err) < 0 && draft_remove(s->draft, &err) < 0)
		log_write(LOG_WARNING, "letter %lld is sent, but its draft stays: %s",
			  (long long)id, err.text);
	if (keep_remove(s->draft->kept_box, s->draft->kept_key, &err) < 0)
		log_write(LOG_WARNING, "the postponed letter stays: %s", err.text);
	mark_origin(s);
	notice_ring(account ? account->name : "");
}

static int64_t due_of(const struct sending *s, int64_t due)
{
	if (due >= 0)
		return due;
	if (s->draft->send_at)
		return s->draft->send_at;
	return (int64_t)time(NULL) + compose_option_int(s->compose, "undo-send");
}

int64_t send_draft(const struct compose *compose, struct draft *draft, int64_t due, struct err *err)
{
	struct sending s = {.compose = compose, .draft = draft, .outbox = outbox_open(err)};
	int64_t id;

	if (!s.outbox)
		return -1;
	s.arena = arena_new();
	s.due = due_of(&s, due);
	id = find_earlier(&s, err);
	if (id == 0)
		id = send_new(&s, err);
	outbox_close(&s.outbox);
	if (id > 0)
		finish(&s, id);
	arena_free(&s.arena);
	return id;
}

/* --- taken back
 * ------------------------------------------------------------------------------------------- */

static int cancel(int64_t id, struct err *err)
{
	struct outbox *outbox = outbox_open(err);
	int rc;

	if (!outbox)
		return -1;
	rc = outbox_cancel(outbox, id, err);
	outbox_close(&outbox);
	if (rc == 0)
		return err_set(err, _("It is too late: letter %lld is on its way."), (long long)id);
	return rc < 0 ? -1 : 0;
}

/* A new birth: its old id is that of a cancelled letter. */
static void renew(struct draft *draft)
{
	struct draft *fresh = draft_new(NULL);

	draft_set(&draft->message_id, fresh->message_id);
	draft_free(&fresh);
}

/* The draft is back before the letter is given up: killed in between there is one too many, which
 * the next sending notices, not one too few. */
static struct draft *take_back(int64_t id, struct err *err)
{
	struct draft *draft = draft_unsend(id, err);

	if (draft && cancel(id, err) < 0) {
		draft_sent(draft, id, NULL);
		draft_free(&draft);
	}
	return draft;
}

struct draft *send_undo(const struct compose *compose, int64_t id, struct err *err)
{
	struct draft *draft = take_back(id, err);
	const struct account *account;

	if (!draft)
		return NULL;
	drop_copy(draft);
	renew(draft);
	account = keep_account(compose, draft->account);
	notice_ring(account ? account->name : "");
	if (draft_save(draft, err) < 0)
		draft_free(&draft);
	return draft;
}
