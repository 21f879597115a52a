#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "ui/screen/format.h"

static const struct format_item items[] = {
	{"name", 6, false, 0},	   {"size", 5, true, 20}, {"tree", FORMAT_AS_LONG, false, 0},
	{"rest", FORMAT_REST, false, 0}, {NULL, 0, false, 0},
};

static const char *const texts[] = {"日本語かな", "12 K", "", "a subject that is long"};

static void get(void *arg, int at, struct buf *out, enum style *style)
{
	const char *const *other = arg;
	*style = at == 1 ? STYLE_DIM : *style;
	buf_add_str(out, other ? other[at] : texts[at]);
}

static void expect(const char *text, int columns, const char *row, const char *const *other)
{
	struct canvas *canvas = canvas_new(40, 1);
	struct format *format = format_new(text, items, NULL);
	assert_non_null(format);
	format_draw(format, canvas, (struct rect){0, 0, columns, 1}, STYLE_NORMAL, get,
		    (void *)(uintptr_t)other);
	char *drawn = canvas_row(canvas, 0);
	assert_string_equal(drawn, row);
	free(drawn);
	format_free(&format);
	canvas_free(&canvas);
}

static void test_fixed_and_rest(void **state)
{
	(void)state;
	expect("%name %rest %size", 30, "日本…  a subject that i…  12 K", NULL);
	expect("%name(10) %rest", 40, "日本語かな a subject that is long", NULL);
	expect("%name(50%)|%size", 40, "日本語かな          | 12 K", NULL);
	expect("100%% %size(8)", 40, "100%     12 K", NULL);
}

static void test_what_is_empty_leaves_no_gap(void **state)
{
	(void)state;
	static const char *const with_tree[] = {"a", "b", "└─>", "c"};
	expect("<%tree %rest>", 10, "<a subje…>", NULL);
	expect("<%tree %rest>", 10, "<└─> c   >", with_tree);
}

static void test_narrow_rows_do_without(void **state)
{
	(void)state;
	expect("%rest %size", 19, "a subject that is…", NULL);
	expect("%name %rest", 3, "日…", NULL);
	expect("%name %rest", 1, "…", NULL);
}

static void test_says_what_is_wrong(void **state)
{
	(void)state;
	static const char *const wrong[] = {"%nme", "%name(0)", "%name(x)", "%name(5", "%name(1000)", "%"};
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		struct err err = ERR_INIT;
		assert_null(format_new(wrong[i], items, &err));
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

static void expect_size(int64_t bytes, const char *text)
{
	struct buf out = BUF_INIT;
	format_add_size(&out, bytes);
	assert_string_equal(buf_str(&out), text);
	buf_free(&out);
}

static void test_numbers(void **state)
{
	(void)state;
	expect_size(0, "0 K");
	expect_size(1, "1 K");
	expect_size(5000, "5 K");
	expect_size(999 * 1024, "999 K");
	expect_size(1250000, "1.2 M");
	expect_size(12500000, "12 M");
	expect_size((int64_t)5 << 40, "5.0 T");
	struct buf out = BUF_INIT;
	format_add_count(&out, 7);
	format_add_count(&out, -1204);
	format_add_count(&out, 1234567);
	assert_string_equal(buf_str(&out), "7-1 2041 234 567");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed_and_rest),
		cmocka_unit_test(test_what_is_empty_leaves_no_gap),
		cmocka_unit_test(test_narrow_rows_do_without),
		cmocka_unit_test(test_says_what_is_wrong),
		cmocka_unit_test(test_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
