/* The roles a worker can have, and the worker's own main: "ternd --worker ROLE [ARGUMENT]" with the
 * supervisor's socket as descriptor 3. */
#ifndef NET_WORKER_H
#define NET_WORKER_H

#include <stdbool.h>
#include <stddef.h>

struct notice_conn;

struct worker_role {
	const char *name;
	/* CONN talks to ternd and is the caller's; returns the exit code. */
	int (*run)(struct notice_conn *conn, const char *argument);
	size_t count_max;   /* at once */
	int job_s;	    /* a job (of letters: a transaction) that takes longer is killed; 0: no jobs */
	int file_max;	    /* open descriptors */
	bool ends_in_order; /* finishes its job when ternd ends; else it is told by SIGTERM */
};

/* NULL when there is no such role. */
const struct worker_role *worker_role(const char *name);
/* Does not return before the worker ends; its exit code. */
int worker_main(const char *role, const char *argument);

#endif
