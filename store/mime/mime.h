/* A message read: RFC 5322 and MIME (RFC 2045-2049, 2231, 2047, 6532) with all that the world sends
 * besides. A parsed message lends: its bytes stay the caller's and must live as long as it. Everything
 * else lies in its arena. Parsing never fails: every sequence of bytes is a message.
 * Nothing recurses on what a message nests; limits are parameters. */
#ifndef STORE_MIME_MIME_H
#define STORE_MIME_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/str.h"

struct arena;
struct buf;

struct mime_limits {
	size_t depth;	      /* nested parts; deeper ones are leaves */
	size_t parts;	      /* in all; the rest of the message is one leaf */
	size_t header_fields; /* of one header; more are skipped, and those of many big headers sooner */
	size_t header_bytes;  /* of one field's value; more is cut */
	size_t addresses;     /* of one field */
};
extern const struct mime_limits mime_limits_default; /* 128, 10,000, 10,000, 1 MB, 20,000 */

/* Bytes that lie in a file need not stay in memory. CALL is called after each megabyte or so that was read:
 * everything read so far may be given back, it is read again when it is looked at again. */
#define MIME_REST_EVERY ((size_t)1 << 20)
struct mime_rest {
	void (*call)(void *arg); /* or NULL */
	void *arg;
};

struct mime_field {
	struct span name;  /* as written, no colon */
	struct span value; /* raw: folded, encoded, without the last line end */
};

struct mime_header {
	struct mime_field *fields;
	size_t count;
};

struct mime_param {
	char *name;  /* lower case */
	char *value; /* UTF-8, RFC 2231 and 2047 undone */
};

struct mime_part {
	char *path;	       /* "1", "1.2" (SHOW-SCHEMA.md) */
	char *type;	       /* "text/plain", lower case */
	char *charset;	       /* as written, or NULL */
	char *encoding;	       /* as written, or NULL */
	char *disposition;     /* lower case, or NULL */
	char *filename;	       /* decoded, raw otherwise (not yet safe as a name), or NULL */
	char *content_id;      /* without brackets, or NULL */
	char *description;     /* decoded, or NULL */
	struct mime_param *params; /* of Content-Type */
	size_t param_count;
	struct mime_header header;
	struct span whole;     /* header and body */
	struct span body;      /* still encoded */
	struct mime_part *parent, *first_child, *next;
	bool is_cut;		      /* a limit ended it here */
	bool is_damaged;	      /* it is not as it was sent, as far as its encoding tells (ui/render/boxes) */
	struct mime_part *text;	      /* the text leaf it yields (SHOW-SCHEMA.md), or NULL */
	const struct mime_rest *rest; /* the message's */
	struct mime_part *last_child; /* for the parser, as the next two */
	size_t child_count, depth;
};

struct mime_message {
	struct arena *arena;
	struct mime_part root; /* root.header is the message's */
	size_t part_count;
	bool is_cut;
	struct mime_rest rest;
};

/* LIMITS may be NULL. Free with mime_free. BYTES is lent. */
struct mime_message *mime_parse(const char *bytes, size_t len, const struct mime_limits *limits);
/* The same, while REST is called now and then; mime_decode_body_to does so too, later. */
struct mime_message *mime_parse_resting(const char *bytes, size_t len, const struct mime_limits *limits,
					struct mime_rest rest);
void mime_free(struct mime_message **message);
/* The header alone, into ARENA; *BODY_AT the offset of the body. For index workers: reads no further. */
void mime_parse_header(const char *bytes, size_t len, const struct mime_limits *limits,
		       struct arena *arena, struct mime_header *header, size_t *body_at);

/* Preorder walk: parents before children. NULL at the end. */
struct mime_part *mime_next(const struct mime_part *part);
struct mime_part *mime_find(const struct mime_message *message, const char *path);
const char *mime_param(const struct mime_part *part, const char *name); /* or NULL */
/* The preferred text part (SHOW-SCHEMA.md "text"), or NULL. */
struct mime_part *mime_text_part(const struct mime_message *message);
/* Does it hold parts (or should: a multipart without any)? */
bool mime_is_container(const struct mime_part *part);
/* Is it shown as an attachment: a leaf that is not the text shown? */
bool mime_is_attachment(const struct mime_message *message, const struct mime_part *part);

/* First field of that name, or NULL. */
const struct mime_field *mime_field(const struct mime_header *header, const char *name);
/* Its value unfolded and decoded (RFC 2047, raw 8-bit guessed) to UTF-8 in ARENA; NULL when missing. */
char *mime_field_text(const struct mime_header *header, const char *name, struct arena *arena);
char *mime_decode_text(struct span raw, struct arena *arena);
/* The same; 8-bit bytes outside of words that are no UTF-8 are in CHARSET (NULL: guessed). */
char *mime_decode_text_as(struct span raw, const char *charset, struct arena *arena);
/* What 8-bit bytes of the field RAW most likely are in: the charset that HEADER's Content-Type names.
 * NULL when there is no need or no hint. */
const char *mime_raw_charset(const struct mime_header *header, struct span raw,
			     struct arena *arena);

/* The body with its transfer encoding undone, appended to OUT. LIMIT bytes at most (0: none): 1 when it
 * was cut there, else 0. */
int mime_decode_body(const struct mime_part *part, size_t limit, struct buf *out);
/* The same, then charset to UTF-8, CR LF to LF: text as it is shown. */
int mime_decode_body_text(const struct mime_part *part, size_t limit, struct buf *out);
/* The same bytes into the ROOM bytes at OUT: *LEN of them. -1 when there are more. */
int mime_decode_body_into(const struct mime_part *part, char *out, size_t room, size_t *len);
/* The same bytes piece by piece (SINK returns -1 to stop; then this returns -1), for big parts. */
int mime_decode_body_to(const struct mime_part *part,
			int (*sink)(void *arg, const char *bytes, size_t len), void *arg);

#endif
