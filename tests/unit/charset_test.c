#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/charset.h"

static void assert_reads(const char *charset, const char *bytes, const char *want)
{
	struct buf out = BUF_INIT;

	charset_to_utf8(charset, bytes, strlen(bytes), &out);
	assert_string_equal(buf_str(&out), want);
	buf_free(&out);
}

static void names_of_the_web_are_read(void **state)
{
	static const char *const known[] = {"x-sjis",	      "ks_c_5601-1987", "UTF8",
					    "cp-1251",	      "ISO-8859-8-I",	"x-mac-cyrillic",
					    "unicode-1-1-utf-7", "x-gbk",	"windows-31j",
					    "utf-8*en",	      "iso-2022-jp",	"ANSI_X3.4-1968"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(known); i++)
		assert_true(charset_is_known(known[i]));
	assert_false(charset_is_known("iso-2022-cn-ext"));
	assert_false(charset_is_known("x-unknown"));
	assert_false(charset_is_known(NULL));
}

static void larger_relatives_are_used(void **state)
{
	(void)state;
	assert_reads("iso-8859-1", "\x93hi\x94", "\xe2\x80\x9chi\xe2\x80\x9d");
	assert_reads("gb2312", "\xe9\x46", "\xe9\x95\x95"); /* a gbk character */
	assert_reads("x-sjis", "\x93\xfa", "\xe6\x97\xa5");
	assert_reads("ks_c_5601-1987", "\xc7\xd1", "\xed\x95\x9c");
	assert_reads("iso-2022-jp", "\x1b$BF|\x1b(B", "\xe6\x97\xa5");
}

static void what_does_not_convert_is_marked(void **state)
{
	(void)state;
	assert_reads("utf-8", "a\xff" "b", "a\xef\xbf\xbd" "b");
	assert_reads("shift_jis", "a\x81", "a\xef\xbf\xbd");
}

static void what_says_nothing_is_guessed(void **state)
{
	(void)state;
	assert_reads(NULL, "caf\xc3\xa9", "caf\xc3\xa9");
	assert_reads("x-unknown", "\xf0\xd2\xc9\xd7\xc5\xd4 \xcd\xc9\xd2", 
		     "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 "
		     "\xd0\xbc\xd0\xb8\xd1\x80");
	assert_reads(NULL, "\xd0\x9f\xd1\x80\xd0\xb8\xd0", "\xd0\x9f\xd1\x80\xd0\xb8\xef\xbf\xbd");
	assert_string_equal(charset_guess("abc", 3), "us-ascii");
	assert_string_equal(charset_guess("\xc3\xa9", 2), "utf-8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_of_the_web_are_read),
	    cmocka_unit_test(larger_relatives_are_used),
	    cmocka_unit_test(what_does_not_convert_is_marked),
	    cmocka_unit_test(what_says_nothing_is_guessed),
	};

	return cmocka_run_group_tests_name("charset", tests, NULL, NULL);
}
