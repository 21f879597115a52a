/* The locks of an mbox: fcntl for all programs of today, PATH.lock for the others. Ours also says
 * what it is about to append, so that an append that a crash cut short is taken back by the next of
 * us. */
#ifndef STORE_BOX_MBOX_LOCK_H
#define STORE_BOX_MBOX_LOCK_H

#include <stddef.h>

struct err;

struct mbox_lock {
	int fd;	    /* the mbox, open for reading and writing; owned */
	int dot_fd; /* -1: the folder lets us make none */
	char *dot;
};

/* Opens PATH (made when MAY_CREATE) and locks it for writing; waits a few seconds, then
 * ERR_TEMPORARY. */
int mbox_lock(struct mbox_lock *lock, const char *path, int may_create, struct err *err);
/* Leaves durable word that LEN bytes DATA are about to be appended at SIZE. */
int mbox_lock_note(struct mbox_lock *lock, size_t size, const void *data, size_t len,
		   struct err *err);
/* Lets go and closes; after a rename the descriptor may be kept: *KEEP_FD gets it. */
void mbox_unlock(struct mbox_lock *lock, int *keep_fd);
/* Takes back what one of us left unfinished when it died; busy or not ours: nothing. */
void mbox_lock_heal(const char *path);
/* A read lock on FD while somebody may be writing PATH. Goes with the descriptor. */
int mbox_lock_read(int fd, const char *path, struct err *err);

#endif
