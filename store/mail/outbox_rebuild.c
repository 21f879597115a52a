#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mail/db.h"
#include "store/mail/outbox_inside.h"

#define ENVELOPE_LIMIT (16 * 1048576)

static int state_by_word(const char *word)
{
	size_t i;

	for (i = 0; word && i <= OUTBOX_CANCELLED; i++)
		if (strcmp(outbox_state_word((enum outbox_state)i), word) == 0)
			return (int)i;
	return -1;
}

static int apply_line(struct outbox *outbox, int64_t entry, const struct jv *line, struct err *err)
{
	int64_t n = jv_get_number(line, "n", -1);
	const char *word = jv_get_text(line, "state");
	int state = state_by_word(word);
	struct db_stmt *stmt;

	if (word && strcmp(word, "bounced") == 0)
		stmt = db_query(
		    outbox->db,
		    "UPDATE recipient SET is_bounced = 1 + ?1 * 0 WHERE entry = ?2 AND n = ?3");
	else if (state >= 0)
		stmt = db_query(outbox->db,
				"UPDATE recipient SET state = ?1 WHERE entry = ?2 AND n = ?3");
	else
		return 0;
	db_bind_int(stmt, 1, state);
	db_bind_int(stmt, 2, entry);
	db_bind_int(stmt, 3, n);
	return outbox_rows_run(stmt, err);
}

/* A line cut by a crash ends the file: what it would have said is not known. */
static int apply_lines(struct outbox *outbox, int64_t entry, struct span rest, struct err *err)
{
	struct span piece;

	while (span_split(&rest, '\n', &piece)) {
		struct jv *line = piece.len ? jv_parse(piece.data, piece.len, NULL) : NULL;
		int rc = line ? apply_line(outbox, entry, line, err) : 0;

		jv_free(line);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* Neither sent nor swept: a person may still want what is in it. */
static void set_letter_aside(const struct outbox *outbox, int64_t id)
{
	static const char *const endings[] = {"env", "eml"};

	for (size_t i = 0; i < ARRAY_COUNT(endings); i++) {
		char *from = outbox_files_path(outbox, id, endings[i]);
		char *to = mem_printf("%s.damaged", from);

		if (rename(from, to) < 0)
			log_write(LOG_ERROR, "outbox: \"%s\" cannot be set aside", from);
		free(from);
		free(to);
	}
	log_write(LOG_ERROR,
		  "outbox: the envelope of letter %lld is damaged; the letter is kept as "
		  "%lld.eml.damaged",
		  (long long)id, (long long)id);
}

static int restore_rows(struct outbox *outbox, int64_t id, const struct jv *head, struct err *err)
{
	const struct jv *list = jv_get(head, "recipients");
	struct arena *arena = arena_new();
	struct outbox_envelope envelope = {
	    .id = id,
	    .added = jv_get_number(head, "added", 0),
	    .due = jv_get_number(head, "due", 0),
	    .account = jv_get_text(head, "account"),
	    .sender = jv_get_text(head, "sender"),
	    .ret = jv_get_text(head, "ret"),
	    .envid = jv_get_text(head, "envid"),
	    .notify = jv_get_text(head, "notify"),
	    .is_bounce = jv_get_bool(head, "bounce", false),
	    .is_held = jv_get_bool(head, "held", false),
	};
	size_t i, count = list ? jv_count(list) : 0;
	int rc = 0;

	if (!envelope.account || !envelope.sender || count == 0)
		set_letter_aside(outbox, id);
	else {
		outbox_files_read_names(outbox, &envelope, arena);
		rc = outbox_rows_add_entry(outbox, &envelope, err);
		for (i = 0; i < count && rc == 0; i++) {
			const char *addr = jv_as_text(jv_at(list, i));

			rc = outbox_rows_add_recipient(outbox, &envelope, i, addr ? addr : "", err);
		}
	}
	arena_free(&arena);
	return rc;
}

static int restore_one(struct outbox *outbox, int64_t id, struct err *err)
{
	char *path = outbox_files_path(outbox, id, "env");
	struct buf text = BUF_INIT;
	struct span rest, first;
	struct jv *head = NULL;
	int rc = file_read(path, &text, ENVELOPE_LIMIT, err);

	rest = (struct span){buf_str(&text), text.len};
	if (rc == 0 && span_split(&rest, '\n', &first))
		head = jv_parse(first.data, first.len, NULL);
	if (head)
		rc = restore_rows(outbox, id, head, err);
	else
		set_letter_aside(outbox, id);
	if (head && rc == 0)
		rc = apply_lines(outbox, id, rest, err);
	jv_free(head);
	buf_free(&text);
	free(path);
	return rc < 0 ? -1 : 0;
}

static int restore_all(struct outbox *outbox, struct err *err)
{
	DIR *dir = opendir(outbox->dir);
	struct dirent *item;
	int rc = 0, count = 0;

	if (!dir)
		return err_errno(err, _("opening the folder \"%s\""), outbox->dir);
	while (rc == 0 && (item = readdir(dir))) {
		int64_t id = outbox_files_number(item->d_name, "env");

		if (id < 0)
			continue;
		rc = restore_one(outbox, id, err);
		count++;
	}
	closedir(dir);
	outbox->was_rebuilt = count > 0;
	if (count > 0)
		log_write(LOG_WARNING, "outbox: the database was made again from %d envelopes",
			  count);
	return rc;
}

/* The mark goes in by the same transaction as the rows: either both or none. */
int outbox_rebuild_if_new(struct outbox *outbox, struct err *err)
{
	int64_t is_whole;

	if (outbox_rows_number(db_query(outbox->db, "SELECT value FROM meta WHERE key = 'whole'"),
			       &is_whole, err) < 0)
		return -1;
	if (is_whole)
		return 0;
	if (db_begin(outbox->db, err) < 0)
		return -1;
	if (restore_all(outbox, err) < 0 ||
	    outbox_rows_run(db_query(outbox->db, "INSERT OR REPLACE INTO meta VALUES ('whole', 1)"),
			    err) < 0) {
		db_rollback(outbox->db);
		return -1;
	}
	return db_commit(outbox->db, err);
}

/* What a dead worker wrote behind the envelope but not yet into the database. */
int outbox_rebuild_replay(struct outbox *outbox, int64_t id, struct err *err)
{
	char *path = outbox_files_path(outbox, id, "env");
	struct buf text = BUF_INIT;
	struct span rest, first;
	int rc = file_read(path, &text, ENVELOPE_LIMIT, err);

	rest = (struct span){buf_str(&text), text.len};
	if (rc == 0 && span_split(&rest, '\n', &first))
		rc = apply_lines(outbox, id, rest, err);
	buf_free(&text);
	free(path);
	return rc;
}

int outbox_rebuild_replay_all(struct outbox *outbox, struct err *err)
{
	struct db_stmt *stmt = db_query_once(outbox->db, "SELECT id FROM entry WHERE finished = 0");
	struct err why = ERR_INIT;
	int rc;

	while ((rc = db_step(stmt, err)) > 0)
		if (outbox_rebuild_replay(outbox, db_int(stmt, 0), &why) < 0 && why.kind != ERR_NOT_FOUND)
			log_write(LOG_WARNING, "%s", why.text);
	db_finish(&stmt);
	return rc;
}
