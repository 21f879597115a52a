/* Both directions of a connection through deflate (RFC 1951, as RFC 4978 wants it). Door to zlib. */
#ifndef NET_IO_DEFLATE_H
#define NET_IO_DEFLATE_H

#include <stddef.h>

struct buf;
struct deflate;
struct err;

struct deflate *deflate_new(struct err *err);
void deflate_free(struct deflate **deflate);
/* Appends to OUT what DATA becomes, all of it: the other side can read it at once. */
int deflate_pack(struct deflate *deflate, const void *data, size_t len, struct buf *out, struct err *err);
/* What came over the wire, to be unpacked: lent until deflate_unpack gave 0 or is given more. */
void deflate_give(struct deflate *deflate, const void *data, size_t len);
/* Bytes written to OUT (SIZE at most): 0 when it needs more, -1 (ERR_CORRUPT) when it is no such data. However few
 * bytes make however many, no more than SIZE come at once. */
long deflate_unpack(struct deflate *deflate, void *out, size_t size, struct err *err);

#endif
