/* Values with parameters: Content-Type and Content-Disposition, RFC 2045 section 5.1, RFC 2183, with
 * RFC 2231 pieces and charsets undone, and RFC 2047 words where they should not be. */
#ifndef STORE_MIME_PARAM_H
#define STORE_MIME_PARAM_H

#include "store/mime/mime.h"

#define PARAM_LIMIT 100 /* in one field; more are skipped: each is compared with the others */

struct param_list {
	struct mime_param *items; /* in the arena */
	size_t count;
};

/* RAW in front of the first ";" into *VALUE (trimmed, no comments, as written), the rest into LIST. */
void param_parse(struct span raw, struct arena *arena, struct span *value, struct param_list *list);
/* The value of NAME (lower case), or NULL. */
char *param_get(const struct param_list *list, const char *name);

#endif
