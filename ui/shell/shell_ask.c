#include "config.h"
#include "ui/shell/shell_ask.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/notice/notice.h"

static int open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

void shell_ask_open(struct notice_conn *conn)
{
	const struct notice hello = {.kind = NOTICE_HELLO, .text = NOTICE_CAN_ASK};
	int tty = isatty(STDERR_FILENO) ? open_terminal() : -1;

	if (tty < 0)
		return;
	close(tty);
	notice_send(conn, &hello);
}

/* Line by line through the gate; the cursor stays behind the last one. */
static void write_question(int tty, const char *sentence)
{
	struct buf out = BUF_INIT;
	struct span rest = span_of(sentence), line;
	bool is_first = true;

	for (; span_split(&rest, '\n', &line) > 0; is_first = false) {
		buf_add_str(&out, is_first ? "" : "\n");
		utf8_add_printable(&out, line.data, line.len);
	}
	buf_add_char(&out, ' ');
	file_write_fd(tty, out.data, out.len, NULL);
	buf_free(&out);
}

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static bool is_signal_waiting(void)
{
	sigset_t waiting;
	bool is = false;

	sigpending(&waiting);
	for (size_t i = 0; i < ARRAY_COUNT(ending_signals); i++)
		is |= sigismember(&waiting, ending_signals[i]) == 1;
	return is;
}

/* 1, 0 at the end, or when the command is to end. */
static ssize_t read_char(int tty, char *c)
{
	struct pollfd one = {.fd = tty, .events = POLLIN};

	while (poll(&one, 1, SHELL_QUIET_LOOK_MS) == 0)
		if (is_signal_waiting())
			return 0;
	return read(tty, c, 1);
}

/* One line without its end; what does not fit is let go. */
static bool read_line(int tty, char *line, size_t size)
{
	size_t len = 0;
	char c;
	ssize_t n;

	while ((n = read_char(tty, &c)) == 1 && c != '\n')
		if (len + 1 < size)
			line[len++] = c;
	line[len] = '\0';
	return n == 1;
}

/* Hidden before it is asked for: who is quick to answer is not seen, and loses nothing. */
static bool read_hidden(int tty, const char *sentence, char *line, size_t size)
{
	struct termios before, hidden;
	bool has_mode = tcgetattr(tty, &before) == 0, is_read;

	hidden = before;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	if (has_mode)
		tcsetattr(tty, TCSAFLUSH, &hidden);
	write_question(tty, sentence);
	is_read = read_line(tty, line, size);
	if (has_mode)
		tcsetattr(tty, TCSADRAIN, &before);
	file_write_fd(tty, "\n", 1, NULL);
	return is_read;
}

static void ask_secret(int tty, const char *sentence, struct notice *answer)
{
	if (read_hidden(tty, sentence, answer->text, sizeof answer->text) && *answer->text)
		answer->code = REPLY_YES;
}

/* Shown, whatever was hidden before. */
static bool read_shown(int tty, char *line, size_t size)
{
	struct termios before, shown;
	bool has_mode = tcgetattr(tty, &before) == 0, is_read;

	shown = before;
	shown.c_lflag |= ECHO | ECHOE | ECHOK;
	if (has_mode)
		tcsetattr(tty, TCSADRAIN, &shown);
	is_read = read_line(tty, line, size);
	if (has_mode)
		tcsetattr(tty, TCSADRAIN, &before);
	return is_read;
}

static void ask_yes(int tty, const char *sentence, struct notice *answer)
{
	char line[16];

	write_question(tty, sentence);
	write_question(tty, _("(yes/NO)"));
	if (read_shown(tty, line, sizeof line) && str_equal_nocase(line, _("yes")))
		answer->code = REPLY_YES;
	snprintf(answer->text, sizeof answer->text, "%s", answer->code == REPLY_YES ? "yes" : "");
}

void shell_ask_nobody(struct notice_conn *conn, const struct notice *notice)
{
	struct notice answer = {.kind = NOTICE_ANSWER, .id = notice->id, .code = REPLY_NOBODY};

	memcpy(answer.account, notice->account, sizeof answer.account);
	notice_send(conn, &answer);
}

bool shell_ask(struct notice_conn *conn, const struct notice *notice)
{
	struct notice answer = {.kind = NOTICE_ANSWER, .id = notice->id, .code = REPLY_NO};
	const char *sentence = strchr(notice->text, ' ');
	int tty = notice->kind == NOTICE_ASK ? open_terminal() : -1;

	if (tty < 0)
		return false;
	memcpy(answer.account, notice->account, sizeof answer.account);
	if (sentence && (str_starts(notice->text, "certificate ") || str_starts(notice->text, "confirm ")))
		ask_yes(tty, sentence + 1, &answer);
	else if (sentence && (str_starts(notice->text, "password ") || str_starts(notice->text, "code ")))
		ask_secret(tty, sentence + 1, &answer);
	close(tty);
	notice_send(conn, &answer);
	explicit_bzero(&answer, sizeof answer);
	return true;
}

/* --- quiet ---------------------------------------------------------------------------------------- */

void shell_quiet_begin(struct shell_quiet *quiet)
{
	struct termios hidden;
	sigset_t ending;

	if (quiet->tty >= 0 || (quiet->tty = open_terminal()) < 0)
		return;
	if (tcgetattr(quiet->tty, &quiet->before) < 0) {
		close(quiet->tty);
		quiet->tty = -1;
		return;
	}
	sigemptyset(&ending);
	for (size_t i = 0; i < ARRAY_COUNT(ending_signals); i++)
		sigaddset(&ending, ending_signals[i]);
	sigprocmask(SIG_BLOCK, &ending, &quiet->mask);
	hidden = quiet->before;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	tcsetattr(quiet->tty, TCSADRAIN, &hidden);
}

void shell_quiet_look(struct shell_quiet *quiet)
{
	if (quiet->tty >= 0 && is_signal_waiting())
		shell_quiet_end(quiet);
}

/* A signal that waited ends the process here. */
void shell_quiet_end(struct shell_quiet *quiet)
{
	if (quiet->tty < 0)
		return;
	tcsetattr(quiet->tty, TCSADRAIN, &quiet->before);
	close(quiet->tty);
	quiet->tty = -1;
	sigprocmask(SIG_SETMASK, &quiet->mask, NULL);
}
