/* Accounts that another program adds or removes ("tern account add") while this screen is open. */
#ifndef UI_COMMAND_CONFIG_WATCH_H
#define UI_COMMAND_CONFIG_WATCH_H

struct app;

/* With each tick: when the configuration is another file than before, its accounts are read again. */
void config_watch_look(struct app *app);

#endif
