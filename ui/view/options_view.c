#include "config.h"
#include "ui/view/options_view.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/option.h"
#include "store/base/utf8.h"
#include "ui/command/app.h"
#include "ui/view/list_cursor.h"

#define NAME_WIDTH 32
#define FOOT_ROWS  3 /* what the option under the cursor does */

const struct option_row *options_view_current(const struct view *view)
{
	return options_at(view->app->options, (size_t)((const struct list_cursor *)view)->at);
}

static void draw_row(struct view *view, struct canvas *canvas, struct rect row, long at)
{
	const struct options *options = view->app->options;
	const struct option_row *option = options_at(options, (size_t)at);
	bool is_set = option_is_set(options, option->section, option->name);

	canvas_printf(canvas, row.x + 1, row.y, NAME_WIDTH, STYLE_NORMAL, "%s.%s", option->section,
		      option->name);
	canvas_put_n(canvas, row.x + NAME_WIDTH + 2, row.y, row.width - NAME_WIDTH - 3,
		     is_set ? STYLE_BOLD : STYLE_DIM,
		     option_text(options, option->section, option->name),
		     strlen(option_text(options, option->section, option->name)), true);
	if (is_set)
		canvas_put(canvas, row.x + NAME_WIDTH, row.y, 1, STYLE_BOLD, "*");
}

static void draw_foot(struct list_cursor *self, struct canvas *canvas, struct rect area)
{
	const struct option_row *option = options_view_current(&self->view);
	const char *help = _(option->help);
	int y = area.y, used;

	canvas_line(canvas, area.x, y++, area.width, STYLE_FRAME);
	while (*help && y < area.y + area.height) {
		size_t fit = utf8_fit(help, strlen(help), area.width - 2, &used), cut = fit;

		while (help[fit] && cut > 0 && help[cut] != ' ')
			cut--;
		fit = cut ? cut : fit;
		canvas_put_n(canvas, area.x + 1, y++, area.width - 2, STYLE_NORMAL, help, fit, false);
		for (help += fit; *help == ' '; help++)
			;
	}
}

static long count_rows(const struct view *view)
{
	return (long)options_count(view->app->options);
}

static void draw(struct view *view, struct canvas *canvas, struct rect area)
{
	struct list_cursor *self = (struct list_cursor *)view;
	int foot = area.height > 8 ? FOOT_ROWS : 0, rows = area.height - foot;

	list_cursor_draw(self, canvas, (struct rect){area.x, area.y, area.width, rows});
	if (foot)
		draw_foot(self, canvas, (struct rect){area.x, area.y + rows, area.width, foot});
}

static bool has(const struct view *view, long at, const char *folded)
{
	const struct option_row *row = options_at(view->app->options, (size_t)at);
	const char *help = _(row->help);

	return utf8_find_folded(row->name, strlen(row->name), folded) >= 0 ||
	       utf8_find_folded(row->section, strlen(row->section), folded) >= 0 ||
	       utf8_find_folded(help, strlen(help), folded) >= 0;
}

static void title_line(struct view *view, struct buf *left, struct buf *right)
{
	(void)view;
	buf_add_str(left, _("options"));
	buf_add_str(right, _("* is set by you; it lasts until the end unless you keep it"));
}

static void options_free_view(struct view *view)
{
	free(view);
}

static const struct view_class options_class = {
    .kind = VIEW_OPTIONS,
    .name = "options",
    .title = N_("options"),
    .free = options_free_view,
    .draw = draw,
    .title_line = title_line,
    LIST_CURSOR_WAYS,
};

static const struct list_class rows_class = {
    .count = count_rows,
    .draw_row = draw_row,
    .has = has,
};

struct view *options_view_new(struct app *app)
{
	struct list_cursor *self = mem_alloc(sizeof *self);

	list_cursor_begin(self, app, &options_class, &rows_class);
	return &self->view;
}
