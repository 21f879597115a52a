/* Files that lie in the text of a letter itself, from the time before MIME: uuencode (POSIX, also with
 * base64) and yEnc. For a reader that offers them as attachments; what a letter is made of (mime.h) does
 * not change by them. */
#ifndef STORE_MIME_INLINE_FILE_H
#define STORE_MIME_INLINE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/mime/transfer.h"

struct arena;

#define INLINE_FILE_LIMIT 1000 /* in one text; more are left as text */

struct inline_file {
	char *name;	  /* UTF-8, not yet safe as a file's name; in the arena */
	size_t offset;	  /* of its first line in the bytes */
	size_t len;	  /* with its last line and the end of that */
	struct span data; /* for inline_file_decode; lent from the bytes */
	enum transfer kind;
	bool is_whole; /* its last line is there */
};

struct inline_file_list {
	struct inline_file *items; /* in the arena, in their order; none overlaps another */
	size_t count;
	bool is_cut; /* there are more than the limit */
};

/* BYTES: a text with its transfer encoding undone and its charset not (mime_decode_body), lent. */
void inline_file_find(struct span bytes, struct arena *arena, struct inline_file_list *list);
/* What is in FILE, piece by piece: -1 when SINK returned -1, else 0. Never more than its length. */
int inline_file_decode(const struct inline_file *file, transfer_sink *sink, void *arg);
/* Are DECODED, its content, the bytes that were sent: its last line is there, and the length and the checksum
 * (CRC-32) that yEnc tells fit? */
bool inline_file_is_sound(const struct inline_file *file, struct span decoded);

#endif
