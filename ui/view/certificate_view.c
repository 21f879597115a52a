#include "config.h"
#include "ui/view/certificate_view.h"

#include <stdlib.h>

#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "ui/view/text_view.h"
#include "ui/view/view.h"

static void certificate_title(struct view *view, struct buf *left, struct buf *right)
{
	buf_add_str(left, _("a certificate that is not known"));
	text_view_place((struct text_view *)view, right);
}

/* Its keys are those of the log: both are only read. */
static const struct view_class certificate_class = {
	.kind = VIEW_LOG,
	.name = "log",
	.title = N_("a certificate that is not known"),
	.free = text_view_free,
	.title_line = certificate_title,
	TEXT_VIEW_WAYS,
};

struct view *certificate_view_new(struct app *app, const char *words)
{
	struct text_view *text = mem_alloc(sizeof *text);
	struct span rest = span_of(words), line;

	text_view_begin(text, app, &certificate_class);
	text_view_add(text, STYLE_NORMAL, NULL, "");
	while (span_split(&rest, '\n', &line) > 0) {
		char *copy = mem_strndup(line.data ? line.data : "", line.len);

		text_view_add(text, STYLE_NORMAL, NULL, copy);
		text_view_add(text, STYLE_NORMAL, NULL, "");
		free(copy);
	}
	return &text->view;
}
