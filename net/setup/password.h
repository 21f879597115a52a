/* The worker that keeps another password for an account: asked for (ASK), written to where the account's settings say,
 * else into the desktop's keyring, else into a file of mode 0600. It tells PROGRESS and at last JOB_DONE. */
#ifndef NET_SETUP_PASSWORD_H
#define NET_SETUP_PASSWORD_H

struct notice_conn;

int password_run(struct notice_conn *conn, const char *argument);

#endif
