/* What things look like: a name for each kind of thing on the screen, and colours for each name. Colour
 * always says something that a letter, a sign or boldness says too (NO_COLOR, blind readers). */
#ifndef UI_SCREEN_THEME_H
#define UI_SCREEN_THEME_H

#include <stdbool.h>
#include <stdint.h>

struct err;

enum style {
	STYLE_NORMAL,
	STYLE_TITLE,	 /* the line on top */
	STYLE_HELP,	 /* the two lines at the bottom */
	STYLE_HELP_KEY,	 /* a key in them */
	STYLE_MESSAGE,	 /* what the status line says */
	STYLE_ERROR,
	STYLE_CURSOR,	 /* the current row, whole */
	STYLE_UNREAD,
	STYLE_FLAGGED,
	STYLE_DELETED,
	STYLE_TAGGED,
	STYLE_MINE,
	STYLE_TREE,
	STYLE_DIM,
	STYLE_MATCH,	 /* search hits */
	STYLE_FOLDER,
	STYLE_FRAME,	 /* lines and verdicts that are ours, never a message's */
	STYLE_HEADER_NAME,
	STYLE_HEADER,
	STYLE_SUBJECT,
	STYLE_QUOTE_1,
	STYLE_QUOTE_2,
	STYLE_QUOTE_3,
	STYLE_QUOTE_4,
	STYLE_SIGNATURE,
	STYLE_LINK,
	STYLE_BOLD,
	STYLE_ITALIC,
	STYLE_ADDED,	 /* patches */
	STYLE_REMOVED,
	STYLE_HUNK,
	STYLE_ATTACHMENT,
	STYLE_PROMPT,
	STYLE_SELECTED,	 /* in menus and completion lists */
	/* What Tern says of signatures and encryption. They alone have a ground of their own (or are reversed) in a
	 * letter's window: nothing that a letter says is drawn in them. */
	STYLE_VERDICT_GOOD,
	STYLE_VERDICT_DOUBT,
	STYLE_VERDICT_WRONG,
	STYLE_VERDICT_PLAIN,
	STYLE_COUNT
};

struct look {
	int32_t fg, bg; /* -1 default, 0-255 palette, or 0x1000000 | rgb */
	bool bold, italic, underline, reverse, dim;
};

enum theme_depth { THEME_MONO, THEME_16, THEME_256, THEME_RGB };

struct theme {
	struct look looks[STYLE_COUNT];
	enum theme_depth depth; /* colours are brought down to it */
};

/* NAME: "dark", "light", "none", "auto" (none with NO_COLOR, else by COLORFGBG; a program with a terminal
 * says "auto-light" or "auto-dark" when it knows better: none with NO_COLOR all the same). */
int theme_load(struct theme *theme, const char *name, enum theme_depth depth, struct err *err);
/* "bold red on default", "#ff8800", "color 214": one row of [theme] in the configuration. */
int theme_set(struct theme *theme, const char *style_name, const char *value, struct err *err);
const char *theme_style_name(enum style style);
/* What COLORFGBG says; false when it says nothing. */
bool theme_background_is_light(void);

#endif
