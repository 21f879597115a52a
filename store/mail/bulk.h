/* Many new messages at once: which thread has which id is asked of memory and written in the end, and what
 * is counted of a thread is written once a transaction, not once a message. Between bulk_begin and bulk_end
 * the functions of thread.h do so by themselves; store_commit writes what was counted, store_rollback
 * forgets it. Who is killed in between leaves rows whose ids bulk_mend knows again. */
#ifndef STORE_MAIL_BULK_H
#define STORE_MAIL_BULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bulk;
struct counted;
struct err;
struct store;

/* These outside of a transaction: 0, or -1. After a bulk_begin that went well, bulk_end; before it
 * bulk_finish, also when only a part came. STORE->bulk stays as it is where there is one already, and NULL while
 * another program has one: then all goes as it always does. */
int bulk_begin(struct store *store, struct err *err);
int bulk_finish(struct store *store, struct err *err);
void bulk_end(struct store *store);
/* What a bulk_finish that never came has left to do; nothing while somebody is at it. */
int bulk_mend(struct store *store, struct err *err);
/* Another program is between bulk_begin and bulk_end. */
bool bulk_is_elsewhere(const struct store *store);
/* Another program waits to write: our transaction should end soon. */
bool bulk_is_awaited(const struct store *store);
/* No other program brought a row since bulk_begin. */
bool bulk_is_alone(struct store *store);

/* For thread.c and store.c; all of them only while STORE->bulk is there. */

/* A transaction begins: what others wrote meanwhile is asked of the database. */
void bulk_look(struct store *store);
/* Are there any for whom lost_tags_give must look? */
bool bulk_has_lost_tags(struct store *store);
/* It ends: what it touched was ours. */
void bulk_touched(struct store *store);
/* Writes what was counted. 0, or -1. */
int bulk_write(struct store *store, struct err *err);
/* A transaction was rolled back: what came in it was never there. */
void bulk_forget(struct store *store);
/* The thread of the id HASH: 0 none, -1 nobody knows without asking the database. */
int64_t bulk_thread(struct store *store, int64_t hash);
/* Notes it; what the database has not is written in the end. */
void bulk_know(struct store *store, int64_t hash, int64_t thread);
/* All ids of THREAD are TO's now, in the database too. */
void bulk_went(struct store *store, int64_t thread, int64_t to);
/* Which one it is now. */
int64_t bulk_where(struct store *store, int64_t thread);
/* New threads get numbers FROM to TO now, and until the end of the transaction none of them is in the database. */
void bulk_expect(struct store *store, int64_t from, int64_t to);
bool bulk_is_expected(struct store *store, int64_t thread);
/* A message more in FOLDER (0: in all of them), to be written. */
void bulk_count(struct store *store, const struct counted *counted, int64_t folder);

#endif
