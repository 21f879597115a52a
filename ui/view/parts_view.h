/* The parts of a letter: opened, saved, given to a program. Names from the letter are made safe before they
 * touch the disk; nothing is written over without a question. */
#ifndef UI_VIEW_PARTS_VIEW_H
#define UI_VIEW_PARTS_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "ui/view/view.h"

struct app;
struct err;
struct message_part;
struct mime_part;

struct view *parts_view_new(struct app *app, const char *account, int64_t id, struct err *err);
/* The part the cursor stands on; lent. NULL: none. */
struct mime_part *parts_view_current(const struct view *view);
/* All of them; lent. */
struct message_part *parts_view_list(const struct view *view, size_t *count);

#endif
