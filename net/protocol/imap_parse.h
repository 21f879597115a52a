/* Reads what an IMAP server says: RFC 3501 section 9 and RFC 9051, tolerant of what real servers
 *add. A response is pulled token by token, a literal piece by piece: nothing is allocated by a size
 *that was only announced, and what nobody knows is read over.
 *
 *	while ((rc = imap_parse_begin(parse, err)) == 1) {	a response
 *		while ((token = imap_next(parse, err)) > IMAP_END)
 *			...
 *		imap_skip_line(parse, err);			what is left of it
 *	}
 *
 * Why not libetpan, which was the first thought (measured with Debian's 1.9.4): every unknown FETCH
 *item, STATUS item or untagged line ends its session; one line "* OK [ALERT]" before login is a
 *null pointer; a literal of 4 GB is reserved as announced; LIST-STATUS, ESEARCH, LITERAL+ for
 *APPEND, IDLE, COMPRESS, SELECT (QRESYNC) and UNCHANGEDSINCE cannot be used; 64-bit numbers are
 *cut; a message must be whole in memory to be appended; 62 of a million mutated responses crash it,
 *0.7 behind a filter that frames each line and literal and is itself half a parser. What would have
 *been left of it was the grammar of FETCH: these 300 lines.
 *
 * Errors: ERR_CORRUPT what breaks the grammar, else what the input said. */
#ifndef NET_PROTOCOL_IMAP_PARSE_H
#define NET_PROTOCOL_IMAP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/base/buf.h"
#include "store/base/str.h"

struct err;

#define IMAP_DEPTH_MAX	 200		    /* of lists in lists */
#define IMAP_LITERAL_MAX (INT64_C(1) << 31) /* bytes of one literal, read or read over */

/* As stream_read_line and stream_read. Lines hold no NUL. */
struct imap_input {
	int (*line)(void *arg, struct span *line, struct err *err);
	ssize_t (*read)(void *arg, void *data, size_t size, struct err *err);
	void *arg;
};

enum imap_token { IMAP_END, IMAP_ATOM, IMAP_STRING, IMAP_LITERAL, IMAP_OPEN, IMAP_CLOSE };

struct imap_parse {
	struct imap_input input;
	enum imap_token token; /* the last one */
	struct span text; /* of an atom, a string without its quotes; lent until the next token */
	int64_t literal;  /* bytes of the literal that were not read yet */
	int depth;	  /* lists that are open */
	/* private */
	struct span line;
	size_t at;
	bool has_literal; /* the line goes on behind a literal */
	struct buf scratch;
};

void imap_parse_init(struct imap_parse *parse, const struct imap_input *input);
void imap_parse_free(struct imap_parse *parse);

/* 1 with a response to read, 0 the other side closed, -1. */
int imap_parse_begin(struct imap_parse *parse, struct err *err);
/* The next token (enum imap_token), IMAP_END at the end of the response, -1. A literal that was not
 * read is read over first. */
int imap_next(struct imap_parse *parse, struct err *err);
/* The same, or -1 when it is none of ATOM, STRING and LITERAL; appended to OUT, of a literal at
 * most LIMIT bytes (the rest is read over). 1 a value, 0 NIL. */
int imap_next_text(struct imap_parse *parse, struct buf *out, size_t limit, struct err *err);
/* At the token that came last: the same. */
int imap_text(struct imap_parse *parse, struct buf *out, size_t limit, struct err *err);
int imap_next_number(struct imap_parse *parse, uint64_t max, uint64_t *value, struct err *err);
/* The next piece of the literal that came last: bytes, 0 at its end, -1. */
ssize_t imap_literal_read(struct imap_parse *parse, void *data, size_t size, struct err *err);
/* Reads over one value: an atom, a string, or a list with all that is in it. */
int imap_skip_value(struct imap_parse *parse, struct err *err);
/* Up to the end of the list that is open at DEPTH (its closing parenthesis too). */
int imap_skip_list(struct imap_parse *parse, int depth, struct err *err);
/* Up to the end of the response, its literals too. */
int imap_skip_line(struct imap_parse *parse, struct err *err);
/* What is left of the line as text for people, nothing in it has a meaning; lent. */
struct span imap_rest(struct imap_parse *parse);
/* The same, and nothing is read. */
struct span imap_peek(const struct imap_parse *parse);
/* "[CODE words]" at the beginning of TEXT: 1, CODE without the brackets, TEXT what is behind; else
 * 0. */
int imap_take_code(struct span *text, struct span *code);

/* The name of a FETCH item: "BODY[HEADER.FIELDS (FROM)]<0>" is name "BODY", section "HEADER.FIELDS
 * (FROM)". 1 an item, 0 the list ended, -1. Lent until the next call. */
struct imap_item {
	struct span name, section;
	bool has_section;
};
int imap_next_item(struct imap_parse *parse, struct imap_item *item, struct err *err);

/* Whole TEXT as a number of at most MAX. False: none, or too large. */
bool imap_number(struct span text, uint64_t max, uint64_t *value);
bool imap_is(struct span text, const char *word); /* ASCII case is ignored */
bool imap_is_nil(const struct imap_parse *parse);

/* "1:4,7,9:*" range by range, rising within each; "*" is UINT32_MAX. -1 (ERR_CORRUPT) when it is no
 * set, or what EACH returned when that is not 0. */
int imap_each_range(struct span set,
		    int (*each)(void *arg, uint32_t first, uint32_t last, struct err *err),
		    void *arg, struct err *err);
/* Appends as many of the rising UIDS as a set of about MAX bytes can hold; returns how many. */
size_t imap_add_set(struct buf *out, const uint32_t *uids, size_t count, size_t max);

#endif
