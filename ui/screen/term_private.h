/* What the files of the terminal share. Nobody else includes it.
 *	term.c		opening; taking the terminal and giving it back
 *	term_gate.c	the gate that every byte passes
 *	term_style.c	styles and colours in the terminal's language
 *	term_draw.c	the cells that differ
 *	term_ask.c	what it is asked: its background, what it shows of pictures
 *	term_input.c	signals and keys
 *	term_tell.c	small words to it: bell, title, notices, the clipboard */
#ifndef UI_SCREEN_TERM_PRIVATE_H
#define UI_SCREEN_TERM_PRIVATE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#include "store/base/buf.h"
#include "ui/screen/canvas.h"
#include "ui/screen/graphics.h"
#include "ui/screen/term.h"
#include "ui/screen/terminfo.h"
#include "ui/screen/theme.h"

struct key;

#define TERM_NOT_THERE (-1)

struct term {
	struct terminfo info;
	struct termios shell_modes, our_modes;
	bool is_ours; /* between open or resume, and suspend or close */
	bool wants_mouse, is_utf8;
	enum theme_depth depth;
	struct theme theme;
	struct buf styles[STYLE_COUNT][STYLE_COUNT]; /* [style][over], made when first used */
	int width, height;
	struct cell *shown; /* what the terminal shows; .link holds a digest of the address */
	bool draws_all;
	bool is_explicit; /* it was told to leave the direction of text to us */
	int at_x, at_y; /* where its cursor is, or TERM_NOT_THERE */
	const struct buf *style; /* what it writes in now; NULL: unknown, or these colours */
	bool has_colours;
	int32_t fg, bg;
	const char *link; /* that is open, of the canvas that is drawn; NULL: none */
	unsigned seed;	  /* of digests: no letter can know of two addresses that share one */
	const char *digested; /* the one looked at last, of the same canvas; NULL: none */
	unsigned short digest;
	enum term_hyperlinks hyperlinks;
	struct buf out, in;
	bool is_waiting, has_waited, is_resized;
	struct graphics graphics;
	bool is_light, has_asked; /* HAS_ASKED for the background, no answer yet */
	int poll_fd, timer_fd, signal_fd;
	int more_fd; /* readable while keys are left in IN that nobody has taken */
	sigset_t old_mask;
	int shell_stderr;
	void (*end)(void *arg);
	void *end_arg;
};

/* --- term.c --- */
void term_enter(struct term *term);
bool term_find_size(struct term *term); /* did it change? */

/* --- term_gate.c --- */
void term_flush(struct term *term);
void term_add_text(struct term *term, const char *text, int width); /* a cell */
bool term_locale_is_utf8(void);

/* --- term_style.c --- */
void term_use_style(struct term *term, int style, int over);
/* Those of a piece of a picture, which no style knows. */
void term_use_colours(struct term *term, const struct cell *cell);
void term_forget_styles(struct term *term);
enum theme_depth term_find_depth(const struct terminfo *info);

/* --- term_ask.c --- */
void term_ask_background(struct term *term);
void term_ask_graphics(struct term *term);
/* Are BYTES such an answer, and is it news? Then KEY says so. */
bool term_hear_background(struct term *term, const char *bytes, size_t len, struct key *key);
bool term_hear_graphics(struct term *term, const char *bytes, size_t len, struct key *key);

/* --- term_input.c --- */
void term_open_events(struct term *term);
void term_close_events(struct term *term);

#endif
