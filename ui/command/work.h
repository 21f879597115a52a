/* What a command needs before it can do its work, and cannot have at once: it is got in pieces by a timer. Then
 * the command is run again, and the rest of its line. Keys typed meanwhile wait; Esc ends it. */
#ifndef UI_COMMAND_WORK_H
#define UI_COMMAND_WORK_H

#include <stdbool.h>

struct app;
struct err;
struct key;

/* A command calls this and fails. PIECE gives 1 while there is more to do, 0, -1; STOP is called at the end, in
 * whatever way it comes. */
void work_begin(struct app *app, int (*piece)(void *arg, struct err *err), void (*stop)(void *arg),
		void *arg);
bool work_goes_on(const struct app *app);
/* A key while work goes on: true, it waits or has ended it. */
bool work_key(struct app *app, const struct key *key);
/* ARG goes away. */
void work_forget(struct app *app, const void *arg);
void work_free(struct app *app);

#endif
