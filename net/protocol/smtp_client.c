#include "config.h"
#include "net/protocol/smtp_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/io/sasl.h"
#include "net/io/secret.h"
#include "net/protocol/smtp_inside.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"

#define HELLO	      "[127.0.0.1]"
#define ROUNDS_MAX    3	   /* a person mistypes */
#define INITIAL_MAX   480  /* RFC 4954: a command has 512 bytes; longer goes behind the first challenge */
#define QUIT_WAIT_MS  1000
#define TOO_MANY      421 /* the server closes the connection */

/* --- replies ------------------------------------------------------------------------------------- */

static int broken(struct smtp *smtp, struct err *err)
{
	smtp->is_broken = true;
	return err_add(err, "%s", stream_host(smtp->stream));
}

int smtp_read(struct smtp *smtp, struct err *err)
{
	struct span line;
	int rc;

	smtp_reply_clear(&smtp->reply);
	do {
		rc = stream_read_line(smtp->stream, &line, err);
		if (rc == 0)
			err_set_kind(err, ERR_TEMPORARY, _("The server closed the connection."));
		if (rc <= 0 || (rc = smtp_reply_add(&smtp->reply, line, err)) < 0)
			return broken(smtp, err);
	} while (rc == 0);
	return 0;
}

int smtp_refused(const struct smtp *smtp, const char *what, struct err *err)
{
	struct buf words = BUF_INIT;

	smtp_reply_words(&smtp->reply, &words);
	err_set_kind(err, smtp_reply_is_later(&smtp->reply) ? ERR_TEMPORARY : ERR_FAILED, "%s: %s", what,
		     buf_str(&words));
	buf_free(&words);
	return err_add(err, "%s", stream_host(smtp->stream));
}

static int command(struct smtp *smtp, const char *verb, const char *argument, struct err *err)
{
	if (stream_print(smtp->stream, err, "%s%s%s\r\n", verb, *argument ? " " : "", argument) < 0) {
		smtp->is_broken = true;
		return -1;
	}
	return smtp_read(smtp, err);
}

static void tell(const struct smtp *smtp, const char *what)
{
	if (smtp->options.step)
		smtp->options.step(smtp->options.arg, what);
}

/* --- what it offers ------------------------------------------------------------------------------ */

static const struct {
	const char *keyword;
	unsigned feature;
} features[] = {
    {"PIPELINING", SMTP_PIPELINING}, {"8BITMIME", SMTP_8BITMIME}, {"SMTPUTF8", SMTP_SMTPUTF8},
    {"DSN", SMTP_DSN},		     {"SIZE", SMTP_SIZE},	  {"STARTTLS", SMTP_STARTTLS},
    {"AUTH", SMTP_AUTH},	     {"ENHANCEDSTATUSCODES", SMTP_STATUS},
};

static void take_size(struct smtp *smtp, struct span rest)
{
	char digits[20] = "";
	long long size;

	if (rest.len && rest.len < sizeof digits)
		memcpy(digits, rest.data, rest.len);
	if (str_to_long(digits, &size) == 0 && size > 0)
		smtp->size_max = size;
}

/* "AUTH PLAIN LOGIN", and "AUTH=PLAIN LOGIN" of servers before the standard. */
static void take_offer(struct smtp *smtp, struct span line)
{
	size_t i, len = 0;
	struct span keyword, rest;

	while (len < line.len && line.data[len] != ' ' && line.data[len] != '=')
		len++;
	keyword = (struct span){line.data, len};
	rest = len < line.len ? span_trim((struct span){line.data + len + 1, line.len - len - 1}) : SPAN_NONE;
	for (i = 0; i < ARRAY_COUNT(features); i++)
		if (span_equal_nocase(keyword, features[i].keyword))
			smtp->features |= features[i].feature;
	if (span_equal_nocase(keyword, "SIZE"))
		take_size(smtp, rest);
	if (span_equal_nocase(keyword, "AUTH")) {
		buf_add(&smtp->mechanisms, rest.data, rest.len);
		buf_add_char(&smtp->mechanisms, ' ');
	}
	buf_add_str(&smtp->offers, smtp->offers.len ? ", " : "");
	buf_add(&smtp->offers, line.data, line.len);
}

/* All that was offered before is forgotten. The first line is the server's name and greetings. */
static void take_offers(struct smtp *smtp)
{
	struct span rest = {buf_str(&smtp->reply.text), smtp->reply.text.len}, line;
	bool is_first = true;

	smtp->features = 0;
	smtp->size_max = 0;
	buf_clear(&smtp->mechanisms);
	buf_clear(&smtp->offers);
	for (; span_split(&rest, '\n', &line) > 0; is_first = false)
		if (!is_first && line.len)
			take_offer(smtp, line);
}

static int say_hello(struct smtp *smtp, struct err *err)
{
	const char *name = smtp->options.hello ? smtp->options.hello : HELLO;

	if (command(smtp, smtp->options.is_lmtp ? "LHLO" : "EHLO", name, err) < 0)
		return -1;
	if (!smtp_reply_is_good(&smtp->reply))
		return smtp_refused(smtp, _("The server does not want to talk"), err);
	take_offers(smtp);
	return 0;
}

void smtp_offers(const struct smtp *smtp, struct buf *out)
{
	buf_add_str(out, buf_str(&smtp->offers));
}

/* --- secured ------------------------------------------------------------------------------------- */

static int start_tls(struct smtp *smtp, struct err *err)
{
	if (!(smtp->features & SMTP_STARTTLS))
		return err_set_kind(err, ERR_DENIED,
				    _("%s offers no TLS (STARTTLS), or somebody on the way hides it. Nothing was "
				      "sent."),
				    stream_host(smtp->stream));
	if (command(smtp, "STARTTLS", "", err) < 0)
		return -1;
	if (smtp->reply.code != 220) {
		smtp_refused(smtp, _("TLS was refused"), err);
		return -1;
	}
	if (stream_start_tls(smtp->stream, err) < 0)
		return -1;
	return say_hello(smtp, err);
}

static void tell_of_tls(const struct smtp *smtp)
{
	struct buf words = BUF_INIT;

	if (!stream_is_tls(smtp->stream))
		return;
	tls_words(stream_tls(smtp->stream), &words);
	buf_add_str(&words, "; ");
	tls_peer_words(stream_tls(smtp->stream), &words);
	tell(smtp, buf_str(&words));
	buf_free(&words);
}

/* --- signing in ---------------------------------------------------------------------------------- */

/* The answer goes out as a line that the log does not show. */
static int say_secret(struct smtp *smtp, const char *before, struct buf *answer, struct err *err)
{
	int rc;

	stream_set_secret(smtp->stream, true);
	rc = stream_print(smtp->stream, err, "%s%s\r\n", before, buf_str(answer));
	if (rc == 0)
		rc = stream_flush(smtp->stream, err);
	stream_set_secret(smtp->stream, false);
	secret_wipe(answer);
	smtp->is_broken |= rc < 0;
	return rc < 0 ? -1 : smtp_read(smtp, err);
}

/* The command, with our first message where it is short enough. */
static int begin_auth(struct smtp *smtp, struct sasl *sasl, struct buf *held, struct err *err)
{
	struct buf line = BUF_INIT;
	int rc;

	buf_printf(&line, "AUTH %s", sasl_mechanism(sasl));
	if (sasl_is_client_first(sasl) && sasl_step(sasl, NULL, held, err) < 0) {
		buf_free(&line);
		return 1;
	}
	if (sasl_is_client_first(sasl) && held->len < INITIAL_MAX) {
		buf_add_char(&line, ' ');
		if (!held->len)
			buf_add_char(held, '=');
		rc = say_secret(smtp, buf_str(&line), held, err);
	} else {
		rc = command(smtp, buf_str(&line), "", err);
	}
	buf_free(&line);
	return rc;
}

static int cancel_auth(struct smtp *smtp)
{
	struct err ignored = ERR_INIT;

	return command(smtp, "*", "", &ignored);
}

/* Challenges until the server has had enough: its last word is in smtp->reply. -1: no connection. */
static int answer_challenges(struct smtp *smtp, struct sasl *sasl, struct buf *held, struct err *err)
{
	struct buf answer = BUF_INIT;

	while (smtp->reply.code == 334) {
		if (held->len) { /* our first message was too long for the command */
			answer = *held;
			*held = (struct buf)BUF_INIT;
		} else if (sasl_step(sasl, buf_str(&smtp->reply.text), &answer, err) < 0) {
			secret_wipe(&answer);
			return cancel_auth(smtp);
		}
		if (say_secret(smtp, "", &answer, err) < 0)
			return -1;
	}
	return 0;
}

/* 1 signed in, 0 refused: the next one may work; -1. */
static int try_mechanism(struct smtp *smtp, struct sasl *sasl, struct err *err)
{
	struct buf held = BUF_INIT;
	int rc = begin_auth(smtp, sasl, &held, err);

	if (rc == 0)
		rc = answer_challenges(smtp, sasl, &held, err);
	secret_wipe(&held);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (smtp->reply.code == 235)
		return sasl_finish(sasl, err) < 0 ? -1 : 1;
	if (smtp->reply.code == TOO_MANY)
		smtp->is_broken = true;
	return 0;
}

static int sign_in_refused(const struct smtp *smtp, bool is_password, struct err *err)
{
	bool is_later = smtp_reply_is_later(&smtp->reply);

	smtp_refused(smtp,
		     is_password ? _("The user name or password was refused") : _("Signing in was refused"), err);
	if (err && !is_later)
		err->kind = ERR_DENIED;
	return -1;
}

static void note_mechanism(struct smtp *smtp, const char *name)
{
	struct buf words = BUF_INIT;

	snprintf(smtp->mechanism, sizeof smtp->mechanism, "%s", name);

	buf_printf(&words, _("Signed in by %s."), name);
	tell(smtp, buf_str(&words));
	buf_free(&words);
}

/* 1 signed in; 0 the password was refused: another may work; -1. */
static int sign_in_round(struct smtp *smtp, struct err *err)
{
	struct sasl *sasl = sasl_new(buf_str(&smtp->mechanisms), smtp->options.who, err);
	int rc = 0, next = 0;
	bool is_password;

	if (!sasl)
		return -1;
	while (rc == 0 && !smtp->is_broken && (next = sasl_next(sasl, err)) == 1) {
		const char *name = sasl_mechanism(sasl);

		rc = try_mechanism(smtp, sasl, err);
		if (rc > 0)
			note_mechanism(smtp, name);
	}
	is_password = sasl_password_was_refused(sasl);
	if (rc == 0 && next == 0) {
		sign_in_refused(smtp, is_password, err);
		sasl_tell_held_back(sasl, err);
	}
	sasl_free(&sasl);
	if (rc != 0 || next < 0)
		return rc > 0 ? 1 : -1;
	return is_password && !smtp->is_broken && !smtp_reply_is_later(&smtp->reply) ? 0 : -1;
}

/* Why the password before was refused is worth more than why there is no other. */
static int sign_in_rounds(struct smtp *smtp, struct err *err)
{
	struct err first = ERR_INIT;
	int rc = 0, round;

	for (round = 0; rc == 0 && round < ROUNDS_MAX; round++) {
		struct err now = ERR_INIT;

		rc = sign_in_round(smtp, &now);
		if (rc > 0)
			return 0;
		if (first.kind == ERR_NONE)
			first = now;
		smtp->is_broken |= rc < 0;
	}
	return err_set_kind(err, first.kind, "%s", first.text);
}

static int cannot_sign_in(struct smtp *smtp, struct err *err)
{
	struct buf words = BUF_INIT;

	if (sasl_can(buf_str(&smtp->mechanisms), smtp->options.who, &words))
		return 0;
	err_set_kind(err, ERR_DENIED, "%s: %s", stream_host(smtp->stream), buf_str(&words));
	buf_free(&words);
	return -1;
}

static int sign_in(struct smtp *smtp, struct err *err)
{
	struct sasl_who *who = smtp->options.who;

	if (!who || (!(smtp->features & SMTP_AUTH) && !smtp->options.must_sign_in && !who->promised))
		return 0;
	who->host = stream_host(smtp->stream);
	who->port = smtp->options.stream->port;
	who->service = "smtp";
	who->is_secure = stream_is_secure(smtp->stream);
	if (stream_is_tls(smtp->stream) && tls_channel_binding(stream_tls(smtp->stream), smtp->binding))
		who->channel_binding = smtp->binding;
	return cannot_sign_in(smtp, err) < 0 ? -1 : sign_in_rounds(smtp, err);
}

/* --- life ---------------------------------------------------------------------------------------- */

static int greet(struct smtp *smtp, struct err *err)
{
	if (smtp_read(smtp, err) < 0)
		return -1;
	if (smtp->reply.code != 220)
		return smtp_refused(smtp, _("The server does not want to talk"), err);
	return say_hello(smtp, err);
}

static int begin(struct smtp *smtp, struct err *err)
{
	if (greet(smtp, err) < 0)
		return -1;
	if (smtp->options.stream->tls == STREAM_STARTTLS && start_tls(smtp, err) < 0)
		return -1;
	tell_of_tls(smtp);
	tell(smtp, buf_str(&smtp->offers));
	return sign_in(smtp, err);
}

struct smtp *smtp_open(const struct smtp_options *options, struct err *err)
{
	struct stream_options wishes = *options->stream;
	struct smtp *smtp = mem_alloc(sizeof *smtp);

	wishes.line_max = SMTP_REPLY_LINE_MAX;
	smtp->options = *options;
	smtp->stream = stream_connect(&wishes, err);
	if (smtp->stream && begin(smtp, err) == 0)
		return smtp;
	smtp_close(&smtp);
	return NULL;
}

void smtp_close(struct smtp **smtp)
{
	struct err ignored = ERR_INIT;

	if (!*smtp)
		return;
	if ((*smtp)->stream && !(*smtp)->is_broken) {
		stream_set_total_ms((*smtp)->stream, QUIT_WAIT_MS);
		command(*smtp, "QUIT", "", &ignored);
	}
	stream_close(&(*smtp)->stream);
	smtp_reply_free(&(*smtp)->reply);
	buf_free(&(*smtp)->mechanisms);
	buf_free(&(*smtp)->offers);
	explicit_bzero((*smtp)->binding, sizeof (*smtp)->binding);
	free(*smtp);
	*smtp = NULL;
}

const char *smtp_mechanism(const struct smtp *smtp)
{
	return *smtp->mechanism ? smtp->mechanism : NULL;
}

const struct stream *smtp_stream(const struct smtp *smtp)
{
	return smtp->stream;
}

bool smtp_is_stale(struct smtp *smtp)
{
	struct err ignored = ERR_INIT;

	return smtp->is_broken || stream_wait(smtp->stream, 0, &ignored) != 0;
}
