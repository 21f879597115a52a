/* A place to read untrusted bytes in: a child that has its input and its output and can reach nothing else. What
 * the kernel does not know is left out in silence; the limits always hold. (PROMISES.md, "Hardening") */
#ifndef STORE_BASE_SANDBOX_H
#define STORE_BASE_SANDBOX_H

#include <stdint.h>

struct sandbox_limits {
	uint64_t memory;  /* address space in bytes; not held where the address sanitizer is built in */
	unsigned seconds; /* of the processor, then SIGXCPU */
};

#define SANDBOX_LIMITS_INIT {.memory = UINT64_C(512) << 20, .seconds = 5}

/* What holds in the end. */
enum {
	SANDBOX_LANDLOCK = 1, /* no file can be opened, whatever the call */
	SANDBOX_SECCOMP = 2,  /* no call but those that read, write and take memory; others say EPERM */
};

/* For a program of one thread, before it reads its first untrusted byte; there is no way back. Descriptors that
 * are open stay; new ones, processes, sockets, programs and executable memory cannot be had. What opens files late
 * (iconv's tables, catalogues of words, time zones) must be used once before. End with _exit(): what others do at
 * exit may want calls that are gone. Bits of what holds. */
int sandbox_enter(const struct sandbox_limits *limits);

#endif
