/* What is known of one letter's signatures and encryption while it is read: the check that goes on beside the
 * screen, its outcome, and the rows that tell it. Shared by the reader and by the views of the letter's parts.
 *
 * The rows stand directly below the title and do not scroll. No letter can imitate them: they are filled from the
 * first column to the last in a style with a ground of its own (STYLE_VERDICT_...), and what a letter says begins
 * in the second column, ends before the last, and never gets such a style. Pictures too stay within those columns.
 * A letter without signature or encryption has no such row. */
#ifndef UI_VIEW_VERDICT_H
#define UI_VIEW_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/screen/canvas.h"

struct arena;
struct crypto_result;
struct crypto_verdict;
struct message_part;
struct mime_message;
struct mime_part;
struct verdict;
struct view;

/* Begins to look at MESSAGE, shown by VIEW; its BYTES are lent until CHANGED is called (once, from the loop) or
 * verdict_cancel. NULL: there is nothing to look at. */
struct verdict *verdict_start(struct view *view, const struct mime_message *message, const char *bytes, size_t len,
			      void (*changed)(struct view *view));
/* Whoever started it needs no answer any more; nothing is called. May be NULL. */
void verdict_cancel(struct verdict *verdict);
/* One more who holds it; NULL stays NULL. */
struct verdict *verdict_share(struct verdict *verdict);
void verdict_release(struct verdict **verdict);

/* NULL: not known yet, or VERDICT is NULL. */
const struct crypto_result *verdict_result(const struct verdict *verdict);
bool verdict_is_checking(const struct verdict *verdict);

/* ABOUT: 0 the letter, 1 + N what result->opened[N] holds, opened by itself. The rows it takes of a view of
 * HEIGHT rows, at least one; 0 when VERDICT is NULL. */
int verdict_rows(const struct verdict *verdict, size_t about, int width, int height);
void verdict_draw(const struct verdict *verdict, size_t about, struct canvas *canvas, struct rect area);
/* Is VERDICT one of those told about ABOUT? */
bool verdict_is_about(const struct crypto_result *result, const struct crypto_verdict *verdict, size_t about);

/* Behind the PARTS of message number MESSAGE: what was opened of it and is no whole letter (crypto_opened). Each
 * is a part by itself, shown only on its own: with others it is never one document (EFAIL). */
void verdict_add_parts(const struct verdict *verdict, size_t message, struct arena *arena,
		       struct message_part **parts, size_t *count);
/* 1 + N when PART is such a part, of result->opened[N]; else 0. */
size_t verdict_opened(const struct verdict *verdict, const struct mime_part *part);

#endif
