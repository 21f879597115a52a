#include "config.h"
#include "tests/lib/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/mem.h"

#define QUIET_AFTER_ESCAPE_MS 120
#define FIRST_AFTER_ESCAPE_MS 2000

struct screen {
	VTerm *vt;
	VTermScreen *cells;
	int columns, rows;
	int fd; /* the master side, or -1 */
	pid_t pid;
	int status; /* wait status once ended */
	bool has_ended, cursor_visible, wants_paste_marks;
	int64_t last_event_ms;
	struct buf raw;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- life ----------------------------------------------------------------------------------- */

static void write_all(struct screen *screen, const char *data, size_t len)
{
	while (screen->fd >= 0 && len > 0) {
		struct pollfd out = {screen->fd, POLLOUT, 0};
		ssize_t n = write(screen->fd, data, len);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return;
		if (n < 0) {
			screen_pump(screen, 0); /* it may wait for us to read */
			poll(&out, 1, 100);
			continue;
		}
		data += n;
		len -= (size_t)n;
	}
}

static void on_output(const char *data, size_t len, void *arg)
{
	write_all(arg, data, len);
}

static int on_property(VTermProp property, VTermValue *value, void *arg)
{
	struct screen *screen = arg;

	if (property == VTERM_PROP_CURSORVISIBLE)
		screen->cursor_visible = value->boolean;
	return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

struct screen *screen_new(int columns, int rows)
{
	struct screen *screen = mem_alloc(sizeof *screen);

	*screen = (struct screen){.columns = columns, .rows = rows, .fd = -1, .pid = -1};
	screen->cursor_visible = true;
	screen->vt = vterm_new(rows, columns);
	vterm_set_utf8(screen->vt, 1);
	vterm_output_set_callback(screen->vt, on_output, screen);
	screen->cells = vterm_obtain_screen(screen->vt);
	vterm_screen_set_callbacks(screen->cells, &callbacks, screen);
	vterm_screen_enable_altscreen(screen->cells, 1);
	vterm_screen_reset(screen->cells, 1);
	return screen;
}

static void forget_program(struct screen *screen)
{
	if (screen->pid > 0 && !screen->has_ended) {
		kill(screen->pid, SIGKILL);
		waitpid(screen->pid, &screen->status, 0);
	}
	if (screen->fd >= 0)
		close(screen->fd);
	screen->fd = -1;
	screen->pid = -1;
}

void screen_free(struct screen **screen)
{
	if (!*screen)
		return;
	forget_program(*screen);
	vterm_free((*screen)->vt);
	buf_free(&(*screen)->raw);
	free(*screen);
	*screen = NULL;
}

static void become(const char *const *argv)
{
	setenv("TERM", "xterm-256color", 1);
	unsetenv("LINES");
	unsetenv("COLUMNS");
	execvp(argv[0], (char *const *)argv);
	dprintf(STDERR_FILENO, "screen_start: %s: %s\r\n", argv[0], strerror(errno));
	_exit(127);
}

int screen_start(struct screen *screen, const char *const *argv)
{
	struct winsize size = {(unsigned short)screen->rows, (unsigned short)screen->columns, 0, 0};

	forget_program(screen);
	vterm_screen_reset(screen->cells, 1);
	screen->has_ended = false;
	screen->cursor_visible = true;
	screen->wants_paste_marks = false;
	screen->pid = forkpty(&screen->fd, NULL, NULL, &size);
	if (screen->pid == 0)
		become(argv);
	if (screen->pid < 0)
		return -1;
	fcntl(screen->fd, F_SETFD, FD_CLOEXEC);
	fcntl(screen->fd, F_SETFL, O_NONBLOCK);
	screen->last_event_ms = now_ms();
	return 0;
}

bool screen_is_running(struct screen *screen)
{
	if (screen->pid > 0 && !screen->has_ended &&
	    waitpid(screen->pid, &screen->status, WNOHANG) == screen->pid)
		screen->has_ended = true;
	return screen->pid > 0 && !screen->has_ended;
}

int screen_wait_end(struct screen *screen, int ms)
{
	int64_t until = now_ms() + ms;

	while (screen_is_running(screen) && now_ms() < until)
		screen_pump(screen, 20);
	if (screen_is_running(screen) || screen->pid < 0)
		return -1;
	while (screen_pump(screen, 0))
		; /* its last words */
	return WIFEXITED(screen->status) ? WEXITSTATUS(screen->status)
					 : 128 + WTERMSIG(screen->status);
}

pid_t screen_pid(const struct screen *screen)
{
	return screen->pid;
}

/* --- waiting -------------------------------------------------------------------------------- */

static void note_paste_mode(struct screen *screen, size_t from)
{
	const char *at = screen->raw.data + (from > 8 ? from - 8 : 0);

	for (; (at = strstr(at, "\033[?2004")) != NULL; at += 7)
		screen->wants_paste_marks = at[7] == 'h';
}

bool screen_pump(struct screen *screen, int ms)
{
	struct pollfd in = {screen->fd, POLLIN, 0};
	size_t before = screen->raw.len;
	char piece[16384];
	ssize_t n;

	if (screen->fd < 0 || poll(&in, 1, ms) <= 0)
		return false;
	n = read(screen->fd, piece, sizeof piece);
	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) { /* EIO: the program has ended */
			close(screen->fd);
			screen->fd = -1;
		}
		return false;
	}
	buf_add(&screen->raw, piece, (size_t)n);
	note_paste_mode(screen, before);
	vterm_input_write(screen->vt, piece, (size_t)n);
	screen->last_event_ms = now_ms();
	return true;
}

void screen_settle(struct screen *screen, int quiet_ms, int ms)
{
	int64_t until = now_ms() + ms;

	while (screen->fd >= 0 && now_ms() < until) {
		int64_t left = screen->last_event_ms + quiet_ms - now_ms();

		if (left <= 0)
			return;
		screen_pump(screen, (int)left);
	}
}

bool screen_wait_text(struct screen *screen, const char *text, int ms)
{
	int64_t until = now_ms() + ms;

	while (!screen_has(screen, text)) {
		if (now_ms() >= until || (screen->fd < 0 && !screen_pump(screen, 0)))
			return screen_has(screen, text);
		screen_pump(screen, 50);
	}
	return true;
}

/* --- keys ----------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	VTermKey key;
	VTermModifier modifier;
	const char *text; /* instead of a key */
} key_names[] = {
	{"Enter", VTERM_KEY_ENTER, VTERM_MOD_NONE, NULL},
	{"Esc", VTERM_KEY_NONE, VTERM_MOD_NONE, "\033"},
	{"Tab", VTERM_KEY_NONE, VTERM_MOD_NONE, "\t"},
	{"S-Tab", VTERM_KEY_NONE, VTERM_MOD_NONE, "\033[Z"},
	{"Space", VTERM_KEY_NONE, VTERM_MOD_NONE, " "},
	{"BS", VTERM_KEY_NONE, VTERM_MOD_NONE, "\177"},
	{"Del", VTERM_KEY_DEL, VTERM_MOD_NONE, NULL},
	{"Ins", VTERM_KEY_INS, VTERM_MOD_NONE, NULL},
	{"Up", VTERM_KEY_UP, VTERM_MOD_NONE, NULL},
	{"Down", VTERM_KEY_DOWN, VTERM_MOD_NONE, NULL},
	{"Left", VTERM_KEY_LEFT, VTERM_MOD_NONE, NULL},
	{"Right", VTERM_KEY_RIGHT, VTERM_MOD_NONE, NULL},
	{"S-Up", VTERM_KEY_UP, VTERM_MOD_SHIFT, NULL},
	{"S-Down", VTERM_KEY_DOWN, VTERM_MOD_SHIFT, NULL},
	{"S-Left", VTERM_KEY_LEFT, VTERM_MOD_SHIFT, NULL},
	{"S-Right", VTERM_KEY_RIGHT, VTERM_MOD_SHIFT, NULL},
	{"C-Up", VTERM_KEY_UP, VTERM_MOD_CTRL, NULL},
	{"C-Down", VTERM_KEY_DOWN, VTERM_MOD_CTRL, NULL},
	{"C-Left", VTERM_KEY_LEFT, VTERM_MOD_CTRL, NULL},
	{"C-Right", VTERM_KEY_RIGHT, VTERM_MOD_CTRL, NULL},
	{"Home", VTERM_KEY_HOME, VTERM_MOD_NONE, NULL},
	{"End", VTERM_KEY_END, VTERM_MOD_NONE, NULL},
	{"PgUp", VTERM_KEY_PAGEUP, VTERM_MOD_NONE, NULL},
	{"PgDn", VTERM_KEY_PAGEDOWN, VTERM_MOD_NONE, NULL},
	{"lt", VTERM_KEY_NONE, VTERM_MOD_NONE, "<"},
};

static int send_named(struct screen *screen, const char *name, bool really)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(key_names); i++) {
		if (strcmp(key_names[i].name, name) != 0)
			continue;
		if (really && key_names[i].text)
			write_all(screen, key_names[i].text, strlen(key_names[i].text));
		else if (really)
			vterm_keyboard_key(screen->vt, key_names[i].key, key_names[i].modifier);
		return 0;
	}
	return -1;
}

static int send_control(struct screen *screen, const char *name, bool really)
{
	char c = (char)(name[2] == '?' ? 127 : name[2] & 0x1f);

	if (name[2] == '\0' || name[3] != '\0')
		return -1;
	if (really)
		write_all(screen, &c, 1);
	return 0;
}

static int send_with_alt(struct screen *screen, const char *key, bool really)
{
	char *both = mem_printf("\033%s", key);

	if (really)
		write_all(screen, both, strlen(both));
	free(both);
	return *key ? 0 : -1;
}

static int send_key(struct screen *screen, const char *name, bool really)
{
	char *end;
	long number;

	if (send_named(screen, name, really) == 0)
		return 0;
	if (strncmp(name, "C-", 2) == 0)
		return send_control(screen, name, really);
	if (strncmp(name, "A-", 2) == 0)
		return send_with_alt(screen, name + 2, really);
	number = name[0] == 'F' ? strtol(name + 1, &end, 10) : 0;
	if (number < 1 || number > 12 || *end)
		return -1;
	if (really)
		vterm_keyboard_key(screen->vt, VTERM_KEY_FUNCTION((int)number), VTERM_MOD_NONE);
	return 0;
}

static int walk_keys(struct screen *screen, const char *keys, bool really)
{
	while (*keys) {
		const char *close = *keys == '<' ? strchr(keys, '>') : NULL;
		char name[32];

		if (!close) {
			if (really)
				write_all(screen, keys, 1);
			keys++;
			continue;
		}
		if (close - keys > (int)sizeof name)
			return -1;
		memcpy(name, keys + 1, (size_t)(close - keys - 1));
		name[close - keys - 1] = '\0';
		if (send_key(screen, name, really) < 0)
			return -1;
		screen->last_event_ms = now_ms();
		if (really && strcmp(name, "Esc") == 0)
			screen_settle(screen, QUIET_AFTER_ESCAPE_MS, FIRST_AFTER_ESCAPE_MS);
		keys = close + 1;
	}
	return 0;
}

int screen_keys(struct screen *screen, const char *keys)
{
	if (walk_keys(screen, keys, false) < 0)
		return -1;
	walk_keys(screen, keys, true);
	screen->last_event_ms = now_ms();
	return 0;
}

void screen_paste(struct screen *screen, const char *text)
{
	bool marks = screen->wants_paste_marks;
	char *all = mem_printf("%s%s%s", marks ? "\033[200~" : "", text, marks ? "\033[201~" : "");

	write_all(screen, all, strlen(all));
	free(all);
	screen->last_event_ms = now_ms();
}

void screen_send(struct screen *screen, const char *bytes, size_t len)
{
	write_all(screen, bytes, len);
	screen->last_event_ms = now_ms();
}

void screen_resize(struct screen *screen, int columns, int rows)
{
	struct winsize size = {(unsigned short)rows, (unsigned short)columns, 0, 0};

	screen->columns = columns;
	screen->rows = rows;
	vterm_set_size(screen->vt, rows, columns);
	vterm_screen_flush_damage(screen->cells);
	if (screen->fd >= 0)
		ioctl(screen->fd, TIOCSWINSZ, &size);
	screen->last_event_ms = now_ms();
}

/* --- reading -------------------------------------------------------------------------------- */

int screen_rows(const struct screen *screen)
{
	return screen->rows;
}

int screen_columns(const struct screen *screen)
{
	return screen->columns;
}

/* Our own few lines, not those of the program under test: a witness of its own. */
static size_t encode(uint32_t code, char out[4])
{
	if (code < 0x80)
		return out[0] = (char)code, 1;
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

static int colour_of(VTermColor colour)
{
	if (VTERM_COLOR_IS_DEFAULT_FG(&colour) || VTERM_COLOR_IS_DEFAULT_BG(&colour))
		return SCREEN_DEFAULT_COLOUR;
	if (VTERM_COLOR_IS_INDEXED(&colour))
		return colour.indexed.idx;
	return SCREEN_RGB | colour.rgb.red << 16 | colour.rgb.green << 8 | colour.rgb.blue;
}

static unsigned style_of(VTermScreenCellAttrs a)
{
	return (a.bold ? SCREEN_BOLD : 0u) | (a.underline ? SCREEN_UNDERLINE : 0u) |
	       (a.italic ? SCREEN_ITALIC : 0u) | (a.reverse ? SCREEN_REVERSE : 0u) |
	       (a.blink ? SCREEN_BLINK : 0u) | (a.strike ? SCREEN_STRIKE : 0u);
}

struct screen_cell screen_cell(const struct screen *screen, int row, int column)
{
	struct screen_cell cell = {.width = 1};
	VTermScreenCell raw;
	size_t len = 0;
	int i;

	memset(&raw, 0, sizeof raw);
	if (!vterm_screen_get_cell(screen->cells, (VTermPos){row, column}, &raw))
		return cell;
	for (i = 0; i < VTERM_MAX_CHARS_PER_CELL && raw.chars[i]; i++)
		if (raw.chars[i] != (uint32_t)-1)
			len += encode(raw.chars[i], cell.text + len);
	if (raw.chars[0] == 0)
		cell.text[0] = ' ';
	cell.width = raw.chars[0] == (uint32_t)-1 ? 0 : raw.width;
	cell.style = style_of(raw.attrs);
	cell.fg = colour_of(raw.fg);
	cell.bg = colour_of(raw.bg);
	return cell;
}

static void add_row(struct buf *out, const struct screen *screen, int row)
{
	size_t start = out->len;
	int column;

	for (column = 0; column < screen->columns; column++)
		buf_add_str(out, screen_cell(screen, row, column).text);
	while (out->len > start && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
}

char *screen_row(const struct screen *screen, int row)
{
	struct buf out = BUF_INIT;

	add_row(&out, screen, row);
	return buf_take(&out);
}

char *screen_text(const struct screen *screen)
{
	struct buf out = BUF_INIT;
	int row;

	for (row = 0; row < screen->rows; row++) {
		add_row(&out, screen, row);
		buf_add_char(&out, '\n');
	}
	return buf_take(&out);
}

static size_t char_len(const char *at)
{
	size_t len = 1;

	while ((at[len] & 0xc0) == 0x80)
		len++;
	return len;
}

/* Bytes of TEXT that PATTERN takes, or -1. */
static long match_start(const char *text, const char *pattern)
{
	const char *at = text;

	while (*pattern) {
		if (strncmp(pattern, SCREEN_ANY, 3) == 0 && *at) {
			at += char_len(at);
			pattern += 3;
		} else if (*at && *pattern == *at) {
			at++;
			pattern++;
		} else {
			return -1;
		}
	}
	return at - text;
}

bool screen_match(const char *text, const char *pattern)
{
	size_t pattern_len = strlen(pattern);
	char *trimmed;
	long len;

	while (pattern_len && pattern[pattern_len - 1] == ' ')
		pattern_len--;
	trimmed = mem_strndup(pattern, pattern_len);
	len = match_start(text, trimmed);
	free(trimmed);
	return len >= 0 && strspn(text + len, " ") == strlen(text + len);
}

static int columns_of(const struct screen *screen, int row, size_t bytes)
{
	size_t seen = 0;
	int column;

	for (column = 0; column < screen->columns && seen < bytes; column++)
		seen += strlen(screen_cell(screen, row, column).text);
	while (column < screen->columns && screen_cell(screen, row, column).width == 0)
		column++;
	return column;
}

static bool find_in_row(const struct screen *screen, const char *text, int row, int *column)
{
	char *line = screen_row(screen, row), *at;
	bool found = false;

	for (at = line; *at && !found; at += char_len(at)) {
		found = match_start(at, text) >= 0;
		if (found)
			*column = columns_of(screen, row, (size_t)(at - line));
	}
	free(line);
	return found;
}

bool screen_find(const struct screen *screen, const char *text, int *row, int *column)
{
	for (*row = 0; *row < screen->rows; ++*row)
		if (find_in_row(screen, text, *row, column))
			return true;
	return false;
}

bool screen_has(const struct screen *screen, const char *text)
{
	int row, column;

	return screen_find(screen, text, &row, &column);
}

void screen_cursor(const struct screen *screen, int *row, int *column, bool *is_visible)
{
	VTermPos at;

	vterm_state_get_cursorpos(vterm_obtain_state(screen->vt), &at);
	*row = at.row;
	*column = at.col;
	if (is_visible)
		*is_visible = screen->cursor_visible;
}

/* --- raw bytes ------------------------------------------------------------------------------ */

const char *screen_raw(const struct screen *screen, size_t *len)
{
	*len = screen->raw.len;
	return buf_str(&screen->raw);
}

/* Modes that a program of ours may switch (8: who turns text from right to left). */
static const char *const modes[] = {"8", "?1", "?7", "?12", "?25", "?12;25", "?1000;1006", "?1049", "?2004", "?2026"};

/* The window's title kept and given back (xterm, and as terminfo does it), the size of a cell asked for. */
static const char *const window_words[] = {"22;2", "23;2", "22;0;0", "23;0;0", "16"};

static bool is_one_of(const char *const *list, size_t count, const char *text, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == len && memcmp(list[i], text, len) == 0)
			return true;
	return false;
}

/* "CSI PARAMETERS FINAL": moves, colours, erasing, modes; what the terminal can do is asked once. */
static size_t allowed_csi(const char *data, size_t at, size_t len)
{
	size_t start = at;

	while (at < len && (unsigned char)data[at] >= 0x20 && (unsigned char)data[at] < 0x40)
		at++;
	if (at == len)
		return 0;
	if (data[at] == 't')
		return is_one_of(window_words, ARRAY_COUNT(window_words), data + start, at - start) ? at : 0;
	if (data[at] == 'c')
		return at == start ? at : 0;
	if (data[at] == 'h' || data[at] == 'l')
		return is_one_of(modes, ARRAY_COUNT(modes), data + start, at - start) ? at : 0;
	if (strspn(data + start, "0123456789;:") < at - start)
		return 0;
	return strchr("@ABCDEFGHJKLMPSTXZdm`r", data[at]) ? at : 0;
}

/* A window title, a link, a copy for the clipboard, or the question for a colour: up to BEL or ST, with printable
 * text between. */
static size_t allowed_osc(const char *data, size_t at, size_t len)
{
	static const char *const starts[] = {"10;?", "11;?", "2;", "8;", "52;c;"};
	bool is_known = false;
	size_t end = at;

	for (size_t i = 0; i < ARRAY_COUNT(starts); i++)
		is_known |= strncmp(data + at, starts[i], strlen(starts[i])) == 0;
	while (end < len && (unsigned char)data[end] >= 0x20 && data[end] != 0x7f)
		end++;
	if (!is_known || end == len)
		return 0;
	if (data[end] == '\a')
		return end;
	return end + 1 < len && data[end] == '\033' && data[end + 1] == '\\' ? end + 1 : 0;
}

/* The last byte of the escape at AT, or 0 when it is one that is not allowed. */
static size_t allowed_escape(const char *data, size_t at, size_t len)
{
	char next = at + 1 < len ? data[at + 1] : '\0';

	if (next == '[')
		return allowed_csi(data, at + 2, len);
	if (next == ']')
		return allowed_osc(data, at + 2, len);
	if (next == '(' && at + 2 < len)
		return strchr("B0", data[at + 2]) ? at + 2 : 0;
	return next && strchr("=>78M", next) ? at + 1 : 0;
}

static char *around(const char *what, const char *data, size_t at, size_t len)
{
	size_t i, start = at > 20 ? at - 20 : 0;
	struct buf out = BUF_INIT;

	buf_printf(&out, "%s at byte %zu, in ", what, at);
	for (i = start; i < len && i < at + 40; i++)
		if ((unsigned char)data[i] < 0x20 || (unsigned char)data[i] >= 0x7f)
			buf_printf(&out, "\\x%02x", (unsigned char)data[i]);
		else
			buf_add_char(&out, data[i]);
	return buf_take(&out);
}

char *screen_forbidden(const struct screen *screen)
{
	const char *data = buf_str(&screen->raw);
	size_t at, end, len = screen->raw.len;

	for (at = 0; at < len; at++) {
		unsigned char c = (unsigned char)data[at], next = (unsigned char)data[at + 1];

		if (c == 0xc2 && next >= 0x80 && next < 0xa0)
			return around("a C1 control", data, at, len);
		if (c == 0x7f || (c < 0x20 && !strchr("\n\r\t\b\a\016\017\033", c)) || c == 0)
			return around("a control", data, at, len);
		if (c != 0x1b)
			continue;
		end = allowed_escape(data, at, len);
		if (!end)
			return around("an escape", data, at, len);
		at = end;
	}
	return NULL;
}
