/* Where a recipient's letter goes from here. A table of ways: local now; an account's submission
 * server and the recipient's own servers come with their issues behind the same table. */
#ifndef NET_TRANSFER_ROUTE_H
#define NET_TRANSFER_ROUTE_H

struct account;
struct err;
struct local;
struct outbox_entry;

enum route_kind {
	ROUTE_LOCAL, /* into the INBOX of ACCOUNT */
	ROUTE_NONE,  /* nothing carries it: STATUS and SENTENCE say why */
};

struct route {
	enum route_kind kind;
	const struct account *account; /* lent */
	const char *status;	       /* RFC 3463 */
	const char *sentence;
};

/* ADDR is one that no alias stands for. */
void route_find(const struct local *local, const char *addr, struct route *route);

#endif
