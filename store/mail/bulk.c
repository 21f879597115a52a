#include "config.h"
#include "store/mail/bulk.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/mail/store_inside.h"
#include "store/mail/thread.h"

#define TABLE_FIRST  4096    /* places of an empty table; a power of two */
#define KNOWN_MOST   4000000 /* ids (64 MB and more): then the database is asked again */
#define LOADED_MOST  2000000 /* likewise, of those that are there before */
#define COUNTS_FIRST 1024
#define IDS_AT_ONCE  1000
#define HASH_DIGITS  16 /* of an id in a row */
#define FEW_ROWS     "1000" /* a first screen's; with more, to make the late indexes anew does not pay at once */

struct pair {
	int64_t key, value; /* a key is never 0 */
};

/* Open addressing, rather full: memory is scarcer than a few steps more. */
struct table {
	struct pair *pairs;
	size_t count, cap;
};

struct bulk {
	struct table known; /* hash of an id to its thread */
	struct table went;  /* thread to the one that it went over to */
	bool is_whole;	    /* an id that is not in KNOWN is nowhere */
	bool is_forgetful;  /* so many came that not all are in KNOWN */
	struct pair *fresh; /* to be written, at the end */
	size_t fresh_count, fresh_cap;
	struct pair *more; /* likewise, of ids that are in KNOWN otherwise */
	size_t more_count, more_cap;
	int64_t expected_from, expected_to;
	struct thread_sum *sums;
	size_t sum_count, sum_cap;
	uint32_t *places; /* of sums, by thread and folder: number + 1 */
	size_t place_cap;
	struct arena *arena; /* texts of SUMS */
	int64_t version;     /* of the database, by others */
	bool has_lost_tags;  /* in this transaction */
	int64_t revisions;   /* of all folders together: who brings a row, or joins threads, touches its folder */
	bool is_alone;
	int lock; /* while it is held nobody takes our rows for those of one who was killed */
};

/* --- tables --- */

static struct pair *pair_of(const struct table *table, int64_t key)
{
	size_t at = (uint64_t)key * 0x9e3779b97f4a7c15u >> 20 & (table->cap - 1);

	while (table->pairs[at].key && table->pairs[at].key != key)
		at = (at + 1) & (table->cap - 1);
	return &table->pairs[at];
}

static void grow(struct table *table)
{
	struct table old = *table;

	table->cap *= 2;
	table->pairs = mem_calloc(table->cap, sizeof *table->pairs);
	for (size_t i = 0; i < old.cap; i++)
		if (old.pairs[i].key)
			*pair_of(table, old.pairs[i].key) = old.pairs[i];
	free(old.pairs);
}

static void set(struct table *table, int64_t key, int64_t value)
{
	struct pair *pair;

	if (table->count * 8 >= table->cap * 7)
		grow(table);
	pair = pair_of(table, key);
	table->count += pair->key == 0;
	*pair = (struct pair){key, value};
}

static void empty(struct table *table)
{
	free(table->pairs);
	*table = (struct table){.cap = TABLE_FIRST};
	table->pairs = mem_calloc(TABLE_FIRST, sizeof *table->pairs);
}

/* --- what is known --- */

static void forget_known(struct bulk *bulk)
{
	empty(&bulk->known);
	empty(&bulk->went);
	bulk->is_whole = false;
}

void bulk_know(struct store *store, int64_t hash, int64_t thread)
{
	if (store->bulk->known.count >= KNOWN_MOST) {
		forget_known(store->bulk);
		store->bulk->is_forgetful = true;
	}
	set(&store->bulk->known, hash, thread);
}

int64_t bulk_where(struct store *store, int64_t thread)
{
	const struct table *went = &store->bulk->went;
	struct pair *first = pair_of(went, thread), *pair = first;

	while (pair->key) {
		thread = pair->value;
		pair = pair_of(went, thread);
	}
	if (first->key)
		first->value = thread; /* the next one asks once */
	return thread;
}

int64_t bulk_thread(struct store *store, int64_t hash)
{
	const struct pair *pair = pair_of(&store->bulk->known, hash);

	if (!pair->key)
		return store->bulk->is_whole ? 0 : -1;
	return bulk_where(store, pair->value);
}

void bulk_went(struct store *store, int64_t thread, int64_t to)
{
	set(&store->bulk->went, thread, to);
}

void bulk_expect(struct store *store, int64_t from, int64_t to)
{
	store->bulk->expected_from = from;
	store->bulk->expected_to = to;
}

bool bulk_is_expected(struct store *store, int64_t thread)
{
	return thread >= store->bulk->expected_from && thread <= store->bulk->expected_to;
}

static int load(struct store *store, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT hash, thread FROM ref LIMIT ?");
	size_t count = 0;
	int rc;

	db_bind_int(stmt, 1, LOADED_MOST);
	for (; (rc = db_step(stmt, err)) == 1; count++)
		bulk_know(store, db_int(stmt, 0), db_int(stmt, 1));
	store->bulk->is_whole = rc == 0 && count < LOADED_MOST;
	return rc;
}

/* --- what is counted --- */

static uint32_t *sum_place(struct bulk *bulk, int64_t thread, int64_t folder)
{
	size_t at =
	    ((uint64_t)thread * 31 + (uint64_t)folder) * 0x9e3779b97f4a7c15u >> 20 & (bulk->place_cap - 1);

	while (bulk->places[at]) {
		const struct thread_sum *sum = &bulk->sums[bulk->places[at] - 1];

		if (sum->thread == thread && sum->folder == folder)
			break;
		at = (at + 1) & (bulk->place_cap - 1);
	}
	return &bulk->places[at];
}

static void empty_sums(struct bulk *bulk, size_t cap)
{
	free(bulk->places);
	bulk->places = mem_calloc(cap, sizeof *bulk->places);
	bulk->place_cap = cap;
	bulk->sum_count = 0;
	arena_reset(bulk->arena);
}

static void grow_places(struct bulk *bulk)
{
	free(bulk->places);
	bulk->place_cap *= 2;
	bulk->places = mem_calloc(bulk->place_cap, sizeof *bulk->places);
	for (size_t i = 0; i < bulk->sum_count; i++)
		*sum_place(bulk, bulk->sums[i].thread, bulk->sums[i].folder) = (uint32_t)i + 1;
}

static struct thread_sum *sum_of(struct bulk *bulk, int64_t thread, int64_t folder)
{
	uint32_t *place;

	if (bulk->sum_count * 2 >= bulk->place_cap)
		grow_places(bulk);
	place = sum_place(bulk, thread, folder);
	if (!*place) {
		ARRAY_ROOM(bulk->sums, bulk->sum_count, bulk->sum_cap);
		bulk->sums[bulk->sum_count++] = (struct thread_sum){.thread = thread, .folder = folder};
		*place = (uint32_t)bulk->sum_count;
	}
	return &bulk->sums[*place - 1];
}

void bulk_count(struct store *store, const struct counted *counted, int64_t folder)
{
	struct bulk *bulk = store->bulk;
	struct thread_sum *sum = sum_of(bulk, counted->thread, folder);

	if (thread_sum_add(sum, counted)) {
		sum->from_key = arena_strdup(bulk->arena, counted->from_key);
		sum->subject_key = arena_strdup(bulk->arena, counted->subject_key);
	}
}

/* --- writing it --- */

int bulk_write(struct store *store, struct err *err)
{
	struct bulk *bulk = store->bulk;

	for (size_t i = 0; i < bulk->sum_count; i++)
		if (thread_write_sum(store, &bulk->sums[i], err) < 0)
			return -1;
	if (bulk->sum_count)
		empty_sums(bulk, COUNTS_FIRST);
	return 0;
}

/* Nobody knows any more which of the ids come from rows that are no more: in the end the rows are asked. */
void bulk_forget(struct store *store)
{
	empty_sums(store->bulk, COUNTS_FIRST);
	forget_known(store->bulk);
	bulk_expect(store, 0, -1);
	store->bulk->is_alone = false;
}

static bool has_rows(struct store *store, const char *sql)
{
	struct db_stmt *stmt = db_query(store->db, sql);
	bool has = db_step(stmt, NULL) != 0;

	db_reset(stmt);
	return has;
}

bool bulk_has_lost_tags(struct store *store)
{
	return store->bulk->has_lost_tags;
}

static int64_t revisions_now(struct store *store)
{
	return db_step_id(db_query(store->db, "SELECT sum(revision) FROM folder"), NULL);
}

void bulk_look(struct store *store)
{
	int64_t version = store_data_version(store), revisions;

	bulk_expect(store, 0, -1);
	store->bulk->has_lost_tags = has_rows(store, "SELECT 1 FROM lost_tags LIMIT 1");
	if (version == store->bulk->version)
		return;
	store->bulk->version = version;
	revisions = revisions_now(store);
	if (revisions == store->bulk->revisions && revisions >= 0)
		return;
	store->bulk->revisions = revisions;
	store->bulk->is_alone = store->bulk->is_whole = false;
}

void bulk_touched(struct store *store)
{
	store->bulk->revisions = revisions_now(store);
}

bool bulk_is_alone(struct store *store)
{
	return store->bulk->is_alone;
}

static int owe(struct store *store, bool is_owed, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "INSERT INTO meta VALUES('refs_owed', ?1)"
						   " ON CONFLICT(name) DO UPDATE SET value = ?1");

	db_bind_int(stmt, 1, is_owed);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

/* Indexes whose places are random cost more than all others; at the end they are made at once. */
static int put_off(struct store *store, struct err *err)
{
	bool has_few;
	int rc;

	if (store_begin(store, err) < 0)
		return -1;
	has_few = !has_rows(store, "SELECT 1 FROM message LIMIT 1 OFFSET " FEW_ROWS);
	rc = owe(store, true, err);
	for (size_t i = 0; rc == 0 && i < schema_late_index_count && has_few; i++)
		rc = db_exec(store->db, schema_late_indexes[i].drop, err);
	if (rc == 0)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

static int make_late_indexes(struct store *store, struct err *err)
{
	for (size_t i = 0; i < schema_late_index_count; i++)
		if (db_exec(store->db, schema_late_indexes[i].make, err) < 0)
			return -1;
	return 0;
}

static int open_lock(const struct store *store, int flags)
{
	char *path = mem_printf("%s" DB_AWAITED, store->db_path);
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);

	free(path);
	return fd;
}

/* The lock's descriptor, or -1: another program has it. */
static int take_lock(const struct store *store)
{
	int fd = open_lock(store, O_CREAT);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return -1;
}

bool bulk_is_awaited(const struct store *store)
{
	return db_is_awaited(store->bulk->lock);
}

bool bulk_is_elsewhere(const struct store *store)
{
	int fd = store->bulk ? -1 : open_lock(store, 0);
	bool is = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0;

	if (fd >= 0)
		close(fd);
	return is;
}

int bulk_begin(struct store *store, struct err *err)
{
	int lock = store->bulk ? -1 : take_lock(store);
	struct bulk *bulk;

	if (lock < 0)
		return 0;
	bulk = mem_alloc(sizeof *bulk);
	bulk->lock = lock;
	bulk->arena = arena_new();
	bulk->is_alone = true;
	bulk->expected_to = -1;
	bulk->version = store_data_version(store);
	bulk->revisions = revisions_now(store);
	empty_sums(bulk, COUNTS_FIRST);
	forget_known(bulk);
	store->bulk = bulk;
	if (load(store, err) == 0 && put_off(store, err) == 0)
		return 0;
	bulk_end(store);
	return -1;
}

/* --- the ids, at the end --- */

static int by_key(const void *a, const void *b)
{
	int64_t x = ((const struct pair *)a)->key, y = ((const struct pair *)b)->key;

	return x < y ? -1 : x > y;
}

/* As many as fit into one short transaction; the place behind is in *AT then. */
static int write_ids(struct store *store, size_t *at, struct err *err)
{
	struct bulk *bulk = store->bulk;
	size_t from = *at, i = from;
	int rc = 0;

	if (store_begin(store, err) < 0)
		return -1;
	for (; rc == 0 && i < bulk->fresh_count && i - from < IDS_AT_ONCE; i++)
		rc = thread_settle_id(store, bulk->fresh[i].key, bulk->fresh[i].value, err);
	if (rc == 0 && i == bulk->fresh_count)
		rc = owe(store, false, err);
	*at = i;
	if (rc == 0)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

static int write_all_ids(struct store *store, struct err *err)
{
	size_t at = 0;

	do {
		if (write_ids(store, &at, err) < 0)
			return -1;
	} while (at < store->bulk->fresh_count);
	return 0;
}

/* --- the ids that rows have: who was stopped in the middle left no others, and where others wrote
 * meanwhile threads may have become one behind our back --- */

static bool is_owed(struct store *store)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT value FROM meta WHERE name = 'refs_owed'");
	bool is = db_step(stmt, NULL) == 1 && db_int(stmt, 0);

	db_reset(stmt);
	return is;
}

/* What is said of one id twice, differently, goes behind the others: then two threads become one. */
static void add_id(struct bulk *bulk, int64_t hash, int64_t thread)
{
	const struct pair *pair = pair_of(&bulk->known, hash);

	if (!pair->key) {
		set(&bulk->known, hash, thread);
	} else if (pair->value != thread) {
		ARRAY_ROOM(bulk->more, bulk->more_count, bulk->more_cap);
		bulk->more[bulk->more_count++] = (struct pair){hash, thread};
	}
}

static void add_ids_of_row(struct bulk *bulk, int64_t mid, const char *refs, int64_t thread)
{
	char hex[HASH_DIGITS + 1] = "";
	int64_t hash;

	if (mid)
		add_id(bulk, mid, thread);
	for (; strlen(refs) >= HASH_DIGITS; refs += HASH_DIGITS) {
		memcpy(hex, refs, HASH_DIGITS);
		hash = (int64_t)strtoull(hex, NULL, 16);
		if (hash)
			add_id(bulk, hash, thread);
	}
}

static int gather_from_rows(struct store *store, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT mid, refs, thread FROM message");
	int rc;

	forget_known(store->bulk);
	while ((rc = db_step(stmt, err)) == 1)
		add_ids_of_row(store->bulk, db_int(stmt, 0), db_text(stmt, 1), db_int(stmt, 2));
	return rc;
}

/* KNOWN itself becomes the list: there is no memory for both. What the database had before does no harm in it. */
static void list_known(struct bulk *bulk)
{
	struct table *known = &bulk->known;

	bulk->fresh = known->pairs;
	bulk->fresh_cap = known->cap;
	for (size_t i = 0; i < known->cap; i++)
		if (known->pairs[i].key)
			bulk->fresh[bulk->fresh_count++] = known->pairs[i];
	known->pairs = NULL;
	empty(known);
	for (size_t i = 0; i < bulk->more_count; i++) {
		ARRAY_ROOM(bulk->fresh, bulk->fresh_count, bulk->fresh_cap);
		bulk->fresh[bulk->fresh_count++] = bulk->more[i];
	}
}

int bulk_finish(struct store *store, struct err *err)
{
	struct bulk *bulk = store->bulk;

	bulk_look(store);
	if ((!bulk->is_alone || bulk->is_forgetful) && gather_from_rows(store, err) < 0)
		return -1;
	list_known(bulk);
	qsort(bulk->fresh, bulk->fresh_count, sizeof *bulk->fresh, by_key);
	if (write_all_ids(store, err) < 0)
		return -1;
	return make_late_indexes(store, err);
}

int bulk_mend(struct store *store, struct err *err)
{
	int rc;

	if (store->bulk)
		return 0;
	if (!is_owed(store))
		return make_late_indexes(store, err);
	if (bulk_begin(store, err) < 0)
		return -1;
	if (!store->bulk)
		return 0;
	store->bulk->is_alone = false;
	rc = bulk_finish(store, err);
	bulk_end(store);
	return rc;
}

void bulk_end(struct store *store)
{
	struct bulk *bulk = store->bulk;

	if (!bulk)
		return;
	store->bulk = NULL;
	close(bulk->lock);
	free(bulk->known.pairs);
	free(bulk->went.pairs);
	free(bulk->fresh);
	free(bulk->more);
	free(bulk->sums);
	free(bulk->places);
	arena_free(&bulk->arena);
	free(bulk);
}
