#include "config.h"
#include "ui/command/take_back.h"

#include <stdlib.h>

#include "compose/draft.h"
#include "compose/send.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "ui/command/app.h"
#include "ui/command/cmd_invite.h"
#include "ui/command/undo.h"
#include "ui/view/draft_view.h"

int take_back_letter(struct app *app, int64_t id, struct err *err)
{
	struct draft *draft = send_undo(&app->compose, id, err);

	if (!draft)
		return -1;
	app_outbox_changed(app);
	cmd_invite_forget(app, draft);
	app_ring(app, "");
	app_push(app, draft_view_new(app, draft));
	app_say(app, _("taken back: the letter is a draft again"));
	return 0;
}

static int back(struct app *app, void *arg, struct err *err)
{
	return take_back_letter(app, *(int64_t *)arg, err);
}

void take_back_note(struct app *app, int64_t id)
{
	int64_t *kept = mem_alloc(sizeof *kept);

	*kept = id;
	undo_push(app->undo, _("sent a letter"), back, free, kept);
	app_outbox_changed(app);
}
