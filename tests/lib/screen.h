/* A terminal for tests: a program runs on a pseudo terminal, libvterm keeps what a person would see.
 * Rows and columns count from 0; texts are UTF-8; times are milliseconds. Nothing here sleeps blindly:
 * a wait ends when what it waits for is on the screen, or at its deadline. */
#ifndef TESTS_LIB_SCREEN_H
#define TESTS_LIB_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* In the text of a pattern this stands for any one character. */
#define SCREEN_ANY "\xe2\x96\x92" /* U+2592 */

enum screen_style {
	SCREEN_BOLD = 1,
	SCREEN_UNDERLINE = 2,
	SCREEN_ITALIC = 4,
	SCREEN_REVERSE = 8,
	SCREEN_BLINK = 16,
	SCREEN_STRIKE = 32,
};

#define SCREEN_DEFAULT_COLOUR (-1)
#define SCREEN_RGB	      0x1000000 /* | 0xRRGGBB */

struct screen_cell {
	char text[32]; /* "" in the second column of a wide character */
	int width;
	unsigned style;
	int fg, bg; /* 0 to 255, SCREEN_RGB | colour, or SCREEN_DEFAULT_COLOUR */
};

struct screen;

struct screen *screen_new(int columns, int rows);
void screen_free(struct screen **screen); /* kills what still runs */

/* ARGV[0] is looked up in PATH. TERM is set, the rest of the environment is inherited. 0 or -1. */
int screen_start(struct screen *screen, const char *const *argv);
/* True while the program runs. */
bool screen_is_running(struct screen *screen);
/* Waits for the end of the program: its exit code, 128 + signal, or -1 when it still runs after MS. */
int screen_wait_end(struct screen *screen, int ms);
pid_t screen_pid(const struct screen *screen);

/* Keys as text: letters are themselves, <Enter> <Esc> <Tab> <S-Tab> <Space> <BS> <Del> <Ins> <Up> <Down>
 * <Left> <Right> <Home> <End> <PgUp> <PgDn> <F1>..<F12> <lt>, <C-x> (control), <A-x> (alt).
 * 0, or -1 for a name that is none (nothing is sent). After <Esc> the screen is let come to rest, as a
 * person's next key comes later too. */
int screen_keys(struct screen *screen, const char *keys);
/* As a terminal pastes: in brackets when the program has asked for them. */
void screen_paste(struct screen *screen, const char *text);
/* Raw bytes, such as a mouse report. */
void screen_send(struct screen *screen, const char *bytes, size_t len);
void screen_resize(struct screen *screen, int columns, int rows);

/* Reads what there is, waiting at most MS for the first of it. False when nothing came. */
bool screen_pump(struct screen *screen, int ms);
/* Until nothing came for QUIET_MS (counted from the last key too), MS at most. */
void screen_settle(struct screen *screen, int quiet_ms, int ms);
bool screen_wait_text(struct screen *screen, const char *text, int ms);

int screen_rows(const struct screen *screen);
int screen_columns(const struct screen *screen);
/* One row, or rows joined by newlines, without blanks at line ends; free it. */
char *screen_row(const struct screen *screen, int row);
char *screen_text(const struct screen *screen);
bool screen_has(const struct screen *screen, const char *text);
/* Where TEXT (SCREEN_ANY allowed) stands first; false when it does not. */
bool screen_find(const struct screen *screen, const char *text, int *row, int *column);
struct screen_cell screen_cell(const struct screen *screen, int row, int column);
void screen_cursor(const struct screen *screen, int *row, int *column, bool *is_visible);
/* Text equal cell for cell, blanks at the end apart; SCREEN_ANY in PATTERN matches one character. */
bool screen_match(const char *text, const char *pattern);

/* Every byte that the program wrote. */
const char *screen_raw(const struct screen *screen, size_t *len);
/* The first thing in the raw bytes that no program of ours may send: a C1 control, a C0 control other than
 * newline, return, tab, backspace, bell and shift, or an escape other than the few that tern itself uses: see the
 * tables in screen.c. NULL when there is none; else a sentence; free it. */
char *screen_forbidden(const struct screen *screen);

#endif
