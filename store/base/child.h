/* Programs beside us: fork and exec with an argument vector, never a shell. */
#ifndef STORE_BASE_CHILD_H
#define STORE_BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;
struct err;

#define CHILD_NULL    (-1) /* /dev/null */
#define CHILD_INHERIT (-2) /* what we have */
#define CHILD_PIPE    (-3) /* a new pipe; our end is in struct child (close-on-exec) */

struct child {
	pid_t pid;
	int in, out, err; /* our ends of CHILD_PIPE, else -1; the caller closes them */
};

struct child_setup {
	int in, out, err;	     /* a descriptor or one of the above; 0 means descriptor 0 */
	int extra;		     /* a descriptor to hand over as descriptor 3, or -1 */
	const char *dir;	     /* working directory, or NULL */
	const char *const *env_more; /* "NAME=value" to add, NULL-ended, or NULL */
	bool has_own_group;	     /* a process group of its own, to be ended with all it starts */
};

#define CHILD_SETUP_INIT {.in = CHILD_NULL, .out = CHILD_NULL, .err = CHILD_INHERIT, .extra = -1}

/* 0 and CHILD filled, or -1 (also when ARGV[0] cannot be executed). ARGV[0] is looked up in PATH.
 * Signals and their mask are reset to the default in the child; all descriptors above 3 are closed. */
int child_start(struct child *child, const char *const *argv, const struct child_setup *setup,
		struct err *err);
/* Runs to its end, INPUT (LEN bytes) on its stdin, its stdout appended to OUT (both may be NULL).
 * The exit code, 128 + signal, or -1. Blocks: never in a loop callback. */
int child_run(const char *const *argv, const void *input, size_t len, struct buf *out,
	      struct err *err);
/* The same, but it is ended, with all that it started, when it is not done after LIMIT_S seconds: -1, ERR_TEMPORARY. */
int child_run_within(int limit_s, const char *const *argv, const void *input, size_t len, struct buf *out,
		     struct err *err);
/* Who waits for a program hears something else meanwhile: HEARD is called when FD can be read; -1: end it. */
struct child_ear {
	int fd;
	int (*heard)(void *arg);
	void *arg;
	int grace_ms; /* it may still come to its end by itself: for what is done elsewhere and cannot be done again */
};
/* As child_run_within; EAR (may be NULL) ended it: -1, ERR_CANCELLED. */
int child_run_heard(int limit_s, const struct child_ear *ear, const char *const *argv, const void *input, size_t len,
		    struct buf *out, struct err *err);
/* The path of a program of ours: beside the running program in the build tree or installed, or with those that
 * only programs start (NAME "ternd", "tern-deliver"...). Free it. */
char *child_own_program(const char *name);

#endif
