#include "config.h"
#include "ui/command/app_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compose/compose_option.h"
#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/option.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mail/account.h"
#include "store/mail/set_up.h"
#include "ui/command/app.h"
#include "ui/command/app_option.h"
#include "ui/command/command.h"
#include "ui/screen/term.h"
#include "ui/screen/theme.h"
#include "ui/view/index_option.h"
#include "ui/view/reader_option.h"

#define KEYS_PREFIX  "keys."
#define SOURCE_LIMIT (1024 * 1024)

static const char *const hook_names[] = {"startup", "new-mail", "folder-open", "quit", NULL};

void app_config_add_options(struct options *options)
{
	const char *const *section;
	char name[64];

	options_add(options, app_option_rows, app_option_count);
	options_add(options, index_option_rows, index_option_count);
	options_add(options, reader_option_rows, reader_option_count);
	options_add(options, compose_option_rows, compose_option_count);
	options_add(options, account_mail_rows, account_mail_row_count);
	options_add(options, set_up_rows, set_up_row_count);
	options_allow_section(options, "account");
	options_allow_section(options, "aliases");
	options_allow_section(options, "search");
	options_allow_section(options, "theme");
	options_allow_section(options, "macros");
	options_allow_section(options, "hooks");
	options_allow_section(options, "keys");
	for (section = keymap_sections(); *section; section++) {
		snprintf(name, sizeof name, KEYS_PREFIX "%s", *section);
		options_allow_section(options, name);
	}
}

/* --- one section each --------------------------------------------------------------------------- */

static void complain(struct app *app, const struct conf_entry *entry, const struct err *err)
{
	conf_error(app->conf, entry->file, entry->line, "%s", err->text);
}

static void refuse_section(struct app *app, const struct conf_entry *entry, const char *view)
{
	const char *near = str_nearest(view, keymap_sections());

	if (near)
		conf_error(app->conf, entry->file, entry->line,
			   _("there are no keys of \"%s\"; did you mean [keys.%s]?"), view, near);
	else
		conf_error(app->conf, entry->file, entry->line, _("there are no keys of \"%s\""), view);
}

static void load_key(struct app *app, const struct conf_entry *entry, const char *view)
{
	unsigned views = keymap_section_views(view);
	struct err err = ERR_INIT;

	if (!views && !entry->key)
		refuse_section(app, entry, view);
	if (!views || !entry->key)
		return;
	if (*entry->value && command_check_line(app, entry->value, &err) < 0)
		complain(app, entry, &err);
	else if (keymap_bind(app->keymaps, views, entry->key, entry->value, &err) < 0)
		complain(app, entry, &err);
}

static bool is_word(const char *name)
{
	for (; *name; name++)
		if (!char_is_alnum(*name) && *name != '-' && *name != '_')
			return false;
	return true;
}

/* Names first: a macro may call one that stands further down. */
static void load_macro(struct app *app, const struct conf_entry *entry)
{
	if (!is_word(entry->key))
		conf_error(app->conf, entry->file, entry->line,
			   _("a macro's name is letters, digits and dashes, not \"%s\""), entry->key);
	else if (command_find(entry->key))
		conf_error(app->conf, entry->file, entry->line,
			   _("\"%s\" is a command, a macro cannot have its name"), entry->key);
	else
		free(map_set(app->macros, entry->key, mem_strdup(entry->value)));
}

static void check_macro(struct app *app, const struct conf_entry *entry)
{
	struct err err = ERR_INIT;

	if (app_macro(app, entry->key) && command_check_line(app, entry->value, &err) < 0)
		complain(app, entry, &err);
}

static void load_hook(struct app *app, const struct conf_entry *entry)
{
	const char *near = str_nearest(entry->key, hook_names);
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; hook_names[i] && strcmp(hook_names[i], entry->key) != 0; i++)
		;
	if (!hook_names[i] && near)
		conf_error(app->conf, entry->file, entry->line,
			   _("there is no hook \"%s\"; did you mean \"%s\"?"), entry->key, near);
	else if (!hook_names[i])
		conf_error(app->conf, entry->file, entry->line, _("there is no hook \"%s\""),
			   entry->key);
	else if (command_check_line(app, entry->value, &err) < 0)
		complain(app, entry, &err);
	else
		free(map_set(app->hooks, entry->key, mem_strdup(entry->value)));
}

static void load_style(struct app *app, const struct conf_entry *entry)
{
	struct theme theme;
	struct err err = ERR_INIT;

	theme_load(&theme, "dark", THEME_RGB, NULL);
	if (theme_set(&theme, entry->key, entry->value, &err) < 0)
		complain(app, entry, &err);
}

static void load_entry(struct app *app, const struct conf_entry *entry)
{
	if (strcmp(entry->section, "keys") == 0)
		load_key(app, entry, *entry->name ? entry->name : "global");
	else if (str_starts(entry->section, KEYS_PREFIX))
		load_key(app, entry, entry->section + strlen(KEYS_PREFIX));
	else if (!entry->key)
		return;
	else if (strcmp(entry->section, "macros") == 0)
		check_macro(app, entry);
	else if (strcmp(entry->section, "hooks") == 0)
		load_hook(app, entry);
	else if (strcmp(entry->section, "theme") == 0)
		load_style(app, entry);
}

/* --- all of it ---------------------------------------------------------------------------------- */

static void forget(struct app *app)
{
	options_free(&app->options);
	map_free(&app->macros, free);
	map_free(&app->hooks, free);
	conf_free(&app->conf);
	app->options = options_new();
	app->macros = map_new();
	app->hooks = map_new();
	app_config_add_options(app->options);
}

static void allow_odd_key_sections(struct app *app)
{
	size_t i;

	for (i = 0; i < app->conf->count; i++)
		if (str_starts(app->conf->entries[i].section, KEYS_PREFIX))
			options_allow_section(app->options, app->conf->entries[i].section);
}

void app_config_load(struct app *app)
{
	struct err err = ERR_INIT;
	size_t i;

	forget(app);
	app->conf = conf_load_own();
	allow_odd_key_sections(app);
	options_load(app->options, app->conf);
	app->compose.accounts = &app->accounts;
	app->compose.options = app->options;
	app->compose.conf = app->conf;
	if (keymap_use_preset(app->keymaps, app_option_text(app, "general", "keys"), &err) < 0)
		app_complain(app, &err);
	for (i = 0; i < app->conf->count; i++)
		if (app->conf->entries[i].key && strcmp(app->conf->entries[i].section, "macros") == 0)
			load_macro(app, &app->conf->entries[i]);
	for (i = 0; i < app->conf->count; i++)
		load_entry(app, &app->conf->entries[i]);
}

/* "auto" follows what the terminal says of its background. */
static const char *theme_name(const struct app *app)
{
	const char *name = app_option_text(app, "general", "theme");

	if (strcmp(name, "auto") != 0)
		return name;
	return term_is_light(app->term) ? "auto-light" : "auto-dark";
}

static enum term_hyperlinks hyperlinks(const struct app *app)
{
	const char *word = app_option_text(app, "reader", "hyperlinks");

	if (!strcmp(word, "auto"))
		return TERM_HYPERLINKS_AUTO;
	return !strcmp(word, "on") ? TERM_HYPERLINKS_ON : TERM_HYPERLINKS_OFF;
}

void app_config_theme(struct app *app)
{
	struct theme theme;
	size_t i;

	if (!app->term || theme_load(&theme, theme_name(app), term_depth(app->term), NULL) < 0)
		return;
	for (i = 0; i < app->conf->count; i++)
		if (app->conf->entries[i].key && strcmp(app->conf->entries[i].section, "theme") == 0)
			theme_set(&theme, app->conf->entries[i].key, app->conf->entries[i].value, NULL);
	term_set_theme(app->term, &theme);
	term_set_hyperlinks(app->term, hyperlinks(app));
	app_dirty(app);
}

static int source_line(struct app *app, const char *path, int number, struct span line,
		       struct err *err)
{
	char *text = mem_strndup(line.data, line.len);
	int result = 0;

	if (*text && *text != '#')
		result = command_run_line(app, text, err);
	free(text);
	return result < 0 ? err_add(err, "%s:%d", path, number) : 0;
}

int app_config_source(struct app *app, const char *path, struct err *err)
{
	struct buf text = BUF_INIT;
	struct span rest, line;
	char *file = path_expand(path);
	int number = 0, result = file_read(file, &text, SOURCE_LIMIT, err);

	rest = (struct span){text.data, text.len};
	while (result == 0 && span_split(&rest, '\n', &line))
		result = source_line(app, path, ++number, span_trim(line), err);
	buf_free(&text);
	free(file);
	return result;
}
