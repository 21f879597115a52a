#include "config.h"
#include "ui/shell/account_check.h"

#include <stdbool.h>
#include <stddef.h>

#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"
#include "ui/shell/account_worker.h"
#include "ui/shell/shell.h"

#define NAME "account"

static int print_line(void *arg, const struct notice *news)
{
	(void)arg;
	return news->kind == NOTICE_PROGRESS ? account_worker_print(news->text) : 0;
}

int account_check(int argc, char **argv)
{
	struct account_worker worker = {.role = "check", .said = print_line};
	struct account_list list;
	struct err err = ERR_INIT;
	bool is_there;

	if (argc != 2)
		return shell_usage(NAME, _("\"tern account check\" wants one name."));
	if (account_load(&list, &err) < 0)
		return shell_fail(NAME, &err);
	is_there = account_find(&list, argv[1]) != NULL;
	account_list_free(&list);
	if (!is_there)
		return shell_usage(NAME, _("There is no account \"%s\"."), argv[1]);
	worker.argument = argv[1];
	return account_worker_run(&worker);
}
