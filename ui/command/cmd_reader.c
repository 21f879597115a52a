#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compose/attach.h"
#include "compose/mailto.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/tables.h"
#include "ui/render/message.h"
#include "ui/render/open_with.h"
#include "ui/screen/term.h"
#include "ui/view/draft_view.h"
#include "ui/view/reader_view.h"

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
	if (reader_view_forms(app_top(app)) < 2)
		return err_set(err, _("This letter has no other form to show."));
	return toggle(app, READER_HTML);
}

static int raw(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	(void)err;
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

static int read_on(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (reader_view_page(app_top(app)))
		return 0;
	return command_run_line(app, "next-undeleted", err);
}

/* A program beside us; it is only waited for, so that no zombie stays. */
static void ended(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status;
}

static void leave_alone(struct app *app, pid_t pid)
{
	loop_add_child(app->loop, "an opened part", pid, ended, NULL);
}

/* --- links --- */

static void follow_mailto(struct app *app, const char *url)
{
	struct err err = ERR_INIT;
	struct mailto_result result = {0};
	struct draft *draft = mailto_make(&app->compose, url, reader_view_account(app_top(app)),
					  &result, &err);

	if (!draft) {
		app_complain(app, &err);
		return;
	}
	app_push(app, draft_view_new(app, draft));
	if (*result.refused)
		app_say(app, _("The link also asked for these, which were left out: %s"),
			result.refused);
}

/* The address is one argument of the program, never part of a command. */
static int follow(struct app *app, const char *url, struct err *err)
{
	struct opener opener;
	const char *argv[] = {"xdg-open", url, NULL};
	struct child_setup setup = {.in = CHILD_NULL, .out = CHILD_NULL, .err = CHILD_NULL, .extra = -1};
	struct child child;

	if (mailto_is(url)) {
		follow_mailto(app, url);
		return 0;
	}
	open_with_find("x-scheme-handler/http", &opener);
	if (!*opener.shell) {
		opener_free(&opener);
		return err_set(err, _("There is no browser to open it with: %s"), url);
	}
	opener_free(&opener);
	if (child_start(&child, argv, &setup, err) < 0)
		return -1;
	leave_alone(app, child.pid);
	app_say(app, _("Opened: %s"), url);
	return 0;
}

static const char *link_of(struct app *app, const char *number, struct err *err)
{
	long long value;
	const char *url = NULL;

	if (str_to_long(number, &value) == 0 && value > 0)
		url = reader_view_link(app_top(app), (size_t)value);
	if (!url)
		err_set(err, _("There is no link number %s."), number);
	return url;
}

static int ask_link(struct app *app, const char *command, struct err *err)
{
	size_t count = reader_view_link_count(app_top(app));
	char *question;

	if (!count)
		return err_set(err, _("There is no link in this letter."));
	question = mem_printf(_("Number of the link (1-%zu): "), count);
	app_ask_for(app, question, count == 1 ? "1" : "", "link", NULL, command);
	free(question);
	return 0;
}

static int follow_link(struct app *app, struct command_call *call, struct err *err)
{
	const char *url;

	if (!call->count)
		return ask_link(app, "follow-link", err);
	url = link_of(app, call->args[0], err);
	return url ? follow(app, url, err) : -1;
}

static int copy_link(struct app *app, struct command_call *call, struct err *err)
{
	const char *url;

	if (!call->count)
		return ask_link(app, "copy-link", err);
	url = link_of(app, call->args[0], err);
	if (!url)
		return -1;
	if (app->term)
		term_copy(app->term, url);
	app_say(app, _("Copied: %s"), url);
	return 0;
}

const struct command cmd_reader_rows[] = {
	{"headers", "", N_("all headers, or the few that matter"), VIEW_READER, 0, 0, 0, headers, NULL},
	{"html", "", N_("the next form of the letter: plain text, HTML..."), VIEW_READER, 0, 0, 0, html,
	 NULL},
	{"raw", "", N_("the letter's bytes as they came"), VIEW_READER, 0, 0, 0, raw, NULL},
	{"quotes", "", N_("fold or unfold what is quoted"), VIEW_READER, 0, 0, 0, quotes, NULL},
	{"quote", "", N_("fold or unfold the first quotation in sight"), VIEW_READER, 0, 0, 0, quote, NULL},
	{"skip-quoted", "", N_("to the text behind the next quote"), VIEW_READER, 0, 0, 0, skip_quoted,
	 NULL},
	{"read-on", "", N_("a page on, at the end to the next message"), VIEW_READER, 0, 0, 0, read_on,
	 NULL},
	{"follow-link", "[NUMBER]", N_("open a link of the letter"), VIEW_READER, NEEDS_SCREEN, 0, 1,
	 follow_link, NULL},
	{"copy-link", "[NUMBER]", N_("copy a link of the letter"), VIEW_READER, NEEDS_SCREEN, 0, 1,
	 copy_link, NULL},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
