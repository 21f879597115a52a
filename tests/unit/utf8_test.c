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
	    cmocka_unit_test(a_wide_character_is_not_cut),
	    cmocka_unit_test(nothing_printable_moves_the_cursor),
	    cmocka_unit_test(folding_forgets_case_and_accents),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
