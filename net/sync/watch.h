/* The worker that keeps one account of this machine (ARGUMENT is its name) up to date:
 * store/mail/keeper.h. */
#ifndef NET_SYNC_WATCH_H
#define NET_SYNC_WATCH_H

struct notice_conn;

int watch_run(struct notice_conn *conn, const char *argument);

#endif
