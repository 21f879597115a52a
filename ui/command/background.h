/* A program of ours that does something slow for the screen, which goes on meanwhile: "tern folder remove ...". */
#ifndef UI_COMMAND_BACKGROUND_H
#define UI_COMMAND_BACKGROUND_H

struct app;
struct err;

/* Starts "tern" with ARGS (NULL-ended). When it has ended well DONE is said and ACCOUNT looked at anew; else what
 * it said. Without a screen it is waited for. */
int background_run(struct app *app, const char *const *args, const char *account, const char *done, struct err *err);
/* A program of the person's with ARGV, of which nobody hears again. */
int background_start(struct app *app, const char *const *argv, struct err *err);

#endif
