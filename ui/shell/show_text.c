#include "config.h"
#include "ui/shell/show_text.h"

#include <stdbool.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/charset.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/address.h"
#include "store/mime/mime.h"
#include "store/mime/sender.h"
#include "ui/shell/shell.h"
#include "ui/shell/show_rows.h"

#define OUTPUT_PIECE 65536 /* written to stdout when this much is ready */
#define LONG_TEXT    ((size_t)1 << 20)

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

/* --- the text ----------------------------------------------------------------------------------
 */

/* A long text on its way: decoded, in UTF-8, printable, piece by piece. */
struct text {
	struct charset_reader *reader;
	struct buf ready; /* UTF-8, without an end of line yet */
	struct buf *out;
	int rc;
};

static void print_full(struct text *text, size_t limit)
{
	if (text->out->len >= limit && shell_print(text->out) != 0)
		text->rc = 1;
}

static struct span without_return(struct span line)
{
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* Whole lines go, and what is too long to wait for its end; a CR waits for the LF behind it. */
static void add_ready(struct text *text)
{
	struct span all = {buf_str(&text->ready), text->ready.len}, line;
	size_t at = 0, end;

	for (; (end = span_find(all, at, '\n')) < all.len; at = end + 1) {
		line = without_return((struct span){all.data + at, end - at});
		utf8_add_printable(text->out, line.data, line.len);
		buf_add_char(text->out, '\n');
	}
	if (all.len - at > OUTPUT_PIECE) {
		line = without_return((struct span){all.data + at, all.len - at});
		utf8_add_printable(text->out, line.data, line.len);
		at += line.len;
	}
	buf_remove(&text->ready, 0, at);
	print_full(text, OUTPUT_PIECE);
}

static int text_more(void *arg, const char *bytes, size_t len)
{
	struct text *text = arg;

	while (len && !text->rc) {
		size_t n = len < OUTPUT_PIECE ? len : OUTPUT_PIECE;

		charset_reader_add(text->reader, bytes, n, &text->ready);
		add_ready(text);
		bytes += n;
		len -= n;
	}
	return text->rc ? -1 : 0;
}

static int guess_more(void *arg, const char *bytes, size_t len)
{
	charset_guesser_add(arg, bytes, len);
	return 0;
}

const char *show_text_guess(const struct mime_part *part)
{
	struct charset_guesser guesser = {.has_high = false};

	mime_decode_body_to(part, guess_more, &guesser);
	return charset_guesser_end(&guesser);
}

/* As readers mean it: Latin-1 has the quotes of windows-1252, and is a habitual label of UTF-8. */
static const char *charset_of(const struct mime_part *part)
{
	const char *name = charset_as_labelled(part->charset), *guess;

	if (name && strcmp(name, "ISO-8859-1") != 0 && strcmp(name, "CP1252") != 0)
		return name;
	guess = show_text_guess(part);
	return name && strcmp(guess, "utf-8") != 0 ? "CP1252" : guess;
}

static int add_long(struct buf *out, const struct mime_part *part)
{
	struct text text = {.reader = charset_reader_new(), .out = out};

	charset_reader_begin(text.reader, charset_of(part));
	mime_decode_body_to(part, text_more, &text);
	charset_reader_end(text.reader, &text.ready);
	if (text.ready.len)
		buf_add_char(&text.ready, '\n');
	add_ready(&text);
	charset_reader_free(&text.reader);
	buf_free(&text.ready);
	return text.rc;
}

static int add_text(struct buf *out, const struct mime_part *part)
{
	struct buf body = BUF_INIT;

	if (part->body.len > LONG_TEXT)
		return add_long(out, part);
	mime_decode_body_text(part, 0, &body);
	add_lines(out, buf_str(&body), body.len);
	buf_free(&body);
	return 0;
}

int show_text_message(struct mime_message *message)
{
	const struct mime_header *header = &message->root.header;
	const struct mime_part *text = mime_text_part(message);
	struct buf out = BUF_INIT;
	int rc = 0;

	add_address_field(&out, message, "From");
	add_address_field(&out, message, "To");
	add_address_field(&out, message, "Cc");
	add_field(&out, "Date", mime_field_text(header, "Date", message->arena));
	add_field(&out, "Subject", mime_field_text(header, "Subject", message->arena));
	buf_add_char(&out, '\n');
	if (show_rows_has_more(message, text))
		rc = show_rows_add(&out, message);
	else if (text)
		rc = add_text(&out, text);
	add_attachments(&out, message);
	rc |= shell_print(&out);
	buf_free(&out);
	return rc;
}
