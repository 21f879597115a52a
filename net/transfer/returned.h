/* A letter of an account on a server that failed for good: it comes back into that account's Drafts, as a draft
 * that says why (X-Tern-Failed), so that it can be mended and sent again. A report into its INBOX would be a
 * letter that nobody sent, on a server. */
#ifndef NET_TRANSFER_RETURNED_H
#define NET_TRANSFER_RETURNED_H

#include <stdbool.h>

struct account;
struct bounce;
struct buf;
struct err;

/* Appends the draft. IS_ALL: nobody got the letter, and it comes back as it was (Bcc with it); else it is for
 * those who did not. */
void returned_write(const struct bounce *bounce, bool is_all, struct buf *out);
/* Into the folder for drafts, durable; doing it twice (UNIQUE) does it once. */
int returned_keep(const struct account *account, const struct buf *draft, const char *unique, struct err *err);
/* Nobody got it: the copy that Sent has of it goes, if it is there. */
int returned_forget(const struct account *account, const char *message_id, struct err *err);

#endif
