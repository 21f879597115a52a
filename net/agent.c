#include "config.h"
#include "net/agent.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/network.h"
#include "net/questions.h"
#include "net/supervisor.h"
#include "net/sync/keepers.h"
#include "net/transfer/queue.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/notice/notice.h"

#define PEERS_MAX    256
#define STOP_MS	     3000  /* for workers to finish what they do */
#define LOOK_HOME_MS 10000 /* is our socket still at its place? */

struct agent;

struct peer {
	struct agent *agent;
	struct notice_conn *conn;
	struct loop_fd *entry;
	bool can_ask; /* a person is there who reads questions */
	bool is_gone; /* freed at the end of the turn */
};

struct agent {
	struct loop *loop;
	struct supervisor *supervisor;
	struct queue *queue;
	struct keepers *keepers;
	struct questions *questions;
	struct network *network; /* NULL: changes are not told here */
	int listener;
	struct peer **peers;
	size_t peer_count, peer_cap;
	char *socket_path;
	struct stat socket;
};

/* --- peers ---------------------------------------------------------------------------------- */

static void drop_peer(struct peer *peer)
{
	if (peer->can_ask)
		questions_drop(peer->agent->questions);
	loop_remove_fd(peer->agent->loop, &peer->entry);
	notice_conn_free(&peer->conn);
	peer->is_gone = true;
}

static void sweep_peers(struct agent *agent)
{
	size_t i = 0;

	while (i < agent->peer_count) {
		struct peer *peer = agent->peers[i];

		if (peer->is_gone) {
			agent->peers[i] = agent->peers[--agent->peer_count];
			free(peer);
		} else {
			i++;
		}
	}
}

/* A peer that is gone for writing may still have something to say: its end is found by reading. */
static void tell_peer(struct peer *peer, const struct notice *notice)
{
	if (peer->is_gone || notice_send(peer->conn, notice) < 0)
		return;
	if (notice_wants_write(peer->conn))
		loop_set_events(peer->entry, POLLIN | POLLOUT);
}

static void tell_others(struct agent *agent, const struct peer *but, const struct notice *notice)
{
	size_t i;

	for (i = 0; i < agent->peer_count; i++)
		if (agent->peers[i] != but)
			tell_peer(agent->peers[i], notice);
}

/* Number told. */
static int tell_askers(struct agent *agent, const struct peer *but, const struct notice *notice)
{
	size_t i;
	int count = 0;

	for (i = 0; i < agent->peer_count; i++)
		if (agent->peers[i] != but && agent->peers[i]->can_ask && !agent->peers[i]->is_gone) {
			tell_peer(agent->peers[i], notice);
			count++;
		}
	return count;
}

static void pass_answer(struct agent *agent, const struct notice *answer)
{
	keepers_answer(agent->keepers, answer);
	queue_answer(agent->queue, answer);
}

static void reply(struct agent *agent, const struct notice *question, int64_t code)
{
	struct notice answer = {.kind = NOTICE_ANSWER, .id = question->id, .code = code};

	memcpy(answer.account, question->account, sizeof answer.account);
	pass_answer(agent, &answer);
}

/* A question goes to who can put it to a person; with nobody there it is answered at once. */
static void put_question(struct agent *agent, const struct notice *question)
{
	enum question_fate fate = questions_take(agent->questions, question);

	if (fate == QUESTION_REFUSED) {
		reply(agent, question, REPLY_NO);
	} else if (fate == QUESTION_PUT && tell_askers(agent, NULL, question) == 0) {
		questions_drop(agent->questions);
		reply(agent, question, REPLY_NOBODY);
	}
}

/* News from workers. */
static void tell_all(void *arg, const struct notice *notice)
{
	struct agent *agent = arg;

	if (notice->kind == NOTICE_ASK)
		put_question(agent, notice);
	else if (notice->kind == NOTICE_RING)
		keepers_ring(agent->keepers, notice->account, notice->code);
	else if (notice->kind != NOTICE_HELLO)
		tell_others(agent, NULL, notice);
}

/* --- what peers want ----------------------------------------------------------------------------
 */

static void do_ring(struct agent *agent, struct peer *peer, const struct notice *notice)
{
	(void)peer;
	if (notice->code == RING_TRY_AGAIN)
		questions_forget_refusals(agent->questions);
	queue_look(agent->queue);
	keepers_ring(agent->keepers, notice->account, notice->code);
}

static void do_outbox_changed(struct agent *agent, struct peer *peer, const struct notice *notice)
{
	tell_others(agent, peer, notice);
	queue_look(agent->queue);
}

static void do_folder_changed(struct agent *agent, struct peer *peer, const struct notice *notice)
{
	tell_others(agent, peer, notice);
	keepers_ring(agent->keepers, notice->account, 0);
}

static void do_watch(struct agent *agent, struct peer *peer, const struct notice *notice)
{
	(void)peer;
	keepers_watch(agent->keepers, notice->account);
}

static void do_sync(struct agent *agent, struct peer *peer, const struct notice *notice)
{
	struct notice done = {.kind = NOTICE_SYNC_DONE, .code = 1, .id = notice->id};
	struct err err = ERR_INIT;

	if (keepers_sync(agent->keepers, notice->account, notice->id, &err) == 0)
		return;
	memcpy(done.account, notice->account, sizeof done.account);
	snprintf(done.text, sizeof done.text, "%s", err.text);
	tell_peer(peer, &done);
}

static void do_flush(struct agent *agent, struct peer *peer, const struct notice *notice)
{
	(void)peer;
	(void)notice;
	queue_flush(agent->queue);
}

static void answer_alike(void *arg, const struct notice *answer)
{
	struct agent *agent = arg;

	pass_answer(agent, answer);
}

/* Who else shows the question takes it away; what was answered is not for them. */
static void do_answer(struct agent *agent, struct peer *peer, const struct notice *notice)
{
	struct notice done = {.kind = NOTICE_ANSWER, .id = notice->id, .code = notice->code};

	memcpy(done.account, notice->account, sizeof done.account);
	pass_answer(agent, notice);
	questions_settle(agent->questions, notice, answer_alike, agent);
	tell_askers(agent, peer, &done);
}

static void do_hello(struct agent *agent, struct peer *peer, const struct notice *notice)
{
	(void)agent;
	peer->can_ask = strcmp(notice->text, NOTICE_CAN_ASK) == 0;
}

static void do_quit(struct agent *agent, struct peer *peer, const struct notice *notice)
{
	(void)peer;
	(void)notice;
	loop_stop(agent->loop);
}

static void do_ping(struct agent *agent, struct peer *peer, const struct notice *notice)
{
	struct notice pong = {.kind = NOTICE_PONG, .id = notice->id};

	(void)agent;
	tell_peer(peer, &pong);
}

static void do_cancel(struct agent *agent, struct peer *peer, const struct notice *notice)
{
	(void)peer;
	if (notice->code == TRANSFER_SENDING)
		queue_cancel(agent->queue, notice);
	else
		keepers_cancel(agent->keepers, notice);
}

static void do_error(struct agent *agent, struct peer *peer, const struct notice *notice)
{
	tell_others(agent, peer, notice);
}

static void (*const actions[NOTICE_KIND_COUNT])(struct agent *, struct peer *,
						const struct notice *) = {
    [NOTICE_HELLO] = do_hello,
    [NOTICE_RING] = do_ring,
    [NOTICE_OUTBOX_CHANGED] = do_outbox_changed,
    [NOTICE_FOLDER_CHANGED] = do_folder_changed,
    [NOTICE_WATCH] = do_watch,
    [NOTICE_SYNC] = do_sync,
    [NOTICE_FLUSH] = do_flush,
    [NOTICE_ANSWER] = do_answer,
    [NOTICE_QUIT] = do_quit,
    [NOTICE_PING] = do_ping,
    [NOTICE_ERROR] = do_error,
    [NOTICE_CANCEL] = do_cancel,
};

static void peer_ready(void *arg, short revents)
{
	struct peer *peer = arg;
	struct notice notice;
	int rc;

	if (revents & POLLOUT)
		notice_flush(peer->conn);
	while ((rc = notice_read(peer->conn, &notice)) > 0)
		if (actions[notice.kind])
			actions[notice.kind](peer->agent, peer, &notice);
	explicit_bzero(&notice, sizeof notice); /* an answer may have been a password */
	if (rc < 0)
		drop_peer(peer);
	else
		loop_set_events(peer->entry,
				notice_wants_write(peer->conn) ? POLLIN | POLLOUT : POLLIN);
}

static void add_peer(struct agent *agent, int fd)
{
	const struct notice hello = {.kind = NOTICE_HELLO, .text = "ternd " PACKAGE_VERSION};
	struct peer *peer = mem_alloc(sizeof *peer);

	peer->agent = agent;
	peer->conn = notice_conn_new(fd);
	peer->entry = loop_add_fd(agent->loop, "screen", fd, POLLIN, peer_ready, peer);
	ARRAY_ROOM(agent->peers, agent->peer_count, agent->peer_cap);
	agent->peers[agent->peer_count++] = peer;
	tell_peer(peer, &hello);
}

static void accept_ready(void *arg, short revents)
{
	struct agent *agent = arg;
	int fd = notice_accept(agent->listener);

	(void)revents;
	sweep_peers(agent);
	if (fd < 0)
		return;
	if (agent->peer_count < PEERS_MAX)
		add_peer(agent, fd);
	else
		close(fd);
}

/* --- its own life --------------------------------------------------------------------------- */

struct signals {
	struct agent *agent;
	int fd;
};

/* SIGHUP: the configuration has changed; the others: end. */
static void signal_ready(void *arg, short revents)
{
	struct signals *signals = arg;
	struct signalfd_siginfo info;

	(void)revents;
	while (read(signals->fd, &info, sizeof info) == sizeof info)
		if (info.ssi_signo == SIGHUP)
			keepers_reload(signals->agent->keepers);
		else
			loop_stop(signals->agent->loop);
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool is_reachable(const struct agent *agent)
{
	struct stat now;

	return stat(agent->socket_path, &now) == 0 && now.st_ino == agent->socket.st_ino &&
	       now.st_dev == agent->socket.st_dev;
}

/* Somebody removed our home, or another agent stands in our place: nobody can find us any more. */
static void look_home(void *arg)
{
	struct agent *agent = arg;

	sweep_peers(agent);
	if (!is_reachable(agent)) {
		log_write(LOG_WARNING, "the socket is gone; nobody can reach this agent any more");
		loop_stop(agent->loop);
		return;
	}
	keepers_look(agent->keepers);
	loop_add_timer(agent->loop, "look home", LOOK_HOME_MS, look_home, agent);
}

static void stop(struct agent *agent)
{
	size_t i;

	if (is_reachable(agent))
		unlink(agent->socket_path);
	close(agent->listener);
	supervisor_stop(agent->supervisor, STOP_MS);
	for (i = 0; i < agent->peer_count; i++)
		if (!agent->peers[i]->is_gone)
			drop_peer(agent->peers[i]);
	sweep_peers(agent);
	free(agent->peers);
	questions_free(&agent->questions);
	network_free(&agent->network);
	queue_free(&agent->queue);
	keepers_free(&agent->keepers);
	supervisor_free(&agent->supervisor);
	loop_free(&agent->loop);
	free(agent->socket_path);
}

/* Letters that waited for the network need not wait for their time. */
static void network_changed(void *arg)
{
	struct agent *agent = arg;

	queue_flush(agent->queue);
}

int agent_run(int listener)
{
	struct agent agent = {.loop = loop_new(), .listener = listener};
	struct signals signals = {.agent = &agent, .fd = open_signals()};

	agent.socket_path = path_in(PATH_RUNTIME, "ternd.sock");
	stat(agent.socket_path, &agent.socket);
	agent.questions = questions_new();
	agent.supervisor = supervisor_new(agent.loop);
	agent.queue = queue_new(agent.loop, agent.supervisor, tell_all, &agent);
	agent.keepers = keepers_new(agent.loop, agent.supervisor, tell_all, &agent);
	agent.network = network_watch(agent.loop, network_changed, &agent);
	loop_add_fd(agent.loop, "listener", listener, POLLIN, accept_ready, &agent);
	loop_add_fd(agent.loop, "signals", signals.fd, POLLIN, signal_ready, &signals);
	look_home(&agent);
	log_write(LOG_INFO, "ternd " PACKAGE_VERSION " is here");
	loop_run(agent.loop);
	log_write(LOG_INFO, "ternd ends");
	stop(&agent);
	close(signals.fd);
	return 0;
}
