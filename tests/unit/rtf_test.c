#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/mime/rtf.h"

static void is_text(const char *rtf, const char *text)
{
	struct buf out = BUF_INIT;

	assert_false(rtf_text(span_of(rtf), 10000, &out));
	assert_string_equal(buf_str(&out), text);
	buf_free(&out);
}

static void text_is_found(void **state)
{
	(void)state;
	is_text("{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\colortbl;\\red1;}Hello \\b you\\b0\\par\r\nnext}",
		"Hello you\nnext");
	is_text("{\\rtf1 a\\{\\}\\\\\\~\\'e9\\endash b{\\*\\generator x;}{\\pict 00ff}c}",
		"a{}\\\xc2\xa0\xc3\xa9\xe2\x80\x93" "bc");
	is_text("{\\rtf1\\uc1 \\u1054?\\u1079?{\\uc0\\u-10179\\u-8704}z}", "Оз\xf0\x9f\x98\x80z");
	is_text("no rtf", "");
}

static void letters_follow_the_page_of_their_font(void **state)
{
	(void)state;
	is_text("{\\rtf1\\ansicpg1251 \\'ce\\'e7}", "Оз");
	is_text("{\\rtf1\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 A;}{\\f3\\fcharset204 B;}}"
		"\\f3\\'ce{\\f0\\'e9}\\'e7}", "О\xc3\xa9з");
}

static void html_is_unwrapped(void **state)
{
	const char *rtf = "{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag19 <html>}\\htmlrtf {\\b \\htmlrtf0 "
			  "{\\*\\htmltag84 <b>}Hi & \\'e9{\\*\\htmltag92 </b>}\\htmlrtf }\\htmlrtf0 \\par }";
	struct buf out = BUF_INIT;

	(void)state;
	assert_true(rtf_text(span_of(rtf), 10000, &out));
	assert_string_equal(buf_str(&out), "<html><b>Hi & \xc3\xa9</b>\n");
	buf_free(&out);
}

/* The two examples of MS-OXRTFCP section 3. */
static void what_is_packed_is_unpacked(void **state)
{
	static const char hello[] =
	    "\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70"
	    "\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a"
	    "\x80\x0f\xa0";
	static const char cross[] = "\x1a\x00\x00\x00\x1c\x00\x00\x00\x4c\x5a\x46\x75\xe2\xd4\x4b\x51\x41\x00\x04"
				    "\x20\x57\x58\x59\x5a\x0d\x6e\x7d\x01\x0e\xb0";
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(rtf_unpack((struct span){hello, sizeof hello - 1}, 1000, &out), 0);
	assert_string_equal(buf_str(&out), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
	buf_clear(&out);
	assert_int_equal(rtf_unpack((struct span){cross, sizeof cross - 1}, 1000, &out), 0);
	assert_string_equal(buf_str(&out), "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
	buf_clear(&out);
	assert_int_equal(rtf_unpack((struct span){hello, sizeof hello - 1}, 10, &out), 1);
	assert_int_equal(out.len, 10);
	assert_int_equal(rtf_unpack(SPAN("short"), 10, &out), -1);
	buf_free(&out);
}

/* PROMISES row 33: what is packed grows to the limit and no further. */
static void a_bomb_stays_small(void **state)
{
	struct buf packed = BUF_INIT, out = BUF_INIT;

	(void)state;
	buf_add(&packed, "\xff\xff\xff\x7f\xff\xff\xff\x7fLZFu\0\0\0\0", 16);
	for (int i = 0; i < 1 << 20; i++)
		buf_add(&packed, i % 17 ? "\x00\x0f" : "\xff", i % 17 ? 2 : 1);
	assert_int_equal(rtf_unpack((struct span){packed.data, packed.len}, 5000, &out), 1);
	assert_int_equal(out.len, 5000);
	buf_free(&packed);
	buf_free(&out);
}

static void deep_groups_are_no_harm(void **state)
{
	struct buf rtf = BUF_INIT, out = BUF_INIT;

	(void)state;
	buf_add_str(&rtf, "{\\rtf1 a");
	for (int i = 0; i < 100000; i++)
		buf_add_char(&rtf, '{');
	for (int i = 0; i < 100000; i++)
		buf_add_char(&rtf, '}');
	buf_add_str(&rtf, "b}");
	rtf_text((struct span){rtf.data, rtf.len}, 100, &out);
	assert_string_equal(buf_str(&out), "ab");
	buf_free(&rtf);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_is_found),
	    cmocka_unit_test(letters_follow_the_page_of_their_font),
	    cmocka_unit_test(html_is_unwrapped),
	    cmocka_unit_test(what_is_packed_is_unpacked),
	    cmocka_unit_test(a_bomb_stays_small),
	    cmocka_unit_test(deep_groups_are_no_harm),
	};

	return cmocka_run_group_tests_name("rtf", tests, NULL, NULL);
}
