/* What the files of the editor share: text_edit.c (changes, undo), text_edit_move.c (motion, search),
 * text_edit_draw.c (screen, keys). Nobody else includes it. */
#ifndef UI_INPUT_TEXT_EDIT_PRIVATE_H
#define UI_INPUT_TEXT_EDIT_PRIVATE_H

#include "store/base/buf.h"
#include "ui/input/text_edit.h"

enum step_kind { STEP_OTHER, STEP_TYPE, STEP_ERASE };

/* One change: at AT the text REMOVED gave way to ADDED. */
struct step {
	struct text_pos at, cursor_before;
	struct buf removed, added;
	enum step_kind kind;
};

enum anchor_kind { ANCHOR_NONE, ANCHOR_MARK, ANCHOR_SHIFT, ANCHOR_FOUND };

struct text_edit {
	struct text_lines *lines;
	struct text_pos cursor, anchor;
	enum anchor_kind anchor_kind;
	int want_column; /* of vertical motion; -1: where the cursor is */
	uint64_t revision;
	struct step *steps;
	size_t step_count, step_cap, step_at; /* steps from STEP_AT on are undone ones */
	bool is_step_open;		      /* the next typed text may join the last step */
	struct buf kill;
	bool was_cut; /* the last thing done was a cut: the next one gathers */
	int wrap;
	int width, height; /* of rows and of the area drawn last */
	struct rect area;
	struct text_pos top; /* the row on top begins here */
};

/* A row of the screen. */
struct text_row {
	size_t line, row;
	size_t start, end; /* bytes in the line */
	int indent;	   /* columns of quote marks drawn again in front */
	bool is_last;
};

/* FROM..TO gives way to TEXT as one undo step (or part of the last, when KIND and place fit). The cursor
 * stands behind it. */
void text_edit_change(struct text_edit *edit, struct text_pos from, struct text_pos to,
		      const char *text, size_t len, enum step_kind kind);
void text_edit_close_step(struct text_edit *edit);
/* What is marked, shift-selected or found from cursor to anchor; found text is no selection. */
bool text_edit_marked(const struct text_edit *edit, struct text_pos *from, struct text_pos *to);
bool text_edit_selection(const struct text_edit *edit, struct text_pos *from, struct text_pos *to);

struct text_row text_edit_row(struct text_edit *edit, size_t line, size_t row);
struct text_row text_edit_row_of(struct text_edit *edit, struct text_pos pos);
bool text_edit_row_next(struct text_edit *edit, struct text_row *row);
bool text_edit_row_before(struct text_edit *edit, struct text_row *row);
int text_edit_column(struct text_edit *edit, const struct text_row *row, size_t at);
size_t text_edit_at_column(struct text_edit *edit, const struct text_row *row, int column);
/* The places one grapheme or word away; the same place at the end of the text. */
struct text_pos text_edit_before(struct text_edit *edit, struct text_pos pos);
struct text_pos text_edit_behind(struct text_edit *edit, struct text_pos pos);
struct text_pos text_edit_word_before(struct text_edit *edit, struct text_pos pos);
struct text_pos text_edit_word_behind(struct text_edit *edit, struct text_pos pos);

#endif
