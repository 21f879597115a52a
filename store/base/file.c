#include "config.h"
#include "store/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"

#define PIECE	   65536
#define MAPPED_AT_ONCE (1 << 20) /* a page after the other costs more than all of them */
#define LEAST_ROOM 2048 /* with less left it is not worth a read */

int file_read_fd(int fd, struct buf *out, size_t limit, struct err *err)
{
	size_t before = out->len;

	for (;;) {
		ssize_t n;

		if (out->cap < out->len + LEAST_ROOM)
			buf_reserve(out, PIECE);
		n = read(fd, out->data + out->len, out->cap - out->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, _("reading"));
		out->len += (size_t)n;
		out->data[out->len] = '\0';
		if (n == 0)
			return 0;
		if (limit && out->len - before > limit)
			return err_set(err, _("longer than %zu bytes"), limit);
	}
}

int file_read(const char *path, struct buf *out, size_t limit, struct err *err)
{
	int rc, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, _("opening \"%s\""), path);
	rc = file_read_fd(fd, out, limit, err);
	close(fd);
	return rc < 0 ? err_add(err, _("reading \"%s\""), path) : 0;
}

int file_write_fd(int fd, const void *data, size_t len, struct err *err)
{
	const char *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, _("writing"));
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int file_sync(int fd, const char *name, struct err *err)
{
	if (fsync(fd) < 0)
		return err_errno(err, _("making \"%s\" safe on disk"), name);
	return 0;
}

int file_sync_dir(const char *dir, struct err *err)
{
	int rc, fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, _("opening the folder \"%s\""), dir);
	rc = file_sync(fd, dir, err);
	close(fd);
	return rc;
}

int file_create(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? err_errno(err, _("making \"%s\""), path) : fd;
}

int file_open_spool(const char *path, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_errno(err, _("opening \"%s\""), path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1) {
		close(fd);
		return err_set_kind(err, ERR_DENIED, _("\"%s\" is no plain file with one name"), path);
	}
	return fd;
}

static int write_new(const char *path, const void *data, size_t len, struct err *err)
{
	int rc, fd = file_create(path, err);

	if (fd < 0)
		return -1;
	rc = file_write_fd(fd, data, len, err);
	if (rc == 0)
		rc = file_sync(fd, path, err);
	if (close(fd) < 0 && rc == 0)
		rc = err_errno(err, _("closing \"%s\""), path);
	return rc;
}

int file_replace(const char *path, const void *data, size_t len, struct err *err)
{
	char *fresh = mem_printf("%s.new.%ld", path, (long)getpid()), *dir = path_parent(path);
	int rc;

	unlink(fresh);
	rc = write_new(fresh, data, len, err);
	if (rc == 0 && rename(fresh, path) < 0)
		rc = err_errno(err, _("renaming \"%s\" to \"%s\""), fresh, path);
	if (rc == 0)
		rc = file_sync_dir(dir, err);
	else
		unlink(fresh);
	free(fresh);
	free(dir);
	return rc;
}

/* SIZE: of the file, 0 when it has none that is known. What comes in one piece of that size is all. */
static int view_by_reading(struct file_view *view, int fd, size_t size, struct err *err)
{
	struct buf all = BUF_INIT;
	ssize_t n = 0;

	buf_reserve(&all, (size ? size : PIECE) + 2 * LEAST_ROOM);
	if (size)
		n = read(fd, all.data, size + LEAST_ROOM);
	all.len = n > 0 ? (size_t)n : 0;
	all.data[all.len] = '\0';
	if ((!size || all.len != size) && file_read_fd(fd, &all, 0, err) < 0) {
		buf_free(&all);
		return -1;
	}
	view->len = all.len;
	view->copied = buf_take(&all);
	view->data = view->copied;
	return 0;
}

static int open_view(struct file_view *view, int fd, bool wants_all, struct err *err)
{
	struct stat st;
	int at_once;

	memset(view, 0, sizeof *view);
	if (fstat(fd, &st) < 0)
		return err_errno(err, _("looking at the file"));
	if (S_ISDIR(st.st_mode))
		return err_set(err, _("this is a folder, not a file"));
	/* Small files cost less to read than to map; others may be cut by another program while we
	 * look (SIGBUS), so only files that nobody rewrites, mail, are opened by this. */
	if (!S_ISREG(st.st_mode) || st.st_size < PIECE)
		return view_by_reading(view, fd, S_ISREG(st.st_mode) ? (size_t)st.st_size : 0, err);
	at_once = wants_all && st.st_size <= MAPPED_AT_ONCE ? MAP_POPULATE : 0;
	view->map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | at_once, fd, 0);
	if (view->map == MAP_FAILED) {
		view->map = NULL;
		return view_by_reading(view, fd, 0, err);
	}
	view->data = view->map;
	view->len = (size_t)st.st_size;
	return 0;
}

int file_view_open_fd(struct file_view *view, int fd, struct err *err)
{
	return open_view(view, fd, false, err);
}

int file_view_open_all(struct file_view *view, int fd, struct err *err)
{
	return open_view(view, fd, true, err);
}

int file_view_open(struct file_view *view, const char *path, struct err *err)
{
	int rc, fd = open(path, O_RDONLY | O_CLOEXEC);

	memset(view, 0, sizeof *view);
	if (fd < 0)
		return err_errno(err, _("opening \"%s\""), path);
	rc = file_view_open_fd(view, fd, err);
	close(fd);
	return rc < 0 ? err_add(err, _("reading \"%s\""), path) : 0;
}

void file_view_rest(const struct file_view *view)
{
	if (view->map)
		madvise(view->map, view->len, MADV_DONTNEED);
}

void file_view_close(struct file_view *view)
{
	if (view->map)
		munmap(view->map, view->len);
	free(view->copied);
	memset(view, 0, sizeof *view);
}
