#include "config.h"
#include "ui/command/cmd_invite.h"

#include <stdlib.h>
#include <string.h>

#include "compose/compose_option.h"
#include "compose/draft.h"
#include "compose/invite.h"
#include "compose/send.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mail/store.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/fetching.h"
#include "ui/command/tables.h"
#include "ui/command/take_back.h"
#include "ui/command/wish.h"
#include "ui/view/reader_view.h"

static const enum calendar_answer answers[] = {CALENDAR_ACCEPTED, CALENDAR_TENTATIVE, CALENDAR_DECLINED};

/* --- what was answered, kept as a tag of the letter --- */

/* One answer takes the place of another. Silent: the letter that goes out is what is told and undone. */
static void keep_answer(struct app *app, const char *account, int64_t id, const char *word)
{
	struct err err = ERR_INIT;

	for (size_t i = 0; i < 3; i++) {
		const char *tag = invite_answer_word(answers[i]);
		bool is_it = word && !strcmp(word, tag);
		struct store_change change = {.add_tag = is_it ? tag : NULL,
					      .remove_tag = is_it ? NULL : tag};

		if (wish_change(app, account, &id, 1, &change, NULL, &err) < 0)
			log_write(LOG_WARNING, "the answer is not kept with its invitation: %s", err.text);
	}
}

static bool is_answer(const struct draft *draft)
{
	return draft->attachment_count == 1 && draft->attachments[0].is_inline &&
	       str_equal_nocase(draft->attachments[0].type, "text/calendar");
}

void cmd_invite_forget(struct app *app, const struct draft *draft)
{
	struct store *store = is_answer(draft) && *draft->origin_account
				  ? app_store(app, draft->origin_account, NULL)
				  : NULL;
	int64_t id;

	if (store && store_message_by_message_id(store, draft->origin_id, &id, NULL) == 1)
		keep_answer(app, draft->origin_account, id, NULL);
}

/* --- answering --- */

/* The reader that shows in place of the letter ID what was in it, or NULL. */
static struct view *opened_reader(struct app *app, int64_t id)
{
	struct view *top = app_top(app);

	if (top->class->kind != VIEW_READER || reader_view_id(top) != id || !reader_view_is_opened(top))
		return NULL;
	return top;
}

static struct draft *make_answer(struct app *app, const struct target *target, enum calendar_answer answer,
				 struct err *err)
{
	struct view *reader = opened_reader(app, target->ids[0]);
	struct box_message bytes;
	struct mime_message *message;
	struct draft *draft;

	if (reader)
		return invite_answer(&app->compose, reader_view_message(reader), target->account, answer, err);
	if (fetching_open(app, target->account, target->ids[0], &bytes, err) < 0)
		return NULL;
	message = mime_parse_resting(bytes.data, bytes.len, NULL, (struct mime_rest){box_message_rest, &bytes});
	draft = invite_answer(&app->compose, message, target->account, answer, err);
	mime_free(&message);
	box_message_close(&bytes);
	return draft;
}

static const char *said(enum calendar_answer answer)
{
	if (answer == CALENDAR_ACCEPTED)
		return _("Accepted");
	return answer == CALENDAR_DECLINED ? _("Declined") : _("Answered with perhaps");
}

static void say_answered(struct app *app, enum calendar_answer answer, const char *to)
{
	long long seconds = compose_option_int(&app->compose, "undo-send");
	char key[48];

	if (seconds > 0 && app_key_for(app, "take-back", key, sizeof key))
		app_say(app, _("%s; the answer goes to %s in %lld s, %s takes it back."), said(answer), to,
			seconds, key);
	else
		app_say(app, _("%s; the answer goes to %s."), said(answer), to);
}

static int send_answer(struct app *app, const struct target *target, struct draft *draft,
		       enum calendar_answer answer, struct err *err)
{
	int64_t id = draft_save(draft, err) < 0 ? -1 : send_draft(&app->compose, draft, -1, err);

	if (id < 0) {
		draft_remove(draft, NULL);
		return -1;
	}
	take_back_note(app, id);
	app_touched(app, draft->account);
	app_ring(app, draft->account);
	if (!app->is_read_only)
		keep_answer(app, target->account, target->ids[0], invite_answer_word(answer));
	app_touched(app, target->account);
	app_ring(app, target->account);
	say_answered(app, answer, draft->to);
	return 0;
}

static int answer_now(struct app *app, const struct target *target, enum calendar_answer answer, struct err *err)
{
	struct draft *draft = make_answer(app, target, answer, err);
	int rc;

	if (!draft)
		return -1;
	rc = send_answer(app, target, draft, answer, err);
	draft_free(&draft);
	return rc;
}

/* An answer repeats what the invitation says: one that came encrypted is not to go out readable unasked. */
struct unasked {
	enum calendar_answer answer;
	int64_t id;
};

static void leak_answered(struct app *app, char key, void *arg)
{
	struct unasked *unasked = arg;
	struct view *top = app_top(app);
	struct target target = {.ids = &unasked->id, .count = 1};
	struct err err = ERR_INIT;

	if (key != 'y' || !opened_reader(app, unasked->id)) {
		app_say(app, _("Not sent."));
	} else {
		target.account = reader_view_account(top);
		if (answer_now(app, &target, unasked->answer, &err) < 0)
			app_complain(app, &err);
	}
	free(unasked);
}

static int answer_with(struct app *app, struct command_call *call, enum calendar_answer answer,
		       struct err *err)
{
	struct view *reader;
	struct unasked *unasked;

	if (call->target.count > 1)
		return err_set(err, _("Invitations are answered one by one."));
	reader = opened_reader(app, call->target.ids[0]);
	if (!reader || !reader_view_was_encrypted(reader))
		return answer_now(app, &call->target, answer, err);
	unasked = mem_alloc(sizeof *unasked);
	*unasked = (struct unasked){answer, call->target.ids[0]};
	app_ask_key(app,
		    _("The invitation came encrypted; the answer would go out readable for anybody on its way. Send "
		      "it all the same? ([n]o, [y]es) "),
		    "ny", leak_answered, unasked);
	return 0;
}

static int accept_invitation(struct app *app, struct command_call *call, struct err *err)
{
	return answer_with(app, call, CALENDAR_ACCEPTED, err);
}

static int perhaps(struct app *app, struct command_call *call, struct err *err)
{
	return answer_with(app, call, CALENDAR_TENTATIVE, err);
}

static int decline(struct app *app, struct command_call *call, struct err *err)
{
	return answer_with(app, call, CALENDAR_DECLINED, err);
}

#define BOTH (VIEW_INDEX | VIEW_READER)

const struct command cmd_invite_rows[] = {
	{"accept", "", N_("accept the invitation: an answer goes to the organizer"), BOTH, NEEDS_MESSAGE, 0, 0,
	 accept_invitation, NULL},
	{"tentative", "", N_("answer the invitation with perhaps"), BOTH, NEEDS_MESSAGE, 0, 0, perhaps, NULL},
	{"decline", "", N_("decline the invitation: an answer goes to the organizer"), BOTH, NEEDS_MESSAGE, 0,
	 0, decline, NULL},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
