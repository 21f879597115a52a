#include "config.h"

#include "ui/render/ansi.h"

#include <string.h>

#include "store/base/buf.h"

#define ESC	    '\033'
#define BELL	    '\a'
#define SEQUENCE_MAX 4096 /* a longer one is none */

bool ansi_is_in(const char *text, size_t len)
{
	return memchr(text, ESC, len) || memchr(text, '\b', len) || memmem(text, len, "\xc2\x9b", 2) ||
	       memmem(text, len, "\xc2\x9d", 2) || memmem(text, len, "\xc2\x90", 2);
}

/* In these C1 control is two bytes of UTF-8, or ESC and a letter 0x40 lower. The letter, 0 for none. */
static char introducer(const char *text, size_t len, size_t *size)
{
	*size = 2;
	if (len < 2)
		return 0;
	if (text[0] == ESC)
		return text[1];
	if (text[0] == '\xc2' && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0)
		return (char)((unsigned char)text[1] - 0x40);
	return 0;
}

static bool is_between(char c, char first, char last)
{
	return c >= first && c <= last;
}

/* Bytes of "31m", from AT on. */
static size_t control_len(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len && is_between(text[at], '0', '?'))
		at++;
	while (at < len && is_between(text[at], ' ', '/'))
		at++;
	return at < len && is_between(text[at], '@', '~') ? at + 1 : 0;
}

struct reader {
	const char *text;
	size_t len, at;
	size_t no_end; /* before here no string ends that began behind AT */
};

/* Does a string (a title, a link) end at AT, by BEL or ST? The bytes of that. */
static size_t end_size(const struct reader *reader, size_t at)
{
	const char *text = reader->text + at;
	bool has_two = at + 1 < reader->len;

	if (*text == BELL)
		return 1;
	if (has_two && ((text[0] == ESC && text[1] == '\\') || (text[0] == '\xc2' && text[1] == '\x9c')))
		return 2;
	return 0;
}

/* Bytes of a string that begins at FROM, with its end; 0: it has none in this line. Nothing is read twice. */
static size_t string_len(struct reader *reader, size_t from)
{
	size_t at = reader->no_end > from ? reader->no_end : from, size;

	for (; at < reader->len && at - from < SEQUENCE_MAX && reader->text[at] != '\n'; at++)
		if ((size = end_size(reader, at)))
			return at + size - from;
	reader->no_end = at;
	return 0;
}

/* Bytes of the sequence that begins here; 0 when none does. */
static size_t sequence_len(struct reader *reader)
{
	const char *text = reader->text + reader->at;
	size_t len = reader->len - reader->at, size, at;
	char letter = introducer(text, len, &size);

	if (!letter)
		return text[0] == ESC ? 1 : 0;
	if (letter == '[')
		return size + control_len(text + size, len - size);
	if (strchr("]PX^_", letter))
		return size + string_len(reader, reader->at + size);
	if (text[0] != ESC)
		return 0;
	for (at = 1; at < len && is_between(text[at], ' ', '/'); at++)
		;
	return at < len && is_between(text[at], '0', '~') ? at + 1 : 1;
}

/* "x\bx" is a bold x, "_\bx" one that is underlined: the second letter stays. */
static bool is_struck_over(const char *text, size_t len, size_t at)
{
	return at > 0 && at + 1 < len && text[at] == '\b' && text[at - 1] != '\b' &&
	       (text[at - 1] == text[at + 1] || text[at - 1] == '_');
}

void ansi_add_plain(struct buf *out, const char *text, size_t len)
{
	struct reader reader = {text, len, 0, 0};

	while (reader.at < len) {
		char c = text[reader.at];
		size_t size = c == ESC || c == '\xc2' ? sequence_len(&reader) : 0;

		if (!size && is_struck_over(text, len, reader.at))
			buf_truncate(out, out->len ? out->len - 1 : 0);
		else if (!size)
			buf_add_char(out, c);
		reader.at += size ? size : 1;
	}
}
