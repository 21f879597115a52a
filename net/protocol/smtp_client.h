/* The client's side of SMTP (RFC 5321), submission (RFC 6409, 8314) and LMTP (RFC 2033): one connection for
 * many letters, and a verdict for every recipient with the server's own words. It blocks: for workers.
 *
 * Secured before anything is said that matters: by TLS from the first byte or by STARTTLS, which must work;
 * what the server said before it is forgotten. A letter that was answered for is answered for: nothing is
 * called sent without 2xx to its recipient and to its end.
 *
 * Used when offered: PIPELINING, SIZE, 8BITMIME, SMTPUTF8, DSN, ENHANCEDSTATUSCODES, AUTH. 8-bit letters go as
 * they are to a server without 8BITMIME too, as other programs send them: it is rare, and most such servers
 * carry them all the same. */
#ifndef NET_PROTOCOL_SMTP_CLIENT_H
#define NET_PROTOCOL_SMTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/io/stream.h"
#include "net/protocol/smtp_reply.h"
#include "store/base/str.h"

struct buf;
struct err;
struct sasl_who;
struct smtp;

struct smtp_options {
	const struct stream_options *stream; /* STREAM_STARTTLS is done here */
	bool is_lmtp;
	const char *hello;    /* what we call ourselves; NULL: "[127.0.0.1]", which tells nothing of this machine */
	struct sasl_who *who; /* NULL: nobody signs in. is_secure, host, port, channel_binding are set here */
	bool must_sign_in;    /* a server that offers no way of it is an error */
	void (*step)(void *arg, const char *what); /* for the doctor: each thing that was done, a sentence; or NULL */
	void *arg;
};

/* Connected, secured, signed in. NULL on error: ERR_TEMPORARY (no network, 4xx...), ERR_DENIED (signing in
 * or the certificate was refused: no use to try again by itself), ERR_FAILED, ERR_CORRUPT, ERR_CANCELLED. */
struct smtp *smtp_open(const struct smtp_options *options, struct err *err);
/* Says QUIT, waits for the answer a moment only. */
void smtp_close(struct smtp **smtp);
const struct stream *smtp_stream(const struct smtp *smtp);
const char *smtp_mechanism(const struct smtp *smtp); /* how it signed in; NULL: nobody did */
/* The server said something unasked, or has gone: a new connection is needed. Does not wait. */
bool smtp_is_stale(struct smtp *smtp);

enum smtp_verdict {
	SMTP_OPEN,   /* nothing was answered: as if it had not been tried */
	SMTP_SENT,   /* the server answers for it */
	SMTP_LATER,  /* 4xx */
	SMTP_FAILED, /* 5xx, or what can never be sent there */
	SMTP_UNSURE, /* the whole letter was given over, and the answer was lost: it may have been sent */
};

struct smtp_recipient {
	const char *addr;
	enum smtp_verdict verdict;     /* in: SMTP_OPEN (others are passed over) */
	int code;		       /* of the reply, or 0: the words are ours */
	char status[SMTP_STATUS_SIZE]; /* RFC 3463 */
	struct buf words;	       /* the server's or ours; free with smtp_recipient_free */
};

struct smtp_letter {
	const char *sender; /* "" the null sender */
	struct smtp_recipient *recipients;
	size_t count;
	struct span data;				   /* LF, CRLF or any mixture of them */
	const char *dsn_ret, *dsn_envid, *notify; /* RFC 3461; NULL: not asked for */
	/* So many bytes of DATA were written (NULL: nobody wants to know); -1: the letter is left in its midst. */
	int (*written)(void *arg, size_t at);
	/* All but the letter's end was written; once it goes out it may be sent, whatever is heard (NULL: nobody
	 * wants to know). -1, with ERR: it does not go out. */
	int (*ending)(void *arg, struct err *err);
	/* All was given over, and the server has its work with it: time for other things (NULL: nothing to do). */
	void (*waiting)(void *arg);
	void *arg;
};

/* One transaction. 0: every recipient has another verdict than SMTP_OPEN, and the connection is good for the
 * next letter. -1: it is not (why is in ERR), and those without an answer are SMTP_OPEN or SMTP_UNSURE. */
int smtp_send(struct smtp *smtp, struct smtp_letter *letter, struct err *err);
void smtp_recipient_free(struct smtp_recipient *recipient);

/* Appends what the server offers, for people: "PIPELINING, SIZE 10240000, ...". */
void smtp_offers(const struct smtp *smtp, struct buf *out);

#endif
