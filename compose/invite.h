/* The answer to an invitation: an iTIP REPLY (RFC 5546 section 3.2.3, RFC 6047) to whoever invites, as a
 * letter like any other. It is made when a person says so, never by itself. */
#ifndef COMPOSE_INVITE_H
#define COMPOSE_INVITE_H

#include "store/mime/calendar.h"

struct buf;
struct compose;
struct draft;
struct err;
struct mime_message;
struct mime_part;

/* The part that holds the calendar of MESSAGE, or NULL. */
const struct mime_part *invite_part(const struct mime_message *message);
/* Does MESSAGE invite to something that is still to be? (then an answer has sense) */
bool invite_asks(const struct mime_message *message);
/* A draft that says ANSWER, for send_draft: from the identity that is invited, to the organizer, the reply
 * in it for their calendar. NULL with a sentence: no invitation, cancelled, nobody to answer, not invited. */
struct draft *invite_answer(const struct compose *compose, const struct mime_message *message,
			    const char *account, enum calendar_answer answer, struct err *err);
/* "accepted", "tentative", "declined": also the tag that a letter answered so gets. */
const char *invite_answer_word(enum calendar_answer answer);

#endif
