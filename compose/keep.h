/* Inside compose only: messages that the person's own folders keep (Sent, Drafts). */
#ifndef COMPOSE_KEEP_H
#define COMPOSE_KEEP_H

#include "store/mail/account.h"

struct buf;
struct compose;
struct err;

struct keep_what {
	const char *data;
	size_t len;
	unsigned flags;	    /* box_flag */
	const char *unique; /* NULL, or doing it twice does it once */
};

/* The account of that name, else the default one; NULL: there is none. */
const struct account *keep_account(const struct compose *compose, const char *name);
/* Durable in the folder of that role, which is made when missing. BOX and KEY say where. 1 kept, 0
 * the account cannot keep it (a single mailbox, read-only), -1 with a sentence. */
int keep_message(const struct account *account, enum account_role role,
		 const struct keep_what *what, struct buf *box, struct buf *key, struct err *err);
/* Gone already, or BOX "": 0. */
int keep_remove(const char *box, const char *key, struct err *err);

/* Gives the letter with that Message-ID a flag (answered, forwarded). Not there: 0. */
int keep_mark(const struct account *account, const char *message_id, unsigned flag,
	      struct err *err);

#endif
