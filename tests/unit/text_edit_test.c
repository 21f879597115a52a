#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/loop.h"
#include "store/base/utf8.h"
#include "ui/input/text_edit.h"
#include "ui/screen/canvas.h"
#include "ui/screen/wrap.h"

static struct text_edit *edit_of(const char *text)
{
	struct text_edit *edit = text_edit_new();

	text_edit_set_text(edit, text, strlen(text));
	return edit;
}

static void assert_text(const struct text_edit *edit, const char *expected)
{
	struct buf out = BUF_INIT;

	text_edit_add_text(edit, &out);
	assert_string_equal(buf_str(&out), expected);
	buf_free(&out);
}

static void type(struct text_edit *edit, const char *text)
{
	for (; *text; text++)
		if (*text == '\n')
			text_edit_newline(edit);
		else
			text_edit_type(edit, text, 1);
}

static void at(struct text_edit *edit, size_t line, size_t offset)
{
	text_edit_set_cursor(edit, (struct text_pos){line, offset});
}

static void assert_cursor(const struct text_edit *edit, size_t line, size_t offset)
{
	assert_int_equal(text_edit_cursor(edit).line, line);
	assert_int_equal(text_edit_cursor(edit).at, offset);
}

static void undo_goes_by_words(void **state)
{
	struct text_edit *edit = text_edit_new();

	(void)state;
	type(edit, "one two three");
	assert_true(text_edit_undo(edit));
	assert_text(edit, "one two \n");
	assert_true(text_edit_undo(edit));
	assert_true(text_edit_redo(edit));
	assert_text(edit, "one two \n");
	type(edit, "x");
	assert_false(text_edit_redo(edit));
	while (text_edit_undo(edit))
		;
	assert_text(edit, "");
	text_edit_free(&edit);
}

static void a_paste_is_one_step_and_inert(void **state)
{
	struct text_edit *edit = edit_of("ab\n");
	const char *paste = "1\r\n2\x1b[2J\x07\xc2\x9b\n\xff";

	(void)state;
	at(edit, 0, 1);
	text_edit_paste(edit, paste, strlen(paste));
	assert_text(edit, "a1\n2[2J\n\xef\xbf\xbd" "b\n");
	assert_true(text_edit_undo(edit));
	assert_text(edit, "ab\n");
	text_edit_free(&edit);
}

static void erasing_takes_whole_graphemes(void **state)
{
	struct text_edit *edit = edit_of("ae\xcc\x81\xe6\x97\xa5");

	(void)state;
	text_edit_move(edit, TEXT_LAST, false);
	text_edit_backspace(edit);
	assert_text(edit, "ae\xcc\x81\n");
	text_edit_backspace(edit);
	assert_text(edit, "a\n");
	text_edit_undo(edit);
	assert_text(edit, "ae\xcc\x81\xe6\x97\xa5\n");
	text_edit_free(&edit);
}

static void enter_in_a_quote_makes_room_for_an_answer(void **state)
{
	struct text_edit *edit = edit_of("> one two\nx\n");

	(void)state;
	at(edit, 0, 6);
	text_edit_newline(edit);
	assert_text(edit, "> one\n\n> two\nx\n");
	assert_cursor(edit, 1, 0);
	text_edit_undo(edit);
	assert_text(edit, "> one two\nx\n");
	text_edit_move(edit, TEXT_ROW_END, false);
	text_edit_newline(edit);
	assert_text(edit, "> one two\n\nx\n");
	text_edit_free(&edit);
}

static void quoted_lines_join_without_their_marks(void **state)
{
	struct text_edit *edit = edit_of("> one\n> two\n>> three\n");

	(void)state;
	at(edit, 1, 2);
	text_edit_backspace(edit);
	assert_text(edit, "> onetwo\n>> three\n");
	text_edit_undo(edit);
	at(edit, 0, 5);
	text_edit_delete(edit);
	assert_text(edit, "> onetwo\n>> three\n");
	text_edit_undo(edit);
	text_edit_reflow(edit);
	assert_text(edit, "> one two\n>> three\n");
	text_edit_free(&edit);
}

static void cut_lines_gather(void **state)
{
	struct text_edit *edit = edit_of("a\nb\nc\n");

	(void)state;
	text_edit_cut(edit);
	text_edit_cut(edit);
	assert_text(edit, "c\n");
	text_edit_move(edit, TEXT_LAST, false);
	text_edit_newline(edit);
	text_edit_yank(edit);
	assert_text(edit, "c\na\nb\n\n");
	text_edit_free(&edit);
}

static void a_selection_is_cut_and_replaced(void **state)
{
	struct text_edit *edit = edit_of("one two three");

	(void)state;
	text_edit_move(edit, TEXT_WORD_RIGHT, true);
	text_edit_copy(edit);
	text_edit_move(edit, TEXT_RIGHT, false);
	text_edit_move(edit, TEXT_WORD_RIGHT, true);
	text_edit_type(edit, "2", 1);
	assert_text(edit, "one 2 three\n");
	text_edit_yank(edit);
	assert_text(edit, "one 2one three\n");
	text_edit_free(&edit);
}

static void rows_wrap_by_words_and_keep_the_column(void **state)
{
	struct text_edit *edit = edit_of("aaaa bbbb cccc\nxxxxxxxx\n");

	(void)state;
	text_edit_set_wrap(edit, 9);
	at(edit, 0, 3);
	text_edit_move(edit, TEXT_DOWN, false);
	assert_cursor(edit, 0, 13);
	text_edit_move(edit, TEXT_DOWN, false);
	assert_cursor(edit, 1, 3);
	text_edit_move(edit, TEXT_UP, false);
	assert_cursor(edit, 0, 13);
	text_edit_move(edit, TEXT_ROW_START, false);
	assert_cursor(edit, 0, 10);
	text_edit_move(edit, TEXT_UP, false);
	text_edit_move(edit, TEXT_ROW_END, false);
	assert_cursor(edit, 0, 9);
	assert_false(text_edit_move(edit, TEXT_UP, false));
	text_edit_free(&edit);
}

static void wide_rows(void **state)
{
	const char *text = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x96\x87";

	(void)state;
	assert_int_equal(wrap_row(text, strlen(text), 5), 6);
	assert_int_equal(wrap_row(text, strlen(text), 1), 3);
	assert_int_equal(wrap_row("abcdef", 6, 4), 4);
	assert_int_equal(wrap_row("ab  cd", 6, 2), 4);
	assert_int_equal(wrap_row("ab\tcd", 5, 9), 3);
}

static void find_goes_round_without_case(void **state)
{
	struct text_edit *edit = edit_of("Caf\xc3\xa9 one\ncafe two\n");

	(void)state;
	assert_true(text_edit_find(edit, "CAFE", false));
	assert_cursor(edit, 1, 0);
	assert_true(text_edit_find(edit, "cafe", false));
	assert_cursor(edit, 0, 0);
	assert_true(text_edit_find(edit, "one", true));
	assert_cursor(edit, 0, 6);
	assert_false(text_edit_find(edit, "three", false));
	text_edit_type(edit, "-", 1);
	assert_text(edit, "Caf\xc3\xa9 -one\ncafe two\n");
	text_edit_free(&edit);
}

static uint32_t seed = 4711;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void assert_row(const struct canvas *canvas, int y, const char *expected)
{
	char *row = canvas_row(canvas, y);

	assert_string_equal(row, expected);
	free(row);
}

static void a_quoted_paragraph_is_drawn_with_its_marks(void **state)
{
	struct text_edit *edit = edit_of("> one two three four\nx\ty\n");
	struct canvas *canvas = canvas_new(14, 4);
	int x, y;

	(void)state;
	text_edit_move(edit, TEXT_ROW_END, false);
	text_edit_draw(edit, canvas, (struct rect){0, 0, 14, 4}, true);
	text_edit_move(edit, TEXT_LAST, false);
	canvas_clear(canvas);
	text_edit_draw(edit, canvas, (struct rect){0, 0, 14, 4}, true);
	assert_row(canvas, 0, "> one two");
	assert_row(canvas, 1, "> three four");
	assert_row(canvas, 2, "x       y");
	assert_int_equal(canvas_cell(canvas, 2, 1)->style, STYLE_QUOTE_1);
	canvas_cursor(canvas, &x, &y);
	assert_int_equal(x, 9);
	assert_int_equal(y, 2);
	canvas_free(&canvas);
	text_edit_free(&edit);
}

static void the_cursor_stays_in_sight(void **state)
{
	struct text_edit *edit = text_edit_new();
	struct canvas *canvas = canvas_new(20, 5);
	int x, y;

	(void)state;
	for (int i = 0; i < 100; i++)
		type(edit, "line\n");
	for (int i = 0; i < 300; i++) {
		text_edit_move(edit, (enum text_move)rnd(14), false);
		canvas_clear(canvas);
		canvas_set_cursor(canvas, -1, -1);
		text_edit_draw(edit, canvas, (struct rect){0, 0, 20, 5}, true);
		canvas_cursor(canvas, &x, &y);
		assert_in_range(y, 0, 4);
	}
	canvas_free(&canvas);
	text_edit_free(&edit);
}

/* Typing Hebrew: the cursor is where the next letter will stand. */
static void the_cursor_follows_text_that_runs_to_the_left(void **state)
{
	struct text_edit *edit = text_edit_new();
	struct canvas *canvas = canvas_new(20, 2);
	int x, y;
	char *row;

	(void)state;
	canvas_set_bidi(canvas, CANVAS_BIDI_VISUAL);
	text_edit_paste(edit, "ab אבג", strlen("ab אבג"));
	text_edit_draw(edit, canvas, (struct rect){0, 0, 20, 2}, true);
	row = canvas_row(canvas, 0);
	assert_string_equal(row, "ab גבא");
	free(row);
	canvas_cursor(canvas, &x, &y);
	assert_int_equal(x, 6);
	text_edit_move(edit, TEXT_LEFT, false); /* on gimel, the leftmost */
	text_edit_draw(edit, canvas, (struct rect){0, 0, 20, 2}, true);
	canvas_cursor(canvas, &x, &y);
	assert_int_equal(x, 3);
	text_edit_set_text(edit, "> אבג", strlen("> אבג"));
	canvas_clear(canvas);
	text_edit_draw(edit, canvas, (struct rect){0, 0, 20, 2}, true);
	row = canvas_row(canvas, 0);
	assert_string_equal(row, ">  גבא");
	free(row);
	canvas_cursor(canvas, &x, &y);
	assert_int_equal(x, 0);
	canvas_free(&canvas);
	text_edit_free(&edit);
}

/* --- against a model that cannot be wrong: one string --- */

static struct text_pos pos_in(const struct buf *model, size_t offset)
{
	struct text_pos pos = {0, 0};

	for (size_t i = 0; i < offset; i++)
		if (model->data[i] == '\n')
			pos = (struct text_pos){pos.line + 1, 0};
		else
			pos.at++;
	return pos;
}

static const char *const pieces[] = {
	"a", " ", "word ", "\n", "> ", ">", "\xe6\x97\xa5", "e\xcc\x81", "\t", "two\nlines",
	"> q\n> r\n", "averyveryverylongwordthatneverends", "   ", "\n\n\n", "",
};

static void assert_rows_as_made_anew(struct text_lines *lines, size_t line, int width)
{
	struct text_lines *fresh = text_lines_new();
	struct span text = text_lines_get(lines, line);
	const uint32_t *rows, *expected;
	size_t count, want;

	text_lines_replace(fresh, (struct text_pos){0, 0}, (struct text_pos){0, 0}, text.data,
			   text.len);
	want = text_lines_rows(fresh, 0, width, &expected);
	count = text_lines_rows(lines, line, width, &rows);
	assert_int_equal(count, want);
	assert_memory_equal(rows, expected, count * sizeof *rows);
	text_lines_free(&fresh);
}

static void assert_as_model(struct text_lines *lines, const struct buf *model)
{
	struct buf all = BUF_INIT;

	text_lines_copy(lines, (struct text_pos){0, 0}, text_lines_end(lines), &all);
	assert_string_equal(buf_str(&all), buf_str(model));
	buf_free(&all);
}

static void random_changes_are_those_of_a_string(void **state)
{
	struct text_lines *lines = text_lines_new();
	struct buf model = BUF_INIT;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t from = rnd((uint32_t)model.len + 1);
		size_t most = model.len - from < 40 ? model.len - from : 40;
		size_t len = rnd(3) ? 0 : rnd((uint32_t)most + 1);
		const char *text = pieces[rnd(sizeof pieces / sizeof *pieces)];
		struct text_pos a = pos_in(&model, from), b = pos_in(&model, from + len), end;

		end = text_lines_replace(lines, a, b, text, strlen(text));
		buf_remove(&model, from, len);
		buf_insert(&model, from, text, strlen(text));
		assert_int_equal(text_pos_compare(end, pos_in(&model, from + strlen(text))), 0);
		assert_rows_as_made_anew(lines, a.line, i % 1000 < 500 ? 20 : 11);
		if (model.len > 1500)
			buf_truncate(&model, 0),
				text_lines_replace(lines, (struct text_pos){0, 0},
						   text_lines_end(lines), "", 0);
		if (i % 50 == 0)
			assert_as_model(lines, &model);
	}
	assert_as_model(lines, &model);
	buf_free(&model);
	text_lines_free(&lines);
}

static void do_anything(struct text_edit *edit)
{
	const char *text = pieces[rnd(sizeof pieces / sizeof *pieces)];

	switch (rnd(12)) {
	case 0:
		text_edit_backspace(edit);
		break;
	case 1:
		text_edit_delete(edit);
		break;
	case 2:
		text_edit_newline(edit);
		break;
	case 3:
		text_edit_delete_word(edit, rnd(2) ? 1 : -1);
		break;
	case 4:
		text_edit_cut(edit);
		break;
	case 5:
		text_edit_yank(edit);
		break;
	case 6:
		text_edit_reflow(edit);
		break;
	case 7:
		text_edit_paste(edit, text, strlen(text));
		break;
	case 8:
	case 9:
		text_edit_move(edit, (enum text_move)rnd(14), rnd(3) == 0);
		break;
	default:
		text_edit_type(edit, text, strlen(text));
	}
}

static void undo_leads_all_the_way_back_and_redo_forth(void **state)
{
	struct text_edit *edit = edit_of("begin\n> quoted\n");
	struct buf last = BUF_INIT;

	(void)state;
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 200; i++)
			do_anything(edit);
		buf_clear(&last);
		text_edit_add_text(edit, &last);
		while (text_edit_undo(edit))
			;
		assert_text(edit, "begin\n> quoted\n");
		while (text_edit_redo(edit))
			;
		assert_text(edit, buf_str(&last));
		for (int i = 0; i < 1000 && text_edit_undo(edit); i++)
			;
	}
	buf_free(&last);
	text_edit_free(&edit);
}

/* 10 MB: a key costs its line, not the text. Far from exact on purpose: a thousand keys each reading 10 MB
 * would take minutes. */
static void a_big_text_is_not_read_for_a_key(void **state)
{
	struct text_edit *edit = text_edit_new();
	struct buf big = BUF_INIT;
	int64_t start;

	(void)state;
	while (big.len < 10000000)
		buf_add_str(&big, "a line of a very long text, as a log file has them\n");
	text_edit_set_text(edit, big.data, big.len);
	at(edit, 90000, 10);
	start = loop_now_ms();
	for (int i = 0; i < 1000; i++)
		type(edit, i % 10 ? "x" : "\n");
	assert_true(loop_now_ms() - start < 5000);
	buf_free(&big);
	text_edit_free(&edit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(undo_goes_by_words),
		cmocka_unit_test(a_paste_is_one_step_and_inert),
		cmocka_unit_test(erasing_takes_whole_graphemes),
		cmocka_unit_test(enter_in_a_quote_makes_room_for_an_answer),
		cmocka_unit_test(quoted_lines_join_without_their_marks),
		cmocka_unit_test(cut_lines_gather),
		cmocka_unit_test(a_selection_is_cut_and_replaced),
		cmocka_unit_test(rows_wrap_by_words_and_keep_the_column),
		cmocka_unit_test(wide_rows),
		cmocka_unit_test(find_goes_round_without_case),
		cmocka_unit_test(a_quoted_paragraph_is_drawn_with_its_marks),
		cmocka_unit_test(the_cursor_stays_in_sight),
		cmocka_unit_test(the_cursor_follows_text_that_runs_to_the_left),
		cmocka_unit_test(random_changes_are_those_of_a_string),
		cmocka_unit_test(undo_leads_all_the_way_back_and_redo_forth),
		cmocka_unit_test(a_big_text_is_not_read_for_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
