/* Many letters on all processors: helpers, which are this program again ("tern show --json
 * --files-from -"), get the names on their stdin in turns with us; their lines are put between
 * ours, so that the order of the lines is that of the names. Memory: a pipe and a piece of output
 * for each helper. */
#ifndef UI_SHELL_SHOW_JOBS_H
#define UI_SHELL_SHOW_JOBS_H

#include <stddef.h>

struct buf;
struct err;
struct show_names;

struct show_jobs {
	size_t count; /* processes in all, we too */
	/* Does our own share: COUNT names in CHUNK, printed when it returns. 0, or 1 to stop. */
	int (*work)(void *arg, const struct buf *chunk, size_t count);
	void *arg;
};

/* Processors we may use, 16 at most. */
size_t show_jobs_default(void);
/* 0, or 1 when a file or the output failed; -1 with ERR told when a helper ended before its work
 * was done. */
int show_jobs_run(const struct show_jobs *jobs, struct show_names *names, struct err *err);

#endif
