#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/mime/tnef.h"

static void number(struct buf *out, uint32_t n, size_t size)
{
	for (; size; size--, n >>= 8)
		buf_add_char(out, (char)n);
}

static void attribute(struct buf *out, int level, uint32_t id, const void *data, size_t len)
{
	number(out, (uint32_t)level, 1);
	number(out, id, 4);
	number(out, (uint32_t)len, 4);
	buf_add(out, data, len);
	number(out, 0, 2);
}

static void property(struct buf *out, unsigned type, unsigned id, const char *data, size_t len)
{
	number(out, type, 2);
	number(out, id, 2);
	number(out, 1, 4);
	number(out, (uint32_t)len, 4);
	buf_add(out, data, len);
	number(out, 0, (4 - len % 4) % 4);
}

static void make_box(struct buf *out)
{
	struct buf props = BUF_INIT;

	number(out, 0x223e9f78, 4);
	number(out, 1, 2);
	attribute(out, 1, 0x00069007, "\xe3\x04\0\0", 4); /* code page 1251 */
	attribute(out, 1, 0x00018004, "\xcf\xf0\0", 3);
	attribute(out, 2, 0x00069002, "", 0);
	attribute(out, 2, 0x00018010, "SHORT~1.TXT", 12);
	attribute(out, 2, 0x0006800f, "hello", 5);
	number(&props, 2, 4);
	property(&props, 0x1f, 0x3707, "\x16\x04.\0t\0\0", 8);
	property(&props, 0x1e, 0x370e, "text/plain", 11);
	attribute(out, 2, 0x00069005, props.data, props.len);
	attribute(out, 2, 0x00069002, "", 0);
	attribute(out, 2, 0x00018010, "b.bin", 6);
	attribute(out, 2, 0x0006800f, "x\0y", 3);
	buf_free(&props);
}

static void files_are_listed(void **state)
{
	struct arena *arena = arena_new();
	struct buf box = BUF_INIT;
	struct tnef tnef;

	(void)state;
	make_box(&box);
	assert_int_equal(tnef_read((struct span){box.data, box.len}, arena, &tnef), 0);
	assert_false(tnef.is_cut);
	assert_int_equal(tnef.count, 2);
	assert_string_equal(tnef.subject, "\xd0\x9f\xd1\x80");
	assert_string_equal(tnef.files[0].name, "\xd0\x96.t");
	assert_string_equal(tnef.files[0].type, "text/plain");
	assert_true(span_equal(tnef.files[0].data, SPAN("hello")));
	assert_string_equal(tnef.files[1].name, "b.bin");
	assert_int_equal(tnef.files[1].data.len, 3);
	buf_free(&box);
	arena_free(&arena);
}

static void a_cut_box_gives_what_is_there(void **state)
{
	struct arena *arena = arena_new();
	struct buf box = BUF_INIT;
	struct tnef tnef;
	size_t len;

	(void)state;
	make_box(&box);
	for (len = 0; len < box.len; len++) {
		int rc = tnef_read((struct span){box.data, len}, arena, &tnef);

		assert_int_equal(rc, len < 4 ? -1 : 0);
		assert_true(tnef.count <= 2);
	}
	assert_true(tnef.is_cut);
	assert_int_equal(tnef_read(SPAN("PK\3\4 is a zip"), arena, &tnef), -1);
	buf_free(&box);
	arena_free(&arena);
}

/* A property with a number for a name (MS-OXTNEF section 2.1.3.4). */
static void named(struct buf *out, unsigned type, unsigned name, const char *data, size_t len)
{
	number(out, type, 2);
	number(out, 0x8001, 2);
	buf_add(out, "0123456789abcdef", 16);
	number(out, 0, 4);
	number(out, name, 4);
	buf_add(out, data, len);
}

static void a_meeting_and_rich_text_are_found(void **state)
{
	struct arena *arena = arena_new();
	struct buf box = BUF_INIT, props = BUF_INIT;
	struct tnef tnef;

	(void)state;
	number(&box, 0x223e9f78, 4);
	number(&box, 1, 2);
	number(&props, 4, 4);
	/* 28 November 2026 09:00 UTC in steps of 100 ns since 1601 */
	named(&props, 0x40, 0x820d, "\x00\xe8\x23\xd9\x16\x7f\xdd\x01", 8);
	named(&props, 0x1e, 0x8208, "\1\0\0\0\6\0\0\0shore\0\0\0", 16);
	property(&props, 0x1e, 0x001a, "IPM.Schedule.Meeting.Request", 29);
	property(&props, 0x102, 0x1009, "rich", 4);
	attribute(&box, 1, 0x00069003, props.data, props.len);
	assert_int_equal(tnef_read((struct span){box.data, box.len}, arena, &tnef), 0);
	assert_false(tnef.is_cut);
	assert_true(tnef.start == 1795856400);
	assert_string_equal(tnef.location, "shore");
	assert_string_equal(tnef.kind, "IPM.Schedule.Meeting.Request");
	assert_true(span_equal(tnef.rtf, SPAN("rich")));
	buf_free(&props);
	buf_free(&box);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_meeting_and_rich_text_are_found),
	    cmocka_unit_test(files_are_listed),
	    cmocka_unit_test(a_cut_box_gives_what_is_there),
	};

	return cmocka_run_group_tests_name("tnef", tests, NULL, NULL);
}
