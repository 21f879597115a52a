/* The list of a message's parts. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/calendar.h"
#include "store/mime/mime.h"
#include "store/mime/tnef.h"
#include "store/mime/vcard.h"
#include "ui/render/message.h"
#include "ui/render/part.h"
#include "ui/render/part_calendar.h"
#include "ui/render/part_vcard.h"

#define SUMMARIES_MAX 20 /* parts that are looked into */

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
	{"application/ms-tnef", N_("archive")},
	{"text/calendar", N_("calendar")},
	{"text/vcard", N_("card")},
	{"text/x-vcard", N_("card")},
	{"text/html", "HTML"},
	{"text/x-amp-html", "AMP"},
	{"message/delivery-status", N_("report")},
	{"message/disposition-notification", N_("report")},
	{"message/", N_("letter")},
	{"image/", N_("image")},
	{"audio/", N_("sound")},
	{"video/", N_("film")},
	{"text/", N_("text")},
};

const char *message_kind_name(const char *type)
{
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (str_starts(type, kinds[i].type))
			return _(kinds[i].kind);
	return type;
}

int64_t message_size_of(const struct mime_part *part, int64_t encoded)
{
	bool is_base64 = part->encoding && str_equal_nocase(part->encoding, "base64");

	return is_base64 ? encoded * 57 / 78 : encoded;
}

static char *revealed(const char *text, struct arena *arena)
{
	struct buf clean = BUF_INIT;
	char *kept;

	utf8_add_revealed(&clean, text, strlen(text));
	kept = arena_strdup(arena, buf_str(&clean));
	buf_free(&clean);
	return kept;
}

static char *part_name(const struct mime_part *part, struct arena *arena)
{
	const char *text = part->filename ? part->filename : part->description;

	if (!text && part->first_child)
		text = mime_field_text(&part->first_child->header, "Subject", arena);
	return revealed(text ? text : "", arena);
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

	if (part_is_type(part, "text/calendar") && parent && part_is_type(parent, "multipart/alternative"))
		return true; /* its card stands above the text */
	return part_is_prose(part) && parent &&
	       (part_is_type(parent, "multipart/alternative") ||
		(part_is_type(parent, "multipart/related") && parent->parent &&
		 part_is_type(parent->parent, "multipart/alternative") && parent->first_child == part));
}

static char *kind_of(const struct mime_part *part, struct arena *arena)
{
	const char *name = message_kind_name(part->type);

	return part->is_damaged ? arena_printf(arena, _("%s, damaged"), name) : arena_strdup(arena, name);
}

/* A box (TNEF) whose files stand below it is nothing to open by itself. */
static bool is_shown_part(const struct mime_part *part, bool is_in_walk)
{
	if (part->first_child && tnef_is_type(part->type, part->filename))
		return true;
	return is_in_walk && !part->first_child && part_row(part);
}

/* What a file is about, where a look into it tells more than its kind. */
static void say_more(struct message_part *item, struct arena *arena, int *room)
{
	const struct mime_part *part = item->part;
	char *summary = NULL;

	if (item->is_shown || part->first_child || !*room)
		return;
	if (calendar_is_type(part->type, part->filename))
		summary = part_calendar_summary(part, arena);
	else if (vcard_is_type(part->type, part->filename))
		summary = part_vcard_summary(part, arena);
	if (!summary)
		return;
	(*room)--;
	item->kind = revealed(summary, arena);
	item->says_all = true;
}

void message_parts(struct mime_message *message, struct arena *arena, struct message_part **parts,
		   size_t *count)
{
	struct mime_part *shown = &message->root;
	struct message_part *list = ARENA_ARRAY(arena, struct message_part, message->part_count + 1);
	size_t at = 0;
	int summaries = SUMMARIES_MAX;

	/* both walks go in the order of the message, so one cursor tells what is shown */
	for (struct mime_part *part = &message->root; part && at < message->part_count;
	     part = mime_next(part)) {
		bool is_shown = part == shown;

		if (is_shown)
			shown = message_next_shown(shown, false);
		if (str_starts(part->type, "multipart/"))
			continue;
		list[at++] = (struct message_part){
			.part = part,
			.level = level_of(part),
			.is_shown = is_shown_part(part, is_shown),
			.is_form = is_form(part),
			.name = part_name(part, arena),
			.kind = kind_of(part, arena),
			.size = message_size_of(part, (int64_t)part->body.len),
		};
		say_more(&list[at - 1], arena, &summaries);
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
