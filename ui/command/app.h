/* What a command works on: the stores, the views, the agent's news, options, the prompt. One per screen;
 * handed to everything, never reached by name. */
#ifndef UI_COMMAND_APP_H
#define UI_COMMAND_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compose/compose.h"
#include "store/mail/account.h"
#include "ui/input/keymap.h"
#include "ui/view/view.h"

struct stat;
struct agent_link;
struct app_spots;
struct arena;
struct autocrypt;
struct canvas;
struct conf;
struct err;
struct going_on;
struct history;
struct keymaps;
struct line;
struct loop;
struct loop_fd;
struct loop_timer;
struct map;
struct notice;
struct notice_conn;
struct options;
struct outbox;
struct prompt;
struct question;
struct saving_job;
struct searches;
struct store;
struct term;
struct undo_stack;
struct wish;
struct work;

typedef void app_complete_fn(struct app *app, const char *text, struct arena *arena,
			     char ***candidates, size_t *count);

/* What an account was like when it was looked at last. */
struct account_seen {
	int64_t version; /* of its database */
	int64_t since;	 /* news of its inbox are told from here on (store_has_news) */
};

/* How long a screen looks for matches in one go (store_set_piece_ms). */
#define APP_PIECE_MS 6

struct app {
	struct loop *loop;
	struct term *term;     /* NULL in tern batch */
	struct canvas *canvas;
	struct options *options;
	struct keymaps *keymaps;
	struct account_list accounts;
	struct conf *conf;	/* the configuration as it was read */
	struct compose compose; /* for compose/: accounts, options, conf of this app */
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
	int64_t answer_until_ms; /* until then what is told by itself waits */
	char told[1024];	 /* that; empty: nothing waits */
	/* what goes on, at the right edge of the last line: "sending in 8 s" */
	char activity[256];
	struct going_on *going_on; /* what the workers tell (going_on.h); NULL: nothing yet */

	/* --- the insides of ui/command; others leave them alone --- */
	bool is_dirty;
	struct agent_link *link;
	struct agent_questions *agent_questions; /* NULL: none yet */
	struct account *path_account; /* of tern -f */
	struct map *stores;	      /* account name -> struct store */
	struct account_list *retired; /* lists read before: open stores lend from them */
	size_t retired_count, retired_cap;
	struct stat *config_seen; /* of the configuration when its accounts were read last; NULL: not yet */
	char *title; /* of the terminal's window */
	struct map *versions;	      /* account name -> struct account_seen, what it was like last */
	int64_t outbox_version;
	bool outbox_busy; /* something waits: the countdown runs */
	bool wants_inbox; /* the account had no folder yet when it was opened */
	struct map *macros;	      /* [macros]: name -> line */
	struct map *hooks;	      /* [hooks]: event -> line */
	struct map *histories;	   /* prompt name -> struct history */
	struct key_sequence typed; /* the beginning of a key sequence */
	struct wish **wishes; /* changes that could not be made at once, in order */
	size_t wish_count, wish_cap;
	struct loop_timer *wish_timer, *keys_timer;
	int64_t wish_shown_ms;
	struct searches *searches; /* that are kept; NULL: not asked for yet */
	struct saving_job *savings; /* attachments being saved */
	struct work *work;    /* what a command needs first, and keys that wait for it */
	bool is_limiting;     /* the limit of a view is not at its end: the rest of a line waits */
	struct line *parked;	   /* lines that wait for an answer */
	int line_depth;
	struct question *question; /* who asked what the prompt asks */
	unsigned questions;  /* rises with each question */
	unsigned complaints; /* rises with each error shown */
	bool has_marked;     /* messages were marked as deleted in the open folder */
	bool is_away;	     /* a child has the terminal */
	bool has_news;	     /* the hook "new-mail" waits */
	int64_t typed_ms;    /* when the last key came */
	int64_t deaf_until_ms; /* until then keys are let fall: what they were meant for is gone */
	bool wants_resolve;  /* on to the next message when the line is done, */
	int64_t resolve_from; /* unless the cursor left this one */
	int64_t resolve_next, resolve_back; /* its neighbours then, 0 none */
	bool use_tagged;     /* ";" was pressed: the next command takes the tagged ones */
	const char *completing; /* the first word behind the command, while its value is completed */
	char *search;	     /* what "/" looked for last */
	char *moved_to;	     /* the folder that move or copy was last told */
	bool search_back;
	bool sort_reversed; /* what the order that is asked for means */
	int click_y;
	int64_t click_ms;
	struct app_spots *spots; /* what a click on the help lines runs */
	struct autocrypt *autocrypt; /* keys that letters brought along; NULL: not needed yet, or it cannot be read */
	struct loop_timer *tick;
	struct loop_fd *keys_fd, *signal_fd;
	int exit_code;
};

/* The open store of an account (opened on first use, kept): lent, NULL on error. */
struct store *app_store(struct app *app, const char *account, struct err *err);
/* Opens it, and learns what is in its inbox, so that only what comes from now on is news. */
void app_open_quietly(struct app *app, const char *account);
/* An account of the configuration, or that of tern -f. NULL: no such. */
const struct account *app_account(const struct app *app, const char *name);
/* Reads the accounts of the configuration again (one was added). */
int app_load_accounts(struct app *app, struct err *err);
/* The configuration file was written: read it anew. */
void app_reload_config(struct app *app);
/* Something was written into an account here: views that show it look again. */
void app_touched(struct app *app, const char *account);
/* Something was put into the outbox or changed there. */
void app_outbox_changed(struct app *app);
void app_look_for_inbox(struct app *app);
/* Did it change since the last call? */
bool app_saw_change(struct app *app, const char *account);
/* Stack of views. app_push takes VIEW. app_pop closes the top one (may refuse: -1). */
void app_push(struct app *app, struct view *view);
int app_pop(struct app *app, struct err *err);
struct view *app_top(struct app *app);
/* The nearest view of that kind in the stack, or NULL. */
struct view *app_view(struct app *app, enum view_kind kind);
/* The view under VIEW, or NULL. */
struct view *app_below(struct app *app, const struct view *view);
void app_dirty(struct app *app); /* everything draws anew at the next idle */
/* The status line. */
void app_say(struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void app_complain(struct app *app, const struct err *err);
/* What comes by itself, as new mail does: not before the answer to a key could be read. */
void app_tell(struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void app_tell_waiting(struct app *app); /* now and then: what waits, when it may come */
/* Asks one line at the bottom; DONE gets the text (NULL: cancelled with Esc). COMPLETE may be NULL. A
 * question that stands already is cancelled first. */
void app_ask(struct app *app, const char *question, const char *preset, const char *history_name,
	     void (*complete)(struct app *app, const char *text, struct arena *arena,
			      char ***candidates, size_t *count),
	     void (*done)(struct app *app, const char *text, void *arg), void *arg);
/* What is asked now is told to TYPED while it is typed, a moment after each key. */
void app_ask_typed(struct app *app, void (*typed)(struct app *app, const char *text, void *arg));
/* Asks for a passphrase: nothing of it is shown or kept. */
void app_ask_secret(struct app *app, const char *question,
		    void (*done)(struct app *app, const char *text, void *arg), void *arg);
/* Asks for one of KEYS ("yn", first is Enter's); DONE gets it, 0 when cancelled. */
void app_ask_key(struct app *app, const char *question, const char *keys,
		 void (*done)(struct app *app, char key, void *arg), void *arg);
/* Asks for the missing word of a command and runs "NAME WORD" with the answer. */
void app_ask_for(struct app *app, const char *question, const char *preset,
		 const char *history_name, app_complete_fn *complete, const char *command_name);
/* What was typed at prompts of that name; lent, kept until the end. */
struct history *app_history(struct app *app, const char *name);
/* Rings the agent about ACCOUNT; starts it when it is not there. Never waits. */
void app_ring(struct app *app, const char *account);
/* The same, and nothing is to be left for later (flags of an mbox). */
void app_ring_at_once(struct app *app, const char *account);
/* Tells the agent; nobody there: starts it, -1 when it cannot be. */
int app_tell_agent(struct app *app, const struct notice *notice);
bool app_option_bool(const struct app *app, const char *section, const char *name);
long long app_option_int(const struct app *app, const char *section, const char *name);
const char *app_option_text(const struct app *app, const char *section, const char *name);
/* The readable key for a command line in the top view ("u", "^D"); false: none. */
bool app_key_for(const struct app *app, const char *line, char *out, size_t size);
/* The line of a named macro, or NULL. */
const char *app_macro(const struct app *app, const char *name);
void app_complete_macro(const struct app *app, const char *prefix, struct arena *arena,
			char ***candidates, size_t *count);
/* Names of files that begin with PREFIX. */
void app_complete_file(const char *prefix, struct arena *arena, char ***candidates, size_t *count);
/* Runs the line of [hooks] EVENT, if there is one. */
void app_hook(struct app *app, const char *event);
/* That of new mail, once nothing stands in its way. */
void app_run_news(struct app *app);
/* Gives the terminal to a program, INPUT (may be NULL) is its stdin. 0 when it runs: the loop goes on
 * meanwhile (app->is_away), the screen comes back when it has ended, with WAIT after Enter, and an exit code
 * that is not 0 is told. DONE (may be NULL) is called then. -1 when it cannot be started. */
int app_run_program(struct app *app, const char *const *argv, const char *input, size_t len,
		    bool wait, struct err *err);
/* The same, FD is its stdin. */
int app_run_program_fd(struct app *app, const char *const *argv, int fd, bool wait, struct err *err);
int app_run_program_then(struct app *app, const char *const *argv, const char *input, size_t len,
			 bool wait, void (*done)(struct app *app, int code, void *arg), void *arg,
			 struct err *err);
void app_suspend(struct app *app);
void app_quit(struct app *app);
/* NEWS from the agent, a keeper, or ourselves: to every view. */
void app_notice(struct app *app, const struct notice *notice);
/* One key, as if typed. */
void app_key(struct app *app, const struct key *key);
/* Draws now what should stand on the screen into app->canvas (app_draw.c). */
void app_draw(struct app *app);
struct rect app_view_area(const struct app *app);

#endif
