/* A header block cut into fields (RFC 5322 section 2.2, with broken lines and missing blank lines). */
#ifndef STORE_MIME_HEADER_H
#define STORE_MIME_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "store/mime/mime.h"

struct header_source {
	struct span bytes;
	const struct mime_limits *limits;
	/* Asked for each line that begins with "--"; true ends the header in front of it. May be NULL. */
	bool (*is_end)(const void *arg, struct span line);
	const void *arg;
};

/* Reads the block at FROM; fields into ARENA. Returns the offset of the body. */
size_t header_read(const struct header_source *source, size_t from, struct arena *arena,
		   struct mime_header *header);
/* The line at AT without its end (LF or CR LF); *NEXT the offset of the one behind it. */
struct span header_line(struct span bytes, size_t at, size_t *next);

#endif
