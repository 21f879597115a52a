/* Setting up the mail of an address: what is tried, step by step; then the inbox, or why not, with the settings to be
 * mended by hand and tried again. Leaving it ends the worker. */
#ifndef UI_VIEW_SET_UP_VIEW_H
#define UI_VIEW_SET_UP_VIEW_H

#include <stdbool.h>

struct app;
struct err;
struct view;

/* Starts at once. PASSWORD may be wiped when this returns. */
struct view *set_up_view_new(struct app *app, const char *address, const char *real_name, const char *password);
bool set_up_view_is(const struct view *view);
/* What Enter does: changes the setting under the cursor, or tries again. */
void set_up_view_choose(struct view *view);
/* All views make room for the inbox of ACCOUNT (NULL: of the default one). */
void set_up_show_inbox(struct app *app, const char *account);

/* From a try back to its form, with all that was typed. False: there is none, the view may go. */
bool set_up_view_back(struct view *view);

#endif
