/* The lines that calendars and visiting cards are made of: "NAME;PARAM=value:text", folded (RFC 5545
 * section 3.1, RFC 6350 section 3.3, vCard 2.1 with its quoted-printable). Linear in what is read;
 * nothing is an error: what is no such line is passed over. */
#ifndef STORE_MIME_CARD_LINE_H
#define STORE_MIME_CARD_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/buf.h"
#include "store/base/str.h"

struct arena;

#define CARD_LINE_LIMIT	 (1u << 20) /* bytes of one unfolded line; more is cut off */
#define CARD_PARAM_LIMIT 40	    /* of one line; more are passed over */

struct card_param {
	struct span name;  /* empty in vCard 2.1's "TEL;HOME:" */
	struct span value; /* without its quotes */
};

/* Lent until the next line is read. */
struct card_line {
	struct span name; /* as written, without a vCard group */
	const struct card_param *params;
	size_t param_count;
	struct span value; /* unfolded, escapes as written, in the charset of the whole */
};

struct card_scan {
	struct span rest;
	size_t limit;	 /* of one line */
	bool is_cut;	 /* a line was longer */
	struct buf text; /* private, as is what follows */
	struct card_param params[CARD_PARAM_LIMIT];
};

/* BYTES are lent, in an encoding that has ASCII as it is. End with card_scan_end. */
void card_scan_start(struct card_scan *scan, struct span bytes, size_t limit);
/* 1 with the next line, 0 at the end. */
int card_scan_next(struct card_scan *scan, struct card_line *line);
void card_scan_end(struct card_scan *scan);

bool card_line_is(const struct card_line *line, const char *name);
/* The parameter's value, or SPAN_NONE. */
struct span card_line_param(const struct card_line *line, const char *name);
/* "NAME;PARAM=value:text" as it stands but unfolded, UTF-8 in ARENA, at most some KB. */
char *card_line_whole(const struct card_line *line, const char *charset, struct arena *arena);
/* Bytes to UTF-8 in ARENA, "\n" and "\," as what they mean; CHARSET may be NULL. */
char *card_text(struct span raw, const char *charset, struct arena *arena);
/* The same for a parameter: "^n", "^^", "^'" (RFC 6868). */
char *card_param_text(struct span raw, const char *charset, struct arena *arena);

#endif
