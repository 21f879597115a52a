#include "config.h"
#include "ui/command/agent.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/notice/notice.h"
#include "ui/command/agent_ask.h"
#include "ui/command/app.h"
#include "ui/command/going_on.h"

#define RETRY_FIRST_MS 100
#define RETRY_LAST_MS  5000
#define LAST_WRITE_MS  10000

struct agent_link {
	struct loop_fd *fd;
	struct loop_timer *retry;
	int retry_ms;
	bool owes_ring; /* something was written while nobody listened */
	bool was_started; /* and has not answered yet */
	struct notice_conn *keeper;
	struct loop_fd *keeper_fd;
};

static void tie(void *arg);

static void retry_later(struct app *app)
{
	struct agent_link *link = app->link;

	if (link->retry)
		return;
	link->retry = loop_add_timer(app->loop, "look for the agent", link->retry_ms, tie, app);
	link->retry_ms = link->retry_ms * 2 > RETRY_LAST_MS ? RETRY_LAST_MS : link->retry_ms * 2;
}

static void lost(struct app *app)
{
	loop_remove_fd(app->loop, &app->link->fd);
	notice_conn_free(&app->agent);
	going_on_forget(app);
	retry_later(app);
}

static void lost_keeper(struct app *app)
{
	loop_remove_fd(app->loop, &app->link->keeper_fd);
	notice_conn_free(&app->link->keeper);
	log_write(LOG_WARNING, "the keeper of the open mailbox ended");
}

static void set_events(struct loop_fd *fd, struct notice_conn *conn)
{
	loop_set_events(fd, notice_wants_write(conn) ? POLLIN | POLLOUT : POLLIN);
}

/* 0, or -1 when the other end is gone. */
static int take_news(struct app *app, struct notice_conn *conn, short revents)
{
	struct notice notice;
	int got;

	if ((revents & POLLOUT) && notice_flush(conn) < 0)
		return -1;
	while ((got = notice_read(conn, &notice)) > 0)
		app_notice(app, &notice);
	return got;
}

static void agent_ready(void *arg, short revents)
{
	struct app *app = arg;

	if (take_news(app, app->agent, revents) < 0)
		lost(app);
	else
		set_events(app->link->fd, app->agent);
}

static void keeper_ready(void *arg, short revents)
{
	struct app *app = arg;

	if (take_news(app, app->link->keeper, revents) < 0)
		lost_keeper(app);
	else
		set_events(app->link->keeper_fd, app->link->keeper);
}

/* Whoever reads from it may be standing above us: that it is gone is found by reading. */
static void send_to_agent(struct app *app, const struct notice *notice)
{
	if (notice_send(app->agent, notice) < 0)
		app->link->owes_ring = true;
	set_events(app->link->fd, app->agent);
}

static void watch_all(struct app *app)
{
	const char *name;
	void *store;
	size_t at = 0;

	while (app->agent && map_next(app->stores, &at, &name, &store))
		agent_watch(app, name);
	for (at = 0; app->agent && at < app->accounts.count; at++)
		if (!map_get(app->stores, app->accounts.items[at].name))
			agent_watch(app, app->accounts.items[at].name); /* how it stands with its server */
}

static void tied(struct app *app)
{
	struct agent_link *link = app->link;
	bool owes_ring;

	link->fd = loop_add_fd(app->loop, "news from the agent", notice_conn_fd(app->agent), POLLIN,
			       agent_ready, app);
	link->retry_ms = RETRY_FIRST_MS;
	owes_ring = link->owes_ring;
	link->owes_ring = link->was_started = false;
	send_to_agent(app, &(struct notice){.kind = NOTICE_HELLO, .text = NOTICE_CAN_ASK});
	watch_all(app);
	if (owes_ring)
		send_to_agent(app, &(struct notice){.kind = NOTICE_RING});
}

static void start_agent(struct app *app);

/* Letters wait: without an agent they would wait for ever. */
static bool is_needed(const struct app *app)
{
	return app->link->owes_ring || app->outbox_busy;
}

static void tie(void *arg)
{
	struct app *app = arg;

	app->link->retry = NULL;
	if (app->agent)
		return;
	app->agent = notice_connect(NULL);
	if (app->agent)
		tied(app);
	else if (is_needed(app))
		start_agent(app);
	else
		retry_later(app);
}

static void start_agent(struct app *app)
{
	struct err err = ERR_INIT;

	app->agent = notice_connect_or_start(0, &err);
	if (app->agent) {
		tied(app);
		return;
	}
	if (!app->link->was_started)
		app->link->retry_ms = RETRY_FIRST_MS;
	app->link->was_started = true;
	retry_later(app);
}

void agent_open(struct app *app, bool start)
{
	if (!app->link) {
		app->link = mem_alloc(sizeof *app->link);
		app->link->retry_ms = RETRY_FIRST_MS;
	}
	if (app->agent)
		return;
	if (start)
		start_agent(app);
	else if (!app->link->retry)
		tie(app);
}

bool agent_is_there(const struct app *app)
{
	return app->agent != NULL;
}

/* It writes what it kept for later; who types the next command finds it in the file. */
static void finish_keeper(struct agent_link *link)
{
	int64_t until = loop_now_ms() + LAST_WRITE_MS, left;
	struct notice notice;

	if (!link->keeper || notice_send(link->keeper, &(struct notice){.kind = NOTICE_QUIT}) < 0)
		return;
	while ((left = until - loop_now_ms()) > 0)
		if (notice_wait(link->keeper, (int)left, &notice) < 0)
			return;
}

void agent_close(struct app *app)
{
	struct agent_link *link = app->link;

	agent_ask_free(app);
	if (!link)
		return;
	loop_remove_fd(app->loop, &link->fd);
	loop_remove_fd(app->loop, &link->keeper_fd);
	loop_remove_timer(app->loop, &link->retry);
	notice_conn_free(&app->agent);
	finish_keeper(link);
	notice_conn_free(&link->keeper);
	free(link);
	app->link = NULL;
}

static bool is_kept_by_child(const struct app *app, const char *account)
{
	return app->path_account && strcmp(app->path_account->name, account) == 0;
}

static void tell_keeper(struct app *app, const struct notice *notice)
{
	if (!app->link || !app->link->keeper)
		return;
	notice_send(app->link->keeper, notice);
	set_events(app->link->keeper_fd, app->link->keeper);
}

void agent_watch(struct app *app, const char *account)
{
	struct notice notice = {.kind = NOTICE_WATCH};

	snprintf(notice.account, sizeof notice.account, "%s", account);
	if (is_kept_by_child(app, account))
		tell_keeper(app, &notice);
	else if (app->agent)
		send_to_agent(app, &notice);
}

int app_tell_agent(struct app *app, const struct notice *notice)
{
	if (!app->agent)
		agent_open(app, true);
	if (!app->agent) {
		app->link->owes_ring = true;
		return -1;
	}
	send_to_agent(app, notice);
	return 0;
}

static void ring(struct app *app, const char *account, int64_t code)
{
	struct notice notice = {.kind = NOTICE_RING, .code = code};

	snprintf(notice.account, sizeof notice.account, "%s", account ? account : "");
	if (account && is_kept_by_child(app, account))
		tell_keeper(app, &notice);
	else
		app_tell_agent(app, &notice);
}

void app_ring(struct app *app, const char *account)
{
	ring(app, account, 0);
}

void app_ring_at_once(struct app *app, const char *account)
{
	ring(app, account, RING_AT_ONCE);
}

int agent_start_keeper(struct app *app, const char *path, bool read_only, struct err *err)
{
	char *program = child_own_program("tern");
	const char *argv[] = {program, "--keeper", path, read_only ? "--read-only" : NULL, NULL};
	struct child_setup setup = CHILD_SETUP_INIT;
	struct child child;
	int ends[2], result;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		free(program);
		return err_errno(err, _("making a socket"));
	}
	setup.extra = ends[1];
	setup.out = setup.err = CHILD_NULL;
	result = child_start(&child, argv, &setup, err);
	free(program);
	close(ends[1]);
	if (result < 0) {
		close(ends[0]);
		return -1;
	}
	agent_open(app, false);
	app->link->keeper = notice_conn_new(ends[0]);
	app->link->keeper_fd = loop_add_fd(app->loop, "news from the keeper", ends[0], POLLIN,
					   keeper_ready, app);
	return 0;
}
