#include "config.h"

#include "ui/screen/term.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/utf8.h"
#include "ui/input/key_decode.h"
#include "ui/screen/canvas.h"
#include "ui/screen/graphics.h"
#include "ui/screen/terminfo.h"

#define READ_SIZE    4096
#define COLOUR_RGB   0x1000000
#define GAP_MAX	     4 /* equal cells that are cheaper written again than jumped over */
#define TITLE_MAX    200
#define NOT_THERE    (-1)
#define INPUT_MAX    (KEY_DECODE_PASTE_MAX + READ_SIZE)
#define SIZE_MAX_ROW 1000

struct term {
	struct terminfo info;
	struct termios shell_modes, our_modes;
	bool is_ours; /* between open or resume, and suspend or close */
	bool wants_mouse, is_utf8;
	enum theme_depth depth;
	struct theme theme;
	struct buf styles[STYLE_COUNT][STYLE_COUNT]; /* [style][over], made when first used */
	int width, height;
	struct cell *shown; /* what the terminal shows; .link holds a digest of the address */
	bool draws_all;
	bool is_explicit; /* it was told to leave the direction of text to us */
	int at_x, at_y; /* where its cursor is, or NOT_THERE */
	const struct buf *style; /* what it writes in now; NULL: unknown, or these colours */
	bool has_colours;
	int32_t fg, bg;
	const char *link; /* that is open, of the canvas that is drawn; NULL: none */
	unsigned seed;	  /* of digests: no letter can know of two addresses that share one */
	const char *digested; /* the one looked at last, of the same canvas; NULL: none */
	unsigned short digest;
	enum term_hyperlinks hyperlinks;
	struct buf out, in;
	bool is_waiting, has_waited, is_resized;
	struct graphics graphics;
	bool is_light, has_asked; /* HAS_ASKED for the background, no answer yet */
	int poll_fd, timer_fd, signal_fd;
	int more_fd; /* readable while keys are left in IN that nobody has taken */
	sigset_t old_mask;
	int shell_stderr;
	void (*end)(void *arg);
	void *end_arg;
};

/* --- the gate ------------------------------------------------------------------------------------ */

static void write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno == EAGAIN) {
			struct pollfd wait = {.fd = fd, .events = POLLOUT};
			poll(&wait, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			return;
		}
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
}

static void flush_out(struct term *term)
{
	write_all(STDOUT_FILENO, buf_str(&term->out), term->out.len);
	buf_clear(&term->out);
}

/* ASCII for a character of ours where the terminal shows no more; WIDTH columns of it. */
static void add_ascii(struct buf *out, const char *text, int width)
{
	static const struct {
		const char *text;
		char ascii;
	} drawn[] = {
		{"─", '-'}, {"│", '|'}, {"┃", '|'}, {"└", '`'}, {"├", '|'}, {"┌", ','}, {"┐", '.'},
		{"┘", '\''}, {"┬", '-'}, {"┴", '-'}, {"┼", '+'}, {"┤", '|'}, {"…", '~'}, {"•", '*'},
		{"→", '>'}, {"▸", '>'}, {"▾", 'v'}, {"·", '.'}, {"“", '"'}, {"”", '"'}, {"’", '\''},
		{"‘", '\''}, {"–", '-'}, {"—", '-'}, {"━", '='}, {"╴", '-'}, {"█", '#'}, {"▏", '|'},
	};
	char ascii = '?';
	for (size_t i = 0; i < ARRAY_COUNT(drawn); i++)
		if (!strcmp(text, drawn[i].text))
			ascii = drawn[i].ascii;
	for (int i = 0; i < width; i++)
		buf_add_char(out, ascii);
}

/* The gate: TEXT leaves only as what a screen prints. A canvas holds nothing else, and still each cell is
 * looked at again here. */
static void add_text(struct term *term, const char *text, int width)
{
	if (text[0] >= ' ' && text[0] <= '~' && !text[1])
		buf_add_char(&term->out, text[0]);
	else if (term->is_utf8)
		utf8_add_printable(&term->out, text, strlen(text));
	else
		add_ascii(&term->out, text, width);
}

static bool locale_is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static void add_line(struct buf *out, const char *line, size_t len)
{
	struct buf clean = BUF_INIT;
	utf8_add_revealed(&clean, line, len);
	for (size_t at = 0, size; at < clean.len; at += size) {
		uint32_t code;
		size = utf8_decode(clean.data + at, clean.len - at, &code);
		if (code < 0x80 || locale_is_utf8())
			buf_add(out, clean.data + at, size);
		else
			buf_add_char(out, '?');
	}
	buf_free(&clean);
}

void term_say(int fd, const char *text)
{
	struct buf out = BUF_INIT;
	while (*text) {
		size_t len = strcspn(text, "\n\t");
		add_line(&out, text, len);
		text += len;
		if (*text)
			buf_add_char(&out, *text++);
	}
	write_all(fd, buf_str(&out), out.len);
	buf_free(&out);
}

/* --- styles -------------------------------------------------------------------------------------- */

static void add_colour(struct buf *out, bool is_background, int32_t colour)
{
	if (colour < 0)
		return;
	if (colour & COLOUR_RGB)
		buf_printf(out, "\033[%d;2;%d;%d;%dm", is_background ? 48 : 38, colour >> 16 & 255,
			   colour >> 8 & 255, colour & 255);
	else
		terminfo_add_colour(out, is_background, colour);
}

static struct look join_looks(const struct look *base, const struct look *over)
{
	struct look look = *base;
	if (over->fg >= 0)
		look.fg = over->fg;
	if (over->bg >= 0)
		look.bg = over->bg;
	look.bold |= over->bold;
	look.italic |= over->italic;
	look.underline |= over->underline;
	look.dim = (look.dim && over->fg < 0) || over->dim;
	look.reverse = base->reverse != over->reverse;
	return look;
}

static void make_style(struct term *term, struct buf *out, int style, int over)
{
	struct look look = term->theme.looks[style];
	if (over)
		look = join_looks(&look, &term->theme.looks[over]);
	terminfo_add(out, CAP_PLAIN);
	add_colour(out, false, look.fg);
	add_colour(out, true, look.bg);
	if (look.bold)
		terminfo_add(out, CAP_BOLD);
	if (look.dim)
		terminfo_add(out, CAP_DIM);
	if (look.italic)
		terminfo_add(out, CAP_ITALIC);
	if (look.underline)
		terminfo_add(out, CAP_UNDERLINE);
	if (look.reverse)
		terminfo_add(out, CAP_REVERSE);
}

static void use_style(struct term *term, int style, int over)
{
	struct buf *wanted = &term->styles[style][over];
	if (term->style == wanted)
		return;
	if (!wanted->len)
		make_style(term, wanted, style, over);
	buf_add(&term->out, buf_str(wanted), wanted->len);
	term->style = wanted;
	term->has_colours = false;
}

/* Those of a piece of a picture, which no style knows. */
static void use_colours(struct term *term, const struct cell *cell)
{
	if (term->has_colours && term->fg == cell->fg && term->bg == cell->bg)
		return;
	terminfo_add(&term->out, CAP_PLAIN);
	add_colour(&term->out, false, cell->fg);
	add_colour(&term->out, true, cell->bg);
	term->style = NULL;
	term->has_colours = true;
	term->fg = cell->fg;
	term->bg = cell->bg;
}

void term_set_theme(struct term *term, const struct theme *theme)
{
	term->theme = *theme;
	for (int i = 0; i < STYLE_COUNT; i++)
		for (int j = 0; j < STYLE_COUNT; j++)
			buf_free(&term->styles[i][j]);
	term_redraw(term);
}

enum theme_depth term_depth(const struct term *term)
{
	return term->depth;
}

bool term_is_light(const struct term *term)
{
	return term->is_light;
}

static enum theme_depth find_depth(const struct terminfo *info)
{
	const char *colorterm = getenv("COLORTERM");
	if (info->colours >= 8 && colorterm &&
	    (!strcmp(colorterm, "truecolor") || !strcmp(colorterm, "24bit")))
		return THEME_RGB;
	return info->colours >= 256 ? THEME_256 : info->colours >= 8 ? THEME_16 : THEME_MONO;
}

/* --- drawing ------------------------------------------------------------------------------------- */

static void move_to(struct term *term, int x, int y)
{
	if (term->at_x == x && term->at_y == y)
		return;
	terminfo_add_move(&term->out, x, y);
	term->at_x = x;
	term->at_y = y;
}

/* Many cells in a row have the same, which may be long. */
static unsigned short url_digest(struct term *term, const char *url)
{
	unsigned digest = term->seed;
	if (!url)
		return 0;
	if (url == term->digested)
		return term->digest;
	for (const char *c = url; *c; c++)
		digest = (digest ^ (unsigned char)*c) * 16777619u;
	term->digested = url;
	term->digest = (unsigned short)((digest >> 16 ^ digest) | 1);
	return term->digest;
}

/* Terminals disagree about how wide these are: the cursor is set anew behind each. */
static bool is_odd(const struct cell *cell)
{
	uint32_t code;
	size_t len = strlen(cell->text);
	if (len <= 1)
		return false;
	if (cell->width == 2)
		return true;
	size_t first = utf8_decode(cell->text, len, &code);
	return first < len || (code >= 0x0590 && code < 0x1100) || code >= 0x2600;
}

static bool has_hyperlinks(const struct term *term)
{
	if (term->hyperlinks == TERM_HYPERLINKS_AUTO)
		return term->info.is_xterm_like;
	return term->hyperlinks == TERM_HYPERLINKS_ON;
}

static void use_link(struct term *term, const struct canvas *canvas, const struct cell *cell)
{
	const char *url = has_hyperlinks(term) ? canvas_link_url(canvas, cell->link) : NULL;
	if (url == term->link || (url && term->link && !strcmp(url, term->link)))
		return;
	buf_printf(&term->out, "\033]8;;%s\033\\", url ? url : "");
	term->link = url;
}

static void put_cell(struct term *term, const struct canvas *canvas, int x, int y)
{
	const struct cell *cell = canvas_cell(canvas, x, y);
	if (!cell->width)
		return;
	move_to(term, x, y);
	if (cell->has_colours && !cell->over)
		use_colours(term, cell);
	else
		use_style(term, cell->style, cell->over);
	use_link(term, canvas, cell);
	bool odd = term->is_utf8 && is_odd(cell);
	if (odd) {
		buf_add(&term->out, "  ", cell->width);
		term->at_x = NOT_THERE;
		move_to(term, x, y);
	}
	add_text(term, cell->text, cell->width);
	term->at_x = odd || x + cell->width >= term->width ? NOT_THERE : x + cell->width;
}

static bool is_same(struct term *term, const struct canvas *canvas, const struct cell *cell,
		    const struct cell *shown)
{
	return cell->style == shown->style && cell->over == shown->over &&
	       cell->has_colours == shown->has_colours && cell->fg == shown->fg && cell->bg == shown->bg &&
	       cell->width == shown->width && !strcmp(cell->text, shown->text) &&
	       (cell->link | shown->link ? url_digest(term, canvas_link_url(canvas, cell->link)) == shown->link
					 : true);
}

static bool is_blank(const struct cell *cell)
{
	return !cell->style && !cell->over && !cell->link &&
	       !cell->has_colours && cell->text[0] == ' ' && !cell->text[1];
}

/* Where the blanks begin that reach the row's end. */
static int blank_from(const struct term *term, const struct canvas *canvas, int y)
{
	int x = term->width;
	while (x > 0 && is_blank(canvas_cell(canvas, x - 1, y)))
		x--;
	return terminfo_has(CAP_CLEAR_LINE_END) ? x : term->width;
}

static void clear_to_end(struct term *term, int x, int y)
{
	static const struct cell plain = {.text = " ", .width = 1};
	move_to(term, x, y);
	use_style(term, STYLE_NORMAL, 0);
	if (term->link) {
		buf_add_str(&term->out, "\033]8;;\033\\");
		term->link = NULL;
	}
	terminfo_add(&term->out, CAP_CLEAR_LINE_END);
	for (; x < term->width; x++)
		term->shown[y * term->width + x] = plain;
}

/* What a row needs: nothing, the cells that differ, or (with odd characters in it) all of them. */
enum row_need { ROW_SAME, ROW_DIFFERS, ROW_ALL };

static enum row_need row_need(struct term *term, const struct canvas *canvas, int y)
{
	bool differs = term->draws_all, odd = term->draws_all;
	const struct cell *shown = &term->shown[y * term->width];
	for (int x = 0; x < term->width; x++) {
		const struct cell *cell = canvas_cell(canvas, x, y);
		differs |= !is_same(term, canvas, cell, &shown[x]);
		odd |= term->is_utf8 && (is_odd(cell) || is_odd(&shown[x]));
	}
	return !differs ? ROW_SAME : odd ? ROW_ALL : ROW_DIFFERS;
}

static void remember(struct term *term, const struct canvas *canvas, int x, int y)
{
	struct cell *shown = &term->shown[y * term->width + x];
	*shown = *canvas_cell(canvas, x, y);
	if (shown->link)
		shown->link = url_digest(term, canvas_link_url(canvas, shown->link));
}

/* Are the next cells worth a jump, or few enough to be written again? */
static bool worth_jumping(struct term *term, const struct canvas *canvas, int x, int y, int end)
{
	for (int i = x; i < x + GAP_MAX && i < end; i++)
		if (!is_same(term, canvas, canvas_cell(canvas, i, y), &term->shown[y * term->width + i]))
			return false;
	return true;
}

static void draw_row(struct term *term, const struct canvas *canvas, int y)
{
	enum row_need need = row_need(term, canvas, y);
	if (need == ROW_SAME)
		return;
	int end = blank_from(term, canvas, y);
	bool tail_differs = need == ROW_ALL;
	for (int x = end; x < term->width; x++)
		tail_differs |= !is_same(term, canvas, canvas_cell(canvas, x, y),
					 &term->shown[y * term->width + x]);
	for (int x = 0; x < end; x++) {
		bool jumps = need == ROW_DIFFERS &&
			     is_same(term, canvas, canvas_cell(canvas, x, y),
				     &term->shown[y * term->width + x]) &&
			     (term->at_x != x || term->at_y != y ||
			      worth_jumping(term, canvas, x, y, end));
		if (jumps)
			continue;
		put_cell(term, canvas, x, y);
		remember(term, canvas, x, y);
	}
	if (tail_differs && end < term->width)
		clear_to_end(term, end, y);
}

static void place_cursor(struct term *term, const struct canvas *canvas)
{
	int x, y;
	canvas_cursor(canvas, &x, &y);
	if (x < 0 || y < 0) {
		terminfo_add(&term->out, CAP_CURSOR_HIDE);
		return;
	}
	term->at_x = NOT_THERE;
	move_to(term, x < term->width ? x : term->width - 1, y < term->height ? y : term->height - 1);
	terminfo_add(&term->out, CAP_CURSOR_SHOW);
}

/* What a picture covered must be written again. */
static void uncover(void *arg, struct rect area)
{
	struct term *term = arg;
	for (int y = area.y; y < area.y + area.height && y < term->height; y++)
		for (int x = area.x; x < area.x + area.width && x < term->width; x++)
			term->shown[y * term->width + x].text[0] = '\0';
}

static void draw_pictures(struct term *term, const struct canvas *canvas)
{
	size_t before = term->out.len;
	graphics_add_new(&term->graphics, canvas, &term->out, terminfo_add_move);
	if (term->out.len != before)
		term->at_x = NOT_THERE;
}

/* BDSM of ECMA-48, as terminals with bidirectional text know it; not a word of it while there is none. */
static void settle_direction(struct term *term, const struct canvas *canvas)
{
	bool is_explicit = canvas_bidi(canvas) != CANVAS_BIDI_TERMINAL;

	if (!term->info.is_xterm_like || is_explicit == term->is_explicit ||
	    (is_explicit && !canvas_has_rtl(canvas)))
		return;
	term->is_explicit = is_explicit;
	buf_add_str(&term->out, is_explicit ? "\033[8l" : "\033[8h");
}

void term_draw(struct term *term, const struct canvas *canvas)
{
	if (!term->is_ours || canvas_width(canvas) != term->width ||
	    canvas_height(canvas) != term->height)
		return;
	if (term->info.is_xterm_like)
		buf_add_str(&term->out, "\033[?2026h");
	settle_direction(term, canvas);
	terminfo_add(&term->out, CAP_CURSOR_HIDE);
	term->at_x = term->at_y = NOT_THERE;
	term->style = NULL;
	term->has_colours = false;
	if (term->draws_all)
		terminfo_add(&term->out, CAP_PLAIN);
	graphics_remove_old(&term->graphics, canvas, &term->out, uncover, term);
	for (int y = 0; y < term->height; y++)
		draw_row(term, canvas, y);
	if (term->link)
		buf_add_str(&term->out, "\033]8;;\033\\");
	term->link = term->digested = NULL;
	use_style(term, STYLE_NORMAL, 0);
	draw_pictures(term, canvas);
	place_cursor(term, canvas);
	if (term->info.is_xterm_like)
		buf_add_str(&term->out, "\033[?2026l");
	term->draws_all = false;
	flush_out(term);
}

void term_redraw(struct term *term)
{
	graphics_forget(&term->graphics);
	term->draws_all = true;
	term->style = NULL;
}

/* --- taking and giving back ---------------------------------------------------------------------- */

static bool find_size(struct term *term)
{
	struct winsize size = {0};
	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	int width = size.ws_col ? size.ws_col : 80, height = size.ws_row ? size.ws_row : 24;
	if (width > SIZE_MAX_ROW)
		width = SIZE_MAX_ROW;
	if (height > SIZE_MAX_ROW)
		height = SIZE_MAX_ROW;
	graphics_set_size(&term->graphics, size.ws_col, size.ws_row, size.ws_xpixel, size.ws_ypixel);
	bool changed = width != term->width || height != term->height;
	if (changed) {
		free(term->shown);
		term->shown = mem_calloc((size_t)width * (size_t)height, sizeof(struct cell));
		term->width = width;
		term->height = height;
	}
	term_redraw(term);
	return changed;
}

/* A terminal says its background colour when asked (OSC 11); most do, at once. */
static void ask_background(struct term *term)
{
	term->is_light = theme_background_is_light();
	if (!term->info.is_xterm_like || getenv("COLORFGBG"))
		return;
	buf_add_str(&term->out, "\033]11;?\033\\");
	term->has_asked = true;
}

static int hex_pair(const char *text)
{
	char digits[3] = {text[0], text[0] ? text[1] : '\0', '\0'};
	return (int)strtol(digits, NULL, 16);
}

/* "ESC ] 11 ; rgb:ffff/ffff/ffff": true when KEY says that it turned out otherwise than thought. */
static bool hear_background(struct term *term, const char *bytes, size_t len, struct key *key)
{
	static const char start[] = "\033]11;rgb:";
	char text[40] = "";
	if (!term->has_asked || len < sizeof start || memcmp(bytes, start, sizeof start - 1))
		return false;
	memcpy(text, bytes + sizeof start - 1, len - sizeof start < sizeof text ? len - sizeof start
										 : sizeof text - 1);
	term->has_asked = false;
	const char *green = strchr(text, '/'), *blue = green ? strchr(green + 1, '/') : NULL;
	if (!blue)
		return false;
	int light = hex_pair(text) * 3 + hex_pair(green + 1) * 6 + hex_pair(blue + 1);
	bool was_light = term->is_light;
	term->is_light = light > 10 * 128;
	*key = (struct key){.code = KEY_BACKGROUND};
	return term->is_light != was_light;
}

static void ask_graphics(struct term *term)
{
	if (term->info.is_xterm_like && term->is_utf8 && term->depth >= THEME_256)
		graphics_ask(&term->graphics, &term->out);
}

static bool hear_graphics(struct term *term, const char *bytes, size_t len, struct key *key)
{
	bool is_news;
	if (!graphics_hear(&term->graphics, bytes, len, &is_news))
		return false;
	*key = (struct key){.code = KEY_BACKGROUND};
	return is_news;
}

void term_pictures(const struct term *term, struct term_pictures *can)
{
	const struct graphics *graphics = &term->graphics;
	bool knows_size = graphics->cell_height > 0;
	*can = (struct term_pictures){
		.has_cells = term->is_utf8 && term->depth >= THEME_256,
		.has_sixel = graphics->has_sixel && knows_size,
		.has_kitty = graphics->has_kitty && knows_size,
		.cell_width = knows_size ? graphics->cell_width : TERM_CELL_WIDTH,
		.cell_height = knows_size ? graphics->cell_height : TERM_CELL_HEIGHT,
	};
}

static void enter(struct term *term)
{
	tcsetattr(STDIN_FILENO, TCSADRAIN, &term->our_modes);
	if (term->info.is_xterm_like)
		buf_add_str(&term->out, "\033[22;2t");
	terminfo_add(&term->out, CAP_ENTER);
	terminfo_add(&term->out, CAP_KEYPAD_ON);
	terminfo_add(&term->out, CAP_WRAP_OFF);
	terminfo_add(&term->out, CAP_PLAIN);
	terminfo_add(&term->out, CAP_CLEAR);
	if (term->info.is_xterm_like)
		buf_add_str(&term->out, "\033[?2004h");
	if (term->info.is_xterm_like && term->wants_mouse)
		buf_add_str(&term->out, "\033[?1000;1006h");
	flush_out(term);
	term->is_ours = true;
	term_redraw(term);
}

static void leave(struct term *term)
{
	if (!term->is_ours)
		return;
	term->is_ours = false;
	if (term->is_explicit)
		buf_add_str(&term->out, "\033[8h");
	term->is_explicit = false;
	if (term->info.is_xterm_like)
		buf_add_str(&term->out, "\033[?2026l\033[?1000;1006l\033[?2004l\033[23;2t");
	terminfo_add(&term->out, CAP_PLAIN);
	terminfo_add(&term->out, CAP_WRAP_ON);
	terminfo_add(&term->out, CAP_CURSOR_SHOW);
	terminfo_add_move(&term->out, 0, term->height - 1);
	terminfo_add(&term->out, CAP_CLEAR_LINE_END);
	terminfo_add(&term->out, CAP_KEYPAD_OFF);
	terminfo_add(&term->out, CAP_LEAVE);
	flush_out(term);
	/* an answer that comes late is not for the shell */
	bool may_come = term->has_asked || term->graphics.has_asked;
	tcsetattr(STDIN_FILENO, may_come ? TCSAFLUSH : TCSADRAIN, &term->shell_modes);
}

/* While the screen is ours, what libraries print goes into the log. */
static void divert_stderr(struct term *term)
{
	char *dir = path_dir(PATH_STATE), *path = path_in(PATH_STATE, "log");
	path_make_dirs(dir, NULL);
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	term->shell_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0) {
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
	free(dir);
	free(path);
}

static void restore_stderr(struct term *term)
{
	if (term->shell_stderr < 0)
		return;
	dup2(term->shell_stderr, STDERR_FILENO);
	close(term->shell_stderr);
	term->shell_stderr = -1;
}

void term_suspend(struct term *term)
{
	leave(term);
	restore_stderr(term);
}

void term_resume(struct term *term)
{
	if (term->is_ours)
		return;
	divert_stderr(term);
	enter(term);
	if (find_size(term))
		term->is_resized = true;
}

/* The signal's default action, now. */
static void fall_to(int number)
{
	sigset_t only, before;
	struct sigaction action = {.sa_handler = SIG_DFL}, old;
	sigaction(number, &action, &old);
	sigemptyset(&only);
	sigaddset(&only, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &only, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigaction(number, &old, NULL);
}

void term_stop(struct term *term)
{
	term_suspend(term);
	fall_to(SIGTSTP);
	term_resume(term);
	term->is_resized = true;
}

/* --- signals and input --------------------------------------------------------------------------- */

static void watched_signals(sigset_t *set)
{
	static const int numbers[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP};
	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
		sigaddset(set, numbers[i]);
}

static void end_by(struct term *term, int number)
{
	term_suspend(term);
	if (term->end)
		term->end(term->end_arg);
	fall_to(number);
}

void term_on_end(struct term *term, void (*end)(void *arg), void *arg)
{
	term->end = end;
	term->end_arg = arg;
}

/* Somebody stopped us without a word (SIGSTOP): the shell had the terminal since. */
static void continued(struct term *term)
{
	if (!term->is_ours)
		return;
	enter(term);
	find_size(term);
	term->is_resized = true;
}

static void take_signals(struct term *term)
{
	struct signalfd_siginfo info;
	while (read(term->signal_fd, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGWINCH) {
			find_size(term); /* the same again, once it was another in between: text is lost */
			term->is_resized = true;
		} else if (info.ssi_signo == SIGTSTP) {
			term_stop(term);
		} else if (info.ssi_signo == SIGCONT) {
			continued(term);
		} else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP) {
			end_by(term, (int)info.ssi_signo);
		}
	}
}

static void set_timer(struct term *term, int ms)
{
	struct itimerspec when = {.it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}};
	timerfd_settime(term->timer_fd, 0, &when, NULL);
	term->is_waiting = ms > 0;
}

static void take_timer(struct term *term)
{
	uint64_t times;
	if (read(term->timer_fd, &times, sizeof times) != sizeof times)
		return;
	term->is_waiting = false;
	term->has_waited = true;
}

static void take_bytes(struct term *term)
{
	char bytes[READ_SIZE];
	struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
	while (term->in.len < INPUT_MAX && poll(&ready, 1, 0) == 1) {
		ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
		if (n > 0)
			buf_add(&term->in, bytes, (size_t)n);
		else if (n < 0 ? errno != EINTR && errno != EAGAIN : ready.revents & POLLHUP)
			end_by(term, SIGHUP);
		if (n <= 0)
			return;
		term->has_waited = false;
	}
}

static bool is_erase(const struct term *term, const struct key *key)
{
	cc_t erase = term->shell_modes.c_cc[VERASE];
	return erase == '\b' && key->code == KEY_CTRL && !strcmp(key->text, "h");
}

/* One key of what was read: 1, 0 none (a timer runs when one may become whole). */
static int next_key(struct term *term, struct key *key)
{
	while (term->in.len) {
		size_t used = 0;
		int found = terminfo_key(term->in.data, term->in.len, key, &used);
		if (!found)
			found = key_decode(term->in.data, term->in.len, term->has_waited, key, &used);
		if (!found) {
			if (!term->is_waiting)
				set_timer(term, key_decode_wait_ms(term->in.data, term->in.len));
			return 0;
		}
		if (found < 0 && hear_background(term, term->in.data, used, key))
			found = 1;
		if (found < 0 && hear_graphics(term, term->in.data, used, key))
			found = 1;
		buf_remove(&term->in, 0, used);
		if (found == 1 && is_erase(term, key))
			*key = (struct key){.code = KEY_BACKSPACE_};
		if (found == 1)
			return 1;
	}
	return 0;
}

/* A caller may stop before it has taken every key: TERM_FD stays readable then. */
static void tell_more(struct term *term, bool more)
{
	uint64_t count = 1;
	if (more && write(term->more_fd, &count, sizeof count) < 0)
		return;
	if (!more && read(term->more_fd, &count, sizeof count) < 0)
		return;
}

int term_key(struct term *term, struct key *key)
{
	if (!term->is_ours)
		return 0;
	tell_more(term, false);
	take_signals(term);
	take_bytes(term);
	take_timer(term);
	if (term->is_resized) {
		term->is_resized = false;
		*key = (struct key){.code = KEY_RESIZED};
		tell_more(term, term->in.len > 0);
		return 1;
	}
	int found = next_key(term, key);
	tell_more(term, found && term->in.len);
	if (found && term->is_waiting)
		set_timer(term, 0);
	if (!term->in.len)
		term->has_waited = false;
	return found;
}

int term_fd(const struct term *term)
{
	return term->poll_fd;
}

void term_size(const struct term *term, int *width, int *height)
{
	*width = term->width;
	*height = term->height;
}

/* --- opening ------------------------------------------------------------------------------------- */

static void set_our_modes(struct term *term)
{
	term->our_modes = term->shell_modes;
	term->our_modes.c_iflag &= (tcflag_t) ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL |
						IXON);
	term->our_modes.c_oflag &= (tcflag_t)~OPOST;
	term->our_modes.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	term->our_modes.c_cflag &= (tcflag_t) ~(CSIZE | PARENB);
	term->our_modes.c_cflag |= CS8;
	term->our_modes.c_cc[VMIN] = 0; /* a read never waits */
	term->our_modes.c_cc[VTIME] = 0;
}

static void watch(struct term *term, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	epoll_ctl(term->poll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void open_events(struct term *term)
{
	sigset_t set;
	watched_signals(&set);
	sigprocmask(SIG_BLOCK, &set, &term->old_mask);
	term->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	term->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	term->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	watch(term, STDIN_FILENO);
	term->more_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	watch(term, term->more_fd);
	watch(term, term->signal_fd);
	watch(term, term->timer_fd);
}

static void close_events(struct term *term)
{
	close(term->signal_fd);
	close(term->timer_fd);
	close(term->more_fd);
	close(term->poll_fd);
	sigprocmask(SIG_SETMASK, &term->old_mask, NULL);
}

struct term *term_open(bool mouse, struct err *err)
{
	struct terminfo info;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(err, _("This needs a terminal."));
		return NULL;
	}
	if (terminfo_load(&info, err))
		return NULL;
	struct term *term = mem_alloc(sizeof *term);
	term->info = info;
	term->wants_mouse = mouse;
	term->is_utf8 = locale_is_utf8();
	term->depth = find_depth(&info);
	term->shell_stderr = -1;
	if (getrandom(&term->seed, sizeof term->seed, GRND_NONBLOCK) < 0)
		term->seed = (unsigned)(uintptr_t)term;
	theme_load(&term->theme, "auto", term->depth, NULL);
	tcgetattr(STDIN_FILENO, &term->shell_modes);
	set_our_modes(term);
	open_events(term);
	find_size(term);
	divert_stderr(term);
	ask_background(term);
	ask_graphics(term);
	enter(term);
	return term;
}

void term_close(struct term **term)
{
	struct term *old = *term;
	if (!old)
		return;
	term_suspend(old);
	close_events(old);
	terminfo_unload();
	for (int i = 0; i < STYLE_COUNT; i++)
		for (int j = 0; j < STYLE_COUNT; j++)
			buf_free(&old->styles[i][j]);
	buf_free(&old->out);
	buf_free(&old->in);
	free(old->shown);
	free(old);
	*term = NULL;
}

/* --- small words to the terminal ----------------------------------------------------------------- */

void term_bell(struct term *term)
{
	if (!term->is_ours)
		return;
	terminfo_add(&term->out, CAP_BELL);
	flush_out(term);
}

void term_set_title(struct term *term, const char *title)
{
	if (!term->is_ours || !term->info.is_xterm_like || !term->is_utf8)
		return;
	int used;
	struct buf clean = BUF_INIT;
	utf8_add_revealed(&clean, title, strlen(title));
	buf_truncate(&clean, utf8_fit(buf_str(&clean), clean.len, TITLE_MAX, &used));
	buf_printf(&term->out, "\033]2;%s\a", buf_str(&clean));
	buf_free(&clean);
	flush_out(term);
}

static enum term_notify known_way(void)
{
	static const struct {
		const char *variable, *begin;
		enum term_notify way;
	} known[] = {
		{"TERM", "xterm-kitty", TERM_NOTIFY_OSC99},  {"TERM", "foot", TERM_NOTIFY_OSC777},
		{"TERM", "rxvt-unicode", TERM_NOTIFY_OSC777}, {"TERM", "xterm-ghostty", TERM_NOTIFY_OSC9},
		{"TERM_PROGRAM", "WezTerm", TERM_NOTIFY_OSC777}, {"TERM_PROGRAM", "iTerm", TERM_NOTIFY_OSC9},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const char *value = getenv(known[i].variable);
		if (value && strncmp(value, known[i].begin, strlen(known[i].begin)) == 0)
			return known[i].way;
	}
	return TERM_NOTIFY_AUTO;
}

/* One line of printable text; what divides the fields of such a notice is none of it. */
static void add_notice_text(struct buf *out, const char *text)
{
	int used;
	struct buf clean = BUF_INIT;
	utf8_add_revealed(&clean, text, strlen(text));
	buf_truncate(&clean, utf8_fit(buf_str(&clean), clean.len, TITLE_MAX, &used));
	for (size_t i = 0; i < clean.len; i++)
		buf_add_char(out, clean.data[i] == ';' ? ',' : clean.data[i]);
	buf_free(&clean);
}

bool term_notify(struct term *term, enum term_notify way, const char *title, const char *text)
{
	if (way == TERM_NOTIFY_AUTO)
		way = known_way();
	if (way == TERM_NOTIFY_AUTO || !term->is_ours || !term->is_utf8)
		return false;
	buf_add_str(&term->out, way == TERM_NOTIFY_OSC777 ? "\033]777;notify;"
				: way == TERM_NOTIFY_OSC9 ? "\033]9;"
							  : "\033]99;i=1:d=0;");
	add_notice_text(&term->out, title);
	buf_add_str(&term->out, way == TERM_NOTIFY_OSC777 ? ";"
				: way == TERM_NOTIFY_OSC9 ? ": "
							  : "\033\\\033]99;i=1:p=body;");
	add_notice_text(&term->out, text);
	buf_add_str(&term->out, "\033\\");
	flush_out(term);
	return true;
}

void term_set_hyperlinks(struct term *term, enum term_hyperlinks hyperlinks)
{
	if (term->hyperlinks != hyperlinks)
		term_redraw(term);
	term->hyperlinks = hyperlinks;
}

void term_copy(struct term *term, const char *text)
{
	size_t len = strlen(text);
	if (!term->is_ours || !term->info.is_xterm_like || len > TERM_COPY_MAX)
		return;
	buf_add_str(&term->out, "\033]52;c;");
	digest_add_base64(&term->out, text, len);
	buf_add_char(&term->out, '\a');
	flush_out(term);
}
