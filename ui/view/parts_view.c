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
#include "ui/input/key.h"
#include "ui/render/message.h"

struct parts_view {
	struct view view;
	char *account;
	int64_t id;
	struct box_message bytes;
	struct mime_message *message;
	struct arena *arena;
	struct message_part *parts;
	size_t count, at, top;
	struct rect area;
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
	if (i == view->at) {
		canvas_over(canvas, row, STYLE_CURSOR);
		canvas_set_cursor(canvas, row.x, row.y);
	}
	buf_free(&size);
}

static void parts_draw(struct view *base, struct canvas *canvas, struct rect area)
{
	struct parts_view *view = parts_of(base);
	size_t rows = area.height > 0 ? (size_t)area.height : 1;

	view->area = area;
	if (view->at < view->top)
		view->top = view->at;
	if (view->at >= view->top + rows)
		view->top = view->at - rows + 1;
	for (size_t i = view->top; i < view->count && i < view->top + rows; i++)
		draw_part(view, i, canvas,
			  (struct rect){area.x, area.y + (int)(i - view->top), area.width, 1});
	base->is_dirty = false;
}

static void parts_title(struct view *base, struct buf *left, struct buf *right)
{
	struct parts_view *view = parts_of(base);
	char *subject = mime_field_text(&view->message->root.header, "Subject", view->arena);

	buf_printf(left, _("parts of: %s"), subject ? subject : _("(no subject)"));
	buf_printf(right, ngettext("%zu part", "%zu parts", view->count), view->count);
}

static void parts_move(struct view *base, int lines)
{
	struct parts_view *view = parts_of(base);
	long to = (long)view->at + lines;

	to = to < 0 ? 0 : to >= (long)view->count ? (long)view->count - 1 : to;
	view->at = to < 0 ? 0 : (size_t)to;
	app_dirty(base->app);
}

static void parts_move_page(struct view *base, int half_pages)
{
	parts_move(base, half_pages * parts_of(base)->area.height / 2);
}

static void parts_move_end(struct view *base, bool to_last)
{
	struct parts_view *view = parts_of(base);

	view->at = to_last && view->count ? view->count - 1 : 0;
	app_dirty(base->app);
}

static void parts_mouse(struct view *base, const struct key *key)
{
	struct parts_view *view = parts_of(base);
	size_t row = view->top + (size_t)(key->y - view->area.y);

	if (key->button == BUTTON_LEFT && row < view->count)
		view->at = row;
	app_dirty(base->app);
}

struct mime_part *parts_view_current(const struct view *base)
{
	const struct parts_view *view = parts_of(base);

	return view->at < view->count ? view->parts[view->at].part : NULL;
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
	.mouse = parts_mouse,
	.move = parts_move,
	.move_page = parts_move_page,
	.move_end = parts_move_end,
};

struct view *parts_view_new(struct app *app, const char *account, int64_t id, struct err *err)
{
	struct store *store = app_store(app, account, err);
	struct box_message bytes = {0};
	struct parts_view *view;

	if (!store || store_message_open(store, id, &bytes, err) < 0)
		return NULL;
	view = mem_alloc(sizeof *view);
	view->view.class = &parts_class;
	view->view.app = app;
	view->arena = arena_new();
	view->account = mem_strdup(account);
	view->id = id;
	view->bytes = bytes;
	view->message = mime_parse(bytes.data, bytes.len, NULL);
	message_parts(view->message, view->arena, &view->parts, &view->count);
	/* what one came for is an attachment */
	while (view->at < view->count && view->parts[view->at].is_shown)
		view->at++;
	if (view->at >= view->count)
		view->at = 0;
	return &view->view;
}
