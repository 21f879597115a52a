/* All accounts' folders as a tree with counts. The same rows stand beside the index as its side bar
 * (ui/view/folder_list). */
#ifndef UI_VIEW_FOLDER_VIEW_H
#define UI_VIEW_FOLDER_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/view/view.h"

struct app;
struct err;

/* The cursor stands on ACCOUNT's FOLDER when it is there (ACCOUNT may be NULL). */
struct view *folder_view_new(struct app *app, const char *account, int64_t folder);
/* What the cursor stands on: 1, or 0 on a row that is no folder. ACCOUNT is lent until the next notice. */
int folder_view_current(const struct view *view, const char **account, int64_t *folder);
/* The name of the saved search that the cursor stands on, or NULL; lent as above. */
/* Does the cursor stand on "All inboxes"? */
bool folder_view_is_all(const struct view *view);
const char *folder_view_search(const struct view *view);
int folder_view_next_unread(struct view *view, bool backwards); /* 1 moved, 0 none */
/* Folds or unfolds what lies below the current row. */
int folder_view_fold(struct view *view);

#endif
