/* One round of an account, as "tern sync" asks for it. */
#ifndef UI_SHELL_SHELL_SYNC_H
#define UI_SHELL_SHELL_SYNC_H

struct account;
struct err;
struct notice_conn;

/* Asks the agent behind CONN and waits, with progress on stderr. ERR_TEMPORARY: it may go later. */
int shell_sync_account(struct notice_conn *conn, const struct account *account, struct err *err);

#endif
