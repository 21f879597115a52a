/* Parts of letters as files, and the programs that open them. What comes from a letter is never part of a
 * command: the programs are those of mailcap(5) or xdg-open, the file's name is ours. */
#ifndef UI_RENDER_OPEN_WITH_H
#define UI_RENDER_OPEN_WITH_H

#include <stdbool.h>

struct buf;
struct err;
struct mime_part;

/* A new file of mode 0600 in a new folder of mode 0700 below the runtime folder, with PART's content, named like it
 * (made safe, for shells too). Its path, to be freed; NULL on error. Everything there goes with open_with_clean. */
char *open_with_file(const struct mime_part *part, struct err *err);
/* Likewise with BYTES under NAME. */
char *open_with_bytes(const char *name, const void *bytes, unsigned long len, struct err *err);
/* A descriptor to read PART's content from; the file behind it has no name any more. -1 on error. */
int open_with_fd(const struct mime_part *part, struct err *err);
/* Removes what this process put there, and what dead ones left. */
void open_with_clean(void);

struct opener {
	char *shell;	     /* for sh -c, the file is "$1"; "" : nothing fits */
	bool needs_terminal;
};
/* The program for TYPE, of the person's mailcap, the system's, else xdg-open where there is a desktop. */
void open_with_find(const char *type, struct opener *opener);
void opener_free(struct opener *opener);

/* What happens where the path is taken: ERR_EXISTS; it is written over; the new one gets a number ("way-2.jpg"). */
enum save_rule { SAVE_NEW, SAVE_OVER, SAVE_BESIDE };
/* PART's content to PATH, whole and synced or not at all, in pieces. Its path, to be freed; NULL on error. */
char *open_with_save(const struct mime_part *part, const char *path, enum save_rule rule,
		     struct err *err);

/* The steps of it, for many files at once (save_batch.h): PART's content into a file of DIR under a name that nobody
 * knows; its path, to be freed, and *FD, not synced; NULL on error. */
char *open_with_write_temp(const struct mime_part *part, const char *dir, int *fd, struct err *err);
/* TEMP gets the first free name of PATH's kind: that, to be freed; NULL on error. */
char *open_with_move_beside(const char *temp, const char *path, struct err *err);

#endif
