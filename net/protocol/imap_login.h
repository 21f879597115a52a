/* From the first word of an IMAP server to a connection that may be worked with: greeting,
 * STARTTLS, signing in, ID, ENABLE, COMPRESS. Nothing that was said before TLS counts after it (RFC
 * 3501 section 6.2.1), a password is sent only where nobody can read it, and no referral is
 * followed. */
#ifndef NET_PROTOCOL_IMAP_LOGIN_H
#define NET_PROTOCOL_IMAP_LOGIN_H

#include <stdbool.h>

#include "net/io/stream.h"

struct buf;
struct err;
struct imap_client;

struct imap_login {
	enum stream_tls tls; /* STREAM_STARTTLS: nothing goes on without it */
	const char *user;
	const char *only; /* mechanisms that may be used, blanks between; NULL: all */
	const char *promised; /* the strongest mechanism that was used there before, or NULL (net/io/sasl.h) */
	const char *account;  /* its name, for sentences; needed with promised */
	int port;
	bool has_certificate; /* the connection showed one of ours */
	bool wants_deflate;
	bool *is_wrong; /* as in struct sasl_who */
	/* Append the secret to OUT. IS_RETRY: the one before was refused. NULL: there is none. */
	int (*password)(void *arg, bool is_retry, struct buf *out, struct err *err);
	int (*token)(void *arg, bool is_retry, struct buf *out, struct err *err);
	void *arg;
};

/* MECHANISM (may be NULL) gets how it signed in: "SCRAM-SHA-256", "LOGIN", "PREAUTH". Errors:
 * ERR_DENIED the server or we refuse, ERR_TEMPORARY, ERR_CORRUPT; after any of them the connection
 * is of no more use. */
int imap_sign_in(struct imap_client *client, const struct imap_login *login, struct buf *mechanism,
		 struct err *err);

#endif
