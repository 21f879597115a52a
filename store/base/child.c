#include "config.h"
#include "store/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"

struct plan {
	int fd[3];   /* what becomes 0, 1, 2 */
	int ours[3]; /* our ends of pipes, or -1 */
	int extra;
	int report[2]; /* the child writes errno here when exec fails */
};

static int open_end(struct plan *plan, int which, int wish)
{
	int ends[2];

	plan->ours[which] = -1;
	if (wish == CHILD_INHERIT)
		return plan->fd[which] = fcntl(which, F_DUPFD_CLOEXEC, 10);
	if (wish == CHILD_NULL)
		return plan->fd[which] = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (wish != CHILD_PIPE)
		return plan->fd[which] = fcntl(wish, F_DUPFD_CLOEXEC, 10);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	plan->ours[which] = ends[which == 0 ? 1 : 0];
	return plan->fd[which] = ends[which == 0 ? 0 : 1];
}

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_plan(struct plan *plan, int with_ours)
{
	int i;

	for (i = 0; i < 3; i++) {
		close_if_open(&plan->fd[i]);
		if (with_ours)
			close_if_open(&plan->ours[i]);
	}
	close_if_open(&plan->extra);
	close_if_open(&plan->report[0]);
	close_if_open(&plan->report[1]);
}

static int make_plan(struct plan *plan, const struct child_setup *setup, struct err *err)
{
	const int wishes[3] = {setup->in, setup->out, setup->err};
	int i;

	*plan = (struct plan){{-1, -1, -1}, {-1, -1, -1}, -1, {-1, -1}};
	for (i = 0; i < 3; i++)
		if (open_end(plan, i, wishes[i]) < 0)
			goto failed;
	if (setup->extra >= 0)
		plan->extra = fcntl(setup->extra, F_DUPFD_CLOEXEC, 10);
	if (pipe2(plan->report, O_CLOEXEC) < 0)
		goto failed;
	return 0;
failed:
	err_errno(err, _("opening a pipe"));
	close_plan(plan, 1);
	return -1;
}

static void reset_signals(void)
{
	sigset_t none;
	int number;

	for (number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_from(int first, int keep)
{
	int fd, last = (int)sysconf(_SC_OPEN_MAX);

#ifdef HAVE_CLOSE_RANGE
	if (keep >= first) {
		if (keep > first)
			close_range((unsigned)first, (unsigned)keep - 1, 0);
		close_range((unsigned)keep + 1, ~0u, 0);
	} else {
		close_range((unsigned)first, ~0u, 0);
	}
	return;
#endif
	for (fd = first; fd < (last > 65536 ? 65536 : last); fd++)
		if (fd != keep)
			close(fd);
}

static void become(const struct plan *plan, const char *const *argv,
		   const struct child_setup *setup)
{
	const char *const *more;
	int i, report = fcntl(plan->report[1], F_DUPFD_CLOEXEC, 10);

	for (i = 0; i < 3; i++)
		dup2(plan->fd[i], i);
	if (plan->extra >= 0)
		dup2(plan->extra, 3);
	close_from(plan->extra >= 0 ? 4 : 3, report);
	reset_signals();
	for (more = setup->env_more; more && *more; more++)
		putenv((char *)*more);
	if (!setup->dir || chdir(setup->dir) == 0)
		execvp(argv[0], (char *const *)argv);
	i = errno;
	if (write(report, &i, sizeof i) < 0)
		_exit(126);
	_exit(127);
}

static int read_report(int fd)
{
	int number = 0;
	ssize_t n;

	do
		n = read(fd, &number, sizeof number);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof number ? number : 0;
}

int child_start(struct child *child, const char *const *argv, const struct child_setup *setup,
		struct err *err)
{
	struct plan plan;
	int number;

	*child = (struct child){-1, -1, -1, -1};
	if (make_plan(&plan, setup, err) < 0)
		return err_add(err, _("starting \"%s\""), argv[0]);
	child->pid = fork();
	if (child->pid == 0)
		become(&plan, argv, setup);
	if (child->pid < 0) {
		err_errno(err, _("starting \"%s\""), argv[0]);
		close_plan(&plan, 1);
		return -1;
	}
	close_if_open(&plan.report[1]);
	number = read_report(plan.report[0]);
	close_plan(&plan, number != 0);
	if (number) {
		waitpid(child->pid, NULL, 0);
		errno = number;
		return err_errno(err, _("starting \"%s\""), argv[0]);
	}
	child->in = plan.ours[0];
	child->out = plan.ours[1];
	child->err = plan.ours[2];
	return 0;
}

static void feed(struct child *child, const char **input, size_t *len)
{
	ssize_t n = *len ? write(child->in, *input, *len) : 0;

	if (n > 0) {
		*input += n;
		*len -= (size_t)n;
	}
	if (*len == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		close_if_open(&child->in);
}

static void drink(struct child *child, struct buf *out)
{
	char piece[65536];
	ssize_t n = read(child->out, piece, sizeof piece);

	if (n > 0 && out)
		buf_add(out, piece, (size_t)n);
	if (n == 0 || (n < 0 && errno != EINTR))
		close_if_open(&child->out);
}

static int wait_code(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int child_run(const char *const *argv, const void *input, size_t len, struct buf *out,
	      struct err *err)
{
	struct child_setup setup = CHILD_SETUP_INIT;
	struct child child;
	const char *at = input;
	void (*old)(int);

	setup.in = setup.out = CHILD_PIPE;
	if (child_start(&child, argv, &setup, err) < 0)
		return -1;
	old = signal(SIGPIPE, SIG_IGN);
	fcntl(child.in, F_SETFL, O_NONBLOCK);
	while (child.out >= 0) {
		struct pollfd fds[2] = {{child.out, POLLIN, 0}, {child.in, POLLOUT, 0}};

		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[1].revents)
			feed(&child, &at, &len);
		if (fds[0].revents)
			drink(&child, out);
	}
	close_if_open(&child.in);
	signal(SIGPIPE, old);
	return wait_code(child.pid);
}

/* In the build tree ui/tern.c becomes BUILD/tern, so all programs stand side by side there too. */
char *child_own_program(const char *name)
{
	char self[4096], *dir, *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n <= 0)
		return mem_strdup(name);
	self[n] = '\0';
	dir = path_parent(self);
	path = path_join(dir, name);
	free(dir);
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return mem_strdup(name);
}
