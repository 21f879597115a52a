#include "config.h"

#include "ui/command/outside_editor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compose/compose_option.h"
#include "compose/draft.h"
#include "compose/draft_text.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/render/open_with.h"
#include "ui/view/draft_view.h"

#define EDITED_MAX (16u << 20) /* what an outside editor may bring back */

struct editing {
	struct view *view;
	char *path;
	bool has_headers;
};

bool outside_editor_is_wished(const struct app *app)
{
	return !strcmp(compose_option_text(&app->compose, "editor-mode"), "external");
}

/* --- what comes back --- */

static bool is_open(struct app *app, const struct view *view)
{
	for (size_t i = 0; i < app->view_count; i++)
		if (app->views[i] == view)
			return true;
	return false;
}

static void take_edited(struct app *app, const struct editing *editing, struct err *err)
{
	struct buf text = BUF_INIT;
	struct draft *draft = draft_view_draft(editing->view);

	if (file_read(editing->path, &text, EDITED_MAX, err) == 0) {
		if (editing->has_headers)
			draft_text_read(draft, buf_str(&text), text.len, err);
		else
			draft_set_body(draft, buf_str(&text), text.len);
		draft_view_refresh(editing->view);
	}
	if (err->kind != ERR_NONE)
		app_complain(app, err);
	buf_free(&text);
}

static void edited(struct app *app, int code, void *arg)
{
	struct editing *editing = arg;
	struct err err = ERR_INIT;

	if (!is_open(app, editing->view))
		;
	else if (code == 0) {
		take_edited(app, editing, &err);
		draft_view_to_headers(editing->view);
	} else {
		err_set(&err, _("The editor ended with an error; the text is as it was before."));
		app_complain(app, &err);
	}
	unlink(editing->path);
	free(editing->path);
	free(editing);
}

/* --- on its way --- */

static char *editor_command(struct app *app)
{
	const char *option = compose_option_text(&app->compose, "editor");
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");

	if (!option || !*option)
		option = visual && *visual ? visual : editor && *editor ? editor : "vi";
	return mem_printf("%s \"$1\"", option);
}

int outside_editor_start(struct app *app, struct view *view, struct err *err)
{
	struct draft *draft = draft_view_draft(view);
	struct editing *editing = mem_alloc(sizeof *editing);
	char *command = editor_command(app);
	struct buf text = BUF_INIT;
	const char *argv[] = {"sh", "-c", command, "sh", NULL, NULL};
	int result = -1;

	editing->view = view;
	editing->has_headers = compose_option_bool(&app->compose, "edit-headers");
	if (editing->has_headers)
		draft_text_write(draft, &text);
	else
		buf_add_str(&text, draft->body);
	editing->path = open_with_bytes("letter.eml", buf_str(&text), text.len, err);
	argv[4] = editing->path;
	if (editing->path && draft_view_save(view, err) == 0)
		result = app_run_program_then(app, argv, NULL, 0, false, edited, editing, err);
	if (result < 0) {
		free(editing->path);
		free(editing);
	}
	buf_free(&text);
	free(command);
	return result;
}
