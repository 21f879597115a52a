/* What store_index shares with carrying out. */
#ifndef STORE_MAIL_INDEX_H
#define STORE_MAIL_INDEX_H

#include <stdint.h>

struct box;
struct box_entry;
struct err;
struct store;

/* Flags and time of arrival of the message at KEY, from its name and its file; what an mbox would
 * have to be read for is left: the next look at the folder brings it. */
void index_entry_of(struct box *box, const char *key, struct box_entry *entry);
/* One of the indexes for sorted views, where one is missing: 1 it was made, 0, -1. */
int index_make_sorted(struct store *store, struct err *err);
/* All of them gone, while thousands of rows come. */
int index_drop_sorted(struct store *store, struct err *err);
/* The rows of FOLDER and its own, whatever lies on disk. */
int index_drop_folder(struct store *store, int64_t folder, struct err *err);

#endif
