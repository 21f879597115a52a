#include "config.h"
#include "store/base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/mem.h"

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf)BUF_INIT;
}

void buf_clear(struct buf *buf)
{
	buf_truncate(buf, 0);
}

void buf_reserve(struct buf *buf, size_t more)
{
	size_t need = more < SIZE_MAX - buf->len - 1 ? buf->len + more + 1 : SIZE_MAX;

	if (need <= buf->cap)
		return;
	if (need < buf->cap * 2)
		need = buf->cap * 2;
	buf->cap = need < 64 ? 64 : need;
	buf->data = mem_resize(buf->data, buf->cap, 1);
	buf->data[buf->len] = '\0';
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	buf_reserve(buf, len);
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_add_str(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	buf_reserve(buf, (size_t)len);
	va_start(ap, fmt);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)len;
}

void buf_insert(struct buf *buf, size_t at, const void *data, size_t len)
{
	buf_reserve(buf, len);
	memmove(buf->data + at + len, buf->data + at, buf->len - at);
	if (len)
		memcpy(buf->data + at, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_remove(struct buf *buf, size_t at, size_t len)
{
	if (at >= buf->len)
		return;
	if (len > buf->len - at)
		len = buf->len - at;
	memmove(buf->data + at, buf->data + at + len, buf->len - at - len);
	buf_truncate(buf, buf->len - len);
}

void buf_truncate(struct buf *buf, size_t len)
{
	if (!buf->data || len > buf->len)
		return;
	buf->len = len;
	buf->data[len] = '\0';
}

const char *buf_str(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *buf_take(struct buf *buf)
{
	char *data = buf->data ? buf->data : mem_strdup("");

	*buf = (struct buf)BUF_INIT;
	return data;
}
