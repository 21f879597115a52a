/* Letters given to an account's submission server: one connection, kept for the next letter of the same
 * account. For workers; it blocks. */
#ifndef NET_TRANSFER_SUBMISSION_H
#define NET_TRANSFER_SUBMISSION_H

#include <stdbool.h>
#include <stddef.h>

struct account;
struct err;
struct notice_conn;
struct smtp_letter;
struct notice;
struct submission;

#define SUBMISSION_IDLE_MS 10000 /* so long a connection is kept for the next letter */

/* CONN: the worker's, for questions to the person; NULL: nobody is asked. */
struct submission *submission_new(struct notice_conn *conn);
void submission_free(struct submission **submission);
/* While anything is waited for: WOKEN is called when WAKE_FD is readable (stream.h), OTHER with each notice that comes
 * while a question is put (ask.h); ERR_CANCELLED when one of them returns -1. */
struct submission_ears {
	int wake_fd;
	int (*woken)(void *arg);
	int (*other)(void *arg, const struct notice *notice);
	void *arg;
};
void submission_listen(struct submission *submission, const struct submission_ears *ears);
/* Ends the connection in good manners, and forgets what was typed after a while. */
void submission_rest(struct submission *submission);
bool submission_is_connected(const struct submission *submission);

/* The last submission_send could not connect, or not sign in: no letter has a part in it. */
bool submission_is_down(const struct submission *submission);

/* Has ACCOUNT a server that letters are given to? */
bool submission_can(const struct account *account);
/* One transaction. 0: all recipients have their verdict. 1: the server took not all of them at once; those that are
 * SMTP_OPEN go with the next call. -1: those that are SMTP_OPEN were not tried, why is in ERR
 * (ERR_DENIED: signing in or the certificate was refused, trying again by itself is of no use). */
int submission_send(struct submission *submission, const struct account *account, struct smtp_letter *letter,
		    struct err *err);
/* Connects and signs in, and tells each thing done (a sentence); nothing is sent. */
int submission_check(struct submission *submission, const struct account *account,
		     void (*step)(void *arg, const char *what), void *arg, struct err *err);

#endif
