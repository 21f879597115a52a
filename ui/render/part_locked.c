#include "config.h"

#include "store/base/i18n.h"
#include "ui/render/doc.h"
#include "ui/render/part.h"

void part_locked_render(struct part_work *work, struct mime_part *part)
{
	(void)part;
	doc_add_frame(work->doc, STYLE_FRAME,
		      _("This part is encrypted. Tern cannot decrypt it yet."));
}
