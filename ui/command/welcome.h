/* The first letter: from Tern to its new reader, carried by the real outbox and the local delivery. */
#ifndef UI_COMMAND_WELCOME_H
#define UI_COMMAND_WELCOME_H

struct app;
struct err;

/* Into the outbox, for ADDRESS. */
int welcome_send(struct app *app, const char *address, struct err *err);

#endif
