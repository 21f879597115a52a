/* The doctor of an account (ARGUMENT is its name), as a worker of the command that asked, "tern account check":
 * each server's name, connection, TLS, what it offers, signing in. Nothing is sent or fetched. Writes PROGRESS
 * with a line of text for each thing that was tried and what came back, ASK, and at the end JOB_DONE: code 0 all
 * is well, 1 something wants mending, 75 try again later. Reads ANSWER. */
#ifndef NET_CHECK_H
#define NET_CHECK_H

struct notice_conn;

int check_run(struct notice_conn *conn, const char *argument);

#endif
