#include "config.h"
#include "ui/command/help_lines.h"

#include <stdio.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/view/index_view.h"
#include "ui/view/reader_view.h"

#define MAIL (VIEW_INDEX | VIEW_READER)
#define GAP  2

/* What a newcomer needs, most needed first; a line breaks where the width ends. The first row of the
 * screen takes the items before the break mark (label NULL). */
static const struct help_item {
	unsigned views;
	const char *line, *label;
} items[] = {
    {VIEW_ANY & ~(VIEW_DRAFT | VIEW_WIZARD), "help", N_("help")},
    {VIEW_INDEX, "open", N_("read")},
    {VIEW_INDEX, "write", N_("write")},
    {MAIL, "reply", N_("reply")},
    {VIEW_READER, "reply-all", N_("reply all")},
    {VIEW_READER, "forward", N_("forward")},
    {MAIL, "delete", N_("delete")},
    {VIEW_INDEX, "move", N_("move")},
    {VIEW_INDEX, "tag", N_("tag")},
    {VIEW_INDEX, "save-search", N_("keep this search")},
    {VIEW_INDEX, "limit", N_("limit")},
    {VIEW_READER, "parts", N_("parts")},
    {VIEW_READER, "headers", N_("headers")},
    {VIEW_READER, "html", N_("text or HTML")},
    {VIEW_INDEX | VIEW_HELP | VIEW_LOG | VIEW_OPTIONS | VIEW_LINKS, "search", N_("find")},
    {VIEW_INDEX, "reply-all", N_("reply all")},
    {VIEW_INDEX, "forward", N_("forward")},
    {VIEW_INDEX, "archive", N_("archive")},
    {VIEW_FOLDERS, "open", N_("open")},
    {VIEW_FOLDERS, "next-unread-folder", N_("next unread")},
    {VIEW_FOLDERS, "make-folder", N_("new")},
    {VIEW_FOLDERS, "rename-folder", N_("rename")},
    {VIEW_FOLDERS, "remove-folder", N_("remove")},
    {VIEW_OUTBOX, "outbox-show", N_("open")},
    {VIEW_OUTBOX, "outbox-retry", N_("send now")},
    {VIEW_OUTBOX, "outbox-hold", N_("hold")},
    {VIEW_OUTBOX, "outbox-edit", N_("edit as draft")},
    {VIEW_OUTBOX, "outbox-cancel", N_("cancel")},
    {VIEW_NETWORK, "network-show", N_("the whole sentence")},
    {VIEW_NETWORK, "network-cancel", N_("stop")},
    {VIEW_NETWORK, "toggle-offline", N_("offline or online")},
    {VIEW_NETWORK, "network-log", N_("log")},
    {VIEW_NETWORK, "account-password", N_("another password")},
    {VIEW_NETWORK, "check-mail", N_("look for mail")},
    {VIEW_OPTIONS, "option-change", N_("change")},
    {VIEW_OPTIONS, "option-reset", N_("back to the default")},
    {VIEW_OPTIONS, "option-keep", N_("keep it")},
    {VIEW_WIZARD, "wizard-choose", N_("choose")},
    {VIEW_DRAFT, "send", N_("send")},
    {VIEW_DRAFT, "postpone", N_("keep as draft")},
    {VIEW_DRAFT, "attach", N_("attach")},
    {VIEW_DRAFT, "external-editor", N_("outside editor")},
    {VIEW_LINKS, "follow-link", N_("open")},
    {VIEW_LINKS, "copy-link", N_("copy")},
    {VIEW_PARTS, "open-part", N_("open")},
    {VIEW_PARTS, "save-part", N_("save")},
    {VIEW_PARTS, "save-parts", N_("save all")},
    {VIEW_PARTS, "pipe-part", N_("pipe")},
    {VIEW_ANY, "", NULL},
    {VIEW_ANY & ~(VIEW_DRAFT | VIEW_WIZARD), "quit", N_("quit")},
    {VIEW_WIZARD, "wizard-leave", N_("leave")},
    {VIEW_INDEX, "change-folder", N_("folders")},
    {VIEW_READER, "next-undeleted", N_("next")},
    {VIEW_READER, "page-down", N_("page")},
    {VIEW_READER, "links", N_("links")},
    {VIEW_READER, "pipe", N_("pipe")},
    {VIEW_READER, "archive", N_("archive")},
    {VIEW_READER, "verdict", N_("signatures")},
    {VIEW_READER, "accept", N_("accept the invitation")},
    {VIEW_READER, "move", N_("move")},
    {VIEW_INDEX, "next-new", N_("next new")},
    {VIEW_INDEX | VIEW_READER | VIEW_OUTBOX, "undo", N_("undo")},
    {VIEW_INDEX, "fold", N_("fold")},
    {VIEW_HELP | VIEW_LOG, "page-down", N_("page")},
    {VIEW_OUTBOX, "take-back", N_("take back")},
    {VIEW_ANY & ~(VIEW_DRAFT | VIEW_WIZARD), "prompt", N_("command")},
    {VIEW_INDEX, "outbox", N_("outbox")},
    {VIEW_INDEX, "sort", N_("sort")},
    {VIEW_DRAFT, "edit-field Bcc", N_("Bcc")},
    {VIEW_DRAFT, "find-text", N_("find")},
    {VIEW_DRAFT, "help", N_("help")},
};

static enum view_kind top_kind(const struct app *app)
{
	return app->view_count ? app->views[app->view_count - 1]->class->kind : VIEW_ANY;
}

const char *help_label(const char *line, enum view_kind kind)
{
	struct arena *arena = arena_new();
	const struct command *row;
	const char *at = line, *label = NULL;
	char **words;
	int count;
	size_t i;

	if (command_split(&at, arena, &words, &count, NULL) > 0) {
		for (i = 0; i < ARRAY_COUNT(items) && !label && !*at; i++)
			if (items[i].label && (items[i].views & (unsigned)kind) &&
			    strcmp(items[i].line, line) == 0)
				label = _(items[i].label);
		row = command_find_in(words[0], kind);
		if (!label && row && !*at && count == 1)
			label = _(row->help);
	}
	arena_free(&arena);
	return label ? label : line;
}

static void add_spot(struct app *app, struct rect area, const char *line)
{
	struct app_spots *spots = app->spots;

	if (spots->count >= SPOT_LIMIT)
		return;
	spots->items[spots->count].area = area;
	snprintf(spots->items[spots->count].line, sizeof spots->items[0].line, "%s", line);
	spots->count++;
}

static int text_width(const char *text)
{
	return utf8_width(text, strlen(text));
}

/* Draws "key label" at X; the columns it took, 0 when it does not fit before END. */
static int put_item(struct app *app, int x, int y, int end, const char *key, const char *label,
		    const char *line)
{
	int width = text_width(key) + 1 + text_width(label);

	if (x + width > end)
		return 0;
	canvas_put(app->canvas, x, y, text_width(key), STYLE_HELP_KEY, key);
	canvas_put(app->canvas, x + text_width(key) + 1, y, text_width(label), STYLE_HELP, label);
	if (line)
		add_spot(app, (struct rect){x, y, width, 1}, line);
	return width + GAP;
}

/* An answer to a letter that asks for none has none, nor has what is said of signatures where there are none. */
static bool has_sense(struct app *app, const struct help_item *item)
{
	size_t about, message;

	if (!strcmp(item->line, "save-search"))
		return *index_view_limit(app_top(app));
	if (!strcmp(item->line, "verdict"))
		return reader_view_verdict(app_top(app), &about, &message) != NULL;
	return strcmp(item->line, "accept") != 0 || reader_view_invites(app_top(app));
}

static int draw_item(struct app *app, const struct help_item *item, int x, int y, int end)
{
	char key[48];

	if (!(item->views & top_kind(app)) || !has_sense(app, item) ||
	    !keymap_key_for(app->keymaps, top_kind(app), item->line, key, sizeof key))
		return 0;
	return put_item(app, x, y, end, key, _(item->label), item->line);
}

void help_lines_draw(struct app *app, struct rect area, int reserved)
{
	int row = 0, x = area.x + 1;
	size_t i;

	app->spots->count = 0;
	canvas_fill(app->canvas, area, STYLE_HELP);
	for (i = 0; i < ARRAY_COUNT(items) && row < area.height; i++) {
		int end = area.x + area.width - (row == area.height - 1 ? reserved : 0);

		if (!items[i].label) {
			row++;
			x = area.x + 1;
		} else {
			x += draw_item(app, &items[i], x, area.y + row, end);
		}
	}
}

const char *help_lines_at(const struct app *app, int x, int y)
{
	size_t i;

	for (i = 0; i < app->spots->count; i++) {
		struct rect area = app->spots->items[i].area;

		if (y == area.y && x >= area.x && x < area.x + area.width)
			return app->spots->items[i].line;
	}
	return NULL;
}

/* --- what may follow a prefix ------------------------------------------------------------------- */

#define HINT_WIDTH 26

static int hint_columns(int width)
{
	return width / HINT_WIDTH > 0 ? width / HINT_WIDTH : 1;
}

int help_hints_rows(struct app *app, int width)
{
	struct keymap_row row;
	size_t at = 0;
	int count = 0;

	while (keymap_next(app->keymaps, top_kind(app), &app->typed, &at, &row))
		count++;
	return (count + hint_columns(width) - 1) / hint_columns(width);
}

/* The keys that are still to be typed. */
static void rest_of_keys(const struct app *app, const char *keys, char *out, size_t size)
{
	size_t i;

	keymap_readable(keys, out, size);
	for (i = 0; i < app->typed.count; i++) {
		char *space = strchr(out, ' ');

		if (space)
			memmove(out, space + 1, strlen(space + 1) + 1);
	}
}

void help_hints_draw(struct app *app, struct rect area)
{
	int columns = hint_columns(area.width), i = 0;
	struct keymap_row row;
	size_t at = 0;

	canvas_fill(app->canvas, area, STYLE_HELP);
	while (keymap_next(app->keymaps, top_kind(app), &app->typed, &at, &row)) {
		int x = area.x + 1 + (i % columns) * (area.width / columns);
		int y = area.y + i / columns, width = area.width / columns - GAP, used;
		const char *label;
		char keys[96];

		if (i / columns >= area.height)
			break;
		rest_of_keys(app, row.keys, keys, sizeof keys);
		used = canvas_put(app->canvas, x, y, width, STYLE_HELP_KEY, keys);
		label = help_label(row.line, top_kind(app));
		canvas_put_n(app->canvas, x + used + 1, y, width - used - 1, STYLE_HELP, label,
			     strlen(label), true);
		i++;
	}
}
