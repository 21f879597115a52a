/* What was fetched to be looked at once does not stay for ever. */
#include "config.h"
#include "store/mail/remote.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/remote_inside.h"

struct cached {
	char *name;
	int64_t time, size;
};

struct cached_list {
	struct cached *items;
	size_t count, cap;
	int64_t size; /* of all */
};

static void add(struct cached_list *list, int dir, const char *name)
{
	struct stat stat;

	if (fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(stat.st_mode))
		return;
	ARRAY_ROOM(list->items, list->count, list->cap);
	list->items[list->count++] = (struct cached){mem_strdup(name), stat.st_mtime, stat.st_size};
	list->size += stat.st_size;
}

static void free_list(struct cached_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].name);
	free(list->items);
}

static int oldest_first(const void *a, const void *b)
{
	const struct cached *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

static int sweep(DIR *dir, time_t now)
{
	struct cached_list list = {.items = NULL};
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(dir)))
		add(&list, dirfd(dir), entry->d_name);
	if (list.count)
		qsort(list.items, list.count, sizeof *list.items, oldest_first);
	for (size_t i = 0; i < list.count; i++) {
		if (now - list.items[i].time <= REMOTE_PARTS_S && list.size <= REMOTE_PARTS_BYTES)
			break;
		count += unlinkat(dirfd(dir), list.items[i].name, 0) == 0;
		list.size -= list.items[i].size;
	}
	free_list(&list);
	return count;
}

int remote_sweep_parts(struct store *store, struct err *err)
{
	char *path = store_part_path(store, 0, REMOTE_OUTLINE), *parent = path_parent(path);
	DIR *dir = opendir(parent);
	int count = dir ? sweep(dir, time(NULL)) : 0;

	if (dir)
		closedir(dir);
	free(parent);
	free(path);
	if (remote_run(store, "DELETE FROM remote_opened WHERE at < unixepoch() - ?1 AND ?2 = 0", REMOTE_OPENED_S, 0,
		       err) < 0)
		return -1;
	return count;
}
