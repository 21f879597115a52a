/* A browser that comes back to a port of this computer with a code (RFC 8252 section 7.3): the little server that it
 * finds there. Who does not know the state is sent away. */
#ifndef NET_IO_OAUTH_BROWSER_H
#define NET_IO_OAUTH_BROWSER_H

#include <stdint.h>

#include "store/base/buf.h"

struct err;
struct oauth_talk;

struct oauth_visit {
	int listener;
	char redirect[64];
	struct buf state; /* to be set before waiting */
	struct buf code;  /* out */
};

int oauth_visit_open(struct oauth_visit *visit, const char *host, struct err *err);
int oauth_visit_wait(struct oauth_visit *visit, const struct oauth_talk *talk, int64_t limit_ms, struct err *err);
void oauth_visit_close(struct oauth_visit *visit); /* wipes */

#endif
