#include "config.h"

#include "ui/view/parts_view.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/store.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"
#include "ui/command/fetching.h"
#include "ui/render/boxes.h"
#include "ui/render/message.h"
#include "ui/view/list_cursor.h"
#include "ui/view/reader_view.h"
#include "ui/view/verdict.h"

#define LEVELS_DRAWN 10
#define NUMBER_WIDTH 5
#define LEN_WIDTH   8
#define TYPE_WIDTH   26
#define MORE_WIDTH   22 /* how it is encoded, and what it is meant as */
#define NAME_LEAST   24 /* before anything is said of it */

/* A row of the tree: a part that is listed (and has a number), or one that only holds others. */
struct row {
	struct mime_part *part;
	const struct message_part *listed; /* NULL: it holds others */
	size_t number;
};

struct parts_view {
	struct list_cursor cursor;
	struct box_message bytes;
	char *account;
	int64_t id; /* 0: it is a part of a letter, or was decrypted; SHOWN are its bytes */
	const char *shown;
	size_t shown_len;
	char *own; /* SHOWN where they are not the verdict's */
	struct mime_message *message;
	struct verdict *verdict; /* of the letter, as the reader below tells it */
	size_t about;
	bool is_unprotected; /* likewise */
	struct arena *arena;
	char *subject; /* NULL: none */
	struct message_part *parts;
	size_t part_count;
	struct row *rows;
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
	verdict_release(&view->verdict);
	box_message_close(&view->bytes);
	free(view->own);
	free(view->account);
	arena_free(&view->arena);
	free(view);
}

/* --- drawing --- */

/* "│  └─ ": a line for each part around it that goes on below. */
static void add_branches(struct buf *out, const struct mime_part *part)
{
	const struct mime_part *above[LEVELS_DRAWN];
	int count = 0;

	for (const struct mime_part *at = part; at->parent; at = at->parent)
		if (count < LEVELS_DRAWN)
			above[count++] = at;
	while (count-- > 1)
		buf_add_str(out, above[count]->next ? "│  " : "   ");
	if (part->parent)
		buf_add_str(out, part->next ? "├─ " : "└─ ");
}

static void add_type(struct buf *out, const struct mime_part *part)
{
	buf_add_str(out, part->type);
	if (part->charset)
		buf_printf(out, " %s", part->charset);
}

static void add_more(struct buf *out, const struct mime_part *part)
{
	if (part->encoding)
		buf_add_str(out, part->encoding);
	if (part->disposition)
		buf_printf(out, "%s%s", out->len ? " " : "", part->disposition);
}

static void put(struct canvas *canvas, struct rect place, enum style style,
		void (*add)(struct buf *out, const struct mime_part *part), const struct mime_part *part)
{
	struct buf text = BUF_INIT;

	add(&text, part);
	canvas_put(canvas, place.x, place.y, place.width, style, buf_str(&text));
	buf_free(&text);
}

static void draw_name(const struct row *row, struct canvas *canvas, struct rect place)
{
	struct buf tree = BUF_INIT;
	const char *name = !row->listed ? "" : *row->listed->name ? row->listed->name : _("(no name)");
	int used;

	add_branches(&tree, row->part);
	used = canvas_put(canvas, place.x, place.y, place.width, STYLE_TREE, buf_str(&tree));
	used += canvas_put(canvas, place.x + used, place.y, place.width - used,
			   row->listed && !row->listed->is_shown ? STYLE_ATTACHMENT : STYLE_NORMAL, name);
	if (row->listed && row->listed->is_away)
		canvas_put(canvas, place.x + used + 1, place.y, place.width - used - 1, STYLE_DIM,
			   _("(on the server)"));
	buf_free(&tree);
}

/* From the right: the size, then what there is room for, then the name. */
static void draw_row(struct view *base, struct canvas *canvas, struct rect area, long at)
{
	const struct row *row = &parts_of(base)->rows[at];
	int name_at = area.x + NUMBER_WIDTH, end = area.x + area.width - LEN_WIDTH;
	struct buf size = BUF_INIT;

	if (end - MORE_WIDTH - TYPE_WIDTH - name_at >= NAME_LEAST) {
		end -= MORE_WIDTH;
		put(canvas, (struct rect){end, area.y, MORE_WIDTH - 1, 1}, STYLE_DIM, add_more, row->part);
	}
	if (end - TYPE_WIDTH - name_at >= NAME_LEAST / 2) {
		end -= TYPE_WIDTH;
		put(canvas, (struct rect){end, area.y, TYPE_WIDTH - 1, 1}, STYLE_DIM, add_type, row->part);
	}
	draw_name(row, canvas, (struct rect){name_at, area.y, end - 1 - name_at, 1});
	if (!row->listed)
		return;
	canvas_printf(canvas, area.x, area.y, NUMBER_WIDTH - 1, STYLE_DIM, "%4zu", row->number);
	message_add_size(&size, row->listed->size);
	canvas_put_right(canvas, area.x + area.width - 1, area.y, STYLE_NORMAL, buf_str(&size));
	buf_free(&size);
}

static void parts_draw(struct view *base, struct canvas *canvas, struct rect area)
{
	struct parts_view *view = parts_of(base);
	int verdicts = verdict_rows(view->verdict, view->about, area.width, area.height);

	if (verdicts)
		verdict_draw(view->verdict, view->about, canvas,
			     (struct rect){area.x, area.y, area.width, verdicts});
	area.y += verdicts;
	area.height -= verdicts;
	list_cursor_draw(&view->cursor, canvas, area);
	base->is_dirty = false;
}

static void parts_title(struct view *base, struct buf *left, struct buf *right)
{
	const struct parts_view *view = parts_of(base);

	buf_printf(left, _("parts of: %s"), view->subject ? view->subject : _("(no subject)"));
	buf_printf(right, ngettext("%zu part", "%zu parts", view->part_count), view->part_count);
}

/* --- questions --- */

static long parts_count(const struct view *base)
{
	return (long)parts_of(base)->count;
}

static bool parts_has(const struct view *base, long at, const char *folded)
{
	const struct row *row = &parts_of(base)->rows[at];
	const char *name = row->listed ? row->listed->name : "";

	return utf8_find_folded(name, strlen(name), folded) >= 0 ||
	       utf8_find_folded(row->part->type, strlen(row->part->type), folded) >= 0;
}

struct mime_part *parts_view_current(const struct view *base)
{
	const struct parts_view *view = parts_of(base);

	return view->cursor.at < (long)view->count ? view->rows[view->cursor.at].part : NULL;
}

int64_t parts_view_letter(const struct view *base, const char **account, const char **bytes, size_t *len)
{
	const struct parts_view *view = parts_of(base);

	*account = view->account;
	*bytes = view->shown ? view->shown : view->bytes.data;
	*len = view->shown ? view->shown_len : view->bytes.len;
	return view->id;
}

static const struct view_class parts_class = {
	.kind = VIEW_PARTS,
	.name = "parts",
	.title = N_("Parts"),
	.free = parts_free,
	.draw = parts_draw,
	.title_line = parts_title,
	LIST_CURSOR_WAYS,
};

static const struct list_class parts_list = {
	.count = parts_count,
	.draw_row = draw_row,
	.has = parts_has,
};

/* --- opening --- */

/* Both walks go in the order of the message. */
static void make_rows(struct parts_view *view)
{
	size_t listed = 0;

	view->rows = ARENA_ARRAY(view->arena, struct row, view->message->part_count + view->part_count + 1);
	for (struct mime_part *part = &view->message->root;
	     part && view->count <= view->message->part_count; part = mime_next(part)) {
		bool is_listed = listed < view->part_count && view->parts[listed].part == part;

		view->rows[view->count++] = (struct row){
			.part = part,
			.listed = is_listed ? &view->parts[listed] : NULL,
			.number = is_listed ? listed + 1 : 0,
		};
		listed += is_listed;
	}
	for (; listed < view->part_count; listed++) /* what was opened of it by itself */
		view->rows[view->count++] =
			(struct row){view->parts[listed].part, &view->parts[listed], listed + 1};
}

/* What one came for is an attachment. */
static long first_attachment(const struct parts_view *view)
{
	for (size_t i = 0; i < view->count; i++)
		if (view->rows[i].listed && !view->rows[i].listed->is_shown)
			return (long)i;
	return 0;
}

/* MESSAGE's bytes are the view's, READER's or a copy of those. NUMBER is its own in the verdict's result. */
static struct view *view_of(struct app *app, struct mime_message *message, size_t number, const struct view *reader,
			    struct parts_view *view)
{
	list_cursor_begin(&view->cursor, app, &parts_class, &parts_list);
	view->arena = arena_new();
	view->message = message;
	view->subject = mime_field_text(&message->root.header, "Subject", view->arena);
	boxes_open(view->message, NULL);
	message_parts(view->message, view->arena, &view->parts, &view->part_count);
	verdict_add_parts(view->verdict, number, view->arena, &view->parts, &view->part_count);
	if (reader && view->own)
		reader_view_mark_away(reader, view->own, view->parts, view->part_count);
	make_rows(view);
	view->cursor.at = first_attachment(view);
	return &view->cursor.view;
}

static void take_verdict(struct parts_view *view, const struct view *reader, size_t *number)
{
	*number = 0;
	view->is_unprotected = reader && reader_view_is_unprotected(reader);
	if (reader)
		view->verdict = verdict_share(reader_view_verdict(reader, &view->about, number));
}

struct view *parts_view_new(struct app *app, const char *account, int64_t id, const struct view *reader,
			    struct err *err)
{
	struct box_message bytes = {0};
	struct parts_view *view;
	size_t number;

	if (fetching_open(app, account, id, &bytes, err) < 0)
		return NULL;
	view = mem_alloc(sizeof *view);
	view->account = mem_strdup(account);
	view->id = id;
	view->bytes = bytes;
	take_verdict(view, reader, &number);
	return view_of(app,
		       mime_parse_resting(bytes.data, bytes.len, NULL,
					  (struct mime_rest){box_message_rest, &view->bytes}),
		       number, reader, view);
}

struct view *parts_view_new_shown(struct app *app, const struct view *reader)
{
	struct parts_view *view = mem_alloc(sizeof *view);
	size_t number;

	take_verdict(view, reader, &number);
	view->account = mem_strdup(reader_view_account(reader));
	view->shown = reader_view_bytes(reader, &view->shown_len);
	if (!reader_view_is_opened(reader)) { /* else they are the verdict's */
		view->own = mem_alloc(view->shown_len + 1);
		memcpy(view->own, view->shown, view->shown_len);
		view->shown = view->own;
	}
	return view_of(app, mime_parse(view->shown, view->shown_len, NULL), number, reader, view);
}

size_t parts_view_away(const struct view *base)
{
	const struct parts_view *view = parts_of(base);
	const struct row *row = view->count ? &view->rows[view->cursor.at] : NULL;

	return row && row->listed && row->listed->is_away ? row->number : 0;
}

bool parts_view_lacks_parts(const struct view *base)
{
	const struct parts_view *view = parts_of(base);

	for (size_t i = 0; i < view->part_count; i++)
		if (view->parts[i].is_away)
			return true;
	return false;
}

void parts_view_go_to(struct view *base, size_t number)
{
	struct parts_view *view = parts_of(base);

	for (size_t i = 0; i < view->count; i++)
		if (view->rows[i].number == number)
			view->cursor.at = (long)i;
}

bool parts_view_is_unprotected(const struct view *base)
{
	return parts_of(base)->is_unprotected;
}

struct verdict *parts_view_verdict(const struct view *base, size_t *about)
{
	*about = parts_of(base)->about;
	return parts_of(base)->verdict;
}
