#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "compose/draft.h"
#include "store/base/err.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "ui/command/app.h"
#include "ui/input/key.h"
#include "ui/input/line_edit.h"
#include "ui/input/text_edit.h"
#include "ui/view/address_book.h"
#include "ui/view/draft_view.h"
#include "ui/view/draft_view_private.h"

/* --- focus --- */

static void to_field(struct draft_view *view, enum draft_field field)
{
	view->focus = FOCUS_FIELD;
	view->at = field;
	view->found_count = 0;
}

static void to_file(struct draft_view *view, size_t file)
{
	view->focus = FOCUS_FILE;
	view->at = file;
}

void draft_view_to_text(struct view *base)
{
	draft_view_of(base)->focus = FOCUS_TEXT;
	app_dirty(base->app);
}

void draft_view_to_headers(struct view *base)
{
	draft_view_of(base)->focus = FOCUS_MENU;
	app_dirty(base->app);
}

void draft_view_to_field(struct view *base, const char *name)
{
	for (int i = 0; i < FIELD_COUNT; i++)
		if (!strncmp(draft_view_labels[i], name, strlen(name)) && *name)
			to_field(draft_view_of(base), (enum draft_field)i);
	app_dirty(base->app);
}

void draft_view_to_first_empty(struct draft_view *view)
{
	if (!*view->draft->to)
		to_field(view, FIELD_TO);
	else if (!*view->draft->subject)
		to_field(view, FIELD_SUBJECT);
	else
		view->focus = FOCUS_TEXT;
}

/* Bcc is hidden until it is asked for: who goes from field to field does not fall into it. */
static size_t field_beside(const struct draft_view *view, int step)
{
	size_t at = view->at + (size_t)step;

	if (at == FIELD_BCC && !*line_edit_text(view->fields[FIELD_BCC]))
		at += (size_t)step;
	return at;
}

static void focus_next(struct draft_view *view)
{
	if (view->focus == FOCUS_MENU)
		to_field(view, FIELD_FROM);
	else if (view->focus == FOCUS_FIELD && view->at + 1 < FIELD_COUNT)
		to_field(view, (enum draft_field)field_beside(view, 1));
	else if (view->focus == FOCUS_FIELD && view->draft->attachment_count)
		to_file(view, 0);
	else if (view->focus == FOCUS_FILE && view->at + 1 < view->draft->attachment_count)
		to_file(view, view->at + 1);
	else
		view->focus = FOCUS_TEXT;
}

static void focus_before(struct draft_view *view)
{
	size_t files = view->draft->attachment_count;

	if (view->focus == FOCUS_FIELD && view->at)
		to_field(view, (enum draft_field)field_beside(view, -1));
	else if (view->focus == FOCUS_FILE && view->at)
		to_file(view, view->at - 1);
	else if (view->focus == FOCUS_TEXT && files)
		to_file(view, files - 1);
	else if (view->focus != FOCUS_FIELD)
		to_field(view, FIELD_SUBJECT);
}

int draft_view_attachment(const struct view *base)
{
	const struct draft_view *view = draft_view_of(base);

	return view->focus == FOCUS_FILE ? (int)view->at : -1;
}

/* --- completion of addresses --- */

/* Where the address begins that the cursor stands in. */
static size_t word_start(const char *text, size_t cursor)
{
	size_t start = cursor;
	bool in_quotes = false;

	for (size_t i = 0; i < cursor; i++)
		in_quotes ^= text[i] == '"';
	while (start > 0 && (in_quotes || text[start - 1] != ',')) {
		start--;
		in_quotes ^= text[start] == '"';
	}
	while (start < cursor && text[start] == ' ')
		start++;
	return start;
}

static bool takes_addresses(const struct draft_view *view)
{
	return view->focus == FOCUS_FIELD && view->at != FIELD_SUBJECT && view->at != FIELD_FROM;
}

static void load_book(struct draft_view *view)
{
	struct app *app = view->view.app;
	const struct account *account = account_default(&app->accounts);
	const char *name = *view->draft->account ? view->draft->account
			   : account		  ? account->name
						  : NULL;

	if (!view->book)
		view->book = address_book_new(name ? app_store(app, name, NULL) : NULL);
}

static void look_up(struct draft_view *view)
{
	struct line_edit *edit = view->fields[view->at];
	const char *text = line_edit_text(edit);
	size_t cursor = line_edit_cursor(edit), start = word_start(text, cursor);
	char *word;

	view->found_count = view->found_at = 0;
	view->was_chosen = false;
	if (!takes_addresses(view) || start >= cursor || memchr(text + start, '<', cursor - start))
		return;
	load_book(view);
	word = mem_strndup(text + start, cursor - start);
	view->found_count = address_book_find(view->book, word, view->found, DRAFT_CANDIDATES);
	if (view->found_count == 1 && !strcmp(view->found[0]->addr, word))
		view->found_count = 0;
	free(word);
}

static void take_found(struct draft_view *view)
{
	struct line_edit *edit = view->fields[view->at];
	size_t cursor = line_edit_cursor(edit);

	line_edit_replace(edit, word_start(line_edit_text(edit), cursor), cursor,
			  view->found[view->found_at]->text);
	view->found_count = 0;
	view->is_changed = true;
}

/* 1 when the list of candidates took the key. */
static int candidates_key(struct draft_view *view, const struct key *key)
{
	if (!view->found_count)
		return 0;
	if (key->code == KEY_DOWN_ || key->code == KEY_UP_) {
		size_t step = key->code == KEY_DOWN_ ? 1 : view->found_count - 1;

		view->found_at = view->was_chosen ? (view->found_at + step) % view->found_count
				 : key->code == KEY_UP_ ? view->found_count - 1
							: 0;
		view->was_chosen = true;
		return 1;
	}
	if (key->code == KEY_TAB || (key->code == KEY_ENTER_ && view->was_chosen)) {
		take_found(view);
		return 1;
	}
	if (key->code != KEY_ESC)
		return 0;
	view->found_count = 0;
	return 1;
}

/* --- keys --- */

static bool is_command_key(const struct key *key)
{
	return key->code == KEY_FUNCTION ||
	       (key->code == KEY_CTRL && strchr("xojvgclz", key->text[0]));
}

static int leave_field(struct draft_view *view, const struct key *key)
{
	if (key->code == KEY_ENTER_ || key->code == KEY_TAB || key->code == KEY_DOWN_)
		focus_next(view);
	else if (key->code == KEY_BACKTAB || key->code == KEY_UP_)
		focus_before(view);
	else if (key->code == KEY_ESC)
		view->focus = FOCUS_MENU;
	else
		return 0;
	return 1;
}

static int field_key(struct draft_view *view, const struct key *key)
{
	enum line_edit_result result;

	if (is_command_key(key))
		return 0;
	if (candidates_key(view, key) || leave_field(view, key))
		return 1;
	result = line_edit_key(view->fields[view->at], key);
	if (result == LINE_EDIT_CHANGED) {
		view->is_changed = true;
		look_up(view);
	} else if (result == LINE_EDIT_MOVED) {
		view->found_count = 0;
	}
	return result != LINE_EDIT_IGNORED;
}

static int text_key(struct draft_view *view, const struct key *key)
{
	if (key->code == KEY_ESC) {
		view->focus = FOCUS_MENU;
		return 1;
	}
	if (key->code == KEY_BACKTAB) {
		focus_before(view);
		return 1;
	}
	if (text_edit_key(view->text, key))
		return 1;
	if (key->code != KEY_UP_)
		return 0;
	focus_before(view);
	return 1;
}

static int outside_key(struct draft_view *view, const struct key *key)
{
	if (key->code == KEY_ESC)
		view->focus = view->focus == FOCUS_MENU ? FOCUS_TEXT : FOCUS_MENU;
	else if (key->code == KEY_TAB || key->code == KEY_DOWN_)
		focus_next(view);
	else if (key->code == KEY_BACKTAB || key->code == KEY_UP_)
		focus_before(view);
	else
		return 0;
	return 1;
}

int draft_view_key(struct view *base, const struct key *key)
{
	struct draft_view *view = draft_view_of(base);
	int taken;

	if (view->focus == FOCUS_FIELD)
		taken = field_key(view, key);
	else if (view->focus == FOCUS_TEXT)
		taken = text_key(view, key);
	else
		taken = outside_key(view, key);
	if (taken) {
		view->last_key_ms = loop_now_ms();
		app_dirty(base->app);
	}
	return taken;
}

void draft_view_mouse(struct view *base, const struct key *key)
{
	struct draft_view *view = draft_view_of(base);

	if (key->y >= view->text_row) {
		view->focus = FOCUS_TEXT;
		text_edit_mouse(view->text, key);
		return;
	}
	for (int i = 0; key->button == BUTTON_LEFT && i < FIELD_COUNT; i++)
		if (view->field_rows[i] == key->y)
			to_field(view, (enum draft_field)i);
	app_dirty(base->app);
}

/* --- moving in the text --- */

int draft_view_find(struct view *base, const char *text, bool backwards, struct err *err)
{
	struct draft_view *view = draft_view_of(base);

	(void)err;
	view->focus = FOCUS_TEXT;
	app_dirty(base->app);
	return text_edit_find(view->text, text, backwards);
}

void draft_view_move(struct view *base, int lines)
{
	struct draft_view *view = draft_view_of(base);

	for (; lines > 0; lines--)
		text_edit_move(view->text, TEXT_DOWN, false);
	for (; lines < 0; lines++)
		text_edit_move(view->text, TEXT_UP, false);
	app_dirty(base->app);
}

void draft_view_move_page(struct view *base, int half_pages)
{
	struct draft_view *view = draft_view_of(base);

	text_edit_move(view->text, half_pages > 0 ? TEXT_PAGE_DOWN : TEXT_PAGE_UP, false);
	app_dirty(base->app);
}

void draft_view_move_end(struct view *base, bool to_last)
{
	text_edit_move(draft_view_of(base)->text, to_last ? TEXT_LAST : TEXT_FIRST, false);
	app_dirty(base->app);
}
