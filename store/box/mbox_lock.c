#include "config.h"
#include "store/box/mbox_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/path.h"

#define WAIT_MS	 5000
#define NAP_MS	 50
#define STALE_S	 300
#define NOTE_MAX 256

static void nap(void)
{
	struct timespec time = {.tv_nsec = NAP_MS * 1000000L};

	nanosleep(&time, NULL);
}

static int busy(const char *path, struct err *err)
{
	return err_set_kind(err, ERR_TEMPORARY, _("another program is writing to \"%s\""), path);
}

/* Open-file locks where there are any: the plain ones go when any descriptor of the file is closed.
 */
static int lock_fd(int fd, short type, const char *path, struct err *err)
{
	struct flock what = {.l_type = type, .l_whence = SEEK_SET};

	for (int waited = 0;; waited += NAP_MS) {
#ifdef F_OFD_SETLK
		if (fcntl(fd, F_OFD_SETLK, &what) == 0)
			return 0;
#else
		if (fcntl(fd, F_SETLK, &what) == 0)
			return 0;
#endif
		if (errno == ENOLCK || errno == EINVAL || errno == EOPNOTSUPP)
			return 0; /* a file system without locks */
		if (errno != EACCES && errno != EAGAIN && errno != EINTR)
			return err_errno(err, _("locking \"%s\""), path);
		if (waited >= WAIT_MS)
			return busy(path, err);
		nap();
	}
}

int mbox_lock_read(int fd, const char *path, struct err *err)
{
	return lock_fd(fd, F_RDLCK, path, err);
}

/* --- the note in our own lock
 * ---------------------------------------------------------------------- */

struct note {
	long pid;
	char host[65], digest[DIGEST_HEX_SIZE];
	size_t size, len;
	bool is_ours, has_append;
};

static void host_name(char host[65])
{
	memset(host, 0, 65);
	if (gethostname(host, 64) < 0 || !*host || strchr(host, ' '))
		snprintf(host, 65, "localhost");
}

/* Where mail lies others may make files too: only what we wrote ourselves is believed. */
static int read_own(const char *dot, struct buf *text)
{
	int rc = -1, fd = file_open_spool(dot, NULL);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid())
		rc = file_read_fd(fd, text, NOTE_MAX, NULL);
	close(fd);
	return rc;
}

static void read_note(const char *dot, struct note *note)
{
	struct buf text = BUF_INIT;
	int n;

	memset(note, 0, sizeof *note);
	if (read_own(dot, &text) == 0) {
		n = sscanf(buf_str(&text), "%ld tern %64s append %zu %zu %64s", &note->pid,
			   note->host, &note->size, &note->len, note->digest);
		note->is_ours = n >= 2;
		note->has_append = n == 5;
	}
	buf_free(&text);
}

/* Its program died on this machine, or it is so old that it must have. */
static bool is_stale(const char *dot, const struct note *note)
{
	char host[65];
	struct stat st;

	if (lstat(dot, &st) < 0)
		return false;
	if (time(NULL) - st.st_mtime > STALE_S)
		return true;
	host_name(host);
	return note->is_ours && !strcmp(host, note->host) && kill((pid_t)note->pid, 0) < 0 &&
	       errno == ESRCH;
}

static bool is_whole(int fd, const struct note *note, size_t file_size)
{
	char *bytes, hex[DIGEST_HEX_SIZE];
	size_t got = 0;
	ssize_t n;

	if (file_size - note->size != note->len)
		return false;
	bytes = mem_alloc(note->len + 1);
	while (got < note->len &&
	       (n = pread(fd, bytes + got, note->len - got, (off_t)(note->size + got))) > 0)
		got += (size_t)n;
	digest_sha256_hex(bytes, got, hex);
	free(bytes);
	return got == note->len && !strcmp(hex, note->digest);
}

/* An append that its program did not live to finish or to take back. Nobody was told that it was
 * done. What another program wrote behind it is not touched. */
static int take_back(int fd, const char *path, const struct note *note, struct err *err)
{
	struct stat st;

	if (!note->is_ours || !note->has_append || fstat(fd, &st) < 0)
		return 0;
	if ((size_t)st.st_size <= note->size || (size_t)st.st_size - note->size > note->len ||
	    is_whole(fd, note, (size_t)st.st_size))
		return 0;
	log_write(LOG_WARNING, "%s: cutting %zu bytes of a delivery that was not finished", path,
		  (size_t)st.st_size - note->size);
	if (ftruncate(fd, (off_t)note->size) < 0)
		return err_errno(err, _("cutting \"%s\""), path);
	return file_sync(fd, path, err);
}

/* --- locking for writing
 * --------------------------------------------------------------------------- */

static bool is_forbidden(int number)
{
	return number == EACCES || number == EPERM || number == EROFS;
}

static int write_note(struct mbox_lock *lock, const char *text, struct err *err)
{
	size_t len = strlen(text);

	if (lock->dot_fd < 0)
		return 0;
	/* One write, and no moment without a note: a program that is killed leaves a lock that says
	 * whose it was. */
	if (lseek(lock->dot_fd, 0, SEEK_SET) < 0 ||
	    file_write_fd(lock->dot_fd, text, len, err) < 0)
		return -1;
	if (ftruncate(lock->dot_fd, (off_t)len) < 0)
		return err_errno(err, _("writing \"%s\""), lock->dot);
	return 0;
}

static int sign_dot(struct mbox_lock *lock, struct err *err)
{
	char host[65], text[NOTE_MAX];

	host_name(host);
	snprintf(text, sizeof text, "%ld tern %s\n", (long)getpid(), host);
	return write_note(lock, text, err);
}

/* A signed file without a name, which then gets the lock's: nobody ever sees an empty lock of ours.
 * 1: the file system cannot do that. */
static int link_signed(struct mbox_lock *lock)
{
	char *dir = path_parent(lock->dot), from[64];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), number = errno, rc;

	free(dir);
	if (fd < 0) {
		errno = number;
		return is_forbidden(number) ? -1 : 1;
	}
	lock->dot_fd = fd;
	snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
	rc = sign_dot(lock, NULL);
	if (rc == 0)
		rc = linkat(AT_FDCWD, from, AT_FDCWD, lock->dot, AT_SYMLINK_FOLLOW);
	if (rc == 0)
		return 0;
	number = errno;
	close(fd);
	lock->dot_fd = -1;
	errno = number;
	return number == ENOENT || number == EOPNOTSUPP ? 1 : -1;
}

/* -1 with errno when it cannot be made. */
static int take_dot(struct mbox_lock *lock)
{
	int rc = link_signed(lock);

	if (rc <= 0)
		return rc;
	lock->dot_fd = open(lock->dot, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return lock->dot_fd < 0 ? -1 : sign_dot(lock, NULL);
}

/* The fcntl lock is held: among ourselves there is no race for a stale lock. */
static int make_dot(struct mbox_lock *lock, const char *path, struct err *err)
{
	for (int waited = 0;; waited += NAP_MS) {
		struct note note;

		if (take_dot(lock) == 0 || is_forbidden(errno))
			return 0;
		if (errno != EEXIST)
			return err_errno(err, _("making \"%s\""), lock->dot);
		read_note(lock->dot, &note);
		if (is_stale(lock->dot, &note)) {
			if (take_back(lock->fd, path, &note, err) < 0)
				return -1;
			unlink(lock->dot);
			continue;
		}
		if (waited >= WAIT_MS)
			return busy(path, err);
		nap();
	}
}

/* Did the file that we locked stay the one at PATH (nobody put a new one there meanwhile)? */
static bool is_same(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

static int open_locked(const char *path, int may_create, struct err *err)
{
	for (;;) {
		int fd = open(path, O_RDWR | O_CLOEXEC | (may_create ? O_CREAT : 0), 0600);

		if (fd < 0)
			return err_errno(err, _("opening \"%s\""), path);
		if (lock_fd(fd, F_WRLCK, path, err) < 0) {
			close(fd);
			return -1;
		}
		if (is_same(fd, path))
			return fd;
		close(fd);
	}
}

int mbox_lock(struct mbox_lock *lock, const char *path, int may_create, struct err *err)
{
	*lock = (struct mbox_lock){.fd = open_locked(path, may_create, err), .dot_fd = -1};
	if (lock->fd < 0)
		return -1;
	lock->dot = mem_printf("%s.lock", path);
	if (make_dot(lock, path, err) == 0)
		return 0;
	mbox_unlock(lock, NULL);
	return -1;
}

void mbox_lock_heal(const char *path)
{
	char *dot = mem_printf("%s.lock", path);
	struct mbox_lock lock;
	struct note note;

	read_note(dot, &note);
	if (note.is_ours && is_stale(dot, &note) && mbox_lock(&lock, path, 0, NULL) == 0)
		mbox_unlock(&lock, NULL);
	free(dot);
}

int mbox_lock_note(struct mbox_lock *lock, size_t size, const void *data, size_t len,
		   struct err *err)
{
	char host[65], hex[DIGEST_HEX_SIZE], text[NOTE_MAX], *dir;
	int rc;

	if (lock->dot_fd < 0)
		return 0;
	host_name(host);
	digest_sha256_hex(data, len, hex);
	snprintf(text, sizeof text, "%ld tern %s append %zu %zu %s\n", (long)getpid(), host, size,
		 len, hex);
	if (write_note(lock, text, err) < 0 || file_sync(lock->dot_fd, lock->dot, err) < 0)
		return -1;
	dir = path_parent(lock->dot);
	rc = file_sync_dir(dir, err);
	free(dir);
	return rc;
}

void mbox_unlock(struct mbox_lock *lock, int *keep_fd)
{
	struct flock what = {.l_type = F_UNLCK, .l_whence = SEEK_SET};

	if (lock->dot_fd >= 0) {
		unlink(lock->dot);
		close(lock->dot_fd);
	}
	free(lock->dot);
	if (lock->fd >= 0 && keep_fd) {
#ifdef F_OFD_SETLK
		fcntl(lock->fd, F_OFD_SETLK, &what);
#else
		fcntl(lock->fd, F_SETLK, &what);
#endif
		*keep_fd = lock->fd;
	} else if (lock->fd >= 0) {
		close(lock->fd);
	}
	*lock = (struct mbox_lock){.fd = -1, .dot_fd = -1};
}
