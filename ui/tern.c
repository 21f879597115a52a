/* tern: the screen, and with a first word the commands without one. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>

#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "ui/shell/shell.h"

#define EXIT_USAGE 2

static int print_help(void)
{
	struct buf out = BUF_INIT;
	int rc;

	buf_add_str(&out, _("Usage: tern [-f PATH] [-R]\n"
			    "       tern COMMAND [ARGUMENT...]\n\n"
			    "  -f, --folder PATH  open a Maildir or mbox as it lies\n"
			    "  -R, --read-only    change nothing\n"
			    "      --help         print this\n"
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

enum { OPTION_HELP = 256, OPTION_VERSION };

static const struct option options[] = {
    {"folder", required_argument, NULL, 'f'},
    {"read-only", no_argument, NULL, 'R'},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

int main(int argc, char **argv)
{
	int c;

	umask(077);
	i18n_start();
	if (argc > 1 && argv[1][0] != '-')
		return shell_run(argc - 1, argv + 1);
	while ((c = getopt_long(argc, argv, "f:R", options, NULL)) != -1) {
		if (c == OPTION_HELP)
			return print_help();
		if (c == OPTION_VERSION)
			return print_version();
		if (c == '?')
			return EXIT_USAGE;
	}
	return shell_usage(NULL, _("The screen is not made yet."));
}
