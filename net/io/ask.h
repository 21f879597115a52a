/* A worker asks the person: NOTICE_ASK goes to every screen, the first NOTICE_ANSWER counts. Nobody there,
 * or no answer: the job is parked and says so (ERR_TEMPORARY). Secrets in answers are wiped here and never
 * logged. */
#ifndef NET_IO_ASK_H
#define NET_IO_ASK_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct err;
struct notice;
struct notice_conn;
struct tls_certificate;

/* The first word of NOTICE_ASK's text says what is asked: the rest is the sentence for the person. */
enum ask_kind {
	ASK_PASSWORD,	 /* "password ..." */
	ASK_CERTIFICATE, /* "certificate ...": yes or no */
	ASK_OPEN_URL,	 /* "open-url URL": sign in with a browser; answered when done or cancelled */
	ASK_CODE,	 /* "code ...": type the code that you were shown */
	ASK_CONFIRM,	 /* "confirm ...": yes or no */
	ASK_LEAVE,	 /* "leave ...": for how many days letters stay on a server, "0": not at all */
};

struct ask {
	struct notice_conn *conn;
	const char *account;
	int64_t last_id;
	int limit_ms; /* 0: ASK_LIMIT_MS */
	/* Any other notice that comes meanwhile; -1 ends the question (ERR_CANCELLED). May be NULL. */
	int (*other)(void *arg, const struct notice *notice);
	void *arg;
	/* What was typed last, for the next connection: the worker's own, wiped by it. NULL: not kept. */
	struct buf *kept;
	bool is_to_keep; /* the person wants the last answer in the keyring */
	bool may_replace; /* it is asked, too, about a certificate that is another one than was pinned */
	bool was_secret_given; /* a password or a token was at hand (net/io/secret) */
	bool is_hurried; /* the person waits for the verdict on a password */
	bool is_wrong; /* the password: as in struct sasl_who */
	bool was_distrusted; /* the person did not want to trust a certificate */
};

#define ASK_LIMIT_MS 300000

/* 1 answered, ANSWER appended (yes: "yes"); 0 the person said no; -1 (ERR_TEMPORARY nobody, ERR_CANCELLED).
 */
int ask_person(struct ask *ask, enum ask_kind kind, const char *sentence, struct buf *answer,
	       struct err *err);
/* For who waits for something else than a person: hears what comes over ASK's connection; -1: leave it. */
int ask_hear(void *ask);
const char *ask_kind_word(enum ask_kind kind);
/* For a tls_unknown callback: may this certificate be trusted from now on? ASK NULL: nobody is there: no. */
bool ask_about_certificate(struct ask *ask, const struct tls_certificate *certificate);

#endif
