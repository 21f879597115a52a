/* What is odd about an address, and how it is shown so that nobody is taken in: the real address always in
 * sight, a name that holds another one marked, hosts that look like others in punycode (PROMISES 17, 18). */
#ifndef STORE_MIME_SENDER_H
#define STORE_MIME_SENDER_H

#include <stdbool.h>
#include <stddef.h>

struct address;
struct buf;

enum sender_oddity {
	SENDER_OTHER_ADDRESS = 1 << 0, /* the name holds an address that is not the real one */
	SENDER_MIXED_HOST = 1 << 1,    /* the host mixes scripts */
	SENDER_LOOKALIKE_HOST = 1 << 2,
	SENDER_HIDDEN = 1 << 3,	  /* characters that turn the text or are not seen */
	SENDER_AS_YOU = 1 << 4,	  /* your own name with a strange address */
	SENDER_COUNT = 5
};

/* Somebody's own address and name; what is compared with. */
struct sender_self {
	const char *name, *addr;
};

/* The oddities of "NAME <ADDR>" (ORed). SELF (COUNT of them, may be none) is who reads. */
unsigned sender_oddities(const char *name, const char *addr, const struct sender_self *self, size_t count);
/* A sentence about one bit, translated, without a full stop's need of more; to be shown as ours. */
const char *sender_words(enum sender_oddity one);
/* Appends "Name <address>": printable, the name cut to a line and quoted where it must be, the address
 * exact. */
void sender_add(struct buf *out, const struct address *address);
/* Appends ADDR alone, likewise. */
void sender_add_addr(struct buf *out, const char *addr);
/* Appends what a column shows: the name; the address in angle brackets where the name is not to be believed. */
void sender_add_short(struct buf *out, const char *name, const char *addr,
		      const struct sender_self *self, size_t count);

#endif
