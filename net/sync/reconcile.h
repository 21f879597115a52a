/* An account here and its server, made alike. The sync worker gives a connection that is signed in; each
 * round brings over what changed on either side since the last. All state is in the store, so a connection
 * may be cut and the worker killed at any moment: the next round goes on.
 *
 * What it costs: a mailbox in which nothing changed nothing beyond the list (where the list tells its
 * status with a modseq) or one SELECT; memory does not follow the number of messages but for 12 bytes each
 * where the server cannot tell what changed. */
#ifndef NET_SYNC_RECONCILE_H
#define NET_SYNC_RECONCILE_H

#include <stdbool.h>
#include <stdint.h>

struct backend;
struct err;
struct reconcile;
struct store;

struct reconcile_events {
	/* All may be NULL. Messages fetched of a folder (its name here). */
	void (*progress)(void *arg, const char *folder, int64_t done, int64_t total);
	/* Bytes of MESSAGE, or of a PART ("" all) of it, that somebody waits for; true: nobody does any more. */
	bool (*wish)(void *arg, int64_t message, const char *part, int64_t done, int64_t total);
	/* Rows changed: whoever tells the screens should look. */
	void (*changed)(void *arg);
	/* Asked between two batches: true stops with ERR_CANCELLED. */
	bool (*must_stop)(void *arg);
	void *arg;
};

/* STORE and BACKEND stay the caller's. BACKEND NULL: none yet. */
struct reconcile *reconcile_new(struct store *store, const struct reconcile_events *events);
void reconcile_free(struct reconcile **reconcile);
/* A new connection; nothing is selected on it. NULL: it was lost. */
void reconcile_connect(struct reconcile *reconcile, struct backend *backend);

/* Folders, flags, moves, headers, then bytes: all of them, or one folder by its name here (then without the
 * list of folders). 0 all done; -1: ERR_TEMPORARY and ERR_CORRUPT: close the connection and try again
 * later; another kind: the first thing that could not be done, the rest was. */
int reconcile_round(struct reconcile *reconcile, const char *only_folder, struct err *err);
/* Only what people did here, and what they wait for: quick. 1 something was told, 0 nothing was owed, -1. */
int reconcile_push(struct reconcile *reconcile, struct err *err);
/* Is there anything for reconcile_push? Asks the store alone. */
bool reconcile_owes(struct reconcile *reconcile);
/* Selects FOLDER (NULL: the inbox) so that backend->ops->wait may follow: 0; 1: it was opened only now, and had
 * changed before; -1. When that is so, or wait tells of a change: reconcile_round(FOLDER); with OTHER, a wire
 * name: reconcile_folder_of. */
int reconcile_select(struct reconcile *reconcile, const char *folder, struct err *err);
/* The name here of the mailbox WIRE; the caller's; NULL unknown. */
char *reconcile_folder_of(struct reconcile *reconcile, const char *wire);

#endif
