/* Where a recipient's letter goes from here. A table of ways: into a mailbox of this
 * computer, else to a submission server: that of the letter's account, else of the account whose address the
 * sender's is, else of the default account. A letter of an account on a server goes by no other account's
 * server: what work wrote is not signed in for by the private one.
 * The recipient's own servers come with their issue behind the same
 * table. */
#ifndef NET_TRANSFER_ROUTE_H
#define NET_TRANSFER_ROUTE_H

struct account;
struct err;
struct local;
struct outbox_entry;

enum route_kind {
	ROUTE_LOCAL,	  /* into the INBOX of ACCOUNT */
	ROUTE_SUBMISSION, /* to the submission server of ACCOUNT */
	ROUTE_NONE,	  /* nothing carries it: STATUS and SENTENCE say why */
};

struct route {
	enum route_kind kind;
	const struct account *account; /* lent */
	const char *status;	       /* RFC 3463 */
	char sentence[512]; /* for people */
};

/* ADDR, a recipient of ENTRY, is one that no alias stands for. */
void route_find(const struct local *local, const struct outbox_entry *entry, const char *addr,
		struct route *route);

#endif
