#include "config.h"
#include "store/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"

#define NAP_MS 2

struct plan {
	int fd[3];   /* what becomes 0, 1, 2 */
	int ours[3]; /* our ends of pipes, or -1 */
	int extra;
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
}

static int make_plan(struct plan *plan, const struct child_setup *setup, struct err *err)
{
	const int wishes[3] = {setup->in, setup->out, setup->err};
	int i;

	*plan = (struct plan){{-1, -1, -1}, {-1, -1, -1}, -1};
	for (i = 0; i < 3; i++)
		if (open_end(plan, i, wishes[i]) < 0)
			goto failed;
	if (setup->extra >= 0)
		plan->extra = fcntl(setup->extra, F_DUPFD_CLOEXEC, 10);
	return 0;
failed:
	err_errno(err, _("opening a pipe"));
	close_plan(plan, 1);
	return -1;
}

/* All descriptors above those handed over are closed, whoever forgot to say so when it was opened. */
static void plan_files(const struct plan *plan, const struct child_setup *setup,
		       posix_spawn_file_actions_t *files)
{
	int i;

	for (i = 0; i < 3; i++)
		posix_spawn_file_actions_adddup2(files, plan->fd[i], i);
	if (plan->extra >= 0)
		posix_spawn_file_actions_adddup2(files, plan->extra, 3);
#ifdef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
	posix_spawn_file_actions_addclosefrom_np(files, plan->extra >= 0 ? 4 : 3);
#endif
	if (setup->dir)
		posix_spawn_file_actions_addchdir_np(files, setup->dir);
}

static void plan_signals(posix_spawnattr_t *attributes, bool has_own_group)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setflags(attributes, (short)(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
						     (has_own_group ? POSIX_SPAWN_SETPGROUP : 0)));
}

static size_t count_of(const char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

static bool is_named_in(const char *entry, const char *const *more)
{
	size_t len = strcspn(entry, "=");

	for (; more && *more; more++)
		if (strncmp(*more, entry, len) == 0 && (*more)[len] == '=')
			return true;
	return false;
}

/* Ours with MORE over it; free the array alone. */
static char **make_environment(const char *const *more)
{
	size_t own = count_of((const char *const *)environ), i, count = 0;
	char **list = mem_calloc(own + count_of(more) + 1, sizeof *list);

	for (i = 0; i < own; i++)
		if (!is_named_in(environ[i], more))
			list[count++] = environ[i];
	for (i = 0; more && more[i]; i++)
		list[count++] = (char *)more[i];
	return list;
}

/* posix_spawn: no copy of our memory map is made, so that a large program starts a child as fast as a
 * small one, inside a loop too; and that ARGV[0] cannot be executed is told at once. */
static int spawn(pid_t *pid, const struct plan *plan, const char *const *argv,
		 const struct child_setup *setup)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	char **environment = make_environment(setup->env_more);
	int number;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	plan_files(plan, setup, &files);
	plan_signals(&attributes, setup->has_own_group);
	number = posix_spawnp(pid, argv[0], &files, &attributes, (char *const *)argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	free(environment);
	return number;
}

int child_start(struct child *child, const char *const *argv, const struct child_setup *setup,
		struct err *err)
{
	struct plan plan;
	int number;

	*child = (struct child){-1, -1, -1, -1};
	if (make_plan(&plan, setup, err) < 0)
		return err_add(err, _("starting \"%s\""), argv[0]);
	number = spawn(&child->pid, &plan, argv, setup);
	close_plan(&plan, number != 0);
	if (number) {
		child->pid = -1;
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

static int code_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* How long a program may take. */
struct patience {
	int64_t until_ms; /* of the loop's clock, 0: without an end */
	const struct child_ear *ear;
	bool is_over; /* the ear said so: nothing more is heard */
};

static int left_ms(const struct patience *patience)
{
	int64_t now = loop_now_ms();

	if (!patience->until_ms)
		return -1;
	return patience->until_ms > now ? (int)(patience->until_ms - now) : 0;
}

static struct pollfd ear_of(const struct patience *patience)
{
	return (struct pollfd){patience->ear && !patience->is_over ? patience->ear->fd : -1, POLLIN, 0};
}

static void hear(struct patience *patience, const struct pollfd *ear)
{
	int64_t until_ms;

	if (!ear->revents || patience->ear->heard(patience->ear->arg) >= 0)
		return;
	patience->is_over = true;
	until_ms = loop_now_ms() + patience->ear->grace_ms;
	if (until_ms < patience->until_ms)
		patience->until_ms = until_ms;
}

/* -1: the time is over. */
static int wait_code(pid_t pid, struct patience *patience)
{
	int status;
	pid_t rc;

	while ((rc = waitpid(pid, &status, patience->until_ms ? WNOHANG : 0)) != pid) {
		struct pollfd ear = ear_of(patience);

		if (rc < 0 && errno != EINTR)
			return -1;
		if (rc == 0 && left_ms(patience) == 0)
			return -1;
		if (rc == 0 && poll(&ear, 1, NAP_MS) > 0)
			hear(patience, &ear);
	}
	return code_of(status);
}

/* Its input and output, until it ends the latter or the time is over. */
static void talk(struct child *child, const void *input, size_t len, struct buf *out, struct patience *patience)
{
	const char *at = input;

	fcntl(child->in, F_SETFL, O_NONBLOCK);
	while (child->out >= 0 && left_ms(patience) != 0) {
		struct pollfd fds[3] = {{child->out, POLLIN, 0}, {child->in, POLLOUT, 0}, ear_of(patience)};

		if (poll(fds, 3, left_ms(patience)) <= 0)
			continue;
		if (fds[1].revents)
			feed(child, &at, &len);
		if (fds[0].revents)
			drink(child, out);
		hear(patience, &fds[2]);
	}
	close_if_open(&child->in);
	close_if_open(&child->out);
}

static void end_group(pid_t pid)
{
	struct patience patience = {.until_ms = 0};

	kill(-pid, SIGKILL);
	wait_code(pid, &patience);
}

static int run(const char *const *argv, const struct child_setup *setup, const struct span *input, struct buf *out,
	       struct patience *patience, struct err *err)
{
	struct child child;
	void (*old)(int);
	int code;

	if (child_start(&child, argv, setup, err) < 0)
		return -1;
	old = signal(SIGPIPE, SIG_IGN);
	talk(&child, input->data, input->len, out, patience);
	signal(SIGPIPE, old);
	code = wait_code(child.pid, patience);
	if (code >= 0 || !patience->until_ms)
		return code;
	end_group(child.pid);
	if (patience->is_over)
		return err_set_kind(err, ERR_CANCELLED, _("It was cancelled."));
	return err_set_kind(err, ERR_TEMPORARY, _("\"%s\" did not end in its time, and was stopped."), argv[0]);
}

int child_run(const char *const *argv, const void *input, size_t len, struct buf *out,
	      struct err *err)
{
	struct child_setup setup = CHILD_SETUP_INIT;
	struct patience patience = {.until_ms = 0};

	setup.in = setup.out = CHILD_PIPE;
	return run(argv, &setup, &(struct span){input, len}, out, &patience, err);
}

int child_run_heard(int limit_s, const struct child_ear *ear, const char *const *argv, const void *input, size_t len,
		    struct buf *out, struct err *err)
{
	struct child_setup setup = CHILD_SETUP_INIT;
	struct patience patience = {.until_ms = loop_now_ms() + (int64_t)limit_s * 1000, .ear = ear};

	setup.in = setup.out = CHILD_PIPE;
	setup.has_own_group = true;
	return run(argv, &setup, &(struct span){input, len}, out, &patience, err);
}

int child_run_within(int limit_s, const char *const *argv, const void *input, size_t len, struct buf *out,
		     struct err *err)
{
	return child_run_heard(limit_s, NULL, argv, input, len, out, err);
}

/* PATH when it can be run, else NULL; takes PATH. */
static char *if_runs(char *path)
{
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* In the build tree ui/tern.c becomes BUILD/tern, so all programs stand side by side there too. */
char *child_own_program(const char *name)
{
	char self[4096], *dir, *path = NULL;
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n > 0) {
		self[n] = '\0';
		dir = path_parent(self);
		path = if_runs(path_join(dir, name));
		free(dir);
	}
	if (!path)
		path = if_runs(path_join(PKGLIBEXECDIR, name));
	return path ? path : mem_strdup(name);
}
