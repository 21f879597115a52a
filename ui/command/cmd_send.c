#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "compose/compose_option.h"
#include "compose/draft.h"
#include "compose/draft_check.h"
#include "compose/recall.h"
#include "compose/send.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/tables.h"
#include "ui/command/take_back.h"
#include "ui/view/draft_view.h"

/* The questions still to be asked before it goes. */
struct asking {
	struct check_list checks;
	size_t at;
};

static void asking_free(struct asking *asking)
{
	check_list_free(&asking->checks);
	free(asking);
}

/* --- sent --- */

static void say_sent(struct app *app)
{
	long long seconds = compose_option_int(&app->compose, "undo-send");
	char key[48];

	if (seconds <= 0)
		app_say(app, _("Sent."));
	else if (app_key_for(app, "take-back", key, sizeof key))
		app_say(app, _("It goes out in %lld s; %s takes it back."), seconds, key);
	else
		app_say(app, _("It goes out in %lld s; the command take-back takes it back."), seconds);
}

/* Letters came and flags changed there. */
static void tell(struct app *app, const char *account)
{
	app_touched(app, account);
	app_ring(app, account);
}

static int send_now(struct app *app, struct err *err)
{
	struct view *view = app_top(app);
	struct draft *draft = draft_view_draft(view);
	char *account, *origin;
	int64_t id = draft_view_save(view, err) < 0 ? -1 : send_draft(&app->compose, draft, -1, err);

	if (id < 0)
		return -1;
	take_back_note(app, id);
	account = mem_strdup(draft->account);
	origin = mem_strdup(draft->origin_account);
	draft_view_done(view);
	app_pop(app, NULL);
	tell(app, account);
	if (*origin && strcmp(origin, account))
		tell(app, origin);
	say_sent(app);
	free(account);
	free(origin);
	return 0;
}

static void ask_next(struct app *app, struct asking *asking);

static void check_answered(struct app *app, char key, void *arg)
{
	struct asking *asking = arg;

	if (key != 'y') {
		app_say(app, _("Not sent."));
		asking_free(asking);
		return;
	}
	asking->at++;
	ask_next(app, asking);
}

static void ask_next(struct app *app, struct asking *asking)
{
	struct err err = ERR_INIT;
	char *question;

	if (asking->at >= asking->checks.count) {
		asking_free(asking);
		if (send_now(app, &err) < 0)
			app_complain(app, &err);
		return;
	}
	question = mem_printf(_("%s Send it all the same? ([n]o, [y]es) "),
			      asking->checks.items[asking->at].text);
	app_ask_key(app, question, "ny", check_answered, asking);
	free(question);
}

static int send_letter(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);
	struct asking *asking = mem_alloc(sizeof *asking);

	(void)call;
	draft_check(&app->compose, draft_view_draft(view), &asking->checks);
	if (asking->checks.stops) {
		err_set(err, "%s", asking->checks.items[0].text);
		if (asking->checks.items[0].field)
			draft_view_to_field(view, asking->checks.items[0].field);
		asking_free(asking);
		return -1;
	}
	ask_next(app, asking);
	return 0;
}

/* --- not sent --- */

/* A folder for drafts may lie on a server: what came encrypted is kept beside it, on this machine. */
static int keep_here(struct app *app, struct view *view, struct err *err)
{
	if (draft_view_save(view, err) < 0)
		return -1;
	draft_view_done(view);
	app_pop(app, NULL);
	app_say(app, _("Kept as a draft on this machine only, as what it quotes came encrypted."));
	return 0;
}

static int postpone(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);
	struct draft *draft = draft_view_draft(view);
	char *account;

	(void)call;
	if (draft->was_encrypted)
		return keep_here(app, view, err);
	if (draft_view_save(view, err) < 0 || recall_postpone(&app->compose, draft, err) < 0)
		return -1;
	account = mem_strdup(draft->account);
	draft_view_done(view);
	app_pop(app, NULL);
	tell(app, account);
	app_say(app, _("Kept as a draft."));
	free(account);
	return 0;
}

static int throw_away(struct app *app, struct err *err)
{
	struct view *view = app_top(app);

	if (draft_remove(draft_view_draft(view), err) < 0)
		return -1;
	draft_view_done(view);
	return app_pop(app, err);
}

static void abandon_answered(struct app *app, char key, void *arg)
{
	struct err err = ERR_INIT;
	int result = 0;

	(void)arg;
	if (key == 'k')
		result = postpone(app, NULL, &err);
	else if (key == 't')
		result = throw_away(app, &err);
	if (result < 0)
		app_complain(app, &err);
}

static int abandon(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (draft_is_empty(draft_view_draft(app_top(app))))
		return throw_away(app, err);
	app_ask_key(app, _("Leave this letter? ([k]eep it as a draft, [t]hrow it away, [g]o on) "), "gkt",
		    abandon_answered, NULL);
	return 0;
}

const struct command cmd_send_rows[] = {
	{"send", "", N_("send the letter"), VIEW_DRAFT, 0, 0, 0, send_letter, NULL},
	{"postpone", "", N_("keep the letter in Drafts"), VIEW_DRAFT, 0, 0, 0, postpone, NULL},
	{"abandon", "", N_("leave the letter"), VIEW_DRAFT, 0, 0, 0, abandon, NULL},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
