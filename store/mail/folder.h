/* Folders: rows, and boxes found on disk. */
#ifndef STORE_MAIL_FOLDER_H
#define STORE_MAIL_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "store/mail/store.h"

/* Looks for boxes below the account's path and makes the folder rows agree. *GONE, *GONE_COUNT (in
 * ARENA): ids of rows whose box is no longer there; what is in them is the caller's matter. When
 * the account's path itself cannot be read: -1, and nothing counts as gone. */
int folder_discover(struct store *store, struct arena *arena, int64_t **gone, size_t *gone_count,
		    struct err *err);
/* The row alone; its messages must be gone. */
int folder_forget(struct store *store, int64_t id, struct err *err);

/* May NAME be a folder's? -1 with a sentence. */
int folder_check_name(const char *name, struct err *err);
/* The same of one that is to be made here. */
int folder_check_new(const struct account *account, const char *name, struct err *err);
/* Where a folder NAME lies; the caller's. */
char *folder_path_for(const struct account *account, const char *name);
int folder_make_box(const char *path, struct err *err);
/* What a folder of this NAME is for, as people and programs call them. */
enum account_role folder_role_of(const char *name);

#endif
