#include "config.h"
#include "net/protocol/imap_name.h"

#include <stdint.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/utf8.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool has_break(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\r' || text.data[i] == '\n' || text.data[i] == '\0')
			return true;
	return false;
}

bool imap_is_quotable(struct span text)
{
	return !has_break(text) && utf8_is_ascii(text.data, text.len);
}

int imap_quote(struct buf *out, struct span text, struct err *err)
{
	if (has_break(text))
		return err_set_kind(
		    err, ERR_USAGE,
		    _("A line break or a NUL is in a name or text for the server; such a one is "
		      "never sent."));
	buf_add_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, text.data[i]);
	}
	buf_add_char(out, '"');
	return 0;
}

/* --- modified UTF-7 to UTF-8 --- */

/* UTF-16 units as they come out of the digits. */
struct units {
	struct buf *out;
	uint32_t bits, high;
	int count;
};

static bool add_code(struct units *units, uint32_t code)
{
	char bytes[4];

	/* What is ASCII and can be seen is written as itself: else there would be two names for
	 * one. */
	if (code < 0x20 || (code < 0x7f && code != '&'))
		return false;
	buf_add(units->out, bytes, utf8_encode(code, bytes));
	return true;
}

static bool add_unit(struct units *units, uint32_t unit)
{
	uint32_t high = units->high;

	units->high = 0;
	if (unit >= 0xd800 && unit < 0xdc00) {
		units->high = unit;
		return high == 0;
	}
	if (unit >= 0xdc00 && unit < 0xe000)
		return high && add_code(units, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
	return high == 0 && add_code(units, unit);
}

static bool add_digit(struct units *units, char c)
{
	const char *digit = c ? strchr(digits, c) : NULL;

	if (!digit)
		return false;
	units->bits = units->bits << 6 | (uint32_t)(digit - digits);
	units->count += 6;
	if (units->count < 16)
		return true;
	units->count -= 16;
	return add_unit(units, units->bits >> units->count & 0xffff);
}

/* "&...-" at *AT, which is left behind it. */
static bool decode_shift(struct buf *out, struct span wire, size_t *at)
{
	struct units units = {.out = out};
	size_t i = *at + 1;

	if (i < wire.len && wire.data[i] == '-') {
		buf_add_char(out, '&');
		*at = i + 1;
		return true;
	}
	for (; i < wire.len && wire.data[i] != '-'; i++)
		if (!add_digit(&units, wire.data[i]))
			return false;
	*at = i + 1;
	return i < wire.len && units.count < 6 && !units.high &&
	       !(units.bits & ((1u << units.count) - 1));
}

bool imap_name_decode(struct buf *out, struct span wire)
{
	size_t start = out->len, at = 0;

	while (at < wire.len) {
		unsigned char c = (unsigned char)wire.data[at];

		if (c == '&' && decode_shift(out, wire, &at))
			continue;
		if (c == '&' || c < 0x20 || c >= 0x7f) {
			buf_truncate(out, start);
			return false;
		}
		buf_add_char(out, (char)c);
		at++;
	}
	return true;
}

/* --- and back --- */

static void put_unit(struct units *units, uint32_t unit)
{
	units->bits = units->bits << 16 | unit;
	units->count += 16;
	while (units->count >= 6) {
		units->count -= 6;
		buf_add_char(units->out, digits[units->bits >> units->count & 63]);
	}
}

static void put_code(struct units *units, uint32_t code)
{
	if (code >= 0x10000) {
		put_unit(units, 0xd800 + ((code - 0x10000) >> 10));
		put_unit(units, 0xdc00 + ((code - 0x10000) & 0x3ff));
	} else {
		put_unit(units, code);
	}
}

/* The letters from *AT on that cannot stand as they are. */
static void encode_shift(struct buf *out, struct span name, size_t *at)
{
	struct units units = {.out = out};

	buf_add_char(out, '&');
	while (*at < name.len &&
	       ((unsigned char)name.data[*at] < 0x20 || (unsigned char)name.data[*at] >= 0x7f)) {
		uint32_t code;

		*at += utf8_decode(name.data + *at, name.len - *at, &code);
		put_code(&units, code);
	}
	if (units.count)
		buf_add_char(out, digits[units.bits << (6 - units.count) & 63]);
	buf_add_char(out, '-');
}

void imap_name_encode(struct buf *out, struct span name)
{
	size_t at = 0;

	while (at < name.len) {
		unsigned char c = (unsigned char)name.data[at];

		if (c < 0x20 || c >= 0x7f) {
			encode_shift(out, name, &at);
			continue;
		}
		buf_add_str(out, c == '&' ? "&-" : "");
		if (c != '&')
			buf_add_char(out, (char)c);
		at++;
	}
}

/* --- keywords --- */

static bool is_atom_char(unsigned char c)
{
	return c > 0x20 && c != 0x7f && !strchr("(){%*\"\\]", c);
}

bool imap_keyword_encode(struct buf *out, struct span keyword)
{
	if (keyword.len == 0 || !utf8_is_valid(keyword.data, keyword.len))
		return false;
	for (size_t i = 0; i < keyword.len; i++)
		if (!is_atom_char((unsigned char)keyword.data[i]))
			return false;
	if (utf8_is_ascii(keyword.data, keyword.len))
		buf_add(out, keyword.data, keyword.len);
	else
		imap_name_encode(out, keyword);
	return true;
}

void imap_keyword_decode(struct buf *out, struct span atom)
{
	struct buf name = BUF_INIT, again = BUF_INIT;
	size_t from;

	if (memchr(atom.data, '&', atom.len) && imap_name_decode(&name, atom) &&
	    !utf8_is_ascii(name.data, name.len) &&
	    imap_keyword_encode(&again, (struct span){name.data, name.len}) &&
	    span_equal((struct span){again.data, again.len}, atom))
		atom = (struct span){name.data, name.len};
	from = out->len;
	utf8_add_valid(out, atom.data, atom.len);
	for (; from < out->len; from++)
		if ((unsigned char)out->data[from] <= 0x20 || out->data[from] == 0x7f)
			out->data[from] = '_';
	buf_free(&name);
	buf_free(&again);
}
