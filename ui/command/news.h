/* New mail, told in the ways that the options say: on the status line, by the bell, by a program, on the desktop. */
#ifndef UI_COMMAND_NEWS_H
#define UI_COMMAND_NEWS_H

struct app;
struct folder;
struct store;

/* INBOX of STORE has more unread letters than before. */
void news_tell(struct app *app, struct store *store, const struct folder *inbox);

#endif
