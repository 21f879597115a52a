#include "config.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/io/stream_inside.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"

int64_t stream_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- waiting --- */

int stream_closed(const struct stream *stream, struct err *err)
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
		left = end - stream_now_ms();

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

int stream_wait_until(struct stream *stream, int fd, short events, int64_t until, struct err *err)
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

int stream_wait_for(struct stream *stream, int fd, short events, struct err *err)
{
	int64_t began = stream_now_ms(), until = began + stream->silence_ms,
		quiet = began + STREAM_QUIET_MS;
	int rc;

	while ((rc = stream_wait_until(stream, fd, events, quiet < until ? quiet : until, err)) == 2 ||
	       (rc == 0 && quiet < until && stream_now_ms() >= quiet)) {
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
		return stream_closed(stream, err);
	if (errno == EPROTO)
		return err_set_kind(err, ERR_TEMPORARY, _("The TLS connection with %s broke."),
				    stream->host);
	return err_errno(err, _("talking with %s"), stream->host);
}

ssize_t stream_read_wire(struct stream *stream, void *data, size_t size, struct err *err)
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
		if (stream_wait_for(stream, stream->in,
				    stream->tls ? tls_events(stream->tls) : POLLIN, err) < 0)
			return -1;
	}
}

int stream_write_wire(struct stream *stream, const char *data, size_t len, struct err *err)
{
	while (len) {
		ssize_t n = try_write(stream, data, len);

		if (n > 0) {
			stream->sent += n;
			data += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			if (stream_wait_for(stream, stream->out,
					    stream->tls ? tls_events(stream->tls) : POLLOUT,
					    err) < 0)
				return -1;
		} else if (n < 0 && errno != EINTR) {
			return fail_io(stream, err);
		}
	}
	return 0;
}
