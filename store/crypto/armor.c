#include "config.h"
#include "store/crypto/armor.h"

#include <stdint.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/mime/transfer.h"

#define PACKET_LIMIT 1000

static const char begin_signed[] = "-----BEGIN PGP SIGNED MESSAGE-----";
static const char begin_message[] = "-----BEGIN PGP MESSAGE-----";
static const char end_message[] = "-----END PGP MESSAGE-----";
static const char begin_signature[] = "-----BEGIN PGP SIGNATURE-----";
static const char end_signature[] = "-----END PGP SIGNATURE-----";

/* --- lines ------------------------------------------------------------------------------------ */

/* One line off REST, without its LF. False at the end. */
static bool take_line(struct span *rest, struct span *line)
{
	size_t end = span_find(*rest, 0, '\n');

	if (!rest->len)
		return false;
	*line = (struct span){rest->data, end};
	end += end < rest->len;
	*rest = (struct span){rest->data + end, rest->len - end};
	return true;
}

static struct span without_white_end(struct span line)
{
	while (line.len && strchr(" \t\r", line.data[line.len - 1]) && line.data[line.len - 1])
		line.len--;
	return line;
}

static bool is_line(struct span line, const char *text)
{
	return span_equal(without_white_end(line), span_of(text));
}

static bool is_white(struct span s)
{
	return span_trim(s).len == 0;
}

static struct span between(const char *from, const char *to)
{
	return (struct span){from, (size_t)(to - from)};
}

/* --- blocks in a text -------------------------------------------------------------------------- */

/* "Hash: SHA256" alone may stand there: any other line would be shown as if it were signed. */
static bool is_hash_line(struct span line)
{
	size_t i;

	if (!span_starts_nocase(line, "Hash:"))
		return false;
	line = without_white_end(line);
	for (i = 5; i < line.len; i++)
		if (!char_is_alnum(line.data[i]) && !strchr(" ,-/", line.data[i]))
			return false;
	return line.len < 60;
}

static bool skip_hash_lines(struct span *rest)
{
	struct span line;

	while (take_line(rest, &line)) {
		if (!without_white_end(line).len)
			return true;
		if (!is_hash_line(line))
			return false;
	}
	return false;
}

static bool is_unescaped(struct span line)
{
	return line.len && line.data[0] == '-' && (line.len == 1 || line.data[1] != ' ');
}

/* REST stands behind the first line. Sets the block's text, leaves REST behind the last line. */
static bool read_signed(struct armor_block *block, struct span *rest)
{
	struct span line;
	const char *text;

	if (!skip_hash_lines(rest))
		return false;
	text = rest->data;
	for (;;) {
		if (!take_line(rest, &line))
			return false;
		if (is_line(line, begin_signature))
			break;
		if (is_unescaped(line))
			return false;
	}
	block->text = between(text, line.data);
	while (take_line(rest, &line))
		if (is_line(line, end_signature))
			return true;
	return false;
}

static bool read_message(struct span *rest)
{
	struct span line;

	while (take_line(rest, &line)) {
		if (is_line(line, end_message))
			return true;
		if (span_starts_nocase(line, "-----"))
			return false;
	}
	return false;
}

static enum armor_kind kind_of(struct span line)
{
	if (line.len < sizeof begin_message - 1 || line.data[0] != '-')
		return ARMOR_NONE;
	if (is_line(line, begin_signed))
		return ARMOR_SIGNED_TEXT;
	return is_line(line, begin_message) ? ARMOR_MESSAGE : ARMOR_NONE;
}

void armor_find(struct span bytes, struct armor_block *block)
{
	struct span rest = bytes, line = SPAN_NONE;
	const char *end = bytes.data + bytes.len;

	*block = (struct armor_block){.kind = ARMOR_NONE};
	while (block->kind == ARMOR_NONE && take_line(&rest, &line))
		block->kind = kind_of(line);
	if (block->kind == ARMOR_NONE)
		return;
	block->is_cut = block->kind == ARMOR_SIGNED_TEXT ? !read_signed(block, &rest) : !read_message(&rest);
	block->whole = between(line.data, rest.len ? rest.data : end);
	block->is_alone = is_white(between(bytes.data, line.data)) && is_white(rest);
}

static struct span without_dash(struct span line)
{
	if (line.len >= 2 && line.data[0] == '-' && line.data[1] == ' ')
		return (struct span){line.data + 2, line.len - 2};
	return line;
}

bool armor_same_text(struct span a, struct span b)
{
	struct span mine, other;

	while (take_line(&a, &mine))
		if (!take_line(&b, &other) ||
		    !span_equal(without_white_end(without_dash(mine)), without_white_end(other)))
			return false;
	return !b.len;
}

/* --- armour ------------------------------------------------------------------------------------ */

/* "Version: x" and the like, up to the blank line; some leave all of it out. */
static void skip_armor_header(struct span *rest)
{
	struct span at = *rest, line;

	while (take_line(&at, &line)) {
		if (!is_white(line) && span_find(line, 0, ':') == line.len)
			return;
		*rest = at;
		if (is_white(line))
			return;
	}
}

static bool is_armor_begin(struct span line)
{
	return is_line(line, begin_message) || is_line(line, begin_signature);
}

/* The base64 of the one block in BYTES decoded. False: cut, or a second block. */
static bool dearmor(struct span bytes, struct buf *packets)
{
	struct span line, start;
	bool is_ended = false;

	while (take_line(&bytes, &line))
		if (is_armor_begin(line))
			break;
	skip_armor_header(&bytes);
	start = bytes;
	while (!is_ended && take_line(&bytes, &line)) {
		is_ended = span_starts_nocase(line, "-----END PGP ");
		if (is_ended || (line.len && line.data[0] == '=')) {
			if (!packets->len)
				transfer_base64(between(start.data, line.data), packets);
		}
	}
	while (take_line(&bytes, &line))
		if (span_starts_nocase(line, "-----BEGIN PGP "))
			return false;
	return is_ended;
}

static bool has_armor(struct span bytes)
{
	struct span line;

	while (take_line(&bytes, &line)) {
		if (is_armor_begin(line))
			return true;
		if (line.len && (unsigned char)line.data[0] & 0x80)
			return false;
	}
	return false;
}

/* --- packets, RFC 9580 section 4.2 --------------------------------------------------------------- */

struct packets {
	const unsigned char *at, *end;
};

static bool take_bytes(struct packets *p, size_t count, uint64_t *value)
{
	if ((size_t)(p->end - p->at) < count)
		return false;
	for (*value = 0; count; count--)
		*value = *value << 8 | *p->at++;
	return true;
}

static bool skip_body(struct packets *p, uint64_t len)
{
	if (len > (uint64_t)(p->end - p->at))
		return false;
	p->at += len;
	return true;
}

/* New format: pieces of a power of two, then a last one. */
static bool skip_new(struct packets *p)
{
	uint64_t first, more;

	for (;;) {
		if (!take_bytes(p, 1, &first))
			return false;
		if (first < 192)
			return skip_body(p, first);
		if (first < 224)
			return take_bytes(p, 1, &more) && skip_body(p, ((first - 192) << 8) + more + 192);
		if (first == 255)
			return take_bytes(p, 4, &more) && skip_body(p, more);
		if (!skip_body(p, UINT64_C(1) << (first & 31)))
			return false;
	}
}

/* Old format; without a length it goes to the end. */
static bool skip_old(struct packets *p, unsigned kind)
{
	uint64_t len;

	if (kind == 3)
		return skip_body(p, (uint64_t)(p->end - p->at));
	return take_bytes(p, (size_t)1 << kind, &len) && skip_body(p, len);
}

/* The next packet's tag, skipped; -1 when it is none. */
static int next_tag(struct packets *p)
{
	uint64_t head;

	if (!take_bytes(p, 1, &head) || !(head & 0x80))
		return -1;
	if (head & 0x40)
		return skip_new(p) ? (int)(head & 0x3f) : -1;
	return skip_old(p, head & 3) ? (int)(head >> 2 & 0x0f) : -1;
}

enum { TAG_PKESK = 1, TAG_SIGNATURE = 2, TAG_SKESK = 3, TAG_ONE_PASS = 4, TAG_COMPRESSED = 8, TAG_SED = 9,
       TAG_MARKER = 10, TAG_LITERAL = 11, TAG_SEIPD = 18, TAG_AEAD = 20 };

static enum armor_content all_signatures(struct packets *p)
{
	size_t count = 0;

	while (p->at < p->end)
		if (next_tag(p) != TAG_SIGNATURE || ++count > PACKET_LIMIT)
			return ARMOR_BROKEN;
	return ARMOR_SIGNATURES;
}

/* Behind the encrypted packet nothing may come. */
static enum armor_content encrypted_kind(struct packets *p)
{
	size_t count = 0;
	int tag;

	do
		tag = next_tag(p);
	while ((tag == TAG_PKESK || tag == TAG_SKESK || tag == TAG_MARKER) && ++count < PACKET_LIMIT);
	if (p->at != p->end)
		return ARMOR_BROKEN;
	if (tag == TAG_SED)
		return ARMOR_ENCRYPTED_UNSAFELY;
	return tag == TAG_SEIPD || tag == TAG_AEAD ? ARMOR_ENCRYPTED : ARMOR_BROKEN;
}

static enum armor_content content_of(struct packets p)
{
	struct packets look = p;
	int tag;

	do
		tag = next_tag(&look);
	while (tag == TAG_MARKER);
	switch (tag) {
	case TAG_SIGNATURE:
		return all_signatures(&p) == ARMOR_SIGNATURES ? ARMOR_SIGNATURES : ARMOR_SIGNED;
	case TAG_ONE_PASS:
	case TAG_COMPRESSED:
	case TAG_LITERAL:
		return ARMOR_SIGNED;
	default:
		return encrypted_kind(&p);
	}
}

enum armor_content armor_open(struct span bytes, struct buf *packets)
{
	size_t from = packets->len;

	if (!has_armor(bytes))
		buf_add(packets, bytes.data, bytes.len);
	else if (!dearmor(bytes, packets))
		return ARMOR_BROKEN;
	if (packets->len == from)
		return ARMOR_BROKEN;
	return content_of((struct packets){(const unsigned char *)packets->data + from,
					   (const unsigned char *)packets->data + packets->len});
}

/* --- CMS ----------------------------------------------------------------------------------------- */

#define CMS_HEAD 24 /* SEQUENCE, its length, then the type */

static const struct {
	enum cms_kind kind;
	struct span oid;
} cms_types[] = {
    {CMS_SIGNED, {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11}},
    {CMS_ENVELOPED, {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", 11}},
    {CMS_AUTH_ENVELOPED, {"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17", 13}},
    {CMS_COMPRESSED, {"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09", 13}},
};

/* Behind the SEQUENCE and its length. */
static size_t type_offset(struct span der)
{
	unsigned char len;

	if (der.len < 2 || der.data[0] != 0x30)
		return der.len;
	len = (unsigned char)der.data[1];
	return len > 0x80 ? 2 + (size_t)(len & 0x7f) : 2;
}

enum cms_kind cms_kind(struct span der)
{
	size_t at = type_offset(der), i;

	for (i = 0; i < ARRAY_COUNT(cms_types) && at < CMS_HEAD; i++)
		if (der.len >= at + cms_types[i].oid.len &&
		    memcmp(der.data + at, cms_types[i].oid.data, cms_types[i].oid.len) == 0)
			return cms_types[i].kind;
	return CMS_BROKEN;
}
