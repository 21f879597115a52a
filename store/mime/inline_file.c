#include "config.h"
#include "store/mime/inline_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/charset.h"
#include "store/mime/header.h"

#define NAME_LIMIT  255
#define FIRST_FILES 4

struct reader {
	struct span bytes;
	struct arena *arena;
	struct inline_file_list *list;
	size_t cap;
};

static struct span behind(struct span s, size_t n)
{
	return n < s.len ? (struct span){s.data + n, s.len - n} : SPAN_NONE;
}

static bool starts(struct span line, const char *word)
{
	size_t len = strlen(word);

	return line.len >= len && memcmp(line.data, word, len) == 0;
}

static char *copy_name(struct span name, struct arena *arena)
{
	struct buf out = BUF_INIT;
	char *copy;

	name = span_trim(name);
	if (name.len > NAME_LIMIT)
		name.len = NAME_LIMIT;
	charset_to_utf8(NULL, name.data, name.len, &out);
	copy = arena_strndup(arena, buf_str(&out), strlen(buf_str(&out)));
	buf_free(&out);
	return copy;
}

/* "644 name" behind "begin ": the name, or one without bytes. Prose that begins so has no mode. */
static struct span name_behind_mode(struct span line)
{
	size_t n = 0;

	while (n < line.len && line.data[n] >= '0' && line.data[n] <= '7')
		n++;
	if (n < 3 || n > 5 || n >= line.len || line.data[n] != ' ')
		return SPAN_NONE;
	return span_trim(behind(line, n));
}

/* A line of uuencode says its length. Spaces at its end get lost or come on top, and some programs add a checksum. */
static bool is_uu_line(struct span line)
{
	size_t count, wanted, i;

	if (!line.len || line.data[0] < ' ' || line.data[0] > '`')
		return false;
	count = (size_t)(line.data[0] - ' ') & 63;
	wanted = 1 + (count + 2) / 3 * 4;
	while (line.len > wanted && char_is_space(line.data[line.len - 1]))
		line.len--;
	if (line.len > wanted + 1)
		return false;
	for (i = 1; i < line.len; i++)
		if (line.data[i] < ' ' || line.data[i] > '`')
			return false;
	return count == 0 || line.len > 1;
}

static bool is_base64_line(struct span line)
{
	size_t i;

	for (i = 0; i < line.len; i++)
		if (!char_is_alnum(line.data[i]) && !strchr("+/=", line.data[i]))
			return false;
	return line.len > 0;
}

/* Takes the lines of FILE from its first data line AT on. Returns the offset behind it, 0: no file. */
typedef size_t take_lines(const struct reader *r, size_t at, struct inline_file *file);

/* The last line says that nothing comes, by a space, which got lost too. */
static bool is_lost_last(const struct reader *r, struct span line, size_t next)
{
	return !line.len && next < r->bytes.len &&
	       span_equal(span_trim(header_line(r->bytes, next, &next)), SPAN("end"));
}

static size_t take_uu(const struct reader *r, size_t at, struct inline_file *file)
{
	size_t next, lines = 0;

	for (; at < r->bytes.len; at = next, lines++) {
		struct span line = header_line(r->bytes, at, &next);

		file->is_whole = span_equal(span_trim(line), SPAN("end"));
		if (file->is_whole)
			return next;
		if (!is_uu_line(line) && !is_lost_last(r, line, next))
			break;
	}
	return lines ? at : 0;
}

static size_t take_base64(const struct reader *r, size_t at, struct inline_file *file)
{
	size_t next, start = at;

	for (; at < r->bytes.len; at = next) {
		struct span line = span_trim(header_line(r->bytes, at, &next));

		file->data = (struct span){r->bytes.data + start, at - start};
		file->is_whole = span_equal(line, SPAN("===="));
		if (file->is_whole)
			return next;
		if (!is_base64_line(line))
			break;
		file->data.len = next - start;
	}
	return at > start ? at : 0;
}

static size_t take_yenc(const struct reader *r, size_t at, struct inline_file *file)
{
	size_t next;

	for (; at < r->bytes.len; at = next) {
		struct span line = header_line(r->bytes, at, &next);

		file->is_whole = starts(line, "=yend");
		if (file->is_whole)
			return next;
		if (starts(line, "=ybegin "))
			break;
	}
	return at;
}

/* " name=" ends the line, as a name may hold spaces; "line=" and "size=" must be there. */
static struct span yenc_name(struct span line)
{
	const char *name = memmem(line.data, line.len, " name=", 6);

	if (!name || !memmem(line.data, line.len, " line=", 6) ||
	    !memmem(line.data, line.len, " size=", 6))
		return SPAN_NONE;
	return span_trim(behind(line, (size_t)(name - line.data) + 6));
}

static take_lines *kind_of(struct span line, struct inline_file *file, struct span *name)
{
	if (starts(line, "begin ")) {
		file->kind = TRANSFER_UUENCODE;
		*name = name_behind_mode(behind(line, 6));
		return take_uu;
	}
	if (starts(line, "begin-base64 ")) {
		file->kind = TRANSFER_BASE64;
		*name = name_behind_mode(behind(line, 13));
		return take_base64;
	}
	if (starts(line, "=ybegin ")) {
		file->kind = TRANSFER_YENC;
		*name = yenc_name(line);
		return take_yenc;
	}
	return NULL;
}

static void add(struct reader *r, const struct inline_file *file)
{
	struct inline_file_list *list = r->list;
	struct inline_file *wider;

	if (list->count >= r->cap) {
		r->cap = r->cap ? r->cap * 2 : FIRST_FILES;
		wider = ARENA_ARRAY(r->arena, struct inline_file, r->cap);
		if (list->count)
			memcpy(wider, list->items, list->count * sizeof *wider);
		list->items = wider;
	}
	list->items[list->count++] = *file;
}

/* A file whose first line is LINE at AT: the offset behind it. Else NEXT. */
static size_t take(struct reader *r, size_t at, struct span line, size_t next)
{
	struct inline_file file = {.offset = at};
	struct span name = SPAN_NONE;
	take_lines *take_data = kind_of(line, &file, &name);
	size_t end = take_data && name.len ? take_data(r, next, &file) : 0;

	if (!end)
		return next;
	if (r->list->count >= INLINE_FILE_LIMIT) {
		r->list->is_cut = true;
		return end;
	}
	file.len = end - at;
	file.name = copy_name(name, r->arena);
	if (file.kind != TRANSFER_BASE64)
		file.data = (struct span){r->bytes.data + at, file.len};
	add(r, &file);
	return end;
}

void inline_file_find(struct span bytes, struct arena *arena, struct inline_file_list *list)
{
	struct reader r = {.bytes = bytes, .arena = arena, .list = list};
	size_t at, next;

	*list = (struct inline_file_list){.items = NULL};
	for (at = 0; at < bytes.len; at = next) {
		struct span line = header_line(bytes, at, &next);

		if (line.len && (line.data[0] == 'b' || line.data[0] == '='))
			next = take(&r, at, line, next);
	}
}

int inline_file_decode(const struct inline_file *file, transfer_sink *sink, void *arg)
{
	return transfer_decode(file->kind, file->data, sink, arg);
}

/* --- is it as it was sent? --- */

/* CRC-32 (ISO 3309, polynomial 0x04c11db7 from its low end) by half bytes. */
static uint32_t crc_of(struct span bytes)
{
	static const uint32_t half[16] = {0,	      0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
					  0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
					  0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
	uint32_t crc = 0xffffffff;
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		crc ^= (unsigned char)bytes.data[i];
		crc = crc >> 4 ^ half[crc & 15];
		crc = crc >> 4 ^ half[crc & 15];
	}
	return ~crc;
}

/* The number behind WORD in LINE, -1 when there is none. */
static long long number_behind(struct span line, const char *word, int base)
{
	const char *at = memmem(line.data, line.len, word, strlen(word));
	char digits[24];
	struct span rest;
	char *end;
	long long n;

	if (!at)
		return -1;
	rest = behind(line, (size_t)(at - line.data) + strlen(word));
	if (rest.len >= sizeof digits)
		rest.len = sizeof digits - 1;
	if (!rest.len)
		return -1;
	memcpy(digits, rest.data, rest.len);
	digits[rest.len] = '\0';
	n = strtoll(digits, &end, base);
	return end == digits ? -1 : n;
}

static struct span last_line(struct span s)
{
	const char *before;

	while (s.len && strchr("\r\n", s.data[s.len - 1]))
		s.len--;
	before = s.len ? memrchr(s.data, '\n', s.len) : NULL;
	return before ? behind(s, (size_t)(before - s.data) + 1) : s;
}

/* The checksum of a piece has a name of its own; the other one is then that of all pieces together. */
static bool yenc_fits(const struct inline_file *file, struct span decoded)
{
	struct span end = last_line(file->data), first = file->data;
	long long size = number_behind(end, " size=", 10), crc = number_behind(end, " pcrc32=", 16);

	first.len = span_find(first, 0, '\n');
	if (crc < 0 && number_behind(first, " part=", 10) < 0)
		crc = number_behind(end, " crc32=", 16);
	if (size >= 0 && (unsigned long long)size != decoded.len)
		return false;
	return crc < 0 || (uint32_t)crc == crc_of(decoded);
}

bool inline_file_is_sound(const struct inline_file *file, struct span decoded)
{
	return file->is_whole && (file->kind != TRANSFER_YENC || yenc_fits(file, decoded));
}
