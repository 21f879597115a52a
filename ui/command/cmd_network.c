/* How the accounts stand with their servers: shown, switched, cancelled. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mail/account.h"
#include "store/mail/offline.h"
#include "store/mail/outbox.h"
#include "store/mail/remote.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/command/going_on.h"
#include "ui/command/nearby.h"
#include "ui/command/tables.h"
#include "ui/view/log_view.h"
#include "ui/view/network_view.h"

#define LISTS (VIEW_ANY & ~(VIEW_DRAFT | VIEW_WIZARD))

static int show(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	if (app_top(app)->class->kind != VIEW_NETWORK)
		app_push(app, network_view_new(app));
	return 0;
}

/* The whole sentence, of which a row shows the beginning. */
static int show_row(struct app *app, struct command_call *call, struct err *err)
{
	const char *name = network_view_account(app_top(app));
	const struct account *account = name ? app_account(app, name) : NULL;
	struct buf word = BUF_INIT;

	(void)call;
	if (!account)
		return err_set_kind(err, ERR_NOT_FOUND, _("There is no account here."));
	going_on_add_word(app, account, &word);
	if (*going_on_state(app, name)->why)
		app_say(app, "%s: %s. %s", name, buf_str(&word), going_on_state(app, name)->why);
	else
		app_say(app, "%s: %s", name, word.len ? buf_str(&word) : account_kind_name(account->kind));
	buf_free(&word);
	return 0;
}

static int show_account_log(struct app *app, struct command_call *call, struct err *err)
{
	const char *name = network_view_account(app_top(app));

	(void)call;
	if (!name)
		return err_set_kind(err, ERR_NOT_FOUND, _("There is no account here."));
	app_push(app, log_view_new(app, name));
	return 0;
}

/* --- offline and online --- */

static void tell(struct app *app, const char *name, bool is_offline)
{
	if (is_offline && name)
		app_say(app, _("The account \"%s\" is offline now: what you do waits."), name);
	else if (is_offline)
		app_say(app, _("You are offline now: what you do waits."));
	else if (name)
		app_say(app, _("The account \"%s\" is online again: what waited goes now."), name);
	else
		app_say(app, _("You are online again: what waited goes now."));
}

/* Letters that waited go at once. */
static int switch_to(struct app *app, const char *name, bool is_offline, struct err *err)
{
	if (offline_set(name, is_offline, err) < 0)
		return -1;
	app_ring(app, name ? name : "");
	if (!is_offline)
		app_tell_agent(app, &(struct notice){.kind = NOTICE_FLUSH});
	tell(app, name, is_offline);
	return 0;
}

static int check_name(const struct app *app, const char *name, struct err *err)
{
	if (account_find(&app->accounts, name))
		return 0;
	return err_set_kind(err, ERR_NOT_FOUND, _("there is no account \"%s\""), name);
}

static int go_offline(struct app *app, struct command_call *call, struct err *err)
{
	bool is_offline = strcmp(call->command->name, "offline") == 0;

	if (call->count && check_name(app, call->args[0], err) < 0)
		return -1;
	return switch_to(app, call->count ? call->args[0] : NULL, is_offline, err);
}

/* In the view of accounts the one under the cursor; elsewhere all. */
static int toggle(struct app *app, struct command_call *call, struct err *err)
{
	struct view *top = app_top(app);
	const char *name = call->count					? call->args[0]
			   : top && top->class->kind == VIEW_NETWORK ? network_view_account(top)
									: NULL;
	const struct account *account = name ? account_find(&app->accounts, name) : NULL;

	if (name && check_name(app, name, err) < 0)
		return -1;
	if (offline_is(NULL))
		return switch_to(app, NULL, false, err);
	return switch_to(app, name, !offline_is(account), err);
}

static void complete_account(struct app *app, int at, const char *prefix, struct arena *arena,
			     char ***candidates, size_t *count)
{
	for (size_t i = 0; at == 0 && i < app->accounts.count; i++)
		command_candidate(arena, prefix, app->accounts.items[i].name, candidates, count);
}

/* --- another password --- */

/* The account that is named, or stands under the cursor. */
static const char *account_meant(struct app *app, const struct command_call *call)
{
	const char *name = app_top(app)->class->kind == VIEW_NETWORK ? network_view_account(app_top(app)) : NULL;

	return call->count ? call->args[0] : name ? name : nearby_account(app);
}

/* It is typed on the terminal, where no screen remembers it. */
static int new_password(struct app *app, struct command_call *call, struct err *err)
{
	const char *name = account_meant(app, call);
	char *program = child_own_program("tern");
	const char *argv[] = {program, "account", "password", name, NULL};
	int rc = -1;

	if (!name)
		err_set_kind(err, ERR_NOT_FOUND, _("There is no account here."));
	else if (check_name(app, name, err) == 0)
		rc = app_run_program(app, argv, NULL, 0, true, err);
	free(program);
	return rc;
}

/* --- cancelled --- */

static int cancel_letter(struct app *app, const struct transfer *transfer, struct err *err)
{
	struct store *store = app_store(app, transfer->account, err);

	return store ? store_unwant(store, transfer->id, transfer->part, err) : -1;
}

static int cancel(struct app *app, struct command_call *call, struct err *err)
{
	const struct transfer *transfer = network_view_transfer(app_top(app));
	struct notice notice = {.kind = NOTICE_CANCEL};

	(void)call;
	if (!transfer)
		return err_set_kind(err, ERR_NOT_FOUND, _("Nothing is on its way in this row."));
	if (transfer->kind == TRANSFER_FILES)
		return err_set(err, _("The files of this computer are read to their end."));
	if (transfer->kind == TRANSFER_LETTER && cancel_letter(app, transfer, err) < 0)
		return -1;
	notice.code = transfer->kind;
	notice.id = transfer->id;
	memcpy(notice.account, transfer->account, sizeof notice.account);
	snprintf(notice.text, sizeof notice.text, "%s", transfer->part);
	app_tell_agent(app, &notice);
	if (transfer->kind == TRANSFER_ROUND)
		app_say(app, _("Stopped; the rest is fetched at the next look, or with check-mail."));
	else if (transfer->kind == TRANSFER_SENDING)
		app_say(app, _("It is being stopped; the outbox says then whether it may have been sent."));
	else
		app_say(app, _("Stopped."));
	return 0;
}

const struct command cmd_network_rows[] = {
    {"network", "", N_("the accounts, how they stand with their servers, and what is on its way"), LISTS,
     NEEDS_SCREEN, 0, 0, show, NULL},
    {"network-show", "", N_("the whole sentence about this account"), VIEW_NETWORK, NEEDS_SCREEN, 0, 0, show_row,
     NULL},
    {"network-log", "", N_("the log of this account"), VIEW_NETWORK, NEEDS_SCREEN, 0, 0, show_account_log, NULL},
    {"account-password", "[ACCOUNT]", N_("take another password for this account"), LISTS, NEEDS_SCREEN, 0, 1,
     new_password, complete_account},
    {"network-cancel", "", N_("stop what is on its way in this row"), VIEW_NETWORK, NEEDS_SCREEN, 0, 0, cancel,
     NULL},
    {"offline", "[ACCOUNT]", N_("make no connections: for this account, or for all"), VIEW_ANY, 0, 0, 1, go_offline,
     complete_account},
    {"online", "[ACCOUNT]", N_("connect again: this account, or all"), VIEW_ANY, 0, 0, 1, go_offline,
     complete_account},
    {"toggle-offline", "[ACCOUNT]", N_("go offline, or online again"), VIEW_ANY, 0, 0, 1, toggle, complete_account},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
