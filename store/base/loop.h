/* The poll loop of tern and ternd: descriptors, timers, children. Every callback that takes more than
 * LOOP_SLOW_MS is written into the log with its name ("slow: NAME took N ms"); story tests fail on it. */
#ifndef STORE_BASE_LOOP_H
#define STORE_BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define LOOP_SLOW_MS 20

struct loop;
struct loop_fd;
struct loop_timer;

struct loop *loop_new(void);
void loop_free(struct loop **loop);

/* EVENTS as in poll(2). NAME is a constant string. The descriptor stays the caller's. */
struct loop_fd *loop_add_fd(struct loop *loop, const char *name, int fd, short events,
			    void (*ready)(void *arg, short revents), void *arg);
void loop_set_events(struct loop_fd *entry, short events);
/* Safe inside any callback, its own included; sets *ENTRY to NULL. */
void loop_remove_fd(struct loop *loop, struct loop_fd **entry);

/* Fires once after MS; add again to go on. The pointer is dead once it has fired: the callback must
 * forget it (set its own copy to NULL). */
struct loop_timer *loop_add_timer(struct loop *loop, const char *name, int64_t ms,
				  void (*fired)(void *arg), void *arg);
void loop_remove_timer(struct loop *loop, struct loop_timer **timer);

/* EXITED is called once when PID has ended, with its wait status. */
void loop_add_child(struct loop *loop, const char *name, pid_t pid,
		    void (*exited)(void *arg, pid_t pid, int status), void *arg);

/* Called each time no event is left, before the loop waits: here a screen draws. */
void loop_set_idle(struct loop *loop, const char *name, void (*idle)(void *arg), void *arg);

/* Runs until loop_stop. */
void loop_run(struct loop *loop);
/* One turn: waits at most TIMEOUT_MS (-1: for ever), calls what is due. For tests and modal waits. */
void loop_turn(struct loop *loop, int timeout_ms);
void loop_stop(struct loop *loop);
/* Milliseconds of the monotonic clock. */
int64_t loop_now_ms(void);

#endif
