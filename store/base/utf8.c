#include "config.h"
#include "store/base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "store/base/buf.h"

#define EMOJI_PRESENTATION 0xfe0fu
#define BACK_MAX	   256 /* bytes a grapheme may reach back */

static const utf8proc_uint8_t *bytes_of(const char *text)
{
	return (const utf8proc_uint8_t *)text;
}

size_t utf8_decode(const char *text, size_t len, uint32_t *code)
{
	unsigned char first = (unsigned char)*text;
	utf8proc_int32_t found;
	utf8proc_ssize_t n;

	if (first < 0x80) {
		*code = first;
		return 1;
	}
	n = utf8proc_iterate(bytes_of(text), len < 4 ? (utf8proc_ssize_t)len : 4, &found);
	*code = n > 0 ? (uint32_t)found : UTF8_REPLACEMENT;
	return n > 0 ? (size_t)n : 1;
}

size_t utf8_encode(uint32_t code, char out[4])
{
	if (!utf8proc_codepoint_valid((utf8proc_int32_t)code))
		code = UTF8_REPLACEMENT;
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)code, (utf8proc_uint8_t *)out);
}

/* Bytes from the start of TEXT that are ASCII, eight at a time. */
static size_t ascii_run(const char *text, size_t len)
{
	size_t at = 0;
	uint64_t word;

	for (; at + sizeof word <= len; at += sizeof word) {
		memcpy(&word, text + at, sizeof word);
		if (word & 0x8080808080808080u)
			break;
	}
	while (at < len && !(text[at] & 0x80))
		at++;
	return at;
}

/* Bytes from the start of TEXT that are valid. */
static size_t valid_run(const char *text, size_t len)
{
	size_t at = ascii_run(text, len);

	while (at < len) {
		utf8proc_int32_t code;
		size_t left = len - at;
		utf8proc_ssize_t n = utf8proc_iterate(bytes_of(text + at),
						      left < 4 ? (utf8proc_ssize_t)left : 4, &code);

		if (n <= 0)
			break;
		at += (size_t)n;
		if (at < len && !(text[at] & 0x80))
			at += ascii_run(text + at, len - at);
	}
	return at;
}

bool utf8_is_valid(const char *text, size_t len)
{
	return valid_run(text, len) == len;
}

void utf8_add_valid(struct buf *out, const char *text, size_t len)
{
	size_t good;

	buf_reserve(out, len);
	while ((good = valid_run(text, len)) < len) {
		buf_add(out, text, good);
		buf_add(out, "\xef\xbf\xbd", 3);
		text += good + 1;
		len -= good + 1;
	}
	buf_add(out, text, len);
}

/* What joins a grapheme may widen it: the emoji selector and the second half of a flag do. */
static int join_width(int width, uint32_t code)
{
	int own = utf8proc_charwidth((utf8proc_int32_t)code);

	if (code == EMOJI_PRESENTATION && width == 1)
		return 2;
	if (code >= 0x1f1e6 && code <= 0x1f1ff)
		return 2;
	return own > width ? own : width;
}

size_t utf8_grapheme(const char *text, size_t len, int *width)
{
	utf8proc_int32_t state = 0;
	uint32_t before, code;
	size_t at = utf8_decode(text, len, &before);

	*width = utf8proc_charwidth((utf8proc_int32_t)before);
	if (before < 0x80 && (at >= len || !(text[at] & 0x80)))
		return at;
	while (at < len) {
		size_t n = utf8_decode(text + at, len - at, &code);

		if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)before,
						     (utf8proc_int32_t)code, &state))
			break;
		*width = join_width(*width, code);
		before = code;
		at += n;
	}
	if (*width > 2)
		*width = 2;
	return at;
}

size_t utf8_grapheme_before(const char *text, size_t len, size_t at)
{
	size_t start = at - 1, low = at > BACK_MAX ? at - BACK_MAX : 0;
	int width;

	(void)len;
	while (start > low && (text[start] & 0x80))
		start--;
	while (start < at && ((unsigned char)text[start] & 0xc0) == 0x80)
		start++;
	if (start == at)
		return at - 1;
	for (;;) {
		size_t next = start + utf8_grapheme(text + start, at - start, &width);

		if (next >= at)
			return start;
		start = next;
	}
}

int utf8_width(const char *text, size_t len)
{
	int total = 0, width;

	while (len) {
		size_t n = utf8_grapheme(text, len, &width);

		total += width;
		text += n;
		len -= n;
	}
	return total;
}

size_t utf8_fit(const char *text, size_t len, int columns, int *used)
{
	size_t at = 0;
	int width;

	*used = 0;
	while (at < len) {
		size_t n = utf8_grapheme(text + at, len - at, &width);

		if (*used + width > columns)
			break;
		*used += width;
		at += n;
	}
	return at;
}

static bool is_bidi_control(uint32_t code)
{
	return code == 0x61c || code == 0x200e || code == 0x200f ||
	       (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* 0: take it out without a trace. */
static uint32_t printable(uint32_t code)
{
	if (code == '\n' || code == '\t' || code == 0x2028 || code == 0x2029)
		return ' ';
	if (is_bidi_control(code) || code == 0xfeff)
		return 0;
	if (code >= 0xfff9 && code <= 0xfffb)
		return UTF8_REPLACEMENT;
	switch (utf8proc_category((utf8proc_int32_t)code)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CS:
		return UTF8_REPLACEMENT;
	default:
		return code;
	}
}

static size_t printable_ascii_run(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len && text[at] >= ' ' && text[at] < 0x7f)
		at++;
	return at;
}

void utf8_add_printable(struct buf *out, const char *text, size_t len)
{
	size_t at = 0;
	char bytes[4];

	buf_reserve(out, len);
	while (at < len) {
		size_t run = printable_ascii_run(text + at, len - at);
		uint32_t code;

		buf_add(out, text + at, run);
		at += run;
		if (at >= len)
			break;
		at += utf8_decode(text + at, len - at, &code);
		code = printable(code);
		if (code)
			buf_add(out, bytes, utf8_encode(code, bytes));
	}
}

static void add_lower(struct buf *out, const char *text, size_t len)
{
	size_t i;

	buf_reserve(out, len);
	for (i = 0; i < len; i++)
		out->data[out->len + i] =
		    text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
	out->len += len;
	out->data[out->len] = '\0';
}

void utf8_add_folded(struct buf *out, const char *text, size_t len)
{
	const utf8proc_option_t how = UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
				      UTF8PROC_STRIPMARK | UTF8PROC_IGNORE;
	struct buf clean = BUF_INIT;
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t n;

	if (ascii_run(text, len) == len) {
		add_lower(out, text, len);
		return;
	}
	utf8_add_valid(&clean, text, len);
	n = utf8proc_map(bytes_of(clean.data), (utf8proc_ssize_t)clean.len, &folded, how);
	if (n >= 0)
		buf_add(out, folded, (size_t)n);
	else
		buf_add(out, clean.data, clean.len);
	free(folded);
	buf_free(&clean);
}

long utf8_find_folded(const char *text, size_t len, const char *needle)
{
	struct buf folded = BUF_INIT;
	const char *hit;
	long at;

	utf8_add_folded(&folded, text, len);
	hit = memmem(buf_str(&folded), folded.len, needle, strlen(needle));
	at = hit ? (long)(hit - folded.data) : -1;
	if (!*needle)
		at = 0;
	buf_free(&folded);
	return at;
}
