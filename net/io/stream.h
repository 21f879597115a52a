/* A connection to a server: name look-up, TCP, TLS, deflate, lines, with deadlines. It blocks, so it is for
 * workers and for commands that wait, never for a loop; a worker that blocks is woken by its own notices
 * (wake_fd).
 *
 * Every limit is ours: a name look-up and connection have a time, silence has a time, the whole dialogue
 * may have one, a line has a length, and what deflate makes of few bytes is counted.
 *
 * Errors: ERR_TEMPORARY what may go better later (no network, no answer, connection closed by the other
 * side), ERR_DENIED TLS that was refused, ERR_CANCELLED by woken(), ERR_CORRUPT what breaks the rules (line
 * too long, NUL). */
#ifndef NET_IO_STREAM_H
#define NET_IO_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/io/tls.h"
#include "store/base/str.h"

struct err;
struct stream;

enum stream_tls { STREAM_TLS, STREAM_STARTTLS, STREAM_PLAIN };

struct stream_options {
	const char *host; /* a name (international ones too), an address, or "/path" of a unix socket */
	int port;
	enum stream_tls tls;	 /* STREAM_PLAIN is refused but to this machine (loopback, unix socket) */
	struct tls_trust *trust; /* lent; needed unless STREAM_PLAIN */
	tls_unknown *unknown;	 /* may be NULL */
	int connect_ms;		 /* look-up, TCP and TLS together; 0: STREAM_CONNECT_MS */
	int silence_ms;		 /* 0: STREAM_SILENCE_MS */
	int64_t total_ms;	 /* of the dialogue; 0: no limit */
	size_t line_max;	 /* 0: STREAM_LINE_MAX */
	int wake_fd;		 /* readable: woken() is called; -1 none. Zero counts as none too */
	int (*woken)(void *arg); /* -1 ends what is waited for with ERR_CANCELLED; 1: it is not to be called again */
	/* The other side was waited for STREAM_QUIET_MS and says nothing (it is waited for on); later, that it
	 * speaks again after all. May be NULL. */
	void (*quiet)(void *arg, bool is_quiet);
	void *arg;		 /* of unknown, woken and quiet */
	const char *log_name;	 /* "work imap": the dialogue goes into the log at LOG_DEBUG; NULL not */
};

#define STREAM_CONNECT_MS 30000
#define STREAM_SILENCE_MS 120000
#define STREAM_QUIET_MS	  30000
#define STREAM_LINE_MAX	  (1 << 20)

/* Tries each address of the host. With STREAM_TLS the handshake is done. NULL on error. */
struct stream *stream_connect(const struct stream_options *options, struct err *err);
/* The same over a connected socket or a pair of pipes of a child (tests, tunnels); takes both (may be
 * equal). OPTIONS->host is the name that TLS checks. */
struct stream *stream_open(int fd_in, int fd_out, const struct stream_options *options, struct err *err);
/* Closes at once; *STREAM may be NULL and becomes NULL. */
void stream_close(struct stream **stream);

/* After the server's OK to STARTTLS. Refused (ERR_DENIED) when the server sent anything behind that OK: it
 * would be taken for words of the secured dialogue (CVE-2011-0411 and its kin). */
int stream_start_tls(struct stream *stream, struct err *err);
/* Both directions through deflate from the next byte on (RFC 4978). */
int stream_start_deflate(struct stream *stream, struct err *err);
bool stream_is_secure(const struct stream *stream); /* TLS, a unix socket, or loopback */
bool stream_is_tls(const struct stream *stream);
bool stream_is_local(const struct stream *stream); /* the other side is this machine */
const struct tls *stream_tls(const struct stream *stream); /* or NULL */
const char *stream_host(const struct stream *stream);

/* Gathers; sends when 64 KB are together. stream_read..., stream_wait and stream_flush send first. */
int stream_write(struct stream *stream, const void *data, size_t len, struct err *err);
int stream_print(struct stream *stream, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int stream_flush(struct stream *stream, struct err *err);
/* What is written until IS_SECRET is false again appears in the log as "***". */
void stream_set_secret(struct stream *stream, bool is_secret);

/* 1 with a line without its CRLF or LF, lent until the next read; 0 when the other side closed (nothing of
 * a cut line is given out); -1. */
int stream_read_line(struct stream *stream, struct span *line, struct err *err);
/* At least one byte, at most SIZE; 0 when the other side closed; -1. */
ssize_t stream_read(struct stream *stream, void *data, size_t size, struct err *err);
/* Exactly LEN bytes; the other side closing is an error (ERR_TEMPORARY). */
int stream_read_all(struct stream *stream, void *data, size_t len, struct err *err);
/* What has come and was not read yet, at least one byte, lent until the next call: 1; 0 when the other side closed;
 * -1. stream_skip takes LEN of it off. */
int stream_peek(struct stream *stream, struct span *bytes, struct err *err);
void stream_skip(struct stream *stream, size_t len);
/* Received, but not read yet. */
size_t stream_buffered(const struct stream *stream);
/* 1 when there is something to read, 0 after TIMEOUT_MS or when woken() was called (which may have set what
 * the caller looks at), -1. */
int stream_wait(struct stream *stream, int timeout_ms, struct err *err);
int stream_fd(const struct stream *stream);
/* From now on; 0: none. */
void stream_set_total_ms(struct stream *stream, int64_t ms);
/* Bytes on the wire so far. */
void stream_traffic(const struct stream *stream, int64_t *received, int64_t *sent);

/* "host", "host:993", "[::1]:993", "/run/x.sock" into host and port (DEFAULT_PORT when none stands there).
 * *HOST is the caller's. -1 with a sentence. */
int stream_parse_place(const char *text, int default_port, char **host, int *port, struct err *err);

#endif
