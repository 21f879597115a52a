/* What this terminal can do, by TERM (door: ncursesw, of which only terminfo is used: the drawing is ours, so
 * that every byte passes one gate). */
#ifndef UI_SCREEN_TERMINFO_H
#define UI_SCREEN_TERMINFO_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;
struct key;

enum terminfo_cap {
	CAP_ENTER, /* the other screen */
	CAP_LEAVE,
	CAP_KEYPAD_ON,
	CAP_KEYPAD_OFF,
	CAP_CURSOR_SHOW,
	CAP_CURSOR_HIDE,
	CAP_CLEAR,
	CAP_CLEAR_LINE_END,
	CAP_WRAP_ON,
	CAP_WRAP_OFF,
	CAP_PLAIN,
	CAP_BOLD,
	CAP_DIM,
	CAP_ITALIC,
	CAP_UNDERLINE,
	CAP_REVERSE,
	CAP_BELL,
	CAP_COUNT
};

struct terminfo {
	int colours;
	/* Speaks xterm's further language: mouse, paste, titles, links. Others never get to see it. */
	bool is_xterm_like;
};

/* -1 when TERM is unset, unknown, or cannot move its cursor. */
int terminfo_load(struct terminfo *info, struct err *err);
void terminfo_unload(void);
/* Appends the sequence; nothing when the terminal has none. */
void terminfo_add(struct buf *out, enum terminfo_cap cap);
bool terminfo_has(enum terminfo_cap cap);
void terminfo_add_move(struct buf *out, int x, int y);
void terminfo_add_colour(struct buf *out, bool is_background, int colour);
/* The key whose sequence BYTES start with: 1 with KEY and *USED, 0 none. */
int terminfo_key(const char *bytes, size_t len, struct key *key, size_t *used);

#endif
