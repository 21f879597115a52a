/* Which thread a message belongs to, and what each thread counts in each folder; all of it kept as
 * messages come, go and change, inside the caller's transaction. */
#ifndef STORE_MAIL_THREAD_H
#define STORE_MAIL_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct store;

struct counted {
	int64_t id, folder, thread;
	unsigned flags;
	int64_t date, size;
	const char *from_key, *subject_key;
	bool is_new; /* nobody was in its thread before */
};

/* What messages that came add to a thread in one folder (0: in all). */
struct thread_sum {
	int64_t thread, folder, latest, latest_id, size;
	int count, unread, flagged;
	const char *from_key, *subject_key; /* of the latest */
	bool is_new;			    /* the thread has nobody else yet, in no folder */
};

/* True: COUNTED is the latest of it now (its texts are lent). */
bool thread_sum_add(struct thread_sum *sum, const struct counted *counted);
int thread_write_sum(struct store *store, const struct thread_sum *sum, struct err *err);
/* The id HASH is THREAD's; when it was another's, both threads become one. */
int thread_settle_id(struct store *store, int64_t hash, int64_t thread, struct err *err);

/* The thread of a message that has and names the ids (hashes) IDS: threads that it joins become
 * one, the smaller going over. FRESH is the number of a new thread. -1 on error. */
int64_t thread_join(struct store *store, const int64_t *ids, size_t count, int64_t fresh,
		    struct err *err);
/* A message came into its folder. */
int thread_count(struct store *store, const struct counted *counted, struct err *err);
/* It left it (its row is away already). */
int thread_uncount(struct store *store, const struct counted *counted, struct err *err);
/* It went from its folder to TO (its row is there already). */
int thread_recount(struct store *store, const struct counted *counted, int64_t to, struct err *err);
/* Its flags became FLAGS. */
int thread_flags(struct store *store, const struct counted *counted, unsigned flags,
		 struct err *err);

#endif
