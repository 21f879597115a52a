#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "ui/command/app.h"
#include "ui/command/app_config.h"
#include "ui/command/ask.h"
#include "ui/command/command.h"
#include "ui/command/help_lines.h"
#include "ui/command/work.h"
#include "ui/screen/term.h"

#define WHEEL_ROWS	3
#define DOUBLE_CLICK_MS 400

static bool has_many_steps(const char *line)
{
	struct arena *arena = arena_new();
	char **words;
	int count;
	bool many = command_split(&line, arena, &words, &count, NULL) > 0 &&
		    command_split(&line, arena, &words, &count, NULL) > 0;

	arena_free(&arena);
	return many;
}

/* A key with one command is that command; with more it is a macro, which is named when it fails. */
static void run_key(struct app *app, const char *line)
{
	struct err err = ERR_INIT;
	char keys[64] = "", *title = NULL, *copy = mem_strdup(line);
	size_t at = 0;
	struct keymap_row row;

	while (!*keys && keymap_next(app->keymaps, app_top(app)->class->kind, NULL, &at, &row))
		if (row.line == line)
			keymap_readable(row.keys, keys, sizeof keys);
	if (has_many_steps(line))
		title = mem_printf(_("Macro \"%s\""), keys);
	if (command_run_titled(app, title, copy, &err) < 0)
		app_complain(app, &err);
	free(title);
	free(copy);
}

static void say_unbound(struct app *app)
{
	char help[48];
	struct err err = ERR_INIT;

	if (app_key_for(app, "help", help, sizeof help))
		err_set(&err, _("This key does nothing here; %s shows those that do."), help);
	else
		err_set(&err, _("This key does nothing here."));
	app_complain(app, &err);
}

static bool cancels(const struct key *key)
{
	return key->code == KEY_ESC ||
	       (key->code == KEY_CTRL && (key->text[0] == 'g' || key->text[0] == 'c'));
}

static void key_to_map(struct app *app, const struct key *key)
{
	struct view *top = app_top(app);
	const char *line = NULL;

	if (app->typed.count && cancels(key)) {
		app->typed.count = 0;
		return;
	}
	key_sequence_add(&app->typed, key);
	switch (keymap_find(app->keymaps, top ? top->class->kind : VIEW_ANY, &app->typed, &line)) {
	case KEYMAP_PREFIX:
		return;
	case KEYMAP_LINE:
		app->typed.count = 0;
		run_key(app, line);
		return;
	case KEYMAP_NONE:
		break;
	}
	if (app->use_tagged && cancels(key))
		app->use_tagged = false;
	else if (!cancels(key))
		say_unbound(app);
	app->typed.count = 0;
}

/* --- mouse -------------------------------------------------------------------------------------- */

static bool is_double(struct app *app, const struct key *key)
{
	int64_t now = loop_now_ms();
	bool same = app->click_y == key->y && now - app->click_ms < DOUBLE_CLICK_MS;

	app->click_y = key->y;
	app->click_ms = same ? 0 : now;
	return same;
}

static void click(struct app *app, const struct key *key)
{
	struct view *top = app_top(app);
	const char *line = help_lines_at(app, key->x, key->y);
	struct rect area = app_view_area(app);
	struct err err = ERR_INIT;

	if (line) {
		run_key(app, line);
		return;
	}
	if (key->y < area.y || key->y >= area.y + area.height || !top->class->mouse)
		return;
	top->class->mouse(top, key);
	if (key->button == BUTTON_LEFT && is_double(app, key) &&
	    command_find_in("open", top->class->kind) && command_run_line(app, "open", &err) < 0)
		app_complain(app, &err);
}

static void mouse(struct app *app, const struct key *key)
{
	struct view *top = app_top(app);

	if (!top || app->prompt || work_goes_on(app))
		return;
	if (key->button == BUTTON_WHEEL_UP || key->button == BUTTON_WHEEL_DOWN) {
		if (top->class->move)
			top->class->move(top, key->button == BUTTON_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS);
		return;
	}
	click(app, key);
}

/* --- one key ------------------------------------------------------------------------------------ */

static void resize(struct app *app)
{
	int width, height;

	if (!app->term)
		return;
	term_size(app->term, &width, &height);
	canvas_resize(app->canvas, width, height);
}

/* A sentence stands until the next key. */
static void forget_status(struct app *app)
{
	app->status[0] = 0;
	app->status_is_error = false;
}

void app_key(struct app *app, const struct key *key)
{
	struct view *top = app_top(app);

	app_dirty(app);
	if (key->code == KEY_RESIZED) {
		resize(app);
		return;
	}
	if (key->code == KEY_BACKGROUND) {
		app_config_theme(app);
		return;
	}
	if (key->code == KEY_MOUSE_) {
		mouse(app, key);
		return;
	}
	app->typed_ms = loop_now_ms();
	if (app->typed_ms < app->deaf_until_ms)
		return;
	if (work_key(app, key))
		return;
	forget_status(app);
	if (app->prompt)
		app_prompt_key(app, key);
	else if (!app->typed.count && top && top->class->key && top->class->key(top, key))
		;
	else if (key->code != KEY_PASTE)
		key_to_map(app, key);
}
