#include "config.h"
#include "net/protocol/smtp_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/domain.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mime/address.h"

#define PIECE	  65536
#define LETTER_MS 3000000 /* of one letter, however slowly it goes */

/* --- verdicts ------------------------------------------------------------------------------------ */

void smtp_recipient_free(struct smtp_recipient *recipient)
{
	buf_free(&recipient->words);
}

static void judge(struct smtp_recipient *recipient, enum smtp_verdict verdict, int code, const char *status,
		  const char *words)
{
	recipient->verdict = verdict;
	recipient->code = code;
	snprintf(recipient->status, sizeof recipient->status, "%s", status);
	buf_clear(&recipient->words);
	buf_add_str(&recipient->words, words);
}

/* What a reply that is not good says about whom it stands for. Neither 4xx nor 5xx was answered wrongly, and
 * may go better another time. */
static void judge_by_reply(struct smtp_recipient *recipient, const struct smtp_reply *reply,
			   enum smtp_verdict good)
{
	enum smtp_verdict verdict = smtp_reply_is_good(reply) ? good
				    : reply->code / 100 == 5  ? SMTP_FAILED
							      : SMTP_LATER;
	struct buf words = BUF_INIT;

	smtp_reply_words(reply, &words);
	judge(recipient, verdict, reply->code, smtp_reply_status(reply), buf_str(&words));
	buf_free(&words);
}

static void judge_open(struct smtp_letter *letter, enum smtp_verdict verdict, const char *status,
		       const char *words)
{
	size_t i;

	for (i = 0; i < letter->count; i++)
		if (letter->recipients[i].verdict == SMTP_OPEN)
			judge(&letter->recipients[i], verdict, 0, status, words);
}

/* --- what can be sent there at all ---------------------------------------------------------------- */

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* Appends ADDR as it goes on the wire: a domain of other scripts in ASCII. 1: its local part needs
 * SMTPUTF8. */
static int add_wire_address(struct buf *out, const char *addr)
{
	const char *domain = address_domain(addr);
	struct buf ascii = BUF_INIT;
	bool is_foreign = domain && !is_ascii(domain);
	size_t local = domain ? (size_t)(domain - addr) : strlen(addr);

	if (is_foreign && domain_to_ascii(domain, &ascii) == 0) {
		buf_add(out, addr, local);
		buf_add_str(out, buf_str(&ascii));
	} else {
		buf_add_str(out, addr);
	}
	buf_free(&ascii);
	return !is_ascii(buf_str(out));
}

static bool needs_utf8(const char *addr)
{
	struct buf wire = BUF_INIT;
	bool is_needed = add_wire_address(&wire, addr);

	buf_free(&wire);
	return is_needed;
}

/* What stands in a command between "<" and ">" must not end it. */
static bool is_fit(const char *addr)
{
	return address_is_safe(addr) && !strpbrk(addr, "<>\r\n");
}

static void judge_unfit(const struct smtp *smtp, struct smtp_letter *letter)
{
	bool has_utf8 = smtp->features & SMTP_SMTPUTF8;
	size_t i;

	for (i = 0; i < letter->count; i++) {
		struct smtp_recipient *recipient = &letter->recipients[i];

		if (recipient->verdict != SMTP_OPEN)
			continue;
		if (!is_fit(recipient->addr))
			judge(recipient, SMTP_FAILED, 0, "5.1.3", _("This is no mail address."));
		else if (!has_utf8 && needs_utf8(recipient->addr))
			judge(recipient, SMTP_FAILED, 0, "5.6.7",
			      _("The server cannot carry letters to addresses with other letters than ASCII's "
				"before the @ (SMTPUTF8)."));
	}
	if (*letter->sender && !is_fit(letter->sender))
		judge_open(letter, SMTP_FAILED, "5.1.7", _("The sender's address is none."));
	else if (!has_utf8 && needs_utf8(letter->sender))
		judge_open(letter, SMTP_FAILED, "5.6.7",
			   _("The server cannot carry letters from addresses with other letters than ASCII's "
			     "before the @ (SMTPUTF8)."));
}

/* --- the text on the wire ------------------------------------------------------------------------- */

/* Where the next line ends: *EOL at its CR or LF (a bare CR ends a line too), and the next line's start. */
static size_t line_end(struct span data, size_t from, size_t *eol)
{
	size_t at = from;

	while (at < data.len && data.data[at] != '\n' && data.data[at] != '\r')
		at++;
	*eol = at;
	if (at + 1 < data.len && data.data[at] == '\r' && data.data[at + 1] == '\n')
		return at + 2;
	return at < data.len ? at + 1 : at;
}

/* RFC 1870: as it goes on the wire, without the dots that are put in. */
static long long wire_size(struct span data, bool *is_8bit)
{
	long long size = 0;
	size_t at = 0, eol, i;

	*is_8bit = false;
	while (at < data.len) {
		size_t next = line_end(data, at, &eol);

		for (i = at; i < eol && !*is_8bit; i++)
			*is_8bit = (unsigned char)data.data[i] >= 0x80;
		size += (long long)(eol - at) + 2;
		at = next;
	}
	return size;
}

static int write_lines(struct smtp *smtp, struct span data, size_t *at, size_t until, struct err *err)
{
	size_t eol;
	int rc = 0;

	while (*at < data.len && *at < until && rc == 0) {
		size_t next = line_end(data, *at, &eol);

		if (eol > *at && data.data[*at] == '.')
			rc = stream_write(smtp->stream, ".", 1, err);
		if (rc == 0)
			rc = stream_write(smtp->stream, data.data + *at, eol - *at, err);
		if (rc == 0)
			rc = stream_write(smtp->stream, "\r\n", 2, err);
		*at = next;
	}
	return rc;
}

/* --- the envelope --------------------------------------------------------------------------------- */

/* RFC 3461 section 4: what is not plain goes as "+XX". */
static void add_xtext(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~' || *text == '+' || *text == '=')
			buf_printf(out, "+%02X", (unsigned char)*text);
		else
			buf_add_char(out, *text);
}

static bool is_notify(const char *text)
{
	return *text && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,") == strlen(text);
}

static bool any_needs_utf8(const struct smtp_letter *letter)
{
	bool is_needed = needs_utf8(letter->sender);
	size_t i;

	for (i = 0; i < letter->count && !is_needed; i++)
		is_needed = letter->recipients[i].verdict == SMTP_OPEN &&
			    needs_utf8(letter->recipients[i].addr);
	return is_needed;
}

static void add_mail(const struct smtp *smtp, const struct smtp_letter *letter, long long size, bool is_8bit,
		     struct buf *out)
{
	struct buf wire = BUF_INIT;

	add_wire_address(&wire, letter->sender);
	buf_printf(out, "MAIL FROM:<%s>", buf_str(&wire));
	buf_free(&wire);
	if (smtp->features & SMTP_SIZE)
		buf_printf(out, " SIZE=%lld", size);
	if (is_8bit && smtp->features & SMTP_8BITMIME)
		buf_add_str(out, " BODY=8BITMIME");
	if (any_needs_utf8(letter))
		buf_add_str(out, " SMTPUTF8");
	if (smtp->features & SMTP_DSN && letter->dsn_ret)
		buf_printf(out, " RET=%s", str_equal_nocase(letter->dsn_ret, "hdrs") ? "HDRS" : "FULL");
	if (smtp->features & SMTP_DSN && letter->dsn_envid && *letter->dsn_envid) {
		buf_add_str(out, " ENVID=");
		add_xtext(out, letter->dsn_envid);
	}
	buf_add_str(out, "\r\n");
}

static void add_rcpt(const struct smtp *smtp, const struct smtp_letter *letter, const char *addr,
		     struct buf *out)
{
	struct buf wire = BUF_INIT;
	int is_utf8 = add_wire_address(&wire, addr);

	buf_printf(out, "RCPT TO:<%s>", buf_str(&wire));
	if (smtp->features & SMTP_DSN && letter->notify && is_notify(letter->notify)) {
		buf_printf(out, " NOTIFY=%s", letter->notify);
		if (!is_utf8) {
			buf_add_str(out, " ORCPT=rfc822;");
			add_xtext(out, buf_str(&wire));
		}
	}
	buf_add_str(out, "\r\n");
	buf_free(&wire);
}

/* --- one transaction ------------------------------------------------------------------------------ */

struct transaction {
	struct smtp *smtp;
	struct smtp_letter *letter;
	size_t accepted;   /* recipients */
	bool *is_accepted; /* of all recipients */
	bool is_pipelined;
	bool wants_data; /* the server said 354 */
};

static bool is_open(const struct transaction *t, size_t at)
{
	return t->letter->recipients[at].verdict == SMTP_OPEN;
}

static size_t count_open(const struct smtp_letter *letter)
{
	size_t i, count = 0;

	for (i = 0; i < letter->count; i++)
		count += letter->recipients[i].verdict == SMTP_OPEN;
	return count;
}

static int say(struct transaction *t, struct buf *out, struct err *err)
{
	int rc = stream_write(t->smtp->stream, buf_str(out), out->len, err);

	if (rc == 0)
		rc = stream_flush(t->smtp->stream, err);
	t->smtp->is_broken |= rc < 0;
	buf_clear(out);
	return rc;
}

/* Sender, all recipients and DATA may go in one piece, or each waits for the reply to the one before it. */
static int ask(struct transaction *t, struct buf *out, struct err *err)
{
	if (out->len && !t->is_pipelined && say(t, out, err) < 0)
		return -1;
	return smtp_read(t->smtp, err);
}

static void judge_all(struct transaction *t)
{
	size_t i;

	for (i = 0; i < t->letter->count; i++)
		if (is_open(t, i))
			judge_by_reply(&t->letter->recipients[i], &t->smtp->reply, SMTP_LATER);
}

static void take_rcpt(struct transaction *t, size_t at)
{
	t->is_accepted[at] = smtp_reply_is_good(&t->smtp->reply);
	t->accepted += t->is_accepted[at];
	if (!t->is_accepted[at])
		judge_by_reply(&t->letter->recipients[at], &t->smtp->reply, SMTP_LATER);
}

/* All of the envelope was said in one piece; now the replies. The sender refused: what is said of the
 * recipients after that means nothing. */
static int read_group(struct transaction *t, struct err *err)
{
	size_t i, open = count_open(t->letter);
	bool is_refused;

	if (smtp_read(t->smtp, err) < 0)
		return -1;
	is_refused = !smtp_reply_is_good(&t->smtp->reply);
	if (is_refused)
		judge_all(t);
	for (i = 0; is_refused && i < open; i++)
		if (smtp_read(t->smtp, err) < 0)
			return -1;
	for (i = 0; i < t->letter->count; i++) {
		if (!is_open(t, i))
			continue;
		if (smtp_read(t->smtp, err) < 0)
			return -1;
		take_rcpt(t, i);
	}
	return smtp_read(t->smtp, err);
}

static int send_group(struct transaction *t, struct buf *out, struct err *err)
{
	size_t i;

	for (i = 0; i < t->letter->count; i++)
		if (is_open(t, i))
			add_rcpt(t->smtp, t->letter, t->letter->recipients[i].addr, out);
	buf_add_str(out, "DATA\r\n");
	return say(t, out, err) < 0 ? -1 : read_group(t, err);
}

static int send_one_by_one(struct transaction *t, struct buf *out, struct err *err)
{
	size_t i;

	if (ask(t, out, err) < 0)
		return -1;
	if (!smtp_reply_is_good(&t->smtp->reply))
		judge_all(t);
	for (i = 0; i < t->letter->count; i++) {
		if (!is_open(t, i))
			continue;
		add_rcpt(t->smtp, t->letter, t->letter->recipients[i].addr, out);
		if (ask(t, out, err) < 0)
			return -1;
		take_rcpt(t, i);
	}
	if (!t->accepted)
		return 0;
	buf_add_str(out, "DATA\r\n");
	return ask(t, out, err);
}

static int send_envelope(struct transaction *t, long long size, bool is_8bit, struct err *err)
{
	struct buf out = BUF_INIT;
	int rc;

	add_mail(t->smtp, t->letter, size, is_8bit, &out);
	rc = t->is_pipelined ? send_group(t, &out, err) : send_one_by_one(t, &out, err);
	buf_free(&out);
	t->wants_data = rc == 0 && t->smtp->reply.code == 354;
	if (rc == 0 && !t->wants_data)
		judge_all(t);
	return rc;
}

/* --- the letter itself ---------------------------------------------------------------------------- */

/* A server that answers before the letter is over: that it cannot take it is believed, that it has taken it
 * is not. */
static int heard_early(struct transaction *t, struct err *err)
{
	t->smtp->is_broken = true;
	if (smtp_read(t->smtp, err) == 0 && !smtp_reply_is_good(&t->smtp->reply))
		judge_all(t);
	return err_set_kind(err, ERR_CORRUPT, _("%s answered before the letter was over."),
			    stream_host(t->smtp->stream));
}

static int is_early(struct transaction *t, struct err *err)
{
	return stream_buffered(t->smtp->stream) ? 1 : stream_wait(t->smtp->stream, 0, err);
}

static bool is_cancelled(const struct err *err)
{
	return err && err->kind == ERR_CANCELLED;
}

static int write_text(struct transaction *t, struct err *err)
{
	size_t at = 0;

	do {
		int rc = write_lines(t->smtp, t->letter->data, &at, at + PIECE, err);

		if (rc == 0 && t->letter->written && t->letter->written(t->letter->arg, at) < 0) {
			t->smtp->is_broken = true;
			return err_set_kind(err, ERR_CANCELLED, _("You stopped it; it goes when you say so."));
		}
		if (rc == 0)
			rc = is_early(t, err);
		if (rc > 0)
			return heard_early(t, err);
		if (rc < 0) { /* it may have said why before it closed */
			struct err why = ERR_INIT;

			t->smtp->is_broken = true;
			if (!is_cancelled(err) && smtp_read(t->smtp, &why) == 0 && !smtp_reply_is_good(&t->smtp->reply))
				judge_all(t);
			return -1;
		}
	} while (at < t->letter->data.len);
	return 0;
}

/* From here on it may be with the server, whatever we hear. */
static void may_be_sent(struct transaction *t)
{
	size_t i;

	for (i = 0; i < t->letter->count; i++)
		if (t->is_accepted[i])
			judge(&t->letter->recipients[i], SMTP_UNSURE, 0, "4.4.2",
			      _("The letter was given over, but the server's answer was lost: it may have "
				"been sent."));
}

static void take_end(struct transaction *t, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to; i++)
		if (t->is_accepted[i])
			judge_by_reply(&t->letter->recipients[i], &t->smtp->reply, SMTP_SENT);
}

/* One reply for all, or with LMTP one for each that was accepted. */
static int read_end(struct transaction *t, struct err *err)
{
	size_t i;

	if (!t->smtp->options.is_lmtp) {
		if (smtp_read(t->smtp, err) < 0)
			return -1;
		take_end(t, 0, t->letter->count);
		return 0;
	}
	for (i = 0; i < t->letter->count; i++) {
		if (!t->is_accepted[i])
			continue;
		if (smtp_read(t->smtp, err) < 0)
			return -1;
		take_end(t, i, i + 1);
	}
	return 0;
}

/* Behind the letter's end goes RSET: its reply shows that the one before it was the letter's. A server that
 * says yes too early says its no here. */
static int read_reset(struct transaction *t, struct err *err)
{
	if (smtp_read(t->smtp, err) < 0)
		return -1;
	if (smtp_reply_is_good(&t->smtp->reply))
		return 0;
	t->smtp->is_broken = true;
	if (t->smtp->reply.code != 421)
		take_end(t, 0, t->letter->count);
	return smtp_refused(t->smtp, _("The server does not go on"), err);
}

static int end_text(struct transaction *t, struct err *err)
{
	struct buf out = BUF_INIT;
	int rc;

	if (t->letter->ending && t->letter->ending(t->letter->arg, err) < 0) {
		t->smtp->is_broken = true;
		return -1;
	}
	buf_add_str(&out, t->is_pipelined ? ".\r\nRSET\r\n" : ".\r\n");
	may_be_sent(t);
	rc = say(t, &out, err);
	buf_free(&out);
	if (rc == 0 && t->letter->waiting)
		t->letter->waiting(t->letter->arg);
	if (rc == 0)
		rc = read_end(t, err);
	if (rc == 0 && t->is_pipelined)
		return read_reset(t, err);
	if (rc == 0 && stream_buffered(t->smtp->stream)) { /* an answer too many: which was the letter's? */
		t->smtp->is_broken = true;
		may_be_sent(t);
		return err_set_kind(err, ERR_CORRUPT, _("%s answered twice."), stream_host(t->smtp->stream));
	}
	return rc;
}

static int send_text(struct transaction *t, struct err *err)
{
	if (t->accepted && write_text(t, err) < 0)
		return -1;
	if (t->accepted)
		return end_text(t, err);
	/* DATA went out before we knew that nobody is left: an empty letter for nobody ends it (RFC 2920) */
	struct buf out = BUF_INIT;
	int rc;

	buf_add_str(&out, ".\r\n");
	rc = say(t, &out, err);
	buf_free(&out);
	return rc < 0 ? -1 : smtp_read(t->smtp, err);
}

static int reset(struct transaction *t, struct err *err)
{
	struct buf out = BUF_INIT;
	int rc;

	if (t->smtp->reply.code == 421) {
		t->smtp->is_broken = true;
		return smtp_refused(t->smtp, _("The server does not go on"), err);
	}
	buf_add_str(&out, "RSET\r\n");
	rc = say(t, &out, err);
	buf_free(&out);
	if (rc == 0)
		rc = smtp_read(t->smtp, err);
	if (rc == 0 && !smtp_reply_is_good(&t->smtp->reply)) {
		t->smtp->is_broken = true;
		return smtp_refused(t->smtp, _("The server does not go on"), err);
	}
	return rc;
}

static int transact(struct transaction *t, long long size, bool is_8bit, struct err *err)
{
	if (is_early(t, err) != 0) {
		t->smtp->is_broken = true;
		return err_set_kind(err, ERR_TEMPORARY, _("%s closed the connection."),
				    stream_host(t->smtp->stream));
	}
	if (send_envelope(t, size, is_8bit, err) < 0)
		return -1;
	if (t->wants_data && t->accepted)
		return send_text(t, err);
	if (t->wants_data && send_text(t, err) < 0)
		return -1;
	return reset(t, err);
}

int smtp_send(struct smtp *smtp, struct smtp_letter *letter, struct err *err)
{
	struct transaction t = {.smtp = smtp, .letter = letter};
	bool is_8bit;
	long long size = wire_size(letter->data, &is_8bit);
	int rc;

	judge_unfit(smtp, letter);
	if (smtp->size_max && size > smtp->size_max)
		judge_open(letter, SMTP_FAILED, "5.3.4",
			   _("The letter is larger than the server takes; it was not sent."));
	if (count_open(letter) == 0)
		return 0;
	stream_set_total_ms(smtp->stream, LETTER_MS);
	t.is_accepted = mem_calloc(letter->count, sizeof *t.is_accepted);
	t.is_pipelined = smtp->features & SMTP_PIPELINING;
	rc = transact(&t, size, is_8bit, err);
	free(t.is_accepted);
	return rc;
}
