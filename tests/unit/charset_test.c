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
#include "store/base/utf8.h"

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

static void sets_of_seven_bits_shift(void **state)
{
	(void)state;
	assert_reads("hz-gb-2312", "a~{VPND~}b~~", "a\xe4\xb8\xad\xe6\x96\x87" "b~");
	assert_reads("hz-gb-2312", "~{VP\nND", "\xe4\xb8\xad\nND");
	assert_reads("iso-2022-kr", "\x1b$)C\x0eGQ\x0f.", "\xed\x95\x9c.");
}

/* UTF-8 under the label of Latin-1. */
static void habitual_labels_are_seen_through(void **state)
{
	(void)state;
	assert_true(charset_is_utf8_despite("iso-8859-1", "caf\xc3\xa9", 5));
	assert_true(charset_is_utf8_despite("windows-1252", "\xe2\x82\xac\xe2\x82", 5)); /* cut */
	assert_false(charset_is_utf8_despite("iso-8859-1", "caf\xc3\xa9\xe9 x", 8));
	assert_false(charset_is_utf8_despite("iso-8859-1", "cafe", 4));
	assert_false(charset_is_utf8_despite("gb2312", "\xc3\xa9", 2));
	assert_false(charset_is_utf8_despite("iso-8859-15", "\xc3\xa9", 2));
}

/* "nihao shijie", "guanyu huiyi de tongzhi"; and what European words might be mistaken for it. */
static void a_few_words_of_chinese_are_guessed(void **state)
{
	(void)state;
	assert_reads(NULL, "\xc4\xe3\xba\xc3\xca\xc0\xbd\xe7",
		     "\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c");
	assert_reads(NULL, "Gr\xfc\xdf" "e", "Gr\xc3\xbc\xc3\x9f" "e");
	assert_reads(NULL, "\xc4\xd6\xdc", "\xc3\x84\xc3\x96\xc3\x9c");
	assert_string_not_equal(charset_guess("Za\xbf\xf3\xb3\xe6", 6), "GB18030");
	assert_string_not_equal(charset_guess("\xbf\xf3\xb3\xe6", 4), "GB18030"); /* no lead is late */
	assert_string_not_equal(charset_guess("\xca\xc1\xcb\xc7 \xca\xc1", 7), "GB18030"); /* Greek */
}

static void what_does_not_convert_is_marked(void **state)
{
	(void)state;
	assert_reads("utf-8", "a\xff" "b", "a\xef\xbf\xbd" "b");
	assert_reads("shift_jis", "a\x81", "a\xef\xbf\xbd");
}

/* glibc's UCS-4 goes up to 2^31, and writes what is no UTF-8 any more. */
static void every_charset_gives_utf8(void **state)
{
	static const char *const charsets[] = {"ucs-4", "utf-32", "utf-32le", "ucs-2", "utf-16",
					       "utf-7", "gb18030", "cesu-8", "iso-2022-jp"};
	static const char *const bytes[] = {"=?ucs-4?q?=", "\x7f\xff\xff\xff" "abcd",
					    "\xd8\x01\xd8\x02", "+2AHYAg-", "\x84\x31\xa5\x30"};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(charsets) * ARRAY_COUNT(bytes); i++) {
		const char *text = bytes[i % ARRAY_COUNT(bytes)];
		struct buf out = BUF_INIT;

		charset_to_utf8(charsets[i / ARRAY_COUNT(bytes)], text, strlen(text), &out);
		assert_true(utf8_is_valid(buf_str(&out), out.len));
		buf_free(&out);
	}
}

static void what_says_nothing_is_guessed(void **state)
{
	(void)state;
	assert_reads(NULL, "caf\xc3\xa9", "caf\xc3\xa9");
	assert_reads("x-unknown", "\xf0\xd2\xc9\xd7\xc5\xd4 \xcd\xc9\xd2", 
		     "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 "
		     "\xd0\xbc\xd0\xb8\xd1\x80");
	assert_reads(NULL, "\xd0\x9f\xd1\x80\xd0\xb8\xd0", "\xd0\x9f\xd1\x80\xd0\xb8\xef\xbf\xbd");
	assert_reads(NULL, "Dingus LovGr\xfc\xdf" "eers", "Dingus LovGr\xc3\xbc\xc3\x9f" "eers");
	assert_reads("iso-2022-jp", "\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac");
	assert_reads(NULL, "+AOk- 1+1-", "+AOk- 1+1-"); /* UTF-7 only under its label */
	assert_reads("utf-7", "+AOk-", "\xc3\xa9");
	assert_string_equal(charset_guess("abc", 3), "us-ascii");
	assert_string_equal(charset_guess("\xc3\xa9", 2), "utf-8");
}

/* Letters, marks of order, shifts, halves at the end, bytes that mean nothing: each cut everywhere. */
static const struct sample {
	const char *charset;
	struct {
		const char *data;
		size_t len;
	} text;
} samples[] = {
#define TEXT(bytes) {bytes, sizeof(bytes) - 1}
    {"utf-8", TEXT("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa6\xff\xe2\x82 b\xf0\x9f\x90")},
    {"utf-8", TEXT("")},
    {"koi8-r", TEXT("\xf0\xd2\xc9\xd7\xc5\xd4 abc")},
    {"iso-2022-jp", TEXT("a\x1b$B$3$s\x1b(Bb\x1b$B$K\xff$A\x1b(")},
    {"shift_jis", TEXT("\x82\xb1\x82\xf1 a\x82\xff\x81")},
    {"gb2312", TEXT("\xbb\xe1\xd2\xe9 x\xd2")},
    {"hz-gb-2312", TEXT("a~~~{VPND!~~}b~{VP~\n\nx ~{VP\ny~")},
    {"utf-16", TEXT("\xff\xfe" "a\0\x3d\xd8\x26\xdc" "b\0\x3d")},
    {"utf-16", TEXT("\xfe\xff\0a\0b")},
    {"utf-7", TEXT("a +BB8EQAQ4- b")},
    {"windows-1255", TEXT("\xf9\xd1\xe0\xc7")},
    {"windows-1258", TEXT("a\xec")},
#undef TEXT
};

/* CUT: where the second piece begins; 0: every byte is a piece of its own. */
static void read_in_pieces(struct charset_reader *reader, const struct sample *s, size_t cut,
			   struct buf *out)
{
	size_t i;

	charset_reader_begin(reader, charset_as_labelled(s->charset));
	if (cut) {
		charset_reader_add(reader, s->text.data, cut, out);
		charset_reader_add(reader, s->text.data + cut, s->text.len - cut, out);
	} else {
		for (i = 0; i < s->text.len; i++)
			charset_reader_add(reader, s->text.data + i, 1, out);
	}
	charset_reader_end(reader, out);
}

static void pieces_read_as_the_whole(void **state)
{
	struct charset_reader *reader = charset_reader_new();
	size_t i, cut;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(samples); i++) {
		const struct sample *s = &samples[i];
		struct buf whole = BUF_INIT;

		charset_to_utf8(s->charset, s->text.data, s->text.len, &whole);
		for (cut = 0; cut <= s->text.len; cut++) {
			struct buf out = BUF_INIT;

			read_in_pieces(reader, s, cut, &out);
			assert_string_equal(buf_str(&out), buf_str(&whole));
			buf_free(&out);
		}
		buf_free(&whole);
	}
	charset_reader_free(&reader);
	assert_null(reader);
}

static void pieces_are_guessed_as_the_whole(void **state)
{
	static const char *const texts[] = {"",
					    "abc",
					    "caf\xc3\xa9",
					    "caf\xe9",
					    "\x1b$B$3$s\x1b(B",
					    "\xd0\x9f\xd1\x80\xd0\xb8\xd0",
					    "\xf0\xd2\xc9\xd7\xc5\xd4 \xcd\xc9\xd2"};
	size_t i, at;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(texts); i++) {
		struct charset_guesser guesser = {.has_high = false};

		for (at = 0; texts[i][at]; at++)
			charset_guesser_add(&guesser, texts[i] + at, 1);
		assert_string_equal(charset_guesser_end(&guesser),
				    charset_guess(texts[i], strlen(texts[i])));
	}
}

static void labels_are_taken_to_the_letter(void **state)
{
	(void)state;
	assert_string_equal(charset_as_labelled("latin1"), "ISO-8859-1");
	assert_string_equal(charset_as_labelled("windows-1252"), "CP1252");
	assert_null(charset_as_labelled("us-ascii"));
	assert_null(charset_as_labelled("x-unknown"));
	assert_null(charset_as_labelled(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_of_the_web_are_read),
	    cmocka_unit_test(larger_relatives_are_used),
	    cmocka_unit_test(sets_of_seven_bits_shift),
	    cmocka_unit_test(habitual_labels_are_seen_through),
	    cmocka_unit_test(a_few_words_of_chinese_are_guessed),
	    cmocka_unit_test(what_does_not_convert_is_marked),
	    cmocka_unit_test(every_charset_gives_utf8),
	    cmocka_unit_test(what_says_nothing_is_guessed),
	    cmocka_unit_test(pieces_read_as_the_whole),
	    cmocka_unit_test(pieces_are_guessed_as_the_whole),
	    cmocka_unit_test(labels_are_taken_to_the_letter),
	};

	return cmocka_run_group_tests_name("charset", tests, NULL, NULL);
}
