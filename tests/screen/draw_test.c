/* Random pictures on a terminal: what libvterm shows must be the canvas, cell by cell. Of characters whose
 * width terminals disagree about only this is asked: that they do no harm to the cells beside them. The
 * program runs itself on the terminal, with the seed as its argument. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "tests/lib/screen.h"
#include "ui/screen/canvas.h"
#include "ui/screen/term.h"

#define COLUMNS 60
#define ROWS	16
#define FRAMES	12
#define PIECES	40
#define SEEDS	8

static const char *const pieces[] = {
	"plain text", "x", "  ", "Привет", "日本語", "한국어", "Ünïcode", "e\xcc\x81" "a\xcc\x88",
	"👩‍👩‍👧", "🇩🇪🇫🇷", "🎉 party", "☎️ call", "❤️", "│├─└>", "…", "עברית", "مرحبا", "नमस्ते", "ไทย",
	"\xe2\x80\x8bzero", "a\xe2\x80\x8d" "b", "ﬁ ligature",
};

static unsigned next_number(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345;
	return *seed >> 16;
}

/* The FRAME-th picture: drawn over the one before, sometimes from nothing. */
static void paint(struct canvas *canvas, unsigned *seed)
{
	if (next_number(seed) % 4 == 0)
		canvas_clear(canvas);
	for (int i = 0; i < PIECES; i++) {
		const char *text = pieces[next_number(seed) % ARRAY_COUNT(pieces)];
		int x = (int)(next_number(seed) % COLUMNS), y = (int)(next_number(seed) % ROWS);
		enum style style = (enum style)(next_number(seed) % STYLE_COUNT);
		canvas_put_n(canvas, x, y, 1 + (int)(next_number(seed) % 20), style, text, strlen(text),
			     next_number(seed) % 2);
	}
	canvas_over(canvas, (struct rect){0, (int)(next_number(seed) % ROWS), COLUMNS, 1}, STYLE_CURSOR);
	canvas_set_cursor(canvas, (int)(next_number(seed) % COLUMNS), (int)(next_number(seed) % ROWS));
}

static int draw_pictures(unsigned seed)
{
	struct key key = {.code = KEY_NONE_};
	struct term *term = term_open(true, NULL);
	struct canvas *canvas = canvas_new(COLUMNS, ROWS);
	if (!term)
		return 1;
	for (int i = 0; i < FRAMES; i++) {
		paint(canvas, &seed);
		term_draw(term, canvas);
	}
	while (key.code != KEY_TEXT) {
		struct pollfd ready = {.fd = term_fd(term), .events = POLLIN};
		poll(&ready, 1, -1);
		term_key(term, &key);
	}
	canvas_free(&canvas);
	term_close(&term);
	return 0;
}

/* --- looking on ---------------------------------------------------------------------------------- */

static bool is_agreed_on(const struct cell *cell)
{
	uint32_t code;
	size_t len = strlen(cell->text), first = utf8_decode(cell->text, len, &code);
	if (first < len)
		return false;
	bool is_cjk = (code >= 0x3040 && code < 0xa000) || (code >= 0xac00 && code < 0xd7a4);
	return is_cjk || (cell->width == 1 && code < 0x0590) || (code >= 0x2500 && code < 0x2580) ||
	       code == 0x2026;
}

static void compare(struct screen *screen, const struct canvas *canvas, unsigned seed)
{
	for (int y = 0; y < ROWS; y++) {
		for (int x = 0; x < COLUMNS; x++) {
			const struct cell *wanted = canvas_cell(canvas, x, y);
			if (!wanted->width || !is_agreed_on(wanted))
				continue;
			struct screen_cell shown = screen_cell(screen, y, x);
			const char *text = *shown.text ? shown.text : " ";
			if (strcmp(text, wanted->text))
				fail_msg("seed %u, row %d, column %d: \"%s\" for \"%s\"", seed, y, x,
					 text, wanted->text);
			if (wanted->over == STYLE_CURSOR)
				assert_int_equal(shown.bg, 238);
		}
	}
}

static void show(const char *program, unsigned seed)
{
	char number[16];
	snprintf(number, sizeof number, "%u", seed);
	const char *const argv[] = {program, number, NULL};
	struct screen *screen = screen_new(COLUMNS, ROWS);
	struct canvas *canvas = canvas_new(COLUMNS, ROWS);
	unsigned state = seed;
	assert_int_equal(screen_start(screen, argv), 0);
	screen_settle(screen, 300, 20000);
	for (int i = 0; i < FRAMES; i++)
		paint(canvas, &state);
	compare(screen, canvas, seed);
	int x, y, row, column;
	bool is_visible;
	canvas_cursor(canvas, &x, &y);
	screen_cursor(screen, &row, &column, &is_visible);
	assert_true(is_visible && row == y && column == x);
	char *forbidden = screen_forbidden(screen);
	assert_null(forbidden);
	screen_keys(screen, "q");
	assert_int_equal(screen_wait_end(screen, 10000), 0);
	canvas_free(&canvas);
	screen_free(&screen);
}

static void test_terminal_shows_the_canvas(void **state)
{
	const char *program = *state;
	setenv("COLORTERM", "", 1);
	for (unsigned seed = 1; seed <= SEEDS; seed++)
		show(program, seed);
}

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	if (argc > 1)
		return draw_pictures((unsigned)atoi(argv[1]));
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_terminal_shows_the_canvas, argv[0]),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
