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
#include "store/base/map.h"
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

/* --- by its content --- */

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

struct sought {
	int64_t size, wire_size;
	char digest[DIGEST_HEX_SIZE];
};

static int look_at(struct store *from, int64_t id, struct sought *sought, struct err *err)
{
	struct box_message bytes;

	if (store_message_open(from, id, &bytes, err) < 0)
		return -1;
	digest_lines(bytes.data, bytes.len, sought->digest);
	sought->size = (int64_t)bytes.len;
	sought->wire_size = remote_wire_size(bytes.data, bytes.len);
	box_message_close(&bytes);
	return 0;
}

/* One that cannot be read is not this one. */
static bool has_same_bytes(struct store *to, int64_t id, const struct sought *sought)
{
	struct sought found;

	return look_at(to, id, &found, NULL) == 0 && strcmp(found.digest, sought->digest) == 0;
}

static const char *name_of(int64_t id, struct arena *arena)
{
	return arena_printf(arena, "%lld", (long long)id);
}

void give_take(struct map *taken, const struct given *given)
{
	struct arena *arena = arena_new();

	map_set(taken, name_of(given->id, arena), taken);
	arena_free(&arena);
}

struct candidate {
	int64_t id, size; /* SIZE there */
	bool is_away;
};

#define CANDIDATES                                                                                          \
	"SELECT m.id, m.is_away, r.size FROM message m LEFT JOIN remote_message r ON r.message = m.id"       \
	" WHERE m.folder = ?2 AND m.id > ?3 AND "
#define SAME_ID	  CANDIDATES "m.mid = ?1 ORDER BY m.id"
#define SAME_DATE CANDIDATES "m.date = ?1 AND m.mid = 0 ORDER BY m.id"

static int list_candidates(struct store *from, struct store *to, const struct given *given,
			   struct candidate **list, size_t *count, struct err *err)
{
	struct db_stmt *who = db_query(from->db, "SELECT mid, date FROM message WHERE id = ? AND is_away = 0"), *stmt;
	size_t cap = 0;
	int rc;

	*list = NULL;
	*count = 0;
	db_bind_int(who, 1, given->from_id);
	if ((rc = db_step(who, err)) != 1)
		return rc;
	stmt = db_query(to->db, db_int(who, 0) ? SAME_ID : SAME_DATE);
	db_bind_int(stmt, 1, db_int(who, 0) ? db_int(who, 0) : db_int(who, 1));
	db_bind_int(stmt, 2, given->target);
	db_bind_int(stmt, 3, given->after);
	db_reset(who);
	while ((rc = db_step(stmt, err)) == 1) {
		ARRAY_ROOM(*list, *count, cap);
		(*list)[(*count)++] = (struct candidate){db_int(stmt, 0), db_int(stmt, 2), db_int(stmt, 1)};
	}
	return rc;
}

static bool is_it(struct store *to, const struct candidate *one, const struct sought *sought)
{
	return one->is_away ? one->size == sought->wire_size : has_same_bytes(to, one->id, sought);
}

static void take_match(struct given *given, const struct candidate *one, const struct sought *sought,
		       struct give_count *count)
{
	given->id = one->id;
	given->bytes = sought->size;
	given->is_matched = true;
	given->is_guess = one->is_away;
	count->letters++;
	count->bytes += given->bytes;
}

int give_match(struct store *from, struct store *to, struct given *given, const struct map *taken,
	       struct give_count *count, struct err *err)
{
	struct arena *arena = arena_new();
	struct candidate *list;
	struct sought sought;
	size_t list_count;
	int rc = list_candidates(from, to, given, &list, &list_count, err);

	if (rc == 0 && list_count)
		rc = look_at(from, given->from_id, &sought, err);
	for (size_t i = 0; rc == 0 && i < list_count; i++) {
		rc = !map_get(taken, name_of(list[i].id, arena)) && is_it(to, &list[i], &sought);
		if (rc == 1)
			take_match(given, &list[i], &sought, count);
	}
	free(list);
	arena_free(&arena);
	return rc;
}

/* --- copying it --- */

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
	given->bytes = (int64_t)bytes.len;
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
			given->bytes = message.size;
		if (rc >= 0)
			rc = give_tags(to, given, &message, err);
		count->letters += rc >= 0;
		count->bytes += rc >= 0 ? given->bytes : 0;
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

int give_compare_bytes(struct store *from, const struct given *given, const char *path, struct err *err)
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

static int compare_marks(const struct message *ours, const struct message *theirs, bool has_own_date, struct err *err)
{
	if ((ours->flags & REMOTE_FLAGS) != (theirs->flags & REMOTE_FLAGS))
		err_set(err, _("it has other flags there"));
	else if (!has_tags(theirs, ours->tags))
		err_set(err, _("it lacks tags there"));
	else if (!has_own_date && theirs->received != received_of(ours))
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
		rc = compare_marks(&ours, &theirs, given->is_matched, err);
	if (rc == 1)
		rc = give_compare_bytes(from, given, path, err);
	arena_free(&arena);
	return rc;
}
