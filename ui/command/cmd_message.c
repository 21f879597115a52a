#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mail/store.h"
#include "ui/command/app.h"
#include "ui/command/fetching.h"
#include "ui/command/folders.h"
#include "ui/command/leave.h"
#include "ui/command/nearby.h"
#include "ui/command/query_complete.h"
#include "ui/command/tables.h"
#include "ui/command/wish.h"
#include "ui/view/index_view.h"
#include "ui/view/reader_view.h"

#define MAIL	    (VIEW_INDEX | VIEW_READER)
#define WRITES	    (NEEDS_MESSAGE | NEEDS_WRITABLE)
#define LISTS	    (VIEW_ANY & ~VIEW_DRAFT)
#define MATCH_LIMIT 100000

/* --- one change, told and undoable -------------------------------------------------------------- */

static int apply(struct app *app, const struct target *target, const struct store_change *change,
		 const char *done, struct err *err)
{
	return wish_change(app, target->account, target->ids, (size_t)target->count, change, done,
			   err);
}

/* "deleted 1 message", with the subject when there is one only? No: short. */
static char *say_count(struct arena *arena, const char *one, const char *many, int count)
{
	char *text = arena_strdup(arena, ngettext(one, many, (unsigned long)count));
	char *mark = strstr(text, "%d");

	if (!mark)
		return text;
	return arena_printf(arena, "%.*s%d%s", (int)(mark - text), text, count, mark + 2);
}

static void after(struct app *app, const struct target *target)
{
	if (!target->is_tagged)
		nearby_resolve(app);
}

static int change_flags(struct app *app, struct command_call *call, unsigned set, unsigned clear,
			const char *one, const char *many, struct err *err)
{
	struct store_change change = {.set = set, .clear = clear};

	if (apply(app, &call->target, &change,
		  say_count(call->arena, one, many, call->target.count), err) < 0)
		return -1;
	after(app, &call->target);
	return 0;
}

/* --- moving ------------------------------------------------------------------------------------- */

/* What has gone from the list is tagged no more. */
static void untag_moved(struct app *app)
{
	struct view *index = app_view(app, VIEW_INDEX);

	if (index)
		index_view_untag_all(index);
}

static int move_to(struct app *app, struct command_call *call, int64_t folder, const char *name,
		   bool copy, struct err *err)
{
	struct store_change change = {.move_to = folder, .is_copy = copy};
	int count = call->target.count;
	char *what = copy ? say_count(call->arena, NN_("copied %d message", "copied %d messages"), count)
			  : say_count(call->arena, NN_("moved %d message", "moved %d messages"), count);

	what = arena_printf(call->arena, _("%s to %s"), what, name);
	if (!call->target.is_tagged)
		nearby_resolve(app); /* before its row goes */
	if (apply(app, &call->target, &change, what, err) < 0)
		return -1;
	if (call->target.is_tagged && !copy)
		untag_moved(app);
	return 0;
}

static void ask_where(struct app *app, struct command_call *call, bool copy)
{
	const char *question = copy ? _("Copy to folder: ") : _("Move to folder: ");

	if (app->moved_to)
		question = arena_printf(call->arena,
					copy ? _("Copy to folder (Enter: %s): ") : _("Move to folder (Enter: %s): "),
					app->moved_to);
	app_ask_for(app, question, NULL, "folder", folders_complete, call->command->name);
}

static void remember_where(struct app *app, const char *name)
{
	char *kept = mem_strdup(name);

	free(app->moved_to);
	app->moved_to = kept;
}

static int move_or_copy(struct app *app, struct command_call *call, bool copy, struct err *err)
{
	const char *name;
	int64_t folder;

	if (!call->count) {
		ask_where(app, call, copy);
		return 0;
	}
	name = *call->args[0] || !app->moved_to ? call->args[0] : arena_strdup(call->arena, app->moved_to);
	if (!*name)
		return err_set_kind(err, ERR_CANCELLED, _("no folder, nothing done"));
	if (folders_find_in(app, call->target.account, name, call->arena, &folder, err) < 0 ||
	    move_to(app, call, folder, name, copy, err) < 0)
		return -1;
	remember_where(app, name);
	return 0;
}

static int move(struct app *app, struct command_call *call, struct err *err)
{
	return move_or_copy(app, call, false, err);
}

static int copy_message(struct app *app, struct command_call *call, struct err *err)
{
	return move_or_copy(app, call, true, err);
}

static int move_to_role(struct app *app, struct command_call *call, enum account_role role,
			const char *missing, struct err *err)
{
	struct store *store = app_store(app, call->target.account, err);
	struct folder folder;
	int found;

	if (!store)
		return -1;
	found = store_folder_by_role(store, role, call->arena, &folder, err);
	if (found == 0)
		return err_set_kind(err, ERR_NOT_FOUND, "%s", missing);
	return found < 0 ? -1 : move_to(app, call, folder.id, folder.name, false, err);
}

static int archive(struct app *app, struct command_call *call, struct err *err)
{
	return move_to_role(app, call, ROLE_ARCHIVE,
			    _("this account has no folder for the archive; make-folder Archive makes one"),
			    err);
}

/* --- threads and patterns as targets ------------------------------------------------------------ */

static int take_thread(struct app *app, struct command_call *call, struct err *err)
{
	struct view *index = app_view(app, VIEW_INDEX);
	int64_t *ids;
	size_t count;

	if (call->target.is_tagged)
		return 0;
	if (index_view_thread_ids(index, call->arena, &ids, &count, err) < 0)
		return -1;
	index_view_targets(index, ids, count, call->arena, &call->target);
	return 0;
}

static int take_pattern(struct app *app, struct command_call *call, struct err *err)
{
	struct view *index = app_view(app, VIEW_INDEX);
	int64_t *ids;
	size_t count;

	if (!*call->args[0]) /* would be everything */
		return err_set_kind(err, ERR_CANCELLED, _("no pattern, nothing done"));
	if (index_view_matching(index, call->args[0], MATCH_LIMIT, call->arena, &ids, &count, err) < 0)
		return -1;
	if (!count)
		return err_set_kind(err, ERR_NOT_FOUND, _("no message matches \"%s\""), call->args[0]);
	call->target.is_tagged = true; /* the cursor stays */
	index_view_targets(index, ids, count, call->arena, &call->target);
	return 0;
}

/* What the pattern found may belong to several accounts. */
static int for_each_account(struct app *app, struct command_call *call, command_fn *run, struct err *err)
{
	const struct target *rest = call->target.next;
	int rc = run(app, call, err);

	for (; rc == 0 && rest; rest = rest->next) {
		call->target = *rest;
		rc = run(app, call, err);
	}
	return rc;
}

static int archive_thread(struct app *app, struct command_call *call, struct err *err)
{
	return take_thread(app, call, err) < 0 ? -1 : archive(app, call, err);
}

/* --- deleting ----------------------------------------------------------------------------------- */

static int delete_targets(struct app *app, struct command_call *call, struct err *err)
{
	struct view *index = app_view(app, VIEW_INDEX);
	struct store *store = app_store(app, call->target.account, err);
	struct folder trash;

	if (!store)
		return -1;
	if (strcmp(app_option_text(app, "general", "delete"), "trash") == 0 &&
	    store_folder_by_role(store, ROLE_TRASH, call->arena, &trash, NULL) == 1 &&
	    (!index || index_view_folder(index) != trash.id))
		return move_to(app, call, trash.id, trash.name, false, err);
	leave_note_marked(app);
	return change_flags(app, call, BOX_DELETED, 0,
			    NN_("marked %d message as deleted", "marked %d messages as deleted"), err);
}

static int delete_thread(struct app *app, struct command_call *call, struct err *err)
{
	return take_thread(app, call, err) < 0 ? -1 : delete_targets(app, call, err);
}

static int delete_pattern(struct app *app, struct command_call *call, struct err *err)
{
	if (!call->count) {
		app_ask_for(app, _("Delete messages that match: "), NULL, "limit", query_complete,
			    "delete-pattern");
		return 0;
	}
	return take_pattern(app, call, err) < 0 ? -1 : for_each_account(app, call, delete_targets, err);
}

static int undelete(struct app *app, struct command_call *call, struct err *err)
{
	return change_flags(app, call, 0, BOX_DELETED, NN_("kept %d message", "kept %d messages"),
			    err);
}

static int undelete_thread(struct app *app, struct command_call *call, struct err *err)
{
	return take_thread(app, call, err) < 0 ? -1 : undelete(app, call, err);
}

static int undelete_pattern(struct app *app, struct command_call *call, struct err *err)
{
	if (!call->count) {
		app_ask_for(app, _("Keep messages that match: "), NULL, "limit", query_complete,
			    "undelete-pattern");
		return 0;
	}
	return take_pattern(app, call, err) < 0 ? -1 : for_each_account(app, call, undelete, err);
}

static int sync_mailbox(struct app *app, struct command_call *call, struct err *err)
{
	long count = leave_purge(app, err);

	(void)call;
	leave_write_flags(app);
	if (count == 0)
		app_say(app, _("nothing is marked as deleted here"));
	return count < 0 ? -1 : 0;
}

/* --- flags -------------------------------------------------------------------------------------- */

static unsigned flags_of_first(struct app *app, struct command_call *call)
{
	struct store *store = app_store(app, call->target.account, NULL);
	struct message message;

	if (!store || store_message(store, call->target.ids[0], call->arena, &message, NULL) != 1)
		return 0;
	return message.flags;
}

static int flag(struct app *app, struct command_call *call, struct err *err)
{
	if (flags_of_first(app, call) & BOX_FLAGGED)
		return change_flags(app, call, 0, BOX_FLAGGED,
				    NN_("took the flag off %d message", "took the flag off %d messages"), err);
	return change_flags(app, call, BOX_FLAGGED, 0,
			    NN_("flagged %d message", "flagged %d messages"), err);
}

static int mark_read(struct app *app, struct command_call *call, struct err *err)
{
	return change_flags(app, call, BOX_SEEN, 0,
			    NN_("marked %d message as read", "marked %d messages as read"), err);
}

static int mark_unread(struct app *app, struct command_call *call, struct err *err)
{
	return change_flags(app, call, 0, BOX_SEEN,
			    NN_("marked %d message as unread", "marked %d messages as unread"), err);
}

static int toggle_new(struct app *app, struct command_call *call, struct err *err)
{
	return flags_of_first(app, call) & BOX_SEEN ? mark_unread(app, call, err)
						    : mark_read(app, call, err);
}

static int read_thread(struct app *app, struct command_call *call, struct err *err)
{
	return take_thread(app, call, err) < 0 ? -1 : mark_read(app, call, err);
}

static int add_tag(struct app *app, struct command_call *call, struct err *err)
{
	bool add = strcmp(call->command->name, "add-tag") == 0;
	struct store_change change = {.add_tag = add ? call->args[0] : NULL,
				      .remove_tag = add ? NULL : call->args[0]};
	char *done = add ? arena_printf(call->arena, _("added the tag %s"), call->args[0])
			 : arena_printf(call->arena, _("took off the tag %s"), call->args[0]);

	return apply(app, &call->target, &change, done, err);
}

/* --- to other programs -------------------------------------------------------------------------- */

/* A reader that shows what was in the letter gives that. */
static bool is_opened_here(struct app *app, const struct command_call *call)
{
	struct view *top = app_top(app);

	return top->class->kind == VIEW_READER && call->target.count == 1 &&
	       reader_view_id(top) == call->target.ids[0] && reader_view_is_opened(top);
}

static int read_shown(struct app *app, struct buf *out)
{
	size_t len;
	const char *bytes = reader_view_bytes(app_top(app), &len);

	buf_add(out, bytes, len);
	return 0;
}

static int read_all(struct app *app, struct command_call *call, struct buf *out, struct err *err)
{
	struct store *store = app_store(app, call->target.account, err);
	struct box_message bytes;
	int i;

	if (is_opened_here(app, call))
		return read_shown(app, out);
	for (i = 0; store && i < call->target.count; i++) {
		if (fetching_open(app, call->target.account, call->target.ids[i], &bytes, err) < 0)
			return fetching_is_away(app, call->target.account, call->target.ids[i])
				       ? fetching_go_on(app, call, err)
				       : -1;
		buf_add(out, bytes.data, bytes.len);
		box_message_close(&bytes);
	}
	return store ? 0 : -1;
}

static int feed(struct app *app, struct command_call *call, const char *const *argv, bool wait,
		struct err *err)
{
	struct buf text = BUF_INIT;
	int result = read_all(app, call, &text, err);

	if (result == 0)
		result = app_run_program(app, argv, buf_str(&text), text.len, wait, err);
	buf_free(&text);
	return result < 0 ? -1 : 0;
}

static int pipe_message(struct app *app, struct command_call *call, struct err *err)
{
	const char *argv[] = {"sh", "-c", NULL, NULL};

	if (!call->count) {
		app_ask_for(app, _("Pipe to command: "), NULL, "shell", NULL, "pipe");
		return 0;
	}
	if (!*call->args[0])
		return err_set_kind(err, ERR_CANCELLED, _("no command, nothing done"));
	argv[2] = call->args[0];
	return feed(app, call, argv, app_option_bool(app, "general", "wait-key"), err);
}

static int print_message(struct app *app, struct command_call *call, struct err *err)
{
	const char *line = app_option_text(app, "general", "print-command");
	char **words;
	int count;

	if (command_split(&line, call->arena, &words, &count, err) < 1)
		return err_set(err, _("option print-command is empty"));
	return feed(app, call, (const char *const *)words, false, err);
}

/* --- taking back -------------------------------------------------------------------------------- */

static int undo(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return wish_undo(app, err);
}

const struct command cmd_message_rows[] = {
    {"delete", "", N_("delete the message"), MAIL, WRITES, 0, 0, delete_targets, NULL},
    {"delete-thread", "", N_("delete the whole thread"), MAIL, WRITES, 0, 0, delete_thread, NULL},
    {"delete-pattern", "[QUERY]", N_("delete the messages that match"), VIEW_INDEX, NEEDS_WRITABLE,
     0, 1, delete_pattern, NULL},
    {"undelete", "", N_("take the deletion mark off"), MAIL, WRITES, 0, 0, undelete, NULL},
    {"undelete-thread", "", N_("take the deletion marks off the thread"), MAIL, WRITES, 0, 0,
     undelete_thread, NULL},
    {"undelete-pattern", "[QUERY]", N_("take the deletion marks off what matches"), VIEW_INDEX,
     NEEDS_WRITABLE, 0, 1, undelete_pattern, NULL},
    {"sync-mailbox", "", N_("clear away the messages marked as deleted"), MAIL, NEEDS_WRITABLE, 0, 0,
     sync_mailbox, NULL},
    {"archive", "", N_("move the message to the archive"), MAIL, WRITES, 0, 0, archive, NULL},
    {"archive-thread", "", N_("move the whole thread to the archive"), MAIL, WRITES, 0, 0,
     archive_thread, NULL},
    {"move", "[FOLDER]", N_("move the message to a folder"), MAIL, WRITES, 0, 1, move,
     folders_complete_first},
    {"copy", "[FOLDER]", N_("copy the message to a folder"), MAIL, WRITES, 0, 1, copy_message,
     folders_complete_first},
    {"flag", "", N_("flag the message as important, or not"), MAIL, WRITES, 0, 0, flag, NULL},
    {"read", "", N_("mark the message as read"), MAIL, WRITES, 0, 0, mark_read, NULL},
    {"unread", "", N_("mark the message as unread"), MAIL, WRITES, 0, 0, mark_unread, NULL},
    {"toggle-new", "", N_("mark the message as unread or read"), MAIL, WRITES, 0, 0, toggle_new,
     NULL},
    {"read-thread", "", N_("mark the whole thread as read"), MAIL, WRITES, 0, 0, read_thread, NULL},
    {"add-tag", "TAG", N_("give the message a tag"), MAIL, WRITES, 1, 1, add_tag, NULL},
    {"remove-tag", "TAG", N_("take a tag off the message"), MAIL, WRITES, 1, 1, add_tag, NULL},
    {"pipe", "[COMMAND]", N_("give the message to a shell command"), MAIL,
     NEEDS_MESSAGE | NEEDS_SCREEN, 0, 1, pipe_message, NULL},
    {"print", "", N_("print the message"), MAIL, NEEDS_MESSAGE | NEEDS_SCREEN, 0, 0, print_message,
     NULL},
    {"undo", "", N_("take the last action back"), LISTS, 0, 0, 0, undo, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
