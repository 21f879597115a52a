/* What a person wants changed. A screen waits only a moment for a database that a keeper writes, so what cannot be
 * done at once stands in a line and is tried until it works, in order; many messages are done in parts. */
#ifndef UI_COMMAND_WISH_H
#define UI_COMMAND_WISH_H

#include <stddef.h>
#include <stdint.h>

#include "store/mail/store.h"

struct app;
struct err;

/* Changes COUNT messages now or soon; DONE ("deleted 2 messages") is said and can be undone when they are; NULL:
 * silently, and not to be undone. -1 with a sentence: it cannot be. Ringing the agent is done here. */
int wish_change(struct app *app, const char *account, const int64_t *ids, size_t count,
		const struct store_change *change, const char *done, struct err *err);
/* Takes the last step back, when all that was wished before is done. */
int wish_undo(struct app *app, struct err *err);
/* Does what still stands, however long it takes: before the end. */
void wish_flush(struct app *app);

#endif
