/* All that is known of a letter's signatures and encryption, to be read in full. */
#ifndef UI_VIEW_VERDICT_VIEW_H
#define UI_VIEW_VERDICT_VIEW_H

#include <stddef.h>

struct app;
struct verdict;
struct view;

/* VERDICT is known (verdict_result); ABOUT as in verdict.h. Nothing of it is needed afterwards. */
struct view *verdict_view_new(struct app *app, const struct verdict *verdict, size_t about);

#endif
