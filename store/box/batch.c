#include "config.h"
#include "store/box/batch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/box/box_kind.h"
#include "store/box/maildir_name.h"

#define GATHERED   65536 /* bytes written at once */
#define SYNC_ALONE 8	 /* so few files are synced one by one; for more the whole disk is */

struct item {
	char *tmp, *target;
	int fd; /* open until it is synced, where few are */
	bool has_moved;
};

struct batch {
	struct box *box;
	char *new_dir, *tmp_dir;
	struct item *items;
	size_t count, cap;
	unsigned serial;
	bool is_open; /* the last item is being written */
	int fd;	      /* of that one */
	int64_t size, bytes;
	int64_t began;
	char *unique;
	struct buf gathered;
};

struct batch *batch_new(struct box *box, struct err *err)
{
	struct batch *batch;

	if (box_kind_of(box) != BOX_MAILDIR) {
		err_set_kind(err, ERR_USAGE, _("\"%s\" is no Maildir; mail is fetched into Maildirs only."),
			     box_path(box));
		return NULL;
	}
	batch = mem_alloc(sizeof *batch);
	batch->box = box;
	batch->new_dir = path_join(box_path(box), "new");
	batch->tmp_dir = path_join(box_path(box), "tmp");
	return batch;
}

static void forget(struct item *item)
{
	if (item->fd >= 0)
		close(item->fd);
	if (!item->has_moved)
		unlink(item->tmp);
	free(item->tmp);
	free(item->target);
}

static void empty(struct batch *batch)
{
	batch_drop(batch);
	for (size_t i = 0; i < batch->count; i++)
		forget(&batch->items[i]);
	batch->count = 0;
	batch->bytes = 0;
}

void batch_free(struct batch **batch)
{
	if (!*batch)
		return;
	empty(*batch);
	buf_free(&(*batch)->gathered);
	free((*batch)->items);
	free((*batch)->new_dir);
	free((*batch)->tmp_dir);
	free(*batch);
	*batch = NULL;
}

size_t batch_count(const struct batch *batch)
{
	return batch->count - batch->is_open;
}

int64_t batch_bytes(const struct batch *batch)
{
	return batch->bytes;
}

/* --- one message --- */

int batch_begin(struct batch *batch, const char *unique, struct err *err)
{
	struct buf path = BUF_INIT;
	int fd;

	batch->began = (int64_t)time(NULL);
	buf_printf(&path, "%s/", batch->tmp_dir);
	maildir_name_make(&path, batch->began, batch->serial++, NULL);
	fd = open(buf_str(&path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_errno(err, _("making \"%s\""), buf_str(&path));
		buf_free(&path);
		return -1;
	}
	ARRAY_ROOM(batch->items, batch->count, batch->cap);
	batch->items[batch->count++] = (struct item){.tmp = buf_take(&path), .fd = -1};
	batch->is_open = true;
	batch->fd = fd;
	batch->size = 0;
	batch->unique = mem_strdup(unique);
	return 0;
}

static int write_gathered(struct batch *batch, struct err *err)
{
	int rc = file_write_fd(batch->fd, batch->gathered.data, batch->gathered.len, err);

	buf_clear(&batch->gathered);
	return rc < 0 ? err_add(err, _("writing \"%s\""), batch->items[batch->count - 1].tmp) : 0;
}

int batch_add(struct batch *batch, const char *data, size_t len, struct err *err)
{
	buf_add(&batch->gathered, data, len);
	batch->size += (int64_t)len;
	return batch->gathered.len >= GATHERED ? write_gathered(batch, err) : 0;
}

static char *target_of(struct batch *batch)
{
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/", batch->new_dir);
	maildir_name_make(&path, batch->began, batch->serial++, batch->unique);
	buf_printf(&path, ",S=%lld", (long long)batch->size);
	return buf_take(&path);
}

static void close_open(struct batch *batch)
{
	free(batch->unique);
	batch->unique = NULL;
	batch->is_open = false;
	buf_clear(&batch->gathered);
}

int batch_end(struct batch *batch, struct err *err)
{
	struct item *item = &batch->items[batch->count - 1];

	if (write_gathered(batch, err) < 0)
		return -1;
	item->target = target_of(batch);
	if (batch->count <= SYNC_ALONE)
		item->fd = batch->fd;
	else if (close(batch->fd) < 0)
		return err_errno(err, _("closing \"%s\""), item->tmp);
	batch->bytes += batch->size;
	close_open(batch);
	return 0;
}

void batch_rename(struct batch *batch, const char *unique)
{
	free(batch->unique);
	batch->unique = mem_strdup(unique);
}

void batch_drop(struct batch *batch)
{
	if (!batch->is_open)
		return;
	close(batch->fd);
	forget(&batch->items[--batch->count]);
	close_open(batch);
}

/* --- all of them --- */

static int sync_disk(struct batch *batch, struct err *err)
{
	int rc, fd = open(batch->tmp_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, _("opening \"%s\""), batch->tmp_dir);
	rc = syncfs(fd);
	if (rc < 0)
		err_errno(err, _("syncing \"%s\""), batch->tmp_dir);
	close(fd);
	return rc;
}

static int sync_files(struct batch *batch, struct err *err)
{
	if (batch->count > SYNC_ALONE)
		return sync_disk(batch, err);
	for (size_t i = 0; i < batch->count; i++)
		if (file_sync(batch->items[i].fd, batch->items[i].tmp, err) < 0)
			return -1;
	return 0;
}

/* 1, 0, or -1. */
static int is_same(const struct item *item, struct err *err)
{
	struct file_view ours, theirs;
	int rc;

	if (file_view_open(&ours, item->tmp, err) < 0)
		return -1;
	rc = file_view_open(&theirs, item->target, err);
	if (rc == 0) {
		rc = ours.len == theirs.len && (!ours.len || memcmp(ours.data, theirs.data, ours.len) == 0);
		file_view_close(&theirs);
	}
	file_view_close(&ours);
	return rc;
}

static void take_next_second(struct item *item)
{
	const char *name = path_base(item->target);
	char *next = mem_printf("%.*s%lld%s", (int)(name - item->target), item->target,
				(long long)maildir_name_time(name) + 1, strchr(name, '.'));

	free(item->target);
	item->target = next;
}

/* What has the name already is this message, put there by somebody who was killed; or another that came in the same
 * second under a name that the server used again. */
static int move_into_place(struct item *item, struct err *err)
{
	for (;;) {
		int same;

		item->has_moved = maildir_move(item->tmp, item->target) == 0;
		if (item->has_moved)
			return 0;
		if (errno != EEXIST)
			return err_errno(err, _("renaming \"%s\" to \"%s\""), item->tmp, item->target);
		same = is_same(item, err);
		if (same)
			return same < 0 ? -1 : 0;
		take_next_second(item);
	}
}

static int rename_files(struct batch *batch, struct err *err)
{
	for (size_t i = 0; i < batch->count; i++)
		if (move_into_place(&batch->items[i], err) < 0)
			return -1;
	return file_sync_dir(batch->new_dir, err);
}

int batch_publish(struct batch *batch, struct err *err)
{
	batch_drop(batch);
	if (batch->count == 0)
		return 0;
	if (sync_files(batch, err) < 0 || rename_files(batch, err) < 0)
		return err_add(err, _("putting mail into \"%s\""), box_path(batch->box));
	empty(batch);
	return 0;
}

/* --- marks --- */

struct batch_marks {
	struct map *names; /* what stands between the first two dots */
};

static char *mark_in(const char *name)
{
	const char *start = strchr(name, '.'), *end = start ? strchr(start + 1, '.') : NULL;

	return end && start[1] == 'U' ? mem_strndup(start, (size_t)(end - start) + 1) : NULL;
}

/* Whoever renamed a file and was killed before the folder was synced left a name that the disk may not have yet: what
 * is told from a mark must not be undone by a power cut. */
static int read_marks(struct batch_marks *marks, const char *path, struct err *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool has_any = false;

	if (!dir)
		return err_errno(err, _("reading \"%s\""), path);
	while ((entry = readdir(dir))) {
		char *mark = mark_in(entry->d_name);

		if (mark)
			map_set(marks->names, mark, marks);
		has_any |= mark != NULL;
		free(mark);
	}
	closedir(dir);
	return has_any ? file_sync_dir(path, err) : 0;
}

struct batch_marks *batch_marks_read(struct box *box, struct err *err)
{
	static const char *const dirs[] = {"new", "cur"}; /* in this order: what moves meanwhile is seen */
	struct batch_marks *marks = mem_alloc(sizeof *marks);
	int rc = 0;

	marks->names = map_new();
	for (size_t i = 0; i < ARRAY_COUNT(dirs) && rc == 0; i++) {
		char *path = path_join(box_path(box), dirs[i]);

		rc = read_marks(marks, path, err);
		free(path);
	}
	if (rc < 0)
		batch_marks_free(&marks);
	return marks;
}

bool batch_marks_has(const struct batch_marks *marks, const char *unique)
{
	struct buf mark = BUF_INIT;
	bool is_there;

	maildir_name_mark(&mark, unique);
	is_there = map_get(marks->names, buf_str(&mark)) != NULL;
	buf_free(&mark);
	return is_there;
}

void batch_marks_free(struct batch_marks **marks)
{
	if (!*marks)
		return;
	map_free(&(*marks)->names, NULL);
	free(*marks);
	*marks = NULL;
}
