/* The news that a letter could not be delivered: RFC 3464 (multipart/report), written for a person
 * first. Not translated: such reports travel, and programs read them. */
#ifndef NET_TRANSFER_BOUNCE_H
#define NET_TRANSFER_BOUNCE_H

#include <stddef.h>
#include <stdint.h>

#include "store/base/str.h"

struct buf;
struct outbox_entry;
struct outbox_recipient;

struct bounce {
	const struct outbox_entry *entry;
	const struct outbox_recipient *const *failed;
	size_t failed_count;
	struct span letter;
	const char *to;	  /* whom it is told: the sender's address */
	const char *host; /* who tells it */
	int64_t now;
};

/* Appends the whole report, lines ending in LF. */
void bounce_write(const struct bounce *bounce, struct buf *out);
/* A name that is the same for the same recipients of the same letter: 64 hex digits and a NUL. */
void bounce_unique(const struct bounce *bounce, char unique[65]);

#endif
