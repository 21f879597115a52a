#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/screen/canvas.h"

static void expect_row(struct canvas *canvas, int y, const char *wanted)
{
	char *row = canvas_row(canvas, y);
	assert_string_equal(row, wanted);
	free(row);
}

static void test_puts_text_and_cuts_it(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(10, 3);
	assert_int_equal(canvas_put(canvas, 1, 0, 5, STYLE_NORMAL, "abc"), 3);
	expect_row(canvas, 0, " abc");
	assert_int_equal(canvas_put(canvas, 0, 1, 5, STYLE_BOLD, "abcdefgh"), 5);
	expect_row(canvas, 1, "abcd…");
	assert_int_equal(canvas_put(canvas, 7, 2, 99, STYLE_BOLD, "abcdefgh"), 3);
	expect_row(canvas, 2, "       ab…");
	assert_int_equal(canvas_cell(canvas, 0, 1)->style, STYLE_BOLD);
	canvas_free(&canvas);
}

static void test_outside_nothing_happens(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(4, 2);
	assert_int_equal(canvas_put(canvas, 4, 0, 5, STYLE_NORMAL, "abc"), 0);
	assert_int_equal(canvas_put(canvas, 0, 2, 5, STYLE_NORMAL, "abc"), 0);
	assert_int_equal(canvas_put(canvas, 0, -1, 5, STYLE_NORMAL, "abc"), 0);
	canvas_fill(canvas, (struct rect){-3, -3, 100, 100}, STYLE_TITLE);
	canvas_over(canvas, (struct rect){-3, -3, 100, 100}, STYLE_CURSOR);
	canvas_put(canvas, -2, 0, 4, STYLE_NORMAL, "abcd");
	expect_row(canvas, 0, "cd");
	canvas_free(&canvas);
}

static void test_wide_characters_take_two_columns(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(10, 2);
	assert_int_equal(canvas_put(canvas, 0, 0, 10, STYLE_NORMAL, "日本x"), 5);
	assert_int_equal(canvas_cell(canvas, 0, 0)->width, 2);
	assert_int_equal(canvas_cell(canvas, 1, 0)->width, 0);
	assert_string_equal(canvas_cell(canvas, 4, 0)->text, "x");
	/* five columns hold two of them and the sign that says there is more */
	assert_int_equal(canvas_put(canvas, 0, 1, 5, STYLE_NORMAL, "日本語"), 5);
	expect_row(canvas, 1, "日本…");
	assert_int_equal(canvas_put(canvas, 0, 1, 4, STYLE_NORMAL, "日本語"), 3);
	canvas_free(&canvas);
}

static void test_half_a_wide_character_becomes_blank(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(6, 2);
	canvas_put(canvas, 0, 0, 6, STYLE_NORMAL, "日本語");
	canvas_put(canvas, 1, 0, 2, STYLE_NORMAL, "ab");
	expect_row(canvas, 0, " ab 語");
	canvas_put(canvas, 5, 1, 2, STYLE_NORMAL, "日");
	expect_row(canvas, 1, "     …");
	assert_int_equal(canvas_cell(canvas, 5, 1)->width, 1);
	canvas_free(&canvas);
}

static void test_combining_and_emoji_stay_together(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(20, 2);
	assert_int_equal(canvas_put(canvas, 0, 0, 20, STYLE_NORMAL, "e\xcc\x81t"), 2);
	assert_string_equal(canvas_cell(canvas, 0, 0)->text, "e\xcc\x81");
	const char *family = "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7";
	assert_int_equal(canvas_put(canvas, 0, 1, 20, STYLE_NORMAL, family), 2);
	assert_int_equal(canvas_cell(canvas, 0, 1)->width, 2);
	canvas_free(&canvas);
}

static void test_a_tower_of_marks_is_cut(void **state)
{
	(void)state;
	char text[1024] = "a";
	for (int i = 0; i < 300; i++)
		strcat(text, "\xcc\x81");
	strcat(text, "b");
	struct canvas *canvas = canvas_new(20, 1);
	canvas_put(canvas, 0, 0, 20, STYLE_NORMAL, text);
	assert_true(strlen(canvas_cell(canvas, 0, 0)->text) < CELL_TEXT);
	assert_string_equal(canvas_cell(canvas, 1, 0)->text, "b");
	canvas_free(&canvas);
}

static void test_no_control_gets_into_a_cell(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(40, 1);
	for (int c = 1; c < 256; c++) {
		char text[] = {'<', (char)c, '[', '3', '1', 'm', '>', 0};
		canvas_clear(canvas);
		canvas_put(canvas, 0, 0, 40, STYLE_NORMAL, text);
		char *row = canvas_row(canvas, 0);
		for (char *at = row; *at; at++)
			assert_false((unsigned char)*at < ' ' || *at == 0x7f ||
				     ((unsigned char)at[0] == 0xc2 && (unsigned char)at[1] < 0xa0));
		free(row);
	}
	canvas_clear(canvas);
	canvas_put(canvas, 0, 0, 40, STYLE_NORMAL, "a\xe2\x80\xae" "b\xc2\x9b" "c");
	expect_row(canvas, 0, "a⟨RLO⟩b\xef\xbf\xbd" "c");
	canvas_free(&canvas);
}

static void test_right_aligned(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(10, 2);
	canvas_put_right(canvas, 10, 0, STYLE_NORMAL, "5 K");
	expect_row(canvas, 0, "       5 K");
	canvas_put_right(canvas, 4, 1, STYLE_NORMAL, "日本語");
	expect_row(canvas, 1, "日…");
	canvas_free(&canvas);
}

static void test_marks_what_was_searched(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(20, 2);
	canvas_put(canvas, 0, 0, 20, STYLE_NORMAL, "日 Café au lait");
	canvas_put(canvas, 0, 1, 20, STYLE_NORMAL, "cafe, CAFÉ");
	struct rect all = {0, 0, 20, 2};
	assert_int_equal(canvas_over_text(canvas, all, "cafe", STYLE_MATCH), 3);
	assert_int_equal(canvas_cell(canvas, 2, 0)->over, 0);
	assert_int_equal(canvas_cell(canvas, 3, 0)->over, STYLE_MATCH);
	assert_int_equal(canvas_cell(canvas, 6, 0)->over, STYLE_MATCH);
	assert_int_equal(canvas_cell(canvas, 7, 0)->over, 0);
	assert_int_equal(canvas_over_text(canvas, all, "au lait", STYLE_MATCH), 1);
	assert_int_equal(canvas_over_text(canvas, all, "", STYLE_MATCH), 0);
	canvas_free(&canvas);
}

static const char *link_written(const char *url)
{
	static char written[CANVAS_URL_MAX * 2];
	struct canvas *canvas = canvas_new(10, 1);
	const char *got;

	canvas_link(canvas, (struct rect){0, 0, 3, 1}, url);
	got = canvas_link_url(canvas, canvas_cell(canvas, 2, 0)->link);
	assert_null(canvas_link_url(canvas, canvas_cell(canvas, 3, 0)->link));
	snprintf(written, sizeof written, "%s", got ? got : "none");
	canvas_free(&canvas);
	return written;
}

/* OSC 8 */
static void test_links_are_of_the_web_and_visible_ascii(void **state)
{
	char longest[CANVAS_URL_MAX + 2] = "https://x/";

	(void)state;
	assert_string_equal(link_written("http://x/a?b=1;c#d"), "http://x/a?b=1;c#d");
	assert_string_equal(link_written("MAILTO:a@b.example"), "MAILTO:a@b.example");
	assert_string_equal(link_written("https://\xd1\x8f.example/"), "https://%D1%8F.example/");
	assert_string_equal(link_written("http://x/\033]0;a\a"), "none");
	assert_string_equal(link_written("http://x/\033\\"), "none");
	assert_string_equal(link_written("http://x/a b"), "none");
	assert_string_equal(link_written("http://x/\x7f"), "none");
	assert_string_equal(link_written("http://x/\xc2\x9b"), "http://x/%C2%9B");
	assert_string_equal(link_written("file:///etc/passwd"), "none");
	assert_string_equal(link_written("javascript:alert(1)"), "none");
	assert_string_equal(link_written("ftp://x/"), "none");
	assert_string_equal(link_written("tel:110"), "none");
	assert_string_equal(link_written(""), "none");
	memset(longest + 10, 'a', CANVAS_URL_MAX - 10);
	assert_string_equal(link_written(longest), longest);
	longest[CANVAS_URL_MAX] = 'a';
	assert_string_equal(link_written(longest), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_puts_text_and_cuts_it),
		cmocka_unit_test(test_outside_nothing_happens),
		cmocka_unit_test(test_wide_characters_take_two_columns),
		cmocka_unit_test(test_half_a_wide_character_becomes_blank),
		cmocka_unit_test(test_combining_and_emoji_stay_together),
		cmocka_unit_test(test_a_tower_of_marks_is_cut),
		cmocka_unit_test(test_no_control_gets_into_a_cell),
		cmocka_unit_test(test_right_aligned),
		cmocka_unit_test(test_marks_what_was_searched),
		cmocka_unit_test(test_links_are_of_the_web_and_visible_ascii),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
