#include "config.h"

#include "ui/picture/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/mem.h"

#define RGB_FLAG 0x1000000
#define CELL_BYTES 12
#define LINE_MAX_ 120

static const char *const kind_names[PICTURE_KINDS] = {"cells", "sixel", "kitty"};

const char *picture_kind_name(enum picture_kind kind)
{
	return kind_names[kind];
}

bool picture_kind_find(const char *name, enum picture_kind *kind)
{
	for (int i = 0; i < PICTURE_KINDS; i++)
		if (!strcmp(name, kind_names[i])) {
			*kind = (enum picture_kind)i;
			return true;
		}
	return false;
}

void picture_free(struct picture **picture)
{
	if (!*picture)
		return;
	free((*picture)->cells);
	free((*picture)->data);
	free(*picture);
	*picture = NULL;
}

void picture_take(struct picture *picture, const void *bytes, size_t len)
{
	picture->data = mem_calloc(len ? len : 1, 1);
	memcpy(picture->data, bytes, len);
	picture->len = len;
}

/* --- writing --- */

static void add_number(struct buf *out, uint32_t number)
{
	for (int i = 0; i < 4; i++, number >>= 8)
		buf_add_char(out, (char)(number & 255));
}

static size_t cell_count(const struct picture *picture)
{
	return (size_t)picture->columns * (size_t)picture->rows;
}

void picture_write(const struct picture *picture, struct buf *out)
{
	bool has_cells = picture->kind == PICTURE_CELLS;
	size_t len = has_cells ? cell_count(picture) * CELL_BYTES : picture->len;

	buf_printf(out, "tern-picture %s %d %d %d %d %d %d %zu\n", kind_names[picture->kind],
		   picture->columns, picture->rows, picture->width, picture->height,
		   picture->full_width, picture->full_height, len);
	if (!has_cells) {
		buf_add(out, picture->data, len);
		return;
	}
	for (size_t i = 0; i < cell_count(picture); i++) {
		add_number(out, picture->cells[i].code);
		add_number(out, (uint32_t)picture->cells[i].fg);
		add_number(out, (uint32_t)picture->cells[i].bg);
	}
}

void picture_write_fault(enum picture_fault fault, struct buf *out)
{
	buf_printf(out, "tern-picture-fault %d\n", (int)fault);
}

/* --- reading: nothing is believed --- */

enum picture_fault picture_read_fault(const char *text)
{
	int fault;

	if (sscanf(text, "tern-picture-fault %3d", &fault) == 1 &&
	    (fault == PICTURE_UNKNOWN || fault == PICTURE_TOO_BIG))
		return (enum picture_fault)fault;
	return PICTURE_BROKEN;
}

static uint64_t digest_of(const char *bytes, size_t len)
{
	uint64_t digest = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		digest = (digest ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
	return digest;
}

static uint32_t take_number(const unsigned char **at)
{
	uint32_t number = 0;

	for (int i = 3; i >= 0; i--)
		number = number << 8 | (*at)[i];
	*at += 4;
	return number;
}

static bool is_colour(int32_t colour)
{
	return colour >= -1 && (colour <= 255 || (colour >= RGB_FLAG && colour < 2 * RGB_FLAG));
}

static bool read_cells(struct picture *picture, const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t count = cell_count(picture);

	if (len != count * CELL_BYTES)
		return false;
	picture->cells = mem_calloc(count, sizeof *picture->cells);
	for (size_t i = 0; i < count; i++) {
		struct picture_cell *cell = &picture->cells[i];

		cell->code = take_number(&at);
		cell->fg = (int32_t)take_number(&at);
		cell->bg = (int32_t)take_number(&at);
		if ((cell->code != ' ' && (cell->code < 0x2580 || cell->code > 0x259f)) ||
		    !is_colour(cell->fg) || !is_colour(cell->bg))
			return false;
	}
	return true;
}

/* Sixels are '?' to '~', the commands between them have digits and semicolons. */
static bool is_sixel(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((bytes[i] < '?' || bytes[i] > '~') && (bytes[i] < '0' || bytes[i] > ';' || bytes[i] == ':') &&
		    bytes[i] != '#' && bytes[i] != '!' && bytes[i] != '"' && bytes[i] != '$' &&
		    bytes[i] != '-')
			return false;
	return len > 0;
}

static bool read_data(struct picture *picture, const char *bytes, size_t len)
{
	if (picture->kind == PICTURE_SIXEL && !is_sixel(bytes, len))
		return false;
	if (picture->kind == PICTURE_KITTY &&
	    len != (size_t)picture->width * (size_t)picture->height * 4)
		return false;
	picture_take(picture, bytes, len);
	return true;
}

static bool in_bounds(const struct picture *picture)
{
	return picture->columns > 0 && picture->columns <= PICTURE_COLUMNS_MAX && picture->rows > 0 &&
	       picture->rows <= PICTURE_ROWS_MAX && picture->width > 0 && picture->width <= 65535 &&
	       picture->height > 0 && picture->height <= 65535 && picture->full_width > 0 &&
	       picture->full_height > 0;
}

static bool read_line(const char *line, struct picture *picture, size_t *len)
{
	char kind[8];

	return sscanf(line, "tern-picture %7s %6d %6d %6d %6d %9d %9d %9zu", kind, &picture->columns,
		      &picture->rows, &picture->width, &picture->height, &picture->full_width,
		      &picture->full_height, len) == 8 &&
	       picture_kind_find(kind, &picture->kind) && in_bounds(picture);
}

struct picture *picture_read(const char *bytes, size_t len)
{
	const char *end = memchr(bytes, '\n', len < LINE_MAX_ ? len : LINE_MAX_);
	char line[LINE_MAX_ + 1];
	struct picture *picture;
	size_t want;
	bool is_good;

	if (!end)
		return NULL;
	memcpy(line, bytes, (size_t)(end - bytes));
	line[end - bytes] = '\0';
	len -= (size_t)(end + 1 - bytes);
	picture = mem_alloc(sizeof *picture);
	is_good = read_line(line, picture, &want) && want == len && len <= PICTURE_BYTES_MAX &&
		  (picture->kind == PICTURE_CELLS ? read_cells(picture, end + 1, len)
						  : read_data(picture, end + 1, len));
	if (!is_good)
		picture_free(&picture);
	else
		picture->digest = digest_of(bytes, len + (size_t)(end + 1 - bytes));
	return picture;
}
