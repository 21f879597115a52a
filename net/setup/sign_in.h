/* Signing in to what was found, as the account would do it later, with the name that the server knows. */
#ifndef NET_SETUP_SIGN_IN_H
#define NET_SETUP_SIGN_IN_H

#include <stdbool.h>

#include "net/setup/wish.h"

struct ask;
struct err;
struct notice_conn;
struct tls_trust;

struct sign_in {
	struct wish *wish; /* user and tls become what works */
	struct ask *ask;
	struct tls_trust *trust;
	struct notice_conn *conn;
	bool was_found; /* by looking: the server has answered as it is told */
	void (*step)(void *arg, bool is_done, const char *words);
	void *arg;
};

/* To the server mail is fetched from: as the user that is wished for, else by the address and by what stands before
 * its "@". -1: refused, in the server's words; where the server was given by hand, and does not answer as it is
 * told, soon and with what to choose. */
int sign_in_fetch(struct sign_in *sign_in, struct err *err);
/* To the one that takes letters. */
int sign_in_send(struct sign_in *sign_in, struct err *err);

#endif
