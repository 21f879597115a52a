#include "config.h"

#include "ui/render/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/address.h"
#include "store/mime/mime.h"
#include "ui/render/doc.h"
#include "ui/render/html.h"
#include "ui/render/text.h"

#define ADDRESSES_SHOWN 12 /* of one field, unless all headers are wanted */
#define REPORT_BLOCKS	50
#define VALUE_WEEDED	400 /* columns of one field, unless all headers are wanted */
#define VALUE_WHOLE	20000

struct work {
	struct doc *doc;
	const struct message_wish *wish;
	struct arena *arena;
	size_t room;	 /* bytes of text that may still come */
	int inline_count;
};

/* --- header --- */

/* At most MOST columns of it. */
static void add_value(struct buf *line, const char *text, int most)
{
	struct buf clean = BUF_INIT;
	int used;
	size_t fit;

	utf8_add_printable(&clean, text, strlen(text));
	fit = utf8_fit(buf_str(&clean), clean.len, most, &used);
	buf_add(line, buf_str(&clean), fit);
	if (fit < clean.len)
		buf_add_str(line, "…");
	buf_free(&clean);
}

#define NAME_WIDTH 8 /* columns for the name of a field; a longer one takes what it needs */

static void add_field(struct doc *doc, const char *name, enum style style, const char *text, int most)
{
	struct buf line = BUF_INIT;
	struct doc_line *added;
	struct doc_run runs[2] = {0};
	int width = utf8_width(name, strlen(name));

	if (width > NAME_WIDTH)
		width = NAME_WIDTH;
	buf_printf(&line, "%s%*s ", name, NAME_WIDTH - width, "");
	runs[0] = (struct doc_run){0, (uint32_t)line.len, STYLE_HEADER_NAME, 0};
	add_value(&line, text, most);
	runs[1] = (struct doc_run){runs[0].len, (uint32_t)line.len - runs[0].len, (unsigned char)style, 0};
	added = doc_add_frame(doc, STYLE_HEADER, buf_str(&line));
	added->hang = NAME_WIDTH + 1;
	if (added->len == line.len)
		doc_set_runs(doc, added, runs, 2);
	buf_free(&line);
}

static void add_addresses(struct work *work, const struct mime_header *header, const char *field,
			  const char *label)
{
	struct address_list list;
	struct buf text = BUF_INIT;
	size_t shown;

	address_field(header, field, work->arena, &list);
	shown = list.count > ADDRESSES_SHOWN ? ADDRESSES_SHOWN : list.count;
	for (size_t i = 0; i < shown; i++) {
		buf_add_str(&text, i ? ", " : "");
		address_add_display(&text, &list.items[i]);
	}
	if (shown < list.count)
		buf_printf(&text, ngettext(" and %zu more", " and %zu more", list.count - shown),
			   list.count - shown);
	if (list.count)
		add_field(work->doc, label, STYLE_HEADER, buf_str(&text), VALUE_WEEDED);
	buf_free(&text);
}

static void add_date(struct work *work, const struct mime_header *header)
{
	const struct mime_field *field = mime_field(header, "Date");
	struct date date;
	struct buf text = BUF_INIT;

	if (!field)
		return;
	if (date_parse(field->value.data, field->value.len, &date))
		date_add_long(&text, date.time);
	else
		utf8_add_printable(&text, field->value.data, field->value.len);
	add_field(work->doc, _("Date:"), STYLE_HEADER, buf_str(&text), VALUE_WEEDED);
	buf_free(&text);
}

/* Reply-To where an answer would go elsewhere. */
static bool reply_to_differs(struct work *work, const struct mime_header *header)
{
	struct address_list from, to;

	address_field(header, "From", work->arena, &from);
	address_field(header, "Reply-To", work->arena, &to);
	return to.count && (!from.count || !address_equal(from.items[0].addr, to.items[0].addr));
}

static void add_weeded(struct work *work, const struct mime_header *header)
{
	const char *subject = mime_field_text(header, "Subject", work->arena);

	add_addresses(work, header, "From", _("From:"));
	if (mime_field(header, "Sender"))
		add_addresses(work, header, "Sender", _("Sender:"));
	if (reply_to_differs(work, header))
		add_addresses(work, header, "Reply-To", _("Reply-To:"));
	add_addresses(work, header, "To", _("To:"));
	add_addresses(work, header, "Cc", _("Cc:"));
	add_addresses(work, header, "Bcc", _("Bcc:"));
	add_date(work, header);
	add_field(work->doc, _("Subject:"), STYLE_SUBJECT, subject ? subject : _("(no subject)"),
		  VALUE_WEEDED);
}

static void add_all_fields(struct work *work, const struct mime_header *header)
{
	for (size_t i = 0; i < header->count && i < MESSAGE_FIELDS_MAX; i++) {
		const struct mime_field *field = &header->fields[i];
		char *name = arena_printf(work->arena, "%.*s:", (int)(field->name.len & 0xffff),
					  field->name.data);

		add_field(work->doc, name, STYLE_HEADER, mime_decode_text(field->value, work->arena),
			  VALUE_WHOLE);
	}
}

static void add_header(struct work *work, const struct mime_header *header)
{
	if (work->wish->all_headers)
		add_all_fields(work, header);
	else
		add_weeded(work, header);
	doc_add_rule(work->doc);
}

/* --- which part of alternatives --- */

static bool is_type(const struct mime_part *part, const char *type)
{
	return !strcmp(part->type, type);
}

static bool is_multipart(const struct mime_part *part)
{
	return str_starts(part->type, "multipart/");
}

/* The first leaf: what a tree of parts begins with. */
static const struct mime_part *first_leaf(const struct mime_part *part)
{
	while (is_multipart(part) && part->first_child)
		part = part->first_child;
	return part;
}

static bool is_blank_text(const struct mime_part *part)
{
	return !span_trim(part->body).len;
}

static struct mime_part *choose(const struct mime_part *alternatives, bool wants_html)
{
	struct mime_part *plain = NULL, *html = NULL;

	for (struct mime_part *child = alternatives->first_child; child; child = child->next) {
		const struct mime_part *leaf = first_leaf(child);

		if (!plain && is_type(leaf, "text/plain") && !is_blank_text(leaf))
			plain = child;
		else if (!html && is_type(leaf, "text/html"))
			html = child;
	}
	if (wants_html && html)
		return html;
	return plain ? plain : html ? html : alternatives->first_child;
}

/* The part after PART in the order of reading: of alternatives one, of encrypted things nothing. */
static struct mime_part *next_shown(struct mime_part *part, bool wants_html)
{
	if (part->first_child && is_type(part, "multipart/alternative"))
		return choose(part, wants_html);
	if (part->first_child && !is_type(part, "multipart/encrypted"))
		return part->first_child;
	while (part) {
		const struct mime_part *parent = part->parent;

		if (part->next && !(parent && is_type(parent, "multipart/alternative")))
			return part->next;
		part = part->parent;
	}
	return NULL;
}

/* --- leaves --- */

static bool is_patch(const struct mime_part *part)
{
	return is_type(part, "text/x-patch") || is_type(part, "text/x-diff") ||
	       (part->filename &&
		(str_ends(part->filename, ".patch") || str_ends(part->filename, ".diff")));
}

static bool is_flag(const struct mime_part *part, const char *name, const char *value)
{
	const char *is = mime_param(part, name);

	return is && str_equal_nocase(is, value);
}

static struct text_kind kind_of(const struct mime_part *part)
{
	return (struct text_kind){
		.is_flowed = is_type(part, "text/plain") && is_flag(part, "format", "flowed"),
		.is_delsp = is_flag(part, "delsp", "yes"),
		.is_patch = is_patch(part),
	};
}

static void say_cut(struct doc *doc)
{
	doc_add_blank(doc);
	doc_add_frame(doc, STYLE_FRAME,
		      _("The text goes on; only its first 4 MB are shown. In the list of parts all of "
			"it can be saved or opened."));
}

static void separate(struct work *work)
{
	if (work->inline_count++ && !work->wish->no_header) {
		doc_add_blank(work->doc);
		doc_add_rule(work->doc);
	}
}

static void render_text(struct work *work, const struct mime_part *part)
{
	struct buf text = BUF_INIT;
	struct text_kind kind = kind_of(part);
	int cut;

	separate(work);
	cut = mime_decode_body_text(part, work->room ? work->room : 1, &text);
	work->room -= text.len < work->room ? text.len : work->room;
	if (is_type(part, "text/html"))
		html_render(work->doc, buf_str(&text), text.len, work->wish->width);
	else
		text_render(work->doc, buf_str(&text), text.len, &kind);
	if (cut)
		say_cut(work->doc);
	buf_free(&text);
}

static bool is_inline_text(const struct mime_part *part)
{
	static const char *const no_prose[] = {"text/calendar", "text/vcard", "text/x-vcard",
					       "text/directory", "text/rtf", NULL};

	if (!str_starts(part->type, "text/"))
		return false;
	if (part->disposition && str_equal_nocase(part->disposition, "attachment"))
		return false;
	for (int i = 0; no_prose[i]; i++)
		if (is_type(part, no_prose[i]))
			return false;
	return true;
}

/* --- reports (RFC 3464) --- */

static const char *after_semicolon(const char *value)
{
	const char *semicolon = value ? strchr(value, ';') : NULL;

	value = semicolon ? semicolon + 1 : value;
	while (value && *value == ' ')
		value++;
	return value;
}

static void add_report(struct buf *line, const char *action, const char *who, const char *why)
{
	if (str_starts_nocase(action, "failed"))
		buf_printf(line, _("Not delivered to %s: %s"), who, why);
	else if (str_starts_nocase(action, "delayed"))
		buf_printf(line, _("Not yet delivered to %s: %s"), who, why);
	else if (str_starts_nocase(action, "relayed"))
		buf_printf(line, _("Passed on for %s; no report will come: %s"), who, why);
	else if (str_starts_nocase(action, "expanded"))
		buf_printf(line, _("Passed on to the people behind %s: %s"), who, why);
	else
		buf_printf(line, _("Delivered to %s: %s"), who, why);
}

static void add_recipient(struct work *work, const struct mime_header *block)
{
	const char *action = mime_field_text(block, "Action", work->arena);
	const char *who = after_semicolon(mime_field_text(block, "Final-Recipient", work->arena));
	const char *why = after_semicolon(mime_field_text(block, "Diagnostic-Code", work->arena));
	const char *status = mime_field_text(block, "Status", work->arena);
	struct buf line = BUF_INIT;

	if (!who || !action)
		return;
	add_report(&line, action, who, why ? why : status ? status : "");
	doc_add(work->doc, str_starts_nocase(action, "failed") ? STYLE_BOLD : STYLE_NORMAL, 0,
		buf_str(&line), line.len);
	buf_free(&line);
}

static void render_report(struct work *work, const struct mime_part *part)
{
	struct buf text = BUF_INIT;
	size_t at = 0, body_at;

	separate(work);
	mime_decode_body_text(part, work->room ? work->room : 1, &text);
	for (int i = 0; at < text.len && i < REPORT_BLOCKS; i++) {
		struct mime_header block;

		mime_parse_header(text.data + at, text.len - at, NULL, work->arena, &block, &body_at);
		add_recipient(work, &block);
		at += body_at ? body_at : 1;
		while (at < text.len && text.data[at] == '\n')
			at++;
	}
	buf_free(&text);
}

static void render_nested(struct work *work, const struct mime_part *part)
{
	if (!part->first_child)
		return;
	separate(work);
	doc_add_frame(work->doc, STYLE_FRAME, _("A letter within this letter:"));
	add_header(work, &part->first_child->header);
	work->inline_count = 0;
}

static bool is_report(const struct mime_part *part)
{
	return is_type(part, "message/delivery-status") ||
	       is_type(part, "message/global-delivery-status");
}

static void render_part(struct work *work, struct mime_part *part)
{
	if (is_type(part, "multipart/encrypted"))
		doc_add_frame(work->doc, STYLE_FRAME,
			      _("This part is encrypted. Tern cannot decrypt it yet."));
	else if (is_report(part))
		render_report(work, part);
	else if (str_starts(part->type, "message/") && part->first_child)
		render_nested(work, part);
	else if (!part->first_child && is_inline_text(part))
		render_text(work, part);
}

void message_render(struct doc *doc, struct mime_message *message, const struct message_wish *wish)
{
	struct work work = {.doc = doc, .wish = wish, .arena = arena_new(), .room = MESSAGE_TEXT_MAX};
	struct mime_part *part = &message->root;

	if (!wish->no_header)
		add_header(&work, &part->header);
	for (; part && work.room && work.inline_count < MESSAGE_INLINE_MAX;
	     part = next_shown(part, wish->wants_html))
		render_part(&work, part);
	if (part)
		doc_add_frame(doc, STYLE_FRAME, _("More parts are in the list of parts."));
	if (message->is_cut)
		doc_add_frame(doc, STYLE_FRAME,
			      _("This message nests deeper, or has more parts, than can be right; the "
				"rest is one part."));
	doc_fold(doc, false);
	arena_free(&work.arena);
}

void message_render_raw(struct doc *doc, const char *bytes, size_t len)
{
	struct span rest = {bytes, len > MESSAGE_TEXT_MAX ? MESSAGE_TEXT_MAX : len}, line;

	while (doc->count < MESSAGE_LINES_MAX && span_split(&rest, '\n', &line)) {
		if (line.len && line.data[line.len - 1] == '\r')
			line.len--;
		doc_add(doc, STYLE_NORMAL, 0, line.data, line.len);
	}
	if (rest.len)
		doc_add_frame(doc, STYLE_FRAME, _("The letter goes on; only its first 500,000 lines are shown."));
	else if (len > MESSAGE_TEXT_MAX)
		say_cut(doc);
	doc_fold(doc, false);
}

/* --- questions --- */

static const struct mime_part *first_text(const struct mime_message *message, bool wants_html)
{
	struct mime_part *part = (struct mime_part *)&message->root;

	for (; part; part = next_shown(part, wants_html))
		if (!part->first_child && is_inline_text(part))
			return part;
	return NULL;
}

bool message_is_html(const struct mime_message *message)
{
	const struct mime_part *part = first_text(message, false);

	return part && is_type(part, "text/html");
}

bool message_has_html_and_text(const struct mime_message *message)
{
	const struct mime_part *html = first_text(message, true);

	return first_text(message, false) != html;
}

void message_shown_text(struct mime_message *message, bool wants_html, struct buf *out)
{
	struct message_wish wish = {.width = 72, .wants_html = wants_html, .no_header = true};
	struct doc *doc = doc_new();

	message_render(doc, message, &wish);
	for (size_t i = 0; i < doc->count; i++) {
		const struct doc_line *line = &doc->lines[i];

		if (line->is_frame)
			continue;
		for (int depth = 0; depth < line->depth; depth++)
			buf_add_char(out, '>');
		buf_add_str(out, line->depth ? " " : "");
		buf_add(out, line->text, line->len);
		buf_add_char(out, '\n');
	}
	doc_free(&doc);
}

/* --- the list of parts --- */

static const struct {
	const char *type, *kind;
} kinds[] = {
	{"application/pdf", "PDF"},
	{"application/zip", N_("archive")},
	{"application/gzip", N_("archive")},
	{"application/x-tar", N_("archive")},
	{"application/pgp-signature", N_("signature")},
	{"application/pkcs7-signature", N_("signature")},
	{"application/x-pkcs7-signature", N_("signature")},
	{"application/pgp-keys", N_("key")},
	{"application/ics", N_("calendar")},
	{"text/calendar", N_("calendar")},
	{"text/vcard", N_("card")},
	{"text/x-vcard", N_("card")},
	{"text/html", "HTML"},
	{"message/delivery-status", N_("report")},
	{"message/disposition-notification", N_("report")},
	{"message/", N_("letter")},
	{"image/", N_("image")},
	{"audio/", N_("sound")},
	{"video/", N_("film")},
	{"text/", N_("text")},
};

static const char *kind_name(const char *type)
{
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (str_starts(type, kinds[i].type))
			return _(kinds[i].kind);
	return type;
}

static int64_t size_of(const struct mime_part *part)
{
	bool is_base64 = part->encoding && str_equal_nocase(part->encoding, "base64");

	return is_base64 ? (int64_t)part->body.len * 57 / 78 : (int64_t)part->body.len;
}

static char *part_name(const struct mime_part *part, struct arena *arena)
{
	struct buf name = BUF_INIT;
	const char *text = part->filename ? part->filename : part->description;
	char *kept;

	if (!text && part->first_child)
		text = mime_field_text(&part->first_child->header, "Subject", arena);
	if (text)
		utf8_add_printable(&name, text, strlen(text));
	kept = arena_strdup(arena, buf_str(&name));
	buf_free(&name);
	return kept;
}

static int level_of(const struct mime_part *part)
{
	int level = 0;

	for (part = part->parent; part; part = part->parent)
		level++;
	return level;
}

static bool is_form(const struct mime_part *part)
{
	const struct mime_part *parent = part->parent;

	return is_inline_text(part) && parent &&
	       (is_type(parent, "multipart/alternative") ||
		(is_type(parent, "multipart/related") && parent->parent &&
		 is_type(parent->parent, "multipart/alternative") && parent->first_child == part));
}

void message_parts(struct mime_message *message, struct arena *arena, struct message_part **parts,
		   size_t *count)
{
	struct mime_part *shown = &message->root;
	struct message_part *list = ARENA_ARRAY(arena, struct message_part, message->part_count + 1);
	size_t at = 0;

	/* both walks go in the order of the message, so one cursor tells what is shown */
	for (struct mime_part *part = &message->root; part && at < message->part_count;
	     part = mime_next(part)) {
		bool is_shown = part == shown;

		if (is_shown)
			shown = next_shown(shown, false);
		if (is_multipart(part))
			continue;
		list[at++] = (struct message_part){
			.part = part,
			.level = level_of(part),
			.is_shown = is_shown && (is_report(part) || (is_inline_text(part) &&
								     !part->first_child)),
			.is_form = is_form(part),
			.name = part_name(part, arena),
			.kind = arena_strdup(arena, kind_name(part->type)),
			.size = size_of(part),
		};
	}
	*parts = list;
	*count = at;
}

void message_add_size(struct buf *out, int64_t size)
{
	if (size < 1000)
		buf_printf(out, "%" PRId64, size);
	else if (size < 1000000)
		buf_printf(out, "%" PRId64 " K", (size + 500) / 1000);
	else
		buf_printf(out, "%" PRId64 ".%" PRId64 " M", size / 1000000, size / 100000 % 10);
}
