#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/box/box_kind.h"
#include "store/box/mbox_lock.h"
#include "store/box/mbox_near.h"
#include "store/box/mbox_scan.h"
#include "store/box/mbox_write.h"

#define KEY_SIZE   (MBOX_ID_SIZE + 12)
#define WRITE_AT   (1 << 20)
#define WINDOW	   (16 << 20) /* of the file in memory while it is read through */
#define TRIES	   60	      /* while others change the file all the time: about a second */
#define NAP_US	   20000

/* One message of the last reading. TWIN counts those with the same id before it. */
struct slot {
	size_t from_at, at, end;
	size_t body_at;
	int64_t received;
	unsigned flags, twin;
	bool has_twins;
	char id[MBOX_ID_SIZE];
};

struct change {
	bool is_removed;
	unsigned flags, base; /* BASE: what the file said when FLAGS were wanted */
};

struct mbox {
	char *path;
	bool is_rd; /* the name says ".mboxrd": every ">From " was quoted, so it can be undone */
	struct slot *slots;
	size_t count, cap;
	size_t *by_id; /* slot numbers, sorted by id and place */
	struct box_stamp read_at;
	bool is_read;
	struct map *changes;
	int old_fd; /* the file we put a new one over: somebody may still have appended to it */
	size_t old_size;
};

/* --- opening
 * -------------------------------------------------------------------------------------- */

static bool starts_like_mbox(int fd)
{
	char head[1024];
	ssize_t n = pread(fd, head, sizeof head, 0);
	size_t at = 0, len = n > 0 ? (size_t)n : 0;
	const char *end;

	while (at < len && (head[at] == '\n' || head[at] == '\r'))
		at++;
	if (n == 0)
		return true;
	end = memchr(head + at, '\n', len - at);
	if (len - at < 5 || memcmp(head + at, "From ", 5))
		return false;
	return end != NULL;
}

static bool mbox_detect(const char *path)
{
	bool is_mbox;
	int fd = box_look_into(path);

	if (fd < 0)
		return false;
	is_mbox = starts_like_mbox(fd);
	close(fd);
	return is_mbox;
}

static int mbox_make(const char *path, struct err *err)
{
	char *dir = path_parent(path);
	int rc, fd;

	rc = path_make_dirs(dir, err);
	fd = rc == 0 ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
	if (rc == 0 && fd < 0)
		rc = err_errno(err, _("making \"%s\""), path);
	if (fd >= 0)
		close(fd);
	if (rc == 0)
		rc = file_sync_dir(dir, err);
	free(dir);
	return rc;
}

/* Links are followed once, here: a new file must lie where the old one did. */
static void *mbox_open(const char *path, bool read_only, struct err *err)
{
	char *real = box_real_path(path, err);
	struct mbox *box;

	if (!real)
		return NULL;
	box = mem_alloc(sizeof *box);
	box->path = real;
	box->is_rd = str_ends(real, ".mboxrd");
	box->changes = map_new();
	box->old_fd = -1;
	if (!read_only)
		mbox_lock_heal(real);
	return box;
}

static int rescue_tail(struct mbox *box, struct err *err);

static void mbox_close(void *impl)
{
	struct mbox *box = impl;

	rescue_tail(box, NULL);
	if (box->old_fd >= 0)
		close(box->old_fd);
	map_free(&box->changes, free);
	free(box->slots);
	free(box->by_id);
	free(box->path);
	free(box);
}

/* --- reading
 * --------------------------------------------------------------------------------------- */

static void stamp_of(const struct stat *st, struct box_stamp *stamp)
{
	*stamp = (struct box_stamp){box_time_ns(&st->st_mtim), box_time_ns(&st->st_ctim),
				    (int64_t)st->st_size, (int64_t)st->st_ino};
}

/* A spool file that its reader removed when it was empty is an empty box. */
static int mbox_stamp(void *impl, struct box_stamp *stamp, struct err *err)
{
	struct mbox *box = impl;
	struct stat st;

	if (rescue_tail(box, err) < 0)
		return -1;
	memset(stamp, 0, sizeof *stamp);
	if (stat(box->path, &st) == 0)
		stamp_of(&st, stamp);
	else if (errno != ENOENT)
		return err_errno(err, _("looking at \"%s\""), box->path);
	return 0;
}

static int compare_ids(const void *a, const void *b, void *arg)
{
	const struct slot *slots = arg;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int rc = strcmp(slots[x].id, slots[y].id);

	return rc ? rc : (x > y) - (x < y);
}

static void sort_slots(struct mbox *box)
{
	free(box->by_id);
	box->by_id = mem_calloc(box->count + 1, sizeof *box->by_id);
	for (size_t i = 0; i < box->count; i++)
		box->by_id[i] = i;
	qsort_r(box->by_id, box->count, sizeof *box->by_id, compare_ids, box->slots);
	for (size_t i = 1; i < box->count; i++) {
		struct slot *slot = &box->slots[box->by_id[i]];
		struct slot *before = &box->slots[box->by_id[i - 1]];

		if (strcmp(slot->id, before->id) != 0)
			continue;
		slot->twin = before->twin + 1;
		slot->has_twins = before->has_twins = true;
	}
}

static void add_slot(struct mbox *box, const char *data, const struct mbox_message *message)
{
	struct slot *slot;

	ARRAY_ROOM(box->slots, box->count, box->cap);
	slot = &box->slots[box->count++];
	*slot = (struct slot){.from_at = message->from_at,
			      .at = message->at,
			      .end = message->end,
			      .body_at = message->body_at,
			      .received = message->received,
			      .flags = message->flags};
	mbox_id(data + message->at, message->body_at - message->at, message->end - message->at,
		slot->id);
}

/* Gives back memory of what was read up to AT; it comes again when it is looked at. */
static size_t let_go(const struct file_view *view, size_t from, size_t at)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	at -= at % page;
	if (!view->map || at < from + WINDOW)
		return from;
	madvise((char *)view->map + from, at - from, MADV_DONTNEED);
	return at;
}

static void read_slots(struct mbox *box, const struct file_view *view)
{
	struct mbox_message message;
	size_t at = 0, gone = 0;

	box->count = 0;
	while (mbox_next(view->data, view->len, &at, &message)) {
		add_slot(box, view->data, &message);
		gone = let_go(view, gone, at);
	}
	sort_slots(box);
}

/* FD stays the caller's. */
static int read_fd(struct mbox *box, int fd, struct err *err)
{
	struct file_view view;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, _("looking at \"%s\""), box->path);
	if (file_view_open_fd(&view, fd, err) < 0)
		return -1;
	if (view.map)
		madvise(view.map, view.len, MADV_SEQUENTIAL);
	read_slots(box, &view);
	file_view_close(&view);
	stamp_of(&st, &box->read_at);
	box->is_read = true;
	return 0;
}

static void forget(struct mbox *box)
{
	box->count = 0;
	memset(&box->read_at, 0, sizeof box->read_at);
	sort_slots(box);
	box->is_read = true;
}

static int read_again(struct mbox *box, struct err *err)
{
	int rc, fd = open(box->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) {
		forget(box);
		return 0;
	}
	if (fd < 0)
		return err_errno(err, _("opening \"%s\""), box->path);
	rc = mbox_lock_read(fd, box->path, err);
	if (rc == 0)
		rc = read_fd(box, fd, err);
	close(fd);
	return rc;
}

static int refresh(struct mbox *box, struct err *err)
{
	struct box_stamp now;

	if (mbox_stamp(box, &now, err) < 0)
		return -1;
	if (box->is_read && !memcmp(&now, &box->read_at, sizeof now))
		return 0;
	return read_again(box, err);
}

static void make_key(const struct slot *slot, char key[KEY_SIZE])
{
	if (slot->twin)
		snprintf(key, KEY_SIZE, "%s-%u", slot->id, slot->twin);
	else
		snprintf(key, KEY_SIZE, "%s", slot->id);
}

static int mbox_scan(void *impl, int (*each)(void *arg, const struct box_entry *entry), void *arg,
		     struct err *err)
{
	struct mbox *box = impl;

	if (refresh(box, err) < 0)
		return -1;
	for (size_t i = 0; i < box->count; i++) {
		const struct slot *slot = &box->slots[i];
		char key[KEY_SIZE];
		struct box_entry entry = {key, slot->flags, (int64_t)(slot->end - slot->at),
					  slot->received,
					  mbox_hint_make(slot->from_at, slot->has_twins)};

		make_key(slot, key);
		if (each(arg, &entry) < 0)
			return -1;
	}
	return 0;
}

/* --- one message
 * ------------------------------------------------------------------------------------ */

static const struct slot *find_slot(const struct mbox *box, const char *key)
{
	size_t low = 0, high = box->count, len = MBOX_ID_SIZE - 1;
	long long twin = 0;

	if (strlen(key) < len ||
	    (key[len] && (key[len] != '-' || str_to_long(key + len + 1, &twin) < 0)))
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(box->slots[box->by_id[middle]].id, key, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (twin < 0 || (unsigned long long)twin >= box->count - low)
		return NULL;
	low = box->by_id[low + (size_t)twin];
	return memcmp(box->slots[low].id, key, len) ? NULL : &box->slots[low];
}

/* A small message is copied: its file may be cut by others while it is shown. Of a large one only
 * what is looked at comes into memory. 1, 0 the file is shorter by now, -1 */
static int lend_range(int fd, const struct slot *slot, struct box_lent *lent,
		      struct box_message *message, struct err *err)
{
	message->len = slot->end - slot->at;
	if (message->len <= MBOX_COPY_UP_TO) {
		if (mbox_read_range(fd, slot->at, message->len, lent) < 0)
			return 0;
		message->data = lent->copy;
		return 1;
	}
	if (file_view_open_fd(&lent->view, fd, err) < 0)
		return -1;
	if (lent->view.len < slot->end)
		return 0;
	message->data = lent->view.data + slot->at;
	return 1;
}

static void unquote(size_t header, struct box_lent *lent, struct box_message *message)
{
	struct buf out = BUF_INIT;

	buf_reserve(&out, message->len + 1);
	buf_add(&out, message->data, header);
	mbox_write_unquoted(&out, message->data + header, message->len - header);
	file_view_close(&lent->view);
	free(lent->copy);
	message->len = out.len;
	lent->copy = buf_take(&out);
	message->data = lent->copy;
}

static bool is_still(const struct slot *slot, const struct box_message *message)
{
	char id[MBOX_ID_SIZE];

	mbox_id(message->data, slot->body_at - slot->at, message->len, id);
	return !strcmp(id, slot->id);
}

/* 1 lent, 0 it is not what the last reading said, -1 */
static int open_slot(struct mbox *box, int fd, const struct slot *slot, struct box_message *message,
		     struct err *err)
{
	struct box_lent *lent = mem_alloc(sizeof *lent);
	int rc;

	message->private_ = lent;
	rc = lend_range(fd, slot, lent, message, err);
	if (rc == 1 && !is_still(slot, message))
		rc = 0;
	if (rc != 1)
		box_message_close(message);
	else if (box->is_rd)
		unquote(slot->body_at - slot->at, lent, message);
	return rc;
}

/* 1 lent, 0 it cannot be told from the hint, -1 */
static int open_near(struct mbox *box, int fd, const struct box_stamp *now, const char *key,
		     const struct box_hint *hint, struct box_message *message, struct err *err)
{
	struct mbox_message found;
	struct box_lent *lent;
	int rc;

	if (!hint || strlen(key) < MBOX_ID_SIZE - 1)
		return 0;
	lent = mem_alloc(sizeof *lent);
	message->private_ = lent;
	rc = mbox_near_open(fd, now, key, hint, lent, &found, &message->data, err);
	message->len = rc == 1 ? found.end - found.at : 0;
	if (rc != 1)
		box_message_close(message);
	else if (box->is_rd)
		unquote(found.body_at - found.at, lent, message);
	return rc;
}

static int not_there(const char *key, struct err *err)
{
	return err_set_kind(err, ERR_NOT_FOUND, _("the message \"%s\" is not there any more"), key);
}

static bool is_as_read(const struct mbox *box, const struct stat *st)
{
	struct box_stamp now;

	stamp_of(st, &now);
	return box->is_read && !memcmp(&now, &box->read_at, sizeof now);
}

/* Are the file that was just read through and the one at the path still the same, with nothing
 * written into it since? Then what was not found is not there. */
static bool is_settled(const struct mbox *box, int fd)
{
	struct stat mine, there;

	return fstat(fd, &mine) == 0 && stat(box->path, &there) == 0 && is_as_read(box, &mine) &&
	       is_as_read(box, &there);
}

/* All in FD, so that what is checked is what is read. 1 lent, 0 look again, -1 */
static int open_in(struct mbox *box, int fd, const char *key, const struct box_hint *hint,
		   struct box_message *message, struct err *err)
{
	const struct slot *slot;
	bool was_read;
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return err_errno(err, _("looking at \"%s\""), box->path);
	was_read = is_as_read(box, &st);
	if (!was_read) {
		struct box_stamp now;

		stamp_of(&st, &now);
		rc = open_near(box, fd, &now, key, hint, message, err);
		if (rc != 0)
			return rc;
		if (mbox_lock_read(fd, box->path, err) < 0 || read_fd(box, fd, err) < 0)
			return -1;
	}
	slot = find_slot(box, key);
	if (slot)
		return open_slot(box, fd, slot, message, err);
	return !was_read && is_settled(box, fd) ? not_there(key, err) : 0;
}

/* A spool file that its reader removed is an empty box. */
static int open_once(struct mbox *box, const char *key, const struct box_hint *hint,
		     struct box_message *message, struct err *err)
{
	int rc, fd = open(box->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return not_there(key, err);
	if (fd < 0)
		return err_errno(err, _("opening \"%s\""), box->path);
	rc = open_in(box, fd, key, hint, message, err);
	close(fd);
	return rc;
}

static int mbox_message_open(void *impl, const char *key, const struct box_hint *hint,
			     struct box_message *message, struct err *err)
{
	struct mbox *box = impl;

	if (rescue_tail(box, err) < 0)
		return -1;
	for (int i = 0; i < TRIES; i++) {
		int rc = open_once(box, key, hint, message, err);

		if (rc != 0)
			return rc < 0 ? -1 : 0;
		box->is_read = false; /* times of files are coarse: what was read may be older */
		if (i > 0)
			usleep(NAP_US);
	}
	return err_set_kind(err, ERR_TEMPORARY,
			    _("the mailbox \"%s\" is being changed by another program; try again"),
			    box->path);
}

static int mbox_message_path(void *impl, const char *key, struct buf *path, struct err *err)
{
	struct mbox *box = impl;

	(void)key;
	(void)err;
	buf_add_str(path, box->path);
	return 0;
}

/* --- changing
 * ---------------------------------------------------------------------------------------- */

static struct change *change_of(struct mbox *box, const char *key)
{
	struct change *change = map_get(box->changes, key);

	if (!change) {
		change = mem_alloc(sizeof *change);
		map_set(box->changes, key, change);
	}
	return change;
}

/* What was wanted but not written yet counts. */
static int mbox_flags(void *impl, const char *key, unsigned *flags, struct err *err)
{
	struct mbox *box = impl;
	const struct change *change = map_get(box->changes, key);
	const struct slot *slot;

	if (refresh(box, err) < 0)
		return -1;
	slot = find_slot(box, key);
	if (!slot)
		return not_there(key, err);
	*flags = change && change->flags != change->base ? change->flags : slot->flags;
	return 0;
}

/* What the file says already needs no writing. */
static int mbox_set_flags(void *impl, const char *key, unsigned flags, struct err *err)
{
	struct mbox *box = impl;
	struct change *change;
	unsigned now;

	if (mbox_flags(box, key, &now, err) < 0)
		return -1;
	if ((now & BOX_WRITTEN) == flags)
		return 0;
	change = map_get(box->changes, key);
	if (!change) {
		change = change_of(box, key);
		change->base = now & BOX_WRITTEN;
	}
	change->flags = flags;
	return 0;
}

static int mbox_remove(void *impl, const char *key, struct err *err)
{
	struct mbox *box = impl;

	if (refresh(box, err) < 0)
		return -1;
	if (find_slot(box, key))
		change_of(box, key)->is_removed = true;
	return 0;
}

/* The file to be written anew. */
struct rewriting {
	struct buf out;
	char *path;
	int fd;
};

static int flush_when(struct rewriting *fresh, size_t at, struct err *err)
{
	if (fresh->out.len < at || fresh->out.len == 0)
		return 0;
	if (file_write_fd(fresh->fd, fresh->out.data, fresh->out.len, err) < 0)
		return -1;
	buf_clear(&fresh->out);
	return 0;
}

/* Large messages go in pieces. */
static int write_through(struct rewriting *fresh, const char *data, size_t len, struct err *err)
{
	if (len > WRITE_AT) {
		if (flush_when(fresh, 1, err) < 0)
			return -1;
		return file_write_fd(fresh->fd, data, len, err);
	}
	buf_add(&fresh->out, data, len);
	return flush_when(fresh, WRITE_AT, err);
}

/* Only what was wanted otherwise than it was: another program may have set other flags meanwhile.
 */
static unsigned joined_flags(const struct change *change, unsigned now)
{
	unsigned differs = change->flags ^ change->base;

	return (now & ~differs) | (change->flags & differs);
}

static int write_message(struct rewriting *fresh, const char *data,
			 const struct mbox_message *message, const struct change *change,
			 struct err *err)
{
	unsigned now = message->flags & BOX_WRITTEN;

	if (change && change->is_removed)
		return 0;
	if (!change || joined_flags(change, now) == now)
		return write_through(fresh, data + message->from_at,
				     message->next - message->from_at, err);
	mbox_write_flags(&fresh->out, data, message, joined_flags(change, now));
	return flush_when(fresh, WRITE_AT, err);
}

/* The slots were just read from the same bytes under the same lock. */
static int write_all(struct mbox *box, struct rewriting *fresh, const struct file_view *view,
		     struct err *err)
{
	struct mbox_message message;
	size_t at = 0, i = 0, before = 0, gone = 0;
	char key[KEY_SIZE];

	while (mbox_next(view->data, view->len, &at, &message)) {
		if (i == 0 && write_through(fresh, view->data, message.from_at, err) < 0)
			return -1;
		make_key(&box->slots[i++], key);
		if (write_message(fresh, view->data, &message, map_get(box->changes, key), err) < 0)
			return -1;
		before = at;
		gone = let_go(view, gone, at);
	}
	if (write_through(fresh, view->data + before, view->len - before, err) < 0)
		return -1;
	return flush_when(fresh, 1, err);
}

static int keep_owner(int fd, const char *path, const struct stat *old, struct err *err)
{
	struct stat mine;

	if (fstat(fd, &mine) < 0)
		return err_errno(err, _("looking at \"%s\""), path);
	if ((mine.st_uid != old->st_uid || mine.st_gid != old->st_gid) &&
	    fchown(fd, old->st_uid, old->st_gid) < 0)
		return err_errno(err, _("giving \"%s\" its owner back"), path);
	if (fchmod(fd, old->st_mode & 07777) < 0)
		return err_errno(err, _("giving \"%s\" its mode back"), path);
	return 0;
}

static int replace(struct mbox *box, const struct rewriting *fresh, struct err *err)
{
	char *dir = path_parent(box->path);
	int rc = 0;

	if (rename(fresh->path, box->path) < 0)
		rc = err_errno(err, _("renaming \"%s\" to \"%s\""), fresh->path, box->path);
	else
		rc = file_sync_dir(dir, err);
	free(dir);
	return rc;
}

static int write_fresh(struct mbox *box, int old_fd, struct rewriting *fresh, struct err *err)
{
	struct file_view view;
	struct stat st;
	int rc;

	if (fstat(old_fd, &st) < 0)
		return err_errno(err, _("looking at \"%s\""), box->path);
	if (file_view_open_fd(&view, old_fd, err) < 0)
		return -1;
	read_slots(box, &view);
	rc = write_all(box, fresh, &view, err);
	file_view_close(&view);
	box->old_size = (size_t)st.st_size;
	if (rc == 0)
		rc = keep_owner(fresh->fd, fresh->path, &st, err);
	return rc == 0 ? file_sync(fresh->fd, fresh->path, err) : rc;
}

static int rewrite(struct mbox *box, int old_fd, struct err *err)
{
	struct rewriting fresh = {.path = mem_printf("%s.new.%ld", box->path, (long)getpid())};
	int rc;

	unlink(fresh.path);
	fresh.fd = file_create(fresh.path, err);
	rc = fresh.fd < 0 ? -1 : write_fresh(box, old_fd, &fresh, err);
	if (fresh.fd >= 0 && close(fresh.fd) < 0 && rc == 0)
		rc = err_errno(err, _("closing \"%s\""), fresh.path);
	if (rc == 0)
		rc = replace(box, &fresh, err);
	if (rc < 0)
		unlink(fresh.path);
	buf_free(&fresh.out);
	free(fresh.path);
	return rc;
}

static int mbox_commit(void *impl, struct err *err)
{
	struct mbox *box = impl;
	struct mbox_lock lock;
	int rc;

	if (map_count(box->changes) == 0)
		return 0;
	if (rescue_tail(box, err) < 0 || mbox_lock(&lock, box->path, 0, err) < 0)
		return err_add(err, _("writing \"%s\""), box->path);
	rc = rewrite(box, lock.fd, err);
	if (rc == 0 && box->old_fd >= 0)
		close(box->old_fd);
	mbox_unlock(&lock, rc == 0 ? &box->old_fd : NULL);
	box->is_read = false;
	if (rc < 0)
		return err_add(err, _("writing \"%s\""), box->path);
	map_free(&box->changes, free);
	box->changes = map_new();
	return rescue_tail(box, err);
}

/* --- appending
 * ---------------------------------------------------------------------------------------- */

/* What is missing for a blank line before the next "From ". */
static int add_gap(int fd, size_t size, struct buf *out, struct err *err)
{
	size_t want = size < 2 ? size : 2;
	char tail[2] = "";

	if (want == 0)
		return 0;
	if (pread(fd, tail, want, (off_t)(size - want)) != (ssize_t)want)
		return err_errno(err, _("reading the end of the mailbox"));
	if (tail[want - 1] != '\n')
		buf_add_str(out, "\n\n");
	else if (want == 2 && tail[0] != '\n')
		buf_add_str(out, "\n");
	return 0;
}

/* All of RECORD behind the end, synced; on any error the file is as long as before. */
static int append(struct mbox_lock *lock, const char *path, const struct buf *record,
		  struct err *err)
{
	struct buf out = BUF_INIT;
	struct stat st;
	int rc;

	if (fstat(lock->fd, &st) < 0)
		return err_errno(err, _("looking at \"%s\""), path);
	rc = add_gap(lock->fd, (size_t)st.st_size, &out, err);
	buf_add(&out, record->data, record->len);
	if (rc == 0)
		rc = mbox_lock_note(lock, (size_t)st.st_size, out.data, out.len, err);
	if (rc == 0 && lseek(lock->fd, st.st_size, SEEK_SET) < 0)
		rc = err_errno(err, _("going to the end of \"%s\""), path);
	if (rc == 0) {
		rc = file_write_fd(lock->fd, out.data, out.len, err);
		if (rc == 0)
			rc = file_sync(lock->fd, path, err);
		if (rc < 0 && ftruncate(lock->fd, st.st_size) == 0)
			fsync(lock->fd);
	}
	buf_free(&out);
	return rc;
}

/* A program that opened the file before we put a new one in its place may append to the old one
 * once our lock is gone. What it wrote is carried over. */
static int rescue_tail(struct mbox *box, struct err *err)
{
	struct buf tail = BUF_INIT;
	struct mbox_lock lock;
	struct stat st;
	int rc;

	if (box->old_fd < 0 || fstat(box->old_fd, &st) < 0 || (size_t)st.st_size <= box->old_size)
		return 0;
	rc = mbox_lock_read(box->old_fd, box->path, err);
	if (rc == 0 && lseek(box->old_fd, (off_t)box->old_size, SEEK_SET) < 0)
		rc = err_errno(err, _("reading \"%s\""), box->path);
	if (rc == 0)
		rc = file_read_fd(box->old_fd, &tail, 0, err);
	if (rc == 0)
		rc = mbox_lock(&lock, box->path, 1, err);
	if (rc == 0) {
		rc = append(&lock, box->path, &tail, err);
		mbox_unlock(&lock, NULL);
	}
	if (rc == 0) {
		box->old_size += tail.len;
		close(box->old_fd);
		box->old_fd = -1;
	}
	buf_free(&tail);
	return rc;
}

/* What tells a message from all others but its twins; the size is cheap to compare. */
struct likeness {
	char id[MBOX_ID_SIZE];
	size_t body;
};

static void look_at(const char *data, const struct mbox_message *message, struct likeness *like)
{
	mbox_id(data + message->at, message->body_at - message->at, message->end - message->at,
		like->id);
	like->body = message->end - message->body_at;
}

static bool is_like(const char *data, const struct mbox_message *message,
		    const struct likeness *like)
{
	struct likeness other;

	if (message->end - message->body_at != like->body)
		return false;
	look_at(data, message, &other);
	return !strcmp(other.id, like->id);
}

static int count_twins(int fd, const struct likeness *like, unsigned *count, struct err *err)
{
	struct mbox_message message;
	struct file_view view;
	size_t at = 0;

	*count = 0;
	if (file_view_open_fd(&view, fd, err) < 0)
		return -1;
	while (mbox_next(view.data, view.len, &at, &message))
		*count += is_like(view.data, &message, like);
	file_view_close(&view);
	return 0;
}

static void add_key(struct buf *key, const char *id, unsigned twin)
{
	buf_add_str(key, id);
	if (twin)
		buf_printf(key, "-%u", twin);
}

static int append_once(struct mbox *box, struct mbox_lock *lock,
		       const struct box_delivery *delivery, const struct buf *record,
		       struct buf *key, struct err *err)
{
	struct likeness like = {.body = 0};
	struct mbox_message message;
	unsigned twins = 0;
	size_t at = 0;

	if (mbox_next(record->data, record->len, &at, &message))
		look_at(record->data, &message, &like);
	if ((delivery->unique || key) && count_twins(lock->fd, &like, &twins, err) < 0)
		return -1;
	if (key)
		add_key(key, like.id, delivery->unique && twins ? 0 : twins);
	if (delivery->unique && twins) /* its writer may have died before the sync */
		return file_sync(lock->fd, box->path, err) < 0 ? -1 : 1;
	return append(lock, box->path, record, err);
}

static int make_record(const struct box_delivery *delivery, struct buf *record, struct err *err)
{
	struct file_view view;
	struct mbox_record what = {.sender = delivery->sender,
				   .flags = delivery->flags & BOX_WRITTEN};

	if (box_delivery_view(delivery, &view, err) < 0)
		return -1;
	what.data = view.data;
	what.len = view.len;
	what.received = delivery->received ? delivery->received : (int64_t)time(NULL);
	mbox_write_record(record, &what);
	file_view_close(&view);
	return 0;
}

static int mbox_deliver(void *impl, const struct box_delivery *delivery, struct buf *key,
			struct err *err)
{
	struct mbox *box = impl;
	struct buf record = BUF_INIT;
	struct mbox_lock lock;
	int rc = make_record(delivery, &record, err);

	if (rc == 0)
		rc = mbox_lock(&lock, box->path, 1, err);
	if (rc == 0) {
		rc = append_once(box, &lock, delivery, &record, key, err);
		mbox_unlock(&lock, NULL);
	}
	buf_free(&record);
	return rc < 0 ? err_add(err, _("delivering into \"%s\""), box->path) : rc;
}

const struct box_kind_ops box_mbox_ops = {
    .kind = BOX_MBOX,
    .name = "mbox",
    .detect = mbox_detect,
    .make = mbox_make,
    .open = mbox_open,
    .close = mbox_close,
    .stamp = mbox_stamp,
    .scan = mbox_scan,
    .message_open = mbox_message_open,
    .message_path = mbox_message_path,
    .flags = mbox_flags,
    .set_flags = mbox_set_flags,
    .remove = mbox_remove,
    .commit = mbox_commit,
    .deliver = mbox_deliver,
};
