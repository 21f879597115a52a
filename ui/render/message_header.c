#include "config.h"

#include "ui/render/message_header.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/address.h"
#include "store/mime/mime.h"
#include "store/mime/sender.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"
#include "ui/render/part.h"
#include "ui/render/sender_lines.h"

#define ADDRESSES_SHOWN 12 /* of one field, unless all headers are wanted */
#define VALUE_WEEDED	400 /* columns of one field, unless all headers are wanted */
#define VALUE_WHOLE	20000

/* At most MOST columns of it. */
static void add_value(struct buf *line, const char *text, int most)
{
	struct buf clean = BUF_INIT;
	int used;
	size_t fit;

	utf8_add_revealed(&clean, text, strlen(text));
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
	/* a subject in Hebrew runs from right to left; addresses keep their order */
	added->label = style == STYLE_SUBJECT ? runs[0].len : 0;
	if (added->len == line.len)
		doc_set_runs(doc, added, runs, 2);
	buf_free(&line);
}

static void add_addresses(struct part_work *work, const struct mime_header *header, const char *field,
			  const char *label)
{
	struct address_list list;
	struct buf text = BUF_INIT;
	size_t shown;

	address_field(header, field, work->arena, &list);
	shown = list.count > ADDRESSES_SHOWN ? ADDRESSES_SHOWN : list.count;
	for (size_t i = 0; i < shown; i++) {
		buf_add_str(&text, i ? ", " : "");
		sender_add(&text, &list.items[i]);
	}
	if (shown < list.count)
		buf_printf(&text, ngettext(" and %zu more", " and %zu more", list.count - shown),
			   list.count - shown);
	if (list.count)
		add_field(work->doc, label, STYLE_HEADER, buf_str(&text), VALUE_WEEDED);
	buf_free(&text);
}

static void add_date(struct part_work *work, const struct mime_header *header)
{
	const struct mime_field *field = mime_field(header, "Date");
	struct date date;
	struct buf text = BUF_INIT;

	if (!field)
		return;
	if (date_parse(field->value.data, field->value.len, &date))
		date_add_long(&text, date.time);
	else
		utf8_add_revealed(&text, field->value.data, field->value.len);
	add_field(work->doc, _("Date:"), STYLE_HEADER, buf_str(&text), VALUE_WEEDED);
	buf_free(&text);
}

/* Sender, Reply-To where they say something else than From. */
static bool differs(struct part_work *work, const struct mime_header *header, const char *field)
{
	struct address_list from, to;

	address_field(header, "From", work->arena, &from);
	address_field(header, field, work->arena, &to);
	return to.count && (from.count != 1 || !address_equal(from.items[0].addr, to.items[0].addr));
}

static void add_weeded(struct part_work *work, const struct mime_header *header)
{
	const char *subject = mime_field_text(header, "Subject", work->arena);

	add_addresses(work, header, "From", _("From:"));
	if (differs(work, header, "Sender"))
		add_addresses(work, header, "Sender", _("Sender:"));
	if (differs(work, header, "Reply-To"))
		add_addresses(work, header, "Reply-To", _("Reply-To:"));
	add_addresses(work, header, "To", _("To:"));
	add_addresses(work, header, "Cc", _("Cc:"));
	add_addresses(work, header, "Bcc", _("Bcc:"));
	add_date(work, header);
	add_field(work->doc, _("Subject:"), STYLE_SUBJECT, subject ? subject : _("(no subject)"),
		  VALUE_WEEDED);
}

static void add_all_fields(struct part_work *work, const struct mime_header *header)
{
	for (size_t i = 0; i < header->count && i < MESSAGE_FIELDS_MAX; i++) {
		const struct mime_field *field = &header->fields[i];
		char *name = arena_printf(work->arena, "%.*s:", (int)(field->name.len & 0xffff),
					  field->name.data);

		add_field(work->doc, name, STYLE_HEADER, mime_decode_text(field->value, work->arena),
			  VALUE_WHOLE);
	}
	if (header->count > MESSAGE_FIELDS_MAX)
		doc_add_frame(work->doc, STYLE_FRAME,
			      _("More fields than can be right: the others are in the letter's bytes (raw)."));
}

void message_header_render(struct part_work *work, const struct mime_header *header)
{
	if (work->wish->all_headers)
		add_all_fields(work, header);
	else
		add_weeded(work, header);
	sender_lines_add(work->doc, header, work->arena, work->wish->self, work->wish->self_count);
	doc_add_rule(work->doc);
}
