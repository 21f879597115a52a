#include "config.h"
#include "store/mime/attached.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/mime/inline_file.h"
#include "store/mime/tnef.h"

#define PACKED_LIMIT (32u << 20) /* a larger one has files in it, for sure */
#define TEXT_LIMIT   (8u << 20)

static bool is_one_of(const char *type, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(type, list[i]) == 0)
			return true;
	return false;
}

/* Parts that belong to how the letter was sent. */
static bool is_wrapping(const struct mime_part *part)
{
	static const char *const list[] = {
	    "application/pgp-signature",     "application/pkcs7-signature",
	    "application/x-pkcs7-signature", "application/pkcs7-mime",
	    "application/x-pkcs7-mime",	     "application/pgp-encrypted",
	    "message/delivery-status",	     "message/disposition-notification",
	    "message/partial",		     "text/rfc822-headers",
	};

	return is_one_of(part->type, list, ARRAY_COUNT(list));
}

/* Inside of these all parts are what the letter says, or closed. */
static bool is_all_of_one(const struct mime_part *part)
{
	static const char *const list[] = {"multipart/report", "multipart/digest", "multipart/encrypted"};

	for (part = part->parent; part; part = part->parent)
		if (is_one_of(part->type, list, ARRAY_COUNT(list)))
			return true;
	return false;
}

static bool is_in(const struct mime_part *part, const char *type)
{
	return part->parent && strcmp(part->parent->type, type) == 0;
}

static bool says_attachment(const struct mime_part *part)
{
	return part->disposition && strcmp(part->disposition, "attachment") == 0;
}

static bool is_packed_with_files(const struct mime_part *part, struct arena *arena)
{
	struct buf bytes = BUF_INIT;
	struct tnef tnef;
	bool has = true; /* one that is not here: it was sent for a reason */

	if (mime_decode_body(part, PACKED_LIMIT, &bytes) == 0 && bytes.len)
		has = tnef_read((struct span){buf_str(&bytes), bytes.len}, arena, &tnef) < 0 || tnef.count > 0;
	buf_free(&bytes);
	return has;
}

/* As it was before MIME: a cheap look first, for nearly no letter has it. */
static bool has_inline_file(const struct mime_part *part, struct arena *arena)
{
	struct inline_file_list list = {NULL, 0, false};
	struct buf bytes = BUF_INIT;

	if (!memmem(part->body.data, part->body.len, "\nend", 4) &&
	    !memmem(part->body.data, part->body.len, "=ybegin", 7))
		return false;
	mime_decode_body(part, TEXT_LIMIT, &bytes);
	inline_file_find((struct span){buf_str(&bytes), bytes.len}, arena, &list);
	buf_free(&bytes);
	return list.count > 0;
}

static bool is_attached_text(const struct mime_message *message, const struct mime_part *part)
{
	if (part->filename && part != message->root.text)
		return true;
	return strcmp(part->type, "text/plain") == 0 && has_inline_file(part, message->arena);
}

static bool is_attached(const struct mime_message *message, const struct mime_part *part)
{
	if (strcmp(part->type, "message/rfc822") == 0 || strcmp(part->type, "message/global") == 0)
		return !is_all_of_one(part);
	if (mime_is_container(part) || is_wrapping(part) || is_all_of_one(part))
		return false;
	if (tnef_is_type(part->type, part->filename))
		return is_packed_with_files(part, message->arena);
	if (is_in(part, "multipart/related") && part->content_id && str_starts(part->type, "image/"))
		return false;
	if (says_attachment(part))
		return true;
	if (is_in(part, "multipart/related") || is_in(part, "multipart/alternative"))
		return false;
	return !str_starts(part->type, "text/") || is_attached_text(message, part);
}

bool mime_has_attachment(const struct mime_message *message)
{
	for (const struct mime_part *part = &message->root; part; part = mime_next(part))
		if (is_attached(message, part))
			return true;
	return false;
}
