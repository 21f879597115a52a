/* What waits to be carried, and why. */
#ifndef UI_VIEW_OUTBOX_VIEW_H
#define UI_VIEW_OUTBOX_VIEW_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct view;

struct view *outbox_view_new(struct app *app);
/* The entry the cursor stands on; 0 none. */
int64_t outbox_view_current(const struct view *view);
/* Does a worker have it just now? */
bool outbox_view_is_sending(struct view *view);
/* Who said what: the recipients of the current entry, shown or hidden. */
void outbox_view_toggle_details(struct view *view);

#endif
