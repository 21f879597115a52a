/* The links of a letter, one a row: number, what it shows, where it truly goes; below, the one under the cursor
 * whole. Digits go to the link of that number. */
#ifndef UI_VIEW_LINK_VIEW_H
#define UI_VIEW_LINK_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/view/view.h"

struct doc;

/* The links of DOC, copied; ACCOUNT is whose letter it is. NULL when there is none. */
struct view *link_view_new(struct app *app, const struct doc *doc, const char *account);
/* The number of the link under the cursor. */
size_t link_view_number(const struct view *view);
size_t link_view_count(const struct view *view);
/* Link NUMBER (from 1), lent; NULL: no such. *DECEIVES: its text shows another place. */
const char *link_view_url(const struct view *view, size_t number, bool *deceives);
const char *link_view_account(const struct view *view);

#endif
