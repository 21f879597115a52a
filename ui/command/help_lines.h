/* The two lines at the bottom: the keys that matter here, made from the key table; and, while a key
 * sequence is being typed, what may follow it. */
#ifndef UI_COMMAND_HELP_LINES_H
#define UI_COMMAND_HELP_LINES_H

#include "ui/screen/canvas.h"
#include "ui/view/view.h"

struct app;

#define SPOT_LIMIT 64

/* What a click on the help lines runs. */
struct app_spots {
	struct {
		struct rect area;
		char line[96];
	} items[SPOT_LIMIT];
	size_t count;
};

/* Draws into AREA (as many rows as it has), keeping RESERVED columns free at its bottom right. */
void help_lines_draw(struct app *app, struct rect area, int reserved);
/* How many rows the hints for app->typed take at WIDTH. */
int help_hints_rows(struct app *app, int width);
void help_hints_draw(struct app *app, struct rect area);
/* The line to run for a click at X, Y, or NULL. */
const char *help_lines_at(const struct app *app, int x, int y);
/* The short word for a command line in a help line of a view of KIND ("delete"), or its command's help there. */
const char *help_label(const char *line, enum view_kind kind);

#endif
