#include "config.h"
#include "store/base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

/* The one piece of state of its own: a line must be possible from anywhere. */
static struct {
	int fd;
	bool is_open, also_stderr, debug;
	char program[32];
} the_log = {.fd = -1};

static const char *const level_names[] = {"debug", "info", "warning", "error"};

void log_open(const char *program)
{
	char *dir = path_dir(PATH_STATE), *path = path_join(dir, "log");

	snprintf(the_log.program, sizeof the_log.program, "%s", program);
	the_log.debug = getenv("TERN_DEBUG") != NULL;
	if (!the_log.is_open && path_make_dirs(dir, NULL) == 0)
		the_log.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	the_log.is_open = the_log.fd >= 0;
	free(dir);
	free(path);
}

void log_to_stderr(void)
{
	the_log.also_stderr = true;
}

/* A line stays one line, whatever a message or a server put into it. */
static void tame(char *line)
{
	for (; *line; line++)
		if ((unsigned char)*line < ' ' || *line == 0x7f)
			*line = '?';
}

/* On a terminal the rest of what could move a cursor (C1, bidi) counts too. */
static void show(const char *line, size_t len)
{
	struct buf out = BUF_INIT;

	utf8_add_printable(&out, line, len);
	buf_add_char(&out, '\n');
	file_write_fd(STDERR_FILENO, out.data, out.len, NULL);
	buf_free(&out);
}

void log_write(enum log_level level, const char *fmt, ...)
{
	char line[2048], stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	size_t len;
	va_list ap;

	if ((!the_log.is_open && !the_log.also_stderr) || (level == LOG_DEBUG && !the_log.debug))
		return;
	strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", localtime_r(&now, &tm));
	snprintf(line, sizeof line, "%s %s[%ld] %s: ", stamp, the_log.program, (long)getpid(),
		 level_names[level]);
	len = strlen(line);
	va_start(ap, fmt);
	vsnprintf(line + len, sizeof line - len - 1, fmt, ap);
	va_end(ap);
	tame(line);
	len = strlen(line);
	line[len++] = '\n';
	if (the_log.is_open && write(the_log.fd, line, len) < 0)
		return; /* a full disk: there is nobody to tell */
	if (the_log.also_stderr)
		show(line, len - 1);
}

void log_set_debug(bool is_debug)
{
	the_log.debug = is_debug || getenv("TERN_DEBUG");
}

bool log_is_debug(void)
{
	return the_log.debug && (the_log.is_open || the_log.also_stderr);
}

void log_close(void)
{
	if (the_log.is_open)
		close(the_log.fd);
	the_log.fd = -1;
	the_log.is_open = false;
}
