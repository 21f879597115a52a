/* Addresses of RFC 5322 section 3.4 and 4.4, as people and programs write them. */
#ifndef STORE_MIME_ADDRESS_H
#define STORE_MIME_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/str.h"

struct arena;
struct buf;
struct err;
struct mime_header;

struct address {
	char *name; /* decoded UTF-8, unquoted; "" when there is none */
	char *addr; /* local@domain, as written (never RFC 2047 decoded); "" possible */
};

struct address_list {
	struct address *items; /* in the arena */
	size_t count;
};

/* Groups are flattened; nothing is an error: what cannot be read is left out or stands as one addr. */
void address_parse(struct span raw, size_t limit, struct arena *arena, struct address_list *list);
/* The first field NAME of HEADER; empty list when missing. */
void address_field(const struct mime_header *header, const char *name, struct arena *arena,
		   struct address_list *list);
/* What a person typed into To: ("lena, Oleg <oleg@example.org>"). -1 with a sentence for what is no
 * address; a bare local name is left bare. */
int address_parse_typed(const char *text, struct arena *arena, struct address_list *list,
			struct err *err);
/* Is it safe as an envelope address: one @ outside quotes (or a bare local part), no control, no space
 * outside quotes, no CR LF NUL, at most 254 bytes? */
bool address_is_safe(const char *addr);
/* The domain part, lent; NULL when there is no @. */
const char *address_domain(const char *addr);
/* Same mailbox: local part exactly, domain without case. */
bool address_equal(const char *a, const char *b);
/* Appends "Name <addr>" in UTF-8 for a screen or an editor, quoted where needed. */
void address_add_display(struct buf *out, const struct address *address);
/* Name if there is one, else addr; lent. */
const char *address_short(const struct address *address);

#endif
