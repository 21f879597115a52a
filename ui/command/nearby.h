/* Where a command stands: the index and the reader over it move together. */
#ifndef UI_COMMAND_NEARBY_H
#define UI_COMMAND_NEARBY_H

#include <stdint.h>

struct app;
struct err;

/* Opens the reader on message ID. */
int nearby_open(struct app *app, const char *account, int64_t id, struct err *err);
/* The index moved: a reader on top shows its message. */
int nearby_follow(struct app *app, struct err *err);
/* Something was done to the current message: on to the next one (option resolve), if there is one, but only
 * when the whole line is done: all its steps mean the same message. */
void nearby_resolve(struct app *app);
/* A line of commands is done. */
void nearby_settle(struct app *app);
/* The account commands mean without naming one: of the index, else the default one. NULL: none. */
const char *nearby_account(struct app *app);

#endif
