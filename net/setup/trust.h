/* The worker that shows the certificates of an account's servers that are not trusted by themselves, or not the one
 * that was pinned, and pins what the person says yes to, in the place of what was pinned before. What it is to do
 * comes as one NOTICE_JOB: "" or the fingerprint (SHA-256, any case, with or without colons) that is trusted unasked.
 * It tells PROGRESS, ASK, and at last JOB_DONE. Nobody signs in. */
#ifndef NET_SETUP_TRUST_H
#define NET_SETUP_TRUST_H

struct notice_conn;

int trust_run(struct notice_conn *conn, const char *argument);

#endif
