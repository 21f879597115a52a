#include "config.h"
#include "net/worker.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/check.h"
#include "net/setup/authorize.h"
#include "net/setup/forget.h"
#include "net/setup/password.h"
#include "net/setup/setup.h"
#include "net/setup/trust.h"
#include "net/sync/sync.h"
#include "net/sync/watch.h"
#include "net/transfer/attempt.h"
#include "store/base/array.h"
#include "store/base/log.h"
#include "store/notice/notice.h"

#define SOCKET_FD  3
#define EXIT_USAGE 2

static const struct worker_role roles[] = {
    {"attempt", attempt_run, 4, 3600, 256, true},
    {"authorize", authorize_run, 4, 0, 64, false},
    {"check", check_run, 4, 0, 64, false},
    {"forget", forget_run, 4, 0, 64, false},
    {"password", password_run, 4, 0, 64, false},
    {"setup", setup_run, 4, 0, 64, false},
    {"sync", sync_run, 64, 0, 1024, false},
    {"trust", trust_run, 4, 0, 64, false},
    {"watch", watch_run, 64, 0, 1024, false},
};

const struct worker_role *worker_role(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(roles); i++)
		if (strcmp(roles[i].name, name) == 0)
			return &roles[i];
	return NULL;
}

/* What a role can do without it is not left to it. */
static void confine(const struct worker_role *role)
{
	const struct rlimit no_core = {0, 0};
	const struct rlimit files = {(rlim_t)role->file_max, (rlim_t)role->file_max};

	setrlimit(RLIMIT_CORE, &no_core);
	setrlimit(RLIMIT_NOFILE, &files);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static bool is_socket(int fd)
{
	int type;
	socklen_t len = sizeof type;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

int worker_main(const char *name, const char *argument)
{
	const struct worker_role *role = worker_role(name);
	struct notice_conn *conn;
	int rc;

	if (!role || !is_socket(SOCKET_FD))
		return EXIT_USAGE;
	signal(SIGPIPE, SIG_IGN);
	log_open(role->name);
	confine(role);
	conn = notice_conn_new(SOCKET_FD);
	rc = role->run(conn, argument);
	notice_conn_free(&conn);
	log_close();
	return rc;
}
