/* Files as a whole, and the order of syncs that makes a promise hold (DESIGN.md section 7):
 * write, fsync the file, rename or link, fsync the directory, then say so. */
#ifndef STORE_BASE_FILE_H
#define STORE_BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

struct buf;
struct err;

/* The whole file appended to OUT. LIMIT bytes at most (0: none); longer is an error. */
int file_read(const char *path, struct buf *out, size_t limit, struct err *err);
/* Everything up to the end of FD appended to OUT. */
int file_read_fd(int fd, struct buf *out, size_t limit, struct err *err);
/* All LEN bytes, EINTR and short writes seen to. */
int file_write_fd(int fd, const void *data, size_t len, struct err *err);
/* New file beside PATH, fsync, rename over PATH, fsync the directory: the old or the new, never half.
 * Mode 0600. */
int file_replace(const char *path, const void *data, size_t len, struct err *err);
int file_sync(int fd, const char *name, struct err *err);
int file_sync_dir(const char *dir, struct err *err);
/* open(O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC|O_WRONLY, 0600): a descriptor or -1. */
int file_create(const char *path, struct err *err);
/* open(O_RDONLY|O_CLOEXEC|O_NOFOLLOW) of a regular file with one name: a descriptor or -1. For spools. */
int file_open_spool(const char *path, struct err *err);

/* A file's bytes, read only; mapped where it can be, read where not. */
struct file_view {
	const char *data;
	size_t len;
	void *map;    /* private */
	char *copied; /* private */
};
int file_view_open(struct file_view *view, const char *path, struct err *err);
int file_view_open_fd(struct file_view *view, int fd, struct err *err);
/* The same for who looks at all of it, which costs less then. */
int file_view_open_all(struct file_view *view, int fd, struct err *err);
/* Gives the memory of a mapped file back; what is looked at again is read again. */
void file_view_rest(const struct file_view *view);
void file_view_close(struct file_view *view);

#endif
