#include "config.h"
#include "ui/command/searches.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/loop.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "ui/command/app.h"
#include "ui/command/command.h"

#define CALM_MS	 5000 /* between two countings */
#define SAID_MAX 65536

struct counts {
	int64_t total, unread;
};

struct searches {
	struct app *app;
	struct conf *conf; /* NULL: to be read */
	unsigned generation;
	struct map *counts; /* name -> struct counts */
	bool is_stale;	    /* to be counted */
	int64_t counted_ms;
	/* who counts */
	pid_t pid;
	int fd;
	struct loop_fd *entry;
	struct loop_timer *timer; /* until one may count again */
	struct buf said;
};

static struct searches *of(struct app *app)
{
	if (!app->searches) {
		app->searches = mem_alloc(sizeof *app->searches);
		*app->searches =
		    (struct searches){.app = app, .counts = map_new(), .is_stale = true, .fd = -1};
		app->searches->counted_ms = -CALM_MS;
	}
	if (!app->searches->conf)
		app->searches->conf = conf_load_own();
	return app->searches;
}

bool searches_next(struct app *app, size_t *at, struct saved_search *one)
{
	return saved_next(of(app)->conf, at, one);
}

bool searches_find(struct app *app, const char *name, struct saved_search *one)
{
	return saved_find(of(app)->conf, name, one);
}

bool searches_counts(struct app *app, const char *name, int64_t *total, int64_t *unread)
{
	const struct counts *counts = map_get(of(app)->counts, name);

	if (!counts)
		return false;
	*total = counts->total;
	*unread = counts->unread;
	return true;
}

void searches_read_anew(struct app *app)
{
	struct searches *searches = of(app);

	conf_free(&searches->conf);
	searches->generation++;
	searches->is_stale = true;
	searches->counted_ms = -CALM_MS;
	app_dirty(app);
}

void searches_count_anew(struct app *app)
{
	of(app)->is_stale = true;
}

unsigned searches_generation(struct app *app)
{
	return of(app)->generation;
}

void searches_complete(struct app *app, const char *text, struct arena *arena, char ***candidates,
		       size_t *count)
{
	struct saved_search one;

	for (size_t at = 0; searches_next(app, &at, &one);)
		command_candidate(arena, text, one.name, candidates, count);
}

/* --- counting --- */

/* "TOTAL, tab, UNREAD, tab, NAME" in each line. */
static void take_line(struct searches *searches, struct span line)
{
	struct counts *counts = mem_alloc(sizeof *counts);
	char *text = mem_strndup(line.data, line.len), *end = text;

	counts->total = strtoll(text, &end, 10);
	counts->unread = *end == '\t' ? strtoll(end + 1, &end, 10) : 0;
	if (*end == '\t' && counts->total >= 0)
		free(map_set(searches->counts, end + 1, counts));
	else
		free(counts);
	free(text);
}

static void stop_hearing(struct searches *searches)
{
	if (searches->entry)
		loop_remove_fd(searches->app->loop, &searches->entry);
	if (searches->fd >= 0)
		close(searches->fd);
	searches->fd = -1;
}

static bool hear(struct searches *searches)
{
	char piece[4096];
	ssize_t got = read(searches->fd, piece, sizeof piece);

	if (got > 0 && searches->said.len < SAID_MAX)
		buf_add(&searches->said, piece, (size_t)got);
	return got > 0;
}

static void ready(void *arg, short revents)
{
	struct searches *searches = arg;

	(void)revents;
	if (!hear(searches))
		loop_remove_fd(searches->app->loop, &searches->entry);
}

static void ended(void *arg, pid_t pid, int status)
{
	struct searches *searches = arg;
	struct span rest, line;

	(void)pid;
	while (searches->entry && hear(searches))
		;
	stop_hearing(searches);
	searches->pid = 0;
	searches->counted_ms = loop_now_ms();
	rest = (struct span){buf_str(&searches->said), searches->said.len};
	while (WIFEXITED(status) && WEXITSTATUS(status) == 0 && span_split(&rest, '\n', &line))
		take_line(searches, line);
	buf_free(&searches->said);
	app_dirty(searches->app);
}

static void start(struct searches *searches)
{
	struct child_setup setup = {
	    .in = CHILD_NULL, .out = CHILD_PIPE, .err = CHILD_NULL, .extra = -1};
	char *program = child_own_program("tern");
	const char *argv[] = {program, "search", "--list", "--count", NULL};
	struct child child;
	int rc = child_start(&child, argv, &setup, NULL);

	free(program);
	searches->is_stale = false;
	searches->counted_ms = loop_now_ms();
	if (rc < 0)
		return;
	searches->pid = child.pid;
	searches->fd = child.out;
	searches->entry = loop_add_fd(searches->app->loop, "counts of searches", child.out, POLLIN,
				      ready, searches);
	loop_add_child(searches->app->loop, "counting searches", child.pid, ended, searches);
}

static void calm_is_over(void *arg)
{
	struct searches *searches = arg;

	searches->timer = NULL;
	app_dirty(searches->app); /* who draws them asks again */
}

void searches_are_shown(struct app *app)
{
	struct searches *searches = of(app);
	struct saved_search one;
	int64_t wait = searches->counted_ms + CALM_MS - loop_now_ms();
	size_t at = 0;

	if (!app->loop || !app->term || !searches->is_stale || searches->pid || searches->timer ||
	    !searches_next(app, &at, &one))
		return;
	if (wait > 0)
		searches->timer =
		    loop_add_timer(app->loop, "searches", wait, calm_is_over, searches);
	else
		start(searches);
}

void searches_free(struct searches **searches)
{
	struct searches *old = *searches;

	if (!old)
		return;
	if (old->pid)
		kill(old->pid, SIGTERM);
	if (old->timer)
		loop_remove_timer(old->app->loop, &old->timer);
	stop_hearing(old);
	map_free(&old->counts, free);
	conf_free(&old->conf);
	buf_free(&old->said);
	free(old);
	*searches = NULL;
}
