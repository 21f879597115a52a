#include "config.h"
#include "net/io/deflate.h"

#include <stdint.h>
#include <stdlib.h>

#include <zlib.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"

#define RAW_WINDOW (-15) /* no header: RFC 4978 */
#define MEMORY	   8
#define ROOM	   16384

struct deflate {
	z_stream out, in;
};

struct deflate *deflate_new(struct err *err)
{
	struct deflate *deflate = mem_alloc(sizeof *deflate);

	if (deflateInit2(&deflate->out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, RAW_WINDOW, MEMORY,
			 Z_DEFAULT_STRATEGY) == Z_OK &&
	    inflateInit2(&deflate->in, RAW_WINDOW) == Z_OK)
		return deflate;
	deflate_free(&deflate);
	err_set(err, _("The connection cannot be compressed."));
	return NULL;
}

void deflate_free(struct deflate **deflate)
{
	if (!*deflate)
		return;
	deflateEnd(&(*deflate)->out);
	inflateEnd(&(*deflate)->in);
	free(*deflate);
	*deflate = NULL;
}

int deflate_pack(struct deflate *both, const void *data, size_t len, struct buf *out, struct err *err)
{
	z_stream *z = &both->out;

	z->next_in = (Bytef *)(uintptr_t)data;
	z->avail_in = (uInt)len;
	do {
		buf_reserve(out, ROOM);
		z->next_out = (Bytef *)out->data + out->len;
		z->avail_out = ROOM;
		if (deflate(z, Z_SYNC_FLUSH) == Z_STREAM_ERROR)
			return err_set(err, _("The connection cannot be compressed."));
		out->len += ROOM - z->avail_out;
	} while (z->avail_out == 0);
	return 0;
}

void deflate_give(struct deflate *deflate, const void *data, size_t len)
{
	deflate->in.next_in = (Bytef *)(uintptr_t)data;
	deflate->in.avail_in = (uInt)len;
}

long deflate_unpack(struct deflate *deflate, void *out, size_t size, struct err *err)
{
	z_stream *z = &deflate->in;
	int rc;

	z->next_out = out;
	z->avail_out = (uInt)size;
	rc = inflate(z, Z_SYNC_FLUSH);
	if (rc != Z_OK && rc != Z_BUF_ERROR)
		return err_set_kind(err, ERR_CORRUPT, _("The server's compressed words cannot be read."));
	return (long)(size - z->avail_out);
}
