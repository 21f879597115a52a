#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "compose/draft.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "ui/command/app.h"
#include "ui/view/draft_view.h"

struct left {
	char id[128];
};

static void take_left(struct app *app, const char *id)
{
	struct err err = ERR_INIT;
	struct draft *draft = draft_load(id, &err);

	if (draft)
		app_push(app, draft_view_new(app, draft));
	else
		app_complain(app, &err);
}

static void drop_left(struct app *app, const char *id)
{
	struct err err = ERR_INIT;
	struct draft *draft = draft_load(id, &err);

	if (!draft || draft_remove(draft, &err) < 0)
		app_complain(app, &err);
	draft_free(&draft);
}

static void left_answered(struct app *app, char key, void *arg)
{
	struct left *left = arg;

	if (key == 'y')
		take_left(app, left->id);
	else if (key == 'd')
		drop_left(app, left->id);
	else
		app_say(app, _("The letter stays among the drafts; recall brings it back."));
	free(left);
}

static void ask_about(struct app *app, const struct draft_info *info)
{
	struct left *left = mem_alloc(sizeof *left);
	char *question = mem_printf(_("An unsent letter was found: \"%s\" to %s. Go on with it? "
				      "([y]es, [n]ot now, [d]elete) "),
				    *info->subject ? info->subject : _("(no subject)"),
				    *info->to ? info->to : _("nobody"));

	snprintf(left->id, sizeof left->id, "%s", info->id);
	app_ask_key(app, question, "ynd", left_answered, left);
	free(question);
}

void draft_view_offer_left(struct app *app)
{
	struct draft_list list = {0};

	if (draft_list_load(&list, NULL) < 0)
		return;
	for (size_t i = 0; i < list.count; i++) {
		if (list.items[i].is_open)
			continue;
		ask_about(app, &list.items[i]);
		break;
	}
	draft_list_free(&list);
}
