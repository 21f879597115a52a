#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "ui/screen/canvas.h"
#include "ui/screen/term_private.h"
#include "ui/screen/terminfo.h"

#define COLOUR_RGB 0x1000000

static void add_colour(struct buf *out, bool is_background, int32_t colour)
{
	if (colour < 0)
		return;
	if (colour & COLOUR_RGB)
		buf_printf(out, "\033[%d;2;%d;%d;%dm", is_background ? 48 : 38, colour >> 16 & 255,
			   colour >> 8 & 255, colour & 255);
	else
		terminfo_add_colour(out, is_background, colour);
}

static struct look join_looks(const struct look *base, const struct look *over)
{
	struct look look = *base;
	if (over->fg >= 0)
		look.fg = over->fg;
	if (over->bg >= 0)
		look.bg = over->bg;
	look.bold |= over->bold;
	look.italic |= over->italic;
	look.underline |= over->underline;
	look.dim = (look.dim && over->fg < 0) || over->dim;
	look.reverse = base->reverse != over->reverse;
	return look;
}

static void make_style(struct term *term, struct buf *out, int style, int over)
{
	struct look look = term->theme.looks[style];
	if (over)
		look = join_looks(&look, &term->theme.looks[over]);
	terminfo_add(out, CAP_PLAIN);
	add_colour(out, false, look.fg);
	add_colour(out, true, look.bg);
	if (look.bold)
		terminfo_add(out, CAP_BOLD);
	if (look.dim)
		terminfo_add(out, CAP_DIM);
	if (look.italic)
		terminfo_add(out, CAP_ITALIC);
	if (look.underline)
		terminfo_add(out, CAP_UNDERLINE);
	if (look.reverse)
		terminfo_add(out, CAP_REVERSE);
}

void term_use_style(struct term *term, int style, int over)
{
	struct buf *wanted = &term->styles[style][over];
	if (term->style == wanted)
		return;
	if (!wanted->len)
		make_style(term, wanted, style, over);
	buf_add(&term->out, buf_str(wanted), wanted->len);
	term->style = wanted;
	term->has_colours = false;
}

/* Those of a piece of a picture, which no style knows. */
void term_use_colours(struct term *term, const struct cell *cell)
{
	if (term->has_colours && term->fg == cell->fg && term->bg == cell->bg)
		return;
	terminfo_add(&term->out, CAP_PLAIN);
	add_colour(&term->out, false, cell->fg);
	add_colour(&term->out, true, cell->bg);
	term->style = NULL;
	term->has_colours = true;
	term->fg = cell->fg;
	term->bg = cell->bg;
}

void term_forget_styles(struct term *term)
{
	for (int i = 0; i < STYLE_COUNT; i++)
		for (int j = 0; j < STYLE_COUNT; j++)
			buf_free(&term->styles[i][j]);
}

void term_set_theme(struct term *term, const struct theme *theme)
{
	term->theme = *theme;
	term_forget_styles(term);
	term_redraw(term);
}

enum theme_depth term_find_depth(const struct terminfo *info)
{
	const char *colorterm = getenv("COLORTERM");
	if (info->colours >= 8 && colorterm &&
	    (!strcmp(colorterm, "truecolor") || !strcmp(colorterm, "24bit")))
		return THEME_RGB;
	return info->colours >= 256 ? THEME_256 : info->colours >= 8 ? THEME_16 : THEME_MONO;
}
