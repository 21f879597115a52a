#include "config.h"
#include "compose/reply.h"

#include <stdlib.h>
#include <string.h>

#include "compose/compose.h"
#include "compose/compose_option.h"
#include "compose/draft.h"
#include "compose/identity.h"
#include "compose/quote.h"
#include "compose/recipient.h"
#include "compose/start.h"
#include "compose/text_of.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mime/address.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"

#define REFERENCES_MAX 100
#define PREFIX_MAX     8

/* All that an answer is made of. */
struct answer {
	const struct compose *compose;
	const struct mime_message *message;
	const struct mime_header *header;
	struct identity_list mine;
	struct arena *arena;
	struct address_list to, cc;
};

/* --- subject
 * ------------------------------------------------------------------------------------------ */

/* The words for "Re" that programs write. */
static const char *const answers[] = {
    "re",  "aw",  "antw", "antwort", "sv",  "vs",    "odp",
    "ref", "rif", "ynt",  "res",     "отв", "ответ", "\xe5\x9b\x9e\xe5\xa4\x8d"};

static size_t word_length(const char *text)
{
	for (size_t i = 0; i < ARRAY_COUNT(answers); i++)
		if (str_starts_nocase(text, answers[i]))
			if (strchr("[(:", text[strlen(answers[i])]) && text[strlen(answers[i])])
				return strlen(answers[i]);
	return 0;
}

/* The length of "[2]" or "(2)", or 0. */
static size_t count_length(const char *text)
{
	size_t digits = strspn(text + 1, "0123456789");
	char end = text[1 + digits];

	return digits && digits <= PREFIX_MAX && (end == ']' || end == ')') ? digits + 2 : 0;
}

/* "Re:", "Re[2]:" at the start of TEXT: its length, or 0. */
static size_t prefix_length(const char *text)
{
	size_t at = word_length(text);

	if (at && text[at] != ':')
		at += count_length(text + at);
	return at && text[at] == ':' ? at + 1 : 0;
}

void reply_subject(struct buf *out, const char *subject)
{
	size_t from = out->len, n;

	subject = subject ? subject : "";
	subject += strspn(subject, " \t\r\n");
	while ((n = prefix_length(subject))) {
		subject += n;
		subject += strspn(subject, " \t\r\n");
	}
	buf_add_str(out, "Re: ");
	buf_add_str(out, subject);
	for (size_t i = from; i < out->len; i++)
		if ((unsigned char)out->data[i] < ' ')
			out->data[i] = ' ';
}

/* --- whom
 * ------------------------------------------------------------------------------------------------
 */

static struct address_list field(const struct answer *answer, const char *name)
{
	struct address_list list = {0};

	address_field(answer->header, name, answer->arena, &list);
	return list;
}

static void add_others(const struct answer *answer, struct address_list *to,
		       const struct address_list *from)
{
	for (size_t i = 0; i < from->count; i++)
		if (!identity_is_mine(&answer->mine, from->items[i].addr) &&
		    !recipient_has(&answer->to, from->items[i].addr))
			recipient_add(to, &from->items[i], answer->arena);
}

static bool is_from_me(const struct answer *answer)
{
	struct address_list from = field(answer, "From");

	return from.count && identity_is_mine(&answer->mine, from.items[0].addr);
}

/* "List-Post: <mailto:list@example.org>"; "NO" means that nobody may. NULL: none. */
static char *list_post(const struct mime_header *header, struct arena *arena)
{
	const char *text = mime_field_text(header, "List-Post", arena), *at;
	size_t len;

	at = text ? strstr(text, "<mailto:") : NULL;
	if (!at)
		return NULL;
	at += strlen("<mailto:");
	len = strcspn(at, ">?");
	return len ? arena_strndup(arena, at, len) : NULL;
}

/* A list that puts itself into Reply-To does not make a private answer a public one. */
static struct address_list author(const struct answer *answer)
{
	struct address_list reply_to = field(answer, "Reply-To");
	const char *list = list_post(answer->header, answer->arena);

	if (!reply_to.count ||
	    (list && reply_to.count == 1 && address_equal(reply_to.items[0].addr, list)))
		return field(answer, "From");
	return reply_to;
}

static void to_sender(struct answer *answer)
{
	struct address_list to = is_from_me(answer) ? field(answer, "To") : author(answer);

	recipient_add_all(&answer->to, &to, answer->arena);
}

/* Nobody else there: a letter to oneself is answered to oneself. */
static void not_to_nobody(struct answer *answer)
{
	struct address_list to;

	if (answer->to.count || answer->cc.count)
		return;
	to = field(answer, is_from_me(answer) ? "To" : "From");
	recipient_add_all(&answer->to, &to, answer->arena);
}

static void to_everybody(struct answer *answer)
{
	struct address_list asked = field(answer, "Mail-Followup-To"),
			    reply_to = field(answer, "Reply-To");
	struct address_list to = field(answer, "To"), cc = field(answer, "Cc"),
			    from = field(answer, "From");

	if (asked.count) {
		add_others(answer, &answer->to, &asked);
		not_to_nobody(answer);
		return;
	}
	if (is_from_me(answer)) {
		add_others(answer, &answer->to, &to);
	} else {
		add_others(answer, &answer->to, reply_to.count ? &reply_to : &from);
		add_others(answer, &answer->cc, &to);
	}
	add_others(answer, &answer->cc, &cc);
	not_to_nobody(answer);
}

static int to_list(struct answer *answer, struct err *err)
{
	struct address_list asked = field(answer, "Mail-Followup-To");
	char *post = list_post(answer->header, answer->arena);
	struct address address = {arena_strdup(answer->arena, ""), post};

	if (asked.count)
		add_others(answer, &answer->to, &asked);
	else if (post)
		recipient_add(&answer->to, &address, answer->arena);
	if (!answer->to.count)
		return err_set(err,
			       _("This letter names no mailing list that one could write to."));
	return 0;
}

static int choose_recipients(struct answer *answer, enum reply_to whom, struct err *err)
{
	if (whom == REPLY_LIST)
		return to_list(answer, err);
	if (whom == REPLY_ALL)
		to_everybody(answer);
	else
		to_sender(answer);
	not_to_nobody(answer);
	return 0;
}

bool reply_has_list(const struct mime_message *message)
{
	struct arena *arena = arena_new();
	bool has = list_post(&message->root.header, arena) != NULL ||
		   mime_field(&message->root.header, "Mail-Followup-To") != NULL;

	arena_free(&arena);
	return has;
}

/* --- thread
 * -----------------------------------------------------------------------------------------------
 */

/* The ids of FIELD; the first and the last where there are too many. */
static void add_ids(const struct answer *answer, const char *name, struct buf *out)
{
	size_t count = 0;
	char **ids = ids_list(answer->header, name, answer->arena, &count);

	for (size_t i = 0; i < count; i++)
		if (i == 0 || i + REFERENCES_MAX > count)
			buf_printf(out, "%s%s", out->len ? " " : "", ids[i]);
}

static void set_thread(const struct answer *answer, struct draft *draft)
{
	const char *id = ids_message_id(answer->header, answer->arena);
	struct buf references = BUF_INIT;
	size_t count = 0;

	add_ids(answer, "References", &references);
	if (!references.len) {
		ids_list(answer->header, "In-Reply-To", answer->arena, &count);
		if (count == 1)
			add_ids(answer, "In-Reply-To", &references);
	}
	if (id) {
		buf_printf(&references, "%s%s", references.len ? " " : "", id);
		draft_set(&draft->in_reply_to, id);
		draft_set(&draft->origin_id, id);
	}
	draft_set(&draft->references, buf_str(&references));
	buf_free(&references);
}

/* --- text
 * ---------------------------------------------------------------------------------------------------
 */

static int64_t date_of(const struct answer *answer)
{
	const struct mime_field *date_field = mime_field(answer->header, "Date");
	struct date date = {0};

	if (date_field && date_parse(date_field->value.data, date_field->value.len, &date))
		return date.time;
	return 0;
}

static void add_attribution(const struct answer *answer, struct buf *body)
{
	struct address_list from = field(answer, "From");
	const char *template = compose_option_text(answer->compose, "attribution");
	struct quote_source source = {.date = date_of(answer)};

	if (from.count) {
		source.name = from.items[0].name;
		source.addr = from.items[0].addr;
	}
	source.subject = mime_field_text(answer->header, "Subject", answer->arena);
	source.message_id = ids_message_id(answer->header, answer->arena);
	if (!*template)
		template = source.date ? _("On %d, %n wrote:") : _("%n wrote:");
	quote_template(body, template, &source);
	buf_add_char(body, '\n');
}

static void set_body(const struct answer *answer, struct draft *draft, const char *shown)
{
	struct buf body = BUF_INIT, text = BUF_INIT;

	text_of(answer->message, shown, &text);
	if (compose_option_bool(answer->compose, "quote") && text.len) {
		add_attribution(answer, &body);
		quote_text(&body, text.data, text.len);
		buf_add_char(&body, '\n');
	}
	buf_free(&text); /* a long one is in memory often enough */
	draft_set_body(draft, buf_str(&body), body.len);
	buf_free(&body);
}

/* Above: the signature, then the quote. */
static void set_identity(const struct answer *answer, struct draft *draft,
			 const struct identity *identity)
{
	bool is_above = !strcmp(compose_option_text(answer->compose, "signature-place"), "above");
	struct buf body = BUF_INIT, quoted = BUF_INIT;

	if (!is_above) {
		start_identity(answer->compose, draft, identity);
		return;
	}
	buf_add_str(&quoted, draft->body);
	draft_set_body(draft, "", 0);
	start_identity(answer->compose, draft, identity);
	buf_printf(&body, "%s\n", draft->body);
	buf_add(&body, buf_str(&quoted), quoted.len);
	draft_set_body(draft, body.data, body.len);
	buf_free(&body);
	buf_free(&quoted);
}

static void set_fields(const struct answer *answer, struct draft *draft)
{
	struct buf subject = BUF_INIT;
	char *to = recipient_text(&answer->to), *cc = recipient_text(&answer->cc);

	reply_subject(&subject, mime_field_text(answer->header, "Subject", answer->arena));
	draft_set(&draft->subject, buf_str(&subject));
	draft_set(&draft->to, to);
	draft_set(&draft->cc, cc);
	free(to);
	free(cc);
	buf_free(&subject);
}

static struct draft *make(const struct answer *answer, const char *account, const char *shown)
{
	struct draft *draft = draft_new(account);

	draft->origin = DRAFT_REPLY;
	draft_set(&draft->origin_account, account ? account : "");
	set_fields(answer, draft);
	set_thread(answer, draft);
	set_body(answer, draft, shown);
	set_identity(answer, draft,
		     identity_choose(answer->compose, &answer->mine, answer->header, account));
	return draft;
}

struct draft *reply_make(const struct compose *compose, const struct mime_message *message,
			 enum reply_to whom, const char *account, const char *shown,
			 struct err *err)
{
	struct answer answer = {.compose = compose,
				.message = message,
				.header = &message->root.header,
				.arena = arena_new()};
	struct draft *draft = NULL;

	identity_load(compose, &answer.mine);
	if (choose_recipients(&answer, whom, err) == 0)
		draft = make(&answer, account, shown);
	identity_list_free(&answer.mine);
	arena_free(&answer.arena);
	return draft;
}
