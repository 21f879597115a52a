#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/sandbox.h"

/* What the child found, one bit each. */
enum {
	OPENED_FILE = 1,
	MADE_FILE = 2,
	OPENED_SOCKET = 4,
	FORKED = 8,
	MADE_CODE = 16,
	COULD_NOT_WORK = 32,
};

static int try_all(int holds)
{
	char byte = 0;
	char *memory;
	int found = 0;
	pid_t child;

	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0)
		found |= OPENED_FILE;
	if (open("/tmp/tern-sandbox-test", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0)
		found |= MADE_FILE;
	if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || socket(AF_INET, SOCK_STREAM, 0) >= 0)
		found |= OPENED_SOCKET;
	child = holds & SANDBOX_SECCOMP ? fork() : -1;
	if (child == 0)
		_exit(0);
	if (child > 0)
		found |= FORKED;
	if (holds & SANDBOX_SECCOMP &&
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
		    MAP_FAILED)
		found |= MADE_CODE;
	memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || read(0, &byte, 1) != 1 || byte != 'x' || write(1, "y", 1) != 1)
		found |= COULD_NOT_WORK;
	return found;
}

/* Status of a child that runs WORK in the sandbox; 'x' is on its stdin. */
static int status_of(int (*work)(int holds), struct sandbox_limits limits)
{
	int in[2], out[2], status;
	pid_t child;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	assert_int_equal(write(in[1], "x", 1), 1);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		_exit(work(sandbox_enter(&limits)));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
	return status;
}

static void nothing_but_its_pipes_can_be_reached(void **state)
{
	struct sandbox_limits limits = SANDBOX_LIMITS_INIT;

	(void)state;
	assert_int_equal(status_of(try_all, limits), 0);
}

/* Landlock alone must do: a descriptor is freed first, so that the limit on their number does not help. */
static int open_at_a_free_place(int holds)
{
	if (!(holds & SANDBOX_LANDLOCK))
		return 77;
	close(2);
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 ? 1 : errno == EACCES || errno == EPERM ? 0 : 2;
}

static void a_freed_descriptor_does_not_help(void **state)
{
	struct sandbox_limits limits = SANDBOX_LIMITS_INIT;
	int status = status_of(open_at_a_free_place, limits);

	(void)state;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static int spin(int holds)
{
	for (volatile unsigned i = 0;; i++)
		if (holds < 0)
			return 0;
}

static void it_ends_when_its_time_is_over(void **state)
{
	struct sandbox_limits limits = SANDBOX_LIMITS_INIT;
	int status;

	(void)state;
	limits.seconds = 1;
	status = status_of(spin, limits);
	assert_true(WIFSIGNALED(status));
	assert_true(WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL);
}

static int take_much(int holds)
{
	void *much = mmap(NULL, 256u << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)holds;
	return much == MAP_FAILED ? 0 : 1;
}

static void it_gets_no_more_memory_than_allowed(void **state)
{
	struct sandbox_limits limits = SANDBOX_LIMITS_INIT;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	(void)take_much;
	skip();
#endif
	limits.memory = 128u << 20;
	assert_int_equal(status_of(take_much, limits), 0);
	limits.memory = UINT64_C(1) << 30;
	assert_int_equal(status_of(take_much, limits), 1 << 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_but_its_pipes_can_be_reached),
		cmocka_unit_test(a_freed_descriptor_does_not_help),
		cmocka_unit_test(it_ends_when_its_time_is_over),
		cmocka_unit_test(it_gets_no_more_memory_than_allowed),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
