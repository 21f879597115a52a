/* What the two halves of the client share: the connection (smtp_client) and the letter (smtp_send). */
#ifndef NET_PROTOCOL_SMTP_INSIDE_H
#define NET_PROTOCOL_SMTP_INSIDE_H

#include "net/protocol/smtp_client.h"

enum smtp_feature {
	SMTP_PIPELINING = 1,
	SMTP_8BITMIME = 2,
	SMTP_SMTPUTF8 = 4,
	SMTP_DSN = 8,
	SMTP_SIZE = 16,
	SMTP_STARTTLS = 32,
	SMTP_AUTH = 64,
	SMTP_STATUS = 128,
};

struct smtp {
	struct stream *stream;
	struct smtp_options options;
	unsigned features;
	long long size_max;	   /* 0: not said */
	struct buf mechanisms;	   /* blanks between */
	struct buf offers;	   /* for people */
	struct smtp_reply reply;   /* the last one */
	unsigned char binding[32]; /* of the TLS channel */
	char mechanism[32];	   /* that we signed in by; "" by none */
	bool is_broken;		   /* nothing that is said on it from now on can be believed */
};

/* The next reply into smtp->reply. -1: none came, or it was none (is_broken). */
int smtp_read(struct smtp *smtp, struct err *err);
/* ERR from the reply: "HOST, WHAT: 550 no". */
int smtp_refused(const struct smtp *smtp, const char *what, struct err *err);

#endif
