#include "config.h"
#include "ui/command/command.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "ui/command/app.h"
#include "ui/command/nearby.h"
#include "ui/command/tables.h"
#include "ui/command/work.h"
#include "ui/command/undo.h"

/* A line that calls a macro that calls a line ... ends here. */
#define LINE_DEPTH_LIMIT 16

static const struct command *const tables[] = {
    cmd_app_rows,    cmd_move_rows,    cmd_folder_rows,
    cmd_index_rows,  cmd_message_rows, cmd_outbox_rows,
    cmd_part_rows,   cmd_reader_rows,  cmd_link_rows,   cmd_pieces_rows, cmd_saved_rows,  cmd_invite_rows,
    cmd_answer_rows, cmd_send_rows,    cmd_draft_rows,  cmd_network_rows,
};

/* --- the tables --------------------------------------------------------------------------------- */

const struct command *command_next(size_t *at)
{
	size_t skip = *at, table;

	for (table = 0; table < ARRAY_COUNT(tables); table++) {
		const struct command *row;

		for (row = tables[table]; row->name; row++)
			if (skip-- == 0) {
				(*at)++;
				return row;
			}
	}
	return NULL;
}

const struct command *command_find_in(const char *name, enum view_kind kind)
{
	const struct command *row;
	size_t at = 0;

	while ((row = command_next(&at)))
		if (strcmp(row->name, name) == 0 && (row->where & (unsigned)kind))
			return row;
	return NULL;
}

const struct command *command_find(const char *name)
{
	return command_find_in(name, VIEW_ANY);
}

const char *command_nearest(const char *name)
{
	const struct command *row;
	const char **names = NULL;
	size_t count = 0, cap = 0, at = 0;
	const char *nearest;

	while ((row = command_next(&at))) {
		ARRAY_ROOM(names, count, cap);
		names[count++] = row->name;
	}
	ARRAY_ROOM(names, count, cap);
	names[count] = NULL;
	nearest = str_nearest(name, names);
	free(names);
	return nearest;
}

/* --- words -------------------------------------------------------------------------------------- */

/* One word into OUT; -1 when a quote stays open. */
static int add_word(const char **line, struct buf *out, struct err *err)
{
	const char *at = *line;
	char quote = 0;

	for (; *at; at++) {
		if (quote ? *at == quote : (*at == '"' || *at == '\'')) {
			quote = quote ? 0 : *at;
			continue;
		}
		if (*at == '\\' && quote != '\'' && at[1])
			at++;
		else if (!quote && (char_is_space(*at) || *at == ';'))
			break;
		buf_add_char(out, *at);
	}
	*line = at;
	if (quote)
		return err_set_kind(err, ERR_USAGE, _("the quote %c is not closed"), quote);
	return 0;
}

static const char *skip_between(const char *line)
{
	while (char_is_space(*line) || *line == ';')
		line++;
	return line;
}

int command_split(const char **line, struct arena *arena, char ***words, int *count,
		  struct err *err)
{
	struct buf word = BUF_INIT;
	char **list = NULL;
	size_t used = 0, cap = 0, i;
	int result = 0;

	*line = skip_between(*line);
	while (**line && **line != ';' && result == 0) {
		buf_clear(&word);
		result = add_word(line, &word, err);
		ARRAY_ROOM(list, used, cap);
		list[used++] = arena_strdup(arena, buf_str(&word));
		while (char_is_space(**line))
			(*line)++;
	}
	*words = ARENA_ARRAY(arena, char *, used + 1);
	for (i = 0; i < used; i++)
		(*words)[i] = list[i];
	*count = (int)used;
	free(list);
	buf_free(&word);
	return result < 0 ? -1 : used > 0;
}

char *command_quote(struct arena *arena, const char *word)
{
	struct buf out = BUF_INIT;
	char *quoted;

	if (*word && !strpbrk(word, " \t;\"'\\"))
		return arena_strdup(arena, word);
	buf_add_char(&out, '"');
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			buf_add_char(&out, '\\');
		buf_add_char(&out, *word);
	}
	buf_add_char(&out, '"');
	quoted = arena_strdup(arena, buf_str(&out));
	buf_free(&out);
	return quoted;
}

char *command_line_of(const struct command_call *call)
{
	char *line = arena_strdup(call->arena, call->command->name);

	for (int i = 0; i < call->count; i++)
		line = arena_printf(call->arena, "%s %s", line, command_quote(call->arena, call->args[i]));
	return line;
}

/* --- one step ----------------------------------------------------------------------------------- */

static int unknown(const char *name, struct err *err)
{
	const char *near = command_nearest(name);

	if (near)
		return err_set_kind(err, ERR_USAGE,
				    _("there is no command \"%s\". Did you mean \"%s\"?"), name, near);
	return err_set_kind(err, ERR_USAGE, _("there is no command \"%s\""), name);
}

static int check_args(const struct command *row, int count, struct err *err)
{
	if (count < row->min_args)
		return err_set_kind(err, ERR_USAGE, _("\"%s\" needs more words: %s %s"), row->name,
				    row->name, row->args);
	if (row->max_args >= 0 && count > row->max_args)
		return err_set_kind(err, ERR_USAGE, _("\"%s\" takes fewer words: %s %s"), row->name,
				    row->name, row->args);
	return 0;
}

static int check_needs(struct app *app, const struct command *row, struct err *err)
{
	if ((row->needs & NEEDS_SCREEN) && !app->term)
		return err_set(err, _("\"%s\" needs a screen"), row->name);
	if ((row->needs & NEEDS_WRITABLE) && app->is_read_only)
		return err_set(err, _("this mailbox is open for reading only"));
	return 0;
}

static int find_target(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);
	bool tagged = app->use_tagged || app_option_bool(app, "index", "auto-tag");

	if (!(call->command->needs & NEEDS_MESSAGE))
		return 0;
	if (!view || !view->class->target ||
	    view->class->target(view, tagged, call->arena, &call->target) != 1)
		return err_set(err, app->use_tagged ? _("no message is tagged")
						    : _("there is no message here"));
	if (app->use_tagged && !call->target.is_tagged)
		return err_set(err, _("no message is tagged"));
	return 0;
}

static const struct command *find_row(struct app *app, const char *name, struct err *err)
{
	struct view *view = app_top(app);
	const struct command *row = command_find_in(name, view ? view->class->kind : VIEW_ANY);

	if (row)
		return row;
	if (!command_find(name))
		unknown(name, err);
	else
		err_set(err, _("\"%s\" does not work in this view (%s)"), name,
			view ? _(view->class->title) : "");
	return NULL;
}

/* Messages of several accounts: for each by itself, unless the command asks something first. */
static int run_for_each(struct app *app, struct command_call *call, struct err *err)
{
	const struct target *rest = call->target.next;
	int rc = call->command->run(app, call, err);

	for (; rc == 0 && rest && !app->prompt; rest = rest->next) {
		call->target = *rest;
		rc = call->command->run(app, call, err);
	}
	return rc;
}

static int run_step(struct app *app, struct arena *arena, char **words, int count, struct err *err)
{
	struct command_call call = {.args = words + 1, .count = count - 1, .arena = arena};
	const char *macro = app_macro(app, words[0]);

	if (macro && !command_find(words[0]))
		return command_run_titled(app, NULL, macro, err);
	call.command = find_row(app, words[0], err);
	if (!call.command || check_args(call.command, call.count, err) < 0 ||
	    check_needs(app, call.command, err) < 0 || find_target(app, &call, err) < 0)
		return -1;
	return run_for_each(app, &call, err);
}

/* --- a line ------------------------------------------------------------------------------------- */

struct line {
	struct arena *arena;
	char *title;
	const char *rest;
	int step;	 /* of the one that runs, from 1 */
	struct buf done; /* names of those before it */
	size_t undo_mark;
	bool was_one;	 /* the line has one step only */
	struct line *outer; /* the line that waits for this one (parked inside a macro) */
};

static void line_free(struct line *line)
{
	arena_free(&line->arena);
	buf_free(&line->done);
	free(line->title);
	free(line);
}

static bool is_single(const char *text)
{
	struct arena *arena = arena_new();
	const char *at = text;
	char **words;
	int count;
	bool single = command_split(&at, arena, &words, &count, NULL) <= 0 || !*skip_between(at);

	arena_free(&arena);
	return single;
}

static struct line *line_new(struct app *app, const char *title, const char *text)
{
	struct line *line = mem_alloc(sizeof *line);

	line->arena = arena_new();
	line->title = title ? mem_strdup(title) : NULL;
	line->rest = arena_strdup(line->arena, text);
	line->undo_mark = undo_depth(app->undo);
	line->was_one = is_single(text);
	return line;
}

static const char *ordinal(struct arena *arena, int step)
{
	static const char *const names[] = {N_("first"), N_("second"), N_("third"), N_("fourth"),
					    N_("fifth"), N_("sixth"), N_("seventh"), N_("eighth")};

	if (step >= 1 && (size_t)step <= ARRAY_COUNT(names))
		return _(names[step - 1]);
	return arena_printf(arena, _("number %d"), step);
}

static char *step_text(struct arena *arena, char **words, int count)
{
	struct buf text = BUF_INIT;
	char *copy;
	int i;

	for (i = 0; i < count; i++)
		buf_printf(&text, "%s%s", i ? " " : "", command_quote(arena, words[i]));
	copy = arena_strdup(arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

static void add_what_was_done(struct app *app, struct line *line, struct buf *out)
{
	char key[64];

	if (line->step == 2)
		buf_printf(out, _("  (the first step, %s, was done"), buf_str(&line->done));
	else if (line->step > 2)
		buf_printf(out, _("  (done before it: %s"), buf_str(&line->done));
	else
		return;
	if (undo_depth(app->undo) > line->undo_mark &&
	    app_key_for(app, "undo", key, sizeof key))
		buf_printf(out, _("; %s undoes it"), key);
	buf_add_char(out, ')');
}

/* The sentence of SCREENS "A macro that fails". */
static int line_failed(struct app *app, struct line *line, const char *step, struct err *err)
{
	struct buf text = BUF_INIT;
	const char *which = ordinal(line->arena, line->step);

	if (!err || (line->was_one && !line->title))
		return -1;
	if (line->was_one)
		buf_printf(&text, _("%s: %s - %s"), line->title, step, err->text);
	else if (line->title)
		buf_printf(&text, _("%s stopped at its %s step: %s - %s"), line->title, which, step,
			   err->text);
	else
		buf_printf(&text, _("Stopped at the %s step: %s - %s"), which, step, err->text);
	add_what_was_done(app, line, &text);
	err_set_kind(err, err->kind, "%s", buf_str(&text));
	buf_free(&text);
	return -1;
}

static void note_done(struct line *line, const char *name)
{
	if (line->done.len)
		buf_add_str(&line->done, ", ");
	buf_add_str(&line->done, name);
}

/* 0 at the end, 1 parked behind a question, -1. */
static int line_go(struct app *app, struct line *line, struct err *err)
{
	char **words;
	int count, got;

	for (;;) {
		unsigned asked = app->questions;
		bool was_tagged = app->use_tagged;
		const char *from = line->rest;

		line->step++;
		got = command_split(&line->rest, line->arena, &words, &count, err);
		if (got == 0)
			return 0;
		got = got < 0 ? -1 : run_step(app, line->arena, words, count, err);
		if (got < 0 && work_goes_on(app)) { /* run again when that is done */
			line->rest = from;
			line->step--;
			return 1;
		}
		if (got < 0) {
			app->use_tagged = false;
			return line_failed(app, line, step_text(line->arena, words, count), err);
		}
		if (was_tagged)
			app->use_tagged = false;
		note_done(line, words[0]);
		if ((app->questions != asked && app->prompt) || app->is_away ||
		    work_goes_on(app) || (app->is_limiting && *skip_between(line->rest)))
			return 1;
	}
}

/* What was parked by a step of LINE (a macro in a line) has to end before LINE goes on. */
static void park(struct app *app, struct line *line)
{
	struct line *inner = app->parked;

	while (inner && inner->outer)
		inner = inner->outer;
	if (inner)
		inner->outer = line;
	else
		app->parked = line;
}

static int line_run(struct app *app, struct line *line, struct err *err)
{
	int result = line_go(app, line, err);

	if (result == 1)
		park(app, line);
	else
		line_free(line);
	return result < 0 ? -1 : 0;
}

/* The outermost line is done. */
static void settle(struct app *app, int result)
{
	if (app->line_depth || app->parked)
		return;
	if (result < 0)
		app->wants_resolve = false;
	else
		nearby_settle(app);
}

int command_run_titled(struct app *app, const char *title, const char *text, struct err *err)
{
	int result;

	if (app->line_depth >= LINE_DEPTH_LIMIT)
		return err_set(err, _("the line calls itself"));
	app->line_depth++;
	result = line_run(app, line_new(app, title, text), err);
	app->line_depth--;
	settle(app, result);
	return result;
}

int command_run_line(struct app *app, const char *line, struct err *err)
{
	return command_run_titled(app, NULL, line, err);
}

int command_resume(struct app *app, struct err *err)
{
	int result = 0;

	while (app->parked && !app->prompt && !app->is_away && !work_goes_on(app) &&
	       result == 0) {
		struct line *line = app->parked;

		app->parked = line->outer;
		line->outer = NULL;
		result = line_run(app, line, err);
	}
	if (result < 0)
		command_forget_parked(app);
	settle(app, result);
	return result;
}

void command_forget_parked(struct app *app)
{
	while (app->parked) {
		struct line *line = app->parked;

		app->parked = line->outer;
		line_free(line);
	}
}

int command_check_line(struct app *app, const char *line, struct err *err)
{
	struct arena *arena = arena_new();
	char **words;
	int count, got;

	while ((got = command_split(&line, arena, &words, &count, err)) > 0) {
		const struct command *row = command_find(words[0]);

		if (!row && app_macro(app, words[0]))
			continue;
		if (!row)
			got = unknown(words[0], err);
		else
			got = check_args(row, count - 1, err);
		if (got < 0)
			break;
	}
	arena_free(&arena);
	return got < 0 ? -1 : 0;
}

/* --- completion --------------------------------------------------------------------------------- */

void command_candidate(struct arena *arena, const char *prefix, const char *text,
		       char ***candidates, size_t *count)
{
	char **grown;

	if (!str_starts_nocase(text, prefix))
		return;
	if ((*count & (*count - 1)) == 0) { /* full at each power of two */
		grown = ARENA_ARRAY(arena, char *, *count ? *count * 2 : 1);
		if (*count)
			memcpy(grown, *candidates, *count * sizeof *grown);
		*candidates = grown;
	}
	(*candidates)[(*count)++] = arena_strdup(arena, text);
}

static void complete_name(struct app *app, const char *prefix, struct arena *arena,
			  char ***candidates, size_t *count)
{
	struct view *view = app_top(app);
	const struct command *row;
	size_t at = 0;

	while ((row = command_next(&at)))
		if (!view || (row->where & (unsigned)view->class->kind))
			command_candidate(arena, prefix, row->name, candidates, count);
	app_complete_macro(app, prefix, arena, candidates, count);
}

/* The last step of LINE: where it starts. Open quotes are taken as closed at the end. */
static const char *last_step(const char *line, struct arena *arena, char ***words, int *count)
{
	const char *start, *at = line;

	*count = 0;
	for (;;) {
		start = skip_between(at);
		at = start;
		if (command_split(&at, arena, words, count, NULL) <= 0 || !*at)
			return start;
		if (!*skip_between(at)) { /* "name arg;" : a new step begins */
			*count = 0;
			return skip_between(at);
		}
	}
}

void command_complete_line(struct app *app, const char *line, struct arena *arena,
			   char ***candidates, size_t *count)
{
	size_t len = strlen(line), first = *count, i;
	char **words;
	int word_count;
	const char *step = last_step(line, arena, &words, &word_count);
	bool is_new = !len || char_is_space(line[len - 1]) || line[len - 1] == ';';
	const char *prefix = is_new || !word_count ? "" : words[word_count - 1];
	int at = word_count - (is_new ? 0 : 1);
	struct buf head = BUF_INIT;

	buf_add(&head, line, (size_t)(step - line));
	for (i = 0; (int)i < at; i++)
		buf_printf(&head, "%s ", command_quote(arena, words[i]));
	if (at <= 0) {
		complete_name(app, prefix, arena, candidates, count);
	} else {
		struct view *view = app_top(app);
		const struct command *row =
		    command_find_in(words[0], view ? view->class->kind : VIEW_ANY);

		app->completing = at > 1 ? words[1] : NULL;
		if (row && row->complete)
			row->complete(app, at - 1, prefix, arena, candidates, count);
		app->completing = NULL;
	}
	for (i = first; i < *count; i++)
		(*candidates)[i] =
		    arena_printf(arena, "%s%s", buf_str(&head), command_quote(arena, (*candidates)[i]));
	buf_free(&head);
}
