/* The worker that finds and tries the servers of an address (a role of ternd's program, net/setup/setup.h), started
 * by a screen and listened to from its loop. */
#ifndef UI_COMMAND_SET_UP_WORKER_H
#define UI_COMMAND_SET_UP_WORKER_H

struct app;
struct err;
struct notice;
struct set_up_worker;

/* SAID may stop the worker. ENDED: it is gone and said nothing more; not called after set_up_worker_stop. NULL on
 * error. */
struct set_up_worker *set_up_worker_start(struct app *app, const char *job,
					  void (*said)(void *arg, const struct notice *notice),
					  void (*ended)(void *arg), void *arg, struct err *err);
/* CODE is REPLY_...; TEXT may be NULL. */
void set_up_worker_answer(struct set_up_worker *worker, const struct notice *question, int code, const char *text);
/* At once, whatever it does; *WORKER may be NULL and becomes NULL. */
void set_up_worker_stop(struct set_up_worker **worker);

#endif
