#include "config.h"
#include "net/io/ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/notice/notice.h"

static const char *const kind_words[] = {
    [ASK_PASSWORD] = "password",
    [ASK_CERTIFICATE] = "certificate",
    [ASK_OPEN_URL] = "open-url",
    [ASK_CODE] = "code",
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

	ask->is_to_keep = code == ASK_KEEP;
	if (code > 0) {
		buf_reserve(answer, sizeof notice->text);
		buf_add_str(answer, notice->text);
	}
	explicit_bzero(notice, sizeof *notice);
	if (code <= ASK_NOBODY)
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
