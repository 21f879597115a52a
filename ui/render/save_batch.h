/* Many parts saved in one folder: each is written at once and made sure of later, all together, which costs the disk a
 * fraction of doing so one by one. A file has its name only when it is whole and synced. */
#ifndef UI_RENDER_SAVE_BATCH_H
#define UI_RENDER_SAVE_BATCH_H

#include <stddef.h>

struct err;
struct mime_part;

#define SAVE_BATCH_MAX 100 /* files that wait; more are refused */

struct save_batch *save_batch_new(const char *dir);
/* Writes PART's content, under no name that counts yet. -1: nothing of it is there; those before stay. */
int save_batch_add(struct save_batch *batch, const struct mime_part *part, struct err *err);
size_t save_batch_waiting(const struct save_batch *batch);
/* Syncs the next file and gives it its name, PART's made safe, with a number where it is taken: 1, *PATH (may be NULL)
 * is to be freed. 0: none waits, and the folder is synced: now all is promised. -1: that one file is not there. */
int save_batch_settle(struct save_batch *batch, char **path, struct err *err);
/* What still waits is not saved. */
void save_batch_free(struct save_batch **batch);

#endif
