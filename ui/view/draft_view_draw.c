#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compose/draft.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mime/address.h"
#include "store/mime/sender.h"
#include "ui/input/line_edit.h"
#include "ui/input/text_edit.h"
#include "ui/render/message.h"
#include "ui/view/address_book.h"
#include "ui/view/draft_view_private.h"

#define FILES_SHOWN 4
#define ADDRESSES_SHOWN 100
#define LABEL 10 /* columns */

/* --- fields --- */

static bool is_shown(const struct draft_view *view, enum draft_field field)
{
	bool has_focus = view->focus == FOCUS_FIELD && view->at == field;

	return field != FIELD_BCC || has_focus || *line_edit_text(view->fields[field]);
}

static void draw_label(struct canvas *canvas, int x, int y, const char *label)
{
	canvas_put(canvas, x, y, LABEL, STYLE_HEADER_NAME, label);
}

static bool is_ascii(const char *text)
{
	while (*text && !(*text & 0x80))
		text++;
	return !*text;
}

/* Addresses as they may be believed; what is all plain letters is so already. */
static char *field_shown(enum draft_field field, const char *text)
{
	struct arena *arena;
	struct address_list list;
	struct buf shown = BUF_INIT;

	if (field == FIELD_SUBJECT || is_ascii(text))
		return mem_strdup(text);
	arena = arena_new();
	address_parse(span_of(text), ADDRESSES_SHOWN, arena, &list);
	for (size_t i = 0; i < list.count; i++) {
		buf_add_str(&shown, i ? ", " : "");
		sender_add(&shown, &list.items[i]);
	}
	arena_free(&arena);
	return buf_take(&shown);
}

static void draw_field(struct draft_view *view, struct canvas *canvas, struct rect row,
		       enum draft_field field)
{
	char *text = field_shown(field, line_edit_text(view->fields[field]));

	draw_label(canvas, row.x, row.y, _(draft_view_labels[field]));
	canvas_put(canvas, row.x + LABEL, row.y, row.width - LABEL,
		   field == FIELD_SUBJECT ? STYLE_SUBJECT : STYLE_NORMAL, text);
	free(text);
}

static int draw_fields(struct draft_view *view, struct canvas *canvas, struct rect area)
{
	int y = area.y;

	for (int i = 0; i < FIELD_COUNT; i++) {
		view->field_rows[i] = -1;
		if (!is_shown(view, (enum draft_field)i))
			continue;
		view->field_rows[i] = y;
		draw_field(view, canvas, (struct rect){area.x, y, area.width, 1}, (enum draft_field)i);
		y++;
	}
	return y;
}

/* --- files --- */

static void add_file(struct buf *text, const struct attachment *file)
{
	buf_printf(text, "%s (", file->name);
	message_add_size(text, file->size);
	buf_add_str(text, ")");
}

static int draw_files(struct draft_view *view, struct canvas *canvas, struct rect area, int y)
{
	size_t count = view->draft->attachment_count, first = 0;

	view->files_row = y;
	if (view->focus == FOCUS_FILE && view->at >= FILES_SHOWN)
		first = view->at - FILES_SHOWN + 1;
	for (size_t i = first; i < count && i < first + FILES_SHOWN; i++) {
		struct buf text = BUF_INIT;
		bool is_here = view->focus == FOCUS_FILE && view->at == i;

		if (i == first)
			draw_label(canvas, area.x, y, _("Attach:"));
		add_file(&text, &view->draft->attachments[i]);
		if (i + 1 == first + FILES_SHOWN && i + 1 < count)
			buf_printf(&text, ngettext("  and %zu more", "  and %zu more", count - i - 1),
				   count - i - 1);
		canvas_put(canvas, area.x + LABEL, y, area.width - LABEL,
			   is_here ? STYLE_SELECTED : STYLE_ATTACHMENT, buf_str(&text));
		if (is_here)
			canvas_set_cursor(canvas, area.x + LABEL, y);
		buf_free(&text);
		y++;
	}
	return y;
}

/* --- the whole page --- */

static void draw_rule(struct draft_view *view, struct canvas *canvas, struct rect area, int y)
{
	canvas_line(canvas, area.x, y, area.width, STYLE_FRAME);
	if (view->focus != FOCUS_MENU)
		return;
	canvas_put(canvas, area.x + 2, y, area.width - 4, STYLE_FRAME,
		   _(" y send  e text  t To  c Cc  b Bcc  s Subject  a attach  P keep  q leave "));
	canvas_set_cursor(canvas, area.x + 2, y);
}

static void draw_candidates(struct draft_view *view, struct canvas *canvas, struct rect area)
{
	int y = view->field_rows[view->at] + 1;

	for (size_t i = 0; i < view->found_count && y < area.y + area.height; i++, y++) {
		canvas_fill(canvas, (struct rect){area.x, y, area.width, 1}, STYLE_NORMAL);
		canvas_put(canvas, area.x + LABEL, y, area.width - LABEL,
			   i == view->found_at ? STYLE_SELECTED : STYLE_DIM, view->found[i]->text);
	}
}

static void draw_focus(struct draft_view *view, struct canvas *canvas, struct rect area)
{
	if (view->focus != FOCUS_FIELD || view->field_rows[view->at] < 0)
		return;
	draw_candidates(view, canvas, area);
	line_edit_draw(view->fields[view->at], canvas, area.x + LABEL, view->field_rows[view->at],
		       area.width - LABEL, view->at == FIELD_SUBJECT ? STYLE_SUBJECT : STYLE_NORMAL);
}

void draft_view_draw(struct view *base, struct canvas *canvas, struct rect area)
{
	struct draft_view *view = draft_view_of(base);
	struct rect inner = {area.x + 1, area.y, area.width - 2, area.height};
	int y;

	view->area = area;
	y = draw_fields(view, canvas, inner);
	y = draw_files(view, canvas, inner, y);
	draw_rule(view, canvas, area, y++);
	view->text_row = y;
	if (y < area.y + area.height)
		text_edit_draw(view->text, canvas,
			       (struct rect){inner.x, y, inner.width + 1, area.y + area.height - y},
			       view->focus == FOCUS_TEXT);
	draw_focus(view, canvas, inner);
	base->is_dirty = false;
}

/* --- the line on top --- */

static void add_saved(const struct draft_view *view, struct buf *out)
{
	int64_t ago = view->draft->saved ? (int64_t)time(NULL) - view->draft->saved : -1;

	if (view->has_failed)
		buf_add_str(out, _("NOT SAVED"));
	else if (ago < 0)
		buf_add_str(out, _("not saved yet"));
	else if (ago < 1)
		buf_add_str(out, _("draft saved"));
	else if (ago < 60)
		buf_printf(out, ngettext("draft saved %d s ago", "draft saved %d s ago",
					 (unsigned long)ago), (int)ago);
	else
		buf_printf(out, ngettext("draft saved %d min ago", "draft saved %d min ago",
					 (unsigned long)(ago / 60)), (int)(ago / 60));
}

static const char *origin_name(enum draft_origin origin)
{
	switch (origin) {
	case DRAFT_REPLY:
		return _("answer");
	case DRAFT_FORWARD:
		return _("forwarded letter");
	default:
		return _("new letter");
	}
}

void draft_view_title(struct view *base, struct buf *left, struct buf *right)
{
	struct draft_view *view = draft_view_of(base);
	const char *from = line_edit_text(view->fields[FIELD_FROM]);
	const char *addr = strrchr(from, '<');

	buf_add_str(left, origin_name(view->draft->origin));
	buf_printf(left, _("  as %.*s"), (int)(addr ? strcspn(addr + 1, ">") : strlen(from)),
		   addr ? addr + 1 : from);
	add_saved(view, right);
}
