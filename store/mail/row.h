/* A message on its way into the database: read once from its header, then one row. */
#ifndef STORE_MAIL_ROW_H
#define STORE_MAIL_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account;
struct arena;
struct box_entry;
struct box_message;
struct db_stmt;
struct err;
struct message;
struct store;

struct row {
	int64_t id, folder, place;
	const char *key;
	unsigned flags, file_flags;
	int64_t date, received, size;
	int64_t mid;
	int64_t *ids; /* hashes of all ids that decide about its thread, its own first */
	size_t id_count;
	const char *refs;
	const char *from_name, *from_addr, *to_name, *subject, *message_id;
	const char *from_key, *subject_key, *to_key;
	bool has_attachment, is_mine;
	bool is_away;	/* the header alone is known: KEY is "" */
	int64_t hint; /* box_entry's */
	int64_t thread; /* row_join's, else 0 */
};

/* ROW from the header of BYTES; all in ARENA. KEY and flags are ENTRY's. */
void row_read(const struct account *account, const struct box_message *bytes,
	      const struct box_entry *entry, struct arena *arena, struct row *row);
/* The same from HEAD, the beginning of a message of SIZE bytes. False: there must be more of it, ROW_HEAD bytes at
 * most, and ROW is nothing yet. */
#define ROW_HEAD ((size_t)160 * 1024)
bool row_read_head(const struct account *account, const struct box_message *head, int64_t size,
		   const struct box_entry *entry, struct arena *arena, struct row *row);
/* Into the database with thread and counts, inside a transaction; row->id is set. */
int row_insert(struct store *store, const struct row *row, struct err *err);
/* Between bulk_begin and bulk_end, inside the transaction that inserts the first of them: the threads of COUNT rows
 * with ids in order. Those that become one now cost nothing; row_insert would write each first. */
int row_join(struct store *store, struct row *rows, size_t count, struct err *err);
/* Out of it, likewise. */
int row_delete(struct store *store, int64_t id, struct err *err);
/* Puts it into another folder (FOLDER_REMOVED: nobody sees it). */
int row_move(struct store *store, int64_t id, int64_t folder, struct err *err);
/* What a person sees. */
int row_set_flags(struct store *store, int64_t id, unsigned flags, struct err *err);
/* Could the folded WORD stand in what a subject's key leaves out ("Re:", "Aw:"), or reach into it? */
bool row_may_be_prefix(const char *word);
/* Whether it brings files along, now that all of it is known; inside a transaction. 1 the row said something else. */
int row_set_attachment(struct store *store, int64_t id, bool has, struct err *err);
/* A hash that stands for a Message-ID (without brackets); never 0. */
int64_t row_hash(const char *id);

/* The columns that row_message reads, from "message m". */
#define ROW_COLUMNS                                                                                \
	"m.id, m.folder, m.thread, m.key, m.flags, m.date, m.received, m.size, m.from_name,"       \
	" m.from_addr, m.to_name, m.subject, m.message_id, m.tags, m.has_attachment, m.is_mine, m.is_away"
void row_message(struct db_stmt *stmt, struct arena *arena, struct message *message);

#endif
