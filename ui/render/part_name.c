#include "config.h"
#include "ui/render/part_name.h"

#include <string.h>

#include "compose/attach.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/mime/mime.h"

/* What people keep as files; programs look at the ending. */
static const struct {
	const char *type, *ending;
} endings[] = {
	{"text/plain", ".txt"},
	{"text/html", ".html"},
	{"text/calendar", ".ics"},
	{"text/csv", ".csv"},
	{"text/markdown", ".md"},
	{"text/rtf", ".rtf"},
	{"text/vcard", ".vcf"},
	{"text/x-vcard", ".vcf"},
	{"text/directory", ".vcf"},
	{"text/x-diff", ".patch"},
	{"text/x-patch", ".patch"},
	{"text/xml", ".xml"},
	{"text/", ".txt"},
	{"image/gif", ".gif"},
	{"image/jpeg", ".jpg"},
	{"image/png", ".png"},
	{"image/svg+xml", ".svg"},
	{"image/tiff", ".tiff"},
	{"image/webp", ".webp"},
	{"application/gzip", ".gz"},
	{"application/ics", ".ics"},
	{"application/json", ".json"},
	{"application/pdf", ".pdf"},
	{"application/pgp-encrypted", ".asc"},
	{"application/pgp-keys", ".asc"},
	{"application/pgp-signature", ".asc"},
	{"application/pkcs7-mime", ".p7m"},
	{"application/pkcs7-signature", ".p7s"},
	{"application/rtf", ".rtf"},
	{"application/xml", ".xml"},
	{"application/zip", ".zip"},
	{"audio/mpeg", ".mp3"},
	{"audio/ogg", ".ogg"},
	{"video/mp4", ".mp4"},
	{"message/delivery-status", ".txt"},
	{"message/disposition-notification", ".txt"},
	{"message/", ".eml"},
};

static const char *ending_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_COUNT(endings); i++)
		if (str_ends(endings[i].type, "/") ? str_starts(type, endings[i].type)
						   : !strcmp(type, endings[i].type))
			return endings[i].ending;
	return "";
}

/* A slash in a subject parts no folders. */
static void add_subject(const struct mime_part *letter, struct buf *name)
{
	struct arena *arena = arena_new();
	const char *subject = mime_field_text(&letter->header, "Subject", arena);
	struct span text = subject ? span_trim(span_of(subject)) : SPAN_NONE;
	size_t from = name->len;

	if (text.len)
		buf_add(name, text.data, text.len);
	else
		buf_add_str(name, "letter");
	for (; from < name->len; from++)
		if (strchr("/\\:", name->data[from]))
			name->data[from] = '_';
	arena_free(&arena);
}

void part_name_safe(const struct mime_part *part, struct buf *out)
{
	struct buf name = BUF_INIT;

	if (part->filename) {
		attach_safe_name(part->filename, out);
		return;
	}
	if (part->first_child && str_starts(part->type, "message/"))
		add_subject(part->first_child, &name);
	else
		buf_add_str(&name, "part");
	buf_add_str(&name, ending_of(part->type));
	attach_safe_name(buf_str(&name), out);
	buf_free(&name);
}
