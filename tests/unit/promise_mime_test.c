/* Letters made to hurt: each test is named by its row of the list of attacks. Rows 19 and 22 are in
 * address_test and mime_test, 23 also in inline_file_test. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/charset.h"
#include "store/base/date.h"
#include "store/base/utf8.h"
#include "store/mime/address.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"
#include "store/mime/param.h"
#include "store/mime/transfer.h"

#define MANY 200000

static void add_many(struct buf *out, const char *text, size_t count)
{
	for (; count; count--)
		buf_add_str(out, text);
}

static struct mime_message *parse(const struct buf *bytes)
{
	return mime_parse(bytes->data, bytes->len, NULL);
}

static void row_18_the_address_is_never_decoded(void **state)
{
	static const char *const raw[] = {
	    "=?utf-8?q?potus=40whitehouse=2Egov=00?= <evil@example.org>",
	    "=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3YK?= <evil@example.org>",
	    "=?utf-8?q?a=40b=2Ec=3E=0A=00?=\r\n <evil@example.org>",
	    "=?utf-8?q?=3Ca=40b=2Ec=3E=2C?= <evil@example.org>",
	    "\"=?utf-8?q?a=40b=2Ec?=\" <evil@example.org>",
	    "a@b.c\"\" <evil@example.org>",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(raw); i++) {
		struct arena *arena = arena_new();
		struct address_list list;

		address_parse(span_of(raw[i]), 10, arena, &list);
		assert_int_equal(list.count, 1);
		assert_string_equal(list.items[0].addr, "evil@example.org");
		assert_null(strpbrk(list.items[0].name, "\r\n"));
		arena_free(&arena);
	}
}

static void row_18_an_address_in_an_encoded_word_stays_encoded(void **state)
{
	static const char *const raw[] = {
	    "=?utf-8?q?a=40b=2Ec?=", "<=?utf-8?q?a=40b=2Ec?=>", "=?utf-8?q?a?=@b.c",
	    "=?utf-8?q?=22a=22=40b?=@evil.org", "X <=?utf-8?b?YUBiLmMAQGV2aWwub3Jn?=@evil.org>"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(raw); i++) {
		struct arena *arena = arena_new();
		struct address_list list;

		address_parse(span_of(raw[i]), 10, arena, &list);
		assert_int_equal(list.count, 1);
		assert_non_null(strstr(list.items[0].addr, "=?utf-8?"));
		arena_free(&arena);
	}
}

static void row_20_large_headers_are_bounded(void **state)
{
	static const char *const lines[] = {"X: a\n", "X: a\n b\n", "broken\n", "broken\n fold\n", " \n",
					    "Received: x\nbroken y\n", ": x\n", "From x\n"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(lines); i++) {
		struct buf bytes = BUF_INIT;
		struct mime_message *message;

		buf_add_str(&bytes, "To: a@b\n");
		add_many(&bytes, lines[i], MANY);
		buf_add_str(&bytes, "Subject: late\n\nbody");
		message = parse(&bytes);
		assert_true(message->root.header.count <= mime_limits_default.header_fields);
		assert_true(arena_used(message->arena) < 4000000);
		mime_free(&message);
		buf_free(&bytes);
	}
}

static void row_20_one_long_field_is_cut(void **state)
{
	struct buf bytes = BUF_INIT;
	struct mime_message *message;
	const struct mime_field *field;

	(void)state;
	buf_add_str(&bytes, "Subject: a");
	add_many(&bytes, "\n fold", MANY * 8);
	buf_add_str(&bytes, "\nTo: a@b\n\nbody");
	message = parse(&bytes);
	field = mime_field(&message->root.header, "Subject");
	assert_int_equal(field->value.len, mime_limits_default.header_bytes);
	assert_non_null(mime_field(&message->root.header, "To"));
	assert_true(arena_used(message->arena) < 4000000);
	mime_free(&message);
	buf_free(&bytes);
}

static void row_21_parameter_bombs_are_capped(void **state)
{
	static const char *const bits[] = {"; a=b", "; a*0=b", "; a*1*=%41", "; *=", "; a*99999999999*=x",
					   ";", "; a=\"\\", "; a=(", " a=b", "; a*0*=utf-8''%C3"};
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bits); i++) {
		struct arena *arena = arena_new();
		struct param_list list;
		struct span value;
		struct buf raw = BUF_INIT;

		buf_add_str(&raw, "text/plain");
		add_many(&raw, bits[i], MANY);
		param_parse((struct span){raw.data, raw.len}, arena, &value, &list);
		assert_true(list.count <= PARAM_LIMIT);
		for (n = 0; n < list.count; n++)
			assert_true(utf8_is_valid(list.items[n].value, strlen(list.items[n].value)));
		assert_true(arena_used(arena) < raw.len + 4000000);
		buf_free(&raw);
		arena_free(&arena);
	}
}

static size_t count_fields(const struct mime_message *message)
{
	size_t count = 0;

	for (const struct mime_part *part = &message->root; part; part = mime_next(part))
		count += part->header.count;
	return count;
}

/* Each part keeps to its limit; together they keep to one too, and the last one's type is still known. */
static void row_20_many_big_headers_are_capped_together(void **state)
{
	struct buf raw = BUF_INIT;
	struct mime_message *message;

	(void)state;
	buf_add_str(&raw, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (int i = 0; i < 200; i++) {
		buf_add_str(&raw, "--b\nContent-Type: text/html\n");
		add_many(&raw, "a:\n", 9000);
		buf_add_str(&raw, "\nx\n");
	}
	buf_add_str(&raw, "--b--\n");
	message = mime_parse(raw.data, raw.len, NULL);
	assert_int_equal(message->part_count, 201);
	assert_true(count_fields(message) <= 120000);
	assert_string_equal(message->root.last_child->type, "text/html");
	mime_free(&message);
	buf_free(&raw);
}

static void row_21_ten_thousand_pieces_are_capped(void **state)
{
	struct arena *arena = arena_new();
	struct param_list list;
	struct span value;
	struct buf raw = BUF_INIT;
	size_t i;

	(void)state;
	buf_add_str(&raw, "attachment");
	for (i = 0; i < 10000; i++)
		buf_printf(&raw, "; filename*%zu*=%%41", i);
	param_parse((struct span){raw.data, raw.len}, arena, &value, &list);
	assert_int_equal(list.count, 1);
	assert_int_equal(strlen(param_get(&list, "filename")), PARAM_LIMIT);
	buf_free(&raw);
	arena_free(&arena);
}

static int count_bytes(void *arg, const char *bytes, size_t len)
{
	(void)bytes;
	*(size_t *)arg += len;
	return 0;
}

static void row_23_uu_data_is_read_within_its_lines(void **state)
{
	static const char *const bodies[] = {
	    "begin 644 /etc/passwd\nM\nM8\nM86\n", "begin 644 x\n`", "begin 644 x", "begin ",
	    "begin 644 x\n\xff\xff\xff\n\x7f\n", "begin 9999999999 x\nM86)C\nend",
	    "begin\nM", "=ybegin line=1 size=99999999 name=x\n=", "=ybegin "};
	size_t i, kind;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bodies); i++)
		for (kind = TRANSFER_UUENCODE; kind <= TRANSFER_YENC; kind++) {
			size_t len = strlen(bodies[i]), size = 0;
			char *copy = test_malloc(len + 1);

			/* of exactly its size, so that reading behind it is seen */
			memcpy(copy + 1, bodies[i], len);
			transfer_decode((enum transfer)kind, (struct span){copy + 1, len}, count_bytes, &size);
			assert_true(size <= len);
			test_free(copy);
		}
}

static void row_24_only_charsets_of_the_list_reach_iconv(void **state)
{
	static const char *const refused[] = {
	    "ISO-2022-CN-EXT", "iso2022cnext", "ISO2022CNEXT//TRANSLIT", "x-iso-2022-cn-ext",
	    "UTF-8//IGNORE//x", "//", "/", "../../x", "UTF-8\n", "TSCII", "INIS-CYRILLIC", "IBM937", ""};
	struct buf out = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(refused); i++)
		if (charset_is_known(refused[i]) && !strstr(refused[i], "UTF-8"))
			fail_msg("known: %s", refused[i]);
	charset_to_utf8("iso-2022-cn-ext", "\x1b$*H\x1bN!!", 8, &out);
	assert_true(utf8_is_valid(out.data, out.len));
	buf_free(&out);
}

static void row_25_nothing_behind_a_nul_is_lost(void **state)
{
	static const char bytes[] = "Subject: a\0b\nTo: x\0y@z\nContent-Type: text/plain; name=\"n\0m\"\n\n"
				    "one\0two\nthree";
	struct mime_message *message = mime_parse(bytes, sizeof bytes - 1, NULL);
	struct address_list list;
	struct buf out = BUF_INIT;

	(void)state;
	assert_string_equal(mime_field_text(&message->root.header, "Subject", message->arena), "ab");
	address_field(&message->root.header, "To", message->arena, &list);
	assert_string_equal(list.items[0].addr, "xy@z");
	assert_string_equal(message->root.filename, "nm");
	mime_decode_body_text(&message->root, 0, &out);
	assert_int_equal(out.len, 13);
	assert_memory_equal(out.data, "one\0two\nthree", 13);
	buf_free(&out);
	mime_free(&message);
}

static void row_26_dates_of_any_year_are_read_or_refused(void **state)
{
	static const char *const texts[] = {
	    "Mon, 1 Jan 1900 00:00:00 +0000", "Mon, 1 Jan 9999 23:59:59 -9999",
	    "Mon, 1 Jan 100000000000 00:00:00 +0000", "1 Jan 0 00:00", "0 0 0 0:0:0",
	    "99999999999999999999999:99999999999999999:99999999999999", "-", "+9999", "(((", ")",
	    "1 Jan 2024 99999999999:00", "1-1-1", "1/1/1", "1.1.1", "9999-99-99T99:99:99+99:99"};
	struct buf out = BUF_INIT;
	struct date date;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(texts); i++)
		if (date_parse(texts[i], strlen(texts[i]), &date)) {
			date_add_rfc5322(&out, date.time);
			date_add_short(&out, date.time, 0);
			date_add_long(&out, date.time);
		}
	date_add_long(&out, INT64_MAX);
	date_add_rfc5322(&out, INT64_MIN);
	assert_true(utf8_is_valid(out.data, out.len));
	buf_free(&out);
}

static void row_26_a_letter_without_anything_is_a_letter(void **state)
{
	struct mime_message *message = mime_parse("", 0, NULL);
	struct address_list list;
	size_t count;

	(void)state;
	address_field(&message->root.header, "From", message->arena, &list);
	assert_int_equal(list.count, 0);
	assert_null(mime_field_text(&message->root.header, "Date", message->arena));
	assert_null(ids_message_id(&message->root.header, message->arena));
	ids_list(&message->root.header, "References", message->arena, &count);
	assert_int_equal(count, 0);
	assert_non_null(mime_text_part(message));
	mime_free(&message);
}

static void row_27_many_references_are_bounded(void **state)
{
	struct buf bytes = BUF_INIT;
	struct mime_message *message;
	size_t count;

	(void)state;
	buf_add_str(&bytes, "References:");
	add_many(&bytes, " <a@b>", MANY);
	add_many(&bytes, " <", MANY);
	buf_add_str(&bytes, "\n\n");
	message = parse(&bytes);
	ids_list(&message->root.header, "References", message->arena, &count);
	assert_true(count > 1000 && count <= 20000);
	assert_true(arena_used(message->arena) < 4000000);
	mime_free(&message);
	buf_free(&bytes);
}

static void row_35_no_decoded_text_holds_a_line_end(void **state)
{
	static const char *const raw[] = {
	    "=?utf-8?q?a=0D=0ABcc:_x=40y?=", "=?utf-8?b?YQ0KQmNjOiB4QHk=?=", "=?utf-8?q?a=0A?= b",
	    "=?utf-7?q?a+AA0ACg-Bcc?=",	     "=?utf-16be?b?AGEADQAKAEI=?=", "a\rBcc: x@y",
	    "=?utf-8?q?a=E2=80=A8b=C2=85c?=", "a\r\n b\n\tc"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(raw); i++) {
		struct arena *arena = arena_new();
		struct address_list list;
		struct buf named = BUF_INIT;

		assert_null(strpbrk(mime_decode_text(span_of(raw[i]), arena), "\r\n"));
		buf_printf(&named, "%s <a@b>", raw[i]);
		address_parse((struct span){named.data, named.len}, 10, arena, &list);
		assert_null(strpbrk(list.items[0].name, "\r\n"));
		buf_free(&named);
		arena_free(&arena);
	}
}

static void row_35_no_parameter_holds_a_line_end(void **state)
{
	static const char *const raw[] = {"a; filename*=utf-8''x%0D%0ABcc:%20y", "a; filename=\"x\r\nBcc: y\"",
					  "a; filename=\"=?utf-8?q?x=0D=0ABcc?=\"",
					  "a; filename*0*=utf-8''x%0; filename*1=A"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(raw); i++) {
		struct arena *arena = arena_new();
		struct param_list list;
		struct span value;

		param_parse(span_of(raw[i]), arena, &value, &list);
		assert_null(strpbrk(param_get(&list, "filename"), "\r\n"));
		arena_free(&arena);
	}
}

static void encoded_word_bombs_cost_their_length(void **state)
{
	static const char *const bits[] = {"=?", "=?a?q?", "=?utf-8?q?a?= ", "=?utf-8?b?YQ==?=", "?=",
					   "=?utf-8?q?=C3?=", "=? ", "=?x?q?\xff?="};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bits); i++) {
		struct arena *arena = arena_new();
		struct buf raw = BUF_INIT;
		const char *text;

		add_many(&raw, bits[i], MANY);
		text = mime_decode_text((struct span){raw.data, raw.len}, arena);
		assert_true(utf8_is_valid(text, strlen(text)));
		assert_true(strlen(text) <= 3 * raw.len);
		buf_free(&raw);
		arena_free(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(row_18_the_address_is_never_decoded),
	    cmocka_unit_test(row_18_an_address_in_an_encoded_word_stays_encoded),
	    cmocka_unit_test(row_20_large_headers_are_bounded),
	    cmocka_unit_test(row_20_one_long_field_is_cut),
	    cmocka_unit_test(row_21_parameter_bombs_are_capped),
	    cmocka_unit_test(row_20_many_big_headers_are_capped_together),
	    cmocka_unit_test(row_21_ten_thousand_pieces_are_capped),
	    cmocka_unit_test(row_23_uu_data_is_read_within_its_lines),
	    cmocka_unit_test(row_24_only_charsets_of_the_list_reach_iconv),
	    cmocka_unit_test(row_25_nothing_behind_a_nul_is_lost),
	    cmocka_unit_test(row_26_dates_of_any_year_are_read_or_refused),
	    cmocka_unit_test(row_26_a_letter_without_anything_is_a_letter),
	    cmocka_unit_test(row_27_many_references_are_bounded),
	    cmocka_unit_test(row_35_no_decoded_text_holds_a_line_end),
	    cmocka_unit_test(row_35_no_parameter_holds_a_line_end),
	    cmocka_unit_test(encoded_word_bombs_cost_their_length),
	};

	return cmocka_run_group_tests_name("promise_mime", tests, NULL, NULL);
}
