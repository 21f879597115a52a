/* The end of the log, and the mistakes of the configuration. */
#ifndef UI_VIEW_LOG_VIEW_H
#define UI_VIEW_LOG_VIEW_H

struct app;
struct view;

/* ACCOUNT: only what is about it; NULL: all. */
struct view *log_view_new(struct app *app, const char *account);

#endif
