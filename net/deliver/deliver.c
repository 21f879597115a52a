#include "config.h"
#include "net/deliver/deliver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/path.h"
#include "store/box/box.h"
#include "store/mail/letter.h"
#include "store/mail/store.h"
#include "store/notice/notice.h"

struct box *deliver_inbox(const struct account *account, struct err *err)
{
	char *inside = path_join(account->path, "INBOX");
	bool is_itself = box_detect(inside) == BOX_NONE && box_detect(account->path) != BOX_NONE;
	struct box *box = NULL;

	if (is_itself)
		box = box_open(account->path, false, err);
	else if (box_detect(inside) != BOX_NONE || (path_make_dirs(account->path, err) == 0 &&
						    box_make(inside, BOX_MAILDIR, err) == 0))
		box = box_open(inside, false, err);
	free(inside);
	return box;
}

/* --- the row of the new message -----------------------------------------------------------------
 */

static int index_it(struct store *store, const char *key, struct notice *news, struct err *err)
{
	struct arena *arena = arena_new();
	struct folder folder;
	int rc = store_folder_by_role(store, ROLE_INBOX, arena, &folder, err);

	if (rc > 0 && store_index_one(store, folder.id, key, err) > 0)
		rc = store_folder(store, folder.id, arena, &folder, err);
	else if (rc > 0)
		rc = -1;
	if (rc > 0) {
		news->kind = NOTICE_FOLDER_CHANGED;
		news->folder = folder.id;
		news->revision = folder.revision;
	}
	arena_free(&arena);
	return rc;
}

/* The letter is delivered, whatever becomes of its row: who keeps the account finds it in the box.
 */
static void tell_database(const struct account *account, const char *key, struct notice *news)
{
	struct err err = ERR_INIT;
	struct store *store = store_open(account, NULL, &err);

	news->kind = NOTICE_RING;
	snprintf(news->account, sizeof news->account, "%s", account->name);
	if (!store || index_it(store, key, news, &err) < 0)
		log_write(LOG_INFO, "account %s: the new letter is not in the database yet: %s",
			  account->name, err.text);
	store_close(&store);
}

static int into_inbox(const struct account *account, const struct box_delivery *delivery,
		      struct notice *news, struct err *err)
{
	struct box *box = deliver_inbox(account, err);
	struct buf key = BUF_INIT;
	int rc = box ? box_deliver(box, delivery, &key, err) : -1;

	memset(news, 0, sizeof *news);
	if (rc >= 0)
		tell_database(account, buf_str(&key), news);
	box_close(&box);
	buf_free(&key);
	return rc;
}

/* --- circles -------------------------------------------------------------------------------- */

/* What a person sends on by hand (Resent-...) begins a new way. */
static bool was_delivered_to(struct span letter, const char *addr)
{
	struct letter_field field;

	while (letter_next_field(&letter, &field)) {
		if (span_starts_nocase(field.name, "Resent-"))
			return false;
		if (span_equal_nocase(field.name, "Delivered-To") &&
		    span_equal_nocase(span_trim(field.value), addr))
			return true;
	}
	return false;
}

static int check_circles(struct span letter, const char *addr, struct err *err)
{
	if (letter_is_looping(letter))
		return err_set(
		    err, _("The letter goes in circles: it has more than %d Received fields."),
		    LETTER_HOPS_MAX);
	if (was_delivered_to(letter, addr))
		return err_set(err, _("The letter goes in circles: it was delivered to %s before."),
			       addr);
	return 0;
}

/* --- delivering ----------------------------------------------------------------------------- */

/* The same each time a letter is tried: an mbox knows it again by its header. */
static void add_trace(struct buf *out, const struct delivery *delivery, const char *end)
{
	struct arena *arena = arena_new();

	buf_printf(out, "Received: by %s (Tern); ", letter_host(arena));
	date_add_rfc5322(out, delivery->accepted ? delivery->accepted : (int64_t)time(NULL));
	buf_add_str(out, end);
	arena_free(&arena);
}

static void add_fields(struct buf *out, const struct delivery *delivery, const char *addr)
{
	size_t first = span_find(delivery->letter, 0, '\n');
	bool is_crlf =
	    first > 0 && first < delivery->letter.len && delivery->letter.data[first - 1] == '\r';
	const char *end = is_crlf ? "\r\n" : "\n";

	buf_printf(out, "Return-Path: <%s>%sDelivered-To: %s%s", delivery->sender, end, addr, end);
	if (letter_count_fields(delivery->letter, "Received") == 0)
		add_trace(out, delivery, end);
}

int deliver_local(const struct account *account, const struct delivery *delivery,
		  struct notice *news, struct err *err)
{
	const char *addr = account->address ? account->address : delivery->recipient;
	struct box_delivery to = {.fd = -1,
				  .flags = delivery->flags,
				  .unique = delivery->unique,
				  .sender = delivery->sender};
	struct buf whole = BUF_INIT;
	int rc;

	if (check_circles(delivery->letter, addr, err) < 0)
		return -1;
	buf_reserve(&whole, delivery->letter.len + 1024);
	add_fields(&whole, delivery, addr);
	buf_add(&whole, delivery->letter.data, delivery->letter.len);
	to.data = whole.data;
	to.len = whole.len;
	rc = into_inbox(account, &to, news, err);
	/* Only a circle is for good: whatever is wrong with a folder a person can mend. */
	if (rc < 0 && err && err->kind == ERR_FAILED)
		err->kind = ERR_SYSTEM;
	buf_free(&whole);
	return rc;
}

int deliver_own(const struct account *account, struct span letter, const char *unique,
		struct notice *news, struct err *err)
{
	struct box_delivery to = {
	    .data = letter.data, .len = letter.len, .fd = -1, .unique = unique};

	return into_inbox(account, &to, news, err);
}
