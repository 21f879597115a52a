/* What a server once gave is not given up silently later: TLS, and a way of signing in that does not hand the password
 * over. Who connects begins with promised_begin, gives the mechanism to sasl (sasl_who.promised), and tells
 * promised_keep what was used. A person accepts less by "tern account forget-promises NAME". */
#ifndef NET_IO_PROMISED_H
#define NET_IO_PROMISED_H

#include <stdbool.h>

#include "store/mail/promise.h"

struct err;

struct promised {
	char account[64]; /* "": none yet (set-up); then nothing is known and nothing kept */
	char place[300];
	struct promise before;
};

/* SERVICE: "imap", "pop", "smtp". HAS_TLS: this connection shall have it. ERR_DENIED when it shall not, and had. */
int promised_begin(struct promised *promised, const char *account, const char *service, const char *host, int port,
		   bool has_tls, struct err *err);
/* The mechanism that may not be fallen short of, or NULL. */
const char *promised_mechanism(const struct promised *promised);
/* Signed in by MECHANISM (NULL: nobody did). What cannot be kept is written into the log only: mail goes on. */
void promised_keep(struct promised *promised, bool has_tls, const char *mechanism);

#endif
