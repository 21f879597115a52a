#include "config.h"
#include "net/sync/watch.h"

#include <stdio.h>

#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/mail/account.h"
#include "store/mail/keeper.h"
#include "store/notice/notice.h"

static int keep(const struct account_list *list, const char *name, struct notice_conn *conn,
		struct err *err)
{
	const struct account *account = account_find(list, name);

	if (!account)
		return err_set_kind(err, ERR_NOT_FOUND, _("There is no account \"%s\"."), name);
	return keeper_run(account, conn, err);
}

static void say_error(struct notice_conn *conn, const char *text)
{
	struct notice notice = {.kind = NOTICE_ERROR};

	log_write(LOG_ERROR, "%s", text);
	snprintf(notice.text, sizeof notice.text, "%s", text);
	notice_send(conn, &notice);
}

int watch_run(struct notice_conn *conn, const char *argument)
{
	struct account_list list;
	struct err err = ERR_INIT;
	int rc = account_load(&list, &err);

	if (rc == 0)
		rc = keep(&list, argument, conn, &err);
	if (rc < 0)
		say_error(conn, err.text);
	account_list_free(&list);
	return rc < 0;
}
