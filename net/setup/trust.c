#include "config.h"
#include "net/setup/trust.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/io/ask.h"
#include "net/io/stream.h"
#include "net/io/tls.h"
#include "net/setup/place.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"

#define JOB_WAIT_MS 30000
#define SILENCE_MS  15000
#define LINES_MAX   100

struct trusting {
	struct notice_conn *conn;
	struct ask ask;
	const struct account *account;
	struct tls_trust *trust;
	char fingerprint[TLS_FINGERPRINT_SIZE]; /* "": the person is asked */
	bool was_shown;
};

static void say(struct trusting *in, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct trusting *in, const char *fmt, ...)
{
	struct notice line = {.kind = NOTICE_PROGRESS, .done = 1, .total = 1};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line.text, sizeof line.text, fmt, ap);
	va_end(ap);
	notice_send(in->conn, &line);
}

static bool shown(void *arg, const struct tls_certificate *certificate)
{
	struct trusting *in = arg;

	in->was_shown = true;
	if (!*in->fingerprint)
		return ask_about_certificate(&in->ask, certificate);
	return strcmp(in->fingerprint, certificate->fingerprint) == 0;
}

/* --- to where TLS begins -------------------------------------------------------------------------- */

static const struct {
	const char *hello; /* said after the greeting, or NULL */
	const char *start; /* asks for TLS */
	const char *yes;   /* how the last line of the answer begins */
} starts[] = {
    [PLACE_IMAP] = {NULL, "a STARTTLS\r\n", "a OK"},
    [PLACE_POP3] = {NULL, "STLS\r\n", "+OK"},
    [PLACE_SUBMISSION] = {"EHLO localhost\r\n", "STARTTLS\r\n", "220 "},
};

/* SMTP's last line of an answer has a blank behind its code. */
static bool is_last(enum place_kind kind, struct span line)
{
	if (kind == PLACE_SUBMISSION)
		return line.len < 4 || line.data[3] == ' ';
	return kind != PLACE_IMAP || !span_starts_nocase(line, "* ");
}

static int read_answer(struct stream *stream, enum place_kind kind, struct span *line, struct err *err)
{
	for (int i = 0; i < LINES_MAX; i++) {
		int rc = stream_read_line(stream, line, err);

		if (rc == 0)
			err_set_kind(err, ERR_TEMPORARY, _("It closed the connection without a word."));
		if (rc <= 0)
			return -1;
		if (is_last(kind, *line))
			return 0;
	}
	return err_set(err, _("The server does not stop talking."));
}

static int start_tls(struct stream *stream, enum place_kind kind, struct err *err)
{
	struct span line;

	if (kind == PLACE_IMAP ? stream_read_line(stream, &line, err) <= 0 : read_answer(stream, kind, &line, err) < 0)
		return -1;
	if (starts[kind].hello && (stream_print(stream, err, "%s", starts[kind].hello) < 0 ||
				   read_answer(stream, kind, &line, err) < 0))
		return -1;
	if (stream_print(stream, err, "%s", starts[kind].start) < 0 || read_answer(stream, kind, &line, err) < 0)
		return -1;
	if (!span_starts_nocase(line, starts[kind].yes))
		return err_set_kind(err, ERR_DENIED,
				    _("The server does not offer to encrypt the connection (STARTTLS)."));
	return stream_start_tls(stream, err);
}

/* --- one server ----------------------------------------------------------------------------------- */

static const char *setting(const struct trusting *in, const char *key)
{
	const char *value = account_setting(in->account, key);

	return value ? value : "";
}

static int usual_port(enum place_kind kind, bool is_at_once)
{
	static const int ports[][2] = {
	    [PLACE_IMAP] = {143, 993}, [PLACE_POP3] = {110, 995}, [PLACE_SUBMISSION] = {587, 465}};

	return ports[kind][is_at_once];
}

static int look_at(struct trusting *in, enum place_kind kind, const char *server, bool is_at_once, struct err *err)
{
	struct stream_options options = {.tls = is_at_once ? STREAM_TLS : STREAM_STARTTLS,
					 .trust = in->trust,
					 .unknown = shown,
					 .silence_ms = SILENCE_MS,
					 .wake_fd = -1,
					 .arg = in};
	struct stream *stream;
	char *host = NULL;
	int rc = -1;

	if (stream_parse_place(server, usual_port(kind, is_at_once), &host, &options.port, err) < 0)
		return -1;
	options.host = host;
	in->was_shown = false;
	stream = stream_connect(&options, err);
	if (stream)
		rc = is_at_once ? 0 : start_tls(stream, kind, err);
	stream_close(&stream);
	free(host);
	if (rc == 0 && in->was_shown)
		say(in, _("%s: its certificate is trusted from now on."), server);
	else if (rc == 0)
		say(in, _("%s: its certificate is one that is trusted; there is nothing to decide."), server);
	return rc;
}

static int look_at_setting(struct trusting *in, enum place_kind kind, const char *key, const char *tls_key,
			   struct err *err)
{
	const char *server = setting(in, key), *tls = setting(in, tls_key);

	if (!*server || strcmp(tls, "none") == 0)
		return 0;
	return look_at(in, kind, server, !*tls || strcmp(tls, "implicit") == 0, err);
}

static int look_at_all(struct trusting *in, struct err *err)
{
	enum place_kind kind = in->account->kind == ACCOUNT_POP3 ? PLACE_POP3 : PLACE_IMAP;

	if (!*setting(in, "server") && !*setting(in, "submission"))
		return err_set_kind(err, ERR_USAGE, _("The account \"%s\" has no server."), in->account->name);
	in->trust = tls_trust_new(account_setting(in->account, "ca"), account_setting(in->account, "certificate"),
				  account_setting(in->account, "certificate-key"), err);
	if (!in->trust)
		return -1;
	tls_trust_let_replace(in->trust);
	if (look_at_setting(in, kind, "server", "tls", err) < 0)
		return -1;
	return look_at_setting(in, PLACE_SUBMISSION, "submission", "submission-tls", err);
}

/* --- together ------------------------------------------------------------------------------------- */

static int take_fingerprint(struct trusting *in, const char *text, struct err *err)
{
	size_t len = 0;

	for (; *text && len + 1 < sizeof in->fingerprint; text++)
		if (*text != ':' && *text != ' ')
			in->fingerprint[len++] = *text;
	in->fingerprint[len] = '\0';
	str_lower(in->fingerprint);
	if (*text || (len && len != TLS_FINGERPRINT_SIZE - 1))
		return err_set_kind(err, ERR_USAGE, _("A fingerprint is SHA-256: 64 digits from 0 to f."));
	return 0;
}

static int trust(struct notice_conn *conn, const char *name, struct err *err)
{
	struct trusting in = {.conn = conn, .ask = {.conn = conn, .account = name, .may_replace = true}};
	struct notice job = {.kind = NOTICE_NONE};
	struct account_list list = {.count = 0};
	int rc;

	while (job.kind != NOTICE_JOB)
		if (notice_wait(conn, JOB_WAIT_MS, &job) <= 0)
			return err_set_kind(err, ERR_CANCELLED, _("It was cancelled."));
	rc = take_fingerprint(&in, job.text, err) < 0 ? -1 : account_load(&list, err);
	if (rc == 0 && !(in.account = account_find(&list, name)))
		rc = err_set_kind(err, ERR_USAGE, _("There is no account \"%s\"."), name);
	if (rc == 0)
		rc = look_at_all(&in, err);
	tls_trust_free(&in.trust);
	account_list_free(&list);
	return rc;
}

int trust_run(struct notice_conn *conn, const char *argument)
{
	struct notice done = {.kind = NOTICE_JOB_DONE};
	struct err err = ERR_INIT;

	if (trust(conn, argument ? argument : "", &err) < 0) {
		done.code = err_exit_code(&err);
		snprintf(done.text, sizeof done.text, "%s", err.text);
	}
	notice_send(conn, &done);
	return 0;
}
