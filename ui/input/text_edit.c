#include "config.h"

#include "ui/input/text_edit.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/utf8.h"
#include "ui/input/text_edit_private.h"
#include "ui/screen/wrap.h"

/* Undo keeps this much text; older steps are forgotten. */
#define UNDO_STEPS 10000

struct text_edit *text_edit_new(void)
{
	struct text_edit *edit = mem_alloc(sizeof *edit);

	edit->lines = text_lines_new();
	edit->want_column = -1;
	edit->wrap = 72;
	edit->width = 72;
	edit->height = 20;
	return edit;
}

static void step_free(struct step *step)
{
	buf_free(&step->removed);
	buf_free(&step->added);
}

static void steps_drop_from(struct text_edit *edit, size_t at)
{
	while (edit->step_count > at)
		step_free(&edit->steps[--edit->step_count]);
}

void text_edit_free(struct text_edit **edit)
{
	if (!*edit)
		return;
	steps_drop_from(*edit, 0);
	free((*edit)->steps);
	buf_free(&(*edit)->kill);
	text_lines_free(&(*edit)->lines);
	free(*edit);
	*edit = NULL;
}

/* --- what may stand in the text --- */

static bool is_plain_text(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)text[i] < 0x20 && text[i] != '\n' && text[i] != '\t') ||
		    text[i] == 0x7f || (unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

static bool is_control(uint32_t code)
{
	return (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7f && code < 0xa0);
}

static void add_clean(struct buf *out, const char *text, size_t len)
{
	uint32_t code;

	if (is_plain_text(text, len)) {
		buf_add(out, text, len);
		return;
	}
	for (size_t at = 0, step; at < len; at += step) {
		char utf8[4];

		step = utf8_decode(text + at, len - at, &code);
		if (code == '\r')
			code = at + 1 < len && text[at + 1] == '\n' ? 0 : '\n';
		if (!is_control(code))
			buf_add(out, utf8, utf8_encode(code, utf8));
	}
}

/* --- undo --- */

static void steps_room(struct text_edit *edit)
{
	size_t half = UNDO_STEPS / 2;

	if (edit->step_count < UNDO_STEPS)
		return;
	for (size_t i = 0; i < half; i++)
		step_free(&edit->steps[i]);
	memmove(edit->steps, edit->steps + half, (edit->step_count - half) * sizeof *edit->steps);
	edit->step_count -= half;
}

static struct step *step_add(struct text_edit *edit, struct text_pos at, enum step_kind kind)
{
	struct step *step;

	steps_room(edit);
	ARRAY_ROOM(edit->steps, edit->step_count, edit->step_cap);
	step = &edit->steps[edit->step_count++];
	memset(step, 0, sizeof *step);
	step->at = at;
	step->cursor_before = edit->cursor;
	step->kind = kind;
	return step;
}

void text_edit_close_step(struct text_edit *edit)
{
	edit->is_step_open = false;
}

static struct text_pos pos_behind(struct text_pos at, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			at = (struct text_pos){at.line + 1, 0};
		else
			at.at++;
	}
	return at;
}

/* A new word begins a new step: a letter behind a blank. */
static bool begins_word(const struct buf *before, const char *text, size_t len)
{
	bool was_blank = before->len && strchr(" \t\n", before->data[before->len - 1]);

	return was_blank && len && !strchr(" \t\n", text[0]);
}

static bool joins_typed(const struct step *step, struct text_pos from, const char *text, size_t len)
{
	struct text_pos end = pos_behind(step->at, step->added.data, step->added.len);

	return step->kind == STEP_TYPE && !text_pos_compare(end, from) &&
	       !begins_word(&step->added, text, len);
}

static bool joins_erased(const struct step *step, struct text_pos to)
{
	return step->kind == STEP_ERASE && !text_pos_compare(step->at, to) &&
	       step->removed.len && !strchr(" \t\n", step->removed.data[0]);
}

/* Writes the change into the last step when it goes on with it, else into a new one. */
static void remember(struct text_edit *edit, struct text_pos from, struct text_pos to,
		     const struct buf *removed, const char *text, size_t len, enum step_kind kind)
{
	struct step *last = edit->step_at && edit->is_step_open ? &edit->steps[edit->step_at - 1]
								: NULL;

	steps_drop_from(edit, edit->step_at);
	if (last && kind == STEP_TYPE && !removed->len && joins_typed(last, from, text, len)) {
		buf_add(&last->added, text, len);
	} else if (last && kind == STEP_ERASE && !len && joins_erased(last, to)) {
		buf_insert(&last->removed, 0, removed->data, removed->len);
		last->at = from;
	} else {
		last = step_add(edit, from, kind);
		buf_add(&last->removed, removed->data, removed->len);
		buf_add(&last->added, text, len);
	}
	edit->step_at = edit->step_count;
	edit->is_step_open = kind != STEP_OTHER;
}

static void cursor_to(struct text_edit *edit, struct text_pos pos)
{
	edit->cursor = pos;
	edit->anchor_kind = ANCHOR_NONE;
	edit->want_column = -1;
}

void text_edit_change(struct text_edit *edit, struct text_pos from, struct text_pos to,
		      const char *text, size_t len, enum step_kind kind)
{
	struct buf removed = BUF_INIT;

	edit->was_cut = false;
	if (!text_pos_compare(from, to) && !len)
		return;
	text_lines_copy(edit->lines, from, to, &removed);
	remember(edit, from, to, &removed, text, len, kind);
	cursor_to(edit, text_lines_replace(edit->lines, from, to, text, len));
	edit->revision++;
	buf_free(&removed);
}

static void swap_text(struct text_edit *edit, const struct step *step, const struct buf *out,
		      const struct buf *in)
{
	struct text_pos end = pos_behind(step->at, out->data, out->len);

	cursor_to(edit, text_lines_replace(edit->lines, step->at, end, in->data, in->len));
	edit->revision++;
	edit->was_cut = false;
	text_edit_close_step(edit);
}

bool text_edit_undo(struct text_edit *edit)
{
	const struct step *step;

	if (!edit->step_at)
		return false;
	step = &edit->steps[--edit->step_at];
	swap_text(edit, step, &step->added, &step->removed);
	edit->cursor = step->cursor_before;
	return true;
}

bool text_edit_redo(struct text_edit *edit)
{
	const struct step *step;

	if (edit->step_at >= edit->step_count)
		return false;
	step = &edit->steps[edit->step_at++];
	swap_text(edit, step, &step->removed, &step->added);
	return true;
}

/* --- the text as a whole --- */

static void replace_all(struct text_edit *edit, const char *text, size_t len)
{
	struct buf clean = BUF_INIT;

	add_clean(&clean, text, len);
	if (clean.len && clean.data[clean.len - 1] == '\n')
		buf_truncate(&clean, clean.len - 1);
	text_edit_close_step(edit);
	text_edit_change(edit, (struct text_pos){0, 0}, text_lines_end(edit->lines), clean.data,
			 clean.len, STEP_OTHER);
	cursor_to(edit, (struct text_pos){0, 0});
	edit->top = edit->cursor;
	buf_free(&clean);
}

void text_edit_replace_text(struct text_edit *edit, const char *text, size_t len)
{
	replace_all(edit, text, len);
}

void text_edit_set_text(struct text_edit *edit, const char *text, size_t len)
{
	replace_all(edit, text, len);
	steps_drop_from(edit, 0);
	edit->step_at = 0;
	edit->revision = 0;
}

void text_edit_add_text(const struct text_edit *edit, struct buf *out)
{
	struct text_pos end = text_lines_end(edit->lines);

	if (!end.line && !end.at)
		return;
	text_lines_copy(edit->lines, (struct text_pos){0, 0}, end, out);
	buf_add_char(out, '\n');
}

uint64_t text_edit_revision(const struct text_edit *edit)
{
	return edit->revision;
}

void text_edit_set_wrap(struct text_edit *edit, int columns)
{
	edit->wrap = columns;
	edit->width = columns ? columns : edit->width;
}

struct text_lines *text_edit_lines(const struct text_edit *edit)
{
	return edit->lines;
}

struct text_pos text_edit_cursor(const struct text_edit *edit)
{
	return edit->cursor;
}

/* --- typing --- */

bool text_edit_marked(const struct text_edit *edit, struct text_pos *from, struct text_pos *to)
{
	bool forwards = text_pos_compare(edit->anchor, edit->cursor) <= 0;

	*from = forwards ? edit->anchor : edit->cursor;
	*to = forwards ? edit->cursor : edit->anchor;
	return edit->anchor_kind != ANCHOR_NONE && text_pos_compare(*from, *to) != 0;
}

bool text_edit_selection(const struct text_edit *edit, struct text_pos *from, struct text_pos *to)
{
	return text_edit_marked(edit, from, to) && edit->anchor_kind != ANCHOR_FOUND;
}

static void put(struct text_edit *edit, const char *text, size_t len, enum step_kind kind)
{
	struct text_pos from = edit->cursor, to = edit->cursor;
	struct buf clean = BUF_INIT;

	if (!text_edit_selection(edit, &from, &to))
		from = to = edit->cursor;
	add_clean(&clean, text, len);
	text_edit_change(edit, from, to, clean.data, clean.len, kind);
	buf_free(&clean);
}

void text_edit_type(struct text_edit *edit, const char *text, size_t len)
{
	put(edit, text, len, STEP_TYPE);
}

void text_edit_paste(struct text_edit *edit, const char *text, size_t len)
{
	text_edit_close_step(edit);
	put(edit, text, len, STEP_OTHER);
}

/* The quote marks of a line, so wide that they end before its text; 0 when there are none. */
static size_t marks_of(const struct text_edit *edit, size_t line, int *depth)
{
	struct span text = text_lines_get(edit->lines, line);

	return wrap_quote(text.data, text.len, depth);
}

/* In the middle of a quoted paragraph: its rest gets the marks again, and between the two an empty line waits
 * for the answer. */
static void split_quote(struct text_edit *edit, size_t marks)
{
	struct text_pos cursor = edit->cursor, behind = cursor;
	struct span line = text_lines_get(edit->lines, cursor.line);
	struct buf text = BUF_INIT;

	while (cursor.at > marks && line.data[cursor.at - 1] == ' ')
		cursor.at--;
	while (behind.at < line.len && line.data[behind.at] == ' ')
		behind.at++;
	buf_add(&text, "\n\n", 2);
	buf_add(&text, line.data, marks);
	text_edit_close_step(edit);
	text_edit_change(edit, cursor, behind, text.data, text.len, STEP_OTHER);
	cursor_to(edit, (struct text_pos){cursor.line + 1, 0});
	buf_free(&text);
}

void text_edit_newline(struct text_edit *edit)
{
	struct text_pos from, to;
	int depth;
	size_t marks = marks_of(edit, edit->cursor.line, &depth);
	size_t len = text_lines_get(edit->lines, edit->cursor.line).len;

	if (!text_edit_selection(edit, &from, &to) && depth && edit->cursor.at > marks &&
	    edit->cursor.at < len)
		split_quote(edit, marks);
	else
		put(edit, "\n", 1, STEP_TYPE);
}

/* Where a join of two quoted lines of one depth takes the second one's marks out as well. */
static size_t marks_to_join(const struct text_edit *edit, size_t line)
{
	int depth_before, depth;
	size_t marks;

	if (!line)
		return 0;
	marks_of(edit, line - 1, &depth_before);
	marks = marks_of(edit, line, &depth);
	return depth && depth == depth_before ? marks : 0;
}

static bool erase_selection(struct text_edit *edit)
{
	struct text_pos from, to;

	if (!text_edit_selection(edit, &from, &to))
		return false;
	text_edit_close_step(edit);
	text_edit_change(edit, from, to, NULL, 0, STEP_OTHER);
	return true;
}

void text_edit_backspace(struct text_edit *edit)
{
	struct text_pos from;
	size_t marks = marks_to_join(edit, edit->cursor.line);

	if (erase_selection(edit))
		return;
	from = text_edit_before(edit, edit->cursor);
	if (marks && edit->cursor.at == marks) {
		from.line = edit->cursor.line - 1;
		from.at = text_lines_get(edit->lines, from.line).len;
	}
	text_edit_change(edit, from, edit->cursor, NULL, 0, STEP_ERASE);
}

void text_edit_delete(struct text_edit *edit)
{
	struct text_pos to;

	if (erase_selection(edit))
		return;
	to = text_edit_behind(edit, edit->cursor);
	if (to.line > edit->cursor.line)
		to.at = marks_to_join(edit, to.line);
	text_edit_change(edit, edit->cursor, to, NULL, 0, STEP_OTHER);
}

void text_edit_delete_word(struct text_edit *edit, int direction)
{
	struct text_pos from = edit->cursor, to = edit->cursor;

	if (erase_selection(edit))
		return;
	if (direction < 0)
		from = text_edit_word_before(edit, from);
	else
		to = text_edit_word_behind(edit, to);
	text_edit_close_step(edit);
	text_edit_change(edit, from, to, NULL, 0, STEP_OTHER);
}

/* --- cut, copy, yank --- */

static void whole_line(const struct text_edit *edit, struct text_pos *from, struct text_pos *to)
{
	size_t line = edit->cursor.line;

	*from = (struct text_pos){line, 0};
	*to = line + 1 < text_lines_count(edit->lines)
		  ? (struct text_pos){line + 1, 0}
		  : (struct text_pos){line, text_lines_get(edit->lines, line).len};
}

void text_edit_cut(struct text_edit *edit)
{
	struct text_pos from, to;
	bool gathers = edit->was_cut;

	if (!text_edit_selection(edit, &from, &to))
		whole_line(edit, &from, &to);
	if (!gathers)
		buf_clear(&edit->kill);
	text_lines_copy(edit->lines, from, to, &edit->kill);
	text_edit_close_step(edit);
	text_edit_change(edit, from, to, NULL, 0, STEP_OTHER);
	edit->was_cut = true;
}

void text_edit_copy(struct text_edit *edit)
{
	struct text_pos from, to;

	if (!text_edit_selection(edit, &from, &to))
		whole_line(edit, &from, &to);
	buf_clear(&edit->kill);
	text_lines_copy(edit->lines, from, to, &edit->kill);
	edit->anchor_kind = ANCHOR_NONE;
	edit->was_cut = false;
}

void text_edit_yank(struct text_edit *edit)
{
	text_edit_paste(edit, buf_str(&edit->kill), edit->kill.len);
}

/* --- paragraphs --- */

static bool same_paragraph(const struct text_edit *edit, size_t a, size_t b)
{
	int depth_a, depth_b;
	size_t marks_a = marks_of(edit, a, &depth_a), marks_b = marks_of(edit, b, &depth_b);
	struct span text_a = text_lines_get(edit->lines, a), text_b = text_lines_get(edit->lines, b);

	return depth_a == depth_b && marks_a < text_a.len && marks_b < text_b.len;
}

static void add_joined(const struct text_edit *edit, size_t line, bool is_first, struct buf *out)
{
	int depth;
	struct span text = text_lines_get(edit->lines, line);
	size_t from = is_first ? 0 : wrap_quote(text.data, text.len, &depth);

	while (!is_first && from < text.len && text.data[from] == ' ')
		from++;
	while (text.len > from && text.data[text.len - 1] == ' ')
		text.len--;
	if (!is_first)
		buf_add_char(out, ' ');
	buf_add(out, text.data + from, text.len - from);
}

void text_edit_reflow(struct text_edit *edit)
{
	size_t first = edit->cursor.line, last = first, count = text_lines_count(edit->lines);
	struct buf text = BUF_INIT;

	while (first > 0 && same_paragraph(edit, first - 1, first))
		first--;
	while (last + 1 < count && same_paragraph(edit, last, last + 1))
		last++;
	for (size_t i = first; i <= last; i++)
		add_joined(edit, i, i == first, &text);
	text_edit_close_step(edit);
	text_edit_change(edit, (struct text_pos){first, 0},
			 (struct text_pos){last, text_lines_get(edit->lines, last).len}, text.data,
			 text.len, STEP_OTHER);
	buf_free(&text);
}
