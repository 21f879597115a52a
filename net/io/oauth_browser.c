#include "config.h"
#include "net/io/oauth_browser.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/io/oauth.h"
#include "net/io/secret.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

#define REQUEST_MAX 16384
#define REQUEST_MS  5000
#define TURN_MS	    1000

int oauth_visit_open(struct oauth_visit *visit, const char *host, struct err *err)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof addr;

	*visit = (struct oauth_visit){.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	if (visit->listener < 0 || bind(visit->listener, (struct sockaddr *)&addr, sizeof addr) < 0 ||
	    listen(visit->listener, 8) < 0 || getsockname(visit->listener, (struct sockaddr *)&addr, &len) < 0)
		return err_errno(err, _("opening a port for the browser"));
	snprintf(visit->redirect, sizeof visit->redirect, "http://%s:%d/", host, ntohs(addr.sin_port));
	return 0;
}

void oauth_visit_close(struct oauth_visit *visit)
{
	if (visit->listener >= 0)
		close(visit->listener);
	secret_wipe(&visit->state);
	secret_wipe(&visit->code);
}

/* --- a request ------------------------------------------------------------------------------------ */

static int hex_value(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c = char_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void add_decoded(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		bool is_hex = text.data[i] == '%' && i + 2 < text.len && hex_value(text.data[i + 1]) >= 0 &&
			      hex_value(text.data[i + 2]) >= 0;

		if (is_hex) {
			buf_add_char(out, (char)(hex_value(text.data[i + 1]) << 4 | hex_value(text.data[i + 2])));
			i += 2;
		} else {
			buf_add_char(out, text.data[i] == '+' ? ' ' : text.data[i]);
		}
	}
}

bool oauth_query(const char *request, const char *name, struct buf *value)
{
	const char *start = str_starts(request, "GET /?") ? request + 6 : NULL;
	struct span rest = {start, start ? strcspn(start, " \r\n#") : 0}, pair;

	while (start && span_split(&rest, '&', &pair) > 0) {
		size_t at = span_find(pair, 0, '=');
		struct span key = {pair.data, at};

		if (at < pair.len && span_equal(key, span_of(name))) {
			add_decoded(value, (struct span){pair.data + at + 1, pair.len - at - 1});
			return value->len > 0 && !memchr(value->data, '\0', value->len);
		}
	}
	return false;
}

static void read_request(int fd, struct buf *request)
{
	int64_t until = loop_now_ms() + REQUEST_MS, left;
	char piece[4096];

	while (request->len < REQUEST_MAX && !strstr(buf_str(request), "\r\n\r\n") &&
	       (left = until - loop_now_ms()) > 0) {
		struct pollfd poll_fd = {fd, POLLIN, 0};
		ssize_t n = poll(&poll_fd, 1, (int)left) > 0 ? recv(fd, piece, sizeof piece, MSG_DONTWAIT) : 0;

		if (n <= 0)
			break;
		buf_add(request, piece, (size_t)n);
	}
	explicit_bzero(piece, sizeof piece);
}

static void answer(int fd, const char *status, const char *words)
{
	struct buf page = BUF_INIT;

	buf_printf(&page,
		   "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
		   "Cache-Control: no-store\r\n\r\n<!doctype html><title>Tern</title><p>%s</p>\n",
		   status, words);
	file_write_fd(fd, page.data, page.len, NULL);
	shutdown(fd, SHUT_WR);
	buf_free(&page);
}

static int say_no(const struct buf *error, struct err *err)
{
	struct buf clean = BUF_INIT;

	utf8_add_exact(&clean, buf_str(error), error->len < 100 ? error->len : 100);
	err_set_kind(err, ERR_DENIED, _("Signing in with the browser was refused: %s"), buf_str(&clean));
	buf_free(&clean);
	return -1;
}

/* 1: somebody else. */
static int take_request(struct oauth_visit *visit, int fd, const char *request, struct err *err)
{
	struct buf state = BUF_INIT, error = BUF_INIT;
	int rc = 1;

	if (!oauth_query(request, "state", &state) || strcmp(buf_str(&state), buf_str(&visit->state)) != 0) {
		answer(fd, "404 Not Found", _("There is nothing here."));
	} else if (oauth_query(request, "error", &error)) {
		answer(fd, "200 OK", _("Signing in was refused. You can close this page."));
		rc = say_no(&error, err);
	} else if (oauth_query(request, "code", &visit->code)) {
		answer(fd, "200 OK", _("Tern is signed in. You can close this page."));
		rc = 0;
	} else {
		answer(fd, "400 Bad Request", _("There is nothing here."));
	}
	secret_wipe(&state);
	buf_free(&error);
	return rc;
}

static int take_visitor(struct oauth_visit *visit, struct err *err)
{
	int fd = accept4(visit->listener, NULL, NULL, SOCK_CLOEXEC), rc;
	struct buf request = BUF_INIT;

	if (fd < 0)
		return 1;
	buf_reserve(&request, REQUEST_MAX + 4096);
	read_request(fd, &request);
	rc = take_request(visit, fd, buf_str(&request), err);
	secret_wipe(&request);
	close(fd);
	return rc;
}

int oauth_visit_wait(struct oauth_visit *visit, const struct oauth_talk *talk, int64_t limit_ms, struct err *err)
{
	int64_t until = loop_now_ms() + limit_ms;
	struct pollfd fd = {visit->listener, POLLIN, 0};
	int rc = 1;

	while (rc > 0 && loop_now_ms() < until) {
		if (talk->wait && talk->wait(talk->arg) < 0)
			return err_set_kind(err, ERR_CANCELLED, _("It was cancelled."));
		if (poll(&fd, 1, TURN_MS) > 0)
			rc = take_visitor(visit, err);
	}
	return rc <= 0 ? rc : err_set_kind(err, ERR_TEMPORARY, _("Nobody signed in in time."));
}
