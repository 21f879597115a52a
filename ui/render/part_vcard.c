#include "config.h"

#include "ui/render/part_vcard.h"

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "store/mime/vcard.h"
#include "ui/render/card.h"
#include "ui/render/doc.h"
#include "ui/render/part.h"

#define CARDS_SHOWN  10
#define VALUES_SHOWN 30
#define CARDS_MAX    1000
#define SUMMARY_MAX  (1u << 20)

static const char *label_of(const struct vcard_value *value)
{
	switch (value->kind) {
	case VCARD_ORGANISATION:
		return _("Works at:");
	case VCARD_TITLE:
		return _("Works as:");
	case VCARD_MAIL:
		return _("Mail:");
	case VCARD_PHONE:
		return value->is_fax ? _("Fax:") : value->is_mobile ? _("Mobile:") : _("Phone:");
	case VCARD_ADDRESS:
		return _("Address:");
	case VCARD_URL:
		return _("Web:");
	case VCARD_BIRTHDAY:
		return _("Born:");
	default:
		return _("Note:");
	}
}

static void show_value(struct part_work *work, const struct vcard_value *value)
{
	const char *text = value->text;

	if (value->is_home || value->is_work)
		text = arena_printf(work->arena, value->is_home ? _("%s (at home)") : _("%s (at work)"), text);
	card_field(work, label_of(value), text);
}

static void show_card(struct part_work *work, const struct vcard *card)
{
	card_title(work, _("Card:"), *card->name ? card->name : _("(no name)"));
	for (size_t i = 0; i < card->count && i < VALUES_SHOWN; i++)
		show_value(work, &card->values[i]);
}

static void show_cards(struct part_work *work, struct vcard_reader *reader)
{
	struct vcard card;
	size_t count = 0;

	while (count < CARDS_MAX && vcard_next(reader, &card) == 1) {
		if (count++ >= CARDS_SHOWN)
			continue;
		if (count > 1)
			doc_add_blank(work->doc);
		show_card(work, &card);
	}
	if (!count)
		card_note(work, _("This should be a visiting card, but none is in it."));
	if (count > CARDS_SHOWN)
		card_note(work, arena_printf(work->arena,
					     ngettext("and %zu more card", "and %zu more cards",
						      count - CARDS_SHOWN),
					     count - CARDS_SHOWN));
}

void part_vcard_render(struct part_work *work, struct mime_part *part)
{
	struct buf bytes = BUF_INIT;
	struct vcard_reader reader;

	part_separate(work);
	mime_decode_body(part, work->room ? work->room : 1, &bytes);
	work->room -= bytes.len < work->room ? bytes.len : work->room;
	vcard_open(&reader, (struct span){buf_str(&bytes), bytes.len}, part->charset, NULL, work->arena);
	show_cards(work, &reader);
	vcard_close(&reader);
	buf_free(&bytes);
}

char *part_vcard_summary(const struct mime_part *part, struct arena *arena)
{
	struct buf bytes = BUF_INIT;
	struct vcard_reader reader;
	struct vcard card;
	char *summary = NULL;

	mime_decode_body(part, SUMMARY_MAX, &bytes);
	vcard_open(&reader, (struct span){buf_str(&bytes), bytes.len}, part->charset, NULL, arena);
	if (vcard_next(&reader, &card) == 1 && *card.name)
		summary = arena_printf(arena, _("card: %s"), card.name);
	vcard_close(&reader);
	buf_free(&bytes);
	return summary;
}
