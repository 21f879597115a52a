/* A letter that was sent and still waits in the outbox becomes a draft again. */
#ifndef UI_COMMAND_TAKE_BACK_H
#define UI_COMMAND_TAKE_BACK_H

#include <stdint.h>

struct app;
struct err;

/* Takes letter ID back and opens it. -1: too late, with a sentence. */
int take_back_letter(struct app *app, int64_t id, struct err *err);
/* Letter ID was just put into the outbox: undo takes it back. */
void take_back_note(struct app *app, int64_t id);

#endif
