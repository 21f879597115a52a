/* A letter of which only the small parts are here: its tree is whole, big parts are empty, and which they are stands
 * in front. A file of the cache (store_part_path, REMOTE_OUTLINE), never one of a Maildir: no other program takes it
 * for the letter, and neither do the index, moves and copies here. */
#ifndef STORE_MAIL_OUTLINE_H
#define STORE_MAIL_OUTLINE_H

#include <stddef.h>
#include <stdint.h>

#include "store/base/file.h"
#include "store/base/str.h"

#define OUTLINE_SECTION_SIZE 200
#define OUTLINE_MISSING_MAX  1000

struct outline_missing {
	char section[OUTLINE_SECTION_SIZE]; /* "2.1": what the server calls it */
	int64_t size;			    /* as it lies there, still encoded */
	size_t at;			    /* where it belongs among the bytes */
};

struct outline {
	struct span bytes; /* the message */
	struct outline_missing *missing; /* in rising order */
	size_t count;
	struct file_view view; /* private */
};

/* -1 (ERR_NOT_FOUND: there is none; ERR_CORRUPT). What is open stays as it is when another takes its place. */
int outline_open(struct outline *outline, const char *path, struct err *err);
void outline_close(struct outline *outline);
/* In place of what lies at PATH. */
int outline_write(const char *path, struct span bytes, const struct outline_missing *missing, size_t count,
		  struct err *err);
/* SECTION came: the file FROM is put where it belongs. 1; 0 it is not missing there; -1. */
int outline_fill(const char *path, const char *section, const char *from, struct err *err);
/* What of OUTLINE is missing at AT, or NULL. */
const struct outline_missing *outline_missing_at(const struct outline *outline, size_t at);

#endif
