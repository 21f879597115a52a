/* Folders as a person names them: "Archive" or "=Archive" (here), "work/Archive" (of account work), "!" (the
 * inbox here); and in completion. */
#ifndef UI_COMMAND_FOLDERS_H
#define UI_COMMAND_FOLDERS_H

#include <stddef.h>
#include <stdint.h>

struct app;
struct arena;
struct err;

/* ACCOUNT (in ARENA) and FOLDER of NAME; -1 with a sentence and the nearest name. */
int folders_find(struct app *app, const char *name, struct arena *arena, const char **account,
		 int64_t *folder, struct err *err);
/* Only in ACCOUNT. */
int folders_find_in(struct app *app, const char *account, const char *name, struct arena *arena,
		    int64_t *folder, struct err *err);
/* All names; those of other accounts with the account in front. */
void folders_complete(struct app *app, const char *prefix, struct arena *arena, char ***candidates,
		      size_t *count);
/* The same for the first argument of a command, where AT is which one is typed. */
void folders_complete_first(struct app *app, int at, const char *prefix, struct arena *arena,
			    char ***candidates, size_t *count);
/* The name of the first folder (after the present one) with unread mail, in ARENA, or NULL. */
char *folders_next_unread(struct app *app, struct arena *arena);

#endif
