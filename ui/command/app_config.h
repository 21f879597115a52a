/* The configuration becomes what the app works by: options, keys, macros, hooks, colours. What is wrong is
 * collected in app->conf->errors, one sentence each, and all the rest holds. */
#ifndef UI_COMMAND_APP_CONFIG_H
#define UI_COMMAND_APP_CONFIG_H

struct app;
struct err;
struct options;

/* Every option table of the program. */
void app_config_add_options(struct options *options);
/* Reads PATH_CONFIG/config anew: everything is set back to its default first. */
void app_config_load(struct app *app);
/* Commands in a file, one line each ("source FILE", tern batch). -1 with FILE:LINE in the sentence; with
 * GO_ON it tells each and returns their number. */
int app_config_source(struct app *app, const char *path, struct err *err);
/* The colours as options and [theme] have them, for the terminal of APP. */
void app_config_theme(struct app *app);

#endif
