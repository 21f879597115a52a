/* From the start of a screen (or of tern batch) to its end. */
#ifndef UI_COMMAND_APP_MAIN_H
#define UI_COMMAND_APP_MAIN_H

#include <stdbool.h>

struct app;
struct buf;
struct err;

struct app_setup {
	const char *path; /* -f, or NULL */
	bool read_only;	  /* -R */
};

/* The screen, until it is left: the exit code, or -1 when it could not be opened. */
int app_main(const struct app_setup *setup, struct err *err);
/* An app without a screen, standing in the inbox of the default account (or PATH). NULL on error. */
struct app *app_new_batch(const struct app_setup *setup, struct err *err);
void app_free(struct app **app);
/* Carries out on the files what the commands wanted. */
int app_finish_batch(struct app *app, struct err *err);
/* Every command, key and option, one a line, fields with a tab between. */
void app_dump_tables(struct buf *out);

/* --- insides --- */
void app_listen_keys(struct app *app);
void app_leave_keys(struct app *app);
void app_close_stores(struct app *app);
void app_free_views(struct app *app);
/* The first view: the inbox, the wizard when there is no account. */
int app_open_first(struct app *app, struct err *err);
/* The inbox of ACCOUNT, on top; while it has none yet the view waits for it. */
int app_open_inbox(struct app *app, const char *account, struct err *err);
void app_start_tick(struct app *app);

#endif
