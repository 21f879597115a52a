/* A picture as a screen shows it: what tern-image answers, and what the screen program believes of it. The answer is
 * a line "tern-picture KIND COLUMNS ROWS WIDTH HEIGHT FULL-WIDTH FULL-HEIGHT LENGTH" and LENGTH bytes behind it. */
#ifndef UI_PICTURE_PICTURE_H
#define UI_PICTURE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum picture_kind {
	PICTURE_CELLS, /* half and quarter blocks in colours */
	PICTURE_SIXEL,
	PICTURE_KITTY, /* points of red, green, blue and opacity */
	PICTURE_KINDS
};

#define PICTURE_COLUMNS_MAX 1000
#define PICTURE_ROWS_MAX    1000
/* Of an answer. */
#define PICTURE_BYTES_MAX (32u << 20)

struct picture_cell {
	uint32_t code;	/* U+0020 or U+2580 to U+259F */
	int32_t fg, bg; /* as in struct look: -1, 0-255, or 0x1000000 | rgb */
};

struct picture {
	enum picture_kind kind;
	int columns, rows;	     /* of the screen */
	int width, height;	     /* points in DATA (PICTURE_KITTY) */
	int full_width, full_height; /* of the image it was made from */
	struct picture_cell *cells;  /* PICTURE_CELLS */
	unsigned char *data;	     /* else: what stands between the frame of the escape */
	size_t len;
	uint64_t digest; /* of the answer: the same for the same */
};

/* What a screen has for a picture, and how it wants it. */
struct picture_wish {
	enum picture_kind kind;
	int columns, rows;	      /* at most */
	int cell_width, cell_height;  /* points of a cell */
	bool is_rgb;		      /* else 256 colours */
};

/* Why there is none; tern-image says so in a line "tern-picture-fault NUMBER". */
enum picture_fault {
	PICTURE_OK = 0,
	PICTURE_BROKEN = 65,
	PICTURE_UNKNOWN = 66, /* the format, or it was built without the library for it */
	PICTURE_TOO_BIG = 67,
};

const char *picture_kind_name(enum picture_kind kind);
bool picture_kind_find(const char *name, enum picture_kind *kind);
void picture_write(const struct picture *picture, struct buf *out);
/* NULL unless all of it is as it should be: nothing in it can be taken for a control. */
struct picture *picture_read(const char *bytes, size_t len);
/* What an answer without a picture says: PICTURE_BROKEN where it says nothing. */
void picture_write_fault(enum picture_fault fault, struct buf *out);
enum picture_fault picture_read_fault(const char *text);
void picture_free(struct picture **picture);
/* Copies BYTES into it. */
void picture_take(struct picture *picture, const void *bytes, size_t len);

#endif
