#include "config.h"

#include "ui/render/doc.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "ui/picture/album.h"
#include "ui/screen/bidi.h"
#include "ui/screen/wrap.h"

#define DEPTH_DRAWN 8 /* quote bars in front of a line */

struct doc *doc_new(void)
{
	struct doc *doc = mem_alloc(sizeof *doc);

	doc->arena = arena_new();
	return doc;
}

void doc_free(struct doc **doc)
{
	if (!*doc)
		return;
	arena_free(&(*doc)->arena);
	if ((*doc)->shown != (*doc)->lines)
		free((*doc)->shown);
	free((*doc)->lines);
	free((*doc)->links);
	free((*doc)->link_texts);
	free(*doc);
	*doc = NULL;
}

/* --- lines --- */

static bool is_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] >= 0x7f)
			return false;
	return true;
}

/* Printable text, tabs as blanks up to their stop. */
static void add_printable(struct buf *out, const char *text, size_t len)
{
	int column = 0;

	while (len) {
		const char *tab = memchr(text, '\t', len);
		size_t piece = tab ? (size_t)(tab - text) : len, from = out->len;

		utf8_add_prose(out, text, piece);
		if (!tab)
			return;
		column += wrap_width(out->data + from, out->len - from, column);
		do
			buf_add_char(out, ' ');
		while (++column % WRAP_TAB);
		text += piece + 1;
		len -= piece + 1;
	}
}

static struct doc_line *line_add(struct doc *doc, enum style style, int depth, const char *text,
				 size_t len)
{
	struct doc_line *line;
	bool shows_all = doc->shown == doc->lines;

	ARRAY_ROOM(doc->lines, doc->count, doc->cap);
	if (shows_all)
		doc->shown = doc->lines;
	line = &doc->lines[doc->count++];
	memset(line, 0, sizeof *line);
	line->text = len ? arena_strndup(doc->arena, text, len) : "";
	line->len = (uint32_t)len;
	line->style = (unsigned char)style;
	line->depth = (unsigned char)(depth > 255 ? 255 : depth);
	return line;
}

/* Where a too long line is cut: behind a blank near the end, else between characters. */
static size_t cut_at(const char *text, size_t len)
{
	size_t at = DOC_LINE_MAX;

	if (len <= DOC_LINE_MAX)
		return len;
	for (size_t back = 0; back < 200; back++)
		if (text[at - 1 - back] == ' ')
			return at - back;
	while (at > DOC_LINE_MAX - 4 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

struct doc_line *doc_add(struct doc *doc, enum style style, int depth, const char *text, size_t len)
{
	struct doc_line *line;
	struct buf clean = BUF_INIT;

	if (!is_printable(text, len)) {
		add_printable(&clean, text, len);
		text = buf_str(&clean);
		len = clean.len;
	}
	do {
		size_t piece = cut_at(text, len);

		line = line_add(doc, style, depth, text, piece);
		text += piece;
		len -= piece;
	} while (len);
	buf_free(&clean);
	return line;
}

struct doc_line *doc_add_frame(struct doc *doc, enum style style, const char *text)
{
	struct doc_line *line = doc_add(doc, style, 0, text, strlen(text));

	line->is_frame = true;
	return line;
}

void doc_add_blank(struct doc *doc)
{
	const struct doc_line *last = doc->count ? &doc->lines[doc->count - 1] : NULL;

	if (last && !last->is_rule && (last->len || last->depth))
		line_add(doc, STYLE_NORMAL, 0, "", 0);
}

void doc_add_rule(struct doc *doc)
{
	struct doc_line *line = line_add(doc, STYLE_FRAME, 0, "", 0);

	line->is_rule = line->is_frame = true;
}

void doc_add_picture(struct doc *doc, const struct album_page *page)
{
	struct doc_line *line = line_add(doc, STYLE_DIM, 0, "", 0);

	line->page = page;
	line->is_frame = true;
}

void doc_set_runs(struct doc *doc, struct doc_line *line, const struct doc_run *runs, size_t count)
{
	if (!count)
		return;
	line->runs = ARENA_ARRAY(doc->arena, struct doc_run, count);
	memcpy(line->runs, runs, count * sizeof *runs);
	line->run_count = (uint32_t)count;
}

/* --- links --- */

#define LINK_TABLE 4096 /* a power of two, more than DOC_LINKS_MAX */

static size_t link_hash(const char *url, size_t len)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)url[i]) * 16777619u;
	return (hash ^ hash >> 16) & (LINK_TABLE - 1);
}

static unsigned short link_add(struct doc *doc, const char *url, size_t len)
{
	if (doc->link_count >= DOC_LINKS_MAX)
		return 0;
	ARRAY_ROOM(doc->links, doc->link_count, doc->link_cap);
	ARRAY_ROOM(doc->link_texts, doc->link_count, doc->link_text_cap);
	doc->link_texts[doc->link_count] = (struct doc_link_text){NULL, false, false};
	doc->links[doc->link_count++] = arena_strndup(doc->arena, url, len);
	return (unsigned short)doc->link_count;
}

unsigned short doc_link(struct doc *doc, const char *url, size_t len)
{
	size_t at = link_hash(url, len);

	if (!doc->link_table)
		doc->link_table = ARENA_ARRAY(doc->arena, unsigned short, LINK_TABLE);
	for (; doc->link_table[at]; at = (at + 1) & (LINK_TABLE - 1)) {
		const char *known = doc->links[doc->link_table[at] - 1];

		if (!strncmp(known, url, len) && !known[len])
			return doc->link_table[at];
	}
	doc->link_table[at] = link_add(doc, url, len);
	return doc->link_table[at];
}

void doc_link_text(struct doc *doc, unsigned short link, const char *text, size_t len)
{
	struct buf clean = BUF_INIT;

	if (!link || !len || doc->link_texts[link - 1].text)
		return;
	utf8_add_printable(&clean, text, len);
	doc->link_texts[link - 1].text = arena_strndup(doc->arena, buf_str(&clean), clean.len);
	buf_free(&clean);
}

void doc_link_deceives(struct doc *doc, unsigned short link, const char *text, size_t len)
{
	if (!link)
		return;
	if (!doc->link_texts[link - 1].deceives)
		doc->link_texts[link - 1].text = NULL;
	doc_link_text(doc, link, text, len);
	doc->link_texts[link - 1].deceives = true;
}

void doc_drop_links(struct doc *doc)
{
	for (size_t i = 0; i < doc->count; i++)
		for (uint32_t at = 0; at < doc->lines[i].run_count; at++)
			doc->lines[i].runs[at].link = 0;
	doc->link_count = 0;
}

void doc_link_said(struct doc *doc, unsigned short link)
{
	if (link)
		doc->link_texts[link - 1].is_said = true;
}

bool doc_link_is_said(const struct doc *doc, size_t link)
{
	return doc->link_texts[link - 1].is_said;
}

/* --- folding --- */

static size_t quote_block(const struct doc *doc, size_t from)
{
	size_t at = from;

	while (at < doc->count && doc->lines[at].depth)
		at++;
	return at - from;
}

static struct doc_line fold_line(struct doc *doc, size_t count)
{
	struct doc_line line = {.style = STYLE_DIM, .is_frame = true};
	const char *text = arena_printf(doc->arena,
					ngettext("... %zu quoted line", "... %zu quoted lines", count),
					count);

	line.text = text;
	line.len = (uint32_t)strlen(text);
	return line;
}

static void show_all(struct doc *doc)
{
	if (doc->shown != doc->lines)
		free(doc->shown);
	doc->shown = doc->lines;
	doc->shown_count = doc->count;
}

static bool any_folded(const struct doc *doc)
{
	for (size_t i = 0; i < doc->count; i++)
		if (doc->lines[i].is_folded)
			return true;
	return false;
}

/* SHOWN from what is folded. */
static void show(struct doc *doc)
{
	struct doc_line *shown;
	size_t count = 0, at = 0;

	show_all(doc);
	for (size_t i = 0; i < doc->count; i++)
		doc->lines[i].origin = (uint32_t)i;
	if (!any_folded(doc))
		return;
	shown = mem_calloc(doc->count, sizeof *shown);
	while (at < doc->count) {
		size_t block = doc->lines[at].is_folded ? quote_block(doc, at) : 1;

		shown[count] = block > 1 ? fold_line(doc, block) : doc->lines[at];
		shown[count++].origin = (uint32_t)at;
		at += block;
	}
	doc->shown = shown;
	doc->shown_count = count;
}

void doc_fold(struct doc *doc, bool fold)
{
	doc->is_folded = fold;
	for (size_t at = 0; at < doc->count;) {
		size_t block = quote_block(doc, at);

		doc->lines[at].is_folded = fold && block > 1;
		at += block ? block : 1;
	}
	show(doc);
}

long doc_fold_quote(struct doc *doc, size_t at)
{
	size_t first;

	if (at >= doc->shown_count)
		return -1;
	first = doc->shown[at].origin;
	while (first > 0 && doc->lines[first].depth && doc->lines[first - 1].depth) {
		first--;
		at -= at > 0;
	}
	if (quote_block(doc, first) < 2)
		return -1;
	doc->lines[first].is_folded = !doc->lines[first].is_folded;
	show(doc);
	return (long)at;
}

/* --- rows --- */

static int bars_of(const struct doc_line *line, int width)
{
	int bars = line->depth > DEPTH_DRAWN ? DEPTH_DRAWN : line->depth;

	return bars * 2 > width / 2 ? width / 4 : bars;
}

static bool fits_whole(const struct doc_line *line, int room)
{
	return line->len <= (size_t)room ||
	       (line->len <= (size_t)room * 4 && wrap_width(line->text, line->len, 0) <= room);
}

int doc_row_width(const struct doc_line *line, uint32_t at, int width, int text_width, int *indent)
{
	int room;

	*indent = bars_of(line, width) * 2 + (at ? line->hang : line->indent);
	if (*indent > width * 3 / 4)
		*indent = width * 3 / 4;
	room = width - *indent;
	/* what fits stays as it was written; what does not becomes a paragraph of readable width */
	if (text_width > 0 && text_width - *indent < room && text_width > *indent + 20 &&
	    (line->is_prose || !fits_whole(line, room)))
		room = text_width - *indent;
	return room < 1 ? 1 : room;
}

/* What rows of LINE count: bytes of its text, or rows of its picture. */
static uint32_t line_size(const struct doc_line *line)
{
	return line->page && line->page->cells ? (uint32_t)line->page->cells->rows : line->len;
}

uint32_t doc_row_end(const struct doc_line *line, uint32_t at, int width, int text_width)
{
	int indent, room = doc_row_width(line, at, width, text_width, &indent);

	if (at >= line_size(line))
		return line_size(line);
	if (line->page)
		return at + 1;
	return at + (uint32_t)wrap_row(line->text + at, line->len - at, room);
}

bool doc_next(const struct doc *doc, struct doc_pos *pos, int width, int text_width)
{
	uint32_t end;

	if (pos->line >= doc->shown_count)
		return false;
	end = doc_row_end(&doc->shown[pos->line], pos->at, width, text_width);
	if (end < line_size(&doc->shown[pos->line])) {
		pos->at = end;
		return true;
	}
	if (pos->line + 1 >= doc->shown_count)
		return false;
	*pos = (struct doc_pos){pos->line + 1, 0};
	return true;
}

/* The row of LINE that holds the byte before LIMIT. */
static uint32_t row_before(const struct doc_line *line, uint32_t limit, int width, int text_width)
{
	uint32_t at = 0, end;

	while ((end = doc_row_end(line, at, width, text_width)) < limit && end > at)
		at = end;
	return at;
}

bool doc_before(const struct doc *doc, struct doc_pos *pos, int width, int text_width)
{
	if (!pos->at && !pos->line)
		return false;
	if (pos->at)
		pos->at = row_before(&doc->shown[pos->line], pos->at, width, text_width);
	else {
		const struct doc_line *line = &doc->shown[--pos->line];

		pos->at = row_before(line, line_size(line), width, text_width);
	}
	return true;
}

static void draw_bars(const struct doc_line *line, struct canvas *canvas, struct rect row)
{
	int bars = bars_of(line, row.width);

	for (int i = 0; i < bars; i++)
		canvas_put(canvas, row.x + i * 2, row.y, 1, STYLE_QUOTE_1 + (enum style)(i % 4), "┃");
}

static void draw_block_row(const struct picture *picture, int row_number, struct canvas *canvas,
			   struct rect row)
{
	const struct picture_cell *cell = picture->cells + (size_t)row_number * (size_t)picture->columns;

	for (int x = 0; x < picture->columns && x < row.width; x++, cell++)
		canvas_put_block(canvas, row.x + x, row.y, cell->code, cell->fg, cell->bg);
}

static void draw_picture_row(const struct album_page *page, uint32_t at, struct canvas *canvas,
			     struct rect row)
{
	if (page->cells && at < (uint32_t)page->cells->rows)
		draw_block_row(page->cells, (int)at, canvas, row);
	else if (page->note)
		canvas_put(canvas, row.x, row.y, row.width, STYLE_DIM, page->note);
}

const struct album_page *doc_picture_at(const struct doc *doc, struct doc_pos pos)
{
	const struct album_page *page = doc->shown[pos.line].page;

	return page && page->cells && !pos.at ? page : NULL;
}

/* --- rows that run from right to left, in whole or in part --- */

/* A row as it is seen; X of its pieces counts from the row's left edge. */
struct turned {
	struct bidi_piece *pieces;
	size_t count;
};

static bool is_turned(const struct doc_line *line, const struct canvas *canvas)
{
	return canvas_turns(canvas, line->text, line->len);
}

/* A paragraph that runs to the left stands at the right edge of the text. */
static int turned_x(int indent, int columns, int width, int text_width)
{
	int edge = text_width > 0 && text_width < width ? text_width : width;

	return edge - columns > indent ? edge - columns : indent;
}

static void turn_row(const struct doc_line *line, struct doc_pos pos, int width, int text_width,
		     struct turned *turned)
{
	uint32_t end = doc_row_end(line, pos.at, width, text_width);
	uint32_t label = line->label < line->len ? line->label : 0, from = pos.at;
	struct bidi *bidi = bidi_new(line->text + label, line->len - label);
	const struct bidi_piece *last;
	int x;

	while (end > pos.at && end < line->len && line->text[end - 1] == ' ')
		end--; /* blanks where it is broken would stand in front */
	doc_row_width(line, pos.at, width, text_width, &x);
	if (from < label) {
		x += wrap_width(line->text + from, label - from, 0);
		from = label;
	}
	turned->count = bidi_row(bidi, from - label, (end > from ? end : from) - label, &turned->pieces);
	last = turned->count ? &turned->pieces[turned->count - 1] : NULL;
	if (bidi_is_rtl(bidi) && last && !label)
		x = turned_x(x, last->x + last->width, width, text_width);
	for (size_t i = 0; i < turned->count; i++) {
		turned->pieces[i].x += x;
		turned->pieces[i].at += label;
	}
	bidi_free(&bidi);
}

/* The terminal's own link (OSC 8) over COLUMNS of what was drawn. */
static void put_link(const struct doc *doc, const struct doc_run *run, struct canvas *canvas, int x,
		     int y, int columns)
{
	if (run && run->link && run->link <= doc->link_count && columns > 0)
		canvas_link(canvas, (struct rect){x, y, columns, 1}, doc->links[run->link - 1]);
}

static const struct doc_run *run_at(const struct doc_line *line, size_t at)
{
	for (uint32_t i = 0; i < line->run_count; i++)
		if (at >= line->runs[i].start && at < line->runs[i].start + line->runs[i].len)
			return &line->runs[i];
	return NULL;
}

static void draw_label(const struct doc_line *line, struct doc_pos pos, struct canvas *canvas,
		       struct rect row, int text_width)
{
	const struct doc_run *run = run_at(line, pos.at);
	int x;

	doc_row_width(line, pos.at, row.width, text_width, &x);
	if (pos.at < line->label && x < row.width)
		canvas_put_n(canvas, row.x + x, row.y, row.width - x, run ? run->style : line->style,
			     line->text + pos.at, line->label - pos.at, false);
}

static void draw_turned(const struct doc *doc, struct doc_pos pos, struct canvas *canvas,
			struct rect row, int text_width)
{
	const struct doc_line *line = &doc->shown[pos.line];
	struct turned turned;

	draw_label(line, pos, canvas, row, text_width);
	turn_row(line, pos, row.width, text_width, &turned);
	for (size_t i = 0; i < turned.count; i++) {
		const struct bidi_piece *piece = &turned.pieces[i];
		const struct doc_run *run = run_at(line, piece->at);
		size_t len;
		const char *text = bidi_text(piece, line->text, &len);

		if (piece->x + piece->width > row.width)
			continue;
		canvas_put_n(canvas, row.x + piece->x, row.y, piece->width,
			     run ? run->style : line->style, text, len, false);
		put_link(doc, run, canvas, row.x + piece->x, row.y, piece->width);
	}
	free(turned.pieces);
}

/* FROM to TO were found: their cells, wherever they stand. */
static void mark_turned(const struct turned *turned, size_t from, size_t to, struct canvas *canvas,
			struct rect row)
{
	for (size_t i = 0; i < turned->count; i++) {
		const struct bidi_piece *piece = &turned->pieces[i];

		if (piece->at >= from && piece->at < to && piece->x + piece->width <= row.width)
			canvas_over(canvas, (struct rect){row.x + piece->x, row.y, piece->width, 1},
				    STYLE_MATCH);
	}
}

static void draw_piece(struct canvas *canvas, struct rect row, int *x, enum style style,
		       const char *text, uint32_t len)
{
	if (len && *x < row.width)
		*x += canvas_put_n(canvas, row.x + *x, row.y, row.width - *x, style, text, len, false);
}

/* What stands between runs has the line's style. */
static void draw_plain(const struct doc_line *line, struct canvas *canvas, struct rect row, int *x,
		       uint32_t from, uint32_t to)
{
	if (to > from)
		draw_piece(canvas, row, x, line->style, line->text + from, to - from);
}

static void draw_straight(const struct doc *doc, struct doc_pos pos, struct canvas *canvas, struct rect row, int x,
			  uint32_t end)
{
	const struct doc_line *line = &doc->shown[pos.line];
	uint32_t at = pos.at;

	for (uint32_t i = 0; i < line->run_count && at < end; i++) {
		const struct doc_run *run = &line->runs[i];
		uint32_t run_end = run->start + run->len < end ? run->start + run->len : end;
		int from;

		if (run_end <= at)
			continue;
		if (run->start > at) {
			draw_plain(line, canvas, row, &x, at, run->start < end ? run->start : end);
			at = run->start < end ? run->start : end;
		}
		from = x;
		draw_piece(canvas, row, &x, run->style, line->text + at, run_end - at);
		put_link(doc, run, canvas, row.x + from, row.y, x - from);
		at = run_end;
	}
	draw_plain(line, canvas, row, &x, at, end);
}

void doc_draw_row(const struct doc *doc, struct doc_pos pos, struct canvas *canvas, struct rect row,
		  int text_width)
{
	const struct doc_line *line = &doc->shown[pos.line];
	int x;

	doc_row_width(line, pos.at, row.width, text_width, &x);
	if (line->is_rule) {
		canvas_line(canvas, row.x, row.y, row.width, line->style);
		return;
	}
	if (line->page) {
		draw_picture_row(line->page, pos.at, canvas, row);
		return;
	}
	draw_bars(line, canvas, row);
	if (is_turned(line, canvas))
		draw_turned(doc, pos, canvas, row, text_width);
	else
		draw_straight(doc, pos, canvas, row, x, doc_row_end(line, pos.at, row.width, text_width));
}

/* --- search --- */

/* Bytes of the match of folded NEEDLE at TEXT, 0 none. */
static size_t match_len(const char *text, size_t len, const char *needle)
{
	size_t want = strlen(needle), at = 0;
	struct buf folded = BUF_INIT;
	bool fits = true;
	int width;

	while (fits && folded.len < want && at < len) {
		size_t step = wrap_step(text + at, len - at, 0, &width);

		utf8_add_folded(&folded, text + at, step);
		at += step;
		fits = folded.len <= want && !memcmp(buf_str(&folded), needle, folded.len);
	}
	fits = fits && folded.len == want;
	buf_free(&folded);
	return fits ? at : 0;
}

static bool line_matches(const struct doc_line *line, const char *needle)
{
	return line->len && utf8_find_folded(line->text, line->len, needle) >= 0;
}

/* The row of LINE in which the first match begins. */
static uint32_t match_row(const struct doc_line *line, const char *needle, int width, int text_width)
{
	uint32_t at = 0, row = 0, end = doc_row_end(line, 0, width, text_width);
	int columns;

	while (at < line->len && !match_len(line->text + at, line->len - at, needle)) {
		at += (uint32_t)wrap_step(line->text + at, line->len - at, 0, &columns);
		if (at >= end) {
			row = end;
			end = doc_row_end(line, row, width, text_width);
		}
	}
	return row;
}

int doc_find(const struct doc *doc, const char *needle, bool backwards, struct doc_pos from,
	     struct doc_pos *found, int width, int text_width)
{
	size_t line = from.line;

	while (backwards ? line > 0 : line + 1 < doc->shown_count) {
		line += backwards ? (size_t)-1 : 1;
		if (!line_matches(&doc->shown[line], needle))
			continue;
		*found = (struct doc_pos){
			line, match_row(&doc->shown[line], needle, width, text_width)};
		return 1;
	}
	return 0;
}

static void mark_turned_row(const struct doc_line *line, struct doc_pos pos, const char *needle,
			    struct canvas *canvas, struct rect row, int text_width)
{
	uint32_t end = doc_row_end(line, pos.at, row.width, text_width), at = pos.at;
	struct turned turned;
	int width;

	turn_row(line, pos, row.width, text_width, &turned);
	while (at < end) {
		size_t len = match_len(line->text + at, line->len - at, needle);

		mark_turned(&turned, at, at + len, canvas, row);
		at += (uint32_t)(len ? len : wrap_step(line->text + at, line->len - at, 0, &width));
	}
	free(turned.pieces);
}

void doc_mark_row(const struct doc *doc, struct doc_pos pos, const char *needle,
		  struct canvas *canvas, struct rect row, int text_width)
{
	const struct doc_line *line = &doc->shown[pos.line];
	uint32_t end = doc_row_end(line, pos.at, row.width, text_width), at = pos.at;
	int x, width;

	if (!line_matches(line, needle))
		return;
	if (is_turned(line, canvas)) {
		mark_turned_row(line, pos, needle, canvas, row, text_width);
		return;
	}
	doc_row_width(line, pos.at, row.width, text_width, &x);
	while (at < end) {
		size_t len = match_len(line->text + at, line->len - at, needle);
		size_t step = len ? len : wrap_step(line->text + at, line->len - at, 0, &width);

		width = wrap_width(line->text + at, step, 0);
		if (len && x < row.width)
			canvas_over(canvas,
				    (struct rect){row.x + x, row.y,
						  x + width > row.width ? row.width - x : width, 1},
				    STYLE_MATCH);
		x += width;
		at += (uint32_t)step;
	}
}
