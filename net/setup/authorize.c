#include "config.h"
#include "net/setup/authorize.h"

#include <stdio.h>
#include <string.h>

#include "net/io/oauth.h"
#include "net/io/secret.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"

#define JOB_WAIT_MS 30000

static void open_url(void *arg, const char *url, const char *code)
{
	struct notice where = {.kind = NOTICE_JOB};

	snprintf(where.text, sizeof where.text, "url=%s%s%s\n", url, code ? "\ncode=" : "", code ? code : "");
	notice_send(arg, &where);
}

static int wait_for_news(void *arg)
{
	struct notice notice;
	int rc;

	while ((rc = notice_read(arg, &notice)) > 0)
		if (notice.kind == NOTICE_QUIT)
			return -1;
	return rc;
}

void authorize_talk(struct oauth_talk *talk, struct notice_conn *conn)
{
	*talk = (struct oauth_talk){.open = open_url, .wait = wait_for_news, .arg = conn};
}

static int authorize(struct notice_conn *conn, const char *name, struct err *err)
{
	struct notice job = {.kind = NOTICE_NONE};
	struct account_list list = {.count = 0};
	const struct account *account;
	struct oauth_talk talk;
	int rc = -1;

	while (job.kind != NOTICE_JOB)
		if (notice_wait(conn, JOB_WAIT_MS, &job) <= 0)
			return err_set_kind(err, ERR_CANCELLED, _("It was cancelled."));
	if (account_load(&list, err) < 0)
		return -1;
	account = account_find(&list, name);
	authorize_talk(&talk, conn);
	if (account)
		rc = oauth_authorize(account, strcmp(job.text, "device") == 0, &talk, err);
	else
		err_set(err, _("There is no account \"%s\"."), name);
	account_list_free(&list);
	return rc;
}

int authorize_run(struct notice_conn *conn, const char *argument)
{
	struct notice done = {.kind = NOTICE_JOB_DONE};
	struct err err = ERR_INIT;

	secret_guard();
	if (authorize(conn, argument ? argument : "", &err) < 0) {
		done.code = err_exit_code(&err);
		snprintf(done.text, sizeof done.text, "%s", err.text);
	}
	notice_send(conn, &done);
	return 0;
}
