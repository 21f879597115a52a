/* All options with what they are set to, to browse and change. */
#ifndef UI_VIEW_OPTIONS_VIEW_H
#define UI_VIEW_OPTIONS_VIEW_H

struct app;
struct option_row;
struct view;

struct view *options_view_new(struct app *app);
/* The option the cursor stands on. */
const struct option_row *options_view_current(const struct view *view);

#endif
