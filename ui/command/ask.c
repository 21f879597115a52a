#include "config.h"
#include "ui/command/ask.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/input/prompt.h"

#define TYPED_MS 120

/* Who asked; at most one at a time, kept in the app. */
struct question {
	app_complete_fn *complete;
	void (*done)(struct app *, const char *, void *);
	void (*done_key)(struct app *, char, void *);
	void (*typed)(struct app *, const char *, void *);
	struct loop_timer *typing; /* a moment after the last key */
	void *arg;
};

static void complete(void *arg, const char *text, struct arena *arena, char ***candidates,
		     size_t *count)
{
	struct app *app = arg;

	app->question->complete(app, text, arena, candidates, count);
}

static void set_question(struct app *app, struct question question)
{
	app_cancel_question(app);
	app->question = mem_alloc(sizeof *app->question);
	*app->question = question;
	app->questions++;
	app_dirty(app);
}

void app_ask(struct app *app, const char *text, const char *preset, const char *history_name,
	     app_complete_fn *complete_fn, void (*done)(struct app *, const char *, void *),
	     void *arg)
{
	struct history *history = history_name ? app_history(app, history_name) : NULL;

	set_question(app, (struct question){.complete = complete_fn, .done = done, .arg = arg});
	app->prompt =
	    prompt_new_line(text, preset, history, complete_fn ? complete : NULL, app);
}

void app_ask_secret(struct app *app, const char *text,
		    void (*done)(struct app *, const char *, void *), void *arg)
{
	set_question(app, (struct question){.done = done, .arg = arg});
	app->prompt = prompt_new_secret(text);
}

void app_ask_key(struct app *app, const char *text, const char *keys,
		 void (*done)(struct app *, char, void *), void *arg)
{
	set_question(app, (struct question){.done_key = done, .arg = arg});
	app->prompt = prompt_new_key(text, keys);
}

/* The answer (NULL: cancelled) goes to who asked; then a line that waited for it goes on, unless the
 * question was cancelled or what came of it failed. */
static void answer(struct app *app, const char *text)
{
	struct question question = *app->question;
	unsigned complaints = app->complaints;
	struct err err = ERR_INIT;

	if (question.typing)
		loop_remove_timer(app->loop, &question.typing);
	free(app->question);
	app->question = NULL;
	if (question.done_key)
		question.done_key(app, text ? text[0] : 0, question.arg);
	else
		question.done(app, text, question.arg);
	if (!text || app->complaints != complaints)
		command_forget_parked(app);
	else if (command_resume(app, &err) < 0)
		app_complain(app, &err);
}

static void end_question(struct app *app, bool is_cancelled)
{
	struct prompt *prompt = app->prompt;

	app->prompt = NULL;
	answer(app, is_cancelled ? NULL : prompt_text(prompt));
	prompt_free(&prompt);
	app_dirty(app);
}

void app_cancel_question(struct app *app)
{
	if (app->prompt)
		end_question(app, true);
}

void app_ask_typed(struct app *app, void (*typed)(struct app *app, const char *text, void *arg))
{
	app->question->typed = typed;
}

static void tell_typed(void *arg)
{
	struct app *app = arg;

	app->question->typing = NULL;
	app->question->typed(app, prompt_text(app->prompt), app->question->arg);
	app_dirty(app);
}

/* Each key puts it off: who types quickly asks once. */
static void wait_for_more(struct app *app)
{
	struct question *question = app->question;

	if (!question->typed || !app->loop)
		return;
	if (question->typing)
		loop_remove_timer(app->loop, &question->typing);
	question->typing = loop_add_timer(app->loop, "typed", TYPED_MS, tell_typed, app);
}

void app_prompt_key(struct app *app, const struct key *key)
{
	enum prompt_result result = prompt_key(app->prompt, key);

	if (result != PROMPT_GOES_ON)
		end_question(app, result == PROMPT_CANCELLED);
	else
		wait_for_more(app);
}

/* --- the missing word of a command -------------------------------------------------------------- */

struct missing {
	char *name;
	bool is_tagged; /* ";" stood before the command */
};

static void run_with_word(struct app *app, const char *text, void *arg)
{
	struct missing *missing = arg;
	struct arena *arena = arena_new();
	struct err err = ERR_INIT;

	app->use_tagged = text && missing->is_tagged;
	if (text &&
	    command_run_line(
		app, arena_printf(arena, "%s %s", missing->name, command_quote(arena, text)), &err) < 0)
		app_complain(app, &err);
	arena_free(&arena);
	free(missing->name);
	free(missing);
}

void app_ask_for(struct app *app, const char *question, const char *preset,
		 const char *history_name, app_complete_fn *complete_fn, const char *command_name)
{
	struct missing *missing = mem_alloc(sizeof *missing);

	missing->name = mem_strdup(command_name);
	missing->is_tagged = app->use_tagged;
	app_ask(app, question, preset, history_name, complete_fn, run_with_word, missing);
}
