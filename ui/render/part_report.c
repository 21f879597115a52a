#include "config.h"

#include "ui/render/part_report.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "store/mime/report.h"
#include "ui/render/card.h"
#include "ui/render/doc.h"
#include "ui/render/message_header.h"
#include "ui/render/part.h"
#include "ui/render/report_words.h"
#include "ui/render/text.h"

#define RECIPIENTS_SHOWN 50

static void show_date(struct part_work *work, const char *label, const char *written)
{
	struct buf text = BUF_INIT;
	struct date date;

	if (date_parse(written, strlen(written), &date))
		date_add_long(&text, date.time);
	else
		buf_add_str(&text, written);
	card_field(work, label, buf_str(&text));
	buf_free(&text);
}

/* --- delivery reports (RFC 3464) --- */

static const char *action_words(const char *action)
{
	if (str_starts(action, "failed"))
		return _("Not delivered to");
	if (str_starts(action, "delayed"))
		return _("Not yet delivered to");
	if (str_starts(action, "relayed"))
		return _("Passed on, and no further report will come, for");
	if (str_starts(action, "expanded"))
		return _("Passed on to the people behind");
	return str_starts(action, "delivered") ? _("Delivered to") : _("A report about");
}

static bool is_good(const char *action)
{
	return str_starts(action, "delivered") || str_starts(action, "relayed") ||
	       str_starts(action, "expanded");
}

/* What the other host said, word for word. */
static void show_server_words(struct part_work *work, const struct report_recipient *recipient)
{
	const char *words = *recipient->diagnostic ? recipient->diagnostic : recipient->status;

	if (*recipient->remote)
		words = arena_printf(work->arena, "%s (%s)", words, recipient->remote);
	card_field(work, _("It said:"), words);
}

static void show_recipient(struct part_work *work, const struct report_recipient *recipient)
{
	const char *why = NULL;

	card_title(work, action_words(recipient->action),
		   *recipient->address ? recipient->address : _("an address that is not told"));
	if (!is_good(recipient->action))
		why = report_words(recipient->status, recipient->diagnostic);
	card_field(work, _("Why:"), why ? why : "");
	if (*recipient->diagnostic || *recipient->remote || !why)
		show_server_words(work, recipient);
	if (*recipient->will_retry_until)
		show_date(work, _("Tried until:"), recipient->will_retry_until);
}

void part_report_render(struct part_work *work, struct mime_part *part)
{
	struct report report;
	size_t shown;

	part_separate(work);
	report_read_delivery(part, work->arena, &report);
	shown = report.count < RECIPIENTS_SHOWN ? report.count : RECIPIENTS_SHOWN;
	for (size_t i = 0; i < shown; i++) {
		if (i)
			doc_add_blank(work->doc);
		show_recipient(work, &report.recipients[i]);
	}
	if (shown < report.count)
		card_note(work, arena_printf(work->arena, _("and %zu more recipients"), report.count - shown));
	if (!report.count)
		card_note(work, _("A report about a delivery that names nobody."));
	if (*report.reporter)
		card_field(work, _("Told by:"), report.reporter);
}

/* --- receipts (RFC 8098) --- */

static const char *receipt_words(const struct receipt *receipt)
{
	bool is_manual = strstr(receipt->mode, "manual-action") != NULL;

	if (!strcmp(receipt->disposition, "displayed"))
		return _("Your letter was shown to");
	if (!strcmp(receipt->disposition, "deleted"))
		return is_manual ? _("Your letter was deleted by") : _("Your letter was deleted, perhaps unread, for");
	if (!strcmp(receipt->disposition, "dispatched"))
		return _("Your letter was passed on by");
	if (!strcmp(receipt->disposition, "processed"))
		return _("Your letter was taken care of by a program for");
	if (!strcmp(receipt->disposition, "denied"))
		return _("No receipt for your letter is given by");
	return _("A receipt came from");
}

void part_receipt_render(struct part_work *work, struct mime_part *part)
{
	struct receipt receipt;

	part_separate(work);
	report_read_receipt(part, work->arena, &receipt);
	card_title(work, receipt_words(&receipt), *receipt.address ? receipt.address : _("somebody"));
	card_field(work, _("Told by:"), receipt.agent);
}

/* --- complaints (RFC 5965) --- */

static const char *feedback_words(const char *kind)
{
	if (!strcmp(kind, "abuse"))
		return _("A reader calls a letter unwanted:");
	if (!strcmp(kind, "fraud"))
		return _("A reader calls a letter a fraud:");
	if (!strcmp(kind, "virus"))
		return _("A letter is said to carry a virus:");
	if (!strcmp(kind, "not-spam"))
		return _("A reader says that a letter was wanted after all:");
	return _("Somebody complains about a letter:");
}

void part_feedback_render(struct part_work *work, struct mime_part *part)
{
	struct feedback feedback;

	part_separate(work);
	report_read_feedback(part, work->arena, &feedback);
	card_title(work, feedback_words(feedback.kind), feedback.domain);
	card_field(work, _("Sent to:"), feedback.address);
	card_field(work, _("Came from:"), feedback.source);
	if (*feedback.arrival)
		show_date(work, _("Came at:"), feedback.arrival);
	card_field(work, _("Told by:"), feedback.agent);
}

/* --- what else machines send --- */

void part_headers_render(struct part_work *work, struct mime_part *part)
{
	struct buf text = BUF_INIT;
	struct mime_header header;
	size_t body_at;

	part_separate(work);
	part_text(work, part, &text);
	mime_parse_header(buf_str(&text), text.len, NULL, work->arena, &header, &body_at);
	card_note(work, _("The header of the letter that this is about:"));
	message_header_render(work, &header);
	work->inline_count = 0; /* it ends with a rule of its own */
	buf_free(&text);
}

void part_fragment_render(struct part_work *work, struct mime_part *part)
{
	struct fragment fragment;
	struct text_kind kind = {.is_flowed = false};
	struct buf text = BUF_INIT;

	part_separate(work);
	report_read_fragment(part, &fragment);
	if (fragment.total)
		card_note(work, arena_printf(work->arena,
					     _("This is piece %ld of %ld of a letter that was cut up on its way; "
					       ":join-pieces puts them together. As it stands:"),
					     fragment.number, fragment.total));
	else
		card_note(work, arena_printf(work->arena,
					     _("This is piece %ld of a letter that was cut up on its way; "
					       ":join-pieces puts them together. As it stands:"),
					     fragment.number));
	if (part_text(work, part, &text))
		part_say_cut(work);
	text_render(work->doc, buf_str(&text), text.len, &kind);
	buf_free(&text);
}

void part_external_render(struct part_work *work, struct mime_part *part)
{
	char *place = report_external_place(part, work->arena);

	part_separate(work);
	card_title(work, _("A part of this letter is kept elsewhere; nothing was fetched:"),
		   *place ? place : _("where, it does not say"));
}
