/* Names of files: those of the command line, or a list that comes on a descriptor. Given out in
 * chunks that a pipe takes whole. */
#ifndef UI_SHELL_SHOW_NAMES_H
#define UI_SHELL_SHOW_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/buf.h"

#define SHOW_NAMES_CHUNK 128   /* names in a chunk at most */
#define SHOW_NAMES_BYTES 12288 /* and bytes, with the NULs */

struct show_names {
	char **argv;	/* the next one, or NULL: a list */
	int fd;		/* of the list */
	char separator; /* between the names of the list */
	int error;	/* errno, when the list could not be read to its end */
	bool is_at_end; /* private, as the next */
	struct buf held;
	size_t at;
};

void show_names_of_list(struct show_names *names, int fd, char separator);
/* The next names, each ended by NUL, into CHUNK (which is emptied). How many; 0 at the end. Fewer
 * come when the list does not come faster. A list's name that no file can have, so long is it,
 * comes cut. */
size_t show_names_chunk(struct show_names *names, struct buf *chunk);
/* Will the next chunk wait for whoever writes the list? */
bool show_names_wait(const struct show_names *names);
/* May they be told to another process: no "-", none too long for a chunk? */
bool show_names_can_travel(char *const *argv);
void show_names_free(struct show_names *names);

#endif
