#include "config.h"

#include "ui/input/text_lines.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "ui/screen/wrap.h"

struct line {
	char *text;
	size_t len, cap;
	uint32_t *rows; /* NULL: not looked at since it changed */
	uint32_t row_count, row_cap;
	int row_width;
};

struct text_lines {
	struct line *items;
	size_t count, cap;
	size_t gap; /* number of lines in front of it */
};

static struct line *line_at(const struct text_lines *lines, size_t i)
{
	return lines->items + (i < lines->gap ? i : i + lines->cap - lines->count);
}

static void gap_to(struct text_lines *lines, size_t at)
{
	size_t hole = lines->cap - lines->count;
	struct line *items = lines->items;

	if (at < lines->gap)
		memmove(items + at + hole, items + at, (lines->gap - at) * sizeof *items);
	else if (at > lines->gap)
		memmove(items + lines->gap, items + lines->gap + hole,
			(at - lines->gap) * sizeof *items);
	lines->gap = at;
}

static void gap_room(struct text_lines *lines, size_t more)
{
	size_t behind = lines->count - lines->gap, cap = lines->cap;

	if (cap - lines->count >= more)
		return;
	cap = cap + cap / 2 + more;
	lines->items = mem_resize(lines->items, cap, sizeof *lines->items);
	memmove(lines->items + cap - behind, lines->items + lines->cap - behind,
		behind * sizeof *lines->items);
	lines->cap = cap;
}

/* A new empty line that becomes number AT. */
static struct line *line_insert(struct text_lines *lines, size_t at)
{
	gap_room(lines, 1);
	gap_to(lines, at);
	memset(&lines->items[at], 0, sizeof *lines->items);
	lines->gap++;
	lines->count++;
	return &lines->items[at];
}

static void line_clear(struct line *line)
{
	free(line->text);
	free(line->rows);
	memset(line, 0, sizeof *line);
}

static void lines_remove(struct text_lines *lines, size_t at, size_t count)
{
	if (!count)
		return;
	gap_to(lines, at);
	for (size_t i = 0; i < count; i++)
		line_clear(line_at(lines, at + i));
	lines->count -= count;
}

struct text_lines *text_lines_new(void)
{
	struct text_lines *lines = mem_alloc(sizeof *lines);

	line_insert(lines, 0);
	return lines;
}

void text_lines_free(struct text_lines **lines)
{
	if (!*lines)
		return;
	for (size_t i = 0; i < (*lines)->count; i++)
		line_clear(line_at(*lines, i));
	free((*lines)->items);
	free(*lines);
	*lines = NULL;
}

size_t text_lines_count(const struct text_lines *lines)
{
	return lines->count;
}

struct span text_lines_get(const struct text_lines *lines, size_t i)
{
	const struct line *line = line_at(lines, i);

	return (struct span){line->text ? line->text : "", line->len};
}

struct text_pos text_lines_end(const struct text_lines *lines)
{
	return (struct text_pos){lines->count - 1, line_at(lines, lines->count - 1)->len};
}

int text_pos_compare(struct text_pos a, struct text_pos b)
{
	if (a.line != b.line)
		return a.line < b.line ? -1 : 1;
	return a.at < b.at ? -1 : a.at > b.at;
}

/* --- rows: after a change they are mended from the row before it to where the old ones fit again --- */

static void row_add(struct line *line, uint32_t start)
{
	ARRAY_ROOM(line->rows, line->row_count, line->row_cap);
	line->rows[line->row_count++] = start;
}

static size_t row_next(const struct line *line, size_t start, int indent)
{
	int width = line->row_width - (start > 0 ? indent : 0);

	return start + wrap_row(line->text + start, line->len - start, width < 1 ? 1 : width);
}

static int line_indent(const struct line *line)
{
	int depth, indent;
	size_t quote = wrap_quote(line->text, line->len, &depth);

	if (!depth)
		return 0;
	indent = wrap_width(line->text, quote, 0);
	return indent > line->row_width / 2 ? line->row_width / 2 : indent;
}

static void rows_make(struct line *line, int width)
{
	int indent;
	size_t at = 0;

	line->row_width = width;
	line->row_count = 0;
	row_add(line, 0);
	if (!line->len)
		return;
	indent = line_indent(line);
	while ((at = row_next(line, at, indent)) < line->len)
		row_add(line, (uint32_t)at);
}

/* The last row that begins at or before AT. */
static uint32_t row_of(const struct line *line, size_t at)
{
	uint32_t low = 0, high = line->row_count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (line->rows[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Rows from KEEP on are made anew until one begins where an old one (moved by DELTA) behind OLD_END did. */
static void rows_mend(struct line *line, uint32_t keep, size_t old_end, long delta)
{
	uint32_t old_count = line->row_count, old = keep;
	uint32_t *old_rows = mem_calloc(old_count, sizeof *old_rows);
	int indent = line_indent(line);
	size_t at = line->rows[keep];

	memcpy(old_rows, line->rows, old_count * sizeof *old_rows);
	line->row_count = keep + 1;
	while ((at = row_next(line, at, indent)) < line->len) {
		while (old < old_count && (old_rows[old] < old_end || (long)old_rows[old] + delta < (long)at))
			old++;
		if (old < old_count && (long)old_rows[old] + delta == (long)at)
			break;
		row_add(line, (uint32_t)at);
	}
	for (; at < line->len && old < old_count; old++)
		row_add(line, (uint32_t)((long)old_rows[old] + delta));
	free(old_rows);
}

static void rows_changed(struct line *line, size_t at, size_t removed, size_t added, size_t quote)
{
	int depth;
	uint32_t row;

	if (!line->rows)
		return;
	if (at <= quote || !line->len || at <= wrap_quote(line->text, line->len, &depth)) {
		free(line->rows);
		line->rows = NULL;
		line->row_count = line->row_cap = 0;
		return;
	}
	row = row_of(line, at);
	/* a shorter word may go up a row; a joined grapheme may begin before AT */
	row = row > 2 ? row - 2 : 0;
	rows_mend(line, row, at + removed, (long)added - (long)removed);
}

size_t text_lines_rows(struct text_lines *lines, size_t i, int width, const uint32_t **starts)
{
	struct line *line = line_at(lines, i);

	if (!line->rows || line->row_width != width)
		rows_make(line, width);
	*starts = line->rows;
	return line->row_count;
}

/* --- changes --- */

static void line_splice(struct line *line, size_t at, size_t remove, const char *text, size_t len)
{
	size_t need = line->len - remove + len, tail = line->len - at - remove;
	size_t quote;
	int depth;

	if (!remove && !len)
		return;
	quote = wrap_quote(line->text, line->len, &depth);
	if (need > line->cap) {
		line->cap = line->len ? need + need / 2 : need;
		line->text = mem_resize(line->text, line->cap, 1);
	}
	if (tail)
		memmove(line->text + at + len, line->text + at + remove, tail);
	if (len)
		memcpy(line->text + at, text, len);
	line->len = need;
	rows_changed(line, at, remove, len, quote);
}

static size_t piece_len(const char *text, size_t len)
{
	const char *end = len ? memchr(text, '\n', len) : NULL;

	return end ? (size_t)(end - text) : len;
}

static struct text_pos insert_lines(struct text_lines *lines, struct text_pos from, const char *text,
				    size_t len)
{
	size_t at = from.line, piece = piece_len(text, len);
	struct line *line = line_at(lines, at);
	struct buf tail = BUF_INIT;

	buf_add(&tail, line->text + from.at, line->len - from.at);
	line_splice(line, from.at, line->len - from.at, text, piece);
	while (piece < len) {
		text += piece + 1;
		len -= piece + 1;
		piece = piece_len(text, len);
		line = line_insert(lines, ++at);
		line_splice(line, 0, 0, text, piece);
	}
	piece = line->len;
	line_splice(line, piece, 0, tail.data, tail.len);
	buf_free(&tail);
	return (struct text_pos){at, piece};
}

static void join_lines(struct text_lines *lines, struct text_pos from, struct text_pos to)
{
	struct line *first = line_at(lines, from.line), *last = line_at(lines, to.line);

	line_splice(first, from.at, first->len - from.at, last->text ? last->text + to.at : "",
		    last->len - to.at);
	lines_remove(lines, from.line + 1, to.line - from.line);
}

struct text_pos text_lines_replace(struct text_lines *lines, struct text_pos from,
				   struct text_pos to, const char *text, size_t len)
{
	bool has_lf = len && memchr(text, '\n', len);

	if (from.line == to.line && !has_lf) {
		line_splice(line_at(lines, from.line), from.at, to.at - from.at, text, len);
		return (struct text_pos){from.line, from.at + len};
	}
	if (from.line != to.line)
		join_lines(lines, from, to);
	else
		line_splice(line_at(lines, from.line), from.at, to.at - from.at, NULL, 0);
	if (has_lf)
		return insert_lines(lines, from, text, len);
	line_splice(line_at(lines, from.line), from.at, 0, text, len);
	return (struct text_pos){from.line, from.at + len};
}

void text_lines_copy(const struct text_lines *lines, struct text_pos from, struct text_pos to,
		     struct buf *out)
{
	for (size_t i = from.line; i <= to.line; i++) {
		struct span line = text_lines_get(lines, i);
		size_t start = i == from.line ? from.at : 0;
		size_t end = i == to.line ? to.at : line.len;

		buf_add(out, line.data + start, end - start);
		if (i < to.line)
			buf_add_char(out, '\n');
	}
}
