/* A worker of ternd's program started by a command alone, without the agent: its lines are printed, its questions
 * put to the person at the terminal, and its last word is the command's. */
#ifndef UI_SHELL_ACCOUNT_WORKER_H
#define UI_SHELL_ACCOUNT_WORKER_H

struct notice;

struct account_worker {
	const char *role, *argument; /* argument may be NULL */
	const char *job;	     /* NULL: none is sent */
	/* Anything but a question and the end; the exit code to stop with, or 0. */
	int (*said)(void *arg, const struct notice *notice);
	void *arg;
	char account[64]; /* out: of JOB_DONE */
};

/* The exit code: the worker's, whose text has been said if there is one. */
int account_worker_run(struct account_worker *worker);
/* One line of foreign words to stdout (or stderr): 0, or 1 when nobody takes it. */
int account_worker_print(const char *text);
void account_worker_tell(const char *text);

#endif
