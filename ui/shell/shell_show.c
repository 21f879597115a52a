#include "config.h"
#include "ui/shell/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/render/boxes.h"
#include "ui/shell/save_parts.h"
#include "ui/shell/show_jobs.h"
#include "ui/shell/show_json.h"
#include "ui/shell/show_names.h"
#include "ui/shell/show_text.h"

/* --- the command -------------------------------------------------------------------------------
 */

struct show {
	bool as_json, is_null;
	const char *list; /* the file with the names, "-", or NULL */
	const char *part; /* this one alone, or NULL */
	const char *dir;  /* attachments go there, or NULL */
	size_t jobs;
	struct show_json json;
	bool is_behind; /* a letter was shown */
	int rc;
};

static void rest_view(void *view)
{
	file_view_rest(view);
}

static bool shows_text(const struct show *show)
{
	return !show->as_json && !show->part && !show->dir;
}

/* Between two letters. */
static void show_blank(struct show *show)
{
	struct buf line = BUF_INIT;

	buf_add_char(&line, '\n');
	show->json.rc |= shell_print(&line);
	buf_free(&line);
}

static void show_parts(struct show *show, struct mime_message *message)
{
	struct err err = ERR_INIT;
	int rc;

	rc = show->part ? save_parts_print(message, show->part, &err)
			: save_parts_into(message, show->dir, &err);
	if (rc < 0)
		show->rc = shell_fail("show", &err);
}

static void show_message(struct show *show, const char *file, const struct file_view *view)
{
	struct mime_rest rest = {rest_view, (void *)view};
	struct mime_message *message = mime_parse_resting(view->data, view->len, NULL, rest);

	if (!show->as_json)
		boxes_open(message, NULL);
	if (show->part || show->dir)
		show_parts(show, message);
	else if (show->as_json)
		show_json_message(&show->json, file, message);
	else
		show->json.rc |= show_text_message(message);
	mime_free(&message);
}

static void show_failure(struct show *show, const char *file, const struct err *err)
{
	show->rc = 1;
	if (show->as_json)
		show_json_error(&show->json, file, err);
	else
		shell_fail("show", err);
}

static void show_file(struct show *show, const char *file)
{
	struct file_view view;
	struct err err = ERR_INIT;
	int rc;

	if (show->is_behind && shows_text(show))
		show_blank(show);
	show->is_behind = true;
	rc = !show->list && strcmp(file, "-") == 0 ? file_view_open_fd(&view, STDIN_FILENO, &err)
						   : file_view_open(&view, file, &err);
	if (rc < 0) {
		show_failure(show, file, &err);
		return;
	}
	show_message(show, file, &view);
	file_view_close(&view);
}

/* COUNT names, each ended by NUL. */
static int show_chunk(void *arg, const struct buf *chunk, size_t count)
{
	struct show *show = arg;
	const char *file = buf_str(chunk);

	for (; count && !show->json.rc; count--, file += strlen(file) + 1)
		show_file(show, file);
	show_json_flush(&show->json);
	return show->json.rc;
}

static int show_names(struct show *show, struct show_names *names)
{
	struct show_jobs jobs = {.count = show->jobs, .work = show_chunk, .arg = show};
	struct err err = ERR_INIT;
	int rc;

	show_json_init(&show->json);
	rc = show_jobs_run(&jobs, names, &err);
	if (rc == 0 && names->error) {
		errno = names->error;
		rc = err_errno(&err, _("reading the list of files"));
	}
	show_json_free(&show->json);
	return rc < 0 ? shell_fail("show", &err) : rc | show->rc;
}

static int show_arguments(struct show *show, char **argv)
{
	struct show_names names = {.argv = argv};

	if (!show->as_json || !show_names_can_travel(argv))
		show->jobs = 1;
	return show_names(show, &names);
}

static int show_list(struct show *show)
{
	struct show_names names;
	struct err err = ERR_INIT;
	int rc, fd = STDIN_FILENO;

	if (strcmp(show->list, "-") != 0)
		fd = open(show->list, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_errno(&err, _("opening \"%s\""), show->list);
		return shell_fail("show", &err);
	}
	show_names_of_list(&names, fd, show->is_null ? '\0' : '\n');
	rc = show_names(show, &names);
	show_names_free(&names);
	if (fd != STDIN_FILENO)
		close(fd);
	return rc;
}

static int take_jobs(struct show *show, const char *text)
{
	long long count;

	if (str_to_long(text, &count) < 0 || count < 1)
		return shell_usage("show", _("\"%s\" is no number of processes."), text);
	show->jobs = (size_t)count;
	return 0;
}

static int take_options(struct show *show, int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"files-from", required_argument, NULL, 'f'},
						{"null", no_argument, NULL, '0'},
						{"jobs", required_argument, NULL, 'J'},
						{"part", required_argument, NULL, 'p'},
						{"save", required_argument, NULL, 's'},
						{NULL, 0, NULL, 0}};
	int c, rc = 0;

	while (rc == 0 && (c = shell_option(argv[0], argc, argv, "j0", options, NULL)) != -1) {
		if (c == 'j')
			show->as_json = true;
		else if (c == 'f')
			show->list = optarg;
		else if (c == 'p')
			show->part = optarg;
		else if (c == 's')
			show->dir = optarg;
		else if (c == '0')
			show->is_null = true;
		else
			rc = c == 'J' ? take_jobs(show, optarg) : 2;
	}
	return rc;
}

int shell_show(int argc, char **argv)
{
	struct show show = {.jobs = show_jobs_default()};
	int rc = take_options(&show, argc, argv);

	if (rc != 0)
		return rc;
	if (show.as_json + !!show.part + !!show.dir > 1)
		return shell_usage(argv[0], _("--json, --part and --save do not go together."));
	if (show.list && optind < argc)
		return shell_usage(argv[0], _("Name files or a list of them, not both."));
	if (show.list)
		return show_list(&show);
	if (optind == argc)
		return shell_usage(argv[0], _("Name one file or more (\"-\" for standard input)."));
	return show_arguments(&show, argv + optind);
}
