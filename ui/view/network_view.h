/* The accounts and how each stands with its server, and below each what is on its way. */
#ifndef UI_VIEW_NETWORK_VIEW_H
#define UI_VIEW_NETWORK_VIEW_H

#include "ui/view/view.h"

struct transfer;

struct view *network_view_new(struct app *app);
/* The account under the cursor (or that of the transfer there), lent; NULL: there is none. */
const char *network_view_account(const struct view *view);
/* The transfer under the cursor, lent until the next news, or NULL. */
const struct transfer *network_view_transfer(const struct view *view);

#endif
