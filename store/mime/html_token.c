#include "config.h"

#include "store/mime/html_token.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/utf8.h"
#include "store/mime/html_entities.h"

#define ENTITY_NAME_MAX 32

void html_reader_init(struct html_reader *reader, const char *text, size_t len)
{
	*reader = (struct html_reader){.text = {text, len}};
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static struct span slice(const struct html_reader *reader, size_t from, size_t to)
{
	return (struct span){reader->text.data + from, to - from};
}

static char peek(const struct html_reader *reader, size_t more)
{
	return reader->at + more < reader->text.len ? reader->text.data[reader->at + more] : '\0';
}

static bool is_at(const struct html_reader *reader, const char *text)
{
	size_t len = strlen(text);

	return reader->text.len - reader->at >= len &&
	       span_starts_nocase(slice(reader, reader->at, reader->at + len), text);
}

/* --- comments and declarations: read over --- */

static size_t find(const struct html_reader *reader, size_t from, char c)
{
	return span_find(reader->text, from, c);
}

static void skip_to_gt(struct html_reader *reader)
{
	size_t end = find(reader, reader->at, '>');

	reader->at = end < reader->text.len ? end + 1 : end;
}

/* Behind "<!--": ends at "-->", "--!>"; "<!-->" and "<!--->" are whole comments. */
static void skip_comment(struct html_reader *reader)
{
	const char *text = reader->text.data;
	size_t start = reader->at, at = start;

	while ((at = find(reader, at, '>')) < reader->text.len) {
		size_t body = at - start;
		bool is_end = (body == 0) || (body == 1 && text[start] == '-') ||
			      (body >= 2 && text[at - 1] == '-' && text[at - 2] == '-') ||
			      (body >= 3 && text[at - 1] == '!' && text[at - 2] == '-' &&
			       text[at - 3] == '-');

		at++;
		if (is_end)
			break;
	}
	reader->at = at;
}

static void skip_declaration(struct html_reader *reader)
{
	reader->at += 2;
	if (peek(reader, 0) == '-' && peek(reader, 1) == '-') {
		reader->at += 2;
		skip_comment(reader);
		return;
	}
	skip_to_gt(reader);
}

/* --- tags --- */

static void skip_blanks(struct html_reader *reader)
{
	while (reader->at < reader->text.len && is_blank(reader->text.data[reader->at]))
		reader->at++;
}

/* An address in which a tag ends and another begins lost its quote: browsers hide what stands between, we show
 * it. So with a quote that nothing closes. */
static bool lost_its_quote(const struct html_reader *reader, size_t start, size_t end, bool is_address)
{
	struct span value = slice(reader, start, end);
	size_t gt = is_address ? span_find(value, 0, '>') : value.len;

	return end >= reader->text.len || (gt < value.len && span_find(value, 0, '<') > gt &&
					   span_find(value, gt, '<') < value.len);
}

static struct span quoted_value(struct html_reader *reader, char quote, bool is_address)
{
	size_t start = ++reader->at, end = find(reader, start, quote);

	if (lost_its_quote(reader, start, end, is_address)) {
		end = find(reader, start, '>');
		reader->at = end;
		return slice(reader, start, end);
	}
	reader->at = end + 1;
	return slice(reader, start, end);
}

static struct span bare_value(struct html_reader *reader)
{
	size_t start = reader->at;

	while (reader->at < reader->text.len && !is_blank(peek(reader, 0)) && peek(reader, 0) != '>')
		reader->at++;
	return slice(reader, start, reader->at);
}

static struct span read_value(struct html_reader *reader, bool is_address)
{
	char c;

	skip_blanks(reader);
	if (peek(reader, 0) != '=')
		return slice(reader, reader->at, reader->at);
	reader->at++;
	skip_blanks(reader);
	c = peek(reader, 0);
	if (c == '"' || c == '\'')
		return quoted_value(reader, c, is_address);
	return bare_value(reader);
}

static struct span read_attribute_name(struct html_reader *reader)
{
	size_t start = reader->at++; /* an = in front belongs to the name */

	while (reader->at < reader->text.len && !is_blank(peek(reader, 0)) &&
	       !strchr("/>=", peek(reader, 0)))
		reader->at++;
	return slice(reader, start, reader->at);
}

static void read_attributes(struct html_reader *reader, struct html_token *token)
{
	struct html_attribute attribute;

	while (reader->at < reader->text.len) {
		skip_blanks(reader);
		if (reader->at >= reader->text.len || peek(reader, 0) == '>')
			return;
		if (peek(reader, 0) == '/') {
			reader->at++;
			token->closes_itself = peek(reader, 0) == '>';
			continue;
		}
		attribute.name = read_attribute_name(reader);
		attribute.value = read_value(reader, span_equal_nocase(attribute.name, "href") ||
							     span_equal_nocase(attribute.name, "src"));
		if (token->attribute_count < HTML_ATTRIBUTES_MAX)
			token->attributes[token->attribute_count++] = attribute;
	}
}

/* At the name's first letter. A tag that never ends is dropped with all behind it. */
static bool read_tag(struct html_reader *reader, struct html_token *token)
{
	size_t start = reader->at;

	while (reader->at < reader->text.len && !is_blank(peek(reader, 0)) && peek(reader, 0) != '/' &&
	       peek(reader, 0) != '>')
		reader->at++;
	token->name = slice(reader, start, reader->at);
	token->attribute_count = 0;
	token->closes_itself = false;
	read_attributes(reader, token);
	if (reader->at >= reader->text.len)
		return false;
	reader->at++;
	return true;
}

static const struct {
	const char *name;
	bool has_references;
} raw_elements[] = {
	{"script", false}, {"style", false},	{"title", true},     {"textarea", true},
	{"xmp", false},	   {"iframe", false},	{"noembed", false},  {"noframes", false},
};

static void enter_raw(struct html_reader *reader, const struct html_token *token)
{
	char first = token->name.len ? char_lower(*token->name.data) : '\0';

	for (size_t i = 0; i < ARRAY_COUNT(raw_elements); i++) {
		if (*raw_elements[i].name != first || !span_equal_nocase(token->name, raw_elements[i].name))
			continue;
		snprintf(reader->raw, sizeof reader->raw, "%s", raw_elements[i].name);
		reader->raw_has_references = raw_elements[i].has_references;
	}
}

/* Is this "</raw" with an end of the name behind it? */
static bool is_raw_end(const struct html_reader *reader, size_t at)
{
	size_t len = strlen(reader->raw), end = at + 2 + len;
	char c = end < reader->text.len ? reader->text.data[end] : '>';

	return end <= reader->text.len && reader->text.data[at + 1] == '/' &&
	       span_starts_nocase(slice(reader, at + 2, end), reader->raw) &&
	       (is_blank(c) || c == '/' || c == '>');
}

static enum html_token_kind read_raw(struct html_reader *reader, struct html_token *token)
{
	size_t at = reader->at;

	while ((at = find(reader, at, '<')) < reader->text.len && !is_raw_end(reader, at))
		at++;
	token->text = slice(reader, reader->at, at);
	token->is_raw = !reader->raw_has_references;
	reader->at = at;
	reader->raw[0] = '\0';
	return token->kind = HTML_TEXT;
}

static enum html_token_kind read_text(struct html_reader *reader, struct html_token *token)
{
	size_t start = reader->at;

	/* a < that begins no tag is text */
	reader->at = find(reader, start + 1, '<');
	token->text = slice(reader, start, reader->at);
	token->is_raw = false;
	return token->kind = HTML_TEXT;
}

/* One construct that begins with <; HTML_END when it gave nothing. */
static enum html_token_kind read_markup(struct html_reader *reader, struct html_token *token)
{
	bool is_close = peek(reader, 1) == '/';

	if (is_at(reader, "<!")) {
		skip_declaration(reader);
		return HTML_END;
	}
	if (peek(reader, 1) == '?' || (is_close && !is_letter(peek(reader, 2)))) {
		skip_to_gt(reader);
		return HTML_END;
	}
	reader->at += is_close ? 2 : 1;
	if (!read_tag(reader, token))
		return HTML_END;
	token->kind = is_close ? HTML_CLOSE : HTML_OPEN;
	if (!is_close)
		enter_raw(reader, token);
	return token->kind;
}

static bool is_markup(const struct html_reader *reader)
{
	char c = peek(reader, 1);

	return peek(reader, 0) == '<' && (is_letter(c) || c == '!' || c == '?' ||
					  (c == '/' && reader->at + 2 < reader->text.len));
}

enum html_token_kind html_next(struct html_reader *reader, struct html_token *token)
{
	while (reader->at < reader->text.len) {
		if (reader->raw[0])
			return read_raw(reader, token);
		if (!is_markup(reader))
			return read_text(reader, token);
		if (read_markup(reader, token) != HTML_END)
			return token->kind;
	}
	return token->kind = HTML_END;
}

struct span html_attribute(const struct html_token *token, const char *name)
{
	for (size_t i = 0; i < token->attribute_count; i++)
		if (span_equal_nocase(token->attributes[i].name, name))
			return token->attributes[i].value;
	return SPAN_NONE;
}

/* --- character references --- */

static int compare_name(const char *a, size_t len, const char *b)
{
	int order = strncmp(a, b, len);

	return order ? order : (b[len] ? -1 : 0);
}

static const struct html_entity *entity_find(const char *name, size_t len)
{
	size_t low = 0, high = html_entity_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_name(name, len, html_entities[middle].name);

		if (!order)
			return &html_entities[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* What windows-1252 has where Unicode has controls, 13.2.5.80. */
static const uint16_t windows[32] = {
	0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013,
	0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
};

static uint32_t mended(uint32_t code)
{
	if (code >= 0x80 && code < 0xa0 && windows[code - 0x80])
		return windows[code - 0x80];
	if (!code || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return UTF8_REPLACEMENT;
	return code;
}

static int digit_value(char c, bool is_hex)
{
	if (char_is_digit(c))
		return c - '0';
	c = char_lower(c);
	return is_hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind "&#": bytes read, 0 when it is none. */
static size_t add_number(struct buf *out, struct span text)
{
	bool is_hex = text.len && char_lower(text.data[0]) == 'x';
	size_t at = is_hex, start = at;
	uint32_t code = 0;
	char utf8[4];
	int digit;

	while (at < text.len && (digit = digit_value(text.data[at], is_hex)) >= 0) {
		if (code <= 0x10ffff)
			code = code * (is_hex ? 16 : 10) + (uint32_t)digit;
		at++;
	}
	if (at == start)
		return 0;
	buf_add(out, utf8, utf8_encode(mended(code), utf8));
	return at + (at < text.len && text.data[at] == ';');
}

/* Behind "&": the longest name that is known. */
static size_t add_named(struct buf *out, struct span text, bool is_attribute)
{
	size_t len = 0;
	const struct html_entity *entity;

	while (len < text.len && len < ENTITY_NAME_MAX && char_is_alnum(text.data[len]))
		len++;
	if (len < text.len && text.data[len] == ';' && (entity = entity_find(text.data, len))) {
		buf_add_str(out, entity->text);
		return len + 1;
	}
	/* in a value "?a=1&copy=2" is an address */
	if (is_attribute && len < text.len && text.data[len] == '=')
		return 0;
	for (; len > 1; len--) {
		entity = entity_find(text.data, len);
		if (entity && entity->is_bare) {
			buf_add_str(out, entity->text);
			return len;
		}
		if (is_attribute)
			return 0;
	}
	return 0;
}

void html_add_text(struct buf *out, struct span text, bool is_attribute)
{
	size_t at = 0, end, used;

	if (!text.len)
		return;
	while ((end = span_find(text, at, '&')) < text.len) {
		struct span rest = {text.data + end + 1, text.len - end - 1};

		buf_add(out, text.data + at, end - at);
		if (rest.len && rest.data[0] == '#') {
			used = add_number(out, (struct span){rest.data + 1, rest.len - 1});
			used += used ? 1 : 0;
		} else {
			used = add_named(out, rest, is_attribute);
		}
		if (!used)
			buf_add_char(out, '&');
		at = end + 1 + used;
	}
	buf_add(out, text.data + at, text.len - at);
}
