#include "config.h"
#include "ui/command/work.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/input/key.h"

#define HELD_MAX 200

struct work {
	int (*piece)(void *, struct err *);
	void (*stop)(void *);
	void *arg; /* NULL: nothing goes on */
	struct loop_timer *timer;
	struct key *held;
	size_t held_count, held_cap;
};

static void end(struct app *app)
{
	struct work *work = app->work;
	void *arg = work->arg;

	loop_remove_timer(app->loop, &work->timer);
	work->arg = NULL;
	if (arg && work->stop)
		work->stop(arg);
	app_dirty(app);
}

static void forget_keys(struct work *work)
{
	while (work->held_count)
		free(work->held[--work->held_count].paste);
}

/* Keys that were typed meanwhile, until one of them makes new work. */
static void give_keys(struct app *app)
{
	struct work *work = app->work;

	while (work->held_count && !work->arg && !app->wants_quit) {
		struct key key = work->held[0];

		memmove(work->held, work->held + 1, --work->held_count * sizeof key);
		app_key(app, &key);
		free(key.paste);
	}
}

static void fired(void *arg)
{
	struct app *app = arg;
	struct work *work = app->work;
	struct err err = ERR_INIT;
	int rc;

	work->timer = NULL;
	rc = work->piece(work->arg, &err);
	if (rc == 1) {
		work->timer = loop_add_timer(app->loop, "look", 1, fired, app);
		return;
	}
	end(app);
	if (rc < 0) {
		command_forget_parked(app);
		app_complain(app, &err);
	} else if (command_resume(app, &err) < 0) {
		app_complain(app, &err);
	}
	give_keys(app);
}

void work_begin(struct app *app, int (*piece)(void *, struct err *), void (*stop)(void *), void *arg)
{
	if (!app->work)
		app->work = mem_alloc(sizeof *app->work);
	end(app);
	app->work->piece = piece;
	app->work->stop = stop;
	app->work->arg = arg;
	app->work->timer = loop_add_timer(app->loop, "look", 1, fired, app);
}

bool work_goes_on(const struct app *app)
{
	return app->work && app->work->arg;
}

static bool cancels(const struct key *key)
{
	return key->code == KEY_ESC ||
	       (key->code == KEY_CTRL && (key->text[0] == 'g' || key->text[0] == 'c'));
}

bool work_key(struct app *app, const struct key *key)
{
	struct work *work = app->work;

	if (!work_goes_on(app))
		return false;
	if (cancels(key)) {
		end(app);
		forget_keys(work);
		command_forget_parked(app);
		app_say(app, _("The search was stopped."));
		return true;
	}
	if (work->held_count >= HELD_MAX)
		return true;
	ARRAY_ROOM(work->held, work->held_count, work->held_cap);
	work->held[work->held_count] = *key;
	work->held[work->held_count++].paste = key->paste ? mem_strdup(key->paste) : NULL;
	return true;
}

void work_forget(struct app *app, const void *arg)
{
	if (work_goes_on(app) && app->work->arg == arg) {
		end(app);
		command_forget_parked(app);
	}
}

void work_free(struct app *app)
{
	if (!app->work)
		return;
	end(app);
	forget_keys(app->work);
	free(app->work->held);
	free(app->work);
	app->work = NULL;
}
