#include "config.h"
#include "ui/shell/account_trust.h"

#include <getopt.h>
#include <stddef.h>

#include "store/base/i18n.h"
#include "store/notice/notice.h"
#include "ui/shell/account_worker.h"
#include "ui/shell/shell.h"

#define NAME	   "account"
#define EXIT_USAGE 2

static int take_line(void *arg, const struct notice *news)
{
	(void)arg;
	if (news->kind == NOTICE_PROGRESS)
		account_worker_tell(news->text);
	return 0;
}

int account_trust(int argc, char **argv)
{
	static const struct option options[] = {{"fingerprint", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
	struct account_worker worker = {.role = "trust", .job = "", .said = take_line};
	int c, code;

	optind = 1;
	while ((c = shell_option(NAME, argc, argv, "", options, NULL)) != -1) {
		if (c == '?')
			return EXIT_USAGE;
		worker.job = optarg;
	}
	if (optind + 1 != argc)
		return shell_usage(NAME, _("\"tern account trust\" wants one name."));
	worker.argument = argv[optind];
	code = account_worker_run(&worker);
	if (code == 0)
		notice_try_again(argv[optind]);
	return code;
}
