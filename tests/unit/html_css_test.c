#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "ui/render/html_css.h"

static struct html_look look_of(const char *declarations)
{
	struct html_look look = html_look_unset;

	html_look_read(&look, span_of(declarations));
	return look;
}

static int32_t colour(const char *text)
{
	return html_colour(span_of(text));
}

static void colours_have_many_spellings(void **state)
{
	(void)state;
	assert_int_equal(colour("#fff"), 0xffffff);
	assert_int_equal(colour(" #0A0b0C "), 0x0a0b0c);
	assert_int_equal(colour("WHITE"), 0xffffff);
	assert_int_equal(colour("336699"), 0x336699); /* old pages leave the # away */
	assert_int_equal(colour("rgb(1, 2, 3)"), 0x010203);
	assert_int_equal(colour("rgba(255,0,0,.5)"), 0xff0000);
	assert_int_equal(colour("rgb(999,0,0)"), 0xff0000);
	assert_int_equal(colour("rgba(1,2,3,0)"), HTML_COLOUR_UNSET);
	assert_int_equal(colour("transparent"), HTML_COLOUR_UNSET);
	assert_int_equal(colour(""), HTML_COLOUR_UNSET);
	assert_int_equal(colour("#12345"), HTML_COLOUR_UNKNOWN);
	assert_int_equal(colour("rgb(1,2"), HTML_COLOUR_UNKNOWN);
	assert_int_equal(colour("mauve-ish"), HTML_COLOUR_UNKNOWN);
}

static void grounds_may_be_pictures(void **state)
{
	(void)state;
	assert_int_equal(look_of("background: #fff url(x.png) no-repeat").ground, HTML_COLOUR_UNKNOWN);
	assert_int_equal(look_of("background: no-repeat #123456").ground, 0x123456);
	assert_int_equal(look_of("background: linear-gradient(red, blue)").ground, HTML_COLOUR_UNKNOWN);
	assert_int_equal(look_of("background-image: none").ground, HTML_COLOUR_UNSET);
}

static void hiding_has_many_ways(void **state)
{
	(void)state;
	assert_int_equal(look_of("DISPLAY : none !important").display, DISPLAY_NONE);
	assert_int_equal(look_of("display:inline-block").display, DISPLAY_INLINE_BLOCK);
	assert_int_equal(look_of("visibility:hidden").is_invisible, ANSWER_YES);
	assert_int_equal(look_of("visibility:visible").is_invisible, ANSWER_NO);
	assert_int_equal(look_of("max-height:0px; overflow:hidden").is_hidden, ANSWER_YES);
	assert_int_equal(look_of("opacity:0").is_hidden, ANSWER_YES);
	assert_int_equal(look_of("opacity:0.9").is_hidden, ANSWER_UNSET);
	assert_int_equal(look_of("mso-hide:all").is_hidden, ANSWER_YES);
	assert_int_equal(look_of("font-size:0").has_no_size, ANSWER_YES);
	assert_int_equal(look_of("font-size:1px").has_no_size, ANSWER_YES);
	assert_int_equal(look_of("font-size:0.8em").has_no_size, ANSWER_NO);
	assert_int_equal(look_of("font-size:12pt").has_no_size, ANSWER_NO);
	assert_int_equal(look_of("width:1px;height:1px").is_tiny, ANSWER_YES);
	assert_int_equal(look_of("width:100%").is_tiny, ANSWER_UNSET);
}

static void letters_and_lists_are_read(void **state)
{
	(void)state;
	assert_int_equal(look_of("font-weight:bold").is_bold, ANSWER_YES);
	assert_int_equal(look_of("font-weight:700").is_bold, ANSWER_YES);
	assert_int_equal(look_of("font-weight:400").is_bold, ANSWER_NO);
	assert_int_equal(look_of("text-decoration: underline line-through").is_struck, ANSWER_YES);
	assert_int_equal(look_of("text-decoration-line: none").is_struck, ANSWER_NO);
	assert_int_equal(look_of("white-space:pre-wrap").is_pre, ANSWER_YES);
	assert_int_equal(look_of("list-style-type:none").has_no_marker, ANSWER_YES);
	assert_int_equal(look_of("mso-list:l0 level3 lfo1").word_level, 3);
	assert_int_equal(look_of("mso-list:Ignore").is_word_marker, ANSWER_YES);
	assert_int_equal(look_of("text-align:end").align, ALIGN_RIGHT);
	assert_int_equal(look_of("vertical-align:super").script, SCRIPT_RAISED);
	assert_int_equal(look_of("vertical-align:top").script, SCRIPT_UNSET);
}

static void lines_above_are_borders(void **state)
{
	(void)state;
	assert_int_equal(look_of("border:none;border-top:solid #E1E1E1 1.0pt").has_line_above, ANSWER_YES);
	assert_int_equal(look_of("border-top:1px solid").has_line_above, ANSWER_YES);
	assert_int_equal(look_of("border-top:0 solid #fff").has_line_above, ANSWER_NO);
	assert_int_equal(look_of("border-top:none").has_line_above, ANSWER_NO);
	assert_int_equal(look_of("border:solid 1px").has_line_above, ANSWER_NO);
}

static void odd_declarations_say_nothing(void **state)
{
	static const char *const odd[] = {"", ";;;", ":", "color", ":red", "color:", "display;none", "x:y:z",
					  "font-size:;", "margin:", "background:", "\xff\xfe:\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct html_look look = look_of(odd[i]);

		assert_int_equal(look.display, DISPLAY_UNSET);
		assert_int_equal(look.is_hidden, ANSWER_UNSET);
		assert_int_equal(look.has_no_size, ANSWER_UNSET);
		assert_int_equal(look.ground, HTML_COLOUR_UNSET);
	}
}

struct sheet {
	struct html_css css;
	struct arena *arena;
};

static void sheet_read(struct sheet *sheet, const char *text)
{
	*sheet = (struct sheet){.arena = arena_new()};
	html_css_read(&sheet->css, span_of(text), sheet->arena);
}

static void sheet_free(struct sheet *sheet)
{
	html_css_free(&sheet->css);
	arena_free(&sheet->arena);
}

static struct html_look apply(struct sheet *sheet, const char *element, const char *classes, const char *id)
{
	struct html_look look = html_look_unset;

	html_css_apply(&sheet->css, element, span_of(classes), span_of(id), &look);
	return look;
}

static void sheets_choose_by_element_class_and_id(void **state)
{
	struct sheet sheet;

	(void)state;
	sheet_read(&sheet, "<!-- p { color: #111 } .a{color:#222}/* .a{display:none} */ p.b, #c { color:#333 }\n"
			   "P{font-weight:bold} @media print { p { display:none } } .d{display:none} -->");
	assert_int_equal(apply(&sheet, "p", "", "").colour, 0x111111);
	assert_int_equal(apply(&sheet, "p", "", "").is_bold, ANSWER_YES);
	assert_int_equal(apply(&sheet, "p", "", "").display, DISPLAY_UNSET);
	assert_int_equal(apply(&sheet, "p", "x a", "").colour, 0x222222);
	assert_int_equal(apply(&sheet, "div", "b", "").colour, HTML_COLOUR_UNSET);
	assert_int_equal(apply(&sheet, "p", "b", "").colour, 0x333333);
	assert_int_equal(apply(&sheet, "p", "a", "c").colour, 0x333333);
	assert_int_equal(apply(&sheet, "td", "d", "").display, DISPLAY_NONE);
	sheet_free(&sheet);
}

/* What we cannot follow must not make us call seen text hidden. */
static void rules_that_are_not_followed_are_noted(void **state)
{
	struct sheet sheet;

	(void)state;
	sheet_read(&sheet, "div p { color: #fff }");
	assert_true(sheet.css.has_other_colours);
	assert_int_equal(apply(&sheet, "p", "", "").colour, HTML_COLOUR_UNSET);
	sheet_free(&sheet);
	sheet_read(&sheet, "div p { font-weight: bold }");
	assert_false(sheet.css.has_other_colours);
	sheet_free(&sheet);
}

static void broken_sheets_end(void **state)
{
	static const char *const broken[] = {"", "p", "p{", "p{color:red", "}}}", "@media", "@media {{{", "/*", "p/*{",
					     "{color:red}", ",,{color:red}", "<!--", "@import url(http://x/y);"};

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		struct sheet sheet;

		sheet_read(&sheet, broken[i]);
		apply(&sheet, "p", "a b c", "d");
		sheet_free(&sheet);
	}
}

static void rules_have_a_limit(void **state)
{
	struct buf text = BUF_INIT;
	struct sheet sheet;

	(void)state;
	for (int i = 0; i < 5000; i++)
		buf_printf(&text, ".c%d{color:#123}", i);
	sheet_read(&sheet, buf_str(&text));
	assert_true(sheet.css.count <= 2000);
	assert_int_equal(apply(&sheet, "p", "c7", "").colour, 0x112233);
	assert_true(sheet.css.has_other_colours);
	sheet_free(&sheet);
	buf_free(&text);
}

static void add_sheet(struct sheet *sheet, const char *text)
{
	html_css_read(&sheet->css, span_of(text), sheet->arena);
}

/* Also when rules of one selector were joined meanwhile. */
static void the_later_sheet_wins(void **state)
{
	struct sheet sheet;

	(void)state;
	sheet_read(&sheet, ".a{color:#111}.a{color:#222}.a{color:#333}.b{color:#444}");
	assert_int_equal(apply(&sheet, "p", "b", "").colour, 0x444444);
	add_sheet(&sheet, ".b{color:#555}");
	assert_int_equal(apply(&sheet, "p", "b", "").colour, 0x555555);
	sheet_free(&sheet);
}

/* However often they are joined: each new sheet costs a sorting. */
static void the_limit_is_of_all_sheets(void **state)
{
	struct sheet sheet;

	(void)state;
	sheet_read(&sheet, "");
	for (int i = 0; i < 2000; i++) {
		add_sheet(&sheet, ".a{color:#123}");
		apply(&sheet, "p", "a", "");
	}
	add_sheet(&sheet, ".b{color:#456}");
	assert_true(sheet.css.is_sorted);
	assert_int_equal(apply(&sheet, "p", "b", "").colour, HTML_COLOUR_UNSET);
	sheet_free(&sheet);
}

static void a_class_of_many_elements_is_found(void **state)
{
	struct buf text = BUF_INIT;
	struct sheet sheet;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_printf(&text, "e%d.a{color:#111}", i);
	buf_add_str(&text, ".a{color:#222} p.a{color:#333}");
	sheet_read(&sheet, buf_str(&text));
	assert_int_equal(apply(&sheet, "p", "a", "").colour, 0x333333);
	assert_int_equal(apply(&sheet, "e7", "a", "").colour, 0x111111);
	assert_int_equal(apply(&sheet, "div", "a", "").colour, 0x222222);
	assert_int_equal(apply(&sheet, "", "a", "").colour, 0x222222);
	sheet_free(&sheet);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(colours_have_many_spellings),
		cmocka_unit_test(grounds_may_be_pictures),
		cmocka_unit_test(hiding_has_many_ways),
		cmocka_unit_test(letters_and_lists_are_read),
		cmocka_unit_test(lines_above_are_borders),
		cmocka_unit_test(odd_declarations_say_nothing),
		cmocka_unit_test(sheets_choose_by_element_class_and_id),
		cmocka_unit_test(rules_that_are_not_followed_are_noted),
		cmocka_unit_test(broken_sheets_end),
		cmocka_unit_test(rules_have_a_limit),
		cmocka_unit_test(the_later_sheet_wins),
		cmocka_unit_test(the_limit_is_of_all_sheets),
		cmocka_unit_test(a_class_of_many_elements_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
