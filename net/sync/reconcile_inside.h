/* What the files of reconcile share. */
#ifndef NET_SYNC_RECONCILE_INSIDE_H
#define NET_SYNC_RECONCILE_INSIDE_H

#include <stddef.h>

#include "net/sync/backend.h"
#include "net/sync/reconcile.h"
#include "store/base/err.h"
#include "store/mail/remote.h"

struct reconcile {
	struct store *store;
	struct backend *backend;
	struct reconcile_events events;
	int64_t since; /* messages received since then are kept whole: "keep" */
	char *selected; /* wire name, NULL none */
	struct backend_state now; /* of it */
	bool has_told; /* the server was told something */
	bool is_whole; /* a round of all folders */
	size_t missing; /* letters that were missed when it began */
	int64_t done, total;
	const struct remote_wish *wish; /* what is fetched is for it; NULL: for nobody yet */
	int64_t wish_done, wish_total;
	struct err first; /* what could not be done, though the connection is well */
};

/* uids, growing */
struct reconcile_uids {
	uint32_t *items;
	size_t count, cap;
};
void reconcile_add_uid(struct reconcile_uids *uids, uint32_t uid);
/* Rising, each once. */
void reconcile_sort_uids(struct reconcile_uids *uids);

bool reconcile_is_lost(const struct err *err); /* the connection is */
int reconcile_check_stop(struct reconcile *reconcile, struct err *err);
void reconcile_note(struct reconcile *reconcile, const struct err *err);
void reconcile_changed(struct reconcile *reconcile);
/* Whatever is open, the next open asks the server. */
void reconcile_close(struct reconcile *reconcile);
/* Selects without asking what changed. */
int reconcile_open(struct reconcile *reconcile, const struct remote_folder *folder, struct err *err);

/* reconcile_folders.c: the list of folders. STATUS (in ARENA, by place of FOLDERS) what LIST said, or NULL. */
int reconcile_folders(struct reconcile *reconcile, struct arena *arena, struct remote_folder **folders,
		      size_t *count, struct backend_mailbox ***status, struct err *err);

/* reconcile_look.c: one mailbox. */
int reconcile_look(struct reconcile *reconcile, const struct remote_folder *folder, struct err *err);

/* reconcile_fetch.c: UIDS newest first. */
int reconcile_fetch_new(struct reconcile *reconcile, const struct remote_folder *folder,
			struct reconcile_uids *uids, bool is_first, struct err *err);
int reconcile_fetch_bytes(struct reconcile *reconcile, const struct remote_folder *folder, size_t at_most,
			  struct err *err);
int reconcile_fetch_wishes(struct reconcile *reconcile, struct err *err);
/* For who waits: SIZE bytes are to come, LEN of them came. -1: nobody waits any more. */
int reconcile_begin_wish(struct reconcile *reconcile, int64_t size, struct err *err);
int reconcile_add_wish(struct reconcile *reconcile, size_t len, struct err *err);

/* reconcile_outline.c: of letter UID of the mailbox that is open, into the file PATH. 0; 1 it is better fetched whole;
 * -1. */
int reconcile_fetch_outline(struct reconcile *reconcile, uint32_t uid, const char *path, struct err *err);
/* What people look for in texts that are not here. */
int reconcile_answer_asks(struct reconcile *reconcile, struct err *err);
/* The same as reconcile_fetch_wishes in the midst of FOLDER, between two batches: it is selected again. */
int reconcile_fetch_wishes_amid(struct reconcile *reconcile, const struct remote_folder *folder, struct err *err);

/* reconcile_push.c: what we owe it, for the selected folder. */
int reconcile_pay(struct reconcile *reconcile, const struct remote_folder *folder, struct err *err);

#endif
