#include "config.h"

#include "ui/screen/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

#define WIDTH_LIMIT 999

/* Either an item or plain text. */
struct piece {
	int item; /* -1: text */
	char *text;
	int width;
	bool is_percent;
};

struct format {
	const struct format_item *items;
	struct piece *pieces;
	size_t count, cap;
};

static struct piece *add_piece(struct format *format, int item)
{
	ARRAY_ROOM(format->pieces, format->count, format->cap);
	struct piece *piece = &format->pieces[format->count++];
	*piece = (struct piece){.item = item};
	return piece;
}

static void add_text(struct format *format, const char *text, size_t len)
{
	if (len)
		add_piece(format, -1)->text = mem_strndup(text, len);
}

static int find_item(const struct format *format, const char *name, size_t len)
{
	for (int i = 0; format->items[i].name; i++)
		if (strlen(format->items[i].name) == len && !memcmp(format->items[i].name, name, len))
			return i;
	return -1;
}

/* "(20)" or "(25%)" behind an item; 0, or -1 when it is neither. */
static int parse_width(const char **at, struct piece *piece)
{
	if (**at != '(')
		return 0;
	char *end;
	long width = strtol(*at + 1, &end, 10);
	if (end == *at + 1 || width < 1 || width > WIDTH_LIMIT)
		return -1;
	piece->width = (int)width;
	piece->is_percent = *end == '%';
	end += piece->is_percent;
	if (*end != ')')
		return -1;
	*at = end + 1;
	return 0;
}

static int parse_item(struct format *format, const char **at, struct err *err)
{
	size_t len = strspn(*at, "abcdefghijklmnopqrstuvwxyz-");
	int item = find_item(format, *at, len);
	if (item < 0)
		return err_set_kind(err, ERR_USAGE, _("There is nothing called \"%%%.*s\" to show."),
				    (int)len, *at);
	struct piece *piece = add_piece(format, item);
	piece->width = format->items[item].width;
	*at += len;
	if (parse_width(at, piece))
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is no width: (20) or (25%%)."), *at);
	return 0;
}

struct format *format_new(const char *text, const struct format_item *items, struct err *err)
{
	struct format *format = mem_alloc(sizeof *format);
	format->items = items;
	while (*text) {
		size_t len = strcspn(text, "%");
		add_text(format, text, len);
		text += len;
		if (text[0] == '%' && text[1] == '%') {
			add_text(format, text, 1);
			text += 2;
		} else if (*text) {
			text++;
			if (parse_item(format, &text, err)) {
				format_free(&format);
				return NULL;
			}
		}
	}
	return format;
}

void format_free(struct format **format)
{
	if (!*format)
		return;
	for (size_t i = 0; i < (*format)->count; i++)
		free((*format)->pieces[i].text);
	free((*format)->pieces);
	free(*format);
	*format = NULL;
}

/* --- drawing ------------------------------------------------------------------------------------- */

/* One piece with what it says in this row and the columns it gets. */
struct shown {
	struct buf text;
	enum style style;
	int width;
};

static bool is_dropped(const struct format *format, size_t at, int columns)
{
	int item = format->pieces[at].item;
	return item >= 0 && columns < format->items[item].least;
}

static void read_piece(const struct format *format, size_t at, struct shown *shown, int columns,
		       format_fn *get, void *arg)
{
	const struct piece *piece = &format->pieces[at];
	if (piece->item < 0) {
		buf_add_str(&shown->text, piece->text);
		shown->width = utf8_width(buf_str(&shown->text), shown->text.len);
		return;
	}
	get(arg, piece->item, &shown->text, &shown->style);
	shown->width = piece->is_percent ? columns * piece->width / 100 : piece->width;
	if (piece->width == FORMAT_AS_LONG)
		shown->width = utf8_width(buf_str(&shown->text), shown->text.len);
}

/* Text behind what is not there goes with it, so that no double gaps stay. */
static bool goes_with(const struct format *format, const struct shown *shown, size_t at)
{
	if (!at || format->pieces[at].item >= 0 || format->pieces[at - 1].item < 0)
		return false;
	return shown[at - 1].width == 0;
}

static void read_pieces(const struct format *format, struct shown *shown, int columns, enum style style,
			format_fn *get, void *arg)
{
	for (size_t i = 0; i < format->count; i++) {
		shown[i] = (struct shown){.style = style};
		if (is_dropped(format, i, columns) || goes_with(format, shown, i))
			continue;
		read_piece(format, i, &shown[i], columns, get, arg);
	}
}

static void share_rest(struct shown *shown, size_t count, int columns)
{
	int taken = 0, sharing = 0;
	for (size_t i = 0; i < count; i++) {
		taken += shown[i].width > 0 ? shown[i].width : 0;
		sharing += shown[i].width == FORMAT_REST;
	}
	int rest = columns > taken ? columns - taken : 0;
	for (size_t i = 0; i < count; i++) {
		if (shown[i].width != FORMAT_REST)
			continue;
		shown[i].width = rest / sharing;
		rest -= shown[i].width;
		sharing--;
	}
}

static void draw_piece(const struct format *format, size_t at, const struct shown *shown,
		       struct canvas *canvas, int x, int y)
{
	int item = format->pieces[at].item, pad = 0;
	if (item >= 0 && format->items[item].is_right) {
		pad = shown->width - utf8_width(buf_str(&shown->text), shown->text.len);
		pad = pad > 0 ? pad : 0;
	}
	canvas_put_n(canvas, x + pad, y, shown->width - pad, shown->style, buf_str(&shown->text),
		     shown->text.len, true);
}

void format_draw(const struct format *format, struct canvas *canvas, struct rect area,
		 enum style style, format_fn *get, void *arg)
{
	struct shown *shown = mem_calloc(format->count + 1, sizeof *shown);
	read_pieces(format, shown, area.width, style, get, arg);
	share_rest(shown, format->count, area.width);
	int x = area.x, end = area.x + area.width;
	for (size_t i = 0; i < format->count; i++) {
		if (shown[i].width > end - x)
			shown[i].width = end - x;
		if (shown[i].width > 0)
			draw_piece(format, i, &shown[i], canvas, x, area.y);
		x += shown[i].width;
		buf_free(&shown[i].text);
	}
	free(shown);
}

/* --- numbers ------------------------------------------------------------------------------------- */

void format_add_size(struct buf *out, int64_t bytes)
{
	static const char units[] = "KMGT";
	double value = bytes < 0 ? 0 : (double)bytes / 1024;
	int unit = 0;
	while (value >= 999.5 && units[unit + 1]) {
		value /= 1024;
		unit++;
	}
	if (unit && value < 9.95)
		buf_printf(out, "%.1f %c", value, units[unit]);
	else
		buf_printf(out, "%.0f %c", unit || value >= 1 ? value : bytes > 0 ? 1 : 0, units[unit]);
}

void format_add_count(struct buf *out, int64_t count)
{
	char digits[32];
	snprintf(digits, sizeof digits, "%" PRId64, count);
	size_t len = strlen(digits);
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0 && digits[i - 1] != '-')
			buf_add_char(out, ' ');
		buf_add_char(out, digits[i]);
	}
}
