/* The wire between a screen and whoever keeps its mail: ternd for accounts, a hidden keeper child for the
 * mailbox of tern -f. Lost wires are tied again; nothing here waits. */
#ifndef UI_COMMAND_AGENT_H
#define UI_COMMAND_AGENT_H

#include <stdbool.h>

struct app;
struct err;

/* Connects when an agent listens; with START it is started when none does. */
void agent_open(struct app *app, bool start);
/* Waits (10 s at most) until the keeper of tern -f has written what it kept: after the screen is
 * closed. */
void agent_close(struct app *app);
/* Tells whoever keeps ACCOUNT that this screen looks at it. */
void agent_watch(struct app *app, const char *account);
/* Starts "tern --keeper PATH" and listens to it. */
int agent_start_keeper(struct app *app, const char *path, bool read_only, struct err *err);
/* Is ternd there? */
bool agent_is_there(const struct app *app);

#endif
