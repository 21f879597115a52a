/* Sending: into the outbox, from where ternd takes it. */
#ifndef COMPOSE_SEND_H
#define COMPOSE_SEND_H

#include <stdbool.h>
#include <stdint.h>

struct compose;
struct draft;
struct err;

/* Checks (what stops), builds, seals, keeps a copy in Sent, puts it into the outbox; only then the
 * draft's file goes. DUE: seconds since 1970; 0: now; -1: the draft's own send_at, else after the
 * seconds of option undo-send. The id in the outbox, or -1 with the draft untouched. A letter that
 * is already in the outbox (the program died in between) is not put there again. */
int64_t send_draft(const struct compose *compose, struct draft *draft, int64_t due,
		   struct err *err);
/* Takes letter ID back while it waits: cancelled, its copy in Sent removed, a draft again (saved).
 * NULL when it is too late or on error. */
struct draft *send_undo(const struct compose *compose, int64_t id, struct err *err);

#endif
