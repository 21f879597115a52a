#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "ui/picture/picture.h"

static void an_answer_comes_back_as_it_was(void **state)
{
	struct picture_cell cells[2] = {{' ', -1, 0x1ff8800}, {0x2580, 17, 255}};
	struct picture picture = {
		.kind = PICTURE_CELLS,
		.columns = 2,
		.rows = 1,
		.width = 3,
		.height = 4,
		.full_width = 30,
		.full_height = 40,
		.cells = cells,
	};
	struct picture *read;
	struct buf out = BUF_INIT;

	(void)state;
	picture_write(&picture, &out);
	read = picture_read(out.data, out.len);
	assert_non_null(read);
	assert_int_equal(read->columns, 2);
	assert_int_equal(read->full_height, 40);
	assert_memory_equal(read->cells, cells, sizeof cells);
	picture_free(&read);
	for (size_t len = 0; len < out.len; len++)
		assert_null(picture_read(out.data, len));
	buf_add_char(&out, 'x');
	assert_null(picture_read(out.data, out.len));
	buf_free(&out);
}

static struct picture *read_sixel(const char *data)
{
	struct picture picture = {.kind = PICTURE_SIXEL, .columns = 1, .rows = 1, .width = 1, .height = 1};
	struct picture *read;
	struct buf out = BUF_INIT;

	picture.full_width = picture.full_height = 1;
	picture_take(&picture, data, strlen(data));
	picture_write(&picture, &out);
	free(picture.data);
	read = picture_read(out.data, out.len);
	buf_free(&out);
	return read;
}

static void nothing_but_sixels_is_believed(void **state)
{
	static const char *const bad[] = {"#0~\033\\\033]0;x\a", "#0 ~", "\n", "\x9b", "", "#0:~", "\x7f", "(",
					  ",", "/", "%", "&"};
	struct picture *good = read_sixel("\"1;1;2;6#0;2;0;0;100#0!2~$-?@A");

	(void)state;
	assert_non_null(good);
	picture_free(&good);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_null(read_sixel(bad[i]));
}

static void cells_hold_blocks_and_colours_only(void **state)
{
	static const struct picture_cell bad[] = {{0x1b, -1, -1},	 {'A', -1, -1},	    {0x202e, -1, -1},
						  {0x25a0, -1, -1},	 {' ', -2, -1},	    {' ', 256, -1},
						  {' ', -1, 0x2000000}, {' ', 0xffffff, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct picture_cell cell = bad[i];
		struct picture picture = {.columns = 1, .rows = 1, .width = 1, .height = 1, .cells = &cell};
		struct buf out = BUF_INIT;

		picture.full_width = picture.full_height = 1;
		picture_write(&picture, &out);
		assert_null(picture_read(out.data, out.len));
		buf_free(&out);
	}
}

static void an_odd_first_line_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"tern-picture cells 1 1 1 1 1 1 12",
		"tern-picture cells 0 1 1 1 1 1 0\n",
		"tern-picture cells -1 -1 1 1 1 1 12\n            ",
		"tern-picture cells 99999 99999 1 1 1 1 12\n            ",
		"tern-picture other 1 1 1 1 1 1 12\n            ",
		"tern-picture kitty 1 1 60000 60000 1 1 4\nabcd",
		"tern-picture kitty 1 1 1 1 1 1 3\nabc",
		"tern-picture sixel 1 1 1 1 1 1 18446744073709551615\n~",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_null(picture_read(bad[i], strlen(bad[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_comes_back_as_it_was),
		cmocka_unit_test(nothing_but_sixels_is_believed),
		cmocka_unit_test(cells_hold_blocks_and_colours_only),
		cmocka_unit_test(an_odd_first_line_is_refused),
	};

	return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
