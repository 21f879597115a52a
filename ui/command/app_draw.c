#include "config.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/option.h"
#include "store/base/utf8.h"
#include "ui/command/app.h"
#include "ui/command/going_on.h"
#include "ui/command/help_lines.h"
#include "ui/input/prompt.h"
#include "ui/screen/canvas.h"
#include "ui/view/index_view.h"

/* From top to bottom: the title, the view, one line that says and asks, the help lines. */
struct layout {
	int width, height;
	struct rect title, view, status, help;
};

#define SMALL_HEIGHT 8 /* below it there is no room for help */

static int help_rows(const struct app *app, int height)
{
	int rows = (int)app_option_int(app, "general", "help-lines");

	return height < SMALL_HEIGHT ? 0 : rows;
}

static struct layout make_layout(const struct app *app)
{
	struct layout layout = {.width = canvas_width(app->canvas),
				.height = canvas_height(app->canvas)};
	int help = help_rows(app, layout.height);

	layout.title = (struct rect){0, 0, layout.width, 1};
	layout.help = (struct rect){0, layout.height - help, layout.width, help};
	layout.status = (struct rect){0, layout.height - help - 1, layout.width, 1};
	layout.view = (struct rect){0, 1, layout.width, layout.height - help - 2};
	return layout;
}

static void draw_title(struct app *app, struct view *view, struct rect area)
{
	struct buf left = BUF_INIT, right = BUF_INIT;
	int right_width;

	if (view->class->title_line)
		view->class->title_line(view, &left, &right);
	else
		buf_add_str(&left, _(view->class->title));
	right_width = utf8_width(buf_str(&right), right.len);
	canvas_fill(app->canvas, area, STYLE_TITLE);
	canvas_put_n(app->canvas, 1, area.y, area.width - right_width - 4, STYLE_TITLE,
		     buf_str(&left), left.len, true);
	canvas_put_right(app->canvas, area.width - 1, area.y, STYLE_TITLE, buf_str(&right));
	buf_free(&left);
	buf_free(&right);
}

/* A sentence longer than the line grows upwards over the view. */
static void draw_status(struct app *app, struct rect area)
{
	enum style style = app->status_is_error ? STYLE_ERROR : STYLE_MESSAGE;

	canvas_put_rows(app->canvas, area, *app->status ? style : STYLE_NORMAL, app->status);
}

/* What goes on, or is wrong, before what waits; what the index tells in its own title is not told twice. */
static void add_activity(const struct app *app, struct buf *out)
{
	struct view *top = app->view_count ? app->views[app->view_count - 1] : NULL;
	bool is_index = top && top->class->kind == VIEW_INDEX;

	going_on_add_short(app, is_index ? index_view_account(top) : NULL, out);
	if (!out->len)
		buf_add_str(out, app->activity);
}

static void draw_bottom(struct app *app, struct layout *layout, const char *activity)
{
	int rows, reserved = *activity ? utf8_width(activity, strlen(activity)) + 2 : 0;

	if (app->typed.count) {
		rows = help_hints_rows(app, layout->width);
		if (rows < layout->help.height)
			rows = layout->help.height;
		if (rows > layout->height / 2)
			rows = layout->height / 2;
		layout->help.y = layout->height - rows;
		layout->help.height = rows;
		help_hints_draw(app, layout->help);
		return;
	}
	if (layout->help.height)
		help_lines_draw(app, layout->help, reserved);
	else
		app->spots->count = 0;
	if (reserved && (layout->help.height || !app->prompt))
		canvas_put_right(app->canvas, layout->width - 1, layout->height - 1,
				 layout->help.height ? STYLE_HELP : STYLE_MESSAGE, activity);
}

static enum canvas_bidi bidi_of(const struct app *app)
{
	const char *who = app_option_text(app, "general", "bidi");

	if (!strcmp(who, "terminal"))
		return CANVAS_BIDI_TERMINAL;
	return strcmp(who, "off") ? CANVAS_BIDI_VISUAL : CANVAS_BIDI_NOBODY;
}

void app_draw(struct app *app)
{
	struct layout layout = make_layout(app);
	struct view *view = app_top(app);
	struct buf activity = BUF_INIT;

	app->is_dirty = false;
	canvas_clear(app->canvas);
	canvas_set_bidi(app->canvas, bidi_of(app));
	canvas_set_cursor(app->canvas, -1, -1);
	if (view) {
		view->class->draw(view, app->canvas, layout.view);
		draw_title(app, view, layout.title);
		view->is_dirty = false;
	}
	draw_status(app, layout.status);
	add_activity(app, &activity);
	draw_bottom(app, &layout, buf_str(&activity));
	buf_free(&activity);
	if (app->prompt)
		prompt_draw(app->prompt, app->canvas, layout.status);
}

struct rect app_view_area(const struct app *app)
{
	return make_layout(app).view;
}
