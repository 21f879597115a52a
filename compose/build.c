#include "config.h"
#include "compose/build.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compose/attach.h"
#include "compose/compose.h"
#include "compose/compose_option.h"
#include "compose/draft.h"
#include "compose/identity.h"
#include "compose/recipient.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/charset.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/address.h"
#include "store/mime/card_line.h"
#include "store/mime/flowed.h"
#include "store/mime/mime_write.h"

#define LINE_MAX_8BIT 998

struct building {
	const struct compose *compose;
	const struct draft *draft;
	enum build_mode mode;
	struct arena *arena;
	const char *domain; /* of the sender */
	struct buf *out;
};

/* --- header
 * ------------------------------------------------------------------------------------------ */

static int add_addresses(struct building *b, const char *name, const char *text, struct err *err)
{
	struct address_list list;
	struct err wrong = ERR_INIT;

	if (!text[strspn(text, " ")])
		return 0;
	if (recipient_parse(b->compose, text, b->arena, &list, &wrong) < 0) {
		if (b->mode == BUILD_POSTPONED) {
			mime_write_text_field(b->out, name, text);
			return 0;
		}
		return err_set(err, "%s: %s", name, wrong.text);
	}
	if (b->mode != BUILD_POSTPONED)
		recipient_qualify(&list, b->domain, b->arena);
	mime_write_address_field(b->out, name, &list);
	return 0;
}

static int find_domain(struct building *b, struct err *err)
{
	struct address_list from;

	b->domain = "localhost";
	if (recipient_parse(b->compose, b->draft->from, b->arena, &from,
			    b->mode == BUILD_POSTPONED ? NULL : err) < 0)
		return b->mode == BUILD_POSTPONED ? 0 : -1;
	if (!from.count)
		return b->mode == BUILD_POSTPONED
			   ? 0
			   : err_set(err, _("The letter has no sender address."));
	if (address_domain(from.items[0].addr) && address_is_safe(from.items[0].addr))
		b->domain = address_domain(from.items[0].addr);
	return 0;
}

static int add_people(struct building *b, struct err *err)
{
	const struct draft *draft = b->draft;

	if (add_addresses(b, "From", draft->from, err) < 0 ||
	    add_addresses(b, "To", draft->to, err) < 0 ||
	    add_addresses(b, "Cc", draft->cc, err) < 0)
		return -1;
	if (b->mode != BUILD_LETTER && add_addresses(b, "Bcc", draft->bcc, err) < 0)
		return -1;
	return add_addresses(b, "Reply-To", draft->reply_to, err);
}

static void add_ids(struct building *b, const char *name, const char *text)
{
	struct span rest = span_of(text), id;
	char *ids[1024];
	size_t count = 0;

	while (count < 1024 && span_split(&rest, ' ', &id))
		if (id.len)
			ids[count++] = arena_strndup(b->arena, id.data, id.len);
	if (count)
		mime_write_ids_field(b->out, name, ids, count);
}

void build_message_id(const struct draft *draft, const char *domain, struct buf *out)
{
	buf_add(out, draft->message_id, strcspn(draft->message_id, "@"));
	buf_printf(out, "@%s", domain);
}

static void add_own_ids(struct building *b, long long date)
{
	buf_add_str(b->out, "Date: ");
	date_add_rfc5322(b->out, date ? date : (long long)time(NULL));
	buf_add_str(b->out, "\nMessage-ID: <");
	build_message_id(b->draft, b->domain, b->out);
	buf_add_str(b->out, ">\n");
	add_ids(b, "In-Reply-To", b->draft->in_reply_to);
	add_ids(b, "References", b->draft->references);
}

static void add_more_headers(struct building *b)
{
	struct span rest = span_of(b->draft->headers), line, name;

	while (span_split(&rest, '\n', &line))
		if (span_split(&line, ':', &name) && name.len)
			mime_write_text_field(
			    b->out, arena_strndup(b->arena, name.data, name.len),
			    arena_strndup(b->arena, span_trim(line).data, span_trim(line).len));
}

static void add_origin(struct building *b)
{
	struct arena *arena = b->arena;
	struct identity_list list;
	const struct identity *identity = NULL;
	struct address_list from = {0};

	identity_load(b->compose, &list);
	if (address_parse_typed(b->draft->from, arena, &from, NULL) == 0 && from.count)
		identity = identity_by_addr(&list, from.items[0].addr);
	if (identity && *identity->organisation)
		mime_write_text_field(b->out, "Organization", identity->organisation);
	if (compose_option_bool(b->compose, "user-agent"))
		mime_write_text_field(b->out, "User-Agent", "Tern/" PACKAGE_VERSION);
	identity_list_free(&list);
}

static int add_header(struct building *b, long long date, struct err *err)
{
	if (find_domain(b, err) < 0 || add_people(b, err) < 0)
		return -1;
	if (*b->draft->subject || b->mode != BUILD_POSTPONED)
		mime_write_text_field(b->out, "Subject", b->draft->subject);
	add_own_ids(b, date);
	add_more_headers(b);
	if (b->mode != BUILD_POSTPONED)
		add_origin(b);
	buf_add_str(b->out, "MIME-Version: 1.0\n");
	return 0;
}

/* --- text
 * --------------------------------------------------------------------------------------------- */

/* The field that every part ends its header with, and the bytes. */
static void add_body(struct building *b, enum mime_encoding encoding, const char *bytes, size_t len)
{
	buf_printf(b->out, "Content-Transfer-Encoding: %s\n\n", mime_write_encoding_name(encoding));
	mime_write_body(b->out, encoding, bytes, len);
}

static bool is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

static void add_text(struct building *b)
{
	bool is_flowed = b->mode != BUILD_POSTPONED && compose_option_bool(b->compose, "flowed");
	const char *body = b->draft->body;
	struct buf text = BUF_INIT;

	if (is_flowed)
		flowed_write(body, strlen(body), (int)compose_option_int(b->compose, "wrap"),
			     &text);
	else
		buf_add_str(&text, body);
	if (b->mode != BUILD_POSTPONED && text.len && text.data[text.len - 1] != '\n')
		buf_add_char(&text, '\n');
	buf_printf(b->out, "Content-Type: text/plain; charset=%s%s\n",
		   is_ascii(buf_str(&text), text.len) ? "us-ascii" : "utf-8",
		   is_flowed ? "; format=flowed" : "");
	add_body(b, mime_write_choose(buf_str(&text), text.len, true), buf_str(&text), text.len);
	buf_free(&text);
}

/* --- attachments
 * --------------------------------------------------------------------------------------- */

/* Can it stand as it is, so that a letter within stays readable? */
static bool fits_8bit(const struct buf *bytes)
{
	size_t line = 0;

	for (size_t i = 0; i < bytes->len; i++) {
		line = bytes->data[i] == '\n' ? 0 : line + 1;
		if (line > LINE_MAX_8BIT || !bytes->data[i])
			return false;
	}
	return true;
}

static void drop_cr(struct buf *bytes)
{
	size_t to = 0;

	for (size_t i = 0; i < bytes->len; i++)
		if (bytes->data[i] != '\r' || i + 1 == bytes->len || bytes->data[i + 1] != '\n')
			bytes->data[to++] = bytes->data[i];
	buf_truncate(bytes, to);
}

static bool is_letter(const char *type)
{
	return str_starts_nocase(type, "message/");
}

/* RFC 2046 5.2.1: a message within may not be encoded; one that would have to be goes as a file. */
static enum mime_encoding choose_encoding(const struct attachment *item, struct buf *bytes,
					  const char **type)
{
	bool is_text = str_starts_nocase(item->type, "text/") && bytes->len &&
		       !memchr(bytes->data, '\r', bytes->len);

	if (is_letter(item->type)) {
		drop_cr(bytes);
		if (fits_8bit(bytes))
			return is_ascii(buf_str(bytes), bytes->len) ? MIME_7BIT : MIME_8BIT;
		*type = "application/octet-stream";
		return MIME_BASE64;
	}
	return is_text ? mime_write_choose(bytes->data, bytes->len, true) : MIME_BASE64;
}

/* A type that came with a forwarded letter is somebody else's text: only what may stand there. */
static bool is_type(const char *type)
{
	size_t major =
	    strspn(type, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_");
	const char *minor = type + major;

	if (!major || *minor++ != '/' || !*minor || str_starts_nocase(type, "multipart/"))
		return false;
	return minor[strspn(minor, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789.+-_")] == '\0';
}

/* The calendar's own word for what it is for: "; method=REPLY" (RFC 6047 section 2.4). */
static void add_method(struct building *b, const struct buf *bytes)
{
	struct card_scan scan;
	struct card_line line;

	card_scan_start(&scan, (struct span){buf_str(bytes), bytes->len}, CARD_LINE_LIMIT);
	while (card_scan_next(&scan, &line))
		if (card_line_is(&line, "METHOD")) {
			mime_write_param(b->out, "method", card_text(line.value, NULL, b->arena));
			break;
		}
	card_scan_end(&scan);
}

static bool is_calendar(const struct attachment *item)
{
	return item->is_inline && str_equal_nocase(item->type, "text/calendar");
}

static void add_part(struct building *b, const struct attachment *item, struct buf *bytes)
{
	const char *type = is_type(item->type) ? item->type : "application/octet-stream";
	enum mime_encoding encoding = choose_encoding(item, bytes, &type);

	buf_printf(b->out, "Content-Type: %s", type);
	if (str_starts_nocase(type, "text/"))
		mime_write_param(b->out, "charset", charset_guess(buf_str(bytes), bytes->len));
	if (is_calendar(item))
		add_method(b, bytes);
	mime_write_param(b->out, "name", item->name);
	buf_printf(b->out, "\nContent-Disposition: %s", item->is_inline ? "inline" : "attachment");
	mime_write_param(b->out, "filename", item->name);
	buf_add_char(b->out, '\n');
	if (*item->description)
		mime_write_text_field(b->out, "Content-Description", item->description);
	add_body(b, encoding, buf_str(bytes), bytes->len);
}

static int add_attachment(struct building *b, size_t i, const char *boundary, struct err *err)
{
	struct buf bytes = BUF_INIT;
	int rc = attach_read(b->draft, i, &bytes, err);

	if (rc == 0) {
		buf_printf(b->out, "\n--%s\n", boundary);
		add_part(b, &b->draft->attachments[i], &bytes);
	}
	buf_free(&bytes);
	return rc;
}

/* An answer to an invitation is the same said twice: in words, and for a calendar. */
static const char *kind_of_multipart(const struct draft *draft)
{
	return draft->attachment_count == 1 && is_calendar(&draft->attachments[0]) ? "alternative"
										   : "mixed";
}

static int add_parts(struct building *b, struct err *err)
{
	char boundary[40];

	mime_write_boundary(boundary);
	buf_printf(b->out, "Content-Type: multipart/%s; boundary=\"%s\"\n\n--%s\n",
		   kind_of_multipart(b->draft), boundary, boundary);
	add_text(b);
	for (size_t i = 0; i < b->draft->attachment_count; i++)
		if (add_attachment(b, i, boundary, err) < 0)
			return -1;
	buf_printf(b->out, "\n--%s--\n", boundary);
	return 0;
}

int build_message(const struct compose *compose, const struct draft *draft, enum build_mode mode,
		  long long date, struct buf *out, struct err *err)
{
	struct building b = {compose, draft, mode, arena_new(), "localhost", out};
	int rc = add_header(&b, date, err);

	if (rc == 0 && draft->attachment_count)
		rc = add_parts(&b, err);
	else if (rc == 0)
		add_text(&b);
	arena_free(&b.arena);
	return rc;
}
