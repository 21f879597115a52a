/* The parts of a letter: listed, shown, opened, saved, given to programs. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"
#include "ui/command/fetching.h"
#include "ui/command/letter_source.h"
#include "ui/command/saving.h"
#include "ui/command/tables.h"
#include "ui/render/message.h"
#include "ui/render/open_with.h"
#include "ui/view/parts_view.h"
#include "ui/view/reader_view.h"
#include "ui/view/verdict.h"

static struct view *list_of_reader(struct app *app, struct err *err)
{
	struct view *reader = app_top(app);

	if (!reader_view_id(reader) || reader_view_is_opened(reader) || reader_view_has_outline(reader))
		return parts_view_new_shown(app, reader);
	return parts_view_new(app, reader_view_account(reader), reader_view_id(reader), reader, err);
}

static bool is_awaited(const struct view *view)
{
	return view->class->kind == VIEW_READER && reader_view_is_awaited(view);
}

static int list_parts(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view, *top = app_top(app);

	if (is_awaited(top) && !reader_view_has_outline(top))
		return fetching_wait(app, call, err);
	if (letter_source_unlock(app, call, err) < 0)
		return -1;
	top = app_top(app);
	if (top->class->kind == VIEW_READER)
		view = list_of_reader(app, err);
	else
		view = parts_view_new(app, call->target.account, call->target.ids[0], NULL, err);
	if (!view)
		return -1;
	app_push(app, view);
	return 0;
}

/* The part is on the server: the reader fetches it, and shows how far it is. */
static struct mime_part *fetch_part(struct app *app, struct command_call *call, size_t number, bool is_in_parts,
				    struct err *err)
{
	struct view *reader;

	if (is_in_parts && app_pop(app, err) < 0)
		return NULL;
	reader = app_top(app);
	if (reader->class->kind == VIEW_READER &&
	    reader_view_fetch_part(reader, number, command_line_of(call), is_in_parts))
		fetching_say(app, reader_view_account(reader), err);
	else
		err_set(err, _("This part is not on this computer."));
	return NULL;
}

static struct mime_part *part_of_list(struct app *app, struct command_call *call, struct err *err)
{
	size_t away = parts_view_away(app_top(app));

	return away ? fetch_part(app, call, away, true, err) : parts_view_current(app_top(app));
}

static struct mime_part *part_of_reader(struct app *app, struct command_call *call, struct err *err)
{
	const struct message_part *list;
	struct view *reader = app_top(app);
	size_t count;
	long long number;

	if (is_awaited(reader) && !reader_view_has_outline(reader)) {
		fetching_wait(app, call, err);
		return NULL;
	}
	list = reader_view_parts(reader, &count);
	if (call->count && str_to_long(call->args[0], &number) == 0 && number >= 1 &&
	    number <= (long long)count)
		return list[number - 1].is_away ? fetch_part(app, call, (size_t)number, false, err)
						: list[number - 1].part;
	err_set(err, _("This letter has no part number %s."), call->count ? call->args[0] : "");
	return NULL;
}

/* The part a command means: by number in the reader, else where the cursor stands. NULL: an error, or it comes. */
static struct mime_part *part_of(struct app *app, struct command_call *call, struct err *err)
{
	return app_top(app)->class->kind == VIEW_PARTS ? part_of_list(app, call, err)
							: part_of_reader(app, call, err);
}

/* --- shown and opened --- */

static bool can_show(const struct mime_part *part)
{
	if (str_starts(part->type, "message/"))
		return part->first_child != NULL;
	return str_starts(part->type, "text/") || str_starts(part->type, "image/");
}

static struct verdict *verdict_of(const struct view *view, size_t *about)
{
	size_t message;

	if (view->class->kind == VIEW_PARTS)
		return parts_view_verdict(view, about);
	return reader_view_verdict(view, about, &message);
}

static bool is_unprotected(const struct view *view)
{
	return view->class->kind == VIEW_PARTS ? parts_view_is_unprotected(view) : reader_view_is_unprotected(view);
}

static void show(struct app *app, const struct mime_part *part)
{
	size_t about = 0;
	bool unprotected = is_unprotected(app_top(app));
	struct verdict *verdict = verdict_of(app_top(app), &about);
	size_t opened = verdict_opened(verdict, part);

	app_push(app, opened ? reader_view_new_opened(app, verdict, opened)
			     : reader_view_new_part(app, part, verdict, about, unprotected));
}

/* A viewer that was closed by a signal is no news. */
static void ended(void *arg, pid_t pid, int status)
{
	struct app *app = arg;
	struct err err = ERR_INIT;

	(void)pid;
	if (!WIFEXITED(status) || !WEXITSTATUS(status))
		return;
	err_set(&err, _("the program for this part ended with exit code %d"), WEXITSTATUS(status));
	app_complain(app, &err);
	app_dirty(app);
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
	loop_add_child(app->loop, "an opened part", child.pid, ended, app);
	return 0;
}

static int open_outside(struct app *app, const struct mime_part *part, const struct opener *opener,
			struct err *err)
{
	char *path = open_with_file(part, err);
	int result = path ? run_opener(app, opener, path, err) : -1;

	free(path);
	return result;
}

struct unasked {
	const struct mime_part *part; /* of the view on top, which waits for the answer */
	struct opener opener;
};

static void outside_answered(struct app *app, char key, void *arg)
{
	struct unasked *unasked = arg;
	struct err err = ERR_INIT;

	if (key == 'y' && open_outside(app, unasked->part, &unasked->opener, &err) < 0)
		app_complain(app, &err);
	opener_free(&unasked->opener);
	free(unasked);
}

/* Whoever changed it on the way may have built it so that a program carries its text away (EFAIL). OPENER goes over. */
static void ask_first(struct app *app, const struct mime_part *part, struct opener *opener)
{
	struct unasked *unasked = mem_alloc(sizeof *unasked);

	*unasked = (struct unasked){part, *opener};
	*opener = (struct opener){NULL, false};
	app_ask_key(app,
		    _("Nothing protects this letter: opened by a program, it could send out what it says. Open it "
		      "all the same? ([n]o, [y]es) "),
		    "ny", outside_answered, unasked);
}

static int open_it(struct app *app, const struct mime_part *part, struct err *err)
{
	struct opener opener;
	size_t about;
	int result = 0;

	if (verdict_opened(verdict_of(app_top(app), &about), part)) {
		show(app, part); /* what was decrypted stays in here */
		return 0;
	}
	open_with_find(part->type, &opener);
	if (*opener.shell && is_unprotected(app_top(app)))
		ask_first(app, part, &opener);
	else if (*opener.shell)
		result = open_outside(app, part, &opener, err);
	else if (can_show(part))
		show(app, part);
	else if (part->first_child)
		result = err_set(err, _("This part only holds others."));
	else
		result = err_set(err,
				 _("No program is known for %s: ~/.mailcap can name one, save-part "
				   "saves it to a file."),
				 part->type);
	opener_free(&opener);
	return result;
}

static int open_part(struct app *app, struct command_call *call, struct err *err)
{
	struct mime_part *part = part_of(app, call, err);

	return part ? open_it(app, part, err) : -1;
}

/* Here, where it can be; else by its program. */
static int show_part(struct app *app, struct command_call *call, struct err *err)
{
	struct mime_part *part = part_of(app, call, err);

	if (!part)
		return -1;
	if (!can_show(part))
		return open_it(app, part, err); /* also what was opened by itself */
	show(app, part);
	return 0;
}

/* --- saved --- */

static int save_part(struct app *app, struct command_call *call, struct err *err)
{
	struct mime_part *part = part_of(app, call, err);

	if (!part)
		return -1;
	if (part->first_child && str_starts(part->type, "multipart/"))
		return err_set(err, _("This part only holds others."));
	saving_ask(app, part);
	return 0;
}

static int ask_folder(struct app *app)
{
	char *dir = saving_folder(app);

	app_ask_for(app, _("Save all attachments in the folder: "), dir, "file", NULL, "save-parts");
	free(dir);
	return 0;
}

/* The letter of a list of parts, or of a reader; ID 0: BYTES. */
static int64_t letter_of(const struct view *view, const char **account, const char **bytes, size_t *len)
{
	if (view->class->kind == VIEW_PARTS)
		return parts_view_letter(view, account, bytes, len);
	*account = reader_view_account(view);
	*bytes = reader_view_bytes(view, len);
	return reader_view_is_opened(view) || reader_view_has_outline(view) ? 0 : reader_view_id(view);
}

static int save_parts(struct app *app, struct command_call *call, struct err *err)
{
	const char *account, *bytes;
	size_t len;
	struct view *top = app_top(app);
	int64_t id = letter_of(top, &account, &bytes, &len);

	if (!call->count)
		return ask_folder(app);
	if (top->class->kind == VIEW_PARTS && parts_view_lacks_parts(top))
		return app_pop(app, err) < 0 ? -1 : fetching_go_on(app, call, err);
	if (is_awaited(top) && reader_view_lacks_parts(top))
		return fetching_go_on(app, call, err);
	if (!id)
		return saving_bytes(app, bytes, len, call->args[0], err);
	return saving_letters(app, account, &id, 1, call->args[0], err);
}

static int save_parts_of_letters(struct app *app, struct command_call *call, struct err *err)
{
	const struct target *target = &call->target;

	if (!call->count)
		return ask_folder(app);
	return saving_letters(app, target->account, target->ids, target->count, call->args[0], err);
}

/* --- piped --- */

static int pipe_part(struct app *app, struct command_call *call, struct err *err)
{
	const char *argv[] = {"sh", "-c", NULL, NULL};
	struct mime_part *part;
	int fd, result;

	if (!call->count) {
		app_ask_for(app, _("Give the part to the command: "), "", "shell", NULL, "pipe-part");
		return 0;
	}
	part = part_of(app, call, err);
	if (!part)
		return -1;
	fd = open_with_fd(part, err);
	if (fd < 0)
		return -1;
	argv[2] = call->args[0];
	result = app_run_program_fd(app, argv, fd, true, err);
	close(fd);
	return result;
}

#define HERE (VIEW_READER | VIEW_PARTS)

const struct command cmd_part_rows[] = {
	{"parts", "", N_("the tree of the letter's parts"), VIEW_INDEX, NEEDS_MESSAGE | NEEDS_SCREEN, 0, 0,
	 list_parts, NULL},
	{"parts", "", N_("the tree of the letter's parts"), VIEW_READER, NEEDS_SCREEN, 0, 0, list_parts,
	 NULL},
	{"show-part", "[NUMBER]", N_("show the part here, or open it with its program"), HERE, NEEDS_SCREEN,
	 0, 1, show_part, NULL},
	{"open-part", "[NUMBER]", N_("open the part with its program"), HERE, NEEDS_SCREEN, 0, 1, open_part,
	 NULL},
	{"save-part", "[NUMBER]", N_("save the part to a file"), HERE, 0, 0, 1, save_part, NULL},
	{"save-parts", "[FOLDER]", N_("save all attachments in a folder"), HERE, 0, 0, 1, save_parts, NULL},
	{"save-parts", "[FOLDER]", N_("save all attachments in a folder"), VIEW_INDEX, NEEDS_MESSAGE, 0, 1,
	 save_parts_of_letters, NULL},
	{"pipe-part", "[COMMAND]", N_("give the part to a shell command"), VIEW_PARTS, NEEDS_SCREEN, 0, 1,
	 pipe_part, NULL},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
