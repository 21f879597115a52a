/* The built-in editor: a letter's body. Paragraphs are lines; they wrap softly on the screen, quoted ones with
 * their marks. It knows no mail and no file: text goes in, text comes out, keys change it. Undo goes by
 * words; a paste is one step. */
#ifndef UI_INPUT_TEXT_EDIT_H
#define UI_INPUT_TEXT_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/input/text_lines.h"
#include "ui/screen/canvas.h"

struct buf;
struct key;
struct text_edit;

struct text_edit *text_edit_new(void);
void text_edit_free(struct text_edit **edit);
/* The whole text, cursor at its start, nothing to undo. Controls but LF and tab are taken out, CR LF is LF,
 * bad UTF-8 becomes U+FFFD; a last LF ends the last line. */
void text_edit_set_text(struct text_edit *edit, const char *text, size_t len);
/* The same as one step that undo takes back (the outside editor's work). */
void text_edit_replace_text(struct text_edit *edit, const char *text, size_t len);
/* Appends the whole text, each line with its LF; an empty text appends nothing. */
void text_edit_add_text(const struct text_edit *edit, struct buf *out);
/* Counts up with every change: equal means unchanged. */
uint64_t text_edit_revision(const struct text_edit *edit);
/* Paragraphs wrap at COLUMNS, or at the area's width when that is less. 0: at the area's width. */
void text_edit_set_wrap(struct text_edit *edit, int columns);

struct text_lines *text_edit_lines(const struct text_edit *edit);
struct text_pos text_edit_cursor(const struct text_edit *edit);
/* Moves there (clamped; to the start of a grapheme); the selection goes. */
void text_edit_set_cursor(struct text_edit *edit, struct text_pos pos);

/* --- what keys do; each may be called by itself --- */
/* 1 when the key was one of ours (text, paste, motion, editing), else 0: a motion off the top line too, so
 * that the cursor can go to what stands above. */
int text_edit_key(struct text_edit *edit, const struct key *key);
/* Names and meanings of the keys above, for help: pairs, NULL-ended, to be translated. */
extern const char *const text_edit_help[];

void text_edit_type(struct text_edit *edit, const char *text, size_t len);  /* joins the word before */
void text_edit_paste(struct text_edit *edit, const char *text, size_t len); /* one undo step */
void text_edit_newline(struct text_edit *edit); /* in a quoted paragraph: splits it, answer between */
void text_edit_backspace(struct text_edit *edit);
void text_edit_delete(struct text_edit *edit);
void text_edit_delete_word(struct text_edit *edit, int direction); /* -1 before, 1 behind the cursor */
/* The selection, or the line; cut ones in a row gather. */
void text_edit_cut(struct text_edit *edit);
void text_edit_copy(struct text_edit *edit);
void text_edit_yank(struct text_edit *edit);
/* Joins the lines of the paragraph around the cursor (same quote marks, no blank line) into one. */
void text_edit_reflow(struct text_edit *edit);
bool text_edit_undo(struct text_edit *edit); /* false: nothing left */
bool text_edit_redo(struct text_edit *edit);

enum text_move {
	TEXT_LEFT, TEXT_RIGHT, TEXT_UP, TEXT_DOWN, TEXT_WORD_LEFT, TEXT_WORD_RIGHT, TEXT_ROW_START,
	TEXT_ROW_END, TEXT_PAGE_UP, TEXT_PAGE_DOWN, TEXT_FIRST, TEXT_LAST, TEXT_PARAGRAPH_UP,
	TEXT_PARAGRAPH_DOWN,
};
/* false: it stood at the end already. SELECTING keeps (or begins) the selection. */
bool text_edit_move(struct text_edit *edit, enum text_move move, bool selecting);
/* Starts or drops a selection at the cursor. */
void text_edit_mark(struct text_edit *edit);
/* The next place of NEEDLE (no case, no accents) behind (before) the cursor, around the end; selects it. */
bool text_edit_find(struct text_edit *edit, const char *needle, bool backwards);

/* --- on the screen --- */
/* Draws AREA and, when FOCUSED, places the hardware cursor. Remembers AREA for pages and the mouse. */
void text_edit_draw(struct text_edit *edit, struct canvas *canvas, struct rect area, bool focused);
/* A click (moves) or the wheel (scrolls) in the area drawn last. */
void text_edit_mouse(struct text_edit *edit, const struct key *key);

#endif
