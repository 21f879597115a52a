/* format=flowed, RFC 3676: reading into paragraphs and writing from them. */
#ifndef STORE_MIME_FLOWED_H
#define STORE_MIME_FLOWED_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Undoes the flow: each paragraph becomes one line behind its quote marks ("> > text"). */
void flowed_read(const char *text, size_t len, bool delsp, struct buf *out);
/* Wraps paragraphs at WIDTH columns with soft breaks, stuffs spaces, keeps quote depth. */
void flowed_write(const char *text, size_t len, int width, struct buf *out);

#endif
