#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/err.h"
#include "ui/input/history.h"
#include "ui/input/key.h"
#include "ui/input/line_edit.h"
#include "ui/screen/canvas.h"

static enum line_edit_result press(struct line_edit *edit, const char *keys)
{
	struct key key;
	enum line_edit_result result = LINE_EDIT_IGNORED;
	while (key_parse(&keys, &key) == 1)
		result = line_edit_key(edit, &key);
	return result;
}

static void expect(const char *preset, const char *keys, const char *text, size_t cursor)
{
	struct line_edit *edit = line_edit_new(preset, NULL);
	press(edit, keys);
	assert_string_equal(line_edit_text(edit), text);
	assert_int_equal(line_edit_cursor(edit), cursor);
	line_edit_free(&edit);
}

static void test_types_and_moves(void **state)
{
	(void)state;
	expect("", "abc", "abc", 3);
	expect("abc", "<Left>x<Home>y", "yabxc", 1);
	expect("日本", "<Left>x", "日x本", 4);
	expect("e\xcc\x81t", "<C-a><Right>x", "e\xcc\x81xt", 4);
	expect("one two-three", "<M-b><M-b>x", "one xtwo-three", 5);
	expect("one two", "<C-a><M-f>x", "onex two", 4);
}

static void test_deletes(void **state)
{
	(void)state;
	expect("ae\xcc\x81", "<Backspace>", "a", 1);
	expect("abc", "<Home><Delete>", "bc", 0);
	expect("to anna@example.org", "<C-w>x", "to x", 4);
	expect("one two-three", "<M-Backspace>", "one two-", 8);
	expect("abc", "<Left><C-k>", "ab", 2);
	expect("abc", "<Left><C-u>", "c", 0);
	expect("", "<Backspace><Delete><C-w><C-u><C-k><C-t>", "", 0);
}

static void test_kills_and_yanks(void **state)
{
	(void)state;
	expect("one two", "<C-w><C-w><C-y>", "one two", 7);
	expect("one two", "<C-a><C-k><C-y><C-y>", "one twoone two", 14);
	expect("ab", "<C-t>", "ba", 2);
}

static void test_undoes(void **state)
{
	(void)state;
	expect("x", "abc<C-_>", "x", 1);
	expect("x", "abc<C-w><C-_>", "xabc", 4);
	expect("", "one two<C-_>", "one", 3);
}

static void test_a_paste_becomes_one_line(void **state)
{
	(void)state;
	struct line_edit *edit = line_edit_new("", NULL);
	struct key key = {.code = KEY_PASTE, .paste = (char *)(uintptr_t) "a\nb\033[31mc"};
	assert_int_equal(line_edit_key(edit, &key), LINE_EDIT_CHANGED);
	assert_null(strpbrk(line_edit_text(edit), "\n\033"));
	assert_int_equal(strncmp(line_edit_text(edit), "a b", 3), 0);
	line_edit_free(&edit);
}

static void test_tells_what_a_key_means(void **state)
{
	(void)state;
	struct line_edit *edit = line_edit_new("a", NULL);
	assert_int_equal(press(edit, "<Enter>"), LINE_EDIT_DONE);
	assert_int_equal(press(edit, "<Esc>"), LINE_EDIT_CANCELLED);
	assert_int_equal(press(edit, "<C-c>"), LINE_EDIT_CANCELLED);
	assert_int_equal(press(edit, "<Tab>"), LINE_EDIT_COMPLETE);
	assert_int_equal(press(edit, "<F1>"), LINE_EDIT_IGNORED);
	line_edit_replace(edit, 0, 1, "beta ");
	assert_string_equal(line_edit_text(edit), "beta ");
	line_edit_free(&edit);
}

static char *make_home(void)
{
	char *home = strdup("/tmp/screen-history-XXXXXX");
	assert_non_null(mkdtemp(home));
	setenv("TERN_HOME", home, 1);
	return home;
}

static void remove_home(char *home)
{
	char command[200];
	snprintf(command, sizeof command, "rm -rf %s", home);
	assert_int_equal(system(command), 0);
	free(home);
}

static void test_history_lives_on(void **state)
{
	(void)state;
	char *home = make_home();
	struct history *history = history_open("search"), *other = history_open("search");
	history_add(history, "first");
	history_add(history, "second");
	history_add(history, "first");
	history_add(history, " secret");
	history_add(history, "two\nlines");
	history_add(other, "of another program");
	history_close(&history);
	history_close(&other);
	history = history_open("search");
	assert_int_equal(history_count(history), 3);
	assert_string_equal(history_at(history, 0), "of another program");
	assert_string_equal(history_at(history, 1), "first");
	assert_string_equal(history_at(history, 2), "second");
	assert_null(history_at(history, 3));
	history_close(&history);
	remove_home(home);
}

static void test_walks_history_by_what_was_typed(void **state)
{
	(void)state;
	char *home = make_home();
	struct history *history = history_open("command");
	history_add(history, "limit from:anna");
	history_add(history, "quit");
	history_add(history, "limit all");
	struct line_edit *edit = line_edit_new("", history);
	press(edit, "li<Up><Up>");
	assert_string_equal(line_edit_text(edit), "limit from:anna");
	press(edit, "<Up>");
	assert_string_equal(line_edit_text(edit), "limit from:anna");
	press(edit, "<Down>");
	assert_string_equal(line_edit_text(edit), "limit all");
	press(edit, "<Down>");
	assert_string_equal(line_edit_text(edit), "li");
	press(edit, "<C-u>sort<Enter>");
	assert_string_equal(history_at(history, 0), "sort");
	line_edit_free(&edit);
	history_close(&history);
	remove_home(home);
}

static void test_scrolls_and_shows_the_cursor(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(20, 1);
	struct line_edit *edit = line_edit_new("", NULL);
	int x, y;
	for (int i = 0; i < 100; i++) {
		press(edit, i % 3 ? "a" : "日");
		line_edit_draw(edit, canvas, 2, 0, 10, STYLE_PROMPT);
		canvas_cursor(canvas, &x, &y);
		assert_true(x >= 2 && x < 12);
	}
	for (int i = 0; i < 100; i++) {
		press(edit, "<Left>");
		line_edit_draw(edit, canvas, 2, 0, 10, STYLE_PROMPT);
		canvas_cursor(canvas, &x, &y);
		assert_true(x >= 2 && x < 12);
	}
	assert_int_equal(x, 2);
	char *row = canvas_row(canvas, 0);
	assert_int_equal(strncmp(row, "  日aa日aa日", 12), 0);
	free(row);
	line_edit_free(&edit);
	canvas_free(&canvas);
}

static void test_text_to_the_left_is_edited_where_it_stands(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(20, 1);
	struct line_edit *edit = line_edit_new("אבג", NULL);
	int x, y;
	canvas_set_bidi(canvas, CANVAS_BIDI_VISUAL);
	line_edit_draw(edit, canvas, 2, 0, 10, STYLE_PROMPT);
	char *row = canvas_row(canvas, 0);
	assert_string_equal(row, "   גבא");
	free(row);
	canvas_cursor(canvas, &x, &y);
	assert_int_equal(x, 2);
	press(edit, "<Left>");
	line_edit_draw(edit, canvas, 2, 0, 10, STYLE_PROMPT);
	canvas_cursor(canvas, &x, &y);
	assert_int_equal(x, 3);
	line_edit_free(&edit);
	canvas_free(&canvas);
}

static void test_a_secret_is_stars(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(20, 1);
	struct line_edit *edit = line_edit_new("", NULL);
	line_edit_set_secret(edit);
	press(edit, "héy");
	line_edit_draw(edit, canvas, 0, 0, 10, STYLE_PROMPT);
	char *row = canvas_row(canvas, 0);
	assert_string_equal(row, "***");
	free(row);
	line_edit_free(&edit);
	canvas_free(&canvas);
}

static void test_a_secret_is_not_undone_or_yanked(void **state)
{
	(void)state;
	struct line_edit *edit = line_edit_new("", NULL);
	line_edit_set_secret(edit);
	press(edit, "open");
	press(edit, "<C-u>");
	assert_string_equal(line_edit_text(edit), "");
	press(edit, "<C-y>");
	press(edit, "<C-_>");
	assert_string_equal(line_edit_text(edit), "");
	line_edit_free(&edit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types_and_moves),
		cmocka_unit_test(test_deletes),
		cmocka_unit_test(test_kills_and_yanks),
		cmocka_unit_test(test_undoes),
		cmocka_unit_test(test_a_paste_becomes_one_line),
		cmocka_unit_test(test_tells_what_a_key_means),
		cmocka_unit_test(test_history_lives_on),
		cmocka_unit_test(test_walks_history_by_what_was_typed),
		cmocka_unit_test(test_scrolls_and_shows_the_cursor),
		cmocka_unit_test(test_text_to_the_left_is_edited_where_it_stands),
		cmocka_unit_test(test_a_secret_is_stars),
		cmocka_unit_test(test_a_secret_is_not_undone_or_yanked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
