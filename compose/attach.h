/* Files that go with a letter. */
#ifndef COMPOSE_ATTACH_H
#define COMPOSE_ATTACH_H

#include <stddef.h>

struct buf;
struct draft;
struct err;
struct mime_part;
struct span;

/* The file at PATH ("~/" is the home directory) as the last attachment. Missing, unreadable or a
 * folder: -1 with a sentence. */
int attach_file(struct draft *draft, const char *path, struct err *err);
/* Bytes that have no file: kept beside the draft. TYPE NULL: by name and content. */
int attach_bytes(struct draft *draft, const char *name, const char *type, const char *data,
		 size_t len, struct err *err);
/* A letter's part, decoded piece by piece, so that memory is not the limit. */
int attach_part(struct draft *draft, const char *name, const struct mime_part *part,
		struct err *err);
/* Pieces that lie somewhere, as one file, and alike. */
int attach_pieces(struct draft *draft, const char *name, const char *type, const struct span *spans, size_t count,
		  struct err *err);
void attach_remove(struct draft *draft, size_t index);
void attach_move(struct draft *draft, size_t from, size_t to);
/* Are all still there? -1 with a sentence about the first that is not. */
int attach_check(const struct draft *draft, struct err *err);
/* Appends its bytes. */
int attach_read(const struct draft *draft, size_t index, struct buf *out, struct err *err);
/* A type by the name's ending: our table, then the system's (shared-mime-info); else by the first
 * LEN bytes. Into TYPE. */
void attach_type(const char *name, const char *data, size_t len, struct buf *type);
/* A name that is safe for a reader's disk and ours: no path, no control, never empty; into OUT. */
void attach_safe_name(const char *name, struct buf *out);

#endif
