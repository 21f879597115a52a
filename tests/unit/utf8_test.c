#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/utf8.h"

static void bad_bytes_become_one_mark_each(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	utf8_add_valid(&out, "a\xff\xc3\xa9\xc3", 5);
	assert_string_equal(buf_str(&out), "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd");
	assert_false(utf8_is_valid("\xed\xa0\x80", 3));
	assert_false(utf8_is_valid("\xc0\xaf", 2));
	assert_true(utf8_is_valid("abcdefghijklmn\xf0\x9f\x98\x80", 18));
	buf_free(&out);
}

static void a_family_is_one_grapheme_of_two_columns(void **state)
{
	const char *family = "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d"
			     "\xf0\x9f\x91\xa7x";
	const char *flag = "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa";
	int width;

	(void)state;
	assert_int_equal(utf8_grapheme(family, strlen(family), &width), strlen(family) - 1);
	assert_int_equal(width, 2);
	assert_int_equal(utf8_grapheme(flag, 8, &width), 8);
	assert_int_equal(width, 2);
	assert_int_equal(utf8_grapheme_before(family, strlen(family), strlen(family) - 1), 0);
	assert_int_equal(utf8_grapheme_before("ae\xcc\x81", 4, 4), 1);
}

static void a_vowel_beside_its_letter_takes_a_column(void **state)
{
	const char *thai = "คำน้ำ";

	(void)state;
	assert_int_equal(utf8_width(thai, strlen(thai)), 4);
}

static void a_vowel_sign_that_terminals_give_a_column_has_one(void **state)
{
	const char *hindi = "हि न्दी"; /* every terminal that counts by wcwidth: 2, 1, 1, 2 */
	const char *tamil = "கௌா"; /* two signs at one letter */
	int width;

	(void)state;
	assert_int_equal(utf8_width(hindi, strlen(hindi)), 6);
	assert_int_equal(utf8_grapheme(hindi, strlen(hindi), &width), 6);
	assert_int_equal(width, 2);
	assert_int_equal(utf8_grapheme(tamil, strlen(tamil), &width), 6);
	assert_int_equal(width, 2);
	assert_int_equal(utf8_width(tamil, strlen(tamil)), 3);
}

static void a_wide_character_is_not_cut(void **state)
{
	const char *text = "a\xe6\x97\xa5\xe6\x9c\xac";
	int used;

	(void)state;
	assert_int_equal(utf8_width(text, strlen(text)), 5);
	assert_int_equal(utf8_fit(text, strlen(text), 4, &used), 4);
	assert_int_equal(used, 3);
}

static void nothing_printable_moves_the_cursor(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	utf8_add_printable(&out, "a\x1b[2J\nb\tc\xe2\x80\xae" "d\xc2\x9b\x7f\x00", 17);
	assert_string_equal(buf_str(&out), "a\xef\xbf\xbd[2J b cd\xef\xbf\xbd\xef\xbf\xbd"
					   "\xef\xbf\xbd");
	buf_free(&out);
}


#define RLO  "\xe2\x80\xae"
#define LRI  "\xe2\x81\xa6"
#define ZWSP "\xe2\x80\x8b"
#define ZWJ  "\xe2\x80\x8d"
#define SHY  "\xc2\xad"
#define TAG  "\xf3\xa0\x81\xa7"
#define BOM  "\xef\xbb\xbf"
#define RLM  "\xe2\x80\x8f"

typedef void add_fn(struct buf *out, const char *text, size_t len);

static void expect(add_fn *add, const char *text, const char *want)
{
	struct buf out = BUF_INIT;

	add(&out, text, strlen(text));
	if (strcmp(buf_str(&out), want) != 0)
		fail_msg("\"%s\" became \"%s\", not \"%s\"", text, buf_str(&out), want);
	buf_free(&out);
}

/* PROMISES 17 */
static void row_17_what_turns_text_is_named(void **state)
{
	(void)state;
	expect(utf8_add_revealed, "a" RLO "fdp.exe", "a⟨RLO⟩fdp.exe");
	expect(utf8_add_revealed, LRI "x" ZWSP SHY TAG BOM RLM "y", "⟨LRI⟩xy");
	expect(utf8_add_printable, LRI "x" RLO ZWSP "y" TAG RLM, "xy");
	expect(utf8_add_prose, LRI "x" RLM RLO ZWSP "y", "x" RLM "y");
	expect(utf8_add_exact, "a" ZWSP "b" RLM "\xc2\xa0" TAG, "a⟨U+200B⟩b⟨U+200F⟩⟨U+00A0⟩⟨U+E0067⟩");
	expect(utf8_add_revealed, "a\xe3\x85\xa4" "b", "a b");
}

static void joiners_stay_where_they_join(void **state)
{
	const char *family = "\xf0\x9f\x91\xa8" ZWJ "\xf0\x9f\x91\xa9";
	const char *persian = "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae";

	(void)state;
	expect(utf8_add_revealed, family, family);
	expect(utf8_add_printable, persian, persian);
	expect(utf8_add_printable, "pay" ZWJ "pal", "paypal");
}

static void a_letter_carries_few_marks(void **state)
{
	struct buf zalgo = BUF_INIT, out = BUF_INIT;

	(void)state;
	buf_add_str(&zalgo, "z");
	for (int i = 0; i < 200; i++)
		buf_add_str(&zalgo, "\xcc\x8d");
	buf_add_str(&zalgo, "a\xcc\x8d");
	utf8_add_printable(&out, zalgo.data, zalgo.len);
	assert_int_equal(out.len, 1 + 2 * UTF8_MARKS_MAX + 3);
	buf_free(&zalgo);
	buf_free(&out);
}

static void folding_forgets_case_and_accents(void **state)
{
	(void)state;
	assert_int_equal(utf8_find_folded("Caf\xc3\x89 au lait", 13, "cafe"), 0);
	assert_int_equal(utf8_find_folded("GRO\xe1\xba\x9e", 6, "ss"), 3);
	assert_int_equal(utf8_find_folded("abc", 3, "x"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bad_bytes_become_one_mark_each),
	    cmocka_unit_test(a_family_is_one_grapheme_of_two_columns),
	    cmocka_unit_test(a_vowel_beside_its_letter_takes_a_column),
	    cmocka_unit_test(a_vowel_sign_that_terminals_give_a_column_has_one),
	    cmocka_unit_test(a_wide_character_is_not_cut),
	    cmocka_unit_test(nothing_printable_moves_the_cursor),
	    cmocka_unit_test(row_17_what_turns_text_is_named),
	    cmocka_unit_test(joiners_stay_where_they_join),
	    cmocka_unit_test(a_letter_carries_few_marks),
	    cmocka_unit_test(folding_forgets_case_and_accents),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
