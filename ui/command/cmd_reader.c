#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compose/attach.h"
#include "compose/mailto.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/tables.h"
#include "ui/render/message.h"
#include "ui/render/open_with.h"
#include "ui/screen/term.h"
#include "ui/view/draft_view.h"
#include "ui/view/part_view.h"
#include "ui/view/parts_view.h"
#include "ui/view/reader_view.h"

#define PIPE_MAX (256u << 20)

/* --- what the letter shows --- */

static int toggle(struct app *app, enum reader_way way)
{
	reader_view_toggle(app_top(app), way);
	return 0;
}

static int headers(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	(void)err;
	return toggle(app, READER_HEADERS);
}

static int html(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (!message_has_html_and_text(reader_view_message(app_top(app))))
		return err_set(err, _("This letter has no other form to show."));
	return toggle(app, READER_HTML);
}

static int raw(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	(void)err;
	return toggle(app, READER_RAW);
}

static int quotes(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	(void)err;
	return toggle(app, READER_QUOTES);
}

static int quote(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (!reader_view_fold_quote(app_top(app), -1))
		return err_set(err, _("There is no quotation of several lines in sight."));
	return 0;
}

static int skip_quoted(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	(void)err;
	reader_view_skip_quoted(app_top(app));
	return 0;
}

static int read_on(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (reader_view_page(app_top(app)))
		return 0;
	return command_run_line(app, "next-undeleted", err);
}

/* A program beside us; it is only waited for, so that no zombie stays. */
static void ended(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status;
}

static void leave_alone(struct app *app, pid_t pid)
{
	loop_add_child(app->loop, "an opened part", pid, ended, NULL);
}

/* --- links --- */

static void follow_mailto(struct app *app, const char *url)
{
	struct err err = ERR_INIT;
	struct mailto_result result = {0};
	struct draft *draft = mailto_make(&app->compose, url, reader_view_account(app_top(app)),
					  &result, &err);

	if (!draft) {
		app_complain(app, &err);
		return;
	}
	app_push(app, draft_view_new(app, draft));
	if (*result.refused)
		app_say(app, _("The link also asked for these, which were left out: %s"),
			result.refused);
}

/* The address is one argument of the program, never part of a command. */
static int follow(struct app *app, const char *url, struct err *err)
{
	struct opener opener;
	const char *argv[] = {"xdg-open", url, NULL};
	struct child_setup setup = {.in = CHILD_NULL, .out = CHILD_NULL, .err = CHILD_NULL, .extra = -1};
	struct child child;

	if (mailto_is(url)) {
		follow_mailto(app, url);
		return 0;
	}
	open_with_find("x-scheme-handler/http", &opener);
	if (!*opener.shell) {
		opener_free(&opener);
		return err_set(err, _("There is no browser to open it with: %s"), url);
	}
	opener_free(&opener);
	if (child_start(&child, argv, &setup, err) < 0)
		return -1;
	leave_alone(app, child.pid);
	app_say(app, _("Opened: %s"), url);
	return 0;
}

static const char *link_of(struct app *app, const char *number, struct err *err)
{
	long long value;
	const char *url = NULL;

	if (str_to_long(number, &value) == 0 && value > 0)
		url = reader_view_link(app_top(app), (size_t)value);
	if (!url)
		err_set(err, _("There is no link number %s."), number);
	return url;
}

static int ask_link(struct app *app, const char *command, struct err *err)
{
	size_t count = reader_view_link_count(app_top(app));
	char *question;

	if (!count)
		return err_set(err, _("There is no link in this letter."));
	question = mem_printf(_("Number of the link (1-%zu): "), count);
	app_ask_for(app, question, count == 1 ? "1" : "", "link", NULL, command);
	free(question);
	return 0;
}

static int follow_link(struct app *app, struct command_call *call, struct err *err)
{
	const char *url;

	if (!call->count)
		return ask_link(app, "follow-link", err);
	url = link_of(app, call->args[0], err);
	return url ? follow(app, url, err) : -1;
}

static int copy_link(struct app *app, struct command_call *call, struct err *err)
{
	const char *url;

	if (!call->count)
		return ask_link(app, "copy-link", err);
	url = link_of(app, call->args[0], err);
	if (!url)
		return -1;
	if (app->term)
		term_copy(app->term, url);
	app_say(app, _("Copied: %s"), url);
	return 0;
}

/* --- parts --- */

static int parts(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = parts_view_new(app, call->target.account, call->target.ids[0], err);

	if (!view)
		return -1;
	app_push(app, view);
	return 0;
}

/* The part a command means: by number in the reader, else where the cursor stands. */
static struct mime_part *part_of(struct app *app, struct command_call *call, struct err *err)
{
	struct view *top = app_top(app);
	struct message_part *list;
	size_t count;
	long long number;

	if (top->class->kind == VIEW_PARTS)
		return parts_view_current(top);
	message_parts(reader_view_message(top), call->arena, &list, &count);
	if (call->count && str_to_long(call->args[0], &number) == 0 && number >= 1 &&
	    number <= (long long)count)
		return list[number - 1].part;
	err_set(err, _("This letter has no part number %s."), call->count ? call->args[0] : "");
	return NULL;
}

static int run_opener(struct app *app, const struct opener *opener, const char *path, struct err *err)
{
	const char *argv[] = {"sh", "-c", opener->shell, "sh", path, NULL};
	struct child_setup setup = {.in = CHILD_NULL, .out = CHILD_NULL, .err = CHILD_NULL, .extra = -1};
	struct child child;

	if (opener->needs_terminal)
		return app_run_program(app, argv, NULL, 0, false, err);
	if (child_start(&child, argv, &setup, err) < 0)
		return -1;
	leave_alone(app, child.pid);
	return 0;
}

static int open_part(struct app *app, struct command_call *call, struct err *err)
{
	struct mime_part *part = part_of(app, call, err);
	struct opener opener;
	char *path;
	int result;

	if (!part)
		return -1;
	open_with_find(part->type, &opener);
	if (!*opener.shell) {
		opener_free(&opener);
		if (str_starts(part->type, "text/")) {
			app_push(app, part_view_new(app, part));
			return 0;
		}
		return err_set(err, _("No program is known for %s: ~/.mailcap can name one, save-part "
				      "saves it to a file."),
			       part->type);
	}
	path = open_with_file(part, err);
	result = path ? run_opener(app, &opener, path, err) : -1;
	free(path);
	opener_free(&opener);
	return result;
}

/* --- saving --- */

#define SAVE_PARTS_MAX 500

struct saving {
	struct mime_part *part; /* of the view on top, which waits for the answer */
	char *path;
};

static void saving_free(struct saving *saving)
{
	free(saving->path);
	free(saving);
}

static void save(struct app *app, struct saving *saving, enum save_rule rule)
{
	struct err err = ERR_INIT;

	if (open_with_save(saving->part, saving->path, rule, &err) == 0)
		app_say(app, _("Saved: %s"), saving->path);
	else
		app_complain(app, &err);
}

static void over_answered(struct app *app, char key, void *arg)
{
	struct saving *saving = arg;

	if (key == 'y')
		save(app, saving, SAVE_OVER);
	else
		app_say(app, _("Nothing was saved."));
	saving_free(saving);
}

static void path_answered(struct app *app, const char *text, void *arg)
{
	struct saving *saving = arg;
	char *question;

	if (!text || !*text) {
		saving_free(saving);
		return;
	}
	free(saving->path);
	saving->path = path_expand(text);
	if (path_is_dir(saving->path)) {
		struct buf name = BUF_INIT;
		char *dir = saving->path;

		attach_safe_name(saving->part->filename ? saving->part->filename : "part", &name);
		saving->path = path_join(dir, buf_str(&name));
		free(dir);
		buf_free(&name);
	}
	if (!path_exists(saving->path)) {
		save(app, saving, SAVE_NEW);
		saving_free(saving);
		return;
	}
	question = mem_printf(_("\"%s\" is there already. Write over it? ([n]o, [y]es) "),
			      saving->path);
	app_ask_key(app, question, "ny", over_answered, saving);
	free(question);
}

/* The folder of the option, when it is there, else the home directory. */
static char *save_preset(struct app *app, const struct mime_part *part)
{
	char *dir = path_expand(app_option_text(app, "reader", "save-dir")), *preset;
	struct buf name = BUF_INIT;

	attach_safe_name(part->filename ? part->filename : "part", &name);
	if (path_is_dir(dir))
		preset = path_join(dir, buf_str(&name));
	else
		preset = mem_printf("~/%s", buf_str(&name));
	free(dir);
	buf_free(&name);
	return preset;
}

static int save_part(struct app *app, struct command_call *call, struct err *err)
{
	struct mime_part *part = part_of(app, call, err);
	struct saving *saving;
	char *preset;

	if (!part)
		return -1;
	saving = mem_alloc(sizeof *saving);
	saving->part = part;
	preset = save_preset(app, part);
	app_ask(app, _("Save to: "), preset, "file", NULL, path_answered, saving);
	free(preset);
	return 0;
}

/* The attachments, first SAVE_PARTS_MAX: each is synced. */
static int save_list(struct app *app, const struct message_part *list, size_t count, const char *dir,
		     struct err *err)
{
	size_t saved = 0, left = 0;

	for (size_t i = 0; i < count; i++) {
		char *path;

		if (list[i].is_shown || list[i].is_form)
			continue;
		if (saved == SAVE_PARTS_MAX) {
			left++;
			continue;
		}
		path = open_with_save_in(list[i].part, dir, err);
		if (!path)
			return -1;
		free(path);
		saved++;
	}
	if (left)
		app_say(app, _("%zu saved in %s; %zu are too many for once."), saved, dir, left);
	else
		app_say(app, ngettext("%zu saved in %s.", "%zu saved in %s.", saved), saved, dir);
	return 0;
}

static int save_parts(struct app *app, struct command_call *call, struct err *err)
{
	struct view *top = app_top(app);
	struct message_part *list;
	size_t count;
	char *dir;
	int result;

	if (!call->count) {
		app_ask_for(app, _("Save all attachments in the folder: "),
			    app_option_text(app, "reader", "save-dir"), "file", NULL, "save-parts");
		return 0;
	}
	if (top->class->kind == VIEW_PARTS)
		list = parts_view_list(top, &count);
	else
		message_parts(reader_view_message(top), call->arena, &list, &count);
	dir = path_expand(call->args[0]);
	result = path_is_dir(dir) ? save_list(app, list, count, dir, err)
				  : err_set(err, _("There is no folder \"%s\" to save in."), dir);
	free(dir);
	return result;
}

static int pipe_part(struct app *app, struct command_call *call, struct err *err)
{
	struct mime_part *part = part_of(app, call, err);
	struct buf bytes = BUF_INIT;
	int result;

	if (!part)
		return -1;
	if (!call->count) {
		app_ask_for(app, _("Give the part to the command: "), "", "shell", NULL, "pipe-part");
		return 0;
	}
	if (mime_decode_body(part, PIPE_MAX, &bytes))
		result = err_set(err, _("This part is too big for a pipe; save it first."));
	else {
		const char *argv[] = {"sh", "-c", call->args[0], NULL};

		result = app_run_program(app, argv, buf_str(&bytes), bytes.len, true, err);
	}
	buf_free(&bytes);
	return result;
}

#define BOTH (VIEW_INDEX | VIEW_READER)

const struct command cmd_reader_rows[] = {
	{"headers", "", N_("all headers, or the few that matter"), VIEW_READER, 0, 0, 0, headers, NULL},
	{"html", "", N_("the HTML form of the letter, or the plain text"), VIEW_READER, 0, 0, 0, html,
	 NULL},
	{"raw", "", N_("the letter's bytes as they came"), VIEW_READER, 0, 0, 0, raw, NULL},
	{"quotes", "", N_("fold or unfold what is quoted"), VIEW_READER, 0, 0, 0, quotes, NULL},
	{"quote", "", N_("fold or unfold the first quotation in sight"), VIEW_READER, 0, 0, 0, quote, NULL},
	{"skip-quoted", "", N_("to the text behind the next quote"), VIEW_READER, 0, 0, 0, skip_quoted,
	 NULL},
	{"read-on", "", N_("a page on, at the end to the next message"), VIEW_READER, 0, 0, 0, read_on,
	 NULL},
	{"parts", "", N_("the list of the letter's parts"), BOTH, NEEDS_MESSAGE | NEEDS_SCREEN, 0, 0,
	 parts, NULL},
	{"open-part", "[NUMBER]", N_("open the part with its program"), VIEW_READER | VIEW_PARTS,
	 NEEDS_SCREEN, 0, 1, open_part, NULL},
	{"save-part", "[NUMBER]", N_("save the part to a file"), VIEW_READER | VIEW_PARTS, 0, 0, 1,
	 save_part, NULL},
	{"save-parts", "[FOLDER]", N_("save all attachments in a folder"), VIEW_READER | VIEW_PARTS, 0, 0, 1,
	 save_parts, NULL},
	{"pipe-part", "[COMMAND]", N_("give the part to a shell command"), VIEW_PARTS, NEEDS_SCREEN, 0, 1,
	 pipe_part, NULL},
	{"follow-link", "[NUMBER]", N_("open a link of the letter"), VIEW_READER, NEEDS_SCREEN, 0, 1,
	 follow_link, NULL},
	{"copy-link", "[NUMBER]", N_("copy a link of the letter"), VIEW_READER, NEEDS_SCREEN, 0, 1,
	 copy_link, NULL},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
