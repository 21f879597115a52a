/* Clearing away what is marked as deleted: by sync-mailbox, and when a folder is left. */
#ifndef UI_COMMAND_LEAVE_H
#define UI_COMMAND_LEAVE_H

struct app;
struct err;

/* The marked messages of the open folder: to Trash, or in Trash for good. Their number, or -1. */
long leave_purge(struct app *app, struct err *err);
/* Messages were marked in the open folder by this screen. */
void leave_note_marked(struct app *app);
/* The folder is left: purges when option purge says yes. */
void leave_folder(struct app *app);
/* Flags that are kept back for an mbox are written now. */
void leave_write_flags(struct app *app);
/* Back from what was searched for to where the search began. */
int leave_hits(struct app *app, struct err *err);
/* The program is left: purges, asks, or simply quits. */
void leave_quit(struct app *app);

#endif
