#include "config.h"
#include "ui/shell/account_check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/utf8.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"
#include "ui/shell/shell.h"
#include "ui/shell/shell_ask.h"

#define NAME "account"

static struct notice_conn *start(const char *account, struct child *child, struct err *err)
{
	char *program = child_own_program("ternd");
	const char *argv[] = {program, "--worker", "check", account, NULL};
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

static int print_line(const char *text)
{
	struct buf line = BUF_INIT;
	int rc;

	utf8_add_printable(&line, text, strlen(text));
	buf_add_char(&line, '\n');
	rc = shell_print(&line);
	buf_free(&line);
	return rc;
}

/* The child's exit is not the verdict: JOB_DONE is. */
static int listen_to(struct notice_conn *conn, struct err *err)
{
	struct notice news;

	while (notice_wait(conn, -1, &news) > 0) {
		if (news.kind == NOTICE_PROGRESS && print_line(news.text) != 0)
			return 1;
		if (news.kind == NOTICE_ASK && !shell_ask(conn, &news))
			shell_ask_nobody(conn, &news);
		if (news.kind == NOTICE_JOB_DONE)
			return (int)news.code;
	}
	err_set(err, _("The check ended before it was done."));
	return shell_fail(NAME, err);
}

static int check(const char *account)
{
	struct err err = ERR_INIT;
	struct child child;
	struct notice_conn *conn = start(account, &child, &err);
	int code;

	if (!conn)
		return shell_fail(NAME, &err);
	code = listen_to(conn, &err);
	notice_conn_free(&conn);
	waitpid(child.pid, NULL, 0);
	return code;
}

int account_check(int argc, char **argv)
{
	struct account_list list;
	struct err err = ERR_INIT;
	bool is_there;

	if (argc != 2)
		return shell_usage(NAME, _("\"tern account check\" wants one name."));
	if (account_load(&list, &err) < 0)
		return shell_fail(NAME, &err);
	is_there = account_find(&list, argv[1]) != NULL;
	account_list_free(&list);
	if (!is_there)
		return shell_usage(NAME, _("There is no account \"%s\"."), argv[1]);
	return check(argv[1]);
}
