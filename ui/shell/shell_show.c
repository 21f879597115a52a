#include "config.h"
#include "ui/shell/shell.h"

#include <getopt.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/utf8.h"
#include "store/mime/address.h"
#include "store/mime/mime.h"
#include "store/mime/sender.h"
#include "ui/shell/show_json.h"

/* --- for people --------------------------------------------------------------------------------
 */

/* Line by line through the gate: no byte of a message is a control for the terminal. */
static void add_lines(struct buf *out, const char *text, size_t len)
{
	struct span rest = {text, len}, line;

	while (rest.len && span_split(&rest, '\n', &line)) {
		utf8_add_printable(out, line.data, line.len);
		buf_add_char(out, '\n');
	}
}

static void add_field(struct buf *out, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	buf_printf(out, "%s: ", name);
	utf8_add_revealed(out, text, strlen(text));
	buf_add_char(out, '\n');
}

static void add_address_field(struct buf *out, const struct mime_message *message, const char *name)
{
	struct address_list list;
	struct buf line = BUF_INIT;
	size_t i;

	address_field(&message->root.header, name, message->arena, &list);
	for (i = 0; i < list.count; i++) {
		if (i)
			buf_add_str(&line, ", ");
		sender_add(&line, &list.items[i]);
	}
	add_field(out, name, buf_str(&line));
	buf_free(&line);
}

static void add_attachments(struct buf *out, const struct mime_message *message)
{
	const struct mime_part *part;

	for (part = &message->root; part; part = mime_next(part)) {
		struct buf line = BUF_INIT;

		if (!mime_is_attachment(message, part))
			continue;
		buf_printf(&line, "[%s %s", part->path, part->type);
		if (part->filename)
			buf_printf(&line, " \"%s\"", part->filename);
		buf_add_char(&line, ']');
		add_lines(out, line.data, line.len);
		buf_free(&line);
	}
}

static void add_readable(struct buf *out, const struct mime_message *message)
{
	struct buf body = BUF_INIT;
	const struct mime_header *header = &message->root.header;
	const struct mime_part *text = mime_text_part(message);

	add_address_field(out, message, "From");
	add_address_field(out, message, "To");
	add_address_field(out, message, "Cc");
	add_field(out, "Date", mime_field_text(header, "Date", message->arena));
	add_field(out, "Subject", mime_field_text(header, "Subject", message->arena));
	buf_add_char(out, '\n');
	if (text)
		mime_decode_body_text(text, 0, &body);
	add_lines(out, buf_str(&body), body.len);
	buf_free(&body);
	add_attachments(out, message);
}

/* --- the command -------------------------------------------------------------------------------
 */

struct show {
	bool as_json;
	struct show_json json;
	struct buf out;
	int rc;
};

static void show_message(struct show *show, const char *file, const struct file_view *view)
{
	struct mime_message *message = mime_parse(view->data, view->len, NULL);

	if (show->as_json)
		show_json_message(&show->json, file, message);
	else
		add_readable(&show->out, message);
	mime_free(&message);
}

static void show_failure(struct show *show, const char *file, const struct err *err)
{
	show->rc = 1;
	if (show->as_json)
		show_json_error(&show->json, file, err);
	else
		shell_fail("show", err);
}

static void show_file(struct show *show, const char *file, bool is_first)
{
	struct file_view view;
	struct err err = ERR_INIT;
	int rc;

	if (!show->as_json && !is_first)
		buf_add_char(&show->out, '\n');
	rc = strcmp(file, "-") == 0 ? file_view_open_fd(&view, STDIN_FILENO, &err)
				    : file_view_open(&view, file, &err);
	if (rc < 0) {
		show_failure(show, file, &err);
		return;
	}
	show_message(show, file, &view);
	file_view_close(&view);
}

static void show_all(struct show *show, char **files)
{
	char **file;

	for (file = files; *file && !show->json.rc; file++) {
		show_file(show, *file, file == files);
		if (shell_print(&show->out) != 0)
			show->json.rc = 1;
	}
	show_json_end(&show->json);
	buf_free(&show->out);
}

int shell_show(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{NULL, 0, NULL, 0}};
	struct show show = {.as_json = false};
	int c;

	while ((c = getopt_long(argc, argv, "j", options, NULL)) != -1) {
		if (c != 'j')
			return 2;
		show.as_json = true;
	}
	if (optind == argc)
		return shell_usage(argv[0], _("Name one file or more (\"-\" for standard input)."));
	show_json_init(&show.json);
	show_all(&show, argv + optind);
	return show.rc | show.json.rc;
}
