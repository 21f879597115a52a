/* Folders here and mailboxes there. */
#include "config.h"
#include "store/mail/remote.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/utf8.h"
#include "store/mail/change.h"
#include "store/mail/folder.h"
#include "store/mail/index.h"
#include "store/mail/remote_inside.h"
#include "store/mail/row.h"

#define PIECE_LIMIT 200 /* bytes of one level of a name */
#define NAME_TRIES  1000

/* --- reading --- */

static void read_folder(struct db_stmt *stmt, struct arena *arena, struct remote_folder *folder)
{
	bool is_linked = !db_is_null(stmt, 3);

	*folder = (struct remote_folder){
	    .id = db_int(stmt, 0),
	    .name = arena_strdup(arena, db_is_null(stmt, 1) ? "" : db_text(stmt, 1)),
	    .role = (enum account_role)db_int(stmt, 2),
	    .wire = is_linked ? arena_strdup(arena, db_text(stmt, 3)) : NULL,
	    .local = is_linked ? arena_strdup(arena, db_text(stmt, 4)) : NULL,
	    .state = {.uidvalidity = (uint32_t)db_int(stmt, 5),
		      .uidnext = (uint32_t)db_int(stmt, 6),
		      .modseq = (uint64_t)db_int(stmt, 7),
		      .messages = db_int(stmt, 8),
		      .unseen = db_int(stmt, 9)},
	    .is_selectable = db_int(stmt, 10),
	    .is_subscribed = db_int(stmt, 11),
	    .wants_subscribed = db_int(stmt, 12),
	    .is_removed = db_int(stmt, 13),
	    .looked = db_int(stmt, 14)};
}

#define COLUMNS                                                                                            \
	"f.name, f.role, r.wire, r.local, r.uidvalidity, r.uidnext, r.modseq, r.messages,"                 \
	" r.unseen, r.is_selectable, r.is_subscribed, r.wants_subscribed, r.is_removed, r.looked"

int remote_folders(struct store *store, struct arena *arena, struct remote_folder **folders, size_t *count,
		   struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT f.id, " COLUMNS
		       ", CASE f.role WHEN 0 THEN 100 ELSE f.role END AS o FROM folder f LEFT JOIN"
		       " remote_folder r ON r.folder = f.id UNION ALL SELECT r.folder, " COLUMNS
		       ", 200 FROM remote_folder r LEFT JOIN folder f ON f.id = r.folder WHERE f.id IS NULL"
		       " ORDER BY o, 2");
	struct remote_folder *list = NULL;
	size_t cap = 0;
	int rc;

	*count = 0;
	while ((rc = db_step(stmt, err)) == 1) {
		ARRAY_ROOM(list, *count, cap);
		read_folder(stmt, arena, &list[(*count)++]);
	}
	*folders = ARENA_ARRAY(arena, struct remote_folder, *count + 1);
	if (*count)
		memcpy(*folders, list, *count * sizeof *list);
	free(list);
	return rc;
}

/* --- writing --- */

struct noted {
	struct store *store;
	int64_t folder;
	const char *wire, *local;
	enum account_role role;
	bool is_selectable, is_subscribed;
	const struct remote_state *state;
};

static int link_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct noted *in = arg;
	struct db_stmt *stmt = db_query(
	    in->store->db, "INSERT INTO remote_folder(folder, wire, local) VALUES(?1, ?2, ?3)"
			   " ON CONFLICT(folder) DO UPDATE SET wire = ?2, local = ?3, is_removed = 0");

	(void)i;
	(void)arena;
	db_bind_int(stmt, 1, in->folder);
	db_bind_text(stmt, 2, in->wire);
	db_bind_text(stmt, 3, in->local);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

int remote_folder_link(struct store *store, int64_t folder, const char *wire, struct err *err)
{
	struct arena *arena = arena_new();
	struct noted in = {.store = store, .folder = folder, .wire = wire};
	struct folder here;
	int rc = store_folder(store, folder, arena, &here, err);

	if (rc == 1) {
		in.local = here.name;
		rc = remote_each(store, 1, link_one, &in, err);
	}
	arena_free(&arena);
	return rc < 0 ? -1 : 0;
}

static int note_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct noted *in = arg;
	struct db_stmt *stmt =
	    db_query(in->store->db,
		     "UPDATE remote_folder SET is_selectable = ?2, is_subscribed = ?3, wants_subscribed ="
		     " CASE WHEN is_subscribed = wants_subscribed THEN ?3 ELSE wants_subscribed END"
		     " WHERE folder = ?1");

	(void)i;
	(void)arena;
	db_bind_int(stmt, 1, in->folder);
	db_bind_int(stmt, 2, in->is_selectable);
	db_bind_int(stmt, 3, in->is_subscribed);
	if (db_step(stmt, err) < 0)
		return -1;
	if (in->role == ROLE_NONE)
		return 0;
	if (remote_run(in->store, "UPDATE folder SET role = 0 WHERE role = ?2 AND id <> ?1", in->folder,
		       in->role, err) < 0)
		return -1;
	return remote_run(in->store, "UPDATE folder SET role = ?2 WHERE id = ?1 AND role <> ?2", in->folder,
			  in->role, err);
}

static bool is_noted(const struct noted *in)
{
	struct db_stmt *stmt =
	    db_query(in->store->db, "SELECT 1 FROM folder f JOIN remote_folder r ON r.folder = f.id"
				    " WHERE f.id = ?1 AND r.is_selectable = ?2 AND r.is_subscribed = ?3"
				    " AND (?4 = 0 OR f.role = ?4)");
	bool is;

	db_bind_int(stmt, 1, in->folder);
	db_bind_int(stmt, 2, in->is_selectable);
	db_bind_int(stmt, 3, in->is_subscribed);
	db_bind_int(stmt, 4, in->role);
	is = db_step(stmt, NULL) == 1;
	db_reset(stmt);
	return is;
}

int remote_folder_note(struct store *store, int64_t folder, enum account_role role, bool is_selectable,
		       bool is_subscribed, struct err *err)
{
	struct noted in = {.store = store,
			   .folder = folder,
			   .role = role,
			   .is_selectable = is_selectable,
			   .is_subscribed = is_subscribed};

	return is_noted(&in) ? 0 : remote_each(store, 1, note_one, &in, err);
}

int store_folder_subscribe(struct store *store, int64_t id, bool is_subscribed, struct err *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	if (remote_run(store, "UPDATE remote_folder SET wants_subscribed = ?2 WHERE folder = ?1", id,
		       is_subscribed, err) == 0)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

static int keep_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct noted *in = arg;
	struct db_stmt *stmt = db_query(in->store->db,
					"UPDATE remote_folder SET uidvalidity = ?2, uidnext = ?3, modseq = ?4,"
					" messages = ?5, unseen = ?6, looked = ?7 WHERE folder = ?1");

	(void)i;
	(void)arena;
	db_bind_int(stmt, 1, in->folder);
	db_bind_int(stmt, 2, in->state->uidvalidity);
	db_bind_int(stmt, 3, in->state->uidnext);
	db_bind_int(stmt, 4, (int64_t)in->state->modseq);
	db_bind_int(stmt, 5, in->state->messages);
	db_bind_int(stmt, 6, in->state->unseen);
	db_bind_int(stmt, 7, time(NULL));
	return db_step(stmt, err) < 0 ? -1 : 0;
}

int remote_folder_keep(struct store *store, int64_t folder, const struct remote_state *state,
		       struct err *err)
{
	struct noted in = {.store = store, .folder = folder, .state = state};

	return remote_each(store, 1, keep_one, &in, err);
}

/* --- names --- */

static void add_piece(struct buf *out, struct span piece)
{
	struct buf clean = BUF_INIT;

	utf8_add_printable(&clean, piece.data, piece.len);
	for (size_t i = 0; i < clean.len; i++)
		if ((unsigned char)clean.data[i] < ' ' || clean.data[i] == '/')
			clean.data[i] = '_';
	while (clean.len > PIECE_LIMIT)
		do
			buf_truncate(&clean, clean.len - 1);
		while (clean.len && ((unsigned char)clean.data[clean.len] & 0xc0) == 0x80);
	if (clean.len == 0 || clean.data[0] == '.')
		buf_add_char(out, '_');
	if (clean.len == 3 && (!strcmp(clean.data, "cur") || !strcmp(clean.data, "new") ||
			       !strcmp(clean.data, "tmp")))
		buf_add_char(out, '_');
	buf_add(out, buf_str(&clean), clean.len);
	buf_free(&clean);
}

/* Whatever a server calls a mailbox, here it has a name that can be shown and lies where mail lies. */
static char *safe_name(const char *name)
{
	struct buf out = BUF_INIT;
	struct span rest = span_of(name), piece;

	while (span_split(&rest, '/', &piece)) {
		if (out.len)
			buf_add_char(&out, '/');
		add_piece(&out, piece);
	}
	if (out.len == 0 || folder_check_name(buf_str(&out), NULL) < 0) {
		buf_clear(&out);
		buf_add_str(&out, "_");
	}
	return buf_take(&out);
}

static bool is_taken(struct store *store, const char *name)
{
	struct arena *arena = arena_new();
	struct folder folder;
	struct db_stmt *stmt = db_query(store->db, "SELECT 1 FROM remote_folder WHERE folder = ?");
	bool is = false;

	if (store_folder_by_name(store, name, arena, &folder, NULL) == 1) {
		db_bind_int(stmt, 1, folder.id);
		is = db_step(stmt, NULL) == 1;
		db_reset(stmt);
	}
	arena_free(&arena);
	return is;
}

/* NAME, or NAME-2... when another mailbox has that already. */
static char *free_name(struct store *store, const char *wire, const char *name)
{
	char *safe = safe_name(name ? name : wire);

	for (int i = 2; is_taken(store, safe) && i < NAME_TRIES; i++) {
		char *again = safe_name(name ? name : wire);

		free(safe);
		safe = mem_printf("%s-%d", again, i);
		free(again);
	}
	return safe;
}

int64_t remote_folder_take(struct store *store, const char *wire, const char *name, struct err *err)
{
	char *safe = free_name(store, wire, name);
	int64_t id = store_folder_make(store, safe, err);

	free(safe);
	if (id > 0 && remote_folder_link(store, id, wire, err) < 0)
		return -1;
	return id;
}

int remote_folder_renamed(struct store *store, int64_t folder, const char *wire, const char *name,
			  struct err *err)
{
	char *safe = free_name(store, wire, name);
	int rc = store_folder_rename(store, folder, safe, err);

	free(safe);
	return rc < 0 ? -1 : remote_folder_link(store, folder, wire, err);
}

/* --- gone --- */

static int lose_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct noted *in = arg;
	struct db_stmt *stmt =
	    db_query(in->store->db, "SELECT max(message) FROM remote_message WHERE folder = ?");
	struct agreed agreed;
	int64_t id = 0;

	(void)i;
	db_bind_int(stmt, 1, in->folder);
	if (db_step(stmt, err) == 1)
		id = db_int(stmt, 0);
	db_reset(stmt);
	if (!id)
		return 0;
	if (agreed_of(in->store, id, arena, &agreed, err) != 1)
		return -1;
	if (agreed.target == 0 && agreed.uid == 0 &&
	    (agreed.state == REMOTE_SENT || agreed.state == REMOTE_SENT_NOW))
		return agreed_forget(in->store, id, err) < 0 ? -1 : remote_owe(in->store, id, err);
	return remote_lost(in->store, &agreed, arena, err);
}

static int unlink_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct noted *in = arg;

	(void)i;
	(void)arena;
	return remote_run(in->store, "DELETE FROM remote_folder WHERE folder = ?1 AND ?2 = 0", in->folder, 0,
			  err);
}

static int close_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct noted *in = arg;

	(void)i;
	(void)arena;
	return remote_run(in->store, "UPDATE remote_folder SET is_selectable = ?2 WHERE folder = ?1", in->folder, 0,
			  err);
}

/* Nothing in it, nothing on its way into or out of it. */
static bool is_empty(struct store *store, int64_t folder)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT EXISTS (SELECT 1 FROM message WHERE folder = ?1) OR EXISTS"
				" (SELECT 1 FROM message WHERE place = ?1 AND folder > 0)");

	db_bind_int(stmt, 1, folder);
	return db_step_id(stmt, NULL) == 0;
}

/* Here it goes too when nothing of our own is left in it; folders below it keep it. */
static int drop_if_empty(struct store *store, int64_t folder, struct err *err)
{
	struct err why = ERR_INIT;

	if (store_carry_out(store, err) < 0)
		return -1;
	if (!is_empty(store, folder))
		return 0;
	if (store_folder_remove(store, folder, &why) < 0 && why.kind != ERR_DENIED &&
	    why.kind != ERR_NOT_FOUND)
		return err_set_kind(err, why.kind, "%s", why.text);
	return 0;
}

int remote_folder_gone(struct store *store, int64_t folder, struct err *err)
{
	struct noted in = {.store = store, .folder = folder};
	struct db_stmt *stmt = db_query(store->db, "SELECT count(*) FROM remote_message WHERE folder = ?");
	int64_t count;
	int misses;

	db_bind_int(stmt, 1, folder);
	count = db_step_id(stmt, err);
	if (count < 0 || remote_each(store, (size_t)count, lose_one, &in, err) < 0)
		return -1;
	misses = remote_misses_from(store, folder, err);
	if (misses) /* its letters may have been moved before: the next round knows */
		return misses < 0 ? -1 : remote_each(store, 1, close_one, &in, err);
	if (remote_each(store, 1, unlink_one, &in, err) < 0)
		return -1;
	return drop_if_empty(store, folder, err);
}

int remote_leaves(struct store *store, int64_t folder, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT EXISTS (SELECT 1 FROM remote_message r JOIN message m ON m.id = r.message"
		       " WHERE r.folder = ?1 AND r.uid > 0 AND m.folder > ?2 AND m.folder <> ?1) OR EXISTS"
		       " (SELECT 1 FROM remote_copy c JOIN message m ON m.id = c.message JOIN remote_message s"
		       "  ON s.message = c.source WHERE s.folder = ?1 AND s.uid > 0 AND m.folder > ?2"
		       "  AND NOT EXISTS (SELECT 1 FROM remote_message r WHERE r.message = c.message AND r.uid > 0))");

	db_bind_int(stmt, 1, folder);
	db_bind_int(stmt, 2, FOLDER_ALL);
	return (int)db_step_id(stmt, err);
}

int remote_folder_back(struct store *store, int64_t folder, struct err *err)
{
	struct noted in = {.store = store, .folder = folder};

	return remote_each(store, 1, unlink_one, &in, err); /* and is new again */
}

int remote_folder_remake(struct store *store, int64_t folder, struct err *err)
{
	struct arena *arena = arena_new();
	struct folder here;
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT 1 FROM remote_folder WHERE folder = ? AND is_removed = 0");
	int rc;

	db_bind_int(stmt, 1, folder);
	rc = db_step(stmt, err);
	db_reset(stmt);
	if (rc == 1)
		rc = store_folder(store, folder, arena, &here, err);
	if (rc == 1 && folder_make_box(here.path, err) < 0)
		rc = -1;
	arena_free(&arena);
	return rc;
}
