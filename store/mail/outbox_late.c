/* What a worker puts off while letters wait. A verdict's line goes into the envelope at once, and to the disk while
 * the next letter is under way; the tables follow when nothing else is to be done. After a power cut the tables may
 * be older than the envelopes: whoever opens the outbox first in the new session reads the lines again. Files go
 * only when the tables that do not name them any more are on disk. */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/mail/db.h"
#include "store/mail/outbox_inside.h"

#define LINES_MOST 32
#define DONE_MOST  256
#define BOOT_FILE  "/proc/sys/kernel/random/boot_id"
#define BOOT_LIMIT 100
#define BOOT_HEX   15 /* digits that fit into a number */

/* 0: nobody knows. */
static int64_t this_boot(void)
{
	char hex[DIGEST_HEX_SIZE];
	struct buf text = BUF_INIT;
	int64_t boot = 0;

	if (file_read(BOOT_FILE, &text, BOOT_LIMIT, NULL) == 0 && text.len) {
		digest_sha256_hex(text.data, text.len, hex);
		hex[BOOT_HEX] = '\0';
		boot = (int64_t)strtoull(hex, NULL, 16);
	}
	buf_free(&text);
	return boot;
}

static int write_boot(struct outbox *outbox, int64_t boot, struct err *err)
{
	struct db_stmt *stmt = db_query(outbox->db, "INSERT OR REPLACE INTO meta VALUES ('boot', ?)");

	db_bind_int(stmt, 1, boot);
	return outbox_rows_run(stmt, err);
}

static int replay_after_boot(struct outbox *outbox, struct err *err)
{
	struct db_stmt *stmt = db_query(outbox->db, "SELECT value FROM meta WHERE key = 'boot'");
	int64_t boot = this_boot(), last;

	if (outbox_rows_number(stmt, &last, err) < 0)
		return -1;
	if (boot && boot == last)
		return 0;
	if (db_begin(outbox->db, err) < 0)
		return -1;
	if (outbox_rebuild_replay_all(outbox, err) == 0 && write_boot(outbox, boot, err) == 0)
		return db_commit(outbox->db, err);
	db_rollback(outbox->db);
	return -1;
}

int outbox_be_late(struct outbox *outbox, struct err *err)
{
	if (replay_after_boot(outbox, err) < 0)
		return -1;
	outbox->is_late = true;
	return outbox_late_pause(outbox, false, err);
}

int outbox_late_pause(struct outbox *outbox, bool is_paused, struct err *err)
{
	if (!outbox->is_late)
		return 0;
	return db_exec(outbox->db, is_paused ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", err);
}

void outbox_late_line(struct outbox *outbox, int fd)
{
	ARRAY_ROOM(outbox->lines, outbox->line_count, outbox->line_cap);
	outbox->lines[outbox->line_count++] = fd;
	if (outbox->line_count >= LINES_MOST)
		outbox_sync_verdicts(outbox, NULL);
}

int outbox_sync_verdicts(struct outbox *outbox, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < outbox->line_count; i++) {
		if (fdatasync(outbox->lines[i]) < 0 && rc == 0)
			rc = err_errno(err, _("writing the outbox to disk"));
		close(outbox->lines[i]);
	}
	outbox->line_count = 0;
	return rc;
}

/* Something must be written, or nothing is synced. */
static int sync_tables(struct outbox *outbox, struct err *err)
{
	int rc;

	if (outbox_late_pause(outbox, true, err) < 0 || db_begin(outbox->db, err) < 0)
		return -1;
	rc = outbox_forget_old(outbox, err);
	if (rc == 0)
		rc = outbox_rows_run(db_query(outbox->db, "INSERT INTO meta VALUES ('settled', 1)"
							  " ON CONFLICT(key) DO UPDATE SET value = value + 1"),
				     err);
	if (rc == 0)
		rc = db_commit(outbox->db, err);
	else
		db_rollback(outbox->db);
	return outbox_late_pause(outbox, false, NULL) < 0 ? -1 : rc;
}

void outbox_late_remove(struct outbox *outbox, int64_t id)
{
	ARRAY_ROOM(outbox->done, outbox->done_count, outbox->done_cap);
	outbox->done[outbox->done_count++] = id;
	if (outbox->done_count >= DONE_MOST)
		outbox_settle(outbox, NULL);
}

/* Tables that are others' now do not know what we finished: they do so themselves. */
int outbox_settle(struct outbox *outbox, struct err *err)
{
	bool is_gone = outbox->done_count && outbox_is_gone(outbox);
	int rc = outbox_sync_verdicts(outbox, err);

	if (rc == 0 && outbox->done_count && !is_gone)
		rc = sync_tables(outbox, err);
	if (rc < 0)
		return -1;
	for (size_t i = 0; !is_gone && i < outbox->done_count; i++)
		outbox_files_remove(outbox, outbox->done[i]);
	outbox->done_count = 0;
	return 0;
}

void outbox_late_free(struct outbox *outbox)
{
	if (outbox->is_late)
		outbox_settle(outbox, NULL);
	outbox_sync_verdicts(outbox, NULL);
	free(outbox->lines);
	free(outbox->done);
}
