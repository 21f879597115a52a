#include "config.h"
#include "store/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int put(struct err *err, enum err_kind kind, int number, const char *fmt, va_list ap)
{
	if (!err)
		return -1;
	err->kind = kind;
	err->number = number;
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	return -1;
}

int err_set(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(err, ERR_FAILED, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int err_set_kind(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(err, kind, 0, fmt, ap);
	va_end(ap);
	return -1;
}

static enum err_kind kind_of_errno(int number)
{
	switch (number) {
	case ENOENT:
		return ERR_NOT_FOUND;
	case EEXIST:
		return ERR_EXISTS;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	case ENOSPC:
	case EDQUOT:
	case EAGAIN:
	case EMFILE:
	case ENFILE:
	case ETXTBSY:
	case ETIMEDOUT:
		return ERR_TEMPORARY;
	default:
		return ERR_SYSTEM;
	}
}

int err_errno(struct err *err, const char *fmt, ...)
{
	int number = errno;
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	put(err, kind_of_errno(number), number, fmt, ap);
	va_end(ap);
	if (!err)
		return -1;
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s", strerror(number));
	errno = number;
	return -1;
}

int err_add(struct err *err, const char *fmt, ...)
{
	char old[sizeof err->text];
	size_t len;
	va_list ap;

	if (!err)
		return -1;
	memcpy(old, err->text, sizeof old);
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s", old);
	if (err->kind == ERR_NONE)
		err->kind = ERR_FAILED;
	return -1;
}

void err_clear(struct err *err)
{
	if (!err)
		return;
	err->kind = ERR_NONE;
	err->number = 0;
	err->text[0] = '\0';
}

int err_exit_code(const struct err *err)
{
	switch (err->kind) {
	case ERR_NONE:
		return 0;
	case ERR_USAGE:
		return 2;
	case ERR_TEMPORARY:
		return 75;
	default:
		return 1;
	}
}
