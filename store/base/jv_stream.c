#include "config.h"
#include "store/base/jv_stream.h"

#include <inttypes.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/utf8.h"

static void add_comma(struct jv_stream *stream)
{
	if (stream->is_behind)
		buf_add_char(stream->out, ',');
}

static void open_with(struct jv_stream *stream, char bracket)
{
	add_comma(stream);
	buf_add_char(stream->out, bracket);
	stream->is_behind = false;
}

static void close_with(struct jv_stream *stream, char bracket)
{
	buf_add_char(stream->out, bracket);
	stream->is_behind = true;
}

void jv_stream_object(struct jv_stream *stream)
{
	open_with(stream, '{');
}

void jv_stream_end_object(struct jv_stream *stream)
{
	close_with(stream, '}');
}

void jv_stream_array(struct jv_stream *stream)
{
	open_with(stream, '[');
}

void jv_stream_end_array(struct jv_stream *stream)
{
	close_with(stream, ']');
}

void jv_stream_key(struct jv_stream *stream, const char *key)
{
	add_comma(stream);
	buf_add_char(stream->out, '"');
	buf_add_str(stream->out, key);
	buf_add(stream->out, "\":", 2);
	stream->is_behind = false;
}

void jv_stream_number(struct jv_stream *stream, int64_t number)
{
	add_comma(stream);
	buf_printf(stream->out, "%" PRId64, number);
	stream->is_behind = true;
}

/* Bytes that may stand in a text as they are: all but the quote, the backslash, C0 and DEL, and the
 * lead bytes of what steers a terminal (C1, marks of direction, line separators), which are looked
 * at. */
static bool is_plain(unsigned char c)
{
	return c >= ' ' && c != '"' && c != '\\' && c != 0x7f && c != 0xc2 && c != 0xe2;
}

static uint64_t has_zero(uint64_t x)
{
	return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
}

static uint64_t has_byte(uint64_t x, unsigned char c)
{
	return has_zero(x ^ (0x0101010101010101u * c));
}

/* May call a plain byte odd behind one that is: who asks looks again byte by byte. */
static bool is_plain_word(uint64_t x)
{
	uint64_t below_space = (x - 0x2020202020202020u) & ~x & 0x8080808080808080u;

	return !(below_space | has_byte(x, '"') | has_byte(x, '\\') | has_byte(x, 0x7f) |
		 has_byte(x, 0xc2) | has_byte(x, 0xe2));
}

static size_t plain_run(const char *text, size_t len)
{
	size_t at = 0;
	uint64_t word;

	for (; at + sizeof word <= len; at += sizeof word) {
		memcpy(&word, text + at, sizeof word);
		if (!is_plain_word(word))
			break;
	}
	while (at < len && is_plain((unsigned char)text[at]))
		at++;
	return at;
}

static bool steers(uint32_t code)
{
	return code == 0x7f || (code >= 0x80 && code < 0xa0) || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* The letter that stands behind the backslash in the short form, or 0. */
static char short_form(char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *hit = c ? strchr(from, c) : NULL;

	return hit ? to[hit - from] : 0;
}

/* One character that is not plain: how many bytes it is. */
static size_t add_odd(struct buf *out, const char *text, size_t len)
{
	char letter = short_form(*text);
	uint32_t code;
	size_t n;

	if (letter) {
		buf_add(out, (char[]){'\\', letter}, 2);
		return 1;
	}
	n = utf8_decode(text, len, &code);
	if (code < ' ' || steers(code))
		buf_printf(out, "\\u%04X", (unsigned)code);
	else
		buf_add(out, text, n);
	return n;
}

void jv_stream_text_begin(struct jv_stream *stream)
{
	add_comma(stream);
	buf_add_char(stream->out, '"');
}

void jv_stream_text_more(struct jv_stream *stream, const char *text, size_t len)
{
	size_t at = 0;

	buf_reserve(stream->out, len + len / 16);
	while (at < len) {
		size_t run = plain_run(text + at, len - at);

		buf_add(stream->out, text + at, run);
		at += run;
		if (at < len)
			at += add_odd(stream->out, text + at, len - at);
	}
}

void jv_stream_text_end(struct jv_stream *stream)
{
	buf_add_char(stream->out, '"');
	stream->is_behind = true;
}

static void add_cleaned(struct jv_stream *stream, const char *text, size_t len)
{
	struct buf clean = BUF_INIT;

	utf8_add_valid(&clean, text, len);
	jv_stream_text_more(stream, buf_str(&clean), clean.len);
	buf_free(&clean);
}

static void add_null(struct jv_stream *stream)
{
	add_comma(stream);
	buf_add(stream->out, "null", 4);
	stream->is_behind = true;
}

void jv_stream_text(struct jv_stream *stream, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (!text) {
		add_null(stream);
		return;
	}
	jv_stream_text_begin(stream);
	if (utf8_is_valid(text, len))
		jv_stream_text_more(stream, text, len);
	else
		add_cleaned(stream, text, len);
	jv_stream_text_end(stream);
}

void jv_stream_set(struct jv_stream *stream, const char *key, const char *text)
{
	jv_stream_key(stream, key);
	jv_stream_text(stream, text);
}
