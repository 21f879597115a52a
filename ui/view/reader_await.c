#include "config.h"

#include "ui/view/reader_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/mail/remote.h"
#include "store/mail/store.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/fetching.h"
#include "ui/render/boxes.h"
#include "ui/render/message.h"
#include "ui/view/parts_view.h"
#include "ui/view/reader_away.h"
#include "ui/view/reader_private.h"

#define AWAIT_MS 200 /* between looks for a text that is being fetched */

/* A letter whose text is on its server. First its header is shown, as the index has it; then, of a big one, its
 * outline, parts of which are fetched when they are asked for; or all of it. WANTED says what comes; REMOTE_OUTLINE
 * once that is here: nothing. */
static bool wants(const struct reader_view *reader, const char *part)
{
	return strcmp(reader->wanted, part) == 0;
}

static bool is_at_rest(const struct reader_view *reader)
{
	return reader->has_outline && wants(reader, REMOTE_OUTLINE);
}

static void want(struct reader_view *reader, const char *part)
{
	snprintf(reader->wanted, sizeof reader->wanted, "%s", part);
	reader->is_wished = reader->is_stopped = false;
}

static void look_for_text(void *arg);

static void look_again(struct reader_view *reader)
{
	struct app *app = reader->view.app;

	reader->awaiting = loop_add_timer(app->loop, "a text that is fetched", AWAIT_MS, look_for_text, reader);
}

/* The database may be busy: then once more. */
static void wish_for_text(struct reader_view *reader)
{
	struct err err = ERR_INIT;

	if (reader->is_wished || reader->is_stopped || is_at_rest(reader))
		return;
	reader->is_wished =
	    fetching_wish(reader->view.app, reader->account, reader->id, reader->wanted, &err) == 0;
	if (!reader->is_wished && err.kind != ERR_TEMPORARY)
		app_complain(reader->view.app, &err);
}

/* --- its outline --- */

static const struct outline_missing *missing_of(const struct reader_view *reader, const char *bytes,
						const struct mime_part *part)
{
	if (!reader->has_outline || part->body.data < bytes || part->body.data > bytes + reader->outline.bytes.len)
		return NULL;
	return outline_missing_at(&reader->outline, (size_t)(part->body.data - bytes));
}

void reader_view_mark_away(const struct view *view, const char *bytes, struct message_part *parts, size_t count)
{
	const struct reader_view *reader = reader_of(view);

	for (size_t i = 0; i < count; i++) {
		const struct outline_missing *missing = missing_of(reader, bytes, parts[i].part);

		if (!missing)
			continue;
		parts[i].is_away = true;
		parts[i].is_shown = false;
		parts[i].size = message_size_of(parts[i].part, missing->size);
	}
}

/* It has come, now or once before; or a part was put into it. */
static bool take_outline(struct reader_view *reader)
{
	struct store *store = app_store(reader->view.app, reader->account, NULL);
	char *path = store ? store_part_path(store, reader->id, REMOTE_OUTLINE) : NULL;
	struct outline outline;
	bool is = path && outline_open(&outline, path, NULL) == 0;

	free(path);
	if (!is)
		return false;
	mime_free(&reader->message);
	outline_close(&reader->outline);
	reader->outline = outline;
	reader->message = reader->came = mime_parse(outline.bytes.data, outline.bytes.len, NULL);
	boxes_open(reader->message, NULL);
	reader->has_outline = reader->is_fresh = true;
	reader->is_wished = false;
	reader_list_parts(reader);
	return true;
}

/* --- what goes on when it came --- */

void reader_forget_plan(struct reader_view *reader)
{
	free(reader->plan);
	reader->plan = NULL;
}

static void set_plan(struct reader_view *reader, const char *line, bool is_in_parts, size_t number)
{
	reader_forget_plan(reader);
	reader->plan = mem_strdup(line);
	reader->plan_is_in_parts = is_in_parts;
	reader->plan_number = number;
}

static int run_plan(struct app *app, const char *line, bool is_in_parts, size_t number, struct err *err)
{
	if (is_in_parts && command_run_line(app, "parts", err) < 0)
		return -1;
	if (is_in_parts && app_top(app)->class->kind == VIEW_PARTS)
		parts_view_go_to(app_top(app), number);
	return command_run_line(app, line, err);
}

/* Who looks at something else by now does not want it to happen behind the back. */
void reader_go_on(struct reader_view *reader)
{
	struct app *app = reader->view.app;
	char *line = reader->plan;
	struct err err = ERR_INIT;

	reader->plan = NULL;
	if (line && app_top(app) == &reader->view &&
	    run_plan(app, line, reader->plan_is_in_parts, reader->plan_number, &err) < 0)
		app_complain(app, &err);
	free(line);
}

/* --- looking --- */

/* A wish that is gone was fulfilled, taken back elsewhere, or the server has failed to. */
static void look_for_part(struct reader_view *reader)
{
	struct store *store = app_store(reader->view.app, reader->account, NULL);
	size_t before = reader->outline.count;

	if (!reader->is_wished || !store || store_wants(store, reader->id, reader->wanted, NULL) != 0)
		return;
	want(reader, REMOTE_OUTLINE);
	if (take_outline(reader) && reader->outline.count < before) {
		reader_render(reader);
		reader_go_on(reader);
		return;
	}
	reader_forget_plan(reader);
	app_say(reader->view.app, _("The part was not fetched; the log says why."));
}

static void look_for_outline(struct reader_view *reader)
{
	if (!take_outline(reader))
		return;
	reader_render(reader);
	reader_go_on(reader);
}

void reader_show_awaited(struct reader_view *reader)
{
	bool may_change = !reader->view.app->prompt;

	if (may_change && !reader->has_outline && wants(reader, REMOTE_OUTLINE))
		look_for_outline(reader);
	else if (may_change && reader->has_outline && *reader->wanted && !is_at_rest(reader))
		look_for_part(reader);
	if (!reader->held)
		return;
	wish_for_text(reader);
	reader_render(reader);
	app_dirty(reader->view.app);
}

/* All of it is here. */
static void take_whole(struct reader_view *reader)
{
	struct app *app = reader->view.app;
	struct err err = ERR_INIT;
	char *plan = reader->plan;

	reader->plan = NULL;
	if (reader_view_open(&reader->view, reader->account, reader->id, &err) == 0) {
		reader->plan = plan;
		reader_go_on(reader);
		return;
	}
	free(plan);
	if (err.kind == ERR_TEMPORARY)
		return;
	loop_remove_timer(app->loop, &reader->awaiting); /* it would be said again and again */
	app_complain(app, &err);
}

/* What is asked may be about what is shown: that stays until the answer is there. */
static void look_for_text(void *arg)
{
	struct reader_view *reader = arg;
	struct app *app = reader->view.app;

	reader->awaiting = NULL;
	look_again(reader);
	if (fetching_is_away(app, reader->account, reader->id))
		reader_show_awaited(reader);
	else if (!app->prompt)
		take_whole(reader);
}

/* Of a big one the outline; who wants the rest says so. */
static const char *part_for(const struct reader_view *reader, int64_t size)
{
	int64_t limit = app_option_int(reader->view.app, "reader", "fetch-limit") * 1024;

	return limit && size > limit ? REMOTE_OUTLINE : "";
}

void reader_await(struct reader_view *reader, const struct message *row)
{
	reader->held = reader_away_header(row);
	reader->held_len = strlen(reader->held);
	reader->size = row->size;
	want(reader, part_for(reader, row->size));
	reader->message = reader->came = mime_parse(reader->held, reader->held_len, NULL);
	look_again(reader);
}

/* --- what a person asks for --- */

void reader_view_fetch_all(struct view *view, const char *line)
{
	struct reader_view *reader = reader_of(view);

	if (!reader->held)
		return;
	reader_forget_plan(reader);
	if (line)
		set_plan(reader, line, false, 0);
	want(reader, "");
	reader_show_awaited(reader);
}

void reader_view_plan(struct view *view, const char *line)
{
	set_plan(reader_of(view), line, false, 0);
}

void reader_view_await(struct view *view, const char *line)
{
	struct reader_view *reader = reader_of(view);

	set_plan(reader, line, false, 0);
	reader->is_stopped = false;
	reader_show_awaited(reader);
}

bool reader_view_fetch_part(struct view *view, size_t number, const char *line, bool is_in_parts)
{
	struct reader_view *reader = reader_of(view);
	const struct outline_missing *missing;

	if (!reader->has_outline || !number || number > reader->part_count)
		return false;
	missing = missing_of(reader, reader->outline.bytes.data, reader->parts[number - 1].part);
	if (!missing)
		return false;
	set_plan(reader, line, is_in_parts, number);
	want(reader, missing->section);
	reader_show_awaited(reader);
	return true;
}

/* What came before stays. */
static void stop(struct reader_view *reader)
{
	reader_forget_plan(reader);
	if (reader->has_outline)
		want(reader, REMOTE_OUTLINE);
	else
		reader->is_stopped = true;
}

int reader_view_fetch(struct view *view, struct err *err)
{
	struct reader_view *reader = reader_of(view);

	if (!reader->held)
		return err_set(err, _("This letter is here already."));
	if (is_at_rest(reader)) {
		reader_view_fetch_all(view, NULL);
		return 0;
	}
	if (!reader->is_stopped &&
	    fetching_stop(view->app, reader->account, reader->id, reader->wanted, err) < 0)
		return -1;
	if (reader->is_stopped) {
		reader->is_stopped = false;
	} else {
		stop(reader);
		app_say(view->app, _("It is not fetched any further; the same key fetches it again."));
	}
	reader->is_wished = false;
	reader_show_awaited(reader);
	return 0;
}

bool reader_view_is_awaited(const struct view *view)
{
	return reader_of(view)->held != NULL;
}

bool reader_view_has_outline(const struct view *view)
{
	return reader_of(view)->has_outline;
}

bool reader_view_lacks_parts(const struct view *view)
{
	const struct reader_view *reader = reader_of(view);

	return reader->held && (!reader->has_outline || reader->outline.count);
}

/* Is the text that an answer quotes among what came? */
bool reader_view_has_text(const struct view *view)
{
	const struct reader_view *reader = reader_of(view);
	const struct mime_part *text = reader->has_outline ? mime_text_part(reader->message) : NULL;

	return text && !missing_of(reader, reader->outline.bytes.data, text);
}
