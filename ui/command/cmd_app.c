#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/option.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mail/offline.h"
#include "store/notice/notice.h"
#include "ui/command/agent.h"
#include "ui/command/app.h"
#include "ui/command/app_config.h"
#include "ui/command/leave.h"
#include "ui/command/nearby.h"
#include "ui/command/tables.h"
#include "ui/screen/term.h"
#include "ui/view/help_view.h"
#include "ui/view/index_view.h"
#include "ui/view/log_view.h"
#include "ui/view/options_view.h"

#define ANY   VIEW_ANY
#define LISTS (VIEW_ANY & ~VIEW_DRAFT)

/* --- views -------------------------------------------------------------------------------------- */

static int help(struct app *app, struct command_call *call, struct err *err)
{
	struct view *top = app_top(app);

	(void)call, (void)err;
	if (top && top->class->kind != VIEW_HELP)
		app_push(app, help_view_new(app, top->class));
	return 0;
}

static int show_log(struct app *app, struct command_call *call, struct err *err)
{
	const char *account = call->count ? call->args[0] : NULL;

	if (account && !app_account(app, account))
		return err_set_kind(err, ERR_NOT_FOUND, _("there is no account \"%s\""), account);
	if (app_top(app) && (account || app_top(app)->class->kind != VIEW_LOG))
		app_push(app, log_view_new(app, account));
	return 0;
}

static int show_options(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	if (app_top(app) && app_top(app)->class->kind != VIEW_OPTIONS)
		app_push(app, options_view_new(app));
	return 0;
}

static int quit(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (app->view_count > 1)
		return app_pop(app, err);
	if (app_view(app, VIEW_INDEX) && index_view_has_way_back(app_view(app, VIEW_INDEX)))
		return leave_hits(app, err);
	leave_quit(app);
	return 0;
}

static int exit_now(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	while (app->view_count > 1)
		if (app_pop(app, err) < 0)
			return -1;
	app_quit(app);
	return 0;
}

static void run_typed(struct app *app, const char *text, void *arg)
{
	struct err err = ERR_INIT;

	(void)arg;
	if (text && command_run_line(app, text, &err) < 0)
		app_complain(app, &err);
}

static int prompt(struct app *app, struct command_call *call, struct err *err)
{
	(void)err;
	app_ask(app, ":", call->count ? call->args[0] : "", "command", command_complete_line, run_typed,
		NULL);
	return 0;
}

static int redraw(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	term_redraw(app->term);
	app_dirty(app);
	return 0;
}

static int suspend(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	app_suspend(app);
	return 0;
}

static char *join_words(struct command_call *call, int from)
{
	struct buf out = BUF_INIT;
	char *text;
	int i;

	for (i = from; i < call->count; i++)
		buf_printf(&out, "%s%s", i > from ? " " : "", call->args[i]);
	text = arena_strdup(call->arena, buf_str(&out));
	buf_free(&out);
	return text;
}

static int echo(struct app *app, struct command_call *call, struct err *err)
{
	(void)err;
	app_say(app, "%s", join_words(call, 0));
	return 0;
}

static int shell_escape(struct app *app, struct command_call *call, struct err *err)
{
	const char *argv[] = {"sh", "-c", NULL, NULL};

	if (!call->count) {
		app_ask_for(app, _("Shell command (empty: a shell): "), NULL, "shell", NULL,
			    "shell-escape");
		return 0;
	}
	argv[2] = call->args[0];
	if (!*argv[2])
		argv[1] = NULL;
	return app_run_program(app, argv, NULL, 0, argv[1] && app_option_bool(app, "general", "wait-key"),
			       err);
}

/* Whole rounds, of all accounts: one that cannot be reached is tried again now. */
static void ask_rounds(struct app *app)
{
	for (size_t i = 0; i < app->accounts.count; i++) {
		struct notice sync = {.kind = NOTICE_SYNC};

		snprintf(sync.account, sizeof sync.account, "%s", app->accounts.items[i].name);
		if (!offline_is(&app->accounts.items[i]))
			app_tell_agent(app, &sync);
	}
}

static int check_mail(struct app *app, struct command_call *call, struct err *err)
{
	const char *account = nearby_account(app);

	(void)call;
	if (!account)
		return err_set(err, _("there is no account yet"));
	app_ring(app, account);
	ask_rounds(app);
	app_touched(app, account);
	if (offline_is(NULL))
		app_say(app, _("You are offline; the command online connects again."));
	else
		app_say(app, _("looking for new mail"));
	return 0;
}

/* --- options ------------------------------------------------------------------------------------ */

/* What an option changes at once. */
static void option_took(struct app *app, const char *name)
{
	struct err err = ERR_INIT;

	if (str_ends(name, "theme"))
		app_config_theme(app);
	else if (str_ends(name, "keys") &&
		 keymap_use_preset(app->keymaps, app_option_text(app, "general", "keys"), &err) < 0)
		app_complain(app, &err);
	app_touched(app, "");
}

static int say_option(struct app *app, const char *name, struct err *err)
{
	const struct option_row *row = option_find(app->options, NULL, name);

	if (!row)
		return option_set(app->options, NULL, name, "", err);
	app_say(app, "%s.%s = %s", row->section, row->name,
		option_text(app->options, row->section, row->name));
	return 0;
}

/* The agent and its workers know what is written down only. */
static bool is_only_written(const struct option_row *row)
{
	return row && (strcmp(row->section, "mail") == 0 || strcmp(row->section, "set-up") == 0 ||
		       strcmp(row->section, "oauth") == 0);
}

static int set_value(struct app *app, const char *name, const char *value, struct err *err)
{
	const struct option_row *row = option_find(app->options, NULL, name);

	if (is_only_written(row))
		return err_set_kind(err, ERR_USAGE,
				    _("\"%s\" is not changed for a while only: write it into section [%s] of the "
				      "configuration."),
				    row->name, row->section);
	if (option_set(app->options, NULL, name, value, err) < 0)
		return -1;
	option_took(app, name);
	return 0;
}

/* "set NAME VALUE", "set NAME = VALUE", "set NAME=VALUE", "set NAME" (yes), "set NAME ?", "set NAME?". */
static int set_option(struct app *app, struct command_call *call, struct err *err)
{
	char *name, *equal;
	const struct option_row *row;
	size_t len;

	if (!call->count)
		return show_options(app, call, err);
	name = arena_strdup(call->arena, call->args[0]);
	len = strlen(name);
	equal = strchr(name, '=');
	if (equal && equal > name) {
		*equal = 0;
		return set_value(app, name, equal + 1, err);
	}
	if (len && name[len - 1] == '?') {
		name[len - 1] = 0;
		return say_option(app, name, err);
	}
	if (call->count > 1 && strcmp(call->args[1], "?") == 0)
		return say_option(app, name, err);
	if (call->count > 1)
		return set_value(app, name, join_words(call, strcmp(call->args[1], "=") == 0 ? 2 : 1),
				 err);
	row = option_find(app->options, NULL, name);
	return row && row->type != OPTION_BOOL ? say_option(app, name, err)
					       : set_value(app, name, "yes", err);
}

static int reset_option(struct app *app, struct command_call *call, struct err *err)
{
	if (option_reset(app->options, NULL, call->args[0], err) < 0)
		return -1;
	option_took(app, call->args[0]);
	return 0;
}

static int unset_option(struct app *app, struct command_call *call, struct err *err)
{
	const struct option_row *row = option_find(app->options, NULL, call->args[0]);

	if (row && row->type == OPTION_BOOL)
		return set_value(app, call->args[0], "no", err);
	return reset_option(app, call, err);
}

static int toggle_option(struct app *app, struct command_call *call, struct err *err)
{
	const struct option_row *row = option_find(app->options, NULL, call->args[0]);

	if (row && row->type != OPTION_BOOL)
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is not an option of yes and no"),
				    row->name);
	return set_value(app, call->args[0],
			 row && option_bool(app->options, row->section, row->name) ? "no" : "yes", err);
}

static void complete_choices(const char *choices, const char *prefix, struct arena *arena,
			     char ***candidates, size_t *count)
{
	struct span rest = span_of(choices), word;

	while (span_split(&rest, ' ', &word))
		command_candidate(arena, prefix, arena_strndup(arena, word.data, word.len), candidates,
				  count);
}

static void complete_option_name(struct app *app, const char *prefix, struct arena *arena,
				 char ***candidates, size_t *count)
{
	size_t i;

	for (i = 0; i < options_count(app->options); i++) {
		const struct option_row *row = options_at(app->options, i);
		const char *full = arena_printf(arena, "%s.%s", row->section, row->name);

		if (option_find(app->options, NULL, row->name))
			command_candidate(arena, prefix, row->name, candidates, count);
		if (*prefix)
			command_candidate(arena, prefix, full, candidates, count);
	}
}

static void complete_option(struct app *app, int at, const char *prefix, struct arena *arena,
			    char ***candidates, size_t *count)
{
	const struct option_row *row;

	if (at == 0) {
		complete_option_name(app, prefix, arena, candidates, count);
		return;
	}
	row = app->completing ? option_find(app->options, NULL, app->completing) : NULL;
	if (row && row->type == OPTION_CHOICE)
		complete_choices(row->choices, prefix, arena, candidates, count);
	else if (row && row->type == OPTION_BOOL)
		complete_choices("yes no", prefix, arena, candidates, count);
	else if (row)
		command_candidate(arena, prefix, option_text(app->options, row->section, row->name),
				  candidates, count);
}

/* --- keys --------------------------------------------------------------------------------------- */

static int bad_section(const char *name, struct err *err)
{
	const char *near = str_nearest(name, keymap_sections());

	if (near)
		return err_set_kind(err, ERR_USAGE, _("there is no view \"%s\". Did you mean \"%s\"?"),
				    name, near);
	return err_set_kind(err, ERR_USAGE, _("there is no view \"%s\""), name);
}

/* "bind [VIEW] KEY LINE": without a view it is the one that stands here. */
static int bind(struct app *app, struct command_call *call, struct err *err)
{
	unsigned views = call->count > 1 ? keymap_section_views(call->args[0]) : 0;
	int at = views ? 1 : 0;
	char *line;

	if (!views && app_top(app))
		views = app_top(app)->class->kind;
	if (call->count - at < 2)
		return bad_section(call->args[0], err);
	line = join_words(call, at + 1);
	if (command_check_line(app, line, err) < 0)
		return -1;
	return keymap_bind(app->keymaps, views, call->args[at], line, err);
}

static int unbind(struct app *app, struct command_call *call, struct err *err)
{
	unsigned views = call->count > 1 ? keymap_section_views(call->args[0]) : 0;

	if (call->count > 1 && !views)
		return bad_section(call->args[0], err);
	if (!views)
		views = app_top(app) ? app_top(app)->class->kind : VIEW_ANY;
	return keymap_bind(app->keymaps, views, call->args[call->count - 1], "", err);
}

static int macro(struct app *app, struct command_call *call, struct err *err)
{
	char *line = join_words(call, 1);

	if (command_find(call->args[0]))
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is a command, a macro cannot have its name"),
				    call->args[0]);
	if (command_check_line(app, line, err) < 0)
		return -1;
	free(map_set(app->macros, call->args[0], mem_strdup(line)));
	return 0;
}

static void complete_view(struct app *app, int at, const char *prefix, struct arena *arena,
			  char ***candidates, size_t *count)
{
	const char *const *name;
	const struct command *row;
	size_t walk = 0;

	(void)app;
	for (name = keymap_sections(); at == 0 && *name; name++)
		command_candidate(arena, prefix, *name, candidates, count);
	while (at > 1 && (row = command_next(&walk)))
		command_candidate(arena, prefix, row->name, candidates, count);
}

/* --- files -------------------------------------------------------------------------------------- */

static int source(struct app *app, struct command_call *call, struct err *err)
{
	struct err first = ERR_INIT;

	if (call->count)
		return app_config_source(app, call->args[0], err);
	app_config_load(app);
	app_config_theme(app);
	if (!app->conf->error_count) {
		app_say(app, _("the configuration is read again"));
		return 0;
	}
	err_set(&first, "%s", app->conf->errors[0]);
	return err_set(err, "%s", first.text);
}

static void complete_file(struct app *app, int at, const char *prefix, struct arena *arena,
			  char ***candidates, size_t *count)
{
	(void)app, (void)at;
	app_complete_file(prefix, arena, candidates, count);
}

static void complete_account(struct app *app, int at, const char *prefix, struct arena *arena,
			     char ***candidates, size_t *count)
{
	for (size_t i = 0; at == 0 && i < app->accounts.count; i++)
		command_candidate(arena, prefix, app->accounts.items[i].name, candidates, count);
}

static void complete_command(struct app *app, int at, const char *prefix, struct arena *arena,
			     char ***candidates, size_t *count)
{
	const struct command *row;
	size_t walk = 0;

	(void)app, (void)at;
	while ((row = command_next(&walk)))
		command_candidate(arena, prefix, row->name, candidates, count);
}

const struct command cmd_app_rows[] = {
    {"help", "", N_("all keys and commands of this view"), ANY, NEEDS_SCREEN, 0, 0, help, NULL},
    {"quit", "", N_("close this view or a list of hits; from the last one leave Tern"), ANY, 0, 0, 0, quit, NULL},
    {"exit", "", N_("leave Tern and clear nothing away"), ANY, 0, 0, 0, exit_now, NULL},
    {"prompt", "[LINE]", N_("type a command"), ANY, NEEDS_SCREEN, 0, 1, prompt, complete_command},
    {"set", "[OPTION [VALUE]]", N_("set an option; with ? show it"), ANY, 0, 0, -1, set_option,
     complete_option},
    {"unset", "OPTION", N_("turn an option off, or back to its default"), ANY, 0, 1, 1,
     unset_option, complete_option},
    {"toggle", "OPTION", N_("turn an option on or off"), ANY, 0, 1, 1, toggle_option,
     complete_option},
    {"reset", "OPTION", N_("set an option back to its default"), ANY, 0, 1, 1, reset_option,
     complete_option},
    {"options", "", N_("browse and change the options"), LISTS, NEEDS_SCREEN, 0, 0, show_options,
     NULL},
    {"bind", "[VIEW] KEY LINE", N_("let a key run a line of commands"), ANY, 0, 2, -1, bind,
     complete_view},
    {"unbind", "[VIEW] KEY", N_("take a key's meaning away"), ANY, 0, 1, 2, unbind, complete_view},
    {"macro", "NAME LINE", N_("give a line of commands a name"), ANY, 0, 2, -1, macro, NULL},
    {"source", "[FILE]", N_("run the commands in a file; without one read the configuration again"),
     ANY, 0, 0, 1, source, complete_file},
    {"echo", "[TEXT...]", N_("say a text in the status line"), ANY, 0, 0, -1, echo, NULL},
    {"log", "[ACCOUNT]", N_("the log, of one account or of all, and mistakes in the configuration"), LISTS,
     NEEDS_SCREEN, 0, 1, show_log, complete_account},
    {"redraw", "", N_("draw the whole screen anew"), ANY, NEEDS_SCREEN, 0, 0, redraw, NULL},
    {"suspend", "", N_("stop Tern until the shell goes on with it"), ANY, NEEDS_SCREEN, 0, 0,
     suspend, NULL},
    {"shell-escape", "[COMMAND]", N_("run a shell command"), LISTS, NEEDS_SCREEN, 0, 1,
     shell_escape, NULL},
    {"check-mail", "", N_("look for new mail now"), LISTS, 0, 0, 0, check_mail, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
