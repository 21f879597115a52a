/* An mbox as a row of bytes: where its messages begin and end (RFC 4155 and what is found in
 * practice). A message begins with a "From " line that has a plausible date and stands at the start
 * or behind a blank line. Content-Length counts only when it ends exactly before such a line or at
 * the end. */
#ifndef STORE_BOX_MBOX_SCAN_H
#define STORE_BOX_MBOX_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define MBOX_ID_SIZE 25

struct mbox_message {
	size_t from_at; /* of its "From " line */
	size_t at;	/* of its header */
	size_t body_at;
	size_t end;	  /* of its body, without the blank line that separates */
	size_t next;	  /* of the next "From " line, or the end */
	int64_t received; /* from the "From " line, taken as UTC where it names no zone */
	unsigned flags;	  /* enum box_flag, from Status and X-Status */
};

/* Is this line (without its end) a "From " line? *TIME may be NULL. */
bool mbox_is_from_line(const char *line, size_t len, int64_t *time);
/* The first message at or behind *AT, which moves behind it. 1, or 0 at the end. */
int mbox_next(const char *data, size_t len, size_t *at, struct mbox_message *message);
/* What stays the same when other programs change flags or write the file anew: a digest of the
 * header (without the fields that belong to the mbox) and the size of the body. BODY_AT and LEN
 * count from the start of the header. */
void mbox_id(const char *header, size_t body_at, size_t len, char id[MBOX_ID_SIZE]);
/* One field (folded lines with it) of a header at *AT: *FROM to *AT. False at the end. */
bool mbox_field(const char *header, size_t body_at, size_t *at, size_t *from);
/* Is the field that starts here one that programs write into an mbox, so that it may change? */
bool mbox_field_is_local(const char *field, size_t len);
/* The same, only those that they also believe (Status, Content-Length...): from outside they are
 * forged. */
bool mbox_field_is_believed(const char *field, size_t len);
/* The same, only those that tell flags. */
bool mbox_field_is_status(const char *field, size_t len);
/* Offset behind the blank line that ends the header, or LEN. */
size_t mbox_body_at(const char *header, size_t len);

#endif
