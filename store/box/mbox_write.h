/* The bytes that an mbox is made of: new records, and records with other flags. */
#ifndef STORE_BOX_MBOX_WRITE_H
#define STORE_BOX_MBOX_WRITE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct mbox_message;

struct mbox_record {
	const char *data; /* the message */
	size_t len;
	const char *sender; /* NULL: MAILER-DAEMON */
	int64_t received;
	unsigned flags;
};

/* Appends the record with its "From " line and the blank line behind: body lines "From ", ">From
 * "... get one more ">" (mboxrd); fields that belong to the mbox are not taken from outside. */
void mbox_write_record(struct buf *out, const struct mbox_record *record);
/* Appends the message of DATA (the whole file) with FLAGS in its Status fields, else as it lies. */
void mbox_write_flags(struct buf *out, const char *data, const struct mbox_message *message,
		      unsigned flags);
/* Appends BODY with one ">" taken off each quoted "From " line. */
void mbox_write_unquoted(struct buf *out, const char *body, size_t len);

#endif
