#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "ui/command/app.h"
#include "ui/command/cmd_answer.h"
#include "ui/command/command.h"
#include "ui/command/nearby.h"
#include "ui/command/query_complete.h"
#include "ui/command/tables.h"
#include "ui/view/index_view.h"

#define MAIL	    (VIEW_INDEX | VIEW_READER)
#define MATCH_LIMIT 100000 /* messages a pattern may take at once */

static struct view *index_of(struct app *app)
{
	return app_view(app, VIEW_INDEX);
}

/* 1 it moved, 0 nowhere to go (NOWHERE says so), -1. */
static int moved(int result, const char *nowhere, struct err *err)
{
	if (result == 0)
		return err_set_kind(err, ERR_NOT_FOUND, "%s", nowhere);
	return result < 0 ? -1 : 0;
}

/* --- to another message ------------------------------------------------------------------------- */

static int step_flags(struct app *app, bool backwards, unsigned set, unsigned clear, bool wrap,
		      const char *nowhere, struct err *err)
{
	struct view *view = index_of(app);

	if (!view)
		return err_set(err, _("no folder is open"));
	if (moved(index_view_next_flags(view, backwards, set, clear, wrap, err), nowhere, err) < 0)
		return -1;
	return nearby_follow(app, err);
}

static int next_undeleted(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return step_flags(app, false, 0, BOX_DELETED, false, _("this is the last message"), err);
}

static int previous_undeleted(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return step_flags(app, true, 0, BOX_DELETED, false, _("this is the first message"), err);
}

static int next_message(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return step_flags(app, false, 0, 0, false, _("this is the last message"), err);
}

static int previous_message(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return step_flags(app, true, 0, 0, false, _("this is the first message"), err);
}

static int next_new(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return step_flags(app, false, 0, BOX_SEEN, true, _("there is no unread message here"), err);
}

static int previous_new(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return step_flags(app, true, 0, BOX_SEEN, true, _("there is no unread message here"), err);
}

static int next_thread(struct app *app, struct command_call *call, struct err *err)
{
	bool back = str_starts(call->command->name, "previous");

	if (moved(index_view_next_thread(index_of(app), back),
		  back ? _("this is the first thread") : _("this is the last thread"), err) < 0)
		return -1;
	return nearby_follow(app, err);
}

static int parent_message(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (moved(index_view_to_parent(index_of(app)), _("this message begins its thread"), err) < 0)
		return -1;
	return nearby_follow(app, err);
}

static int jump(struct app *app, struct command_call *call, struct err *err)
{
	long long number;

	if (str_to_long(call->args[0], &number) < 0 || number < 1)
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is no message number"), call->args[0]);
	return moved(index_view_jump(index_of(app), number), _("there is no message here"), err);
}

static int open_message(struct app *app, struct command_call *call, struct err *err)
{
	if (cmd_answer_go_on(app))
		return 0;
	return nearby_open(app, call->target.account, call->target.ids[0], err);
}

/* --- what is shown ------------------------------------------------------------------------------ */

/* The last word is still being typed: what begins so is shown, too. */
static char *as_typed(const char *text)
{
	const char *last = text + strlen(text);

	while (last > text && !strchr(" ()\"", last[-1]))
		last--;
	return mem_printf("%s%s", text, *last && !strpbrk(last, ":~*-") ? "*" : "");
}

/* A query that is not at its end may be wrong still: then the one before stands. */
static void limit_typed(struct app *app, const char *text, void *before)
{
	char *query = as_typed(strcmp(text, "all") == 0 ? "" : text);

	(void)before;
	index_view_set_limit(index_of(app), query, NULL);
	free(query);
}

static void limit_answered(struct app *app, const char *text, void *before)
{
	struct arena *arena = arena_new();
	struct err err = ERR_INIT;

	if (!text)
		index_view_set_limit(index_of(app), before, NULL);
	else if (command_run_line(app, arena_printf(arena, "limit %s", command_quote(arena, text)),
				  &err) < 0)
		app_complain(app, &err);
	arena_free(&arena);
	free(before);
}

static void ask_limit(struct app *app, struct view *view)
{
	const char *now = index_view_limit(view);

	app_ask(app, _("Show only (empty: everything): "), now, "limit", query_complete, limit_answered,
		mem_strdup(now));
	app_ask_typed(app, limit_typed);
}

static int limit(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = index_of(app);

	if (!call->count) {
		ask_limit(app, view);
		return 0;
	}
	if (index_view_set_limit(view, strcmp(call->args[0], "all") == 0 ? "" : call->args[0], err) < 0)
		return -1;
	index_view_ask_servers(view);
	return 0;
}

static const struct {
	const char *name;
	char key;
	enum store_sort sort;
} sorts[] = {
    {"date", 'd', SORT_DATE}, {"from", 'f', SORT_FROM},	    {"subject", 's', SORT_SUBJECT},
    {"size", 'z', SORT_SIZE}, {"unread", 'u', SORT_UNREAD}, {"flagged", 'l', SORT_FLAGGED},
};

static const char *const sort_names[] = {"date",   "from",    "subject", "size",
					 "unread", "flagged", "threads", NULL};

static int sort_by(struct app *app, const char *name, bool reversed, struct err *err)
{
	struct view *view = index_of(app);
	bool was_reversed, threaded;
	enum store_sort now = index_view_sort(view, &was_reversed, &threaded);
	size_t i;

	if (strcmp(name, "threads") == 0) {
		index_view_set_threads(view, !threaded);
		return 0;
	}
	for (i = 0; i < sizeof sorts / sizeof *sorts; i++)
		if (strcmp(sorts[i].name, name) == 0) {
			index_view_set_sort(view, sorts[i].sort,
					    now == sorts[i].sort ? !was_reversed : reversed);
			return 0;
		}
	return err_set_kind(err, ERR_USAGE,
			    _("\"%s\" is no order; there are date, from, subject, size, unread, "
			      "flagged and threads"),
			    name);
}

static void sort_key(struct app *app, char key, void *arg)
{
	struct err err = ERR_INIT;
	size_t i;

	(void)arg;
	if (key == 't')
		sort_by(app, "threads", false, &err);
	for (i = 0; i < sizeof sorts / sizeof *sorts; i++)
		if (sorts[i].key == key)
			sort_by(app, sorts[i].name, app->sort_reversed, &err);
}

static int sort_view(struct app *app, struct command_call *call, struct err *err)
{
	bool reversed = strcmp(call->command->name, "sort-reverse") == 0;

	if (call->count)
		return sort_by(app, call->args[0], reversed, err);
	app->sort_reversed = reversed;
	app_ask_key(app,
		    _("Sort: (d)ate (f)rom (s)ubject si(z)e (u)nread f(l)agged, (t)hreads? "),
		    "dfszult", sort_key, NULL);
	return 0;
}

static void complete_sort(struct app *app, int at, const char *prefix, struct arena *arena,
			  char ***candidates, size_t *count)
{
	size_t i;

	(void)app, (void)at;
	for (i = 0; sort_names[i]; i++)
		command_candidate(arena, prefix, sort_names[i], candidates, count);
}

static int fold(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return moved(index_view_fold(index_of(app), INDEX_FOLD_TOGGLE),
		     _("there is nothing to fold here"), err);
}

static int fold_all(struct app *app, struct command_call *call, struct err *err)
{
	enum index_fold what = INDEX_FOLD_TOGGLE;

	if (call->count && strcmp(call->args[0], "open") == 0)
		what = INDEX_FOLD_OPEN;
	else if (call->count && strcmp(call->args[0], "close") == 0)
		what = INDEX_FOLD_CLOSE;
	else if (call->count)
		return err_set_kind(err, ERR_USAGE, _("fold-all takes open or close"));
	index_view_fold_all(index_of(app), what);
	return 0;
}

static int side_bar(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	index_view_toggle_side_bar(index_of(app));
	return 0;
}

/* --- tags --------------------------------------------------------------------------------------- */

static int tag(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = index_of(app);
	int64_t id = index_view_id(view, call->target.account, call->target.ids[0]);

	(void)err;
	if (app->use_tagged) {
		index_view_untag_all(view);
		return 0;
	}
	index_view_tag(view, id, !index_view_is_tagged(view, id));
	nearby_resolve(app);
	return 0;
}

static int untag_all(struct app *app, struct command_call *call, struct err *err)
{
	(void)call, (void)err;
	index_view_untag_all(index_of(app));
	return 0;
}

static int tag_thread(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = index_of(app);
	bool on = !index_view_is_tagged(view, index_view_current(view));
	int64_t *ids;
	size_t count, i;

	if (index_view_thread_ids(view, call->arena, &ids, &count, err) < 0)
		return -1;
	for (i = 0; i < count; i++)
		index_view_tag(view, ids[i], on);
	return 0;
}

static int tag_matching(struct app *app, struct command_call *call, bool on, struct err *err)
{
	struct view *view = index_of(app);
	int64_t *ids;
	size_t count, i;

	if (!*call->args[0])
		return err_set_kind(err, ERR_CANCELLED, _("no pattern, nothing done"));
	if (index_view_matching(view, call->args[0], MATCH_LIMIT, call->arena, &ids, &count, err) < 0)
		return -1;
	for (i = 0; i < count; i++)
		index_view_tag(view, ids[i], on);
	if (!count)
		return err_set_kind(err, ERR_NOT_FOUND, _("no message matches \"%s\""), call->args[0]);
	app_say(app, ngettext("%zu message is tagged", "%zu messages are tagged",
			      index_view_tag_count(view)),
		index_view_tag_count(view));
	return 0;
}

static int tag_pattern(struct app *app, struct command_call *call, struct err *err)
{
	if (call->count)
		return tag_matching(app, call, true, err);
	app_ask_for(app, _("Tag messages that match: "), NULL, "limit", query_complete, "tag-pattern");
	return 0;
}

static int untag_pattern(struct app *app, struct command_call *call, struct err *err)
{
	if (call->count)
		return tag_matching(app, call, false, err);
	app_ask_for(app, _("Untag messages that match: "), NULL, "limit", query_complete, "untag-pattern");
	return 0;
}

static int tag_prefix(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (!index_view_tag_count(index_of(app)))
		return err_set(err, _("no message is tagged"));
	app->use_tagged = true;
	app_say(app, ngettext("the next command takes the %zu tagged message",
			      "the next command takes the %zu tagged messages",
			      index_view_tag_count(index_of(app))),
		index_view_tag_count(index_of(app)));
	return 0;
}

const struct command cmd_index_rows[] = {
    {"open", "", N_("read the message; go on with a draft"), VIEW_INDEX, NEEDS_MESSAGE | NEEDS_SCREEN, 0, 0,
     open_message, NULL},
    {"next-undeleted", "", N_("next message that is not deleted"), MAIL, 0, 0, 0, next_undeleted,
     NULL},
    {"previous-undeleted", "", N_("previous message that is not deleted"), MAIL, 0, 0, 0,
     previous_undeleted, NULL},
    {"next-message", "", N_("next message"), MAIL, 0, 0, 0, next_message, NULL},
    {"previous-message", "", N_("previous message"), MAIL, 0, 0, 0, previous_message, NULL},
    {"next-new", "", N_("next unread message"), MAIL, 0, 0, 0, next_new, NULL},
    {"previous-new", "", N_("previous unread message"), MAIL, 0, 0, 0, previous_new, NULL},
    {"next-thread", "", N_("first message of the next thread"), MAIL, 0, 0, 0, next_thread, NULL},
    {"previous-thread", "", N_("first message of the previous thread"), MAIL, 0, 0, 0, next_thread,
     NULL},
    {"parent-message", "", N_("the message this one answers"), MAIL, 0, 0, 0, parent_message, NULL},
    {"jump", "NUMBER", N_("to the message with that number"), VIEW_INDEX, 0, 1, 1, jump, NULL},
    {"limit", "[QUERY]", N_("show only the messages that match"), VIEW_INDEX, 0, 0, 1, limit, NULL},
    {"sort", "[ORDER]", N_("sort by date, from, subject, size, unread or flagged; threads on or off"),
     VIEW_INDEX, 0, 0, 1, sort_view, complete_sort},
    {"sort-reverse", "[ORDER]", N_("sort the other way round"), VIEW_INDEX, 0, 0, 1, sort_view,
     complete_sort},
    {"fold", "", N_("fold or unfold this thread"), VIEW_INDEX, 0, 0, 0, fold, NULL},
    {"fold-all", "[open|close]", N_("fold or unfold all threads"), VIEW_INDEX, 0, 0, 1, fold_all,
     NULL},
    {"side-bar", "", N_("show or hide the folders beside the index"), VIEW_INDEX, 0, 0, 0, side_bar,
     NULL},
    {"tag", "", N_("tag the message for a command to come"), MAIL, NEEDS_MESSAGE, 0, 0, tag, NULL},
    {"tag-thread", "", N_("tag the whole thread"), MAIL, NEEDS_MESSAGE, 0, 0, tag_thread, NULL},
    {"tag-pattern", "[QUERY]", N_("tag the messages that match"), VIEW_INDEX, 0, 0, 1, tag_pattern,
     NULL},
    {"untag-pattern", "[QUERY]", N_("untag the messages that match"), VIEW_INDEX, 0, 0, 1,
     untag_pattern, NULL},
    {"untag-all", "", N_("untag every message"), VIEW_INDEX, 0, 0, 0, untag_all, NULL},
    {"tag-prefix", "", N_("the next command takes the tagged messages"), VIEW_INDEX, 0, 0, 0,
     tag_prefix, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
