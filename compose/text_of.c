#include "config.h"
#include "compose/text_of.h"

#include <string.h>

#include "compose/attach.h"
#include "compose/draft.h"
#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/mime/flowed.h"
#include "store/mime/mime.h"

#define TEXT_MAX   (4 << 20) /* more than that nobody quotes */
#define LINES_MAX  (1 << 18) /* nor so many lines: each costs the editor more than its bytes */

static bool is_flowed(const struct mime_part *part)
{
	const char *format = mime_param(part, "format");

	return format && str_equal_nocase(format, "flowed");
}

static void cut_lines(struct buf *text)
{
	size_t lines = 0, at = 0;

	while (at < text->len && lines < LINES_MAX) {
		lines += text->data[at] == '\n' || text->data[at] == '\r';
		at++;
	}
	buf_truncate(text, at);
}

static void add_part(const struct mime_part *part, struct buf *out)
{
	const char *delsp = mime_param(part, "delsp");
	struct buf text = BUF_INIT;

	mime_decode_body_text(part, TEXT_MAX, &text);
	if (is_flowed(part))
		flowed_read(buf_str(&text), text.len, delsp && str_equal_nocase(delsp, "yes"), out);
	else
		buf_add(out, buf_str(&text), text.len);
	buf_free(&text);
	cut_lines(out);
}

struct mime_part *text_of(const struct mime_message *message, const char *shown, struct buf *out)
{
	struct mime_part *part = mime_text_part(message);

	if (shown) {
		buf_add(out, shown, strnlen(shown, TEXT_MAX));
		cut_lines(out);
	} else if (part && !strcmp(part->type, "text/plain")) {
		add_part(part, out);
	} else {
		part = NULL;
	}
	return part;
}

struct mime_part *text_of_next_outside(const struct mime_part *part)
{
	while (part && !part->next)
		part = part->parent;
	return part ? part->next : NULL;
}

static bool is_letter(const struct mime_part *part)
{
	return !strcmp(part->type, "message/rfc822") || !strcmp(part->type, "message/global");
}

static const char *name_of(const struct mime_part *part)
{
	if (part->filename && *part->filename)
		return part->filename;
	return is_letter(part)	   ? "letter.eml"
	       : part->description ? part->description
				   : "attachment";
}

static bool is_whole(const struct mime_message *message, const struct mime_part *part)
{
	return is_letter(part) && part != &message->root;
}

static bool is_taken(const struct mime_message *message, const struct mime_part *part,
		     const struct mime_part *text)
{
	return part != text && (is_whole(message, part) || mime_is_attachment(message, part));
}

/* What lies in a letter goes with it. */
static const struct mime_part *after(const struct mime_message *message, const struct mime_part *part)
{
	return is_whole(message, part) ? text_of_next_outside(part) : mime_next(part);
}

size_t text_of_attachment_count(const struct mime_message *message, const struct mime_part *text)
{
	size_t count = 0;

	for (const struct mime_part *part = &message->root; part; part = after(message, part))
		count += is_taken(message, part, text);
	return count;
}

int text_of_attachments(const struct mime_message *message, const struct mime_part *text,
			struct draft *draft, struct err *err)
{
	for (const struct mime_part *part = &message->root; part; part = after(message, part))
		if (is_taken(message, part, text) && attach_part(draft, name_of(part), part, err) < 0)
			return -1;
	return 0;
}
