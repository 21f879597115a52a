/* A draft as one text with its fields on top, for an editor:
 *	From: Me <me@localhost>
 *	To: lena@example.org
 *	Cc:
 *	Bcc:
 *	Subject: Saturday
 *	Attach: /home/me/way.jpg
 *
 *	body */
#ifndef COMPOSE_DRAFT_TEXT_H
#define COMPOSE_DRAFT_TEXT_H

#include <stddef.h>

struct buf;
struct draft;
struct err;

void draft_text_write(const struct draft *draft, struct buf *out);
/* Takes the text back. Fields that are missing become empty; other fields are kept as more headers.
 * -1 with a sentence about the first thing that cannot be taken (a missing file); all else is
 * taken. */
int draft_text_read(struct draft *draft, const char *text, size_t len, struct err *err);

#endif
