/* Passing a letter on as it is ("bounce"): its bytes untouched, Resent- fields in front (RFC 5322 section
 * 3.6.6). */
#ifndef COMPOSE_RESEND_H
#define COMPOSE_RESEND_H

#include <stddef.h>
#include <stdint.h>

struct compose;
struct err;

/* TO as typed. Into the outbox, as from ACCOUNT's first identity (NULL: the default one); the entry's id, or
 * -1. */
int64_t resend_letter(const struct compose *compose, const char *bytes, size_t len,
		      const char *account, const char *to, struct err *err);

#endif
