/* A whole account given to another one that has a server: copied letter by letter with flags, tags, dates of
 * arrival and folders, then compared with what the server has. Whoever is killed in between goes on: what was
 * copied is known by the name of its file, or, where that says nothing (it was fetched from the server anew, or its
 * bytes have left this disk), by Message-ID and content. Nothing here ever changes the account that gives. */
#ifndef STORE_MAIL_GIVE_H
#define STORE_MAIL_GIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct map;
struct store;

/* One letter on its way. */
struct given {
	int64_t from_id, folder;   /* there */
	int64_t target, id;	   /* the folder and the row where it is copied to; ID 0: not found */
	int64_t bytes;		   /* of the letter, counted in give_count */
	int64_t after;		   /* rows up to this one were compared: they are others */
	bool is_matched;	   /* by its content: it may have been there before, with a date of its own */
	bool is_guess;		   /* by Message-ID and size alone: its bytes are not here */
};
struct give_count {
	int64_t letters, bytes, copied, /* COPIED: now; the others were there from an earlier run */
	    away;			/* have no bytes here */
};

/* The folder of TO for FOLDER of FROM: of the same role, or of the same name, made when it is missing. */
int64_t give_folder(struct store *from, int64_t folder, struct store *to, struct err *err);
/* The ids of all letters in FOLDER, rising; allocated, the caller's. */
int give_list(struct store *from, int64_t folder, int64_t **ids, size_t *count, struct err *err);
/* Copies one: durable when it returns. ERR_NOT_FOUND: it is gone, or its bytes are not here (AWAY counts it). */
int give_copy(struct store *from, struct store *to, struct given *given, struct give_count *count,
	      struct err *err);
/* Where is it now? GIVEN's id; 1, 0 not there, -1. */
int give_find(struct store *from, struct store *to, struct given *given, struct err *err);
/* A letter in GIVEN's target that has the same Message-ID (or date, where there is none) and the same bytes, as far as
 * they are here, and whose id TAKEN does not have: GIVEN's id, is_matched and is_guess; 1, 0, -1. */
int give_match(struct store *from, struct store *to, struct given *given, const struct map *taken,
	       struct give_count *count, struct err *err);
/* That row is this letter's: no other one is matched with it. */
void give_take(struct map *taken, const struct given *given);
/* Has its server agreed to all of it (place, flags, tags)? 1, 0 not yet, -1. */
int give_is_told(struct store *to, const struct given *given, struct err *err);
/* Is the letter in the file PATH, as it came from the server, the one that was given, and are flags and tags of
 * its row those of the original? 1; 0 with the difference as a sentence in ERR; -1 when it cannot be said. */
int give_compare(struct store *from, struct store *to, const struct given *given, const char *path,
		 struct err *err);
/* The bytes alone. */
int give_compare_bytes(struct store *from, const struct given *given, const char *path, struct err *err);

#endif
