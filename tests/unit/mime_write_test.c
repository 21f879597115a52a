#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/mime/address.h"
#include "store/mime/flowed.h"
#include "store/mime/mime.h"
#include "store/mime/mime_write.h"

static size_t longest_line(const struct buf *out)
{
	size_t longest = 0, column = 0, i;

	for (i = 0; i < out->len; i++) {
		column = out->data[i] == '\n' ? 0 : column + 1;
		if (column > longest)
			longest = column;
	}
	return longest;
}

/* Written and read again: the same, in lines that fit, as one field. */
static void assert_text_survives(const char *text)
{
	struct buf out = BUF_INIT;
	struct mime_message *message;

	mime_write_text_field(&out, "Subject", text);
	assert_true(longest_line(&out) <= 78);
	message = mime_parse(out.data, out.len, NULL);
	assert_int_equal(message->root.header.count, 1);
	assert_string_equal(mime_field_text(&message->root.header, "Subject", message->arena), text);
	mime_free(&message);
	buf_free(&out);
}

static void subjects_survive(void **state)
{
	static const char *const texts[] = {
	    "Hello",
	    "",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e aus M\xc3\xbcnchen und noch viel mehr Text, der nicht auf eine Zeile passt, wirklich nicht",
	    "a  double  space and =?utf-8?q?a_word?= that is none",
	    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82, \xd0\xbc\xd0\xb8\xd1\x80! "
	    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 \xd0\xbc\xd0\xb8\xd1\x80 "
	    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82",
	    "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80 family",
	    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(texts); i++)
		assert_text_survives(texts[i]);
}

static void a_line_end_makes_no_field(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	mime_write_text_field(&out, "Subject", "x\r\nBcc: evil@example.org");
	assert_string_equal(buf_str(&out), "Subject: x  Bcc: evil@example.org\n");
	buf_free(&out);
}

static void addresses_survive(void **state)
{
	struct address items[] = {
	    {(char *)"Doe, \"J\" (x)", (char *)"j@example.org"},
	    {(char *)"", (char *)"bare@example.org"},
	    {(char *)"L\xc3\xa9na", (char *)"lena@example.org"},
	    {(char *)"evil\nBcc: a@b", (char *)"e@example.org\nBcc: x@y"},
	};
	struct address_list list = {items, ARRAY_COUNT(items)}, back;
	struct buf out = BUF_INIT;
	struct mime_message *message;

	(void)state;
	mime_write_address_field(&out, "To", &list);
	assert_true(longest_line(&out) <= 78);
	message = mime_parse(out.data, out.len, NULL);
	assert_int_equal(message->root.header.count, 1);
	address_field(&message->root.header, "To", message->arena, &back);
	assert_int_equal(back.count, 4);
	assert_string_equal(back.items[0].name, items[0].name);
	assert_string_equal(back.items[1].addr, items[1].addr);
	assert_string_equal(back.items[2].name, items[2].name);
	assert_string_equal(back.items[3].addr, "e@example.orgBcc:x@y");
	mime_free(&message);
	buf_free(&out);
}

static void assert_filename_survives(const char *name)
{
	struct buf out = BUF_INIT;
	struct mime_message *message;

	buf_add_str(&out, "Content-Disposition: attachment");
	mime_write_param(&out, "filename", name);
	buf_add_str(&out, "\n\n");
	assert_true(longest_line(&out) <= 78 || strlen(name) < 230);
	message = mime_parse(out.data, out.len, NULL);
	assert_string_equal(message->root.filename, name);
	mime_free(&message);
	buf_free(&out);
}

static void file_names_survive(void **state)
{
	char longer[400];

	(void)state;
	assert_filename_survives("a.txt");
	assert_filename_survives("a \"b\" c\\d; e.txt");
	assert_filename_survives("\xc3\xa4 50% 'x'.txt");
	assert_filename_survives("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"
				 "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.pdf");
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_filename_survives(longer);
}

static void assert_body_survives(const char *bytes, size_t len, enum mime_encoding how)
{
	struct buf out = BUF_INIT, back = BUF_INIT;
	struct mime_message *message;

	buf_printf(&out, "Content-Transfer-Encoding: %s\n\n", mime_write_encoding_name(how));
	mime_write_body(&out, how, bytes, len);
	if (how != MIME_7BIT)
		assert_true(longest_line(&out) <= 76);
	message = mime_parse(out.data, out.len, NULL);
	mime_decode_body(&message->root, 0, &back);
	assert_int_equal(back.len, len);
	assert_memory_equal(buf_str(&back), bytes, len);
	mime_free(&message);
	buf_free(&out);
	buf_free(&back);
}

static void bodies_survive(void **state)
{
	char all[1024];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof all; i++)
		all[i] = (char)(i * 7);
	for (i = 0; i < 260; i++) {
		assert_body_survives(all, i, MIME_BASE64);
		assert_body_survives(all, i, MIME_QUOTED_PRINTABLE);
	}
	assert_body_survives("From me \n.\nx \t\n", 15, MIME_QUOTED_PRINTABLE);
	assert_int_equal(mime_write_choose("abc\n", 4, true), MIME_7BIT);
	assert_int_equal(mime_write_choose("caf\xc3\xa9 au lait", 13, true), MIME_QUOTED_PRINTABLE);
	assert_int_equal(mime_write_choose("\0\1\2", 3, false), MIME_BASE64);
}

static void a_flow_survives(void **state)
{
	const char *text = "A paragraph that is much longer than the seventy-two columns of a line and "
			   "therefore flows over several of them.\n"
			   "> quoted text that is also longer than the line and wants to be wrapped once more "
			   "again\n"
			   " indented\nFrom here\n\n-- \nme\n";
	struct buf flowed = BUF_INIT, back = BUF_INIT;

	(void)state;
	flowed_write(text, strlen(text), 72, &flowed);
	assert_true(longest_line(&flowed) <= 72);
	flowed_read(flowed.data, flowed.len, false, &back);
	assert_string_equal(buf_str(&back), text);
	buf_free(&flowed);
	buf_free(&back);
}

static void foreign_flow_is_read(void **state)
{
	const char *text = ">> two \r\n>> deep\r\n> one\r\nzu\xc2\xa0sam \r\nmen\r\n";
	struct buf out = BUF_INIT;

	(void)state;
	flowed_read(text, strlen(text), true, &out);
	assert_string_equal(buf_str(&out), "> > twodeep\n> one\nzu\xc2\xa0sammen\n");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(subjects_survive),
	    cmocka_unit_test(a_line_end_makes_no_field),
	    cmocka_unit_test(addresses_survive),
	    cmocka_unit_test(file_names_survive),
	    cmocka_unit_test(bodies_survive),
	    cmocka_unit_test(a_flow_survives),
	    cmocka_unit_test(foreign_flow_is_read),
	};

	return cmocka_run_group_tests_name("mime_write", tests, NULL, NULL);
}
