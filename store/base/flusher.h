/* What was written reaches the disk while we do something else: a process of ours waits for it. The same promise as
 * syncfs, of the file system on which a folder lies: nothing may be said of the files before flusher_wait or
 * flusher_now said 0. An error of the disk is told also when it came between flusher_new and these. */
#ifndef STORE_BASE_FLUSHER_H
#define STORE_BASE_FLUSHER_H

#include <stdbool.h>

struct err;
struct flusher;

/* PATH: the folder. Never NULL; no process before the first flusher_ask. */
struct flusher *flusher_new(const char *path);
/* Begins with all that was written so far; flusher_wait comes before the next. Where no process can be had,
 * flusher_wait does all. */
void flusher_ask(struct flusher *flusher);
bool flusher_is_asked(const struct flusher *flusher);
/* What was asked for is on the disk: 0, or -1. */
int flusher_wait(struct flusher *flusher, struct err *err);
/* All that was written so far is: 0, or -1. */
int flusher_now(struct flusher *flusher, struct err *err);
void flusher_free(struct flusher **flusher);

#endif
