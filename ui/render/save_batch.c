#include "config.h"
#include "ui/render/save_batch.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "ui/render/open_with.h"
#include "ui/render/part_name.h"

struct waiting {
	int fd;
	char *temp, *path;
};

struct save_batch {
	char *dir;
	struct waiting items[SAVE_BATCH_MAX];
	size_t count, at;
	bool is_dirty; /* a name was given, and the folder is not synced */
};

struct save_batch *save_batch_new(const char *dir)
{
	struct save_batch *batch = mem_alloc(sizeof *batch);

	batch->dir = mem_strdup(dir);
	return batch;
}

/* The disk begins now with what the sync waits for. */
static void begin_writing(int fd)
{
#ifdef SYNC_FILE_RANGE_WRITE
	if (sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE) < 0)
		return; /* then the sync does it all */
#else
	(void)fd;
#endif
}

static char *path_of(const struct save_batch *batch, const struct mime_part *part)
{
	struct buf name = BUF_INIT;
	char *path;

	part_name_safe(part, &name);
	path = path_join(batch->dir, buf_str(&name));
	buf_free(&name);
	return path;
}

int save_batch_add(struct save_batch *batch, const struct mime_part *part, struct err *err)
{
	struct waiting item;

	if (batch->count == SAVE_BATCH_MAX)
		return err_set(err, _("Too many files are saved at once."));
	item.temp = open_with_write_temp(part, batch->dir, &item.fd, err);
	if (!item.temp)
		return -1;
	begin_writing(item.fd);
	item.path = path_of(batch, part);
	batch->items[batch->count++] = item;
	return 0;
}

size_t save_batch_waiting(const struct save_batch *batch)
{
	return batch->count - batch->at;
}

static void forget(struct waiting *item)
{
	if (item->fd >= 0)
		close(item->fd);
	free(item->temp);
	free(item->path);
}

static char *settle(struct waiting *item, struct err *err)
{
	int rc = file_sync(item->fd, item->temp, err);
	char *saved = NULL;

	if (close(item->fd) < 0 && rc == 0)
		rc = err_errno(err, _("Writing \"%s\""), item->temp);
	item->fd = -1;
	if (rc == 0)
		saved = open_with_move_beside(item->temp, item->path, err);
	if (!saved)
		unlink(item->temp);
	return saved;
}

static int sync_dir(struct save_batch *batch, struct err *err)
{
	batch->count = batch->at = 0;
	if (!batch->is_dirty)
		return 0;
	batch->is_dirty = false;
	return file_sync_dir(batch->dir, err);
}

int save_batch_settle(struct save_batch *batch, char **path, struct err *err)
{
	struct waiting *item = &batch->items[batch->at];
	char *saved;

	if (batch->at == batch->count)
		return sync_dir(batch, err);
	batch->at++;
	saved = settle(item, err);
	forget(item);
	if (!saved)
		return -1;
	batch->is_dirty = true;
	if (path)
		*path = saved;
	else
		free(saved);
	return 1;
}

void save_batch_free(struct save_batch **where)
{
	struct save_batch *batch = *where;

	if (!batch)
		return;
	for (; batch->at < batch->count; batch->at++) {
		unlink(batch->items[batch->at].temp);
		forget(&batch->items[batch->at]);
	}
	free(batch->dir);
	free(batch);
	*where = NULL;
}
