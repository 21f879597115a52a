/* One round with a POP3 account: what is new comes into its INBOX, durable, and only then goes from the
 * server (or, with "leave-days", when its days are over). */
#ifndef NET_SYNC_POP3_H
#define NET_SYNC_POP3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account;
struct ask;
struct buf;
struct err;
struct store;
struct tls_trust;

struct pop3_round {
	struct store *store; /* of the account, whose settings say where and how */
	const struct account *account; /* NULL: the store's; for signing in alone no store is needed */
	struct ask *ask;     /* for a password or about a certificate; NULL: nobody */
	struct tls_trust *trust;
	struct buf
	    *password; /* what let us in last time, so that a person is asked once; the caller wipes it */
	int wake_fd;   /* as in struct stream_options */
	int (*woken)(void *arg);
	void (*quiet)(void *arg, bool is_quiet); /* as there; may be NULL */
	/* May be NULL; -1 stops. */
	int (*progress)(void *arg, int64_t done, int64_t total);
	void *arg;
	size_t fetched, removed, refused; /* out */
};

int pop3_round(struct pop3_round *round, struct err *err);

#endif
