/* Message-ID, In-Reply-To, References (RFC 5322 section 3.6.4), the way they really come. */
#ifndef STORE_MIME_IDS_H
#define STORE_MIME_IDS_H

#include <stddef.h>

struct arena;
struct buf;
struct mime_header;

/* The id without brackets, or NULL. */
char *ids_message_id(const struct mime_header *header, struct arena *arena);
/* All ids of field NAME without brackets, in order; NULL-ended; *COUNT may be NULL. */
char **ids_list(const struct mime_header *header, const char *name, struct arena *arena,
		size_t *count);
/* Appends a new id without brackets: unguessable, with DOMAIN behind the @. */
void ids_make(struct buf *out, const char *domain);

#endif
