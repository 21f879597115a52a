#include "config.h"
#include "net/protocol/dot.h"

#include <string.h>

#include "store/base/buf.h"

bool dot_has_ended(const struct dot *dot)
{
	return dot->state == DOT_END;
}

/* Most bytes stand inside lines: taken over at once up to the next CR. */
static size_t read_text(struct dot *dot, const char *data, size_t len, struct buf *out)
{
	const char *cr = memchr(data, '\r', len);
	size_t count = cr ? (size_t)(cr - data) + 1 : len;

	buf_add(out, data, count);
	dot->state = cr ? DOT_CR : DOT_TEXT;
	return count;
}

/* One byte at a place that matters. */
static void read_one(struct dot *dot, char c, struct buf *out)
{
	switch (dot->state) {
	case DOT_LINE_START:
		if (c == '.') {
			dot->state = DOT_DOT;
			return;
		}
		break;
	case DOT_CR:
		buf_add_char(out, c);
		dot->state = c == '\n' ? DOT_LINE_START : c == '\r' ? DOT_CR : DOT_TEXT;
		return;
	case DOT_DOT:
		if (c == '\r') {
			dot->state = DOT_DOT_CR;
			return;
		}
		break;
	case DOT_DOT_CR:
		if (c == '\n') {
			dot->state = DOT_END;
			return;
		}
		buf_add_char(out, '\r'); /* the dot was one too many, as any at a line's start */
		break;
	default:
		break;
	}
	buf_add_char(out, c);
	dot->state = c == '\r' ? DOT_CR : DOT_TEXT;
}

size_t dot_read(struct dot *dot, const char *data, size_t len, struct buf *out)
{
	size_t at = 0;

	while (at < len && dot->state != DOT_END) {
		if (dot->state == DOT_TEXT)
			at += read_text(dot, data + at, len - at, out);
		else
			read_one(dot, data[at++], out);
	}
	return at;
}
