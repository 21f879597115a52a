#include "config.h"
#include "store/mime/word.h"

#include <string.h>
#include <strings.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/charset.h"
#include "store/base/utf8.h"
#include "store/mime/mime.h"
#include "store/mime/param.h"
#include "store/mime/transfer.h"

#define CHARSET_LIMIT 64

/* The parts of "=?charset?q?text?=", lent. */
struct word {
	struct span charset, text;
	char how; /* 'q' or 'b' */
};

/* Words side by side are one text: their bytes are joined before the charset is undone. */
struct decoder {
	struct buf *out;
	struct buf literal;	     /* text between words */
	struct buf pending;	     /* bytes of words, in CHARSET */
	char charset[CHARSET_LIMIT]; /* of PENDING; "" when there is none */
	const char *literal_charset; /* of 8-bit bytes between words; may be NULL */
	size_t no_end_from;	     /* no "?=" stands at or behind this offset */
};

static size_t find_pair(struct span s, size_t from, const char pair[2])
{
	for (from = span_find(s, from, pair[0]); from + 1 < s.len;
	     from = span_find(s, from + 1, pair[0]))
		if (s.data[from + 1] == pair[1])
			return from;
	return s.len;
}

static bool is_charset_char(char c)
{
	return c >= ' ' && c != '?' && c != '=' && c != '<' && c != '>' && c != '"' && c != 0x7f;
}

/* The word that begins at AT ("=?" stands there): the offset behind it, or 0 when it is none. */
static size_t read_word(struct decoder *d, struct span raw, size_t at, struct word *word)
{
	size_t start = at + 2, n = start, end;

	while (n < raw.len && n - start < CHARSET_LIMIT - 1 && is_charset_char(raw.data[n]))
		n++;
	if (n == start || n + 3 >= raw.len || raw.data[n] != '?' || raw.data[n + 2] != '?')
		return 0;
	word->charset = span_trim((struct span){raw.data + start, n - start});
	if (!word->charset.len)
		return 0;
	word->how = char_lower(raw.data[n + 1]);
	if ((word->how != 'q' && word->how != 'b') || n + 3 >= d->no_end_from)
		return 0;
	end = find_pair(raw, n + 3, "?=");
	if (end == raw.len) {
		d->no_end_from = n + 3;
		return 0;
	}
	word->text = (struct span){raw.data + n + 3, end - n - 3};
	return end + 2;
}

static void flush_pending(struct decoder *d)
{
	if (d->pending.len)
		charset_to_utf8(d->charset, d->pending.data, d->pending.len, d->out);
	buf_clear(&d->pending);
	d->charset[0] = '\0';
}

static void flush_literal(struct decoder *d)
{
	const struct buf *text = &d->literal;

	if (text->len)
		charset_to_utf8(utf8_is_valid(text->data, text->len) ? NULL : d->literal_charset,
				text->data, text->len, d->out);
	buf_clear(&d->literal);
}

static bool is_white(const struct buf *buf)
{
	size_t i;

	for (i = 0; i < buf->len; i++)
		if (!char_is_space(buf->data[i]))
			return false;
	return true;
}

static bool same_charset(const struct decoder *d, struct span charset)
{
	return strlen(d->charset) == charset.len &&
	       strncasecmp(d->charset, charset.data, charset.len) == 0;
}

static void take_word(struct decoder *d, const struct word *word)
{
	if (d->pending.len && is_white(&d->literal))
		buf_clear(&d->literal);
	if (d->literal.len || !same_charset(d, word->charset))
		flush_pending(d);
	flush_literal(d);
	memcpy(d->charset, word->charset.data, word->charset.len);
	d->charset[word->charset.len] = '\0';
	if (word->how == 'q')
		transfer_q_word(word->text, &d->pending);
	else
		transfer_base64(word->text, &d->pending);
}

/* A CR alone is none: it becomes a space. */
static bool is_line_end(struct span text, size_t at)
{
	if (text.data[at] == '\r')
		return at + 1 < text.len && text.data[at + 1] == '\n';
	return text.data[at] == '\n';
}

static void take_literal(struct decoder *d, struct span text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!is_line_end(text, i))
			buf_add_char(&d->literal, text.data[i]);
	if (d->pending.len && !is_white(&d->literal)) {
		flush_pending(d);
		flush_literal(d);
	}
}

void word_make_tame(struct buf *out, size_t start)
{
	size_t from, to = start;

	if (!out->data)
		return;
	for (from = start; from < out->len; from++) {
		char c = out->data[from];

		if (c == '\0')
			continue;
		out->data[to++] = c == '\n' || c == '\r' || c == '\t' || c == '\v' || c == '\f' ? ' ' : c;
	}
	buf_truncate(out, to);
}

/* Most text has neither words nor folds nor 8-bit bytes. */
static bool is_plain(struct span raw)
{
	size_t i;

	for (i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.data[i];

		if (c < ' ' || c >= 0x7f || (c == '=' && i + 1 < raw.len && raw.data[i + 1] == '?'))
			return false;
	}
	return true;
}

static void decode_all(struct decoder *d, struct span raw)
{
	size_t at = 0, hit;

	for (hit = find_pair(raw, 0, "=?"); hit < raw.len; hit = find_pair(raw, hit, "=?")) {
		struct word word;
		size_t behind = read_word(d, raw, hit, &word);

		if (!behind) {
			hit += 2;
			continue;
		}
		take_literal(d, (struct span){raw.data + at, hit - at});
		take_word(d, &word);
		hit = at = behind;
	}
	take_literal(d, (struct span){raw.data + at, raw.len - at});
	flush_pending(d);
	flush_literal(d);
}

void word_decode(struct span raw, struct buf *out)
{
	word_decode_as(raw, NULL, out);
}

void word_decode_as(struct span raw, const char *charset, struct buf *out)
{
	struct decoder d = {
	    .out = out, .literal_charset = charset, .no_end_from = raw.len + 1};
	size_t start = out->len;

	if (is_plain(raw)) {
		buf_add(out, raw.data, raw.len);
		return;
	}
	decode_all(&d, raw);
	word_make_tame(out, start);
	buf_free(&d.literal);
	buf_free(&d.pending);
}

char *mime_decode_text(struct span raw, struct arena *arena)
{
	return mime_decode_text_as(raw, NULL, arena);
}

char *mime_decode_text_as(struct span raw, const char *charset, struct arena *arena)
{
	struct buf out = BUF_INIT;
	char *text;

	raw = span_trim(raw);
	if (is_plain(raw))
		return arena_strndup(arena, raw.data, raw.len);
	word_decode_as(raw, charset, &out);
	text = arena_strndup(arena, buf_str(&out), out.len);
	buf_free(&out);
	return text;
}

char *mime_field_text(const struct mime_header *header, const char *name, struct arena *arena)
{
	const struct mime_field *field = mime_field(header, name);

	if (!field)
		return NULL;
	return mime_decode_text_as(field->value, mime_raw_charset(header, field->value, arena), arena);
}

const char *mime_raw_charset(const struct mime_header *header, struct span raw,
			     struct arena *arena)
{
	const struct mime_field *type = mime_field(header, "Content-Type");
	struct param_list list;
	struct span value;
	const char *charset;

	if (!type || utf8_is_valid(raw.data, raw.len))
		return NULL;
	param_parse(type->value, arena, &value, &list);
	charset = param_get(&list, "charset");
	return charset && charset_is_8bit(charset) ? charset : NULL;
}
