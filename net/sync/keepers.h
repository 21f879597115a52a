/* The workers of accounts: one "watch" for each, so that every screen sees what other programs do to its
 * mail, and one "sync" for each that has a server. A worker that crashes is started again, later each time.
 */
#ifndef NET_SYNC_KEEPERS_H
#define NET_SYNC_KEEPERS_H

#include <stdint.h>

struct err;
struct keepers;
struct loop;
struct notice;
struct supervisor;

/* Reads the accounts and starts their workers. TELL gets their news. */
struct keepers *keepers_new(struct loop *loop, struct supervisor *supervisor,
			    void (*tell)(void *arg, const struct notice *news), void *arg);
void keepers_free(struct keepers **keepers);
/* Reads the accounts again where the file of the configuration is another than it was: what is new begins,
 * what was changed begins anew. */
void keepers_look(struct keepers *keepers);
/* Reads the accounts again. */
void keepers_reload(struct keepers *keepers);
/* Something was written for ACCOUNT ("": any): its worker looks. CODE: RING_AT_ONCE or 0. */
void keepers_ring(struct keepers *keepers, const char *account, int64_t code);
/* A screen looks at ACCOUNT: its worker runs, now. */
void keepers_watch(struct keepers *keepers, const char *account);
/* One whole round, answered by SYNC_DONE; -1 when ACCOUNT has no worker. */
int keepers_sync(struct keepers *keepers, const char *account, int64_t id, struct err *err);
/* What goes on for an account is to be left (NOTICE_CANCEL). */
void keepers_cancel(struct keepers *keepers, const struct notice *cancel);
void keepers_answer(struct keepers *keepers, const struct notice *answer);

#endif
