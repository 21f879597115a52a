#include "config.h"
#include "ui/shell/account_find.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/notice/notice.h"
#include "ui/shell/account_options.h"
#include "ui/shell/account_worker.h"
#include "ui/shell/shell.h"

#define NAME	   "account"
#define EXIT_USAGE 2
#define JOB_MAX	   1000

/* "key=value" lines as the configuration has them. */
static int print_settings(const char *text)
{
	struct span rest = span_of(text), line;
	struct buf out = BUF_INIT;
	int rc;

	while (span_split(&rest, '\n', &line) > 0) {
		size_t at = span_find(line, 0, '=');

		if (at < line.len)
			buf_printf(&out, "%.*s = %.*s\n", (int)at, line.data, (int)(line.len - at - 1),
				   line.data + at + 1);
	}
	rc = shell_print(&out);
	buf_free(&out);
	return rc;
}

/* What was looked for is words, what was found is data. */
static int take_line(void *arg, const struct notice *news)
{
	const bool *prints = arg;

	if (news->kind == NOTICE_PROGRESS && news->done)
		account_worker_tell(news->text);
	if (news->kind == NOTICE_JOB && str_starts(news->text, "url=")) {
		account_worker_tell(_("Open this address in a browser, and sign in:"));
		account_worker_tell(news->text + strlen("url="));
		return 0;
	}
	if (news->kind == NOTICE_JOB && *prints)
		return print_settings(news->text);
	return 0;
}

static int run(const char *job, bool prints, char *account, size_t size)
{
	struct account_worker worker = {.role = "setup", .job = job, .said = take_line, .arg = &prints};
	int code;

	if (strlen(job) > JOB_MAX)
		return shell_usage(NAME, _("That is too much text for one account."));
	code = account_worker_run(&worker);
	snprintf(account, size, "%s", worker.account);
	return code;
}

int account_find_servers(int argc, char **argv)
{
	struct buf job = BUF_INIT;
	char account[64];
	int code;

	if (argc != 2)
		return shell_usage(NAME, _("\"tern account find\" wants one address."));
	buf_printf(&job, "address=%s\nfind=yes\n", argv[1]);
	code = run(buf_str(&job), true, account, sizeof account);
	buf_free(&job);
	return code;
}

/* --- set-up --------------------------------------------------------------------------------------- */

static const struct option own[] = {{"name", required_argument, NULL, 'n'},
				    {"address", required_argument, NULL, 'x'},
				    {"path", required_argument, NULL, 'x'},
				    {NULL, 0, NULL, 0}};

static int add_setting(struct buf *job, int c, const char *name)
{
	struct err err = ERR_INIT;
	char *value;

	if (c == 'n') {
		buf_printf(job, "name=%s\n", optarg);
		return 0;
	}
	if (c == 'x')
		return shell_usage(NAME, _("\"--%s\" is for \"tern account add\"."), name);
	if (c != ACCOUNT_OPTION)
		return EXIT_USAGE;
	value = account_options_value(name, optarg, &err);
	if (!value)
		return shell_usage(NAME, "%s", err.text);
	buf_printf(job, "%s=%s\n", name, value);
	free(value);
	return 0;
}

static int make_job(struct buf *job, const struct option *options, int argc, char **argv)
{
	int c, at = 0;

	optind = 1;
	while ((c = shell_option(NAME, argc, argv, "", options, &at)) != -1)
		if (add_setting(job, c, options[at].name) != 0)
			return EXIT_USAGE;
	if (optind + 1 != argc)
		return shell_usage(NAME, _("\"tern account set-up\" wants one address."));
	buf_printf(job, "address=%s\nasks-again=yes\n", argv[optind]);
	return 0;
}

int account_set_up(int argc, char **argv)
{
	struct option *options = account_options_new(own);
	struct buf job = BUF_INIT;
	char account[64];
	int code = make_job(&job, options, argc, argv);

	if (code == 0 && (code = run(buf_str(&job), false, account, sizeof account)) == 0) {
		notice_ring(account);
		shell_say(NULL, _("The account \"%s\" is made; its letters are on their way."), account);
	}
	buf_free(&job);
	free(options);
	return code;
}

int account_password(int argc, char **argv)
{
	bool prints = false;
	struct account_worker worker = {.role = "password", .said = take_line, .arg = &prints};
	int code;

	if (argc != 2)
		return shell_usage(NAME, _("\"tern account password\" wants one name."));
	worker.argument = argv[1];
	code = account_worker_run(&worker);
	if (code == 0) {
		notice_try_again(argv[1]);
		shell_say(NULL, _("The password is kept; \"tern account check %s\" tries it."), argv[1]);
	}
	return code;
}
