/* tern: the screen, and with a first word the commands without one. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/mail/account.h"
#include "store/mail/keeper.h"
#include "store/notice/notice.h"
#include "ui/command/app_main.h"
#include "ui/shell/shell.h"

#define EXIT_USAGE 2
#define KEEPER_FD  3

static int print_help(void)
{
	struct buf out = BUF_INIT;
	int rc;

	buf_add_str(&out, _("Usage: tern [-f PATH] [-R]\n"
			    "       tern COMMAND [ARGUMENT...]\n\n"
			    "  -f, --folder PATH  open a Maildir, an mbox or a letter as it lies\n"
			    "  -R, --read-only    change nothing\n"
			    "  -h, --help         print this\n"
			    "      --version      print the version\n\n"
			    "Commands:\n"));
	shell_list(&out);
	rc = shell_print(&out);
	buf_free(&out);
	return rc;
}

static int print_version(void)
{
	struct buf out = BUF_INIT;
	int rc;

	buf_printf(&out, "%s\n", PACKAGE_STRING);
	rc = shell_print(&out);
	buf_free(&out);
	return rc;
}

static int print_tables(void)
{
	struct buf out = BUF_INIT;
	int rc;

	app_dump_tables(&out);
	rc = shell_print(&out);
	buf_free(&out);
	return rc;
}

static int open_screen(const struct app_setup *setup)
{
	struct err err = ERR_INIT;
	int code = app_main(setup, &err);

	return code < 0 ? shell_fail(NULL, &err) : code;
}

/* The child of "tern -f" that keeps the index of PATH; it talks to the screen on descriptor 3. */
static int keep(const struct app_setup *setup)
{
	struct err err = ERR_INIT;
	struct account *account = account_for_path(setup->path, setup->read_only);
	struct notice_conn *conn = notice_conn_new(KEEPER_FD);
	int code;

	log_open("tern");
	code = keeper_run(account, conn, &err) < 0 ? err_exit_code(&err) : 0;

	if (code)
		log_write(LOG_ERROR, "%s", err.text);
	notice_conn_free(&conn);
	account_free(&account);
	return code;
}

enum { OPTION_HELP = 256, OPTION_VERSION, OPTION_TABLES, OPTION_KEEPER };

static const struct option options[] = {
    {"folder", required_argument, NULL, 'f'},
    {"read-only", no_argument, NULL, 'R'},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"dump-tables", no_argument, NULL, OPTION_TABLES},
    {"keeper", required_argument, NULL, OPTION_KEEPER},
    {NULL, 0, NULL, 0},
};

int main(int argc, char **argv)
{
	struct app_setup setup = {.path = NULL};
	bool keeps = false;
	int c;

	umask(077);
	i18n_start();
	if (argc == 2 && strcmp(argv[1], "help") == 0)
		return print_help();
	if (argc > 1 && argv[1][0] != '-')
		return shell_run(argc - 1, argv + 1);
	while ((c = shell_option(NULL, argc, argv, "f:Rh", options, NULL)) != -1) {
		if (c == OPTION_HELP || c == 'h')
			return print_help();
		if (c == OPTION_VERSION)
			return print_version();
		if (c == OPTION_TABLES)
			return print_tables();
		if (c == '?')
			return EXIT_USAGE;
		if (c == 'f' || c == OPTION_KEEPER)
			setup.path = optarg;
		keeps |= c == OPTION_KEEPER;
		if (c == 'R')
			setup.read_only = true;
	}
	if (optind < argc)
		return shell_usage(NULL, _("\"%s\" is too much here; \"tern --help\" says what may stand"),
				   argv[optind]);
	return keeps ? keep(&setup) : open_screen(&setup);
}
