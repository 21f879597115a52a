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
#include "ui/input/key.h"
#include "ui/view/view.h"

#define NAME_WIDTH 32
#define FOOT_ROWS  3 /* what the option under the cursor does */

struct options_view {
	struct view view;
	size_t at, top;
	int rows;
	struct rect area;
};

static struct options_view *of(struct view *view)
{
	return (struct options_view *)view;
}

const struct option_row *options_view_current(const struct view *view)
{
	return options_at(view->app->options, ((const struct options_view *)view)->at);
}

static void keep_in_sight(struct options_view *self)
{
	size_t rows = self->rows > 0 ? (size_t)self->rows : 1;

	if (self->at < self->top)
		self->top = self->at;
	if (self->at >= self->top + rows)
		self->top = self->at - rows + 1;
}

static void draw_row(struct options_view *self, struct canvas *canvas, struct rect row, size_t at)
{
	const struct options *options = self->view.app->options;
	const struct option_row *option = options_at(options, at);
	bool is_set = option_is_set(options, option->section, option->name);

	canvas_printf(canvas, row.x + 1, row.y, NAME_WIDTH, STYLE_NORMAL, "%s.%s", option->section,
		      option->name);
	canvas_put_n(canvas, row.x + NAME_WIDTH + 2, row.y, row.width - NAME_WIDTH - 3,
		     is_set ? STYLE_BOLD : STYLE_DIM,
		     option_text(options, option->section, option->name),
		     strlen(option_text(options, option->section, option->name)), true);
	if (is_set)
		canvas_put(canvas, row.x + NAME_WIDTH, row.y, 1, STYLE_BOLD, "*");
	if (at == self->at) {
		canvas_over(canvas, row, STYLE_CURSOR);
		canvas_set_cursor(canvas, row.x, row.y);
	}
}

static void draw_foot(struct options_view *self, struct canvas *canvas, struct rect area)
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

static void draw(struct view *view, struct canvas *canvas, struct rect area)
{
	struct options_view *self = of(view);
	int foot = area.height > 8 ? FOOT_ROWS : 0, y;

	self->area = area;
	self->rows = area.height - foot;
	keep_in_sight(self);
	for (y = 0; y < self->rows && self->top + (size_t)y < options_count(view->app->options); y++)
		draw_row(self, canvas, (struct rect){area.x, area.y + y, area.width, 1},
			 self->top + (size_t)y);
	if (foot)
		draw_foot(self, canvas,
			  (struct rect){area.x, area.y + self->rows, area.width, foot});
}

static void move(struct view *view, int lines)
{
	struct options_view *self = of(view);
	long at = (long)self->at + lines, last = (long)options_count(view->app->options) - 1;

	self->at = (size_t)(at < 0 ? 0 : at > last ? last : at);
	app_dirty(view->app);
}

static void move_page(struct view *view, int half_pages)
{
	move(view, half_pages * (of(view)->rows > 2 ? of(view)->rows / 2 : 1));
}

static void move_end(struct view *view, bool to_last)
{
	of(view)->at = to_last ? options_count(view->app->options) - 1 : 0;
	app_dirty(view->app);
}

static bool option_has(const struct option_row *row, const char *folded)
{
	const char *help = _(row->help);

	return utf8_find_folded(row->name, strlen(row->name), folded) >= 0 ||
	       utf8_find_folded(row->section, strlen(row->section), folded) >= 0 ||
	       utf8_find_folded(help, strlen(help), folded) >= 0;
}

static int find(struct view *view, const char *text, bool backwards, struct err *err)
{
	struct options_view *self = of(view);
	size_t count = options_count(view->app->options), i;
	struct buf folded = BUF_INIT;
	int found = 0;

	(void)err;
	utf8_add_folded(&folded, text, strlen(text));
	for (i = 1; i <= count && !found; i++) {
		size_t at = (self->at + (backwards ? count - i : i)) % count;

		found = option_has(options_at(view->app->options, at), buf_str(&folded));
		if (found)
			self->at = at;
	}
	buf_free(&folded);
	app_dirty(view->app);
	return found;
}

static void mouse(struct view *view, const struct key *key)
{
	struct options_view *self = of(view);

	if (key->y - self->area.y < self->rows)
		move(view, (int)self->top + key->y - self->area.y - (int)self->at);
}

static void title_line(struct view *view, struct buf *left, struct buf *right)
{
	(void)view;
	buf_add_str(left, _("options"));
	buf_add_str(right, _("* is set by you; the file config keeps what stands in it"));
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
    .mouse = mouse,
    .move = move,
    .move_page = move_page,
    .move_end = move_end,
    .find = find,
};

struct view *options_view_new(struct app *app)
{
	struct options_view *self = mem_alloc(sizeof *self);

	self->view.class = &options_class;
	self->view.app = app;
	return &self->view;
}
