/* tern batch [-k] [-f PATH] [-R] FILE: command lines without a screen. */
#include "config.h"

#include <getopt.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "ui/command/app.h"
#include "ui/command/app_main.h"
#include "ui/command/ask.h"
#include "ui/command/command.h"
#include "ui/screen/term.h"
#include "ui/shell/shell.h"

#define BATCH_LIMIT (16 * 1024 * 1024)

/* Nobody is there to answer. */
static int refuse_question(struct app *app, struct err *err)
{
	app_cancel_question(app);
	return err_set_kind(err, ERR_USAGE, _("this command asks something; give it all its words"));
}

static void say_status(struct app *app)
{
	if (*app->status) {
		term_say(2, app->status);
		term_say(2, "\n");
	}
	app->status[0] = 0;
}

static int run_line(struct app *app, struct span line, struct err *err)
{
	struct buf text = BUF_INIT;
	int result;

	buf_add(&text, line.data, line.len);
	result = command_run_line(app, buf_str(&text), err);
	if (result == 0 && app->prompt)
		result = refuse_question(app, err);
	say_status(app);
	buf_free(&text);
	app_draw(app); /* as a screen would before the next key */
	return result;
}

static int run_lines(struct app *app, const char *name, struct span rest, bool go_on)
{
	struct span line;
	int number = 0, code = 0;

	while (!app->wants_quit && span_split(&rest, '\n', &line)) {
		struct err err = ERR_INIT;

		number++;
		line = span_trim(line);
		if (!line.len || line.data[0] == '#' || run_line(app, line, &err) == 0)
			continue;
		err_add(&err, "%s:%d", name, number);
		code = shell_fail("batch", &err);
		if (!go_on)
			break;
	}
	return code;
}

static int read_lines(const char *name, struct buf *text, struct err *err)
{
	if (strcmp(name, "-") == 0)
		return file_read_fd(0, text, BATCH_LIMIT, err);
	return file_read(name, text, BATCH_LIMIT, err);
}

static int batch(const struct app_setup *setup, const char *name, bool go_on)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct app *app = NULL;
	int code;

	if (read_lines(name, &text, &err) < 0 || !(app = app_new_batch(setup, &err)))
		code = shell_fail("batch", &err);
	else
		code = run_lines(app, name, (struct span){text.data, text.len}, go_on);
	if (app && app_finish_batch(app, &err) < 0)
		code = shell_fail("batch", &err);
	app_free(&app);
	buf_free(&text);
	return code;
}

int shell_batch(int argc, char **argv)
{
	static const struct option options[] = {
	    {"keep-going", no_argument, NULL, 'k'},
	    {"folder", required_argument, NULL, 'f'},
	    {"read-only", no_argument, NULL, 'R'},
	    {NULL, 0, NULL, 0},
	};
	struct app_setup setup = {.path = NULL};
	bool go_on = false;
	int c;

	while ((c = shell_option("batch", argc, argv, "kf:R", options, NULL)) != -1) {
		if (c == '?')
			return 2;
		if (c == 'k')
			go_on = true;
		if (c == 'f')
			setup.path = optarg;
		if (c == 'R')
			setup.read_only = true;
	}
	if (optind + 1 != argc)
		return shell_usage("batch", _("Usage: tern batch [-k] [-f PATH] [-R] FILE"));
	return batch(&setup, argv[optind], go_on);
}
