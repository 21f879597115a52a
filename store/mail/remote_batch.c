/* Messages on their way from a server to disk. They are written into tmp/ as they come; then all of them are
 * synced together (while the next ones come), renamed and their folders synced under the keepers' lock (so that
 * nobody looks at the folder in between), and only then the database hears of them. A name is made of folder and
 * uid: what is killed before the last step is known again by it. */
#include "config.h"
#include "store/mail/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/flusher.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/box/maildir_name.h"
#include "store/mail/change.h"
#include "store/mail/keywords.h"
#include "store/mail/remote_inside.h"
#include "store/mail/row.h"

#define LOOKED_AT  (160 * 1024) /* of each message: header, and what tells of attachments */
#define SYNC_ALONE 4		/* so few are synced one by one */

struct told { /* what the server said before the bytes */
	uint32_t uid;
	unsigned flags;
	const char *keywords;
	int64_t size, received;
};

struct stored {
	struct told told;
	int64_t message, size, wire_size; /* MESSAGE 0: no row yet */
	int64_t place;
	const char *tmp, *key;
	unsigned name_flags; /* with BOX_RECENT: it lies in new/ */
	struct row row;
	bool is_dropped;
};

struct pile {
	struct arena *arena;
	struct stored *items;
	size_t count, cap;
	int64_t bytes;
};

struct remote_batch {
	struct store *store;
	struct arena *arena; /* of FOLDER and WIRE */
	struct folder folder;
	const char *wire;
	uint32_t uidvalidity;
	bool is_first;
	bool may_be_known, may_be_owed; /* any of these uids, any file of this folder */
	struct told *told;
	size_t told_count, told_cap;
	struct pile coming, going; /* GOING: to be synced, renamed, known */
	struct flusher *flusher;
	bool is_synced; /* GOING */
	struct buf tmp;	/* what names in tmp/ begin with */
	unsigned serial;
	int64_t next_id, last_id; /* for new rows of GOING */
	/* the one that comes just now */
	int fd;
	bool has_cr;
	struct buf head, text; /* TEXT: not written yet */
	struct stored now;
};

static void begin_names(struct remote_batch *batch)
{
	buf_clear(&batch->tmp);
	buf_printf(&batch->tmp, "%s/tmp/", batch->folder.path);
	maildir_name_make(&batch->tmp, time(NULL), 0, NULL);
}

static int load_folder(struct remote_batch *batch, struct err *err)
{
	int rc = store_folder(batch->store, batch->folder.id, batch->arena, &batch->folder, err);

	if (rc == 1)
		batch->wire =
		    remote_wire(batch->store, batch->folder.id, &batch->uidvalidity, batch->arena);
	if (rc == 0 || (rc == 1 && !batch->wire))
		return err_set_kind(err, ERR_NOT_FOUND, _("This folder is gone."));
	if (rc < 0)
		return -1;
	begin_names(batch);
	return 0;
}

struct remote_batch *remote_batch_new(struct store *store, int64_t folder, bool is_first, struct err *err)
{
	struct remote_batch *batch = mem_alloc(sizeof *batch);

	batch->store = store;
	batch->arena = arena_new();
	batch->coming.arena = arena_new();
	batch->going.arena = arena_new();
	batch->folder.id = folder;
	batch->is_first = is_first;
	batch->fd = -1;
	if (load_folder(batch, err) < 0)
		remote_batch_free(&batch);
	else
		batch->flusher = flusher_new(batch->folder.path);
	return batch;
}

static void forget_now(struct remote_batch *batch)
{
	if (batch->fd >= 0) {
		close(batch->fd);
		unlink(batch->now.tmp);
	}
	batch->fd = -1;
}

static void empty(struct pile *pile)
{
	pile->count = 0;
	pile->bytes = 0;
	arena_reset(pile->arena);
}

/* Its name may be another now. */
static int load_again(struct remote_batch *batch, struct err *err)
{
	int64_t folder = batch->folder.id;

	arena_reset(batch->arena);
	batch->folder = (struct folder){.id = folder};
	return load_folder(batch, err);
}

static void free_pile(struct pile *pile)
{
	for (size_t i = 0; i < pile->count; i++)
		unlink(pile->items[i].tmp);
	free(pile->items);
	arena_free(&pile->arena);
}

void remote_batch_free(struct remote_batch **batch)
{
	struct remote_batch *b = *batch;

	if (!b)
		return;
	forget_now(b);
	free_pile(&b->coming);
	free_pile(&b->going);
	flusher_free(&b->flusher);
	free(b->told);
	buf_free(&b->tmp);
	buf_free(&b->head);
	buf_free(&b->text);
	arena_free(&b->arena);
	free(b);
	*batch = NULL;
}

size_t remote_batch_count(const struct remote_batch *batch)
{
	return batch->coming.count;
}

int64_t remote_batch_bytes(const struct remote_batch *batch)
{
	return batch->coming.bytes;
}

/* --- one message --- */

void remote_batch_tell(struct remote_batch *batch, const struct remote_message *message)
{
	bool is_forwarded;
	const char *words = keywords_tidy(message->keywords, &is_forwarded, batch->coming.arena);

	ARRAY_ROOM(batch->told, batch->told_count, batch->told_cap);
	batch->told[batch->told_count++] = (struct told){
	    .uid = message->uid,
	    .flags = (message->flags & REMOTE_FLAGS) | (is_forwarded ? (unsigned)BOX_FORWARDED : 0u),
	    .keywords = words,
	    .size = message->size,
	    .received = message->received};
}

/* The last that was told of it. */
static struct told told_of(const struct remote_batch *batch, uint32_t uid)
{
	for (size_t i = batch->told_count; i-- > 0;)
		if (batch->told[i].uid == uid)
			return batch->told[i];
	return (struct told){.uid = uid, .keywords = "", .received = time(NULL)};
}

static int make_tmp(struct remote_batch *batch, struct err *err)
{
	batch->now.tmp = arena_printf(batch->coming.arena, "%s,%u", buf_str(&batch->tmp), batch->serial++);
	batch->fd = open(batch->now.tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return batch->fd < 0 ? err_errno(err, _("making \"%s\""), batch->now.tmp) : 0;
}

int remote_batch_begin(struct remote_batch *batch, uint32_t uid, struct err *err)
{
	forget_now(batch);
	batch->now = (struct stored){.told = told_of(batch, uid)};
	batch->has_cr = false;
	buf_clear(&batch->head);
	buf_clear(&batch->text);
	return make_tmp(batch, err);
}

static int write_text(struct remote_batch *batch, struct err *err)
{
	size_t room = batch->head.len < LOOKED_AT ? LOOKED_AT - batch->head.len : 0;

	if (file_write_fd(batch->fd, buf_str(&batch->text), batch->text.len, err) < 0)
		return err_add(err, _("writing \"%s\""), batch->now.tmp);
	buf_add(&batch->head, buf_str(&batch->text), batch->text.len < room ? batch->text.len : room);
	batch->now.size += (int64_t)batch->text.len;
	buf_clear(&batch->text);
	return 0;
}

/* A CR waits for what comes behind it. */
static void add_unix(struct remote_batch *batch, const char *data, size_t len)
{
	struct buf *out = &batch->text;

	if (len && batch->has_cr && data[0] != '\n')
		buf_add_char(out, '\r');
	batch->has_cr = len ? false : batch->has_cr;
	while (len) {
		const char *cr = memchr(data, '\r', len);
		size_t plain = cr ? (size_t)(cr - data) : len;

		buf_add(out, data, plain);
		if (!cr)
			return;
		data += plain + 1;
		len -= plain + 1;
		batch->has_cr = len == 0;
		if (len && *data != '\n')
			buf_add_char(out, '\r');
	}
}

int remote_batch_piece(struct remote_batch *batch, const char *data, size_t len, struct err *err)
{
	if (batch->fd < 0)
		return 0;
	batch->now.wire_size += (int64_t)len;
	add_unix(batch, data, len);
	return batch->text.len > LOOKED_AT ? write_text(batch, err) : 0;
}

static void read_row(struct remote_batch *batch, struct stored *item)
{
	struct box_message bytes = {.data = buf_str(&batch->head), .len = batch->head.len};
	struct box_entry entry = {.key = "", .received = item->told.received, .flags = item->told.flags};

	row_read(batch->store->account, &bytes, &entry, batch->coming.arena, &item->row);
	item->row.size = item->size;
}

int remote_batch_end(struct remote_batch *batch, struct err *err)
{
	struct timespec times[2] = {{.tv_sec = batch->now.told.received},
				    {.tv_sec = batch->now.told.received}};
	struct pile *pile = &batch->coming;

	if (batch->fd < 0)
		return 0;
	if (batch->has_cr)
		buf_add_char(&batch->text, '\r');
	if (write_text(batch, err) < 0)
		return -1;
	futimens(batch->fd, times);
	close(batch->fd);
	batch->fd = -1;
	if (!batch->now.told.size)
		batch->now.told.size = batch->now.wire_size;
	ARRAY_ROOM(pile->items, pile->count, pile->cap);
	pile->items[pile->count] = batch->now;
	read_row(batch, &pile->items[pile->count++]);
	pile->bytes += batch->now.size;
	return 0;
}

/* --- all of them to disk --- */

static int sync_one(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc;

	if (fd < 0)
		return err_errno(err, _("opening \"%s\""), path);
	rc = file_sync(fd, path, err);
	close(fd);
	return rc;
}

static int sync_each(const struct pile *pile, struct err *err)
{
	for (size_t i = 0; i < pile->count; i++)
		if (sync_one(pile->items[i].tmp, err) < 0)
			return -1;
	return 0;
}

static int sync_going(struct remote_batch *batch, struct err *err)
{
	int rc = 0;

	if (batch->is_synced)
		return 0;
	if (flusher_is_asked(batch->flusher))
		rc = flusher_wait(batch->flusher, err);
	else if (batch->going.count > SYNC_ALONE)
		rc = flusher_now(batch->flusher, err);
	else
		rc = sync_each(&batch->going, err);
	batch->is_synced = rc == 0;
	return rc;
}

/* One question for all: of new ones nothing is known. Only whoever asks the server gives uids: what none has now none
 * has later. */
static int look_at_rows(struct remote_batch *batch, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(batch->store->db, "SELECT EXISTS (SELECT 1 FROM remote_message WHERE folder = ?1"
				       " AND uid BETWEEN ?2 AND ?3) + 2 * EXISTS"
				       " (SELECT 1 FROM intent WHERE place = ?1)");
	uint32_t first = UINT32_MAX, last = 0;
	int64_t is;

	for (size_t i = 0; i < batch->going.count; i++) {
		uint32_t uid = batch->going.items[i].told.uid;

		first = uid < first ? uid : first;
		last = uid > last ? uid : last;
	}
	db_bind_int(stmt, 1, batch->folder.id);
	db_bind_int(stmt, 2, first);
	db_bind_int(stmt, 3, last);
	is = db_step_id(stmt, err);
	batch->may_be_known = is & 1;
	batch->may_be_owed = is & 2;
	return is < 0 ? -1 : 0;
}

static int find_agreed(struct remote_batch *batch, const struct stored *item, struct arena *arena,
		       struct agreed *agreed, struct err *err)
{
	if (!batch->may_be_known)
		return 0;
	return agreed_by_uid(batch->store, batch->folder.id, item->told.uid, arena, agreed, err);
}

/* Where it belongs: the row may have been there before, moved and marked meanwhile. */
static int find_place(struct remote_batch *batch, struct stored *item, struct arena *arena, struct err *err)
{
	struct agreed agreed;
	struct change_row row;
	int rc = find_agreed(batch, item, arena, &agreed, err);

	item->place = batch->folder.id;
	item->name_flags = item->told.flags;
	if (!item->name_flags && !batch->is_first)
		item->name_flags = BOX_RECENT;
	if (rc != 1)
		return rc;
	rc = agreed.message > 0 ? change_read(batch->store, agreed.message, arena, &row, err) : 0;
	item->is_dropped = rc == 0 || row.folder <= FOLDER_ALL || !row.is_away;
	if (rc != 1 || item->is_dropped)
		return rc < 0 ? -1 : 0;
	item->message = agreed.message;
	item->name_flags = row.flags;
	return 0;
}

static void make_key(struct remote_batch *batch, struct stored *item, const char *unique, int later_s)
{
	struct buf key = BUF_INIT;

	maildir_name_make(&key, item->told.received + later_s, 0, unique);
	buf_printf(&key, ",S=%lld", (long long)item->size);
	item->key = arena_strndup(batch->going.arena, key.data, key.len);
	buf_free(&key);
}

/* A file of that name waits for being removed or moved: who comes back meanwhile must not be taken for it. */
static bool is_owed(struct remote_batch *batch, const char *key)
{
	struct db_stmt *stmt = db_query(batch->store->db, "SELECT 1 FROM intent WHERE place = ? AND key = ?");

	db_bind_int(stmt, 1, batch->folder.id);
	db_bind_text(stmt, 2, key);
	return batch->may_be_owed && db_step_id(stmt, NULL) == 1;
}

/* A file of that name is another message's: it had this uid before the server numbered its messages anew. */
static bool is_taken(struct remote_batch *batch, const struct stored *item)
{
	struct db_stmt *stmt =
	    db_query(batch->store->db, "SELECT 1 FROM message INDEXED BY message_place WHERE place = ?"
					    " AND key = ? AND is_copy = 0 AND is_away = 0 AND id <> ? LIMIT 1");

	db_bind_int(stmt, 1, batch->folder.id);
	db_bind_text(stmt, 2, item->key);
	db_bind_int(stmt, 3, item->message);
	return db_step_id(stmt, NULL) == 1;
}

static void make_name(struct remote_batch *batch, struct stored *item, struct buf *path, struct arena *arena)
{
	const char *unique = remote_unique(batch->wire, batch->uidvalidity, item->told.uid, arena);
	bool is_new = item->name_flags & BOX_RECENT;

	for (int later_s = 0; later_s == 0 || is_owed(batch, item->key) || is_taken(batch, item); later_s++)
		make_key(batch, item, unique, later_s);
	buf_printf(path, "%s/%s/", batch->folder.path, is_new ? "new" : "cur");
	if (is_new)
		buf_add_str(path, item->key);
	else
		maildir_name_with_flags(path, item->key, item->name_flags & REMOTE_FLAGS);
}

/* There already: an earlier one that the database never heard of. */
static bool is_there(struct remote_batch *batch, const struct stored *item)
{
	struct box *box = box_open(batch->folder.path, false, NULL);
	unsigned flags;
	bool is = box && box_flags(box, item->key, &flags, NULL) == 0;

	box_close(&box);
	return is;
}

static int publish(struct remote_batch *batch, struct stored *item, struct arena *arena, struct err *err)
{
	struct buf path = BUF_INIT;
	int rc = 0;

	make_name(batch, item, &path, arena);
	if (maildir_move(item->tmp, buf_str(&path)) < 0) {
		if (errno == EEXIST || is_there(batch, item))
			unlink(item->tmp);
		else
			rc = err_errno(err, _("renaming \"%s\" to \"%s\""), item->tmp, buf_str(&path));
	}
	buf_free(&path);
	return rc;
}

static int sync_dir(const struct remote_batch *batch, const char *name, struct err *err)
{
	char *path = path_join(batch->folder.path, name);
	int rc = file_sync_dir(path, err);

	free(path);
	return rc;
}

static int publish_all(struct remote_batch *batch, struct err *err)
{
	struct arena *arena = arena_new();
	bool has_new = false;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < batch->going.count; i++) {
		struct stored *item = &batch->going.items[i];

		rc = find_place(batch, item, arena, err);
		if (rc == 0 && item->is_dropped)
			unlink(item->tmp);
		else if (rc == 0)
			rc = publish(batch, item, arena, err);
		has_new |= item->name_flags & BOX_RECENT;
		arena_reset(arena);
	}
	arena_free(&arena);
	if (rc < 0 || sync_dir(batch, "cur", err) < 0)
		return -1;
	return has_new ? sync_dir(batch, "new", err) : 0;
}

/* --- and into the database --- */

static int fill_row(struct remote_batch *batch, const struct stored *item, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(batch->store->db, "UPDATE message SET is_away = 0, place = ?2, key = ?3, file_flags = ?4,"
				       " has_attachment = ?5, hint = 0 WHERE id = ?1");

	db_bind_int(stmt, 1, item->message);
	db_bind_int(stmt, 2, item->place);
	db_bind_text(stmt, 3, item->key);
	db_bind_int(stmt, 4, item->name_flags);
	db_bind_int(stmt, 5, item->row.has_attachment);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

/* What a person did while the file was written is owed to the file now. */
static int owe_file(struct remote_batch *batch, const struct stored *item, const struct change_row *row,
		    struct err *err)
{
	unsigned now = row->flags & REMOTE_FLAGS, file = item->name_flags & REMOTE_FLAGS;
	struct intent intent = {.message = item->message, .place = item->place, .key = item->key};

	intent.op = INTENT_FLAGS;
	intent.set = now & ~file;
	intent.clear = file & ~now;
	if ((intent.set || intent.clear) && intent_add(batch->store, &intent, err) < 0)
		return -1;
	if (row->folder == item->place)
		return 0;
	intent.op = INTENT_MOVE;
	intent.target = row->folder;
	return intent_add(batch->store, &intent, err);
}

static int drop_file(struct remote_batch *batch, const struct stored *item, struct err *err)
{
	return intent_add(batch->store,
			  &(struct intent){.op = INTENT_REMOVE, .place = item->place, .key = item->key}, err);
}

static int fill(struct remote_batch *batch, const struct stored *item, struct arena *arena, struct err *err)
{
	struct change_row row;
	int rc = change_read(batch->store, item->message, arena, &row, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || row.folder <= FOLDER_ALL || !row.is_away)
		return drop_file(batch, item, err);
	if (fill_row(batch, item, err) < 0)
		return -1;
	store_touch(batch->store, row.folder, 0, 0, 0);
	return owe_file(batch, item, &row, err);
}

/* --- whoever was killed before that --- */

/* The message whose bytes that file of ROW's folder is, by the name that they are given; 0, -1. */
static int64_t find_away(struct store *store, const struct row *row, struct arena *arena, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT r.message, r.uid FROM message m CROSS JOIN remote_message r"
						   " ON r.message = m.id WHERE m.mid = ? AND m.is_away = 1"
						   " AND r.folder = ? AND r.uid > 0");
	uint32_t uidvalidity = 0;
	const char *wire = remote_wire(store, row->place, &uidvalidity, arena);
	int64_t id = 0;
	int rc = 0;

	db_bind_int(stmt, 1, row->mid);
	db_bind_int(stmt, 2, row->place);
	while (wire && !id && (rc = db_step(stmt, err)) == 1) {
		struct buf mark = BUF_INIT;

		maildir_name_mark(&mark, remote_unique(wire, uidvalidity, (uint32_t)db_int(stmt, 1), arena));
		id = strstr(row->key, buf_str(&mark)) ? db_int(stmt, 0) : 0;
		buf_free(&mark);
	}
	db_reset(stmt);
	return rc < 0 ? -1 : id;
}

int remote_adopt(struct store *store, const struct row *row, struct err *err)
{
	struct remote_batch batch = {.store = store};
	struct stored item = {.place = row->place, .key = row->key, .name_flags = row->file_flags, .row = *row};
	struct arena *arena = arena_new();
	int rc;

	item.message = find_away(store, row, arena, err);
	rc = item.message > 0 ? fill(&batch, &item, arena, err) : 0;
	if (rc < 0 || item.message < 0)
		rc = -1;
	else
		rc = item.message > 0;
	arena_free(&arena);
	return rc;
}

/* A keeper may have found the file of one that was killed. */
static int64_t known_file(struct remote_batch *batch, const struct stored *item, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(batch->store->db, "SELECT id FROM message INDEXED BY message_place WHERE place = ?"
				       " AND key = ? AND is_copy = 0 AND is_away = 0");

	db_bind_int(stmt, 1, item->place);
	db_bind_text(stmt, 2, item->key);
	return db_step_id(stmt, err);
}

static struct remote_message message_of(const struct stored *item)
{
	return (struct remote_message){.uid = item->told.uid,
				       .flags = item->told.flags,
				       .keywords = item->told.keywords,
				       .size = item->told.size,
				       .received = item->told.received};
}

/* For all that are going, at once. */
static int give_id(struct remote_batch *batch, struct row *row, struct err *err)
{
	if (batch->next_id > batch->last_id) {
		batch->next_id = store_new_ids(batch->store, (int64_t)batch->going.count, err);
		if (batch->next_id < 0)
			return -1;
		batch->last_id = batch->next_id + (int64_t)batch->going.count - 1;
	}
	row->id = batch->next_id++;
	return 0;
}

static int make_row(struct remote_batch *batch, struct stored *item, struct arena *arena, struct err *err)
{
	struct remote_message message = message_of(item);
	int64_t known = known_file(batch, item, err);

	if (known < 0)
		return -1;
	if (known)
		return remote_match(batch->store, batch->folder.id, &message, &item->row, item->told.flags,
				    item->told.keywords, arena, err) < 0
			   ? -1
			   : 0;
	item->row.key = item->key;
	item->row.place = item->place;
	item->row.flags = item->row.file_flags = item->name_flags;
	if (give_id(batch, &item->row, err) < 0)
		return -1;
	return remote_insert(batch->store, batch->folder.id, &message, &item->row, item->told.flags,
			     item->told.keywords, arena, err);
}

static int know_one(void *arg, size_t i, struct arena *arena, struct err *err)
{
	struct remote_batch *batch = arg;
	struct stored *item = &batch->going.items[i];
	struct agreed agreed;
	int rc;

	if (item->is_dropped)
		return 0;
	if (item->message)
		return fill(batch, item, arena, err);
	rc = find_agreed(batch, item, arena, &agreed, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	return make_row(batch, item, arena, err);
}

static int publish_locked(struct remote_batch *batch, struct err *err)
{
	batch->next_id = 1; /* what a transaction that was rolled back gave is nobody's */
	batch->last_id = 0;
	if (look_at_rows(batch, err) < 0 || publish_all(batch, err) < 0)
		return -1;
	return remote_each(batch->store, batch->going.count, know_one, batch, err);
}

static int finish(struct remote_batch *batch, struct err *err)
{
	int rc;

	if (batch->going.count == 0)
		return 0;
	if (sync_going(batch, err) < 0 || store_lock(batch->store, err) < 0)
		return -1;
	rc = publish_locked(batch, err);
	store_unlock(batch->store);
	if (rc < 0)
		return err_add(err, _("storing mail in \"%s\""), batch->folder.name);
	empty(&batch->going);
	return 0;
}

/* What came goes; what went before is there. */
static int go(struct remote_batch *batch, struct err *err)
{
	struct pile empty_one;

	forget_now(batch);
	if (finish(batch, err) < 0 || load_again(batch, err) < 0)
		return -1;
	empty_one = batch->going;
	batch->going = batch->coming;
	batch->coming = empty_one;
	batch->told_count = 0;
	batch->is_synced = false;
	return 0;
}

int remote_batch_push(struct remote_batch *batch, struct err *err)
{
	if (go(batch, err) < 0)
		return -1;
	if (batch->going.count > SYNC_ALONE)
		flusher_ask(batch->flusher);
	return 0;
}

int remote_batch_commit(struct remote_batch *batch, struct err *err)
{
	return go(batch, err) < 0 || finish(batch, err) < 0 || load_again(batch, err) < 0 ? -1 : 0;
}
