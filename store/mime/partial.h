/* A letter that was cut into pieces on its way (message/partial, RFC 2046 section 5.2.2), put together again. */
#ifndef STORE_MIME_PARTIAL_H
#define STORE_MIME_PARTIAL_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;
struct mime_message;
struct partial;

#define PARTIAL_PIECES_MAX 500
#define PARTIAL_BYTES_MAX  ((size_t)64 << 20) /* of all pieces */

/* For the letter that MESSAGE is a piece of; NULL: it is none. */
struct partial *partial_new(const struct mime_message *message);
void partial_free(struct partial **partial);
/* Takes the piece that MESSAGE is, copied: 1; 0 when it is none of this letter, or was there; -1 too much. */
int partial_take(struct partial *partial, const struct mime_message *message, struct err *err);
bool partial_is_whole(const struct partial *partial);
/* Pieces that are there, and all (0: no piece says so). */
void partial_count(const struct partial *partial, size_t *have, size_t *total);
/* The letter, when it is whole: appended to OUT. Fields about the letter come from within the first piece, those
 * of its way from the first piece itself. */
void partial_join(const struct partial *partial, struct buf *out);

#endif
