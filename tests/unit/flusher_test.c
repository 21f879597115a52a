/* Waiting for the disk in another process: its word counts, and without one the disk itself is asked. The call below
 * stands in for the C library's. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/err.h"
#include "store/base/flusher.h"
#include "store/base/path.h"
#include "tests/lib/temp.h"

/* Shared with the child. */
static struct {
	int calls, error;
	bool must_die;
	pid_t parent, who;
} *disk;

int syncfs(int fd)
{
	assert_true(fd >= 0);
	disk->calls++;
	disk->who = getpid();
	if (disk->must_die && getpid() != disk->parent)
		_exit(1);
	errno = disk->error;
	return disk->error ? -1 : 0;
}

static int begin(void **state)
{
	disk = mmap(NULL, sizeof *disk, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	disk->parent = getpid();
	*state = temp_dir("flusher");
	return 0;
}

static int end(void **state)
{
	temp_end((char **)state);
	munmap(disk, sizeof *disk);
	return 0;
}

static void waits_in_another_process(void **state)
{
	struct flusher *flusher = flusher_new(*state);
	struct err err = ERR_INIT;

	assert_false(flusher_is_asked(flusher));
	assert_int_equal(flusher_wait(flusher, &err), 0);
	assert_int_equal(disk->calls, 0);
	for (int i = 1; i <= 3; i++) {
		flusher_ask(flusher);
		assert_true(flusher_is_asked(flusher));
		assert_int_equal(flusher_wait(flusher, &err), 0);
		assert_false(flusher_is_asked(flusher));
		assert_int_equal(disk->calls, i);
		assert_int_not_equal(disk->who, getpid());
	}
	flusher_free(&flusher);
	assert_null(flusher);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void tells_what_failed(void **state)
{
	struct flusher *flusher = flusher_new(*state);
	struct err err = ERR_INIT;

	disk->error = EIO;
	flusher_ask(flusher);
	assert_int_equal(flusher_wait(flusher, &err), -1);
	assert_non_null(strstr(err.text, strerror(EIO)));
	assert_int_equal(flusher_now(flusher, &err), -1);
	disk->error = 0;
	assert_int_equal(flusher_now(flusher, &err), 0);
	flusher_free(&flusher);
}

/* Nobody knows how far it came. */
static void does_it_itself_when_that_one_died(void **state)
{
	struct flusher *flusher = flusher_new(*state);
	struct err err = ERR_INIT;

	disk->must_die = true;
	for (int i = 0; i < 2; i++) {
		disk->who = 0;
		flusher_ask(flusher);
		assert_int_equal(flusher_wait(flusher, &err), 0);
		assert_int_equal(disk->who, getpid());
	}
	flusher_ask(flusher);
	flusher_free(&flusher);
}

static void leaves_nobody_behind(void **state)
{
	struct flusher *flusher = flusher_new(*state);

	flusher_ask(flusher);
	flusher_free(&flusher);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static int lock(const char *dir)
{
	char *path = path_join(dir, "lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	free(path);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	return fd;
}

static void holds_no_lock_of_its_parent(void **state)
{
	struct flusher *flusher = flusher_new(*state);
	int fd = lock(*state);

	flusher_ask(flusher);
	assert_int_equal(flusher_wait(flusher, NULL), 0);
	close(fd);
	close(lock(*state));
	flusher_free(&flusher);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(waits_in_another_process),
	    TEST(tells_what_failed),
	    TEST(does_it_itself_when_that_one_died),
	    TEST(leaves_nobody_behind),
	    TEST(holds_no_lock_of_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
