#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "ui/render/doc.h"
#include "ui/render/text.h"
#include "ui/screen/bidi.h"
#include "ui/screen/canvas.h"

static void expect_row(const struct canvas *canvas, int y, const char *want)
{
	char *row = canvas_row(canvas, y);

	if (strcmp(row, want) != 0)
		fail_msg("row %d: \"%s\", not \"%s\"", y, row, want);
	free(row);
}

/* As stored, and as seen: Hebrew alef, bet... are written here in the order of their codes. */
static const struct {
	const char *stored, *seen;
} known[] = {
    {"abc", "abc"},
    {"אבג", "גבא"},
    {"abc אבג def", "abc גבא def"},
    {"אבג abc דהו", "והד abc גבא"},
    {"אבג 123 דהו", "והד 123 גבא"},
    {"abc אבג 12, 34 דהו", "abc והד 34 ,12 גבא"},
    {"אבג (abc) דהו", "והד (abc) גבא"},
    {"אבג (דהו)", "(והד) גבא"},
    {"Re: אבג", "Re: גבא"},
    {"אבג!", "!גבא"},
    {"ابج 12.5 abc", "abc 12.5 جبا"},
    {"بِسم", "مسبِ"},
    {"אבג 日本", "日本 גבא"},
};

static void text_stands_as_it_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
		struct canvas *canvas = canvas_new(40, 1);

		canvas_set_bidi(canvas, CANVAS_BIDI_VISUAL);
		canvas_put(canvas, 0, 0, 40, STYLE_NORMAL, known[i].stored);
		expect_row(canvas, 0, known[i].seen);
		canvas_set_bidi(canvas, CANVAS_BIDI_NOBODY);
		canvas_clear(canvas);
		canvas_put(canvas, 0, 0, 40, STYLE_NORMAL, known[i].stored);
		expect_row(canvas, 0, known[i].stored);
		canvas_free(&canvas);
	}
}

static void each_field_is_its_own(void **state)
{
	struct canvas *canvas = canvas_new(20, 1);

	(void)state;
	canvas_set_bidi(canvas, CANVAS_BIDI_VISUAL);
	canvas_put(canvas, 0, 0, 6, STYLE_NORMAL, "אבג");
	canvas_put(canvas, 6, 0, 6, STYLE_NORMAL, "12");
	canvas_put(canvas, 12, 0, 6, STYLE_NORMAL, "דהו");
	expect_row(canvas, 0, "גבא   12    והד");
	assert_true(canvas_has_rtl(canvas));
	canvas_clear(canvas);
	assert_false(canvas_has_rtl(canvas));
	canvas_put(canvas, 0, 0, 4, STYLE_NORMAL, "אבגדהו");
	expect_row(canvas, 0, "…גבא");
	canvas_free(&canvas);
}

static struct doc *doc_of(const char *text)
{
	const struct text_kind kind = {0};
	struct doc *doc = doc_new();

	text_render(doc, text, strlen(text), &kind);
	doc_fold(doc, false);
	return doc;
}

static struct canvas *draw(const struct doc *doc, int width, int text_width, const char *needle)
{
	struct canvas *canvas = canvas_new(width, 6);
	struct doc_pos pos = {0, 0};

	canvas_set_bidi(canvas, CANVAS_BIDI_VISUAL);
	for (int y = 0; y < 6; y++) {
		doc_draw_row(doc, pos, canvas, (struct rect){0, y, width, 1}, text_width);
		if (needle)
			doc_mark_row(doc, pos, needle, canvas, (struct rect){0, y, width, 1},
				     text_width);
		if (!doc_next(doc, &pos, width, text_width))
			break;
	}
	return canvas;
}

static void a_paragraph_stands_at_the_right(void **state)
{
	struct doc *doc = doc_of("אבג דהו זחט\n"
				 "abc אבג\n"
				 "> אבג");
	struct canvas *canvas = draw(doc, 20, 0, NULL);

	(void)state;
	expect_row(canvas, 0, "         טחז והד גבא");
	expect_row(canvas, 1, "abc גבא");
	expect_row(canvas, 2, "┃                גבא");
	canvas_free(&canvas);
	canvas = draw(doc, 30, 20, NULL);
	expect_row(canvas, 0, "         טחז והד גבא");
	canvas_free(&canvas);
	doc_free(&doc);
}

static void rows_are_broken_before_they_are_turned(void **state)
{
	struct doc *doc = doc_of("אבג דהו זחט יכל");
	struct canvas *canvas = draw(doc, 8, 0, NULL);

	(void)state;
	expect_row(canvas, 0, " והד גבא");
	expect_row(canvas, 1, " לכי טחז");
	canvas_free(&canvas);
	doc_free(&doc);
	/* levels are the paragraph's, not the row's */
	doc = doc_of("אבג abc def ghi");
	canvas = draw(doc, 8, 0, NULL);
	expect_row(canvas, 0, " abc גבא");
	expect_row(canvas, 1, " def ghi");
	canvas_free(&canvas);
	doc_free(&doc);
}

static void marks_of_direction_count_and_are_not_drawn(void **state)
{
	struct doc *doc = doc_of("abc אבג!\u200f def\n\u200fabc אבג");
	struct canvas *canvas = draw(doc, 12, 0, NULL);

	(void)state;
	expect_row(canvas, 0, "abc !גבא def");
	expect_row(canvas, 1, "     גבא abc");
	canvas_free(&canvas);
	doc_free(&doc);
}

static int first_over(const struct canvas *canvas, int y, int *count)
{
	int first = -1;

	*count = 0;
	for (int x = 0; x < canvas_width(canvas); x++) {
		if (canvas_cell(canvas, x, y)->over != STYLE_MATCH)
			continue;
		first = first < 0 ? x : first;
		++*count;
	}
	return first;
}

static void what_is_found_is_marked_where_it_stands(void **state)
{
	struct doc *doc = doc_of("אבג דהו");
	struct canvas *canvas = draw(doc, 20, 0, "אב");
	int count;

	(void)state;
	expect_row(canvas, 0, "             והד גבא");
	assert_int_equal(first_over(canvas, 0, &count), 18);
	assert_int_equal(count, 2);
	canvas_free(&canvas);
	doc_free(&doc);
	canvas = canvas_new(20, 1);
	canvas_set_bidi(canvas, CANVAS_BIDI_VISUAL);
	canvas_put(canvas, 0, 0, 20, STYLE_NORMAL, "Re: אבג דהו");
	assert_int_equal(canvas_over_text(canvas, (struct rect){0, 0, 20, 1}, "דה", STYLE_MATCH), 1);
	assert_int_equal(first_over(canvas, 0, &count), 5);
	assert_int_equal(count, 2);
	canvas_free(&canvas);
}

static void links_keep_their_cells(void **state)
{
	struct doc *doc = doc_of("אבג http://a.example/x דהו");
	struct canvas *canvas = draw(doc, 40, 0, NULL);

	(void)state;
	expect_row(canvas, 0, "              והד http://a.example/x גבא");
	for (int x = 0; x < 40; x++) {
		const struct cell *cell = canvas_cell(canvas, x, 0);
		const char *url = canvas_link_url(canvas, cell->link);

		assert_int_equal(cell->style == STYLE_LINK, x >= 18 && x < 36);
		assert_int_equal(url && !strcmp(url, "http://a.example/x"), x >= 18 && x < 36);
	}
	canvas_free(&canvas);
	doc_free(&doc);
}

/* fribidi took minutes for a megabyte of brackets. */
static void a_huge_paragraph_is_left_as_it_is(void **state)
{
	struct buf text = BUF_INIT;
	struct bidi *bidi;
	clock_t start = clock();

	(void)state;
	for (int i = 0; i < 200000; i++)
		buf_add_str(&text, "\327\220[(");
	bidi = bidi_new(text.data, text.len);
	assert_false(bidi_is_rtl(bidi));
	bidi_free(&bidi);
	for (int i = 0; i < 100; i++) { /* two screens of it */
		bidi = bidi_new(text.data, 16000);
		bidi_free(&bidi);
	}
	assert_true(clock() - start < 30 * CLOCKS_PER_SEC);
	bidi = bidi_new(text.data, 400);
	assert_true(bidi_is_rtl(bidi));
	bidi_free(&bidi);
	buf_free(&text);
}

static void what_follows_a_label_has_its_own_direction(void **state)
{
	struct doc *doc = doc_new();
	struct doc_line *line = doc_add_frame(doc, STYLE_HEADER, "Subject: אבג abc דהו זחט");
	struct canvas *canvas;

	(void)state;
	line->label = 9;
	line->hang = 9;
	doc_fold(doc, false);
	canvas = draw(doc, 30, 0, NULL);
	expect_row(canvas, 0, "Subject: טחז והד abc גבא");
	canvas_free(&canvas);
	canvas = draw(doc, 17, 0, NULL);
	expect_row(canvas, 0, "Subject: abc גבא");
	expect_row(canvas, 1, "         טחז והד");
	canvas_free(&canvas);
	doc_free(&doc);
}

/* --- every script at every width --- */

static const char scripts[] =
    "日本語の文章は単語の間に空白がありませんので、行の折り返しはどこでもできます。\n"
    "👨‍👩‍👧‍👦 family, 🏳️‍🌈 flag, 🇩🇪 🇯🇵, 👍🏽 skin, ❤️ heart, 1️⃣ keycap, and more words\n"
    "z\u0321\u0349\u035a\u0331\u0321\u0349\u035a\u0331\u0321\u0349\u035algo\n"
    "ภาษาไทยไม่มีช่องว่างระหว่างคำ\n"
    "a\tb\tc\tend of tabs that may wrap where a screen is narrow\n"
    "שלום לכולם, זו שורה בעברית עם English words ומספרים 123, 45.6 (בסוגריים).\n"
    "> > אבג דהו זחט אבג דהו זחט אבג דהו זחט אבג דהו זחט\n";

/* Cells of row Y add up, carry few marks, and the last is in the row. */
static void check_cells(const struct canvas *canvas, int y)
{
	for (int x = 0; x < canvas_width(canvas); x++) {
		const struct cell *cell = canvas_cell(canvas, x, y);

		assert_true(strlen(cell->text) < CELL_TEXT);
		if (cell->width == 2) {
			assert_true(x + 1 < canvas_width(canvas));
			assert_int_equal(canvas_cell(canvas, x + 1, y)->width, 0);
		}
		assert_true(cell->width || x > 0);
	}
}

static void every_script_fits_every_width(void **state)
{
	static const int widths[] = {1, 2, 7, 30, 80, 200};
	struct doc *doc = doc_of(scripts);

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(widths); i++) {
		struct canvas *canvas = canvas_new(widths[i], 1);
		struct doc_pos pos = {0, 0};

		canvas_set_bidi(canvas, CANVAS_BIDI_VISUAL);
		do {
			canvas_clear(canvas);
			doc_draw_row(doc, pos, canvas, (struct rect){0, 0, widths[i], 1}, 80);
			check_cells(canvas, 0);
		} while (doc_next(doc, &pos, widths[i], 80));
		assert_int_equal(pos.line, doc->shown_count - 1);
		canvas_free(&canvas);
	}
	doc_free(&doc);
}

static void scripts_at_thirty_columns(void **state)
{
	struct doc *doc = doc_of(scripts);
	struct canvas *canvas = draw(doc, 30, 80, NULL);

	(void)state;
	expect_row(canvas, 0, "日本語の文章は単語の間に空白が");
	expect_row(canvas, 1, "ありませんので、行の折り返しは");
	expect_row(canvas, 2, "どこでもできます。");
	expect_row(canvas, 3, "👨‍👩‍👧‍👦 family, 🏳️‍🌈 flag, 🇩🇪 🇯🇵, 👍🏽");
	expect_row(canvas, 4, "skin, ❤️ heart, 1️⃣ keycap, and");
	canvas_free(&canvas);
	doc_free(&doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_stands_as_it_is_seen),
	    cmocka_unit_test(each_field_is_its_own),
	    cmocka_unit_test(a_paragraph_stands_at_the_right),
	    cmocka_unit_test(rows_are_broken_before_they_are_turned),
	    cmocka_unit_test(what_is_found_is_marked_where_it_stands),
	    cmocka_unit_test(a_huge_paragraph_is_left_as_it_is),
	    cmocka_unit_test(marks_of_direction_count_and_are_not_drawn),
	    cmocka_unit_test(links_keep_their_cells),
	    cmocka_unit_test(every_script_fits_every_width),
	    cmocka_unit_test(scripts_at_thirty_columns),
	    cmocka_unit_test(what_follows_a_label_has_its_own_direction),
	};

	return cmocka_run_group_tests_name("bidi", tests, NULL, NULL);
}
