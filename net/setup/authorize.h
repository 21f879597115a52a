/* The worker that lets a person sign in by OAuth2 for an account. What it is to do comes as one NOTICE_JOB ("device":
 * by a code typed elsewhere). It tells JOB with "url=..." (and "code=..."), PROGRESS, and at last JOB_DONE. */
#ifndef NET_SETUP_AUTHORIZE_H
#define NET_SETUP_AUTHORIZE_H

struct notice_conn;
struct oauth_talk;

int authorize_run(struct notice_conn *conn, const char *argument);
/* How a worker talks to the person meanwhile, over CONN. */
void authorize_talk(struct oauth_talk *talk, struct notice_conn *conn);

#endif
