#include "config.h"
#include "net/transfer/route.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "net/deliver/local.h"
#include "net/transfer/submission.h"
#include "store/base/array.h"
#include "store/base/i18n.h"
#include "store/mail/outbox.h"

struct letter_to {
	const struct local *local;
	const struct outbox_entry *entry;
	const char *addr;
};

static bool try_local(const struct letter_to *to, struct route *route)
{
	switch (local_find(to->local, to->addr, &route->account)) {
	case LOCAL_ACCOUNT:
		route->kind = ROUTE_LOCAL;
		return true;
	case LOCAL_NOBODY:
		route->status = "5.1.1";
		snprintf(route->sentence, sizeof route->sentence, "%s",
			 _("There is no mailbox of this name on this computer."));
		return true;
	default:
		return false;
	}
}

static bool is_on_server(const struct account *account)
{
	return account && account->kind > ACCOUNT_MAILDIR && account->kind != ACCOUNT_PATH;
}

static bool refuse_own(const struct account *account, struct route *route)
{
	route->status = "5.4.4";
	snprintf(route->sentence, sizeof route->sentence,
		 _("The account \"%s\" has no server that letters can be given to, and no other account's is taken "
		   "for it: write \"submission = HOST:PORT\" into its section of the configuration; \"tern account "
		   "check %s\" tries it."),
		 account->name, account->name);
	return true;
}

static bool try_submission(const struct letter_to *to, struct route *route)
{
	const struct account_list *list = local_accounts(to->local);
	const struct account *const choices[] = {account_find(list, to->entry->account),
						 account_by_address(list, to->entry->sender),
						 account_default(list)};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(choices); i++) {
		if (submission_can(choices[i])) {
			route->kind = ROUTE_SUBMISSION;
			route->account = choices[i];
			return true;
		}
		if (is_on_server(choices[i]) && i < ARRAY_COUNT(choices) - 1)
			return refuse_own(choices[i], route);
	}
	return false;
}

static bool give_up(const struct letter_to *to, struct route *route)
{
	(void)to;
	route->status = "5.4.4";
	snprintf(route->sentence, sizeof route->sentence, "%s",
		 _("This address is on another computer, and no account here has a server that letters can be "
		   "given to (\"submission\")."));
	return true;
}

/* The first way that takes it. */
static bool (*const ways[])(const struct letter_to *, struct route *) = {
    try_local,
    try_submission,
    give_up,
};

void route_find(const struct local *local, const struct outbox_entry *entry, const char *addr,
		struct route *route)
{
	const struct letter_to to = {local, entry, addr};
	size_t i;

	memset(route, 0, sizeof *route);
	route->kind = ROUTE_NONE;
	for (i = 0; i < ARRAY_COUNT(ways); i++)
		if (ways[i](&to, route))
			return;
}
