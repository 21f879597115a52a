#include "config.h"
#include "net/transfer/bounce.h"

#include <stdbool.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/digest.h"
#include "store/base/utf8.h"
#include "store/mail/letter.h"
#include "store/mail/outbox.h"
#include "store/mime/ids.h"
#include "store/mime/mime_write.h"

#define WHOLE_MAX 1048576 /* longer letters come back as their header only */

static void add_date(struct buf *out, const char *name, int64_t time)
{
	buf_printf(out, "%s: ", name);
	date_add_rfc5322(out, time);
	buf_add_char(out, '\n');
}

/* Text from elsewhere inside a field: one line of printable ASCII. */
static void add_tame(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_add_char(out, *text < ' ' || *text > '~' ? (*text == '\n' ? ' ' : '?') : *text);
}

static bool is_8bit(struct span text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] >= 0x80)
			return true;
	return false;
}

static void add_lf_only(struct buf *out, struct span text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.data[i] != '\r' || i + 1 == text.len || text.data[i + 1] != '\n')
			buf_add_char(out, text.data[i]);
	if (text.len && text.data[text.len - 1] != '\n')
		buf_add_char(out, '\n');
}

static void add_head(const struct bounce *bounce, const char *boundary, struct buf *out)
{
	buf_add_str(out, "Return-Path: <>\n");
	add_date(out, "Date", bounce->now);
	buf_printf(out, "From: Mail Delivery <MAILER-DAEMON@%s>\nTo: <%s>\n", bounce->host,
		   bounce->to);
	buf_add_str(out, "Subject: Your letter could not be delivered");
	if (bounce->failed_count == 1) {
		buf_add_str(out, " to ");
		add_tame(out, bounce->failed[0]->addr);
	}
	buf_add_str(out, "\nMessage-ID: <");
	ids_make(out, bounce->host);
	buf_add_str(out, ">\n");
	if (*bounce->entry->message_id) {
		buf_add_str(out, "In-Reply-To: <");
		add_tame(out, bounce->entry->message_id);
		buf_add_str(out, ">\nReferences: <");
		add_tame(out, bounce->entry->message_id);
		buf_add_str(out, ">\n");
	}
	buf_printf(
	    out,
	    "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
	    "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"%s\"\n\n",
	    boundary);
}

static const char *words_of(const struct outbox_recipient *recipient)
{
	return *recipient->reply ? recipient->reply : "It was not accepted.";
}

/* Words from elsewhere between ours: one line, in UTF-8. */
static void add_line(struct buf *out, const char *indent, const char *text)
{
	buf_add_str(out, indent);
	utf8_add_printable(out, text, strlen(text));
	buf_add_char(out, '\n');
}

static void add_words(const struct bounce *bounce, struct buf *out)
{
	size_t i;

	buf_printf(out, "This is the mail program on %s.\n\nYour letter", bounce->host);
	if (*bounce->entry->subject) {
		buf_add_str(out, " \"");
		utf8_add_printable(out, bounce->entry->subject, strlen(bounce->entry->subject));
		buf_add_char(out, '"');
	}
	buf_add_str(out, bounce->failed_count == 1
			     ? " could not be delivered to\n"
			     : " could not be delivered to these addresses:\n");
	for (i = 0; i < bounce->failed_count; i++) {
		add_line(out, "\n    ", bounce->failed[i]->addr);
		add_line(out, "        ", words_of(bounce->failed[i]));
	}
	buf_add_str(out, "\nIt will not be tried again. Your letter is attached.\n");
}

static void add_text_part(const struct bounce *bounce, struct buf *out)
{
	struct buf words = BUF_INIT;
	enum mime_encoding encoding;

	add_words(bounce, &words);
	encoding = mime_write_choose(words.data, words.len, true);
	buf_printf(out,
		   "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: %s\n\n",
		   mime_write_encoding_name(encoding));
	mime_write_body(out, encoding, words.data, words.len);
	buf_free(&words);
}

/* "550 5.1.1 ...": a server's, not ours. */
static bool is_reply(const struct outbox_recipient *recipient)
{
	return strspn(recipient->reply, "0123456789") == 3 && strchr(" ", recipient->reply[3]);
}

static void add_status_part(const struct bounce *bounce, struct buf *out)
{
	size_t i;

	buf_printf(out, "Content-Type: message/delivery-status\n\nReporting-MTA: dns; %s\n",
		   bounce->host);
	if (bounce->entry->dsn_envid) {
		buf_add_str(out, "Original-Envelope-Id: ");
		add_tame(out, bounce->entry->dsn_envid);
		buf_add_char(out, '\n');
	}
	add_date(out, "Arrival-Date", bounce->entry->added);
	for (i = 0; i < bounce->failed_count; i++) {
		const struct outbox_recipient *failed = bounce->failed[i];

		buf_add_str(out, "\nFinal-Recipient: rfc822; ");
		add_tame(out, failed->addr);
		buf_printf(out, "\nAction: failed\nStatus: %s\nDiagnostic-Code: %s; ",
			   *failed->status ? failed->status : "5.0.0", is_reply(failed) ? "smtp" : "x-tern");
		add_tame(out, words_of(failed));
		buf_add_char(out, '\n');
		if (failed->last_try)
			add_date(out, "Last-Attempt-Date", failed->last_try);
	}
}

static void add_letter_part(const struct bounce *bounce, struct buf *out)
{
	bool wants_head = bounce->entry->dsn_ret && strcmp(bounce->entry->dsn_ret, "hdrs") == 0;
	bool is_whole = !wants_head && bounce->letter.len <= WHOLE_MAX;
	struct span what = is_whole ? bounce->letter : letter_header(bounce->letter);

	buf_printf(out, "Content-Type: %s\n", is_whole ? "message/rfc822" : "text/rfc822-headers");
	if (is_8bit(what))
		buf_add_str(out, "Content-Transfer-Encoding: 8bit\n");
	buf_add_char(out, '\n');
	add_lf_only(out, what);
}

void bounce_write(const struct bounce *bounce, struct buf *out)
{
	static void (*const parts[])(const struct bounce *, struct buf *) = {
	    add_text_part, add_status_part, add_letter_part};
	char boundary[40];
	size_t i;

	mime_write_boundary(boundary);
	add_head(bounce, boundary, out);
	for (i = 0; i < ARRAY_COUNT(parts); i++) {
		buf_printf(out, "%s--%s\n", i ? "\n" : "", boundary);
		parts[i](bounce, out);
	}
	buf_printf(out, "\n--%s--\n", boundary);
}

void bounce_unique(const struct bounce *bounce, char unique[65])
{
	struct buf text = BUF_INIT;
	size_t i;

	buf_printf(&text, "bounce %lld %lld %s", (long long)bounce->entry->id,
		   (long long)bounce->entry->added, bounce->entry->message_id);
	for (i = 0; i < bounce->failed_count; i++)
		buf_printf(&text, " %s", bounce->failed[i]->addr);
	digest_sha256_hex(text.data, text.len, unique);
	buf_free(&text);
}
