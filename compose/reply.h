/* Answering a letter. */
#ifndef COMPOSE_REPLY_H
#define COMPOSE_REPLY_H

#include <stdbool.h>

struct buf;
struct compose;
struct draft;
struct err;
struct mime_message;

enum reply_to {
	REPLY_SENDER, /* Reply-To, else From; to a letter of one's own: whom it went to */
	REPLY_ALL,    /* Mail-Followup-To, else everybody but oneself */
	REPLY_LIST,   /* Mail-Followup-To, List-Post, else an error with a sentence */
};

/* SHOWN is what the person saw of it (decrypted, from HTML...), to be quoted: a reply gives away
 * nothing else. NULL: its text/plain. ACCOUNT it lies in (may be NULL). NULL on error. */
struct draft *reply_make(const struct compose *compose, const struct mime_message *message,
			 enum reply_to whom, const char *account, const char *shown,
			 struct err *err);
/* Can it be answered to a list? */
bool reply_has_list(const struct mime_message *message);
/* Appends "Re: SUBJECT" with exactly one "Re:" (also of "RE:", "Re[2]:", "AW:", "Antw:", "SV:"...),
 * on one line. SUBJECT is decoded, may be NULL. */
void reply_subject(struct buf *out, const char *subject);

#endif
