/* Writes a letter, or a page of HTML (NAME.html), as the reader shows it, row by row:
 * html_dump [-H] WIDTH FILE. With -H the header too. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/render/doc.h"
#include "ui/render/html.h"
#include "ui/render/message.h"

#define TEXT_WIDTH 80

static void print_rows(const struct doc *doc, int width)
{
	struct canvas *canvas = canvas_new(width, 1);
	struct doc_pos pos = {0, 0};
	char *row;

	do {
		canvas_clear(canvas);
		doc_draw_row(doc, pos, canvas, (struct rect){0, 0, width, 1}, TEXT_WIDTH);
		row = canvas_row(canvas, 0);
		puts(row);
		free(row);
	} while (doc_next(doc, &pos, width, TEXT_WIDTH));
	canvas_free(&canvas);
}

static void render(struct doc *doc, const char *path, const struct buf *bytes, struct message_wish wish)
{
	struct mime_message *message;

	if (str_ends(path, ".html")) {
		html_render(doc, bytes->data, bytes->len, wish.width);
		doc_fold(doc, false);
		return;
	}
	message = mime_parse(bytes->data, bytes->len, NULL);
	message_render(doc, message, &wish);
	mime_free(&message);
}

int main(int argc, char **argv)
{
	bool wants_header = argc > 1 && !strcmp(argv[1], "-H");
	struct message_wish wish = {.wants_html = true, .no_header = !wants_header};
	struct buf bytes = BUF_INIT;
	struct err err = ERR_INIT;
	struct doc *doc;

	if (argc != 3 + wants_header)
		return 2;
	wish.width = atoi(argv[1 + wants_header]);
	if (file_read(argv[2 + wants_header], &bytes, 0, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	doc = doc_new();
	render(doc, argv[2 + wants_header], &bytes, wish);
	if (doc->shown_count)
		print_rows(doc, wish.width);
	doc_free(&doc);
	buf_free(&bytes);
	return 0;
}
