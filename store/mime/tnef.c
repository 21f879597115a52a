#include "config.h"
#include "store/mime/tnef.h"

#include <stdint.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/charset.h"
#include "store/base/str.h"

#define SIGNATURE   0x223e9f78u
#define PROP_LIMIT  10000
#define VALUE_LIMIT 1000 /* values of one property */

/* Attributes, MS-OXTNEF section 2.1.3.3. */
enum attribute {
	ATTR_SUBJECT = 0x00018004,
	ATTR_BODY = 0x0002800c,
	ATTR_KIND = 0x00078008,
	ATTR_CODE_PAGE = 0x00069007,
	ATTR_MESSAGE_PROPS = 0x00069003,
	ATTR_FILE_BEGINS = 0x00069002,
	ATTR_FILE_PROPS = 0x00069005,
	ATTR_FILE_TITLE = 0x00018010,
	ATTR_FILE_DATA = 0x0006800f,
};

/* MAPI properties and their types, MS-OXPROPS and MS-OXCDATA. */
enum property {
	PROP_KIND = 0x001a,
	PROP_BODY = 0x1000,
	PROP_RTF = 0x1009,
	PROP_HTML = 0x1013,
	PROP_DATA = 0x3701,
	PROP_LONG_NAME = 0x3707,
	PROP_MIME_TYPE = 0x370e,
	PROP_CONTENT_ID = 0x3712,
};
enum { TYPE_MANY = 0x1000, TYPE_TEXT = 0x1e, TYPE_WIDE = 0x1f, TYPE_OBJECT = 0x0d, TYPE_BYTES = 0x102 };
#define NAMED_FROM  0x8000

/* Properties with names, of appointments (MS-OXOCAL). */
enum named { NAMED_PLACE = 0x8208, NAMED_START = 0x820d, NAMED_END = 0x820e };
enum { TYPE_TIME = 0x40 };
#define TO_1970 INT64_C(11644473600) /* seconds from 1601, where these times begin */
#define GUID_SIZE   16

struct reader {
	struct span bytes;
	size_t at;
	bool is_short; /* something reached over the end */
};

struct box {
	struct tnef *tnef;
	struct arena *arena;
	struct tnef_file *file; /* the one that is open, or NULL */
	size_t cap;
};

static uint32_t take_number(struct reader *r, size_t size)
{
	uint32_t n = 0;
	size_t i;

	if (r->bytes.len - r->at < size) {
		r->is_short = true;
		r->at = r->bytes.len;
		return 0;
	}
	for (i = 0; i < size; i++)
		n |= (uint32_t)(unsigned char)r->bytes.data[r->at + i] << (8 * i);
	r->at += size;
	return n;
}

static struct span take_bytes(struct reader *r, size_t len)
{
	struct span piece = {r->bytes.data + r->at, len};

	if (r->bytes.len - r->at < len) {
		r->is_short = true;
		piece.len = r->bytes.len - r->at;
	}
	r->at += piece.len;
	return piece;
}

static void pad_to_four(struct reader *r, size_t len)
{
	take_bytes(r, (4 - len % 4) % 4);
}

/* Up to the first NUL, as UTF-8. */
static char *text_of(struct box *box, struct span raw, const char *charset)
{
	struct buf out = BUF_INIT;
	char *text;

	charset_to_utf8(charset, raw.data, raw.len, &out);
	text = arena_strndup(box->arena, buf_str(&out), strnlen(buf_str(&out), out.len));
	buf_free(&out);
	return text;
}

static char *narrow_text(struct box *box, struct span raw)
{
	raw.len = strnlen(raw.data, raw.len);
	return text_of(box, raw, box->tnef->charset);
}

static char *wide_text(struct box *box, struct span raw)
{
	raw.len -= raw.len % 2;
	return text_of(box, raw, "utf-16le");
}

/* --- MAPI properties ------------------------------------------------------------------------------ */

static size_t fixed_size(unsigned type)
{
	switch (type) {
	case 0x02: /* 16 bits, padded */
	case 0x03:
	case 0x04:
	case 0x0a:
	case 0x0b:
		return 4;
	case 0x05:
	case 0x06:
	case 0x07:
	case 0x14:
	case 0x40:
		return 8;
	case 0x48:
		return GUID_SIZE;
	default:
		return 0;
	}
}

static bool has_length(unsigned type)
{
	return type == TYPE_TEXT || type == TYPE_WIDE || type == TYPE_OBJECT || type == TYPE_BYTES;
}

/* The number it is named by, or 0 for one with a word. */
static unsigned take_name(struct reader *r)
{
	uint32_t len;

	take_bytes(r, GUID_SIZE);
	if (take_number(r, 4) == 0)
		return take_number(r, 4);
	len = take_number(r, 4);
	take_bytes(r, len);
	pad_to_four(r, len);
	return 0;
}

/* The first value; the others are passed over. */
static struct span take_value(struct reader *r, unsigned type)
{
	bool is_many = type & TYPE_MANY;
	unsigned base = type & ~(unsigned)TYPE_MANY;
	uint32_t count = is_many || has_length(base) ? take_number(r, 4) : 1, i;
	struct span first = SPAN(""), value;

	if (!has_length(base) && !fixed_size(base))
		r->is_short = true; /* its size is not known: nothing behind it can be found */
	if (count > VALUE_LIMIT)
		r->is_short = true;
	for (i = 0; i < count && !r->is_short; i++) {
		size_t len = has_length(base) ? take_number(r, 4) : fixed_size(base);

		value = take_bytes(r, len);
		pad_to_four(r, len);
		if (i == 0)
			first = value;
	}
	return first;
}

static char *text_value(struct box *box, unsigned type, struct span value)
{
	return type == TYPE_WIDE ? wide_text(box, value) : narrow_text(box, value);
}

static void use_file_property(struct box *box, unsigned id, unsigned type, struct span value)
{
	struct tnef_file *file = box->file;
	bool is_text = type == TYPE_TEXT || type == TYPE_WIDE;

	if (!file)
		return;
	if (id == PROP_LONG_NAME && is_text)
		file->name = text_value(box, type, value);
	else if (id == PROP_MIME_TYPE && is_text)
		file->type = text_value(box, type, value);
	else if (id == PROP_CONTENT_ID && is_text)
		file->content_id = text_value(box, type, value);
	else if (id == PROP_DATA && type == TYPE_OBJECT && value.len > GUID_SIZE && !file->data.len)
		file->data = (struct span){value.data + GUID_SIZE, value.len - GUID_SIZE};
}

/* 100 ns since 1601. */
static int64_t time_value(struct span value)
{
	struct reader r = {.bytes = value};
	uint64_t low = take_number(&r, 4), high = take_number(&r, 4);

	return (int64_t)((high << 32 | low) / 10000000) - TO_1970;
}

static void use_named_property(struct box *box, unsigned name, unsigned type, struct span value)
{
	if (name == NAMED_START && type == TYPE_TIME)
		box->tnef->start = time_value(value);
	else if (name == NAMED_END && type == TYPE_TIME)
		box->tnef->end = time_value(value);
	else if (name == NAMED_PLACE && (type == TYPE_TEXT || type == TYPE_WIDE))
		box->tnef->location = text_value(box, type, value);
}

static void use_message_property(struct box *box, unsigned id, unsigned type, struct span value)
{
	if (id == PROP_BODY && (type == TYPE_TEXT || type == TYPE_WIDE) && !box->tnef->text)
		box->tnef->text = text_value(box, type, value);
	if (id == PROP_KIND && (type == TYPE_TEXT || type == TYPE_WIDE))
		box->tnef->kind = text_value(box, type, value);
	if (id == PROP_RTF && type == TYPE_BYTES)
		box->tnef->rtf = value;
	if (id == PROP_HTML && (type == TYPE_BYTES || type == TYPE_TEXT))
		box->tnef->html = value;
}

static void read_properties(struct box *box, struct span bytes, bool is_file)
{
	struct reader r = {.bytes = bytes};
	uint32_t count = take_number(&r, 4), i;

	if (count > PROP_LIMIT)
		count = PROP_LIMIT;
	for (i = 0; i < count && !r.is_short; i++) {
		unsigned type = take_number(&r, 2), id = take_number(&r, 2);
		unsigned name = id >= NAMED_FROM ? take_name(&r) : 0;
		struct span value = take_value(&r, type);

		if (name && !is_file)
			use_named_property(box, name, type, value);
		else if (is_file)
			use_file_property(box, id, type, value);
		else
			use_message_property(box, id, type, value);
	}
}

/* --- attributes ------------------------------------------------------------------------------------ */

static void begin_file(struct box *box)
{
	struct tnef *tnef = box->tnef;

	box->file = NULL;
	if (tnef->count >= TNEF_FILE_LIMIT) {
		tnef->is_cut = true;
		return;
	}
	if (tnef->count >= box->cap) {
		size_t cap = box->cap ? box->cap * 2 : 4;
		struct tnef_file *wider = ARENA_ARRAY(box->arena, struct tnef_file, cap);

		if (tnef->count)
			memcpy(wider, tnef->files, tnef->count * sizeof *wider);
		tnef->files = wider;
		box->cap = cap;
	}
	box->file = &tnef->files[tnef->count++];
	box->file->name = (char *)"";
	box->file->data = SPAN("");
}

static void read_code_page(struct box *box, struct span value)
{
	struct reader r = {.bytes = value};
	uint32_t page = take_number(&r, 4);
	const char *name = arena_printf(box->arena, "cp%u", (unsigned)page);

	if (page == 65001)
		name = "utf-8";
	if (charset_is_known(name))
		box->tnef->charset = name;
}

static void use_attribute(struct box *box, uint32_t id, struct span value)
{
	switch (id) {
	case ATTR_CODE_PAGE:
		read_code_page(box, value);
		break;
	case ATTR_SUBJECT:
		box->tnef->subject = narrow_text(box, value);
		break;
	case ATTR_BODY:
		box->tnef->text = narrow_text(box, value);
		break;
	case ATTR_KIND:
		box->tnef->kind = box->tnef->kind ? box->tnef->kind : narrow_text(box, value);
		break;
	case ATTR_MESSAGE_PROPS:
		read_properties(box, value, false);
		break;
	case ATTR_FILE_BEGINS:
		begin_file(box);
		break;
	case ATTR_FILE_TITLE:
		if (box->file && !*box->file->name)
			box->file->name = narrow_text(box, value);
		break;
	case ATTR_FILE_DATA:
		if (box->file)
			box->file->data = value;
		break;
	case ATTR_FILE_PROPS:
		read_properties(box, value, true);
		break;
	default:
		break;
	}
}

int tnef_read(struct span bytes, struct arena *arena, struct tnef *tnef)
{
	struct box box = {.tnef = tnef, .arena = arena};
	struct reader r = {.bytes = bytes};

	*tnef = (struct tnef){.charset = "cp1252", .html = SPAN(""), .rtf = SPAN("")};
	if (take_number(&r, 4) != SIGNATURE)
		return -1;
	take_number(&r, 2);
	while (r.at < bytes.len) {
		uint32_t id, len;

		take_number(&r, 1);
		id = take_number(&r, 4);
		len = take_number(&r, 4);
		if (r.is_short)
			break;
		use_attribute(&box, id, take_bytes(&r, len));
		take_number(&r, 2);
	}
	tnef->is_cut = tnef->is_cut || r.is_short;
	return 0;
}

bool tnef_is_type(const char *type, const char *filename)
{
	return str_equal_nocase(type, "application/ms-tnef") ||
	       str_equal_nocase(type, "application/vnd.ms-tnef") ||
	       (filename && str_equal_nocase(filename, "winmail.dat"));
}
