/* Transfer encodings undone: RFC 2045 section 6, uuencode, yEnc. Bad input is read as far as it
 * makes sense, never an error; nothing decoded is larger than what it was decoded from. */
#ifndef STORE_MIME_TRANSFER_H
#define STORE_MIME_TRANSFER_H

#include <stdbool.h>

#include "store/base/str.h"

struct buf;

enum transfer {
	TRANSFER_NONE, /* 7bit, 8bit, binary, unknown */
	TRANSFER_QUOTED_PRINTABLE,
	TRANSFER_BASE64,
	TRANSFER_UUENCODE,
	TRANSFER_YENC,
};

/* By the field's first word; NULL is TRANSFER_NONE. */
enum transfer transfer_kind(const char *encoding);

/* Pieces of the decoded bytes go to SINK; -1 when it returned -1, else 0. */
typedef int transfer_sink(void *arg, const char *bytes, size_t len);
int transfer_decode(enum transfer kind, struct span body, transfer_sink *sink, void *arg);

/* Appends; for encoded words. In "Q" an underscore is a space. */
void transfer_q_word(struct span text, struct buf *out);
void transfer_base64(struct span text, struct buf *out);

#endif
