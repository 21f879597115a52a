#include "config.h"

#include "ui/render/pictures.h"

#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/picture/album.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"

static bool is_image(const struct mime_part *part)
{
	return !part->first_child && str_starts(part->type, "image/");
}

/* Made printable by the doc. */
static void add_caption(struct doc *doc, const struct message_part *part)
{
	struct buf text = BUF_INIT;

	if (*part->name)
		buf_printf(&text, "%s  ", part->name);
	buf_printf(&text, "%s ", part->kind);
	message_add_size(&text, part->size);
	doc_add_frame(doc, STYLE_ATTACHMENT, buf_str(&text));
	buf_free(&text);
}

void pictures_render(struct doc *doc, struct album *album, const struct message_part *parts,
		     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct album_page *page;

		if (!is_image(parts[i].part))
			continue;
		page = album_page(album, parts[i].part);
		if (!page)
			break;
		doc_add_blank(doc);
		add_caption(doc, &parts[i]);
		doc_add_picture(doc, page);
	}
	doc_fold(doc, doc->is_folded);
}
