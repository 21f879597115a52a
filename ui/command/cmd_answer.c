#include "config.h"
#include "ui/command/cmd_answer.h"

#include "compose/draft.h"
#include "compose/forward.h"
#include "compose/mailto.h"
#include "compose/recall.h"
#include "compose/reply.h"
#include "compose/resend.h"
#include "compose/start.h"
#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/box/box.h"
#include "store/mail/store.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/letter_source.h"
#include "ui/command/nearby.h"
#include "ui/command/outside_editor.h"
#include "ui/command/tables.h"
#include "ui/view/draft_view.h"
#include "ui/view/index_view.h"

#define MAIL (VIEW_INDEX | VIEW_READER)
#define LISTS (VIEW_ANY & ~(VIEW_DRAFT | VIEW_WIZARD))

static int show_draft(struct app *app, struct draft *draft, struct err *err)
{
	struct view *view;

	if (!draft)
		return -1;
	view = draft_view_new(app, draft);
	app_push(app, view);
	if (outside_editor_is_wished(app) && app->term && *draft->to)
		return outside_editor_start(app, view, err);
	return 0;
}

/* --- new letters --- */

static int write_mailto(struct app *app, const char *url, struct err *err)
{
	struct mailto_result result = {0};
	struct draft *draft = mailto_make(&app->compose, url, nearby_account(app), &result, err);

	if (show_draft(app, draft, err) < 0)
		return -1;
	if (*result.refused)
		app_say(app, _("The link also asked for these, which were left out: %s"), result.refused);
	return 0;
}

static int write_new(struct app *app, struct command_call *call, struct err *err)
{
	struct draft *draft;

	if (call->count && mailto_is(call->args[0]))
		return write_mailto(app, call->args[0], err);
	draft = start_new(&app->compose, nearby_account(app));
	if (draft && call->count)
		draft_set(&draft->to, call->args[0]);
	return show_draft(app, draft, err);
}

/* --- from a message --- */

/* What came encrypted must not go out readable without a word, however long it lies about until then. */
static int show_made(struct app *app, struct draft *draft, bool was_encrypted, struct err *err)
{
	int rc;

	if (draft)
		draft->was_encrypted = was_encrypted;
	rc = show_draft(app, draft, err);
	if (rc == 0 && was_encrypted)
		app_say(app, _("The letter came encrypted. Your draft lies readable on this "
			       "machine only; you are "
			       "asked before it goes out."));
	return rc;
}

static int answer(struct app *app, struct command_call *call, enum reply_to whom, struct err *err)
{
	struct letter_source source;
	struct draft *draft;

	if (letter_source_unlock(app, call, err) < 0 || letter_source_open_text(&source, app, call, err) < 0)
		return -1;
	letter_source_look_into_boxes(&source);
	draft = reply_make(&app->compose, source.message, whom, source.account,
			   letter_source_shown(&source), err);
	letter_source_close(&source);
	return show_made(app, draft, source.was_encrypted, err);
}

static int reply(struct app *app, struct command_call *call, struct err *err)
{
	return answer(app, call, REPLY_SENDER, err);
}

static int reply_all(struct app *app, struct command_call *call, struct err *err)
{
	return answer(app, call, REPLY_ALL, err);
}

static int reply_list(struct app *app, struct command_call *call, struct err *err)
{
	return answer(app, call, REPLY_LIST, err);
}

static int pass_on(struct app *app, struct command_call *call, enum forward_mode mode, struct err *err)
{
	struct letter_source source;
	struct draft *draft;

	if (letter_source_await(&source, app, call, 0, err) < 0)
		return -1;
	draft = forward_make(&app->compose, source.message, mode, source.account,
			     letter_source_shown(&source), err);
	letter_source_close(&source);
	return show_made(app, draft, source.was_encrypted, err);
}

static int forward(struct app *app, struct command_call *call, struct err *err)
{
	if (letter_source_unlock(app, call, err) < 0)
		return -1;
	return pass_on(app, call, forward_mode(&app->compose), err);
}

static int forward_attached(struct app *app, struct command_call *call, struct err *err)
{
	return pass_on(app, call, FORWARD_ATTACHED, err);
}

static int edit_as_new(struct app *app, struct command_call *call, struct err *err)
{
	struct letter_source source;
	struct draft *draft;

	if (letter_source_await(&source, app, call, 0, err) < 0)
		return -1;
	draft = recall_message(&app->compose, source.message, source.account, err);
	letter_source_close(&source);
	return show_made(app, draft, source.was_encrypted, err);
}

static int bounce(struct app *app, struct command_call *call, struct err *err)
{
	struct letter_source source;
	int64_t id = 0;

	if (!call->count) {
		app_ask_for(app, _("Pass the letter on, as it is, to: "), "", "address", NULL, "bounce");
		return 0;
	}
	for (int i = 0; i < call->target.count && id >= 0; i++) {
		if (letter_source_await(&source, app, call, i, err) < 0)
			return -1;
		id = resend_letter(&app->compose, source.bytes.data, source.bytes.len, source.account,
				   call->args[0], err);
		letter_source_close(&source);
	}
	if (id < 0)
		return -1;
	app_say(app, ngettext("%d letter passed on.", "%d letters passed on.",
			      (unsigned long)call->target.count), call->target.count);
	app_ring(app, "");
	return 0;
}

/* --- recall --- */

/* The message of the Drafts folder that the index stands on; 0: it does not. */
static int64_t postponed_here(struct app *app, struct arena *arena)
{
	struct view *index = app_view(app, VIEW_INDEX);
	struct store *store = index ? app_store(app, index_view_account(index), NULL) : NULL;
	struct folder folder;

	if (!store || store_folder_by_role(store, ROLE_DRAFTS, arena, &folder, NULL) != 1)
		return 0;
	return index_view_folder(index) == folder.id ? index_view_current_own(index) : 0;
}

/* A letter that came back from the outbox: why. */
static void say_why_failed(struct app *app, const struct mime_message *message)
{
	struct arena *arena = arena_new();
	const char *why = mime_field_text(&message->root.header, "X-Tern-Failed", arena);

	if (why)
		app_say(app, _("It was not sent. %s"), why);
	arena_free(&arena);
}

static int recall_one(struct app *app, const char *account, int64_t id, struct err *err)
{
	struct target target = {.account = account, .ids = &id, .count = 1};
	struct store *store = app_store(app, account, err);
	struct letter_source source;
	struct draft *draft;
	struct message row;
	struct folder folder;
	struct arena *arena;
	int result;

	if (!store || letter_source_open(&source, app, &target, 0, err) < 0)
		return -1;
	arena = arena_new();
	if (store_message(store, id, arena, &row, NULL) == 1 &&
	    store_folder(store, row.folder, arena, &folder, NULL) == 1)
		draft = recall_postponed(&app->compose, source.message, folder.path, row.key, account,
					 err);
	else
		draft = recall_message(&app->compose, source.message, account, err);
	arena_free(&arena);
	result = show_draft(app, draft, err);
	if (result == 0)
		say_why_failed(app, source.message);
	letter_source_close(&source);
	return result;
}

/* The newest that lies about: 1 shown, 0 none, -1. */
static int recall_left(struct app *app, struct err *err)
{
	struct draft_list list = {0};
	struct draft *draft = NULL;
	int result = draft_list_load(&list, err) < 0 ? -1 : 0;

	for (size_t i = 0; result == 0 && i < list.count; i++) {
		if (list.items[i].is_open)
			continue;
		draft = draft_load(list.items[i].id, err);
		result = show_draft(app, draft, err) < 0 ? -1 : 1;
	}
	draft_list_free(&list);
	return result;
}

static int open_drafts(struct app *app, struct arena *arena, struct err *err)
{
	const char *account = nearby_account(app);
	struct view *index = app_view(app, VIEW_INDEX);
	struct store *store = account ? app_store(app, account, err) : NULL;
	struct folder folder;

	if (!store || !index ||
	    store_folder_by_role(store, ROLE_DRAFTS, arena, &folder, err) != 1 || !folder.total)
		return err_set(err, _("There is no unfinished letter."));
	if (app_top(app) != index && app_pop(app, err) < 0)
		return -1;
	if (index_view_open(index, account, folder.id, err) < 0)
		return -1;
	app_say(app, _("Choose a letter: Enter goes on with it."));
	return 0;
}

static int recall(struct app *app, struct command_call *call, struct err *err)
{
	int64_t id = postponed_here(app, call->arena);
	int left;

	if (id)
		return recall_one(app, nearby_account(app), id, err);
	left = recall_left(app, err);
	return left ? (left < 0 ? -1 : 0) : open_drafts(app, call->arena, err);
}

static bool is_unfinished(struct app *app, int64_t id, struct arena *arena)
{
	struct store *store = app_store(app, nearby_account(app), NULL);
	struct message row;

	return store && store_message(store, id, arena, &row, NULL) == 1 && (row.flags & BOX_DRAFT);
}

int cmd_answer_go_on(struct app *app)
{
	struct err ignored = ERR_INIT;
	struct arena *arena = arena_new();
	int64_t id = postponed_here(app, arena);
	bool is_here = id && is_unfinished(app, id, arena);

	arena_free(&arena);
	return is_here && recall_one(app, nearby_account(app), id, &ignored) == 0;
}

const struct command cmd_answer_rows[] = {
	{"write", "[ADDRESS]", N_("write a new letter"), LISTS, 0, 0, 1, write_new, NULL},
	{"reply", "", N_("answer the sender"), MAIL, NEEDS_MESSAGE, 0, 0, reply, NULL},
	{"reply-all", "", N_("answer everybody"), MAIL, NEEDS_MESSAGE, 0, 0, reply_all, NULL},
	{"reply-list", "", N_("answer the mailing list"), MAIL, NEEDS_MESSAGE, 0, 0, reply_list, NULL},
	{"forward", "", N_("pass the letter on"), MAIL, NEEDS_MESSAGE, 0, 0, forward, NULL},
	{"forward-attached", "", N_("pass the letter on as an attachment"), MAIL, NEEDS_MESSAGE, 0, 0,
	 forward_attached, NULL},
	{"edit-as-new", "", N_("write a new letter that begins as this one"), MAIL, NEEDS_MESSAGE, 0, 0,
	 edit_as_new, NULL},
	{"bounce", "[ADDRESS]", N_("send the letter again, as it is, to somebody else"), MAIL,
	 NEEDS_MESSAGE, 0, 1, bounce, NULL},
	{"recall", "", N_("go on with a letter that is not sent yet"), LISTS, 0, 0, 0, recall, NULL},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
