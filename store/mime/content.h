/* What a part holds, as a number and a digest that stay the same on every way a letter may take. */
#ifndef STORE_MIME_CONTENT_H
#define STORE_MIME_CONTENT_H

#include <stddef.h>

#include "store/base/digest.h"

struct mime_part;

struct content {
	size_t size; /* octets */
	char sha256[DIGEST_HEX_SIZE];
};

/* Of the body decoded, charset untouched. base64, uuencode, yEnc: exactly these octets. All else: CR LF
 * counts as LF, and no LF at the very end counts. Memory does not grow with the body. */
void content_read(const struct mime_part *part, struct content *content);

#endif
