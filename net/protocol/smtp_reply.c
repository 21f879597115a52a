#include "config.h"
#include "net/protocol/smtp_reply.h"

#include <string.h>

#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/utf8.h"

void smtp_reply_clear(struct smtp_reply *reply)
{
	reply->code = reply->lines = 0;
	reply->status[0] = '\0';
	reply->is_whole = false;
	buf_clear(&reply->text);
}

void smtp_reply_free(struct smtp_reply *reply)
{
	buf_free(&reply->text);
	smtp_reply_clear(reply);
}

/* The length of "4.7.1" at the beginning of TEXT that fits CODE, or 0 (RFC 3463 section 2). */
static size_t status_length(struct span text, int code)
{
	size_t at = 0;
	int part, digits;

	if (text.len < 5 || text.data[0] != '0' + code / 100)
		return 0;
	for (part = 0; part < 3; part++) {
		for (digits = 0; at < text.len && char_is_digit(text.data[at]); digits++)
			at++;
		if (digits < 1 || digits > (part ? 3 : 1))
			return 0;
		if (part < 2 && (at == text.len || text.data[at++] != '.'))
			return 0;
	}
	return at == text.len || text.data[at] == ' ' ? at : 0;
}

static void take_status(struct smtp_reply *reply, struct span *text)
{
	size_t len = status_length(*text, reply->code);

	if (!len)
		return;
	if (!*reply->status) {
		memcpy(reply->status, text->data, len);
		reply->status[len] = '\0';
	}
	text->data += len;
	text->len -= len;
	*text = span_trim(*text);
}

static void keep_text(struct smtp_reply *reply, struct span text)
{
	take_status(reply, &text);
	if (reply->text.len + text.len > SMTP_REPLY_TEXT_MAX)
		return;
	if (reply->lines > 1)
		buf_add_char(&reply->text, '\n');
	utf8_add_printable(&reply->text, text.data, text.len);
}

/* The code of "250", "250 text", "250-text", or 0. */
static int code_of(struct span line)
{
	const char *c = line.data;

	if (line.len < 3 || c[0] < '2' || c[0] > '5' || !char_is_digit(c[1]) || !char_is_digit(c[2]))
		return 0;
	if (line.len > 3 && c[3] != ' ' && c[3] != '-')
		return 0;
	return (c[0] - '0') * 100 + (c[1] - '0') * 10 + c[2] - '0';
}

int smtp_reply_add(struct smtp_reply *reply, struct span line, struct err *err)
{
	int code = code_of(line);

	if (reply->is_whole)
		smtp_reply_clear(reply);
	if (!code || (reply->code && code != reply->code) || line.len > SMTP_REPLY_LINE_MAX ||
	    memchr(line.data, '\0', line.len) || memchr(line.data, '\r', line.len))
		return err_set_kind(err, ERR_CORRUPT, _("The server's answer is not one of SMTP's."));
	if (++reply->lines > SMTP_REPLY_LINES_MAX)
		return err_set_kind(err, ERR_CORRUPT, _("The server's answer does not end."));
	reply->code = code;
	keep_text(reply, span_trim((struct span){line.data + 3 + (line.len > 3), line.len - 3 - (line.len > 3)}));
	reply->is_whole = line.len == 3 || line.data[3] == ' ';
	return reply->is_whole;
}

bool smtp_reply_is_good(const struct smtp_reply *reply)
{
	return reply->is_whole && reply->code / 100 == 2;
}

bool smtp_reply_is_later(const struct smtp_reply *reply)
{
	return reply->is_whole && reply->code / 100 == 4;
}

void smtp_reply_words(const struct smtp_reply *reply, struct buf *out)
{
	const char *text = buf_str(&reply->text);

	buf_printf(out, "%d", reply->code);
	if (*reply->status)
		buf_printf(out, " %s", reply->status);
	if (*text)
		buf_add_char(out, ' ');
	for (; *text; text++)
		buf_add_char(out, *text == '\n' ? ' ' : *text);
}

const char *smtp_reply_status(const struct smtp_reply *reply)
{
	if (*reply->status)
		return reply->status;
	return reply->code / 100 == 2 ? "2.0.0" : reply->code / 100 == 4 ? "4.0.0" : "5.0.0";
}
