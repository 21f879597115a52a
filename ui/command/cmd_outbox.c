#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "compose/compose_option.h"
#include "compose/flush.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/option.h"
#include "store/base/path.h"
#include "store/mail/outbox.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/command/app_config.h"
#include "ui/command/tables.h"
#include "ui/command/take_back.h"
#include "ui/view/options_view.h"
#include "ui/view/outbox_view.h"
#include "ui/view/set_up_view.h"
#include "ui/view/wizard_view.h"

#define LISTS (VIEW_ANY & ~(VIEW_DRAFT | VIEW_WIZARD))

static int open_box(struct app *app, struct err *err)
{
	if (!app->outbox)
		app->outbox = outbox_open(err);
	return app->outbox ? 0 : -1;
}

static int show(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (open_box(app, err) < 0)
		return -1;
	if (app_top(app)->class->kind != VIEW_OUTBOX)
		app_push(app, outbox_view_new(app));
	return 0;
}

static int current(struct app *app, int64_t *id, struct err *err)
{
	*id = outbox_view_current(app_top(app));
	return *id ? 0 : err_set(err, _("the outbox is empty"));
}

/* One of the wishes of outbox.h on the current entry. */
static int wish(struct app *app, int (*what)(struct outbox *, int64_t, struct err *),
		const char *done, const char *nothing, struct err *err)
{
	int64_t id;
	int changed;

	if (current(app, &id, err) < 0)
		return -1;
	changed = what(app->outbox, id, err);
	if (changed < 0)
		return -1;
	if (changed == 0)
		return err_set(err, "%s", nothing);
	app_say(app, "%s", done);
	app_ring(app, "");
	app_outbox_changed(app);
	app_notice(app, &(struct notice){.kind = NOTICE_OUTBOX_CHANGED, .id = id});
	return 0;
}

static int retry(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return wish(app, outbox_retry, _("the letter goes now"), _("this letter does not wait"), err);
}

/* One that is being sent is stopped by who sends it; how that ended stands in its row then. */
static int stop(struct app *app, int64_t id)
{
	app_tell_agent(app, &(struct notice){.kind = NOTICE_CANCEL, .code = TRANSFER_SENDING, .id = id});
	app_say(app, _("It is being stopped; its row says then whether it may have been sent."));
	return 0;
}

static int hold(struct app *app, struct command_call *call, struct err *err)
{
	int64_t id;

	(void)call;
	if (current(app, &id, err) < 0)
		return -1;
	if (outbox_view_is_sending(app_top(app)))
		return stop(app, id);
	return wish(app, outbox_hold, _("the letter is held until you send it"),
		    _("this letter cannot be held any more"), err);
}

static int cancel(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return wish(app, outbox_cancel, _("the letter will not be sent"),
		    outbox_view_is_sending(app_top(app)) ? _("this letter is being sent; outbox-hold stops it")
							     : _("this letter is no longer in the outbox"), err);
}

static int show_details(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	outbox_view_toggle_details(app_top(app));
	return 0;
}

static int edit(struct app *app, struct command_call *call, struct err *err)
{
	int64_t id;

	(void)call;
	return current(app, &id, err) < 0 ? -1 : take_back_letter(app, id, err);
}

static bool still_waits(const struct outbox_entry *entry)
{
	size_t i;

	for (i = 0; i < entry->recipient_count; i++)
		if (entry->recipients[i].state != OUTBOX_WAITING &&
		    entry->recipients[i].state != OUTBOX_HELD)
			return false;
	return entry->recipient_count > 0;
}

/* The letter sent last, while all of it still waits. */
static int take_back(struct app *app, struct command_call *call, struct err *err)
{
	struct outbox_entry *entries;
	size_t count;

	if (open_box(app, err) < 0 ||
	    outbox_list(app->outbox, false, call->arena, &entries, &count, err) < 0)
		return -1;
	while (count-- > 0)
		if (!entries[count].is_bounce && still_waits(&entries[count]))
			return take_back_letter(app, entries[count].id, err);
	return err_set_kind(err, ERR_NOT_FOUND, _("no letter waits that could be taken back"));
}

static int flush(struct app *app, struct command_call *call, struct err *err)
{
	struct buf words = BUF_INIT;
	int rc = open_box(app, err);

	(void)call;
	if (rc == 0)
		rc = flush_outbox(app->outbox, compose_option_int(&app->compose, "undo-send"), &words, err);
	if (rc == 0) {
		app_tell_agent(app, &(struct notice){.kind = NOTICE_FLUSH});
		app_outbox_changed(app);
		app_notice(app, &(struct notice){.kind = NOTICE_OUTBOX_CHANGED});
		app_say(app, "%s", buf_str(&words));
	}
	buf_free(&words);
	return rc;
}

/* --- the options view --------------------------------------------------------------------------- */

static int option_change(struct app *app, struct command_call *call, struct err *err)
{
	const struct option_row *row = options_view_current(app_top(app));
	char *name = arena_printf(call->arena, "%s.%s", row->section, row->name);

	if (row->type == OPTION_BOOL)
		return command_run_line(app, arena_printf(call->arena, "toggle %s", name), err);
	app_ask_for(app, arena_printf(call->arena, "%s = ", name),
		    option_text(app->options, row->section, row->name), NULL, NULL,
		    arena_printf(call->arena, "set %s", name));
	return 0;
}

static int option_back(struct app *app, struct command_call *call, struct err *err)
{
	const struct option_row *row = options_view_current(app_top(app));

	return command_run_line(
	    app, arena_printf(call->arena, "reset %s.%s", row->section, row->name), err);
}

static int option_keep(struct app *app, struct command_call *call, struct err *err)
{
	const struct option_row *row = options_view_current(app_top(app));
	const char *value = option_text(app->options, row->section, row->name);
	char *path = path_in(PATH_CONFIG, "config");
	int rc = conf_set(path, row->section, row->name, value, err);

	(void)call;
	free(path);
	if (rc == 0)
		app_say(app, _("The configuration keeps %s.%s = %s"), row->section, row->name, value);
	return rc;
}

/* --- the wizard --------------------------------------------------------------------------------- */

static int choose(struct app *app, struct command_call *call, struct err *err)
{
	(void)err;
	wizard_view_choose(app_top(app), call->count ? atoi(call->args[0]) : 0);
	return 0;
}

static int leave(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (set_up_view_is(app_top(app)) && set_up_view_back(app_top(app)))
		return 0;
	if (app->view_count > 1)
		return app_pop(app, err);
	app_quit(app);
	return 0;
}

static int set_up(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	if (app_top(app)->class->kind != VIEW_WIZARD)
		app_push(app, wizard_view_new(app));
	return 0;
}

const struct command cmd_outbox_rows[] = {
    {"outbox", "", N_("what waits to be sent, and why"), LISTS, NEEDS_SCREEN, 0, 0, show, NULL},
    {"outbox-show", "", N_("who said what about this letter"), VIEW_OUTBOX, 0, 0, 0, show_details,
     NULL},
    {"outbox-retry", "", N_("send this letter now"), VIEW_OUTBOX, 0, 0, 0, retry, NULL},
    {"outbox-hold", "", N_("hold this letter; one that is being sent is stopped"), VIEW_OUTBOX, 0, 0, 0, hold, NULL},
    {"outbox-cancel", "", N_("do not send this letter"), VIEW_OUTBOX, 0, 0, 0, cancel, NULL},
    {"outbox-edit", "", N_("make a draft of this letter again"), VIEW_OUTBOX, NEEDS_SCREEN, 0, 0,
     edit, NULL},
    {"take-back", "", N_("take back the letter sent last"), LISTS, NEEDS_SCREEN, 0, 0, take_back,
     NULL},
    {"flush", "",
     N_("send now what waits in the outbox, also what could still be taken back"), LISTS, 0, 0, 0, flush, NULL},
    {"option-change", "", N_("change this option"), VIEW_OPTIONS, 0, 0, 0, option_change, NULL},
    {"option-reset", "", N_("set this option back to its default"), VIEW_OPTIONS, 0, 0, 0,
     option_back, NULL},
    {"option-keep", "", N_("write this option into the configuration, as it is now"), VIEW_OPTIONS, 0, 0, 0,
     option_keep, NULL},
    {"set-up", "", N_("choose where your mail is"), LISTS, NEEDS_SCREEN, 0, 0, set_up, NULL},
    {"wizard-choose", "[NUMBER]", N_("choose"), VIEW_WIZARD, 0, 0, 1, choose, NULL},
    {"wizard-leave", "", N_("not now"), VIEW_WIZARD, 0, 0, 0, leave, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
