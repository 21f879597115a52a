#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/keywords.h"
#include "store/mail/remote.h"
#include "store/mail/store_inside.h"
#include "tests/lib/remote_world.h"
#include "tests/lib/temp.h"

#define ROUNDS 8

void world_fine(struct world *w, bool ok)
{
	if (!ok)
		print_message("# said: %s\n", w->err.text);
	assert_true(ok);
}

void world_reopen(struct world *w)
{
	reconcile_free(&w->reconcile);
	store_close(&w->store);
	w->store = store_open(&w->account, NULL, &w->err);
	world_fine(w, w->store);
	w->reconcile = reconcile_new(w->store, &w->events);
	reconcile_connect(w->reconcile, w->backend);
}

void world_connect(struct world *w)
{
	if (w->backend)
		w->backend->ops->close(w->backend);
	w->backend = fake_connect(w->server);
	if (w->reconcile)
		reconcile_connect(w->reconcile, w->backend);
}

int world_begin(void **state)
{
	struct world *w = mem_alloc(sizeof *w);

	w->home = mem_strdup(access("/dev/shm", W_OK) == 0 ? "/dev/shm/tern-remote-XXXXXX"
							    : "/tmp/tern-remote-XXXXXX");
	assert_non_null(mkdtemp(w->home));
	setenv("TERN_HOME", w->home, 1);
	w->arena = arena_new();
	w->account.name = (char *)"home";
	w->account.kind = ACCOUNT_IMAP;
	w->account.address = (char *)"me@localhost";
	w->account.path = path_in(PATH_MAIL, "home");
	world_fine(w, path_make_dirs(w->account.path, &w->err) == 0);
	w->server = fake_server_new();
	world_connect(w);
	w->seed = 7;
	world_reopen(w);
	*state = w;
	return 0;
}

int world_end(void **state)
{
	struct world *w = *state;

	reconcile_free(&w->reconcile);
	if (w->backend)
		w->backend->ops->close(w->backend);
	fake_server_free(&w->server);
	store_close(&w->store);
	arena_free(&w->arena);
	temp_end(&w->home);
	free(w->account.path);
	free(w);
	return 0;
}

void world_lose_index(struct world *w)
{
	char *dir = path_in(PATH_DATA, "accounts");

	store_close(&w->store);
	temp_remove(dir);
	free(dir);
	world_reopen(w);
}

void world_keep(struct world *w)
{
	world_fine(w, store_carry_out(w->store, &w->err) >= 0);
	world_fine(w, store_index(w->store, 0, NULL, NULL, &w->err) == 0);
}

int world_round(struct world *w)
{
	int rc = reconcile_round(w->reconcile, NULL, &w->err);

	if (rc < 0 && !w->is_quiet)
		print_message("# round: %s\n", w->err.text);
	return rc;
}

void world_sync(struct world *w)
{
	for (int i = 0; i < ROUNDS; i++) {
		int64_t owed;

		world_keep(w);
		world_fine(w, world_round(w) == 0);
		world_keep(w);
		owed = store_owed_count(w->store, &w->err);
		world_fine(w, owed >= 0);
		if (owed == 0 && i > 0)
			return;
	}
}

int64_t world_folder(struct world *w, const char *name)
{
	int64_t id = store_folder_make(w->store, name, &w->err);

	world_fine(w, id > 0);
	return id;
}

int64_t world_row(struct world *w, const char *folder, const char *id)
{
	struct db_stmt *stmt =
	    db_query(w->store->db, "SELECT m.id FROM message m JOIN folder f ON f.id = m.folder"
				   " WHERE f.name = ? AND m.message_id = ? ORDER BY m.id LIMIT 1");

	db_bind_text(stmt, 1, folder);
	db_bind_text(stmt, 2, id);
	return db_step_id(stmt, NULL);
}

void world_change(struct world *w, int64_t id, struct store_change change)
{
	world_fine(w, store_change(w->store, &id, 1, &change, NULL, &w->err) == 0);
}

char *world_letter(const char *id, int lines)
{
	struct buf text = BUF_INIT;

	buf_printf(&text,
		   "From: Lena <lena@example.org>\nTo: me@localhost\nSubject: Say %s\n"
		   "Date: Mon, 1 Jun 2020 12:00:00 +0000\n",
		   id);
	if (*id)
		buf_printf(&text, "Message-ID: <%s>\n", id);
	buf_add_str(&text, "\n");
	for (int i = 0; i < lines; i++)
		buf_printf(&text, "Line %d of the letter %s.\n", i, id);
	return buf_take(&text);
}

void world_put(struct world *w, const char *folder, const char *id, unsigned flags)
{
	char *text = world_letter(id, 3);
	struct box *box = store_box(w->store, world_folder(w, folder), &w->err);
	struct box_delivery delivery = {.data = text, .len = strlen(text), .fd = -1, .flags = flags,
					.received = 1600000000};

	world_fine(w, box && box_deliver(box, &delivery, NULL, &w->err) == 0);
	box_close(&box);
	free(text);
}

unsigned world_random(struct world *w, unsigned below)
{
	w->seed = w->seed * 1103515245u + 12345u;
	return (w->seed >> 8) % below;
}

/* --- both sides ---------------------------------------------------------------------------------- */

struct sum {
	int here, there;
};

static struct sum *sum_of(struct map *map, const char *key)
{
	struct sum *sum = map_get(map, key);

	if (!sum) {
		sum = mem_alloc(sizeof *sum);
		map_set(map, key, sum);
	}
	return sum;
}

static void count_there(struct world *w, struct map *map)
{
	for (size_t b = 0; b < w->server->count; b++) {
		struct fake_box *box = w->server->boxes[b];

		for (size_t i = 0; i < box->count; i++) {
			struct fake_message *message = &box->items[i];
			bool is_forwarded;
			const char *words = keywords_tidy(message->keywords, &is_forwarded, w->arena);
			unsigned flags = message->flags | (is_forwarded ? (unsigned)BOX_FORWARDED : 0u);

			sum_of(map, arena_printf(w->arena, "%s <%s> %u [%s]", box->name, message->id, flags,
						 words))
			    ->there++;
		}
	}
}

static bool has_bytes(struct world *w, int64_t id, const char *message_id)
{
	struct box_message bytes;
	struct err err = ERR_INIT;
	bool has;

	if (store_message_open(w->store, id, &bytes, &err) < 0) {
		print_message("# <%s>: %s\n", message_id, err.text);
		return false;
	}
	has = memmem(bytes.data, bytes.len, message_id, strlen(message_id)) != NULL &&
	      memchr(bytes.data, '\r', bytes.len) == NULL;
	box_message_close(&bytes);
	return has;
}

static bool count_here(struct world *w, struct map *map)
{
	struct db_stmt *stmt =
	    db_query(w->store->db, "SELECT f.name, m.message_id, m.flags & 63, m.tags, m.id, m.is_away FROM"
				   " message m JOIN folder f ON f.id = m.folder ORDER BY m.id");
	bool is_well = true;

	while (db_step(stmt, NULL) == 1) {
		const char *words = keywords_of_tags(db_text(stmt, 3), w->arena);

		sum_of(map, arena_printf(w->arena, "%s <%s> %d [%s]", db_text(stmt, 0), db_text(stmt, 1),
					 (int)db_int(stmt, 2), words))
		    ->here++;
		if (db_int(stmt, 5)) {
			print_message("# %s <%s> is away\n", db_text(stmt, 0), db_text(stmt, 1));
			is_well = false;
		} else {
			is_well &= has_bytes(w, db_int(stmt, 4), db_text(stmt, 1));
		}
	}
	return is_well;
}

bool world_is_equal(struct world *w)
{
	struct map *map = map_new();
	bool is_equal = count_here(w, map);
	const char *key;
	void *value;
	size_t at = 0;

	count_there(w, map);
	while (map_next(map, &at, &key, &value)) {
		const struct sum *sum = value;

		if (sum->here == sum->there)
			continue;
		print_message("# %s: here %d, there %d\n", key, sum->here, sum->there);
		is_equal = false;
	}
	map_free(&map, free);
	arena_reset(w->arena);
	return is_equal;
}
