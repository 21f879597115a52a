/* Replies of SMTP and LMTP servers (RFC 5321 4.2, enhanced codes RFC 2034), line by line: three digits,
 * "-" before all lines but the last, the same digits in all. What is not of this form is no reply, and
 * nothing is guessed from it. Small and strict; it knows no connection. */
#ifndef NET_PROTOCOL_SMTP_REPLY_H
#define NET_PROTOCOL_SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/buf.h"
#include "store/base/str.h"

#define SMTP_REPLY_LINES_MAX 128
#define SMTP_REPLY_LINE_MAX  16384 /* RFC 5321 says 512 */
#define SMTP_REPLY_TEXT_MAX  16384 /* kept of the text; more is let go */
#define SMTP_STATUS_SIZE     12

struct smtp_reply {
	int code;		       /* 200 to 599; 0: nothing yet */
	char status[SMTP_STATUS_SIZE]; /* "4.7.1", of the first line that has one; or "" */
	struct buf text;	       /* the lines' texts as they may be shown, '\n' between */
	int lines;
	bool is_whole;
};

#define SMTP_REPLY_INIT {.code = 0}

struct err;

/* LINE has no line end. 1: the reply is whole, 0: more lines follow, -1 (ERR_CORRUPT): this is no reply. */
int smtp_reply_add(struct smtp_reply *reply, struct span line, struct err *err);
/* For the next one; keeps the memory. */
void smtp_reply_clear(struct smtp_reply *reply);
void smtp_reply_free(struct smtp_reply *reply);

bool smtp_reply_is_good(const struct smtp_reply *reply);  /* 2xx */
bool smtp_reply_is_later(const struct smtp_reply *reply); /* 4xx */
/* Appends the server's own words on one line: "550 5.1.1 No such user here". */
void smtp_reply_words(const struct smtp_reply *reply, struct buf *out);
/* The status, or one made from the code ("5.0.0"). */
const char *smtp_reply_status(const struct smtp_reply *reply);

#endif
