/* What the files of the stream share. Nobody else includes it.
 *	stream.c	lines and bytes, written and read; TLS and deflate; closing
 *	stream_open.c	a name, its addresses, the connection
 *	stream_wire.c	waiting, and the bytes as they go
 *	stream_log.c	the dialogue in the log
 *	stream_place.c	"host:port" as people write it */
#ifndef NET_IO_STREAM_INSIDE_H
#define NET_IO_STREAM_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/io/stream.h"
#include "store/base/buf.h"

struct deflate;
struct err;

#define STREAM_READ_SIZE 65536 /* from the wire at once */

struct stream {
	int in, out;
	char *host, *log_name;
	struct stream_options options; /* its strings are not used after stream_connect */
	struct tls *tls;
	struct deflate *deflate;
	bool is_local; /* loopback, unix socket, pipes */
	struct buf said; /* the beginning of what goes into the log when its line is whole */
	bool is_secret, was_secret_logged, has_ended;
	int64_t silence_ms, deadline, received, sent;
	bool is_quiet;
	size_t line_max;
	struct buf written;
	char *data; /* received: what is between FROM and TO is not read yet */
	size_t from, to, cap;
	size_t looked; /* bytes behind FROM that hold no LF */
	char *packed;  /* STREAM_READ_SIZE, with deflate */
};

/* --- stream.c --- */
int stream_secure(struct stream *stream, struct err *err); /* TLS from now on */

/* --- stream_wire.c --- */
int64_t stream_now_ms(void);
int stream_closed(const struct stream *stream, struct err *err); /* -1, and says so */
/* 1 FD is ready, 0 it is UNTIL, 2 woken() was called, -1. */
int stream_wait_until(struct stream *stream, int fd, short events, int64_t until, struct err *err);
/* 0 ready; silence is an error. */
int stream_wait_for(struct stream *stream, int fd, short events, struct err *err);
/* At least one byte, or 0 at the end. */
ssize_t stream_read_wire(struct stream *stream, void *data, size_t size, struct err *err);
int stream_write_wire(struct stream *stream, const char *data, size_t len, struct err *err);

/* --- stream_log.c --- */
void stream_log_written(struct stream *stream, const char *data, size_t len);
void stream_log_answer(struct stream *stream, const struct span *line);
void stream_log_said(struct stream *stream); /* what is not in the log yet */

#endif
