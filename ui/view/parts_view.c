#include "config.h"

#include "ui/view/parts_view.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "store/mail/store.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"
#include "ui/render/boxes.h"
#include "ui/render/message.h"
#include "ui/view/list_cursor.h"

struct parts_view {
	struct list_cursor cursor;
	char *account;
	int64_t id;
	struct box_message bytes;
	struct mime_message *message;
	struct arena *arena;
	struct message_part *parts;
	size_t count;
};

static struct parts_view *parts_of(const struct view *view)
{
	return (struct parts_view *)view;
}

static void parts_free(struct view *base)
{
	struct parts_view *view = parts_of(base);

	mime_free(&view->message);
	box_message_close(&view->bytes);
	arena_free(&view->arena);
	free(view->account);
	free(view);
}

static void draw_part(const struct parts_view *view, size_t i, struct canvas *canvas, struct rect row)
{
	const struct message_part *part = &view->parts[i];
	struct buf size = BUF_INIT;
	int x = row.x + 7 + 2 * (part->level > 10 ? 10 : part->level);

	message_add_size(&size, part->size);
	canvas_printf(canvas, row.x + 1, row.y, 5, STYLE_DIM, "%3zu", i + 1);
	canvas_put(canvas, x, row.y, row.width - x - 34,
		   part->is_shown ? STYLE_NORMAL : STYLE_ATTACHMENT,
		   *part->name ? part->name : _("(no name)"));
	canvas_put(canvas, row.width - 32, row.y, 22, STYLE_DIM, part->part->type);
	canvas_put_right(canvas, row.x + row.width - 1, row.y, STYLE_NORMAL, buf_str(&size));
	if ((long)i == view->cursor.at) {
		canvas_over(canvas, row, STYLE_CURSOR);
		canvas_set_cursor(canvas, row.x, row.y);
	}
	buf_free(&size);
}

static void parts_draw(struct view *base, struct canvas *canvas, struct rect area)
{
	struct parts_view *view = parts_of(base);

	list_cursor_show(&view->cursor, area, 0);
	for (int y = 0; y < area.height && view->cursor.top + y < (long)view->count; y++)
		draw_part(view, (size_t)(view->cursor.top + y), canvas,
			  (struct rect){area.x, area.y + y, area.width, 1});
	base->is_dirty = false;
}

static void parts_title(struct view *base, struct buf *left, struct buf *right)
{
	struct parts_view *view = parts_of(base);
	char *subject = mime_field_text(&view->message->root.header, "Subject", view->arena);

	buf_printf(left, _("parts of: %s"), subject ? subject : _("(no subject)"));
	buf_printf(right, ngettext("%zu part", "%zu parts", view->count), view->count);
}

static long parts_count(const struct view *base)
{
	return (long)parts_of(base)->count;
}

struct mime_part *parts_view_current(const struct view *base)
{
	const struct parts_view *view = parts_of(base);

	return view->cursor.at < (long)view->count ? view->parts[view->cursor.at].part : NULL;
}

struct message_part *parts_view_list(const struct view *base, size_t *count)
{
	const struct parts_view *view = parts_of(base);

	*count = view->count;
	return view->parts;
}

static const struct view_class parts_class = {
	.kind = VIEW_PARTS,
	.name = "parts",
	.title = N_("Parts"),
	.free = parts_free,
	.draw = parts_draw,
	.title_line = parts_title,
	.mouse = list_cursor_mouse,
	.move = list_cursor_move,
	.move_page = list_cursor_page,
	.move_end = list_cursor_end,
};

static const struct list_class parts_list = {
	.count = parts_count,
};

struct view *parts_view_new(struct app *app, const char *account, int64_t id, struct err *err)
{
	struct store *store = app_store(app, account, err);
	struct box_message bytes = {0};
	struct parts_view *view;
	size_t at = 0;

	if (!store || store_message_open(store, id, &bytes, err) < 0)
		return NULL;
	view = mem_alloc(sizeof *view);
	view->cursor.view.class = &parts_class;
	view->cursor.view.app = app;
	view->cursor.list = &parts_list;
	view->arena = arena_new();
	view->account = mem_strdup(account);
	view->id = id;
	view->bytes = bytes;
	view->message = mime_parse_resting(bytes.data, bytes.len, NULL,
					     (struct mime_rest){box_message_rest, &view->bytes});
	boxes_open(view->message, NULL);
	message_parts(view->message, view->arena, &view->parts, &view->count);
	/* what one came for is an attachment */
	while (at < view->count && view->parts[at].is_shown)
		at++;
	view->cursor.at = at < view->count ? (long)at : 0;
	return &view->cursor.view;
}
