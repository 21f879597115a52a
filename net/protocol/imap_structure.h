/* BODYSTRUCTURE (RFC 3501 section 7.4.2): which parts a letter has, and how big each is. What they are called stands
 * in their own headers; here it is read over. */
#ifndef NET_PROTOCOL_IMAP_STRUCTURE_H
#define NET_PROTOCOL_IMAP_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct imap_parse;

#define IMAP_STRUCTURE_DEPTH 50 /* the most that limits may allow */
#define IMAP_SECTION_SIZE    200

struct imap_structure_limits {
	size_t parts, depth;
};

struct imap_structure_part {
	char section[IMAP_SECTION_SIZE]; /* "2.1"; "" the letter itself when it holds others */
	char type[80];			 /* "text/plain", lower case */
	int64_t size;			 /* as it goes over the wire; 0 of what holds others */
	bool is_multipart;
	size_t children;
};

/* Parents before children. A letter in a letter is a leaf. */
struct imap_structure {
	struct imap_structure_part *parts;
	size_t count;
};

/* Behind the item's name. 0: COUNT parts, in ARENA; none when it makes no sense or is beyond LIMITS (it is read over
 * then). -1: the connection is of no use any more. */
int imap_structure_read(struct imap_parse *parse, const struct imap_structure_limits *limits, struct arena *arena,
			struct imap_structure *structure, struct err *err);

#endif
