#include "config.h"
#include "ui/command/nearby.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/mail/store.h"
#include "ui/command/app.h"
#include "ui/view/index_view.h"
#include "ui/view/reader_view.h"

int nearby_open(struct app *app, const char *account, int64_t id, struct err *err)
{
	struct view *reader = reader_view_new(app, account, id, err);

	if (!reader)
		return -1;
	app_push(app, reader);
	return 0;
}

int nearby_follow(struct app *app, struct err *err)
{
	struct view *top = app_top(app), *index = app_view(app, VIEW_INDEX);
	int64_t id;

	if (!top || top->class->kind != VIEW_READER || !index || !reader_view_id(top))
		return 0;
	id = index_view_current_own(index);
	return id ? reader_view_open(top, index_view_account(index), id, err) : 0;
}

/* The undeleted neighbour, without moving; 0 none. */
static int64_t neighbour(struct view *index, bool backwards)
{
	int64_t here = index_view_current(index), id = 0;

	if (index_view_next_flags(index, backwards, 0, BOX_DELETED, false, NULL) == 1) {
		id = index_view_current(index);
		index_view_select(index, here);
	}
	return id;
}

void nearby_resolve(struct app *app)
{
	struct view *index = app_view(app, VIEW_INDEX);

	if (!index || !app_option_bool(app, "general", "resolve"))
		return;
	app->wants_resolve = true;
	app->resolve_from = index_view_current(index);
	app->resolve_next = neighbour(index, false);
	app->resolve_back = app->resolve_next ? 0 : neighbour(index, true);
}

/* The message a reader shows left the folder and no other came in its place. */
static void leave_reader(struct app *app)
{
	struct view *top = app_top(app);

	if (top && top->class->kind == VIEW_READER)
		app_pop(app, NULL);
}

void nearby_settle(struct app *app)
{
	struct view *index = app_view(app, VIEW_INDEX);
	struct err err = ERR_INIT;
	int64_t to = app->resolve_next;
	bool stays;

	if (!app->wants_resolve || !index)
		return;
	app->wants_resolve = false;
	stays = index_view_current(index) == app->resolve_from;
	if (stays && !to && index_view_has(index, app->resolve_from))
		return; /* the last one: the cursor stays on it */
	to = to ? to : app->resolve_back;
	if (stays && to)
		index_view_select(index, to);
	if (stays && !to)
		leave_reader(app);
	else if (nearby_follow(app, &err) < 0)
		app_complain(app, &err);
}

const char *nearby_account(struct app *app)
{
	struct view *index = app_view(app, VIEW_INDEX);
	const struct account *account;

	if (index)
		return index_view_account(index);
	if (app->path_account)
		return app->path_account->name;
	account = account_default(&app->accounts);
	return account ? account->name : NULL;
}
