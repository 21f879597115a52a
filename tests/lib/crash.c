/* Preloaded into programs under test (LD_PRELOAD): kills a process right before its Nth call that changes
 * what is on disk, and writes down all such calls. Not part of Tern.
 *
 * CRASH_PLAN=FILE: its one line is "ROLE N WHOM": ROLE is a worker's role or a program's name, WHOM is self,
 * parent or both. Calls are counted from when the file is first seen; it is removed before the kill, so that
 * one plan kills once. CRASH_LOG=FILE: a line "ROLE CALL PATH" for each call. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static char role[64];
static const char *plan_path, *log_path;
static int log_fd = -1;
static struct timespec plan_time;
static ino_t plan_inode;
static long calls;

static size_t read_raw(const char *path, char *out, size_t size)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	long n = fd < 0 ? 0 : syscall(SYS_read, fd, out, size - 1);

	if (fd >= 0)
		syscall(SYS_close, fd);
	out[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

__attribute__((constructor)) static void start(void)
{
	char line[1024];
	size_t len = read_raw("/proc/self/cmdline", line, sizeof line);
	const char *first = strrchr(line, '/') ? strrchr(line, '/') + 1 : line;
	const char *second = line + strlen(line) + 1;

	if (len > strlen(line) + 1 && strcmp(second, "--worker") == 0)
		first = second + strlen(second) + 1;
	snprintf(role, sizeof role, "%s", first);
	plan_path = getenv("CRASH_PLAN");
	log_path = getenv("CRASH_LOG");
}

static void write_down(const char *call, const char *path)
{
	char line[1024];
	int len = snprintf(line, sizeof line, "%s %s %s\n", role, call, path);

	if (log_fd < 0)
		log_fd = (int)syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	syscall(SYS_write, log_fd, line, len < (int)sizeof line ? len : (int)sizeof line - 1);
}

static void carry_out(const char *whom)
{
	syscall(SYS_unlinkat, AT_FDCWD, plan_path, 0);
	if (strcmp(whom, "self") != 0)
		kill(getppid(), SIGKILL);
	if (strcmp(whom, "parent") != 0)
		kill(getpid(), SIGKILL);
}

static void follow_plan(void)
{
	struct stat st;
	char line[128], who[64], whom[16];
	long at;

	if (syscall(SYS_newfstatat, AT_FDCWD, plan_path, &st, 0) < 0)
		return;
	if (st.st_ino != plan_inode || memcmp(&st.st_mtim, &plan_time, sizeof plan_time) != 0)
		calls = 0;
	plan_inode = st.st_ino;
	plan_time = st.st_mtim;
	calls++;
	read_raw(plan_path, line, sizeof line);
	if (sscanf(line, "%63s %ld %15s", who, &at, whom) == 3 && strcmp(who, role) == 0 && calls == at)
		carry_out(whom);
}

static void before(const char *call, const char *path)
{
	if (strstr(path, "/state/log") || (strstr(path, "/run/") && !strstr(path, ".eml")))
		return; /* of no promise */
	if (log_path)
		write_down(call, path);
	if (plan_path)
		follow_plan();
}

/* Regular files and folders only: sockets and pipes are no promise. */
static void before_fd(const char *call, int fd)
{
	char link[64], path[512];
	struct stat st;
	ssize_t n;

	if (!plan_path && !log_path)
		return;
	if (fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	before(call, path);
}

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

#define ON_FD(type, name, params, args)                                                                            \
	type name params                                                                                           \
	{                                                                                                          \
		type(*real) params = (type(*) params)next(#name);                                                  \
		before_fd(#name, fd);                                                                              \
		return real args;                                                                                  \
	}
#define ON_PATH(type, name, params, args, path)                                                                    \
	type name params                                                                                           \
	{                                                                                                          \
		type(*real) params = (type(*) params)next(#name);                                                  \
		if (plan_path || log_path)                                                                         \
			before(#name, path);                                                                       \
		return real args;                                                                                  \
	}

ON_FD(ssize_t, write, (int fd, const void *data, size_t len), (fd, data, len))
ON_FD(ssize_t, pwrite64, (int fd, const void *data, size_t len, off_t at), (fd, data, len, at))
ON_FD(ssize_t, pwrite, (int fd, const void *data, size_t len, off_t at), (fd, data, len, at))
ON_FD(int, fsync, (int fd), (fd))
ON_FD(int, fdatasync, (int fd), (fd))
ON_FD(int, ftruncate, (int fd, off_t len), (fd, len))
ON_FD(int, ftruncate64, (int fd, off_t len), (fd, len))
ON_PATH(int, rename, (const char *from, const char *to), (from, to), to)
ON_PATH(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags), to)
ON_PATH(int, link, (const char *from, const char *to), (from, to), to)
ON_PATH(int, linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), to)
ON_PATH(int, unlink, (const char *path), (path), path)
ON_PATH(int, mkdir, (const char *path, mode_t mode), (path, mode), path)

#define ON_OPEN(name)                                                                                              \
	int name(const char *path, int flags, ...)                                                                 \
	{                                                                                                          \
		int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))next(#name);                \
		mode_t mode = 0;                                                                                   \
		va_list ap;                                                                                        \
														   \
		if (flags & (O_CREAT | O_TMPFILE)) {                                                               \
			va_start(ap, flags);                                                                       \
			mode = va_arg(ap, mode_t);                                                                 \
			va_end(ap);                                                                                \
		}                                                                                                  \
		if ((flags & O_CREAT) && (plan_path || log_path))                                                  \
			before(#name, path);                                                                       \
		return real(path, flags, mode);                                                                    \
	}
ON_OPEN(open)
ON_OPEN(open64)
