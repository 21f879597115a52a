#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/box/box_kind.h"
#include "store/box/maildir_name.h"

#define TMP_AGE_S	  (36 * 3600) /* what is older in tmp/ was left by a program that died */
#define SCAN_PASSES	  4	      /* while others rename, before two readings are joined */
#define FAR_MORE	  8	      /* times what is read of a file */
#define TICK_NS		  12000000 /* so long a clock of files may stand still */
#define RACE_TRIES	  10	      /* a message renamed under our hands is looked for again */
#define NAME_TRIES	  10
#define MARKS_LOOSE	  1000 /* so many are looked through one by one */
#define RENAME_NOREPLACE_ 1 /* linux/fs.h clashes with other headers */

struct maildir {
	char *path, *new_dir, *cur_dir, *tmp_dir;
	int cur_fd; /* -1: not open yet */
	unsigned serial;
	bool is_new_dirty, is_cur_dirty; /* renamed or removed in, not yet synced */
	bool has_marks;			 /* read once for all that this box delivers */
	uint64_t *marks; /* of messages with a name of their own; the first ones in order */
	size_t mark_count, mark_cap, sorted_marks;
};

/* --- the folders -------------------------------------------------------------------------------
 */

static bool has_dir(const char *path, const char *name)
{
	char *full = path_join(path, name);
	bool is_dir = path_is_dir(full);

	free(full);
	return is_dir;
}

static bool maildir_detect(const char *path)
{
	return has_dir(path, "cur") || (has_dir(path, "new") && has_dir(path, "tmp"));
}

static int make_dir(const char *path, struct err *err)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_errno(err, _("making the folder \"%s\""), path);
	return 0;
}

/* cur/ comes last: a folder with it is a whole Maildir. */
static int maildir_make(const char *path, struct err *err)
{
	static const char *const names[] = {"tmp", "new", "cur"};
	char *parent = path_parent(path);
	int rc = path_make_dirs(path, err);

	for (size_t i = 0; i < ARRAY_COUNT(names) && rc == 0; i++) {
		char *full = path_join(path, names[i]);

		rc = make_dir(full, err);
		free(full);
	}
	if (rc == 0)
		rc = file_sync_dir(path, err);
	if (rc == 0)
		rc = file_sync_dir(parent, err);
	free(parent);
	return rc;
}

/* While thousands come, each opening finds them here: their names say that they are young. */
static bool is_forgotten(int dir, const char *name, int64_t now)
{
	int64_t told = maildir_name_time(name);
	struct stat st;

	if (told >= 0 && told <= now && now - told <= TMP_AGE_S)
		return false;
	return name[0] != '.' && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && now - (int64_t)st.st_ctime > TMP_AGE_S;
}

void maildir_clean_tmp(const char *tmp_dir, int64_t now)
{
	DIR *dir = opendir(tmp_dir);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (is_forgotten(dirfd(dir), entry->d_name, now))
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

static void *maildir_open(const char *path, bool read_only, struct err *err)
{
	struct maildir *box;

	(void)err;
	box = mem_alloc(sizeof *box);
	box->cur_fd = -1;
	box->path = mem_strdup(path);
	box->new_dir = path_join(path, "new");
	box->cur_dir = path_join(path, "cur");
	box->tmp_dir = path_join(path, "tmp");
	if (!read_only)
		maildir_clean_tmp(box->tmp_dir, (int64_t)time(NULL));
	return box;
}

static int maildir_commit(void *impl, struct err *err)
{
	struct maildir *box = impl;

	if (box->is_cur_dirty && file_sync_dir(box->cur_dir, err) < 0)
		return -1;
	box->is_cur_dirty = false;
	if (box->is_new_dirty && file_sync_dir(box->new_dir, err) < 0)
		return -1;
	box->is_new_dirty = false;
	return 0;
}

static void maildir_close(void *impl)
{
	struct maildir *box = impl;

	if (box->cur_fd >= 0)
		close(box->cur_fd);
	free(box->path);
	free(box->new_dir);
	free(box->cur_dir);
	free(box->tmp_dir);
	free(box->marks);
	free(box);
}

static int maildir_stamp(void *impl, struct box_stamp *stamp, struct err *err)
{
	struct maildir *box = impl;
	struct stat cur, new;

	if (stat(box->cur_dir, &cur) < 0 && errno == ENOENT && has_dir(box->path, "new"))
		return err_set(err,
			       _("The mailbox \"%s\" has lost its folder \"cur\"; bring it back, or "
				 "make an empty one."),
			       box->path);
	if (stat(box->cur_dir, &cur) < 0)
		return err_errno(err, _("looking at \"%s\""), box->cur_dir);
	if (stat(box->new_dir, &new) < 0)
		memset(&new, 0, sizeof new);
	stamp->a = box_time_ns(&cur.st_mtim);
	stamp->b = box_time_ns(&new.st_mtim);
	stamp->c = (int64_t)cur.st_ino;
	stamp->d = (int64_t) new.st_ino;
	return 0;
}

/* --- scanning ----------------------------------------------------------------------------------
 */

struct found {
	char *key;
	uint64_t order[2]; /* the first bytes of KEY: most comparisons end here */
	int64_t size, received;
	unsigned flags;
	int pass;
};

struct listing {
	unsigned flags; /* of all in the folder that is read */
	int pass;
	struct arena *arena;
	struct found *items;
	size_t count, cap;
};

/* Only a name that does not tell the time costs a look at the file. */
static int64_t time_of(int dir, const char *name)
{
	int64_t told = maildir_name_time(name);
	struct stat st;

	if (told >= 0)
		return told;
	return fstatat(dir, name, &st, 0) == 0 ? (int64_t)st.st_mtime : 0;
}

/* Numbers that compare as the texts do. */
static void order_of(const char *key, uint64_t order[2])
{
	for (int i = 0; i < 2; i++) {
		order[i] = 0;
		for (int shift = 56; shift >= 0 && *key; shift -= 8)
			order[i] |= (uint64_t)(unsigned char)*key++ << shift;
	}
}

static void list_add(void *arg, int dir, const struct dirent *entry)
{
	struct listing *list = arg;
	const char *name = entry->d_name;

	if (strchr(".:", name[0]) || entry->d_type == DT_DIR)
		return;
	ARRAY_ROOM(list->items, list->count, list->cap);
	list->items[list->count++] = (struct found){
	    .key = arena_strndup(list->arena, name, maildir_name_base(name)),
	    .size = maildir_name_size(name),
	    .received = time_of(dir, name),
	    .flags = maildir_name_flags(name) | list->flags,
	    .pass = list->pass,
	};
	order_of(list->items[list->count - 1].key, list->items[list->count - 1].order);
}

/* A folder that is not there holds nothing. */
static int for_entries(const char *path,
		       void (*each)(void *arg, int dir, const struct dirent *entry), void *arg,
		       struct err *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int rc = 0;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return err_errno(err, _("reading the folder \"%s\""), path);
	while (errno = 0, (entry = readdir(dir)))
		each(arg, dirfd(dir), entry);
	if (errno) /* what was not told is not gone */
		rc = err_errno(err, _("reading the folder \"%s\""), path);
	closedir(dir);
	return rc;
}

static int list_dir(struct listing *list, const char *path, unsigned flags, int pass, struct err *err)
{
	list->flags = flags;
	list->pass = pass;
	return for_entries(path, list_add, list, err);
}

/* new/ first: what moves to cur/ meanwhile is then seen twice rather than never. */
static int list_pass(struct maildir *box, struct listing *list, int pass, struct err *err)
{
	if (list_dir(list, box->new_dir, BOX_RECENT, pass, err) < 0)
		return -1;
	return list_dir(list, box->cur_dir, 0, pass, err);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return box_time_ns(&now);
}

/* Did it hold still while it was read? Changed so shortly before that a change meanwhile may have the same time: nobody
 * knows. */
static bool held_still(const struct box_stamp *before, const struct box_stamp *after, int64_t begun_ns)
{
	int64_t newest = before->a > before->b ? before->a : before->b;

	return !memcmp(before, after, sizeof *before) && (begun_ns - newest > TICK_NS || begun_ns < newest - TICK_NS);
}

/* Reading a folder while names in it change may miss one; so it is read until it held still, and
 * when it never does, the last two readings count together: a message must not seem gone. */
static int list_all(struct maildir *box, struct listing *list, struct err *err)
{
	struct box_stamp before, after;
	int64_t begun_ns;

	for (int pass = 0; pass < SCAN_PASSES; pass++) {
		if (pass < SCAN_PASSES - 1)
			list->count = 0;
		begun_ns = now_ns();
		if (maildir_stamp(box, &before, err) < 0 || list_pass(box, list, pass, err) < 0 ||
		    maildir_stamp(box, &after, err) < 0)
			return -1;
		if (held_still(&before, &after, begun_ns))
			return 0;
	}
	return 0;
}

/* Same keys side by side, the one to believe first: of the later reading, in cur/. */
static int by_key(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int rc;

	for (int i = 0; i < 2; i++)
		if (x->order[i] != y->order[i])
			return x->order[i] < y->order[i] ? -1 : 1;
	rc = strcmp(x->key, y->key);
	if (rc == 0)
		rc = y->pass - x->pass;
	return rc ? rc : (int)(x->flags & BOX_RECENT) - (int)(y->flags & BOX_RECENT);
}

static int tell(const struct listing *list, int (*each)(void *arg, const struct box_entry *entry),
		void *arg)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct found *item = &list->items[i];
		struct box_entry entry = {item->key, item->flags, item->size, item->received, 0};

		if (i && !strcmp(item->key, item[-1].key))
			continue;
		if (each(arg, &entry) < 0)
			return -1;
	}
	return 0;
}

static int maildir_scan(void *impl, int (*each)(void *arg, const struct box_entry *entry),
			void *arg, struct err *err)
{
	struct listing list = {.arena = arena_new()};
	int rc = list_all(impl, &list, err);

	if (rc == 0 && list.count) {
		qsort(list.items, list.count, sizeof *list.items, by_key);
		rc = tell(&list, each, arg);
	}
	free(list.items);
	arena_free(&list.arena);
	return rc;
}

/* --- finding one message ------------------------------------------------------------------------
 */

static bool is_key(const char *key)
{
	return *key && *key != '.' && !strpbrk(key, "/:");
}

static void put_path(struct buf *path, const char *dir, const char *name)
{
	buf_clear(path);
	buf_add_str(path, dir);
	buf_add_char(path, '/');
	buf_add_str(path, name);
}

static bool exists(const struct buf *path)
{
	return faccessat(AT_FDCWD, buf_str(path), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* All names that our flags can make: cheaper than reading a large folder. */
static bool find_by_guess(const struct maildir *box, const char *key, struct buf *path)
{
	put_path(path, box->new_dir, key);
	if (exists(path))
		return true;
	put_path(path, box->cur_dir, key);
	if (exists(path))
		return true;
	for (unsigned flags = 0; flags < BOX_RECENT; flags++) {
		buf_clear(path);
		buf_printf(path, "%s/", box->cur_dir);
		maildir_name_with_flags(path, key, flags);
		if (exists(path))
			return true;
	}
	return false;
}

static bool has_base(const char *name, const char *key, size_t len)
{
	return !strncmp(name, key, len) && (name[len] == '\0' || name[len] == ':');
}

/* When it is not found errno is ENOENT, unless nobody could look. */
static bool find_in_dir(const char *dir_path, const char *key, struct buf *path)
{
	DIR *dir = opendir(dir_path);
	size_t len = strlen(key);
	struct dirent *entry;
	bool is_found = false;
	int why;

	if (!dir)
		return false;
	while (errno = 0, !is_found && (entry = readdir(dir))) {
		is_found = has_base(entry->d_name, key, len);
		if (is_found)
			put_path(path, dir_path, entry->d_name);
	}
	why = errno;
	closedir(dir);
	errno = why ? why : ENOENT;
	return is_found;
}

static bool find(const struct maildir *box, const char *key, struct buf *path)
{
	int why;

	errno = ENOENT;
	if (!is_key(key))
		return false;
	if (find_by_guess(box, key, path) || find_in_dir(box->cur_dir, key, path))
		return true;
	why = errno;
	if (find_in_dir(box->new_dir, key, path))
		return true;
	errno = why == ENOENT ? errno : why;
	return false;
}

/* What could not be looked for is not gone: WHY is the errno of find. */
static int not_there(const char *key, int why, struct err *err)
{
	errno = why;
	if (why != ENOENT)
		return err_errno(err, _("looking for the message \"%s\""), key);
	return err_set_kind(err, ERR_NOT_FOUND, _("the message \"%s\" is not there any more"), key);
}

static int maildir_message_path(void *impl, const char *key, struct buf *path, struct err *err)
{
	struct buf full = BUF_INIT;
	bool is_found = find(impl, key, &full);
	int why = errno;

	if (is_found)
		buf_add(path, full.data, full.len);
	buf_free(&full);
	return is_found ? 0 : not_there(key, why, err);
}

/* From here a name alone is found sooner than by the whole path. */
static int cur_of(struct maildir *box)
{
	if (box->cur_fd < 0)
		box->cur_fd = open(box->cur_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return box->cur_fd;
}

/* By the name that it has when its flags are still these. */
static int open_likely(struct maildir *box, const char *key, const struct box_hint *hint)
{
	bool is_in_new = hint && hint->flags & BOX_RECENT;
	struct buf name = BUF_INIT;
	int dir, fd = -1;

	if (!hint || !is_key(key))
		return -1;
	if (is_in_new)
		put_path(&name, box->new_dir, key);
	else
		maildir_name_with_flags(&name, key, hint->flags);
	dir = is_in_new ? AT_FDCWD : cur_of(box);
	if (dir >= 0 || is_in_new)
		fd = openat(dir, buf_str(&name), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	buf_free(&name);
	return fd;
}

static int open_found(struct maildir *box, const char *key, const struct box_hint *hint, struct err *err)
{
	struct buf path = BUF_INIT;
	int why, fd = open_likely(box, key, hint);

	if (fd >= 0)
		return fd;
	for (int i = 0; i < RACE_TRIES && fd < 0 && find(box, key, &path); i++) {
		fd = open(buf_str(&path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0 && errno != ENOENT) {
			err_errno(err, _("opening the message \"%s\""), buf_str(&path));
			buf_free(&path);
			return -1;
		}
	}
	why = errno;
	buf_free(&path);
	return fd >= 0 ? fd : not_there(key, why, err);
}

/* A device never ends, a pipe waits. */
static int open_letter(struct maildir *box, const char *key, const struct box_hint *hint, int64_t *size,
		       struct err *err)
{
	int fd = open_found(box, key, hint, err);
	struct stat st = {.st_size = 0};
	bool is_file = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	*size = st.st_size;
	if (fd < 0 || is_file)
		return fd;
	close(fd);
	return err_set(err, _("The message \"%s\" is not a file."), key);
}

static int maildir_message_open(void *impl, const char *key, const struct box_hint *hint,
				struct box_message *message, struct err *err)
{
	int64_t size;
	int rc, fd = open_letter(impl, key, hint, &size, err);
	struct box_lent *lent;

	if (fd < 0)
		return -1;
	lent = mem_alloc(sizeof *lent);
	rc = hint && hint->wants_all ? file_view_open_all(&lent->view, fd, err)
				     : file_view_open_fd(&lent->view, fd, err);
	close(fd);
	if (rc < 0) {
		free(lent);
		return err_add(err, _("reading the message \"%s\""), key);
	}
	*message = (struct box_message){lent->view.data, lent->view.len, lent};
	return 0;
}

static ssize_t read_some(int fd, size_t most, struct buf *bytes)
{
	size_t before = bytes->len;
	ssize_t n = 1;

	buf_reserve(bytes, most);
	while (bytes->len - before < most && (n > 0 || (n < 0 && errno == EINTR))) {
		n = read(fd, bytes->data + bytes->len, most - (bytes->len - before));
		bytes->len += n > 0 ? (size_t)n : 0;
	}
	bytes->data[bytes->len] = '\0';
	return n;
}

/* Of a file of SIZE bytes what there is not yet of WANT. It may have been cut meanwhile. */
static int read_to(int fd, size_t want, struct buf *bytes, int64_t *size)
{
	if ((int64_t)want > *size)
		want = (size_t)*size;
	if (want > bytes->len && read_some(fd, want - bytes->len, bytes) < 0)
		return -1;
	if (bytes->len < want)
		*size = (int64_t)bytes->len;
	return 0;
}

static int maildir_message_head(void *impl, const char *key, const struct box_hint *hint,
				const struct box_look *look, struct err *err)
{
	struct buf bytes = BUF_INIT;
	int64_t size;
	int rc, fd = open_letter(impl, key, hint, &size, err);

	if (fd < 0)
		return -1;
	if (size > (int64_t)look->first * FAR_MORE) /* what is behind need not come from the disk too */
		posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	rc = read_to(fd, look->first, &bytes, &size);
	if (rc == 0 && !look->is_enough(look->arg, &bytes, size)) {
		rc = read_to(fd, look->most, &bytes, &size);
		if (rc == 0)
			look->is_enough(look->arg, &bytes, size);
	}
	if (rc < 0)
		err_errno(err, _("reading the message \"%s\""), key);
	close(fd);
	buf_free(&bytes);
	return rc;
}

/* --- changing -----------------------------------------------------------------------------------
 */

/* rename(2) that never puts one message over another. File systems that cannot: a link and an
 * unlink, or at the very last a look and a rename. */
int maildir_move(const char *from, const char *to)
{
#ifdef HAVE_RENAMEAT2
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE_) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
#endif
	if (link(from, to) == 0)
		return unlink(from);
	if (errno != EPERM && errno != EOPNOTSUPP && errno != EMLINK)
		return -1;
	if (access(to, F_OK) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

/* Two names of one message (a program died between link and unlink): the older one goes. */
static int settle_twins(const char *from, const char *to)
{
	struct stat a, b;

	if (lstat(from, &a) < 0 || lstat(to, &b) < 0 || a.st_ino != b.st_ino ||
	    a.st_dev != b.st_dev) {
		errno = EEXIST;
		return -1;
	}
	return unlink(from);
}

static void mark_dirty(struct maildir *box, const char *path)
{
	if (str_starts(path, box->new_dir))
		box->is_new_dirty = true;
	else
		box->is_cur_dirty = true;
}

static int rename_flags(struct maildir *box, const char *from, unsigned flags)
{
	struct buf to = BUF_INIT;
	int rc = 0;

	buf_printf(&to, "%s/", box->cur_dir);
	maildir_name_with_flags(&to, path_base(from), flags);
	if (strcmp(from, to.data)) {
		rc = maildir_move(from, to.data);
		if (rc < 0 && errno == EEXIST)
			rc = settle_twins(from, to.data);
		mark_dirty(box, from);
		mark_dirty(box, to.data);
	}
	buf_free(&to);
	return rc;
}

static int maildir_flags(void *impl, const char *key, unsigned *flags, struct err *err)
{
	struct buf path = BUF_INIT;
	int rc = maildir_message_path(impl, key, &path, err);

	if (rc == 0)
		*flags = maildir_name_flags(path_base(buf_str(&path)));
	buf_free(&path);
	return rc;
}

static int maildir_set_flags(void *impl, const char *key, unsigned flags, struct err *err)
{
	struct buf path = BUF_INIT;
	int rc = -1;

	errno = ENOENT;
	for (int i = 0; i < RACE_TRIES && rc < 0 && errno == ENOENT; i++) {
		if (!find(impl, key, &path)) {
			int why = errno;

			buf_free(&path);
			return not_there(key, why, err);
		}
		rc = rename_flags(impl, buf_str(&path), flags);
	}
	if (rc < 0)
		err_errno(err, _("changing the flags of \"%s\""), buf_str(&path));
	buf_free(&path);
	return rc;
}

static int maildir_remove(void *impl, const char *key, struct err *err)
{
	struct buf path = BUF_INIT;
	int rc = -1;

	errno = ENOENT;
	for (int i = 0; i < RACE_TRIES && rc < 0 && errno == ENOENT && find(impl, key, &path); i++)
		rc = unlink(buf_str(&path));
	if (rc < 0 && errno != ENOENT)
		err_errno(err, _("removing \"%s\""), path.len ? buf_str(&path) : key);
	else
		rc = 0;
	if (rc == 0 && path.len)
		mark_dirty(impl, buf_str(&path));
	buf_free(&path);
	return rc;
}

/* --- delivery ------------------------------------------------------------------------------------
 */

static bool find_mark(const char *dir_path, const char *mark, struct buf *key)
{
	DIR *dir = opendir(dir_path);
	struct dirent *entry;
	bool is_found = false;

	if (!dir)
		return false;
	while (!is_found && (entry = readdir(dir))) {
		is_found = strstr(entry->d_name, mark) != NULL;
		if (is_found && key)
			buf_add(key, entry->d_name, maildir_name_base(entry->d_name));
	}
	closedir(dir);
	return is_found;
}

/* --- which names of their own are there: each message that is moved would else cost a look at all
 * of them --- */

/* Of ".Uhex.", 0 there is none. */
static uint64_t mark_in(const char *name)
{
	const char *at = strchr(name, '.');
	char hex[17] = "";

	if (!at || at[1] != 'U')
		return 0;
	memcpy(hex, at + 2, strnlen(at + 2, sizeof hex - 1));
	return strtoull(hex, NULL, 16);
}

static int by_mark(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void sort_marks(struct maildir *box)
{
	if (box->mark_count)
		qsort(box->marks, box->mark_count, sizeof *box->marks, by_mark);
	box->sorted_marks = box->mark_count;
}

static void add_mark(struct maildir *box, const char *name)
{
	uint64_t mark = mark_in(name);

	if (!mark)
		return;
	ARRAY_ROOM(box->marks, box->mark_count, box->mark_cap);
	box->marks[box->mark_count++] = mark;
}

static void add_mark_of(void *box, int dir, const struct dirent *entry)
{
	(void)dir;
	add_mark(box, entry->d_name);
}

/* new/ first, as in scanning. */
static int know_marks(struct maildir *box, struct err *err)
{
	if (box->has_marks)
		return 0;
	box->mark_count = 0;
	if (for_entries(box->new_dir, add_mark_of, box, err) < 0 ||
	    for_entries(box->cur_dir, add_mark_of, box, err) < 0)
		return -1;
	box->has_marks = true;
	sort_marks(box);
	return 0;
}

static bool has_mark(struct maildir *box, uint64_t mark)
{
	if (box->mark_count - box->sorted_marks > MARKS_LOOSE)
		sort_marks(box);
	for (size_t i = box->sorted_marks; i < box->mark_count; i++)
		if (box->marks[i] == mark)
			return true;
	return box->sorted_marks &&
	       bsearch(&mark, box->marks, box->sorted_marks, sizeof mark, by_mark);
}

/* 1 with its KEY, 0, -1. */
static int find_delivered(struct maildir *box, const char *unique, struct buf *key, struct err *err)
{
	struct buf mark = BUF_INIT;
	bool is_there;

	if (know_marks(box, err) < 0)
		return -1;
	maildir_name_mark(&mark, unique);
	is_there =
	    has_mark(box, mark_in(mark.data)) &&
	    (find_mark(box->new_dir, mark.data, key) || find_mark(box->cur_dir, mark.data, key));
	buf_free(&mark);
	return is_there;
}

static int write_tmp(int fd, const struct file_view *view, const char *path, int64_t received,
		     struct err *err)
{
	struct timespec times[2] = {{.tv_sec = received}, {.tv_sec = received}};

	if (file_write_fd(fd, view->data, view->len, err) < 0)
		return -1;
	futimens(fd, times);
	return file_sync(fd, path, err);
}

/* A whole, synced file in tmp/; its path in TMP. */
static int make_tmp(struct maildir *box, const struct file_view *view, int64_t received,
		    struct buf *tmp, struct err *err)
{
	int rc, fd = -1;

	for (int i = 0; i < NAME_TRIES && fd < 0; i++) {
		buf_clear(tmp);
		buf_printf(tmp, "%s/", box->tmp_dir);
		maildir_name_make(tmp, (int64_t)time(NULL), box->serial++, NULL);
		fd = open(tmp->data, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0)
		return err_errno(err, _("making \"%s\""), tmp->data);
	rc = write_tmp(fd, view, tmp->data, received, err);
	if (close(fd) < 0 && rc == 0)
		rc = err_errno(err, _("closing \"%s\""), tmp->data);
	if (rc < 0)
		unlink(tmp->data);
	return rc;
}

static void make_target(struct maildir *box, const struct box_delivery *delivery, int64_t received,
			size_t size, struct buf *path)
{
	unsigned flags = delivery->flags & BOX_WRITTEN;
	struct buf name = BUF_INIT;

	maildir_name_make(&name, received, box->serial++, delivery->unique);
	buf_printf(&name, ",S=%zu", size);
	buf_clear(path);
	buf_printf(path, "%s/", flags ? box->cur_dir : box->new_dir);
	if (flags)
		maildir_name_with_flags(path, name.data, flags);
	else
		buf_add(path, name.data, name.len);
	buf_free(&name);
}

/* tmp/ -> new/ or cur/, and the folder synced: from here on the message is there. When the sync
 * fails nobody could rely on it, so it is taken back. */
static int publish(struct maildir *box, const char *tmp, const struct box_delivery *delivery,
		   int64_t received, size_t size, struct buf *path, struct err *err)
{
	int rc = -1;

	errno = EEXIST;
	for (int i = 0; i < NAME_TRIES && rc < 0 && errno == EEXIST; i++) {
		make_target(box, delivery, received, size, path);
		rc = maildir_move(tmp, path->data);
	}
	if (rc < 0)
		return err_errno(err, _("renaming \"%s\" to \"%s\""), tmp, path->data);
	if (file_sync_dir(str_starts(path->data, box->new_dir) ? box->new_dir : box->cur_dir,
			  err) == 0)
		return 0;
	unlink(path->data);
	return -1;
}

/* Who delivered it may have died before its name was safe; from our answer on it has to be. */
static int sync_delivered(const struct maildir *box, struct err *err)
{
	if (file_sync_dir(box->new_dir, err) < 0 || file_sync_dir(box->cur_dir, err) < 0)
		return err_add(err, _("delivering into \"%s\""), box->path);
	return 0;
}

static int maildir_deliver(void *impl, const struct box_delivery *delivery, struct buf *key,
			   struct err *err)
{
	struct maildir *box = impl;
	int64_t received = delivery->received ? delivery->received : (int64_t)time(NULL);
	struct buf tmp = BUF_INIT, path = BUF_INIT;
	struct file_view view;
	int rc;

	rc = delivery->unique ? find_delivered(box, delivery->unique, key, err) : 0;
	if (rc)
		return rc < 0 || sync_delivered(box, err) < 0 ? -1 : 1;
	if (box_delivery_view(delivery, &view, err) < 0)
		return -1;
	rc = make_tmp(box, &view, received, &tmp, err);
	if (rc == 0 && publish(box, tmp.data, delivery, received, view.len, &path, err) < 0) {
		unlink(tmp.data);
		rc = -1;
	}
	if (rc == 0 && key)
		buf_add(key, path_base(path.data), maildir_name_base(path_base(path.data)));
	if (rc == 0 && box->has_marks)
		add_mark(box, path_base(path.data));
	file_view_close(&view);
	buf_free(&tmp);
	buf_free(&path);
	return rc < 0 ? err_add(err, _("delivering into \"%s\""), box->path) : 0;
}

static int maildir_delivered(void *impl, const char *unique, struct buf *key, struct err *err)
{
	return find_delivered(impl, unique, key, err);
}

const struct box_kind_ops box_maildir_ops = {
    .kind = BOX_MAILDIR,
    .name = "maildir",
    .detect = maildir_detect,
    .make = maildir_make,
    .open = maildir_open,
    .close = maildir_close,
    .stamp = maildir_stamp,
    .scan = maildir_scan,
    .message_open = maildir_message_open,
    .message_head = maildir_message_head,
    .message_path = maildir_message_path,
    .flags = maildir_flags,
    .set_flags = maildir_set_flags,
    .remove = maildir_remove,
    .commit = maildir_commit,
    .deliver = maildir_deliver,
    .delivered = maildir_delivered,
};
