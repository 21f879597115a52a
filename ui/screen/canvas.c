#include "config.h"

#include "ui/screen/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "ui/screen/bidi.h"

#define ELLIPSIS  "…"
#define LINK_MAX  65535

struct canvas {
	int width, height;
	int cursor_x, cursor_y;
	enum canvas_bidi bidi;
	bool has_rtl;
	struct cell *cells;
	char **links;
	size_t link_count, link_cap;
	struct canvas_picture pictures[CANVAS_PICTURES_MAX];
	size_t picture_count;
};

static const struct cell blank = {.text = " ", .width = 1};

static struct cell *cell_at(const struct canvas *canvas, int x, int y)
{
	if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height)
		return NULL;
	return &canvas->cells[(size_t)y * (size_t)canvas->width + (size_t)x];
}

struct canvas *canvas_new(int width, int height)
{
	struct canvas *canvas = mem_alloc(sizeof *canvas);
	canvas_resize(canvas, width, height);
	return canvas;
}

static void forget_links(struct canvas *canvas)
{
	for (size_t i = 0; i < canvas->link_count; i++)
		free(canvas->links[i]);
	canvas->link_count = 0;
}

void canvas_free(struct canvas **canvas)
{
	if (!*canvas)
		return;
	forget_links(*canvas);
	free((*canvas)->links);
	free((*canvas)->cells);
	free(*canvas);
	*canvas = NULL;
}

void canvas_resize(struct canvas *canvas, int width, int height)
{
	canvas->width = width < 1 ? 1 : width;
	canvas->height = height < 1 ? 1 : height;
	free(canvas->cells);
	canvas->cells = mem_calloc((size_t)canvas->width * (size_t)canvas->height, sizeof(struct cell));
	canvas_clear(canvas);
}

int canvas_width(const struct canvas *canvas)
{
	return canvas->width;
}

int canvas_height(const struct canvas *canvas)
{
	return canvas->height;
}

void canvas_clear(struct canvas *canvas)
{
	size_t count = (size_t)canvas->width * (size_t)canvas->height;
	for (size_t i = 0; i < count; i++)
		canvas->cells[i] = blank;
	forget_links(canvas);
	canvas->picture_count = 0;
	canvas->cursor_x = canvas->cursor_y = -1;
	canvas->has_rtl = false;
}

void canvas_set_bidi(struct canvas *canvas, enum canvas_bidi bidi)
{
	canvas->bidi = bidi;
}

enum canvas_bidi canvas_bidi(const struct canvas *canvas)
{
	return canvas->bidi;
}

bool canvas_has_rtl(const struct canvas *canvas)
{
	return canvas->has_rtl;
}

bool canvas_turns(const struct canvas *canvas, const char *text, size_t len)
{
	return canvas->bidi == CANVAS_BIDI_VISUAL && bidi_has_rtl(text, len);
}

/* Half of a wide character cannot stay alone: what is overwritten in part becomes blank. */
static void blank_halves(struct canvas *canvas, int x, int y)
{
	struct cell *cell = cell_at(canvas, x, y);
	struct cell *left = cell_at(canvas, x - 1, y), *right = cell_at(canvas, x + 1, y);
	if (cell && cell->width == 0 && left) {
		memcpy(left->text, " ", 2);
		left->width = 1;
	}
	if (cell && cell->width == 2 && right) {
		memcpy(right->text, " ", 2);
		right->width = 1;
	}
}

static void set_cell(struct canvas *canvas, int x, int y, enum style style, const char *text,
		     size_t len, int width)
{
	struct cell *cell = cell_at(canvas, x, y);
	if (!cell)
		return;
	if (width == 2 && !cell_at(canvas, x + 1, y)) {
		text = " ";
		len = width = 1;
	}
	for (int i = 0; i < width; i++)
		blank_halves(canvas, x + i, y);
	*cell = (struct cell){.style = (unsigned char)style, .width = (unsigned char)width};
	memcpy(cell->text, text, len);
	if (width == 2)
		cell[1] = (struct cell){.style = (unsigned char)style};
}

void canvas_fill(struct canvas *canvas, struct rect area, enum style style)
{
	for (int y = area.y; y < area.y + area.height; y++)
		for (int x = area.x; x < area.x + area.width; x++)
			set_cell(canvas, x, y, style, " ", 1, 1);
}

void canvas_put_block(struct canvas *canvas, int x, int y, uint32_t code, int32_t fg, int32_t bg)
{
	char text[4];
	struct cell *cell = cell_at(canvas, x, y);
	set_cell(canvas, x, y, STYLE_NORMAL, text, utf8_encode(code, text), 1);
	if (!cell)
		return;
	cell->has_colours = true;
	cell->fg = fg;
	cell->bg = bg;
}

void canvas_put_picture(struct canvas *canvas, struct rect area, const struct picture *picture)
{
	if (canvas->picture_count == CANVAS_PICTURES_MAX)
		return;
	canvas_fill(canvas, area, STYLE_NORMAL);
	canvas->pictures[canvas->picture_count++] = (struct canvas_picture){area, picture};
}

const struct canvas_picture *canvas_pictures(const struct canvas *canvas, size_t *count)
{
	*count = canvas->picture_count;
	return canvas->pictures;
}

/* As many whole code points of the LEN bytes as a cell holds. */
static size_t cell_fit(const char *text, size_t len)
{
	size_t fit = 0;
	while (fit < len) {
		uint32_t code;
		size_t step = utf8_decode(text + fit, len - fit, &code);
		if (fit + step >= CELL_TEXT)
			break;
		fit += step;
	}
	return fit;
}

/* Puts TEXT, which is printable, into at most COLUMNS; columns used. */
static int put_in_order(struct canvas *canvas, int x, int y, int columns, enum style style,
			const char *text, size_t len)
{
	int used = 0;
	while (len) {
		int width;
		size_t bytes = utf8_grapheme(text, len, &width);
		if (used + width > columns)
			break;
		if (width > 0)
			set_cell(canvas, x + used, y, style, text, cell_fit(text, bytes), width);
		used += width;
		text += bytes;
		len -= bytes;
	}
	return used;
}

/* The same as it is seen. */
static int put_turned(struct canvas *canvas, int x, int y, enum style style, const char *text, size_t len)
{
	struct bidi *bidi = bidi_new(text, len);
	struct bidi_piece *pieces;
	size_t count = bidi_row(bidi, 0, len, &pieces), bytes;
	int used = count ? pieces[count - 1].x + pieces[count - 1].width : 0;
	for (size_t i = 0; i < count; i++) {
		const char *shown = bidi_text(&pieces[i], text, &bytes);
		if (pieces[i].width > 0)
			set_cell(canvas, x + pieces[i].x, y, style, shown, cell_fit(shown, bytes),
				 pieces[i].width);
	}
	free(pieces);
	bidi_free(&bidi);
	return used;
}

static int put_printable(struct canvas *canvas, int x, int y, int columns, enum style style,
			 const char *text, size_t len)
{
	int used;
	size_t fit;
	if (!bidi_has_rtl(text, len))
		return put_in_order(canvas, x, y, columns, style, text, len);
	canvas->has_rtl = true;
	if (canvas->bidi != CANVAS_BIDI_VISUAL)
		return put_in_order(canvas, x, y, columns, style, text, len);
	fit = utf8_fit(text, len, columns, &used);
	return put_turned(canvas, x, y, style, text, fit);
}

static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

static int put_cut(struct canvas *canvas, int x, int y, int columns, enum style style,
		   const char *text, size_t len, bool cut)
{
	int whole;
	bool fits = utf8_fit(text, len, columns, &whole) == len;
	if (fits || !cut)
		return put_printable(canvas, x, y, columns, style, text, len);
	struct buf begun = BUF_INIT;
	buf_add(&begun, text, utf8_fit(text, len, columns - 1, &whole));
	buf_add_str(&begun, ELLIPSIS);
	int used = put_printable(canvas, x, y, columns, style, buf_str(&begun), begun.len);
	buf_free(&begun);
	return used;
}

int canvas_put_n(struct canvas *canvas, int x, int y, int columns, enum style style,
		 const char *text, size_t len, bool cut)
{
	if (y < 0 || y >= canvas->height || x >= canvas->width)
		return 0;
	if (columns > canvas->width - x)
		columns = canvas->width - x;
	if (columns <= 0)
		return 0;
	if (is_plain(text, len))
		return put_cut(canvas, x, y, columns, style, text, len, cut);
	struct buf clean = BUF_INIT;
	utf8_add_revealed(&clean, text, len);
	int used = put_cut(canvas, x, y, columns, style, buf_str(&clean), clean.len, cut);
	buf_free(&clean);
	return used;
}

int canvas_put(struct canvas *canvas, int x, int y, int columns, enum style style, const char *text)
{
	return canvas_put_n(canvas, x, y, columns, style, text, strlen(text), true);
}

/* How many bytes of TEXT stand in one row: up to a blank if there is one. */
static size_t row_of(const char *text, int width)
{
	int used;
	size_t fit = utf8_fit(text, strlen(text), width, &used), at = fit;

	if (!text[fit])
		return fit;
	while (at > 0 && text[at] != ' ')
		at--;
	return at ? at : fit;
}

static int count_rows(const char *text, int width)
{
	int rows = 0;

	while (*text) {
		text += row_of(text, width);
		while (*text == ' ')
			text++;
		rows++;
	}
	return rows ? rows : 1;
}

static size_t without_blanks(const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == ' ')
		len--;
	return len;
}

int canvas_put_rows(struct canvas *canvas, struct rect area, enum style style, const char *text)
{
	int rows = count_rows(text, area.width - 2), most = area.y > 4 ? 4 : 1, used = 0;

	for (int y = area.y - (rows > most ? most : rows) + 1; y <= area.y; y++) {
		size_t len = y < area.y ? row_of(text, area.width - 2) : without_blanks(text);

		canvas_fill(canvas, (struct rect){area.x, y, area.width, 1}, style);
		used = canvas_put_n(canvas, area.x + 1, y, area.width - 2, style, text, len, true);
		text += len;
		while (*text == ' ')
			text++;
	}
	return used;
}

int canvas_printf(struct canvas *canvas, int x, int y, int columns, enum style style,
		  const char *fmt, ...)
{
	char text[2048];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return canvas_put(canvas, x, y, columns, style, text);
}

int canvas_put_right(struct canvas *canvas, int x_end, int y, enum style style, const char *text)
{
	struct buf clean = BUF_INIT;
	utf8_add_revealed(&clean, text, strlen(text));
	int width = utf8_width(buf_str(&clean), clean.len);
	int x = x_end - width < 0 ? 0 : x_end - width;
	int used = canvas_put_n(canvas, x, y, x_end - x, style, buf_str(&clean), clean.len, true);
	buf_free(&clean);
	return used;
}

void canvas_over(struct canvas *canvas, struct rect area, enum style style)
{
	for (int y = area.y; y < area.y + area.height; y++) {
		for (int x = area.x; x < area.x + area.width; x++) {
			struct cell *cell = cell_at(canvas, x, y);
			if (!cell)
				continue;
			if (cell->over)
				cell->style = cell->over;
			cell->over = (unsigned char)style;
		}
	}
}

/* One row folded for comparing, and the cell that each byte of it comes from. */
struct folded_row {
	struct buf text;
	int *cells;
	size_t cap;
};

static void fold_row(const struct canvas *canvas, struct rect area, int y, struct folded_row *row)
{
	buf_clear(&row->text);
	for (int x = area.x; x < area.x + area.width; x++) {
		const struct cell *cell = cell_at(canvas, x, y);
		size_t before = row->text.len;
		if (cell && cell->text[0] == ' ')
			buf_add_char(&row->text, ' '); /* folding would drop a blank that stands alone */
		else if (cell)
			utf8_add_folded(&row->text, cell->text, strlen(cell->text));
		while (row->cap < row->text.len) {
			row->cap = row->cap ? row->cap * 2 : 256;
			row->cells = mem_resize(row->cells, row->cap, sizeof *row->cells);
		}
		for (size_t i = before; i < row->text.len; i++)
			row->cells[i] = x;
	}
}

/* NEEDLE as it stands on this canvas. */
static char *needle_seen(const struct canvas *canvas, const char *needle)
{
	size_t len = strlen(needle), bytes;
	if (!canvas_turns(canvas, needle, len))
		return mem_strdup(needle);
	struct bidi *bidi = bidi_new(needle, len);
	struct bidi_piece *pieces;
	size_t count = bidi_row(bidi, 0, len, &pieces);
	struct buf seen = BUF_INIT;
	for (size_t i = 0; i < count; i++) {
		const char *text = bidi_text(&pieces[i], needle, &bytes);
		buf_add(&seen, text, bytes);
	}
	free(pieces);
	bidi_free(&bidi);
	return buf_take(&seen);
}

int canvas_over_text(struct canvas *canvas, struct rect area, const char *needle, enum style style)
{
	struct folded_row row = {.cells = NULL};
	char *seen = needle_seen(canvas, needle);
	size_t len = strlen(seen);
	int found = 0;
	for (int y = area.y; len && y < area.y + area.height; y++) {
		fold_row(canvas, area, y, &row);
		const char *text = buf_str(&row.text), *at = text;
		while ((at = strstr(at, seen))) {
			int from = row.cells[at - text], to = row.cells[at - text + (long)len - 1];
			canvas_over(canvas, (struct rect){from, y, to - from + 1, 1}, style);
			at += len;
			found++;
		}
	}
	buf_free(&row.text);
	free(row.cells);
	free(seen);
	return found;
}

void canvas_line(struct canvas *canvas, int x, int y, int columns, enum style style)
{
	for (int i = 0; i < columns; i++)
		set_cell(canvas, x + i, y, style, "─", strlen("─"), 1);
}

void canvas_set_cursor(struct canvas *canvas, int x, int y)
{
	canvas->cursor_x = x < canvas->width ? x : canvas->width - 1;
	canvas->cursor_y = y < canvas->height ? y : canvas->height - 1;
}

void canvas_cursor(const struct canvas *canvas, int *x, int *y)
{
	*x = canvas->cursor_x;
	*y = canvas->cursor_y;
}

const struct cell *canvas_cell(const struct canvas *canvas, int x, int y)
{
	return cell_at(canvas, x, y);
}

char *canvas_row(const struct canvas *canvas, int y)
{
	struct buf row = BUF_INIT;
	for (int x = 0; x < canvas->width; x++) {
		const struct cell *cell = cell_at(canvas, x, y);
		if (cell)
			buf_add_str(&row, cell->text);
	}
	while (row.len && row.data[row.len - 1] == ' ')
		buf_truncate(&row, row.len - 1);
	return buf_take(&row);
}

/* A terminal opens what is clicked without asking: nothing of this machine, no script. */
static bool is_of_the_web(const char *url)
{
	return str_starts_nocase(url, "https://") || str_starts_nocase(url, "http://") ||
	       str_starts_nocase(url, "mailto:");
}

/* A link leaves the screen as the terminal's own escape sequence: nothing but visible ASCII may be in it. Letters
 * of other scripts are written in percents; with anything else, or cut, it would lead elsewhere: then NULL. */
static char *clean_url(const char *url)
{
	struct buf clean = BUF_INIT;
	bool is_good = is_of_the_web(url);

	for (; *url && is_good; url++) {
		unsigned char c = (unsigned char)*url;

		if (c > ' ' && c < 0x7f)
			buf_add_char(&clean, (char)c);
		else if (c >= 0x80)
			buf_printf(&clean, "%%%02X", c);
		is_good = c > ' ' && c != 0x7f && clean.len <= CANVAS_URL_MAX;
	}
	if (!is_good)
		buf_free(&clean);
	return is_good ? buf_take(&clean) : NULL;
}

void canvas_link(struct canvas *canvas, struct rect area, const char *url)
{
	char *clean = canvas->link_count < LINK_MAX ? clean_url(url) : NULL;
	if (!clean)
		return;
	ARRAY_ROOM(canvas->links, canvas->link_count, canvas->link_cap);
	canvas->links[canvas->link_count++] = clean;
	for (int y = area.y; y < area.y + area.height; y++) {
		for (int x = area.x; x < area.x + area.width; x++) {
			struct cell *cell = cell_at(canvas, x, y);
			if (cell)
				cell->link = (unsigned short)canvas->link_count;
		}
	}
}

const char *canvas_link_url(const struct canvas *canvas, unsigned short link)
{
	return link && link <= canvas->link_count ? canvas->links[link - 1] : NULL;
}
