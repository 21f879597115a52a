#include "config.h"

#include "store/base/err.h"
#include "store/base/i18n.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/fetching.h"
#include "ui/command/tables.h"
#include "ui/view/parts_view.h"
#include "ui/view/reader_view.h"
#include "ui/view/verdict.h"
#include "ui/view/verdict_view.h"

/* --- what the letter shows --- */

static int toggle(struct app *app, enum reader_way way)
{
	reader_view_toggle(app_top(app), way);
	return 0;
}

static int headers(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	(void)err;
	return toggle(app, READER_HEADERS);
}

static int html(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (reader_view_has_no_links(app_top(app))) {
		app_say(app, _("From now on links of this letter can be followed."));
		return toggle(app, READER_HTML);
	}
	if (reader_view_forms(app_top(app)) < 2)
		return err_set(err, _("This letter has no other form to show."));
	return toggle(app, READER_HTML);
}

static int raw(struct app *app, struct command_call *call, struct err *err)
{
	if (reader_view_is_awaited(app_top(app)))
		return fetching_go_on(app, call, err);
	return toggle(app, READER_RAW);
}

static int quotes(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	(void)err;
	return toggle(app, READER_QUOTES);
}

static int quote(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (!reader_view_fold_quote(app_top(app), -1))
		return err_set(err, _("There is no quotation of several lines in sight."));
	return 0;
}

static int skip_quoted(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	(void)err;
	reader_view_skip_quoted(app_top(app));
	return 0;
}

/* All that is known, where the rows on top are cut. */
static int verdict(struct app *app, struct command_call *call, struct err *err)
{
	struct view *top = app_top(app);
	size_t about, message;
	const struct verdict *known = top->class->kind == VIEW_PARTS
					      ? parts_view_verdict(top, &about)
					      : reader_view_verdict(top, &about, &message);

	(void)call;
	if (!known)
		return err_set(err, _("This letter is neither signed nor encrypted."));
	if (!verdict_result(known))
		return err_set(err, _("It is still being looked at."));
	app_push(app, verdict_view_new(app, known, about));
	return 0;
}

static int fetch(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return reader_view_fetch(app_top(app), err);
}

static int read_on(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (reader_view_page(app_top(app)))
		return 0;
	return command_run_line(app, "next-undeleted", err);
}

const struct command cmd_reader_rows[] = {
	{"headers", "", N_("all headers, or the few that matter"), VIEW_READER, 0, 0, 0, headers, NULL},
	{"html", "", N_("the next form of the letter: plain text, HTML..."), VIEW_READER, 0, 0, 0, html,
	 NULL},
	{"raw", "", N_("the letter's bytes as they came"), VIEW_READER, 0, 0, 0, raw, NULL},
	{"verdict", "", N_("all about the letter's signatures and encryption"), VIEW_READER | VIEW_PARTS, NEEDS_SCREEN,
	 0, 0, verdict, NULL},
	{"quotes", "", N_("fold or unfold what is quoted"), VIEW_READER, 0, 0, 0, quotes, NULL},
	{"quote", "", N_("fold or unfold the first quotation in sight"), VIEW_READER, 0, 0, 0, quote, NULL},
	{"skip-quoted", "", N_("to the text behind the next quote"), VIEW_READER, 0, 0, 0, skip_quoted,
	 NULL},
	{"fetch", "", N_("fetch the letter's text, where it is on the server alone; again: stop that"), VIEW_READER,
	 NEEDS_SCREEN, 0, 0, fetch, NULL},
	{"read-on", "", N_("a page on, at the end to the next message"), VIEW_READER, 0, 0, 0, read_on,
	 NULL},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
