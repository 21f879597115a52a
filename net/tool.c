#include "config.h"
#include "net/tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "store/base/args.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/utf8.h"

void tool_say(const char *program, const char *fmt, ...)
{
	struct buf line = BUF_INIT;
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	buf_printf(&line, "%s: ", program);
	utf8_add_printable(&line, text, strlen(text));
	buf_add_char(&line, '\n');
	file_write_fd(STDERR_FILENO, line.data, line.len, NULL);
	buf_free(&line);
}

int tool_option(const char *program, int argc, char **argv, const char *shorts, const struct option *longs)
{
	struct err err = ERR_INIT;
	int c = args_next(argc, argv, shorts, longs, NULL, &err);

	if (c == '?')
		tool_say(program, "%s", err.text);
	return c;
}

int tool_exit_code(const struct err *err)
{
	switch (err->kind) {
	case ERR_NONE:
		return EX_OK;
	case ERR_USAGE:
		return EX_USAGE;
	case ERR_FAILED:
		return EX_DATAERR;
	case ERR_NOT_FOUND:
		return EX_NOUSER;
	case ERR_DENIED:
		return EX_CANTCREAT;
	default:
		return EX_TEMPFAIL;
	}
}
