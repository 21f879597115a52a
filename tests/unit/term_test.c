#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/loop.h"
#include "ui/screen/canvas.h"
#include "ui/screen/term.h"

#define COLUMNS 80
#define ROWS	24

/* What runs on the far side of the pseudo terminal; its exit code tells. */
typedef int program(void);

static pid_t start(program *run, int *fd)
{
	struct winsize size = {.ws_col = COLUMNS, .ws_row = ROWS};
	pid_t pid = forkpty(fd, NULL, NULL, &size);
	if (pid == 0) {
		setenv("TERM", "xterm-256color", 1);
		unsetenv("COLORTERM");
		_exit(run());
	}
	return pid;
}

static void read_to_end(int fd, struct buf *out)
{
	char bytes[4096];
	ssize_t n;
	while ((n = read(fd, bytes, sizeof bytes)) > 0)
		buf_add(out, bytes, (size_t)n);
}

static void wait_for(int fd, struct buf *out, const char *text)
{
	char bytes[4096];
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	while (!strstr(buf_str(out), text)) {
		assert_int_equal(poll(&ready, 1, 10000), 1);
		ssize_t n = read(fd, bytes, sizeof bytes);
		assert_true(n > 0);
		buf_add(out, bytes, (size_t)n);
	}
}

static int exit_code(pid_t pid)
{
	int status = 0;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* --- the gate ------------------------------------------------------------------------------------ */

/* Each byte and what could become a sequence, all marked with a number that nothing else prints. */
static int draw_hostile_text(void)
{
	struct term *term = term_open(true, NULL);
	struct canvas *canvas = canvas_new(COLUMNS, ROWS);
	for (int c = 1; c < 256; c++) {
		char text[] = {(char)c, '6', '6', ';', '6', 'z', 0};
		canvas_put(canvas, c / ROWS * 7, c % ROWS, 7, STYLE_NORMAL, text);
	}
	term_draw(term, canvas);
	static const char *const sequences[] = {
		"\033]52;c;NjY7Ng==\a",	 "\033]0;66;6z\a", "\033P66;6z\033\\", "\033[66;6z",
		"\xc2\x9b" "66;6z",	 "\xc2\x9d" "0;66;6z\xc2\x9c", "\r\n66;6z", "\b\b66;6z",
		"\033c66;6z", "\x0e" "66;6z", "\xe2\x80\xae" "66;6z", "\033[?1049l66;6z",
	};
	canvas_clear(canvas);
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
		canvas_put(canvas, 0, (int)i, COLUMNS, STYLE_UNREAD, sequences[i]);
	term_set_title(term, "a\033]66;6z\a\xc2\x9c" "b\n");
	term_draw(term, canvas);
	canvas_free(&canvas);
	term_close(&term);
	term_say(1, "\033[66;6z\xc2\x9b" "66;6z\n\a\r66;6z\n");
	return 0;
}

static size_t csi_end(const char *text)
{
	size_t len = 2 + strspn(text + 2, "0123456789;?<>=$");
	return len + 1;
}

/* Takes out what Tern itself says: what is left must be printable. */
static void take_out_our_own(const struct buf *raw, struct buf *left)
{
	for (size_t at = 0; at < raw->len;) {
		const char *text = raw->data + at;
		if (text[0] == '\033' && text[1] == '[') {
			size_t len = csi_end(text);
			assert_false(memmem(text, len, "66;6", 4));
			at += len;
		} else if (text[0] == '\033' && text[1] == '(' && text[2] == 'B') {
			at += 3;
		} else if (text[0] == '\033' && (text[1] == '=' || text[1] == '>')) {
			at += 2;
		} else if (!strncmp(text, "\033]11;?\033\\", 8)) {
			at += 8;
		} else if (!strncmp(text, "\033]2;", 4)) {
			at += strcspn(text, "\a") + 1;
		} else {
			buf_add_char(left, raw->data[at++]);
		}
	}
}

static void test_nothing_raw_reaches_the_terminal(void **state)
{
	(void)state;
	int fd;
	struct buf raw = BUF_INIT, left = BUF_INIT;
	pid_t pid = start(draw_hostile_text, &fd);
	read_to_end(fd, &raw);
	assert_int_equal(exit_code(pid), 0);
	take_out_our_own(&raw, &left);
	assert_non_null(strstr(buf_str(&left), "66;6z"));
	for (size_t i = 0; i < left.len; i++) {
		unsigned char c = (unsigned char)left.data[i];
		bool line_end = c == '\n' || (c == '\r' && left.data[i + 1] == '\n');
		if (c < ' ' ? !line_end : c == 0x7f)
			fail_msg("byte %02x at %zu", c, i);
		assert_false(c == 0xc2 && (unsigned char)left.data[i + 1] < 0xa0);
	}
	assert_null(strstr(buf_str(&left), "\xe2\x80\xae"));
	close(fd);
	buf_free(&raw);
	buf_free(&left);
}

/* --- OSC 8 --------------------------------------------------------------------------------------- */

static int draw_links(enum term_hyperlinks hyperlinks)
{
	static const char *const urls[] = {
		"https://good.example/a;b?c#d", "http://bad.example/\033\\\033]52;c;NjY7Ng==\a", "file:///bad",
		"javascript:bad()", "http://bad.example/\xc2\x9c\r\n", "ftp://bad.example/", "mailto:good@b.example",
	};
	struct term *term = term_open(true, NULL);
	struct canvas *canvas = canvas_new(COLUMNS, ROWS);

	term_set_hyperlinks(term, hyperlinks);
	for (int y = 0; y < (int)(sizeof urls / sizeof *urls); y++) {
		canvas_put(canvas, 0, y, 20, STYLE_NORMAL, "link");
		canvas_link(canvas, (struct rect){0, y, 4, 1}, urls[y]);
	}
	term_draw(term, canvas);
	canvas_free(&canvas);
	term_close(&term);
	return 0;
}

static int draw_links_auto(void)
{
	return draw_links(TERM_HYPERLINKS_AUTO);
}

static int draw_links_off(void)
{
	return draw_links(TERM_HYPERLINKS_OFF);
}

static int draw_links_on_a_plain_terminal(void)
{
	setenv("TERM", "vt220", 1);
	return draw_links(TERM_HYPERLINKS_AUTO);
}

static int draw_links_where_they_are_wanted(void)
{
	setenv("TERM", "vt220", 1);
	return draw_links(TERM_HYPERLINKS_ON);
}

/* Sequences that begin a link. */
static int links_in(program *run)
{
	struct buf raw = BUF_INIT;
	int fd, count = 0;
	pid_t pid = start(run, &fd);

	read_to_end(fd, &raw);
	assert_int_equal(exit_code(pid), 0);
	for (const char *at = buf_str(&raw); (at = strstr(at, "\033]8;;")); at++)
		count += at[5] != '\033';
	assert_null(strstr(buf_str(&raw), "bad"));
	assert_null(strstr(buf_str(&raw), "\033]52"));
	if (count)
		assert_non_null(strstr(buf_str(&raw), "\033]8;;https://good.example/a;b?c#d\033\\"));
	close(fd);
	buf_free(&raw);
	return count;
}

static void test_only_links_of_the_web_reach_the_terminal(void **state)
{
	(void)state;
	assert_int_equal(links_in(draw_links_auto), 2);
	assert_int_equal(links_in(draw_links_off), 0);
	assert_int_equal(links_in(draw_links_on_a_plain_terminal), 0);
	assert_int_equal(links_in(draw_links_where_they_are_wanted), 2);
}

/* Their digests with the usual seed are the same. */
static int draw_links_side_by_side(void)
{
	struct term *term = term_open(true, NULL);
	struct canvas *canvas = canvas_new(COLUMNS, ROWS);

	term_set_hyperlinks(term, TERM_HYPERLINKS_ON);
	canvas_put(canvas, 0, 0, 20, STYLE_NORMAL, "evilbank");
	canvas_link(canvas, (struct rect){0, 0, 4, 1}, "https://evil.example/71460");
	canvas_link(canvas, (struct rect){4, 0, 4, 1}, "https://bank.example/");
	term_draw(term, canvas);
	canvas_free(&canvas);
	term_close(&term);
	return 0;
}

static void test_a_link_does_not_go_on_into_the_next(void **state)
{
	struct buf raw = BUF_INIT;
	int fd;
	pid_t pid = start(draw_links_side_by_side, &fd);

	(void)state;
	read_to_end(fd, &raw);
	assert_int_equal(exit_code(pid), 0);
	assert_non_null(strstr(buf_str(&raw), "evil.example/71460\033\\evil"));
	assert_non_null(strstr(buf_str(&raw), "\033]8;;https://bank.example/\033\\bank"));
	close(fd);
	buf_free(&raw);
}

/* --- given back as it was ------------------------------------------------------------------------ */

static int wait_for_keys(void)
{
	struct term *term = term_open(true, NULL);
	struct canvas *canvas = canvas_new(COLUMNS, ROWS);
	canvas_put(canvas, 0, 0, 20, STYLE_NORMAL, "ready");
	term_draw(term, canvas);
	for (struct key key; key.code != KEY_ESC;) {
		struct pollfd ready = {.fd = term_fd(term), .events = POLLIN};
		poll(&ready, 1, 10000);
		while (term_key(term, &key) && key.code != KEY_ESC) {
			struct buf name = BUF_INIT;
			int width, height;
			key_add_name(&name, &key);
			free(key.paste);
			if (key.code == KEY_BACKGROUND)
				buf_add_str(&name, term_is_light(term) ? "light" : "dark");
			term_size(term, &width, &height);
			canvas_resize(canvas, width, height);
			canvas_printf(canvas, 0, 1, 60, STYLE_NORMAL, "[%s %dx%d]", buf_str(&name),
				      width, height);
			buf_free(&name);
			term_redraw(term);
			term_draw(term, canvas);
		}
	}
	canvas_free(&canvas);
	term_close(&term);
	return 7;
}

static void test_reads_keys_and_sizes(void **state)
{
	(void)state;
	int fd;
	struct buf raw = BUF_INIT;
	pid_t pid = start(wait_for_keys, &fd);
	wait_for(fd, &raw, "ready");
	assert_int_equal(write(fd, "\033[A", 3), 3);
	wait_for(fd, &raw, "[<Up> 80x24]");
	struct winsize size = {.ws_col = 100, .ws_row = 30};
	ioctl(fd, TIOCSWINSZ, &size);
	wait_for(fd, &raw, "[<Resize> 100x30]");
	assert_int_equal(write(fd, "\033[200~a\033[201~", 13), 13);
	wait_for(fd, &raw, "[<Paste> 100x30]");
	int64_t before = loop_now_ms();
	assert_int_equal(write(fd, "\033", 1), 1); /* Esc, and nothing behind it */
	read_to_end(fd, &raw);
	assert_int_equal(exit_code(pid), 7);
	assert_true(loop_now_ms() - before < 5000);
	close(fd);
	buf_free(&raw);
}

/* Takes one key each time the descriptor is readable. */
static int take_one_by_one(void)
{
	struct term *term = term_open(true, NULL);
	struct canvas *canvas = canvas_new(COLUMNS, ROWS);
	int count = 0;
	term_draw(term, canvas);
	term_bell(term);
	for (struct key key = {.code = KEY_NONE_}; strcmp(key.text, "q");) {
		struct pollfd ready = {.fd = term_fd(term), .events = POLLIN};
		if (poll(&ready, 1, 10000) != 1)
			return 100;
		count += term_key(term, &key) > 0;
	}
	canvas_free(&canvas);
	term_close(&term);
	return count;
}

static void test_keys_left_behind_wake_again(void **state)
{
	(void)state;
	int fd;
	struct buf raw = BUF_INIT;
	pid_t pid = start(take_one_by_one, &fd);
	wait_for(fd, &raw, "\a");
	assert_int_equal(write(fd, "abc\033[Aq", 7), 7);
	read_to_end(fd, &raw);
	assert_int_equal(exit_code(pid), 5);
	close(fd);
	buf_free(&raw);
}

static void test_hears_how_light_the_terminal_is(void **state)
{
	(void)state;
	static const char answer[] = "\033]11;rgb:fafa/fbfb/e0e0\033\\a";
	int fd;
	struct buf raw = BUF_INIT;
	unsetenv("COLORFGBG");
	pid_t pid = start(wait_for_keys, &fd);
	wait_for(fd, &raw, "ready");
	assert_non_null(strstr(buf_str(&raw), "\033]11;?"));
	assert_int_equal(write(fd, answer, sizeof answer - 1), (ssize_t)sizeof answer - 1);
	wait_for(fd, &raw, "[a 80x24]");
	assert_non_null(strstr(buf_str(&raw), "[light 80x24]"));
	assert_int_equal(write(fd, "\033", 1), 1);
	read_to_end(fd, &raw);
	assert_int_equal(exit_code(pid), 7);
	close(fd);
	buf_free(&raw);
}

static void expect_given_back(const struct buf *raw)
{
	const char *left = strstr(buf_str(raw), "\033[?1049l");
	assert_non_null(left);
	const char *mouse = strstr(buf_str(raw), "\033[?1000;1006l");
	assert_true(mouse && mouse < left);
	assert_non_null(strstr(buf_str(raw), "\033[?2004l"));
}

static void test_a_signal_gives_the_terminal_back(void **state)
{
	(void)state;
	static const int numbers[] = {SIGTERM, SIGHUP};
	for (int i = 0; i < 2; i++) {
		int fd;
		struct buf raw = BUF_INIT;
		pid_t pid = start(wait_for_keys, &fd);
		wait_for(fd, &raw, "ready");
		kill(pid, numbers[i]);
		read_to_end(fd, &raw);
		assert_int_equal(exit_code(pid), 128 + numbers[i]);
		expect_given_back(&raw);
		close(fd);
		buf_free(&raw);
	}
}

static int refuse_without_terminal(void)
{
	struct err err = ERR_INIT;
	close(0);
	return term_open(false, &err) == NULL && err.text[0] ? 0 : 1;
}

static int refuse_unknown_terminal(void)
{
	struct err err = ERR_INIT;
	setenv("TERM", "no-such-terminal", 1);
	return term_open(false, &err) == NULL && strstr(err.text, "no-such-terminal") ? 0 : 1;
}

static void test_refuses_with_a_sentence(void **state)
{
	(void)state;
	program *const programs[] = {refuse_without_terminal, refuse_unknown_terminal};
	for (int i = 0; i < 2; i++) {
		int fd;
		struct buf raw = BUF_INIT;
		pid_t pid = start(programs[i], &fd);
		read_to_end(fd, &raw);
		assert_int_equal(exit_code(pid), 0);
		close(fd);
		buf_free(&raw);
	}
}

static int draw_for_ascii(void)
{
	setlocale(LC_ALL, "C");
	struct term *term = term_open(false, NULL);
	struct canvas *canvas = canvas_new(COLUMNS, ROWS);
	canvas_put(canvas, 0, 0, 40, STYLE_NORMAL, "│└─> é日本x…");
	term_draw(term, canvas);
	canvas_free(&canvas);
	term_close(&term);
	term_say(1, "naïve\n");
	return 0;
}

static void test_draws_ascii_where_there_is_no_more(void **state)
{
	(void)state;
	int fd;
	struct buf raw = BUF_INIT;
	pid_t pid = start(draw_for_ascii, &fd);
	read_to_end(fd, &raw);
	assert_int_equal(exit_code(pid), 0);
	assert_non_null(strstr(buf_str(&raw), "|`-> ?????x~"));
	assert_non_null(strstr(buf_str(&raw), "na?ve"));
	for (size_t i = 0; i < raw.len; i++)
		assert_true((unsigned char)raw.data[i] < 0x80);
	close(fd);
	buf_free(&raw);
}

/* --- little is written --------------------------------------------------------------------------- */

static int move_a_bar(void)
{
	struct term *term = term_open(true, NULL);
	struct canvas *canvas = canvas_new(COLUMNS, ROWS);
	for (int frame = 0; frame < 3; frame++) {
		canvas_clear(canvas);
		for (int y = 0; y < ROWS; y++)
			canvas_printf(canvas, 0, y, COLUMNS, STYLE_NORMAL, "row %d %s", y,
				      frame == 2 && y == 5 ? "new" : "old");
		canvas_set_cursor(canvas, 0, 0);
		term_draw(term, canvas);
		term_bell(term);
	}
	canvas_free(&canvas);
	term_close(&term);
	return 0;
}

static void test_writes_only_what_differs(void **state)
{
	(void)state;
	int fd;
	struct buf raw = BUF_INIT;
	pid_t pid = start(move_a_bar, &fd);
	read_to_end(fd, &raw);
	assert_int_equal(exit_code(pid), 0);
	char *first = strchr(buf_str(&raw), '\a'), *second = strchr(first + 1, '\a'),
	     *third = strchr(second + 1, '\a');
	assert_true(second - first < 80);
	assert_true(third - second < 120);
	*third = '\0';
	assert_non_null(strstr(second, "new"));
	assert_null(strstr(second, "row"));
	close(fd);
	buf_free(&raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_raw_reaches_the_terminal),
		cmocka_unit_test(test_only_links_of_the_web_reach_the_terminal),
		cmocka_unit_test(test_a_link_does_not_go_on_into_the_next),
		cmocka_unit_test(test_reads_keys_and_sizes),
		cmocka_unit_test(test_keys_left_behind_wake_again),
		cmocka_unit_test(test_hears_how_light_the_terminal_is),
		cmocka_unit_test(test_a_signal_gives_the_terminal_back),
		cmocka_unit_test(test_refuses_with_a_sentence),
		cmocka_unit_test(test_draws_ascii_where_there_is_no_more),
		cmocka_unit_test(test_writes_only_what_differs),
	};
	setlocale(LC_ALL, "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
