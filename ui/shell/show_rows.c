#include "config.h"
#include "ui/shell/show_rows.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/mime/mime.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"
#include "ui/render/part.h"
#include "ui/screen/canvas.h"
#include "ui/shell/shell.h"

#define OUTPUT_PIECE 65536 /* written to stdout when this much is ready */
#define WIDTH_USUAL  80
#define WIDTH_LEAST  20
#define WIDTH_MOST   1000

static int width(void)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < WIDTH_LEAST)
		return WIDTH_USUAL;
	return size.ws_col < WIDTH_MOST ? size.ws_col : WIDTH_MOST;
}

bool show_rows_has_more(const struct mime_message *message, const struct mime_part *text)
{
	struct mime_part *part = (struct mime_part *)&message->root;

	for (; part; part = message_next_shown(part, 0))
		if (part_row(part) && (part != text || !part_is_type(part, "text/plain")))
			return true;
	return false;
}

/* In a pipe a line that somebody broke himself (of a patch, of a table) stays whole. */
static bool is_kept_whole(const struct doc_line *line, int columns)
{
	return !isatty(STDOUT_FILENO) && !line->is_prose && !line->is_frame && !line->is_rule &&
	       line->len + line->indent + line->depth * 2u > (unsigned)columns;
}

static int add_row(struct buf *out, const struct doc *doc, struct doc_pos pos, struct canvas *canvas, int columns)
{
	char *row;

	canvas_clear(canvas);
	doc_draw_row(doc, pos, canvas, (struct rect){0, 0, canvas_width(canvas), 1}, columns);
	row = canvas_row(canvas, 0);
	buf_add_str(out, row);
	buf_add_char(out, '\n');
	free(row);
	return out->len < OUTPUT_PIECE ? 0 : shell_print(out);
}

static int add_rows(struct buf *out, const struct doc *doc, int columns)
{
	struct canvas *usual = canvas_new(columns, 1), *wide = canvas_new(WIDTH_MOST, 1), *canvas;
	struct doc_pos pos = {0, 0};
	int rc = 0;

	canvas_set_bidi(usual, CANVAS_BIDI_NOBODY); /* as it was written: who reads a pipe turns it himself */
	canvas_set_bidi(wide, CANVAS_BIDI_NOBODY);
	do {
		canvas = is_kept_whole(&doc->shown[pos.line], columns) ? wide : usual;
		rc = add_row(out, doc, pos, canvas, columns);
	} while (rc == 0 && doc_next(doc, &pos, canvas_width(canvas), columns));
	canvas_free(&usual);
	canvas_free(&wide);
	return rc;
}

int show_rows_add(struct buf *out, struct mime_message *message)
{
	struct message_wish wish = {.width = width(), .is_headed = true};
	struct doc *doc = doc_new();
	int rc = 0;

	message_render(doc, message, &wish);
	if (doc->shown_count)
		rc = add_rows(out, doc, wish.width);
	doc_free(&doc);
	return rc;
}
