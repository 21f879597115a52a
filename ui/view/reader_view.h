/* A letter being read. It keeps nothing but what is on the screen and near it; the index below it knows which
 * letter comes next. The letter counts as read once it was shown. */
#ifndef UI_VIEW_READER_VIEW_H
#define UI_VIEW_READER_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/view/view.h"

struct app;
struct doc;
struct err;
struct mime_message;
struct mime_part;

/* NULL when the message cannot be opened. */
struct view *reader_view_new(struct app *app, const char *account, int64_t id, struct err *err);
/* Shows another message in its place; on error the old one stays. */
int reader_view_open(struct view *view, const char *account, int64_t id, struct err *err);
/* PART of a letter by itself, copied: a letter within it as a letter, other things without their header. It belongs to
 * no folder: reader_view_id is 0, reader_view_account "". */
struct view *reader_view_new_part(struct app *app, const struct mime_part *part);
const char *reader_view_account(const struct view *view);
int64_t reader_view_id(const struct view *view);
/* The parsed message, lent until another is opened. */
struct mime_message *reader_view_message(const struct view *view);
/* Its bytes, likewise. */
const char *reader_view_bytes(const struct view *view, size_t *len);
/* Does it invite to something, so that an answer has sense? */
bool reader_view_invites(const struct view *view);
bool reader_view_wants_html(const struct view *view);
/* Forms of the letter to choose from (message_forms). */
unsigned reader_view_forms(const struct view *view);

enum reader_way { READER_HEADERS, READER_HTML, READER_RAW, READER_QUOTES };
/* Switches: all headers, HTML of alternatives, the bytes as they came, quotes folded. */
void reader_view_toggle(struct view *view, enum reader_way way);
/* A page on: false at the end. */
bool reader_view_page(struct view *view);
/* To the end of the quote that the top line stands in (mutt's S). */
void reader_view_skip_quoted(struct view *view);
/* Folds or unfolds the quotation in row ROW of the screen's text (-1: the first in sight). Was there one? */
bool reader_view_fold_quote(struct view *view, int row);
/* What it shows, with its links; lent until something changes. */
const struct doc *reader_view_doc(const struct view *view);

#endif
