#include "config.h"
#include "net/supervisor.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/worker.h"
#include "store/base/array.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/notice/notice.h"

#define REST_FIRST_MS 1000
#define REST_LAST_MS  60000
#define HEALTHY_MS    60000 /* who lived so long did not crash at its start */
#define NAP_MS	      10

struct worker {
	struct supervisor *supervisor;
	const struct worker_role *role;
	pid_t pid;
	int64_t started_ms;
	struct notice_conn *conn; /* NULL: closed */
	struct loop_fd *entry;
	struct loop_timer *limit;
	struct worker_events events;
	void *arg;
};

struct supervisor {
	struct loop *loop;
	struct worker **workers;
	size_t count, cap;
};

struct supervisor *supervisor_new(struct loop *loop)
{
	struct supervisor *supervisor = mem_alloc(sizeof *supervisor);

	supervisor->loop = loop;
	return supervisor;
}

static void hang_up(struct worker *worker)
{
	loop_remove_fd(worker->supervisor->loop, &worker->entry);
	notice_conn_free(&worker->conn);
}

static void free_worker(struct worker *worker)
{
	hang_up(worker);
	if (worker->limit)
		loop_remove_timer(worker->supervisor->loop, &worker->limit);
	free(worker);
}

void supervisor_free(struct supervisor **supervisor)
{
	size_t i;

	if (!*supervisor)
		return;
	for (i = 0; i < (*supervisor)->count; i++)
		free_worker((*supervisor)->workers[i]);
	free((*supervisor)->workers);
	free(*supervisor);
	*supervisor = NULL;
}

/* --- what a worker says and how it ends ------------------------------------------------------- */

static void listen_to(struct worker *worker)
{
	struct notice notice;
	int rc = 0;

	while (worker->conn && (rc = notice_read(worker->conn, &notice)) > 0)
		worker->events.said(worker->arg, worker, &notice);
	if (worker->conn && rc < 0)
		hang_up(worker); /* its end is told by the kernel */
}

static void ready(void *arg, short revents)
{
	struct worker *worker = arg;

	if (revents & POLLOUT)
		notice_flush(worker->conn);
	listen_to(worker);
	if (worker->entry)
		loop_set_events(worker->entry,
				notice_wants_write(worker->conn) ? POLLIN | POLLOUT : POLLIN);
}

static void forget(struct supervisor *supervisor, const struct worker *worker)
{
	size_t i;

	for (i = 0; i < supervisor->count; i++)
		if (supervisor->workers[i] == worker) {
			supervisor->workers[i] = supervisor->workers[--supervisor->count];
			return;
		}
}

/* What it said before its end may still lie in the socket. */
static void exited(void *arg, pid_t pid, int status)
{
	struct worker *worker = arg;
	bool has_crashed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;

	if (has_crashed)
		log_write(LOG_ERROR, "worker %s [%ld] ended by %s %d", worker->role->name,
			  (long)pid, WIFEXITED(status) ? "exit status" : "signal",
			  WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	listen_to(worker);
	forget(worker->supervisor, worker);
	worker->events.ended(worker->arg, worker, has_crashed);
	free_worker(worker);
}

/* --- starting ------------------------------------------------------------------------------- */

static size_t count_of(const struct supervisor *supervisor, const struct worker_role *role)
{
	size_t i, count = 0;

	for (i = 0; i < supervisor->count; i++)
		count += supervisor->workers[i]->role == role;
	return count;
}

static pid_t start_process(const struct worker_role *role, const char *argument, int fd,
			   struct err *err)
{
	char *program = child_own_program("ternd");
	const char *const argv[] = {program, "--worker", role->name, argument, NULL};
	struct child_setup setup = CHILD_SETUP_INIT;
	struct child child;
	int rc;

	setup.out = CHILD_NULL;
	setup.extra = fd;
	rc = child_start(&child, argv, &setup, err);
	free(program);
	return rc < 0 ? -1 : child.pid;
}

static struct worker *add_worker(struct supervisor *supervisor, const struct worker_role *role,
				 pid_t pid, int fd)
{
	struct worker *worker = mem_alloc(sizeof *worker);

	worker->supervisor = supervisor;
	worker->role = role;
	worker->pid = pid;
	worker->started_ms = loop_now_ms();
	worker->conn = notice_conn_new(fd);
	worker->entry = loop_add_fd(supervisor->loop, "worker", fd, POLLIN, ready, worker);
	loop_add_child(supervisor->loop, "worker ended", pid, exited, worker);
	ARRAY_ROOM(supervisor->workers, supervisor->count, supervisor->cap);
	supervisor->workers[supervisor->count++] = worker;
	return worker;
}

struct worker *supervisor_start(struct supervisor *supervisor, const char *role_name,
				const char *argument, const struct worker_events *events, void *arg,
				struct err *err)
{
	const struct worker_role *role = worker_role(role_name);
	struct worker *worker;
	int ends[2];
	pid_t pid;

	if (count_of(supervisor, role) >= role->count_max) {
		err_set_kind(err, ERR_TEMPORARY, _("as many workers run as may"));
		return NULL;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		err_errno(err, _("opening a socket for a worker"));
		return NULL;
	}
	pid = start_process(role, argument, ends[1], err);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return NULL;
	}
	worker = add_worker(supervisor, role, pid, ends[0]);
	worker->events = *events;
	worker->arg = arg;
	return worker;
}

/* --- what is done with one -------------------------------------------------------------------- */

pid_t worker_pid(const struct worker *worker)
{
	return worker->pid;
}

int64_t worker_started_ms(const struct worker *worker)
{
	return worker->started_ms;
}

int worker_tell(struct worker *worker, const struct notice *notice)
{
	if (!worker->conn || notice_send(worker->conn, notice) < 0)
		return -1;
	if (notice_wants_write(worker->conn))
		loop_set_events(worker->entry, POLLIN | POLLOUT);
	return 0;
}

static void took_too_long(void *arg)
{
	struct worker *worker = arg;

	worker->limit = NULL;
	log_write(LOG_ERROR, "worker %s [%ld] takes too long", worker->role->name,
		  (long)worker->pid);
	worker_kill(worker);
}

void worker_set_busy(struct worker *worker, bool is_busy)
{
	struct loop *loop = worker->supervisor->loop;

	if (worker->limit)
		loop_remove_timer(loop, &worker->limit);
	if (is_busy && worker->role->job_s)
		worker->limit =
		    loop_add_timer(loop, "worker's time limit", (int64_t)worker->role->job_s * 1000,
				   took_too_long, worker);
}

/* Half a close: what it still says is heard. */
void worker_close(struct worker *worker)
{
	if (worker->conn)
		shutdown(notice_conn_fd(worker->conn), SHUT_WR);
}

void worker_kill(struct worker *worker)
{
	kill(worker->pid, SIGKILL);
}

/* --- the end -------------------------------------------------------------------------------- */

static void reap_ended(struct supervisor *supervisor)
{
	size_t i = 0;

	while (i < supervisor->count) {
		struct worker *worker = supervisor->workers[i];

		if (waitpid(worker->pid, NULL, WNOHANG) == 0) {
			i++;
			continue;
		}
		forget(supervisor, worker);
		free_worker(worker);
	}
}

void supervisor_stop(struct supervisor *supervisor, int limit_ms)
{
	int64_t until = loop_now_ms() + limit_ms;
	size_t i;

	for (i = 0; i < supervisor->count; i++) {
		worker_close(supervisor->workers[i]);
		if (!supervisor->workers[i]->role->ends_in_order)
			kill(supervisor->workers[i]->pid, SIGTERM);
	}
	for (;;) {
		reap_ended(supervisor);
		if (supervisor->count == 0 || loop_now_ms() >= until)
			break;
		poll(NULL, 0, NAP_MS);
	}
	for (i = 0; i < supervisor->count; i++) {
		worker_kill(supervisor->workers[i]);
		waitpid(supervisor->workers[i]->pid, NULL, 0);
	}
}

int64_t supervisor_rest_ms(int *failures, int64_t lived_ms)
{
	int64_t ms = REST_FIRST_MS;
	int i;

	if (lived_ms >= HEALTHY_MS)
		*failures = 0;
	for (i = 0; i < *failures && ms < REST_LAST_MS; i++)
		ms *= 2;
	++*failures;
	return ms < REST_LAST_MS ? ms : REST_LAST_MS;
}
