/* The worker that takes back what was kept to sign in to an account, before the account is removed: the file of its
 * password that Tern wrote, its tokens, its entries in the desktop's keyring. Files of the person's own stay. At last
 * JOB_DONE. */
#ifndef NET_SETUP_FORGET_H
#define NET_SETUP_FORGET_H

struct notice_conn;

/* ARGUMENT: the account's name. */
int forget_run(struct notice_conn *conn, const char *argument);

#endif
