#include "config.h"
#include "store/box/mbox_write.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/box/box.h"
#include "store/box/mbox_scan.h"

/* The words of a From line are divided by spaces; an address with one cannot stand in it. */
static const char *plain_sender(const char *sender)
{
	if (!sender || !*sender)
		return "MAILER-DAEMON";
	for (const char *at = sender; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 127)
			return "MAILER-DAEMON";
	return sender;
}

static void add_from_line(struct buf *out, const char *sender, int64_t received)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t time = (time_t)received;
	struct tm tm = {0};

	gmtime_r(&time, &tm);
	buf_printf(out, "From %.250s %.3s %.3s %2d %02d:%02d:%02d %04d\n", plain_sender(sender),
		   days + tm.tm_wday * 3, months + tm.tm_mon * 3, tm.tm_mday, tm.tm_hour, tm.tm_min,
		   tm.tm_sec, tm.tm_year + 1900);
}

static void add_status(struct buf *out, unsigned flags, const char *line_end)
{
	static const struct {
		unsigned flag;
		char letter;
	} letters[] = {{BOX_ANSWERED, 'A'},
		       {BOX_FLAGGED, 'F'},
		       {BOX_DELETED, 'D'},
		       {BOX_DRAFT, 'T'},
		       {BOX_FORWARDED, 'P'}};
	char text[8];
	size_t len = 0;

	buf_printf(out, "Status: %sO%s", flags & BOX_SEEN ? "R" : "", line_end);
	for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
		if (flags & letters[i].flag)
			text[len++] = letters[i].letter;
	if (len)
		buf_printf(out, "X-Status: %.*s%s", (int)len, text, line_end);
}

/* Is this ">>From " (any number of marks, also none)? */
static bool is_quoted_from(const char *line, size_t len)
{
	size_t marks = 0;

	while (marks < len && line[marks] == '>')
		marks++;
	return len - marks >= 5 && !memcmp(line + marks, "From ", 5);
}

static size_t line_length(const char *data, size_t len)
{
	const char *end = memchr(data, '\n', len);

	return end ? (size_t)(end - data) + 1 : len;
}

static void add_quoted(struct buf *out, const char *body, size_t len)
{
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		n = line_length(body + at, len - at);
		if (is_quoted_from(body + at, n))
			buf_add_char(out, '>');
		buf_add(out, body + at, n);
	}
}

void mbox_write_unquoted(struct buf *out, const char *body, size_t len)
{
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		size_t mark;

		n = line_length(body + at, len - at);
		mark = body[at] == '>' && is_quoted_from(body + at, n);
		buf_add(out, body + at + mark, n - mark);
	}
}

/* Header fields but those that DROP names. */
static void add_fields(struct buf *out, const char *header, size_t body_at,
		       bool (*drop)(const char *field, size_t len))
{
	size_t at = 0, from;

	while (mbox_field(header, body_at, &at, &from))
		if (!drop(header + from, at - from))
			buf_add(out, header + from, at - from);
	if (out->len && out->data[out->len - 1] != '\n')
		buf_add_char(out, '\n');
}

static const char *line_end_of(const char *header, size_t len)
{
	const char *end = memchr(header, '\n', len);

	return end && end > header && end[-1] == '\r' ? "\r\n" : "\n";
}

/* A "From " line that a careless program left on top would be a second one here. */
static size_t without_from_line(const struct mbox_record *record)
{
	if (record->len < 5 || memcmp(record->data, "From ", 5))
		return 0;
	return line_length(record->data, record->len);
}

void mbox_write_record(struct buf *out, const struct mbox_record *record)
{
	size_t skip = without_from_line(record), len = record->len - skip;
	const char *data = record->data + skip;
	size_t body_at = mbox_body_at(data, len);
	const char *line_end = line_end_of(data, len);

	buf_reserve(out, len + 512);
	add_from_line(out, record->sender, record->received);
	add_fields(out, data, body_at, mbox_field_is_believed);
	if (record->flags)
		add_status(out, record->flags, line_end);
	buf_add_str(out, line_end);
	add_quoted(out, data + body_at, len - body_at);
	if (out->data[out->len - 1] != '\n')
		buf_add_str(out, line_end);
	buf_add_str(out, line_end);
}

void mbox_write_flags(struct buf *out, const char *data, const struct mbox_message *message,
		      unsigned flags)
{
	const char *header = data + message->at, *body = data + message->body_at;
	size_t body_at = message->body_at - message->at;
	const char *line_end = line_end_of(header, message->next - message->at);

	buf_add(out, data + message->from_at, message->at - message->from_at);
	add_fields(out, header, body_at, mbox_field_is_status);
	add_status(out, flags, line_end);
	buf_add_str(out, line_end);
	buf_add(out, body, message->next - message->body_at);
	if (message->next == message->body_at)
		buf_add_str(out, line_end);
}
