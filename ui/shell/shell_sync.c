#include "config.h"
#include "ui/shell/shell_sync.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/utf8.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"
#include "ui/shell/shell.h"
#include "ui/shell/shell_ask.h"

#define NAME	 "sync"
#define AGENT_MS 10000
#define CODE_LATER 75

static bool is_kept_here(const struct account *account)
{
	return account->kind != ACCOUNT_JMAP;
}

/* One line on stderr, written over by the next. */
static void print_progress(const struct notice *progress)
{
	struct buf line = BUF_INIT;

	if (!isatty(STDERR_FILENO))
		return;
	buf_add_str(&line, "\r");
	utf8_add_printable(&line, progress->account, strlen(progress->account));
	if (progress->total)
		buf_printf(&line, ": %lld / %lld", (long long)progress->done,
			   (long long)progress->total);
	buf_add_str(&line, progress->done < progress->total ? "   " : "   \n");
	file_write_fd(STDERR_FILENO, line.data, line.len, NULL);
	buf_free(&line);
}

/* Until the answer comes; one to an earlier question says nothing of now. */
static int wait_done(struct notice_conn *conn, const char *account, int64_t id, struct err *err)
{
	struct notice news;

	while (notice_wait(conn, -1, &news) > 0) {
		shell_ask(conn, &news);
		if (strcmp(news.account, account) != 0)
			continue;
		if (news.kind == NOTICE_PROGRESS)
			print_progress(&news);
		if (news.kind == NOTICE_SYNC_DONE && news.id >= id)
			return news.code == 0 ? 0
					      : err_set_kind(err,
							     news.code == CODE_LATER ? ERR_TEMPORARY
										     : ERR_FAILED,
							     "%s", news.text);
	}
	return err_set_kind(err, ERR_TEMPORARY, _("The agent (ternd) ended."));
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int shell_sync_account(struct notice_conn *conn, const struct account *account, struct err *err)
{
	struct notice sync = {.kind = NOTICE_SYNC, .id = now_us()};

	if (!is_kept_here(account))
		return err_set(err, _("Accounts of kind %s are not made yet."),
			       account_kind_name(account->kind));
	snprintf(sync.account, sizeof sync.account, "%s", account->name);
	notice_send(conn, &sync);
	return wait_done(conn, account->name, sync.id, err);
}

static int sync_all(struct notice_conn *conn, const struct account_list *list, const char *name)
{
	int code = 0;
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct err err = ERR_INIT;

		if (name ? strcmp(list->items[i].name, name) != 0 : !is_kept_here(&list->items[i]))
			continue;
		if (shell_sync_account(conn, &list->items[i], &err) < 0) {
			err_add(&err, "%s", list->items[i].name);
			code = shell_fail(NAME, &err);
		}
	}
	return code;
}

static int run(const char *name)
{
	struct account_list list = {.count = 0};
	struct err err = ERR_INIT;
	struct notice_conn *conn = NULL;
	int code;

	if (account_load(&list, &err) < 0)
		code = shell_fail(NAME, &err);
	else if (name && !account_find(&list, name))
		code = shell_usage(NAME, _("There is no account \"%s\"."), name);
	else if (!(conn = notice_connect_or_start(AGENT_MS, &err)))
		code = shell_fail(NAME, &err);
	else {
		shell_ask_open(conn);
		code = sync_all(conn, &list, name);
	}
	notice_conn_free(&conn);
	account_list_free(&list);
	return code;
}

int shell_sync(int argc, char **argv)
{
	static const struct option none[] = {{NULL, 0, NULL, 0}};

	if (shell_option(NAME, argc, argv, "", none, NULL) != -1)
		return 2;
	if (optind + 1 < argc)
		return shell_usage(NAME, _("One account at most."));
	return run(argv[optind]);
}
