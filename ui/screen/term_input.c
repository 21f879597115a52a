#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "ui/input/key_decode.h"
#include "ui/screen/term_private.h"
#include "ui/screen/terminfo.h"

#define READ_SIZE 4096
#define INPUT_MAX (KEY_DECODE_PASTE_MAX + READ_SIZE)

/* --- signals --- */

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
	term_enter(term);
	term_find_size(term);
	term->is_resized = true;
}

static void take_signals(struct term *term)
{
	struct signalfd_siginfo info;
	while (read(term->signal_fd, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGWINCH) {
			term_find_size(term); /* the same again, once it was another in between:
						 text is lost */
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

/* --- keys --- */

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
		if (found < 0 && term_hear_background(term, term->in.data, used, key))
			found = 1;
		if (found < 0 && term_hear_graphics(term, term->in.data, used, key))
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

/* --- what is waited for --- */

static void watch(struct term *term, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	epoll_ctl(term->poll_fd, EPOLL_CTL_ADD, fd, &event);
}

void term_open_events(struct term *term)
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

void term_close_events(struct term *term)
{
	close(term->signal_fd);
	close(term->timer_fd);
	close(term->more_fd);
	close(term->poll_fd);
	sigprocmask(SIG_SETMASK, &term->old_mask, NULL);
}

int term_fd(const struct term *term)
{
	return term->poll_fd;
}
