#include "config.h"
#include "ui/shell/show_json.h"

#include "store/base/charset.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/jv_stream.h"
#include "store/mime/address.h"
#include "store/mime/content.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"
#include "ui/shell/shell.h"
#include "ui/shell/show_text.h"

#define OUTPUT_PIECE 65536 /* written to stdout when this much is ready */

void show_json_init(struct show_json *show)
{
	*show = (struct show_json){.reader = charset_reader_new()};
}

static void print_full(struct show_json *show)
{
	if (show->out.len >= OUTPUT_PIECE && shell_print(&show->out) != 0)
		show->rc = 1;
}

static void add_addresses(struct jv_stream *json, const char *key,
			  const struct mime_message *message, const char *name)
{
	struct address_list list;
	size_t i;

	address_field(&message->root.header, name, message->arena, &list);
	jv_stream_key(json, key);
	jv_stream_array(json);
	for (i = 0; i < list.count; i++) {
		jv_stream_object(json);
		jv_stream_set(json, "name", list.items[i].name);
		jv_stream_set(json, "addr", list.items[i].addr);
		jv_stream_end_object(json);
	}
	jv_stream_end_array(json);
}

static void add_ids(struct jv_stream *json, const char *key, const struct mime_message *message,
		    const char *name)
{
	char **list = ids_list(&message->root.header, name, message->arena, NULL);

	jv_stream_key(json, key);
	jv_stream_array(json);
	for (; *list; list++)
		jv_stream_text(json, *list);
	jv_stream_end_array(json);
}

static void add_date(struct jv_stream *json, const struct mime_message *message)
{
	const struct mime_field *field = mime_field(&message->root.header, "Date");
	struct date date;

	jv_stream_key(json, "date");
	if (!field || !date_parse(field->value.data, field->value.len, &date))
		jv_stream_text(json, NULL);
	else
		jv_stream_number(json, date.time);
}

static void add_content(struct jv_stream *json, const struct mime_part *part)
{
	struct content content;

	content_read(part, &content);
	jv_stream_key(json, "size");
	jv_stream_number(json, (int64_t)content.size);
	jv_stream_set(json, "sha256", content.sha256);
}

static void add_part(struct jv_stream *json, const struct mime_part *part)
{
	jv_stream_object(json);
	jv_stream_set(json, "path", part->path);
	jv_stream_set(json, "type", part->type);
	jv_stream_set(json, "charset", part->charset);
	jv_stream_set(json, "encoding", part->encoding);
	jv_stream_set(json, "disposition", part->disposition);
	jv_stream_set(json, "filename", part->filename);
	if (mime_is_container(part)) {
		jv_stream_set(json, "size", NULL);
		jv_stream_set(json, "sha256", NULL);
	} else {
		add_content(json, part);
	}
	jv_stream_end_object(json);
}

static void add_parts(struct show_json *show, struct jv_stream *json,
		      const struct mime_message *message)
{
	const struct mime_part *part;

	jv_stream_key(json, "parts");
	jv_stream_array(json);
	for (part = &message->root; part; part = mime_next(part)) {
		add_part(json, part);
		print_full(show);
	}
	jv_stream_end_array(json);
}

/* To the letter of its label: another program compares it. */
static const char *charset_of(const struct mime_part *part)
{
	const char *name = charset_as_labelled(part->charset);

	return name ? name : show_text_guess(part);
}

struct text {
	struct show_json *show;
	struct jv_stream *json;
};

static void print_text(struct text *text)
{
	struct buf *ready = &text->show->text;

	jv_stream_text_more(text->json, buf_str(ready), ready->len);
	buf_clear(ready);
	print_full(text->show);
}

static int text_more(void *arg, const char *bytes, size_t len)
{
	struct text *text = arg;

	while (len) {
		size_t n = len < OUTPUT_PIECE ? len : OUTPUT_PIECE;

		charset_reader_add(text->show->reader, bytes, n, &text->show->text);
		print_text(text);
		bytes += n;
		len -= n;
	}
	return text->show->rc ? -1 : 0;
}

static void decode_text(struct text *text, const struct mime_part *part)
{
	charset_reader_begin(text->show->reader, charset_of(part));
	mime_decode_body_to(part, text_more, text);
	charset_reader_end(text->show->reader, &text->show->text);
	print_text(text);
}

static void add_text(struct show_json *show, struct jv_stream *json,
		     const struct mime_message *message)
{
	const struct mime_part *part = mime_text_part(message);

	jv_stream_key(json, "text");
	jv_stream_text_begin(json);
	if (part)
		decode_text(&(struct text){show, json}, part);
	jv_stream_text_end(json);
	jv_stream_set(json, "text_path", part ? part->path : NULL);
}

static void end_line(struct show_json *show, struct jv_stream *json)
{
	jv_stream_end_object(json);
	buf_add_char(&show->out, '\n');
	print_full(show);
}

void show_json_message(struct show_json *show, const char *file, const struct mime_message *message)
{
	const struct mime_header *header = &message->root.header;
	struct jv_stream json = JV_STREAM_INIT(&show->out);

	jv_stream_object(&json);
	jv_stream_set(&json, "file", file);
	jv_stream_set(&json, "subject", mime_field_text(header, "Subject", message->arena));
	add_addresses(&json, "from", message, "From");
	add_addresses(&json, "to", message, "To");
	add_addresses(&json, "cc", message, "Cc");
	add_date(&json, message);
	jv_stream_set(&json, "message_id", ids_message_id(header, message->arena));
	add_ids(&json, "in_reply_to", message, "In-Reply-To");
	add_ids(&json, "references", message, "References");
	add_parts(show, &json, message);
	add_text(show, &json, message);
	end_line(show, &json);
}

void show_json_error(struct show_json *show, const char *file, const struct err *err)
{
	struct jv_stream json = JV_STREAM_INIT(&show->out);

	jv_stream_object(&json);
	jv_stream_set(&json, "file", file);
	jv_stream_set(&json, "error", err->text);
	end_line(show, &json);
}

void show_json_flush(struct show_json *show)
{
	if (shell_print(&show->out) != 0)
		show->rc = 1;
}

void show_json_free(struct show_json *show)
{
	buf_free(&show->out);
	buf_free(&show->text);
	charset_reader_free(&show->reader);
}
