#include "config.h"
#include "store/mail/give.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/box/maildir_name.h"
#include "store/mail/remote_inside.h"

/* --- folders --- */

int64_t give_folder(struct store *from, int64_t folder, struct store *to, struct err *err)
{
	struct arena *arena = arena_new();
	struct folder source, target = {.id = 0};
	int rc = store_folder(from, folder, arena, &source, err);

	if (rc == 0)
		rc = err_set_kind(err, ERR_NOT_FOUND, _("This folder is gone."));
	else if (rc == 1 && source.role != ROLE_NONE)
		rc = store_folder_by_role(to, source.role, arena, &target, err);
	if (rc >= 0 && !target.id)
		target.id = store_folder_make(to, source.name, err);
	arena_free(&arena);
	return rc < 0 || target.id <= 0 ? -1 : target.id;
}

int give_list(struct store *from, int64_t folder, int64_t **ids, size_t *count, struct err *err)
{
	struct db_stmt *stmt = db_query(from->db, "SELECT id FROM message WHERE folder = ? ORDER BY id");
	size_t cap = 0;
	int rc;

	*ids = NULL;
	*count = 0;
	db_bind_int(stmt, 1, folder);
	while ((rc = db_step(stmt, err)) == 1) {
		ARRAY_ROOM(*ids, *count, cap);
		(*ids)[(*count)++] = db_int(stmt, 0);
	}
	return rc;
}

/* --- one letter --- */

static const char *unique_of(const struct store *from, const struct given *given, const struct message *message,
			     struct arena *arena)
{
	return arena_printf(arena, "given/%s/%lld/%s", from->account->name, (long long)given->folder, message->key);
}

static int load(struct store *from, const struct given *given, struct arena *arena, struct message *message,
		struct err *err)
{
	int rc = store_message(from, given->from_id, arena, message, err);

	if (rc == 0)
		return err_set_kind(err, ERR_NOT_FOUND, _("This message is gone."));
	return rc < 0 ? -1 : 0;
}

static int64_t received_of(const struct message *message)
{
	return message->received > 0 ? message->received : 1;
}

/* By the mark in the name of its file. */
static int find_by_mark(struct store *to, const char *unique, const struct message *message, struct given *given,
			struct err *err)
{
	struct db_stmt *stmt =
	    db_query(to->db, "SELECT id FROM message INDEXED BY message_place WHERE place = ?1 AND key >= ?2"
			     " AND key < ?3 AND is_copy = 0 AND is_away = 0 AND folder > 0");
	struct buf from = BUF_INIT;

	buf_printf(&from, "%lld", (long long)received_of(message));
	maildir_name_mark(&from, unique);
	db_bind_int(stmt, 1, given->target);
	db_bind_text(stmt, 2, buf_str(&from));
	buf_add_char(&from, '\x7f');
	db_bind_text(stmt, 3, buf_str(&from));
	given->id = db_step_id(stmt, err);
	buf_free(&from);
	return given->id < 0 ? -1 : given->id > 0;
}

int give_find(struct store *from, struct store *to, struct given *given, struct err *err)
{
	struct arena *arena = arena_new();
	struct message message;
	int rc = load(from, given, arena, &message, err);

	if (rc == 0)
		rc = find_by_mark(to, unique_of(from, given, &message, arena), &message, given, err);
	arena_free(&arena);
	return rc;
}

static bool has_tag(char *const *tags, const char *tag)
{
	for (; *tags; tags++)
		if (strcmp(*tags, tag) == 0)
			return true;
	return false;
}

/* The tags that it lacks: whoever copied it may have been killed before it had them. */
static int give_tags(struct store *to, const struct given *given, const struct message *message, struct err *err)
{
	struct arena *arena = arena_new();
	struct message there;
	int rc = *message->tags ? store_message(to, given->id, arena, &there, err) : 0;

	for (char **tag = message->tags; rc == 1 && *tag; tag++)
		if (!has_tag(there.tags, *tag) &&
		    store_change(to, &given->id, 1, &(struct store_change){.add_tag = *tag}, NULL, err) < 0)
			rc = -1;
	arena_free(&arena);
	return rc < 0 ? -1 : 0;
}

static int deliver(struct store *to, const struct given *given, const struct message *message, const char *unique,
		   const struct box_message *bytes, struct buf *key, struct err *err)
{
	struct box_delivery delivery = {.data = bytes->data,
					.len = bytes->len,
					.fd = -1,
					.flags = message->flags & REMOTE_FLAGS,
					.received = received_of(message),
					.unique = unique};
	struct box *box = store_box(to, given->target, err);
	int rc = box ? box_deliver(box, &delivery, key, err) : -1;

	box_close(&box);
	return rc;
}

static int copy(struct store *from, struct store *to, struct given *given, const struct message *message,
		const char *unique, struct give_count *count, struct err *err)
{
	struct box_message bytes;
	struct buf key = BUF_INIT;
	int rc = store_message_open(from, message->id, &bytes, err);

	if (rc < 0)
		return -1;
	rc = deliver(to, given, message, unique, &bytes, &key, err);
	count->copied += rc == 0;
	count->bytes += (int64_t)bytes.len;
	if (rc >= 0) { /* one that lies there without a row (killed in between) gets it now */
		given->id = store_index_one(to, given->target, buf_str(&key), err);
		rc = given->id > 0 ? 0 : -1;
	}
	box_message_close(&bytes);
	buf_free(&key);
	return rc;
}

int give_copy(struct store *from, struct store *to, struct given *given, struct give_count *count, struct err *err)
{
	struct arena *arena = arena_new();
	struct message message;
	int rc = load(from, given, arena, &message, err);

	if (rc == 0 && message.is_away) {
		count->away++;
		rc = err_set_kind(err, ERR_NOT_FOUND, _("This letter lies on its server only."));
	}
	if (rc == 0) {
		const char *unique = unique_of(from, given, &message, arena);

		rc = find_by_mark(to, unique, &message, given, err);
		if (rc == 0)
			rc = copy(from, to, given, &message, unique, count, err);
		else if (rc == 1)
			count->bytes += message.size;
		if (rc >= 0)
			rc = give_tags(to, given, &message, err);
		count->letters += rc >= 0;
	}
	arena_free(&arena);
	return rc < 0 ? -1 : 0;
}

/* --- is it there? --- */

int give_is_told(struct store *to, const struct given *given, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(to->db, "SELECT EXISTS (SELECT 1 FROM remote_message WHERE message = ?1 AND uid > 0) AND"
			     " NOT EXISTS (SELECT 1 FROM remote_owed WHERE message = ?1)");

	db_bind_int(stmt, 1, given->id);
	return (int)db_step_id(stmt, err);
}

/* Line ends are the protocol's, not the letter's. */
static void digest_lines(const char *data, size_t len, char hex[DIGEST_HEX_SIZE])
{
	struct digest *digest = digest_new();

	while (len) {
		const char *cr = memchr(data, '\r', len);
		size_t plain = cr ? (size_t)(cr - data) : len;
		bool is_end = cr && plain + 1 < len && cr[1] == '\n';

		digest_add(digest, data, plain);
		if (cr && !is_end)
			digest_add(digest, "\r", 1);
		data += plain + (cr != NULL);
		len -= plain + (cr != NULL);
	}
	digest_end(&digest, hex);
}

static int compare_bytes(struct store *from, const struct given *given, const char *path, struct err *err)
{
	char ours[DIGEST_HEX_SIZE], theirs[DIGEST_HEX_SIZE];
	struct box_message bytes;
	struct file_view view;

	if (store_message_open(from, given->from_id, &bytes, err) < 0)
		return -1;
	digest_lines(bytes.data, bytes.len, ours);
	box_message_close(&bytes);
	if (file_view_open(&view, path, err) < 0)
		return -1;
	digest_lines(view.data, view.len, theirs);
	file_view_close(&view);
	if (strcmp(ours, theirs) == 0)
		return 1;
	err_set(err, _("the server has other bytes"));
	return 0;
}

static bool has_tags(const struct message *message, char *const *tags)
{
	for (; *tags; tags++)
		if (!has_tag(message->tags, *tags))
			return false;
	return true;
}

static int compare_marks(const struct message *ours, const struct message *theirs, struct err *err)
{
	if ((ours->flags & REMOTE_FLAGS) != (theirs->flags & REMOTE_FLAGS))
		err_set(err, _("it has other flags there"));
	else if (!has_tags(theirs, ours->tags))
		err_set(err, _("it lacks tags there"));
	else if (theirs->received != received_of(ours))
		err_set(err, _("it has another date of arrival there"));
	else
		return 1;
	return 0;
}

int give_compare(struct store *from, struct store *to, const struct given *given, const char *path, struct err *err)
{
	struct arena *arena = arena_new();
	struct message ours, theirs;
	int rc = load(from, given, arena, &ours, err);

	if (rc == 0)
		rc = store_message(to, given->id, arena, &theirs, err);
	if (rc == 1)
		rc = compare_marks(&ours, &theirs, err);
	if (rc == 1)
		rc = compare_bytes(from, given, path, err);
	arena_free(&arena);
	return rc;
}
