/* Quoting and attribution. */
#ifndef COMPOSE_QUOTE_H
#define COMPOSE_QUOTE_H

#include <stddef.h>
#include <stdint.h>

struct address;
struct buf;

/* What a template may name: %n name (or address), %a address, %f first name, %d date, %s subject,
 * %m Message-ID, %% a percent sign. */
struct quote_source {
	const char *name, *addr, *subject, *message_id;
	int64_t date; /* seconds since 1970, 0: unknown */
};

/* Appends TEMPLATE filled in; nothing that comes from a message can begin a new line. */
void quote_template(struct buf *out, const char *template, const struct quote_source *source);
/* Appends TEXT with "> " before each line (">" before what is quoted already), without the
 * signature
 * ("-- " and what follows) and without blank lines at the end. */
void quote_text(struct buf *out, const char *text, size_t len);
/* Length of TEXT up to its signature. */
size_t quote_without_signature(const char *text, size_t len);

#endif
