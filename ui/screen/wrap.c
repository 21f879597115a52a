#include "config.h"

#include "ui/screen/wrap.h"

#include <stdbool.h>

#include "store/base/utf8.h"

static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f;
}

size_t wrap_step(const char *text, size_t len, int column, int *width)
{
	if (is_plain(*text) && (len == 1 || !((unsigned char)text[1] & 0x80))) {
		*width = 1;
		return 1;
	}
	if (*text == '\t') {
		*width = WRAP_TAB - column % WRAP_TAB;
		return 1;
	}
	if ((unsigned char)*text < 0x20 || *text == 0x7f) {
		*width = 1;
		return 1;
	}
	return utf8_grapheme(text, len, width);
}

int wrap_width(const char *text, size_t len, int column)
{
	int from = column, width;

	for (size_t at = 0; at < len; column += width)
		at += wrap_step(text + at, len - at, column, &width);
	return column - from;
}

static size_t skip_blanks(const char *text, size_t len, size_t at)
{
	while (at < len && (text[at] == ' ' || text[at] == '\t'))
		at++;
	return at;
}

size_t wrap_row(const char *text, size_t len, int columns)
{
	size_t at = 0, break_at = 0;
	int column = 0, width, before = 0;

	while (at < len) {
		size_t step = wrap_step(text + at, len - at, column, &width);

		if (at > 0 && (width == 2 || before == 2))
			break_at = at;
		if (column + width > columns && text[at] != ' ')
			break;
		column += width;
		before = width;
		at += step;
		if (text[at - 1] == ' ' || text[at - 1] == '\t') {
			break_at = skip_blanks(text, len, at);
			column += wrap_width(text + at, break_at - at, column);
			at = break_at;
			if (column > columns)
				break;
		}
	}
	if (at >= len)
		return len;
	if (break_at > 0)
		return break_at;
	return at > 0 ? at : wrap_step(text, len, 0, &width);
}

size_t wrap_quote(const char *text, size_t len, int *depth)
{
	size_t at = 0;

	*depth = 0;
	while (at < len && text[at] == '>' && *depth < WRAP_QUOTE_MAX) {
		++*depth;
		if (++at < len && text[at] == ' ')
			at++;
	}
	return at;
}
