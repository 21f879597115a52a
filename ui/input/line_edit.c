#include "config.h"

#include "ui/input/line_edit.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "ui/input/history.h"
#include "ui/input/key.h"
#include "ui/screen/bidi.h"
#include "ui/screen/canvas.h"

#define UNDO_LIMIT 100
#define TEXT_LIMIT (64 * 1024)
#define SECRET_SIGN "*"
#define SECRET_LIMIT 1000 /* room from the beginning: growing would leave a copy behind */
#define MORE_LEFT  "…"

/* The text as it was before a change. */
struct state {
	char *text;
	size_t cursor;
};

struct line_edit {
	struct buf text;
	size_t cursor; /* at the start of a grapheme */
	size_t left;   /* first byte that is drawn */
	struct buf killed;
	bool is_killing; /* the last key killed too: kills join */
	bool is_typing;	 /* the last key was a letter: one undo for all of them */
	bool is_secret;
	struct state *undo;
	size_t undo_count, undo_cap;
	struct history *history;
	long history_at;    /* -1: what is typed */
	struct buf typed;   /* what stood there before history was walked */
};

/* --- places -------------------------------------------------------------------------------------- */

static size_t before(const struct line_edit *edit, size_t at)
{
	return at ? utf8_grapheme_before(buf_str(&edit->text), edit->text.len, at) : 0;
}

static size_t behind(const struct line_edit *edit, size_t at)
{
	int width;
	if (at >= edit->text.len)
		return edit->text.len;
	return at + utf8_grapheme(edit->text.data + at, edit->text.len - at, &width);
}

static bool is_word(const struct line_edit *edit, size_t at)
{
	unsigned char c = (unsigned char)edit->text.data[at];
	return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

static size_t word_before(const struct line_edit *edit, size_t at)
{
	while (at && !is_word(edit, before(edit, at)))
		at = before(edit, at);
	while (at && is_word(edit, before(edit, at)))
		at = before(edit, at);
	return at;
}

static size_t word_behind(const struct line_edit *edit, size_t at)
{
	while (at < edit->text.len && !is_word(edit, at))
		at = behind(edit, at);
	while (at < edit->text.len && is_word(edit, at))
		at = behind(edit, at);
	return at;
}

/* Up to a blank: ^W takes an address or a path off whole. */
static size_t blank_before(const struct line_edit *edit, size_t at)
{
	while (at && edit->text.data[at - 1] == ' ')
		at--;
	while (at && edit->text.data[at - 1] != ' ')
		at--;
	return at;
}

/* --- changes ------------------------------------------------------------------------------------- */

static void remember(struct line_edit *edit)
{
	if (edit->is_secret)
		return;
	if (edit->undo_count == UNDO_LIMIT) {
		free(edit->undo[0].text);
		edit->undo_count--;
		memmove(edit->undo, edit->undo + 1, edit->undo_count * sizeof *edit->undo);
	}
	ARRAY_ROOM(edit->undo, edit->undo_count, edit->undo_cap);
	edit->undo[edit->undo_count++] =
		(struct state){mem_strdup(buf_str(&edit->text)), edit->cursor};
}

static enum line_edit_result undo(struct line_edit *edit)
{
	if (!edit->undo_count)
		return LINE_EDIT_MOVED;
	struct state state = edit->undo[--edit->undo_count];
	buf_clear(&edit->text);
	buf_add_str(&edit->text, state.text);
	edit->cursor = state.cursor;
	free(state.text);
	return LINE_EDIT_CHANGED;
}

/* What a line can hold: printable, line ends as blanks. */
static void insert_clean(struct line_edit *edit, const char *text)
{
	struct buf clean = BUF_INIT;
	size_t len = strlen(text);
	if (edit->is_secret)
		buf_reserve(&clean, 4 * len);
	utf8_add_printable(&clean, text, len);
	if (edit->text.len + clean.len <= (edit->is_secret ? SECRET_LIMIT : TEXT_LIMIT)) {
		buf_insert(&edit->text, edit->cursor, buf_str(&clean), clean.len);
		edit->cursor += clean.len;
	}
	if (edit->is_secret && clean.data)
		explicit_bzero(clean.data, clean.cap);
	buf_free(&clean);
}

void line_edit_insert(struct line_edit *edit, const char *text)
{
	remember(edit);
	insert_clean(edit, text);
}

void line_edit_replace(struct line_edit *edit, size_t from, size_t to, const char *text)
{
	remember(edit);
	if (to > edit->text.len)
		to = edit->text.len;
	if (from > to)
		from = to;
	buf_remove(&edit->text, from, to - from);
	edit->cursor = from;
	insert_clean(edit, text);
}

void line_edit_set_text(struct line_edit *edit, const char *text)
{
	line_edit_replace(edit, 0, edit->text.len, text);
}

static enum line_edit_result cut(struct line_edit *edit, size_t from, size_t to)
{
	if (from == to)
		return LINE_EDIT_MOVED;
	remember(edit);
	buf_remove(&edit->text, from, to - from);
	edit->cursor = from;
	return LINE_EDIT_CHANGED;
}

/* Cuts into the kill ring; kills that follow each other stay together. */
static enum line_edit_result kill_range(struct line_edit *edit, size_t from, size_t to, bool was_killing)
{
	size_t at = from < edit->cursor ? 0 : edit->killed.len;
	if (!was_killing) {
		buf_clear(&edit->killed);
		at = 0;
	}
	if (!edit->is_secret)
		buf_insert(&edit->killed, at, buf_str(&edit->text) + from, to - from);
	edit->is_killing = true;
	return cut(edit, from, to);
}

static enum line_edit_result yank(struct line_edit *edit)
{
	if (!edit->killed.len)
		return LINE_EDIT_MOVED;
	line_edit_insert(edit, buf_str(&edit->killed));
	return LINE_EDIT_CHANGED;
}

static enum line_edit_result swap(struct line_edit *edit)
{
	size_t at = edit->cursor < edit->text.len ? edit->cursor : before(edit, edit->cursor);
	size_t left = before(edit, at), end = behind(edit, at);
	if (left == at || at == end)
		return LINE_EDIT_MOVED;
	char *first = mem_strndup(edit->text.data + left, at - left);
	remember(edit);
	buf_remove(&edit->text, left, at - left);
	edit->cursor = end - (at - left);
	buf_insert(&edit->text, edit->cursor, first, at - left);
	edit->cursor = end;
	free(first);
	return LINE_EDIT_CHANGED;
}

static enum line_edit_result go(struct line_edit *edit, size_t at)
{
	edit->cursor = at;
	return LINE_EDIT_MOVED;
}

/* --- history ------------------------------------------------------------------------------------- */

static void show_history(struct line_edit *edit, const char *text)
{
	buf_clear(&edit->text);
	buf_add_str(&edit->text, text);
	edit->cursor = edit->text.len;
}

static enum line_edit_result older(struct line_edit *edit)
{
	if (!edit->history)
		return LINE_EDIT_IGNORED;
	if (edit->history_at < 0) {
		buf_clear(&edit->typed);
		buf_add_str(&edit->typed, buf_str(&edit->text));
	}
	long at = history_find(edit->history, (size_t)(edit->history_at + 1), buf_str(&edit->typed));
	if (at < 0)
		return LINE_EDIT_MOVED;
	edit->history_at = at;
	show_history(edit, history_at(edit->history, (size_t)at));
	return LINE_EDIT_CHANGED;
}

static enum line_edit_result newer(struct line_edit *edit)
{
	if (!edit->history)
		return LINE_EDIT_IGNORED;
	if (edit->history_at < 0)
		return LINE_EDIT_MOVED;
	long at = -1;
	for (long found = -1; (found = history_find(edit->history, (size_t)(found + 1),
						    buf_str(&edit->typed))) >= 0 &&
			      found < edit->history_at;)
		at = found;
	edit->history_at = at;
	show_history(edit, at < 0 ? buf_str(&edit->typed) : history_at(edit->history, (size_t)at));
	return LINE_EDIT_CHANGED;
}

/* --- keys ---------------------------------------------------------------------------------------- */

static enum line_edit_result done(struct line_edit *edit)
{
	if (edit->history && !edit->is_secret)
		history_add(edit->history, buf_str(&edit->text));
	return LINE_EDIT_DONE;
}

static enum line_edit_result ctrl(struct line_edit *edit, char letter, bool was_killing)
{
	switch (letter) {
	case 'a':
		return go(edit, 0);
	case 'e':
		return go(edit, edit->text.len);
	case 'b':
		return go(edit, before(edit, edit->cursor));
	case 'f':
		return go(edit, behind(edit, edit->cursor));
	case 'd':
		return cut(edit, edit->cursor, behind(edit, edit->cursor));
	case 'h':
		return cut(edit, before(edit, edit->cursor), edit->cursor);
	case 'w':
		return kill_range(edit, blank_before(edit, edit->cursor), edit->cursor, was_killing);
	case 'u':
		return kill_range(edit, 0, edit->cursor, was_killing);
	case 'k':
		return kill_range(edit, edit->cursor, edit->text.len, was_killing);
	case 'y':
		return yank(edit);
	case 't':
		return swap(edit);
	case '_':
		return undo(edit);
	case 'p':
		return older(edit);
	case 'n':
		return newer(edit);
	case 'j':
		return done(edit);
	case 'c':
	case 'g':
		return LINE_EDIT_CANCELLED;
	default:
		return LINE_EDIT_IGNORED;
	}
}

static enum line_edit_result meta(struct line_edit *edit, const struct key *key, bool was_killing)
{
	if (key->code == KEY_BACKSPACE_)
		return kill_range(edit, word_before(edit, edit->cursor), edit->cursor, was_killing);
	if (key->code == KEY_LEFT_ || !strcmp(key->text, "b"))
		return go(edit, word_before(edit, edit->cursor));
	if (key->code == KEY_RIGHT_ || !strcmp(key->text, "f"))
		return go(edit, word_behind(edit, edit->cursor));
	if (!strcmp(key->text, "d"))
		return kill_range(edit, edit->cursor, word_behind(edit, edit->cursor), was_killing);
	return LINE_EDIT_IGNORED;
}

static enum line_edit_result named(struct line_edit *edit, const struct key *key, bool was_killing)
{
	switch (key->code) {
	case KEY_ENTER_:
		return done(edit);
	case KEY_ESC:
		return LINE_EDIT_CANCELLED;
	case KEY_TAB:
		return LINE_EDIT_COMPLETE;
	case KEY_BACKTAB:
		return LINE_EDIT_COMPLETE_BACK;
	case KEY_BACKSPACE_:
		return key->is_ctrl ? kill_range(edit, word_before(edit, edit->cursor), edit->cursor,
						 was_killing)
				    : cut(edit, before(edit, edit->cursor), edit->cursor);
	case KEY_DELETE:
		return cut(edit, edit->cursor, behind(edit, edit->cursor));
	case KEY_LEFT_:
		return go(edit, key->is_ctrl ? word_before(edit, edit->cursor)
					     : before(edit, edit->cursor));
	case KEY_RIGHT_:
		return go(edit, key->is_ctrl ? word_behind(edit, edit->cursor)
					     : behind(edit, edit->cursor));
	case KEY_HOME_:
		return go(edit, 0);
	case KEY_END_:
		return go(edit, edit->text.len);
	case KEY_UP_:
		return older(edit);
	case KEY_DOWN_:
		return newer(edit);
	default:
		return LINE_EDIT_IGNORED;
	}
}

static enum line_edit_result type(struct line_edit *edit, const char *text, bool was_typing)
{
	if (!was_typing || *text == ' ')
		remember(edit);
	edit->is_typing = true;
	insert_clean(edit, text);
	return LINE_EDIT_CHANGED;
}

enum line_edit_result line_edit_key(struct line_edit *edit, const struct key *key)
{
	bool was_killing = edit->is_killing, was_typing = edit->is_typing;
	bool walks = key->code == KEY_UP_ || key->code == KEY_DOWN_ || key->code == KEY_CTRL;
	edit->is_killing = edit->is_typing = false;
	enum line_edit_result result;
	if (key->code == KEY_PASTE) {
		line_edit_insert(edit, key->paste);
		result = LINE_EDIT_CHANGED;
	} else if (key->is_meta) {
		result = meta(edit, key, was_killing);
	} else if (key->code == KEY_TEXT) {
		result = type(edit, key->text, was_typing);
	} else if (key->code == KEY_CTRL) {
		result = ctrl(edit, key->text[0], was_killing);
	} else {
		result = named(edit, key, was_killing);
	}
	if (result == LINE_EDIT_CHANGED && !walks)
		edit->history_at = -1;
	return result;
}

/* --- drawing ------------------------------------------------------------------------------------- */

static int columns_between(const struct line_edit *edit, size_t from, size_t to)
{
	if (!edit->is_secret)
		return utf8_width(buf_str(&edit->text) + from, to - from);
	int count = 0;
	for (size_t at = from; at < to; at = behind(edit, at))
		count++;
	return count;
}

/* Moves the left edge so that the cursor is in sight, with a third of the line before it. */
static void scroll(struct line_edit *edit, int columns)
{
	if (edit->left > edit->text.len)
		edit->left = 0;
	int room = columns - 1 - (edit->left > 0);
	if (edit->cursor >= edit->left && columns_between(edit, edit->left, edit->cursor) <= room &&
	    (edit->cursor > edit->left || !edit->left))
		return;
	edit->left = edit->cursor;
	while (edit->left && columns_between(edit, before(edit, edit->left), edit->cursor) < columns * 2 / 3)
		edit->left = before(edit, edit->left);
}

/* From right to left, in whole or in part: what is drawn has a blank behind it, where the cursor may stand. The
 * cursor's column. */
static int draw_turned(const struct line_edit *edit, struct canvas *canvas, int x, int y, int columns,
		       enum style style)
{
	struct buf text = BUF_INIT;
	struct bidi_piece *pieces;
	size_t cursor = edit->cursor - edit->left, count, len;
	int used, column = 0;
	buf_add_str(&text, buf_str(&edit->text) + edit->left);
	buf_add_char(&text, ' ');
	struct bidi *bidi = bidi_new(text.data, text.len);
	count = bidi_row(bidi, 0, utf8_fit(text.data, text.len, columns, &used), &pieces);
	for (size_t i = 0; i < count; i++) {
		const char *shown = bidi_text(&pieces[i], text.data, &len);
		canvas_put_n(canvas, x + pieces[i].x, y, pieces[i].width, style, shown, len, false);
		if (cursor >= pieces[i].at && cursor < pieces[i].at + pieces[i].len)
			column = pieces[i].x;
	}
	free(pieces);
	bidi_free(&bidi);
	buf_free(&text);
	return column;
}

static void draw_text(const struct line_edit *edit, struct canvas *canvas, int x, int y, int columns,
		      enum style style)
{
	if (!edit->is_secret) {
		canvas_put_n(canvas, x, y, columns, style, buf_str(&edit->text) + edit->left,
			     edit->text.len - edit->left, true);
		return;
	}
	int count = columns_between(edit, edit->left, edit->text.len);
	for (int i = 0; i < count && i < columns; i++)
		canvas_put(canvas, x + i, y, 1, style, SECRET_SIGN);
}

void line_edit_draw(struct line_edit *edit, struct canvas *canvas, int x, int y, int columns,
		    enum style style)
{
	if (columns < 2)
		return;
	scroll(edit, columns);
	canvas_fill(canvas, (struct rect){x, y, columns, 1}, style);
	int mark = edit->left ? canvas_put(canvas, x, y, 1, STYLE_DIM, MORE_LEFT) : 0;
	if (!edit->is_secret && canvas_turns(canvas, buf_str(&edit->text) + edit->left,
					     edit->text.len - edit->left)) {
		x += mark + draw_turned(edit, canvas, x + mark, y, columns - mark, style);
		canvas_set_cursor(canvas, x, y);
		return;
	}
	draw_text(edit, canvas, x + mark, y, columns - mark, style);
	canvas_set_cursor(canvas, x + mark + columns_between(edit, edit->left, edit->cursor), y);
}

/* --- from and to --------------------------------------------------------------------------------- */

struct line_edit *line_edit_new(const char *preset, struct history *history)
{
	struct line_edit *edit = mem_alloc(sizeof *edit);
	edit->history = history;
	edit->history_at = -1;
	if (preset)
		insert_clean(edit, preset);
	return edit;
}

void line_edit_free(struct line_edit **edit)
{
	struct line_edit *old = *edit;
	if (!old)
		return;
	for (size_t i = 0; i < old->undo_count; i++)
		free(old->undo[i].text);
	if (old->is_secret && old->text.data)
		explicit_bzero(old->text.data, old->text.cap);
	free(old->undo);
	buf_free(&old->text);
	buf_free(&old->killed);
	buf_free(&old->typed);
	free(old);
	*edit = NULL;
}

void line_edit_set_secret(struct line_edit *edit)
{
	edit->is_secret = true;
	buf_reserve(&edit->text, SECRET_LIMIT);
}

const char *line_edit_text(const struct line_edit *edit)
{
	return buf_str(&edit->text);
}

size_t line_edit_cursor(const struct line_edit *edit)
{
	return edit->cursor;
}
