#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/mem.h"
#include "ui/picture/picture.h"
#include "ui/screen/graphics.h"

static bool hear(struct graphics *graphics, const char *text)
{
	bool is_news;

	return graphics_hear(graphics, text, strlen(text), &is_news) && is_news;
}

static void a_terminal_says_what_it_can(void **state)
{
	struct graphics graphics = {.has_sixel = false};
	struct buf out = BUF_INIT;

	(void)state;
	setenv("TERM", "xterm-256color", 1);
	unsetenv("KITTY_WINDOW_ID");
	unsetenv("TERM_PROGRAM");
	assert_false(hear(&graphics, "\033[?62;4c")); /* nobody asked */
	graphics_ask(&graphics, &out);
	assert_string_equal(buf_str(&out), "\033[16t\033[c");
	assert_false(graphics.has_kitty);
	assert_true(hear(&graphics, "\033[6;20;10t"));
	assert_int_equal(graphics.cell_width, 10);
	assert_int_equal(graphics.cell_height, 20);
	assert_false(hear(&graphics, "\033[6;99999;1t"));
	assert_int_equal(graphics.cell_height, 20);
	assert_true(hear(&graphics, "\033[?62;22;4c"));
	assert_true(graphics.has_sixel);
	buf_free(&out);
}

static void no_sixels_without_their_number(void **state)
{
	static const char *const answers[] = {"\033[?1;2c", "\033[?62;14;40c", "\033[?4c", "\033[?c"};

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct graphics graphics = {.has_asked = true};

		hear(&graphics, answers[i]);
		assert_false(graphics.has_sixel);
		assert_false(graphics.has_asked);
	}
}

static void kitty_is_not_reached_through_tmux(void **state)
{
	struct graphics graphics = {.has_kitty = false};
	struct buf out = BUF_INIT;

	(void)state;
	setenv("TERM", "xterm-kitty", 1);
	graphics_ask(&graphics, &out);
	assert_true(graphics.has_kitty);
	setenv("TMUX", "/tmp/x", 1);
	graphics_ask(&graphics, &out);
	assert_false(graphics.has_kitty);
	unsetenv("TMUX");
	buf_free(&out);
}

static void move(struct buf *out, int x, int y)
{
	buf_printf(out, "(%d,%d)", x, y);
}

static void gone(void *arg, struct rect area)
{
	buf_printf(arg, "gone %d,%d %dx%d", area.x, area.y, area.width, area.height);
}

static void draw(struct graphics *graphics, struct canvas *canvas, struct buf *out)
{
	buf_clear(out);
	graphics_remove_old(graphics, canvas, out, gone, out);
	graphics_add_new(graphics, canvas, out, move);
}

static void a_picture_is_sent_once_and_taken_away(void **state)
{
	struct graphics graphics = {.has_sixel = true};
	struct picture picture = {.kind = PICTURE_SIXEL, .columns = 2, .rows = 1, .digest = 7};
	struct canvas *canvas = canvas_new(10, 5);
	struct rect area = {1, 2, 2, 1};
	struct buf out = BUF_INIT;

	(void)state;
	picture_take(&picture, "#0~-", 4);
	canvas_put_picture(canvas, area, &picture);
	draw(&graphics, canvas, &out);
	assert_string_equal(buf_str(&out), "(1,2)\033P0;1;0q#0~-\033\\");
	draw(&graphics, canvas, &out);
	assert_int_equal(out.len, 0);
	graphics_forget(&graphics);
	draw(&graphics, canvas, &out);
	assert_true(out.len > 0);
	canvas_clear(canvas);
	draw(&graphics, canvas, &out);
	assert_string_equal(buf_str(&out), "gone 1,2 2x1");
	free(picture.data);
	buf_free(&out);
	canvas_free(&canvas);
}

/* Whatever the points are, what goes out between the frames is base64. */
static void points_for_kitty_cannot_end_the_escape(void **state)
{
	struct graphics graphics = {.has_kitty = true};
	struct picture picture = {.kind = PICTURE_KITTY, .columns = 2, .rows = 1, .width = 40, .height = 40,
				  .digest = 9};
	struct canvas *canvas = canvas_new(10, 5);
	struct rect area = {0, 0, 2, 1};
	char *points = mem_calloc(6400, 1);
	struct buf out = BUF_INIT;
	size_t escapes = 0;

	(void)state;
	for (size_t i = 0; i < 6400; i++)
		points[i] = "\033\\\a\x9c"[i % 4];
	picture_take(&picture, points, 6400);
	canvas_put_picture(canvas, area, &picture);
	draw(&graphics, canvas, &out);
	for (size_t i = 0; i < out.len; i++) {
		escapes += out.data[i] == '\033';
		assert_true(out.data[i] == '\033' || (out.data[i] >= ' ' && out.data[i] < 0x7f));
	}
	assert_int_equal(escapes, 2 * 3); /* 6400 points are three pieces */
	canvas_clear(canvas);
	draw(&graphics, canvas, &out);
	assert_non_null(strstr(buf_str(&out), "\033_Ga=d,d=I,"));
	free(points);
	free(picture.data);
	buf_free(&out);
	canvas_free(&canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_says_what_it_can),
		cmocka_unit_test(no_sixels_without_their_number),
		cmocka_unit_test(kitty_is_not_reached_through_tmux),
		cmocka_unit_test(a_picture_is_sent_once_and_taken_away),
		cmocka_unit_test(points_for_kitty_cannot_end_the_escape),
	};

	return cmocka_run_group_tests_name("graphics", tests, NULL, NULL);
}
