#include "config.h"

#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/mail/account.h"
#include "ui/render/message.h"
#include "ui/view/folder_list.h"
#include "ui/view/reader_parts.h"
#include "ui/view/reader_pictures.h"
#include "ui/view/reader_private.h"
#include "ui/view/verdict.h"

/* What is signed where not all is: a row from edge to edge, a mark in the first column, where no text gets. */
static void draw_seal(const struct doc_line *line, struct canvas *canvas, struct rect row)
{
	if (line->is_seal)
		canvas_fill(canvas, (struct rect){row.x - 1, row.y, row.width + 2, 1}, (enum style)line->style);
	else if (line->seal)
		canvas_fill(canvas, (struct rect){row.x - 1, row.y, 1, 1}, (enum style)line->seal);
}

static void draw_body(struct reader_view *reader, struct canvas *canvas, struct rect area)
{
	struct doc_pos pos = reader->top;
	int width = reader_text_width(reader);

	if (!reader->doc->shown_count)
		return;
	for (int y = 0; y < area.height; y++) {
		struct rect row = {area.x, area.y + y, area.width, 1};

		draw_seal(&reader->doc->shown[pos.line], canvas, row);
		doc_draw_row(reader->doc, pos, canvas, row, width);
		if (reader->needle)
			doc_mark_row(reader->doc, pos, reader->needle, canvas, row, width);
		if (!doc_next(reader->doc, &pos, area.width, width))
			break;
	}
	reader_pictures_draw(reader->doc, reader->top, canvas, area, width);
}

static struct reader_parts listed_parts(const struct reader_view *reader)
{
	return (struct reader_parts){reader->parts, reader->part_count};
}

/* Below the text: how many rows. */
static int parts_height(const struct reader_view *reader, struct rect area)
{
	struct reader_parts list = listed_parts(reader);

	if (reader->is_raw || (reader->own && !reader->is_letter))
		return 0;
	return reader_parts_height(&list, area);
}

void reader_draw(struct view *view, struct canvas *canvas, struct rect area)
{
	struct reader_view *reader = reader_of(view);
	int verdicts = verdict_rows(reader->verdict, reader->about, area.width, area.height);
	int parts = parts_height(reader, (struct rect){area.x, area.y, area.width, area.height - verdicts});
	struct rect body = {area.x + 1, area.y + verdicts, area.width - 2, area.height - verdicts - parts};
	struct reader_parts list;

	if (verdicts)
		verdict_draw(reader->verdict, reader->about, canvas,
			     (struct rect){area.x, area.y, area.width, verdicts});
	if (body.width < 1 || body.height < 1)
		return;
	if (reader->doc->width && reader->doc->width != body.width) {
		reader->width = body.width;
		reader_render(reader);
	}
	reader->width = body.width;
	reader->height = body.height;
	reader->text_y = body.y;
	reader_load_pictures(reader);
	draw_body(reader, canvas, body);
	list = listed_parts(reader);
	if (parts)
		reader_parts_draw(&list, canvas,
			   (struct rect){area.x, body.y + body.height, area.width, parts});
	canvas_set_cursor(canvas, area.x, body.y);
	reader_note_shown(reader);
	reader->is_fresh = view->is_dirty = false;
}

/* --- where it stands --- */

/* Is the last row on the screen when POS is on top? */
bool reader_shows_end(const struct reader_view *reader, struct doc_pos pos)
{
	for (int y = 0; y < reader->height; y++)
		if (!doc_next(reader->doc, &pos, reader->width, reader_text_width(reader)))
			return true;
	return false;
}

static int percent(const struct reader_view *reader)
{
	size_t bottom = reader->top.line + (size_t)reader->height;

	if (reader_shows_end(reader, reader->top) || !reader->doc->shown_count)
		return 100;
	bottom = bottom > reader->doc->shown_count ? reader->doc->shown_count : bottom;
	return (int)(bottom * 100 / reader->doc->shown_count);
}

/* "2 of 3: HTML", once somebody went from one form to the next. */
static void add_form(const struct reader_view *reader, struct buf *out)
{
	struct message_wish wish = {.form = reader->form};
	unsigned shown, count = message_forms(reader->message, &wish, &shown);

	if (reader->form && count > 1)
		buf_printf(out, _("%u of %u: %s  "), shown, count,
			   message_form_name(reader->message, shown));
}

/* The place has the name that it has in the index. */
static void add_place(const struct reader_view *reader, struct buf *out)
{
	const struct account *account = app_account(reader->view.app, reader->account);

	if (account)
		folder_list_add_place(out, account, reader->folder);
	else
		buf_printf(out, "%s/%s", reader->account, folder_list_label(reader->folder));
}

void reader_title(struct view *view, struct buf *left, struct buf *right)
{
	struct reader_view *reader = reader_of(view);

	if (reader->own) {
		buf_printf(left, _("part: %s"), reader->subject);
	} else {
		add_place(reader, left);
		buf_printf(left, "  %s", reader->subject);
	}
	if (reader->thread_count > 1)
		buf_printf(right, _("%zu of %zu in thread  "), reader->thread_at,
			   reader->thread_count);
	add_form(reader, right);
	buf_printf(right, "%d%%", percent(reader));
}
