#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/utf8.h"
#include "ui/input/key.h"
#include "ui/input/text_edit_private.h"
#include "ui/screen/bidi.h"
#include "ui/screen/wrap.h"

/* A signature is looked for among this many last lines. */
#define SIGNATURE_LINES 40

/* --- drawing --- */

/* The line of the last "-- ", or SIZE_MAX. */
static size_t signature_line(const struct text_edit *edit)
{
	size_t count = text_lines_count(edit->lines);

	for (size_t i = 0; i < SIGNATURE_LINES && i < count; i++)
		if (span_equal(text_lines_get(edit->lines, count - 1 - i), SPAN("-- ")))
			return count - 1 - i;
	return SIZE_MAX;
}

static enum style line_style(const struct text_edit *edit, size_t line, size_t signature)
{
	struct span text = text_lines_get(edit->lines, line);
	int depth;

	wrap_quote(text.data, text.len, &depth);
	if (depth)
		return STYLE_QUOTE_1 + (enum style)((depth - 1) % 4);
	return line >= signature ? STYLE_SIGNATURE : STYLE_NORMAL;
}

static void draw_piece(struct canvas *canvas, struct rect area, int x, int y, enum style style,
		       const char *text, size_t len)
{
	struct buf clean = BUF_INIT;

	if (len && x < area.width) {
		utf8_add_printable(&clean, text, len);
		canvas_put_n(canvas, area.x + x, y, area.width - x, style, buf_str(&clean),
			     clean.len, false);
	}
	buf_free(&clean);
}

/* Text between tabs in one go. */
static int draw_text(struct canvas *canvas, struct rect area, int x, int y, enum style style,
		     struct span text)
{
	int from = x;
	size_t at = 0;

	while (at < text.len && x < area.width) {
		const char *tab = memchr(text.data + at, '\t', text.len - at);
		size_t len = tab ? (size_t)(tab - text.data) - at : text.len - at;

		draw_piece(canvas, area, x, y, style, text.data + at, len);
		x += wrap_width(text.data + at, len + (tab ? 1 : 0), x - from);
		at += len + (tab ? 1 : 0);
	}
	return x;
}

/* --- rows that run from right to left, in whole or in part --- */

/* The row as it is seen; with a blank behind the line, where the cursor may stand. TEXT holds the line. Quote
 * marks stay in front. */
struct turned {
	struct buf text;
	size_t marks; /* bytes of quote marks that stand in this row */
	struct bidi_piece *pieces;
	size_t count;
};

static bool turn(struct text_edit *edit, const struct canvas *canvas, const struct text_row *row,
		 struct turned *turned)
{
	struct span line = text_lines_get(edit->lines, row->line);
	struct bidi *bidi;
	size_t marks, from;
	int depth, x;

	*turned = (struct turned){.count = 0};
	if (!canvas_turns(canvas, line.data, line.len))
		return false;
	buf_add(&turned->text, line.data, line.len);
	buf_add_char(&turned->text, ' ');
	marks = wrap_quote(line.data, line.len, &depth);
	if (row->end <= marks) {
		turned->marks = row->end - row->start;
		return true;
	}
	bidi = bidi_new(turned->text.data + marks, turned->text.len - marks);
	from = row->start > marks ? row->start : marks;
	turned->marks = from - row->start;
	x = wrap_width(line.data + row->start, turned->marks, 0);
	turned->count = bidi_row(bidi, from - marks, row->end + (row->end == line.len) - marks,
				 &turned->pieces);
	for (size_t i = 0; i < turned->count; i++) {
		turned->pieces[i].at += marks;
		turned->pieces[i].x += x;
	}
	bidi_free(&bidi);
	return true;
}

static void turned_release(struct turned *turned)
{
	free(turned->pieces);
	buf_free(&turned->text);
}

static void draw_turned(const struct turned *turned, struct canvas *canvas, struct rect area, int x,
			int y, enum style style)
{
	for (size_t i = 0; i < turned->count; i++) {
		const struct bidi_piece *piece = &turned->pieces[i];
		size_t len;
		const char *text = bidi_text(piece, turned->text.data, &len);

		if (piece->width && x + piece->x < area.width)
			canvas_put_n(canvas, area.x + x + piece->x, y, piece->width, style, text, len,
				     false);
	}
}

static int turned_column(const struct turned *turned, const struct text_row *row, size_t at)
{
	for (size_t i = 0; i < turned->count; i++)
		if (at >= turned->pieces[i].at && at < turned->pieces[i].at + turned->pieces[i].len)
			return row->indent + turned->pieces[i].x;
	/* in the marks */
	return row->indent + wrap_width(turned->text.data + row->start, at - row->start, 0);
}

static void select_turned(const struct turned *turned, struct canvas *canvas, struct rect area,
			  int y, size_t from, size_t to, enum style style)
{
	for (size_t i = 0; i < turned->count; i++) {
		const struct bidi_piece *piece = &turned->pieces[i];

		if (piece->at >= from && piece->at < to && piece->x + piece->width <= area.width)
			canvas_over(canvas, (struct rect){area.x + piece->x, y, piece->width, 1},
				    style);
	}
}

static int cursor_column(struct text_edit *edit, const struct canvas *canvas,
			 const struct text_row *row)
{
	struct turned turned;
	int column = turn(edit, canvas, row, &turned)
			     ? turned_column(&turned, row, edit->cursor.at)
			     : text_edit_column(edit, row, edit->cursor.at);

	turned_release(&turned);
	return column;
}

static enum style selected_style(const struct text_edit *edit)
{
	return edit->anchor_kind == ANCHOR_FOUND ? STYLE_MATCH : STYLE_SELECTED;
}

static void draw_selected(struct text_edit *edit, struct canvas *canvas, struct rect area, int y,
			  const struct text_row *row)
{
	struct text_pos from, to;
	struct text_pos start = {row->line, row->start}, end = {row->line, row->end};
	struct turned turned;
	int x, x_end;

	if (!text_edit_marked(edit, &from, &to) || text_pos_compare(to, start) <= 0 ||
	    text_pos_compare(from, end) > 0)
		return;
	if (turn(edit, canvas, row, &turned)) {
		area.x += row->indent;
		select_turned(&turned, canvas, area, y,
			      text_pos_compare(from, start) > 0 ? from.at : row->start,
			      text_pos_compare(to, end) < 0 ? to.at : row->end, selected_style(edit));
		turned_release(&turned);
		return;
	}
	x = text_pos_compare(from, start) > 0 ? text_edit_column(edit, row, from.at) : 0;
	x_end = text_pos_compare(to, end) < 0 ? text_edit_column(edit, row, to.at)
					      : text_edit_column(edit, row, row->end) + 1;
	if (x_end > area.width)
		x_end = area.width;
	if (x < x_end)
		canvas_over(canvas, (struct rect){area.x + x, y, x_end - x, 1},
			    selected_style(edit));
}

static void draw_row(struct text_edit *edit, struct canvas *canvas, struct rect area, int y,
		     const struct text_row *row, size_t signature)
{
	struct span text = text_lines_get(edit->lines, row->line);
	enum style style = line_style(edit, row->line, signature);
	struct turned turned;
	int depth;

	if (row->indent)
		draw_text(canvas, (struct rect){area.x, area.y, row->indent, area.height}, 0, y, style,
			  (struct span){text.data, wrap_quote(text.data, text.len, &depth)});
	text.data += row->start;
	text.len = row->end - row->start;
	if (turn(edit, canvas, row, &turned)) {
		draw_text(canvas, area, row->indent, y, style, (struct span){text.data, turned.marks});
		draw_turned(&turned, canvas, area, row->indent, y, style);
	} else {
		draw_text(canvas, area, row->indent, y, style, text);
	}
	turned_release(&turned);
	draw_selected(edit, canvas, area, y, row);
}

static bool is_row(const struct text_row *a, const struct text_row *b)
{
	return a->line == b->line && a->row == b->row;
}

/* Is the cursor's row among the HEIGHT rows from the top one on? */
static bool is_cursor_shown(struct text_edit *edit, const struct text_row *cursor)
{
	struct text_row row = text_edit_row_of(edit, edit->top);

	for (int y = 0; y < edit->height; y++) {
		if (is_row(&row, cursor))
			return true;
		if (!text_edit_row_next(edit, &row))
			return false;
	}
	return false;
}

static void scroll_to_cursor(struct text_edit *edit)
{
	struct text_row cursor = text_edit_row_of(edit, edit->cursor), row = cursor, next;
	int up = edit->height - 1;

	if (text_pos_compare(edit->top, text_lines_end(edit->lines)) > 0)
		edit->top = text_lines_end(edit->lines);
	if (is_cursor_shown(edit, &cursor))
		return;
	next = text_edit_row_of(edit, edit->top);
	if (!text_edit_row_before(edit, &next) || !is_row(&next, &cursor)) {
		/* one row below the last: scroll by one; far away: the cursor in the middle */
		next = text_edit_row_of(edit, edit->top);
		for (int y = 0; y < edit->height; y++)
			if (!text_edit_row_next(edit, &next))
				break;
		if (!is_row(&next, &cursor))
			up = edit->height / 2;
		while (up-- > 0 && text_edit_row_before(edit, &row))
			;
	}
	edit->top = (struct text_pos){row.line, row.start};
}

static void set_area(struct text_edit *edit, struct rect area)
{
	int width = area.width - 1; /* the cursor may stand behind a full row */

	if (edit->wrap && edit->wrap < width)
		width = edit->wrap;
	edit->area = area;
	edit->width = width < 1 ? 1 : width;
	edit->height = area.height < 1 ? 1 : area.height;
}

void text_edit_draw(struct text_edit *edit, struct canvas *canvas, struct rect area, bool focused)
{
	size_t signature = signature_line(edit);
	struct text_row row, cursor;

	set_area(edit, area);
	scroll_to_cursor(edit);
	cursor = text_edit_row_of(edit, edit->cursor);
	row = text_edit_row_of(edit, edit->top);
	for (int y = 0; y < area.height; y++) {
		draw_row(edit, canvas, area, area.y + y, &row, signature);
		if (focused && is_row(&row, &cursor)) {
			int x = cursor_column(edit, canvas, &row);

			canvas_set_cursor(canvas, area.x + (x < area.width ? x : area.width - 1),
					  area.y + y);
		}
		if (!text_edit_row_next(edit, &row))
			break;
	}
}

/* --- mouse --- */

static void scroll(struct text_edit *edit, int rows)
{
	struct text_row row = text_edit_row_of(edit, edit->top);

	for (; rows > 0 && text_edit_row_next(edit, &row); rows--)
		;
	for (; rows < 0 && text_edit_row_before(edit, &row); rows++)
		;
	edit->top = (struct text_pos){row.line, row.start};
	/* the cursor stays on the screen */
	text_edit_set_cursor(edit, edit->top);
}

static void click(struct text_edit *edit, int x, int y)
{
	struct text_row row = text_edit_row_of(edit, edit->top);
	struct text_pos pos;

	while (y-- > 0 && text_edit_row_next(edit, &row))
		;
	pos.line = row.line;
	pos.at = text_edit_at_column(edit, &row, x);
	text_edit_set_cursor(edit, pos);
}

void text_edit_mouse(struct text_edit *edit, const struct key *key)
{
	if (key->button == BUTTON_WHEEL_UP)
		scroll(edit, -3);
	else if (key->button == BUTTON_WHEEL_DOWN)
		scroll(edit, 3);
	else if (key->button == BUTTON_LEFT)
		click(edit, key->x - edit->area.x, key->y - edit->area.y);
}

/* --- keys --- */

enum action {
	ACT_NONE,
	ACT_NEWLINE,
	ACT_BACKSPACE,
	ACT_DELETE,
	ACT_WORD_BACK,
	ACT_WORD_DELETE,
	ACT_CUT,
	ACT_COPY,
	ACT_YANK,
	ACT_UNDO,
	ACT_REDO,
	ACT_REFLOW,
	ACT_MARK,
	ACT_TAB,
	ACT_MOVE, /* and enum text_move behind it */
};

enum { PLAIN, CTRL, META };

struct binding {
	enum key_code code;
	const char *text; /* of KEY_TEXT and KEY_CTRL */
	int modifier;
	int action;
};

#define MOVE(move) (ACT_MOVE + (move))

static const struct binding bindings[] = {
	{KEY_ENTER_, NULL, PLAIN, ACT_NEWLINE},
	{KEY_TAB, NULL, PLAIN, ACT_TAB},
	{KEY_BACKSPACE_, NULL, PLAIN, ACT_BACKSPACE},
	{KEY_CTRL, "h", PLAIN, ACT_BACKSPACE},
	{KEY_DELETE, NULL, PLAIN, ACT_DELETE},
	{KEY_CTRL, "d", PLAIN, ACT_DELETE},
	{KEY_BACKSPACE_, NULL, META, ACT_WORD_BACK},
	{KEY_BACKSPACE_, NULL, CTRL, ACT_WORD_BACK},
	{KEY_DELETE, NULL, CTRL, ACT_WORD_DELETE},
	{KEY_TEXT, "d", META, ACT_WORD_DELETE},
	{KEY_CTRL, "k", PLAIN, ACT_CUT},
	{KEY_CTRL, "u", PLAIN, ACT_YANK},
	{KEY_CTRL, "y", PLAIN, ACT_YANK},
	{KEY_TEXT, "w", META, ACT_COPY},
	{KEY_TEXT, "6", META, ACT_COPY},
	{KEY_TEXT, "u", META, ACT_UNDO},
	{KEY_CTRL, "_", PLAIN, ACT_UNDO},
	{KEY_TEXT, "e", META, ACT_REDO},
	{KEY_TEXT, "q", META, ACT_REFLOW},
	{KEY_TEXT, "a", META, ACT_MARK},
	{KEY_CTRL, "@", PLAIN, ACT_MARK},
	{KEY_CTRL, " ", PLAIN, ACT_MARK},
	{KEY_LEFT_, NULL, PLAIN, MOVE(TEXT_LEFT)},
	{KEY_CTRL, "b", PLAIN, MOVE(TEXT_LEFT)},
	{KEY_RIGHT_, NULL, PLAIN, MOVE(TEXT_RIGHT)},
	{KEY_CTRL, "f", PLAIN, MOVE(TEXT_RIGHT)},
	{KEY_UP_, NULL, PLAIN, MOVE(TEXT_UP)},
	{KEY_CTRL, "p", PLAIN, MOVE(TEXT_UP)},
	{KEY_DOWN_, NULL, PLAIN, MOVE(TEXT_DOWN)},
	{KEY_CTRL, "n", PLAIN, MOVE(TEXT_DOWN)},
	{KEY_LEFT_, NULL, CTRL, MOVE(TEXT_WORD_LEFT)},
	{KEY_LEFT_, NULL, META, MOVE(TEXT_WORD_LEFT)},
	{KEY_TEXT, "b", META, MOVE(TEXT_WORD_LEFT)},
	{KEY_RIGHT_, NULL, CTRL, MOVE(TEXT_WORD_RIGHT)},
	{KEY_RIGHT_, NULL, META, MOVE(TEXT_WORD_RIGHT)},
	{KEY_TEXT, "f", META, MOVE(TEXT_WORD_RIGHT)},
	{KEY_UP_, NULL, CTRL, MOVE(TEXT_PARAGRAPH_UP)},
	{KEY_DOWN_, NULL, CTRL, MOVE(TEXT_PARAGRAPH_DOWN)},
	{KEY_HOME_, NULL, PLAIN, MOVE(TEXT_ROW_START)},
	{KEY_CTRL, "a", PLAIN, MOVE(TEXT_ROW_START)},
	{KEY_END_, NULL, PLAIN, MOVE(TEXT_ROW_END)},
	{KEY_CTRL, "e", PLAIN, MOVE(TEXT_ROW_END)},
	{KEY_PAGE_UP, NULL, PLAIN, MOVE(TEXT_PAGE_UP)},
	{KEY_PAGE_DOWN, NULL, PLAIN, MOVE(TEXT_PAGE_DOWN)},
	{KEY_HOME_, NULL, CTRL, MOVE(TEXT_FIRST)},
	{KEY_TEXT, "<", META, MOVE(TEXT_FIRST)},
	{KEY_END_, NULL, CTRL, MOVE(TEXT_LAST)},
	{KEY_TEXT, ">", META, MOVE(TEXT_LAST)},
};

const char *const text_edit_help[] = {
	N_("arrows"), N_("move; with Shift they select"),
	N_("Ctrl-Left Ctrl-Right"), N_("a word to the left, to the right"),
	N_("Ctrl-Up Ctrl-Down"), N_("to the paragraph above, below"),
	N_("Home End"), N_("to the start, the end of the row"),
	N_("PageUp PageDown"), N_("a page up, down"),
	N_("Ctrl-Home Ctrl-End"), N_("to the start, the end of the text"),
	"^K", N_("cut the line, or what is selected"),
	"^U", N_("put in what was cut or copied"),
	"Alt-w", N_("copy the line, or what is selected"),
	"Alt-a", N_("begin (or drop) a selection"),
	"Alt-Backspace Alt-d", N_("erase a word before, behind the cursor"),
	"Alt-u, ^_", N_("undo"),
	"Alt-e", N_("redo"),
	"Alt-q", N_("join the lines of the paragraph"),
	NULL,
};

static int modifier_of(const struct key *key)
{
	if (key->is_meta)
		return META;
	return key->is_ctrl && key->code != KEY_CTRL ? CTRL : PLAIN;
}

static int action_of(const struct key *key)
{
	int modifier = modifier_of(key);

	for (size_t i = 0; i < ARRAY_COUNT(bindings); i++) {
		const struct binding *binding = &bindings[i];

		if (binding->code == key->code && binding->modifier == modifier &&
		    (!binding->text || !strcmp(binding->text, key->text)))
			return binding->action;
	}
	return ACT_NONE;
}

static void act(struct text_edit *edit, int action)
{
	switch (action) {
	case ACT_NEWLINE:
		text_edit_newline(edit);
		break;
	case ACT_TAB:
		text_edit_type(edit, "\t", 1);
		break;
	case ACT_BACKSPACE:
		text_edit_backspace(edit);
		break;
	case ACT_DELETE:
		text_edit_delete(edit);
		break;
	case ACT_WORD_BACK:
		text_edit_delete_word(edit, -1);
		break;
	case ACT_WORD_DELETE:
		text_edit_delete_word(edit, 1);
		break;
	case ACT_CUT:
		text_edit_cut(edit);
		break;
	case ACT_COPY:
		text_edit_copy(edit);
		break;
	case ACT_YANK:
		text_edit_yank(edit);
		break;
	case ACT_UNDO:
		text_edit_undo(edit);
		break;
	case ACT_REDO:
		text_edit_redo(edit);
		break;
	case ACT_REFLOW:
		text_edit_reflow(edit);
		break;
	case ACT_MARK:
		text_edit_mark(edit);
		break;
	default:
		break;
	}
}

static int move_by_key(struct text_edit *edit, enum text_move move, bool is_shift)
{
	/* a selection begun by a key stays until it is dropped; one begun by Shift goes without it */
	bool moved = text_edit_move(edit, move, is_shift);

	return moved || move != TEXT_UP;
}

int text_edit_key(struct text_edit *edit, const struct key *key)
{
	int action = action_of(key);

	if (key->code == KEY_PASTE) {
		text_edit_paste(edit, key->paste, strlen(key->paste));
		return 1;
	}
	if (action >= ACT_MOVE)
		return move_by_key(edit, (enum text_move)(action - ACT_MOVE), key->is_shift);
	if (action != ACT_NONE) {
		act(edit, action);
		return 1;
	}
	if (key->code != KEY_TEXT || key->is_meta)
		return 0;
	text_edit_type(edit, key->text, strlen(key->text));
	return 1;
}
