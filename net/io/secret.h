/* The passwords of an account, from where its settings say, best first: "password-command" (a program, its
 * first line), "password-file" (mode 0600, ours), the desktop's keyring (libsecret's secret-tool protocol,
 * when there is one), and else the person is asked, and may have it kept. Never in an argument, the
 * environment or a log.
 *
 * What a person typed is kept for the next connection in ASK->kept, if that is there. */
#ifndef NET_IO_SECRET_H
#define NET_IO_SECRET_H

#include <stdbool.h>

#define SECRET_WAIT_S 60 /* so long a program may ask a person for what it is to print; then it is ended */

struct account;
struct ask;
struct buf;
struct child_ear;
struct err;

/* Appends the password of USER at HOST for ACCOUNT to SECRET (the caller wipes: secret_wipe). IS_RETRY: the
 * one before was refused, so a person is asked again. ASK may be NULL: nobody is asked. -1 with a sentence.
 */
int secret_get(const struct account *account, const char *user, const char *host, bool is_retry,
	       struct ask *ask, struct buf *secret, struct err *err);
/* The same for an OAuth access token ("token-command", or net/io/oauth). ERR_NOT_FOUND when the account has
 * none. */
int secret_token(const struct account *account, bool is_retry, struct ask *ask, struct buf *secret,
		 struct err *err);
/* Into the desktop's keyring, where secret_get finds it. False: there is none, or it does not want. */
bool secret_keep(const char *user, const char *host, const struct buf *secret);
/* Into a file of mode 0600 for the account NAME: its path, for "password-file", the caller's. NULL with ERR. */
char *secret_keep_file(const char *name, const struct buf *secret, struct err *err);
/* Undoes the two above; what is not there is gone already. */
void secret_take_back(const char *user, const char *host);
int secret_remove_file(const char *name, struct err *err);
/* "token-command", or OAuth2 that somebody authorized (or that is the only way the account has). */
bool secret_has_token(const struct account *account);
/* May a password be used, or asked for? Not where only tokens are meant. */
bool secret_has_password(const struct account *account);
/* From the keyring, which may ask the person to open it: 1; 0 it is not there; -1: what EAR (may be NULL) heard
 * meanwhile ended it (ERR_CANCELLED). */
int secret_look_up(const char *user, const char *host, const struct child_ear *ear, struct buf *secret,
		   struct err *err);
/* Signing in for ACCOUNT ended in ERR: where a password was refused, how another one is given is added. */
void secret_advise(const struct account *account, const struct ask *ask, struct err *err);
void secret_wipe(struct buf *secret);
/* Nobody may look into the memory of this process from now on (PR_SET_DUMPABLE), no core is written.
 * secret_get and secret_token do it. */
void secret_guard(void);

#endif
