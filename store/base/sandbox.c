#include "config.h"

#include "store/base/sandbox.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif
#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

#include "store/base/array.h"

/* A descriptor above these cannot be made; poll(2) still takes three. */
#define OPEN_FILES 3

static void limit(int which, rlim_t soft, rlim_t hard)
{
	struct rlimit wish = {.rlim_cur = soft, .rlim_max = hard};

	setrlimit(which, &wish);
}

static void set_limits(const struct sandbox_limits *limits)
{
#ifndef __SANITIZE_ADDRESS__
	limit(RLIMIT_AS, limits->memory, limits->memory);
#endif
	limit(RLIMIT_CPU, limits->seconds, limits->seconds + 1);
	limit(RLIMIT_CORE, 0, 0);
	limit(RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES);
	limit(RLIMIT_NPROC, 0, 0);
}

#if defined HAVE_LINUX_LANDLOCK_H && defined SYS_landlock_create_ruleset

/* The kernel's header may be older than the kernel: the numbers are those of its documentation. */
struct landlock_wish {
	uint64_t files, net, scoped;
};

#define FILES_ABI_1 ((UINT64_C(1) << 13) - 1)
#define FILES_REFER (UINT64_C(1) << 13)
#define FILES_TRUNCATE (UINT64_C(1) << 14)
#define FILES_IOCTL (UINT64_C(1) << 15)
#define NET_ALL UINT64_C(3)
#define SCOPED_ALL UINT64_C(3)

static struct landlock_wish wish_for(long abi, size_t *size)
{
	struct landlock_wish wish = {.files = FILES_ABI_1};

	*size = sizeof wish.files;
	if (abi >= 2)
		wish.files |= FILES_REFER;
	if (abi >= 3)
		wish.files |= FILES_TRUNCATE;
	if (abi >= 4) {
		wish.net = NET_ALL;
		*size = offsetof(struct landlock_wish, scoped);
	}
	if (abi >= 5)
		wish.files |= FILES_IOCTL;
	if (abi >= 6) {
		wish.scoped = SCOPED_ALL;
		*size = sizeof wish;
	}
	return wish;
}

/* All rights are handled and none is given. */
static bool enter_landlock(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_wish wish;
	size_t size;
	long rules;
	bool holds;

	if (abi < 1)
		return false;
	wish = wish_for(abi, &size);
	rules = syscall(SYS_landlock_create_ruleset, &wish, size, 0);
	if (rules < 0)
		return false;
	holds = syscall(SYS_landlock_restrict_self, (int)rules, 0) == 0;
	close((int)rules);
	return holds;
}

#else

static bool enter_landlock(void)
{
	return false;
}

#endif

#ifdef HAVE_SECCOMP

static const int calls[] = {
	SCMP_SYS(brk),		 SCMP_SYS(clock_gettime), SCMP_SYS(close),
	SCMP_SYS(exit),		 SCMP_SYS(exit_group),	  SCMP_SYS(futex),
	SCMP_SYS(getrandom),	 SCMP_SYS(gettimeofday),  SCMP_SYS(lseek),
	SCMP_SYS(madvise),	 SCMP_SYS(mremap),	  SCMP_SYS(munmap),
	SCMP_SYS(poll),		 SCMP_SYS(ppoll),	  SCMP_SYS(read),
	SCMP_SYS(readv),	 SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sched_yield),
	SCMP_SYS(sigaltstack),	 SCMP_SYS(write),	  SCMP_SYS(writev),
};

/* Memory, but none that can run. */
static const int memory_calls[] = {SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect)};

static int add_rules(scmp_filter_ctx filter)
{
	int bad = 0;

	for (size_t i = 0; i < ARRAY_COUNT(calls); i++)
		bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	/* a call that this machine does not have may fail */
	for (size_t i = 0; i < ARRAY_COUNT(memory_calls); i++)
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, memory_calls[i], 1,
				 SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return bad;
}

static bool enter_seccomp(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool holds;

	if (!filter)
		return false;
	holds = add_rules(filter) == 0 && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return holds;
}

#else

static bool enter_seccomp(void)
{
	return false;
}

#endif

int sandbox_enter(const struct sandbox_limits *limits)
{
	int holds = 0;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (enter_landlock())
		holds |= SANDBOX_LANDLOCK;
	set_limits(limits);
	if (enter_seccomp())
		holds |= SANDBOX_SECCOMP;
	return holds;
}
