/* What ternd does while it lives: screens and commands on its socket, the queue runner, a worker
 * for each account that is watched. It only passes news on and starts work; it never waits. */
#ifndef NET_AGENT_H
#define NET_AGENT_H

/* LISTENER is from notice_listen. Ends on SIGTERM, SIGINT, NOTICE_QUIT, or when its socket is no
 * longer the one at its place. Returns the exit code. */
int agent_run(int listener);

#endif
