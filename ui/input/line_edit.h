/* One line of text that a person edits: the prompt at the bottom, a header field. Works in graphemes, knows
 * words, a kill ring of one, undo, paste and history. It draws itself and scrolls at its right edge. */
#ifndef UI_INPUT_LINE_EDIT_H
#define UI_INPUT_LINE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/screen/theme.h"

struct canvas;
struct history;
struct key;
struct line_edit;

/* HISTORY (lent, may be NULL) is walked with Up and Down. */
struct line_edit *line_edit_new(const char *preset, struct history *history);
void line_edit_free(struct line_edit **edit);
/* From now on: shown as stars, never put into a history, not undone, wiped at the end. */
void line_edit_set_secret(struct line_edit *edit);
const char *line_edit_text(const struct line_edit *edit); /* lent until it changes */
size_t line_edit_cursor(const struct line_edit *edit);	  /* in bytes */
void line_edit_set_text(struct line_edit *edit, const char *text); /* cursor behind it; can be undone */
void line_edit_insert(struct line_edit *edit, const char *text);
/* Bytes FROM to TO become TEXT (completion); cursor behind it. */
void line_edit_replace(struct line_edit *edit, size_t from, size_t to, const char *text);

enum line_edit_result {
	LINE_EDIT_IGNORED,  /* not a key of its */
	LINE_EDIT_MOVED,    /* cursor or nothing changed */
	LINE_EDIT_CHANGED,  /* the text changed */
	LINE_EDIT_DONE,	    /* Enter; the text went into the history */
	LINE_EDIT_CANCELLED, /* Esc, Ctrl-C, Ctrl-G */
	LINE_EDIT_COMPLETE, /* Tab */
	LINE_EDIT_COMPLETE_BACK, /* Shift-Tab */
};
/* KEY's paste stays the caller's. Keys: arrows, Home End, ^A ^E ^B ^F, Alt-b Alt-f, Ctrl-arrows; Backspace
 * Delete ^D ^H; ^W Alt-Backspace (word back) Alt-d (word on) ^U ^K (to the ends) ^Y (yank) ^T (swap); ^_
 * (undo); Up Down ^P ^N (history that begins with what was typed). */
enum line_edit_result line_edit_key(struct line_edit *edit, const struct key *key);
/* Draws into COLUMNS from (X, Y) and puts the hardware cursor there. */
void line_edit_draw(struct line_edit *edit, struct canvas *canvas, int x, int y, int columns,
		    enum style style);

#endif
