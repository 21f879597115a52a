/* What a command works on: the stores, the views, the agent's news, options, the prompt. One per screen;
 * handed to everything, never reached by name. */
#ifndef UI_COMMAND_APP_H
#define UI_COMMAND_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/mail/account.h"
#include "ui/view/view.h"

struct canvas;
struct err;
struct history;
struct keymaps;
struct loop;
struct notice;
struct notice_conn;
struct options;
struct outbox;
struct prompt;
struct store;
struct term;
struct undo_stack;

struct app {
	struct loop *loop;
	struct term *term;     /* NULL in tern batch */
	struct canvas *canvas;
	struct options *options;
	struct keymaps *keymaps;
	struct account_list accounts;
	struct outbox *outbox;
	struct notice_conn *agent; /* NULL: none answers; tried again */
	struct view **views;	   /* the stack */
	size_t view_count, view_cap;
	struct prompt *prompt;	   /* NULL when nothing is asked */
	struct undo_stack *undo;
	bool is_read_only;	   /* tern -R */
	bool wants_quit;
	/* the status line: one sentence, with its style and when it goes */
	char status[1024];
	bool status_is_error;
	int64_t status_until_ms;
};

/* The open store of an account (opened on first use, kept): lent, NULL on error. */
struct store *app_store(struct app *app, const char *account, struct err *err);
/* Stack of views. app_push takes VIEW. app_pop closes the top one (may refuse: -1). */
void app_push(struct app *app, struct view *view);
int app_pop(struct app *app, struct err *err);
struct view *app_top(struct app *app);
/* The nearest view of that kind in the stack, or NULL. */
struct view *app_view(struct app *app, enum view_kind kind);
void app_dirty(struct app *app); /* everything draws anew at the next idle */
/* The status line. */
void app_say(struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void app_complain(struct app *app, const struct err *err);
/* Asks one line at the bottom; DONE gets the text (NULL: cancelled with Esc). COMPLETE may be NULL. */
void app_ask(struct app *app, const char *question, const char *preset, const char *history_name,
	     void (*complete)(struct app *app, const char *text, struct arena *arena,
			      char ***candidates, size_t *count),
	     void (*done)(struct app *app, const char *text, void *arg), void *arg);
/* Asks for one of KEYS ("yn", first is Enter's); DONE gets it, 0 when cancelled. */
void app_ask_key(struct app *app, const char *question, const char *keys,
		 void (*done)(struct app *app, char key, void *arg), void *arg);
/* Rings the agent about ACCOUNT; starts it when it is not there. Never waits. */
void app_ring(struct app *app, const char *account);
bool app_option_bool(const struct app *app, const char *section, const char *name);
long long app_option_int(const struct app *app, const char *section, const char *name);
const char *app_option_text(const struct app *app, const char *section, const char *name);

#endif
