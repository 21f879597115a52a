#include "config.h"

#include "ui/view/draft_view.h"

#include <stdlib.h>
#include <string.h>

#include "compose/compose_option.h"
#include "compose/draft.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "ui/command/app.h"
#include "ui/input/line_edit.h"
#include "ui/input/text_edit.h"
#include "ui/view/address_book.h"
#include "ui/view/draft_view_private.h"

#define TICK_MS 500
#define SAVE_MOST_MS 4500 /* while one goes on typing */
#define SIGNATURE_LINES 40

const char *const draft_view_labels[FIELD_COUNT] = {N_("From:"), N_("To:"), N_("Cc:"), N_("Bcc:"),
						    N_("Subject:")};

static char **text_of_field(struct draft *draft, enum draft_field field)
{
	char **const texts[FIELD_COUNT] = {&draft->from, &draft->to, &draft->cc, &draft->bcc,
					   &draft->subject};

	return texts[field];
}

/* --- between the screen and the draft --- */

static void collect(struct draft_view *view)
{
	struct buf body = BUF_INIT;

	for (int i = 0; i < FIELD_COUNT; i++)
		draft_set(text_of_field(view->draft, (enum draft_field)i),
			  line_edit_text(view->fields[i]));
	text_edit_add_text(view->text, &body);
	draft_set_body(view->draft, buf_str(&body), body.len);
	buf_free(&body);
}

void draft_view_refresh(struct view *base)
{
	struct draft_view *view = draft_view_of(base);
	struct buf body = BUF_INIT;

	for (int i = 0; i < FIELD_COUNT; i++) {
		const char *text = *text_of_field(view->draft, (enum draft_field)i);

		if (strcmp(text, line_edit_text(view->fields[i])))
			line_edit_set_text(view->fields[i], text);
	}
	text_edit_add_text(view->text, &body);
	if (strcmp(buf_str(&body), view->draft->body))
		text_edit_replace_text(view->text, view->draft->body, strlen(view->draft->body));
	buf_free(&body);
	if (view->focus == FOCUS_FILE && view->at >= view->draft->attachment_count)
		view->focus = FOCUS_TEXT;
	view->is_changed = true;
	app_dirty(base->app);
}

struct draft *draft_view_draft(struct view *base)
{
	struct draft_view *view = draft_view_of(base);

	collect(view);
	return view->draft;
}

static bool has_changed(const struct draft_view *view)
{
	return view->is_changed || text_edit_revision(view->text) != view->saved_revision;
}

int draft_view_save(struct view *base, struct err *err)
{
	struct draft_view *view = draft_view_of(base);

	if (view->is_done || !has_changed(view))
		return 0;
	collect(view);
	if (!view->draft->saved && draft_is_empty(view->draft))
		return 0;
	if (draft_save(view->draft, err) < 0)
		return -1;
	view->saved_revision = text_edit_revision(view->text);
	view->is_changed = view->has_failed = false;
	view->changed_ms = 0;
	app_dirty(base->app);
	return 0;
}

void draft_view_done(struct view *base)
{
	draft_view_of(base)->is_done = true;
}

/* --- saving while one types --- */

static void add_tick(struct draft_view *view);

static void save_quietly(struct draft_view *view)
{
	struct err err = ERR_INIT;

	if (draft_view_save(&view->view, &err) == 0)
		return;
	if (!view->has_failed)
		app_complain(view->view.app, &err);
	view->has_failed = true;
	view->changed_ms = view->last_key_ms = loop_now_ms();
}

/* After the last key. */
static int64_t rest_ms(const struct draft_view *view)
{
	return compose_option_int(&view->view.app->compose, "autosave") * 1000;
}

static void ticked(void *arg)
{
	struct draft_view *view = arg;
	int64_t now = loop_now_ms();

	view->tick = NULL;
	if (has_changed(view) && !view->changed_ms)
		view->changed_ms = now;
	if (has_changed(view) && (now - view->last_key_ms >= rest_ms(view) ||
				  now - view->changed_ms >= SAVE_MOST_MS))
		save_quietly(view);
	if (app_top(view->view.app) == &view->view)
		app_dirty(view->view.app);
	add_tick(view);
}

static void add_tick(struct draft_view *view)
{
	view->tick = loop_add_timer(view->view.app->loop, "draft", TICK_MS, ticked, view);
}

/* --- the class --- */

static bool draft_may_close(struct view *base, struct err *err)
{
	struct draft_view *view = draft_view_of(base);

	if (view->is_done)
		return true;
	collect(view);
	if (draft_is_empty(view->draft)) {
		draft_remove(view->draft, NULL);
		return true;
	}
	if (draft_view_save(base, err) == 0)
		err_set(err, _("This letter is not sent: ^X sends it, ^O keeps it as a draft, ^C "
			       "throws it away."));
	return false;
}

static void draft_free_view(struct view *base)
{
	struct draft_view *view = draft_view_of(base);

	if (view->tick)
		loop_remove_timer(base->app->loop, &view->tick);
	for (int i = 0; i < FIELD_COUNT; i++)
		line_edit_free(&view->fields[i]);
	text_edit_free(&view->text);
	address_book_free(&view->book);
	draft_free(&view->draft);
	free(view);
}

static const struct view_class draft_class = {
	.kind = VIEW_DRAFT,
	.name = "draft",
	.title = N_("Letter"),
	.free = draft_free_view,
	.draw = draft_view_draw,
	.title_line = draft_view_title,
	.key = draft_view_key,
	.mouse = draft_view_mouse,
	.move = draft_view_move,
	.move_page = draft_view_move_page,
	.move_end = draft_view_move_end,
	.find = draft_view_find,
	.may_close = draft_may_close,
};

/* A letter taken up again goes on where it ends, above the signature. */
static void go_to_end(struct text_edit *text)
{
	struct text_lines *lines = text_edit_lines(text);
	size_t count = text_lines_count(lines);

	text_edit_move(text, TEXT_LAST, false);
	for (size_t i = count; i-- > 0 && count - i < SIGNATURE_LINES;)
		if (i && span_equal(text_lines_get(lines, i), SPAN("-- ")))
			text_edit_set_cursor(text, (struct text_pos){i - 1, SIZE_MAX});
}

struct view *draft_view_new(struct app *app, struct draft *draft)
{
	struct draft_view *view = mem_alloc(sizeof *view);

	view->view.class = &draft_class;
	view->view.app = app;
	view->draft = draft;
	for (int i = 0; i < FIELD_COUNT; i++)
		view->fields[i] = line_edit_new(*text_of_field(draft, (enum draft_field)i), NULL);
	view->text = text_edit_new();
	text_edit_set_wrap(view->text, (int)compose_option_int(&app->compose, "wrap"));
	text_edit_set_text(view->text, draft->body, strlen(draft->body));
	if (draft->saved)
		go_to_end(view->text);
	draft_view_to_first_empty(view);
	/* an answer has its quote already: worth keeping from the first second */
	view->is_changed = !draft->saved && draft->origin != DRAFT_NEW;
	add_tick(view);
	return &view->view;
}
