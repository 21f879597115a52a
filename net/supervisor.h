/* The workers of ternd: our own program again, by fork and exec, with a role (net/worker.h) and one
 * end of a socket pair, over which notices go both ways. A worker that ends, of itself or by a
 * crash, is told of once. Nothing here waits. */
#ifndef NET_SUPERVISOR_H
#define NET_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct loop;
struct notice;
struct supervisor;
struct worker;

struct worker_events {
	/* A notice came from it. May close or kill the worker. */
	void (*said)(void *arg, struct worker *worker, const struct notice *notice);
	/* It is no more; the pointer dies when this returns. Not called after supervisor_stop. */
	void (*ended)(void *arg, struct worker *worker, bool has_crashed);
};

struct supervisor *supervisor_new(struct loop *loop);
/* Asks all to end, waits for them at most LIMIT_MS (turning no loop), kills the rest. */
void supervisor_stop(struct supervisor *supervisor, int limit_ms);
void supervisor_free(struct supervisor **supervisor);
/* NULL on error, or when as many of ROLE run as may (ERR_TEMPORARY). ARGUMENT may be NULL. */
struct worker *supervisor_start(struct supervisor *supervisor, const char *role,
				const char *argument, const struct worker_events *events, void *arg,
				struct err *err);

pid_t worker_pid(const struct worker *worker);
int64_t worker_started_ms(const struct worker *worker);
/* -1 when it is gone (ENDED follows). */
int worker_tell(struct worker *worker, const struct notice *notice);
/* It has a job from now on (true; again: its time begins anew), which must end in its role's time or it is
 * killed. */
void worker_set_busy(struct worker *worker, bool is_busy);
/* No more jobs: it ends after what it does now. */
void worker_close(struct worker *worker);
void worker_kill(struct worker *worker);

/* How long to wait before a worker that crashed is started again: 1 s, 2 s, 4 s... one minute.
 * *FAILURES counts; who lived long begins anew. */
int64_t supervisor_rest_ms(int *failures, int64_t lived_ms);

#endif
