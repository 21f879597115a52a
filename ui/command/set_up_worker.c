#include "config.h"
#include "ui/command/set_up_worker.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"

struct set_up_worker {
	struct app *app;
	pid_t pid;
	struct notice_conn *conn;
	struct loop_fd *fd;
	void (*said)(void *arg, const struct notice *notice);
	void (*ended)(void *arg);
	void *arg;
	bool is_listening, is_stopped; /* stopped while it was listened to: freed behind that */
};

static void set_events(struct set_up_worker *worker)
{
	loop_set_events(worker->fd, notice_wants_write(worker->conn) ? POLLIN | POLLOUT : POLLIN);
}

static void hang_up(struct set_up_worker *worker)
{
	loop_remove_fd(worker->app->loop, &worker->fd);
	notice_conn_free(&worker->conn);
}

/* 0, or -1 when it is gone. */
static int take_news(struct set_up_worker *worker, short revents)
{
	struct notice notice;
	int rc = 0;

	if ((revents & POLLOUT) && notice_flush(worker->conn) < 0)
		return -1;
	while (!worker->is_stopped && (rc = notice_read(worker->conn, &notice)) > 0)
		worker->said(worker->arg, &notice);
	return rc;
}

static void ready(void *arg, short revents)
{
	struct set_up_worker *worker = arg;
	int rc;

	worker->is_listening = true;
	rc = take_news(worker, revents);
	worker->is_listening = false;
	if (worker->is_stopped) {
		free(worker);
		return;
	}
	if (rc == 0) {
		set_events(worker);
		return;
	}
	hang_up(worker);
	worker->ended(worker->arg);
}

/* Its last word was said over the socket. */
static void reaped(void *arg, pid_t pid, int status)
{
	(void)arg, (void)pid, (void)status;
}

static int start_program(struct child *child, int fd, struct err *err)
{
	char *program = child_own_program("ternd");
	const char *argv[] = {program, "--worker", "setup", NULL};
	struct child_setup setup = CHILD_SETUP_INIT;
	int rc;

	setup.extra = fd;
	setup.out = setup.err = CHILD_NULL;
	rc = child_start(child, argv, &setup, err);
	free(program);
	return rc;
}

struct set_up_worker *set_up_worker_start(struct app *app, const char *job,
					  void (*said)(void *arg, const struct notice *notice),
					  void (*ended)(void *arg), void *arg, struct err *err)
{
	struct notice first = {.kind = NOTICE_JOB};
	struct set_up_worker *worker;
	struct child child;
	int ends[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		err_errno(err, _("making a socket"));
		return NULL;
	}
	rc = start_program(&child, ends[1], err);
	close(ends[1]);
	if (rc < 0) {
		close(ends[0]);
		return NULL;
	}
	worker = mem_alloc(sizeof *worker);
	*worker = (struct set_up_worker){
	    .app = app, .pid = child.pid, .conn = notice_conn_new(ends[0]), .said = said, .ended = ended, .arg = arg};
	loop_add_child(app->loop, "set-up", child.pid, reaped, NULL);
	worker->fd = loop_add_fd(app->loop, "news of the set-up", ends[0], POLLIN, ready, worker);
	snprintf(first.text, sizeof first.text, "%s", job);
	notice_send(worker->conn, &first);
	set_events(worker);
	return worker;
}

void set_up_worker_answer(struct set_up_worker *worker, const struct notice *question, int code, const char *text)
{
	struct notice answer = {.kind = NOTICE_ANSWER, .id = question->id, .code = code};

	snprintf(answer.text, sizeof answer.text, "%s", text ? text : "");
	if (worker->conn) {
		notice_send(worker->conn, &answer);
		set_events(worker);
	}
	explicit_bzero(&answer, sizeof answer);
}

void set_up_worker_stop(struct set_up_worker **where)
{
	struct set_up_worker *worker = *where;

	if (!worker)
		return;
	*where = NULL;
	if (worker->conn) {
		kill(worker->pid, SIGKILL);
		hang_up(worker);
	}
	worker->is_stopped = true;
	if (!worker->is_listening)
		free(worker);
}
