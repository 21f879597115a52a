#include "config.h"
#include "ui/command/app.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/option.h"
#include "store/mail/store.h"
#include "store/notice/notice.h"
#include "ui/command/agent.h"
#include "ui/command/agent_ask.h"
#include "ui/command/app_config.h"
#include "ui/command/app_main.h"
#include "ui/command/command.h"
#include "ui/command/going_on.h"
#include "ui/command/news.h"
#include "ui/command/searches.h"
#include "ui/command/work.h"
#include "ui/input/history.h"
#include "ui/screen/term.h"

/* How long a sentence stays when no key is pressed. */
#define STATUS_MS 20000
#define ANSWER_MS 2000
/* A screen does not wait longer for a database that somebody writes. */
#define STORE_BUSY_MS 10
/* ... nor look for matches longer in one go. */

static void set_status(struct app *app, const char *text, bool is_error)
{
	snprintf(app->status, sizeof app->status, "%s", text);
	app->status_is_error = is_error;
	app->status_until_ms = loop_now_ms() + STATUS_MS;
	app_dirty(app);
}

static void answer(struct app *app, const char *text, bool is_error)
{
	set_status(app, text, is_error);
	app->answer_until_ms = loop_now_ms() + ANSWER_MS;
}

/* --- stores ------------------------------------------------------------------------------------- */

const struct account *app_account(const struct app *app, const char *name)
{
	if (app->path_account && strcmp(app->path_account->name, name) == 0)
		return app->path_account;
	return account_find(&app->accounts, name);
}

static struct account_seen *seen_of(struct app *app, const char *account)
{
	struct account_seen *seen = map_get(app->versions, account);

	if (!seen) {
		seen = mem_alloc(sizeof *seen);
		seen->since = STORE_NEWS_NOW;
		map_set(app->versions, account, seen);
	}
	return seen;
}

/* What a folder had when it was read in first is no news; what came between that and now is. */
static void look_at_inbox(struct app *app, struct store *store, const char *account)
{
	struct arena *arena = arena_new();
	struct account_seen *seen = seen_of(app, account);
	struct folder inbox;

	if (store_folder_by_role(store, ROLE_INBOX, arena, &inbox, NULL) != 1)
		seen->since = STORE_NEWS_UNREAD;
	else if (store_has_news(store, &inbox, &seen->since, NULL) == 1)
		news_tell(app, store, &inbox);
	arena_free(&arena);
}

static void be_quick(struct store *store)
{
	store_set_busy_ms(store, STORE_BUSY_MS);
	store_set_piece_ms(store, APP_PIECE_MS);
	store_set_lock_ms(store, STORE_BUSY_MS);
}

static struct store *open_store(struct app *app, const struct account *account, struct err *err)
{
	bool was_damaged = false;
	struct store *store = store_open(account, &was_damaged, err);

	if (!store)
		return NULL;
	if (app->term)
		be_quick(store);
	if (was_damaged)
		app_say(app, _("What was known about \"%s\" was damaged; it is read from the files again."),
			account->name);
	map_set(app->stores, account->name, store);
	app_saw_change(app, account->name);
	look_at_inbox(app, store, account->name);
	agent_watch(app, account->name);
	return store;
}

struct store *app_store(struct app *app, const char *name, struct err *err)
{
	struct store *store = map_get(app->stores, name);
	const struct account *account;

	if (store)
		return store;
	account = app_account(app, name);
	if (!account) {
		err_set_kind(err, ERR_NOT_FOUND, _("there is no account \"%s\""), name);
		return NULL;
	}
	return open_store(app, account, err);
}

static void free_store(void *value)
{
	struct store *store = value;

	store_close(&store);
}

void app_close_stores(struct app *app)
{
	map_free(&app->stores, free_store);
}

bool app_saw_change(struct app *app, const char *account)
{
	struct store *store = map_get(app->stores, account);
	struct account_seen *seen = seen_of(app, account);
	int64_t version = store ? store_data_version(store) : seen->version;
	bool changed = version != seen->version;

	seen->version = version;
	return changed;
}

/* Stores that are open, and views, lend from the old list: it stays until the end. */
int app_load_accounts(struct app *app, struct err *err)
{
	struct account_list fresh = {.items = NULL};

	if (account_load(&fresh, err) < 0)
		return -1;
	ARRAY_ROOM(app->retired, app->retired_count, app->retired_cap);
	app->retired[app->retired_count++] = app->accounts;
	app->accounts = fresh;
	return 0;
}

void app_reload_config(struct app *app)
{
	app_config_load(app);
	app_config_theme(app);
	searches_read_anew(app);
}

void app_touched(struct app *app, const char *account)
{
	struct notice notice = {.kind = NOTICE_FOLDER_CHANGED, .folder = -1};

	snprintf(notice.account, sizeof notice.account, "%s", account);
	app_notice(app, &notice);
}

/* The line may do anything, with what is asked about too: it waits for the answer. */
void app_run_news(struct app *app)
{
	if (!app->has_news || app->prompt || app->is_away || app->parked || app->line_depth || work_goes_on(app))
		return;
	app->has_news = false;
	app_hook(app, "new-mail");
}

void app_open_quietly(struct app *app, const char *account)
{
	struct err err = ERR_INIT;

	if (!app_store(app, account, &err) && !map_get(app->versions, account))
		log_write(LOG_WARNING, "%s", err.text);
	seen_of(app, account); /* what cannot be opened is told once */
}

static void hear(struct app *app, const struct notice *notice)
{
	struct store *store = map_get(app->stores, notice->account);

	if (notice->kind == NOTICE_ERROR)
		set_status(app, notice->text, true);
	going_on_hear(app, notice);
	if (notice->kind == NOTICE_ASK || notice->kind == NOTICE_ANSWER)
		agent_asks(app, notice);
	if (notice->kind != NOTICE_FOLDER_CHANGED || !store)
		return;
	app_saw_change(app, notice->account);
	look_at_inbox(app, store, notice->account);
}

void app_notice(struct app *app, const struct notice *notice)
{
	size_t i;

	hear(app, notice);
	for (i = 0; i < app->view_count; i++)
		if (app->views[i]->class->notice)
			app->views[i]->class->notice(app->views[i], notice);
	if (notice->kind == NOTICE_FOLDER_CHANGED)
		app_look_for_inbox(app);
	app_dirty(app);
}

/* --- the stack of views ------------------------------------------------------------------------- */

struct view *app_top(struct app *app)
{
	return app->view_count ? app->views[app->view_count - 1] : NULL;
}

struct view *app_view(struct app *app, enum view_kind kind)
{
	size_t i;

	for (i = app->view_count; i-- > 0;)
		if (app->views[i]->class->kind == kind)
			return app->views[i];
	return NULL;
}

struct view *app_below(struct app *app, const struct view *view)
{
	size_t i;

	for (i = 1; i < app->view_count; i++)
		if (app->views[i] == view)
			return app->views[i - 1];
	return NULL;
}

void app_push(struct app *app, struct view *view)
{
	view->app = app;
	ARRAY_ROOM(app->views, app->view_count, app->view_cap);
	app->views[app->view_count++] = view;
	app->typed.count = 0;
	app_dirty(app);
}

static void resumed(struct app *app)
{
	struct view *top = app_top(app);

	app->typed.count = 0;
	if (top && top->class->resumed)
		top->class->resumed(top);
	app_dirty(app);
}

int app_pop(struct app *app, struct err *err)
{
	struct view *top = app_top(app);

	if (!top)
		return err_set(err, _("nothing is open"));
	if (top->class->may_close && !top->class->may_close(top, err))
		return -1;
	app->view_count--;
	top->class->free(top);
	resumed(app);
	return 0;
}

void app_free_views(struct app *app)
{
	while (app->view_count) {
		struct view *top = app->views[--app->view_count];

		top->class->free(top);
	}
	free(app->views);
	app->views = NULL;
}

void app_dirty(struct app *app)
{
	app->is_dirty = true;
}

/* --- what is said ------------------------------------------------------------------------------- */

void app_say(struct app *app, const char *fmt, ...)
{
	char text[sizeof app->status];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	answer(app, text, false);
	if (!app->term)
		log_write(LOG_INFO, "%s", text);
}

void app_complain(struct app *app, const struct err *err)
{
	app->complaints++;
	answer(app, err->text, true);
	log_write(LOG_WARNING, "%s", err->text);
}

void app_tell(struct app *app, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(app->told, sizeof app->told, fmt, ap);
	va_end(ap);
	app_tell_waiting(app);
}

void app_tell_waiting(struct app *app)
{
	if (!*app->told || (*app->status && loop_now_ms() < app->answer_until_ms))
		return;
	set_status(app, app->told, false);
	app->told[0] = 0;
}

/* --- options, macros, hooks --------------------------------------------------------------------- */

bool app_option_bool(const struct app *app, const char *section, const char *name)
{
	return option_bool(app->options, section, name);
}

long long app_option_int(const struct app *app, const char *section, const char *name)
{
	return option_int(app->options, section, name);
}

const char *app_option_text(const struct app *app, const char *section, const char *name)
{
	return option_text(app->options, section, name);
}

bool app_key_for(const struct app *app, const char *line, char *out, size_t size)
{
	const struct view *top = app->view_count ? app->views[app->view_count - 1] : NULL;

	return keymap_key_for(app->keymaps, top ? top->class->kind : VIEW_ANY, line, out, size);
}

const char *app_macro(const struct app *app, const char *name)
{
	return map_get(app->macros, name);
}

void app_complete_macro(const struct app *app, const char *prefix, struct arena *arena,
			char ***candidates, size_t *count)
{
	const char *name;
	void *line;
	size_t at = 0;

	while (map_next(app->macros, &at, &name, &line))
		command_candidate(arena, prefix, name, candidates, count);
}

void app_hook(struct app *app, const char *event)
{
	const char *line = map_get(app->hooks, event);
	struct err err = ERR_INIT;
	char *title;

	if (!line)
		return;
	title = mem_printf(_("Hook \"%s\""), event);
	if (command_run_titled(app, title, line, &err) < 0)
		app_complain(app, &err);
	free(title);
}

struct history *app_history(struct app *app, const char *name)
{
	struct history *history = map_get(app->histories, name);

	if (!history) {
		history = history_open(name);
		map_set(app->histories, name, history);
	}
	return history;
}

void app_quit(struct app *app)
{
	app->wants_quit = true;
	loop_stop(app->loop);
}
