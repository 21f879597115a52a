/* A letter being read. It keeps nothing but what is on the screen and near it; the index below it knows which
 * letter comes next. The letter counts as read once it was shown. */
#ifndef UI_VIEW_READER_VIEW_H
#define UI_VIEW_READER_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/view/view.h"

struct app;
struct buf;
struct doc;
struct err;
struct mime_message;
struct message_part;
struct mime_part;
struct verdict;

/* NULL when the message cannot be opened. */
struct view *reader_view_new(struct app *app, const char *account, int64_t id, struct err *err);
/* Shows another message in its place; on error the old one stays. */
int reader_view_open(struct view *view, const char *account, int64_t id, struct err *err);
/* Its text is not on this computer: fetches it, or stops that. A letter that is here: -1 with a sentence. */
int reader_view_fetch(struct view *view, struct err *err);
/* All of it, where less was enough so far; then LINE (may be NULL) is run, if somebody still looks at it. */
void reader_view_fetch_all(struct view *view, const char *line);
/* LINE is run when something of it came: what is on its way stays as it is. */
void reader_view_await(struct view *view, const char *line);
/* Part NUMBER of reader_view_parts is on its server alone: fetches it, then runs LINE, IS_IN_PARTS: on that part in the
 * list of parts. False: it is here. */
bool reader_view_fetch_part(struct view *view, size_t number, const char *line, bool is_in_parts);
/* Some of its parts are here (outline.h); does it lack any; is the text here that an answer quotes? */
bool reader_view_has_outline(const struct view *view);
bool reader_view_lacks_parts(const struct view *view);
bool reader_view_has_text(const struct view *view);
/* PARTS of its message, or of a copy of it at BYTES: those that are not here get is_away, and their size there. */
void reader_view_mark_away(const struct view *view, const char *bytes, struct message_part *parts, size_t count);
/* PART of a letter by itself, copied: a letter within it as a letter, other things without their header. It belongs to
 * no folder: reader_view_id is 0, reader_view_account "". VERDICT (may be NULL) is that of the letter around it,
 * which is UNPROTECTED or not (reader_view_is_unprotected). */
struct view *reader_view_new_part(struct app *app, const struct mime_part *part, struct verdict *verdict,
				  size_t about, bool unprotected);
/* What was opened as number WHICH (from 1 on) of VERDICT's result and is no whole letter: by itself. */
struct view *reader_view_new_opened(struct app *app, struct verdict *verdict, size_t which);
const char *reader_view_account(const struct view *view);
int64_t reader_view_id(const struct view *view);
/* The parsed message, lent until another is opened. */
struct mime_message *reader_view_message(const struct view *view);
/* Its bytes, likewise: where it was encrypted or changed by its protected header fields, those that are shown. */
const char *reader_view_bytes(const struct view *view, size_t *len);
/* Its text, or what is attached, is not on this computer yet. */
bool reader_view_is_awaited(const struct view *view);
/* Are those not the bytes that came, but what was found in them? And was that encrypted? */
bool reader_view_is_opened(const struct view *view);
bool reader_view_was_encrypted(const struct view *view);
/* Its signature is being checked, or it is being decrypted. */
/* LINE is done once the letter is decrypted; where it cannot be, it is forgotten. */
void reader_view_plan(struct view *view, const char *line);
bool reader_view_is_checking(const struct view *view);
/* Did it come encrypted, by itself or in a letter around it, with nothing that protects it against changes? */
bool reader_view_is_unprotected(const struct view *view);
/* Links of it are not followed until that is asked for (READER_HTML): nothing protects it. */
bool reader_view_has_no_links(const struct view *view);
/* What is known of its signatures (verdict.h), lent, NULL for nothing; what of that is told here, and which message of
 * it is shown. */
struct verdict *reader_view_verdict(const struct view *view, size_t *about, size_t *message);
/* Its parts, and behind them those that were decrypted by themselves; lent until another letter is opened or the
 * verdict comes. */
const struct message_part *reader_view_parts(const struct view *view, size_t *count);
/* Appends the text that is to be quoted of it where that is not its plain text as it stands; else false. */
bool reader_view_shown_text(const struct view *view, struct buf *out);
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
