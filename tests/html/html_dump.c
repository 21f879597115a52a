/* Writes a letter, or a page of HTML (NAME.html), as the reader shows it, row by row:
 * html_dump [-H|-p] WIDTH FILE. With -H the header too; with -p the page itself, in UTF-8, for other programs. */
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

/* The first page of HTML in a letter. */
static void print_page(const struct buf *bytes)
{
	struct mime_message *message = mime_parse(bytes->data, bytes->len, NULL);
	struct mime_part *part = &message->root;
	struct buf text = BUF_INIT;

	while (part && strcmp(part->type, "text/html"))
		part = mime_next(part);
	if (part)
		mime_decode_body_text(part, 0, &text);
	fputs("<meta charset=utf-8>", stdout);
	fwrite(buf_str(&text), 1, text.len, stdout);
	buf_free(&text);
	mime_free(&message);
}

int main(int argc, char **argv)
{
	bool wants_header = argc > 1 && !strcmp(argv[1], "-H");
	bool wants_page = argc > 1 && !strcmp(argv[1], "-p");
	struct message_wish wish = {.wants_html = true, .no_header = !wants_header};
	struct buf bytes = BUF_INIT;
	struct err err = ERR_INIT;
	struct doc *doc;

	if (argc != 3 + (wants_header || wants_page))
		return 2;
	wish.width = atoi(argv[argc - 2]);
	if (file_read(argv[argc - 1], &bytes, 0, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (wants_page) {
		print_page(&bytes);
		buf_free(&bytes);
		return 0;
	}
	doc = doc_new();
	render(doc, argv[argc - 1], &bytes, wish);
	if (doc->shown_count)
		print_rows(doc, wish.width);
	doc_free(&doc);
	buf_free(&bytes);
	return 0;
}
