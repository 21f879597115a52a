/* The queue runner: looks what the outbox owes, gives letters to attempt workers, sleeps until the
 * next is due. It only reads the outbox; workers write. */
#ifndef NET_TRANSFER_QUEUE_H
#define NET_TRANSFER_QUEUE_H

struct loop;
struct notice;
struct queue;
struct supervisor;

/* TELL is called with what a worker has to say to the screens. */
struct queue *queue_new(struct loop *loop, struct supervisor *supervisor,
			void (*tell)(void *arg, const struct notice *news), void *arg);
void queue_free(struct queue **queue);
/* Something was written into the outbox: look now. */
void queue_look(struct queue *queue);
/* All deferred letters now. */
void queue_flush(struct queue *queue);
/* To the worker that asked; others do not see it. */
/* Letter CANCEL->id is on its way and shall not go on (it is held). */
void queue_cancel(struct queue *queue, const struct notice *cancel);
void queue_answer(struct queue *queue, const struct notice *answer);

#endif
