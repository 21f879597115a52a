#include "config.h"
#include "ui/view/help_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/help_lines.h"
#include "ui/input/text_edit.h"
#include "ui/view/text_view.h"

#define KEY_LINE_COLUMNS 22
#define COMMAND_COLUMNS	 36

struct help_view {
	struct text_view text;
	const struct view_class *about;
};

static void add_title(struct text_view *text, const char *title)
{
	if (text->count)
		text_view_add(text, STYLE_NORMAL, NULL, "");
	text_view_add(text, STYLE_BOLD, NULL, title);
}

/* LEFT filled up to COLUMNS of the screen, a blank, RIGHT; the caller frees. */
static char *two_columns(const char *left, int columns, const char *right)
{
	int width = utf8_width(left, strlen(left));

	return mem_printf("%s%*s %s", left, width < columns ? columns - width : 0, "", right);
}

/* What the line does here: its command's help; a line of several says itself. */
static const char *help_of(const struct help_view *help, const char *line)
{
	const struct command *row = command_find_in(line, help->about->kind);

	return row ? _(row->help) : help_label(line, help->about->kind);
}

/* Letters first, then the keys with names. */
static void add_keys(struct help_view *help, struct app *app, bool own, bool named)
{
	struct keymap_row row;
	size_t at = 0;

	while (keymap_next(app->keymaps, help->about->kind, NULL, &at, &row)) {
		char key[96];
		const char *says = help_of(help, row.line);
		char *text;

		if (row.is_own != own || (row.keys[0] == '<') != named)
			continue;
		keymap_readable(row.keys, key, sizeof key);
		text = strcmp(says, row.line) == 0 ? mem_strdup(says)
						   : two_columns(row.line, KEY_LINE_COLUMNS, says);
		text_view_add(&help->text, STYLE_NORMAL, key, text);
		text_view_indent(&help->text, KEY_LINE_COLUMNS + 1);
		free(text);
	}
}

static bool has_own_keys(struct help_view *help, struct app *app)
{
	struct keymap_row row;
	size_t at = 0;

	while (keymap_next(app->keymaps, help->about->kind, NULL, &at, &row))
		if (row.is_own)
			return true;
	return false;
}

/* The editor's keys are its own, not bound in a map. */
static void add_editor_keys(struct help_view *help)
{
	add_title(&help->text, _("In the text (Esc leaves it, then single letters are keys)"));
	for (size_t i = 0; text_edit_help[i]; i += 2) {
		char *text =
		    two_columns(_(text_edit_help[i]), KEY_LINE_COLUMNS, _(text_edit_help[i + 1]));

		text_view_add(&help->text, STYLE_NORMAL, NULL, text);
		text_view_indent(&help->text, KEY_LINE_COLUMNS + 1);
		free(text);
	}
}

static void add_commands(struct help_view *help)
{
	const struct command *row;
	size_t at = 0;

	while ((row = command_next(&at))) {
		char *name, *text;

		if (!(row->where & (unsigned)help->about->kind))
			continue;
		name = mem_printf("%s %s", row->name, row->args);
		text = two_columns(name, COMMAND_COLUMNS, _(row->help));
		text_view_add(&help->text, STYLE_NORMAL, NULL, text);
		text_view_indent(&help->text, COMMAND_COLUMNS + 1);
		free(name);
		free(text);
	}
}

static void help_title(struct view *view, struct buf *left, struct buf *right)
{
	struct help_view *help = (struct help_view *)view;

	buf_printf(left, _("help: %s"), _(help->about->title));
	text_view_place(&help->text, right);
}

static const struct view_class help_class = {
    .kind = VIEW_HELP,
    .name = "help",
    .title = N_("help"),
    .free = text_view_free,
    .title_line = help_title,
    TEXT_VIEW_WAYS,
};

struct view *help_view_new(struct app *app, const struct view_class *about)
{
	struct help_view *help = mem_alloc(sizeof *help);

	text_view_begin(&help->text, app, &help_class);
	help->about = about;
	text_view_add(&help->text, STYLE_DIM, NULL,
		      _("Any key below may be pressed, any command typed after \":\"."));
	if (has_own_keys(help, app)) {
		add_title(&help->text, _("Your own keys"));
		add_keys(help, app, true, false);
		add_keys(help, app, true, true);
	}
	if (help->about->kind == VIEW_DRAFT)
		add_editor_keys(help);
	add_title(&help->text, _("Keys"));
	add_keys(help, app, false, false);
	add_keys(help, app, false, true);
	add_title(&help->text, _("Commands that work here"));
	add_commands(help);
	return &help->text.view;
}
