#include "config.h"
#include "store/mime/rtf.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/charset.h"
#include "store/base/utf8.h"

/* --- unpacking ---------------------------------------------------------------------------------------- */

#define PACKED_HEADER 16
#define KIND_PACKED   0x75465a4cu
#define KIND_PLAIN    0x414c454du
#define WINDOW	      4096

/* What the window holds in the beginning (MS-OXRTFCP section 2.1.2.1). */
static const char window_start[] =
	"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
	"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
	"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct unpacking {
	struct span in;
	size_t at, limit, begin; /* BEGIN of what is ours in OUT */
	char window[WINDOW];
	size_t write;
	struct buf *out;
};

static uint32_t little_endian(const char *bytes)
{
	const unsigned char *b = (const unsigned char *)bytes;

	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static bool is_full(const struct unpacking *u)
{
	return u->out->len - u->begin >= u->limit;
}

static void put(struct unpacking *u, char c)
{
	u->window[u->write] = c;
	u->write = (u->write + 1) % WINDOW;
	if (!is_full(u))
		buf_add_char(u->out, c);
}

/* Two bytes that point back: true at the end mark. */
static bool copy_back(struct unpacking *u)
{
	unsigned token = (unsigned)(unsigned char)u->in.data[u->at] << 8 |
			 (unsigned char)u->in.data[u->at + 1];
	size_t from = token >> 4, len = (token & 15) + 2;

	u->at += 2;
	if (from == u->write)
		return true;
	while (len--) {
		put(u, u->window[from]);
		from = (from + 1) % WINDOW;
	}
	return false;
}

static int unpack_all(struct unpacking *u)
{
	while (u->at < u->in.len && !is_full(u)) {
		unsigned flags = (unsigned char)u->in.data[u->at++];

		for (int bit = 0; bit < 8; bit++) {
			bool points = flags & (1u << bit);

			if (u->in.len - u->at < (points ? 2u : 1u))
				return 1;
			if (!points)
				put(u, u->in.data[u->at++]);
			else if (copy_back(u))
				return 0;
		}
	}
	return 1;
}

int rtf_unpack(struct span packed, size_t limit, struct buf *out)
{
	struct unpacking u = {.in = packed, .at = PACKED_HEADER, .limit = limit, .begin = out->len, .out = out};
	uint32_t kind, size;

	if (packed.len < PACKED_HEADER)
		return -1;
	size = little_endian(packed.data + 4);
	kind = little_endian(packed.data + 8);
	if (kind == KIND_PLAIN) {
		size_t len = packed.len - PACKED_HEADER;

		len = size < len ? size : len;
		buf_add(out, packed.data + PACKED_HEADER, len < limit ? len : limit);
		return len > limit;
	}
	if (kind != KIND_PACKED)
		return -1;
	if (size < limit)
		u.limit = size;
	memset(u.window, ' ', sizeof u.window);
	memcpy(u.window, window_start, sizeof window_start - 1);
	u.write = sizeof window_start - 1;
	return unpack_all(&u) && size != out->len - u.begin;
}

/* --- text ---------------------------------------------------------------------------------------------- */

#define DEPTH_MAX 200 /* groups that are told apart; deeper ones count as the last */
#define FONTS_MAX 512

struct group {
	bool is_hidden;	  /* nothing of it is text */
	bool is_tag;	  /* HTML of the sender's, word for word */
	bool is_rtf_only; /* \htmlrtf: there for readers without HTML */
	bool is_fonts;
	int skip; /* characters that stand for a \u */
	int font;
};

struct conversion {
	struct span in;
	size_t at, limit, begin;
	struct buf *out, bytes; /* BYTES: not letters yet */
	struct group groups[DEPTH_MAX];
	size_t depth, too_deep;
	int to_skip;
	int page, pages[FONTS_MAX]; /* code page, and that of each font; 0: as the whole */
	uint32_t high;		    /* first half of a pair, or 0 */
	bool is_html, is_starred;
};

static struct group *group_of(struct conversion *c)
{
	return &c->groups[c->depth];
}

static bool is_text(struct conversion *c)
{
	struct group *group = group_of(c);

	if (group->is_hidden || group->is_fonts || (c->is_html && group->is_rtf_only))
		return false;
	return c->out->len - c->begin < c->limit;
}

static void flush(struct conversion *c)
{
	int font = group_of(c)->font, page = font < FONTS_MAX ? c->pages[font] : 0;
	char charset[16];

	if (!c->bytes.len)
		return;
	snprintf(charset, sizeof charset, "cp%d", page ? page : c->page);
	if (!charset_is_known(charset))
		snprintf(charset, sizeof charset, "cp1252");
	charset_to_utf8(charset, c->bytes.data, c->bytes.len, c->out);
	buf_clear(&c->bytes);
}

static void put_byte(struct conversion *c, char byte)
{
	if (c->to_skip > 0) {
		c->to_skip--;
		return;
	}
	if (is_text(c))
		buf_add_char(&c->bytes, byte);
}

static void put_text(struct conversion *c, const char *text)
{
	flush(c);
	if (is_text(c))
		buf_add_str(c->out, text);
}

static void put_code(struct conversion *c, uint32_t code)
{
	char text[5] = "";

	if (code >= 0xd800 && code < 0xdc00) {
		c->high = code;
		return;
	}
	if (c->high && code >= 0xdc00 && code < 0xe000)
		code = 0x10000 + ((c->high - 0xd800) << 10) + (code - 0xdc00);
	c->high = 0;
	if (code < ' ' || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
		code = UTF8_REPLACEMENT;
	text[utf8_encode(code, text)] = '\0';
	put_text(c, text);
}

/* --- words --- */

enum word_kind {
	WORD_TEXT,    /* stands for TEXT */
	WORD_HIDES,   /* its group is no text */
	WORD_OTHER,
};

static const struct {
	const char *word;
	enum word_kind kind;
	const char *text;
} words[] = {
	{"par", WORD_TEXT, "\n"},
	{"line", WORD_TEXT, "\n"},
	{"sect", WORD_TEXT, "\n"},
	{"page", WORD_TEXT, "\n"},
	{"row", WORD_TEXT, "\n"},
	{"tab", WORD_TEXT, "\t"},
	{"cell", WORD_TEXT, "\t"},
	{"emdash", WORD_TEXT, "—"},
	{"endash", WORD_TEXT, "–"},
	{"lquote", WORD_TEXT, "‘"},
	{"rquote", WORD_TEXT, "’"},
	{"ldblquote", WORD_TEXT, "“"},
	{"rdblquote", WORD_TEXT, "”"},
	{"bullet", WORD_TEXT, "•"},
	{"colortbl", WORD_HIDES, NULL},
	{"stylesheet", WORD_HIDES, NULL},
	{"info", WORD_HIDES, NULL},
	{"pict", WORD_HIDES, NULL},
	{"object", WORD_HIDES, NULL},
	{"header", WORD_HIDES, NULL},
	{"footer", WORD_HIDES, NULL},
	{"fldinst", WORD_HIDES, NULL},
	{"bkmkstart", WORD_HIDES, NULL},
	{"bkmkend", WORD_HIDES, NULL},
};

static const struct {
	int charset, page;
} font_pages[] = {
	{128, 932}, {129, 949}, {134, 936}, {136, 950}, {161, 1253}, {162, 1254}, {163, 1258},
	{177, 1255}, {178, 1256}, {186, 1257}, {204, 1251}, {222, 874}, {238, 1250}, {0, 1252},
};

static void set_font_page(struct conversion *c, int charset)
{
	int font = group_of(c)->font;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(font_pages) && font < FONTS_MAX; i++)
		if (font_pages[i].charset == charset)
			c->pages[font] = font_pages[i].page;
}

static void use_number_word(struct conversion *c, struct span word, int n)
{
	struct group *group = group_of(c);

	if (span_equal_nocase(word, "u") && c->to_skip == 0) {
		put_code(c, (uint32_t)(n < 0 ? n + 65536 : n));
		c->to_skip = group->skip;
	} else if (span_equal_nocase(word, "uc")) {
		group->skip = n >= 0 && n < 20 ? n : 1;
	} else if (span_equal_nocase(word, "ansicpg")) {
		c->page = n > 0 && n < 100000 && n != 65001 ? n : 1252;
	} else if (span_equal_nocase(word, "f") && n >= 0) {
		flush(c);
		group->font = n;
	} else if (span_equal_nocase(word, "fcharset")) {
		set_font_page(c, n);
	} else if (span_equal_nocase(word, "fromhtml")) {
		c->is_html = true;
	} else if (span_equal_nocase(word, "htmltag")) {
		group->is_tag = true;
		group->is_hidden = group->is_rtf_only = false;
	}
}

static void use_word(struct conversion *c, struct span word, int n, bool has_number)
{
	struct group *group = group_of(c);
	size_t i;

	if (c->is_starred && !span_equal_nocase(word, "htmltag"))
		group->is_hidden = true;
	c->is_starred = false;
	if (span_equal_nocase(word, "htmlrtf")) {
		flush(c);
		group->is_rtf_only = !has_number || n;
		return;
	}
	if (span_equal_nocase(word, "fonttbl"))
		group->is_fonts = true;
	if (has_number || span_equal_nocase(word, "htmltag"))
		use_number_word(c, word, n);
	for (i = 0; i < ARRAY_COUNT(words); i++) {
		if (!span_equal_nocase(word, words[i].word))
			continue;
		if (words[i].kind == WORD_HIDES)
			group->is_hidden = true;
		else if (!c->is_html || !group->is_tag)
			put_text(c, words[i].text);
	}
}

static void take_word(struct conversion *c)
{
	struct span word = {c->in.data + c->at, 0};
	bool is_negative = false, has_number = false;
	int n = 0;

	while (c->at < c->in.len && char_is_alnum(c->in.data[c->at]) && !char_is_digit(c->in.data[c->at]))
		c->at++, word.len++;
	if (c->at + 1 < c->in.len && c->in.data[c->at] == '-' && char_is_digit(c->in.data[c->at + 1])) {
		is_negative = true;
		c->at++;
	}
	for (; c->at < c->in.len && char_is_digit(c->in.data[c->at]); c->at++) {
		has_number = true;
		n = n < 1000000 ? n * 10 + (c->in.data[c->at] - '0') : n;
	}
	if (c->at < c->in.len && c->in.data[c->at] == ' ')
		c->at++;
	use_word(c, word, is_negative ? -n : n, has_number);
}

static int hex(char digit)
{
	const char *digits = "0123456789abcdef", *at = digit ? strchr(digits, char_lower(digit)) : NULL;

	return at ? (int)(at - digits) : 0;
}

/* What follows a backslash. */
static void take_control(struct conversion *c)
{
	char next = c->at < c->in.len ? c->in.data[c->at] : '\\';

	if (char_is_alnum(next) && !char_is_digit(next)) {
		take_word(c);
		return;
	}
	c->at++;
	if (next == '\'' && c->in.len - c->at >= 2) {
		put_byte(c, (char)(hex(c->in.data[c->at]) << 4 | hex(c->in.data[c->at + 1])));
		c->at += 2;
	} else if (next == '*') {
		c->is_starred = true;
	} else if (next == '\n' || next == '\r') {
		put_text(c, "\n");
	} else if (next == '~') {
		put_text(c, "\xc2\xa0");
	} else if (next == '_') {
		put_byte(c, '-');
	} else if (next != '-') {
		put_byte(c, next);
	}
}

static void open_group(struct conversion *c)
{
	flush(c);
	c->to_skip = 0;
	c->is_starred = false;
	if (c->depth + 1 >= DEPTH_MAX) {
		c->too_deep++;
		return;
	}
	c->groups[c->depth + 1] = c->groups[c->depth];
	c->depth++;
	group_of(c)->is_tag = false;
}

static void close_group(struct conversion *c)
{
	flush(c);
	c->to_skip = 0;
	if (c->too_deep)
		c->too_deep--;
	else if (c->depth)
		c->depth--;
}

static bool is_control(struct span rtf)
{
	return span_starts_nocase(rtf, "{\\rtf");
}

bool rtf_text(struct span rtf, size_t limit, struct buf *out)
{
	struct conversion c = {.in = rtf, .limit = limit, .begin = out->len, .out = out, .page = 1252};

	c.groups[0].skip = 1;
	if (!is_control(rtf))
		return false;
	while (c.at < rtf.len && c.out->len - c.begin < limit) {
		char next = rtf.data[c.at++];

		if (next == '\\')
			take_control(&c);
		else if (next == '{')
			open_group(&c);
		else if (next == '}')
			close_group(&c);
		else if (next != '\n' && next != '\r' && next)
			put_byte(&c, next);
	}
	flush(&c);
	buf_free(&c.bytes);
	return c.is_html;
}
