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

static int add_row(struct buf *out, const struct canvas *canvas)
{
	char *row = canvas_row(canvas, 0);

	buf_add_str(out, row);
	buf_add_char(out, '\n');
	free(row);
	return out->len < OUTPUT_PIECE ? 0 : shell_print(out);
}

static int add_rows(struct buf *out, const struct doc *doc, int columns)
{
	struct canvas *canvas = canvas_new(columns, 1);
	struct rect row = {0, 0, columns, 1};
	struct doc_pos pos = {0, 0};
	int rc = 0;

	canvas_set_bidi(canvas, CANVAS_BIDI_NOBODY); /* as it was written: who reads a pipe turns it himself */
	do {
		canvas_clear(canvas);
		doc_draw_row(doc, pos, canvas, row, columns);
		rc = add_row(out, canvas);
	} while (rc == 0 && doc_next(doc, &pos, columns, columns));
	canvas_free(&canvas);
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
