/* The worker that tries letters: JOB with the id of an outbox entry (or id 0 and text "flush": all
 * deferred ones are due now; "release": nothing but what every job begins with, giving back what
 * dead workers had); JOB_DONE with the same id when every recipient that was due has its verdict
 * and bounces are made (code 0), or something of it is to be done later (code 75). It writes the
 * verdicts itself. */
#ifndef NET_TRANSFER_ATTEMPT_H
#define NET_TRANSFER_ATTEMPT_H

struct notice_conn;

#define ATTEMPT_LEASE_S 4000 /* longer than one transaction may take (net/worker.c); each begins it anew */

int attempt_run(struct notice_conn *conn, const char *argument);

#endif
