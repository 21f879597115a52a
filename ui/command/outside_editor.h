/* The person's own editor for the letter that is written. */
#ifndef UI_COMMAND_OUTSIDE_EDITOR_H
#define UI_COMMAND_OUTSIDE_EDITOR_H

#include <stdbool.h>

struct app;
struct err;
struct view;

bool outside_editor_is_wished(const struct app *app); /* always, instead of the built-in one */
/* With the draft that VIEW shows; what it was left as comes back into the view. */
int outside_editor_start(struct app *app, struct view *view, struct err *err);

#endif
