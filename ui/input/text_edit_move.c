#include "config.h"

#include <string.h>

#include "store/base/utf8.h"
#include "ui/input/text_edit_private.h"
#include "ui/screen/wrap.h"

/* --- rows --- */

static int row_indent(const struct text_edit *edit, struct span text)
{
	int depth, indent;
	size_t marks = wrap_quote(text.data, text.len, &depth);

	if (!depth)
		return 0;
	indent = wrap_width(text.data, marks, 0);
	return indent > edit->width / 2 ? edit->width / 2 : indent;
}

struct text_row text_edit_row(struct text_edit *edit, size_t line, size_t number)
{
	const uint32_t *starts;
	size_t count = text_lines_rows(edit->lines, line, edit->width, &starts);
	struct span text = text_lines_get(edit->lines, line);
	struct text_row row = {.line = line};

	row.row = number < count ? number : count - 1;
	row.start = starts[row.row];
	row.is_last = row.row + 1 == count;
	row.end = row.is_last ? text.len : starts[row.row + 1];
	row.indent = row.row ? row_indent(edit, text) : 0;
	return row;
}

struct text_row text_edit_row_of(struct text_edit *edit, struct text_pos pos)
{
	const uint32_t *starts;
	size_t low = 0, high = text_lines_rows(edit->lines, pos.line, edit->width, &starts);

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (starts[middle] <= pos.at)
			low = middle;
		else
			high = middle;
	}
	return text_edit_row(edit, pos.line, low);
}

bool text_edit_row_next(struct text_edit *edit, struct text_row *row)
{
	if (!row->is_last)
		*row = text_edit_row(edit, row->line, row->row + 1);
	else if (row->line + 1 < text_lines_count(edit->lines))
		*row = text_edit_row(edit, row->line + 1, 0);
	else
		return false;
	return true;
}

bool text_edit_row_before(struct text_edit *edit, struct text_row *row)
{
	if (row->row)
		*row = text_edit_row(edit, row->line, row->row - 1);
	else if (row->line)
		*row = text_edit_row(edit, row->line - 1, SIZE_MAX);
	else
		return false;
	return true;
}

int text_edit_column(struct text_edit *edit, const struct text_row *row, size_t at)
{
	struct span text = text_lines_get(edit->lines, row->line);

	return row->indent + wrap_width(text.data + row->start, at - row->start, 0);
}

size_t text_edit_at_column(struct text_edit *edit, const struct text_row *row, int column)
{
	struct span text = text_lines_get(edit->lines, row->line);
	size_t at = row->start, last = row->start;
	int x = row->indent, width;

	while (at < row->end) {
		size_t step = wrap_step(text.data + at, row->end - at, x - row->indent, &width);

		if (x + width > column)
			return at;
		last = at;
		x += width;
		at += step;
	}
	return row->is_last ? at : last;
}

/* --- graphemes and words --- */

struct text_pos text_edit_before(struct text_edit *edit, struct text_pos pos)
{
	struct text_row row;
	struct span text;

	if (!pos.at) {
		if (!pos.line)
			return pos;
		return (struct text_pos){pos.line - 1, text_lines_get(edit->lines, pos.line - 1).len};
	}
	row = text_edit_row_of(edit, (struct text_pos){pos.line, pos.at - 1});
	text = text_lines_get(edit->lines, pos.line);
	pos.at = row.start + utf8_grapheme_before(text.data + row.start, text.len - row.start,
						  pos.at - row.start);
	return pos;
}

struct text_pos text_edit_behind(struct text_edit *edit, struct text_pos pos)
{
	struct span text = text_lines_get(edit->lines, pos.line);
	int width;

	if (pos.at < text.len) {
		pos.at += wrap_step(text.data + pos.at, text.len - pos.at, 0, &width);
		return pos;
	}
	if (pos.line + 1 < text_lines_count(edit->lines))
		return (struct text_pos){pos.line + 1, 0};
	return pos;
}

/* Letters, digits and everything that is not ASCII make words. */
static bool is_word_at(const struct text_edit *edit, struct text_pos pos)
{
	struct span text = text_lines_get(edit->lines, pos.line);

	if (pos.at >= text.len)
		return false;
	return char_is_alnum(text.data[pos.at]) || (unsigned char)text.data[pos.at] >= 0x80;
}

static bool is_same(struct text_pos a, struct text_pos b)
{
	return !text_pos_compare(a, b);
}

struct text_pos text_edit_word_before(struct text_edit *edit, struct text_pos pos)
{
	struct text_pos before = text_edit_before(edit, pos);

	while (!is_same(before, pos) && !is_word_at(edit, before)) {
		pos = before;
		before = text_edit_before(edit, pos);
	}
	while (!is_same(before, pos) && is_word_at(edit, before)) {
		pos = before;
		before = text_edit_before(edit, pos);
	}
	return pos;
}

struct text_pos text_edit_word_behind(struct text_edit *edit, struct text_pos pos)
{
	struct text_pos last = text_lines_end(edit->lines);

	while (!is_same(pos, last) && !is_word_at(edit, pos))
		pos = text_edit_behind(edit, pos);
	while (!is_same(pos, last) && is_word_at(edit, pos))
		pos = text_edit_behind(edit, pos);
	return pos;
}

/* --- motion --- */

static struct text_pos move_rows(struct text_edit *edit, int rows)
{
	struct text_row row = text_edit_row_of(edit, edit->cursor);
	bool moved = false;

	if (edit->want_column < 0)
		edit->want_column = text_edit_column(edit, &row, edit->cursor.at);
	for (; rows > 0 && text_edit_row_next(edit, &row); rows--)
		moved = true;
	for (; rows < 0 && text_edit_row_before(edit, &row); rows++)
		moved = true;
	if (!moved)
		return edit->cursor;
	return (struct text_pos){row.line, text_edit_at_column(edit, &row, edit->want_column)};
}

static struct text_pos row_end(struct text_edit *edit)
{
	struct text_row row = text_edit_row_of(edit, edit->cursor);
	struct text_pos end = {row.line, row.end};

	return row.is_last ? end : text_edit_before(edit, end);
}

static bool is_blank_line(const struct text_edit *edit, size_t line)
{
	return !text_lines_get(edit->lines, line).len;
}

static struct text_pos paragraph(const struct text_edit *edit, int direction)
{
	size_t line = edit->cursor.line, count = text_lines_count(edit->lines);

	do {
		if (direction < 0 ? line == 0 : line + 1 >= count)
			break;
		line += (size_t)(long)direction;
	} while (!is_blank_line(edit, line));
	if (direction > 0 && line + 1 == count)
		return text_lines_end(edit->lines);
	return (struct text_pos){line, 0};
}

static struct text_pos target_of(struct text_edit *edit, enum text_move move)
{
	struct text_pos cursor = edit->cursor;
	int page = edit->height > 2 ? edit->height - 2 : 1;

	switch (move) {
	case TEXT_LEFT:
		return text_edit_before(edit, cursor);
	case TEXT_RIGHT:
		return text_edit_behind(edit, cursor);
	case TEXT_UP:
		return move_rows(edit, -1);
	case TEXT_DOWN:
		return move_rows(edit, 1);
	case TEXT_PAGE_UP:
		return move_rows(edit, -page);
	case TEXT_PAGE_DOWN:
		return move_rows(edit, page);
	case TEXT_WORD_LEFT:
		return text_edit_word_before(edit, cursor);
	case TEXT_WORD_RIGHT:
		return text_edit_word_behind(edit, cursor);
	case TEXT_ROW_START:
		return (struct text_pos){cursor.line, text_edit_row_of(edit, cursor).start};
	case TEXT_ROW_END:
		return row_end(edit);
	case TEXT_FIRST:
		return (struct text_pos){0, 0};
	case TEXT_LAST:
		return text_lines_end(edit->lines);
	case TEXT_PARAGRAPH_UP:
		return paragraph(edit, -1);
	case TEXT_PARAGRAPH_DOWN:
		return paragraph(edit, 1);
	}
	return cursor;
}

static bool is_vertical(enum text_move move)
{
	return move == TEXT_UP || move == TEXT_DOWN || move == TEXT_PAGE_UP ||
	       move == TEXT_PAGE_DOWN;
}

void text_edit_mark(struct text_edit *edit)
{
	edit->anchor_kind = edit->anchor_kind == ANCHOR_MARK ? ANCHOR_NONE : ANCHOR_MARK;
	edit->anchor = edit->cursor;
}

/* What Shift selected goes without it; what a key marked stays until a key drops it. */
static void selection_follows(struct text_edit *edit, bool selecting)
{
	bool is_ours = edit->anchor_kind == ANCHOR_MARK || edit->anchor_kind == ANCHOR_SHIFT;

	if (!selecting && edit->anchor_kind != ANCHOR_MARK)
		edit->anchor_kind = ANCHOR_NONE;
	if (!selecting || is_ours)
		return;
	edit->anchor_kind = ANCHOR_SHIFT;
	edit->anchor = edit->cursor;
}

bool text_edit_move(struct text_edit *edit, enum text_move move, bool selecting)
{
	struct text_pos to = target_of(edit, move);
	bool moved = !is_same(to, edit->cursor);

	selection_follows(edit, selecting);
	if (!is_vertical(move))
		edit->want_column = -1;
	edit->cursor = to;
	edit->was_cut = false;
	text_edit_close_step(edit);
	return moved;
}

void text_edit_set_cursor(struct text_edit *edit, struct text_pos pos)
{
	struct text_pos last = text_lines_end(edit->lines);
	struct text_row row;
	struct span text;

	if (text_pos_compare(pos, last) > 0)
		pos = last;
	text = text_lines_get(edit->lines, pos.line);
	if (pos.at >= text.len) {
		pos.at = text.len;
	} else {
		row = text_edit_row_of(edit, pos);
		pos.at = text_edit_at_column(edit, &row, text_edit_column(edit, &row, pos.at));
	}
	edit->cursor = pos;
	edit->anchor_kind = ANCHOR_NONE;
	edit->was_cut = false;
	edit->want_column = -1;
	text_edit_close_step(edit);
}

/* --- search --- */

/* Offsets of what the folded NEEDLE matches in TEXT from byte FROM on; graphemes are folded one by one, so
 * that an offset in the folded text leads back. */
static bool match_at(struct span text, size_t at, const struct buf *needle, size_t *end)
{
	struct buf folded = BUF_INIT;
	bool fits = true;
	int width;

	while (fits && folded.len < needle->len && at < text.len) {
		size_t step = wrap_step(text.data + at, text.len - at, 0, &width);

		utf8_add_folded(&folded, text.data + at, step);
		at += step;
		fits = folded.len <= needle->len &&
		       !memcmp(buf_str(&folded), needle->data, folded.len);
	}
	fits = fits && folded.len == needle->len;
	buf_free(&folded);
	*end = at;
	return fits;
}

static bool find_in_line(struct span text, const struct buf *needle, size_t from, size_t before,
			 bool wants_last, struct span *found)
{
	bool any = false;
	size_t end;
	int width;

	if (utf8_find_folded(text.data, text.len, needle->data) < 0)
		return false;
	for (size_t at = from; at < text.len && at < before;
	     at += wrap_step(text.data + at, text.len - at, 0, &width)) {
		if (!match_at(text, at, needle, &end))
			continue;
		*found = (struct span){text.data + at, end - at};
		any = true;
		if (!wants_last)
			break;
	}
	return any;
}

static void select_found(struct text_edit *edit, size_t line, struct span found)
{
	size_t at = (size_t)(found.data - text_lines_get(edit->lines, line).data);

	text_edit_set_cursor(edit, (struct text_pos){line, at});
	edit->anchor = (struct text_pos){line, at + found.len};
	edit->anchor_kind = ANCHOR_FOUND;
}

static bool find_from(struct text_edit *edit, const struct buf *needle, bool backwards)
{
	size_t count = text_lines_count(edit->lines), line = edit->cursor.line;
	struct span found;

	for (size_t i = 0; i <= count; i++) {
		bool here = i == 0;
		size_t from = here && !backwards ? text_edit_behind(edit, edit->cursor).at : 0;
		size_t before = here && backwards ? edit->cursor.at : SIZE_MAX;

		if (here && !backwards && edit->cursor.at >= text_lines_get(edit->lines, line).len)
			from = SIZE_MAX;
		if (find_in_line(text_lines_get(edit->lines, line), needle, from, before, backwards,
				 &found)) {
			select_found(edit, line, found);
			return true;
		}
		line = backwards ? (line ? line - 1 : count - 1) : (line + 1) % count;
	}
	return false;
}

bool text_edit_find(struct text_edit *edit, const char *needle, bool backwards)
{
	struct buf folded = BUF_INIT;
	bool found;

	utf8_add_folded(&folded, needle, strlen(needle));
	found = folded.len && find_from(edit, &folded, backwards);
	buf_free(&folded);
	return found;
}
