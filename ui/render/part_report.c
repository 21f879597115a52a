/* Delivery reports (RFC 3464). */
#include "config.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/render/doc.h"
#include "ui/render/part.h"

#define REPORT_BLOCKS 50

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

static void add_recipient(struct part_work *work, const struct mime_header *block)
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

void part_report_render(struct part_work *work, struct mime_part *part)
{
	struct buf text = BUF_INIT;
	size_t at = 0, body_at;

	part_separate(work);
	part_text(work, part, &text);
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
