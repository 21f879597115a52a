/* Inside compose only: what a letter says, for quoting, passing on and editing again. */
#ifndef COMPOSE_TEXT_OF_H
#define COMPOSE_TEXT_OF_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct draft;
struct err;
struct mime_message;
struct mime_part;

/* Appends the text of MESSAGE: SHOWN when not NULL, else its text/plain with the flow undone. The
 * part it came from, or NULL. */
struct mime_part *text_of(const struct mime_message *message, const char *shown, struct buf *out);
/* The next part that is not inside PART. */
struct mime_part *text_of_next_outside(const struct mime_part *part);
/* All parts that are shown as attachments, but TEXT, become attachments of DRAFT. Letters within
 * the letter stay whole. */
int text_of_attachments(const struct mime_message *message, const struct mime_part *text,
			struct draft *draft, struct err *err);
/* How many that would be. */
size_t text_of_attachment_count(const struct mime_message *message, const struct mime_part *text);

#endif
