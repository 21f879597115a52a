#include "config.h"

#include "ui/screen/bidi.h"

#include <fribidi.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"

#define BIDI_MAX     16384 /* bytes; nobody writes such a paragraph: as it is stored then */
#define BRACKETS_MAX 200   /* fribidi takes the square of their number; with more they are signs like others */
#define FIRST_RTL_BYTE 0xd6 /* U+0590 begins so; nothing before it runs to the left */

struct bidi {
	const char *text;
	size_t len;
	FriBidiLevel *levels; /* of each byte */
	bool is_rtl;
};

bool bidi_has_rtl(const char *text, size_t len)
{
	uint32_t code;

	if (len > BIDI_MAX)
		return false;
	for (size_t at = 0; at < len;) {
		if ((unsigned char)text[at] < FIRST_RTL_BYTE) {
			at++;
			continue;
		}
		at += utf8_decode(text + at, len - at, &code);
		if (FRIBIDI_IS_RTL(fribidi_get_bidi_type(code)) ||
		    fribidi_get_bidi_type(code) == FRIBIDI_TYPE_AN)
			return true;
	}
	return false;
}

/* The text as fribidi wants it: code points, and where each begins. */
struct codes {
	FriBidiChar *codes;
	FriBidiCharType *types;
	FriBidiBracketType *brackets;
	FriBidiLevel *levels;
	size_t *starts;
	size_t count, bracket_count;
};

static void codes_read(struct codes *codes, const char *text, size_t len)
{
	codes->codes = mem_calloc(len + 1, sizeof *codes->codes);
	codes->types = mem_calloc(len + 1, sizeof *codes->types);
	codes->brackets = mem_calloc(len + 1, sizeof *codes->brackets);
	codes->levels = mem_calloc(len + 1, sizeof *codes->levels);
	codes->starts = mem_calloc(len + 1, sizeof *codes->starts);
	for (size_t at = 0; at < len;) {
		uint32_t code;

		codes->starts[codes->count] = at;
		at += utf8_decode(text + at, len - at, &code);
		codes->codes[codes->count++] = code;
	}
}

static void codes_release(struct codes *codes)
{
	free(codes->codes);
	free(codes->types);
	free(codes->brackets);
	free(codes->levels);
	free(codes->starts);
}

static void find_brackets(struct codes *codes)
{
	fribidi_get_bracket_types(codes->codes, (FriBidiStrIndex)codes->count, codes->types,
				  codes->brackets);
	for (size_t i = 0; i < codes->count; i++)
		codes->bracket_count += codes->brackets[i] != FRIBIDI_NO_BRACKET;
}

static bool find_levels(struct codes *codes)
{
	FriBidiStrIndex count = (FriBidiStrIndex)codes->count;
	FriBidiParType base = FRIBIDI_PAR_ON;

	fribidi_get_bidi_types(codes->codes, count, codes->types);
	find_brackets(codes);
	/* it has no room: as it is stored */
	if (!fribidi_get_par_embedding_levels_ex(
		    codes->types, codes->bracket_count > BRACKETS_MAX ? NULL : codes->brackets, count,
		    &base, codes->levels)) {
		memset(codes->levels, 0, codes->count);
		return false;
	}
	return FRIBIDI_IS_RTL(base);
}

struct bidi *bidi_new(const char *text, size_t len)
{
	struct bidi *bidi = mem_alloc(sizeof *bidi);
	struct codes codes = {.codes = NULL};

	bidi->text = text;
	bidi->len = len;
	bidi->levels = mem_calloc(len + 1, sizeof *bidi->levels);
	bidi->is_rtl = false;
	if (len > BIDI_MAX)
		return bidi;
	codes_read(&codes, text, len);
	bidi->is_rtl = codes.count && find_levels(&codes);
	for (size_t i = 0; i < codes.count; i++) {
		size_t end = i + 1 < codes.count ? codes.starts[i + 1] : len;

		memset(bidi->levels + codes.starts[i], codes.levels[i], end - codes.starts[i]);
	}
	codes_release(&codes);
	return bidi;
}

void bidi_free(struct bidi **bidi)
{
	if (!*bidi)
		return;
	free((*bidi)->levels);
	free(*bidi);
	*bidi = NULL;
}

bool bidi_is_rtl(const struct bidi *bidi)
{
	return bidi->is_rtl;
}

/* --- rows --- */

struct row {
	struct bidi_piece *pieces;
	FriBidiLevel *levels;
	size_t count;
};

static void reverse(struct row *row, size_t from, size_t to)
{
	while (from + 1 < to) {
		struct bidi_piece piece = row->pieces[from];
		FriBidiLevel level = row->levels[from];

		to--;
		row->pieces[from] = row->pieces[to];
		row->levels[from] = row->levels[to];
		row->pieces[to] = piece;
		row->levels[to] = level;
		from++;
	}
}

/* UAX 9, L2: from the highest level down, what stands at it or above is turned round. */
static void turn(struct row *row)
{
	FriBidiLevel highest = 0;

	for (size_t i = 0; i < row->count; i++)
		highest = row->levels[i] > highest ? row->levels[i] : highest;
	for (FriBidiLevel level = highest; level > 0; level--) {
		for (size_t i = 0; i < row->count; i++) {
			size_t from = i;

			while (i < row->count && row->levels[i] >= level)
				i++;
			reverse(row, from, i);
		}
	}
}

/* L1: blanks at the end of a row go with the paragraph. */
static void settle_blanks(struct row *row, const char *text, FriBidiLevel base)
{
	size_t at = row->count;

	while (at > 0 && text[row->pieces[at - 1].at] == ' ')
		row->levels[--at] = base;
}

/* L4 */
static void mirror(struct bidi_piece *piece, const char *text)
{
	uint32_t code;
	FriBidiChar other;

	if (utf8_decode(text + piece->at, piece->len, &code) != piece->len)
		return;
	if (fribidi_get_mirror_char(code, &other) && other != code)
		piece->mirror[utf8_encode(other, piece->mirror)] = '\0';
}

static void read_row(const struct bidi *bidi, size_t from, size_t to, struct row *row)
{
	row->pieces = mem_calloc(to - from + 1, sizeof *row->pieces);
	row->levels = mem_calloc(to - from + 1, sizeof *row->levels);
	while (from < to) {
		struct bidi_piece *piece = &row->pieces[row->count];

		piece->at = from;
		piece->len = utf8_grapheme(bidi->text + from, to - from, &piece->width);
		row->levels[row->count++] = bidi->levels[from];
		from += piece->len;
	}
}

size_t bidi_row(const struct bidi *bidi, size_t from, size_t to, struct bidi_piece **pieces)
{
	struct row row = {.pieces = NULL};
	int x = 0;

	read_row(bidi, from, to > bidi->len ? bidi->len : to, &row);
	settle_blanks(&row, bidi->text, bidi->is_rtl);
	turn(&row);
	for (size_t i = 0; i < row.count; i++) {
		row.pieces[i].x = x;
		x += row.pieces[i].width;
		if (row.levels[i] % 2)
			mirror(&row.pieces[i], bidi->text);
	}
	free(row.levels);
	*pieces = row.pieces;
	return row.count;
}

const char *bidi_text(const struct bidi_piece *piece, const char *text, size_t *len)
{
	*len = *piece->mirror ? strlen(piece->mirror) : piece->len;
	return *piece->mirror ? piece->mirror : text + piece->at;
}
