/* Every key and every command of a view, from the tables. */
#ifndef UI_VIEW_HELP_VIEW_H
#define UI_VIEW_HELP_VIEW_H

#include "ui/view/view.h"

struct app;

/* For a view of KIND. */
struct view *help_view_new(struct app *app, const struct view_class *about);

#endif
