/* ternd: the agent. See ternd(8). */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/agent.h"
#include "net/tool.h"
#include "net/worker.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/path.h"
#include "store/notice/notice.h"

#define EXIT_USAGE  2
#define LOCK_NAP_MS 20
#define LOCK_MAX_MS 6000 /* an agent that is just ending holds the lock so long at most */

struct choice {
	bool is_foreground, wants_host;
	const char *port_file, *role;
};

static int print_help(void)
{
	fputs(_("Usage: ternd [--foreground] [--port-file FILE]\n\n"
		"  --foreground      stay in the foreground; the log goes to stderr too\n"
		"  --host            serve all people of this computer (comes later)\n"
		"  --port-file FILE  write a line \"service port\" for each open port\n"
		"  --help            print this\n"
		"  --version         print the version\n"),
	      stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}

/* --- readiness: the program in the foreground ends when the agent in the background can be reached
 * ------ */

static void report_ready(int fd)
{
	if (fd >= 0 && write(fd, "r", 1) < 0)
		log_write(LOG_DEBUG, "nobody waits for us");
	if (fd >= 0)
		close(fd);
}

static int wait_ready(int fd)
{
	char byte;
	ssize_t n;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? 0 : 1;
}

/* A relative TERN_HOME would be another place once the working directory is "/". */
static void leave_directory(void)
{
	char *home = getenv("TERN_HOME") ? path_absolute(getenv("TERN_HOME")) : NULL;

	if (home)
		setenv("TERN_HOME", home, 1);
	free(home);
	if (chdir("/") < 0)
		log_write(LOG_WARNING, "the root folder cannot be entered");
}

static void leave_terminal(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), i;

	for (i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

/* In the child 0, *READY set; in the parent its exit code + 1, or -1. */
static int go_to_background(int *ready, struct err *err)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(err, _("opening a pipe"));
	pid = fork();
	if (pid < 0)
		return err_errno(err, _("going into the background"));
	if (pid > 0) {
		close(ends[1]);
		return wait_ready(ends[0]) + 1;
	}
	close(ends[0]);
	*ready = ends[1];
	setsid();
	leave_directory();
	return 0;
}

/* --- one agent a home ---------------------------------------------------------------------------
 */

static bool somebody_answers(void)
{
	struct notice_conn *conn = notice_connect(NULL);
	bool is_there = conn != NULL;

	notice_conn_free(&conn);
	return is_there;
}

/* The lock; -1 with ERR_EXISTS when an agent is here and well. */
static int take_lock(struct err *err)
{
	int64_t until = loop_now_ms() + LOCK_MAX_MS;

	for (;;) {
		int fd = notice_lock(err);

		if (fd >= 0 || err->kind != ERR_EXISTS || somebody_answers() ||
		    loop_now_ms() >= until)
			return fd;
		poll(NULL, 0, LOCK_NAP_MS);
	}
}

/* Personal mode opens no ports: the file is there and empty, so that who waits for it goes on. */
static int write_ports(const char *path, struct err *err)
{
	return path ? file_replace(path, "", 0, err) : 0;
}

static int serve(const struct choice *choice, int ready, struct err *err)
{
	int lock = take_lock(err), listener, rc;

	if (lock < 0)
		return err->kind == ERR_EXISTS && !choice->is_foreground ? 0 : -1;
	listener = notice_listen(err);
	if (listener < 0 || write_ports(choice->port_file, err) < 0)
		return -1;
	if (choice->is_foreground)
		log_to_stderr();
	else
		leave_terminal();
	report_ready(ready);
	rc = agent_run(listener);
	close(lock);
	return rc;
}

static int run(const struct choice *choice)
{
	struct err err = ERR_INIT;
	int ready = -1, rc = 0;

	log_open("ternd");
	if (!choice->is_foreground)
		rc = go_to_background(&ready, &err);
	if (rc > 0)
		return rc - 1;
	if (rc == 0)
		rc = serve(choice, ready, &err);
	if (rc < 0) {
		log_write(LOG_ERROR, "%s", err.text);
		tool_say("ternd", "%s", err.text);
		return err_exit_code(&err);
	}
	report_ready(err.kind == ERR_EXISTS ? ready : -1);
	log_close();
	return rc;
}

enum {
	OPTION_FOREGROUND = 256,
	OPTION_HOST,
	OPTION_PORT_FILE,
	OPTION_WORKER,
	OPTION_HELP,
	OPTION_VERSION
};

static const struct option options[] = {
    {"foreground", no_argument, NULL, OPTION_FOREGROUND},
    {"host", no_argument, NULL, OPTION_HOST},
    {"port-file", required_argument, NULL, OPTION_PORT_FILE},
    {"worker", required_argument, NULL, OPTION_WORKER},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

/* -1: go on; else the exit code. */
static int read_option(int c, struct choice *choice)
{
	switch (c) {
	case OPTION_FOREGROUND:
		choice->is_foreground = true;
		return -1;
	case OPTION_HOST:
		choice->wants_host = true;
		return -1;
	case OPTION_PORT_FILE:
		choice->port_file = optarg;
		return -1;
	case OPTION_WORKER:
		choice->role = optarg;
		return -1;
	case OPTION_HELP:
		return print_help();
	case OPTION_VERSION:
		puts(PACKAGE_STRING);
		return 0;
	default:
		return EXIT_USAGE;
	}
}

int main(int argc, char **argv)
{
	struct choice choice = {.role = NULL};
	int c, rc;

	umask(077);
	i18n_start();
	while ((c = tool_option("ternd", argc, argv, "", options)) != -1) {
		rc = read_option(c, &choice);
		if (rc >= 0)
			return rc;
	}
	if (choice.role)
		return worker_main(choice.role, argv[optind]);
	if (choice.wants_host || optind < argc) {
		tool_say("ternd", "%s", choice.wants_host ? _("Host mode, for all people of a computer, comes later; "
					  "without --host ternd "
					  "works for you alone.")
				      : _("ternd takes no arguments, only options."));
		return EXIT_USAGE;
	}
	return run(&choice);
}
