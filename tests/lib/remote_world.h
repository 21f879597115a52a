/* An account here and a server in memory, for tests of the two. Include after cmocka.h. */
#ifndef TESTS_LIB_REMOTE_WORLD_H
#define TESTS_LIB_REMOTE_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "net/sync/reconcile.h"
#include "store/base/err.h"
#include "store/mail/account.h"
#include "store/mail/store.h"
#include "tests/lib/fake_server.h"

struct world {
	char *home;
	struct account account;
	struct store *store;
	struct arena *arena;
	struct err err;
	struct fake_server *server;
	struct backend *backend;
	struct reconcile *reconcile;
	struct reconcile_events events;
	unsigned seed;
	bool is_quiet; /* tells nothing of what went wrong */
};

int world_begin(void **state);
int world_end(void **state);
void world_fine(struct world *w, bool ok);
void world_reopen(struct world *w);
/* The index is lost; the files stay. */
void world_lose_index(struct world *w);
void world_connect(struct world *w);
/* The keeper's half: intents and files. */
void world_keep(struct world *w);
/* A round and the keeper, until nothing is owed (some rounds). */
void world_sync(struct world *w);
/* One round alone: 0 or -1. */
int world_round(struct world *w);
int64_t world_folder(struct world *w, const char *name); /* made when missing */
/* The row of Message-ID in FOLDER, 0 none. */
int64_t world_row(struct world *w, const char *folder, const char *id);
void world_change(struct world *w, int64_t id, struct store_change change);
/* A letter ("" no Message-ID) as other programs put it. */
void world_put(struct world *w, const char *folder, const char *id, unsigned flags);
/* The text of a letter; the caller's. LINES of body. */
char *world_letter(const char *id, int lines);
/* Tells every difference between both sides; true: none. */
bool world_is_equal(struct world *w);
unsigned world_random(struct world *w, unsigned below);

#endif
