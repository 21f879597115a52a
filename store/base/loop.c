#include "config.h"
#include "store/base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/log.h"
#include "store/base/mem.h"

struct loop_fd {
	const char *name;
	int fd;
	short events;
	bool is_dead;
	void (*ready)(void *, short);
	void *arg;
};

struct loop_timer {
	const char *name;
	int64_t due_ms;
	uint64_t serial;
	void (*fired)(void *);
	void *arg;
};

struct loop_child {
	const char *name;
	pid_t pid;
	void (*exited)(void *, pid_t, int);
	void *arg;
};

struct loop {
	struct loop_fd **fds;
	size_t fd_count, fd_cap;
	struct loop_timer **timers;
	size_t timer_count, timer_cap;
	struct loop_child *children;
	size_t child_count, child_cap;
	struct pollfd *polls;
	size_t poll_cap;
	uint64_t serial;
	const char *idle_name;
	void (*idle)(void *);
	void *idle_arg;
	bool is_stopped;
	struct loop_fd *child_entry;
};

/* SIGCHLD has one handler for the process, so its pipe is the process's too. */
static int child_pipe[2] = {-1, -1};

static void on_sigchld(int number)
{
	int saved = errno;

	(void)number;
	if (write(child_pipe[1], "c", 1) < 0)
		errno = 0; /* full: a wake-up is waiting already */
	errno = saved;
}

int64_t loop_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* What the clocks say when a callback begins. */
struct watch {
	int64_t wall_ms, cpu_ms;
	long preempted; /* how often the processor was taken from us */
};

static int64_t cpu_ms(const struct rusage *usage)
{
	return ((int64_t)usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000 +
	       (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000;
}

static struct watch look_at_clocks(void)
{
	struct rusage usage = {.ru_nivcsw = 0};

	getrusage(RUSAGE_SELF, &usage);
	return (struct watch){loop_now_ms(), cpu_ms(&usage), usage.ru_nivcsw};
}

/* On a machine with more work than processors a callback may have to stand aside for others: then its own
 * processor time counts. Waiting for a disk or another process is no standing aside, and counts in full. */
static void tell_if_slow(const char *name, const struct watch *start)
{
	struct watch end = look_at_clocks();
	int64_t took = end.wall_ms - start->wall_ms;

	if (end.preempted > start->preempted)
		took = end.cpu_ms - start->cpu_ms;
	if (took > LOOP_SLOW_MS)
		log_write(LOG_WARNING, "slow: %s took %lld ms", name, (long long)took);
}

static void reap(void *arg, short revents)
{
	struct loop *loop = arg;
	char drain[64];
	size_t i;

	(void)revents;
	while (read(child_pipe[0], drain, sizeof drain) > 0)
		;
	for (i = 0; i < loop->child_count;) {
		struct loop_child child = loop->children[i];
		int status;

		if (waitpid(child.pid, &status, WNOHANG) != child.pid) {
			i++;
			continue;
		}
		loop->children[i] = loop->children[--loop->child_count];
		child.exited(child.arg, child.pid, status);
		i = 0; /* the callback may have added or removed some */
	}
}

static void open_child_pipe(void)
{
	struct sigaction action = {.sa_handler = on_sigchld, .sa_flags = SA_RESTART | SA_NOCLDSTOP};

	if (child_pipe[0] >= 0)
		return;
	if (pipe2(child_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
	sigaction(SIGCHLD, &action, NULL);
}

struct loop *loop_new(void)
{
	struct loop *loop = mem_alloc(sizeof *loop);

	open_child_pipe();
	loop->child_entry = loop_add_fd(loop, "reap children", child_pipe[0], POLLIN, reap, loop);
	return loop;
}

void loop_free(struct loop **loop)
{
	size_t i;

	if (!*loop)
		return;
	for (i = 0; i < (*loop)->fd_count; i++)
		free((*loop)->fds[i]);
	for (i = 0; i < (*loop)->timer_count; i++)
		free((*loop)->timers[i]);
	free((*loop)->fds);
	free((*loop)->timers);
	free((*loop)->children);
	free((*loop)->polls);
	free(*loop);
	*loop = NULL;
}

struct loop_fd *loop_add_fd(struct loop *loop, const char *name, int fd, short events,
			    void (*ready)(void *, short), void *arg)
{
	struct loop_fd *entry = mem_alloc(sizeof *entry);

	*entry = (struct loop_fd){.name = name, .fd = fd, .events = events, .ready = ready, .arg = arg};
	ARRAY_ROOM(loop->fds, loop->fd_count, loop->fd_cap);
	loop->fds[loop->fd_count++] = entry;
	return entry;
}

void loop_set_events(struct loop_fd *entry, short events)
{
	entry->events = events;
}

void loop_remove_fd(struct loop *loop, struct loop_fd **entry)
{
	(void)loop;
	if (!*entry)
		return;
	(*entry)->is_dead = true; /* swept before the next wait: a callback may be standing on it */
	*entry = NULL;
}

static void sweep_fds(struct loop *loop)
{
	size_t from, to = 0;

	for (from = 0; from < loop->fd_count; from++)
		if (loop->fds[from]->is_dead)
			free(loop->fds[from]);
		else
			loop->fds[to++] = loop->fds[from];
	loop->fd_count = to;
}

struct loop_timer *loop_add_timer(struct loop *loop, const char *name, int64_t ms,
				  void (*fired)(void *), void *arg)
{
	struct loop_timer *timer = mem_alloc(sizeof *timer);

	*timer = (struct loop_timer){.name = name,
				     .due_ms = loop_now_ms() + ms,
				     .serial = ++loop->serial,
				     .fired = fired,
				     .arg = arg};
	ARRAY_ROOM(loop->timers, loop->timer_count, loop->timer_cap);
	loop->timers[loop->timer_count++] = timer;
	return timer;
}

static void drop_timer(struct loop *loop, size_t i)
{
	free(loop->timers[i]);
	loop->timers[i] = loop->timers[--loop->timer_count];
}

void loop_remove_timer(struct loop *loop, struct loop_timer **timer)
{
	size_t i;

	for (i = 0; *timer && i < loop->timer_count; i++)
		if (loop->timers[i] == *timer) {
			drop_timer(loop, i);
			break;
		}
	*timer = NULL;
}

void loop_add_child(struct loop *loop, const char *name, pid_t pid,
		    void (*exited)(void *, pid_t, int), void *arg)
{
	ARRAY_ROOM(loop->children, loop->child_count, loop->child_cap);
	loop->children[loop->child_count++] =
	    (struct loop_child){.name = name, .pid = pid, .exited = exited, .arg = arg};
	on_sigchld(SIGCHLD); /* it may have ended before it was added */
}

void loop_set_idle(struct loop *loop, const char *name, void (*idle)(void *), void *arg)
{
	loop->idle_name = name;
	loop->idle = idle;
	loop->idle_arg = arg;
}

static int next_timer(const struct loop *loop, size_t *at)
{
	size_t i;

	for (*at = 0, i = 1; i < loop->timer_count; i++)
		if (loop->timers[i]->due_ms < loop->timers[*at]->due_ms ||
		    (loop->timers[i]->due_ms == loop->timers[*at]->due_ms &&
		     loop->timers[i]->serial < loop->timers[*at]->serial))
			*at = i;
	return loop->timer_count > 0;
}

static int wait_ms(const struct loop *loop, int timeout_ms)
{
	int64_t left;
	size_t at;

	if (!next_timer(loop, &at))
		return timeout_ms;
	left = loop->timers[at]->due_ms - loop_now_ms();
	left = left < 0 ? 0 : left > 3600000 ? 3600000 : left;
	return timeout_ms >= 0 && timeout_ms < left ? timeout_ms : (int)left;
}

/* Only timers that stood before this turn fire in it: one that adds itself again must not starve. */
static void fire_timers(struct loop *loop)
{
	uint64_t last = loop->serial;
	int64_t now = loop_now_ms();
	size_t i = 0;

	while (i < loop->timer_count) {
		struct loop_timer timer = *loop->timers[i];
		struct watch start;

		if (timer.due_ms > now || timer.serial > last) {
			i++;
			continue;
		}
		drop_timer(loop, i);
		start = look_at_clocks();
		now = start.wall_ms;
		timer.fired(timer.arg);
		tell_if_slow(timer.name, &start);
		i = 0;
	}
}

static size_t fill_polls(struct loop *loop)
{
	size_t i;

	if (loop->poll_cap < loop->fd_count) {
		loop->poll_cap = loop->fd_count * 2;
		loop->polls = mem_resize(loop->polls, loop->poll_cap, sizeof *loop->polls);
	}
	for (i = 0; i < loop->fd_count; i++)
		loop->polls[i] = (struct pollfd){.fd = loop->fds[i]->fd, .events = loop->fds[i]->events};
	return loop->fd_count;
}

static void call_ready(struct loop *loop, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct loop_fd *entry = loop->fds[i];
		struct watch start;

		if (!loop->polls[i].revents || entry->is_dead)
			continue;
		start = look_at_clocks();
		entry->ready(entry->arg, loop->polls[i].revents);
		tell_if_slow(entry->name, &start);
	}
}

void loop_turn(struct loop *loop, int timeout_ms)
{
	size_t count;

	if (loop->idle) {
		struct watch start = look_at_clocks();

		loop->idle(loop->idle_arg);
		tell_if_slow(loop->idle_name, &start);
	}
	sweep_fds(loop);
	count = fill_polls(loop);
	if (poll(loop->polls, count, wait_ms(loop, timeout_ms)) > 0)
		call_ready(loop, count);
	fire_timers(loop);
}

void loop_run(struct loop *loop)
{
	loop->is_stopped = false;
	while (!loop->is_stopped)
		loop_turn(loop, -1);
}

void loop_stop(struct loop *loop)
{
	loop->is_stopped = true;
}
