#include "config.h"
#include "net/io/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "net/io/deflate.h"
#include "store/base/buf.h"
#include "store/base/domain.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"

#define KEEP_IDLE_S    60 /* the line is silent so long: is somebody there? */
#define KEEP_BETWEEN_S 15
#define KEEP_TIMES     3
#define UNHEARD_MS     20000 /* what was sent waits for its acknowledgement */
#define READ_SIZE  65536 /* from the wire at once */
#define WRITE_SIZE 65536 /* gathered before it goes out */
#define LOG_WIDTH  512
#define PORT_MAX   65535

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
	char *packed;  /* READ_SIZE, with deflate */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- waiting --- */

static int closed(const struct stream *stream, struct err *err)
{
	return err_set_kind(err, ERR_TEMPORARY, _("%s closed the connection."), stream->host);
}

static int silent(const struct stream *stream, struct err *err)
{
	return err_set_kind(err, ERR_TEMPORARY, _("%s does not answer."), stream->host);
}

/* The nearer of the two ends of time; -1: it is over. */
static int time_left(const struct stream *stream, int64_t until)
{
	int64_t end = stream->deadline && stream->deadline < until ? stream->deadline : until,
		left = end - now_ms();

	if (left <= 0)
		return -1;
	return left > 1000000 ? 1000000 : (int)left;
}

static int wake(struct stream *stream, struct err *err)
{
	int rc = stream->options.woken ? stream->options.woken(stream->options.arg) : 0;

	if (rc > 0)
		stream->options.wake_fd = -1;
	if (rc >= 0)
		return 0;
	return err_set_kind(err, ERR_CANCELLED, _("The dialogue with %s was cancelled."), stream->host);
}

/* 1 FD is ready, 0 it is UNTIL, 2 woken() was called, -1. */
static int wait_until(struct stream *stream, int fd, short events, int64_t until, struct err *err)
{
	struct pollfd fds[2] = {{.fd = fd, .events = events},
				{.fd = stream->options.wake_fd, .events = POLLIN}};
	int left = time_left(stream, until), n;

	if (left < 0)
		return 0;
	n = poll(fds, stream->options.wake_fd > 0 ? 2 : 1, left);
	if (n < 0 && errno != EINTR)
		return err_errno(err, _("waiting for %s"), stream->host);
	if (n > 0 && fds[0].revents)
		return 1;
	if (n > 0 && fds[1].revents)
		return wake(stream, err) < 0 ? -1 : 2;
	return time_left(stream, until) < 0 ? 0 : 2;
}

static void tell_quiet(struct stream *stream, bool is_quiet)
{
	if (!stream->options.quiet || stream->is_quiet == is_quiet)
		return;
	stream->is_quiet = is_quiet;
	stream->options.quiet(stream->options.arg, is_quiet);
}

/* 0 ready; silence is an error. */
static int wait_for(struct stream *stream, int fd, short events, struct err *err)
{
	int64_t began = now_ms(), until = began + stream->silence_ms, quiet = began + STREAM_QUIET_MS;
	int rc;

	while ((rc = wait_until(stream, fd, events, quiet < until ? quiet : until, err)) == 2 ||
	       (rc == 0 && quiet < until && now_ms() >= quiet)) {
		if (rc == 2)
			continue;
		tell_quiet(stream, true);
		quiet = until;
	}
	if (rc == 0)
		return silent(stream, err);
	tell_quiet(stream, false);
	return rc < 0 ? -1 : 0;
}

static int wait_for_tls(void *arg, short events, struct err *err)
{
	struct stream *stream = arg;

	return wait_for(stream, stream->in, events, err);
}

/* --- the log --- */

static void log_line(const struct stream *stream, const char *who, const char *data, size_t len)
{
	struct buf text = BUF_INIT;

	while (len && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	utf8_add_printable(&text, data, len < LOG_WIDTH ? len : LOG_WIDTH);
	log_write(LOG_DEBUG, "%s %s %s%s", stream->log_name, who, buf_str(&text),
		  len > LOG_WIDTH ? "..." : "");
	buf_free(&text);
}

static void log_said(struct stream *stream)
{
	if (stream->said.len)
		log_line(stream, "C:", stream->said.data, stream->said.len);
	buf_clear(&stream->said);
}

/* A command is one line of the log, in however many pieces it is written; only its beginning is kept. */
static void log_piece(struct stream *stream, const char *data, size_t len)
{
	size_t room = stream->said.len > LOG_WIDTH ? 0 : LOG_WIDTH + 1 - stream->said.len;

	buf_add(&stream->said, data, len < room ? len : room);
	if (len && data[len - 1] == '\n')
		log_said(stream);
}

/* Secrets as three stars, once, however many pieces they come in. */
static void log_written(struct stream *stream, const char *data, size_t len)
{
	if (!stream->log_name || !log_is_debug())
		return;
	if (!stream->is_secret) {
		log_piece(stream, data, len);
		return;
	}
	log_said(stream);
	if (!stream->was_secret_logged)
		log_write(LOG_DEBUG, "%s C: ***", stream->log_name);
	stream->was_secret_logged = true;
}

static void log_answer(struct stream *stream, const struct span *line)
{
	log_said(stream);
	log_line(stream, "S:", line->data, line->len);
}

/* --- raw bytes --- */

static ssize_t try_read(struct stream *stream, void *data, size_t size)
{
	if (stream->tls)
		return tls_read(stream->tls, data, size);
	return read(stream->in, data, size);
}

static ssize_t try_write(struct stream *stream, const void *data, size_t len)
{
	ssize_t n;

	if (stream->tls)
		return tls_write(stream->tls, data, len);
	n = send(stream->out, data, len, MSG_NOSIGNAL);
	return n < 0 && errno == ENOTSOCK ? write(stream->out, data, len) : n;
}

static bool is_closed(int number)
{
	return number == ECONNRESET || number == EPIPE || number == ETIMEDOUT || number == EHOSTUNREACH ||
	       number == ENETUNREACH || number == ENETDOWN;
}

static int fail_io(const struct stream *stream, struct err *err)
{
	if (is_closed(errno))
		return closed(stream, err);
	if (errno == EPROTO)
		return err_set_kind(err, ERR_TEMPORARY, _("The TLS connection with %s broke."),
				    stream->host);
	return err_errno(err, _("talking with %s"), stream->host);
}

/* At least one byte, or 0 at the end. */
static ssize_t read_wire(struct stream *stream, void *data, size_t size, struct err *err)
{
	for (;;) {
		ssize_t n = try_read(stream, data, size);

		if (n >= 0) {
			stream->received += n;
			return n;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return fail_io(stream, err);
		if (wait_for(stream, stream->in, stream->tls ? tls_events(stream->tls) : POLLIN, err) < 0)
			return -1;
	}
}

static int write_wire(struct stream *stream, const char *data, size_t len, struct err *err)
{
	while (len) {
		ssize_t n = try_write(stream, data, len);

		if (n > 0) {
			stream->sent += n;
			data += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			if (wait_for(stream, stream->out, stream->tls ? tls_events(stream->tls) : POLLOUT,
				     err) < 0)
				return -1;
		} else if (n < 0 && errno != EINTR) {
			return fail_io(stream, err);
		}
	}
	return 0;
}

/* --- writing --- */

static int flush_packed(struct stream *stream, struct err *err)
{
	struct buf packed = BUF_INIT;
	int rc = deflate_pack(stream->deflate, stream->written.data, stream->written.len, &packed, err);

	if (rc == 0)
		rc = write_wire(stream, packed.data, packed.len, err);
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
		rc = write_wire(stream, stream->written.data, stream->written.len, err);
	explicit_bzero(stream->written.data, stream->written.len); /* a password may have been among it */
	buf_clear(&stream->written);
	return rc;
}

int stream_write(struct stream *stream, const void *data, size_t len, struct err *err)
{
	log_written(stream, data, len);
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
		n = read_wire(stream, stream->packed, READ_SIZE, err);
		if (n <= 0)
			return n;
		deflate_give(stream->deflate, stream->packed, (size_t)n);
	}
}

static void make_room(struct stream *stream)
{
	if (stream->from == stream->to)
		stream->from = stream->to = 0;
	if (stream->from && stream->to + READ_SIZE > stream->cap) {
		memmove(stream->data, stream->data + stream->from, stream->to - stream->from);
		stream->to -= stream->from;
		stream->from = 0;
	}
	if (stream->to + READ_SIZE > stream->cap) {
		stream->cap = stream->cap ? 2 * stream->cap : 2 * READ_SIZE;
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
		n = fill_unpacked(stream, stream->data + stream->to, READ_SIZE, err);
	else
		n = read_wire(stream, stream->data + stream->to, READ_SIZE, err);
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
		log_answer(stream, line);
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
			return n < 0 ? -1 : closed(stream, err);
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
		n = deflate_unpack(stream->deflate, stream->data + stream->to, READ_SIZE, err);
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
	rc = wait_until(stream, stream->in, POLLIN, now_ms() + timeout_ms, err);
	return rc == 2 ? 0 : rc;
}

/* --- secured, packed --- */

static bool ask_about(void *arg, const struct tls_certificate *certificate)
{
	struct stream *stream = arg;

	return stream->options.unknown(stream->options.arg, certificate);
}

static int secure(struct stream *stream, struct err *err)
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
	return secure(stream, err);
}

int stream_start_deflate(struct stream *stream, struct err *err)
{
	if (stream_flush(stream, err) < 0)
		return -1;
	stream->deflate = deflate_new(err);
	if (!stream->deflate)
		return -1;
	stream->packed = mem_alloc(READ_SIZE + stream_buffered(stream));
	if (stream->data)
		memcpy(stream->packed, stream->data + stream->from, stream_buffered(stream));
	deflate_give(stream->deflate, stream->packed, stream_buffered(stream));
	stream->from = stream->to = stream->looked = 0;
	return 0;
}

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
	stream->deadline = ms ? now_ms() + ms : 0;
}

void stream_traffic(const struct stream *stream, int64_t *received, int64_t *sent)
{
	*received = stream->received;
	*sent = stream->sent;
}

/* --- opening --- */

static bool is_loopback(const struct sockaddr_storage *addr)
{
	const struct sockaddr_in *four = (const void *)addr;
	const struct sockaddr_in6 *six = (const void *)addr;

	if (addr->ss_family == AF_UNIX)
		return true;
	if (addr->ss_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	return addr->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static bool is_local(int fd)
{
	struct sockaddr_storage addr = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof addr;

	if (getpeername(fd, (struct sockaddr *)&addr, &len) < 0)
		return errno == ENOTSOCK; /* a pipe to a child of ours */
	return is_loopback(&addr);
}

static struct stream *stream_new(const struct stream_options *options)
{
	struct stream *stream = mem_alloc(sizeof *stream);

	stream->options = *options;
	stream->in = stream->out = -1;
	stream->host = mem_strdup(options->host);
	stream->log_name = options->log_name ? mem_strdup(options->log_name) : NULL;
	stream->silence_ms = options->silence_ms ? options->silence_ms : STREAM_SILENCE_MS;
	stream->line_max = options->line_max ? options->line_max : STREAM_LINE_MAX;
	stream->options.host = stream->options.log_name = NULL;
	return stream;
}

static void set_nonblocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* A network that went without a word: what was sent is not acknowledged any more. A server that thinks for long
 * acknowledges all the same. Where nothing is said for long (IDLE), the line is tried now and then. */
static void notice_dead_line(int fd)
{
	int one = 1, idle = KEEP_IDLE_S, between = KEEP_BETWEEN_S, times = KEEP_TIMES, unheard = UNHEARD_MS;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof between);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unheard, sizeof unheard);
}

/* Both ends are there. The tables of time begin anew for the dialogue. */
static int begin(struct stream *stream, struct err *err)
{
	int one = 1, rc = 0;

	set_nonblocking(stream->in);
	set_nonblocking(stream->out);
	setsockopt(stream->out, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	notice_dead_line(stream->out);
	stream->is_local = is_local(stream->in);
	if (stream->options.tls == STREAM_PLAIN && !stream->is_local)
		return err_set_kind(
		    err, ERR_DENIED,
		    _("%s is another computer: without TLS everybody on the way could read your password "
		      "and mail. Set \"tls\" to \"implicit\" or \"starttls\"."),
		    stream->host);
	if (stream->options.tls == STREAM_TLS)
		rc = secure(stream, err);
	if (rc == 0)
		stream_set_total_ms(stream, stream->options.total_ms);
	return rc;
}

struct stream *stream_open(int fd_in, int fd_out, const struct stream_options *options, struct err *err)
{
	struct stream *stream = stream_new(options);

	stream->in = fd_in;
	stream->out = fd_out;
	stream_set_total_ms(stream, options->connect_ms ? options->connect_ms : STREAM_CONNECT_MS);
	if (begin(stream, err) < 0)
		stream_close(&stream);
	return stream;
}

/* The outcome of a connect that was waited for. */
static int connect_result(struct stream *stream, int fd, int64_t until, struct err *err)
{
	int number = 0, rc;
	socklen_t len = sizeof number;

	while ((rc = wait_until(stream, fd, POLLOUT, until, err)) == 2)
		;
	if (rc < 0)
		return -1;
	if (rc == 0)
		number = ETIMEDOUT;
	else
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len);
	errno = number;
	return number ? -2 : 0;
}

/* 0 connected; -2 this address does not answer (errno says why): the next may; -1 cancelled. */
static int try_address(struct stream *stream, const struct sockaddr *addr, socklen_t len, int64_t until,
		       struct err *err)
{
	int rc, fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -2;
	rc = connect(fd, addr, len);
	if (rc < 0 && (errno == EINPROGRESS || errno == EINTR))
		rc = connect_result(stream, fd, until, err);
	else if (rc < 0)
		rc = -2;
	if (rc == 0) {
		stream->in = stream->out = fd;
	} else {
		int kept = errno;

		close(fd);
		errno = kept;
	}
	return rc;
}

static int no_connection(const struct stream *stream, int number, struct err *err)
{
	return err_set_kind(err, ERR_TEMPORARY, _("%s, port %d, cannot be reached: %s"), stream->host,
			    stream->options.port, strerror(number));
}

static int connect_unix(struct stream *stream, int64_t until, struct err *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int rc;

	if (strlen(stream->host) >= sizeof addr.sun_path)
		return err_set_kind(err, ERR_USAGE, _("The path \"%s\" is too long for a socket."),
				    stream->host);
	memcpy(addr.sun_path, stream->host, strlen(stream->host));
	rc = try_address(stream, (struct sockaddr *)&addr, sizeof addr, until, err);
	return rc == -2 ? no_connection(stream, errno, err) : rc;
}

/* Each address gets its share of the time that is left. */
static int connect_any(struct stream *stream, const struct addrinfo *found, int64_t until, struct err *err)
{
	int count = 0, number = EHOSTUNREACH, rc = -2;

	for (const struct addrinfo *one = found; one; one = one->ai_next)
		count++;
	for (; found && rc == -2; found = found->ai_next, count--) {
		int64_t now = now_ms();

		rc = try_address(stream, found->ai_addr, found->ai_addrlen, now + (until - now) / count,
				 err);
		if (rc == -2)
			number = errno;
	}
	return rc == -2 ? no_connection(stream, number, err) : rc;
}

static int no_name(const struct stream *stream, int rc, struct err *err)
{
	if (rc == EAI_AGAIN)
		return err_set_kind(err, ERR_TEMPORARY,
				    _("The name \"%s\" could not be looked up; is there a network?"),
				    stream->host);
	return err_set_kind(err, ERR_TEMPORARY, _("There is no host \"%s\": %s"), stream->host,
			    gai_strerror(rc));
}

static int connect_host(struct stream *stream, int64_t until, struct err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *found;
	struct buf ascii = BUF_INIT;
	char port[16];
	int rc;

	if (domain_to_ascii(stream->host, &ascii) < 0) {
		buf_free(&ascii);
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is no name of a host."), stream->host);
	}
	free(stream->host); /* what TLS has to check, too */
	stream->host = buf_take(&ascii);
	snprintf(port, sizeof port, "%d", stream->options.port);
	rc = getaddrinfo(stream->host, port, &hints, &found);
	if (rc == EAI_NONAME ||
	    rc == EAI_ADDRFAMILY) { /* AI_ADDRCONFIG hides loopback where there is no network */
		hints.ai_flags = 0;
		rc = getaddrinfo(stream->host, port, &hints, &found);
	}
	if (rc != 0)
		return no_name(stream, rc, err);
	rc = connect_any(stream, found, until, err);
	freeaddrinfo(found);
	return rc;
}

struct stream *stream_connect(const struct stream_options *options, struct err *err)
{
	struct stream *stream = stream_new(options);
	int64_t ms = options->connect_ms ? options->connect_ms : STREAM_CONNECT_MS;
	int rc;

	stream->deadline = now_ms() + ms;
	rc = *options->host == '/' ? connect_unix(stream, stream->deadline, err)
				   : connect_host(stream, stream->deadline, err);
	if (rc < 0 || begin(stream, err) < 0)
		stream_close(&stream);
	return stream;
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
		log_said(old);
	buf_free(&old->said);
	free(old->data);
	free(old->packed);
	free(old->host);
	free(old->log_name);
	free(old);
	*stream = NULL;
}

/* --- places --- */

static int bad_place(const char *text, struct err *err)
{
	return err_set_kind(err, ERR_USAGE, _("\"%s\" is no server: it is written as host or host:port."),
			    text);
}

static int parse_port(const char *text, int *port)
{
	long long value;

	if (str_to_long(text, &value) < 0 || value < 1 || value > PORT_MAX)
		return -1;
	*port = (int)value;
	return 0;
}

int stream_parse_place(const char *text, int default_port, char **host, int *port, struct err *err)
{
	const char *close = *text == '[' ? strchr(text, ']') : NULL,
		   *end = close ? close + 1 : strchr(text, ':');
	const char *start = close ? text + 1 : text;
	size_t len;

	*port = default_port;
	if (*text == '/') {
		*host = mem_strdup(text);
		return 0;
	}
	if (!close && end && strchr(end + 1, ':')) /* a bare IPv6 address */
		end = NULL;
	len = close ? (size_t)(close - start) : end ? (size_t)(end - start) : strlen(start);
	if (len == 0 || *text == '-' || strcspn(start, " \t\r\n") < len)
		return bad_place(text, err);
	if (end && *end && (*end != ':' || parse_port(end + 1, port) < 0))
		return bad_place(text, err);
	*host = mem_strndup(start, len);
	return 0;
}
