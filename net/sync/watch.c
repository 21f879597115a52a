#include "config.h"
#include "net/sync/watch.h"

#include <stddef.h>

#include "store/base/err.h"
#include "store/base/log.h"
#include "store/mail/account.h"
#include "store/mail/keeper.h"

int watch_run(struct notice_conn *conn, const char *argument)
{
	struct account_list list = {.count = 0};
	struct err err = ERR_INIT;
	const struct account *account;
	int rc = 0;

	if (account_load(&list, &err) < 0)
		rc = -1;
	account = argument ? account_find(&list, argument) : NULL;
	if (account)
		rc = keeper_run(account, conn, &err);
	if (rc < 0)
		log_write(LOG_ERROR, "%s", err.text);
	account_list_free(&list);
	return rc < 0 ? 1 : 0;
}
