#include "config.h"
#include "store/mime/transfer.h"

#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/mem.h"
#include "store/mime/header.h"

#define PIECE	    8192
#define BASE64_LINE 1000
#define NAME_ROOM   32

static const struct {
	const char *name;
	enum transfer kind;
} kinds[] = {
    {"base64", TRANSFER_BASE64},
    {"quoted-printable", TRANSFER_QUOTED_PRINTABLE},
    {"x-uuencode", TRANSFER_UUENCODE},
    {"uuencode", TRANSFER_UUENCODE},
    {"x-uue", TRANSFER_UUENCODE},
    {"uue", TRANSFER_UUENCODE},
    {"x-yencode", TRANSFER_YENC},
    {"x-yenc", TRANSFER_YENC},
    {"yenc", TRANSFER_YENC},
};

/* "Quoted Printable;" is meant all the same: only letters, digits and "-" count, and a space is one. */
static void tidy_name(const char *encoding, char out[NAME_ROOM])
{
	struct span name = span_trim(span_of(encoding));
	size_t i, len = 0;

	for (i = 0; i < name.len && len < NAME_ROOM - 1 && name.data[i] != ';' && name.data[i] != '(';
	     i++)
		if (name.data[i] != '"')
			out[len++] = name.data[i] == ' ' ? '-' : char_lower(name.data[i]);
	while (len && out[len - 1] == '-')
		len--;
	out[len] = '\0';
}

enum transfer transfer_kind(const char *encoding)
{
	char name[NAME_ROOM];
	size_t i;

	if (!encoding)
		return TRANSFER_NONE;
	tidy_name(encoding, name);
	for (i = 0; i < ARRAY_COUNT(kinds); i++)
		if (strcmp(name, kinds[i].name) == 0)
			return kinds[i].kind;
	return TRANSFER_NONE;
}

/* Collects single bytes into pieces. */
struct writer {
	transfer_sink *sink;
	void *arg;
	size_t len;
	int rc;
	char bytes[PIECE];
};

static void flush(struct writer *w)
{
	if (w->len && w->rc == 0)
		w->rc = w->sink(w->arg, w->bytes, w->len);
	w->len = 0;
}

static inline void put(struct writer *w, char c)
{
	if (w->len == PIECE)
		flush(w);
	w->bytes[w->len++] = c;
}

static void put_all(struct writer *w, const char *bytes, size_t len)
{
	while (len) {
		size_t n = PIECE - w->len;

		if (n > len)
			n = len;
		memcpy(w->bytes + w->len, bytes, n);
		w->len += n;
		bytes += n;
		len -= n;
		if (w->len == PIECE)
			flush(w);
	}
}

/* One more than the value of a digit; 0: it is none. */
static const signed char hex_digits[256] = {
    ['0'] = 1,	['1'] = 2,  ['2'] = 3,	['3'] = 4,  ['4'] = 5,	['5'] = 6,  ['6'] = 7,	['7'] = 8,
    ['8'] = 9,	['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

static int hex_value(char c)
{
	return hex_digits[(unsigned char)c] - 1;
}

/* "=41" at AT: its byte, or -1. */
static inline int hex_pair(struct span s, size_t at)
{
	int high, low;

	if (at + 2 >= s.len)
		return -1;
	high = hex_value(s.data[at + 1]);
	low = hex_value(s.data[at + 2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* "=" and nothing but white up to the line end: the offset behind that, else 0. */
static size_t soft_break(struct span s, size_t at)
{
	for (at++; at < s.len && (s.data[at] == ' ' || s.data[at] == '\t'); at++)
		;
	if (at >= s.len)
		return s.len;
	if (s.data[at] == '\r' && at + 1 < s.len && s.data[at + 1] == '\n')
		return at + 2;
	return s.data[at] == '\n' ? at + 1 : 0;
}

/* CR LF at AT: an encoded CR in front of it is the same one twice, as mail moved between systems has it. */
static bool is_line_end(struct span s, size_t at)
{
	return at + 1 < s.len && s.data[at] == '\r' && s.data[at + 1] == '\n';
}

static inline size_t put_escape(struct writer *w, struct span s, size_t at)
{
	int byte = hex_pair(s, at);
	size_t behind;

	if (byte >= 0) {
		put(w, (char)byte);
		return at + 3 + (byte == '\r' && is_line_end(s, at + 3));
	}
	behind = soft_break(s, at);
	if (behind)
		return behind;
	put(w, '=');
	return at + 1;
}

static void decode_quoted(struct writer *w, struct span s)
{
	size_t at = 0;

	while (at < s.len && w->rc == 0) {
		struct span near = {s.data, s.len - at < PIECE ? s.len : at + PIECE};
		size_t hit = span_find(near, at, '=');

		put_all(w, s.data + at, hit - at);
		at = hit < near.len ? put_escape(w, s, hit) : hit;
	}
}

/* One more than the value of a letter of base64; 0: it is none. */
static const signed char base64_letters[256] = {
    ['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7, ['H'] = 8,
    ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

static int base64_value(unsigned char c)
{
	return base64_letters[c] - 1;
}

/* Behind the padding: does base64 go on there (pieces glued together), or is it a footer some list
 * has added? Only a line that is base64 as a whole counts; it is looked at once (*SEEN: its last letter). */
static bool goes_on(struct span s, size_t at, size_t *seen)
{
	size_t next, i;
	struct span line;

	if (at < *seen)
		return true;
	while (at < s.len && (char_is_space(s.data[at]) || s.data[at] == '='))
		at++;
	if (s.len > at + BASE64_LINE)
		s.len = at + BASE64_LINE; /* or one endless line would cost its square */
	line = header_line(s, at, &next);
	if (line.len < 4 || line.len % 4 != 0)
		return false;
	for (i = 0; i < line.len; i++)
		if (base64_value((unsigned char)line.data[i]) < 0 && (i == 0 || line.data[i] != '='))
			return false;
	while (line.data[line.len - 1] == '=')
		line.len--;
	*seen = at + line.len;
	return true;
}

/* Four good characters in a row, again and again: the common case. Returns how far it came. */
static size_t decode_run(struct writer *w, struct span s, size_t at)
{
	for (; at + 4 <= s.len; at += 4) {
		const unsigned char *p = (const unsigned char *)s.data + at;
		int a = base64_value(p[0]), b = base64_value(p[1]), c = base64_value(p[2]),
		    d = base64_value(p[3]);
		char *to;

		if ((a | b | c | d) < 0)
			break;
		if (w->len + 3 > PIECE)
			flush(w);
		to = w->bytes + w->len;
		to[0] = (char)(a << 2 | b >> 4);
		to[1] = (char)(b << 4 | c >> 2);
		to[2] = (char)(c << 6 | d);
		w->len += 3;
	}
	return at;
}

static void put_rest(struct writer *w, unsigned bits, int count)
{
	if (count == 2)
		put(w, (char)(bits >> 4));
	if (count == 3) {
		put(w, (char)(bits >> 10));
		put(w, (char)(bits >> 2));
	}
}

static void decode_base64(struct writer *w, struct span s)
{
	unsigned bits = 0;
	size_t at = 0, seen = 0;
	int count = 0;

	while (at < s.len && w->rc == 0) {
		unsigned char c;
		int value;

		if (count == 0)
			at = decode_run(w, s, at);
		if (at >= s.len)
			break;
		c = (unsigned char)s.data[at++];
		value = base64_value(c);
		if (value >= 0) {
			bits = bits << 6 | (unsigned)value;
			count++;
		}
		if (count == 4) {
			put(w, (char)(bits >> 16));
			put(w, (char)(bits >> 8));
			put(w, (char)bits);
			count = 0;
		}
		if (c == '=' && count >= 2) {
			put_rest(w, bits, count);
			count = 0;
			if (!goes_on(s, at, &seen))
				return;
		}
	}
	put_rest(w, bits, count);
}

static int uu_value(struct span line, size_t at)
{
	return at < line.len ? (line.data[at] - ' ') & 63 : 0;
}

static void decode_uu_line(struct writer *w, struct span line)
{
	int left = uu_value(line, 0);
	size_t at;

	for (at = 1; left > 0 && at < line.len; at += 4, left -= 3) {
		int a = uu_value(line, at), b = uu_value(line, at + 1);
		int c = uu_value(line, at + 2), d = uu_value(line, at + 3);

		put(w, (char)(a << 2 | b >> 4));
		if (left > 1)
			put(w, (char)(b << 4 | c >> 2));
		if (left > 2)
			put(w, (char)(c << 6 | d));
	}
}

/* Offset behind the line that begins with WORD, or 0. */
static size_t behind_line(struct span s, const char *word)
{
	size_t at = 0, next;

	for (; at < s.len; at = next)
		if (span_starts_nocase(header_line(s, at, &next), word))
			return next;
	return 0;
}

/* Name and mode in the "begin" line are ignored. */
static void decode_uu(struct writer *w, struct span s)
{
	size_t at = behind_line(s, "begin "), next;

	for (; at < s.len && w->rc == 0; at = next) {
		struct span line = header_line(s, at, &next);

		if (span_equal(span_trim(line), SPAN("end")))
			break;
		if (line.len)
			decode_uu_line(w, line);
	}
}

static void decode_yenc_line(struct writer *w, struct span line)
{
	size_t i;

	for (i = 0; i < line.len; i++) {
		int c = (unsigned char)line.data[i];

		if (c == '=' && i + 1 < line.len)
			c = (unsigned char)line.data[++i] - 64;
		put(w, (char)(c - 42));
	}
}

static void decode_yenc(struct writer *w, struct span s)
{
	size_t at = behind_line(s, "=ybegin "), next;

	for (; at < s.len && w->rc == 0; at = next) {
		struct span line = header_line(s, at, &next);

		if (span_starts_nocase(line, "=yend"))
			break;
		if (!span_starts_nocase(line, "=ypart "))
			decode_yenc_line(w, line);
	}
}

int transfer_decode(enum transfer kind, struct span body, transfer_sink *sink, void *arg)
{
	struct writer w MEM_NOT_ZEROED;

	if (kind == TRANSFER_NONE)
		return body.len ? sink(arg, body.data, body.len) : 0;
	w.sink = sink;
	w.arg = arg;
	w.len = 0;
	w.rc = 0;
	if (kind == TRANSFER_QUOTED_PRINTABLE)
		decode_quoted(&w, body);
	else if (kind == TRANSFER_BASE64)
		decode_base64(&w, body);
	else if (kind == TRANSFER_UUENCODE)
		decode_uu(&w, body);
	else
		decode_yenc(&w, body);
	flush(&w);
	return w.rc;
}

static int to_buf(void *arg, const char *bytes, size_t len)
{
	buf_add(arg, bytes, len);
	return 0;
}

void transfer_base64(struct span text, struct buf *out)
{
	transfer_decode(TRANSFER_BASE64, text, to_buf, out);
}

void transfer_q_word(struct span text, struct buf *out)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		char c = text.data[i];
		int byte = c == '=' ? hex_pair(text, i) : -1;

		if (byte >= 0) {
			buf_add_char(out, (char)byte);
			i += 2;
		} else if (c != '\r' && c != '\n') {
			buf_add_char(out, c == '_' ? ' ' : c);
		}
	}
}
