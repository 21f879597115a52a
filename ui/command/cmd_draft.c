#include "config.h"

#include <string.h>

#include "compose/attach.h"
#include "compose/draft.h"
#include "compose/identity.h"
#include "compose/start.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/outside_editor.h"
#include "ui/command/tables.h"
#include "ui/view/draft_view.h"

/* --- attachments --- */

static void complete_file(struct app *app, const char *text, struct arena *arena, char ***candidates,
			  size_t *count)
{
	(void)app;
	app_complete_file(text, arena, candidates, count);
}

static int attach(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);

	if (!call->count) {
		app_ask_for(app, _("Attach the file: "), "", "file", complete_file, "attach");
		return 0;
	}
	for (int i = 0; i < call->count; i++)
		if (attach_file(draft_view_draft(view), call->args[i], err) < 0)
			return -1;
	draft_view_refresh(view);
	return 0;
}

static int detach(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);
	int at = draft_view_attachment(view);

	(void)call;
	if (at < 0)
		return err_set(err, _("Go to an attachment first (with Tab or the arrows)."));
	attach_remove(draft_view_draft(view), (size_t)at);
	draft_view_refresh(view);
	return 0;
}

/* --- the outside editor --- */

static int external_editor(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return outside_editor_start(app, app_top(app), err);
}

static int edit_text(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (outside_editor_is_wished(app))
		return outside_editor_start(app, app_top(app), err);
	draft_view_to_text(app_top(app));
	return 0;
}

/* --- fields --- */

static int edit_field(struct app *app, struct command_call *call, struct err *err)
{
	(void)err;
	draft_view_to_field(app_top(app), call->args[0]);
	return 0;
}

static int find_text(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);

	if (!call->count) {
		app_ask_for(app, _("Find in the text: "), "", "search", NULL, "find-text");
		return 0;
	}
	if (view->class->find(view, call->args[0], false, err) == 1)
		return 0;
	return err_set(err, _("\"%s\" does not stand in the text."), call->args[0]);
}

/* The next of the person's addresses. */
static int next_identity(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);
	struct draft *draft = draft_view_draft(view);
	struct identity_list list = {0};
	size_t at = 0;

	(void)call;
	identity_load(&app->compose, &list);
	while (at < list.count && !strstr(draft->from, list.items[at].addr))
		at++;
	if (list.count < 2) {
		identity_list_free(&list);
		return err_set(err, _("There is only one address to write from."));
	}
	start_identity(&app->compose, draft, &list.items[(at + 1) % list.count]);
	identity_list_free(&list);
	draft_view_refresh(view);
	return 0;
}

const struct command cmd_draft_rows[] = {
	{"attach", "[FILE]", N_("attach a file"), VIEW_DRAFT, 0, 0, -1, attach, NULL},
	{"detach", "", N_("take the attachment out"), VIEW_DRAFT, 0, 0, 0, detach, NULL},
	{"edit-text", "", N_("to the text"), VIEW_DRAFT, 0, 0, 0, edit_text, NULL},
	{"external-editor", "", N_("write with the outside editor"), VIEW_DRAFT, NEEDS_SCREEN, 0, 0,
	 external_editor, NULL},
	{"edit-field", "FIELD", N_("to From, To, Cc, Bcc or Subject"), VIEW_DRAFT, 0, 1, 1, edit_field,
	 NULL},
	{"find-text", "[TEXT]", N_("find in the text"), VIEW_DRAFT, 0, 0, 1, find_text, NULL},
	{"next-identity", "", N_("write from your next address"), VIEW_DRAFT, 0, 0, 0, next_identity,
	 NULL},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
