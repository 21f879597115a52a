/* TNEF, the box Outlook packs attachments into (winmail.dat, application/ms-tnef; MS-OXTNEF): what lies
 * in it. Bounded, no recursion, never an error for the whole because one piece is odd. */
#ifndef STORE_MIME_TNEF_H
#define STORE_MIME_TNEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/str.h"

struct arena;

#define TNEF_FILE_LIMIT 1000

struct tnef_file {
	char *name;	  /* UTF-8, not yet safe as a file's name; "" when there is none */
	char *type;	  /* "image/png" when the box says so, else NULL */
	char *content_id; /* without brackets, or NULL */
	struct span data; /* lent from the bytes read */
};

struct tnef {
	struct tnef_file *files; /* in the arena */
	size_t count;
	char *subject;	   /* UTF-8, or NULL */
	char *text;	   /* the plain body in UTF-8, or NULL */
	struct span html;  /* the body as HTML in the sender's charset, lent; none: len 0 */
	struct span rtf;   /* the body as packed rich text (store/mime/rtf.h), lent; none: len 0 */
	char *kind;	   /* "IPM.Note", "IPM.Schedule.Meeting.Request"..., or NULL */
	/* of a meeting: seconds since 1970, 0 when not told */
	int64_t start, end;
	char *location;	   /* UTF-8, or NULL */
	const char *charset; /* of HTML and names: "cp1252"... */
	bool is_cut;	   /* the box ends too early, or a limit ended it */
};

/* BYTES decoded already, lent: must live as long as TNEF. 0, or -1 when it is no TNEF. */
int tnef_read(struct span bytes, struct arena *arena, struct tnef *tnef);
/* By type or name: application/ms-tnef, application/vnd.ms-tnef, winmail.dat. */
bool tnef_is_type(const char *type, const char *filename);

#endif
