#include "config.h"
#include "ui/view/part_view.h"

#include <stdlib.h>

#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/view/text_view.h"

#define TEXT_MAX (4u << 20)

struct part_view {
	struct text_view text; /* first: text_view's functions take it for that */
	char *name;
};

static void part_free(struct view *view)
{
	struct part_view *part = (struct part_view *)view;

	text_view_release(&part->text);
	free(part->name);
	free(part);
}

static void part_title(struct view *view, struct buf *left, struct buf *right)
{
	struct part_view *part = (struct part_view *)view;

	buf_add_str(left, part->name);
	text_view_place(&part->text, right);
}

static void add_line(struct text_view *text, struct span line)
{
	char *copy;

	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	copy = mem_strndup(line.data, line.len);
	text_view_add(text, STYLE_NORMAL, NULL, copy);
	free(copy);
}

static void add_text(struct text_view *text, const struct mime_part *part)
{
	struct buf bytes = BUF_INIT;
	int is_cut = mime_decode_body_text(part, TEXT_MAX, &bytes);
	struct span rest = {buf_str(&bytes), bytes.len}, line;

	while (span_split(&rest, '\n', &line))
		add_line(text, line);
	if (is_cut)
		text_view_add(text, STYLE_FRAME, NULL,
			      _("The text is longer; save-part saves all of it."));
	buf_free(&bytes);
}

static const struct view_class part_class = {
    .kind = VIEW_LOG,
    .name = "log",
    .title = N_("text"),
    .free = part_free,
    .draw = text_view_draw,
    .title_line = part_title,
    .move = text_view_move,
    .move_page = text_view_move_page,
    .move_end = text_view_move_end,
    .find = text_view_find,
};

struct view *part_view_new(struct app *app, const struct mime_part *part)
{
	struct part_view *view = mem_alloc(sizeof *view);

	view->text.view.class = &part_class;
	view->text.view.app = app;
	text_view_init(&view->text);
	view->name = mem_strdup(part->filename ? part->filename : part->type);
	add_text(&view->text, part);
	return &view->text.view;
}
