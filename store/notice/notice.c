#include "config.h"
#include "store/notice/notice.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"

#define LINE_MAX_BYTES	8192	/* longer is nonsense */
#define QUEUE_MAX_BYTES 1048576 /* an end that does not read is as good as gone */
#define PIECE		4096
#define BACKLOG		64
#define RETRY_MS	10

static const char *const kind_names[NOTICE_KIND_COUNT] = {
    [NOTICE_NONE] = "none",
    [NOTICE_HELLO] = "hello",
    [NOTICE_FOLDER_CHANGED] = "folder-changed",
    [NOTICE_OUTBOX_CHANGED] = "outbox-changed",
    [NOTICE_RING] = "ring",
    [NOTICE_WATCH] = "watch",
    [NOTICE_FLUSH] = "flush",
    [NOTICE_SYNC] = "sync",
    [NOTICE_SYNC_DONE] = "sync-done",
    [NOTICE_PROGRESS] = "progress",
    [NOTICE_STATE] = "state",
    [NOTICE_JOB] = "job",
    [NOTICE_JOB_DONE] = "job-done",
    [NOTICE_ASK] = "ask",
    [NOTICE_ANSWER] = "answer",
    [NOTICE_ERROR] = "error",
    [NOTICE_QUIT] = "quit",
    [NOTICE_PING] = "ping",
    [NOTICE_PONG] = "pong",
    [NOTICE_CANCEL] = "cancel",
};

struct field {
	const char *name;
	size_t at, size; /* SIZE of text with its NUL; 0: a number */
};

static const struct field fields[] = {
    {"account", offsetof(struct notice, account), sizeof((struct notice *)0)->account},
    {"folder", offsetof(struct notice, folder), 0},
    {"id", offsetof(struct notice, id), 0},
    {"revision", offsetof(struct notice, revision), 0},
    {"done", offsetof(struct notice, done), 0},
    {"total", offsetof(struct notice, total), 0},
    {"code", offsetof(struct notice, code), 0},
    {"text", offsetof(struct notice, text), sizeof((struct notice *)0)->text},
};

const char *notice_name(enum notice_kind kind)
{
	return kind < NOTICE_KIND_COUNT ? kind_names[kind] : "none";
}

/* --- one line ------------------------------------------------------------------------------- */

static void add_escaped(struct buf *line, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\\')
			buf_add_str(line, "\\\\");
		else if (c < ' ' || c == 0x7f)
			buf_printf(line, "\\%02x", c);
		else
			buf_add_char(line, (char)c);
	}
}

void notice_format(const struct notice *notice, struct buf *line)
{
	size_t i;

	buf_add_str(line, notice_name(notice->kind));
	for (i = 0; i < ARRAY_COUNT(fields); i++) {
		const void *value = (const char *)notice + fields[i].at;
		int64_t number = fields[i].size ? 0 : *(const int64_t *)value;

		if (fields[i].size && *(const char *)value) {
			buf_printf(line, "\t%s=", fields[i].name);
			add_escaped(line, value);
		} else if (number) {
			buf_printf(line, "\t%s=%lld", fields[i].name, (long long)number);
		}
	}
	buf_add_char(line, '\n');
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character at *AT of RAW; -1 for a bad escape. */
static int take_char(struct span raw, size_t *at)
{
	int high, low;

	if (raw.data[*at] != '\\')
		return (unsigned char)raw.data[(*at)++];
	if (*at + 1 < raw.len && raw.data[*at + 1] == '\\') {
		*at += 2;
		return '\\';
	}
	if (*at + 2 >= raw.len)
		return -1;
	high = hex_digit(raw.data[*at + 1]);
	low = hex_digit(raw.data[*at + 2]);
	*at += 3;
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Text that is too long is cut, never at a place that would leave half a character. */
static int parse_text(struct span raw, char *out, size_t size)
{
	size_t at = 0, len = 0;
	bool is_cut = false;

	while (at < raw.len) {
		int c = take_char(raw, &at);

		if (c <= 0)
			return -1;
		if (len + 1 < size && !is_cut)
			out[len++] = (char)c;
		else
			is_cut = true;
	}
	out[len] = '\0';
	return 0;
}

static int parse_number(struct span raw, int64_t *out)
{
	char text[24];
	long long value;

	if (raw.len == 0 || raw.len >= sizeof text)
		return -1;
	memcpy(text, raw.data, raw.len);
	text[raw.len] = '\0';
	if (str_to_long(text, &value) < 0)
		return -1;
	*out = value;
	return 0;
}

/* A field that we do not know comes from a newer program: left out. */
static int parse_field(struct span piece, struct notice *notice)
{
	size_t i, equals = span_find(piece, 0, '=');
	struct span name = {piece.data, equals}, value;

	if (equals == piece.len)
		return -1;
	value = (struct span){piece.data + equals + 1, piece.len - equals - 1};
	for (i = 0; i < ARRAY_COUNT(fields); i++) {
		char *to = (char *)notice + fields[i].at;

		if (!span_equal(name, span_of(fields[i].name)))
			continue;
		if (fields[i].size)
			return parse_text(value, to, fields[i].size);
		return parse_number(value, (int64_t *)(void *)to);
	}
	return 0;
}

static enum notice_kind kind_by_name(struct span name)
{
	int kind;

	for (kind = 1; kind < NOTICE_KIND_COUNT; kind++)
		if (span_equal(name, span_of(kind_names[kind])))
			return (enum notice_kind)kind;
	return NOTICE_NONE;
}

int notice_parse(const char *line, size_t len, struct notice *notice)
{
	struct span rest = {line, len}, piece;

	memset(notice, 0, sizeof *notice);
	if (len > LINE_MAX_BYTES || !span_split(&rest, '\t', &piece))
		return -1;
	notice->kind = kind_by_name(piece);
	if (notice->kind == NOTICE_NONE)
		return -1;
	while (span_split(&rest, '\t', &piece))
		if (parse_field(piece, notice) < 0)
			return -1;
	return 0;
}

/* --- one connection ------------------------------------------------------------------------- */

struct notice_conn {
	int fd;
	struct buf in, out;
	bool is_gone; /* for writing; what came before may still be read */
};

struct notice_conn *notice_conn_new(int fd)
{
	struct notice_conn *conn = mem_alloc(sizeof *conn);

	conn->fd = fd;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return conn;
}

void notice_conn_free(struct notice_conn **conn)
{
	if (!*conn)
		return;
	close((*conn)->fd);
	buf_free(&(*conn)->in);
	buf_free(&(*conn)->out);
	free(*conn);
	*conn = NULL;
}

int notice_conn_fd(const struct notice_conn *conn)
{
	return conn->fd;
}

int notice_flush(struct notice_conn *conn)
{
	size_t sent = 0;

	while (sent < conn->out.len && !conn->is_gone) {
		ssize_t n =
		    send(conn->fd, conn->out.data + sent, conn->out.len - sent, MSG_NOSIGNAL);

		if (n >= 0)
			sent += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			break;
		else if (errno != EINTR)
			conn->is_gone = true;
	}
	if (sent)
		buf_remove(&conn->out, 0, sent);
	return conn->is_gone ? -1 : 0;
}

int notice_send(struct notice_conn *conn, const struct notice *notice)
{
	if (conn->is_gone)
		return -1;
	notice_format(notice, &conn->out);
	if (notice_flush(conn) < 0)
		return -1;
	conn->is_gone = conn->out.len > QUEUE_MAX_BYTES;
	return conn->is_gone ? -1 : 0;
}

bool notice_wants_write(const struct notice_conn *conn)
{
	return conn->out.len > 0 && !conn->is_gone;
}

/* 1 more came, 0 nothing now, -1 the end. */
static int receive(struct notice_conn *conn)
{
	ssize_t n;

	buf_reserve(&conn->in, PIECE);
	do
		n = recv(conn->fd, conn->in.data + conn->in.len, PIECE, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		conn->in.len += (size_t)n;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	return n > 0 ? 1 : -1;
}

int notice_read(struct notice_conn *conn, struct notice *notice)
{
	for (;;) {
		char *end = conn->in.len ? memchr(conn->in.data, '\n', conn->in.len) : NULL;
		int rc;

		if (end) {
			size_t len = (size_t)(end - conn->in.data);

			rc = notice_parse(conn->in.data, len, notice);
			buf_remove(&conn->in, 0, len + 1);
			return rc < 0 ? -1 : 1;
		}
		if (conn->in.len > LINE_MAX_BYTES)
			return -1;
		rc = receive(conn);
		if (rc <= 0)
			return rc;
	}
}

/* --- the agent's socket --------------------------------------------------------------------- */

#define SOCKET_NAME "ternd.sock"
#define LOCK_NAME   "ternd.lock"

/* A path that is too long for an address is reached through an open descriptor of its folder
 * (*DIR_FD, to be closed after use; -1 when none was needed). */
static int fill_address(struct sockaddr_un *addr, int *dir_fd, struct err *err)
{
	char *dir = path_dir(PATH_RUNTIME), *path = path_join(dir, SOCKET_NAME);
	int rc = 0;

	*dir_fd = -1;
	memset(addr, 0, sizeof *addr);
	addr->sun_family = AF_UNIX;
	if (strlen(path) < sizeof addr->sun_path) {
		memcpy(addr->sun_path, path, strlen(path) + 1);
	} else {
		*dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		snprintf(addr->sun_path, sizeof addr->sun_path, "/proc/self/fd/%d/" SOCKET_NAME,
			 *dir_fd);
		rc = *dir_fd < 0 ? err_errno(err, _("opening the folder \"%s\""), dir) : 0;
	}
	free(path);
	free(dir);
	return rc;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int write_pid(int fd)
{
	char text[32];
	int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	return ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)len, 0) != len ? -1 : 0;
}

int notice_lock(struct err *err)
{
	char *dir = path_dir(PATH_RUNTIME), *path = path_join(dir, LOCK_NAME);
	int fd = -1;

	if (path_make_dirs(dir, err) < 0)
		goto out;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err_errno(err, _("opening \"%s\""), path);
		goto out;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && write_pid(fd) == 0)
		goto out;
	if (errno == EWOULDBLOCK)
		err_set_kind(err, ERR_EXISTS, _("an agent is running here already"));
	else
		err_errno(err, _("locking \"%s\""), path);
	close(fd);
	fd = -1;
out:
	free(path);
	free(dir);
	return fd;
}

int notice_listen(struct err *err)
{
	char *dir = path_dir(PATH_RUNTIME);
	struct sockaddr_un addr;
	int dir_fd, fd = -1, rc = path_make_dirs(dir, err);

	free(dir);
	if (rc < 0 || fill_address(&addr, &dir_fd, err) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || fchmod(fd, 0600) < 0 || (unlink(addr.sun_path) < 0 && errno != ENOENT) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(fd, BACKLOG) < 0) {
		err_errno(err, _("opening the agent's socket"));
		close_if_open(fd);
		fd = -1;
	}
	close_if_open(dir_fd);
	return fd;
}

static bool is_same_user(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	return peer.uid == geteuid() || peer.uid == 0;
}

int notice_accept(int listener)
{
	int fd;

	do
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (fd < 0 && errno == EINTR);
	if (fd >= 0 && !is_same_user(fd)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The agent that answers must be ours too: the runtime directory may lie in /tmp. */
static int connect_fd(struct err *err)
{
	struct sockaddr_un addr;
	int dir_fd, fd;

	if (fill_address(&addr, &dir_fd, err) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof addr) < 0) {
		err_errno(err, _("no agent answers"));
		close_if_open(fd);
		fd = -1;
	} else if (!is_same_user(fd)) {
		err_set_kind(err, ERR_DENIED, _("the agent's socket belongs to somebody else"));
		close(fd);
		fd = -1;
	}
	close_if_open(dir_fd);
	return fd;
}

struct notice_conn *notice_connect(struct err *err)
{
	int fd = connect_fd(err);

	return fd < 0 ? NULL : notice_conn_new(fd);
}

static int try_ring(const char *account, int64_t code, struct err *err)
{
	struct notice_conn *conn = notice_connect(err);
	struct notice ring = {.kind = NOTICE_RING, .code = code};

	if (!conn)
		return -1;
	snprintf(ring.account, sizeof ring.account, "%s", account);
	notice_send(conn, &ring);
	notice_conn_free(&conn);
	return 0;
}

void notice_ring(const char *account)
{
	try_ring(account, 0, NULL);
}

void notice_try_again(const char *account)
{
	try_ring(account, RING_TRY_AGAIN, NULL);
}

/* --- connect, start the agent where there is none --------------------------------------------- */

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int notice_wait(struct notice_conn *conn, int timeout_ms, struct notice *notice)
{
	int64_t until = now_ms() + timeout_ms;

	for (;;) {
		struct pollfd poll_fd = {conn->fd, POLLIN, 0};
		int64_t left = until - now_ms();
		int rc = notice_read(conn, notice);

		if (rc != 0)
			return rc;
		if (timeout_ms >= 0 && left <= 0)
			return 0;
		if (notice_wants_write(conn))
			poll_fd.events |= POLLOUT;
		poll(&poll_fd, 1, timeout_ms < 0 ? -1 : (int)left);
		if (poll_fd.revents & POLLOUT)
			notice_flush(conn);
	}
}

/* "ternd 0.1": is that less than ours? */
static bool is_older(const char *hello)
{
	const char *version = strchr(hello, ' ');

	return version && strverscmp(version + 1, PACKAGE_VERSION) < 0;
}

/* False when the agent at the other end is none that we can talk to: an older one is asked to end.
 * One that is slow to greet is an agent all the same. */
static bool greet(struct notice_conn *conn, int timeout_ms)
{
	const struct notice quit = {.kind = NOTICE_QUIT};
	struct notice hello;
	int rc = notice_wait(conn, timeout_ms, &hello);

	if (rc <= 0)
		return rc == 0;
	if (hello.kind != NOTICE_HELLO || !is_older(hello.text))
		return true;
	notice_send(conn, &quit);
	while (notice_wait(conn, timeout_ms, &hello) > 0)
		;
	return false;
}

/* The program puts itself into the background; what we start ends at once. */
static pid_t start_agent(struct err *err)
{
	char *program = child_own_program("ternd");
	const char *const argv[] = {program, NULL};
	struct child_setup setup = CHILD_SETUP_INIT;
	struct child child;
	int rc;

	setup.out = setup.err = CHILD_NULL;
	rc = child_start(&child, argv, &setup, err);
	free(program);
	return rc < 0 ? -1 : child.pid;
}

static void pause_ms(long ms)
{
	const struct timespec ts = {0, ms * 1000000};

	nanosleep(&ts, NULL);
}

/* One try: the connection, or NULL with ERR told. */
static struct notice_conn *connect_greeted(int64_t until, struct err *err)
{
	struct notice_conn *conn = notice_connect(err);
	int64_t left = until - now_ms();

	if (conn && !greet(conn, left > 0 ? (int)left : 0)) {
		notice_conn_free(&conn);
		err_set_kind(err, ERR_TEMPORARY, _("the agent (ternd) is just ending"));
	}
	return conn;
}

static struct notice_conn *connect_until(int64_t until, struct err *err)
{
	struct notice_conn *conn;

	while (!(conn = connect_greeted(until, err))) {
		if (now_ms() >= until) {
			err_set_kind(err, ERR_TEMPORARY,
				     _("the agent (ternd) does not answer yet"));
			break;
		}
		pause_ms(RETRY_MS);
	}
	return conn;
}

struct notice_conn *notice_connect_or_start(int timeout_ms, struct err *err)
{
	int64_t until = now_ms() + timeout_ms;
	struct err why = ERR_INIT;
	struct notice_conn *conn = connect_greeted(until, &why);
	pid_t starter;

	if (conn)
		return conn;
	if (why.kind == ERR_DENIED) {
		err_set_kind(err, why.kind, "%s", why.text);
		return NULL;
	}
	starter = start_agent(err);
	if (starter < 0)
		return NULL;
	conn = connect_until(until, err);
	waitpid(starter, NULL, WNOHANG);
	return conn;
}

int notice_ring_or_start(const char *account, struct err *err)
{
	struct err why = ERR_INIT;

	if (try_ring(account, 0, &why) == 0)
		return 0;
	if (why.kind == ERR_DENIED)
		return err_set_kind(err, why.kind, "%s", why.text);
	return start_agent(err) < 0 ? -1 : 0;
}
