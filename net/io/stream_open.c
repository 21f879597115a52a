#include "config.h"
#include "net/io/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/io/stream_inside.h"
#include "store/base/buf.h"
#include "store/base/domain.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"

#define KEEP_IDLE_S    60 /* the line is silent so long: is somebody there? */
#define KEEP_BETWEEN_S 15
#define KEEP_TIMES     3
#define UNHEARD_MS     20000 /* what was sent waits for its acknowledgement */

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

/* A network that went without a word: what was sent is not acknowledged any more. A server that
 * thinks for long acknowledges all the same. Where nothing is said for long (IDLE), the line is
 * tried now and then. */
static void notice_dead_line(int fd)
{
	int one = 1, idle = KEEP_IDLE_S, between = KEEP_BETWEEN_S, times = KEEP_TIMES,
	    unheard = UNHEARD_MS;

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
		rc = stream_secure(stream, err);
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

/* --- connecting --- */

/* The outcome of a connect that was waited for. */
static int connect_result(struct stream *stream, int fd, int64_t until, struct err *err)
{
	int number = 0, rc;
	socklen_t len = sizeof number;

	while ((rc = stream_wait_until(stream, fd, POLLOUT, until, err)) == 2)
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
static int connect_any(struct stream *stream, const struct addrinfo *found, int64_t until,
		       struct err *err)
{
	int count = 0, number = EHOSTUNREACH, rc = -2;

	for (const struct addrinfo *one = found; one; one = one->ai_next)
		count++;
	for (; found && rc == -2; found = found->ai_next, count--) {
		int64_t now = stream_now_ms();

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

	stream->deadline = stream_now_ms() + ms;
	rc = *options->host == '/' ? connect_unix(stream, stream->deadline, err)
				   : connect_host(stream, stream->deadline, err);
	if (rc < 0 || begin(stream, err) < 0)
		stream_close(&stream);
	return stream;
}
