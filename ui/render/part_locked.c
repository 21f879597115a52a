#include "config.h"

#include <string.h>

#include "store/base/i18n.h"
#include "store/crypto/crypto.h"
#include "store/crypto/layer.h"
#include "store/mime/mime.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"
#include "ui/render/part.h"
#include "ui/render/signed_marks.h"

static bool is_here(const struct message_wish *wish, size_t message, const char *path, const struct mime_part *part)
{
	return signed_marks_is_same(wish->crypto, message, wish->crypto_message) && !strcmp(path, part->path);
}

static bool was_opened(const struct message_wish *wish, const struct mime_part *part)
{
	for (size_t i = 0; i < wish->crypto->opened_count; i++)
		if (is_here(wish, wish->crypto->opened[i].message, wish->crypto->opened[i].path, part))
			return true;
	return false;
}

static bool was_tried(const struct message_wish *wish, const struct mime_part *part)
{
	for (size_t i = 0; i < wish->crypto->verdict_count; i++)
		if (is_here(wish, wish->crypto->verdicts[i].message, wish->crypto->verdicts[i].path, part))
			return true;
	return false;
}

static bool is_in_letter(const struct mime_part *part)
{
	while (part && strncmp(part->type, "message/", 8))
		part = part->parent;
	return part != NULL;
}

/* S/MIME whose text is inside the signature. */
static const char *wrapped_words(const struct message_wish *wish, const struct mime_part *part)
{
	if (is_in_letter(part))
		return _("This part lies within its signature. It is opened when the letter that it stands in is "
			 "opened by itself.");
	if (wish->is_checking)
		return _("This part lies within its signature, which is being checked.");
	if (wish->crypto && was_opened(wish, part))
		return _("This part lies within its signature. Opened it stands at the end of the list of parts.");
	if (wish->crypto && was_tried(wish, part))
		return _("This part lies within its signature and could not be opened; the row on top says why.");
	return _("This part lies within its signature.");
}

static const char *words(const struct message_wish *wish, const struct mime_part *part)
{
	if (layer_is_smime_signed(part))
		return wrapped_words(wish, part);
	if (is_in_letter(part))
		return _("This part is encrypted. It is decrypted when the letter that it stands in is opened by "
			 "itself.");
	if (wish->is_checking)
		return _("This part is encrypted; it is being decrypted.");
	if (wish->crypto && was_opened(wish, part))
		return _("This part was encrypted. Decrypted it stands at the end of the list of parts, to be "
			 "opened by itself.");
	if (wish->crypto && was_tried(wish, part))
		return _("This part is encrypted and was not decrypted; the row on top says why.");
	return _("This part is encrypted.");
}

void part_opened_note(struct part_work *work, const struct mime_part *part)
{
	if (!work->wish->crypto || !was_opened(work->wish, part))
		return;
	doc_add_frame(work->doc, STYLE_FRAME,
		      _("Something in this text was encrypted. Decrypted it stands at the end of the list of parts, to "
			"be opened by itself."));
	doc_add_blank(work->doc);
}

void part_locked_render(struct part_work *work, struct mime_part *part)
{
	part_separate(work);
	doc_add_frame(work->doc, STYLE_FRAME, words(work->wish, part));
}
