#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net/io/stream.h"
#include "net/protocol/imap_login.h"
#include "net/protocol/imap_structure.h"
#include "net/sync/imap.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/utf8.h"

/* All that a server says in one session, whatever it is told: signing in, then each operation once.
 * The seeds are what Dovecot and Cyrus said to these. */
#define UIDS_MAX 100

struct session {
	struct backend *backend;
	struct backend_state state;
	uint32_t uids[UIDS_MAX];
	size_t count;
	int64_t bytes;
	int open;
};

static int message(void *arg, const struct backend_message *m, struct err *err)
{
	(void)arg;
	(void)err;
	FUZZ_HOLDS(m->uid > 0);
	FUZZ_HOLDS(!m->keywords || (utf8_is_valid(m->keywords, strlen(m->keywords)) &&
				    !strpbrk(m->keywords, "\r\n\t")));
	FUZZ_HOLDS(m->header.len == 0 || m->header.data);
	return 0;
}

static int gone(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	(void)arg;
	(void)err;
	FUZZ_HOLDS(first > 0 && first <= last);
	return 0;
}

static int mailbox(void *arg, const struct backend_mailbox *m, struct err *err)
{
	(void)arg;
	(void)err;
	FUZZ_HOLDS(m->wire);
	FUZZ_HOLDS(!m->name || (*m->name && *m->name != '/' &&
				!strstr(m->name, "..") == !strstr(m->name, "..")));
	if (m->name)
		for (const char *level = m->name; level; level = strchr(level, '/')) {
			level += *level == '/';
			FUZZ_HOLDS(*level && *level != '/' && strcmp(level, ".") != 0 &&
				   strcmp(level, "..") != 0);
			FUZZ_HOLDS(strncmp(level, "../", 3) != 0 && strncmp(level, "./", 2) != 0);
		}
	return 0;
}

static int range(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct session *session = arg;

	(void)err;
	FUZZ_HOLDS(first > 0 && first <= last);
	FUZZ_HOLDS(session->count == 0 || session->uids[session->count - 1] < first);
	for (uint64_t uid = first; uid <= last && session->count < UIDS_MAX; uid++)
		session->uids[session->count++] = (uint32_t)uid;
	return 0;
}

static int pair(void *arg, uint32_t old_uid, uint32_t new_uid, uint32_t era, struct err *err)
{
	(void)new_uid;
	(void)era;
	(void)err;
	(void)arg;
	FUZZ_HOLDS(old_uid > 0);
	return 0;
}

static int begin(void *arg, uint32_t uid, int64_t size, struct err *err)
{
	struct session *session = arg;

	(void)err;
	FUZZ_HOLDS(uid > 0 && size >= 0 && !session->open);
	session->open = 1;
	session->bytes = size;
	return 0;
}

static int piece(void *arg, const char *data, size_t len, struct err *err)
{
	struct session *session = arg;

	(void)data;
	(void)err;
	session->bytes -= (int64_t)len;
	FUZZ_HOLDS(session->open && session->bytes >= 0);
	return 0;
}

static int end(void *arg, uint32_t uid, struct err *err)
{
	struct session *session = arg;

	(void)uid;
	(void)err;
	FUZZ_HOLDS(session->open && session->bytes == 0);
	session->open = 0;
	return 0;
}

static void take_uids(struct session *session)
{
	session->count = 0;
	session->backend->ops->uids(session->backend, 1, UINT32_MAX, range, session, NULL);
	session->open = 0;
}

static int section_piece(void *arg, size_t which, const char *data, size_t len, struct err *err)
{
	(void)arg;
	(void)data;
	(void)err;
	FUZZ_HOLDS(which < 3 && len < 1 << 30);
	return 0;
}

static void read_parts(struct session *session)
{
	static const char *const sections[] = {"HEADER", "1.MIME", "1"};
	const struct backend_ops *ops = session->backend->ops;
	struct arena *arena = arena_new();
	struct imap_structure tree;

	ops->structure(session->backend, 1, arena, &tree, NULL);
	ops->sections(session->backend, 1, sections, 3, section_piece, session, NULL);
	arena_free(&arena);
}

static void read_all(struct session *session)
{
	const struct backend_ops *ops = session->backend->ops;
	struct backend_visit visit = {message, gone, session};
	struct backend_sink sink = {begin, piece, end, session};

	take_uids(session);
	ops->headers(session->backend, session->uids, session->count, &visit, NULL);
	take_uids(session);
	ops->whole(session->backend, session->uids, session->count, &visit, &sink, NULL);
	session->open = 0;
	ops->part(session->backend, 1, "1", &sink, NULL);
	ops->flags(session->backend, 1, UINT32_MAX, 1, &visit, NULL);
}

static void change_all(struct session *session)
{
	const struct backend_ops *ops = session->backend->ops;
	struct backend_visit visit = {message, gone, session};
	int64_t used, limit;

	take_uids(session);
	ops->store(session->backend, session->uids, session->count, 1, 4, "work", "later", &visit,
		   NULL);
	take_uids(session);
	ops->copy(session->backend, session->uids, session->count, "Archive", pair, session, NULL);
	take_uids(session);
	ops->expunge(session->backend, session->uids, session->count < 1 ? 0 : 1, NULL);
	session->count = 0;
	ops->search(session->backend, "Subject", "x", range, session, NULL);
	imap_quota(session->backend, &used, &limit, NULL);
	ops->wait(session->backend, 1, NULL, NULL);
}

static void play(struct session *session)
{
	const struct backend_ops *ops = session->backend->ops;
	struct backend_visit visit = {message, gone, session};
	struct backend_state known;
	bool is_whole;

	ops->list(session->backend, mailbox, session, NULL);
	ops->select(session->backend, "INBOX", NULL, &visit, &session->state, &is_whole, NULL);
	read_all(session);
	known = session->state;
	ops->select(session->backend, "INBOX", &known, &visit, &session->state, &is_whole, NULL);
	change_all(session);
	read_parts(session);
}

static int password(void *arg, bool is_retry, struct buf *out, struct err *err)
{
	(void)arg;
	(void)is_retry;
	(void)err;
	buf_add_str(out, "alice-pw");
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct stream_options options = {
	    .host = "server.test", .tls = STREAM_PLAIN, .wake_fd = -1};
	static const struct imap_login login = {
	    .tls = STREAM_PLAIN, .user = "alice", .only = "PLAIN", .password = password};
	static const struct imap_options imap_options = {.wake_fd = -1};
	struct session session = {.count = 0};
	int in = memfd_create("said", MFD_CLOEXEC), out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct stream *stream;

	FUZZ_HOLDS(in >= 0 && out >= 0 && write(in, data, len) == (ssize_t)len &&
		   lseek(in, 0, SEEK_SET) == 0);
	stream = stream_open(in, out, &options, NULL);
	FUZZ_HOLDS(stream);
	session.backend = imap_open_stream(stream, &login, &imap_options, NULL);
	if (!session.backend)
		return 0;
	play(&session);
	session.backend->ops->close(session.backend);
	return 0;
}
