/* A grid of cells that views draw on and tests can read. Everything that is put here passes the gate: only
 * printable text and our own styles stay (utf8_add_revealed); wide and combining characters take the
 * columns a terminal gives them. The terminal (ui/screen/term) writes the cells that differ. */
#ifndef UI_SCREEN_CANVAS_H
#define UI_SCREEN_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/screen/theme.h"

#define CELL_TEXT 28

struct cell {
	char text[CELL_TEXT]; /* one grapheme, UTF-8; "" in the second half of a wide one */
	unsigned char style;  /* enum style */
	unsigned char over;   /* a style laid over it (cursor bar), or 0 */
	unsigned char width;  /* 1, 2; 0 in the second half */
	unsigned short link;  /* number of a hyperlink, 0 none */
	bool has_colours;     /* a piece of a picture: FG and BG stand in for the style's */
	int32_t fg, bg;	      /* as in struct look */
};

struct rect {
	int x, y, width, height;
};

struct canvas;
struct picture;

/* Pictures that are no cells; what goes beyond is not shown. */
#define CANVAS_PICTURES_MAX 8

struct canvas_picture {
	struct rect area;
	const struct picture *picture;
};

/* Who puts text that runs from right to left into the order in which it is seen. */
enum canvas_bidi {
	CANVAS_BIDI_TERMINAL, /* the terminal, if anybody */
	CANVAS_BIDI_VISUAL,   /* this canvas; the terminal is told to leave it so */
	CANVAS_BIDI_NOBODY    /* nobody, and the terminal is told so */
};

struct canvas *canvas_new(int width, int height);
void canvas_free(struct canvas **canvas);
void canvas_resize(struct canvas *canvas, int width, int height); /* cleared */
int canvas_width(const struct canvas *canvas);
int canvas_height(const struct canvas *canvas);
void canvas_clear(struct canvas *canvas);
/* What is put in one call is one paragraph, isolated from its neighbours. Stays until it is set again. */
void canvas_set_bidi(struct canvas *canvas, enum canvas_bidi bidi);
enum canvas_bidi canvas_bidi(const struct canvas *canvas);
/* Was anything put since the last clear that runs from right to left? */
bool canvas_has_rtl(const struct canvas *canvas);
/* Must this printable TEXT be put piece by piece, by ui/screen/bidi? (who marks or edits parts of it asks) */
bool canvas_turns(const struct canvas *canvas, const char *text, size_t len);
void canvas_fill(struct canvas *canvas, struct rect area, enum style style);
/* Puts text from (X, Y) on, at most COLUMNS wide (cut with an ellipsis when CUT); columns used. Outside
 * of the canvas nothing happens. */
int canvas_put(struct canvas *canvas, int x, int y, int columns, enum style style, const char *text);
int canvas_put_n(struct canvas *canvas, int x, int y, int columns, enum style style,
		 const char *text, size_t len, bool cut);
/* TEXT with a column free at both sides, its last row the row AREA: what is longer is broken at blanks and
 * grows upwards, four rows at most. Columns used in the last row. */
int canvas_put_rows(struct canvas *canvas, struct rect area, enum style style, const char *text);
int canvas_printf(struct canvas *canvas, int x, int y, int columns, enum style style,
		  const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* Right-aligned, ending before column X_END. */
int canvas_put_right(struct canvas *canvas, int x_end, int y, enum style style, const char *text);
/* Lays STYLE over what is there: the cursor bar, search hits. Its colours win, what has none shows through. */
void canvas_over(struct canvas *canvas, struct rect area, enum style style);
/* Lays STYLE over each place of AREA where NEEDLE (utf8_add_folded) stands; places found. */
int canvas_over_text(struct canvas *canvas, struct rect area, const char *needle, enum style style);
/* A line of "─". Line-drawing characters, put here or as text, turn into ASCII where the terminal is not UTF-8. */
void canvas_line(struct canvas *canvas, int x, int y, int columns, enum style style);
/* Longer addresses are no links of the terminal (it need not take more than 2083 bytes). */
#define CANVAS_URL_MAX 2000
/* Makes what stands in AREA a link to URL (OSC 8), until the next canvas_clear. Only http, https and mailto, only
 * visible characters: else nothing. */
void canvas_link(struct canvas *canvas, struct rect area, const char *url);
const char *canvas_link_url(const struct canvas *canvas, unsigned short link); /* or NULL */
/* A piece of a picture: the character CODE, one column wide, in colours of its own. */
void canvas_put_block(struct canvas *canvas, int x, int y, uint32_t code, int32_t fg, int32_t bg);
/* Blanks AREA and puts PICTURE there (sixels, kitty), lent until the next canvas_clear; to be called when all else is
 * drawn. */
void canvas_put_picture(struct canvas *canvas, struct rect area, const struct picture *picture);
const struct canvas_picture *canvas_pictures(const struct canvas *canvas, size_t *count);
/* Where the hardware cursor stands; X < 0 hides it. */
void canvas_set_cursor(struct canvas *canvas, int x, int y);
void canvas_cursor(const struct canvas *canvas, int *x, int *y);
const struct cell *canvas_cell(const struct canvas *canvas, int x, int y);
/* Row Y as text, trailing blanks dropped; the caller frees. */
char *canvas_row(const struct canvas *canvas, int y);

#endif
