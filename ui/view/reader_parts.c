#include "config.h"

#include "ui/view/reader_parts.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/mime.h"
#include "ui/render/message.h"

#define ROWS_MOST 2
#define HEIGHT_LEAST 10 /* of all: the text is what one came for */

/* Its verdict stands on top; whoever wants the thing itself finds it in the list of parts. */
static bool is_signature(const struct mime_part *part)
{
	return part->parent && !strcmp(part->parent->type, "multipart/signed") && str_ends(part->type, "-signature");
}

static bool is_attached(const struct message_part *part)
{
	return !part->is_shown && !part->is_form && !is_signature(part->part);
}

static size_t attachment_count(const struct reader_parts *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += is_attached(&list->parts[i]);
	return count;
}

static void describe(const struct reader_parts *list, size_t number, struct buf *text)
{
	const struct message_part *part = &list->parts[number - 1];

	buf_printf(text, "%zu  ", number);
	if (*part->name)
		buf_printf(text, "%s  ", part->name);
	buf_add_str(text, part->kind);
	if (part->says_all)
		return;
	buf_add_char(text, ' ');
	message_add_size(text, part->size);
	if (part->is_away)
		buf_printf(text, " %s", _("(on the server)"));
}

static void draw_rule(const struct reader_parts *list, struct canvas *canvas, struct rect area)
{
	size_t count = attachment_count(list);
	struct buf text = BUF_INIT;

	canvas_line(canvas, area.x, area.y, area.width, STYLE_FRAME);
	buf_printf(&text, ngettext(" %zu part ", " %zu parts ", count), count);
	canvas_put(canvas, area.x + 2, area.y, area.width - 4, STYLE_FRAME, buf_str(&text));
	buf_free(&text);
}

void reader_parts_draw(const struct reader_parts *list, struct canvas *canvas, struct rect area)
{
	int x = area.x + 1, y = area.y + 1;

	draw_rule(list, canvas, area);
	for (size_t i = 0; i < list->count; i++) {
		struct buf text = BUF_INIT;
		int width;

		if (!is_attached(&list->parts[i]))
			continue;
		describe(list, i + 1, &text);
		width = utf8_width(buf_str(&text), text.len);
		if (x > area.x + 1 && x + width > area.x + area.width) {
			x = area.x + 1;
			y++;
		}
		if (y < area.y + area.height)
			x += canvas_put(canvas, x, y, area.x + area.width - x, STYLE_ATTACHMENT,
					buf_str(&text)) + 4;
		buf_free(&text);
	}
}

int reader_parts_height(const struct reader_parts *list, struct rect area)
{
	int width = 0, rows;

	if (!attachment_count(list) || area.height < HEIGHT_LEAST)
		return 0;
	for (size_t i = 0; i < list->count && width <= area.width; i++) {
		struct buf text = BUF_INIT;

		if (is_attached(&list->parts[i])) {
			describe(list, i + 1, &text);
			width += utf8_width(buf_str(&text), text.len) + 4;
		}
		buf_free(&text);
	}
	rows = width > area.width ? ROWS_MOST : 1;
	return rows + 1;
}
