#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/mail/db.h"
#include "store/mail/outbox_inside.h"

#define RECIPIENT_LIMIT 10000
#define ID_TRIES	1000

static bool is_one_line(const char *addr)
{
	for (; *addr; addr++)
		if ((unsigned char)*addr < ' ' || *addr == 0x7f)
			return false;
	return true;
}

static int check_letter(const struct outbox_letter *letter, struct err *err)
{
	size_t i;

	if (letter->recipient_count == 0)
		return err_set_kind(err, ERR_USAGE, _("the letter has no recipients"));
	if (letter->recipient_count > RECIPIENT_LIMIT)
		return err_set_kind(err, ERR_USAGE, _("the letter has more than %d recipients"),
				    RECIPIENT_LIMIT);
	if (!is_one_line(letter->sender))
		return err_set_kind(err, ERR_USAGE,
				    _("the sender's address is not one line of text"));
	for (i = 0; i < letter->recipient_count; i++)
		if (!*letter->recipients[i] || !is_one_line(letter->recipients[i]))
			return err_set_kind(
			    err, ERR_USAGE,
			    _("the address of recipient %zu is not one line of text"), i + 1);
	return 0;
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Who is named twice gets one letter. Sorted; lent strings; the array is in ARENA. */
static char **distinct(const struct outbox_letter *letter, struct arena *arena, size_t *count)
{
	char **list = ARENA_ARRAY(arena, char *, letter->recipient_count);
	size_t i, kept = 0;

	for (i = 0; i < letter->recipient_count; i++)
		list[i] = arena_strdup(arena, letter->recipients[i]);
	qsort(list, letter->recipient_count, sizeof *list, compare_text);
	for (i = 0; i < letter->recipient_count; i++)
		if (kept == 0 || strcmp(list[kept - 1], list[i]) != 0)
			list[kept++] = list[i];
	*count = kept;
	return list;
}

/* A number that no letter has: its file made, open. Another program may be adding at the same time.
 */
static int reserve(struct outbox *outbox, int64_t *id, struct err *err)
{
	int i;

	if (outbox_rows_number(
		db_query(outbox->db, "SELECT seq FROM sqlite_sequence WHERE name = 'entry'"), id,
		err) < 0)
		return -1;
	for (i = 0; i < ID_TRIES; i++) {
		char *path = outbox_files_path(outbox, ++*id, "eml");
		struct err why = ERR_INIT;
		int fd = file_create(path, &why);

		free(path);
		if (fd >= 0)
			return fd;
		if (why.kind != ERR_EXISTS)
			return err_set_kind(err, why.kind, "%s", why.text);
	}
	return err_set(err, _("the outbox is full of unfinished files; look into \"%s\""),
		       outbox->dir);
}

static int write_letter(int fd, const struct outbox_letter *letter, struct err *err)
{
	int rc = file_write_fd(fd, letter->data, letter->len, err);

	if (rc == 0 && letter->body)
		rc = file_write_fd(fd, letter->body, letter->body_len, err);
	if (rc == 0)
		rc = file_sync(fd, _("the letter"), err);
	if (close(fd) < 0 && rc == 0)
		rc = err_errno(err, _("closing the letter"));
	return rc;
}

static int insert_all(struct outbox *outbox, const struct outbox_envelope *envelope,
		      char *const *recipients, size_t count, struct err *err)
{
	size_t i;
	int rc;

	if (db_begin(outbox->db, err) < 0)
		return -1;
	rc = outbox_rows_add_entry(outbox, envelope, err);
	for (i = 0; i < count && rc == 0; i++)
		rc = outbox_rows_add_recipient(outbox, envelope, i, recipients[i], err);
	if (rc == 0)
		return db_commit(outbox->db, err);
	db_rollback(outbox->db);
	return -1;
}

static void fill_envelope(struct outbox_envelope *envelope, const struct outbox_letter *letter,
			  struct arena *arena)
{
	envelope->added = time(NULL);
	envelope->due = letter->due ? letter->due : envelope->added;
	envelope->size = (int64_t)(letter->len + (letter->body ? letter->body_len : 0));
	envelope->account = letter->account ? letter->account : "";
	envelope->sender = letter->sender;
	envelope->ret = letter->dsn_ret;
	envelope->envid = letter->dsn_envid;
	envelope->notify = letter->notify;
	envelope->is_bounce = letter->is_bounce;
	envelope->is_held = letter->is_held;
	outbox_files_names(letter->data, letter->len, envelope, arena);
}

static int64_t add_letter(struct outbox *outbox, const struct outbox_letter *letter,
			  struct err *err)
{
	struct arena *arena = arena_new();
	struct outbox_envelope envelope = {.id = 0};
	char **recipients;
	size_t count;
	int fd, rc;

	fill_envelope(&envelope, letter, arena);
	recipients = distinct(letter, arena, &count);
	fd = reserve(outbox, &envelope.id, err);
	rc = fd < 0 ? -1 : write_letter(fd, letter, err);
	if (rc == 0)
		rc = outbox_files_seal(outbox, &envelope, recipients, count, err);
	if (rc == 0)
		rc = insert_all(outbox, &envelope, recipients, count, err);
	if (rc < 0 && fd >= 0)
		outbox_files_remove(outbox, envelope.id);
	arena_free(&arena);
	return rc < 0 ? -1 : envelope.id;
}

int64_t outbox_add(struct outbox *outbox, const struct outbox_letter *letter, struct err *err)
{
	int64_t id = -1;
	int lock = -1;

	if (check_letter(letter, err) == 0)
		lock = outbox_lock_database(outbox, LOCK_SH, err);
	if (lock >= 0 && outbox_is_gone(outbox))
		err_set_kind(err, ERR_TEMPORARY,
			     _("its database was lost or replaced meanwhile; try again"));
	else if (lock >= 0)
		id = add_letter(outbox, letter, err);
	if (lock >= 0)
		close(lock);
	return id < 0 ? err_add(err, _("putting the letter into the outbox")) : id;
}
