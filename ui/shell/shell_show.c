#include "config.h"
#include "ui/shell/shell.h"

#include <getopt.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/charset.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/utf8.h"
#include "store/mime/address.h"
#include "store/mime/content.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"
#include "store/mime/sender.h"

#define OUTPUT_PIECE 65536 /* written to stdout when this much is ready */

/* --- as data: SHOW-SCHEMA.md -------------------------------------------------------------------
 */

static struct jv *addresses(const struct mime_message *message, const char *name)
{
	struct address_list list;
	struct jv *array = jv_array();
	size_t i;

	address_field(&message->root.header, name, message->arena, &list);
	for (i = 0; i < list.count; i++) {
		struct jv *one = jv_object();

		jv_set(one, "name", jv_text(list.items[i].name));
		jv_set(one, "addr", jv_text(list.items[i].addr));
		jv_append(array, one);
	}
	return array;
}

static struct jv *ids(const struct mime_message *message, const char *name)
{
	char **list = ids_list(&message->root.header, name, message->arena, NULL);
	struct jv *array = jv_array();

	for (; *list; list++)
		jv_append(array, jv_text(*list));
	return array;
}

static struct jv *date_of(const struct mime_message *message)
{
	const struct mime_field *field = mime_field(&message->root.header, "Date");
	struct date date;

	if (!field || !date_parse(field->value.data, field->value.len, &date))
		return jv_null();
	return jv_number(date.time);
}

static void set_content(struct jv *object, const struct mime_part *part)
{
	struct content content;

	content_read(part, &content);
	jv_set(object, "size", jv_number((int64_t)content.size));
	jv_set(object, "sha256", jv_text(content.sha256));
}

static struct jv *part_value(const struct mime_part *part)
{
	struct jv *object = jv_object();

	jv_set(object, "path", jv_text(part->path));
	jv_set(object, "type", jv_text(part->type));
	jv_set(object, "charset", jv_text(part->charset));
	jv_set(object, "encoding", jv_text(part->encoding));
	jv_set(object, "disposition", jv_text(part->disposition));
	jv_set(object, "filename", jv_text(part->filename));
	if (!mime_is_container(part)) {
		set_content(object, part);
		return object;
	}
	jv_set(object, "size", jv_null());
	jv_set(object, "sha256", jv_null());
	return object;
}

static struct jv *parts(const struct mime_message *message)
{
	struct jv *array = jv_array();
	const struct mime_part *part;

	for (part = &message->root; part; part = mime_next(part))
		jv_append(array, part_value(part));
	return array;
}

/* To the letter of its label: another program compares it. */
static void add_text(struct buf *out, const struct mime_part *part)
{
	struct buf bytes = BUF_INIT;

	mime_decode_body(part, 0, &bytes);
	charset_to_utf8_as_labelled(part->charset, buf_str(&bytes), bytes.len, out);
	buf_free(&bytes);
}

static void set_text(struct jv *object, const struct mime_message *message)
{
	const struct mime_part *part = mime_text_part(message);
	struct buf text = BUF_INIT;

	if (part)
		add_text(&text, part);
	jv_set(object, "text", jv_text_n(buf_str(&text), text.len));
	jv_set(object, "text_path", jv_text(part ? part->path : NULL));
	buf_free(&text);
}

static struct jv *message_value(const char *file, const struct mime_message *message)
{
	const struct mime_header *header = &message->root.header;
	struct jv *object = jv_object();

	jv_set(object, "file", jv_text(file));
	jv_set(object, "subject", jv_text(mime_field_text(header, "Subject", message->arena)));
	jv_set(object, "from", addresses(message, "From"));
	jv_set(object, "to", addresses(message, "To"));
	jv_set(object, "cc", addresses(message, "Cc"));
	jv_set(object, "date", date_of(message));
	jv_set(object, "message_id", jv_text(ids_message_id(header, message->arena)));
	jv_set(object, "in_reply_to", ids(message, "In-Reply-To"));
	jv_set(object, "references", ids(message, "References"));
	jv_set(object, "parts", parts(message));
	set_text(object, message);
	return object;
}

static void print_value(struct jv *value, struct buf *out)
{
	jv_print(value, out);
	buf_add_char(out, '\n');
	jv_free(value);
}

static void print_error_value(const char *file, const struct err *err, struct buf *out)
{
	struct jv *object = jv_object();

	jv_set(object, "file", jv_text(file));
	jv_set(object, "error", jv_text(err->text));
	print_value(object, out);
}

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
	struct buf out;
	int rc;
};

static void show_message(struct show *show, const char *file, const struct file_view *view)
{
	struct mime_message *message = mime_parse(view->data, view->len, NULL);

	if (show->as_json)
		print_value(message_value(file, message), &show->out);
	else
		add_readable(&show->out, message);
	mime_free(&message);
}

static void show_failure(struct show *show, const char *file, const struct err *err)
{
	show->rc = 1;
	if (show->as_json)
		print_error_value(file, err, &show->out);
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

static int show_all(struct show *show, char **files)
{
	char **file;

	for (file = files; *file; file++) {
		show_file(show, *file, file == files);
		if (show->out.len >= OUTPUT_PIECE && shell_print(&show->out) != 0)
			return 1;
	}
	return shell_print(&show->out) != 0 ? 1 : show->rc;
}

int shell_show(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{NULL, 0, NULL, 0}};
	struct show show = {.as_json = false};
	int c, rc;

	while ((c = getopt_long(argc, argv, "j", options, NULL)) != -1) {
		if (c != 'j')
			return 2;
		show.as_json = true;
	}
	if (optind == argc)
		return shell_usage(argv[0], _("Name one file or more (\"-\" for standard input)."));
	rc = show_all(&show, argv + optind);
	buf_free(&show.out);
	return rc;
}
