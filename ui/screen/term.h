/* The terminal. The one place that writes to it, and the gate that every byte passes, the lines before the
 * screen opens and after it closes included (term_say). What the terminal understands comes from
 * ui/screen/terminfo (door: ncursesw). */
#ifndef UI_SCREEN_TERM_H
#define UI_SCREEN_TERM_H

#include <stdbool.h>

#include "ui/input/key.h"
#include "ui/screen/theme.h"

struct canvas;
struct err;
struct term;

#define TERM_COPY_MAX 74994

/* Takes the terminal over: alternate screen, bracketed paste, SGR mouse (when MOUSE). NULL when stdin or
 * stdout is none, or TERM is unknown. stderr goes to the log while it is open. */
struct term *term_open(bool mouse, struct err *err);
void term_close(struct term **term); /* gives it back as it was */
enum theme_depth term_depth(const struct term *term);
/* What the terminal said when asked (KEY_BACKGROUND comes then), before that COLORFGBG. */
bool term_is_light(const struct term *term);
/* What it can show of pictures; a terminal that answers late can more later (KEY_BACKGROUND comes then). */
struct term_pictures {
	bool has_cells, has_sixel, has_kitty;
	int cell_width, cell_height; /* of a cell in points, or a guess */
};
#define TERM_CELL_WIDTH	 8
#define TERM_CELL_HEIGHT 16
void term_pictures(const struct term *term, struct term_pictures *can);
void term_set_theme(struct term *term, const struct theme *theme);
void term_size(const struct term *term, int *width, int *height);
/* Writes what differs from the screen, in one go. */
void term_draw(struct term *term, const struct canvas *canvas);
void term_redraw(struct term *term); /* next term_draw writes everything */
/* What a loop watches (POLLIN): keys, resizes, signals and the wait behind Esc all make it readable; then
 * call term_key until it says 0. */
int term_fd(const struct term *term);
/* Called before SIGTERM or SIGHUP ends the program (the terminal is restored already). */
void term_on_end(struct term *term, void (*end)(void *arg), void *arg);
/* 1 with the next key, 0 when there is none now. KEY_RESIZE, KEY_PASTE (text whole) and mouse included. */
int term_key(struct term *term, struct key *key);
/* For a child that needs the terminal (editor, shell). */
void term_suspend(struct term *term);
void term_resume(struct term *term);
/* Ctrl-Z: gives the terminal back, stops until the shell continues us, takes it again. */
void term_stop(struct term *term);
void term_bell(struct term *term);
enum term_notify { TERM_NOTIFY_AUTO, TERM_NOTIFY_OSC9, TERM_NOTIFY_OSC777, TERM_NOTIFY_OSC99 };
/* A notice on the desktop, by the terminal: false when it is not known how to (AUTO, by its name). */
bool term_notify(struct term *term, enum term_notify way, const char *title, const char *text);
/* Who gets links as OSC 8: terminals that are known to speak xterm's further language, all, none. */
enum term_hyperlinks { TERM_HYPERLINKS_AUTO, TERM_HYPERLINKS_ON, TERM_HYPERLINKS_OFF };
void term_set_hyperlinks(struct term *term, enum term_hyperlinks hyperlinks);
void term_set_title(struct term *term, const char *title);
void term_copy(struct term *term, const char *text); /* OSC 52, at most TERM_COPY_MAX bytes */
/* Words for a person on an ordinary terminal or pipe, gate included; FD 1 or 2. */
void term_say(int fd, const char *text);

#endif
