#include "config.h"
#include "ui/command/fetching.h"

#include <stdio.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/mail/remote.h"
#include "store/mail/store.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/going_on.h"
#include "ui/command/nearby.h"
#include "ui/view/reader_view.h"

bool fetching_is_away(struct app *app, const char *account, int64_t id)
{
	struct store *store = app_store(app, account, NULL);
	struct arena *arena = arena_new();
	struct message row;
	bool is = store && store_message(store, id, arena, &row, NULL) == 1 && row.is_away;

	arena_free(&arena);
	return is;
}

int fetching_wish(struct app *app, const char *account, int64_t id, const char *part, struct err *err)
{
	struct store *store = app_store(app, account, err);

	if (!store || store_want(store, id, part, err) < 0)
		return -1;
	app_ring(app, account);
	return 0;
}

int fetching_stop(struct app *app, const char *account, int64_t id, const char *part, struct err *err)
{
	struct store *store = app_store(app, account, err);
	struct notice cancel = {.kind = NOTICE_CANCEL, .code = TRANSFER_LETTER, .id = id};

	if (!store || store_unwant(store, id, part, err) < 0)
		return -1;
	snprintf(cancel.account, sizeof cancel.account, "%s", account);
	snprintf(cancel.text, sizeof cancel.text, "%s", part);
	app_tell_agent(app, &cancel);
	return 0;
}

int fetching_open(struct app *app, const char *account, int64_t id, struct box_message *bytes, struct err *err)
{
	struct store *store = app_store(app, account, err);
	struct buf words = BUF_INIT;

	if (!store)
		return -1;
	if (!fetching_is_away(app, account, id))
		return store_message_open(store, id, bytes, err);
	if (fetching_wish(app, account, id, "", err) < 0)
		return -1;
	fetching_add_words(app, account, &words);
	err_set_kind(err, ERR_TEMPORARY, _("%s Then do it once more."), buf_str(&words));
	buf_free(&words);
	return -1;
}

int fetching_say(struct app *app, const char *account, struct err *err)
{
	struct buf words = BUF_INIT;

	fetching_add_words(app, account, &words);
	err_set_kind(err, ERR_TEMPORARY, "%s", buf_str(&words));
	buf_free(&words);
	return -1;
}

/* One letter of an index: it is opened, where its coming is seen and can be stopped, and goes on from there. */
static bool open_awaited(struct app *app, const struct command_call *call)
{
	const struct target *target = &call->target;
	struct view *top = app_top(app);

	if (top->class->kind != VIEW_INDEX || target->count != 1 ||
	    nearby_open(app, target->account, target->ids[0], NULL) < 0)
		return false;
	top = app_top(app);
	return top->class->kind == VIEW_READER && reader_view_is_awaited(top);
}

int fetching_go_on(struct app *app, const struct command_call *call, struct err *err)
{
	struct view *top = app_top(app);
	const struct target *target = &call->target;

	if (open_awaited(app, call))
		return fetching_wait(app, call, err);
	if (top->class->kind != VIEW_READER || !reader_view_is_awaited(top) || target->count > 1 ||
	    (target->count && target->ids[0] != reader_view_id(top)))
		return -1;
	reader_view_fetch_all(top, command_line_of(call));
	return fetching_say(app, reader_view_account(top), err);
}

int fetching_wait(struct app *app, const struct command_call *call, struct err *err)
{
	struct view *reader = app_top(app);

	reader_view_await(reader, command_line_of(call));
	return fetching_say(app, reader_view_account(reader), err);
}

void fetching_add_words(struct app *app, const char *account, struct buf *out)
{
	const struct going_state *state = going_on_state(app, account);

	if (state->state == STATE_QUIET)
		buf_add_str(out, _("This letter is not on this computer, and you have switched its account offline: "
				   "it is fetched when you switch it back."));
	else if (state->had_trouble)
		buf_add_str(out, _("This letter is not on this computer, and its server cannot be reached: it is "
				   "fetched as soon as the connection is back."));
	else
		buf_add_str(out, _("This letter is not on this computer yet; it is being fetched."));
}
