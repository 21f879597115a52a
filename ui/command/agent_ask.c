#include "config.h"
#include "ui/command/agent_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/command/ask.h"
#include "ui/view/certificate_view.h"

#define WAITING_MAX 16	/* more is not asked by any honest agent */
#define STILL_MS    1500 /* so long nobody types: then a question takes no key that was meant for something else */

struct agent_questions {
	struct notice waiting[WAITING_MAX];
	size_t count;
	struct notice now; /* id 0: none is put */
	struct view *view; /* what the question is about, while it is put */
	bool is_told;	   /* that one waits */
};

/* --- the answer ---------------------------------------------------------------------------------- */

static void reply(struct app *app, int64_t code, const char *text)
{
	struct agent_questions *questions = app->agent_questions;
	struct notice answer = {.kind = NOTICE_ANSWER, .id = questions->now.id, .code = code};

	memcpy(answer.account, questions->now.account, sizeof answer.account);
	snprintf(answer.text, sizeof answer.text, "%s", text ? text : "");
	questions->now.id = 0;
	if (app->agent)
		app_tell_agent(app, &answer);
	explicit_bzero(&answer, sizeof answer);
}

static void got_text(struct app *app, const char *text, void *arg)
{
	(void)arg;
	if (app->agent_questions->now.id)
		reply(app, text && *text ? REPLY_YES : REPLY_NO, text);
}

static void take_view_away(struct app *app)
{
	struct agent_questions *questions = app->agent_questions;

	if (questions->view && app_top(app) == questions->view)
		app_pop(app, NULL);
	questions->view = NULL;
}

/* No is the first key: Enter trusts nobody. */
static void got_key(struct app *app, char key, void *arg)
{
	(void)arg;
	take_view_away(app);
	if (app->agent_questions->now.id)
		reply(app, key == 'y' ? REPLY_YES : REPLY_NO, key == 'y' ? "yes" : "");
}

/* --- the question -------------------------------------------------------------------------------- */

static void put_certificate(struct app *app, const char *sentence)
{
	app->agent_questions->view = certificate_view_new(app, sentence);
	app_push(app, app->agent_questions->view);
	app_ask_key(app, _("Trust this certificate from now on? (n/y)"), "ny", got_key, NULL);
}

static void put_secret(struct app *app, const char *sentence)
{
	app_ask_secret(app, sentence, got_text, NULL);
}

static void put(struct app *app, const char *text)
{
	const char *sentence = strchr(text, ' ');

	if (str_starts(text, "certificate "))
		put_certificate(app, sentence + 1);
	else if (str_starts(text, "password ") || str_starts(text, "code "))
		put_secret(app, sentence + 1);
	else
		reply(app, REPLY_NO, "");
}

/* Who writes is not interrupted: the keys would answer. */
static bool must_wait(struct app *app)
{
	struct view *top = app_top(app);

	return (top && top->class->kind == VIEW_DRAFT) || loop_now_ms() - app->typed_ms < STILL_MS;
}

static void tell_waiting(struct app *app)
{
	struct agent_questions *questions = app->agent_questions;

	if (!questions->is_told)
		app_say(app, _("The account \"%s\" has a question; it is put when you are not writing."),
			questions->waiting[0].account);
	questions->is_told = true;
}

void agent_ask_next(struct app *app)
{
	struct agent_questions *questions = app->agent_questions;

	if (!questions || !questions->count || app->prompt || questions->now.id || app->is_away)
		return;
	if (must_wait(app)) {
		tell_waiting(app);
		return;
	}
	questions->is_told = false;
	questions->now = questions->waiting[0];
	questions->count--;
	memmove(questions->waiting, questions->waiting + 1, questions->count * sizeof *questions->waiting);
	put(app, questions->now.text);
}

static void forget(struct app *app, int64_t id)
{
	struct agent_questions *questions = app->agent_questions;
	size_t i;

	for (i = 0; i < questions->count; i++)
		if (questions->waiting[i].id == id) {
			questions->count--;
			memmove(&questions->waiting[i], &questions->waiting[i + 1],
				(questions->count - i) * sizeof *questions->waiting);
			return;
		}
	if (questions->now.id != id)
		return;
	questions->now.id = 0;
	app_cancel_question(app);
	app->deaf_until_ms = loop_now_ms() + STILL_MS; /* half a password shall not become commands */
	app_say(app, _("The question was answered elsewhere."));
}

void agent_asks(struct app *app, const struct notice *notice)
{
	struct agent_questions *questions = app->agent_questions;

	if (!questions)
		questions = app->agent_questions = mem_alloc(sizeof *questions);
	if (notice->kind == NOTICE_ANSWER)
		forget(app, notice->id);
	else if (questions->count < WAITING_MAX)
		questions->waiting[questions->count++] = *notice;
	agent_ask_next(app);
}

void agent_ask_free(struct app *app)
{
	free(app->agent_questions);
	app->agent_questions = NULL;
}
