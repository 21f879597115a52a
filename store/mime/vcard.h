/* Visiting cards read: vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), quoted-printable and odd charsets
 * included. A card is pulled after the other; pictures and keys are passed over. */
#ifndef STORE_MIME_VCARD_H
#define STORE_MIME_VCARD_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/str.h"
#include "store/mime/card_line.h"

struct arena;

struct vcard_limits {
	size_t line;   /* bytes of one unfolded line */
	size_t cards;
	size_t values; /* of one card, in all */
	size_t text;   /* bytes of one value */
};
extern const struct vcard_limits vcard_limits_default; /* 1 MB, 1,000, 200, 4 KB */

enum vcard_kind {
	VCARD_ORGANISATION,
	VCARD_TITLE,
	VCARD_MAIL,
	VCARD_PHONE,
	VCARD_ADDRESS, /* in one line, commas between */
	VCARD_URL,
	VCARD_BIRTHDAY,
	VCARD_NOTE,
};

struct vcard_value {
	enum vcard_kind kind;
	char *text;  /* UTF-8 */
	bool is_home, is_work, is_mobile, is_fax;
};

struct vcard {
	char *name; /* "" when there is none */
	struct vcard_value *values; /* in the order of the card */
	size_t count;
};

struct vcard_reader {
	const struct vcard_limits *limits;
	const char *charset;
	struct arena *arena;
	struct card_scan scan; /* private */
	size_t cards, cap;
	bool is_cut;
};

/* BYTES are lent; CHARSET may be NULL; LIMITS NULL: the default. */
void vcard_open(struct vcard_reader *reader, struct span bytes, const char *charset,
		const struct vcard_limits *limits, struct arena *arena);
/* 1 with the next card, 0 at the end, -1 when a limit ended it. */
int vcard_next(struct vcard_reader *reader, struct vcard *card);
void vcard_close(struct vcard_reader *reader);

/* text/vcard, text/x-vcard, text/directory, or a file NAME.vcf. */
bool vcard_is_type(const char *type, const char *filename);

#endif
