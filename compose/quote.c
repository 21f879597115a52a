#include "config.h"
#include "compose/quote.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/utf8.h"

#define SIGNATURE_LINES 20 /* what is longer is no signature */

static void add_inert(struct buf *out, const char *text)
{
	if (text)
		utf8_add_printable(out, text, strlen(text));
}

static const char *name_or_addr(const struct quote_source *source)
{
	return source->name && *source->name ? source->name : source->addr;
}

static void add_first_name(struct buf *out, const struct quote_source *source)
{
	const char *name = name_or_addr(source);

	if (name)
		utf8_add_printable(out, name, strcspn(name, " @"));
}

static void add_named(struct buf *out, char what, const struct quote_source *source)
{
	switch (what) {
	case 'n':
		add_inert(out, name_or_addr(source));
		break;
	case 'a':
		add_inert(out, source->addr);
		break;
	case 'f':
		add_first_name(out, source);
		break;
	case 'd':
		date_add_long(out, source->date);
		break;
	case 's':
		add_inert(out, source->subject);
		break;
	case 'm':
		add_inert(out, source->message_id);
		break;
	default:
		buf_add_char(out, what);
	}
}

void quote_template(struct buf *out, const char *template, const struct quote_source *source)
{
	for (; *template; template ++)
		if (*template == '%' && template[1])
			add_named(out, *++template, source);
		else
			buf_add_char(out, *template);
}

static size_t line_length(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);

	return end ? (size_t)(end - text) + 1 : len;
}

static size_t without_line_end(const char *line, size_t len)
{
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	return len;
}

size_t quote_without_signature(const char *text, size_t len)
{
	size_t found = len, lines = 0, n;

	for (size_t at = 0; at < len; at += n) {
		n = line_length(text + at, len - at);
		lines++;
		if (without_line_end(text + at, n) == 3 && !memcmp(text + at, "-- ", 3)) {
			found = at;
			lines = 0;
		}
	}
	return lines <= SIGNATURE_LINES ? found : len;
}

static size_t without_blank_end(const char *text, size_t len)
{
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	return len;
}

void quote_text(struct buf *out, const char *text, size_t len)
{
	size_t n;

	len = without_blank_end(text, quote_without_signature(text, len));
	for (size_t at = 0; at < len; at += n) {
		size_t length;

		n = line_length(text + at, len - at);
		length = without_line_end(text + at, n);
		buf_add_str(out, length == 0 || text[at] == '>' ? ">" : "> ");
		buf_add(out, text + at, length);
		buf_add_char(out, '\n');
	}
}
