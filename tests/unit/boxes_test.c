#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/mime/mime.h"
#include "ui/render/boxes.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"
#include "tests/lib/shown.h"

#define LETTER "From: Anna <anna@example.org>\nTo: me@example.org\nSubject: s\n"

static void add_number(struct buf *out, uint32_t n, int size)
{
	for (int i = 0; i < size; i++)
		buf_add_char(out, (char)(n >> (8 * i)));
}

static void add_attribute(struct buf *out, uint32_t id, const char *data, size_t len)
{
	buf_add_char(out, id & 0x8000000 ? 2 : 1);
	add_number(out, id, 4);
	add_number(out, (uint32_t)len, 4);
	buf_add(out, data, len);
	add_number(out, 0, 2);
}

/* A property of bytes, one in the message. */
static void add_rtf(struct buf *out, const char *rtf)
{
	struct buf value = BUF_INIT;
	size_t len = strlen(rtf), packed = len + 16;

	add_number(&value, 1, 4);
	add_number(&value, 0x10090102, 4);
	add_number(&value, 1, 4);
	add_number(&value, (uint32_t)packed, 4);
	add_number(&value, (uint32_t)len + 12, 4);
	add_number(&value, (uint32_t)len, 4);
	buf_add(&value, "MELA\0\0\0\0", 8);
	buf_add(&value, rtf, len);
	add_number(&value, 0, (int)((4 - packed % 4) % 4));
	add_attribute(out, 0x00069003, buf_str(&value), value.len);
	buf_free(&value);
}

static void make_box(struct buf *out)
{
	add_number(out, 0x223e9f78, 4);
	add_number(out, 1, 2);
	add_rtf(out, "{\\rtf1 See \\b the\\b0  tent.}");
	add_attribute(out, 0x00069002, "12345678", 8);
	add_attribute(out, 0x00018010, "tent.txt", 9);
	add_attribute(out, 0x0006800f, "two of them", 11);
}

static struct mime_message *boxed_letter(struct buf *letter, const char *text)
{
	struct mime_message *message;

	buf_printf(letter, LETTER "Content-Type: multipart/mixed; boundary=\"==b\"\n\n--==b\n\n%s\n--==b\n"
				  "Content-Type: application/ms-tnef; name=winmail.dat\n"
				  "Content-Transfer-Encoding: 8bit\n\n", text);
	make_box(letter);
	buf_add_str(letter, "\n--==b--\n");
	message = mime_parse(letter->data, letter->len, NULL);
	boxes_open(message, NULL);
	return message;
}

static void files_in_a_box_are_parts(void **state)
{
	struct arena *arena = arena_new();
	struct buf letter = BUF_INIT, body = BUF_INIT;
	struct mime_message *message = boxed_letter(&letter, "hello");
	struct message_part *parts;
	size_t count;

	(void)state;
	message_parts(message, arena, &parts, &count);
	assert_int_equal(count, 3);
	assert_true(parts[1].is_shown); /* the box itself is nobody's attachment */
	assert_string_equal(parts[2].name, "tent.txt");
	assert_string_equal(parts[2].part->type, "text/plain");
	assert_false(parts[2].is_shown || parts[2].is_form);
	mime_decode_body(parts[2].part, 0, &body);
	assert_string_equal(buf_str(&body), "two of them");
	buf_free(&body);
	buf_free(&letter);
	mime_free(&message);
	arena_free(&arena);
}

static void the_text_of_a_box_is_shown_where_there_is_no_other(void **state)
{
	struct message_wish wish = {.width = 78, .no_header = true};
	struct buf empty = BUF_INIT, full = BUF_INIT;
	struct mime_message *message = boxed_letter(&empty, " ");
	char *screen = shown_as(empty.data, empty.len, &wish);

	(void)state;
	shown_has(screen, "See the tent.\n");
	free(screen);
	mime_free(&message);
	message = boxed_letter(&full, "hello");
	screen = shown_as(full.data, full.len, &wish);
	assert_string_equal(screen, "hello\n");
	free(screen);
	mime_free(&message);
	buf_free(&empty);
	buf_free(&full);
}

/* PROMISES row 33: what is larger than the limits is not unpacked. */
static void a_box_too_large_stays_shut(void **state)
{
	const struct boxes_limits small = {.bytes = 20, .boxes = 5, .parts = 5};
	const struct boxes_limits few = {.bytes = 10000, .boxes = 5, .parts = 0};
	struct buf letter = BUF_INIT;
	struct mime_message *message = boxed_letter(&letter, "hello");

	(void)state;
	mime_free(&message);
	message = mime_parse(letter.data, letter.len, NULL);
	boxes_open(message, &small);
	assert_null(message->root.first_child->next->first_child);
	boxes_open(message, &few);
	assert_null(message->root.first_child->next->first_child);
	mime_free(&message);
	buf_free(&letter);
}

/* PROMISES row 33: files in the text are cut out of it, and offered. */
static void files_in_the_text_are_parts(void **state)
{
	const char *letter = LETTER "\nhello\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n\nbye\n";
	struct mime_message *message = mime_parse(letter, strlen(letter), NULL);
	struct arena *arena = arena_new();
	struct message_part *parts;
	char *screen = shown_letter(letter);
	size_t count;

	(void)state;
	shown_has(
	    screen,
	    "\nhello\n\n|(here stands a file, \"cat.txt\": it is in the list of parts)\n\nbye\n");
	shown_has_not(screen, "begin");
	boxes_open(message, NULL);
	message_parts(message, arena, &parts, &count);
	assert_int_equal(count, 3);
	assert_true(parts[0].is_shown && parts[2].is_shown);
	assert_string_equal(parts[1].name, "cat.txt");
	assert_true(span_equal(parts[1].part->body, SPAN("Cat")));
	free(screen);
	mime_free(&message);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_in_a_box_are_parts),
	    cmocka_unit_test(the_text_of_a_box_is_shown_where_there_is_no_other),
	    cmocka_unit_test(a_box_too_large_stays_shut),
	    cmocka_unit_test(files_in_the_text_are_parts),
	};

	return cmocka_run_group_tests_name("boxes", tests, NULL, NULL);
}
