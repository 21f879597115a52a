#include "config.h"
#include "store/base/flusher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"

struct flusher {
	char *path;
	int folder;
	pid_t child; /* 0: none was started */
	int fd;	     /* to the child: a byte asks, its errno comes back; -1 */
	bool is_asked;
};

/* 0, or errno. */
static int flush(const struct flusher *flusher)
{
	return syncfs(flusher->folder) < 0 ? errno : 0;
}

/* A lock is held, and a connection stands, as long as anybody has it open. */
static void keep_only(int fd, int other)
{
	int low = fd < other ? fd : other, high = fd < other ? other : fd;

	close_range(3, (unsigned)low - 1, 0);
	close_range((unsigned)low + 1, (unsigned)high - 1, 0);
	close_range((unsigned)high + 1, ~0U, 0);
}

static void serve(const struct flusher *flusher, int fd, pid_t parent)
{
	char ask;

	keep_only(fd, flusher->folder);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	while (read(fd, &ask, 1) == 1) {
		int failed = flush(flusher);

		if (send(fd, &failed, sizeof failed, MSG_NOSIGNAL) != (ssize_t)sizeof failed)
			break;
	}
	_exit(0);
}

static void start(struct flusher *flusher)
{
	pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return;
	flusher->child = fork();
	if (flusher->child == 0) {
		close(ends[0]);
		serve(flusher, ends[1], parent);
	}
	close(ends[1]);
	flusher->fd = ends[0];
}

static void leave_child(struct flusher *flusher)
{
	if (flusher->fd >= 0)
		close(flusher->fd);
	flusher->fd = -1;
}

struct flusher *flusher_new(const char *path)
{
	struct flusher *flusher = mem_alloc(sizeof *flusher);

	flusher->path = mem_strdup(path);
	flusher->folder = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	flusher->fd = -1;
	return flusher;
}

bool flusher_is_asked(const struct flusher *flusher)
{
	return flusher->is_asked;
}

void flusher_ask(struct flusher *flusher)
{
	if (!flusher->child && flusher->folder >= 0)
		start(flusher);
	if (flusher->fd >= 0 && send(flusher->fd, "", 1, MSG_NOSIGNAL) != 1)
		leave_child(flusher);
	flusher->is_asked = true;
}

/* False: it has died, and nobody knows how far it came. */
static bool take_answer(struct flusher *flusher, int *failed)
{
	ssize_t n = -1;

	while (flusher->fd >= 0 && (n = recv(flusher->fd, failed, sizeof *failed, MSG_WAITALL)) < 0 && errno == EINTR)
		;
	if (n == (ssize_t)sizeof *failed)
		return true;
	leave_child(flusher);
	return false;
}

static int tell(const struct flusher *flusher, int failed, struct err *err)
{
	errno = failed;
	return failed ? err_errno(err, _("writing the mail of \"%s\" to disk"), flusher->path) : 0;
}

int flusher_wait(struct flusher *flusher, struct err *err)
{
	int failed = 0;

	if (!flusher->is_asked)
		return 0;
	flusher->is_asked = false;
	return take_answer(flusher, &failed) ? tell(flusher, failed, err) : flusher_now(flusher, err);
}

int flusher_now(struct flusher *flusher, struct err *err)
{
	return tell(flusher, flush(flusher), err);
}

void flusher_free(struct flusher **flusher)
{
	struct flusher *old = *flusher;

	if (!old)
		return;
	leave_child(old);
	while (old->child > 0 && waitpid(old->child, NULL, 0) < 0 && errno == EINTR)
		;
	if (old->folder >= 0)
		close(old->folder);
	free(old->path);
	free(old);
	*flusher = NULL;
}
