/* An error that is told once. The place that fails calls err_set; each caller on the way up may put
 * what it was doing in front with err_add; the top shows the sentence, tries again or answers 4xx.
 * Both return -1, so that "return err_add(err, _("opening \"%s\""), name);" reads as it works. */
#ifndef STORE_BASE_ERR_H
#define STORE_BASE_ERR_H

#include <stdbool.h>

enum err_kind {
	ERR_NONE,
	ERR_FAILED,    /* will fail again if tried again */
	ERR_SYSTEM,    /* a system call; err->number is its errno */
	ERR_TEMPORARY, /* try later: disk full, locked, no answer */
	ERR_NOT_FOUND,
	ERR_EXISTS,
	ERR_USAGE,   /* wrong words from the user */
	ERR_DENIED,  /* not allowed */
	ERR_CORRUPT, /* what is on disk is damaged */
	ERR_CANCELLED,
};

struct err {
	enum err_kind kind;
	int number; /* errno, or 0 */
	char text[1024];
};

#define ERR_INIT {.kind = ERR_NONE}

/* Kind ERR_FAILED. ERR may be NULL in all of these: then nobody wants to know. */
int err_set(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_set_kind(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* From errno: "FMT: No such file or directory". ENOSPC, EDQUOT, EAGAIN... become ERR_TEMPORARY,
 * ENOENT ERR_NOT_FOUND, EACCES and EPERM ERR_DENIED, EEXIST ERR_EXISTS. */
int err_errno(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Puts "FMT: " in front of what is there; keeps kind and number. */
int err_add(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void err_clear(struct err *err);
/* The sysexits(3) code for a command: 0, 1, 2 (usage) or 75 (temporary). */
int err_exit_code(const struct err *err);

#endif
