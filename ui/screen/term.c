#include "config.h"

#include "ui/screen/term.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "ui/screen/canvas.h"
#include "ui/screen/graphics.h"
#include "ui/screen/term_private.h"
#include "ui/screen/terminfo.h"

#define SIZE_MAX_ROW 1000

/* --- taking and giving back --- */

bool term_find_size(struct term *term)
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

void term_enter(struct term *term)
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
	term_flush(term);
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
	term_flush(term);
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
	term_enter(term);
	if (term_find_size(term))
		term->is_resized = true;
}

/* --- opening --- */

static void set_our_modes(struct term *term)
{
	term->our_modes = term->shell_modes;
	term->our_modes.c_iflag &=
	    (tcflag_t) ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	term->our_modes.c_oflag &= (tcflag_t)~OPOST;
	term->our_modes.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	term->our_modes.c_cflag &= (tcflag_t) ~(CSIZE | PARENB);
	term->our_modes.c_cflag |= CS8;
	term->our_modes.c_cc[VMIN] = 0; /* a read never waits */
	term->our_modes.c_cc[VTIME] = 0;
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
	term->is_utf8 = term_locale_is_utf8();
	term->depth = term_find_depth(&info);
	term->shell_stderr = -1;
	if (getrandom(&term->seed, sizeof term->seed, GRND_NONBLOCK) < 0)
		term->seed = (unsigned)(uintptr_t)term;
	theme_load(&term->theme, "auto", term->depth, NULL);
	tcgetattr(STDIN_FILENO, &term->shell_modes);
	set_our_modes(term);
	term_open_events(term);
	term_find_size(term);
	divert_stderr(term);
	term_ask_background(term);
	term_ask_graphics(term);
	term_enter(term);
	return term;
}

void term_close(struct term **term)
{
	struct term *old = *term;
	if (!old)
		return;
	term_suspend(old);
	term_close_events(old);
	terminfo_unload();
	term_forget_styles(old);
	buf_free(&old->out);
	buf_free(&old->in);
	free(old->shown);
	free(old);
	*term = NULL;
}

/* --- what it is --- */

enum theme_depth term_depth(const struct term *term)
{
	return term->depth;
}

bool term_is_light(const struct term *term)
{
	return term->is_light;
}

void term_size(const struct term *term, int *width, int *height)
{
	*width = term->width;
	*height = term->height;
}
