/* What the files of the outbox share behind outbox.h: outbox.c opens it, outbox_add.c takes letters
 * in, outbox_claim.c hands them to workers, outbox_verdict.c writes down what became of them and
 * what a person wishes, outbox_rows.c is the tables, outbox_files.c the letters and envelopes on
 * disk, outbox_rebuild.c makes the tables again from the envelopes, outbox_late.c puts off what the disk
 * takes long for. */
#ifndef STORE_MAIL_OUTBOX_INSIDE_H
#define STORE_MAIL_OUTBOX_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/mail/outbox.h"

#define KEEP_ROWS_S (7 * 24 * 3600) /* finished entries stay visible so long */

struct db;
struct db_stmt;

struct outbox {
	struct db *db;
	char *dir;
	ino_t inode; /* of the database */
	bool was_rebuilt;
	/* outbox_be_late() */
	bool is_late;
	int *lines; /* files with lines that are not on disk yet */
	size_t line_count, line_cap;
	int64_t *done; /* entries whose files can go */
	size_t done_count, done_cap;
};

/* Locks the folder, by flock(2)'s KIND: LOCK_EX opens or sets aside, LOCK_SH puts letters in. A
 * descriptor to close, or -1. */
int outbox_lock_database(const struct outbox *outbox, int kind, struct err *err);

/* One letter as it goes in; all text is lent. RET, ENVID and NOTIFY may be NULL. */
struct outbox_envelope {
	int64_t id, added, due, size;
	const char *account, *sender, *subject, *message_id, *ret, *envid, *notify;
	bool is_bounce, is_held;
};

/* --- the tables (outbox_rows.c); 0, or -1 with ERR told ------------------------------------- */

/* Runs a statement that gives no rows. */
int outbox_rows_run(struct db_stmt *stmt, struct err *err);
/* The one number that STMT gives (0 without a row). */
int outbox_rows_number(struct db_stmt *stmt, int64_t *number, struct err *err);
int outbox_rows_add_entry(struct outbox *outbox, const struct outbox_envelope *envelope,
			  struct err *err);
int outbox_rows_add_recipient(struct outbox *outbox, const struct outbox_envelope *envelope,
			      size_t n, const char *addr, struct err *err);
/* As outbox_get, with only the recipients that CLAIMANT has (0: all). */
int outbox_rows_get(struct outbox *outbox, int64_t id, int64_t claimant, struct arena *arena,
		    struct outbox_entry *entry, struct err *err);

/* --- letters and envelopes on disk (outbox_files.c) ----------------------------------------- */

/* DIR/ID.ENDING; to be freed. */
char *outbox_files_path(const struct outbox *outbox, int64_t id, const char *ending);
void outbox_files_remove(const struct outbox *outbox, int64_t id);
/* "17.env" with ENDING "env": 17; else -1. */
int64_t outbox_files_number(const char *name, const char *ending);
/* Writes the envelope; after it the letter survives a power cut. */
int outbox_files_seal(struct outbox *outbox, const struct outbox_envelope *envelope,
		      char *const *recipients, size_t count, struct err *err);
/* Adds a line behind the envelope: recipient N came to WORD. On disk when it returns; IS_LATE: with
 * outbox_sync_verdicts. */
int outbox_files_add_line(struct outbox *outbox, int64_t entry, int64_t n, const char *word, bool is_late,
			  struct err *err);
/* Subject and message id into ENVELOPE, in ARENA: from bytes, and (with the size) from the file. */
void outbox_files_names(const char *data, size_t len, struct outbox_envelope *envelope,
			struct arena *arena);
void outbox_files_read_names(struct outbox *outbox, struct outbox_envelope *envelope,
			     struct arena *arena);

/* --- what is put off (outbox_late.c) ------------------------------------------------------- */

/* Takes FD, the envelope of a letter with a new line. */
void outbox_late_line(struct outbox *outbox, int fd);
/* What is committed between PAUSED and not is on disk at once, with all before it. */
int outbox_late_pause(struct outbox *outbox, bool is_paused, struct err *err);
void outbox_late_remove(struct outbox *outbox, int64_t id);
void outbox_late_free(struct outbox *outbox);

/* --- the tables from the envelopes (outbox_rebuild.c) --------------------------------------- */

/* Fills a database that has never been whole. */
int outbox_rebuild_if_new(struct outbox *outbox, struct err *err);
/* Does what the lines behind envelope ID say: a dead worker's word may not be in the tables. */
int outbox_rebuild_replay(struct outbox *outbox, int64_t id, struct err *err);
/* The same for all that are not finished. */
int outbox_rebuild_replay_all(struct outbox *outbox, struct err *err);
/* Finished entries that nobody need see any more. Inside a transaction. */
int outbox_forget_old(struct outbox *outbox, struct err *err);

#endif
