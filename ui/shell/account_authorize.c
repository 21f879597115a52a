#include "config.h"
#include "ui/shell/account_authorize.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/words.h"
#include "store/notice/notice.h"
#include "ui/shell/account_worker.h"
#include "ui/shell/shell.h"

#define NAME	   "account"
#define EXIT_USAGE 2
#define WORDS_MAX  20

/* The value of KEY in lines "key=value"; *VALUE is the caller's. */
static bool line_of(const char *text, const char *key, struct buf *value)
{
	struct span rest = span_of(text), line;

	while (span_split(&rest, '\n', &line) > 0) {
		size_t at = span_find(line, 0, '=');

		if (at < line.len && span_equal((struct span){line.data, at}, span_of(key))) {
			buf_add(value, line.data + at + 1, line.len - at - 1);
			return true;
		}
	}
	return false;
}

/* $BROWSER, else the desktop's. The address is one argument, never part of a command. */
static void open_browser(const char *url)
{
	struct child_setup setup = {.in = CHILD_NULL, .out = CHILD_NULL, .err = CHILD_NULL, .extra = -1};
	const char *browser = getenv("BROWSER"), *argv[WORDS_MAX + 2] = {NULL};
	bool has_desktop = getenv("DISPLAY") || getenv("WAYLAND_DISPLAY");
	char **words = words_split(browser && *browser ? browser : "xdg-open", NULL);
	struct child child;
	int count = 0;

	while (words && words[count] && count < WORDS_MAX) {
		argv[count] = words[count];
		count++;
	}
	argv[count] = url;
	if (count && ((browser && *browser) || has_desktop))
		child_start(&child, argv, &setup, NULL);
	free(words);
}

static int take_news(void *arg, const struct notice *news)
{
	struct buf url = BUF_INIT, code = BUF_INIT;

	(void)arg;
	if (news->kind == NOTICE_PROGRESS)
		account_worker_tell(news->text);
	if (news->kind == NOTICE_JOB && line_of(news->text, "url", &url)) {
		account_worker_tell(_("Open this address in a browser, and sign in:"));
		account_worker_tell(buf_str(&url));
		if (line_of(news->text, "code", &code)) {
			account_worker_tell(_("Type this code there:"));
			account_worker_tell(buf_str(&code));
		} else {
			open_browser(buf_str(&url));
		}
	}
	buf_free(&url);
	buf_free(&code);
	return 0;
}

int account_authorize(int argc, char **argv)
{
	static const struct option options[] = {{"device", no_argument, NULL, 'd'}, {NULL, 0, NULL, 0}};
	struct account_worker worker = {.role = "authorize", .job = "browser", .said = take_news};
	int c, code;

	optind = 1;
	while ((c = shell_option(NAME, argc, argv, "", options, NULL)) != -1) {
		if (c == '?')
			return EXIT_USAGE;
		worker.job = "device";
	}
	if (optind + 1 != argc)
		return shell_usage(NAME, _("\"tern account authorize\" wants one name."));
	worker.argument = argv[optind];
	code = account_worker_run(&worker);
	if (code == 0) {
		notice_ring(argv[optind]);
		shell_say(NULL, _("\"%s\" is signed in."), argv[optind]);
	}
	return code;
}
