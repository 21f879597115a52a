#include "config.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/utf8.h"
#include "ui/screen/canvas.h"
#include "ui/screen/graphics.h"
#include "ui/screen/term_private.h"
#include "ui/screen/terminfo.h"

#define GAP_MAX 4 /* equal cells that are cheaper written again than jumped over */

static void move_to(struct term *term, int x, int y)
{
	if (term->at_x == x && term->at_y == y)
		return;
	terminfo_add_move(&term->out, x, y);
	term->at_x = x;
	term->at_y = y;
}

/* --- links --- */

/* Many cells in a row have the same, which may be long. */
static unsigned short url_digest(struct term *term, const char *url)
{
	unsigned digest = term->seed;
	if (!url)
		return 0;
	if (url == term->digested)
		return term->digest;
	for (const char *c = url; *c; c++)
		digest = (digest ^ (unsigned char)*c) * 16777619u;
	term->digested = url;
	term->digest = (unsigned short)((digest >> 16 ^ digest) | 1);
	return term->digest;
}

static bool has_hyperlinks(const struct term *term)
{
	if (term->hyperlinks == TERM_HYPERLINKS_AUTO)
		return term->info.is_xterm_like;
	return term->hyperlinks == TERM_HYPERLINKS_ON;
}

static void use_link(struct term *term, const struct canvas *canvas, const struct cell *cell)
{
	const char *url = has_hyperlinks(term) ? canvas_link_url(canvas, cell->link) : NULL;
	if (url == term->link || (url && term->link && !strcmp(url, term->link)))
		return;
	buf_printf(&term->out, "\033]8;;%s\033\\", url ? url : "");
	term->link = url;
}

/* --- cells --- */

/* Terminals disagree about how wide these are: the cursor is set anew behind each. */
static bool is_odd(const struct cell *cell)
{
	uint32_t code;
	size_t len = strlen(cell->text);
	if (len <= 1)
		return false;
	if (cell->width == 2)
		return true;
	size_t first = utf8_decode(cell->text, len, &code);
	return first < len || (code >= 0x0590 && code < 0x1100) || code >= 0x2600;
}

static void put_cell(struct term *term, const struct canvas *canvas, int x, int y)
{
	const struct cell *cell = canvas_cell(canvas, x, y);
	if (!cell->width)
		return;
	move_to(term, x, y);
	if (cell->has_colours && !cell->over)
		term_use_colours(term, cell);
	else
		term_use_style(term, cell->style, cell->over);
	use_link(term, canvas, cell);
	bool odd = term->is_utf8 && is_odd(cell);
	if (odd) {
		buf_add(&term->out, "  ", cell->width);
		term->at_x = TERM_NOT_THERE;
		move_to(term, x, y);
	}
	term_add_text(term, cell->text, cell->width);
	term->at_x = odd || x + cell->width >= term->width ? TERM_NOT_THERE : x + cell->width;
}

static bool is_same(struct term *term, const struct canvas *canvas, const struct cell *cell,
		    const struct cell *shown)
{
	return cell->style == shown->style && cell->over == shown->over &&
	       cell->has_colours == shown->has_colours && cell->fg == shown->fg &&
	       cell->bg == shown->bg && cell->width == shown->width &&
	       !strcmp(cell->text, shown->text) &&
	       (cell->link | shown->link
		    ? url_digest(term, canvas_link_url(canvas, cell->link)) == shown->link
		    : true);
}

static bool is_blank(const struct cell *cell)
{
	return !cell->style && !cell->over && !cell->link &&
	       !cell->has_colours && cell->text[0] == ' ' && !cell->text[1];
}

/* Where the blanks begin that reach the row's end. */
static int blank_from(const struct term *term, const struct canvas *canvas, int y)
{
	int x = term->width;
	while (x > 0 && is_blank(canvas_cell(canvas, x - 1, y)))
		x--;
	return terminfo_has(CAP_CLEAR_LINE_END) ? x : term->width;
}

static void clear_to_end(struct term *term, int x, int y)
{
	static const struct cell plain = {.text = " ", .width = 1};
	move_to(term, x, y);
	term_use_style(term, STYLE_NORMAL, 0);
	if (term->link) {
		buf_add_str(&term->out, "\033]8;;\033\\");
		term->link = NULL;
	}
	terminfo_add(&term->out, CAP_CLEAR_LINE_END);
	for (; x < term->width; x++)
		term->shown[y * term->width + x] = plain;
}

/* --- rows --- */

/* What a row needs: nothing, the cells that differ, or (with odd characters in it) all of them. */
enum row_needs { ROW_SAME, ROW_DIFFERS, ROW_ALL };

static enum row_needs row_need(struct term *term, const struct canvas *canvas, int y)
{
	bool differs = term->draws_all, odd = term->draws_all;
	const struct cell *shown = &term->shown[y * term->width];
	for (int x = 0; x < term->width; x++) {
		const struct cell *cell = canvas_cell(canvas, x, y);
		differs |= !is_same(term, canvas, cell, &shown[x]);
		odd |= term->is_utf8 && (is_odd(cell) || is_odd(&shown[x]));
	}
	return !differs ? ROW_SAME : odd ? ROW_ALL : ROW_DIFFERS;
}

static void remember(struct term *term, const struct canvas *canvas, int x, int y)
{
	struct cell *shown = &term->shown[y * term->width + x];
	*shown = *canvas_cell(canvas, x, y);
	if (shown->link)
		shown->link = url_digest(term, canvas_link_url(canvas, shown->link));
}

/* Are the next cells worth a jump, or few enough to be written again? */
static bool worth_jumping(struct term *term, const struct canvas *canvas, int x, int y, int end)
{
	for (int i = x; i < x + GAP_MAX && i < end; i++)
		if (!is_same(term, canvas, canvas_cell(canvas, i, y), &term->shown[y * term->width + i]))
			return false;
	return true;
}

static void draw_row(struct term *term, const struct canvas *canvas, int y)
{
	enum row_needs need = row_need(term, canvas, y);
	if (need == ROW_SAME)
		return;
	int end = blank_from(term, canvas, y);
	bool tail_differs = need == ROW_ALL;
	for (int x = end; x < term->width; x++)
		tail_differs |= !is_same(term, canvas, canvas_cell(canvas, x, y),
					 &term->shown[y * term->width + x]);
	for (int x = 0; x < end; x++) {
		bool jumps = need == ROW_DIFFERS &&
			     is_same(term, canvas, canvas_cell(canvas, x, y),
				     &term->shown[y * term->width + x]) &&
			     (term->at_x != x || term->at_y != y ||
			      worth_jumping(term, canvas, x, y, end));
		if (jumps)
			continue;
		put_cell(term, canvas, x, y);
		remember(term, canvas, x, y);
	}
	if (tail_differs && end < term->width)
		clear_to_end(term, end, y);
}

/* --- the whole screen --- */

static void place_cursor(struct term *term, const struct canvas *canvas)
{
	int x, y;
	canvas_cursor(canvas, &x, &y);
	if (x < 0 || y < 0) {
		terminfo_add(&term->out, CAP_CURSOR_HIDE);
		return;
	}
	term->at_x = TERM_NOT_THERE;
	move_to(term, x < term->width ? x : term->width - 1, y < term->height ? y : term->height - 1);
	terminfo_add(&term->out, CAP_CURSOR_SHOW);
}

/* What a picture covered must be written again. */
static void uncover(void *arg, struct rect area)
{
	struct term *term = arg;
	for (int y = area.y; y < area.y + area.height && y < term->height; y++)
		for (int x = area.x; x < area.x + area.width && x < term->width; x++)
			term->shown[y * term->width + x].text[0] = '\0';
}

static void draw_pictures(struct term *term, const struct canvas *canvas)
{
	size_t before = term->out.len;
	graphics_add_new(&term->graphics, canvas, &term->out, terminfo_add_move);
	if (term->out.len != before)
		term->at_x = TERM_NOT_THERE;
}

/* BDSM of ECMA-48, as terminals with bidirectional text know it; not a word of it while there is none. */
static void settle_direction(struct term *term, const struct canvas *canvas)
{
	bool is_explicit = canvas_bidi(canvas) != CANVAS_BIDI_TERMINAL;

	if (!term->info.is_xterm_like || is_explicit == term->is_explicit ||
	    (is_explicit && !canvas_has_rtl(canvas)))
		return;
	term->is_explicit = is_explicit;
	buf_add_str(&term->out, is_explicit ? "\033[8l" : "\033[8h");
}

void term_draw(struct term *term, const struct canvas *canvas)
{
	if (!term->is_ours || canvas_width(canvas) != term->width ||
	    canvas_height(canvas) != term->height)
		return;
	if (term->info.is_xterm_like)
		buf_add_str(&term->out, "\033[?2026h");
	settle_direction(term, canvas);
	terminfo_add(&term->out, CAP_CURSOR_HIDE);
	term->at_x = term->at_y = TERM_NOT_THERE;
	term->style = NULL;
	term->has_colours = false;
	if (term->draws_all)
		terminfo_add(&term->out, CAP_PLAIN);
	graphics_remove_old(&term->graphics, canvas, &term->out, uncover, term);
	for (int y = 0; y < term->height; y++)
		draw_row(term, canvas, y);
	if (term->link)
		buf_add_str(&term->out, "\033]8;;\033\\");
	term->link = term->digested = NULL;
	term_use_style(term, STYLE_NORMAL, 0);
	draw_pictures(term, canvas);
	place_cursor(term, canvas);
	if (term->info.is_xterm_like)
		buf_add_str(&term->out, "\033[?2026l");
	term->draws_all = false;
	term_flush(term);
}

void term_redraw(struct term *term)
{
	graphics_forget(&term->graphics);
	term->draws_all = true;
	term->style = NULL;
}
