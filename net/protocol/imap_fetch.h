/* One FETCH response (RFC 3501 section 7.4.2): what it tells of one message. Items that nobody
 * knows are read over, in whatever order they come. */
#ifndef NET_PROTOCOL_IMAP_FETCH_H
#define NET_PROTOCOL_IMAP_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/buf.h"
#include "store/base/str.h"

struct arena;
struct err;
struct imap_parse;
struct imap_structure;
struct imap_structure_limits;

#define IMAP_HEADER_MAX	  (1 << 20) /* bytes of header fields that are kept */
#define IMAP_KEYWORDS_MAX 200	    /* of one message */

/* Begin with {.uid = 0}; imap_fetch_read empties it first, memory is used again. */
struct imap_fetched {
	uint32_t uid; /* 0: not told */
	bool has_flags, has_labels, has_header, has_body;
	unsigned flags;	     /* BOX_SEEN... */
	struct buf keywords; /* UTF-8, in rising order, blanks between, each once; without
				"$Forwarded", which is a flag */
	uint64_t modseq;
	uint64_t same; /* X-GM-MSGID: the same in each mailbox that has this message; 0 not told */
	int64_t size, received;
	struct buf header;
	struct span section; /* at a body: which; lent */
	/* The caller's, kept; NULL: a BODYSTRUCTURE is read over. */
	struct imap_structure *structure;
	const struct imap_structure_limits *limits; /* of it, */
	struct arena *arena;			    /* and where it goes */
	/* private */
	struct buf words;
};

/* Called at the text of a body section that is no header field: PARSE stands on a string or a
 * literal, which it may read. -1 ends the connection. */
typedef int imap_body(void *arg, const struct imap_fetched *got, struct imap_parse *parse,
		      struct err *err);

/* Behind "* n FETCH". BODY may be NULL. */
int imap_fetch_read(struct imap_parse *parse, struct imap_fetched *got, imap_body *body, void *arg,
		    struct err *err);
void imap_fetch_free(struct imap_fetched *got);

/* "17-Jul-1996 02:44:25 -0700", as seconds since 1970. */
bool imap_date_parse(struct span text, int64_t *time);
/* The same, in UTC, without quotes. */
void imap_date_add(struct buf *out, int64_t time);
/* "\Seen" is BOX_SEEN; 0: none of them. */
unsigned imap_flag_of(struct span word);
/* Appends the names of FLAGS and the KEYWORDS that a server can have, blanks between. */
void imap_add_flags(struct buf *out, unsigned flags, const char *keywords);

#endif
