#include "config.h"
#include "ui/command/background.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "ui/command/app.h"

#define WORDS_MAX 65536
#define ARGS_MAX  8

struct background {
	struct app *app;
	char *account, *done;
	struct buf said;
	struct loop_fd *entry;
	int fd;
};

static void hear(struct background *work)
{
	char piece[4096];
	ssize_t got;

	while ((got = read(work->fd, piece, sizeof piece)) > 0)
		if (work->said.len < WORDS_MAX)
			buf_add(&work->said, piece, (size_t)got);
}

static void ready(void *arg, short revents)
{
	struct background *work = arg;
	char piece[4096];
	ssize_t got = read(work->fd, piece, sizeof piece);

	(void)revents;
	if (got > 0 && work->said.len < WORDS_MAX)
		buf_add(&work->said, piece, (size_t)got);
	if (got <= 0)
		loop_remove_fd(work->app->loop, &work->entry);
}

/* "tern folder: There are ..." without who said it. */
static const char *sentence(struct background *work)
{
	char *text = (char *)buf_str(&work->said), *end;

	while (work->said.len && strchr("\r\n", text[work->said.len - 1]))
		buf_truncate(&work->said, work->said.len - 1);
	text = (char *)buf_str(&work->said);
	end = str_starts(text, "tern ") ? strstr(text, ": ") : NULL;
	return end ? end + 2 : text;
}

static int finish(struct background *work, bool is_good, struct err *err)
{
	struct app *app = work->app;
	int rc = 0;

	if (is_good)
		app_say(app, "%s", work->done);
	else
		rc = err_set(err, "%s", work->said.len ? sentence(work) : _("The program ended with an error."));
	app_ring(app, work->account);
	app_touched(app, work->account);
	buf_free(&work->said);
	free(work->account);
	free(work->done);
	free(work);
	return rc;
}

static void ended(void *arg, pid_t pid, int status)
{
	struct background *work = arg;
	struct app *app = work->app;
	struct err err = ERR_INIT;

	(void)pid;
	if (work->entry)
		hear(work);
	loop_remove_fd(app->loop, &work->entry);
	close(work->fd);
	if (finish(work, WIFEXITED(status) && WEXITSTATUS(status) == 0, &err) < 0)
		app_complain(app, &err);
}

static struct background *new_work(struct app *app, const char *account, const char *done)
{
	struct background *work = mem_alloc(sizeof *work);

	work->app = app;
	work->account = mem_strdup(account);
	work->done = mem_strdup(done);
	return work;
}

/* tern batch: the next command may need what this one does. */
static int wait_for(struct background *work, const struct child *child, struct err *err)
{
	int status = 0;

	hear(work);
	close(work->fd);
	waitpid(child->pid, &status, 0);
	return finish(work, WIFEXITED(status) && WEXITSTATUS(status) == 0, err);
}

int background_run(struct app *app, const char *const *args, const char *account, const char *done, struct err *err)
{
	struct child_setup setup = {.in = CHILD_NULL, .out = CHILD_NULL, .err = CHILD_PIPE, .extra = -1};
	char *program = child_own_program("tern");
	const char *argv[ARGS_MAX + 2] = {program};
	struct background *work;
	struct child child;
	int rc;

	for (size_t i = 0; i < ARGS_MAX && args[i]; i++)
		argv[i + 1] = args[i];
	rc = child_start(&child, argv, &setup, err);
	free(program);
	if (rc < 0)
		return -1;
	work = new_work(app, account, done);
	work->fd = child.err;
	if (!app->term)
		return wait_for(work, &child, err);
	work->entry = loop_add_fd(app->loop, "words of a program", child.err, POLLIN, ready, work);
	loop_add_child(app->loop, "a program in the background", child.pid, ended, work);
	return 0;
}

static void forgotten(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status;
}

int background_start(struct app *app, const char *const *argv, struct err *err)
{
	struct child_setup setup = {.in = CHILD_NULL, .out = CHILD_NULL, .err = CHILD_NULL, .extra = -1};
	struct child child;

	if (child_start(&child, argv, &setup, err) < 0)
		return -1;
	loop_add_child(app->loop, "a program of the person's", child.pid, forgotten, NULL);
	return 0;
}
