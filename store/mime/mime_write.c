#include "config.h"
#include "store/mime/mime_write.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

#define LINE_WIDTH  78
#define LINE_HARD   900 /* no word longer than this goes out as it is (RFC 5322: 998) */
#define WORD_WIDTH  75	/* of an encoded word (RFC 2047 section 2) */
#define WORD_FRAME  12	/* "=?utf-8?q?" and "?=" */
#define WORD_LEAST  30	/* less room than this on a line: better the next one */
#define BODY_LINE   76	/* of quoted-printable and base64 */
#define TEXT_LINE   990
#define PARAM_PIECE 54

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_digits[] = "0123456789ABCDEF";

/* --- a field, folded as it grows ---------------------------------------------------------------- */

struct line {
	struct buf *out;
	size_t column;
	bool has_text; /* behind the name: only then may it fold */
};

static void begin(struct line *line, struct buf *out, const char *name)
{
	buf_printf(out, "%s:", name);
	*line = (struct line){.out = out, .column = strlen(name) + 1};
}

static void fold(struct line *line)
{
	buf_add_char(line->out, '\n');
	line->column = 0;
}

/* SPACES (at least one) and TEXT, which is WIDTH wide; the line is folded in front of them when they
 * do not fit. */
static void put(struct line *line, struct span spaces, struct span text)
{
	size_t width = spaces.len + (size_t)utf8_width(text.data, text.len);

	if (line->has_text && line->column + width > LINE_WIDTH)
		fold(line);
	buf_add(line->out, spaces.data, spaces.len);
	buf_add(line->out, text.data, text.len);
	line->column += width;
	line->has_text = true;
}

static void end(struct line *line)
{
	if (!line->has_text)
		buf_add_char(line->out, ' ');
	buf_add_char(line->out, '\n');
}

/* --- encoded words ------------------------------------------------------------------------------ */

static bool is_q_plain(char c)
{
	return char_is_alnum(c) || (c && strchr("!*+-/", c));
}

static size_t q_width(struct span text)
{
	size_t i, n = 0;

	for (i = 0; i < text.len; i++)
		n += is_q_plain(text.data[i]) || text.data[i] == ' ' ? 1 : 3;
	return n;
}

static size_t b_width(size_t len)
{
	return (len + 2) / 3 * 4;
}

static void add_q(struct buf *out, struct span text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == ' ') {
			buf_add_char(out, '_');
		} else if (is_q_plain((char)c)) {
			buf_add_char(out, (char)c);
		} else {
			buf_add_char(out, '=');
			buf_add_char(out, hex_digits[c >> 4]);
			buf_add_char(out, hex_digits[c & 15]);
		}
	}
}

static void add_b(struct buf *out, const unsigned char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += 3) {
		unsigned bits = (unsigned)p[i] << 16;

		if (i + 1 < len)
			bits |= (unsigned)p[i + 1] << 8;
		if (i + 2 < len)
			bits |= p[i + 2];
		buf_add_char(out, base64_digits[bits >> 18]);
		buf_add_char(out, base64_digits[bits >> 12 & 63]);
		buf_add_char(out, i + 1 < len ? base64_digits[bits >> 6 & 63] : '=');
		buf_add_char(out, i + 2 < len ? base64_digits[bits & 63] : '=');
	}
}

/* Bytes of TEXT, whole characters and at least one, whose word is at most ROOM wide. */
static size_t fitting(struct span text, char how, size_t room)
{
	size_t at = 0, used = WORD_FRAME;
	uint32_t code;

	while (at < text.len) {
		size_t n = utf8_decode(text.data + at, text.len - at, &code);
		size_t more = how == 'q' ? used + q_width((struct span){text.data + at, n})
					 : WORD_FRAME + b_width(at + n);

		if (at && more > room)
			break;
		used = more;
		at += n;
	}
	return at;
}

static size_t room_on(const struct line *line)
{
	size_t room = line->column + 1 < LINE_WIDTH ? LINE_WIDTH - line->column - 1 : 0;

	return room < WORD_LEAST ? WORD_WIDTH : room < WORD_WIDTH ? room : WORD_WIDTH;
}

/* SPACES stand in front of the first word; between words of one text white space says nothing. */
static void put_encoded(struct line *line, struct span spaces, struct span text)
{
	char how = q_width(text) <= b_width(text.len) ? 'q' : 'b';
	struct buf word = BUF_INIT;

	while (text.len) {
		size_t n = fitting(text, how, room_on(line));

		buf_clear(&word);
		buf_printf(&word, "=?utf-8?%c?", how);
		if (how == 'q')
			add_q(&word, (struct span){text.data, n});
		else
			add_b(&word, (const unsigned char *)text.data, n);
		buf_add_str(&word, "?=");
		put(line, spaces, (struct span){word.data, word.len});
		spaces = SPAN(" ");
		text = (struct span){text.data + n, text.len - n};
	}
	buf_free(&word);
}

/* --- text ---------------------------------------------------------------------------------------- */

/* Valid UTF-8 on one line, without controls, trimmed. */
static struct span tame(struct buf *out, const char *text)
{
	size_t i;

	utf8_add_valid(out, text, strlen(text));
	for (i = 0; i < out->len; i++)
		if ((unsigned char)out->data[i] < ' ' || out->data[i] == 0x7f)
			out->data[i] = ' ';
	return span_trim((struct span){buf_str(out), out->len});
}

static bool must_encode(struct span word)
{
	size_t i;

	for (i = 0; i < word.len; i++)
		if (word.data[i] & 0x80)
			return true;
	return word.len > LINE_HARD || (word.len && memmem(word.data, word.len, "=?", 2));
}

struct words {
	struct span rest;
};

/* The next word and the spaces in front of it. */
static bool next_word(struct words *words, struct span *spaces, struct span *word)
{
	struct span s = words->rest;
	size_t n = 0, m;

	while (n < s.len && s.data[n] == ' ')
		n++;
	for (m = n; m < s.len && s.data[m] != ' '; m++)
		;
	*spaces = (struct span){s.data, n};
	*word = (struct span){s.data + n, m - n};
	words->rest = (struct span){s.data + m, s.len - m};
	return m > n;
}

/* WORD and all behind it that must be encoded too, as one text. */
static struct span encoded_run(struct words *words, struct span word)
{
	struct words ahead = *words;
	struct span spaces, next;

	while (next_word(&ahead, &spaces, &next) && must_encode(next)) {
		word.len = (size_t)(next.data + next.len - word.data);
		*words = ahead;
	}
	return word;
}

static void put_text(struct line *line, struct span text)
{
	struct words words = {text};
	struct span spaces, word;

	while (next_word(&words, &spaces, &word)) {
		if (!spaces.len)
			spaces = SPAN(" ");
		if (spaces.len > LINE_WIDTH)
			spaces.len = LINE_WIDTH;
		if (must_encode(word))
			put_encoded(line, spaces, encoded_run(&words, word));
		else
			put(line, spaces, word);
	}
}

void mime_write_text_field(struct buf *out, const char *name, const char *text)
{
	struct buf clean = BUF_INIT;
	struct line line;

	begin(&line, out, name);
	put_text(&line, tame(&clean, text));
	end(&line);
	buf_free(&clean);
}

/* --- addresses ------------------------------------------------------------------------------------ */

static bool is_atom_text(struct span text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (strchr("()<>[]:;@\\,.\"", text.data[i]))
			return false;
	return true;
}

static void put_quoted(struct line *line, struct span text)
{
	struct buf quoted = BUF_INIT;
	size_t i;

	buf_add_char(&quoted, '"');
	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			buf_add_char(&quoted, '\\');
		buf_add_char(&quoted, text.data[i]);
	}
	buf_add_char(&quoted, '"');
	put_text(line, (struct span){quoted.data, quoted.len});
	buf_free(&quoted);
}

static void put_name(struct line *line, const char *name)
{
	struct buf clean = BUF_INIT;
	struct span text = tame(&clean, name);

	if (must_encode(text))
		put_encoded(line, SPAN(" "), text);
	else if (is_atom_text(text))
		put_text(line, text);
	else
		put_quoted(line, text);
	buf_free(&clean);
}

/* The address without what could end the line or the brackets; spaces only in quotes. */
static void add_addr(struct buf *out, const char *addr)
{
	bool in_quotes = false;

	for (; *addr; addr++) {
		if (*addr == '"')
			in_quotes = !in_quotes;
		if ((unsigned char)*addr < ' ' || *addr == 0x7f)
			continue;
		if (in_quotes || !strchr(" <>", *addr))
			buf_add_char(out, *addr);
	}
}

static void put_address(struct line *line, const struct address *address, bool is_last)
{
	struct buf addr = BUF_INIT;
	bool has_name = *address->name;

	if (has_name)
		put_name(line, address->name);
	if (has_name)
		buf_add_char(&addr, '<');
	add_addr(&addr, address->addr);
	if (has_name)
		buf_add_char(&addr, '>');
	if (!is_last)
		buf_add_char(&addr, ',');
	put(line, SPAN(" "), (struct span){addr.data, addr.len});
	buf_free(&addr);
}

static size_t last_with_addr(const struct address_list *list)
{
	size_t i = list->count;

	while (i > 0 && !*list->items[i - 1].addr)
		i--;
	return i ? i - 1 : 0;
}

void mime_write_address_field(struct buf *out, const char *name, const struct address_list *list)
{
	struct line line;
	size_t i, last = last_with_addr(list);

	begin(&line, out, name);
	for (i = 0; i < list->count; i++)
		if (*list->items[i].addr)
			put_address(&line, &list->items[i], i == last);
	end(&line);
}

void mime_write_ids_field(struct buf *out, const char *name, char *const *ids, size_t count)
{
	struct line line;
	size_t i;

	begin(&line, out, name);
	for (i = 0; i < count; i++) {
		struct buf id = BUF_INIT;

		buf_add_char(&id, '<');
		add_addr(&id, ids[i]);
		buf_add_char(&id, '>');
		if (i)
			fold(&line);
		put(&line, SPAN(" "), (struct span){id.data, id.len});
		buf_free(&id);
	}
	end(&line);
}

/* --- parameters ----------------------------------------------------------------------------------- */

static bool is_token_char(char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=*'%", c);
}

static bool is_token(struct span text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!is_token_char(text.data[i]))
			return false;
	return text.len > 0;
}

/* "; " and PIECE, on a new line when this one is full. */
static void add_param(struct buf *out, const struct buf *piece)
{
	const char *end_of_last = out->len ? memrchr(out->data, '\n', out->len) : NULL;
	size_t column = end_of_last ? (size_t)(out->data + out->len - end_of_last - 1) : out->len;

	buf_add_str(out, column + 2 + piece->len > LINE_WIDTH ? ";\n " : "; ");
	buf_add(out, piece->data, piece->len);
}

static void add_plain_param(struct buf *out, const char *name, struct span value)
{
	struct buf piece = BUF_INIT;
	size_t i;

	buf_printf(&piece, "%s=", name);
	if (is_token(value)) {
		buf_add(&piece, value.data, value.len);
	} else {
		buf_add_char(&piece, '"');
		for (i = 0; i < value.len; i++) {
			if (value.data[i] == '"' || value.data[i] == '\\')
				buf_add_char(&piece, '\\');
			buf_add_char(&piece, value.data[i]);
		}
		buf_add_char(&piece, '"');
	}
	add_param(out, &piece);
	buf_free(&piece);
}

static void add_percent(struct buf *out, char c)
{
	unsigned char byte = (unsigned char)c;

	if (is_token_char(c)) {
		buf_add_char(out, c);
		return;
	}
	buf_add_char(out, '%');
	buf_add_char(out, hex_digits[byte >> 4]);
	buf_add_char(out, hex_digits[byte & 15]);
}

static void percent_encode(struct buf *out, struct span value)
{
	size_t i;

	for (i = 0; i < value.len; i++)
		add_percent(out, value.data[i]);
}

/* Bytes of TEXT (percent-encoded) for one piece: no "%41" is torn. */
static size_t piece_length(struct span text)
{
	size_t n = text.len < PARAM_PIECE ? text.len : PARAM_PIECE;

	if (n < text.len && text.data[n - 1] == '%')
		return n - 1;
	if (n < text.len && n > 1 && text.data[n - 2] == '%')
		return n - 2;
	return n;
}

static void add_extended_param(struct buf *out, const char *name, struct span value)
{
	struct buf encoded = BUF_INIT, piece = BUF_INIT;
	struct span rest;
	size_t n, number;

	percent_encode(&encoded, value);
	rest = (struct span){buf_str(&encoded), encoded.len};
	for (number = 0; number == 0 || rest.len; number++) {
		buf_clear(&piece);
		if (number == 0 && rest.len <= PARAM_PIECE)
			buf_printf(&piece, "%s*=utf-8''", name);
		else
			buf_printf(&piece, "%s*%zu*=%s", name, number, number ? "" : "utf-8''");
		n = piece_length(rest);
		buf_add(&piece, rest.data, n);
		add_param(out, &piece);
		rest = (struct span){rest.data + n, rest.len - n};
	}
	buf_free(&encoded);
	buf_free(&piece);
}

void mime_write_param(struct buf *out, const char *name, const char *value)
{
	struct buf clean = BUF_INIT;
	struct span text = tame(&clean, value);
	bool is_plain = text.len <= LINE_HARD / 4 && !must_encode(text);

	if (is_plain)
		add_plain_param(out, name, text);
	else
		add_extended_param(out, name, text);
	buf_free(&clean);
}

/* --- bodies --------------------------------------------------------------------------------------- */

struct census {
	size_t eight_bit, nul, control, longest;
};

static struct census count_bytes(const char *bytes, size_t len)
{
	struct census census = {.nul = 0};
	size_t i, column = 0;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		census.eight_bit += c >= 0x80;
		census.nul += c == 0;
		census.control += (c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
		column = c == '\n' ? 0 : column + 1;
		if (column > census.longest)
			census.longest = column;
	}
	return census;
}

enum mime_encoding mime_write_choose(const char *bytes, size_t len, bool is_text)
{
	struct census census = count_bytes(bytes, len);

	if (!census.eight_bit && !census.control && census.longest <= TEXT_LINE)
		return MIME_7BIT;
	if (!is_text || census.nul || census.eight_bit + census.control > len / 3)
		return MIME_BASE64;
	return MIME_QUOTED_PRINTABLE;
}

const char *mime_write_encoding_name(enum mime_encoding encoding)
{
	static const char *const names[] = {[MIME_7BIT] = "7bit",
					    [MIME_8BIT] = "8bit",
					    [MIME_QUOTED_PRINTABLE] = "quoted-printable",
					    [MIME_BASE64] = "base64"};

	return names[encoding];
}

static void write_base64(struct buf *out, const char *bytes, size_t len)
{
	const size_t piece = BODY_LINE / 4 * 3;

	buf_reserve(out, len / 3 * 4 + len / piece + 8);
	while (len) {
		size_t n = len < piece ? len : piece;

		add_b(out, (const unsigned char *)bytes, n);
		buf_add_char(out, '\n');
		bytes += n;
		len -= n;
	}
}

/* Must the byte at AT of LINE be written as "=41"? White space at the end of a line is lost on the
 * way, and "From " at its start gets a ">" in an mbox. */
static bool must_quote(struct span line, size_t at)
{
	unsigned char c = (unsigned char)line.data[at];

	if (c == '=' || c >= 0x7f || (c < ' ' && c != '\t'))
		return true;
	if (at + 1 == line.len && (c == ' ' || c == '\t'))
		return true;
	if (at == 0 && c == '.' && line.len == 1)
		return true;
	return at == 0 && line.len >= 5 && memcmp(line.data, "From ", 5) == 0;
}

static void write_quoted_line(struct buf *out, struct span line)
{
	size_t i, column = 0;

	for (i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.data[i];
		size_t width = must_quote(line, i) ? 3 : 1;

		if (column + width > BODY_LINE - 1) {
			buf_add_str(out, "=\n");
			column = 0;
		}
		if (width == 1) {
			buf_add_char(out, (char)c);
		} else {
			buf_add_char(out, '=');
			buf_add_char(out, hex_digits[c >> 4]);
			buf_add_char(out, hex_digits[c & 15]);
		}
		column += width;
	}
}

static void write_quoted(struct buf *out, struct span rest)
{
	while (rest.len) {
		size_t end_at = span_find(rest, 0, '\n');

		write_quoted_line(out, (struct span){rest.data, end_at});
		if (end_at == rest.len)
			return;
		buf_add_char(out, '\n');
		rest = (struct span){rest.data + end_at + 1, rest.len - end_at - 1};
	}
}

void mime_write_body(struct buf *out, enum mime_encoding encoding, const char *bytes, size_t len)
{
	if (encoding == MIME_BASE64)
		write_base64(out, bytes, len);
	else if (encoding == MIME_QUOTED_PRINTABLE)
		write_quoted(out, (struct span){bytes, len});
	else
		buf_add(out, bytes, len);
}

void mime_write_boundary(char boundary[40])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ab";
	unsigned char bytes[30];
	size_t i;

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		abort(); /* no kernel we run on refuses 30 bytes */
	/* "=_" stands neither in quoted-printable nor in base64 */
	memcpy(boundary, "=_tern_", 7);
	for (i = 0; i < sizeof bytes; i++)
		boundary[7 + i] = letters[bytes[i] & 63];
	boundary[7 + sizeof bytes] = '\0';
}
