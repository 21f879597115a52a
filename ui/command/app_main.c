#include "config.h"
#include "ui/command/app_main.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/option.h"
#include "store/base/path.h"
#include "store/box/box.h"
#include "store/crypto/autocrypt.h"
#include "store/mail/outbox.h"
#include "store/mail/store.h"
#include "ui/command/agent.h"
#include "ui/command/app.h"
#include "ui/command/app_config.h"
#include "ui/command/ask.h"
#include "ui/command/command.h"
#include "ui/command/going_on.h"
#include "ui/command/help_lines.h"
#include "ui/command/saving.h"
#include "ui/command/searches.h"
#include "ui/command/undo.h"
#include "ui/command/wish.h"
#include "ui/command/work.h"
#include "ui/input/history.h"
#include "ui/render/open_with.h"
#include "ui/screen/canvas.h"
#include "ui/screen/term.h"
#include "ui/view/draft_view.h"
#include "ui/view/index_view.h"
#include "ui/view/log_view.h"
#include "ui/view/wizard_view.h"

#define BATCH_WIDTH  80
#define BATCH_HEIGHT 24
/* Keys handled before the screen is drawn in between: a paste into a list shall not hide it for long. */
#define KEYS_MS 5 /* then the screen is drawn and others have their turn */

/* --- making and freeing ------------------------------------------------------------------------- */

static struct app *app_new(const struct app_setup *setup)
{
	struct app *app = mem_alloc(sizeof *app);

	app->loop = loop_new();
	app->keymaps = keymaps_new();
	app->stores = map_new();
	app->versions = map_new();
	app->histories = map_new();
	app->undo = undo_new();
	app->spots = mem_alloc(sizeof *app->spots);
	app_config_load(app);
	account_load_conf(&app->accounts, app->conf);
	if (setup->path)
		app->path_account = account_for_path(setup->path, setup->read_only);
	app->is_read_only = app->path_account ? app->path_account->is_read_only : setup->read_only;
	return app;
}

static void free_history(void *value)
{
	struct history *history = value;

	history_close(&history);
}

void app_free(struct app **where)
{
	struct app *app = *where;

	if (!app)
		return;
	*where = NULL;
	app_cancel_question(app);
	command_forget_parked(app);
	app_free_views(app);
	wish_flush(app);
	work_free(app);
	saving_finish(app);
	open_with_clean();
	app_leave_keys(app);
	term_close(&app->term);
	agent_close(app);
	app_close_stores(app);
	autocrypt_close(&app->autocrypt);
	outbox_close(&app->outbox);
	going_on_free(&app->going_on);
	searches_free(&app->searches);
	undo_free(&app->undo);
	keymaps_free(&app->keymaps);
	options_free(&app->options);
	conf_free(&app->conf);
	map_free(&app->versions, free);
	map_free(&app->macros, free);
	map_free(&app->hooks, free);
	map_free(&app->histories, free_history);
	account_list_free(&app->accounts);
	while (app->retired_count)
		account_list_free(&app->retired[--app->retired_count]);
	free(app->retired);
	free(app->config_seen);
	free(app->title);
	account_free(&app->path_account);
	loop_remove_timer(app->loop, &app->tick);
	loop_remove_timer(app->loop, &app->keys_timer);
	canvas_free(&app->canvas);
	loop_free(&app->loop);
	free(app->search);
	free(app->moved_to);
	free(app->spots);
	free(app);
}

/* --- the terminal ------------------------------------------------------------------------------- */

static void keys_again(void *arg);

/* Keys that came faster than they could be served have their next turn after the others. */
static void serve_keys(struct app *app)
{
	int64_t until = loop_now_ms() + KEYS_MS;
	struct key key = {.code = KEY_NONE_};

	while (!app->wants_quit && !app->is_away) {
		if (loop_now_ms() > until) {
			app->keys_timer = loop_add_timer(app->loop, "keys", 0, keys_again, app);
			return;
		}
		if (term_key(app->term, &key) <= 0)
			return;
		app_key(app, &key);
		free(key.paste);
		memset(&key, 0, sizeof key);
	}
}

static void keys_again(void *arg)
{
	struct app *app = arg;

	app->keys_timer = NULL;
	serve_keys(app);
}

static void keys_ready(void *arg, short revents)
{
	struct app *app = arg;

	(void)revents;
	if (!app->keys_timer)
		serve_keys(app);
}

void app_listen_keys(struct app *app)
{
	if (app->term && !app->keys_fd)
		app->keys_fd = loop_add_fd(app->loop, "keys", term_fd(app->term), POLLIN, keys_ready,
					   app);
}

void app_leave_keys(struct app *app)
{
	if (app->keys_fd)
		loop_remove_fd(app->loop, &app->keys_fd);
}

/* "home/Inbox - Tern" in the window's frame. */
static void set_title(struct app *app)
{
	char *row, *end, *title;

	if (!app_option_bool(app, "general", "set-title"))
		return;
	row = canvas_row(app->canvas, 0);
	end = strstr(row, "   ");
	if (end)
		*end = 0;
	title = mem_printf("%s - Tern", *row == ' ' ? row + 1 : row);
	free(row);
	if (!app->title || strcmp(title, app->title) != 0)
		term_set_title(app->term, title);
	free(app->title);
	app->title = title;
}

static void idle(void *arg)
{
	struct app *app = arg;

	if (!app->is_dirty || app->is_away || app->wants_quit)
		return;
	app_draw(app);
	term_draw(app->term, app->canvas);
	set_title(app);
}

/* SIGTERM, SIGHUP: what is being written, and what was typed, goes to the disk before the end. */
static void ending(void *arg)
{
	struct app *app = arg;
	const char *name;
	void *history;
	size_t i, at = 0;

	for (i = 0; i < app->view_count; i++)
		if (app->views[i]->class->kind == VIEW_DRAFT)
			draft_view_save(app->views[i], NULL);
	while (map_next(app->histories, &at, &name, &history))
		history_save(history, NULL);
}

static int open_screen(struct app *app, struct err *err)
{
	int width, height;

	app->term = term_open(app_option_bool(app, "general", "mouse"), err);
	if (!app->term)
		return -1;
	open_with_clean(); /* what others left who died */
	term_on_end(app->term, ending, app);
	term_size(app->term, &width, &height);
	app->canvas = canvas_new(width, height);
	app_config_theme(app);
	app_listen_keys(app);
	loop_set_idle(app->loop, "draw", idle, app);
	app_dirty(app);
	return 0;
}

/* --- the first view ----------------------------------------------------------------------------- */

static int64_t inbox_of(struct app *app, const char *account)
{
	struct arena *arena = arena_new();
	struct store *store = app_store(app, account, NULL);
	struct folder folder;
	int64_t id = 0;

	if (store && (store_folder_by_role(store, ROLE_INBOX, arena, &folder, NULL) == 1 ||
		      store_folder_by_name(store, "INBOX", arena, &folder, NULL) == 1))
		id = folder.id;
	arena_free(&arena);
	return id;
}

int app_open_inbox(struct app *app, const char *account, struct err *err)
{
	int64_t inbox = inbox_of(app, account);
	struct view *index = index_view_new(app, account, inbox, err);

	if (!index)
		return -1;
	app_push(app, index);
	app->wants_inbox = !inbox;
	return 0;
}

/* A fresh account has no folders until its keeper has looked at the files. */
void app_look_for_inbox(struct app *app)
{
	struct view *index = app_view(app, VIEW_INDEX);
	int64_t inbox;

	if (!app->wants_inbox || !index)
		return;
	inbox = inbox_of(app, index_view_account(index));
	if (!inbox)
		return;
	app->wants_inbox = false;
	index_view_open(index, index_view_account(index), inbox, NULL);
}

int app_open_first(struct app *app, struct err *err)
{
	const struct account *account =
	    app->path_account ? app->path_account : account_default(&app->accounts);

	if (account)
		return app_open_inbox(app, account->name, err);
	if (!app->term)
		return err_set(err, _("there is no account yet; \"tern account add\" makes one"));
	app_push(app, wizard_view_new(app));
	return 0;
}

/* A sentence now, before the screen is taken. */
static int check_path(const char *path, struct err *err)
{
	if (!path_exists(path))
		return err_errno(err, _("opening \"%s\""), path);
	if (access(path, path_is_dir(path) ? R_OK | X_OK : R_OK) < 0)
		return err_errno(err, _("opening \"%s\""), path);
	if (box_detect(path) == BOX_NONE && !path_is_dir(path) && !box_is_letter(path))
		return err_set(err, _("\"%s\" is neither a Maildir nor an mbox, nor a letter"), path);
	return 0;
}

/* Where there is an index it is on the screen before another program starts. */
static int start_keeper(struct app *app, struct err *err)
{
	if (!app->wants_inbox)
		idle(app);
	return agent_start_keeper(app, app->path_account->path, app->is_read_only, err);
}

static void tell_mistakes(struct app *app)
{
	struct err err = ERR_INIT;

	if (!app->conf->error_count)
		return;
	app_push(app, log_view_new(app, NULL));
	err_set(&err,
		ngettext("The configuration has %zu mistake, shown above; all the rest of it holds.",
			 "The configuration has %zu mistakes, shown above; all the rest of it holds.",
			 app->conf->error_count),
		app->conf->error_count);
	app_complain(app, &err);
}

static int start(struct app *app, const struct app_setup *setup, struct err *err)
{
	if (setup->path && check_path(setup->path, err) < 0)
		return -1;
	agent_open(app, app->accounts.count > 0 && !setup->path);
	if (open_screen(app, err) < 0 || app_open_first(app, err) < 0 || (setup->path && start_keeper(app, err) < 0))
		return -1;
	app_start_tick(app);
	tell_mistakes(app);
	if (app->accounts.count)
		draft_view_offer_left(app);
	app_hook(app, "startup");
	return 0;
}

int app_main(const struct app_setup *setup, struct err *err)
{
	struct app *app;
	int code;

	log_open("tern");
	app = app_new(setup);
	code = start(app, setup, err);
	if (code == 0) {
		loop_run(app->loop);
		app_hook(app, "quit");
		code = app->exit_code;
	}
	app_free(&app);
	return code;
}

/* --- without a screen --------------------------------------------------------------------------- */

/* What a keeper would do, done here: the index is there before the first command ... */
static int index_now(struct app *app, struct err *err)
{
	const struct account *account =
	    app->path_account ? app->path_account : account_default(&app->accounts);
	struct store *store = account ? app_store(app, account->name, err) : NULL;

	if (!account)
		return err_set(err, _("there is no account yet; \"tern account add\" makes one"));
	return store ? store_index(store, 0, NULL, NULL, err) : -1;
}

/* ... and the files follow before the end. */
int app_finish_batch(struct app *app, struct err *err)
{
	const char *name;
	void *store;
	size_t at = 0;

	while (map_next(app->stores, &at, &name, &store))
		if (store_carry_out(store, err) < 0)
			return -1;
	loop_turn(app->loop, 0);
	return 0;
}

static void print_mistakes(struct app *app)
{
	size_t i;

	for (i = 0; i < app->conf->error_count; i++) {
		term_say(STDERR_FILENO, app->conf->errors[i]);
		term_say(STDERR_FILENO, "\n");
	}
}

struct app *app_new_batch(const struct app_setup *setup, struct err *err)
{
	struct app *app;

	if (setup->path && check_path(setup->path, err) < 0)
		return NULL;
	log_open("tern");
	app = app_new(setup);
	print_mistakes(app);
	app->canvas = canvas_new(BATCH_WIDTH, BATCH_HEIGHT);
	agent_open(app, false);
	if (index_now(app, err) < 0 || app_open_first(app, err) < 0)
		app_free(&app);
	else
		app_draw(app);
	return app;
}
