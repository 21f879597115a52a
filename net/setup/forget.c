#include "config.h"
#include "net/setup/forget.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "net/io/oauth.h"
#include "net/io/secret.h"
#include "net/setup/wish.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"

static const char *setting(const struct account *account, const char *key)
{
	const char *value = account_setting(account, key);

	return value ? value : "";
}

static bool is_at(const struct account *account, const char *user, const char *key, const char *host)
{
	char place[PLACE_TEXT_SIZE];

	wish_host(setting(account, key), place, sizeof place);
	return strcmp(place, host) == 0 && (strcmp(setting(account, "user"), user) == 0 ||
					    strcmp(setting(account, "submission-user"), user) == 0 ||
					    (account->address && strcmp(account->address, user) == 0));
}

/* Two accounts may sign in as the same person at the same place. */
static bool is_wanted(const struct account_list *list, const struct account *but, const char *user, const char *host)
{
	for (size_t i = 0; i < list->count; i++)
		if (&list->items[i] != but && (is_at(&list->items[i], user, "server", host) ||
					       is_at(&list->items[i], user, "submission", host)))
			return true;
	return false;
}

static void take_back(const struct account_list *list, const struct account *account, const char *user,
		      const char *key)
{
	char host[PLACE_TEXT_SIZE];

	wish_host(setting(account, key), host, sizeof host);
	if (*host && *user && !is_wanted(list, account, user, host))
		secret_take_back(user, host);
}

static int forget(const char *name, struct err *err)
{
	struct account_list list = {.count = 0};
	const struct account *account;
	int rc = account_load(&list, err);

	if (rc == 0 && !(account = account_find(&list, name)))
		rc = err_set_kind(err, ERR_NOT_FOUND, _("There is no account \"%s\"."), name);
	if (rc == 0) {
		const char *user = *setting(account, "user") ? setting(account, "user") : account->address;
		const char *sender = setting(account, "submission-user");

		take_back(&list, account, user, "server");
		take_back(&list, account, *sender ? sender : user, "submission");
		if (secret_remove_file(name, err) < 0 || oauth_forget(name, err) < 0)
			rc = -1;
	}
	account_list_free(&list);
	return rc;
}

int forget_run(struct notice_conn *conn, const char *argument)
{
	struct notice done = {.kind = NOTICE_JOB_DONE};
	struct err err = ERR_INIT;

	secret_guard();
	if (forget(argument ? argument : "", &err) < 0) {
		done.code = err_exit_code(&err);
		snprintf(done.text, sizeof done.text, "%s", err.text);
	}
	notice_send(conn, &done);
	return 0;
}
