#include "config.h"

#include "store/base/i18n.h"
#include "store/mime/mime.h"
#include "ui/render/doc.h"
#include "ui/render/message_header.h"
#include "ui/render/part.h"

void part_letter_render(struct part_work *work, struct mime_part *part)
{
	if (!part->first_child)
		return;
	part_separate(work);
	doc_add_frame(work->doc, STYLE_FRAME, _("A letter within this letter:"));
	message_header_render(work, &part->first_child->header);
	work->inline_count = 0;
}
