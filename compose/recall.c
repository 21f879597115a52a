#include "config.h"
#include "compose/recall.h"

#include <stdlib.h>
#include <string.h>

#include "compose/build.h"
#include "compose/compose.h"
#include "compose/draft.h"
#include "compose/forward.h"
#include "compose/identity.h"
#include "compose/keep.h"
#include "compose/recipient.h"
#include "compose/start.h"
#include "compose/text_of.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/box/box.h"
#include "store/mime/address.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"
#include "store/notice/notice.h"

/* From the addresses, so that a comma in a name stays one; text that holds none as it is. */
static void set_addresses(char **field, const struct mime_header *header, const char *name,
			  struct arena *arena)
{
	struct address_list list = {0};
	const char *text = mime_field_text(header, name, arena);
	char *whole;

	address_field(header, name, arena, &list);
	whole = recipient_text(&list);
	draft_set(field, *whole ? whole : text ? text : "");
	free(whole);
}

static void set_fields(struct draft *draft, const struct mime_header *header)
{
	struct arena *arena = arena_new();
	const char *subject = mime_field_text(header, "Subject", arena);

	set_addresses(&draft->from, header, "From", arena);
	set_addresses(&draft->to, header, "To", arena);
	set_addresses(&draft->cc, header, "Cc", arena);
	set_addresses(&draft->bcc, header, "Bcc", arena);
	set_addresses(&draft->reply_to, header, "Reply-To", arena);
	draft_set(&draft->subject, subject ? subject : "");
	arena_free(&arena);
}

static void set_ids(char **field, const struct mime_header *header, const char *name)
{
	struct arena *arena = arena_new();
	size_t count = 0;
	char **ids = ids_list(header, name, arena, &count);
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < count; i++)
		buf_printf(&text, "%s%s", i ? " " : "", ids[i]);
	draft_set(field, buf_str(&text));
	buf_free(&text);
	arena_free(&arena);
}

/* The account whose address it was written from. Somebody else's letter becomes ours. */
static void set_sender(const struct compose *compose, struct draft *draft,
		       const struct mime_header *header, const char *account)
{
	struct arena *arena = arena_new();
	struct identity_list list;
	struct address_list from = {0};
	const struct identity *identity;
	char *display;

	identity_load(compose, &list);
	address_field(header, "From", arena, &from);
	identity = from.count ? identity_by_addr(&list, from.items[0].addr) : NULL;
	if (!identity) {
		identity = identity_of_account(compose, &list, account);
		display = identity ? identity_display(identity) : NULL;
		draft_set(&draft->from, display ? display : "");
		free(display);
	}
	if (identity)
		draft_set(&draft->account, identity->account);
	identity_list_free(&list);
	arena_free(&arena);
}

typedef int add_files(const struct mime_message *message, const struct mime_part *text,
		      struct draft *draft, struct err *err);

static struct draft *recall(const struct compose *compose, const struct mime_message *message,
			    const char *account, add_files *add, struct err *err)
{
	struct draft *draft = draft_new(account);
	struct buf text = BUF_INIT;
	struct mime_part *part = text_of(message, NULL, &text);

	draft->origin = DRAFT_AGAIN;
	set_fields(draft, &message->root.header);
	set_sender(compose, draft, &message->root.header, account);
	draft_set_body(draft, buf_str(&text), text.len);
	buf_free(&text);
	if (add(message, part, draft, err) < 0)
		draft_free(&draft);
	return draft;
}

struct draft *recall_message(const struct compose *compose, const struct mime_message *message,
			     const char *account, struct err *err)
{
	return recall(compose, message, account, forward_attachments, err);
}

struct draft *recall_postponed(const struct compose *compose, const struct mime_message *message,
			       const char *box, const char *key, const char *account,
			       struct err *err)
{
	struct draft *draft = recall(compose, message, account, text_of_attachments, err);

	if (!draft)
		return NULL;
	set_ids(&draft->in_reply_to, &message->root.header, "In-Reply-To");
	set_ids(&draft->references, &message->root.header, "References");
	draft->origin = *draft->in_reply_to ? DRAFT_REPLY : DRAFT_NEW;
	draft_set(&draft->origin_id, draft->in_reply_to);
	draft_set(&draft->kept_box, box ? box : "");
	draft_set(&draft->kept_key, key ? key : "");
	return draft;
}

static int keep_draft(const struct account *account, const struct draft *draft,
		      const struct buf *message, struct err *err)
{
	struct keep_what what = {message->data, message->len, BOX_DRAFT | BOX_SEEN, NULL};
	struct buf box = BUF_INIT, key = BUF_INIT;
	int rc = keep_message(account, ROLE_DRAFTS, &what, &box, &key, err);

	if (rc == 0)
		rc = err_set(
		    err, _("This account has no folder for drafts; the draft stays where it is."));
	if (rc > 0)
		keep_remove(draft->kept_box, draft->kept_key, NULL);
	buf_free(&box);
	buf_free(&key);
	return rc;
}

int recall_postpone(const struct compose *compose, struct draft *draft, struct err *err)
{
	const struct account *account = keep_account(compose, draft->account);
	struct buf message = BUF_INIT;
	int rc = build_message(compose, draft, BUILD_POSTPONED, 0, &message, err);

	if (rc == 0)
		rc = keep_draft(account, draft, &message, err);
	buf_free(&message);
	if (rc < 0)
		return -1;
	notice_ring(account->name);
	return draft_remove(draft, err);
}
