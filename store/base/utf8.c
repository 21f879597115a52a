#include "config.h"
#include "store/base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "store/base/buf.h"

#define EMOJI_PRESENTATION 0xfe0fu
#define BACK_MAX	   256 /* bytes a grapheme may reach back */
#define ZWNJ		   0x200cu
#define ZWJ		   0x200du

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

static bool is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Bytes from the start of TEXT that are characters of two and three bytes for certain: Cyrillic, Greek,
 * Chinese, Japanese and their like, passed quickly; the library looks at all others. */
static size_t common_run(const char *text, size_t len)
{
	size_t at = 0;

	while (at + 3 <= len) {
		unsigned char first = (unsigned char)text[at];

		if (first >= 0xc2 && first <= 0xdf && is_tail(text[at + 1]))
			at += 2;
		else if (first > 0xe0 && first < 0xed && is_tail(text[at + 1]) && is_tail(text[at + 2]))
			at += 3;
		else if (first < 0x80)
			at++;
		else
			break;
	}
	return at;
}

/* Bytes from the start of TEXT that are valid. */
static size_t valid_run(const char *text, size_t len)
{
	size_t at = ascii_run(text, len);

	while (at < len) {
		utf8proc_int32_t code;
		utf8proc_ssize_t n, left;

		at += common_run(text + at, len - at);
		if (at >= len)
			break;
		left = len - at < 4 ? (utf8proc_ssize_t)(len - at) : 4;
		n = utf8proc_iterate(bytes_of(text + at), left, &code);
		if (n <= 0)
			break;
		at += (size_t)n;
		if (at < len && !(text[at] & 0x80))
			at += ascii_run(text + at, len - at);
	}
	return at;
}

bool utf8_is_ascii(const char *text, size_t len)
{
	return ascii_run(text, len) == len;
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

/* A vowel of its own column, which still is one character with its letter: "am" of Thai and of Lao, the
 * spacing marks of India and its neighbours (what follows would else be written over them). */
static bool is_beside(uint32_t code)
{
	if (code < 0x903)
		return false;
	return code == 0xe33 || code == 0xeb3 ||
	       utf8proc_category((utf8proc_int32_t)code) == UTF8PROC_CATEGORY_MC;
}

/* What joins a grapheme may widen it: the emoji selector and the second half of a flag do. */
static int join_width(int width, uint32_t code)
{
	int own = utf8proc_charwidth((utf8proc_int32_t)code);

	if (is_beside(code))
		return width + 1;
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

	*width = is_beside(before) ? 1 : utf8proc_charwidth((utf8proc_int32_t)before);
	if (before < 0x80 && (at >= len || !(text[at] & 0x80)))
		return at;
	while (at < len) {
		size_t n = utf8_decode(text + at, len - at, &code);

		if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)before,
						     (utf8proc_int32_t)code, &state) ||
		    (*width == 2 && is_beside(code)))
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

/* --- fit for a screen --- */

/* Names of what turns the direction of text, as UAX 9 has them. */
static const char *const embeddings[] = {"LRE", "RLE", "PDF", "LRO", "RLO"}; /* U+202A.. */
static const char *const isolates[] = {"LRI", "RLI", "FSI", "PDI"};	     /* U+2066.. */

static const char *turn_name(uint32_t code)
{
	if (code >= 0x202a && code <= 0x202e)
		return embeddings[code - 0x202a];
	return code >= 0x2066 && code <= 0x2069 ? isolates[code - 0x2066] : NULL;
}

/* Letters that leave a blank: fillers of Hangul, the empty Braille cell. */
static bool is_empty_letter(uint32_t code)
{
	return code == 0x115f || code == 0x1160 || code == 0x2800 || code == 0x3164 || code == 0xffa0;
}

/* Nothing is seen of it (the few format characters that do have a width are signs of numbers). */
static bool is_invisible(uint32_t code)
{
	if (code == 0x34f || code == 0xad || code == 0x180e || (code >= 0x17b4 && code <= 0x17b5))
		return true;
	return utf8proc_category((utf8proc_int32_t)code) == UTF8PROC_CATEGORY_CF &&
	       !(code >= 0x600 && code <= 0x605) && code != 0x6dd && code != 0x70f && code != 0x8e2 &&
	       code != 0x110bd && code != 0x110cd && !(code >= 0xfff9 && code <= 0xfffb);
}

static bool is_direction_mark(uint32_t code)
{
	return code == 0x200e || code == 0x200f || code == 0x61c;
}

static bool is_mark(uint32_t code)
{
	utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);

	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

/* Does a joiner say something behind CODE: in emoji, in Arabic and in the scripts of India? */
static bool is_joined(uint32_t code)
{
	if (code < 0x600)
		return false;
	switch (utf8proc_category((utf8proc_int32_t)code)) {
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_SO:
	case UTF8PROC_CATEGORY_SK:
		return true;
	default:
		return false;
	}
}

static bool is_unknown(uint32_t code)
{
	if (code >= 0xfff9 && code <= 0xfffb)
		return true;
	switch (utf8proc_category((utf8proc_int32_t)code)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CS:
		return true;
	default:
		return false;
	}
}

enum show {
	SHOW_PROSE,	/* marks of direction stay */
	SHOW_PRINTABLE, /* without a trace of what turns or hides */
	SHOW_REVEALED,	/* what turns is named */
	SHOW_EXACT,	/* all that is not seen is named */
};

struct shower {
	struct buf *out;
	enum show how;
	uint32_t before; /* the last one that was put */
	int marks;	 /* so many on it */
};

static void put_code(struct shower *shower, uint32_t code)
{
	char bytes[4];

	shower->marks = is_mark(code) ? shower->marks + 1 : 0;
	if (shower->marks > UTF8_MARKS_MAX)
		return;
	buf_add(shower->out, bytes, utf8_encode(code, bytes));
	shower->before = code;
}

static void put_named(struct shower *shower, uint32_t code)
{
	const char *name = turn_name(code);

	if (name)
		buf_printf(shower->out, "⟨%s⟩", name);
	else
		buf_printf(shower->out, "⟨U+%04X⟩", (unsigned)code);
	shower->before = 0;
}

static void show_invisible(struct shower *shower, uint32_t code)
{
	bool is_named = shower->how == SHOW_EXACT || (shower->how == SHOW_REVEALED && turn_name(code));

	if ((code == ZWJ || code == ZWNJ) && shower->how != SHOW_EXACT) {
		if (is_joined(shower->before))
			put_code(shower, code);
	} else if (is_named) {
		put_named(shower, code);
	} else if (shower->how == SHOW_PROSE && is_direction_mark(code)) {
		put_code(shower, code);
	}
}

static void show_code(struct shower *shower, uint32_t code)
{
	bool is_odd_blank = is_empty_letter(code) ||
			    (code > ' ' && utf8proc_category((utf8proc_int32_t)code) ==
						   UTF8PROC_CATEGORY_ZS);

	if (code == '\n' || code == '\t' || code == 0x2028 || code == 0x2029)
		put_code(shower, ' ');
	else if (is_invisible(code))
		show_invisible(shower, code);
	else if (is_unknown(code))
		put_code(shower, UTF8_REPLACEMENT);
	else if (is_odd_blank && shower->how == SHOW_EXACT)
		put_named(shower, code);
	else
		put_code(shower, is_empty_letter(code) ? ' ' : code);
}

/* A letter at TEXT that is put as it is for certain, so that nobody need ask the library: printable ASCII,
 * U+0400 to U+047F (Cyrillic), U+4000 to U+8FFF (most of Chinese and Japanese). Its bytes, or 0. */
static size_t settled(const char *text, size_t len)
{
	unsigned char first = (unsigned char)*text;

	if (first < 0x80)
		return first >= ' ' && first < 0x7f;
	if ((first == 0xd0 || first == 0xd1) && len > 1 && is_tail(text[1]))
		return 2;
	return first >= 0xe4 && first <= 0xe8 && len > 2 && is_tail(text[1]) && is_tail(text[2]) ? 3 : 0;
}

/* Bytes of settled letters from the start of TEXT; *LAST: where the last of them begins. */
static size_t settled_run(const char *text, size_t len, size_t *last)
{
	size_t at = 0, n;

	for (*last = 0; at < len && (n = settled(text + at, len - at)) > 0; at += n)
		*last = at;
	return at;
}

static void show(struct buf *out, const char *text, size_t len, enum show how)
{
	struct shower shower = {.out = out, .how = how};
	size_t at = 0;

	buf_reserve(out, len);
	while (at < len) {
		size_t last, run = settled_run(text + at, len - at, &last);
		uint32_t code;

		buf_add(out, text + at, run);
		if (run) {
			utf8_decode(text + at + last, run - last, &shower.before);
			shower.marks = 0;
		}
		at += run;
		if (at >= len)
			break;
		at += utf8_decode(text + at, len - at, &code);
		show_code(&shower, code);
	}
}

void utf8_add_prose(struct buf *out, const char *text, size_t len)
{
	show(out, text, len, SHOW_PROSE);
}

void utf8_add_printable(struct buf *out, const char *text, size_t len)
{
	show(out, text, len, SHOW_PRINTABLE);
}

void utf8_add_revealed(struct buf *out, const char *text, size_t len)
{
	show(out, text, len, SHOW_REVEALED);
}

void utf8_add_exact(struct buf *out, const char *text, size_t len)
{
	show(out, text, len, SHOW_EXACT);
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

/* A stroke, or a dot that is missing, is part of the letter in Unicode and has no decomposition; for who searches it is
 * an accent: what collation (UCA) takes for a difference of the second level, and the Turkish i. */
static uint32_t bare_letter(uint32_t code)
{
	switch (code) {
	case 0xf8: /* o with stroke */
		return 'o';
	case 0x111: /* d */
		return 'd';
	case 0x127: /* h */
		return 'h';
	case 0x131: /* i without its dot */
		return 'i';
	case 0x142: /* l */
		return 'l';
	case 0x167: /* t */
		return 't';
	default:
		return code;
	}
}

/* What is folded already, without strokes. */
static void add_bare(struct buf *out, const char *text, size_t len)
{
	uint32_t code;

	for (size_t at = 0, n; at < len; at += n) {
		n = utf8_decode(text + at, len - at, &code);
		if (bare_letter(code) != code)
			buf_add_char(out, (char)bare_letter(code));
		else
			buf_add(out, text + at, n);
	}
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
		add_bare(out, (const char *)folded, (size_t)n);
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

/* --- words --- */

/* What a person sees as one sign, and looks for as such. */
static bool is_pictograph(uint32_t code)
{
	int class = utf8proc_get_property((utf8proc_int32_t)code)->boundclass;

	return code >= 0x2600 && (class == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC ||
				  class == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR);
}

static bool is_skin_tone(uint32_t code)
{
	return code >= 0x1f3fb && code <= 0x1f3ff;
}

static bool is_hangul_syllable(uint32_t code)
{
	return code >= 0xac00 && code <= 0xd7a3;
}

static bool is_letter_or_digit(uint32_t code)
{
	utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);

	return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
	       (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

static bool leaves_no_trace(uint32_t code)
{
	utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);

	return (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME) ||
	       utf8proc_get_property((utf8proc_int32_t)code)->ignorable || is_skin_tone(code);
}

int utf8_fold_word(uint32_t code, uint32_t out[UTF8_FOLD_MAX])
{
	const utf8proc_option_t how = UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
				      UTF8PROC_STRIPMARK | UTF8PROC_IGNORE;
	utf8proc_int32_t codes[UTF8_FOLD_MAX];
	utf8proc_ssize_t n;
	int last = 0, count = 0;

	if (leaves_no_trace(code))
		return 0;
	if (is_pictograph(code)) {
		out[0] = code;
		return 1;
	}
	if (!is_letter_or_digit(code))
		return -1;
	if (is_hangul_syllable(code) || code == 0x439 || code == 0x419) {
		out[0] = code == 0x419 ? 0x439 : code;
		return 1;
	}
	n = utf8proc_decompose_char((utf8proc_int32_t)code, codes, UTF8_FOLD_MAX, how, &last);
	for (utf8proc_ssize_t i = 0; i < n && i < UTF8_FOLD_MAX; i++)
		if (is_letter_or_digit((uint32_t)codes[i]))
			out[count++] = bare_letter((uint32_t)codes[i]);
	return count;
}
