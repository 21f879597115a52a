/* A letter before it goes: what is missing is added (Date, Message-ID, From, Received), Bcc is
 * taken out, recipients are found. Body and all other header bytes stay as they are, with the line
 * ends they have. Whatever the bytes are they are a letter: text without a header becomes a body.
 */
#ifndef STORE_MAIL_LETTER_H
#define STORE_MAIL_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/buf.h"
#include "store/base/str.h"

struct address_list;
struct arena;
struct err;

#define LETTER_HOPS_MAX 60 /* more Received fields: it goes in circles */

/* One field of a raw header; lent. */
struct letter_field {
	struct span name;
	struct span value; /* folded, without its last line end */
	struct span whole; /* with its line end */
};
/* Takes the next field off *REST. 0 at the end of the header: *REST is then what follows (the body,
 * its empty line taken off; text that cannot be a header stays). */
int letter_next_field(struct span *rest, struct letter_field *field);
/* Fields of that name in front of the body. */
size_t letter_count_fields(struct span letter, const char *name);
/* All that stands in front of the body, the empty line not in it. */
struct span letter_header(struct span letter);
/* Is it going in circles? */
bool letter_is_looping(struct span letter);

struct letter_wish {
	const char *from;      /* address for a missing From; must not be NULL */
	const char *from_name; /* or NULL */
	const char *domain;    /* for Message-ID; NULL: the host's name */
	int64_t now;	       /* 0: now */
	const char *received;  /* who brought it, for a Received field; NULL: no such field */
	bool wants_recipients; /* -t */
};

struct letter {
	struct buf head;   /* the new header with its empty line; letter_free */
	struct span body;  /* lent from the bytes */
	char **recipients; /* with wants_recipients: each one safe as an envelope address; in the
			      arena */
	size_t recipient_count; /* 0: To, Cc and Bcc name nobody */
	char *from;		/* the first address of From; in the arena; "" when it has none */
};

/* Completes the letter of LEN BYTES. -1 with a sentence: an address that is none, going in circles.
 * BYTES must live as long as LETTER. */
int letter_complete(const char *bytes, size_t len, const struct letter_wish *wish,
		    struct arena *arena, struct letter *letter, struct err *err);
void letter_free(struct letter *letter);
/* What box_delivery calls "unique" for the copy of the letter with that Message-ID in Sent: the part in front of the
 * "@", which a letter keeps from the draft on. */
void letter_sent_unique(const char *message_id, struct buf *out);
/* The host's name as mail knows it ("localhost" when it has none); in ARENA. */
char *letter_host(struct arena *arena);
/* NULL, or a sentence why ADDR may not stand in an envelope. */
const char *letter_address_fault(const char *addr);

/* Recipients as an argument of a program has them, all safe: "bob", "a@b, Carl <c@d>". In ARENA. */
int letter_parse_argument(const char *text, struct arena *arena, struct address_list *list,
			  struct err *err);

#endif
