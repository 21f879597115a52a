#include "config.h"

#include "ui/render/part.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/crypto/layer.h"
#include "store/mime/mime.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"
#include "ui/render/part_calendar.h"
#include "ui/render/part_report.h"
#include "ui/render/part_vcard.h"

/* NULL: listed among the parts, not shown in the text. */
static const struct part_row rows[] = {
	{"multipart/encrypted", part_locked_render, false},
	{"application/pkcs7-mime", part_locked_render, false},
	{"application/x-pkcs7-mime", part_locked_render, false},
	{"application/octet-stream", part_locked_render, false}, /* by its name, see fits */
	{"multipart/alternative", part_alternative_render, false},
	{"message/delivery-status", part_report_render, false},
	{"message/global-delivery-status", part_report_render, false},
	{"message/disposition-notification", part_receipt_render, false},
	{"message/feedback-report", part_feedback_render, false},
	{"message/partial", part_fragment_render, false},
	{"message/external-body", part_external_render, false},
	{"message/", part_letter_render, false},
	{"text/calendar", part_calendar_render, false},
	{"text/vcard", part_vcard_render, false},
	{"text/x-vcard", part_vcard_render, false},
	{"text/directory", part_vcard_render, false},
	{"text/rfc822-headers", part_headers_render, false},
	{"text/rtf", NULL, false},
	{"text/", part_text_render, true},
	{"multipart/", part_text_render, true}, /* whose parts nobody can tell apart: as it stands */
};

bool part_is_type(const struct mime_part *part, const char *type)
{
	return !strcmp(part->type, type);
}

static bool fits(const struct part_row *row, const struct mime_part *part)
{
	if (row->render == part_alternative_render && !part->first_child)
		return false; /* nothing to choose from */
	if (row->render == part_locked_render && !str_starts(row->type, "multipart/") && !layer_is_smime(part))
		return false;
	return str_ends(row->type, "/") ? str_starts(part->type, row->type)
					: part_is_type(part, row->type);
}

static bool is_attached(const struct mime_part *part)
{
	return part->disposition && str_equal_nocase(part->disposition, "attachment");
}

/* A row of prose takes what has text of its own to read. */
static bool is_read(const struct mime_part *part)
{
	return !part->first_child && !is_attached(part) &&
	       !(str_starts(part->type, "multipart/") && (part->is_cut || !span_trim(part->body).len));
}

const struct part_row *part_row(const struct mime_part *part)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (!fits(&rows[i], part))
			continue;
		if (!rows[i].render || (rows[i].is_prose && !is_read(part)))
			return NULL;
		return &rows[i];
	}
	return NULL;
}

bool part_is_prose(const struct mime_part *part)
{
	const struct part_row *row = part_row(part);

	return row && row->is_prose;
}

void part_separate(struct part_work *work)
{
	bool is_separated = work->is_separated;

	work->is_separated = false;
	if (work->inline_count++ && !work->wish->no_header && !is_separated) {
		doc_add_blank(work->doc);
		doc_add_rule(work->doc);
	}
}

int part_text(struct part_work *work, const struct mime_part *part, struct buf *text)
{
	int cut = mime_decode_body_text(part, work->room ? work->room : 1, text);

	work->room -= text->len < work->room ? text->len : work->room;
	return cut;
}

void part_file_note(struct part_work *work, const struct mime_part *part)
{
	const char *name = part->filename ? part->filename : "";

	doc_add_blank(work->doc);
	doc_add_frame(work->doc, STYLE_FRAME,
		      arena_printf(work->arena,
				   part->is_damaged ? _("(here stands a file, \"%s\", which was damaged or cut on its "
							"way: it is in the list of parts)")
						    : _("(here stands a file, \"%s\": it is in the list of parts)"),
				   name));
	doc_add_blank(work->doc);
	work->inline_count = 0; /* no rule: the text goes on */
}

void part_say_cut(struct part_work *work)
{
	doc_add_blank(work->doc);
	doc_add_frame(work->doc, STYLE_FRAME,
		      work->doc->count >= DOC_LINES_MAX
			  ? _("The text goes on; only its first 250,000 lines are shown. In the list of parts all "
			      "of it can be saved or opened.")
			  : _("The text goes on; only its first 4 MB are shown. In the list of parts all of "
			      "it can be saved or opened."));
}
