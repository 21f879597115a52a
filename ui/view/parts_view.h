/* The parts of a letter as the tree they are: shown, opened, saved, given to a program. Names from the
 * letter are made safe before they touch the disk; nothing is written over without a question. */
#ifndef UI_VIEW_PARTS_VIEW_H
#define UI_VIEW_PARTS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/view/view.h"

struct app;
struct err;
struct mime_part;
struct verdict;

/* Of what the reader READER shows: a letter that is itself a part, or one that was decrypted. */
struct view *parts_view_new_shown(struct app *app, const struct view *reader);
/* Of a letter as it came; READER shows it and knows of its signatures, or NULL. */
struct view *parts_view_new(struct app *app, const char *account, int64_t id, const struct view *reader,
			    struct err *err);
/* The part the cursor stands on; lent. NULL: none. */
struct mime_part *parts_view_current(const struct view *view);
/* The number of the part the cursor stands on when that is not on this computer, else 0. */
size_t parts_view_away(const struct view *view);
/* Of any of them? */
bool parts_view_lacks_parts(const struct view *view);
void parts_view_go_to(struct view *view, size_t number);
/* The reader's (reader_view_verdict). */
struct verdict *parts_view_verdict(const struct view *view, size_t *about);
/* The reader's (reader_view_is_unprotected). */
bool parts_view_is_unprotected(const struct view *view);
/* Which letter it is, lent: its id in ACCOUNT, or 0 for one that is itself a part or was decrypted; and its bytes. */
int64_t parts_view_letter(const struct view *view, const char **account, const char **bytes, size_t *len);

#endif
