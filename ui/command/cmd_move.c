#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "ui/command/app.h"
#include "ui/command/tables.h"

#define LISTS (VIEW_ANY & ~VIEW_DRAFT)

static int lines_of(struct command_call *call, long long *lines, struct err *err)
{
	*lines = 1;
	if (call->count && (str_to_long(call->args[0], lines) < 0 || *lines < 1 || *lines > 1000000))
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is no number of lines"), call->args[0]);
	return 0;
}

static int move_lines(struct app *app, struct command_call *call, int sign, struct err *err)
{
	struct view *view = app_top(app);
	long long lines;

	if (lines_of(call, &lines, err) < 0)
		return -1;
	if (view && view->class->move)
		view->class->move(view, sign * (int)lines);
	return 0;
}

static int next(struct app *app, struct command_call *call, struct err *err)
{
	return move_lines(app, call, 1, err);
}

static int previous(struct app *app, struct command_call *call, struct err *err)
{
	return move_lines(app, call, -1, err);
}

static int move_half_pages(struct app *app, int half_pages)
{
	struct view *view = app_top(app);

	if (view && view->class->move_page)
		view->class->move_page(view, half_pages);
	return 0;
}

static int page_down(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	return move_half_pages(app, 2);
}

static int page_up(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	return move_half_pages(app, -2);
}

static int half_down(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	return move_half_pages(app, 1);
}

static int half_up(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	return move_half_pages(app, -1);
}

static int move_end(struct app *app, bool to_last)
{
	struct view *view = app_top(app);

	if (view && view->class->move_end)
		view->class->move_end(view, to_last);
	return 0;
}

static int first(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	return move_end(app, false);
}

static int last(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	return move_end(app, true);
}

/* --- search in the view ------------------------------------------------------------------------- */

static int find(struct app *app, bool backwards, struct err *err)
{
	struct view *view = app_top(app);
	int found;

	if (!view || !view->class->find)
		return err_set(err, _("there is nothing to search in here"));
	if (!app->search)
		return err_set(err, _("nothing was searched for yet"));
	found = view->class->find(view, app->search, backwards, err);
	if (found == 0)
		return err_set_kind(err, ERR_NOT_FOUND, _("\"%s\" is not here"), app->search);
	return found < 0 ? -1 : 0;
}

static int search_for(struct app *app, struct command_call *call, bool backwards, struct err *err)
{
	const char *name = call->command->name;

	if (!call->count) {
		app_ask_for(app, backwards ? _("Search backwards: ") : _("Search: "), NULL, "search",
			    NULL, name);
		return 0;
	}
	if (*call->args[0]) { /* Enter alone: the same again */
		free(app->search);
		app->search = mem_strdup(call->args[0]);
	}
	app->search_back = backwards;
	return find(app, backwards, err);
}

static int search(struct app *app, struct command_call *call, struct err *err)
{
	return search_for(app, call, false, err);
}

static int search_reverse(struct app *app, struct command_call *call, struct err *err)
{
	return search_for(app, call, true, err);
}

static int search_next(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return find(app, app->search_back, err);
}

static int search_opposite(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return find(app, !app->search_back, err);
}

const struct command cmd_move_rows[] = {
    {"next", "[LINES]", N_("one row or line down"), VIEW_ANY, 0, 0, 1, next, NULL},
    {"previous", "[LINES]", N_("one row or line up"), VIEW_ANY, 0, 0, 1, previous, NULL},
    {"page-down", "", N_("one page down"), VIEW_ANY, 0, 0, 0, page_down, NULL},
    {"page-up", "", N_("one page up"), VIEW_ANY, 0, 0, 0, page_up, NULL},
    {"half-down", "", N_("half a page down"), VIEW_ANY, 0, 0, 0, half_down, NULL},
    {"half-up", "", N_("half a page up"), VIEW_ANY, 0, 0, 0, half_up, NULL},
    {"first", "", N_("to the first row or line"), VIEW_ANY, 0, 0, 0, first, NULL},
    {"last", "", N_("to the last row or line"), VIEW_ANY, 0, 0, 0, last, NULL},
    {"search", "[TEXT]", N_("find a text in this view"), LISTS, 0, 0, 1, search, NULL},
    {"search-reverse", "[TEXT]", N_("find a text backwards"), LISTS, 0, 0, 1, search_reverse, NULL},
    {"search-next", "", N_("find the same again"), LISTS, 0, 0, 0, search_next, NULL},
    {"search-opposite", "", N_("find the same again the other way"), LISTS, 0, 0, 0,
     search_opposite, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
