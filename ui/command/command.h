/* A user's word is a row here: help, keys, completion, manual and macros follow from the tables. A line of
 * commands is "name arg arg; name arg": a macro, a hook, a key, a test and tern batch are such lines. The
 * first that fails stops the line with a sentence. */
#ifndef UI_COMMAND_COMMAND_H
#define UI_COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/view/view.h"

struct app;
struct arena;
struct err;

enum command_needs {
	NEEDS_NOTHING = 0,
	NEEDS_MESSAGE = 1,   /* a current message (or tagged ones) */
	NEEDS_WRITABLE = 2,  /* not a read-only mailbox */
	NEEDS_SCREEN = 4,    /* no sense in tern batch */
};

struct command_call {
	const struct command *command;
	char **args; /* without the name */
	int count;
	struct arena *arena; /* of this line */
	struct target target; /* filled when the row needs a message */
};

typedef int command_fn(struct app *app, struct command_call *call, struct err *err); /* 0, -1 */
/* Appends candidates for argument AT of which PREFIX is typed (command_candidate). */
typedef void command_complete_fn(struct app *app, int at, const char *prefix, struct arena *arena,
				 char ***candidates, size_t *count);

struct command {
	const char *name;
	const char *args;  /* "FOLDER", "[QUERY]", "OPTION [VALUE]" or "" */
	const char *help;  /* N_("one line") */
	unsigned where;	   /* enum view_kind bits */
	unsigned needs;	   /* enum command_needs bits */
	int min_args, max_args; /* max -1: any */
	command_fn *run;
	command_complete_fn *complete;
};

/* The tables of all cmd_*.c files together (ui/command/tables.h); NULL-ended walk: *AT = 0. */
const struct command *command_next(size_t *at);
const struct command *command_find(const char *name);
/* The row of that name that works in a view of KIND, or NULL. */
const struct command *command_find_in(const char *name, enum view_kind kind);
/* A name near to a mistyped one, or NULL. */
const char *command_nearest(const char *name);

/* Runs a line in APP's top view. -1 with a sentence: which step, why, and what was done before it. A
 * command that asks something parks the rest of the line until it is answered. */
int command_run_line(struct app *app, const char *line, struct err *err);
/* The same; TITLE says whose line it is in that sentence: "Macro \"A\"". NULL: nobody's. */
int command_run_titled(struct app *app, const char *title, const char *line, struct err *err);
/* What was parked goes on, or is forgotten (the question was cancelled, or its answer failed). */
int command_resume(struct app *app, struct err *err);
void command_forget_parked(struct app *app);
/* Does every step of LINE name a command with a fitting number of words? -1 with a sentence. */
int command_check_line(struct app *app, const char *line, struct err *err);

/* Splits one command off *LINE into words (quotes, backslash): 1, 0 at the end, -1 a quote is open. */
int command_split(const char **line, struct arena *arena, char ***words, int *count,
		  struct err *err);
/* WORD as it must be written in a line to stay one word, in ARENA. */
char *command_quote(struct arena *arena, const char *word);

/* CALL as the line that it came from, in its arena. */
char *command_line_of(const struct command_call *call);

/* Completion: candidates for the end of LINE (whole lines), as app_ask wants them. */
void command_complete_line(struct app *app, const char *line, struct arena *arena,
			   char ***candidates, size_t *count);
/* Appends TEXT when it starts with PREFIX (ASCII case ignored). */
void command_candidate(struct arena *arena, const char *prefix, const char *text,
		       char ***candidates, size_t *count);

#endif
