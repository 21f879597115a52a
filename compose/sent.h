/* The copy that an account keeps of a letter that goes out, in its Sent folder. */
#ifndef COMPOSE_SENT_H
#define COMPOSE_SENT_H

struct account;
struct buf;
struct err;

/* Keeps LETTER, durable when it returns, once for a MESSAGE_ID; the folder is made when missing. BOX and KEY get where
 * it is. 1 kept, 0 the account cannot keep it (a single mailbox, read-only), -1 with a sentence. */
int sent_keep(const struct account *account, const char *message_id, const struct buf *letter, struct buf *box,
	      struct buf *key, struct err *err);
/* It does not go out after all. BOX "": 0. What stays because of an error is told to the log. */
void sent_drop(const char *box, const char *key);

#endif
