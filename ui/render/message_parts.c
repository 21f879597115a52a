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
#include "store/mime/mime.h"
#include "ui/render/message.h"
#include "ui/render/part.h"

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

	return part_is_prose(part) && parent &&
	       (part_is_type(parent, "multipart/alternative") ||
		(part_is_type(parent, "multipart/related") && parent->parent &&
		 part_is_type(parent->parent, "multipart/alternative") && parent->first_child == part));
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
			shown = message_next_shown(shown, false);
		if (str_starts(part->type, "multipart/"))
			continue;
		list[at++] = (struct message_part){
			.part = part,
			.level = level_of(part),
			.is_shown = is_shown && !part->first_child && part_row(part),
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
