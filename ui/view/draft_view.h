/* A letter being written: its fields, its text, saved while one types. What stands here is on disk a moment
 * later (compose/draft.h); kill -9 loses a second or two of typing. */
#ifndef UI_VIEW_DRAFT_VIEW_H
#define UI_VIEW_DRAFT_VIEW_H

#include <stdbool.h>

#include "ui/view/view.h"

struct app;
struct draft;
struct err;

/* Takes DRAFT. The cursor stands in the first empty field, else in the text. */
struct view *draft_view_new(struct app *app, struct draft *draft);
struct draft *draft_view_draft(struct view *view); /* with all that was typed put in; lent */
/* Saves now when something changed. */
int draft_view_save(struct view *view, struct err *err);
/* What compose changed in the draft (attachments, identity) comes to the screen. */
void draft_view_refresh(struct view *view);
/* The letter is gone on its way, postponed or thrown away: the view may close without a question. */
void draft_view_done(struct view *view);
/* To the field above the text, to the text. */
void draft_view_to_headers(struct view *view);
void draft_view_to_text(struct view *view);
/* "To", "Cc", "Bcc", "Subject", "From". */
void draft_view_to_field(struct view *view, const char *name);
/* Attachment rows: the one the cursor stands on, or -1. */
int draft_view_attachment(const struct view *view);
/* Draft letters that a dead tern left: offers to go on with the newest. To be called once at the start. */
void draft_view_offer_left(struct app *app);

#endif
