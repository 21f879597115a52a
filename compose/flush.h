/* What waits in the outbox goes now, as a person means it: also what could still be taken back. What is held, or waits
 * for a time that was chosen for it, stays. */
#ifndef COMPOSE_FLUSH_H
#define COMPOSE_FLUSH_H

struct buf;
struct err;
struct outbox;

/* UNDO: the seconds of undo-send. Appends to WORDS what goes and what does not; the agent is the caller's to ring. */
int flush_outbox(struct outbox *outbox, long long undo, struct buf *words, struct err *err);

#endif
