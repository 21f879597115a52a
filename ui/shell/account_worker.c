#include "config.h"
#include "ui/shell/account_worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/notice/notice.h"
#include "ui/shell/shell.h"
#include "ui/shell/shell_ask.h"

#define NAME "account"

static struct notice_conn *start(const struct account_worker *worker, struct child *child, struct err *err)
{
	char *program = child_own_program("ternd");
	const char *argv[] = {program, "--worker", worker->role, worker->argument, NULL};
	struct child_setup setup = CHILD_SETUP_INIT;
	int ends[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		free(program);
		err_errno(err, _("making a socket"));
		return NULL;
	}
	setup.extra = ends[1];
	rc = child_start(child, argv, &setup, err);
	free(program);
	close(ends[1]);
	if (rc == 0)
		return notice_conn_new(ends[0]);
	close(ends[0]);
	return NULL;
}

static void add_line(struct buf *line, const char *text)
{
	utf8_add_printable(line, text, strlen(text));
	buf_add_char(line, '\n');
}

int account_worker_print(const char *text)
{
	struct buf line = BUF_INIT;
	int rc;

	add_line(&line, text);
	rc = shell_print(&line);
	buf_free(&line);
	return rc;
}

void account_worker_tell(const char *text)
{
	struct buf line = BUF_INIT;

	add_line(&line, text);
	file_write_fd(STDERR_FILENO, line.data, line.len, NULL);
	buf_free(&line);
}

/* The child's exit is not the verdict: JOB_DONE is. */
static int take_end(struct account_worker *worker, const struct notice *done)
{
	snprintf(worker->account, sizeof worker->account, "%s", done->account);
	if (*done->text)
		shell_say(NAME, "%s", done->text);
	return (int)done->code;
}

/* As notice_wait without a limit. */
static int wait_for_news(struct notice_conn *conn, struct shell_quiet *quiet, struct notice *news)
{
	int rc;

	do {
		shell_quiet_look(quiet);
		rc = notice_wait(conn, quiet->tty < 0 ? -1 : SHELL_QUIET_LOOK_MS, news);
	} while (rc == 0 && quiet->tty >= 0);
	return rc;
}

static void answer(struct notice_conn *conn, struct shell_quiet *quiet, const struct notice *question)
{
	if (str_starts(question->text, "password "))
		shell_quiet_begin(quiet);
	if (!shell_ask(conn, question))
		shell_ask_nobody(conn, question);
}

static int listen_to(struct account_worker *worker, struct notice_conn *conn, struct shell_quiet *quiet,
		     struct err *err)
{
	struct notice news;

	while (wait_for_news(conn, quiet, &news) > 0) {
		int rc = 0;

		if (news.kind == NOTICE_JOB_DONE)
			return take_end(worker, &news);
		if (news.kind != NOTICE_ASK)
			rc = worker->said(worker->arg, &news);
		else
			answer(conn, quiet, &news);
		if (rc)
			return rc;
	}
	err_set(err, _("It ended before it was done."));
	return shell_fail(NAME, err);
}

int account_worker_run(struct account_worker *worker)
{
	struct notice job = {.kind = NOTICE_JOB};
	struct shell_quiet quiet = {.tty = -1};
	struct err err = ERR_INIT;
	struct child child;
	struct notice_conn *conn = start(worker, &child, &err);
	int code;

	if (!conn)
		return shell_fail(NAME, &err);
	snprintf(job.text, sizeof job.text, "%s", worker->job ? worker->job : "");
	if (worker->job)
		notice_send(conn, &job);
	code = listen_to(worker, conn, &quiet, &err);
	shell_quiet_end(&quiet);
	notice_conn_free(&conn);
	waitpid(child.pid, NULL, 0);
	return code;
}
