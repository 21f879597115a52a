#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "ui/command/app.h"
#include "ui/command/app_main.h"
#include "ui/command/command.h"
#include "ui/screen/term.h"

/* A program that has the terminal for a while. */
struct away {
	struct app *app;
	char *name;
	bool wait;
	int code;
	struct loop_fd *enter;
	void (*done)(struct app *, int, void *);
	void *arg;
};

static void come_back(struct away *away)
{
	struct app *app = away->app;
	struct err err = ERR_INIT;
	unsigned complaints = app->complaints;

	app->is_away = false;
	if (app->term) {
		term_resume(app->term);
		app_listen_keys(app);
	}
	if (away->done) {
		away->done(app, away->code, away->arg);
	} else if (away->code) {
		err_set(&err, _("\"%s\" ended with exit code %d"), away->name, away->code);
		app_complain(app, &err);
	}
	if (app->complaints != complaints)
		command_forget_parked(app);
	else if (command_resume(app, &err) < 0)
		app_complain(app, &err);
	app_dirty(app);
	free(away->name);
	free(away);
}

static void enter_pressed(void *arg, short revents)
{
	struct away *away = arg;
	char drain[256];

	(void)revents;
	if (read(STDIN_FILENO, drain, sizeof drain) < 0)
		drain[0] = 0;
	loop_remove_fd(away->app->loop, &away->enter);
	come_back(away);
}

static void ended(void *arg, pid_t pid, int status)
{
	struct away *away = arg;

	(void)pid;
	away->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (!away->wait || !away->app->term) {
		come_back(away);
		return;
	}
	term_say(STDOUT_FILENO, _("\nEnter goes back to Tern "));
	away->enter = loop_add_fd(away->app->loop, "wait for Enter", STDIN_FILENO, POLLIN,
				  enter_pressed, away);
}

/* The bytes as a file without a name: a child may read them as slowly as it likes. */
static int input_file(const char *input, size_t len, struct err *err)
{
	int fd = memfd_create("tern", MFD_CLOEXEC);

	if (fd < 0)
		return err_errno(err, _("making room for the text"));
	if (file_write_fd(fd, input, len, err) < 0 || lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* IN as in struct child_setup; a descriptor stays the caller's. */
static int run(struct app *app, const char *const *argv, int in, const struct away *plan,
	       struct err *err)
{
	struct child_setup setup = CHILD_SETUP_INIT;
	struct child child;
	struct away *away;

	setup.in = in;
	setup.out = setup.err = CHILD_INHERIT;
	if (app->term) {
		app_leave_keys(app);
		term_suspend(app->term);
	}
	if (child_start(&child, argv, &setup, err) < 0) {
		if (app->term) {
			term_resume(app->term);
			app_listen_keys(app);
		}
		return -1;
	}
	away = mem_alloc(sizeof *away);
	*away = *plan;
	away->app = app;
	away->name = mem_strdup(argv[0]);
	app->is_away = true;
	loop_add_child(app->loop, "a program on the terminal", child.pid, ended, away);
	return 0;
}

int app_run_program_then(struct app *app, const char *const *argv, const char *input, size_t len,
			 bool wait, void (*done)(struct app *, int, void *), void *arg,
			 struct err *err)
{
	struct away plan = {.wait = wait, .done = done, .arg = arg};
	int in = input ? input_file(input, len, err) : CHILD_INHERIT;
	int result;

	if (input && in < 0)
		return -1;
	result = run(app, argv, in, &plan, err);
	if (input)
		close(in);
	return result;
}

int app_run_program_fd(struct app *app, const char *const *argv, int fd, bool wait, struct err *err)
{
	struct away plan = {.wait = wait};

	return run(app, argv, fd, &plan, err);
}

int app_run_program(struct app *app, const char *const *argv, const char *input, size_t len,
		    bool wait, struct err *err)
{
	return app_run_program_then(app, argv, input, len, wait, NULL, NULL, err);
}

void app_suspend(struct app *app)
{
	if (!app->term)
		return;
	term_stop(app->term);
	app_dirty(app);
}
