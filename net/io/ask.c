#include "config.h"
#include "net/io/ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/io/tls.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/notice/notice.h"

static const char *const kind_words[] = {
    [ASK_PASSWORD] = "password",
    [ASK_CERTIFICATE] = "certificate",
    [ASK_OPEN_URL] = "open-url",
    [ASK_CODE] = "code",
    [ASK_CONFIRM] = "confirm",
    [ASK_LEAVE] = "leave",
};

const char *ask_kind_word(enum ask_kind kind)
{
	return kind_words[kind];
}

/* Several workers may ask about one account at once. */
static int64_t new_id(struct ask *ask)
{
	int64_t base = (int64_t)getpid() << 20;

	if (ask->last_id < base)
		ask->last_id = base;
	return ++ask->last_id;
}

static int put_question(struct ask *ask, enum ask_kind kind, const char *sentence, struct err *err)
{
	struct notice question = {.kind = NOTICE_ASK, .id = new_id(ask)};

	snprintf(question.account, sizeof question.account, "%s", ask->account ? ask->account : "");
	snprintf(question.text, sizeof question.text, "%s %s", kind_words[kind], sentence);
	if (notice_send(ask->conn, &question) < 0)
		return err_set_kind(err, ERR_CANCELLED, _("The agent is ending."));
	return 0;
}

static int take_answer(struct ask *ask, struct notice *notice, struct buf *answer, struct err *err)
{
	int64_t code = notice->code;

	ask->is_to_keep = code == REPLY_KEEP;
	if (code > 0) {
		buf_reserve(answer, sizeof notice->text);
		buf_add_str(answer, notice->text);
	}
	explicit_bzero(notice, sizeof *notice);
	if (code <= REPLY_NOBODY)
		return err_set_kind(err, ERR_TEMPORARY, _("Nobody is there to be asked."));
	return code > 0;
}

/* 2: it was something else. */
static int take(struct ask *ask, struct notice *notice, struct buf *answer, struct err *err)
{
	if (notice->kind == NOTICE_ANSWER && notice->id == ask->last_id)
		return take_answer(ask, notice, answer, err);
	if (notice->kind == NOTICE_QUIT || (ask->other && ask->other(ask->arg, notice) < 0))
		return err_set_kind(err, ERR_CANCELLED, _("It was cancelled."));
	return 2;
}

static int wait_for_answer(struct ask *ask, struct buf *answer, struct err *err)
{
	int64_t end = loop_now_ms() + (ask->limit_ms ? ask->limit_ms : ASK_LIMIT_MS), left;
	struct notice notice;
	int rc = 2;

	while (rc == 2 && (left = end - loop_now_ms()) > 0) {
		int got = notice_wait(ask->conn, (int)left, &notice);

		if (got < 0)
			return err_set_kind(err, ERR_CANCELLED, _("The agent is ending."));
		if (got > 0)
			rc = take(ask, &notice, answer, err);
	}
	return rc != 2 ? rc : err_set_kind(err, ERR_TEMPORARY, _("Nobody answered."));
}

int ask_person(struct ask *ask, enum ask_kind kind, const char *sentence, struct buf *answer, struct err *err)
{
	if (put_question(ask, kind, sentence, err) < 0)
		return -1;
	return wait_for_answer(ask, answer, err);
}

int ask_hear(void *arg)
{
	struct ask *ask = arg;
	struct notice notice;
	int rc;

	while ((rc = notice_read(ask->conn, &notice)) > 0)
		if (notice.kind == NOTICE_QUIT || (ask->other && ask->other(ask->arg, &notice) < 0))
			return -1;
	return rc;
}

/* --- certificates -------------------------------------------------------------------------------- */

/* In pairs, as they are compared by eye. */
static void add_fingerprint(struct buf *out, const char *hex)
{
	for (size_t i = 0; hex[i] && hex[i + 1]; i += 2)
		buf_printf(out, "%s%.2s", i ? ":" : "", hex + i);
}

static void add_day(struct buf *out, const char *label, int64_t when)
{
	buf_printf(out, "\n%s: ", label);
	date_add_rfc5322(out, when);
}

static void describe(const struct tls_certificate *certificate, struct buf *out)
{
	buf_printf(out, "%s: %s", certificate->host,
		   certificate->was_pinned ? _("this is not the certificate that you trusted before.")
					   : certificate->problem);
	buf_printf(out, "\n%s: %.200s", _("It is for"), certificate->names ? certificate->names : "");
	buf_printf(out, "\n%s: %.200s", _("It was issued by"), certificate->issuer ? certificate->issuer : "");
	add_day(out, _("It ends"), certificate->ends);
	buf_printf(out, "\nSHA-256: ");
	add_fingerprint(out, certificate->fingerprint);
	buf_printf(out, "\n%s", _("Trust this certificate for this server from now on?"));
}

bool ask_about_certificate(struct ask *ask, const struct tls_certificate *certificate)
{
	struct buf words = BUF_INIT, answer = BUF_INIT;
	int rc;

	if (!ask || (certificate->was_pinned && !ask->may_replace))
		return false;
	describe(certificate, &words);
	rc = ask_person(ask, ASK_CERTIFICATE, buf_str(&words), &answer, NULL);
	buf_free(&words);
	buf_free(&answer);
	ask->was_distrusted |= rc <= 0;
	return rc > 0;
}
