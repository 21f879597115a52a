/* What the files of store/mail share behind store.h. Everything that writes does so between
 * store_begin and store_commit: counts of folders are gathered in between and written once, and
 * every folder that was touched gets a new revision. */
#ifndef STORE_MAIL_STORE_INSIDE_H
#define STORE_MAIL_STORE_INSIDE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/mail/db.h"
#include "store/mail/hits.h"
#include "store/mail/schema.h"
#include "store/mail/store.h"

struct bulk;
struct fulltext;

struct touched {
	int64_t folder, total, unread, flagged;
};

struct store {
	struct db *db;
	const struct account *account;
	char *db_path;
	struct touched *touched;
	size_t touched_count, touched_cap;
	struct store_hits limit, found;
	int64_t own_version; /* rises with each commit of our own */
	size_t rescued;	     /* letters kept by remote_rescue since it was asked */
	int lock_fd;	     /* the keepers' lock, -1 when not held */
	int lock_depth;
	int lock_wait_ms;
	int busy_ms;	     /* 0: as it is by itself */
	ino_t inode;	     /* of the file at DB_PATH when it was opened */
	int64_t generation;  /* how many databases were here before */
	bool is_flooded; /* thousands of rows are coming from a server */
	bool may_lack_orders; /* they came: indexes for sorting may be missing */
	int piece_ms; /* 0: looks are whole */
	struct bulk *bulk;	   /* while many messages come at once */
	struct fulltext *fulltext; /* made when it is first asked for */
};

int store_begin(struct store *store, struct err *err);
int store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);
/* FOLDER's counts change by these; all 0: only its revision rises. */
void store_touch(struct store *store, int64_t folder, int total, int unread, int flagged);
/* COUNT new message ids; the first. Inside a transaction. -1. */
int64_t store_new_ids(struct store *store, int64_t count, struct err *err);
/* Changes with every commit, ours or another's. */
int64_t store_version(struct store *store);
/* Moves the damaged database aside and begins a new one in the same store. */
int store_renew(struct store *store, struct err *err);

/* The keepers' lock: one at a time carries out and indexes. Nests. Waits at most lock_wait_ms, then
 * -1 with ERR_TEMPORARY. */
int store_lock(struct store *store, struct err *err);
void store_unlock(struct store *store);

/* Opens the box of FOLDER (read-only account: read-only). */
struct box *store_box(struct store *store, int64_t folder, struct err *err);

#endif
