#include "config.h"
#include "compose/forward.h"

#include <stdlib.h>
#include <string.h>

#include "compose/attach.h"
#include "compose/compose.h"
#include "compose/compose_option.h"
#include "compose/draft.h"
#include "compose/identity.h"
#include "compose/start.h"
#include "compose/text_of.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"

#define FORWARD_PARTS_MAX 100 /* each is a file of its own; with more the whole letter is one */

enum forward_mode forward_mode(const struct compose *compose)
{
	return strcmp(compose_option_text(compose, "forward-mode"), "attached") ? FORWARD_INLINE
										: FORWARD_ATTACHED;
}

static size_t prefix_length(const char *text)
{
	static const char *const words[] = {"fwd:", "fw:", "wg:", "tr:", "i:", "пер:"};

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (str_starts_nocase(text, words[i]))
			return strlen(words[i]);
	return 0;
}

void forward_subject(struct buf *out, const char *subject)
{
	size_t n;

	subject = subject ? subject : "";
	subject += strspn(subject, " \t\r\n");
	while ((n = prefix_length(subject))) {
		subject += n;
		subject += strspn(subject, " \t\r\n");
	}
	buf_add_str(out, "Fwd: ");
	utf8_add_printable(out, subject, strlen(subject));
}

/* The fields a reader of the forwarded letter wants to know, inert and in one line each. */
static void add_summary(const struct mime_message *message, struct buf *body)
{
	static const struct {
		const char *field, *label;
	} fields[] = {{"From", N_("From")},
		      {"Date", N_("Date")},
		      {"Subject", N_("Subject")},
		      {"To", N_("To")},
		      {"Cc", N_("Cc")}};
	struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		const char *text = mime_field_text(&message->root.header, fields[i].field, arena);

		if (!text || !*text)
			continue;
		buf_printf(body, "%s: ", _(fields[i].label));
		utf8_add_printable(body, text, strlen(text));
		buf_add_char(body, '\n');
	}
	arena_free(&arena);
}

static bool is_private(struct span name)
{
	static const char *const private[] = {"Bcc", "Resent-Bcc", "X-Tern-Draft", "Status", "X-Status"};

	for (size_t i = 0; i < ARRAY_COUNT(private); i++)
		if (span_equal_nocase(name, private[i]))
			return true;
	return false;
}

static const char *behind_line_end(const char *at, const char *end)
{
	while (at < end && *at == '\r')
		at++;
	return at < end && *at == '\n' ? at + 1 : at;
}

/* The letter word for word, but for what its other readers were not to know and what is only ours: the pieces
 * between. */
static size_t without_private(const struct mime_message *message, struct span **pieces)
{
	const struct mime_header *header = &message->root.header;
	struct span whole = message->root.whole;
	const char *at = whole.data, *end = whole.data + whole.len;
	size_t count = 0, cap = 0;

	*pieces = NULL;
	for (size_t i = 0; i < header->count; i++) {
		const struct mime_field *field = &header->fields[i];

		if (!is_private(field->name))
			continue;
		ARRAY_ROOM(*pieces, count, cap);
		(*pieces)[count++] = (struct span){at, (size_t)(field->name.data - at)};
		at = behind_line_end(field->value.data + field->value.len, end);
	}
	ARRAY_ROOM(*pieces, count, cap);
	(*pieces)[count++] = (struct span){at, (size_t)(end - at)};
	return count;
}

static int make_attached(const struct mime_message *message, struct draft *draft, struct err *err)
{
	struct arena *arena = arena_new();
	const char *subject = mime_field_text(&message->root.header, "Subject", arena);
	struct buf name = BUF_INIT;
	struct span *pieces;
	size_t count = without_private(message, &pieces);
	int rc;

	attach_safe_name(subject && *subject ? subject : "letter", &name);
	buf_add_str(&name, ".eml");
	rc = attach_pieces(draft, name.data, "message/rfc822", pieces, count, err);
	free(pieces);
	buf_free(&name);
	arena_free(&arena);
	return rc;
}

int forward_attachments(const struct mime_message *message, const struct mime_part *text,
			struct draft *draft, struct err *err)
{
	if (text_of_attachment_count(message, text) > FORWARD_PARTS_MAX)
		return make_attached(message, draft, err);
	return text_of_attachments(message, text, draft, err);
}

static int make_inline(const struct mime_message *message, struct draft *draft, const char *shown,
		       struct err *err)
{
	struct buf body = BUF_INIT, text = BUF_INIT;
	struct mime_part *part = text_of(message, shown, &text);

	buf_printf(&body, "\n\n---------- %s ----------\n", _("Forwarded letter"));
	add_summary(message, &body);
	buf_add_char(&body, '\n');
	buf_add(&body, buf_str(&text), text.len);
	draft_set_body(draft, body.data, body.len);
	buf_free(&body);
	buf_free(&text);
	return forward_attachments(message, part, draft, err);
}

static void set_fields(const struct mime_message *message, struct draft *draft, const char *account)
{
	struct arena *arena = arena_new();
	const char *id = ids_message_id(&message->root.header, arena);
	struct buf subject = BUF_INIT;

	draft->origin = DRAFT_FORWARD;
	draft_set(&draft->origin_id, id ? id : "");
	draft_set(&draft->origin_account, account ? account : "");
	draft_set(&draft->references, id ? id : "");
	forward_subject(&subject, mime_field_text(&message->root.header, "Subject", arena));
	draft_set(&draft->subject, subject.data);
	buf_free(&subject);
	arena_free(&arena);
}

static void set_identity(const struct compose *compose, const struct mime_message *message,
			 struct draft *draft, const char *account)
{
	struct buf body = BUF_INIT, text = BUF_INIT;
	struct identity_list list;

	buf_add_str(&text, draft->body);
	draft_set_body(draft, "", 0);
	identity_load(compose, &list);
	start_identity(compose, draft,
		       identity_choose(compose, &list, &message->root.header, account));
	identity_list_free(&list);
	buf_add_str(&body, draft->body);
	buf_add(&body, buf_str(&text), text.len);
	draft_set_body(draft, buf_str(&body), body.len);
	buf_free(&body);
	buf_free(&text);
}

struct draft *forward_make(const struct compose *compose, const struct mime_message *message,
			   enum forward_mode mode, const char *account, const char *shown,
			   struct err *err)
{
	struct draft *draft = draft_new(account);
	int rc;

	set_fields(message, draft, account);
	rc = mode == FORWARD_ATTACHED ? make_attached(message, draft, err)
				      : make_inline(message, draft, shown, err);
	if (rc < 0)
		draft_free(&draft);
	else
		set_identity(compose, message, draft, account);
	return draft;
}
