/* What the servers of an account once gave: TLS, and the strongest way of signing in that was used. Kept beside the
 * pins (PATH_DATA/promises, one line each), so that a server which offers less one day is noticed. Which way is
 * stronger than another is not known here (net/io/promised.h). */
#ifndef STORE_MAIL_PROMISE_H
#define STORE_MAIL_PROMISE_H

#include <stdbool.h>

struct err;

#define PROMISE_MECHANISM_SIZE 32

struct promise {
	bool has_tls;
	char mechanism[PROMISE_MECHANISM_SIZE]; /* "SCRAM-SHA-256"; "" nobody signed in there yet */
};

/* PLACE: "imap mail.example.org:993". Nothing known: all empty. -1 when the file is there and cannot be read. */
int promise_load(const char *account, const char *place, struct promise *promise, struct err *err);
int promise_keep(const char *account, const char *place, const struct promise *promise, struct err *err);
/* All of an account's: how many there were, or -1. */
int promise_forget(const char *account, struct err *err);

#endif
