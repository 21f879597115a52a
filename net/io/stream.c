#include "config.h"
#include "net/io/stream.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/io/deflate.h"
#include "net/io/stream_inside.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"

#define WRITE_SIZE 65536 /* gathered before it goes out */

/* --- writing --- */

static int flush_packed(struct stream *stream, struct err *err)
{
	struct buf packed = BUF_INIT;
	int rc = deflate_pack(stream->deflate, stream->written.data, stream->written.len, &packed, err);

	if (rc == 0)
		rc = stream_write_wire(stream, packed.data, packed.len, err);
	buf_free(&packed);
	return rc;
}

int stream_flush(struct stream *stream, struct err *err)
{
	int rc;

	if (!stream->written.len)
		return 0;
	if (stream->deflate)
		rc = flush_packed(stream, err);
	else
		rc = stream_write_wire(stream, stream->written.data, stream->written.len, err);
	explicit_bzero(stream->written.data, stream->written.len); /* a password may have been among it */
	buf_clear(&stream->written);
	return rc;
}

int stream_write(struct stream *stream, const void *data, size_t len, struct err *err)
{
	stream_log_written(stream, data, len);
	if (!stream->written.cap)
		buf_reserve(&stream->written,
			    2 * WRITE_SIZE); /* secrets in it are not left behind by growing */
	while (len) {
		size_t piece = len < WRITE_SIZE ? len : WRITE_SIZE;

		buf_add(&stream->written, data, piece);
		data = (const char *)data + piece;
		len -= piece;
		if (stream->written.len >= WRITE_SIZE && stream_flush(stream, err) < 0)
			return -1;
	}
	return 0;
}

int stream_print(struct stream *stream, struct err *err, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;
	int len, rc;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	buf_reserve(&text, (size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(text.data, (size_t)len + 1, fmt, ap);
	va_end(ap);
	rc = stream_write(stream, text.data, (size_t)len, err);
	explicit_bzero(text.data, (size_t)len);
	buf_free(&text);
	return rc;
}

void stream_set_secret(struct stream *stream, bool is_secret)
{
	stream->is_secret = is_secret;
	stream->was_secret_logged = false;
}

/* --- reading --- */

static ssize_t fill_unpacked(struct stream *stream, char *data, size_t size, struct err *err)
{
	for (;;) {
		long made = deflate_unpack(stream->deflate, data, size, err);
		ssize_t n;

		if (made != 0)
			return made;
		n = stream_read_wire(stream, stream->packed, STREAM_READ_SIZE, err);
		if (n <= 0)
			return n;
		deflate_give(stream->deflate, stream->packed, (size_t)n);
	}
}

static void make_room(struct stream *stream)
{
	if (stream->from == stream->to)
		stream->from = stream->to = 0;
	if (stream->from && stream->to + STREAM_READ_SIZE > stream->cap) {
		memmove(stream->data, stream->data + stream->from, stream->to - stream->from);
		stream->to -= stream->from;
		stream->from = 0;
	}
	if (stream->to + STREAM_READ_SIZE > stream->cap) {
		stream->cap = stream->cap ? 2 * stream->cap : 2 * STREAM_READ_SIZE;
		stream->data = mem_resize(stream->data, stream->cap, 1);
	}
}

/* 1 more is there, 0 the other side closed, -1. */
static int fill(struct stream *stream, struct err *err)
{
	ssize_t n;

	if (stream_flush(stream, err) < 0)
		return -1;
	if (stream->has_ended)
		return 0;
	make_room(stream);
	if (stream->deflate)
		n = fill_unpacked(stream, stream->data + stream->to, STREAM_READ_SIZE, err);
	else
		n = stream_read_wire(stream, stream->data + stream->to, STREAM_READ_SIZE, err);
	if (n < 0)
		return -1;
	stream->to += (size_t)n;
	stream->has_ended = n == 0;
	return n > 0;
}

static void take_line(struct stream *stream, size_t len, struct span *line)
{
	*line = (struct span){stream->data + stream->from, len};
	stream->from += len + 1;
	stream->looked = 0;
	if (len && line->data[len - 1] == '\r')
		line->len--;
	if (stream->log_name && log_is_debug())
		stream_log_answer(stream, line);
}

int stream_read_line(struct stream *stream, struct span *line, struct err *err)
{
	for (;;) {
		size_t len = stream->to - stream->from;
		const char *start = len ? stream->data + stream->from : NULL;
		const char *lf = len ? memchr(start + stream->looked, '\n', len - stream->looked) : NULL;
		int rc;

		if (lf && (size_t)(lf - start) <= stream->line_max) {
			take_line(stream, (size_t)(lf - start), line);
			return 1;
		}
		if (lf || len > stream->line_max)
			return err_set_kind(err, ERR_CORRUPT, _("%s sent a line longer than %zu bytes."),
					    stream->host, stream->line_max);
		stream->looked = len;
		rc = fill(stream, err);
		if (rc <= 0)
			return rc;
	}
}

int stream_peek(struct stream *stream, struct span *bytes, struct err *err)
{
	int rc = stream->from == stream->to ? fill(stream, err) : 1;

	if (rc > 0)
		*bytes = (struct span){stream->data + stream->from, stream->to - stream->from};
	return rc;
}

void stream_skip(struct stream *stream, size_t len)
{
	stream->from += len;
	stream->looked = 0;
}

ssize_t stream_read(struct stream *stream, void *data, size_t size, struct err *err)
{
	struct span bytes;
	int rc = stream_peek(stream, &bytes, err);

	if (rc <= 0)
		return rc;
	if (bytes.len > size)
		bytes.len = size;
	memcpy(data, bytes.data, bytes.len);
	stream_skip(stream, bytes.len);
	return (ssize_t)bytes.len;
}

int stream_read_all(struct stream *stream, void *data, size_t len, struct err *err)
{
	while (len) {
		ssize_t n = stream_read(stream, data, len, err);

		if (n <= 0)
			return n < 0 ? -1 : stream_closed(stream, err);
		data = (char *)data + n;
		len -= (size_t)n;
	}
	return 0;
}

size_t stream_buffered(const struct stream *stream)
{
	return stream->to - stream->from;
}

/* Whether anything lies ready between the wire and us: TLS and deflate keep bytes that poll does not see.
 */
static int look(struct stream *stream, struct err *err)
{
	ssize_t n;

	if (stream->from < stream->to || stream->has_ended)
		return 1;
	if (stream->deflate) {
		make_room(stream);
		n = deflate_unpack(stream->deflate, stream->data + stream->to, STREAM_READ_SIZE, err);
		if (n < 0)
			return -1;
		stream->to += (size_t)n;
		if (n)
			return 1;
	}
	return stream->tls && tls_pending(stream->tls) > 0;
}

int stream_wait(struct stream *stream, int timeout_ms, struct err *err)
{
	int rc = stream_flush(stream, err);

	if (rc == 0)
		rc = look(stream, err);
	if (rc != 0)
		return rc;
	rc = stream_wait_until(stream, stream->in, POLLIN, stream_now_ms() + timeout_ms, err);
	return rc == 2 ? 0 : rc;
}

/* --- secured, packed --- */

static int wait_for_tls(void *arg, short events, struct err *err)
{
	struct stream *stream = arg;

	return stream_wait_for(stream, stream->in, events, err);
}

static bool ask_about(void *arg, const struct tls_certificate *certificate)
{
	struct stream *stream = arg;

	return stream->options.unknown(stream->options.arg, certificate);
}

int stream_secure(struct stream *stream, struct err *err)
{
	if (!stream->options.trust)
		return err_set_kind(err, ERR_USAGE, _("TLS is not set up."));
	stream->tls = tls_connect(stream->options.trust, stream->in, stream->host, stream->options.port,
				  wait_for_tls, stream->options.unknown ? ask_about : NULL, stream, err);
	return stream->tls ? 0 : -1;
}

int stream_start_tls(struct stream *stream, struct err *err)
{
	if (stream_flush(stream, err) < 0)
		return -1;
	if (stream->from != stream->to)
		return err_set_kind(
		    err, ERR_DENIED,
		    _("%s sent words before TLS began that would be taken for secured ones: somebody may "
		      "have put them there. The connection was closed."),
		    stream->host);
	return stream_secure(stream, err);
}

int stream_start_deflate(struct stream *stream, struct err *err)
{
	if (stream_flush(stream, err) < 0)
		return -1;
	stream->deflate = deflate_new(err);
	if (!stream->deflate)
		return -1;
	stream->packed = mem_alloc(STREAM_READ_SIZE + stream_buffered(stream));
	if (stream->data)
		memcpy(stream->packed, stream->data + stream->from, stream_buffered(stream));
	deflate_give(stream->deflate, stream->packed, stream_buffered(stream));
	stream->from = stream->to = stream->looked = 0;
	return 0;
}

/* --- what it is --- */

bool stream_is_secure(const struct stream *stream)
{
	return stream->tls || stream->is_local;
}

bool stream_is_local(const struct stream *stream)
{
	return stream->is_local;
}

bool stream_is_tls(const struct stream *stream)
{
	return stream->tls;
}

const struct tls *stream_tls(const struct stream *stream)
{
	return stream->tls;
}

const char *stream_host(const struct stream *stream)
{
	return stream->host;
}

int stream_fd(const struct stream *stream)
{
	return stream->in;
}

void stream_set_total_ms(struct stream *stream, int64_t ms)
{
	stream->deadline = ms ? stream_now_ms() + ms : 0;
}

void stream_traffic(const struct stream *stream, int64_t *received, int64_t *sent)
{
	*received = stream->received;
	*sent = stream->sent;
}

void stream_close(struct stream **stream)
{
	struct stream *old = *stream;

	if (!old)
		return;
	tls_free(&old->tls);
	deflate_free(&old->deflate);
	if (old->out >= 0 && old->out != old->in)
		close(old->out);
	if (old->in >= 0)
		close(old->in);
	if (old->written.data)
		explicit_bzero(old->written.data, old->written.cap);
	buf_free(&old->written);
	if (old->log_name)
		stream_log_said(old);
	buf_free(&old->said);
	free(old->data);
	free(old->packed);
	free(old->host);
	free(old->log_name);
	free(old);
	*stream = NULL;
}
