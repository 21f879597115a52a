/* One message of an mbox found by where it lay before: what is read is the message, not the file.
 * Programs that write flags anew shift what lies behind by a few bytes a message, so its
 * neighbourhood is looked through too. Inside store/box only. */
#ifndef STORE_BOX_MBOX_NEAR_H
#define STORE_BOX_MBOX_NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/box/box_kind.h"
#include "store/box/mbox_scan.h"

/* A hint as box_entry carries it: of the "From " line, and whether others have the same id. */
int64_t mbox_hint_make(size_t from_at, bool has_twins);

/* The message with the id ID (24 characters are compared) in FD, whose stamp is STAMP. 1: LENT
 * holds the bytes, *DATA is where its header begins, MESSAGE counts from *DATA - message->at. 0:
 * not where it could be told with certainty; look through the whole file. -1 */
int mbox_near_open(int fd, const struct box_stamp *stamp, const char *id,
		   const struct box_hint *hint, struct box_lent *lent, struct mbox_message *message,
		   const char **data, struct err *err);
/* LEN bytes at AT. 0, or -1: the file is shorter by now. */
int mbox_read_range(int fd, size_t at, size_t len, struct box_lent *lent);

/* Larger messages are mapped, not read. */
#define MBOX_COPY_UP_TO (8 << 20)

#endif
