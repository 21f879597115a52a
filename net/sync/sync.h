/* The worker that keeps one account (ARGUMENT is its name) like its server. Beside it runs the account's
 * watch worker, which carries out on files what people did and sees what other programs did to them; the
 * two meet in the database.
 *
 * Reads from CONN: RING (something was written here: tell the server), SYNC (a whole round, answered by
 * SYNC_DONE), WATCH (somebody looks: answered by STATE), ANSWER, PING, QUIT. Writes: STATE, PROGRESS,
 * FOLDER_CHANGED, ASK, ERROR. */
#ifndef NET_SYNC_SYNC_H
#define NET_SYNC_SYNC_H

#include <stdbool.h>

#include "store/mail/account.h"

struct notice_conn;

int sync_run(struct notice_conn *conn, const char *argument);
/* Is there a server to keep an account of KIND like? */
bool sync_has_kind(enum account_kind kind);

#endif
