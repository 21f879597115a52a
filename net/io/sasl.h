/* Signing in: SASL (RFC 4422) by libgsasl (its one door), and the two OAuth mechanisms. It makes and reads
 *the messages; the protocol carries them (RFC 3501 6.2.2, 4954, 5034), all in base64.
 *
 *	sasl = sasl_new(offered, &who, &err);
 *	while (sasl && sasl_next(sasl, &err) == 1)		each mechanism that may work, best first
 *		AUTHENTICATE sasl_mechanism(sasl), then for each "+ challenge": sasl_step
 *		OK: sasl_finish (SCRAM: the server must have proved itself), break; NO: go on
 *
 * Order: EXTERNAL (with a certificate of our own), OAUTHBEARER, XOAUTH2 (with a token), GSSAPI (with a
 *ticket), SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS, SCRAM-SHA-256, SCRAM-SHA-1, CRAM-MD5, PLAIN, LOGIN. One
 *that sends the password readable is only used where who->is_secure. */
#ifndef NET_IO_SASL_H
#define NET_IO_SASL_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;
struct sasl;

struct sasl_who {
	const char *user;
	const char *service; /* "imap", "pop", "smtp" */
	const char *host;
	int port;
	bool is_secure;
	bool has_certificate;		      /* the connection showed ours: EXTERNAL is worth a try */
	const unsigned char *channel_binding; /* tls-exporter, 32 bytes, or NULL */
	const char *only;		      /* the mechanisms a person wants, blanks between, or NULL */
	const char *promised; /* the strongest one that was used there before (net/io/promised.h), or NULL: the
				 password goes in no weaker way */
	const char *account;  /* who is to be told how less is accepted; needed with promised */
	/* NULL, or: a server that knows the user and refused SCRAM's proof of the password is not asked in any other
	 * way (each may take it some seconds), and this becomes true. */
	bool *is_wrong;
	/* Called at most once each; the answer is appended to SECRET, which sasl wipes. -1: there is none
	 * (the person cancelled): mechanisms that need it are passed over. NULL: none. */
	int (*password)(void *arg, struct buf *secret, struct err *err);
	int (*token)(void *arg, struct buf *secret, struct err *err); /* an OAuth access token */
	void *arg;
};

/* OFFERED: names with blanks between ("PLAIN SCRAM-SHA-256"), without "AUTH=". WHO and what it points to is
 * lent until sasl_free. */
struct sasl *sasl_new(const char *offered, const struct sasl_who *who, struct err *err);
void sasl_free(struct sasl **sasl); /* wipes */
/* 1: the next mechanism is ready to begin; 0: there is no further one; -1 cannot go on (what password()
 * said). */
int sasl_next(struct sasl *sasl, struct err *err);
const char *sasl_mechanism(const struct sasl *sasl);
/* It begins with a message of ours, which may go with the command (SASL-IR) or answers the first, empty
 * challenge. */
bool sasl_is_client_first(const struct sasl *sasl);
/* CHALLENGE in base64 (NULL or "": none) -> ANSWER appended in base64 ("" is sent as an empty line; where
 * the protocol wants "=" for an empty initial response the caller writes it). -1: cancel with "*"; the next
 * may work. What is in ANSWER may be the password: wipe it (secret_wipe). */
int sasl_step(struct sasl *sasl, const char *challenge, struct buf *answer, struct err *err);
/* The server said OK. -1 when it did not prove what its mechanism promises: end the connection. */
int sasl_finish(struct sasl *sasl, struct err *err);
/* Was any mechanism so far refused that needed the password (or the token)? Then it is wrong, and is worth
 * asking for again. Of mechanisms that would send the same thing only the first is tried. */
bool sasl_password_was_refused(const struct sasl *sasl);
/* Which of two gives less away: the higher number; 0 for a name that is not known. "LOGIN" is IMAP's command and POP3's
 * USER and PASS, too. */
int sasl_strength(const char *mechanism);
/* May the password be sent as those commands do, and keep what was promised? WORDS gets a sentence when not. */
bool sasl_may_login(const char *offered, const struct sasl_who *who, struct buf *words);
/* Something was refused, and something weaker would have been there, but for the promise: a sentence into ERR. */
void sasl_tell_held_back(const struct sasl *sasl, struct err *err);
/* One of the names in OFFERED could be tried at all; WORDS gets a sentence when not. */
bool sasl_can(const char *offered, const struct sasl_who *who, struct buf *words);

#endif
